// After tzset(3): `CET-1CEST,M3.5.0,M10.5.0/3`, the rule that ends every zone's table and that TZ= may hold.
import { daysFromCivil, gmtime, isLeapYear } from './civil-time'

export type LocalType = {
  /** Seconds east of UTC. */
  readonly offset: number
  readonly isdst: boolean
  readonly abbreviation: string
}

type ChangeRule =
  | { readonly kind: 'month'; readonly month: number; readonly week: number; readonly day: number; readonly seconds: number }
  /** Day of the year from 0, leap days counted or (from 1) never. */
  | { readonly kind: 'day' | 'julian'; readonly day: number; readonly seconds: number }

export type PosixZone = {
  readonly standard: LocalType
  readonly summer: LocalType | undefined
  readonly toSummer: ChangeRule
  readonly toStandard: ChangeRule
}

const NAME = '(?:<([A-Za-z0-9+-]{3,})>|([A-Za-z]{3,}))'
const TIME = '([+-]?\\d{1,3})(?::(\\d{1,2}))?(?::(\\d{1,2}))?'
const DEFAULT_RULES = 'M3.2.0,M11.1.0'

const timeOf = (hours: string, minutes: string | undefined, seconds: string | undefined): number => {
  const sign = hours.startsWith('-') ? -1 : 1
  return sign * (Math.abs(Number(hours)) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0))
}

function parseRule(text: string): ChangeRule | undefined {
  const match = new RegExp(`^(?:M(\\d{1,2})\\.(\\d)\\.(\\d)|(J?)(\\d{1,3}))(?:/${TIME})?$`).exec(text)
  if (match === null) return undefined
  const seconds = match[6] === undefined ? 7200 : timeOf(match[6], match[7], match[8])
  if (match[1] === undefined) {
    const day = Number(match[5])
    const julian = match[4] === 'J'
    return day > 365 || (julian && day === 0) ? undefined : { kind: julian ? 'julian' : 'day', day, seconds }
  }
  const [month, week, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || week < 1 || week > 5 || day > 6) return undefined
  return { kind: 'month', month, week, day, seconds }
}

export function parsePosixZone(text: string): PosixZone | undefined {
  const match = new RegExp(`^${NAME}${TIME}(?:${NAME}(?:${TIME})?(?:,(.*))?)?$`).exec(text)
  if (match === null) return undefined
  const standard: LocalType = { offset: -timeOf(match[3]!, match[4], match[5]), isdst: false, abbreviation: match[1] ?? match[2]! }
  const name = match[6] ?? match[7]
  const rules = (match[11] === undefined || match[11] === '' ? DEFAULT_RULES : match[11]).split(',').map(parseRule)
  const [toSummer, toStandard] = rules
  if (toSummer === undefined || toStandard === undefined || rules.length !== 2) return undefined
  if (name === undefined) return { standard, summer: undefined, toSummer, toStandard }
  const offset = match[8] === undefined ? standard.offset + 3600 : -timeOf(match[8], match[9], match[10])
  return { standard, summer: { offset, isdst: true, abbreviation: name }, toSummer, toStandard }
}

/** Seconds since the epoch at which the rule comes into force in a year, given the offset until then. */
function changeTime(rule: ChangeRule, year: number, offset: number): number {
  let days: number
  if (rule.kind === 'month') {
    const first = daysFromCivil(year, rule.month - 1, 1)
    const weekday = (((first + 4) % 7) + 7) % 7
    days = first + ((rule.day - weekday + 7) % 7) + (rule.week - 1) * 7
    if (days >= daysFromCivil(year, rule.month, 1)) days -= 7
  } else {
    days = daysFromCivil(year, 0, 1) + rule.day
    if (rule.kind === 'julian') days -= isLeapYear(year) && rule.day >= 60 ? 0 : 1
  }
  return days * 86_400 + rule.seconds - offset
}

export function posixLocalType(zone: PosixZone, seconds: number): LocalType {
  const { standard, summer } = zone
  if (summer === undefined) return standard
  const year = gmtime(seconds).year + 1900
  const start = changeTime(zone.toSummer, year, standard.offset)
  const end = changeTime(zone.toStandard, year, summer.offset)
  const inSummer = start > end ? seconds < end || seconds >= start : seconds >= start && seconds < end
  return inSummer ? summer : standard
}
