// A wait queue of the kernel: who sleeps on it, in the order they fell asleep.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import type { Task } from './task'
import type { Wait, WaitQueue } from './wait'

export class Sleepers implements WaitQueue {
  private tasks: Set<Task> | undefined
  private listeners: Set<() => void> | undefined

  readonly wake = (): void => {
    if (this.tasks !== undefined && this.tasks.size > 0) {
      for (const task of [...this.tasks]) task.kernel.scheduler.wake(task, 'woken')
    }
    if (this.listeners !== undefined && this.listeners.size > 0) {
      for (const listener of [...this.listeners]) listener()
    }
  }

  add(task: Task): void {
    this.tasks ??= new Set()
    this.tasks.add(task)
  }

  delete(task: Task): void {
    this.tasks?.delete(task)
  }

  /** For kernel objects that pass a wake-up on (a pty to its host). Returns the function that stops it. */
  listen(listener: () => void): () => void {
    this.listeners ??= new Set()
    this.listeners.add(listener)
    return () => this.listeners?.delete(listener)
  }

  get isEmpty(): boolean {
    return (this.tasks?.size ?? 0) === 0 && (this.listeners?.size ?? 0) === 0
  }
}

/** Why a blocked call goes on. `restart`: a handler with SA_RESTART ran; `interrupted`: one without. */
export type WakeReason = 'woken' | 'timeout' | 'interrupted' | 'restart'

/** Sleeps; wake-ups may be spurious, so callers look again. */
export function* block(task: Task, queues: readonly WaitQueue[], deadlineUsec: Usec = USEC_INFINITY): Generator<Wait, WakeReason, void> {
  yield { kind: 'block', queues, deadlineUsec }
  return task.wakeReason
}
