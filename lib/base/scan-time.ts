// After strptime(3) as the GNU C library does it, for the conversions that systemd's timestamps use.
import { daysFromCivil, type BrokenTime } from './civil-time'

type Scanned = { readonly time: BrokenTime; readonly rest: string }

const isSpace = (char: string | undefined): boolean => char !== undefined && ' \t\n\v\f\r'.includes(char)

/** Reads a number of at most `digits` digits, stopping before it could pass `to`; spaces before it are skipped. */
function readNumber(text: string, at: number, from: number, to: number, digits: number): { value: number; at: number } | undefined {
  let index = at
  while (text[index] === ' ') index += 1
  let value = 0
  let left = digits
  if (!/\d/.test(text[index] ?? '')) return undefined
  do {
    value = value * 10 + Number(text[index])
    index += 1
    left -= 1
  } while (left > 0 && value * 10 <= to && /\d/.test(text[index] ?? ''))
  return value < from || value > to ? undefined : { value, at: index }
}

/** `+02`, `+0200`, `+02:00`, `Z`. */
function readOffset(text: string, start: number): { value: number; at: number } | undefined {
  let at = start
  while (isSpace(text[at])) at += 1
  if (text[at] === 'Z') return { value: 0, at: at + 1 }
  const match = /^([+-])(\d\d)(?::?(\d\d))?/.exec(text.slice(at))
  if (match === null) return undefined
  // A third digit without a fourth is none of the formats.
  const end = at + match[0].length
  if (match[3] === undefined && /^:?\d/.test(text.slice(end))) return undefined
  const minutes = Number(match[3] ?? 0)
  if (minutes >= 60) return undefined
  const value = Number(match[2]) * 3600 + minutes * 60
  return { value: match[1] === '-' ? -value : value, at: end }
}

/** Fields not named by the format stay as in `initial`; a date also sets the day of the week and of the year. */
export function scanTime(text: string, format: string, initial: BrokenTime): Scanned | undefined {
  const time = { ...initial }
  let at = 0
  let dated = false
  for (let index = 0; index < format.length; index++) {
    const char = format[index]!
    if (isSpace(char)) {
      while (isSpace(text[at])) at += 1
      continue
    }
    if (char !== '%') {
      if (text[at] !== char) return undefined
      at += 1
      continue
    }
    index += 1
    const letter = format[index]!
    if (letter === 'z') {
      const offset = readOffset(text, at)
      if (offset === undefined) return undefined
      time.gmtoff = offset.value
      at = offset.at
      continue
    }
    const ranges: Readonly<Record<string, readonly [number, number, number]>> = {
      Y: [0, 9999, 4],
      y: [0, 99, 2],
      m: [1, 12, 2],
      d: [1, 31, 2],
      H: [0, 23, 2],
      M: [0, 59, 2],
      S: [0, 61, 2],
    }
    const range = ranges[letter]
    const number = range && readNumber(text, at, ...range)
    if (number === undefined) return undefined
    at = number.at
    dated ||= letter === 'd' || letter === 'Y' || letter === 'y'
    if (letter === 'Y') time.year = number.value - 1900
    else if (letter === 'y') time.year = number.value >= 69 ? number.value : number.value + 100
    else if (letter === 'm') time.mon = number.value - 1
    else if (letter === 'd') time.mday = number.value
    else if (letter === 'H') time.hour = number.value
    else if (letter === 'M') time.min = number.value
    else time.sec = number.value
  }
  if (dated) {
    const days = daysFromCivil(time.year + 1900, time.mon, time.mday)
    time.wday = (((days + 4) % 7) + 7) % 7
    time.yday = days - daysFromCivil(time.year + 1900, 0, 1)
  }
  return { time, rest: text.slice(at) }
}
