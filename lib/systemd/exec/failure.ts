// How a child says that it could not become the program: an exit status of its own and two lines in the journal.
import { encodeNative, messageId, NATIVE_SOCKET } from '@/lib/journal'
import { type Errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { exitStatuses } from './exit-status'
import type { ExecParameters } from './parameters'

/** A step that failed. `words` stand before the error in the first line; none: only the second line is written. */
export class ExecFailure {
  readonly status: number
  readonly error: Errno
  readonly words: string | undefined

  constructor(status: number, error: Errno, words?: string) {
    this.status = status
    this.error = error
    this.words = words
  }
}

export function isExecFailure(value: unknown): value is ExecFailure {
  return value instanceof ExecFailure
}

/** `(name)`: how a child is called before it has become the program; the last eight characters at most. */
export function childName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1)
  const short = base === '' ? '...' : base.length > 8 ? base.slice(-8) : base
  return `(${short})`
}

export function* logLine(
  process: Process,
  parameters: ExecParameters,
  priority: number,
  message: string,
  more: readonly (readonly [string, string])[] = [],
): Syscall<void> {
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  if (isErrno(fd)) return
  const fields: (readonly [string, string])[] = [
    ['MESSAGE', `${parameters.unit}: ${message}`],
    ['PRIORITY', String(priority)],
    ['SYSLOG_FACILITY', '3'],
    ['SYSLOG_IDENTIFIER', childName(parameters.command.path)],
    [parameters.scope === 'user' ? 'USER_UNIT' : 'UNIT', parameters.unit],
    [parameters.scope === 'user' ? 'USER_INVOCATION_ID' : 'INVOCATION_ID', parameters.invocationId],
    ...parameters.logFields,
    ...more,
  ]
  yield* process.send(fd, encodeNative(fields), { to: { domain: 'AF_UNIX', path: NATIVE_SOCKET } })
  yield* process.close(fd)
}

export function stepName(status: number): string {
  return exitStatuses.find((row) => row.status === status)?.name ?? String(status)
}

/** Writes the lines of a failure; the caller then exits with its status. */
export function* logFailure(process: Process, parameters: ExecParameters, failure: ExecFailure): Syscall<void> {
  const errorField = ['ERRNO', String(failure.error.code)] as const
  const { message } = failure.error
  if (failure.words !== undefined) yield* logLine(process, parameters, 3, `${failure.words}: ${message}`, [errorField])
  yield* logLine(process, parameters, 3, `Failed at step ${stepName(failure.status)} spawning ${parameters.command.path}: ${message}`, [
    ['MESSAGE_ID', messageId.spawnFailed],
    errorField,
    ['EXECUTABLE', parameters.command.path],
  ])
}
