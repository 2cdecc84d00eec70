// kill(2), sigaction(2), sigprocmask(2), signalfd(2), alarm(2), nanosleep(2).
import { USEC_INFINITY, type Usec } from '@/lib/base'
import { type Errno, errno } from '../errno'
import { OpenFile } from '../open-file'
import { anonymousPlace } from '../place'
import { signals, SIGRTMAX } from '../signal'
import { actionOf, reviewPending, sendSignal } from '../signal-delivery'
import { block, type WakeReason } from '../sleepers'
import { type Disposition, type Fallible, O_RDWR, POLLIN, type Syscall } from '../system-calls'
import type { Task } from '../task'
import type { WaitQueue } from '../wait'
import { attend, refuse, settle } from './entry'

const SIGKILL = signals.SIGKILL.number
const SIGSTOP = signals.SIGSTOP.number
const SIGCONT = signals.SIGCONT.number

/** A process may signal its like: same user (real or effective against real or saved), or CAP_KILL; SIGCONT within a session. */
function maySignal(task: Task, target: Task, signal: number): boolean {
  const own = task.credentials
  const theirs = target.credentials
  if (own.euid === theirs.suid || own.euid === theirs.uid || own.uid === theirs.suid || own.uid === theirs.uid) return true
  if (task.isCapableIn('CAP_KILL', theirs.userNamespace)) return true
  return signal === SIGCONT && task.session === target.session
}

function deliver(task: Task, target: Task, signal: number): void {
  const from = task.kernel.pidSeenBy(task, target)
  sendSignal(target, signal, {
    pid: from,
    uid: task.credentials.uid,
    fromAncestorNamespace: target.namespaces.pid !== task.namespaces.pid && target.namespaces.pid.isWithin(task.namespaces.pid),
  })
}

export function* kill(task: Task, pid: number, signal: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'kill', [pid, signal])
    if (stop !== undefined) return stop
  }
  const result = killNow(task, pid, signal)
  yield* settle(task)
  return result
}

function killNow(task: Task, pid: number, signal: number): Fallible<0> {
  if (signal < 0 || signal > SIGRTMAX) return errno.EINVAL
  const { kernel } = task
  if (pid > 0) {
    const target = kernel.taskByPid(task, pid)
    if (target === undefined) return errno.ESRCH
    if (!maySignal(task, target, signal)) return refuse(task, 'kill', String(pid), errno.EPERM, task.capabilityCause ?? 'not root')
    if (signal !== 0) deliver(task, target, signal)
    return 0
  }
  const group = pid === 0 ? task.pgid : pid === -1 ? undefined : kernel.pgidFrom(task, -pid)
  let found = false
  let sent = false
  for (const target of [...kernel.tasks.values()]) {
    if (group === undefined) {
      if (target === task || kernel.pidSeenBy(target, task) <= 1 || target.isKernelThread) continue
    } else if (target.pgid !== group) continue
    if (kernel.pidSeenBy(target, task) === 0) continue
    found = true
    if (!maySignal(task, target, signal)) continue
    sent = true
    if (signal !== 0) deliver(task, target, signal)
  }
  if (!found) return errno.ESRCH
  return sent ? 0 : refuse(task, 'kill', String(pid), errno.EPERM, 'not root')
}

export function* sigaction(
  task: Task,
  signal: number,
  disposition: Disposition,
  options: { readonly restart?: boolean } = {},
): Syscall<Fallible<Disposition>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'rt_sigaction', [signal])
    if (stop !== undefined) return stop
  }
  if (signal < 1 || signal > SIGRTMAX || signal === SIGKILL || signal === SIGSTOP) return errno.EINVAL
  const before = actionOf(task, signal).disposition
  if (disposition === 'default') task.actions.delete(signal)
  else task.actions.set(signal, { disposition, restart: options.restart ?? false })
  if (disposition === 'ignore') task.pending = task.pending.filter((one) => one.signal !== signal)
  return before
}

export function* sigprocmask(task: Task, how: 'block' | 'unblock' | 'set', numbers: readonly number[]): Syscall<readonly number[]> {
  task.enter(1)
  const before = [...task.blocked].sort((a, b) => a - b)
  if (how === 'set') task.blocked = new Set()
  for (const signal of numbers) {
    if (how === 'unblock') task.blocked.delete(signal)
    else if (signal !== SIGKILL && signal !== SIGSTOP) task.blocked.add(signal)
  }
  reviewPending(task)
  yield* settle(task)
  return before
}

export function* pause(task: Task): Syscall<Errno> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'pause', [])
    if (stop !== undefined) return stop
  }
  for (;;) {
    const reason = yield* block(task, [])
    if (reason === 'interrupted' || reason === 'restart') return errno.EINTR
  }
}

export function* nanosleep(task: Task, usec: Usec): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'clock_nanosleep', [1, 0, usec])
    if (stop !== undefined) return stop
  }
  if (usec <= 0) return 0
  const deadline = usec === USEC_INFINITY ? USEC_INFINITY : Math.ceil(task.kernel.clock.monotonicUsec + usec)
  for (;;) {
    const reason: WakeReason = yield* block(task, [], deadline)
    if (reason === 'interrupted' || reason === 'restart') return errno.EINTR
    if (task.kernel.clock.monotonicUsec >= deadline) return 0
  }
}

export function* compute(task: Task, usec: Usec): Syscall<0> {
  if (task.enter(0)) yield* attend(task, 'sched_yield', [])
  if (usec > 0) yield { kind: 'compute', usec }
  return 0
}

export function* alarm(task: Task, usec: Usec): Syscall<0> {
  if (task.enter(1)) yield* attend(task, 'setitimer', [usec])
  const { kernel } = task
  if (task.alarm !== undefined) kernel.clock.cancel(task.alarm)
  task.alarm = undefined
  if (usec > 0) {
    task.alarm = kernel.setAlarm(kernel.clock.monotonicUsec + usec, () => {
      task.alarm = undefined
      sendSignal(task, signals.SIGALRM.number)
    })
  }
  return 0
}

// ---------------------------------------------------------------- signalfd

export class SignalFile extends OpenFile {
  readonly wanted: ReadonlySet<number>
  private readonly owner: Task

  constructor(owner: Task, wanted: readonly number[]) {
    super(
      O_RDWR,
      anonymousPlace(owner, 'file', 0o600, () => 'anon_inode:[signalfd]'),
    )
    this.owner = owner
    this.wanted = new Set(wanted)
  }

  /** Takes what is pending; empty when nothing is. */
  take(task: Task): { signal: number; pid: number; uid: number }[] {
    const taken = task.pending.filter((one) => this.wanted.has(one.signal)).map(({ signal, pid, uid }) => ({ signal, pid, uid }))
    if (taken.length > 0) task.pending = task.pending.filter((one) => !this.wanted.has(one.signal))
    return taken
  }

  override poll(): number {
    return this.owner.pending.some((one) => this.wanted.has(one.signal)) ? POLLIN : 0
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.owner.signalArrived]
  }
}

export function* signalfd(task: Task, numbers: readonly number[]): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'signalfd4', [-1])
    if (stop !== undefined) return stop
  }
  const file = new SignalFile(task, numbers)
  return task.files.install(file, true, task.limits.NOFILE.soft)
}

export function* signalfdRead(
  task: Task,
  fd: number,
): Syscall<Fallible<readonly { readonly signal: number; readonly pid: number; readonly uid: number }[]>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'read', [fd])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (!(file instanceof SignalFile)) return errno.EINVAL
  let reason: WakeReason = 'woken'
  for (;;) {
    const taken = file.take(task)
    if (taken.length > 0) return taken
    if (file.nonblocking) return errno.EAGAIN
    if (reason === 'interrupted') return errno.EINTR
    reason = yield* block(task, [task.signalArrived])
  }
}
