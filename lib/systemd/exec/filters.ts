// After systemd.exec(5), "System Call Filtering" and the Restrict… and Protect… that are filters: what is laid on the process.
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  type Cause,
  errno,
  type Errno,
  type SeccompAction,
  type SeccompFilter,
  type SeccompRule,
} from '@/lib/kernel'
import { expandSyscallGroup, syscallGroups } from '../seccomp-groups'
import type { ExecParameters } from './parameters'

const ALLOW: SeccompAction = { kind: 'allow' }
const KILL: SeccompAction = { kind: 'kill-process' }
const deny = (error: Errno): SeccompAction => ({ kind: 'errno', errno: error })
const EPERM = deny(errno.EPERM)

function actionOf(name: string): SeccompAction {
  if (name === 'kill' || name === '') return KILL
  const byName: Errno | undefined = (errno as Readonly<Record<string, Errno>>)[name]
  if (byName !== undefined) return deny(byName)
  const code = Number(name)
  const byCode = Object.values(errno).find((one) => one.code === code)
  return byCode === undefined ? KILL : deny(byCode)
}

const denyCalls = (names: Iterable<string>, action: SeccompAction, cause: Cause): SeccompFilter => ({
  defaultAction: ALLOW,
  calls: new Map([...names].map((name) => [name, action] as const)),
  cause,
})
const rules = (calls: Readonly<Record<string, SeccompAction | readonly SeccompRule[]>>, cause: Cause): SeccompFilter => ({
  defaultAction: ALLOW,
  calls: new Map(Object.entries(calls)),
  cause,
})

const namespaceFlags: Readonly<Record<string, number>> = {
  cgroup: CLONE_NEWCGROUP,
  ipc: CLONE_NEWIPC,
  net: CLONE_NEWNET,
  mnt: CLONE_NEWNS,
  pid: CLONE_NEWPID,
  user: CLONE_NEWUSER,
  uts: CLONE_NEWUTS,
  time: CLONE_NEWTIME,
}

/** `RestrictNamespaces=no`, or every kind by name. */
const allowsEvery = (allowed: readonly string[]): boolean =>
  Object.keys(namespaceFlags).every((name) => name === 'time' || allowed.includes(name))

/** Namespaces that none may make are refused by the flags of clone(), unshare() and setns(); clone3() hides its flags, so it goes. */
function restrictNamespaces(allowed: readonly string[], cause: Cause): SeccompFilter {
  const refused = Object.entries(namespaceFlags).filter(([name]) => name === 'time' || !allowed.includes(name))
  const tests = (index: number): readonly SeccompRule[] =>
    refused.map(([, flag]) => ({ when: [{ index, is: 'masked', mask: flag, value: flag }], action: EPERM }))
  // setns(fd, 0) joins whatever the descriptor is: that stays only where everything may be joined.
  const any: SeccompRule = { when: [{ index: 1, is: 'equal', value: 0 }], action: EPERM }
  return rules(
    {
      clone3: deny(errno.ENOSYS),
      clone: tests(0),
      unshare: tests(0),
      setns: refused.length > 1 || !allowed.includes('user') ? [any, ...tests(1)] : tests(1),
    },
    cause,
  )
}

const families: Readonly<Record<string, number>> = {
  AF_UNIX: 1,
  AF_LOCAL: 1,
  AF_INET: 2,
  AF_AX25: 3,
  AF_IPX: 4,
  AF_APPLETALK: 5,
  AF_X25: 9,
  AF_INET6: 10,
  AF_KEY: 15,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  AF_RDS: 21,
  AF_PPPOX: 24,
  AF_LLC: 26,
  AF_CAN: 29,
  AF_TIPC: 30,
  AF_BLUETOOTH: 31,
  AF_ALG: 38,
  AF_VSOCK: 40,
  AF_QIPCRTR: 42,
  AF_XDP: 44,
}

function restrictFamilies(list: { readonly allow: boolean; readonly names: readonly string[] }, cause: Cause): SeccompFilter {
  const refuse = deny(errno.EAFNOSUPPORT)
  const numbers = list.names.map((name) => families[name] ?? Number(name))
  const calls: readonly SeccompRule[] = list.allow
    ? [...numbers.map((value): SeccompRule => ({ when: [{ index: 0, is: 'equal', value }], action: ALLOW })), { when: [], action: refuse }]
    : numbers.map((value): SeccompRule => ({ when: [{ index: 0, is: 'equal', value }], action: refuse }))
  return rules({ socket: calls }, cause)
}

const modeRules = (index: number): readonly SeccompRule[] =>
  [0o4000, 0o2000].map((bit) => ({ when: [{ index, is: 'masked', mask: bit, value: bit }], action: EPERM }))
const O_CREAT_BIT = 0o100
const openRules = (flags: number, mode: number): readonly SeccompRule[] =>
  [0o4000, 0o2000].map((bit) => ({
    when: [
      { index: flags, is: 'masked', mask: O_CREAT_BIT, value: O_CREAT_BIT },
      { index: mode, is: 'masked', mask: bit, value: bit },
    ],
    action: EPERM,
  }))

function restrictSuid(cause: Cause): SeccompFilter {
  return rules(
    {
      chmod: modeRules(1),
      fchmod: modeRules(1),
      fchmodat: modeRules(2),
      fchmodat2: modeRules(2),
      mknod: modeRules(1),
      mknodat: modeRules(2),
      mkdir: modeRules(1),
      mkdirat: modeRules(2),
      open: openRules(1, 2),
      openat: openRules(2, 3),
      openat2: deny(errno.ENOSYS),
      creat: modeRules(1),
    },
    cause,
  )
}

/** SCHED_OTHER 0, SCHED_BATCH 3, SCHED_IDLE 5; anything above SCHED_IDLE is unknown and refused. */
function restrictRealtime(cause: Cause): SeccompFilter {
  const refused: readonly SeccompRule[] = [1, 2, 4, 6].map((value) => ({ when: [{ index: 1, is: 'equal', value }], action: EPERM }))
  return rules({ sched_setscheduler: refused, sched_setattr: EPERM }, cause)
}

/** The filters of a unit in the order systemd installs them. */
export function seccompFilters({ config, cause }: ExecParameters): readonly SeccompFilter[] {
  const filters: SeccompFilter[] = []
  if (config.RestrictAddressFamilies !== undefined)
    filters.push(restrictFamilies(config.RestrictAddressFamilies, cause('RestrictAddressFamilies')))
  if (config.RestrictRealtime) filters.push(restrictRealtime(cause('RestrictRealtime')))
  if (config.RestrictSUIDSGID || config.DynamicUser)
    filters.push(restrictSuid(cause(config.RestrictSUIDSGID ? 'RestrictSUIDSGID' : 'DynamicUser')))
  if (config.RestrictNamespaces !== undefined && !allowsEvery(config.RestrictNamespaces))
    filters.push(restrictNamespaces(config.RestrictNamespaces, cause('RestrictNamespaces')))
  if (config.ProtectHostname) filters.push(denyCalls(['sethostname', 'setdomainname'], EPERM, cause('ProtectHostname')))
  if (config.ProtectKernelTunables) filters.push(denyCalls(['_sysctl', 'sysctl'], EPERM, cause('ProtectKernelTunables')))
  if (config.ProtectKernelModules) filters.push(denyCalls(expandSyscallGroup('@module'), EPERM, cause('ProtectKernelModules')))
  if (config.ProtectKernelLogs) filters.push(denyCalls(['syslog'], EPERM, cause('ProtectKernelLogs')))
  if (config.ProtectClock) filters.push(denyCalls(expandSyscallGroup('@clock'), EPERM, cause('ProtectClock')))
  if (config.PrivateDevices) filters.push(denyCalls(expandSyscallGroup('@raw-io'), EPERM, cause('PrivateDevices')))
  if (config.SystemCallArchitectures.length > 0) {
    const foreign = config.SystemCallArchitectures.some((name) => name === 'x86') ? ALLOW : KILL
    filters.push({ defaultAction: ALLOW, calls: new Map(), foreign, cause: cause('SystemCallArchitectures') })
  }
  if (config.LockPersonality)
    filters.push(
      rules(
        { personality: [{ when: [{ index: 0, is: 'different', value: config.Personality === 'x86' ? 8 : 0 }], action: EPERM }] },
        cause('LockPersonality'),
      ),
    )
  if (config.SystemCallLog !== undefined) {
    const { allow, calls } = config.SystemCallLog
    const log: SeccompAction = { kind: 'log' }
    filters.push({
      defaultAction: allow ? ALLOW : log,
      calls: new Map([...calls.keys()].map((name) => [name, allow ? log : ALLOW] as const)),
      cause: cause('SystemCallLog'),
    })
  }
  if (config.SystemCallFilter !== undefined)
    filters.push(callFilter(config.SystemCallFilter, config.SystemCallErrorNumber, cause('SystemCallFilter')))
  return filters
}

/** Calls that every allow list has: without them nothing could be executed or ended. */
function callFilter(
  list: { readonly allow: boolean; readonly calls: ReadonlyMap<string, string> },
  otherwise: string,
  cause: Cause,
): SeccompFilter {
  const standard = actionOf(otherwise)
  const calls = new Map<string, SeccompAction>()
  for (const [name, error] of list.calls) calls.set(name, error === '' ? (list.allow ? ALLOW : standard) : actionOf(error))
  if (list.allow) for (const name of expandSyscallGroup('@default')) if (!calls.has(name)) calls.set(name, ALLOW)
  // The moment of execve() is told to the manager by a write(), so that is never refused.
  if (!list.allow) {
    calls.delete('write')
    return { defaultAction: ALLOW, calls, cause }
  }
  calls.set('write', ALLOW)
  // What is not even known is not there, whatever the list says of the rest.
  for (const name of syscallGroups.get('@known') ?? []) if (!name.startsWith('@') && !calls.has(name)) calls.set(name, standard)
  return { defaultAction: deny(errno.ENOSYS), calls, cause }
}

/** May a process under SystemCallFilter= still put its capabilities down? */
export function allowsDroppingPrivileges({ config }: ExecParameters): boolean {
  const list = config.SystemCallFilter
  if (list === undefined) return true
  return ['capget', 'capset', 'prctl'].every((name) => list.calls.has(name) === list.allow)
}

/** Does any of this need no_new_privs for a process without CAP_SYS_ADMIN? (Measured: filters alone do not set it for a service of root.) */
export function usesFilters(parameters: ExecParameters): boolean {
  return parameters.config.MemoryDenyWriteExecute || seccompFilters(parameters).length > 0
}
