// After sd-event(3): sources with priorities; of all that are pending, the lowest priority goes first, then the one that
// has waited longest. One event an iteration, the manager's queues between.
import { StableQueue, USEC_INFINITY, type Usec } from '@/lib/base'
import { isErrno, POLLERR, POLLHUP, type Process, type Syscall } from '@/lib/kernel'

/** Decides which of two things that happen at once is seen first. */
export const eventPriority = {
  userLookup: -12,
  mountTable: -11,
  cgroupInotify: -10,
  cgroupOom: -9,
  execFd: -8,
  notify: -7,
  sigchld: -6,
  signals: -5,
  cgroupEmpty: -4,
  timeChange: -1,
  ipc: 0,
  socket: 0,
  path: 0,
  timer: 0,
  idle: 100,
} as const

export type FdSource = {
  readonly fd: number
  readonly events: number
  readonly priority: number
  readonly dispatch: (revents: number) => Syscall<void>
  enabled: boolean
}
export type TimerSource = {
  readonly deadlineUsec: Usec
  readonly priority: number
  readonly dispatch: () => Syscall<void>
  cancelled: boolean
}
/** Pending as long as it is enabled. */
export type DeferSource = { readonly priority: number; readonly dispatch: () => Syscall<void>; enabled: boolean }

export class EventLoop {
  private readonly process: Process
  private readonly fds = new Map<number, FdSource>()
  private readonly timers = new StableQueue<TimerSource>((a, b) => a.deadlineUsec - b.deadlineUsec)
  private readonly defers: DeferSource[] = []
  /** Sources seen ready, with the iteration in which they became so. */
  private readonly pendingFds = new Map<FdSource, { readonly since: number; readonly revents: number }>()
  private readonly pendingTimers = new Map<TimerSource, number>()
  private iteration = 0

  constructor(process: Process) {
    this.process = process
  }

  watchFd(fd: number, events: number, priority: number, dispatch: (revents: number) => Syscall<void>): FdSource {
    const source: FdSource = { fd, events, priority, dispatch, enabled: true }
    this.fds.set(fd, source)
    return source
  }

  unwatchFd(source: FdSource | undefined): void {
    if (source === undefined) return
    source.enabled = false
    this.pendingFds.delete(source)
    if (this.fds.get(source.fd) === source) this.fds.delete(source.fd)
  }

  /** A timer on the monotonic clock. */
  addTimer(deadlineUsec: Usec, dispatch: () => Syscall<void>, priority: number = eventPriority.timer): TimerSource {
    const source: TimerSource = { deadlineUsec, priority, dispatch, cancelled: false }
    if (deadlineUsec !== USEC_INFINITY) this.timers.push(source)
    return source
  }

  cancelTimer(source: TimerSource | undefined): void {
    if (source !== undefined) source.cancelled = true
  }

  addDefer(priority: number, dispatch: () => Syscall<void>): DeferSource {
    const source: DeferSource = { priority, dispatch, enabled: false }
    this.defers.push(source)
    return source
  }

  /** Waits for an event if nothing is pending, and dispatches one. */
  *runOnce(): Syscall<void> {
    this.iteration += 1
    this.collectTimers()
    const idle = this.pendingTimers.size === 0 && !this.defers.some((source) => source.enabled)
    yield* this.poll(idle)
    this.collectTimers()
    yield* this.dispatchFirst()
  }

  private *poll(mayBlock: boolean): Syscall<void> {
    const requests = []
    for (const source of this.fds.values()) if (source.enabled) requests.push({ fd: source.fd, events: source.events })
    const next = this.nextDeadline()
    const timeout =
      mayBlock && this.pendingFds.size === 0 ? (next === USEC_INFINITY ? undefined : Math.max(0, next - this.process.monotonicUsec)) : 0
    const ready = yield* this.process.poll(requests, timeout)
    if (isErrno(ready)) return
    for (const { fd, revents } of ready) {
      const source = this.fds.get(fd)
      if (source === undefined || (revents & (source.events | POLLERR | POLLHUP)) === 0) continue
      const since = this.pendingFds.get(source)?.since ?? this.iteration
      this.pendingFds.set(source, { since, revents })
    }
  }

  private nextDeadline(): Usec {
    while (this.timers.peek()?.cancelled) this.timers.pop()
    return this.timers.peek()?.deadlineUsec ?? USEC_INFINITY
  }

  private collectTimers(): void {
    const now = this.process.monotonicUsec
    while (this.nextDeadline() <= now) {
      const timer = this.timers.pop()
      if (timer !== undefined) this.pendingTimers.set(timer, this.iteration)
    }
  }

  private *dispatchFirst(): Syscall<void> {
    let best: { priority: number; since: number; run: () => Syscall<void> } | undefined
    const offer = (priority: number, since: number, run: () => Syscall<void>) => {
      if (best === undefined || priority < best.priority || (priority === best.priority && since < best.since))
        best = { priority, since, run }
    }
    for (const [source, { since, revents }] of this.pendingFds)
      offer(source.priority, since, () => {
        this.pendingFds.delete(source)
        return source.dispatch(revents)
      })
    for (const [source, since] of this.pendingTimers) {
      if (source.cancelled) this.pendingTimers.delete(source)
      else
        offer(source.priority, since, () => {
          this.pendingTimers.delete(source)
          return source.dispatch()
        })
    }
    for (const source of this.defers) if (source.enabled) offer(source.priority, Number.POSITIVE_INFINITY, source.dispatch)
    if (best !== undefined) yield* best.run()
  }
}
