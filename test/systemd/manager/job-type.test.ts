import { describe, expect, test } from 'vitest'
import { collapseType, isConflicting, isRedundant, isSuperset, jobTypes, mergeTypes } from '@/lib/systemd/manager/job-type'
import { unitActiveStates } from '@/lib/systemd/manager/unit-state'

describe('merging', () => {
  test.each([
    ['start', 'start', 'start'],
    ['start', 'verify-active', 'start'],
    ['start', 'reload', 'reload-or-start'],
    ['start', 'restart', 'restart'],
    ['reload', 'restart', 'restart'],
    ['verify-active', 'reload', 'reload'],
    ['start', 'stop', undefined],
    ['stop', 'restart', undefined],
    ['stop', 'verify-active', undefined],
    ['stop', 'stop', 'stop'],
  ] as const)('%s with %s is %s', (one, other, merged) => {
    expect(mergeTypes(one, other)).toBe(merged)
    expect(mergeTypes(other, one)).toBe(merged)
  })

  test('what merges into itself covers the other', () => {
    expect(isSuperset('start', 'verify-active')).toBe(true)
    expect(isSuperset('restart', 'start')).toBe(true)
    expect(isSuperset('start', 'restart')).toBe(false)
  })

  test('a conflict is what cannot be merged; nop conflicts with nothing', () => {
    for (const one of jobTypes) expect(isConflicting('nop', one)).toBe(false)
    expect(isConflicting('stop', 'start')).toBe(true)
  })
})

describe('what a request means in a state', () => {
  test.each([
    ['try-restart', 'inactive', 'nop'],
    ['try-restart', 'deactivating', 'nop'],
    ['try-restart', 'active', 'restart'],
    ['try-reload', 'failed', 'nop'],
    ['try-reload', 'active', 'reload'],
    ['reload-or-start', 'inactive', 'start'],
    ['reload-or-start', 'active', 'reload'],
  ] as const)('%s of a unit that is %s: %s', (type, state, meaning) => {
    expect(collapseType(type, state)).toBe(meaning)
  })

  test('a restart is never redundant', () => {
    for (const state of unitActiveStates) expect(isRedundant('restart', state)).toBe(false)
  })

  test('starting what is up and stopping what is down is redundant', () => {
    expect(isRedundant('start', 'active')).toBe(true)
    expect(isRedundant('start', 'activating')).toBe(false)
    expect(isRedundant('stop', 'failed')).toBe(true)
    expect(isRedundant('stop', 'deactivating')).toBe(false)
  })
})
