// After systemd.time(7), "Calendar Events", and calendarspec.c: what an expression like `Mon..Fri *-*-* 09:00` means.
import type { LocalTime } from '@/lib/base'

/** `start`, `start..stop`, `start/repeat`, `start..stop/repeat`; `stop` is -1 and `repeat` 0 where there is none. */
export type CalendarComponent = { readonly start: number; readonly stop: number; readonly repeat: number }

/** A component that is `undefined` matches everything. */
export type CalendarSpec = {
  /** Bit 0 is Monday; -1 is any day. */
  weekdays: number
  /** Days count from the last of the month (`~`). */
  endOfMonth: boolean
  utc: boolean
  /** 0 standard, 1 summer time of the local zone was asked for; -1 neither. */
  dst: number
  timezone: string | undefined
  year: readonly CalendarComponent[] | undefined
  month: readonly CalendarComponent[] | undefined
  day: readonly CalendarComponent[] | undefined
  hour: readonly CalendarComponent[] | undefined
  minute: readonly CalendarComponent[] | undefined
  /** Of the minute, in microseconds. */
  microsecond: readonly CalendarComponent[] | undefined
}

export const MIN_YEAR = 1970
export const MAX_YEAR = 2199
export const ALL_WEEKDAYS = 127
export const USEC = 1_000_000

export const constant = (...values: readonly number[]): CalendarComponent[] => values.map((start) => ({ start, stop: -1, repeat: 0 }))

const widenYear = (year: number): number => (year < 0 || year > 99 ? year : year < 70 ? year + 2000 : year + 1900)

const compare = (a: CalendarComponent, b: CalendarComponent): number => a.start - b.start || a.stop - b.stop || a.repeat - b.repeat

function normalizeChain(chain: readonly CalendarComponent[] | undefined): readonly CalendarComponent[] | undefined {
  if (chain === undefined) return undefined
  const tidy = chain.map(({ start, stop, repeat }) => {
    // A range ends on its last repetition; a repetition that never comes, and a range of one, are a single value.
    const end = stop > start && repeat > 0 ? stop - ((stop - start) % repeat) : stop
    const single = (end > start && repeat > 0 && start + repeat > end) || start === end
    return single ? { start, stop: -1, repeat: 0 } : { start, stop: end, repeat }
  })
  if (tidy.length === 1) return tidy
  tidy.sort(compare)
  return tidy.filter((one, index) => index === 0 || compare(tidy[index - 1]!, one) !== 0)
}

export function normalize(spec: CalendarSpec): void {
  if (spec.timezone === 'UTC') {
    spec.utc = true
    spec.timezone = undefined
  }
  if (spec.weekdays <= 0 || spec.weekdays >= ALL_WEEKDAYS) spec.weekdays = -1
  if (spec.endOfMonth && spec.day === undefined) spec.endOfMonth = false
  spec.year = normalizeChain(spec.year?.map((one) => ({ ...one, start: widenYear(one.start), stop: widenYear(one.stop) })))
  spec.month = normalizeChain(spec.month)
  spec.day = normalizeChain(spec.day)
  spec.hour = normalizeChain(spec.hour)
  spec.minute = normalizeChain(spec.minute)
  spec.microsecond = normalizeChain(spec.microsecond)
}

function chainIsValid(chain: readonly CalendarComponent[] | undefined, from: number, last: number, endOfMonth = false): boolean {
  // No month lacks the 28th, so no day before it may be counted from the end.
  const to = endOfMonth ? last - 3 : last
  return (chain ?? []).every(({ start, stop, repeat }) => {
    if (start < from || start > to || repeat > to - from) return false
    if (stop >= 0) return stop >= from && stop <= to && start + repeat <= stop
    return endOfMonth ? start - repeat >= from : start + repeat <= to
  })
}

export function isValid(spec: CalendarSpec): boolean {
  return (
    spec.weekdays <= ALL_WEEKDAYS &&
    chainIsValid(spec.year, MIN_YEAR, MAX_YEAR) &&
    chainIsValid(spec.month, 1, 12) &&
    chainIsValid(spec.day, 1, 31, spec.endOfMonth) &&
    chainIsValid(spec.hour, 0, 23) &&
    chainIsValid(spec.minute, 0, 59) &&
    chainIsValid(spec.microsecond, 0, 60 * USEC - 1)
  )
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

function formatWeekdays(bits: number): string {
  const parts: string[] = []
  for (let first = 0; first < 7; first++) {
    if (!(bits & (1 << first))) continue
    let last = first
    while (last < 6 && bits & (1 << (last + 1))) last += 1
    if (last > first + 1) parts.push(`${DAYS[first]}..${DAYS[last]}`)
    else for (let day = first; day <= last; day++) parts.push(DAYS[day]!)
    first = last
  }
  return parts.join(',')
}

function formatChain(chain: readonly CalendarComponent[] | undefined, digits: number, unit = 1): string {
  if (chain === undefined) return '*'
  const only = chain.length === 1 ? chain[0]! : undefined
  if (unit > 1 && only && only.start === 0 && only.repeat === unit && only.stop < 0) return '*'
  const number = (value: number, width: number): string => {
    const fraction = value % unit
    return String(Math.floor(value / unit)).padStart(width, '0') + (fraction > 0 ? `.${String(fraction).padStart(6, '0')}` : '')
  }
  return chain
    .map(({ start, stop, repeat }) => {
      const range = stop > 0 ? `..${number(stop, digits)}` : ''
      const step = repeat > 0 && !(stop > 0 && repeat === unit) ? `/${number(repeat, 0)}` : ''
      return number(start, digits) + range + step
    })
    .join(',')
}

/** The normal form. */
export function formatCalendarSpec(spec: CalendarSpec, local: LocalTime): string {
  const weekdays = spec.weekdays > 0 && spec.weekdays <= ALL_WEEKDAYS ? `${formatWeekdays(spec.weekdays)} ` : ''
  const date = `${formatChain(spec.year, 4)}-${formatChain(spec.month, 2)}${spec.endOfMonth ? '~' : '-'}${formatChain(spec.day, 2)}`
  const time = `${formatChain(spec.hour, 2)}:${formatChain(spec.minute, 2)}:${formatChain(spec.microsecond, 2, USEC)}`
  const localName = spec.dst >= 0 ? local.tzname[spec.dst === 1 ? 1 : 0] : ''
  const zone = spec.utc ? 'UTC' : (spec.timezone ?? localName)
  return `${weekdays}${date} ${time}${zone === '' ? '' : ` ${zone}`}`
}
