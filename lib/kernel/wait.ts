// What a running program yields to the scheduler. Programs never build these: system calls do.
import type { Usec } from '@/lib/base'
import type { Main } from './system-calls'

/** Processes that sleep until something happens; whoever makes it happen calls `wake`. */
export interface WaitQueue {
  readonly wake: () => void
}

export type Wait =
  /** Other processes may run now. */
  | { readonly kind: 'preempt' }
  /** Sleep until one of the queues is woken, the deadline (monotonic µs) passes, or a signal arrives. */
  | { readonly kind: 'block'; readonly queues: readonly WaitQueue[]; readonly deadlineUsec: Usec }
  /** Use processor time. */
  | { readonly kind: 'compute'; readonly usec: Usec }
  /** execve() went through: this code replaces the program. */
  | { readonly kind: 'replace'; readonly main: Main }
  | { readonly kind: 'exit'; readonly status: number }

export const PREEMPT: Wait = { kind: 'preempt' }
