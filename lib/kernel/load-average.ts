// After proc_loadavg(5): the running means of how many processes want the processor. Looked at when asked, not by a timer.
import type { Usec } from '@/lib/base'
import type { Kernel } from './kernel'

const WINDOWS_SEC = [60, 300, 900] as const

export class LoadAverage {
  private readonly kernel: Kernel
  private readonly means: [number, number, number] = [0, 0, 0]
  private lastUsec: Usec = 0
  private lastUsed = 0

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  averages(): readonly [number, number, number] {
    const { clock, usedUsec } = this.kernel
    const elapsed = clock.monotonicUsec - this.lastUsec
    if (elapsed < 5_000_000) return this.means
    // One processor: the share of time in use, and who waits at this moment.
    let waiting = 0
    for (const task of this.kernel.tasks.values()) if (!task.sleeping && !task.stopped && task.alive && !task.isKernelThread) waiting += 1
    const active = Math.min(1, (usedUsec - this.lastUsed) / elapsed) + Math.max(0, waiting - 1)
    WINDOWS_SEC.forEach((window, index) => {
      const keep = decay(elapsed / (window * 1_000_000))
      this.means[index] = (this.means[index] ?? 0) * keep + active * (1 - keep)
    })
    this.lastUsec = clock.monotonicUsec
    this.lastUsed = usedUsec
    return this.means
  }
}

/** e^-x by its series after halving: Math.exp may differ between engines. */
function decay(x: number): number {
  let halvings = 0
  let small = x
  while (small > 0.5) {
    small /= 2
    halvings += 1
  }
  let sum = 1
  let term = 1
  for (let step = 1; step < 12; step++) {
    term *= -small / step
    sum += term
  }
  for (let step = 0; step < halvings; step++) sum *= sum
  return sum
}
