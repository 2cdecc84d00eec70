import { describe, expect, test } from 'vitest'
import { formatTimestamp, localTimeOf, parseTimestamp } from '@/lib/base'
import { formatCalendarSpec, nextElapse, parseCalendarSpec } from '@/lib/systemd/calendar'

const NOW = 1_768_480_496

function normal(text: string, tz = 'UTC'): string {
  const local = localTimeOf(tz, undefined, NOW)
  const spec = parseCalendarSpec(text, local)
  return typeof spec === 'string' ? spec : formatCalendarSpec(spec, local)
}

/** The elapses after a time, in UTC without the weekday; then why there are no more. */
function elapses(text: string, tz: string, base: string, count = 3): readonly string[] {
  const local = localTimeOf(tz, undefined, NOW)
  const from = parseTimestamp(base, { local, nowUsec: NOW * 1e6, tz })
  const spec = parseCalendarSpec(text, local)
  if (typeof spec === 'string' || typeof from === 'string') return ['not parsed']
  const found: string[] = []
  let after = from
  for (let turn = 0; turn < count; turn++) {
    const next = nextElapse(spec, after, local)
    if (typeof next === 'string') return [...found, next]
    found.push(formatTimestamp(next, local, 'utc')!.slice(4, -4))
    after = next
  }
  return found
}

describe('normal forms', () => {
  test.each([
    ['daily', '*-*-* 00:00:00'],
    ['anually', '*-01-01 00:00:00'],
    ['Mon-Fri 9:5', 'Mon..Fri *-*-* 09:05:00'],
    ['Sat,Sun,Mon', 'Mon,Sat,Sun *-*-* 00:00:00'],
    ['1..12/3-1', '*-01..10/3-01 00:00:00'],
    ['*:0/15', '*-*-* *:00/15:00'],
    ['Mon *-*~07/1', 'Mon *-*~07/1 00:00:00'],
    ['69-1-1', '2069-01-01 00:00:00'],
    ['*:*:*', '*-*-* *:*:*'],
    ['*:*:0.5..3/0.25', '*-*-* *:*:00.500000..03/0.250000'],
    ['@1395716396', '2014-03-25 02:59:56 UTC'],
    ['12:00 Europe/Berlin', '*-*-* 12:00:00 Europe/Berlin'],
    ['12:00 cet', '*-*-* 12:00:00', 'Asia/Tokyo'],
    ['25:00', 'EINVAL'],
    ['Sun..Mon', 'EINVAL'],
    ['*:0/60', 'EINVAL'],
    ['2200-1-1', 'EINVAL'],
    ['every day', 'EINVAL'],
    ['', 'EINVAL'],
  ])('%j', (text, expected, tz = 'UTC') => expect(normal(text, tz)).toBe(tz === 'UTC' ? expected : 'EINVAL'))
})

describe('elapses', () => {
  test('plain', () => {
    expect(elapses('*-02-29', 'UTC', '2026-01-01 UTC')).toEqual(['2028-02-29 00:00:00', '2032-02-29 00:00:00', '2036-02-29 00:00:00'])
    expect(elapses('*-*~01', 'UTC', '2026-01-15 UTC')).toEqual(['2026-01-31 00:00:00', '2026-02-28 00:00:00', '2026-03-31 00:00:00'])
    expect(elapses('2020-01-01', 'UTC', '2026-01-15 UTC')).toEqual(['ENOENT'])
    expect(elapses('*-*-1/7', 'UTC', '2026-12-30 UTC', 2)).toEqual(['2027-01-01 00:00:00', '2027-01-08 00:00:00'])
  })

  test('in the hole of a clock change the next real time is taken', () => {
    expect(elapses('02:30', 'Europe/Berlin', '2026-03-28 12:00 UTC', 2)).toEqual(['2026-03-30 00:30:00', '2026-03-31 00:30:00'])
    expect(elapses('*:30', 'Europe/Berlin', '2026-03-29 00:10 UTC')).toEqual([
      '2026-03-29 00:30:00',
      '2026-03-29 01:30:00',
      '2026-03-29 02:30:00',
    ])
  })

  test('in the fold the second hour is left out', () => {
    expect(elapses('*:21', 'America/New_York', '2026-11-01 04:30 UTC')).toEqual([
      '2026-11-01 05:21:00',
      '2026-11-01 07:21:00',
      '2026-11-01 08:21:00',
    ])
  })

  test('where summer time is the lower one', () => {
    expect(elapses('hourly', 'Europe/Dublin', '2026-03-29 00:10 UTC', 2)).toEqual(['2026-03-29 01:00:00', '2026-03-29 02:00:00'])
    expect(elapses('00:30', 'Europe/Dublin', '2026-03-29 00:30 UTC', 1)).toEqual(['2026-03-29 23:30:00'])
  })

  test('a season that was asked for and is over', () => {
    expect(elapses('daily CEST', 'Europe/Berlin', '2026-01-15 UTC')).toEqual(['ENOENT'])
    expect(elapses('*:08 CEST', 'Europe/Berlin', '2026-10-25 00:30 UTC')).toEqual(['2026-10-25 02:08:00', 'ENOENT'])
  })

  test('walks that go round in circles give up', () => {
    expect(elapses('0/5:19', 'America/Santiago', '2026-09-06 00:19 UTC', 1)).toEqual(['EDEADLK'])
  })
})
