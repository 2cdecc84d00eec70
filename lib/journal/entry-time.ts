// Timestamps as the output modes of journalctl(1) print them.
import { formatTimestamp, localtimeOrGmtime, type LocalTime, type Usec } from '@/lib/base'

/** In whose time to print. */
export type TimeOptions = { readonly local: LocalTime; readonly utc: boolean }

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const pad = (value: number, width = 2) => String(value).padStart(width, '0')
const micros = (usec: Usec) => pad(usec % 1_000_000, 6)

function timeParts(usec: Usec, options: TimeOptions) {
  const time = localtimeOrGmtime(options.local, options.utc, Math.floor(usec / 1_000_000))
  return { time, clock: `${pad(time.hour)}:${pad(time.min)}:${pad(time.sec)}` }
}

/** `Nov 22 13:30:31` */
export function formatSyslogTime(usec: Usec, options: TimeOptions, precise = false): string {
  const { time, clock } = timeParts(usec, options)
  return `${months[time.mon]} ${pad(time.mday)} ${clock}${precise ? `.${micros(usec)}` : ''}`
}

/** `2026-11-22T13:30:31+00:00` */
export function formatIsoTime(usec: Usec, options: TimeOptions, precise = false): string {
  const { time, clock } = timeParts(usec, options)
  const minutes = Math.floor(Math.abs(time.gmtoff) / 60)
  const offset = `${time.gmtoff < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
  return `${pad(time.year + 1900, 4)}-${pad(time.mon + 1)}-${pad(time.mday)}T${clock}${precise ? `.${micros(usec)}` : ''}${offset}`
}

/** `Sun 2026-11-22 13:30:31 UTC` */
export function formatFullTime(usec: Usec, options: TimeOptions, precise = false): string {
  const style = options.utc ? (precise ? 'us+utc' : 'utc') : precise ? 'us' : 'pretty'
  return formatTimestamp(usec, options.local, style) ?? '-'
}

/** `1795354231.123456` */
export function formatUnixTime(usec: Usec): string {
  return `${Math.floor(usec / 1_000_000)}.${micros(usec)}`
}

/** `   44.099183` */
export function formatMonotonicTime(usec: Usec): string {
  return `${String(Math.floor(usec / 1_000_000)).padStart(5)}.${micros(usec)}`
}
