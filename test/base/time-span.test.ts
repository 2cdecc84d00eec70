import { describe, expect, test } from 'vitest'
import {
  formatTimespan,
  parseNsec,
  parseSec,
  parseSecFixInfinity,
  parseSecFixZero,
  parseTime,
  parseTimeExact,
  USEC_INFINITY,
  USEC_INFINITY_EXACT,
} from '@/lib/base'

describe('time spans', () => {
  test.each([
    ['5', 5_000_000],
    ['1min 30', 90_000_000],
    ['1s500ms', 1_500_000],
    ['2.5h', 9_000_000_000],
    ['.5s', 500_000],
    ['1M', 2_629_800_000_000],
    ['1y', 31_557_600_000_000],
    ['1 μs', 1],
    ['1 µs', 1],
    [' infinity ', USEC_INFINITY],
    ['0.0000001s', 0],
    ['1h + 1s', 'EINVAL'],
    ['1h - 1s', 'ERANGE'],
    ['1.s', 'EINVAL'],
    ['1.5.5s', 'EINVAL'],
    ['', 'EINVAL'],
    ['INFINITY', 'EINVAL'],
    ['1mon', 'EINVAL'],
    ['584543y', 'ERANGE'],
    ['99999999999999999999', 'ERANGE'],
  ])('%j', (text, usec) => expect(parseSec(text)).toBe(usec))

  test('a bare number counts in the unit asked for', () => {
    expect(parseTime('3', 60_000_000)).toBe(180_000_000)
    expect(parseNsec('50us 3')).toBe(50_003)
  })

  test('settings that mean forever', () => {
    expect(parseSecFixZero('0')).toBe(USEC_INFINITY)
    expect(parseSecFixInfinity(' ')).toBe(USEC_INFINITY)
    expect(parseSecFixInfinity('0')).toBe(0)
  })

  test('exact beyond 2^53', () => {
    expect(parseTimeExact('384592 year 1us 29.0 second 37ms 4138min')).toBe(12_136_800_747_509_037_001n)
    expect(parseTimeExact('infinity')).toBe(USEC_INFINITY_EXACT)
  })

  test.each([
    [0, 1, '0'],
    [USEC_INFINITY, 1, 'infinity'],
    [1_500_000, 1, '1.500000s'],
    [1_500_000, 1000, '1.500s'],
    [1_500_000, 1_000_000, '1s'],
    [90_000_000, 1_000_000, '1min 30s'],
    [31_536_000_000_000, 1, '11month 4w 2d 4h 30min'],
    [999_999, 0, '999.999ms'],
    [60_000_001, 0, '1min 1us'],
    [1_500, 1_000_000, '1ms'],
  ])('%s µs to %s µs', (usec, accuracy, text) => expect(formatTimespan(usec, accuracy)).toBe(text))
})
