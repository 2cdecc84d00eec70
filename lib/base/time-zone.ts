// After tzset(3) and tzfile(5): the zones of Debian 13's tzdata as a table of ours, and the zone that TZ= names.
import { parsePosixZone, posixLocalType, type LocalType, type PosixZone } from './posix-zone'
import { ZONE_DATA, ZONE_LINKS } from './time-zone.generated'

export type { LocalType } from './posix-zone'
export { TZDATA_VERSION } from './time-zone.generated'

export type TimeZone = {
  /** `Europe/Berlin`, or the text of TZ= that made it. */
  readonly name: string
  /** Seconds since the epoch at which `types[typeOf[i]]` begins. */
  readonly transitions: readonly number[]
  readonly typeOf: readonly number[]
  readonly types: readonly LocalType[]
  /** In force from the last transition on. */
  readonly rule: PosixZone
}

/** Which the table does not hold though the package's folder does: pointers, no places. */
const EXTRA_LINKS: Readonly<Record<string, string>> = { posixrules: 'America/New_York' }

const links = new Map(ZONE_LINKS.split(' ').map((pair) => pair.split('=') as [string, string]))
const loaded = new Map<string, TimeZone>()

function simpleZone(name: string, rule: PosixZone): TimeZone {
  const types = rule.summer ? [rule.standard, rule.summer] : [rule.standard]
  return { name, transitions: [], typeOf: [], types, rule }
}

/** `types;which;deltas;rule`, see the generator. */
function unpack(name: string, packed: string): TimeZone {
  const [typeText, which, deltaText, footer] = packed.split(';') as [string, string, string, string]
  const types = typeText.split(',').map((one): LocalType => {
    const [offset, isdst, abbreviation] = one.split(':') as [string, string, string]
    return { offset: Number.parseInt(offset, 36), isdst: isdst === '1', abbreviation }
  })
  const typeOf = Array.from(which, (digit) => Number.parseInt(digit, 36))
  const transitions: number[] = []
  let at = 0
  if (deltaText !== '') {
    for (const delta of deltaText.split(' ')) transitions.push((at += Number.parseInt(delta, 36)))
  }
  const rule = parsePosixZone(footer)!
  return { name, transitions, typeOf, types, rule }
}

/** The zone that a file below /usr/share/zoneinfo describes. */
export function timeZone(name: string): TimeZone | undefined {
  const known = loaded.get(name)
  if (known) return known
  const packed = ZONE_DATA[links.get(name) ?? EXTRA_LINKS[name] ?? name]
  if (packed === undefined) return undefined
  const zone = unpack(name, packed)
  loaded.set(name, zone)
  return zone
}

/** Names of all zones, in byte order. */
export function timeZoneNames(): readonly string[] {
  return [...Object.keys(ZONE_DATA), ...links.keys()].sort()
}

export function timeZoneIsValid(name: string): boolean {
  return timeZone(name) !== undefined
}

export const UTC_ZONE: TimeZone = simpleZone('UTC', parsePosixZone('UTC0')!)

/**
 * What TZ= makes of a process: a zone's name (with or without a leading colon), a POSIX rule, or, as the C library has it, UTC
 * under the first letters of what it could not read.
 */
export function timeZoneOfText(text: string): TimeZone {
  const name = text.startsWith(':') ? text.slice(1) : text
  const zone = timeZone(name)
  if (zone !== undefined) return zone
  const rule = name === '' ? undefined : parsePosixZone(name)
  if (rule !== undefined) return simpleZone(text, rule)
  const label = name === '' ? 'Universal' : (/^[A-Za-z]{3,}/.exec(name)?.[0] ?? '')
  return simpleZone(text, { ...UTC_ZONE.rule, standard: { offset: 0, isdst: false, abbreviation: label } })
}

/** How many of the transitions are not after `seconds`. */
function countUntil(zone: TimeZone, seconds: number): number {
  let low = 0
  let high = zone.transitions.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (zone.transitions[middle]! <= seconds) low = middle + 1
    else high = middle
  }
  return low
}

export function localTypeAt(zone: TimeZone, seconds: number): LocalType {
  const count = countUntil(zone, seconds)
  if (count === zone.transitions.length) return posixLocalType(zone.rule, seconds)
  if (count === 0) return zone.types.find((type) => !type.isdst) ?? zone.types[0]!
  return zone.types[zone.typeOf[count - 1]!]!
}

/** The abbreviations that the C library's `tzname` holds after converting `seconds`: [standard, summer]. */
export function abbreviationsAround(zone: TimeZone, seconds: number): readonly [string, string] {
  const names: [string | undefined, string | undefined] = [undefined, undefined]
  const note = (type: LocalType): void => {
    const index = type.isdst ? 1 : 0
    names[index] ??= type.abbreviation
  }
  const count = countUntil(zone, seconds)
  if (count < zone.transitions.length) {
    if (count === 0) {
      note(localTypeAt(zone, seconds))
      for (const type of zone.types) if (type.isdst) note(type)
    } else {
      for (let index = count - 1; index < zone.typeOf.length; index++) note(zone.types[zone.typeOf[index]!]!)
    }
  }
  note(zone.rule.standard)
  if (zone.rule.summer) note(zone.rule.summer)
  const [standard, summer] = names
  return [standard ?? summer ?? '', summer ?? standard ?? '']
}

/** What the C library's `timezone` and `daylight` say after converting `seconds`: no offset and no summer time. */
export function isUtcAround(zone: TimeZone, seconds: number): boolean {
  const { rule, types } = zone
  if (rule.standard.offset !== 0) return false
  if (countUntil(zone, seconds) < zone.transitions.length) return !types.some((type) => type.isdst)
  return (rule.summer?.offset ?? 0) === 0
}

/** The next moment after `seconds` at which the clock's offset or abbreviation changes; for pictures of a year. */
export function nextTransition(zone: TimeZone, seconds: number, limitSeconds: number): number | undefined {
  const now = localTypeAt(zone, seconds)
  const differs = (at: number): boolean => {
    const type = localTypeAt(zone, at)
    return type.offset !== now.offset || type.abbreviation !== now.abbreviation
  }
  const step = 6 * 86_400
  for (let at = seconds; at < limitSeconds; at += step) {
    if (!differs(at + step)) continue
    let low = at
    let high = at + step
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (differs(middle)) high = middle
      else low = middle
    }
    return high < limitSeconds ? high : undefined
  }
  return undefined
}
