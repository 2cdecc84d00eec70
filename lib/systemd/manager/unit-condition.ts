// After systemd.unit(5), Condition…= and Assert…=: whether a unit is to start at all here and now.
import type { ConditionValue } from '../directives'
import { evaluateCondition } from '../condition'
import type { Unit } from './unit'

/** 1 met, -1 not met, 0 not looked at. */
function testList(
  unit: Unit,
  list: readonly ConditionValue[],
  word: 'Condition' | 'Assert',
): { readonly met: boolean; readonly states: number[] } {
  const states = list.map(() => 0)
  if (list.length === 0) return { met: true, states }
  const facts = unit.manager.hostFacts()
  let triggered: boolean | undefined
  for (const [index, one] of list.entries()) {
    // Trigger conditions are looked at until one is met.
    if (one.trigger && triggered === true) continue
    const met = evaluateCondition(one, facts)
    states[index] = met ? 1 : -1
    unit.log(7, `${word}${one.type}=${one.trigger ? '|' : ''}${one.negate ? '!' : ''}${one.parameter} ${met ? 'succeeded' : 'failed'}.`)
    if (!one.trigger && !met) return { met: false, states }
    if (one.trigger) triggered = triggered === true || met
  }
  return { met: triggered !== false, states }
}

export function testConditions(unit: Unit): boolean {
  const { met, states } = testList(unit, unit.config.Unit.Conditions, 'Condition')
  unit.conditionTimestamp = unit.now()
  unit.conditionResult = met
  unit.conditionStates = states
  unit.manager.addToBusQueue(unit)
  return met
}

export function testAsserts(unit: Unit): boolean {
  const { met, states } = testList(unit, unit.config.Unit.Asserts, 'Assert')
  unit.assertTimestamp = unit.now()
  unit.assertResult = met
  unit.assertStates = states
  unit.manager.addToBusQueue(unit)
  return met
}

/** `unmet condition check ConditionPathExists=/x`, or that no trigger was met. */
export function describeFailedCondition(unit: Unit): string {
  const { Conditions } = unit.config.Unit
  const failed = Conditions.filter((_, index) => unit.conditionStates[index] === -1)
  const plain = failed.find((one) => !one.trigger)
  if (plain !== undefined) return `unmet condition check Condition${plain.type}=${plain.negate ? '!' : ''}${plain.parameter}`
  return 'no trigger condition checks were met.'
}
