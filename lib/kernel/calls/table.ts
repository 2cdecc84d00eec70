// The calls that `syscall` knows by name.
import { errno } from '../errno'
import type { Fallible, Syscall } from '../system-calls'
import type { Task } from '../task'

export type OtherCall = (task: Task, args: readonly unknown[]) => Syscall<Fallible<unknown>>

export const otherCalls: ReadonlyMap<string, OtherCall> = new Map<string, OtherCall>([
  [
    'personality',
    function* (task, [wanted]) {
      const before = task.personality
      if (wanted !== 0xffffffff && typeof wanted === 'number') task.personality = wanted
      return before
    },
  ],
  [
    'unknown',
    function* () {
      return errno.ENOSYS
    },
  ],
])
