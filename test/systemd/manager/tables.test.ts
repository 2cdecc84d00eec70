import { describe, expect, test } from 'vitest'
import { dependencyTable, dependencyTypes, dependencyTypesOf } from '@/lib/systemd/manager/dependency'
import { formatBytes } from '@/lib/systemd/manager/format-bytes'
import { RateLimit } from '@/lib/systemd/manager/rate-limit'
import { restartTable } from '@/lib/systemd/units/service/restart'
import { serviceResults, serviceStateTable, serviceStates, startingStates, stoppingStates } from '@/lib/systemd/units/service/state'

test('every dependency is the inverse of its inverse', () => {
  for (const type of dependencyTypes) expect(dependencyTable[dependencyTable[type].inverse].inverse).toBe(type)
})

test('only what requires is dragged down with a stop', () => {
  expect([...dependencyTypesOf('propagate-stop')].sort()).toEqual(['BoundBy', 'ConsistsOf', 'RequiredBy', 'RequisiteOf'])
  expect(dependencyTypesOf('retroactive-stop-on-stop')).toEqual(['BoundBy', 'PropagatesStopTo'])
})

describe('service states', () => {
  test('those on the way down are deactivating, those on the way up activating', () => {
    for (const state of stoppingStates) expect(serviceStateTable[state].active).toBe('deactivating')
    for (const state of startingStates) expect(serviceStateTable[state].active).toBe('activating')
  })

  test('the watchdog only runs where there is a main process', () => {
    for (const state of serviceStates) if (serviceStateTable[state].watchdog) expect(serviceStateTable[state].main).toBe(true)
  })
})

describe('Restart= × result', () => {
  const expected: Record<string, string> = {
    // success resources protocol timeout exit-code signal core-dump watchdog start-limit-hit oom-kill exec-condition
    no: '...........',
    'on-success': 'x..........',
    'on-failure': '.xxxxxxxxx.',
    'on-abnormal': '.xxx.xxxxx.',
    'on-watchdog': '.......x...',
    'on-abort': '.....xx....',
    always: 'xxxxxxxxxx.',
  }
  test.each(Object.entries(expected))('%s', (restart, row) => {
    const back = restartTable[restart as keyof typeof restartTable] as readonly string[]
    expect(serviceResults.map((result) => (back.includes(result) ? 'x' : '.')).join('')).toBe(row)
  })
})

test.each([
  [580608, '567K'],
  [1884160, '1.7M'],
  [41943040, '40M'],
  [1000, '1000B'],
  [1073741824, '1G'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a rate limit lets a burst through and then waits for its window', () => {
  const limit = new RateLimit(10_000_000, 3)
  expect([1, 2, 3, 4].map((second) => limit.below(second * 1_000_000))).toEqual([true, true, true, false])
  expect(limit.below(11_500_000)).toBe(true)
})
