// After calendarspec.c: reading a calendar expression. Every reader returns where it stopped, or the errno.
import { gmtime, timeZoneIsValid, type LocalTime, type TimeError } from '@/lib/base'
import { constant, isValid, MAX_YEAR, normalize, USEC, type CalendarComponent, type CalendarSpec } from './spec'

const INT_MAX = 2_147_483_647
const MAX_COMPONENTS = 240

/** Thrown inside this file only, to leave the nest of readers; `parseCalendarSpec` catches it. */
class Refused extends Error {
  readonly reason: TimeError
  constructor(reason: TimeError) {
    super(reason)
    this.reason = reason
  }
}
const refuse = (reason: TimeError = 'EINVAL'): never => {
  throw new Refused(reason)
}

type Shorthand = Partial<Pick<CalendarSpec, 'weekdays' | 'month' | 'day' | 'hour' | 'minute' | 'microsecond'>>
const zero = constant(0)
const midnight = { hour: zero, minute: zero, microsecond: zero }
const yearly: Shorthand = { month: constant(1), day: constant(1), ...midnight }
const halfYearly: Shorthand = { month: constant(1, 7), day: constant(1), ...midnight }

export const CALENDAR_SHORTHANDS: Readonly<Record<string, Shorthand>> = {
  minutely: { microsecond: zero },
  hourly: { minute: zero, microsecond: zero },
  daily: midnight,
  weekly: { weekdays: 1, ...midnight },
  monthly: { day: constant(1), ...midnight },
  quarterly: { month: constant(1, 4, 7, 10), day: constant(1), ...midnight },
  yearly,
  annually: yearly,
  // Accepted since a misspelling was.
  anually: yearly,
  biannually: halfYearly,
  'bi-annually': halfYearly,
  semiannually: halfYearly,
  'semi-annually': halfYearly,
}

const WEEKDAYS: readonly (readonly [name: string, bit: number])[] = [
  ['monday', 0],
  ['mon', 0],
  ['tuesday', 1],
  ['tue', 1],
  ['wednesday', 2],
  ['wed', 2],
  ['thursday', 3],
  ['thu', 3],
  ['friday', 4],
  ['fri', 4],
  ['saturday', 5],
  ['sat', 5],
  ['sunday', 6],
  ['sun', 6],
]

const END = ''
const oneOf = (char: string, set: readonly string[]): boolean => set.includes(char)

class Reader {
  private readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** The character here, or the empty string at the end. */
  get char(): string {
    return this.text[this.at] ?? END
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  peek(offset: number): string {
    return this.text[this.at + offset] ?? END
  }

  startsWithNoCase(word: string): boolean {
    return this.text.slice(this.at, this.at + word.length).toLowerCase() === word
  }

  skipSpaces(): void {
    while (this.char === ' ') this.at += 1
  }

  digits(): string {
    const start = this.at
    while (/^\d$/.test(this.char)) this.at += 1
    return this.text.slice(start, this.at)
  }

  /** A number as strtoul(3) reads it, inside an int. */
  number(): number {
    const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(this.text.slice(this.at))
    if (match === null) return refuse()
    const value = Number(match[2])
    if (value > INT_MAX || (match[1] === '-' && value > 0)) return refuse('ERANGE')
    this.at += match[0].length
    return value
  }
}

/** A decimal number; with `usec`, of seconds with up to six places, in microseconds. */
function readDecimal(reader: Reader, usec: boolean): number {
  const whole = reader.digits()
  if (whole === '') return refuse()
  let value = Number(whole) * (usec ? USEC : 1)
  if (Number(whole) > INT_MAX) return refuse('ERANGE')
  // One dot is a decimal point, two are a range.
  if (usec && reader.char === '.' && reader.peek(1) !== '.') {
    reader.at += 1
    const places = reader.digits()
    if (places === '') return refuse()
    value += Number(places.slice(0, 6).padEnd(6, '0')) + (places.length > 6 && places[6]! >= '5' ? 1 : 0)
  }
  return value > INT_MAX ? refuse('ERANGE') : value
}

function readComponent(reader: Reader, usec: boolean): CalendarComponent {
  const start = readDecimal(reader, usec)
  let stop = -1
  let repeat = 0
  if (reader.char === '.' && reader.peek(1) === '.') {
    reader.at += 2
    stop = readDecimal(reader, usec)
    repeat = usec ? USEC : 1
  }
  if (reader.char === '/') {
    reader.at += 1
    repeat = readDecimal(reader, usec)
    if (repeat === 0) return refuse('ERANGE')
  } else if (usec && stop >= 0 && start + repeat > stop) return refuse()
  if (start > INT_MAX - repeat) return refuse('ERANGE')
  return oneOf(reader.char, [END, ' ', ',', '-', '~', ':']) ? { start, stop, repeat } : refuse()
}

function readChain(reader: Reader, usec = false): readonly CalendarComponent[] | undefined {
  if (reader.char === '*') {
    reader.at += 1
    return usec ? [{ start: 0, stop: -1, repeat: USEC }] : undefined
  }
  const chain: CalendarComponent[] = []
  for (;;) {
    chain.push(readComponent(reader, usec))
    if (chain.length > MAX_COMPONENTS) return refuse()
    if (reader.char !== ',') return chain
    reader.at += 1
  }
}

function readWeekdays(reader: Reader, spec: CalendarSpec): void {
  let from = -1
  for (let first = true; ; first = false) {
    const day = WEEKDAYS.find(([name]) => reader.startsWithNoCase(name))
    if (day === undefined) {
      if (first) return
      refuse()
      return
    }
    const [name, bit] = day
    if (!oneOf(reader.peek(name.length), ['-', '.', ',', ' ', END])) refuse()
    spec.weekdays |= 1 << bit
    if (from >= 0) {
      if (from > bit) refuse()
      for (let between = from + 1; between < bit; between++) spec.weekdays |= 1 << between
    }
    reader.at += name.length
    if (reader.done) return
    if (reader.char === ' ') {
      reader.skipSpaces()
      return
    }
    if (reader.char === ',') {
      from = -1
      reader.at += 1
    } else {
      // `..`, or `-` as in earlier versions.
      if (from >= 0) refuse()
      if (reader.char === '.' && reader.peek(1) !== '.') refuse()
      from = bit
      reader.at += reader.char === '.' ? 2 : 1
    }
    if (reader.done || reader.char === ' ') {
      reader.skipSpaces()
      if (from >= 0) refuse()
      return
    }
  }
}

/** `@SECONDS`. */
function fromSeconds(spec: CalendarSpec, seconds: number): void {
  const time = gmtime(seconds)
  if (time.year > MAX_YEAR - 1900) refuse('ERANGE')
  spec.utc = true
  spec.year = constant(time.year + 1900)
  spec.month = constant(time.mon + 1)
  spec.day = constant(time.mday)
  spec.hour = constant(time.hour)
  spec.minute = constant(time.min)
  spec.microsecond = constant(time.sec * USEC)
}

/** Returns whether the time of day was given too. */
function readDate(reader: Reader, spec: CalendarSpec): boolean {
  if (reader.done) return false
  const start = reader.at
  if (reader.char === '@') {
    reader.at += 1
    fromSeconds(spec, reader.number())
    return true
  }
  const separator = (): void => {
    if (reader.char === '~') spec.endOfMonth = true
    else if (reader.char !== '-') refuse()
    reader.at += 1
  }
  const first = readChain(reader)
  if (reader.done || reader.char === ':') {
    // It was a time.
    reader.at = start
    return false
  }
  separator()
  const second = readChain(reader)
  if (reader.done || reader.char === ' ') {
    reader.skipSpaces()
    spec.month = first
    spec.day = second
    return false
  }
  if (spec.endOfMonth) refuse()
  separator()
  const third = readChain(reader)
  if (!(reader.done || reader.char === ' ')) refuse()
  reader.skipSpaces()
  spec.year = first
  spec.month = second
  spec.day = third
  return false
}

function readTime(reader: Reader, spec: CalendarSpec): void {
  spec.hour = spec.minute = spec.microsecond = zero
  if (reader.done) return
  spec.hour = readChain(reader)
  if (reader.char !== ':') refuse()
  reader.at += 1
  spec.minute = readChain(reader)
  if (reader.done) return
  if (reader.char !== ':') refuse()
  reader.at += 1
  spec.microsecond = readChain(reader, true)
  if (!reader.done) refuse()
}

/** Splits the zone off the end. */
function splitZone(text: string, local: LocalTime): { rest: string; zone: Partial<CalendarSpec> } {
  const lower = text.toLowerCase()
  if (lower.endsWith(' utc')) return { rest: text.slice(0, -4), zone: { utc: true } }
  for (const [dst, name] of local.tzname.entries()) {
    if (name !== '' && lower.endsWith(` ${name.toLowerCase()}`)) return { rest: text.slice(0, -name.length - 1), zone: { dst } }
  }
  const space = text.lastIndexOf(' ')
  const last = text.slice(space + 1)
  if (space >= 0 && timeZoneIsValid(last)) return { rest: text.slice(0, space), zone: { timezone: last } }
  return { rest: text, zone: {} }
}

/** @param local the zone of the process: its abbreviations are understood */
export function parseCalendarSpec(text: string, local: LocalTime): CalendarSpec | TimeError {
  const { rest, zone } = splitZone(text, local)
  if (rest === '') return 'EINVAL'
  const anyTime = { year: undefined, month: undefined, day: undefined, hour: undefined, minute: undefined, microsecond: undefined }
  const spec: CalendarSpec = { weekdays: 0, endOfMonth: false, utc: false, dst: -1, timezone: undefined, ...anyTime, ...zone }
  const shorthand = Object.hasOwn(CALENDAR_SHORTHANDS, rest.toLowerCase()) ? CALENDAR_SHORTHANDS[rest.toLowerCase()] : undefined
  if (shorthand) Object.assign(spec, shorthand)
  else {
    try {
      const reader = new Reader(rest)
      readWeekdays(reader, spec)
      if (!readDate(reader, spec)) readTime(reader, spec)
      if (!reader.done) return 'EINVAL'
    } catch (error) {
      if (error instanceof Refused) return error.reason
      throw error
    }
  }
  normalize(spec)
  return isValid(spec) ? spec : 'EINVAL'
}
