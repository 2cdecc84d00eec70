// Process groups and sessions: setpgid(2), setsid(2), and what prctl(2) keeps about the family.
import { errno } from '../errno'
import { groupMembers } from '../session'
import type { Fallible, Syscall } from '../system-calls'
import type { Task } from '../task'
import { attend } from './entry'

export function* setpgid(task: Task, pid: number, wanted: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setpgid', [pid, wanted])
    if (stop !== undefined) return stop
  }
  if (wanted < 0) return errno.EINVAL
  const { kernel } = task
  const target = pid === 0 ? task : kernel.taskByPid(task, pid)
  if (target === undefined || !target.alive) return errno.ESRCH
  if (target !== task) {
    if (target.parentTask !== task) return errno.ESRCH
    if (target.session !== task.session) return errno.EPERM
    if (target.hasExeced) return errno.EACCES
  }
  if (target.session.sid === target.pid) return errno.EPERM
  const pgid = wanted === 0 ? target.pid : kernel.pgidFrom(task, wanted)
  if (pgid !== target.pid) {
    let sameSession = false
    for (const one of groupMembers(kernel, pgid)) if (one.session === task.session) sameSession = true
    if (!sameSession) return errno.EPERM
  }
  target.pgid = pgid
  return 0
}

export function* getpgid(task: Task, pid = 0): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getpgid', [pid])
    if (stop !== undefined) return stop
  }
  const target = pid === 0 ? task : task.kernel.taskByPid(task, pid)
  return target === undefined ? errno.ESRCH : task.kernel.numberSeenBy(target.pgid, task)
}

export function* setsid(task: Task): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setsid', [])
    if (stop !== undefined) return stop
  }
  for (const _ of groupMembers(task.kernel, task.pid)) return errno.EPERM
  task.pgid = task.pid
  task.session = { sid: task.pid, tty: undefined }
  return task.kernel.pidSeenBy(task, task)
}

export function* getsid(task: Task, pid = 0): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getsid', [pid])
    if (stop !== undefined) return stop
  }
  const target = pid === 0 ? task : task.kernel.taskByPid(task, pid)
  return target === undefined ? errno.ESRCH : task.kernel.numberSeenBy(target.session.sid, task)
}

export function* setComm(task: Task, name: string): Syscall<0> {
  if (task.enter(1)) yield* attend(task, 'prctl', [15])
  task.comm = name.slice(0, 15)
  return 0
}

export function* setChildSubreaper(task: Task, on: boolean): Syscall<0> {
  if (task.enter(1)) yield* attend(task, 'prctl', [36, on ? 1 : 0])
  task.childSubreaper = on
  return 0
}

export function* setParentDeathSignal(task: Task, signal: number): Syscall<0> {
  if (task.enter(1)) yield* attend(task, 'prctl', [1, signal])
  task.parentDeathSignal = signal
  return 0
}
