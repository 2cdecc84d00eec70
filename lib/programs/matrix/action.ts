// One action of the hardening matrix: something that a service's process tries, and what came of it as a word.
// `ok`, `ok:VALUE`, the name of an errno, or `STEP:ERRNO` when a step before the subject failed.
import { type Errno, errno, type Fallible, isErrno, type Process, type Syscall } from '@/lib/kernel'

export type Scene = {
  readonly process: Process
  /** A directory in which files can be made, or empty. */
  readonly scratch: string
  /** Sleeping processes outside. */
  readonly pids: { readonly nobody: number; readonly learner: number; readonly root: number }
  /** Links of /proc/1/ns, outside: mnt user net pid uts ipc cgroup time. */
  readonly namespaces: readonly string[]
  /** Leaves word in case that the process does not come back (execve). */
  readonly note: (text: string) => void
}
export type Action = {
  readonly id: string
  /** It changes its process, so it has one of its own. */
  readonly ownProcess?: true
  readonly run: (scene: Scene) => Syscall<string>
}

/** Reads better in tables: `action('chroot', function* …)`. */
export function action(id: string, run: Action['run']): Action {
  return { id, run }
}

export function ownProcess(id: string, run: Action['run']): Action {
  return { id, run, ownProcess: true }
}

/** A call whose success is all that counts. */
export function call(id: string, make: (scene: Scene) => Syscall<Fallible<unknown>>): Action {
  return action(id, function* (scene) {
    return outcome(yield* make(scene))
  })
}

export function ownCall(id: string, make: (scene: Scene) => Syscall<Fallible<unknown>>): Action {
  return { ...call(id, make), ownProcess: true }
}

/** A call by its Linux name, without arguments that matter. */
export function named(id: string, name: string, ...args: readonly unknown[]): Action {
  return call(id, ({ process }) => process.syscall(name, ...args))
}

export function ownNamed(id: string, name: string, ...args: readonly unknown[]): Action {
  return { ...named(id, name, ...args), ownProcess: true }
}

const errnoName = (error: Errno): string => (error === errno.ENOTSUP ? 'EOPNOTSUPP' : error.name)

export function outcome(result: Fallible<unknown>): string {
  return isErrno(result) ? errnoName(result) : 'ok'
}

export function failedAt(step: string, error: Errno): string {
  return `${step}:${errnoName(error)}`
}

/** A private file name in the scratch directory. */
export function scratchPath({ process, scratch }: Scene, name: string): string {
  return `${scratch}/.probe-${process.pid}-${name}`
}

/** The end of most actions about files: no scratch directory, no result. */
export const NO_DIRECTORY = 'nodir'
