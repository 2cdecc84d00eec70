// After strftime(3) in the C locale, with the flags and %N, %:z of GNU date.
import type { BrokenTime } from './civil-time'
import { isoWeek } from './local-time'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** Number, its usual width and padding. */
type Numeric = { readonly value: number; readonly width: number; readonly pad: '0' | ' ' }

function zoneOffset(gmtoff: number, colons: number): string {
  const sign = gmtoff < 0 ? '-' : '+'
  const total = Math.abs(gmtoff)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  if (colons === 0) return `${sign}${two(hours)}${two(minutes)}`
  if (colons === 1) return `${sign}${two(hours)}:${two(minutes)}`
  if (colons === 2) return `${sign}${two(hours)}:${two(minutes)}:${two(seconds)}`
  return `${sign}${two(hours)}${minutes !== 0 || seconds !== 0 ? `:${two(minutes)}` : ''}${seconds !== 0 ? `:${two(seconds)}` : ''}`
}

function numeric(code: string, time: BrokenTime, seconds: number): Numeric | undefined {
  const year = time.year + 1900
  switch (code) {
    case 'C':
      return { value: Math.floor(year / 100), width: 2, pad: '0' }
    case 'd':
      return { value: time.mday, width: 2, pad: '0' }
    case 'e':
      return { value: time.mday, width: 2, pad: ' ' }
    case 'g':
      return { value: isoWeek(time)[0] % 100, width: 2, pad: '0' }
    case 'G':
      return { value: isoWeek(time)[0], width: 4, pad: '0' }
    case 'H':
      return { value: time.hour, width: 2, pad: '0' }
    case 'I':
      return { value: time.hour % 12 === 0 ? 12 : time.hour % 12, width: 2, pad: '0' }
    case 'j':
      return { value: time.yday + 1, width: 3, pad: '0' }
    case 'k':
      return { value: time.hour, width: 2, pad: ' ' }
    case 'l':
      return { value: time.hour % 12 === 0 ? 12 : time.hour % 12, width: 2, pad: ' ' }
    case 'm':
      return { value: time.mon + 1, width: 2, pad: '0' }
    case 'M':
      return { value: time.min, width: 2, pad: '0' }
    case 'q':
      return { value: Math.floor(time.mon / 3) + 1, width: 1, pad: '0' }
    case 's':
      return { value: seconds, width: 1, pad: '0' }
    case 'S':
      return { value: time.sec, width: 2, pad: '0' }
    case 'u':
      return { value: time.wday === 0 ? 7 : time.wday, width: 1, pad: '0' }
    case 'U':
      return { value: Math.floor((time.yday + 7 - time.wday) / 7), width: 2, pad: '0' }
    case 'V':
      return { value: isoWeek(time)[1], width: 2, pad: '0' }
    case 'w':
      return { value: time.wday, width: 1, pad: '0' }
    case 'W':
      return { value: Math.floor((time.yday + 7 - ((time.wday + 6) % 7)) / 7), width: 2, pad: '0' }
    case 'y':
      return { value: ((year % 100) + 100) % 100, width: 2, pad: '0' }
    case 'Y':
      return { value: year, width: 1, pad: '0' }
    default:
      return undefined
  }
}

const composed: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  '+': '%a %b %e %H:%M:%S %Z %Y',
}

function text(code: string, time: BrokenTime): string | undefined {
  switch (code) {
    case 'a':
      return days[time.wday]!.slice(0, 3)
    case 'A':
      return days[time.wday]!
    case 'b':
    case 'h':
      return months[time.mon]!.slice(0, 3)
    case 'B':
      return months[time.mon]!
    case 'p':
      return time.hour < 12 ? 'AM' : 'PM'
    case 'P':
      return time.hour < 12 ? 'am' : 'pm'
    case 'Z':
      return time.zone
    case 'n':
      return '\n'
    case 't':
      return '\t'
    case '%':
      return '%'
    default:
      return undefined
  }
}

/** @param usec realtime of `time`, for %s and %N */
export function strftime(format: string, time: BrokenTime, usec: number): string {
  const seconds = Math.floor(usec / 1e6)
  return format.replace(
    /%([-_0^#+]*)(\d*)(:{0,3})([EO]?)([a-zA-Z%+])/g,
    (all: string, flags: string, widthText: string, colons: string, _modifier: string, code: string) => {
      const change = (value: string) => (flags.includes('^') ? value.toUpperCase() : flags.includes('#') ? swapCase(value, code) : value)
      const width = Number(widthText || 0)
      const fill = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : undefined
      if (code === 'N') {
        const digits = `${String(Math.floor(usec % 1e6)).padStart(6, '0')}000`
        return width > 0 ? digits.slice(0, width) : flags.includes('-') ? digits.replace(/0+$/, '') || '0' : digits
      }
      if (code === 'z') return zoneOffset(time.gmtoff, colons.length)
      if (colons !== '') return all
      const number = numeric(code, time, seconds)
      if (number !== undefined) {
        if (flags.includes('-')) return String(number.value)
        return String(number.value).padStart(Math.max(width, number.width), fill ?? number.pad)
      }
      const compound = composed[code]
      const value = compound === undefined ? text(code, time) : strftime(compound, time, usec)
      return value === undefined ? all : change(value).padStart(width, fill ?? ' ')
    },
  )
}

const swapCase = (value: string, code: string): string => (code === 'p' || code === 'Z' ? value.toLowerCase() : value.toUpperCase())
