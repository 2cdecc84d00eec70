// After systemd.unit(5), "[Install] Section Options": a unit file as `systemctl enable` sees it.
import { decodeUtf8, type FileReader } from '@/lib/base'
import {
  unitNameIsValid,
  unitNameKind,
  unitNameReplaceInstance,
  unitNameTemplate,
  unitNameToInstance,
  unitNameToPrefix,
} from '../unit-name'
import type { InstallPaths } from './install-paths'

export type InstallMode = 'regular' | 'linked' | 'alias' | 'masked'

export type InstallInfo = {
  /** The name by which it was asked for, or the file's own name where that was an alias. */
  readonly name: string
  /** The file that holds the settings. */
  readonly path: string
  readonly mode: InstallMode
  /** For an alias: the unit it names. */
  readonly target?: string
  readonly alias: readonly string[]
  readonly wantedBy: readonly string[]
  readonly requiredBy: readonly string[]
  readonly upheldBy: readonly string[]
  readonly also: readonly string[]
  readonly defaultInstance: string | undefined
}

export function hasRules(info: InstallInfo): boolean {
  return info.alias.length + info.wantedBy.length + info.requiredBy.length + info.upheldBy.length > 0
}

type Section = {
  alias: string[]
  wantedBy: string[]
  requiredBy: string[]
  upheldBy: string[]
  also: string[]
  defaultInstance: string | undefined
}
const lists: Readonly<Record<string, 'alias' | 'wantedBy' | 'requiredBy' | 'upheldBy' | 'also'>> = {
  Alias: 'alias',
  WantedBy: 'wantedBy',
  RequiredBy: 'requiredBy',
  UpheldBy: 'upheldBy',
  Also: 'also',
}

/** The name specifiers that [Install] allows, for a unit without its host: %n %N %p %i %j %I %J and %%. */
export function expandInstallSpecifiers(text: string, unit: string): string {
  const prefix = unitNameToPrefix(unit) ?? ''
  const instance = unitNameToInstance(unit) ?? ''
  return text.replace(/%(.)/g, (whole, letter: string) => {
    switch (letter) {
      case 'n':
        return unit
      case 'N':
        return unit.replace(/\.[^.]*$/, '')
      case 'p':
      case 'P':
        return prefix
      case 'i':
      case 'I':
        return instance
      case 'j':
      case 'J':
        return prefix.slice(prefix.lastIndexOf('-') + 1)
      case 'u':
        return 'root'
      case 'U':
        return '0'
      case '%':
        return '%'
      default:
        return whole
    }
  })
}

function readSection(text: string, into: Section): void {
  let section = ''
  let pending = ''
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trimStart()
    if (line.startsWith('#') || line.startsWith(';')) continue
    const whole = pending + line
    if (raw.endsWith('\\')) {
      pending = `${whole.slice(0, -1)} `
      continue
    }
    pending = ''
    const header = /^\[(.+)\]\s*$/.exec(whole)
    if (header !== null) {
      section = header[1] ?? ''
      continue
    }
    const at = whole.indexOf('=')
    if (section !== 'Install' || at < 0) continue
    const key = whole.slice(0, at).trim()
    const value = whole.slice(at + 1).trim()
    if (key === 'DefaultInstance') into.defaultInstance = value === '' ? undefined : value
    const list = lists[key]
    if (list === undefined) continue
    if (value === '') into[list] = []
    else into[list].push(...value.split(/\s+/))
  }
}

/** Folders of drop-ins that belong to a name, the most specific first. */
export function dropInFolders(name: string): readonly string[] {
  const dot = name.lastIndexOf('.')
  const suffix = name.slice(dot)
  const folders = [`${name}.d`]
  const template = unitNameKind(name) === 'instance' ? unitNameTemplate(name) : undefined
  if (template !== undefined) folders.push(`${template}.d`)
  const base = name.slice(0, dot).replace(/@.*$/, '')
  for (let at = base.lastIndexOf('-', base.length - 2); at > 0; at = base.lastIndexOf('-', at - 1))
    folders.push(`${base.slice(0, at + 1)}${suffix}.d`)
  folders.push(`${suffix.slice(1)}.d`)
  return folders
}

function sectionOf(reader: FileReader, paths: InstallPaths, name: string, path: string): Section {
  const section: Section = { alias: [], wantedBy: [], requiredBy: [], upheldBy: [], also: [], defaultInstance: undefined }
  const own = reader.readFile(path)
  if (own !== undefined) readSection(decodeUtf8(own), section)
  const dropIns = new Map<string, string>()
  for (const folder of dropInFolders(name))
    for (const search of paths.searchPath)
      for (const file of reader.readDirectory(`${search}/${folder}`) ?? [])
        if (file.endsWith('.conf') && !dropIns.has(file)) dropIns.set(file, `${search}/${folder}/${file}`)
  for (const file of [...dropIns.keys()].sort()) {
    const bytes = reader.readFile(dropIns.get(file) ?? '')
    if (bytes !== undefined) readSection(decodeUtf8(bytes), section)
  }
  return section
}

function inSearchPath(paths: InstallPaths, path: string): boolean {
  return paths.searchPath.includes(path.slice(0, path.lastIndexOf('/')))
}

/** `../a.service` beside `/etc/systemd/system/x.service` → an absolute, simplified path. */
export function resolveLink(link: string, target: string): string {
  const parts = (target.startsWith('/') ? target : `${link.slice(0, link.lastIndexOf('/'))}/${target}`).split('/')
  const kept: string[] = []
  for (const part of parts) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `/${kept.join('/')}`
}

/** /bin, /sbin, /lib and /lib64 are links into /usr: a unit below /lib/systemd is the one below /usr/lib/systemd. */
const mergedUsr = (path: string): string => path.replace(/^\/lib\/systemd\//, '/usr/lib/systemd/')

/** A file of this name in the search path, not following what it links to. */
export function findUnitFile(reader: FileReader, paths: InstallPaths, name: string): string | undefined {
  return paths.searchPath.map((folder) => `${folder}/${name}`).find((path) => reader.linkStatus(path) !== undefined)
}

/** Loads one unit file for install; undefined when there is none. Aliases are followed when `follow`. */
export function discover(reader: FileReader, paths: InstallPaths, name: string, follow = true, depth = 0): InstallInfo | undefined {
  const template = unitNameKind(name) === 'instance' ? unitNameTemplate(name) : undefined
  const path = findUnitFile(reader, paths, name) ?? (template === undefined ? undefined : findUnitFile(reader, paths, template))
  if (path === undefined || depth > 20) return undefined
  const status = reader.linkStatus(path)
  const none = { alias: [], wantedBy: [], requiredBy: [], upheldBy: [], also: [], defaultInstance: undefined }
  if (status?.kind === 'symlink') {
    const target = mergedUsr(resolveLink(path, reader.readLink(path) ?? ''))
    if (target === '/dev/null') return { name, path, mode: 'masked', ...none }
    if (inSearchPath(paths, target)) {
      const base = target.slice(target.lastIndexOf('/') + 1)
      if (base !== name && base !== template) {
        const instance = unitNameToInstance(name)
        const real =
          unitNameKind(base) === 'template' && instance !== undefined && instance !== ''
            ? (unitNameReplaceInstance(base, instance) ?? base)
            : base
        if (!follow) return { name, path, mode: 'alias', target: real, ...none }
        return discover(reader, paths, real, follow, depth + 1)
      }
      return { name, path: target, mode: 'regular', ...sectionOf(reader, paths, name, target) }
    }
    if (reader.status(target) === undefined) return undefined
    return { name, path: target, mode: 'linked', ...sectionOf(reader, paths, name, target) }
  }
  if (status?.kind === 'file' && status.size === 0) return { name, path, mode: 'masked', ...none }
  if (status?.kind !== 'file') return undefined
  return { name, path, mode: 'regular', ...sectionOf(reader, paths, name, path) }
}

/** For a template: the name that `enable` without an instance stands for. */
export function withDefaultInstance(info: InstallInfo): string | undefined {
  if (unitNameKind(info.name) !== 'template' || info.defaultInstance === undefined) return undefined
  const name = unitNameReplaceInstance(info.name, expandInstallSpecifiers(info.defaultInstance, info.name))
  return name !== undefined && unitNameIsValid(name, 'instance') ? name : undefined
}
