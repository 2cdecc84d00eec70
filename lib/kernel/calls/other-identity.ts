// Calls that `Process` does under another name, or that only C libraries make: setuid(2), umask(2), mkdirat(2), arch_prctl(2), …
import { idInside } from '../credentials'
import { errno } from '../errno'
import { actionOf } from '../signal-delivery'
import type { CapabilitySets, Fallible } from '../system-calls'
import type { Task } from '../task'
import { changeXattr, mkdirAt, readlinkAt } from '../vfs'
import { changeCapabilities, setgid, setuid } from './identity'
import { answers, call, numberAt, type OtherCall, textAt } from './other-call'

function isSets(value: unknown): value is Partial<CapabilitySets> {
  return typeof value === 'object' && value !== null
}

/** Of the sets that were read, the three that capset(2) takes. */
function capset(task: Task, args: readonly unknown[]): Fallible<0> {
  if (!isSets(args[0])) return errno.EFAULT
  const { effective, permitted, inheritable } = { ...task.credentials.capabilities, ...args[0] }
  return changeCapabilities(task, { effective, permitted, inheritable })
}

function inside(task: Task, kind: 'uidMap' | 'gidMap', id: number): number {
  const namespace = task.credentials.userNamespace
  return namespace.isInitial ? id : (idInside(namespace[kind], id) ?? 65_534)
}

export const identityCalls: Readonly<Record<string, OtherCall>> = {
  setuid: call((task, args) => setuid(task, numberAt(args, 0))),
  setgid: call((task, args) => setgid(task, numberAt(args, 0))),
  getuid: call((task) => inside(task, 'uidMap', task.credentials.uid)),
  geteuid: call((task) => inside(task, 'uidMap', task.credentials.euid)),
  getgid: call((task) => inside(task, 'gidMap', task.credentials.gid)),
  getegid: call((task) => inside(task, 'gidMap', task.credentials.egid)),
  getgroups: call((task) => task.credentials.groups.map((gid) => inside(task, 'gidMap', gid))),
  getpid: call((task) => task.calls.pid),
  getppid: call((task) => task.calls.ppid),
  capset: call(capset),
  umask: call((task, args) => {
    const before = task.fs.umask
    task.fs.umask = numberAt(args, 0) & 0o777
    return before
  }),
  mkdirat: call((task, args) => mkdirAt(task.fs, textAt(args, 1), numberAt(args, 2, 0o777))),
  readlinkat: call((task, args) => readlinkAt(task.fs, textAt(args, 0))),
  fsetxattr: call((task, args) => {
    const file = task.files.get(numberAt(args, 0))
    if (file === undefined) return errno.EBADF
    const { description } = file.place
    return description === undefined ? errno.ENOTSUP : changeXattr(task.fs, description.location, textAt(args, 1), textAt(args, 2))
  }),
  /** What a signal does now: `default`, `ignore`, or `handler`. */
  rt_sigaction: call((task, args) => {
    const { disposition } = actionOf(task, numberAt(args, 0))
    return typeof disposition === 'string' ? disposition : 'handler'
  }),
  /** The soft and the hard limit stay as they are: `getrlimit` and `setrlimit` of Process do the rest. */
  prlimit64: answers(0),
  alarm: call((task) => {
    if (task.alarm !== undefined) task.kernel.clock.cancel(task.alarm)
    task.alarm = undefined
    return 0
  }),
  brk: answers(0),
  arch_prctl: answers(0),
  set_tid_address: call((task) => task.calls.pid),
  set_robust_list: answers(0),
  rseq: answers(0),
}
