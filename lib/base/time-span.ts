// After systemd.time(7), "Parsing Time Spans", and time-util.c: text ↔ microseconds, exactly, beyond 2^53 too.
import { USEC_INFINITY, USEC_PER_SEC, type Usec } from './clock'

export const USEC_PER_MINUTE = 60 * USEC_PER_SEC
export const USEC_PER_HOUR = 60 * USEC_PER_MINUTE
export const USEC_PER_DAY = 24 * USEC_PER_HOUR
export const USEC_PER_WEEK = 7 * USEC_PER_DAY
/** 30.4375 days, as systemd counts. */
export const USEC_PER_MONTH = 2_629_800 * USEC_PER_SEC
/** 365.25 days. */
export const USEC_PER_YEAR = 31_557_600 * USEC_PER_SEC
/** `infinity` as the 64-bit number that real tools print. */
export const USEC_INFINITY_EXACT = 2n ** 64n - 1n

/** Why a text is no time span, by the name of the errno. */
export type TimeError = 'EINVAL' | 'ERANGE'

const WHITESPACE = ' \t\n\r'
const LONG_MAX = 2n ** 63n - 1n

/** Earlier rows win: the longer of two words with one beginning stands first. */
const MULTIPLIERS: readonly (readonly [suffix: string, usec: bigint])[] = [
  ['seconds', BigInt(USEC_PER_SEC)],
  ['second', BigInt(USEC_PER_SEC)],
  ['sec', BigInt(USEC_PER_SEC)],
  ['s', BigInt(USEC_PER_SEC)],
  ['minutes', BigInt(USEC_PER_MINUTE)],
  ['minute', BigInt(USEC_PER_MINUTE)],
  ['min', BigInt(USEC_PER_MINUTE)],
  ['months', BigInt(USEC_PER_MONTH)],
  ['month', BigInt(USEC_PER_MONTH)],
  ['M', BigInt(USEC_PER_MONTH)],
  ['msec', 1000n],
  ['ms', 1000n],
  ['m', BigInt(USEC_PER_MINUTE)],
  ['hours', BigInt(USEC_PER_HOUR)],
  ['hour', BigInt(USEC_PER_HOUR)],
  ['hr', BigInt(USEC_PER_HOUR)],
  ['h', BigInt(USEC_PER_HOUR)],
  ['days', BigInt(USEC_PER_DAY)],
  ['day', BigInt(USEC_PER_DAY)],
  ['d', BigInt(USEC_PER_DAY)],
  ['weeks', BigInt(USEC_PER_WEEK)],
  ['week', BigInt(USEC_PER_WEEK)],
  ['w', BigInt(USEC_PER_WEEK)],
  ['years', BigInt(USEC_PER_YEAR)],
  ['year', BigInt(USEC_PER_YEAR)],
  ['y', BigInt(USEC_PER_YEAR)],
  ['usec', 1n],
  ['us', 1n],
  ['\u03bcs', 1n],
  ['\u00b5s', 1n],
]

/** The same in nanoseconds, with the words for them; for `parseNsec`. */
const NSEC_MULTIPLIERS: readonly (readonly [suffix: string, nsec: bigint])[] = [
  ...MULTIPLIERS.map(([suffix, usec]) => [suffix, usec * 1000n] as const),
  ['nsec', 1n],
  ['ns', 1n],
]

function skipWhile(text: string, at: number, set: string): number {
  let index = at
  while (index < text.length && set.includes(text[index]!)) index += 1
  return index
}

function parseSpan(text: string, defaultUnit: bigint, table: readonly (readonly [string, bigint])[]): bigint | TimeError {
  let at = skipWhile(text, 0, WHITESPACE)
  if (text.startsWith('infinity', at)) {
    return skipWhile(text, at + 8, WHITESPACE) === text.length ? USEC_INFINITY_EXACT : 'EINVAL'
  }
  let total = 0n
  for (let something = false; ; something = true) {
    at = skipWhile(text, at, WHITESPACE)
    if (at === text.length) return something ? total : 'EINVAL'
    if (text[at] === '-') return 'ERANGE'

    // The whole part, as strtoll(3) reads it: white space, an optional sign, digits.
    const whole = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text.slice(at))
    const value = whole ? BigInt(whole[1]!) : 0n
    const wholeEnd = at + (whole ? whole[0].length : 0)
    if (value > LONG_MAX || value < 0n) return 'ERANGE'

    const fraction = text[wholeEnd] === '.'
    if (!fraction && whole === null) return 'EINVAL'
    const numberEnd = fraction ? skipWhile(text, wholeEnd + 1, '0123456789') : wholeEnd

    const wordAt = skipWhile(text, numberEnd, WHITESPACE)
    const row = table.find(([suffix]) => text.startsWith(suffix, wordAt))
    const multiplier = row ? row[1] : defaultUnit
    const next = row ? wordAt + row[0].length : wordAt
    // Two numbers need something between them: `12.34.56` is refused, `12.34 .56` is not.
    if (next === numberEnd && next < text.length) return 'EINVAL'

    if (value >= USEC_INFINITY_EXACT / multiplier) return 'ERANGE'
    if (value * multiplier >= USEC_INFINITY_EXACT - total) return 'ERANGE'
    total += value * multiplier

    if (fraction) {
      if (numberEnd === wholeEnd + 1) return 'EINVAL'
      let share = multiplier / 10n
      for (let digit = wholeEnd + 1; digit < numberEnd; digit++, share /= 10n) {
        const more = BigInt(text[digit]!) * share
        if (more >= USEC_INFINITY_EXACT - total) return 'ERANGE'
        total += more
      }
    }
    at = next
  }
}

/** Microseconds as an exact integer; `USEC_INFINITY_EXACT` for `infinity`. A bare number counts in `defaultUnit`. */
export function parseTimeExact(text: string, defaultUnit: number = USEC_PER_SEC): bigint | TimeError {
  return parseSpan(text, BigInt(defaultUnit), MULTIPLIERS)
}

/** A bare number counts in `defaultUnit` microseconds. */
export function parseTime(text: string, defaultUnit: number = USEC_PER_SEC): Usec | TimeError {
  const exact = parseTimeExact(text, defaultUnit)
  if (typeof exact === 'string') return exact
  return exact === USEC_INFINITY_EXACT ? USEC_INFINITY : Number(exact)
}

/** A bare number counts in seconds. */
export function parseSec(text: string): Usec | TimeError {
  return parseTime(text, USEC_PER_SEC)
}

/** As `parseSec`, but zero means infinity (`TimeoutStartSec=` and its like). */
export function parseSecFixZero(text: string): Usec | TimeError {
  const usec = parseSec(text)
  return usec === 0 ? USEC_INFINITY : usec
}

/** As `parseSec`, but an empty text means infinity. */
export function parseSecFixInfinity(text: string): Usec | TimeError {
  return skipWhile(text, 0, WHITESPACE) === text.length ? USEC_INFINITY : parseSec(text)
}

/** Nanoseconds; a bare number is one (`TimerSlackNSec=`). */
export function parseNsec(text: string): number | TimeError {
  const exact = parseSpan(text, 1n, NSEC_MULTIPLIERS)
  if (typeof exact === 'string') return exact
  return exact === USEC_INFINITY_EXACT ? USEC_INFINITY : Number(exact)
}

const UNITS: readonly (readonly [suffix: string, usec: bigint])[] = [
  ['y', BigInt(USEC_PER_YEAR)],
  ['month', BigInt(USEC_PER_MONTH)],
  ['w', BigInt(USEC_PER_WEEK)],
  ['d', BigInt(USEC_PER_DAY)],
  ['h', BigInt(USEC_PER_HOUR)],
  ['min', BigInt(USEC_PER_MINUTE)],
  ['s', BigInt(USEC_PER_SEC)],
  ['ms', 1000n],
  ['us', 1n],
]

function powerOfTen(value: bigint): number {
  let power = 0
  for (let rest = value; rest > 1n; rest /= 10n) power += 1
  return power
}

/** `1h 30min`, `1.500s`: what FORMAT_TIMESPAN prints; parts below `accuracyUsec` are left out. */
export function formatTimespan(usec: Usec | bigint, accuracyUsec: number = USEC_PER_SEC): string {
  if (usec === USEC_INFINITY || usec === USEC_INFINITY_EXACT) return 'infinity'
  let rest = typeof usec === 'bigint' ? usec : BigInt(Math.trunc(usec))
  if (rest <= 0n) return '0'
  const accuracy = BigInt(accuracyUsec)
  const parts: string[] = []
  for (const [suffix, unit] of UNITS) {
    if (rest <= 0n || (rest < accuracy && parts.length > 0)) break
    if (rest < unit) continue
    const whole = rest / unit
    const below = rest % unit
    const digits = powerOfTen(unit) - powerOfTen(accuracy)
    if (rest < BigInt(USEC_PER_MINUTE) && below > 0n && digits > 0) {
      const shown = below / 10n ** BigInt(powerOfTen(accuracy))
      parts.push(`${whole}.${shown.toString().padStart(digits, '0')}${suffix}`)
      break
    }
    parts.push(`${whole}${suffix}`)
    rest = below
  }
  return parts.join(' ')
}
