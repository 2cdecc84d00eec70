// The manager's queues, each with its reason; `dispatchQueues` empties them in systemd's order before any event is looked at.
import type { Syscall } from '@/lib/kernel'
import { isBusError } from '../bus'
import { loadUnit } from './unit-load'
import type { Manager } from './manager'
import type { Unit } from './unit'
import { isActiveOrReloading, isInactiveOrFailed } from './unit-state'
import { collectUnits } from './unit-gc'

/** True when something was done: then start again from the first queue. */
export function* dispatchQueues(manager: Manager): Syscall<boolean> {
  if (dispatchLoadQueue(manager)) return true
  if (collectUnits(manager)) return true
  if (yield* dispatchCgroupRealizeQueue(manager)) return true
  if (dispatchStartWhenUpheld(manager)) return true
  if (dispatchStopWhenBound(manager)) return true
  if (dispatchStopWhenUnneeded(manager)) return true
  if (yield* manager.runEffects()) return true
  if (manager.logger.pending) {
    yield* manager.logger.flush()
    return true
  }
  return yield* manager.dispatchBusQueue()
}

/** Loads what was named but not read; a stack in effect: what a unit names is read right after it. */
export function dispatchLoadQueue(manager: Manager): boolean {
  let any = false
  for (let unit = manager.loadQueue.pop(); unit !== undefined; unit = manager.loadQueue.pop()) {
    any = true
    unit.inLoadQueue = false
    if (unit.loadState === 'stub') loadUnit(unit)
  }
  manager.addTargetDependencies()
  return any
}

function* dispatchCgroupRealizeQueue(manager: Manager): Syscall<boolean> {
  const units = manager.cgroupRealizeQueue.takeAll()
  for (const unit of units) yield* manager.realizeNow(unit)
  return units.length > 0
}

/** Upholds=: whoever upholds a unit wants it up again. */
function dispatchStartWhenUpheld(manager: Manager): boolean {
  const units = manager.startWhenUpheldQueue.takeAll()
  for (const unit of units) {
    const culprit = upholder(unit)
    if (culprit === undefined || (unit.activeOrPending() && unit.job === undefined)) continue
    if (unit.job !== undefined) continue
    unit.log(7, `Unit is not running but upheld by ${culprit.id}.`)
    if (!unit.autoStartStop.below(manager.process.monotonicUsec)) {
      unit.log(
        4,
        `Unit needs to be started because active unit ${culprit.id} upholds it, but not starting since we tried this too often recently.`,
      )
      manager.retryLater(unit, () => manager.startWhenUpheldQueue.add(unit))
      continue
    }
    const job = manager.addJob('start', unit, 'fail')
    if (isBusError(job)) unit.log(4, `Failed to enqueue start job, ignoring: ${job.message}`)
  }
  return units.length > 0
}

function upholder(unit: Unit): Unit | undefined {
  for (const other of unit.dependencies('start-steadily')) {
    if (other.job !== undefined) continue
    if (isActiveOrReloading(other.activeState()) && isInactiveOrFailed(unit.activeState())) return other
  }
  return undefined
}

/** BindsTo=: what we are bound to has gone. */
function dispatchStopWhenBound(manager: Manager): boolean {
  const units = manager.stopWhenBoundQueue.takeAll()
  for (const unit of units) {
    const culprit = vanished(unit)
    if (culprit === undefined) continue
    unit.log(7, `Unit is stopped because bound to inactive unit ${culprit.id}.`)
    if (!unit.autoStartStop.below(manager.process.monotonicUsec)) {
      unit.log(
        4,
        `Unit needs to be stopped because it is bound to inactive unit ${culprit.id} it, but not stopping since we tried this too often recently.`,
      )
      manager.retryLater(unit, () => manager.stopWhenBoundQueue.add(unit))
      continue
    }
    const job = manager.addJob('stop', unit, 'replace')
    if (isBusError(job)) unit.log(4, `Failed to enqueue stop job, ignoring: ${job.message}`)
  }
  return units.length > 0
}

function vanished(unit: Unit): Unit | undefined {
  if (unit.job !== undefined || !isActiveOrReloading(unit.activeState())) return undefined
  for (const other of unit.dependencies('cannot-be-active-without')) {
    if (other.job !== undefined) continue
    if (isInactiveOrFailed(other.activeState())) return other
  }
  return undefined
}

/** StopWhenUnneeded=: nobody that is up needs it. */
function dispatchStopWhenUnneeded(manager: Manager): boolean {
  const units = manager.stopWhenUnneededQueue.takeAll()
  for (const unit of units) {
    if (!isUnneeded(unit)) continue
    unit.log(7, 'Unit is not needed anymore.')
    if (!unit.autoStartStop.below(manager.process.monotonicUsec)) {
      unit.log(4, 'Unit not needed anymore, but not stopping since we tried this too often recently.')
      manager.retryLater(unit, () => manager.stopWhenUnneededQueue.add(unit))
      continue
    }
    const job = manager.addJob('stop', unit, 'fail')
    if (isBusError(job)) unit.log(4, `Failed to enqueue stop job, ignoring: ${job.message}`)
  }
  return units.length > 0
}

export function isUnneeded(unit: Unit): boolean {
  if (!unit.config.Unit.StopWhenUnneeded) return false
  const state = unit.activeState()
  if (isInactiveOrFailed(state) || state === 'deactivating') return false
  if (unit.job !== undefined) return false
  for (const other of unit.dependencies('pins-stop-when-unneeded'))
    if (other.job !== undefined || !isInactiveOrFailed(other.activeState())) {
      if (other.activeOrPending() || other.activeState() === 'deactivating') return false
    }
  return true
}
