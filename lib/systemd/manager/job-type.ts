// After systemctl(1) and the job merging rules: what two jobs for one unit become, and when a job has nothing to do.
import { isActiveOrReloading, isInactiveOrDeactivating, isInactiveOrFailed, type UnitActiveState } from './unit-state'

export const jobTypes = [
  'start',
  'verify-active',
  'stop',
  'reload',
  'restart',
  'nop',
  'try-restart',
  'try-reload',
  'reload-or-start',
] as const
export type JobType = (typeof jobTypes)[number]

export const jobResults = [
  'done',
  'canceled',
  'timeout',
  'failed',
  'dependency',
  'skipped',
  'invalid',
  'assert',
  'unsupported',
  'collected',
  'once',
  'frozen',
] as const
export type JobResult = (typeof jobResults)[number]

type Mergeable = 'start' | 'verify-active' | 'stop' | 'reload' | 'restart'

/** Row merged with column; absent: the two contradict each other. */
const mergeTable: { readonly [One in Mergeable]: { readonly [Other in Mergeable]?: JobType } } = {
  start: { start: 'start', 'verify-active': 'start', reload: 'reload-or-start', restart: 'restart' },
  'verify-active': { start: 'start', 'verify-active': 'verify-active', reload: 'reload', restart: 'restart' },
  stop: { stop: 'stop' },
  reload: { start: 'reload-or-start', 'verify-active': 'reload', reload: 'reload', restart: 'restart' },
  restart: { start: 'restart', 'verify-active': 'restart', reload: 'restart', restart: 'restart' },
}

/** What the two become together, before `collapseType`. */
export function mergeTypes(one: JobType, other: JobType): JobType | undefined {
  if (one === other) return one
  return mergeTable[one as Mergeable]?.[other as Mergeable]
}

export function isMergeable(one: JobType, other: JobType): boolean {
  return mergeTypes(one, other) !== undefined
}

export function isConflicting(one: JobType, other: JobType): boolean {
  return one !== 'nop' && other !== 'nop' && !isMergeable(one, other)
}

/** `one` does all that `other` would. */
export function isSuperset(one: JobType, other: JobType): boolean {
  return mergeTypes(one, other) === one
}

/** The types that depend on the unit's state become plain ones. */
export function collapseType(type: JobType, state: UnitActiveState): JobType {
  const down = isInactiveOrDeactivating(state)
  if (type === 'try-restart') return down ? 'nop' : 'restart'
  if (type === 'try-reload') return down ? 'nop' : 'reload'
  if (type === 'reload-or-start') return down ? 'start' : 'reload'
  return type
}

export function mergeAndCollapse(one: JobType, other: JobType, state: UnitActiveState): JobType | undefined {
  const merged = mergeTypes(one, other)
  return merged === undefined ? undefined : collapseType(merged, state)
}

/** The unit is already where the job would bring it. */
export function isRedundant(type: JobType, state: UnitActiveState): boolean {
  switch (type) {
    case 'start':
    case 'verify-active':
      return isActiveOrReloading(state)
    case 'stop':
      return isInactiveOrFailed(state)
    case 'reload':
      return state === 'reloading'
    case 'nop':
      return true
    default:
      return false
  }
}
