// After credentials(7) and capabilities(7): who a process acts as, and what changes when it sets ids or executes a file.
import { ALL_CAPABILITIES, type CapabilityName, capabilityBits, NO_CAPABILITIES } from './capability'
import type { CapabilitySets } from './system-calls'

/** One line of /proc/PID/uid_map, in ids of the initial namespace. */
export type IdRange = { readonly inside: number; readonly outside: number; readonly count: number }

export class UserNamespace {
  readonly parent: UserNamespace | undefined
  /** Owner in ids of the initial namespace; holds all capabilities in it. */
  readonly owner: number
  uidMap: readonly IdRange[] = []
  gidMap: readonly IdRange[] = []

  constructor(parent: UserNamespace | undefined, owner: number) {
    this.parent = parent
    this.owner = owner
    if (parent === undefined) {
      const all = [{ inside: 0, outside: 0, count: 0xffff_ffff }]
      this.uidMap = all
      this.gidMap = all
    }
  }

  get isInitial(): boolean {
    return this.parent === undefined
  }
}

export const OVERFLOW_ID = 65_534

/** An id of the initial namespace as seen inside; `undefined` when it has no place there. */
export function idInside(map: readonly IdRange[], outside: number): number | undefined {
  for (const range of map)
    if (outside >= range.outside && outside < range.outside + range.count) return range.inside + outside - range.outside
  return undefined
}

/** An id as a process inside names it, as the initial namespace's. */
export function idOutside(map: readonly IdRange[], inside: number): number | undefined {
  for (const range of map) if (inside >= range.inside && inside < range.inside + range.count) return range.outside + inside - range.inside
  return undefined
}

/** Bits of PR_SET_SECUREBITS. */
export const SECBIT_NOROOT = 1
export const SECBIT_NO_SETUID_FIXUP = 4
export const SECBIT_KEEP_CAPS = 16
export const SECBIT_NO_CAP_AMBIENT_RAISE = 64

/** Immutable; a change makes a new one. Ids are those of the initial user namespace. */
export type Credentials = {
  readonly uid: number
  readonly euid: number
  readonly suid: number
  readonly fsuid: number
  readonly gid: number
  readonly egid: number
  readonly sgid: number
  readonly fsgid: number
  readonly groups: readonly number[]
  readonly capabilities: CapabilitySets
  readonly securebits: number
  readonly noNewPrivileges: boolean
  readonly userNamespace: UserNamespace
}

export const initialUserNamespace = new UserNamespace(undefined, 0)

export const rootCredentials: Credentials = {
  uid: 0,
  euid: 0,
  suid: 0,
  fsuid: 0,
  gid: 0,
  egid: 0,
  sgid: 0,
  fsgid: 0,
  groups: [],
  capabilities: {
    inheritable: NO_CAPABILITIES,
    permitted: ALL_CAPABILITIES,
    effective: ALL_CAPABILITIES,
    bounding: ALL_CAPABILITIES,
    ambient: NO_CAPABILITIES,
  },
  securebits: 0,
  noNewPrivileges: false,
  userNamespace: initialUserNamespace,
}

/** An ordinary user without capabilities. */
export function userCredentials(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  const capabilities = { ...rootCredentials.capabilities, permitted: NO_CAPABILITIES, effective: NO_CAPABILITIES }
  return { ...rootCredentials, uid, euid: uid, suid: uid, fsuid: uid, gid, egid: gid, sgid: gid, fsgid: gid, groups, capabilities }
}

/** Holds the capability in `namespace` (unset: the initial one, as mount of a disk, mknod or reboot ask for). */
export function capable(credentials: Credentials, name: CapabilityName, namespace: UserNamespace = initialUserNamespace): boolean {
  for (let at: UserNamespace | undefined = namespace; at !== undefined; at = at.parent) {
    if (at === credentials.userNamespace) return (credentials.capabilities.effective & capabilityBits[name]) !== 0n
    if (at.parent === credentials.userNamespace && at.owner === credentials.euid) return true
  }
  return false
}

/** Holds it in the process's own user namespace. */
export function capableInOwn(credentials: Credentials, name: CapabilityName): boolean {
  return (credentials.capabilities.effective & capabilityBits[name]) !== 0n
}

/** A capability counts against a file only when the owner and group of the file have a place in the process's namespace. */
export function capableOver(
  credentials: Credentials,
  name: CapabilityName,
  owner: { readonly uid: number; readonly gid: number },
): boolean {
  if ((credentials.capabilities.effective & capabilityBits[name]) === 0n) return false
  const namespace = credentials.userNamespace
  if (namespace.parent === undefined) return true
  return idInside(namespace.uidMap, owner.uid) !== undefined && idInside(namespace.gidMap, owner.gid) !== undefined
}

export function inGroup(credentials: Credentials, gid: number): boolean {
  return credentials.fsgid === gid || credentials.groups.includes(gid)
}

/** What becomes of the capabilities when user ids change (unless SECBIT_NO_SETUID_FIXUP). */
export function afterSetuid(before: Credentials, after: Credentials): Credentials {
  if ((before.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return after
  let { permitted, effective, ambient } = after.capabilities
  const root = rootOf(before.userNamespace)
  const hadRoot = before.uid === root || before.euid === root || before.suid === root
  const hasRoot = after.uid === root || after.euid === root || after.suid === root
  if (hadRoot && !hasRoot) {
    if ((before.securebits & SECBIT_KEEP_CAPS) === 0) {
      permitted = NO_CAPABILITIES
      effective = NO_CAPABILITIES
    }
    ambient = NO_CAPABILITIES
  }
  if (before.euid === root && after.euid !== root) effective = NO_CAPABILITIES
  if (before.euid !== root && after.euid === root) effective = permitted
  let fsEffective = effective
  if (before.fsuid === root && after.fsuid !== root && after.euid === root) fsEffective &= ~fileSystemCapabilities
  return { ...after, capabilities: { ...after.capabilities, permitted, effective: fsEffective, ambient } }
}

const fileSystemCapabilities =
  capabilityBits.CAP_CHOWN |
  capabilityBits.CAP_MKNOD |
  capabilityBits.CAP_DAC_OVERRIDE |
  capabilityBits.CAP_DAC_READ_SEARCH |
  capabilityBits.CAP_FOWNER |
  capabilityBits.CAP_FSETID |
  capabilityBits.CAP_LINUX_IMMUTABLE |
  capabilityBits.CAP_MAC_OVERRIDE

/** The id that is root in a namespace; -1 when none is. */
function rootOf(namespace: UserNamespace): number {
  return namespace.isInitial ? 0 : (idOutside(namespace.uidMap, 0) ?? -1)
}

/** The value of `security.capability`, read. */
export type FileCapabilities = { readonly permitted: bigint; readonly inheritable: bigint; readonly effective: boolean }

/** What execve(2) looks at: the attributes of the file, and whether its mount is nosuid. */
export type ExecutedFile = {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly capabilities: FileCapabilities | undefined
  readonly nosuid: boolean
}

export type ExecCredentials = {
  readonly credentials: Credentials
  /** AT_SECURE: the environment is not to be trusted; not dumpable. */
  readonly secure: boolean
}

/** Who the process is after execve(2). `EPERM`: the file demands capabilities that the bounding set forbids. */
export function credentialsAfterExec(before: Credentials, file: ExecutedFile): ExecCredentials | 'EPERM' {
  const obeysSuid = !file.nosuid && !before.noNewPrivileges
  const namespace = before.userNamespace
  const mapped = idInside(namespace.uidMap, file.uid) !== undefined && idInside(namespace.gidMap, file.gid) !== undefined
  const euid = obeysSuid && mapped && (file.mode & 0o4000) !== 0 ? file.uid : before.euid
  const egid = obeysSuid && mapped && (file.mode & 0o2010) === 0o2010 ? file.gid : before.egid
  const sets = before.capabilities
  const granted = file.nosuid ? undefined : file.capabilities
  const changesId = euid !== before.euid || egid !== before.egid

  let filePermitted = granted?.permitted ?? NO_CAPABILITIES
  let fileInheritable = granted?.inheritable ?? NO_CAPABILITIES
  let fileEffective = granted?.effective ?? false
  const root = rootOf(namespace)
  const rootIsPrivileged = (before.securebits & SECBIT_NOROOT) === 0
  const hasFileCapabilities = granted !== undefined
  if (granted?.effective) {
    const obtained = (granted.permitted & sets.bounding) | (granted.inheritable & sets.inheritable)
    if ((granted.permitted & ~obtained) !== 0n) return 'EPERM'
  }
  // A setuid-root program with capabilities of its own, started by another user, gets those alone.
  const filtered = hasFileCapabilities && before.uid !== root && euid === root
  if (rootIsPrivileged && !filtered) {
    if (euid === root || before.uid === root) {
      filePermitted = ALL_CAPABILITIES
      fileInheritable = ALL_CAPABILITIES
    }
    if (euid === root) fileEffective = true
  }
  let permitted = (filePermitted & sets.bounding) | (fileInheritable & sets.inheritable)
  let effectiveId = euid
  let effectiveGroup = egid
  if (before.noNewPrivileges && (changesId || (permitted & ~sets.permitted) !== 0n)) {
    permitted &= sets.permitted
    effectiveId = before.uid
    effectiveGroup = before.gid
  }
  const ambient = hasFileCapabilities || changesId ? NO_CAPABILITIES : sets.ambient
  permitted |= ambient
  const effective = fileEffective ? permitted : ambient
  const credentials: Credentials = {
    ...before,
    euid: effectiveId,
    suid: effectiveId,
    fsuid: effectiveId,
    egid: effectiveGroup,
    sgid: effectiveGroup,
    fsgid: effectiveGroup,
    capabilities: { ...sets, permitted, effective, ambient },
    securebits: before.securebits & ~SECBIT_KEEP_CAPS,
  }
  const secure = changesId || (before.uid !== root && (fileEffective || (permitted & ~ambient) !== 0n))
  return { credentials, secure }
}

/**
 * Reads the text of a `security.capability` attribute as this machine keeps it, which is how getcap(8) prints it:
 * `cap_net_raw,cap_net_admin=ep`.
 */
export function parseFileCapabilities(text: string): FileCapabilities | undefined {
  let permitted = 0n
  let inheritable = 0n
  let effective = false
  for (const clause of text.trim().split(/\s+/)) {
    const match = /^([a-z0-9_,]*)[=+]([eip]+)$/.exec(clause.toLowerCase())
    if (match === null) return undefined
    const [, names = '', letters = ''] = match
    let bits = 0n
    if (names === '' || names === 'all') bits = ALL_CAPABILITIES
    else
      for (const name of names.split(',')) {
        const bit: bigint | undefined = (capabilityBits as Record<string, bigint>)[name.toUpperCase()]
        if (bit === undefined) return undefined
        bits |= bit
      }
    if (letters.includes('p')) permitted |= bits
    if (letters.includes('i')) inheritable |= bits
    if (letters.includes('e')) effective = true
  }
  return { permitted, inheritable, effective }
}
