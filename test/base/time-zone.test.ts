import { describe, expect, test } from 'vitest'
import {
  formatTimestamp,
  formatTimestampRelative,
  LocalTime,
  localTimeOf,
  localTypeAt,
  parseTimestamp,
  timeZone,
  timeZoneIsValid,
  timeZoneNames,
  timeZoneOfText,
  TZDATA_VERSION,
  type TimestampContext,
} from '@/lib/base'

const NOW = 1_768_480_496

const context = (tz: string): TimestampContext => ({ local: localTimeOf(tz, undefined, NOW), nowUsec: NOW * 1e6, tz })
const shown = (tz: string, text: string): string | undefined => {
  const usec = parseTimestamp(text, context(tz))
  return typeof usec === 'string' ? usec : formatTimestamp(usec, context(tz).local, 'us')
}

describe('time zones', () => {
  test('the table is that of Debian 13, without legacy names', () => {
    expect(TZDATA_VERSION).toBe('2026f')
    expect(timeZoneIsValid('Europe/Berlin')).toBe(true)
    expect(timeZoneIsValid('US/Eastern')).toBe(false)
    expect(timeZoneNames().length).toBeGreaterThan(450)
  })

  test.each([
    ['Europe/Berlin', 1_768_480_496, 3600, 'CET'],
    ['Europe/Berlin', 1_783_000_000, 7200, 'CEST'],
    // Beyond the table the rule goes on.
    ['Europe/Berlin', 4_120_000_000, 7200, 'CEST'],
    ['Pacific/Apia', 1_325_203_199, -36_000, '-10'],
    ['Pacific/Apia', 1_325_239_200, 50_400, '+14'],
    // Cuba keeps summer time through the winter of 2026.
    ['America/Havana', 1_796_000_000, -14_400, 'CDT'],
    ['America/Havana', 1_832_000_000, -18_000, 'CST'],
    ['Australia/Lord_Howe', 1_768_480_496, 39_600, '+11'],
    ['Africa/Monrovia', 0, -2670, 'MMT'],
  ])('%s at %d', (name, seconds, offset, abbreviation) => {
    expect(localTypeAt(timeZone(name)!, seconds)).toMatchObject({ offset, abbreviation })
  })

  test.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', 1_783_000_000, 7200],
    ['<-03>3', NOW, -10_800],
    ['EST5EDT', 1_783_000_000, -14_400],
    ['nonsense', NOW, 0],
    [':Asia/Tokyo', NOW, 32_400],
  ])('TZ=%s', (text, seconds, offset) => expect(localTypeAt(timeZoneOfText(text), seconds).offset).toBe(offset))

  test('mktime in the hole and in the fold of a clock change', () => {
    const berlin = new LocalTime(timeZone('Europe/Berlin')!, NOW)
    const at = (mon: number, mday: number, hour: number, min: number, isdst: number) =>
      berlin.mktime({ sec: 0, min, hour, mday, mon, year: 126, wday: 0, yday: 0, isdst, gmtoff: 0, zone: '' })
    expect(at(2, 29, 2, 30, -1)).toBe(Date.parse('2026-03-29T01:30Z') / 1000)
    expect(at(9, 25, 2, 30, 1)).toBe(Date.parse('2026-10-25T00:30Z') / 1000)
    expect(at(9, 25, 2, 30, 0)).toBe(Date.parse('2026-10-25T01:30Z') / 1000)
  })
})

describe('timestamps', () => {
  test.each([
    ['UTC', 'now', 'Thu 2026-01-15 12:34:56.000000 UTC'],
    ['Europe/Berlin', 'yesterday', 'Wed 2026-01-14 00:00:00.000000 CET'],
    ['UTC', '+1h30min', 'Thu 2026-01-15 14:04:56.000000 UTC'],
    ['UTC', '5 ago', 'Thu 2026-01-15 12:34:51.000000 UTC'],
    ['UTC', '2012-11-23T11:12:13+02:00', 'Fri 2012-11-23 09:12:13.000000 UTC'],
    ['UTC', '2012-02-30', 'Thu 2012-03-01 00:00:00.000000 UTC'],
    ['UTC', '2012-11-23 11:12:13.1234567', 'Fri 2012-11-23 11:12:13.123457 UTC'],
    ['Asia/Kolkata', '2021-06-08 07:06:41 America/New_York', 'Tue 2021-06-08 16:36:41.000000 IST'],
    ['Europe/Berlin', '2012-07-23 11:12:13 CET', 'Mon 2012-07-23 12:12:13.000000 CEST'],
    ['UTC', 'Fri 2012-11-22', 'EINVAL'],
    ['UTC', '70-11-19T06:48:50', 'ERANGE'],
    ['UTC', 'now UTC', 'EINVAL'],
    ['UTC', '@0', undefined],
  ])('TZ=%s %j', (tz, text, expected) => expect(shown(tz, text)).toBe(expected))

  test('from now', () => {
    const relative = (seconds: number) => formatTimestampRelative((NOW + seconds) * 1e6, NOW * 1e6)
    expect([-1, 0, 61, 3600, 90_000, 86_400 * 9, 86_400 * 400].map(relative)).toEqual([
      '1s ago',
      'now',
      '1min 1s left',
      '1h 0min left',
      '1 day 1h left',
      '1 week 2 days left',
      '1 year 1 month left',
    ])
  })
})
