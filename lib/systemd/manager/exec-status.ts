// What is known of the last run of a command.
import type { ChildExit } from './child-exit'
import { never, type Timestamp } from './unit'

export type ExecStatus = {
  readonly pid: number
  readonly start: Timestamp
  readonly handoff: Timestamp
  readonly exit: Timestamp
  readonly how: ChildExit | undefined
}

export const neverRun: ExecStatus = { pid: 0, start: never, handoff: never, exit: never, how: undefined }
