// What follows from a unit's change of state: for its job, its dependencies, its triggers, its resources.
import { messageId } from '@/lib/journal'
import { formatTimespan } from '@/lib/base'
import { isBusError } from '../bus'
import { pruneCgroup } from '../cgroup'
import type { Atom } from './dependency'
import { emergencyAction } from './emergency-action'
import { processJob } from './job'
import type { Unit } from './unit'
import { isActiveOrActivating, isActiveOrReloading, isInactiveOrDeactivating, isInactiveOrFailed, type UnitActiveState } from './unit-state'
import { formatBytes } from './format-bytes'

export function unitNotify(unit: Unit, before: UnitActiveState, after: UnitActiveState, reloadSuccess = true): void {
  const { manager } = unit
  if (!manager.reloading) {
    const now = unit.now()
    unit.stateChange = now
    if (isInactiveOrFailed(before) && !isInactiveOrFailed(after)) unit.inactiveExit = now
    else if (!isInactiveOrFailed(before) && isInactiveOrFailed(after)) unit.inactiveEnter = now
    if (!isActiveOrReloading(before) && isActiveOrReloading(after)) unit.activeEnter = now
    else if (isActiveOrReloading(before) && !isActiveOrReloading(after)) unit.activeExit = now
  }
  manager.updateFailed(unit, after === 'failed')
  if (isInactiveOrFailed(after) && before !== after) pruneCgroup(unit)
  if (before !== after || manager.traces)
    manager.emit({ type: 'unit', unit: unit.id, activeState: after, subState: unit.subState(), before })

  if (!manager.reloading) {
    // A change that nobody ordered takes the dependencies along after the fact.
    const unexpected = unit.job === undefined ? true : processJob(unit.job, after, reloadSuccess)
    if (unexpected) {
      if (isInactiveOrFailed(before) && isActiveOrActivating(after)) startRetroactively(unit)
      else if (isActiveOrActivating(before) && isInactiveOrDeactivating(after)) stopRetroactively(unit)
    }
    if (!isInactiveOrFailed(before) && isInactiveOrFailed(after)) logResources(unit)
  }
  manager.recheckJournal(unit)

  if (!manager.reloading) {
    if (before !== after && after === 'failed') startOnTermination(unit, 'on-failure')
    else if (!isInactiveOrFailed(before) && after === 'inactive') startOnTermination(unit, 'on-success')
  }
  triggerNotify(unit)

  if (!manager.reloading) {
    if (before !== 'failed' && after === 'failed') emergencyAction(manager, unit.config.Unit.FailureAction, `unit ${unit.id} failed`, unit)
    else if (!isInactiveOrFailed(before) && after === 'inactive')
      emergencyAction(manager, unit.config.Unit.SuccessAction, `unit ${unit.id} succeeded`, unit)
    manager.addToStopWhenUnneededQueue(unit)
    manager.addDependantsToQueues(unit)
    manager.addToGcQueue(unit)
  }
  manager.addToBusQueue(unit)
}

function startRetroactively(unit: Unit): void {
  const { manager } = unit
  for (const other of unit.dependencyList('retroactive-start-replace'))
    if (!unit.hasDependency('after', other) && !isActiveOrActivating(other.activeState())) manager.addJob('start', other, 'replace')
  for (const other of unit.dependencyList('retroactive-start-fail'))
    if (!unit.hasDependency('after', other) && !isActiveOrActivating(other.activeState())) manager.addJob('start', other, 'fail')
  for (const other of unit.dependencyList('retroactive-stop-on-start'))
    if (!isInactiveOrDeactivating(other.activeState())) manager.addJob('stop', other, 'replace')
}

function stopRetroactively(unit: Unit): void {
  for (const other of unit.dependencyList('retroactive-stop-on-stop'))
    if (!isInactiveOrDeactivating(other.activeState())) unit.manager.addJob('stop', other, 'replace')
}

/** OnFailure= and OnSuccess=. */
export function startOnTermination(unit: Unit, atom: 'on-failure' | 'on-success'): void {
  const failure = atom === 'on-failure'
  const others = unit.dependencyList(atom satisfies Atom)
  if (others.length === 0) return
  unit.log(6, `Triggering ${failure ? 'OnFailure' : 'OnSuccess'}= dependencies.`)
  const mode = failure ? unit.config.Unit.OnFailureJobMode : unit.config.Unit.OnSuccessJobMode
  for (const other of others) {
    const job = unit.manager.addJob('start', other, mode ?? (failure ? 'replace' : 'fail'))
    if (isBusError(job)) unit.log(4, `Failed to enqueue ${failure ? 'OnFailure' : 'OnSuccess'}= job, ignoring: ${job.message}`)
  }
}

/** Tells the units that trigger this one. */
export function triggerNotify(unit: Unit): void {
  for (const other of unit.dependencyList('triggered-by')) other.vtable.triggerNotify?.(other, unit)
}

/** "Consumed 1.675s CPU time, 2.4M memory peak.": said aloud when it is worth it. */
function logResources(unit: Unit): void {
  if (unit.vtable.hasCgroup !== true) return
  const cpu = unit.lastCpuUsageNsec
  const peak = unit.lastMemoryPeak
  const swap = unit.lastMemorySwapPeak
  const words: string[] = []
  let notable = false
  if (cpu !== undefined) {
    words.push(`${formatTimespan(Math.floor(cpu / 1000), 1000)} CPU time`)
    notable ||= cpu > 1_000_000_000
  }
  const wall = unit.inactiveEnter.monotonicUsec - unit.inactiveExit.monotonicUsec
  if (peak !== undefined) {
    if (peak > 0) words.push(`${formatBytes(peak)} memory peak`)
    notable ||= peak > 512 * 1024 * 1024
  }
  if (swap !== undefined) {
    if (swap > 0) words.push(`${formatBytes(swap)} memory swap peak`)
    notable ||= swap > 1024 * 1024
  }
  if (words.length === 0) return
  void wall
  unit.log(notable ? 6 : 7, `Consumed ${words.join(', ')}.`, {
    MESSAGE_ID: messageId.unitResources,
    CPU_USAGE_NSEC: cpu,
    MEMORY_PEAK: peak,
    MEMORY_SWAP_PEAK: swap,
  })
}

// ---------------------------------------------------------------- how a unit ended

export function logSuccess(unit: Unit): void {
  unit.log(6, 'Deactivated successfully.', { MESSAGE_ID: messageId.unitSuccess })
}

export function logFailure(unit: Unit, result: string): void {
  unit.log(4, `Failed with result '${result}'.`, { MESSAGE_ID: messageId.unitFailureResult, UNIT_RESULT: result })
}

export function logSkip(unit: Unit, result: string): void {
  unit.log(6, `Skipped due to '${result}'.`, { MESSAGE_ID: messageId.unitSkipped, UNIT_RESULT: result })
}
