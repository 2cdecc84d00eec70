// Calls about processes that few programs make: personality(2), ptrace(2), prctl(2), ioprio_set(2), keyctl(2), pidfd_open(2).
import { CAP_LAST_CAP } from '../capability'
import { errno } from '../errno'
import { mayInspect } from '../ptrace'
import type { Fallible } from '../system-calls'
import type { Task } from '../task'
import { ProcessFile } from '../event-file'
import { namespacesOf, NamespaceFile } from '../namespace-file'
import { fileSystemVerdict } from '../open-path'
import { notCapable, refuse } from './entry'
import { answers, call, numberAt, type OtherCall } from './other-call'
import { policyNumber } from './scheduling'
import { giveUpTerminal } from './terminals'
import { TtyFile } from '../tty-file'

const QUERY = 0xffffffff
const IOPRIO_CLASS_RT = 1

function find(task: Task, pid: number): Task | undefined {
  return pid === 0 ? task : task.kernel.taskByPid(task, pid)
}

function inspect(task: Task, pid: number): Fallible<0> {
  const target = find(task, pid)
  if (target === undefined) return errno.ESRCH
  return mayInspect(task, task.credentials, target) ? 0 : notCapable(task, 'ptrace', String(pid))
}

const PR_CAP_AMBIENT_IS_SET = 1

function hasBit(set: bigint, capability: number): Fallible<number> {
  if (capability < 0 || capability > CAP_LAST_CAP) return errno.EINVAL
  return (set >> BigInt(capability)) & 1n ? 1 : 0
}

function prctl(task: Task, args: readonly unknown[]): Fallible<unknown> {
  const value = numberAt(args, 1)
  const { credentials } = task
  switch (args[0]) {
    case 2: // PR_GET_PDEATHSIG
      return task.parentDeathSignal
    case 3: // PR_GET_DUMPABLE
      return task.dumpable ? 1 : 0
    case 4: // PR_SET_DUMPABLE
      task.dumpable = value === 1
      return 0
    case 7: // PR_GET_KEEPCAPS
      return (credentials.securebits & 16) !== 0 ? 1 : 0
    case 8: // PR_SET_KEEPCAPS
      task.credentials = { ...credentials, securebits: value === 1 ? credentials.securebits | 16 : credentials.securebits & ~16 }
      return 0
    case 16: // PR_GET_NAME
      return task.comm
    case 21: // PR_GET_SECCOMP
      return task.seccompFilters.length > 0 ? 2 : 0
    case 23: // PR_CAPBSET_READ
      return hasBit(credentials.capabilities.bounding, value)
    case 47: // PR_CAP_AMBIENT
      if (value !== PR_CAP_AMBIENT_IS_SET) return errno.EINVAL
      return hasBit(credentials.capabilities.ambient, numberAt(args, 2))
    case 27: // PR_GET_SECUREBITS
      return credentials.securebits
    case 29: // PR_SET_TIMERSLACK
      task.timerSlackNsec = value === 0 ? 50_000 : value
      return 0
    case 30: // PR_GET_TIMERSLACK
      return task.policy === 'fifo' || task.policy === 'rr' ? 0 : task.timerSlackNsec
    case 37: // PR_GET_CHILD_SUBREAPER
      return task.childSubreaper ? 1 : 0
    case 39: // PR_GET_NO_NEW_PRIVS
      return credentials.noNewPrivileges ? 1 : 0
    case 66: // PR_GET_MDWE
      return task.writeExecuteDenied === undefined ? 0 : 1
    default:
      return errno.EINVAL
  }
}

function keyctl(task: Task, args: readonly unknown[]): Fallible<unknown> {
  switch (args[0]) {
    case 0: // KEYCTL_GET_KEYRING_ID
      return 1
    case 1: // KEYCTL_JOIN_SESSION_KEYRING
      task.sessionKeyring = typeof args[1] === 'string' ? args[1] : '_ses'
      return 1
    case 6: // KEYCTL_DESCRIBE
      return `keyring;${task.credentials.uid};${task.credentials.gid};3f030000;${task.sessionKeyring}`
    default:
      return 0
  }
}

function setIoPriority(task: Task, args: readonly unknown[]): Fallible<0> {
  const target = find(task, numberAt(args, 1))
  if (target === undefined) return errno.ESRCH
  const value = numberAt(args, 2)
  const kind = value >> 13
  const level = value & 7
  if (kind > 3) return errno.EINVAL
  if (kind === IOPRIO_CLASS_RT && !task.isCapable('CAP_SYS_NICE') && !task.isCapable('CAP_SYS_ADMIN')) return notCapable(task, 'ioprio_set')
  target.ioPriority = { class: kind, level }
  return 0
}

export const processCalls: Readonly<Record<string, OtherCall>> = {
  personality: call((task, args) => {
    const before = task.personality
    const wanted = numberAt(args, 0)
    if (wanted !== QUERY) task.personality = wanted
    return before
  }),
  prctl: call(prctl),
  ptrace: call((task, args) => (args[0] === 0 || args[0] === 'PTRACE_TRACEME' ? 0 : inspect(task, numberAt(args, 1)))),
  process_vm_readv: call((task, args) => inspect(task, numberAt(args, 0))),
  process_vm_writev: call((task, args) => inspect(task, numberAt(args, 0))),
  kcmp: call((task, args) => {
    const one = inspect(task, numberAt(args, 0))
    return one === 0 ? inspect(task, numberAt(args, 1)) : one
  }),
  pidfd_open: call((task, args) => {
    const target = find(task, numberAt(args, 0))
    if (target === undefined) return errno.ESRCH
    const filter = fileSystemVerdict(task, 'pidfs')
    if (filter !== undefined) return refuse(task, 'pidfd_open', '', errno.EPERM, filter.cause ?? 'kernel default')
    return task.files.install(new ProcessFile(task, target), true, task.limits.NOFILE.soft)
  }),
  pidfd_send_signal: answers(0),
  keyctl: call(keyctl),
  add_key: answers(1),
  request_key: answers(errno.ENOKEY),
  ioprio_set: call(setIoPriority),
  ioprio_get: call((task, args) => {
    const target = find(task, numberAt(args, 1))
    return target === undefined ? errno.ESRCH : (target.ioPriority.class << 13) | target.ioPriority.level
  }),
  sched_getscheduler: call((task, args) => {
    const target = find(task, numberAt(args, 0))
    return target === undefined ? errno.ESRCH : policyNumber[target.policy] | (target.resetOnFork ? 0x40000000 : 0)
  }),
  sched_getparam: call((task, args) => find(task, numberAt(args, 0))?.realtimePriority ?? errno.ESRCH),
  sched_getaffinity: call((task, args) => find(task, numberAt(args, 0))?.affinity ?? errno.ESRCH),
  sched_yield: answers(0),
  getcpu: answers(0),
  capget: call((task) => task.credentials.capabilities),
  getresuid: call(({ credentials }) => [credentials.uid, credentials.euid, credentials.suid]),
  getresgid: call(({ credentials }) => [credentials.gid, credentials.egid, credentials.sgid]),
  /** With a descriptor of /proc/PID/ns/NAME, as the call itself takes it. */
  setns: call((task, args) => {
    const file = task.files.get(numberAt(args, 0))
    if (file === undefined) return errno.EBADF
    return file instanceof NamespaceFile ? file.enter(task, numberAt(args, 1)) : errno.EINVAL
  }),
  namespaces: call((task) => namespacesOf(task)),
  vhangup: call((task) => {
    if (!task.isCapable('CAP_SYS_TTY_CONFIG')) return notCapable(task, 'vhangup')
    task.session.tty?.hangUp()
    return 0
  }),
  ioctl: call((task, args) => {
    if (args[1] === 'SIOCSIFFLAGS') {
      const { net } = task.namespaces
      if (!task.isCapableIn('CAP_NET_ADMIN', net.owner)) return notCapable(task, 'ioctl', 'SIOCSIFFLAGS')
      net.loopbackUp = true
      return 0
    }
    const file = task.files.get(numberAt(args, 0))
    if (file === undefined) return errno.EBADF
    if (args[1] === 'TIOCNOTTY' || args[1] === 0x5422) return giveUpTerminal(task)
    if (!(file instanceof TtyFile)) return errno.ENOTTY
    if (args[1] === 'TIOCVHANGUP' || args[1] === 0x5437) {
      if (!task.isCapable('CAP_SYS_ADMIN')) return notCapable(task, 'ioctl', 'TIOCVHANGUP')
      file.tty.hangUp()
      return 0
    }
    if (args[1] === 'TCFLSH' || args[1] === 0x540b) {
      file.tty.flushInput()
      return 0
    }
    return errno.EINVAL
  }),
}
