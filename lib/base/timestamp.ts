// After systemd.time(7), "Parsing Timestamps", and time-util.c: points in time as people write and read them.
import { gmtime, type BrokenTime } from './civil-time'
import { USEC_INFINITY, USEC_PER_SEC, type Usec } from './clock'
import { type LocalTime, localtimeOrGmtime, mktimeOrTimegm } from './local-time'
import { scanTime } from './scan-time'
import {
  parseTimeExact,
  USEC_INFINITY_EXACT,
  USEC_PER_DAY,
  USEC_PER_HOUR,
  USEC_PER_MINUTE,
  USEC_PER_MONTH,
  USEC_PER_WEEK,
  USEC_PER_YEAR,
  type TimeError,
} from './time-span'
import { timeZone } from './time-zone'

/** 9999-12-30 23:59:59 UTC. */
export const USEC_TIMESTAMP_FORMATTABLE_MAX: Usec = 253_402_214_399_000_000

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const WEEKDAY_WORDS: readonly (readonly [word: string, wday: number])[] = [
  ['sunday', 0],
  ['sun', 0],
  ['monday', 1],
  ['mon', 1],
  ['tuesday', 2],
  ['tue', 2],
  ['wednesday', 3],
  ['wed', 3],
  ['thursday', 4],
  ['thu', 4],
  ['friday', 5],
  ['fri', 5],
  ['saturday', 6],
  ['sat', 6],
]

export type TimestampContext = {
  readonly local: LocalTime
  /** Realtime. */
  readonly nowUsec: Usec
  /** The process's TZ=. */
  readonly tz: string | undefined
}

type Slice = { readonly text: string; readonly cut: boolean; readonly utc: boolean; readonly isdst: number; readonly gmtoff: number }

/** Layouts in the order they are tried; `seconds` may be followed by a fraction. */
const LAYOUTS: readonly { readonly format: string; readonly time: 'seconds' | 'minutes' | 'none' }[] = [
  { format: '%y-%m-%d %H:%M:%S', time: 'seconds' },
  { format: '%Y-%m-%d %H:%M:%S', time: 'seconds' },
  { format: '%Y-%m-%dT%H:%M:%S', time: 'seconds' },
  { format: '%y-%m-%d %H:%M', time: 'minutes' },
  { format: '%Y-%m-%d %H:%M', time: 'minutes' },
  { format: '%Y-%m-%dT%H:%M', time: 'minutes' },
  { format: '%y-%m-%d', time: 'none' },
  { format: '%Y-%m-%d', time: 'none' },
  { format: '%H:%M:%S', time: 'seconds' },
  { format: '%H:%M', time: 'minutes' },
]

/** Up to six digits of a second as microseconds, the seventh rounding up; `undefined` when there is none or more follows. */
export function parseFraction(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined
  const value = Number(text.slice(0, 6).padEnd(6, '0'))
  return text.length > 6 && text[6]! >= '5' ? value + 1 : value
}

function parseOffset(text: string): number | undefined {
  const scanned = scanTime(text, '%z', gmtime(0))
  return scanned !== undefined && scanned.rest === '' ? scanned.time.gmtoff : undefined
}

/** The fields meant, in local time or UTC, and the microseconds above them. */
function readFields(text: string, today: BrokenTime, isdst: number): { time: BrokenTime; fraction: number } | undefined {
  const midnight = { ...today, isdst, sec: 0, min: 0, hour: 0 }
  if (text === 'today') return { time: midnight, fraction: 0 }
  if (text === 'yesterday') return { time: { ...midnight, mday: today.mday - 1 }, fraction: 0 }
  if (text === 'tomorrow') return { time: { ...midnight, mday: today.mday + 1 }, fraction: 0 }

  const lower = text.toLowerCase()
  const day = WEEKDAY_WORDS.find(([word]) => lower.startsWith(`${word} `))
  const rest = day ? text.slice(day[0].length + 1) : text
  for (const { format, time: precision } of LAYOUTS) {
    const scanned = scanTime(rest, format, { ...today, isdst })
    if (scanned === undefined) continue
    const fractional = precision === 'seconds' && scanned.rest.startsWith('.')
    if (scanned.rest !== '' && !fractional) continue
    const fraction = fractional ? parseFraction(scanned.rest.slice(1)) : 0
    if (fraction === undefined) return undefined
    const time = scanned.time
    if (precision !== 'seconds') time.sec = 0
    if (precision === 'none') time.min = time.hour = 0
    if (day && time.wday !== day[1]) return undefined
    return { time, fraction }
  }
  return undefined
}

const USEC = BigInt(USEC_PER_SEC)

function parseSlice({ text, cut, utc, isdst, gmtoff }: Slice, local: LocalTime, nowUsec: Usec): bigint | TimeError {
  if (cut && text === '') return 'EINVAL'
  if (utc ? Math.abs(gmtoff) * USEC_PER_SEC > USEC_PER_DAY : gmtoff !== 0) return 'EINVAL'
  let usec = BigInt(nowUsec)
  let plus = 0n
  let minus = 0n

  const relative = cut ? undefined : readRelative(text)
  if (relative !== undefined) {
    const span = parseTimeExact(relative.text)
    if (typeof span === 'string' || relative.kind === 'absolute') return span
    if (relative.kind === 'plus') plus = span
    else minus = span
  } else {
    const today = localtimeOrGmtime(local, utc, Math.floor(nowUsec / USEC_PER_SEC))
    const fields = readFields(text, today, isdst)
    if (fields === undefined) return 'EINVAL'
    const { time, fraction } = fields
    if (gmtoff < 0) {
      plus = BigInt(-gmtoff) * USEC
      // The last day before the epoch may still be after it in UTC.
      if (time.year === 69 && time.mon === 11 && time.mday === 31) {
        Object.assign(time, { year: 70, mon: 0, mday: 1, wday: 4, yday: 0 })
        minus = BigInt(USEC_PER_DAY)
      }
    } else minus = BigInt(gmtoff) * USEC
    const seconds = mktimeOrTimegm(local, utc, time)
    if (seconds === undefined) return 'ERANGE'
    usec = BigInt(seconds) * USEC + BigInt(fraction)
  }
  usec += plus
  if (usec < minus) return 'EINVAL'
  usec -= minus
  return usec > BigInt(USEC_TIMESTAMP_FORMATTABLE_MAX) ? 'EINVAL' : usec
}

type Relative = { readonly kind: 'absolute' | 'plus' | 'minus'; readonly text: string }

function readRelative(text: string): Relative | undefined {
  if (text.startsWith('@')) return { kind: 'absolute', text: text.slice(1) }
  if (text === 'now') return { kind: 'plus', text: '0' }
  if (text.startsWith('+')) return { kind: 'plus', text: text.slice(1) }
  if (text.startsWith('-')) return { kind: 'minus', text: text.slice(1) }
  if (text.endsWith(' ago')) return { kind: 'minus', text: text.slice(0, -4) }
  if (text.endsWith(' left')) return { kind: 'plus', text: text.slice(0, -5) }
  return undefined
}

/** A text that ends in a word which is no offset: an abbreviation of the local zone, or a zone's name (already dropped then). */
function parseWithWord(text: string, wordAt: number, wordIsZone: boolean, local: LocalTime, nowUsec: Usec): bigint | TimeError {
  const before = text.slice(0, wordAt - 1)
  const isdst = local.tzname.findIndex((name) => name !== '' && name === text.slice(wordAt))
  if (isdst >= 0) return parseSlice({ text: before, cut: true, utc: false, isdst, gmtoff: 0 }, local, nowUsec)
  const slice = wordIsZone ? { text: before, cut: true } : { text, cut: false }
  return parseSlice({ ...slice, utc: false, isdst: -1, gmtoff: 0 }, local, nowUsec)
}

/** Realtime in µs; `USEC_INFINITY` for `@infinity`. */
export function parseTimestamp(text: string, context: TimestampContext): Usec | TimeError {
  const exact = parseTimestampExact(text, context)
  if (typeof exact === 'string') return exact
  return exact === USEC_INFINITY_EXACT ? USEC_INFINITY : Number(exact)
}

/** As `parseTimestamp`, exact beyond the year 2255 too; `USEC_INFINITY_EXACT` for `@infinity`. */
export function parseTimestampExact(text: string, context: TimestampContext): bigint | TimeError {
  const { local, nowUsec } = context
  const slice = (part: Partial<Slice> & { text: string }): bigint | TimeError =>
    parseSlice({ cut: true, utc: true, isdst: -1, gmtoff: 0, ...part }, local, nowUsec)

  if (text.length > 2 && text.endsWith('Z')) {
    const usec = slice({ text: text.slice(0, -1) })
    if (typeof usec === 'bigint') return usec
  }
  const sign = text[text.length - 6]
  if (text.length > 7 && (sign === '+' || sign === '-') && text[text.length - 7] !== ' ') {
    const gmtoff = parseOffset(text.slice(-6))
    if (gmtoff !== undefined) return slice({ text: text.slice(0, -6), gmtoff })
  }
  const space = text.lastIndexOf(' ')
  if (space < 0) return slice({ text, cut: false, utc: false })
  const before = text.slice(0, space)
  const word = text.slice(space + 1)
  if (word === 'UTC') return slice({ text: before })
  const gmtoff = parseOffset(word)
  if (gmtoff !== undefined) return slice({ text: before, gmtoff })
  const zone = timeZone(word)
  if (zone === undefined) return parseWithWord(text, space + 1, false, local, nowUsec)
  if (context.tz === `:${word}`) return parseWithWord(text, space + 1, true, local, nowUsec)
  return parseWithWord(text, space + 1, true, local.fork(zone, Math.floor(nowUsec / USEC_PER_SEC)), nowUsec)
}

/** `us` adds the fraction; `utc` shows UTC; `unix` is `@SECONDS`; `date` stops after the day. */
export type TimestampStyle = 'pretty' | 'us' | 'utc' | 'us+utc' | 'unix' | 'date'

const two = (value: number): string => String(value).padStart(2, '0')

export function timestampIsSet(usec: Usec): boolean {
  return usec > 0 && usec !== USEC_INFINITY
}

/** `Thu 2026-01-15 12:34:56 UTC`; `undefined` for 0 and infinity. */
export function formatTimestamp(usec: Usec, local: LocalTime, style: TimestampStyle = 'pretty'): string | undefined {
  if (!timestampIsSet(usec)) return undefined
  if (style === 'unix') return `@${Math.floor(usec / USEC_PER_SEC)}`
  const utc = style === 'utc' || style === 'us+utc'
  const us = style === 'us' || style === 'us+utc'
  if (usec > USEC_TIMESTAMP_FORMATTABLE_MAX) {
    if (style === 'date') return '--- XXXX-XX-XX'
    return `--- XXXX-XX-XX XX:XX:XX${us ? '.XXXXXX' : ''}${utc ? ' UTC' : ''}`
  }
  const time = localtimeOrGmtime(local, utc, Math.floor(usec / USEC_PER_SEC))
  const date = `${WEEKDAYS[time.wday]} ${String(time.year + 1900).padStart(4, '0')}-${two(time.mon + 1)}-${two(time.mday)}`
  if (style === 'date') return date
  const fraction = us ? `.${String(usec % USEC_PER_SEC).padStart(6, '0')}` : ''
  const zone = utc ? ' UTC' : time.zone === '' ? '' : ` ${time.zone}`
  return `${date} ${two(time.hour)}:${two(time.min)}:${two(time.sec)}${fraction}${zone}`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** `2h 3min ago`, `5 days left`, `now`; `undefined` for 0 and infinity. */
export function formatTimestampRelative(usec: Usec, nowUsec: Usec, implicitLeft = false): string | undefined {
  if (!timestampIsSet(usec)) return undefined
  const ago = nowUsec > usec
  const d = Math.abs(nowUsec - usec)
  const tail = ago ? ' ago' : implicitLeft ? '' : ' left'
  const whole = (value: number, unit: number): number => Math.floor(value / unit)
  if (d >= USEC_PER_YEAR) {
    return `${counted(whole(d, USEC_PER_YEAR), 'year')} ${counted(whole(d % USEC_PER_YEAR, USEC_PER_MONTH), 'month')}${tail}`
  }
  if (d >= USEC_PER_MONTH) {
    return `${counted(whole(d, USEC_PER_MONTH), 'month')} ${counted(whole(d % USEC_PER_MONTH, USEC_PER_DAY), 'day')}${tail}`
  }
  if (d >= USEC_PER_WEEK) {
    return `${counted(whole(d, USEC_PER_WEEK), 'week')} ${counted(whole(d % USEC_PER_WEEK, USEC_PER_DAY), 'day')}${tail}`
  }
  if (d >= 2 * USEC_PER_DAY) return `${counted(whole(d, USEC_PER_DAY), 'day')}${tail}`
  if (d >= 25 * USEC_PER_HOUR) return `1 day ${whole(d - USEC_PER_DAY, USEC_PER_HOUR)}h${tail}`
  if (d >= 6 * USEC_PER_HOUR) return `${whole(d, USEC_PER_HOUR)}h${tail}`
  if (d >= USEC_PER_HOUR) return `${whole(d, USEC_PER_HOUR)}h ${whole(d % USEC_PER_HOUR, USEC_PER_MINUTE)}min${tail}`
  if (d >= 5 * USEC_PER_MINUTE) return `${whole(d, USEC_PER_MINUTE)}min${tail}`
  if (d >= USEC_PER_MINUTE) return `${whole(d, USEC_PER_MINUTE)}min ${whole(d % USEC_PER_MINUTE, USEC_PER_SEC)}s${tail}`
  if (d >= USEC_PER_SEC) return `${whole(d, USEC_PER_SEC)}s${tail}`
  if (d >= 1000) return `${whole(d, 1000)}ms${tail}`
  if (d > 0) return `${d}us${tail}`
  return 'now'
}
