// Real time onto virtual time: while someone watches, a second is a second, or as many as they ask for.
import type { Usec } from '@/lib/base'

/** Milliseconds of the host's own clock that a run may take before input and pictures get their turn. */
const BUDGET_MS = 12
/** A machine that cannot keep up is not chased: what is behind by more is forgotten. */
const LAG_MS = 250
/** The longest sleep when nothing is planned. */
const IDLE_MS = 200

export type Paced = {
  readonly monotonicUsec: Usec
  readonly nextAlarmUsec: Usec
  readonly isIdle: boolean
  readonly advanceBy: (usec: Usec) => void
}

export class Pace {
  speed = 1
  private paused = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastMs = performance.now()
  private owedUsec = 0
  private readonly machine: () => Paced | undefined
  private readonly afterRun: () => void

  constructor(machine: () => Paced | undefined, afterRun: () => void) {
    this.machine = machine
    this.afterRun = afterRun
  }

  get isPaused(): boolean {
    return this.paused
  }

  start(): void {
    this.lastMs = performance.now()
    this.schedule(0)
  }

  pause(): void {
    this.run()
    this.paused = true
    clearTimeout(this.timer)
  }

  resume(): void {
    this.paused = false
    this.start()
  }

  setSpeed(speed: number): void {
    this.run()
    this.speed = speed
  }

  /** Brings the machine up to the present; called before input is given to it. */
  catchUp(): void {
    if (!this.paused) this.account()
  }

  /** Something was put in: let the machine take notice at once. */
  nudge(): void {
    const machine = this.machine()
    if (machine === undefined) return
    if (this.paused) return
    machine.advanceBy(1)
    this.afterRun()
    this.schedule(0)
  }

  private account(): void {
    const now = performance.now()
    this.owedUsec += Math.min(now - this.lastMs, LAG_MS) * 1000 * this.speed
    this.lastMs = now
  }

  private readonly run = (): void => {
    const machine = this.machine()
    if (machine === undefined || this.paused) return
    this.account()
    const until = performance.now() + BUDGET_MS
    while (this.owedUsec > 0 && performance.now() < until) {
      // Asleep, a machine jumps over the whole span; awake, it goes by small steps so that the budget holds.
      const step = machine.isIdle
        ? Math.min(this.owedUsec, Math.max(1, machine.nextAlarmUsec - machine.monotonicUsec))
        : Math.min(this.owedUsec, 5_000)
      const before = machine.monotonicUsec
      machine.advanceBy(step)
      this.owedUsec -= Math.max(step, machine.monotonicUsec - before)
    }
    if (this.owedUsec > LAG_MS * 1000 * this.speed) this.owedUsec = 0
    this.afterRun()
    const wait = machine.isIdle
      ? Math.min(IDLE_MS, Math.max(0, (machine.nextAlarmUsec - machine.monotonicUsec - this.owedUsec) / 1000 / this.speed))
      : this.owedUsec > 0
        ? 0
        : 5
    this.schedule(wait)
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer)
    if (!this.paused) this.timer = setTimeout(this.run, ms)
  }

  stop(): void {
    clearTimeout(this.timer)
  }
}
