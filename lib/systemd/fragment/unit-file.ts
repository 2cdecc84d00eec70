// After unit-file.c: which file is a unit's, by which other names it goes, and which directories of drop-ins belong to it.
import { type FileReader, pathSimplify, pathStartsWith } from '@/lib/base'
import { realPathOf, type Severity } from '../directives'
import {
  isUnitTypeName,
  unitNameBuild,
  unitNameIsValid,
  unitNameKind,
  unitNameReplaceInstance,
  unitNameSuffix,
  unitNameTemplate,
  unitNameToInstance,
  unitNameToPrefix,
  unitNameToType,
  unitPrefixIsValid,
} from '../unit-name'

/** Types of which one unit may have several names, or be made of a template. */
const MAY_ALIAS: ReadonlySet<string | undefined> = new Set(['service', 'socket', 'target', 'device', 'timer', 'path'])
const MAY_TEMPLATE: ReadonlySet<string | undefined> = new Set(['service', 'socket', 'target', 'timer', 'path'])
export const unitTypeMayAlias = (type: string | undefined): boolean => MAY_ALIAS.has(type)
export const unitTypeMayTemplate = (type: string | undefined): boolean => MAY_TEMPLATE.has(type)

export type Notice = { readonly severity: Severity; readonly text: string }

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Empty files and /dev/null switch off what they stand for. */
export function nullOrEmpty(reader: FileReader, path: string): boolean {
  const status = reader.status(path)
  if (status === undefined) return false
  return (status.kind === 'character-device' || status.kind === 'file') && status.size === 0
}

const DIRECTORY_SUFFIXES = ['.wants', '.requires', '.upholds', '.d']

function directoryNameIsValid(name: string): boolean {
  return DIRECTORY_SUFFIXES.some((suffix) => {
    if (!name.endsWith(suffix)) return false
    const unit = name.slice(0, -suffix.length)
    return unitNameIsValid(unit) || isUnitTypeName(unit)
  })
}

/** `undefined`: fine. Else why the link is no alias. */
export function aliasFault(source: string, target: string): string | undefined {
  const name = baseName(source)
  const type = unitNameToType(name)
  const kind = unitNameKind(name)
  if (!unitTypeMayAlias(type)) return `${source}: symlinks are not allowed for units of this type, rejecting.`
  if (kind !== 'plain' && !unitTypeMayTemplate(type)) return `${source}: templates not allowed for ${type} units, rejecting.`
  const other = baseName(target)
  if (name === other) return ''
  const otherKind = unitNameKind(other)
  if (otherKind === undefined) return `${source} points to "${other}" which is not a valid unit name: Invalid cross-device link`
  if (otherKind !== kind && !(kind === 'instance' && otherKind === 'template')) {
    return `${source}: symlink target name type "${other}" does not match source, rejecting.`
  }
  if (otherKind === 'instance' && unitNameToInstance(name) !== unitNameToInstance(other)) {
    return `${source}: unit symlink target "${other}" instance name doesn't match, rejecting.`
  }
  return unitNameToType(other) === type ? undefined : `${source}: symlink target "${other}" has incompatible suffix, rejecting.`
}

/** Target of a link, absolute and without `.` and `..`; its directories' links are followed, itself not. */
export function resolveLinkTarget(reader: FileReader, directory: string, target: string): string {
  const absolute = target.startsWith('/') ? target : `${directory}/${target}`
  const parts: string[] = []
  for (const part of absolute.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  const parent = `/${parts.slice(0, -1).join('/')}`
  const real = realPathOf(reader, parent) ?? parent
  return pathSimplify(`${real}/${parts.at(-1) ?? ''}`)
}

const FOLLOW_MAX = 8

/** The names whose directories count for this one: itself, its template, and both with ever shorter prefixes. */
function dropInNames(name: string): string[] {
  const names: string[] = []
  const visit = (one: string): void => {
    names.push(one)
    const instantiated = unitNameKind(one) === 'instance'
    const template = instantiated ? unitNameTemplate(one) : undefined
    if (template !== undefined) visit(template)
    if (isUnitTypeName(one)) return
    const prefix = shorterPrefix(unitNameToPrefix(one) ?? '')
    if (prefix === undefined || !unitPrefixIsValid(prefix)) return
    const built = unitNameBuild(prefix, instantiated ? unitNameToInstance(one) : undefined, unitNameSuffix(one))
    if (built !== undefined) visit(built)
  }
  visit(name)
  return names
}

export type FragmentFound = { readonly path: string | undefined; readonly names: ReadonlySet<string> }

/** What is in the directories of units: read once, asked often. */
export class UnitFileMap {
  /** Name → path of its file, or the name that it is an alias of. */
  private readonly ids = new Map<string, string>()
  /** Name of a file → all names that lead to it. */
  private readonly aliases = new Map<string, string[]>()
  /** Directories of drop-ins and dependencies that are there. */
  private readonly directories = new Set<string>()
  /** Their last components: most names have none. */
  private readonly directoryNames = new Set<string>()
  readonly notices: Notice[] = []
  readonly searchPath: readonly string[]
  private readonly reader: FileReader

  constructor(reader: FileReader, searchPath: readonly string[]) {
    this.reader = reader
    this.searchPath = searchPath
    const known = [...searchPath]
    for (const directory of searchPath) {
      const real = realPathOf(reader, directory)
      if (real !== undefined && !known.includes(real)) known.push(real)
    }
    for (const directory of searchPath) this.readDirectory(directory, known)
    for (const name of this.ids.keys()) this.putAlias(name)
  }

  private readDirectory(directory: string, known: readonly string[]): void {
    for (const name of this.reader.readDirectory(directory) ?? []) {
      const path = `${directory}/${name}`
      const kind = this.reader.linkStatus(path)?.kind
      const isUnit = unitNameIsValid(name)
      if (kind === 'directory' || (kind === 'symlink' && !isUnit)) {
        if (directoryNameIsValid(name) && this.reader.status(path)?.kind === 'directory') {
          this.directories.add(path)
          this.directoryNames.add(name)
        }
        continue
      }
      if (!isUnit || (kind !== 'file' && kind !== 'symlink') || this.ids.has(name)) continue
      if (kind === 'file') this.ids.set(name, path)
      else {
        const target = this.resolve(directory, name, known)
        if (target !== undefined) this.ids.set(name, target)
      }
    }
  }

  private resolve(directory: string, name: string, known: readonly string[]): string | undefined {
    const path = `${directory}/${name}`
    const target = resolveLinkTarget(this.reader, directory, this.reader.readLink(path) ?? '')
    const tail = known.map((one) => pathStartsWith(target, one)).find((rest) => rest !== undefined && rest !== '')
    if (tail === undefined) return path
    const fault = aliasFault(name, target)
    if (fault !== undefined) {
      if (fault !== '') this.notices.push({ severity: 'notice', text: fault })
      return undefined
    }
    if (tail.includes('/')) {
      this.notices.push({ severity: 'warning', text: `Suspicious symlink ${path} → ${target}, treating as alias.` })
    }
    return baseName(target)
  }

  private putAlias(name: string): void {
    const path = this.pathOf(name)
    if (path === undefined || nullOrEmpty(this.reader, path) || this.reader.status(path) === undefined) return
    let target = baseName(path)
    const instance = unitNameToInstance(name)
    if (unitNameKind(target) === 'template' && instance !== undefined && instance !== '') {
      const made = unitNameReplaceInstance(target, instance)
      if (made === undefined) return
      target = made
    }
    const names = this.aliases.get(target)
    if (names) names.push(name)
    else this.aliases.set(target, [name])
  }

  /** The file that a name leads to, aliases followed. */
  pathOf(name: string): string | undefined {
    let id = name
    for (let hops = 0; hops < FOLLOW_MAX; hops++) {
      let next = this.ids.get(id)
      if (next === undefined) {
        // An alias may name an instance that only the template has a file for.
        const template = id === name ? undefined : unitNameTemplate(id)
        next = template === undefined ? undefined : this.ids.get(template)
      }
      if (next === undefined || next.startsWith('/')) return next
      id = next
    }
    return undefined
  }

  /** Whether the name has a file or link, without following it. */
  has(name: string): boolean {
    return this.ids.has(name)
  }

  /** All names that lead to files. */
  names(): IterableIterator<string> {
    return this.ids.keys()
  }

  private addNames(unit: string, into: Set<string>, name: string, fragmentName: string | undefined): void {
    const kind = unitNameKind(unit)
    const instance = unitNameToInstance(unit) ?? ''
    if (kind !== 'template') into.add(name)
    for (const alias of this.aliases.get(name) ?? []) {
      if (kind === 'instance' && unitNameKind(alias) === 'template') {
        const made = unitNameReplaceInstance(alias, instance)
        if (made === undefined) continue
        const path = this.pathOf(made)
        if (path !== undefined && fragmentName !== undefined && baseName(path) !== fragmentName) continue
        into.add(made)
      } else into.add(alias)
    }
  }

  /** The unit's own file and all its names. */
  findFragment(unit: string): FragmentFound {
    const kind = unitNameKind(unit)
    const names = new Set<string>()
    if (kind === undefined) return { path: undefined, names }
    this.addNames(unit, names, unit, undefined)
    let path = this.pathOf(unit)
    if (path === undefined && kind === 'instance') path = this.pathOf(unitNameTemplate(unit)!)
    if (path !== undefined) {
      const fragment = baseName(path)
      if (fragment !== unit) {
        const instance = unitNameToInstance(unit)
        const own = unitNameKind(fragment) === 'template' && instance ? (unitNameReplaceInstance(fragment, instance) ?? fragment) : fragment
        this.addNames(unit, names, fragment, fragment)
        if (kind !== 'template') {
          names.delete(fragment)
          names.add(own)
        }
      }
    }
    return { path, names }
  }

  /** `foo.service.d`, `foo-.service.d`, `service.d`, of all names, the most special first. */
  private directoriesFor(name: string, aliases: Iterable<string>, suffix: string): string[] {
    const found: string[] = []
    const look = (one: string): void => {
      const names = dropInNames(one).filter((each) => this.directoryNames.has(`${each}${suffix}`))
      if (names.length === 0) return
      for (const path of this.searchPath)
        for (const each of names) {
          const directory = `${path}/${each}${suffix}`
          if (this.directories.has(directory)) found.push(realPathOf(this.reader, directory) ?? directory)
        }
    }
    look(name)
    for (const alias of aliases) if (alias !== name) look(alias)
    const type = unitNameToType(name)
    if (type !== undefined) look(type)
    return found
  }

  /** Drop-ins in the order in which they are read; files of one name count once, from the first directory. */
  dropIns(name: string, aliases: Iterable<string>): string[] {
    return this.filesIn(this.directoriesFor(name, aliases, '.d'), '.conf')
  }

  /** What is in `.wants`, `.requires` or `.upholds` directories. */
  dependencyLinks(name: string, aliases: Iterable<string>, suffix: '.wants' | '.requires' | '.upholds'): string[] {
    return this.filesIn(this.directoriesFor(name, aliases, suffix), '')
  }

  private filesIn(directories: readonly string[], suffix: string): string[] {
    const files = new Map<string, string>()
    for (const directory of directories) {
      for (const name of this.reader.readDirectory(directory) ?? []) {
        if (name.endsWith(suffix) && !files.has(name) && !isHiddenOrBackup(name)) files.set(name, `${directory}/${name}`)
      }
    }
    return [...files.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, path]) => path)
  }
}

const BACKUP = /~$|\.(?:rpmnew|rpmsave|rpmorig|dpkg-(?:old|new|tmp|dist|bak|backup|remove)|ucf-(?:new|old|dist)|swp|bak|old|new)$/
const isHiddenOrBackup = (name: string): boolean =>
  name.startsWith('.') || ['lost+found', 'aquota.user', 'aquota.group'].includes(name) || BACKUP.test(name)

/** `foo-bar-` of `foo-bar-baz`, `foo-` of `foo-bar-`. */
function shorterPrefix(prefix: string): string | undefined {
  let text = prefix
  for (let chopped = false; ; chopped = true) {
    const dash = text.lastIndexOf('-')
    if (dash <= 0) return undefined
    if (dash !== text.length - 1 || chopped) return text.slice(0, dash + 1)
    text = text.slice(0, dash)
  }
}
