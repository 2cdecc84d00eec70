// Starting, stopping and reloading, as far as it is the same for all unit types.
import type { Syscall } from '@/lib/kernel'
import type { RunResult } from './job'
import type { Unit } from './unit'
import { testAsserts, testConditions } from './unit-condition'
import { unitNotify } from './unit-notify'
import { isActiveOrReloading, isInactiveOrFailed } from './unit-state'

export function* startUnit(unit: Unit): Syscall<RunResult> {
  const state = unit.activeState()
  if (isActiveOrReloading(state)) return 'already'
  if (state === 'maintenance') return 'again'
  if (unit.loadState !== 'loaded') return 'failed'
  if (unit.vtable.onceOnly && unit.inactiveEnter.monotonicUsec > 0) return 'once'
  // A unit that is coming up already is only hurried on.
  if (state !== 'activating') {
    if (!testConditions(unit)) return 'condition'
    if (!testAsserts(unit)) {
      unit.log(5, 'Starting requested but asserts failed.')
      return 'assert'
    }
  }
  if (!unit.manager.isSupported(unit.type)) return 'unsupported'
  for (const other of unit.dependencies('cannot-be-active-without'))
    if (unit.hasDependency('after', other) && !isActiveOrReloading(other.activeState())) {
      unit.log(5, `Bound to unit ${other.id}, but unit isn't active.`)
      return 'dependency'
    }
  const following = unit.following()
  if (following !== undefined) return yield* startUnit(following)
  if (unit.freezerState === 'frozen' || unit.freezerState === 'freezing') return 'frozen'
  if (unit.vtable.start === undefined) return 'wait'
  const refused = unit.vtable.testStartable?.(unit)
  if (refused !== undefined) return refused
  if (isInactiveOrFailed(state)) forgetAccounting(unit)
  unit.manager.addToBusQueue(unit)
  return yield* unit.vtable.start(unit)
}

export function* stopUnit(unit: Unit): Syscall<RunResult> {
  if (isInactiveOrFailed(unit.activeState())) return 'already'
  const following = unit.following()
  if (following !== undefined) return yield* stopUnit(following)
  if (unit.freezerState === 'frozen') yield* unit.manager.thaw(unit)
  if (unit.vtable.stop === undefined) return 'wait'
  unit.manager.addToBusQueue(unit)
  return yield* unit.vtable.stop(unit)
}

export function* reloadUnit(unit: Unit): Syscall<RunResult> {
  if (unit.loadState !== 'loaded') return 'failed'
  if (!unit.canReload()) return 'skipped'
  const state = unit.activeState()
  if (state === 'reloading' || state === 'refreshing') return 'again'
  if (state !== 'active') {
    unit.log(4, 'Unit cannot be reloaded because it is inactive.')
    return 'invalid'
  }
  const following = unit.following()
  if (following !== undefined) return yield* reloadUnit(following)
  unit.manager.addToBusQueue(unit)
  if (unit.vtable.reload === undefined || unit.vtable.canReload?.(unit) === false) {
    // Only its dependencies reload.
    unitNotify(unit, state, state)
    return 'nothing'
  }
  return yield* unit.vtable.reload(unit)
}

/** What the last run used is of no interest once a new one is tried. */
function forgetAccounting(unit: Unit): void {
  unit.lastCpuUsageNsec = undefined
  unit.lastMemoryPeak = undefined
  unit.lastMemorySwapPeak = undefined
  unit.oomKills = 0
}

/** StartLimit…=: 'again' if the unit was started too often. */
export function testStartLimit(unit: Unit): boolean {
  if (unit.startLimit.below(unit.manager.process.monotonicUsec)) {
    unit.startLimitHit = false
    return true
  }
  unit.log(4, 'Start request repeated too quickly.')
  unit.startLimitHit = true
  forgetAccounting(unit)
  unit.manager.startLimitAction(unit)
  return false
}

/** A fresh id for each run of a unit. */
export function acquireInvocationId(unit: Unit): void {
  const { manager } = unit
  if (unit.invocationId !== '') manager.unitsByInvocation.delete(unit.invocationId)
  unit.invocationId = manager.randomId128()
  manager.unitsByInvocation.set(unit.invocationId, unit)
  manager.exportInvocation(unit)
}
