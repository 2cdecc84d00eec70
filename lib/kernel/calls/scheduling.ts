// setpriority(2), sched_setscheduler(2), sched_setaffinity(2), getrlimit(2), and the memory a program holds.
import { errno } from '../errno'
import { niceWeight } from '../sched-group'
import type { Fallible, Limit, LimitName, SchedulingPolicy, Syscall } from '../system-calls'
import type { Task } from '../task'
import { attend, notCapable } from './entry'

function find(task: Task, pid: number): Task | undefined {
  return pid === 0 ? task : task.kernel.taskByPid(task, pid)
}

function isMine(task: Task, target: Task): boolean {
  const own = task.credentials
  return own.euid === target.credentials.euid || own.euid === target.credentials.uid || task.isCapable('CAP_SYS_NICE')
}

export function* getpriority(task: Task, pid = 0): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getpriority', [0, pid])
    if (stop !== undefined) return stop
  }
  return find(task, pid)?.nice ?? errno.ESRCH
}

export function* setpriority(task: Task, pid: number, wanted: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setpriority', [0, pid, wanted])
    if (stop !== undefined) return stop
  }
  const target = find(task, pid)
  if (target === undefined) return errno.ESRCH
  if (!isMine(task, target)) return notCapable(task, 'setpriority', String(pid))
  const nice = Math.max(-20, Math.min(19, wanted))
  if (nice < target.nice && 20 - nice > target.limits.NICE.soft && !task.isCapable('CAP_SYS_NICE')) {
    return notCapable(task, 'setpriority', String(nice), errno.EACCES)
  }
  setNice(target, nice)
  return 0
}

export function setNice(task: Task, nice: number): void {
  task.kernel.scheduler.requeue(task, () => {
    task.nice = nice
    task.weight = task.policy === 'idle' ? 3 : niceWeight(nice)
  })
}

export function* setScheduler(
  task: Task,
  pid: number,
  policy: SchedulingPolicy,
  priority: number,
  resetOnFork = false,
): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'sched_setscheduler', [pid, policyNumber[policy] | (resetOnFork ? 0x40000000 : 0), priority])
    if (stop !== undefined) return stop
  }
  const target = find(task, pid)
  if (target === undefined) return errno.ESRCH
  const realtime = policy === 'fifo' || policy === 'rr'
  if (realtime ? priority < 1 || priority > 99 : priority !== 0) return errno.EINVAL
  if (!task.isCapable('CAP_SYS_NICE')) {
    if (!isMine(task, target)) return notCapable(task, 'sched_setscheduler', policy)
    const allowed = target.limits.RTPRIO.soft
    if (realtime && ((policy !== target.policy && allowed === 0) || (priority > allowed && priority > target.realtimePriority))) {
      return notCapable(task, 'sched_setscheduler', policy)
    }
    if (target.resetOnFork && !resetOnFork) return notCapable(task, 'sched_setscheduler', policy)
  }
  task.kernel.scheduler.requeue(target, () => {
    target.policy = policy
    target.realtimePriority = realtime ? priority : 0
    target.resetOnFork = resetOnFork
    target.weight = policy === 'idle' ? 3 : niceWeight(target.nice)
  })
  return 0
}

export const policyNumber = { other: 0, fifo: 1, rr: 2, batch: 3, idle: 5 } as const satisfies Record<SchedulingPolicy, number>

export function* setAffinity(task: Task, pid: number, cpus: readonly number[]): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'sched_setaffinity', [pid])
    if (stop !== undefined) return stop
  }
  const target = find(task, pid)
  if (target === undefined) return errno.ESRCH
  if (!isMine(task, target)) return notCapable(task, 'sched_setaffinity', String(pid))
  if (!cpus.includes(0)) return errno.EINVAL
  target.affinity = [0]
  return 0
}

export function* getrlimit(task: Task, name: LimitName, pid = 0): Syscall<Fallible<Limit>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'prlimit64', [pid])
    if (stop !== undefined) return stop
  }
  return find(task, pid)?.limits[name] ?? errno.ESRCH
}

export function* setrlimit(task: Task, name: LimitName, limit: Limit, pid = 0): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'prlimit64', [pid])
    if (stop !== undefined) return stop
  }
  const target = find(task, pid)
  if (target === undefined) return errno.ESRCH
  if (limit.soft > limit.hard) return errno.EINVAL
  if (name === 'NOFILE' && limit.hard > 1_048_576) return notCapable(task, 'prlimit64', name)
  if (target !== task && !isMine(task, target) && !task.isCapable('CAP_SYS_RESOURCE')) return notCapable(task, 'prlimit64', name)
  if (limit.hard > target.limits[name].hard && !task.isCapable('CAP_SYS_RESOURCE')) return notCapable(task, 'prlimit64', name)
  target.limits = { ...target.limits, [name]: limit }
  if (name === 'FSIZE') target.fs.fileSizeLimit = limit.soft
  return 0
}

export function* setMemory(task: Task, bytes: number): Syscall<Fallible<0>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'brk', [bytes])
    if (stop !== undefined) return stop
  }
  return yield* task.kernel.memory.set(task, bytes)
}
