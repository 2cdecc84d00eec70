// Writes lib/base/time-zone.generated.ts from a compiled zoneinfo folder (tzfile(5)):
//
//   npx tsx test/base/record/time-zones.ts DIR
//
// DIR is usr/share/zoneinfo of Debian 13's package tzdata (public domain), unpacked. Names of tzdata-legacy are not in it.
// One zone is `types;which;deltas;rule`: types are `offset:isdst:abbreviation`, offset in base 36; `which` has one base-36 digit a
// transition; deltas are seconds since the transition before (the first since the epoch), in base 36; the rule is POSIX's.
// Transitions that the rule makes anyway are left out.
import { lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parsePosixZone, posixLocalType, type LocalType } from '../../../lib/base/posix-zone'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder?')

function readZone(data: Buffer): string {
  const header = (at: number) =>
    [0, 1, 2, 3, 4, 5].map((index) => data.readInt32BE(at + 20 + index * 4)) as [number, number, number, number, number, number]
  const [isut1, isstd1, leap1, time1, type1, char1] = header(0)
  let at = 44 + time1 * 5 + type1 * 6 + char1 + leap1 * 8 + isstd1 + isut1
  const [isut, isstd, leap, timeCount, typeCount, charCount] = header(at)
  at += 44
  const times = Array.from({ length: timeCount }, (_, index) => Number(data.readBigInt64BE(at + index * 8)))
  at += timeCount * 8
  const which = Array.from(data.subarray(at, at + timeCount))
  at += timeCount
  const names = at + typeCount * 6
  const types = Array.from({ length: typeCount }, (_, index): LocalType => {
    const start = names + data.readUInt8(at + index * 6 + 5)
    return {
      offset: data.readInt32BE(at + index * 6),
      isdst: data.readUInt8(at + index * 6 + 4) === 1,
      abbreviation: data.toString('latin1', start, data.indexOf(0, start)),
    }
  })
  at = names + charCount + leap * 12 + isstd + isut
  const footer = data.toString('latin1', at + 1, data.indexOf('\n', at + 1))
  const rule = parsePosixZone(footer)
  if (rule === undefined) throw new Error(`unreadable rule ${footer}`)
  const same = (a: LocalType, b: LocalType) => a.offset === b.offset && a.isdst === b.isdst && a.abbreviation === b.abbreviation

  /** Nothing but the rule's own type between two transitions, looked at day by day. */
  const steady = (from: number, to: number, type: LocalType): boolean => {
    if (to - from > 400 * 86_400) return false
    for (let time = from; time < to; time += 86_400) if (!same(posixLocalType(rule, time), type)) return false
    return true
  }

  let count = times.length
  while (count > 1) {
    const time = times[count - 1]!
    const made =
      same(posixLocalType(rule, time), types[which[count - 1]!]!) && same(posixLocalType(rule, time - 1), types[which[count - 2]!]!)
    if (!made || !steady(times[count - 2]!, time, types[which[count - 2]!]!)) break
    count -= 1
  }
  const typeText = types.map((type) => `${type.offset.toString(36)}:${type.isdst ? 1 : 0}:${type.abbreviation}`).join(',')
  const deltas = times.slice(0, count).map((time, index) => (time - (times[index - 1] ?? 0)).toString(36))
  const digits = which.slice(0, count).map((index) => index.toString(36))
  return [typeText, digits.join(''), deltas.join(' '), footer].join(';')
}

const zones = new Map<string, string>()
const links: string[] = []
const bodies = new Map<string, string>()
const walk = (path: string): string[] =>
  readdirSync(path).flatMap((name) => (lstatSync(join(path, name)).isDirectory() ? walk(join(path, name)) : [join(path, name)]))
const plainFirst = (path: string) => (lstatSync(path).isSymbolicLink() ? 1 : 0)
for (const path of walk(folder).sort((a, b) => plainFirst(a) - plainFirst(b) || (a < b ? -1 : 1))) {
  const name = relative(folder, path)
  if (name === 'localtime' || name === 'posixrules') continue
  const data = readFileSync(path)
  if (data.toString('latin1', 0, 4) !== 'TZif') continue
  const body = readZone(data)
  const other = bodies.get(body)
  if (other !== undefined) links.push(`${name}=${other}`)
  else {
    bodies.set(body, name)
    zones.set(name, body)
  }
}
const version = /^# version (\S+)/.exec(readFileSync(join(folder, 'tzdata.zi'), 'utf8'))?.[1] ?? 'unknown'
const rows = [...zones].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, body]) => `  '${name}': '${body}',`)
writeFileSync(
  new URL('../../../lib/base/time-zone.generated.ts', import.meta.url),
  `// Generated from Debian 13's tzdata (public domain) by test/base/record/time-zones.ts, which tells the format. Do not edit.
export const TZDATA_VERSION = '${version}'
export const ZONE_DATA: Readonly<Record<string, string>> = {
${rows.join('\n')}
}
/** \`name=zone with the same table\`, separated by spaces. */
export const ZONE_LINKS =
  '${links.sort().join(' ')}'
`,
)
