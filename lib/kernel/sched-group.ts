// Who shares the processor with whom. After sched(7) and the cpu controller of cgroup v2: a tree of groups, each with a weight
// and perhaps a quota; among siblings, the one that has had the least weighted time runs next.
import type { Usec } from '@/lib/base'
import type { Task } from './task'

export const NICE_0_WEIGHT = 1024
/** Weights of nice -20 … 19: each step is about 10 % of processor time. */
const niceWeights = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024,
  820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
]

export function niceWeight(nice: number): number {
  return niceWeights[nice + 20] ?? NICE_0_WEIGHT
}

/** A task or a group, as its parent group sees it. */
export interface SchedEntity {
  /** Weighted time used, µs of a nice-0 task. */
  vruntime: number
  weight: number
  readonly order: number
  parent: SchedGroup | undefined
  queued: boolean
}

export type Bandwidth = { quotaUsec: Usec; periodUsec: Usec }

export class SchedGroup implements SchedEntity {
  vruntime = 0
  weight = NICE_0_WEIGHT
  readonly order: number
  parent: SchedGroup | undefined
  queued = false
  readonly runnable: (SchedGroup | Task)[] = []
  /** Least vruntime handed out here: where a waking entity starts. */
  floor = 0
  /** cpu.max; an infinite quota is none. */
  bandwidth: Bandwidth = { quotaUsec: Number.POSITIVE_INFINITY, periodUsec: 100_000 }
  usedInPeriodUsec = 0
  periodEndUsec: Usec = 0
  throttled = false
  throttledSinceUsec: Usec = 0
  periods = 0
  throttledPeriods = 0
  throttledUsec = 0

  constructor(order: number, parent: SchedGroup | undefined) {
    this.order = order
    this.parent = parent
  }

  enqueue(entity: SchedGroup | Task): void {
    if (entity.queued) return
    entity.queued = true
    if (entity.vruntime < this.floor) entity.vruntime = this.floor
    this.runnable.push(entity)
    if (this.runnable.length === 1 && !this.throttled) this.parent?.enqueue(this)
  }

  dequeue(entity: SchedGroup | Task): void {
    if (!entity.queued) return
    entity.queued = false
    this.runnable.splice(this.runnable.indexOf(entity), 1)
    if (this.runnable.length === 0) this.parent?.dequeue(this)
  }

  throttle(nowUsec: Usec): void {
    if (this.throttled) return
    this.throttled = true
    this.throttledPeriods += 1
    this.throttledSinceUsec = nowUsec
    this.parent?.dequeue(this)
  }

  unthrottle(nowUsec: Usec): void {
    if (!this.throttled) return
    this.throttled = false
    this.throttledUsec += nowUsec - this.throttledSinceUsec
    if (this.runnable.length > 0) this.parent?.enqueue(this)
  }

  /** The entity that runs next; equal times go by age. */
  first(): SchedGroup | Task | undefined {
    let best = this.runnable[0]
    if (best === undefined) return undefined
    for (let index = 1; index < this.runnable.length; index++) {
      const one = this.runnable[index]!
      if (one.vruntime < best.vruntime || (one.vruntime === best.vruntime && one.order < best.order)) best = one
    }
    if (best.vruntime > this.floor) this.floor = best.vruntime
    return best
  }
}
