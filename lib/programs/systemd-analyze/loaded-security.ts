// What the assessors look at, read from the properties of a loaded unit.
import { booleanOf, listOf, numberOf, structOf, textOf, textsOf, type Properties, type Value } from '@/lib/systemd/bus'
import { NO_SECURITY, restrictedFamilies, type SecurityInfo } from '@/lib/systemd/analyze'
import { capabilityMask } from '@/lib/systemd/seccomp-groups'

/** A property that is a list of names and whether it allows them or all others. */
function nameList(properties: Properties, name: string): { readonly allow: boolean; readonly names: readonly string[] } {
  const list = structOf(properties[name] ?? {})
  return { allow: list['allow'] === true, names: textsOf(list, 'names') }
}

/** `no`: any, `yes`: none, or those that may be made. */
function allowedNamespaces(text: string): readonly string[] | undefined {
  if (text === 'no' || text === '') return undefined
  return text === 'yes' ? [] : text.split(' ')
}

const bigOf = (value: Value | undefined): bigint => (typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : 0n)
const isLocalhost = (prefix: string): boolean => /^127\./.test(prefix) || /^::1(?:\/|$)/.test(prefix)

function deviceText(value: Value): string {
  const [path, rights] = Array.isArray(value) ? value : [structOf(value)['path'], structOf(value)['rights']]
  return `${String(path)}:${rights === '' ? 'rwm' : String(rights)}`
}

/** What some settings take away of others; the manager's properties do not show it. */
function implied(info: SecurityInfo): SecurityInfo {
  const privateMounts =
    info.privateMounts ||
    info.privateDevices ||
    info.privateTmp ||
    info.protectControlGroups ||
    info.protectKernelTunables ||
    info.protectKernelModules ||
    info.protectHome !== 'no' ||
    info.protectSystem !== 'no' ||
    info.rootImage !== ''
  const gone = [
    ...(info.protectKernelModules ? ['cap_sys_module'] : []),
    ...(info.protectKernelLogs ? ['cap_syslog'] : []),
    ...(info.protectClock ? ['cap_sys_time', 'cap_wake_alarm'] : []),
    ...(info.privateDevices ? ['cap_mknod', 'cap_sys_rawio'] : []),
  ]
  return { ...info, privateMounts, capabilityBoundingSet: info.capabilityBoundingSet & ~capabilityMask(...gone) }
}

export function loadedSecurityInfo(properties: Properties): SecurityInfo {
  const text = (name: string): string => textOf(properties, name)
  const on = (name: string): boolean => booleanOf(properties, name)
  const calls = nameList(properties, 'SystemCallFilter')
  const deny = textsOf(properties, 'IPAddressDeny')
  const allow = textsOf(properties, 'IPAddressAllow')
  return implied({
    ...NO_SECURITY,
    id: text('Id'),
    fragmentPath: text('FragmentPath'),
    defaultDependencies: on('DefaultDependencies'),
    notifyAccess: text('NotifyAccess'),
    ambientCapabilities: bigOf(properties['AmbientCapabilities']),
    capabilityBoundingSet: bigOf(properties['CapabilityBoundingSet']),
    user: text('User'),
    supplementaryGroups: textsOf(properties, 'SupplementaryGroups'),
    dynamicUser: on('DynamicUser'),
    keyringMode: text('KeyringMode'),
    protectProc: text('ProtectProc'),
    procSubset: text('ProcSubset'),
    lockPersonality: on('LockPersonality'),
    memoryDenyWriteExecute: on('MemoryDenyWriteExecute'),
    noNewPrivileges: on('NoNewPrivileges'),
    protectHostname: on('ProtectHostname'),
    umask: numberOf(properties, 'UMask'),
    privateDevices: on('PrivateDevices'),
    privateMounts: on('PrivateMounts'),
    privateNetwork: on('PrivateNetwork'),
    privateTmp: on('PrivateTmp'),
    privateUsers: on('PrivateUsers'),
    protectControlGroups: on('ProtectControlGroups'),
    protectKernelModules: on('ProtectKernelModules'),
    protectKernelTunables: on('ProtectKernelTunables'),
    protectKernelLogs: on('ProtectKernelLogs'),
    protectClock: on('ProtectClock'),
    protectHome: text('ProtectHome'),
    protectSystem: text('ProtectSystem'),
    removeIpc: on('RemoveIPC'),
    restrictedFamilies: restrictedFamilies(nameList(properties, 'RestrictAddressFamilies')),
    allowedNamespaces: allowedNamespaces(text('RestrictNamespaces')),
    restrictRealtime: on('RestrictRealtime'),
    rootDirectory: text('RootDirectory'),
    rootImage: text('RootImage'),
    restrictSuidSgid: on('RestrictSUIDSGID'),
    systemCallArchitectures: textsOf(properties, 'SystemCallArchitectures'),
    systemCallAllowList: calls.allow,
    systemCalls: new Set(calls.names),
    delegate: on('Delegate'),
    devicePolicy: text('DevicePolicy'),
    deviceAllow: listOf(properties, 'DeviceAllow').map(deviceText),
    ipAddressDenyAll: deny.includes('0.0.0.0/0') && deny.includes('::/0'),
    ipAddressAllowLocalhost: allow.some(isLocalhost),
    ipAddressAllowOther: allow.some((prefix) => !isLocalhost(prefix)),
    ipFilters: textsOf(properties, 'IPIngressFilterPath').length > 0 || textsOf(properties, 'IPEgressFilterPath').length > 0,
  })
}
