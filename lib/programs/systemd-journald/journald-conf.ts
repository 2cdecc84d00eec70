// After journald.conf(5).
import { decodeUtf8, parseByteSize, parseSec, type FileReader, type Usec } from '@/lib/base'
import { parseLogLevel } from '@/lib/journal'

export type JournaldConf = {
  Storage: 'auto' | 'persistent' | 'volatile' | 'none'
  SplitMode: 'uid' | 'none'
  SyncIntervalSec: Usec
  RateLimitIntervalSec: Usec
  RateLimitBurst: number
  SystemMaxUse: number | undefined
  SystemKeepFree: number | undefined
  SystemMaxFileSize: number | undefined
  SystemMaxFiles: number
  RuntimeMaxUse: number | undefined
  RuntimeKeepFree: number | undefined
  RuntimeMaxFileSize: number | undefined
  RuntimeMaxFiles: number
  MaxRetentionSec: Usec
  MaxFileSec: Usec
  ForwardToSyslog: boolean
  ForwardToKMsg: boolean
  ForwardToConsole: boolean
  ForwardToWall: boolean
  TTYPath: string
  MaxLevelStore: number
  MaxLevelSyslog: number
  MaxLevelKMsg: number
  MaxLevelConsole: number
  MaxLevelWall: number
  LineMax: number
  ReadKMsg: boolean
}

export function defaultConf(): JournaldConf {
  return {
    Storage: 'auto',
    SplitMode: 'uid',
    SyncIntervalSec: 300_000_000,
    RateLimitIntervalSec: 30_000_000,
    RateLimitBurst: 10_000,
    SystemMaxUse: undefined,
    SystemKeepFree: undefined,
    SystemMaxFileSize: undefined,
    SystemMaxFiles: 100,
    RuntimeMaxUse: undefined,
    RuntimeKeepFree: undefined,
    RuntimeMaxFileSize: undefined,
    RuntimeMaxFiles: 100,
    MaxRetentionSec: 0,
    MaxFileSec: 2_629_800_000_000,
    ForwardToSyslog: false,
    ForwardToKMsg: false,
    ForwardToConsole: false,
    ForwardToWall: true,
    TTYPath: '/dev/console',
    MaxLevelStore: 7,
    MaxLevelSyslog: 7,
    MaxLevelKMsg: 5,
    MaxLevelConsole: 6,
    MaxLevelWall: 0,
    LineMax: 48 * 1024,
    ReadKMsg: true,
  }
}

type Setter = (conf: JournaldConf, value: string) => boolean
const boolean = (text: string) => (/^(1|yes|y|true|t|on)$/i.test(text) ? true : /^(0|no|n|false|f|off)$/i.test(text) ? false : undefined)

function setter<Key extends keyof JournaldConf>(key: Key, parse: (text: string) => JournaldConf[Key] | null): Setter {
  return (conf, value) => {
    const parsed = parse(value)
    if (parsed === null) return false
    conf[key] = parsed
    return true
  }
}

const oneOf =
  <T extends string>(...values: T[]) =>
  (text: string): T | null =>
    (values as string[]).includes(text) ? (text as T) : null
const flag = (text: string) => boolean(text) ?? null
const seconds = (text: string) => {
  const usec = parseSec(text)
  return typeof usec === 'number' ? usec : null
}
const count = (text: string) => (/^\d+$/.test(text) ? Number(text) : null)
const size = (text: string) => (text === '' ? undefined : (parseByteSize(text) ?? null))
const level = (text: string) => parseLogLevel(text) ?? null

const settings: Readonly<Record<string, Setter>> = {
  Storage: setter('Storage', oneOf('auto', 'persistent', 'volatile', 'none')),
  SplitMode: setter('SplitMode', oneOf('uid', 'none')),
  SyncIntervalSec: setter('SyncIntervalSec', seconds),
  RateLimitIntervalSec: setter('RateLimitIntervalSec', seconds),
  RateLimitInterval: setter('RateLimitIntervalSec', seconds),
  RateLimitBurst: setter('RateLimitBurst', count),
  SystemMaxUse: setter('SystemMaxUse', size),
  SystemKeepFree: setter('SystemKeepFree', size),
  SystemMaxFileSize: setter('SystemMaxFileSize', size),
  SystemMaxFiles: setter('SystemMaxFiles', count),
  RuntimeMaxUse: setter('RuntimeMaxUse', size),
  RuntimeKeepFree: setter('RuntimeKeepFree', size),
  RuntimeMaxFileSize: setter('RuntimeMaxFileSize', size),
  RuntimeMaxFiles: setter('RuntimeMaxFiles', count),
  MaxRetentionSec: setter('MaxRetentionSec', seconds),
  MaxFileSec: setter('MaxFileSec', seconds),
  ForwardToSyslog: setter('ForwardToSyslog', flag),
  ForwardToKMsg: setter('ForwardToKMsg', flag),
  ForwardToConsole: setter('ForwardToConsole', flag),
  ForwardToWall: setter('ForwardToWall', flag),
  TTYPath: setter('TTYPath', (text) => (text.startsWith('/') ? text : null)),
  MaxLevelStore: setter('MaxLevelStore', level),
  MaxLevelSyslog: setter('MaxLevelSyslog', level),
  MaxLevelKMsg: setter('MaxLevelKMsg', level),
  MaxLevelConsole: setter('MaxLevelConsole', level),
  MaxLevelWall: setter('MaxLevelWall', level),
  LineMax: setter('LineMax', (text) => (text === '' ? 48 * 1024 : (parseByteSize(text) ?? null))),
  ReadKMsg: setter('ReadKMsg', flag),
}
/** Known, and of no consequence here: nothing is compressed, sealed or audited. */
const heedless = new Set(['Compress', 'Seal', 'Audit', 'MaxLevelSocket', 'ForwardToSocket'])

const directories = ['/etc', '/run', '/usr/local/lib', '/usr/lib'] as const

/** The main file and the drop-ins, and what is wrong with them in systemd's words. */
export function readJournaldConf(reader: FileReader): { readonly conf: JournaldConf; readonly complaints: readonly string[] } {
  const conf = defaultConf()
  const complaints: string[] = []
  const main = directories.map((directory) => `${directory}/systemd/journald.conf`).find((path) => reader.status(path) !== undefined)
  const dropIns = new Map<string, string>()
  for (const directory of [...directories].reverse()) {
    const path = `${directory}/systemd/journald.conf.d`
    for (const name of reader.readDirectory(path) ?? []) if (name.endsWith('.conf')) dropIns.set(name, `${path}/${name}`)
  }
  const names = [...dropIns.keys()].sort((a, b) => (a < b ? -1 : 1))
  for (const path of [...(main === undefined ? [] : [main]), ...names.map((name) => dropIns.get(name)!)]) {
    const content = reader.readFile(path)
    if (content !== undefined) parseInto(conf, path, decodeUtf8(content), complaints)
  }
  return { conf, complaints }
}

function parseInto(conf: JournaldConf, path: string, text: string, complaints: string[]): void {
  let section = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const where = `${path}:${index + 1}`
    const header = /^\[(.*)\]$/.exec(line)
    if (header !== null) {
      section = header[1]!
      if (section !== 'Journal') complaints.push(`${where}: Unknown section '${section}'. Ignoring.`)
      continue
    }
    const equals = line.indexOf('=')
    if (section === '') complaints.push(`${where}: Assignment outside of section. Ignoring.`)
    if (section !== 'Journal') continue
    if (equals < 0) {
      complaints.push(`${where}: Missing '=', ignoring line.`)
      continue
    }
    const key = line.slice(0, equals).trimEnd()
    const value = line.slice(equals + 1).trim()
    const set = settings[key]
    if (set === undefined) {
      if (!heedless.has(key)) complaints.push(`${where}: Unknown key '${key}' in section [Journal], ignoring.`)
    } else if (!set(conf, value)) complaints.push(`${where}: Failed to parse ${key}=, ignoring: ${value}`)
  }
}
