// syscall(2): calls by name, for what `Process` has no method of its own for. Each row is one call of x86-64.
import { errno } from '../errno'
import type { Fallible, Syscall } from '../system-calls'
import type { Task } from '../task'
import { attend } from './entry'
import { otherCalls } from './table'

export function* syscall(task: Task, name: string, args: readonly unknown[]): Syscall<Fallible<unknown>> {
  const row = otherCalls.get(name)
  if (task.enter(2)) {
    const stop = yield* attend(task, name, args)
    if (stop !== undefined) return stop
  }
  if (row === undefined) return errno.ENOSYS
  return yield* row(task, args)
}
