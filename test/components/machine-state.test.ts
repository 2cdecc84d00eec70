import { describe, expect, test } from 'vitest'
import { afterEvent, emptyMachine, failedUnits } from '@/components/machine/machine-state'
import type { UnitRow } from '@/lib/machine/client'

const unit = (id: string, activeState: string): UnitRow => ({
  id,
  description: id,
  loadState: 'loaded',
  activeState,
  subState: activeState,
  mainPid: 0,
  result: 'success',
  restarts: 0,
  sinceUsec: 0,
})

describe('what a page knows of its machine', () => {
  test('patches add, replace and remove', () => {
    let state = afterEvent(emptyMachine, {
      type: 'units',
      changed: [unit('b.service', 'failed'), unit('a.service', 'failed')],
      removed: [],
    })
    expect(failedUnits(state).map((one) => one.id)).toEqual(['a.service', 'b.service'])
    state = afterEvent(state, { type: 'units', changed: [unit('a.service', 'active')], removed: ['b.service'] })
    expect(failedUnits(state)).toEqual([])
    expect([...state.units.keys()]).toEqual(['a.service'])
  })

  test('an event that is no concern of it changes nothing', () => {
    expect(afterEvent(emptyMachine, { type: 'output', terminal: 1, data: 'x' })).toBe(emptyMachine)
    const before = afterEvent(emptyMachine, { type: 'units', changed: [unit('a.service', 'active')], removed: [] })
    expect(afterEvent(before, { type: 'units', changed: [], removed: [] }).units).toBe(before.units)
  })

  test('the journal keeps its last entries', () => {
    const entry = (message: string) => ({ realtimeUsec: 0, unit: '', identifier: '', pid: 1, priority: 6, message })
    const entries = Array.from({ length: 700 }, (_, index) => entry(String(index)))
    const { journal } = afterEvent(emptyMachine, { type: 'journal', entries })
    expect(journal).toHaveLength(500)
    expect(journal.at(-1)?.message).toBe('699')
  })

  test('power and faults', () => {
    expect(afterEvent(emptyMachine, { type: 'power', state: 'off' }).status).toBe('off')
    expect(afterEvent(emptyMachine, { type: 'power', state: 'booting' }).status).toBe('starting')
    expect(afterEvent(emptyMachine, { type: 'fault', message: 'x' })).toMatchObject({ status: 'crashed', fault: 'x' })
  })
})
