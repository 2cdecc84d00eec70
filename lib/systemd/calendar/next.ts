// After calendarspec.c: when a calendar expression elapses next. The walk is systemd's, step by step, because what it does around
// changes of the clock, and where it gives up, can be seen.
import {
  civilSeconds,
  type LocalTime,
  localtimeOrGmtime,
  mktimeOrTimegm,
  timeZone,
  USEC_PER_SEC,
  type BrokenTime,
  type TimeError,
  type Usec,
} from '@/lib/base'
import { ALL_WEEKDAYS, formatCalendarSpec, MAX_YEAR, USEC, type CalendarComponent, type CalendarSpec } from './spec'

/** `ENOENT`: never again. `EDEADLK`: the walk went in circles, see `calendarLoopWarning`. */
export type NextError = TimeError | 'ENOENT' | 'EDEADLK'

const MAX_ITERATIONS = 1000

export function calendarLoopWarning(spec: CalendarSpec, local: LocalTime): string {
  return `Infinite loop in calendar calculation: ${formatCalendarSpec(spec, local)}`
}

/** The day of the month that is `day` days from its end, or -1. */
function dayFromEnd(time: BrokenTime, utc: boolean, day: number, local: LocalTime): number {
  const t = { ...time, mon: time.mon + 1, mday: 1 - day }
  return mktimeOrTimegm(local, utc, t) === undefined || t.mon !== time.mon ? -1 : t.mday
}

/** The least value of the chain that is not below `value`. */
function matchComponent(chain: readonly CalendarComponent[] | undefined, value: number): number | undefined {
  if (chain === undefined) return value
  let best: number | undefined
  for (const { start, stop, repeat } of chain) {
    if (start >= value) {
      if (best === undefined || start < best) best = start
    } else if (repeat > 0) {
      const next = start + Math.ceil((value - start) / repeat) * repeat
      if ((best === undefined || next < best) && (stop < 0 || next <= stop)) best = next
    }
  }
  return best
}

class Walk {
  private readonly spec: CalendarSpec
  private readonly local: LocalTime
  private time: BrokenTime
  private usec: number
  /** The season asked for is no longer set again each round. */
  private keepSeason = false

  constructor(spec: CalendarSpec, local: LocalTime, start: BrokenTime, usec: number) {
    this.spec = spec
    this.local = local
    this.time = { ...start }
    this.usec = usec
  }

  /** Whether the fields name a real time: `ahead` when normalizing moved them forward (they are, now), `back` when backward or not at all. */
  private bounds(): 'inside' | 'ahead' | 'back' {
    const c = this.time
    if (c.year + 1900 > MAX_YEAR) return 'back'
    const t = { ...c }
    if (mktimeOrTimegm(this.local, this.spec.utc, t) === undefined) return 'back'
    // The field below the one that moved starts over, or the move could skip a match.
    let order: number
    if ((order = t.year - c.year) !== 0) Object.assign(t, { mon: 0, mday: 1 })
    else if ((order = t.mon - c.mon) !== 0) t.mday = 1
    else if ((order = t.mday - c.mday) !== 0) t.hour = 0
    else if ((order = t.hour - c.hour) !== 0) t.min = 0
    else if ((order = t.min - c.min) !== 0) t.sec = 0
    else order = t.sec - c.sec
    if (order < 0) return 'back'
    if (order > 0) this.time = t
    return order === 0 ? 'inside' : 'ahead'
  }

  private set(fields: Partial<BrokenTime>): void {
    Object.assign(this.time, fields)
    this.usec = 0
  }

  private weekdayMatches(): boolean {
    const bits = this.spec.weekdays
    if (bits < 0 || bits >= ALL_WEEKDAYS) return true
    const t = { ...this.time }
    if (mktimeOrTimegm(this.local, this.spec.utc, t) === undefined) return false
    return (bits & (1 << (t.wday === 0 ? 6 : t.wday - 1))) !== 0
  }

  private dayChain(): readonly CalendarComponent[] | undefined {
    if (!this.spec.endOfMonth) return this.spec.day
    return this.spec.day?.map(({ start, stop, repeat }) => {
      const first = dayFromEnd(this.time, this.spec.utc, start, this.local)
      const last = dayFromEnd(this.time, this.spec.utc, stop, this.local)
      return last > 0 ? { start: last, stop: first, repeat } : { start: first, stop: last, repeat }
    })
  }

  find(): { time: BrokenTime; usec: number } | NextError {
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      const step = this.step()
      if (step === 'found') return { time: this.time, usec: this.usec }
      if (step !== 'again') return step
    }
    return 'EDEADLK'
  }

  /**
   * On to the next hour. Where the clock is set, mktime() may answer that hour with an earlier one (in Dublin summer time is the
   * lower one; or a season was asked for that is over): the walk must not turn round, so the season found is the one asked for from now on.
   */
  private nextHour(): void {
    this.set({ hour: this.time.hour + 1, min: 0, sec: 0 })
    const t = { ...this.time }
    if (mktimeOrTimegm(this.local, this.spec.utc, t) === undefined || civilSeconds(t) >= civilSeconds(this.time)) return
    this.time.isdst = t.isdst
    this.keepSeason = true
  }

  /** One round from the year down to the second. */
  private step(): 'found' | 'again' | NextError {
    const { spec } = this
    mktimeOrTimegm(this.local, spec.utc, this.time)
    if (!this.keepSeason) this.time.isdst = spec.dst

    const year = matchComponent(spec.year, this.time.year + 1900)
    if (year === undefined) return 'ENOENT'
    if (year !== this.time.year + 1900) this.set({ year: year - 1900, mon: 0, mday: 1, hour: 0, min: 0, sec: 0 })
    if (this.bounds() !== 'inside') return 'ENOENT'

    const month = matchComponent(spec.month, this.time.mon + 1)
    if (month !== undefined && month !== this.time.mon + 1) this.set({ mon: month - 1, mday: 1, hour: 0, min: 0, sec: 0 })
    const inMonth = month === undefined ? 'back' : this.bounds()
    if (inMonth === 'back') this.set({ year: this.time.year + 1, mon: 0, mday: 1, hour: 0, min: 0, sec: 0 })
    if (inMonth !== 'inside') return 'again'

    const day = matchComponent(this.dayChain(), this.time.mday)
    if (day !== undefined && day !== this.time.mday) this.set({ mday: day, hour: 0, min: 0, sec: 0 })
    const inDay = day === undefined ? 'back' : this.bounds()
    if (inDay === 'back') this.set({ mon: this.time.mon + 1, mday: 1, hour: 0, min: 0, sec: 0 })
    if (inDay !== 'inside') return 'again'

    if (!this.weekdayMatches()) {
      this.set({ mday: this.time.mday + 1, hour: 0, min: 0, sec: 0 })
      return 'again'
    }

    const hour = matchComponent(spec.hour, this.time.hour)
    if (hour !== undefined && hour !== this.time.hour) this.set({ hour, min: 0, sec: 0 })
    const inHour = hour === undefined ? 'back' : this.bounds()
    if (inHour === 'back') this.set({ mday: this.time.mday + 1, hour: 0, min: 0, sec: 0 })
    if (inHour !== 'inside') return 'again'

    const minute = matchComponent(spec.minute, this.time.min)
    if (minute !== undefined && minute !== this.time.min) this.set({ min: minute, sec: 0 })
    const inMinute = minute === undefined ? 'back' : this.bounds()
    if (inMinute === 'back') this.nextHour()
    if (inMinute !== 'inside') return 'again'

    const micro = matchComponent(spec.microsecond, this.time.sec * USEC + this.usec)
    if (micro !== undefined) {
      this.time.sec = Math.floor(micro / USEC)
      this.usec = micro % USEC
    }
    const inSecond = micro === undefined ? 'back' : this.bounds()
    if (inSecond === 'back') this.set({ min: this.time.min + 1, sec: 0 })
    return inSecond === 'inside' ? 'found' : 'again'
  }
}

/** The first elapse after `usec` (realtime). */
export function nextElapse(spec: CalendarSpec, usec: Usec, local: LocalTime): Usec | NextError {
  const zone = spec.timezone === undefined ? undefined : timeZone(spec.timezone)
  const where = zone === undefined ? local : local.fork(zone, Math.floor(usec / USEC_PER_SEC))
  const after = usec + 1
  const start = localtimeOrGmtime(where, spec.utc, Math.floor(after / USEC_PER_SEC))
  const found = new Walk(spec, where, start, after % USEC_PER_SEC).find()
  if (typeof found === 'string') return found
  const seconds = mktimeOrTimegm(where, spec.utc, found.time)
  return seconds === undefined ? 'ERANGE' : seconds * USEC_PER_SEC + found.usec
}
