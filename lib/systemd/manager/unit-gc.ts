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
  // Whom its end has called is still to ask how it ended.
  for (const other of unit.dependencies('on-success')) if (other.job !== undefined) return false
  for (const other of unit.dependencies('on-failure')) if (other.job !== undefined) return false
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

type Visit = { readonly unit: Unit; readonly next: Iterator<Unit>; allBad: boolean }

/** A walk along `ReferencedBy` without recursion: chains of units may be long. */
function sweep(start: Unit, marker: number): void {
  const way: Visit[] = []
  const enter = (unit: Unit) => {
    if (unit.gcMarker >= marker) return
    if (unit.inCleanupQueue) unit.gcMarker = marker + BAD
    else if (!mayCollect(unit)) markGood(unit, marker)
    else {
      unit.gcMarker = marker + PATH
      way.push({ unit, next: unit.dependencies('referenced-by'), allBad: true })
    }
  }
  enter(start)
  for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
    if (top.unit.gcMarker !== marker + PATH) {
      // Somebody found that it is needed.
      way.pop()
      continue
    }
    const { value: other, done } = top.next.next()
    if (done) {
      // In a cycle nobody is sure: whoever started the sweep decides.
      top.unit.gcMarker = marker + (top.allBad ? BAD : UNSURE)
      way.pop()
      const above = way.at(-1)
      if (above !== undefined && !top.allBad) above.allBad = false
      continue
    }
    const depth = way.length
    enter(other)
    if (way.length > depth) continue
    if (other.gcMarker === marker + GOOD) markGood(top.unit, marker)
    else if (other.gcMarker !== marker + BAD) top.allBad = false
  }
}

function markGood(start: Unit, marker: number): void {
  start.gcMarker = marker + GOOD
  const pending = [start]
  for (let unit = pending.pop(); unit !== undefined; unit = pending.pop())
    for (const other of unit.dependencies('references'))
      if (other.gcMarker === marker + UNSURE || other.gcMarker === marker + PATH) {
        other.gcMarker = marker + GOOD
        pending.push(other)
      }
}
