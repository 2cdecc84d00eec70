// Broken-down time, as struct tm of time(3) has it, in the proleptic Gregorian calendar; all arithmetic is ours.

export type BrokenTime = {
  sec: number
  min: number
  hour: number
  mday: number
  /** 0–11. */
  mon: number
  /** Years since 1900. */
  year: number
  /** Days since Sunday. */
  wday: number
  /** Days since 1 January. */
  yday: number
  /** 1 summer time, 0 not, -1 unknown. */
  isdst: number
  /** Seconds east of UTC. */
  gmtoff: number
  /** Abbreviation: `CEST`. */
  zone: string
}

const SECONDS_PER_DAY = 86_400

/** Days from 1970-01-01 to the first of `month` (0–11) of `year`, plus `day` - 1; any of them may be out of range. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const carried = year + Math.floor(month / 12)
  const index = ((month % 12) + 12) % 12
  // Years begin in March, so that the leap day is the last one.
  const shifted = index < 2 ? carried - 1 : carried
  const marchMonth = (index + 10) % 12
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * marchMonth + 2) / 5)
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468 + (day - 1)
}

/** @param gmtoff added to `seconds` before they are taken apart */
export function breakTime(seconds: number, gmtoff: number, isdst: number, zone: string): BrokenTime {
  const local = Math.floor(seconds) + gmtoff
  const days = Math.floor(local / SECONDS_PER_DAY)
  const rest = local - days * SECONDS_PER_DAY
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const mday = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const mon = (marchMonth + 2) % 12
  const year = yearOfEra + era * 400 + (mon < 2 ? 1 : 0)
  return {
    sec: rest % 60,
    min: Math.floor(rest / 60) % 60,
    hour: Math.floor(rest / 3600),
    mday,
    mon,
    year: year - 1900,
    wday: (((days + 4) % 7) + 7) % 7,
    yday: days - daysFromCivil(year, 0, 1),
    isdst,
    gmtoff,
    zone,
  }
}

export function gmtime(seconds: number): BrokenTime {
  return breakTime(seconds, 0, 0, 'UTC')
}

/** Seconds since the epoch if the fields were UTC; they may be out of range. */
export function civilSeconds(time: Pick<BrokenTime, 'sec' | 'min' | 'hour' | 'mday' | 'mon' | 'year'>): number {
  return daysFromCivil(time.year + 1900, time.mon, time.mday) * SECONDS_PER_DAY + time.hour * 3600 + time.min * 60 + time.sec
}

/** As timegm(3): normalizes the fields in place. */
export function timegm(time: BrokenTime): number {
  const seconds = civilSeconds(time)
  Object.assign(time, gmtime(seconds))
  return seconds
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}
