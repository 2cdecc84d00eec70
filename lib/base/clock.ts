// The one clock of a machine. Two readings: realtime (may be set) and monotonic (since boot, never steps back).
import { invariant } from './assert'
import { StableQueue } from './queue'

/** Microseconds. Exact up to the year 2255; `USEC_INFINITY` stands for "never". */
export type Usec = number
export const USEC_INFINITY: Usec = Number.POSITIVE_INFINITY
export const USEC_PER_MSEC = 1_000
export const USEC_PER_SEC = 1_000_000

export type Alarm = {
  /** Monotonic time at which it fires. */
  readonly deadlineUsec: Usec
  /** Lower fires first among equal deadlines; after that, the order of setting decides. */
  readonly priority: number
  readonly fire: () => void
  cancelled: boolean
}

export class VirtualClock {
  private monotonic: Usec = 0
  private offset: Usec
  private readonly alarms = new StableQueue<Alarm>((a, b) => a.deadlineUsec - b.deadlineUsec || a.priority - b.priority)

  /** @param bootUsec realtime (µs since the epoch) at monotonic 0 */
  constructor(bootUsec: Usec) {
    this.offset = bootUsec
  }

  /** Realtime in µs since the epoch. */
  get realtimeUsec(): Usec {
    return this.offset + this.monotonic
  }

  /** µs since boot. */
  get monotonicUsec(): Usec {
    return this.monotonic
  }

  /** Sets the realtime clock; monotonic alarms are not moved. */
  setRealtime(usec: Usec): void {
    this.offset = usec - this.monotonic
  }

  setAlarm(deadlineUsec: Usec, fire: () => void, priority = 0): Alarm {
    const alarm: Alarm = { deadlineUsec, priority, fire, cancelled: false }
    if (deadlineUsec !== USEC_INFINITY) this.alarms.push(alarm)
    return alarm
  }

  cancel(alarm: Alarm): void {
    alarm.cancelled = true
  }

  /** Deadline of the next alarm, or `USEC_INFINITY`. */
  nextDeadlineUsec(): Usec {
    this.dropCancelled()
    return this.alarms.peek()?.deadlineUsec ?? USEC_INFINITY
  }

  /** Moves the clock and fires nothing. */
  advanceTo(monotonicUsec: Usec): void {
    invariant(monotonicUsec >= this.monotonic, 'the clock does not run backwards')
    this.monotonic = monotonicUsec
  }

  /** Fires the alarms that are due, in order; returns how many. */
  fireDue(): number {
    let fired = 0
    for (;;) {
      this.dropCancelled()
      const alarm = this.alarms.peek()
      if (alarm === undefined || alarm.deadlineUsec > this.monotonic) return fired
      this.alarms.pop()
      alarm.fire()
      fired += 1
    }
  }

  private dropCancelled(): void {
    while (this.alarms.peek()?.cancelled) this.alarms.pop()
  }
}
