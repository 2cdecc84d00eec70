// The shape of a call that `syscall` knows by name, and short forms for calls that do nothing here but ask for permission.
import type { CapabilityName } from '../capability'
import { type Errno, errno } from '../errno'
import type { Fallible, Syscall } from '../system-calls'
import type { Task } from '../task'
import { notCapable } from './entry'

export type OtherCall = (task: Task, args: readonly unknown[]) => Syscall<Fallible<unknown>>

/** What is done at once. */
export function call(work: (task: Task, args: readonly unknown[]) => Fallible<unknown>): OtherCall {
  return function* (task, args) {
    return work(task, args)
  }
}

/** Succeeds for whoever holds one of these capabilities over the first namespaces; `result` is what comes then. */
export function privileged(
  name: string,
  capabilities: readonly CapabilityName[],
  result: Fallible<unknown> = 0,
  why: Errno = errno.EPERM,
): OtherCall {
  return call((task) => (capabilities.some((one) => task.isCapable(one)) ? result : notCapable(task, name, '', why)))
}

export function answers(result: Fallible<unknown>): OtherCall {
  return call(() => result)
}

export function numberAt(args: readonly unknown[], index: number, otherwise = 0): number {
  const value = args[index]
  return typeof value === 'number' ? value : otherwise
}

export function textAt(args: readonly unknown[], index: number): string {
  const value = args[index]
  return typeof value === 'string' ? value : ''
}
