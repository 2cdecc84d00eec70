// setresuid(2), setresgid(2), setgroups(2), capset(2) and the prctl(2) options about privileges.
import { ALL_CAPABILITIES } from '../capability'
import { afterSetuid, capableInOwn, type Credentials, idOutside, SECBIT_NO_CAP_AMBIENT_RAISE } from '../credentials'
import { errno } from '../errno'
import type { SeccompFilter } from '../seccomp'
import type { CapabilitySets, Cause, Fallible, Syscall } from '../system-calls'
import { deniesSetgroups } from '../namespace'
import { ATTENTION_SECCOMP, type Task } from '../task'
import { attend, notCapable } from './entry'

const KEEP = -1

export function* setresuid(task: Task, ruid: number, euid: number, suid: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setresuid', [ruid, euid, suid])
    if (stop !== undefined) return stop
  }
  return changeUserIds(task, ruid, euid, suid)
}

/** setuid(2): with the capability all three ids, without it the effective one. */
export function setuid(task: Task, uid: number): Fallible<0> {
  return capableInOwn(task.credentials, 'CAP_SETUID') ? changeUserIds(task, uid, uid, uid) : changeUserIds(task, KEEP, uid, KEEP)
}

export function setgid(task: Task, gid: number): Fallible<0> {
  return capableInOwn(task.credentials, 'CAP_SETGID') ? changeGroupIds(task, gid, gid, gid) : changeGroupIds(task, KEEP, gid, KEEP)
}

function changeUserIds(task: Task, ruid: number, euid: number, suid: number): Fallible<0> {
  const before = task.credentials
  const ids: number[] = []
  for (const [given, own] of [
    [ruid, before.uid],
    [euid, before.euid],
    [suid, before.suid],
  ] as const) {
    const id = given === KEEP ? own : idOutside(before.userNamespace.uidMap, given)
    if (id === undefined) return errno.EINVAL
    ids.push(id)
  }
  const [uid, effective, saved] = ids as [number, number, number]
  if (!capableInOwn(before, 'CAP_SETUID')) {
    const own = [before.uid, before.euid, before.suid]
    if (!ids.every((id) => own.includes(id))) return notCapable(task, 'setresuid', String(ruid))
  }
  task.credentials = afterSetuid(before, { ...before, uid, euid: effective, suid: saved, fsuid: effective })
  if (effective !== before.euid) {
    task.dumpable = false
    task.parentDeathSignal = 0
  }
  return 0
}

export function* setresgid(task: Task, rgid: number, egid: number, sgid: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setresgid', [rgid, egid, sgid])
    if (stop !== undefined) return stop
  }
  return changeGroupIds(task, rgid, egid, sgid)
}

function changeGroupIds(task: Task, rgid: number, egid: number, sgid: number): Fallible<0> {
  const before = task.credentials
  const ids: number[] = []
  for (const [given, own] of [
    [rgid, before.gid],
    [egid, before.egid],
    [sgid, before.sgid],
  ] as const) {
    const id = given === KEEP ? own : idOutside(before.userNamespace.gidMap, given)
    if (id === undefined) return errno.EINVAL
    ids.push(id)
  }
  if (!capableInOwn(before, 'CAP_SETGID')) {
    const own = [before.gid, before.egid, before.sgid]
    if (!ids.every((id) => own.includes(id))) return notCapable(task, 'setresgid', String(rgid))
  }
  const [gid, effective, saved] = ids as [number, number, number]
  task.credentials = { ...before, gid, egid: effective, sgid: saved, fsgid: effective }
  if (effective !== before.egid) task.dumpable = false
  return 0
}

export function* setgroups(task: Task, groups: readonly number[]): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setgroups', [groups.length])
    if (stop !== undefined) return stop
  }
  const before = task.credentials
  if (!capableInOwn(before, 'CAP_SETGID') || deniesSetgroups(before.userNamespace)) return notCapable(task, 'setgroups')
  if (groups.length > 65_536) return errno.EINVAL
  const outside: number[] = []
  for (const gid of groups) {
    const id = idOutside(before.userNamespace.gidMap, gid)
    if (id === undefined) return errno.EINVAL
    outside.push(id)
  }
  task.credentials = { ...before, groups: outside.sort((one, other) => one - other) }
  return 0
}

export function* capget(task: Task): Syscall<CapabilitySets> {
  if (task.enter(1)) yield* attend(task, 'capget', [])
  return task.credentials.capabilities
}

/** capset(2), and prctl(2) for the bounding and ambient sets. */
export function* capset(task: Task, sets: Partial<CapabilitySets>, cause?: Cause): Syscall<Fallible<0>> {
  const onlyPrctl = sets.effective === undefined && sets.permitted === undefined && sets.inheritable === undefined
  if (task.enter(1)) {
    const stop = yield* attend(task, onlyPrctl ? 'prctl' : 'capset', onlyPrctl ? [sets.bounding === undefined ? 47 : 24] : [])
    if (stop !== undefined) return stop
  }
  return changeCapabilities(task, sets, cause)
}

export function changeCapabilities(task: Task, sets: Partial<CapabilitySets>, cause?: Cause): Fallible<0> {
  const before = task.credentials
  const old = before.capabilities
  const next = { ...old, ...sets }
  const setpcap = capableInOwn(before, 'CAP_SETPCAP')
  if ((next.bounding & ~old.bounding) !== 0n) return errno.EPERM
  if (next.bounding !== old.bounding && !setpcap) return notCapable(task, 'prctl', 'PR_CAPBSET_DROP')
  if ((next.inheritable & ~(old.inheritable | old.permitted)) !== 0n && !setpcap) return notCapable(task, 'capset')
  if ((next.inheritable & ~(old.inheritable | old.bounding)) !== 0n) return notCapable(task, 'capset')
  if ((next.permitted & ~old.permitted) !== 0n) return notCapable(task, 'capset')
  if ((next.effective & ~next.permitted) !== 0n) return notCapable(task, 'capset')
  if (sets.ambient === undefined) next.ambient &= next.permitted & next.inheritable
  else {
    if ((next.ambient & ~(next.permitted & next.inheritable)) !== 0n) return errno.EPERM
    if ((next.ambient & ~old.ambient) !== 0n && (before.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) !== 0) return errno.EPERM
  }
  if (cause !== undefined && next.bounding !== old.bounding) task.capabilityCause = cause
  task.credentials = { ...before, capabilities: next }
  return 0
}

export function* setSecurebits(task: Task, bits: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'prctl', [28, bits])
    if (stop !== undefined) return stop
  }
  const before = task.credentials
  const locks = before.securebits & LOCK_BITS
  if ((bits & ~ALL_SECUREBITS) !== 0) return errno.EPERM
  if (((before.securebits ^ bits) & (locks >> 1)) !== 0 || (locks & ~bits) !== 0) return errno.EPERM
  if (!capableInOwn(before, 'CAP_SETPCAP') && (bits ^ before.securebits) !== (16 & (bits ^ before.securebits))) {
    return notCapable(task, 'prctl', 'PR_SET_SECUREBITS')
  }
  task.credentials = { ...before, securebits: bits }
  return 0
}

const LOCK_BITS = 0xaa
const ALL_SECUREBITS = 0xff

export function* setNoNewPrivileges(task: Task, _cause?: Cause): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'prctl', [38, 1])
    if (stop !== undefined) return stop
  }
  task.credentials = { ...task.credentials, noNewPrivileges: true }
  return 0
}

/** Root in a new user namespace: every capability there. */
export function fullIn(before: Credentials, namespace: Credentials['userNamespace']): Credentials {
  return {
    ...before,
    userNamespace: namespace,
    securebits: 0,
    capabilities: { inheritable: 0n, permitted: ALL_CAPABILITIES, effective: ALL_CAPABILITIES, bounding: ALL_CAPABILITIES, ambient: 0n },
  }
}

export function* seccomp(task: Task, filter: SeccompFilter): Syscall<Fallible<0>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'seccomp', [1])
    if (stop !== undefined) return stop
  }
  if (!task.credentials.noNewPrivileges && !capableInOwn(task.credentials, 'CAP_SYS_ADMIN'))
    return notCapable(task, 'seccomp', '', errno.EACCES)
  task.seccompFilters = [...task.seccompFilters, filter]
  task.attention |= ATTENTION_SECCOMP
  return 0
}

export function* denyWriteExecute(task: Task, cause?: Cause): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'prctl', [65, 1])
    if (stop !== undefined) return stop
  }
  task.writeExecuteDenied = { cause }
  return 0
}
