// Garbage collection of units: what nobody needs, references or looks at leaves memory. A mark and sweep over `ReferencedBy`.
import type { Manager } from './manager'
import type { Unit } from './unit'
import { isInactiveOrFailed } from './unit-state'

/** Marks relative to a sweep's number: being visited, unsure, good, bad. */
const PATH = 0
const UNSURE = 1
const GOOD = 2
const BAD = 3
const STEP = 4

export function mayCollect(unit: Unit): boolean {
  if (unit.perpetual) return false
  if (unit.job !== undefined || unit.nopJob !== undefined) return false
  if (unit.refs.size > 0) return false
  if (unit.manager.isReferencedByClients(unit)) return false
  const state = unit.activeState()
  // A dead unit whose processes linger is kept, so that they stay visible.
  if (isInactiveOrFailed(state) && unit.cgroupPath !== undefined && unit.manager.isCgroupPopulated(unit)) return false
  if (unit.config.Unit.CollectMode === 'inactive-or-failed') {
    if (!isInactiveOrFailed(state)) return false
  } else if (state !== 'inactive') return false
  if (unit.loadState === 'stub' && unit.inLoadQueue) return false
  return unit.vtable.mayGc?.(unit) ?? true
}

/** Sweeps the units queued for it; true when some were removed. */
export function collectUnits(manager: Manager): boolean {
  if (manager.gcQueue.size === 0) return manager.cleanup()
  const marker = manager.nextGcMarker(STEP)
  for (const unit of manager.gcQueue.takeAll()) {
    sweep(unit, marker)
    if (unit.gcMarker === marker + BAD || unit.gcMarker === marker + UNSURE) {
      unit.gcMarker = marker + BAD
      manager.addToCleanupQueue(unit)
    }
  }
  return manager.cleanup()
}

function sweep(unit: Unit, marker: number): void {
  if (unit.gcMarker >= marker) return
  if (unit.inCleanupQueue) {
    unit.gcMarker = marker + BAD
    return
  }
  if (!mayCollect(unit)) {
    markGood(unit, marker)
    return
  }
  unit.gcMarker = marker + PATH
  let allBad = true
  for (const other of unit.dependencies('referenced-by')) {
    sweep(other, marker)
    if (other.gcMarker === marker + GOOD) {
      markGood(unit, marker)
      return
    }
    if (other.gcMarker !== marker + BAD) allBad = false
  }
  // In a cycle nobody is sure: whoever started the sweep decides.
  unit.gcMarker = marker + (allBad ? BAD : UNSURE)
}

function markGood(unit: Unit, marker: number): void {
  unit.gcMarker = marker + GOOD
  for (const other of unit.dependencies('references')) if (other.gcMarker === marker + UNSURE) markGood(other, marker)
}
