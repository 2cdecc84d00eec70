// So many events in so much time; used by start limits, trigger limits and the like.
import type { Usec } from '@/lib/base'

export class RateLimit {
  intervalUsec: Usec
  burst: number
  private beginUsec = 0
  private count = 0

  constructor(intervalUsec: Usec, burst: number) {
    this.intervalUsec = intervalUsec
    this.burst = burst
  }

  /** Counts one event; true while below the limit. A new window opens once the interval has passed. */
  below(nowUsec: Usec): boolean {
    if (this.intervalUsec === 0 || this.burst === 0) return true
    if (this.beginUsec === 0 || nowUsec >= this.beginUsec + this.intervalUsec) {
      this.beginUsec = nowUsec
      this.count = 1
      return true
    }
    this.count += 1
    return this.count <= this.burst
  }

  /** The window is over, or was never opened. */
  get untouched(): boolean {
    return this.beginUsec === 0
  }

  /** How long until an event is let through again. */
  leftUsec(nowUsec: Usec): Usec {
    if (this.intervalUsec === 0 || this.burst === 0 || this.count < this.burst) return 0
    return Math.max(0, this.beginUsec + this.intervalUsec - nowUsec)
  }

  reset(): void {
    this.beginUsec = 0
    this.count = 0
  }
}
