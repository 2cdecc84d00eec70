// What PID 1 says when a job starts and when it is over. A type's own words come first, then these.
import { messageId } from '@/lib/journal'
import { describeFailedCondition } from './unit-condition'
import type { JobResult, JobType } from './job-type'
import type { Unit } from './unit'

type Words = { readonly [Result in JobResult]?: string }

const startWords: Words = {
  done: 'Started %s.',
  timeout: 'Timed out starting %s.',
  failed: 'Failed to start %s.',
  dependency: 'Dependency failed for %s.',
  assert: 'Assertion failed for %s.',
  unsupported: 'Starting of %s unsupported.',
  collected: 'Unnecessary job was removed for %s.',
  once: 'Unit %s has been started before and cannot be started again.',
  frozen: 'Cannot start frozen unit %s.',
}
const stopWords: Words = {
  done: 'Stopped %s.',
  failed: 'Stopped (with error) %s.',
  timeout: 'Timed out stopping %s.',
  frozen: 'Cannot stop frozen unit %s.',
}
const reloadWords: Words = {
  done: 'Reloaded %s.',
  failed: 'Reload failed for %s.',
  timeout: 'Timed out reloading %s.',
  frozen: 'Cannot reload frozen unit %s.',
}
const verifyWords: Words = { done: '%s is active.', skipped: '%s is not active.' }

const levels: { readonly [Result in JobResult]: number } = {
  done: 6,
  canceled: 6,
  timeout: 3,
  failed: 3,
  dependency: 4,
  skipped: 5,
  invalid: 6,
  assert: 4,
  unsupported: 4,
  collected: 6,
  once: 3,
  frozen: 3,
}

export function emitStartMessage(unit: Unit, id: number, type: JobType): void {
  const { status } = unit.vtable
  let format: string
  let message: string
  if (type === 'start') {
    format = status.starting ?? 'Starting %s...'
    message = messageId.unitStarting
  } else if (type === 'stop' || type === 'restart') {
    format = status.stopping ?? 'Stopping %s...'
    message = messageId.unitStopping
  } else if (type === 'reload') {
    format = 'Reloading %s...'
    message = messageId.unitReloading
  } else return
  unit.logPlain(
    6,
    format.replace('%s', () => unit.statusName()),
    { JOB_ID: id, JOB_TYPE: type, MESSAGE_ID: message },
  )
}

export function emitDoneMessage(unit: Unit, id: number, type: JobType, result: JobResult): void {
  const base = { JOB_ID: id, JOB_TYPE: type, JOB_RESULT: result }
  if (type === 'start' && result === 'done' && !unit.conditionResult) {
    unit.logPlain(6, `${unit.statusName()} skipped, ${describeFailedCondition(unit)}`, { ...base, MESSAGE_ID: messageId.unitStarted })
    return
  }
  const format = unit.vtable.finishedMessage?.(unit, type, result) ?? doneFormat(unit, type, result)
  if (format === undefined) return
  unit.logPlain(
    levels[result],
    format.replace('%s', () => unit.statusName()),
    { ...base, MESSAGE_ID: doneMessageId(type, result) },
  )
}

function doneFormat(unit: Unit, type: JobType, result: JobResult): string | undefined {
  const { status } = unit.vtable
  switch (type) {
    case 'start':
      return status.finishedStart?.[result] ?? startWords[result]
    case 'stop':
    case 'restart':
      return status.finishedStop?.[result] ?? stopWords[result]
    case 'reload':
      return reloadWords[result]
    case 'verify-active':
      return verifyWords[result]
    default:
      return undefined
  }
}

function doneMessageId(type: JobType, result: JobResult): string | undefined {
  if (type === 'start') return result === 'done' ? messageId.unitStarted : messageId.unitFailed
  if (type === 'reload') return messageId.unitReloaded
  if (type === 'stop' || type === 'restart') return messageId.unitStopped
  return undefined
}
