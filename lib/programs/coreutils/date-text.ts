// After date(1) and touch(1): what -d reads. Items in any order: ISO dates, times, @seconds, month names, relative words.
import { type BrokenTime, gmtime, type LocalTime, timegm, timeZoneOfText, LocalTime as ZonedTime } from '@/lib/base'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const unitSeconds: Readonly<Record<string, number>> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86400,
  week: 604800,
  fortnight: 1209600,
}

type Relative = { months: number; days: number; seconds: number }

const offsetSeconds = (sign: string, hours: string, minutes: string | undefined): number =>
  (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes ?? 0) * 60)

/** Microseconds since the epoch; undefined when the text is no date. */
export function parseDateText(text: string, nowUsec: number, local: LocalTime): number | undefined {
  let rest = text
    .trim()
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
  const zoneName = /^tz="([^"]+)"\s*/.exec(rest)
  let clock = local
  if (zoneName !== null) {
    const original = /^TZ="([^"]+)"/i.exec(text.trim())![1]!
    clock = new ZonedTime(timeZoneOfText(original), Math.floor(nowUsec / 1e6))
    rest = rest.slice(zoneName[0].length)
  }
  const epoch = /^@(-?\d+)(?:[.,](\d+))?$/.exec(rest)
  if (epoch !== null) return Number(epoch[1]) * 1e6 + Number((epoch[2] ?? '').padEnd(6, '0').slice(0, 6))
  const base = clock.localtime(Math.floor(nowUsec / 1e6))
  const time: BrokenTime = { ...base, isdst: -1 }
  let fractionUsec = nowUsec % 1e6
  let dated = false
  let timed = false
  let offset: number | undefined
  let weekday: { day: number; ordinal: number } | undefined
  const relative: Relative = { months: 0, days: 0, seconds: 0 }
  const setDate = (year: number, month: number, day: number): boolean => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return false
    if (
      new Array(12)
        .fill(31)
        .map(
          (_, index) =>
            [31, (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][index]!,
        )[month - 1]! < day
    )
      return false
    Object.assign(time, { year: year - 1900, mon: month - 1, mday: day })
    dated = true
    return true
  }
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const take = (pattern: RegExp): RegExpExecArray | null => {
      const match = pattern.exec(rest)
      if (match !== null) rest = rest.slice(match[0].length)
      return match
    }
    let match = take(/^(\d{4})-(\d{1,2})-(\d{1,2})(?![\d])t?/)
    if (match !== null) {
      if (!setDate(Number(match[1]), Number(match[2]), Number(match[3]))) return undefined
      continue
    }
    match = take(/^(\d{1,2})\/(\d{1,2})(?:\/(\d{2,4}))?(?![\d])/)
    if (match !== null) {
      const year =
        match[3] === undefined
          ? base.year + 1900
          : Number(match[3]) < 69
            ? 2000 + Number(match[3])
            : Number(match[3]) < 100
              ? 1900 + Number(match[3])
              : Number(match[3])
      if (!setDate(year, Number(match[1]), Number(match[2]))) return undefined
      continue
    }
    match = take(/^(\d{8})(?!\d)t?/)
    if (match !== null) {
      if (!setDate(Number(match[1]!.slice(0, 4)), Number(match[1]!.slice(4, 6)), Number(match[1]!.slice(6)))) return undefined
      continue
    }
    match = take(/^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(am|pm|a\.m\.|p\.m\.)?\s*(?:([-+])(\d{2}):?(\d{2})?(?!\d))?/)
    if (match !== null) {
      let hour = Number(match[1])
      if (match[5] !== undefined) {
        if (hour < 1 || hour > 12) return undefined
        hour = (hour % 12) + (match[5][0] === 'p' ? 12 : 0)
      }
      if (hour > 24 || Number(match[2]) > 59 || Number(match[3] ?? 0) > 60) return undefined
      Object.assign(time, { hour, min: Number(match[2]), sec: Number(match[3] ?? 0) })
      fractionUsec = Number((match[4] ?? '').padEnd(6, '0').slice(0, 6))
      if (match[6] !== undefined) offset = offsetSeconds(match[6], match[7]!, match[8])
      timed = true
      continue
    }
    match = take(/^(\d{1,2})\s*(am|pm)\b/)
    if (match !== null) {
      Object.assign(time, { hour: (Number(match[1]) % 12) + (match[2] === 'pm' ? 12 : 0), min: 0, sec: 0 })
      fractionUsec = 0
      timed = true
      continue
    }
    match = take(/^([-+]?)\s*(\d+)?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?\b(\s+ago\b)?/)
    if (match !== null) {
      const amount = Number(match[2] ?? 1) * (match[1] === '-' ? -1 : 1) * (match[4] === undefined ? 1 : -1)
      if (match[3] === 'month') relative.months += amount
      else if (match[3] === 'year') relative.months += 12 * amount
      else if (match[3] === 'day' || match[3] === 'week' || match[3] === 'fortnight')
        relative.days += (amount * unitSeconds[match[3]]!) / 86400
      else relative.seconds += amount * unitSeconds[match[3]!]!
      continue
    }
    match = take(/^(now|today|yesterday|tomorrow|midnight|noon|utc|gmt|z)\b/)
    if (match !== null) {
      const word = match[1]!
      if (word === 'yesterday') relative.days -= 1
      else if (word === 'tomorrow') relative.days += 1
      else if (word === 'midnight' || word === 'noon') {
        Object.assign(time, { hour: word === 'noon' ? 12 : 0, min: 0, sec: 0 })
        fractionUsec = 0
        timed = true
      } else if (word === 'utc' || word === 'gmt' || word === 'z') offset = 0
      continue
    }
    match = take(/^(next|last|this)\s+(sec|second|min|minute|hour|day|week|fortnight|month|year)\b/)
    if (match !== null) {
      const amount = match[1] === 'next' ? 1 : match[1] === 'last' ? -1 : 0
      if (match[2] === 'month') relative.months += amount
      else if (match[2] === 'year') relative.months += 12 * amount
      else relative.seconds += amount * unitSeconds[match[2]!]!
      continue
    }
    match = take(/^(?:(next|last|this)\s+)?(sun|mon|tue|wed|thu|fri|sat)[a-z]*\b\.?/)
    if (match !== null) {
      weekday = { day: weekdays.indexOf(match[2]!), ordinal: match[1] === 'next' ? 1 : match[1] === 'last' ? -1 : 0 }
      continue
    }
    match = take(
      /^(?:(\d{1,2})[\s-]+)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?(?:[\s-]+(\d{1,2})(?![\d:]))?(?:[\s,-]+(\d{4})(?![\d:]))?/,
    )
    if (match !== null) {
      const day = match[1] ?? match[3]
      if (day === undefined) return undefined
      if (!setDate(Number(match[4] ?? base.year + 1900), months.indexOf(match[2]!) + 1, Number(day))) return undefined
      continue
    }
    match = take(/^([-+])(\d{2}):?(\d{2})?(?!\d)/)
    if (match !== null) {
      offset = offsetSeconds(match[1]!, match[2]!, match[3])
      continue
    }
    match = take(/^(\d{4})(?!\d)/)
    if (match !== null) {
      if (dated) time.year = Number(match[1]) - 1900
      else Object.assign(time, { hour: Number(match[1]!.slice(0, 2)), min: Number(match[1]!.slice(2)), sec: 0 })
      if (!dated) timed = true
      continue
    }
    return undefined
  }
  if ((dated || weekday !== undefined || text.trim() === '') && !timed) {
    Object.assign(time, { hour: 0, min: 0, sec: 0 })
    fractionUsec = 0
  }
  if (weekday !== undefined && !dated) {
    const ahead = (weekday.day - base.wday + 7) % 7
    time.mday += weekday.ordinal === 0 ? ahead : weekday.ordinal > 0 ? (ahead === 0 ? 7 : ahead) : ahead === 0 ? -7 : ahead - 7
  }
  time.mon += relative.months
  time.mday += relative.days
  const normal = gmtime(timegm({ ...time, isdst: 0 }) ?? 0)
  Object.assign(time, { year: normal.year, mon: normal.mon, mday: normal.mday })
  const seconds = offset === undefined ? clock.mktime(time) : (timegm({ ...time, isdst: 0 }) ?? 0) - offset
  return seconds === undefined ? undefined : (seconds + relative.seconds) * 1e6 + fractionUsec
}
