// After analyze-security.c: what the assessors look at, taken from a unit's configuration.
import type { CGroupSection, ExecSection, UnitConfig } from '../directives'

export type SecurityInfo = {
  readonly id: string
  /** '' when the unit has no file. */
  readonly fragmentPath: string
  readonly defaultDependencies: boolean
  readonly notifyAccess: string
  readonly ambientCapabilities: bigint
  readonly capabilityBoundingSet: bigint
  readonly user: string
  readonly supplementaryGroups: readonly string[]
  readonly dynamicUser: boolean
  readonly keyringMode: string
  readonly protectProc: string
  readonly procSubset: string
  readonly lockPersonality: boolean
  readonly memoryDenyWriteExecute: boolean
  readonly noNewPrivileges: boolean
  readonly protectHostname: boolean
  readonly umask: number
  readonly privateDevices: boolean
  readonly privateMounts: boolean
  readonly privateNetwork: boolean
  readonly privateTmp: boolean
  readonly privateUsers: boolean
  readonly protectControlGroups: boolean
  readonly protectKernelModules: boolean
  readonly protectKernelTunables: boolean
  readonly protectKernelLogs: boolean
  readonly protectClock: boolean
  readonly protectHome: string
  readonly protectSystem: string
  readonly removeIpc: boolean
  /** Families that may not be used: `inet unix netlink packet other`. */
  readonly restrictedFamilies: ReadonlySet<string>
  /** Namespaces that may be made; `undefined`: any. */
  readonly allowedNamespaces: readonly string[] | undefined
  readonly restrictRealtime: boolean
  readonly rootDirectory: string
  readonly rootImage: string
  readonly restrictSuidSgid: boolean
  readonly systemCallArchitectures: readonly string[]
  readonly systemCallAllowList: boolean
  readonly systemCalls: ReadonlySet<string>
  readonly delegate: boolean
  readonly devicePolicy: string
  /** `/dev/null:rw`. */
  readonly deviceAllow: readonly string[]
  readonly ipAddressDenyAll: boolean
  readonly ipAddressAllowLocalhost: boolean
  readonly ipAddressAllowOther: boolean
  readonly ipFilters: boolean
}

/** Of a unit that runs nothing and has no control group. */
export const NO_SECURITY: Omit<SecurityInfo, 'id' | 'fragmentPath'> = {
  defaultDependencies: true,
  notifyAccess: '',
  ambientCapabilities: 0n,
  capabilityBoundingSet: 2n ** 64n - 1n,
  user: '',
  supplementaryGroups: [],
  dynamicUser: false,
  keyringMode: '',
  protectProc: '',
  procSubset: '',
  lockPersonality: false,
  memoryDenyWriteExecute: false,
  noNewPrivileges: false,
  protectHostname: false,
  umask: 0o002,
  privateDevices: false,
  privateMounts: false,
  privateNetwork: false,
  privateTmp: false,
  privateUsers: false,
  protectControlGroups: false,
  protectKernelModules: false,
  protectKernelTunables: false,
  protectKernelLogs: false,
  protectClock: false,
  protectHome: '',
  protectSystem: '',
  removeIpc: false,
  restrictedFamilies: new Set(),
  allowedNamespaces: undefined,
  restrictRealtime: false,
  rootDirectory: '',
  rootImage: '',
  restrictSuidSgid: false,
  systemCallArchitectures: [],
  systemCallAllowList: false,
  systemCalls: new Set(),
  delegate: false,
  devicePolicy: '',
  deviceAllow: [],
  ipAddressDenyAll: false,
  ipAddressAllowLocalhost: false,
  ipAddressAllowOther: false,
  ipFilters: false,
}

export const SOCKET_FAMILIES = ['inet', 'unix', 'netlink', 'packet', 'other'] as const

const FAMILY_OF: Readonly<Record<string, string>> = {
  AF_INET: 'inet',
  AF_INET6: 'inet',
  AF_UNIX: 'unix',
  AF_LOCAL: 'unix',
  AF_NETLINK: 'netlink',
  AF_PACKET: 'packet',
}

/** A family counts as one kind; naming any of a kind decides for the kind. */
export function restrictedFamilies(list: { readonly allow: boolean; readonly names: readonly string[] } | undefined): ReadonlySet<string> {
  if (list === undefined) return new Set()
  const restricted = new Set<string>(list.allow ? SOCKET_FAMILIES : [])
  for (const name of list.names) {
    const family = FAMILY_OF[name] ?? 'other'
    if (list.allow) restricted.delete(family)
    else restricted.add(family)
  }
  return restricted
}

function ofExec(exec: ExecSection): Partial<SecurityInfo> {
  const filter = exec.SystemCallFilter
  return {
    ambientCapabilities: exec.AmbientCapabilities ?? 0n,
    capabilityBoundingSet: exec.CapabilityBoundingSet ?? NO_SECURITY.capabilityBoundingSet,
    user: exec.User,
    supplementaryGroups: exec.SupplementaryGroups,
    dynamicUser: exec.DynamicUser,
    keyringMode: exec.KeyringMode,
    protectProc: exec.ProtectProc,
    procSubset: exec.ProcSubset,
    lockPersonality: exec.LockPersonality,
    memoryDenyWriteExecute: exec.MemoryDenyWriteExecute,
    noNewPrivileges: exec.NoNewPrivileges,
    protectHostname: exec.ProtectHostname,
    umask: exec.UMask,
    privateDevices: exec.PrivateDevices,
    // Not saying counts as yes.
    privateMounts: exec.PrivateMounts !== false,
    privateNetwork: exec.PrivateNetwork,
    privateTmp: exec.PrivateTmp !== 'no',
    privateUsers: exec.PrivateUsers !== 'no',
    protectControlGroups: exec.ProtectControlGroups !== 'no',
    protectKernelModules: exec.ProtectKernelModules,
    protectKernelTunables: exec.ProtectKernelTunables,
    protectKernelLogs: exec.ProtectKernelLogs,
    protectClock: exec.ProtectClock,
    protectHome: exec.ProtectHome,
    protectSystem: exec.ProtectSystem,
    removeIpc: exec.RemoveIPC,
    restrictedFamilies: restrictedFamilies(exec.RestrictAddressFamilies),
    allowedNamespaces: exec.RestrictNamespaces,
    restrictRealtime: exec.RestrictRealtime,
    rootDirectory: exec.RootDirectory,
    rootImage: exec.RootImage,
    restrictSuidSgid: exec.RestrictSUIDSGID,
    systemCallArchitectures: exec.SystemCallArchitectures,
    systemCallAllowList: filter?.allow ?? false,
    // In an allow-list, calls that carry an errno are those taken out again.
    systemCalls: new Set([...(filter?.calls ?? [])].filter(([, error]) => !filter?.allow || error === '').map(([name]) => name)),
  }
}

const isLocalhost = (prefix: string): boolean => /^127\./.test(prefix) || /^::1(?:\/|$)/.test(prefix)

function ofCgroup(cgroup: CGroupSection): Partial<SecurityInfo> {
  const { IPAddressDeny: deny, IPAddressAllow: allow } = cgroup
  return {
    delegate: cgroup.Delegate !== undefined,
    devicePolicy: cgroup.DevicePolicy,
    // The manager keeps the newest first.
    deviceAllow: cgroup.DeviceAllow.map(({ path, rights }) => `${path}:${rights === '' ? 'rwm' : rights}`).reverse(),
    ipAddressDenyAll: deny.includes('0.0.0.0/0') && deny.includes('::/0'),
    ipAddressAllowLocalhost: allow.some(isLocalhost),
    ipAddressAllowOther: allow.some((prefix) => !isLocalhost(prefix)),
    ipFilters: cgroup.IPIngressFilterPath.length > 0 || cgroup.IPEgressFilterPath.length > 0,
  }
}

export type SecurityUnit = { readonly id: string; readonly fragmentPath: string; readonly config: UnitConfig }

/** A unit as the loader has it, with what settings imply for each other filled in. */
export function securityInfoOf({ id, fragmentPath, config }: SecurityUnit): SecurityInfo {
  const exec = config.Service ?? config.Socket ?? config.Mount ?? config.Swap
  const cgroup = exec ?? config.Slice ?? config.Scope
  return {
    ...NO_SECURITY,
    id,
    fragmentPath,
    defaultDependencies: config.Unit.DefaultDependencies,
    ...(config.Service ? { notifyAccess: config.Service.NotifyAccess } : {}),
    ...(exec ? ofExec(exec) : {}),
    ...(cgroup ? ofCgroup(cgroup) : {}),
  }
}
