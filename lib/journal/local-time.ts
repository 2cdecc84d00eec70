// Timestamps as journalctl's modes print them. What a moment is called in a zone is asked of the caller.
import type { Usec } from '@/lib/base'

export type LocalTime = {
  readonly year: number
  /** 1–12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** Seconds east of UTC. */
  readonly offset: number
  /** `UTC`, `CEST`. */
  readonly abbreviation: string
}
export type Zone = (realtimeUsec: Usec) => LocalTime

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const pad = (value: number, width = 2) => String(value).padStart(width, '0')

/** The calendar of a moment that is `offset` seconds ahead of UTC. */
export function civilTime(realtimeUsec: Usec, offset: number, abbreviation: string): LocalTime {
  const seconds = Math.floor(realtimeUsec / 1_000_000) + offset
  const days = Math.floor(seconds / 86400)
  const rest = seconds - days * 86400
  // days → civil date, proleptic Gregorian, eras of 400 years from 1 March
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: rest % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
    offset,
    abbreviation,
  }
}

export const utc: Zone = (realtimeUsec) => civilTime(realtimeUsec, 0, 'UTC')

const clock = (time: LocalTime) => `${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}`
const date = (time: LocalTime) => `${pad(time.year, 4)}-${pad(time.month)}-${pad(time.day)}`
const micros = (usec: Usec) => pad(usec % 1_000_000, 6)

/** `Nov 22 13:30:31` */
export function formatSyslogTime(usec: Usec, zone: Zone, precise = false): string {
  const time = zone(usec)
  return `${months[time.month - 1]} ${pad(time.day)} ${clock(time)}${precise ? `.${micros(usec)}` : ''}`
}

/** `2026-11-22T13:30:31+00:00` */
export function formatIsoTime(usec: Usec, zone: Zone, precise = false): string {
  const time = zone(usec)
  const minutes = Math.floor(Math.abs(time.offset) / 60)
  const offset = `${time.offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
  return `${date(time)}T${clock(time)}${precise ? `.${micros(usec)}` : ''}${offset}`
}

/** `Sun 2026-11-22 13:30:31 UTC` */
export function formatFullTime(usec: Usec, zone: Zone, precise = false): string {
  const time = zone(usec)
  return `${weekdays[time.weekday]} ${date(time)} ${clock(time)}${precise ? `.${micros(usec)}` : ''} ${time.abbreviation}`
}

/** `1795354231.123456` */
export function formatUnixTime(usec: Usec): string {
  return `${Math.floor(usec / 1_000_000)}.${micros(usec)}`
}

/** `   44.099183` */
export function formatMonotonicTime(usec: Usec): string {
  return `${String(Math.floor(usec / 1_000_000)).padStart(5)}.${micros(usec)}`
}
