// The calls that `syscall` knows by name: one row each, by subject.
import { fileCalls } from './other-files'
import { identityCalls } from './other-identity'
import { kernelCalls } from './other-kernel'
import { memoryCalls } from './other-memory'
import type { OtherCall } from './other-call'
import { processCalls } from './other-process'

export const otherCalls: ReadonlyMap<string, OtherCall> = new Map(
  Object.entries({ ...fileCalls, ...identityCalls, ...kernelCalls, ...memoryCalls, ...processCalls }),
)
