// After journald.conf(5) RateLimitIntervalSec=, RateLimitBurst=: a burst a service, per importance, scaled by free disk.
import type { Usec } from '@/lib/base'

type Pool = { begin: Usec; count: number; suppressed: number }

/** Which messages share a pool: emerg…alert…crit each, err, warning, and the rest, as journald groups them. */
const POOL_OF_LEVEL = [0, 0, 0, 0, 1, 2, 3, 4] as const

export class RateLimit {
  private readonly groups = new Map<string, Pool[]>()

  /**
   * @param availableBytes free disk space: the more, the larger the burst
   * @returns 0: drop it · 1: take it · 1 + n: take it, n were dropped before
   */
  test(group: string, level: number, nowUsec: Usec, intervalUsec: Usec, burst: number, availableBytes: number): number {
    if (intervalUsec <= 0 || burst <= 0) return 1
    let pools = this.groups.get(group)
    if (pools === undefined) {
      if (this.groups.size >= 2047) this.vacuum(nowUsec, intervalUsec)
      pools = Array.from({ length: 5 }, () => ({ begin: 0, count: 0, suppressed: 0 }))
      this.groups.set(group, pools)
    }
    const allowed = modulateBurst(burst, availableBytes)
    const pool = pools[POOL_OF_LEVEL[level & 7]!]!
    if (pool.begin === 0) {
      pool.begin = Math.max(nowUsec, 1)
      pool.count = 1
      pool.suppressed = 0
      return 1
    }
    if (nowUsec - pool.begin > intervalUsec) {
      const lost = pool.suppressed
      pool.suppressed = 0
      pool.count = 1
      pool.begin = nowUsec
      return 1 + lost
    }
    if (pool.count < allowed) {
      pool.count += 1
      return 1
    }
    pool.suppressed += 1
    return 0
  }

  private vacuum(nowUsec: Usec, intervalUsec: Usec): void {
    for (const [group, pools] of this.groups) {
      if (pools.every((pool) => nowUsec - pool.begin > intervalUsec)) this.groups.delete(group)
    }
    const oldest = this.groups.keys().next()
    if (this.groups.size >= 2047 && !oldest.done) this.groups.delete(oldest.value)
  }
}

/** More room on the disk, more messages: from the burst itself below 1 MiB to six times it from 1 TiB on, by the logarithm. */
export function modulateBurst(burst: number, availableBytes: number): number {
  if (availableBytes <= 0) return burst
  const k = Math.floor(Math.log2(availableBytes))
  if (k <= 20) return burst
  return Math.floor((burst * (k - 16)) / 4)
}
