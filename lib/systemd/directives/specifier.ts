// After systemd.unit(5), "Specifiers", and unit-printf.c: what each %x stands for, and where it is refused.
import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { FileReader } from '@/lib/base'
import { unitNameToInstance, unitNameToPath, unitNameToPrefix, unitNameToPrefixAndInstance } from '../unit-name'
import { unitNamePathUnescape, unitNameUnescape } from '../unit-name'
import { byteLength } from './extract-word'

/** `full` nearly everywhere; `name` where units are named, and no file names make sense. */
export type SpecifierTable = 'full' | 'name'

/** What the manager that expands them knows of its machine and user. */
export type SpecifierHost = {
  readonly machineId: string | undefined
  readonly bootId: string
  readonly hostname: string
  readonly prettyHostname: string | undefined
  readonly kernelRelease: string
  /** As ConditionArchitecture= calls it: `x86-64`. */
  readonly architecture: string
  readonly osRelease: ReadonlyMap<string, string>
  readonly user: string
  readonly uid: number
  readonly group: string
  readonly gid: number
  readonly home: string
  readonly shell: string
  readonly runtimeDirectory: string
  readonly stateDirectory: string
  readonly cacheDirectory: string
  readonly logsDirectory: string
  readonly configurationDirectory: string
  readonly sharedDirectory: string
  readonly temporaryDirectory: string
  readonly persistentTemporaryDirectory: string
  readonly cgroupRoot: string
  /** Follows all symbolic links. */
  readonly realPath: (path: string) => string | undefined
}

export type SpecifierUnit = {
  readonly id: string
  readonly fragmentPath: string | undefined
  /** Of the slice, for the deprecated %r; `undefined` for the root. */
  readonly sliceCgroup?: string | undefined
  readonly cgroup?: string | undefined
}

const orElse = (text: string | undefined, error: Errno): string | Errno => text ?? error

function lastComponent(id: string): string {
  const prefix = unitNameToPrefix(id) ?? ''
  return prefix.slice(prefix.lastIndexOf('-') + 1)
}

type Lookup = (unit: SpecifierUnit, host: SpecifierHost) => string | Errno
const unescaped = (text: string): string | Errno => orElse(unitNameUnescape(text), errno.EINVAL)
const release =
  (field: string): Lookup =>
  (_unit, host) =>
    host.osRelease.get(field) ?? ''

const NAME_SPECIFIERS: Readonly<Record<string, Lookup>> = {
  i: (unit) => unitNameToInstance(unit.id) ?? '',
  j: (unit) => lastComponent(unit.id),
  n: (unit) => unit.id,
  N: (unit) => unitNameToPrefixAndInstance(unit.id) ?? '',
  p: (unit) => unitNameToPrefix(unit.id) ?? '',
  a: (_unit, host) => host.architecture,
  A: release('IMAGE_VERSION'),
  b: (_unit, host) => host.bootId,
  B: release('BUILD_ID'),
  H: (_unit, host) => host.hostname,
  l: (_unit, host) => host.hostname.replace(/\..*$/, ''),
  m: (_unit, host) => orElse(host.machineId, errno.EUNATCH),
  M: release('IMAGE_ID'),
  o: release('ID'),
  q: (_unit, host) => host.prettyHostname ?? host.hostname.replace(/\..*$/, ''),
  v: (_unit, host) => host.kernelRelease,
  w: release('VERSION_ID'),
  W: release('VARIANT_ID'),
  g: (_unit, host) => host.group,
  G: (_unit, host) => `${host.gid}`,
  u: (_unit, host) => host.user,
  U: (_unit, host) => `${host.uid}`,
}

const realPath = (unit: SpecifierUnit, host: SpecifierHost): string | Errno =>
  unit.fragmentPath === undefined ? errno.ENOENT : orElse(host.realPath(unit.fragmentPath), errno.ENOENT)

const FULL_SPECIFIERS: Readonly<Record<string, Lookup>> = {
  ...NAME_SPECIFIERS,
  I: (unit) => unescaped(unitNameToInstance(unit.id) ?? ''),
  J: (unit) => unescaped(lastComponent(unit.id)),
  P: (unit) => unescaped(unitNameToPrefix(unit.id) ?? ''),
  f: (unit) => {
    const instance = unitNameToInstance(unit.id)
    return orElse(instance === undefined ? unitNameToPath(unit.id) : unitNamePathUnescape(instance), errno.EINVAL)
  },
  y: realPath,
  Y: (unit, host) => {
    const path = realPath(unit, host)
    return isErrno(path) ? path : path.slice(0, path.lastIndexOf('/')) || '/'
  },
  c: (unit) => unit.cgroup ?? '',
  r: (unit, host) => unit.sliceCgroup ?? host.cgroupRoot,
  R: (_unit, host) => host.cgroupRoot,
  C: (_unit, host) => host.cacheDirectory,
  d: (unit, host) => `${host.runtimeDirectory}/credentials/${unit.id}`,
  D: (_unit, host) => host.sharedDirectory,
  E: (_unit, host) => host.configurationDirectory,
  L: (_unit, host) => host.logsDirectory,
  S: (_unit, host) => host.stateDirectory,
  t: (_unit, host) => host.runtimeDirectory,
  h: (_unit, host) => host.home,
  s: (_unit, host) => host.shell,
  T: (_unit, host) => host.temporaryDirectory,
  V: (_unit, host) => host.persistentTemporaryDirectory,
}

/** Letters that work, for completion. */
export const specifierLetters = (table: SpecifierTable): readonly string[] =>
  Object.keys(table === 'name' ? NAME_SPECIFIERS : FULL_SPECIFIERS)

/** They still work but say nothing of use; each use is warned of. */
export const DEPRECATED_SPECIFIERS: ReadonlySet<string> = new Set(['c', 'r', 'R'])

/** EBADSLT for a letter that means nothing here, ENAMETOOLONG above `maximum` bytes. */
export function expandSpecifiers(
  text: string,
  table: SpecifierTable,
  maximum: number,
  unit: SpecifierUnit,
  host: SpecifierHost,
  onDeprecated: (letter: string) => void = () => {},
): string | Errno {
  const lookups = table === 'name' ? NAME_SPECIFIERS : FULL_SPECIFIERS
  if (!text.includes('%')) return byteLength(text) > maximum ? errno.ENAMETOOLONG : text
  let out = ''
  let percent = false
  for (const char of text) {
    if (percent) {
      percent = false
      if (char === '%') out += '%'
      else if (Object.hasOwn(lookups, char)) {
        if (DEPRECATED_SPECIFIERS.has(char)) onDeprecated(char)
        const word = lookups[char]!(unit, host)
        if (isErrno(word)) return word
        // An empty word escapes the check of the length, as in the real one.
        if (word === '') continue
        out += word
      } else if (/[0-9a-zA-Z]/.test(char)) return errno.EBADSLT
      else out += `%${char}`
    } else if (char === '%') percent = true
    else out += char
    if (out.length > maximum || (out.length * 3 > maximum && byteLength(out) > maximum)) return errno.ENAMETOOLONG
  }
  if (percent) out += '%'
  return byteLength(out) > maximum ? errno.ENAMETOOLONG : out
}

/** The specifiers in a text with what they stand for; for hover. */
export function listSpecifiers(
  text: string,
  unit: SpecifierUnit,
  host: SpecifierHost,
): readonly { readonly at: number; readonly letter: string; readonly value: string | Errno }[] {
  const found: { at: number; letter: string; value: string | Errno }[] = []
  for (let at = text.indexOf('%'); at >= 0 && at + 1 < text.length; at = text.indexOf('%', at + 2)) {
    const letter = text[at + 1]!
    const lookup = Object.hasOwn(FULL_SPECIFIERS, letter) ? FULL_SPECIFIERS[letter]! : undefined
    found.push({ at, letter, value: letter === '%' ? '%' : lookup ? lookup(unit, host) : errno.EBADSLT })
  }
  return found
}

export type SpecifierFacts = {
  readonly scope: 'system' | 'user'
  readonly hostname: string
  readonly kernelRelease: string
  readonly bootId?: string
  readonly environment?: ReadonlyMap<string, string>
  readonly uid?: number
  readonly architecture?: string
}

/** `KEY=value` lines with shell quoting, as os-release(5) and machine-info(5) have them. */
export function parseEnvironmentFile(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z0-9_]+)=(.*?)\s*$/.exec(line)
    if (match === null) continue
    const raw = match[2]!
    const value = /^"(.*)"$/.test(raw) ? raw.slice(1, -1).replace(/\\(["$`\\])/g, '$1') : /^'(.*)'$/.test(raw) ? raw.slice(1, -1) : raw
    fields.set(match[1]!, value)
  }
  return fields
}

const decoder = new TextDecoder()

function textOf(reader: FileReader, path: string): string | undefined {
  const bytes = reader.readFile(path)
  return bytes && decoder.decode(bytes)
}

/** Follows every symbolic link in a path; `undefined` when it leads nowhere. */
export function realPathOf(reader: FileReader, path: string): string | undefined {
  let rest = path.split('/').filter((part) => part !== '' && part !== '.')
  const done: string[] = []
  for (let hops = 0; rest.length > 0; ) {
    const part = rest[0]!
    rest = rest.slice(1)
    if (part === '..') {
      done.pop()
      continue
    }
    const here = `/${[...done, part].join('/')}`
    const target = reader.readLink(here)
    if (target !== undefined) {
      hops += 1
      if (hops > 40) return undefined
      if (target.startsWith('/')) done.length = 0
      rest = [...target.split('/').filter((one) => one !== '' && one !== '.'), ...rest]
    } else {
      if (reader.linkStatus(here) === undefined) return undefined
      done.push(part)
    }
  }
  return `/${done.join('/')}`
}

/** Reads what the files of a tree tell; the rest comes from `facts`. */
export function specifierHost(reader: FileReader, facts: SpecifierFacts): SpecifierHost {
  const environment = facts.environment ?? new Map<string, string>()
  const uid = facts.uid ?? 0
  const passwd =
    textOf(reader, '/etc/passwd')
      ?.split('\n')
      .map((line) => line.split(':')) ?? []
  const entry = passwd.find((fields) => fields[2] === `${uid}`)
  const user = entry?.[0] ?? (uid === 0 ? 'root' : `${uid}`)
  const gid = facts.scope === 'system' ? 0 : Number(entry?.[3] ?? uid)
  const groups =
    textOf(reader, '/etc/group')
      ?.split('\n')
      .map((line) => line.split(':')) ?? []
  const home = environment.get('HOME') ?? entry?.[5] ?? (uid === 0 ? '/root' : '/')
  const system = facts.scope === 'system'
  const config = environment.get('XDG_CONFIG_HOME') ?? `${home}/.config`
  const state = environment.get('XDG_STATE_HOME') ?? `${home}/.local/state`
  const machineInfo = parseEnvironmentFile(textOf(reader, '/etc/machine-info') ?? '')
  const directory = (path: string | undefined) => (path !== undefined && reader.status(path)?.kind === 'directory' ? path : undefined)
  const temporary = ['TMPDIR', 'TEMP', 'TMP'].map((name) => directory(environment.get(name))).find((path) => path !== undefined)
  const machineId = textOf(reader, '/etc/machine-id')?.trim()
  return {
    machineId: machineId !== undefined && /^[0-9a-f]{32}$/.test(machineId) ? machineId : undefined,
    bootId: facts.bootId ?? '0'.repeat(32),
    hostname: facts.hostname,
    prettyHostname: machineInfo.get('PRETTY_HOSTNAME'),
    kernelRelease: facts.kernelRelease,
    architecture: facts.architecture ?? 'x86-64',
    osRelease: parseEnvironmentFile(textOf(reader, '/etc/os-release') ?? textOf(reader, '/usr/lib/os-release') ?? ''),
    user: system ? 'root' : user,
    uid: system ? 0 : uid,
    group: groups.find((fields) => fields[2] === `${gid}`)?.[0] ?? (gid === 0 ? 'root' : `${gid}`),
    gid,
    home,
    shell: environment.get('SHELL') ?? entry?.[6] ?? (uid === 0 ? '/bin/sh' : '/bin/sh'),
    runtimeDirectory: system ? '/run' : (environment.get('XDG_RUNTIME_DIR') ?? `/run/user/${uid}`),
    stateDirectory: system ? '/var/lib' : state,
    cacheDirectory: system ? '/var/cache' : (environment.get('XDG_CACHE_HOME') ?? `${home}/.cache`),
    logsDirectory: system ? '/var/log' : `${state}/log`,
    configurationDirectory: system ? '/etc' : config,
    sharedDirectory: system ? '/usr/share' : (environment.get('XDG_DATA_HOME') ?? `${home}/.local/share`),
    temporaryDirectory: temporary ?? '/tmp',
    persistentTemporaryDirectory: temporary ?? '/var/tmp',
    cgroupRoot: '',
    realPath: (path) => realPathOf(reader, path),
  }
}
