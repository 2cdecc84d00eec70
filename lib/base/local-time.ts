// After localtime(3) and mktime(3) as the GNU C library does them. A running program keeps things between calls that can be seen in
// answers: `tzname`, `timezone` and `daylight`, which follow the last time converted, and the offset mktime() found last, its first
// guess next.
import { breakTime, civilSeconds, daysFromCivil, gmtime, timegm, type BrokenTime } from './civil-time'
import { abbreviationsAround, isUtcAround, localTypeAt, timeZoneOfText, UTC_ZONE, type TimeZone } from './time-zone'

/** mktime() searches for a neighbouring time with the wanted `isdst` this far, in steps of this many seconds. */
const SEARCH_STRIDE = 601_200
const SEARCH_BOUND = Math.floor(457_243_209 / 2) + SEARCH_STRIDE

const isdstDiffers = (wanted: number, found: number): boolean => wanted >= 0 && found >= 0 && (wanted !== 0) !== (found !== 0)

export class LocalTime {
  readonly zone: TimeZone
  private names: readonly [string, string]
  private utc: boolean
  private guess: number

  /** @param nowSeconds the time at which the program starts: it is taken to have converted that, both ways */
  constructor(zone: TimeZone, nowSeconds: number) {
    this.zone = zone
    this.names = abbreviationsAround(zone, nowSeconds)
    this.utc = isUtcAround(zone, nowSeconds)
    this.guess = -localTypeAt(zone, nowSeconds).offset
  }

  /** As a forked child of the program with another TZ=: it inherits the guess. */
  fork(zone: TimeZone, nowSeconds: number): LocalTime {
    const child = new LocalTime(zone, nowSeconds)
    child.guess = this.guess
    return child
  }

  /** Abbreviations of standard and summer time. */
  get tzname(): readonly [string, string] {
    return this.names
  }

  /** No offset, no summer time. */
  get isUtc(): boolean {
    return this.utc
  }

  localtime(seconds: number): BrokenTime {
    const time = this.convert(seconds)
    this.names = abbreviationsAround(this.zone, seconds)
    this.utc = isUtcAround(this.zone, seconds)
    return time
  }

  /** Seconds since the epoch, or `undefined` where mktime() fails; normalizes the fields in place when it does not. */
  mktime(time: BrokenTime): number | undefined {
    const wanted = { ...time }
    const base = civilSeconds({ ...wanted, sec: 0 })
    const sec = Math.min(Math.max(wanted.sec, 0), 59)
    // What `seconds` still lacks until its local time is the one asked for.
    const missing = (found: BrokenTime): number => base + sec - civilSeconds(found)

    const start = base + sec + this.guess
    let t = start
    let before = start
    let beforeThat = start
    let earlierDst = 0
    let found = this.convert(t)
    let matched = true
    for (let probes = 6; ; ) {
      const difference = missing(found)
      if (difference === 0) break
      const dst = found.isdst !== 0 ? 1 : 0
      const oscillates = t === before && t !== beforeThat
      if (oscillates && (wanted.isdst < 0 ? earlierDst <= dst : (wanted.isdst !== 0) !== (dst !== 0))) {
        matched = false
        break
      }
      probes -= 1
      if (probes === 0) return undefined
      before = beforeThat
      beforeThat = t
      t += difference
      earlierDst = dst
      found = this.convert(t)
    }

    if (matched && isdstDiffers(wanted.isdst, found.isdst)) {
      const neighbour = this.searchIsdst(t, wanted.isdst)
      if (neighbour === undefined) t += 3600 * ((wanted.isdst === 0 ? 1 : 0) - (found.isdst === 0 ? 1 : 0))
      else t = neighbour.at + missing(neighbour.time)
    }
    this.guess = t - base - sec
    t += wanted.sec - sec
    Object.assign(time, this.localtime(t))
    return t
  }

  private convert(seconds: number): BrokenTime {
    const type = localTypeAt(this.zone, seconds)
    return breakTime(seconds, type.offset, type.isdst ? 1 : 0, type.abbreviation)
  }

  private searchIsdst(t: number, isdst: number): { at: number; time: BrokenTime } | undefined {
    for (let delta = SEARCH_STRIDE; delta < SEARCH_BOUND; delta += SEARCH_STRIDE) {
      for (const direction of [-1, 1]) {
        const at = t + delta * direction
        const time = this.convert(at)
        if (!isdstDiffers(isdst, time.isdst)) return { at, time }
      }
    }
    return undefined
  }
}

/** Conversions for a zone, or UTC, with one shape. */
export function localtimeOrGmtime(local: LocalTime, utc: boolean, seconds: number): BrokenTime {
  return utc ? gmtime(seconds) : local.localtime(seconds)
}

/** As mktime_or_timegm_usec(): normalizes in place; `undefined` for anything before the epoch or out of reach. */
export function mktimeOrTimegm(local: LocalTime, utc: boolean, time: BrokenTime): number | undefined {
  if (time.year < 69 || time.year > 580_000) return undefined
  const seconds = utc ? timegm(time) : local.mktime(time)
  return seconds === undefined || seconds < 0 ? undefined : seconds
}

/**
 * The local time of a process: of its TZ=, or else of what /etc/localtime points to.
 * @param localtimeLink text of the symbolic link /etc/localtime
 */
export function localTimeOf(tz: string | undefined, localtimeLink: string | undefined, nowSeconds: number): LocalTime {
  if (tz !== undefined) return new LocalTime(timeZoneOfText(tz), nowSeconds)
  const name = localtimeLink === undefined ? undefined : /zoneinfo\/(.+)$/.exec(localtimeLink)?.[1]
  return new LocalTime(name === undefined ? UTC_ZONE : timeZoneOfText(name), nowSeconds)
}

/** ISO 8601 week: [year, week]; for strftime's %G and %V. */
export function isoWeek(time: BrokenTime): readonly [number, number] {
  const weekday = (time.wday + 6) % 7
  const day = daysFromCivil(time.year + 1900, time.mon, time.mday)
  const thursday = gmtime((day - weekday + 3) * 86_400)
  return [thursday.year + 1900, Math.floor(thursday.yday / 7) + 1]
}
