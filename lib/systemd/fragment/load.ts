// After load-fragment.c and load-dropin.c: a unit's file, its drop-ins and its links make its configuration.
import { decodeUtf8, type FileReader, LocalTime, UTC_ZONE } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import {
  asUnitConfig,
  expandSpecifiers,
  findDirective,
  initialConfig,
  type MutableConfig,
  type ParseContext,
  type ParseHost,
  sectionsOfType,
  type Severity,
  type SpecifierHost,
  specifierHost,
  type UnitConfig,
  type ValueRange,
} from '../directives'
import {
  ROOT_SLICE,
  sliceToCgroup,
  type UnitTypeName,
  unitNameIsValid,
  unitNameKind,
  unitNameReplaceInstance,
  unitNameTemplate,
  unitNameToInstance,
  unitNameToPrefix,
  unitNameToType,
} from '../unit-name'
import { completeUnit, refuseUnit } from './complete'
import { type Diagnostic, textAtLine } from './diagnostic'
import { type Assignment, decodeLossless, parseFragment } from './parse'
import { unitSearchPath } from './search-path'
import { nullOrEmpty, UnitFileMap } from './unit-file'

/** One line that counted, in the order of reading. */
export type Origin = {
  readonly section: string
  /** As written, so an old name stays. */
  readonly directive: string
  readonly value: string
  readonly file: string
  /** From 1; 0 for a link in a `.wants` directory and its like. */
  readonly line: number
}

export type LoadState = 'loaded' | 'not-found' | 'masked' | 'bad-setting' | 'error'

export type LoadedUnit = {
  readonly id: string
  readonly type: UnitTypeName
  /** All names, the id among them. */
  readonly names: ReadonlySet<string>
  readonly loadState: LoadState
  readonly loadError: Errno | undefined
  /** '' when there is none. */
  readonly fragmentPath: string
  readonly dropInPaths: readonly string[]
  readonly config: UnitConfig
  readonly origins: readonly Origin[]
  readonly diagnostics: readonly Diagnostic[]
  /** Newest modification time of the files, in microseconds. */
  readonly mtimeUsec: number
}

/** How a manager answers while a unit is read; without one, any valid name is fine. */
export type LoadHooks = {
  /**
   * `name` is no template any more; `directive` is the field it goes to: `Requires`, `Unit`, `Sockets`.
   * `undefined`: dependencies are not followed.
   */
  readonly dependency?: (name: string, directive: string) => string | undefined | Errno
  readonly loads?: (name: string) => string | { readonly message: string }
  readonly assignSlice?: (slice: string) => Errno | undefined
  /** Each message as it comes; they are all in `diagnostics` later. */
  readonly diagnostic?: (diagnostic: Diagnostic) => void
}

export type LoadOptions = {
  readonly scope?: 'system' | 'user'
  /** Directories with units, the first winning; default: those of the scope. */
  readonly paths?: readonly string[]
  readonly specifiers?: SpecifierHost
  readonly host?: Partial<ParseHost>
  readonly environment?: ReadonlyMap<string, string>
  readonly hostname?: string
  readonly kernelRelease?: string
  /** Leaves out what a manager does after reading: defaults that depend on each other, and refusals. */
  readonly raw?: boolean
  /** Values that units start with, by section; DefaultTimeoutStartSec= and its like come this way. */
  readonly defaults?: { readonly [section: string]: Readonly<Record<string, unknown>> }
}

const errorOfState = (error: Errno): LoadState => (error === errno.ENOEXEC ? 'bad-setting' : 'error')

/** A unit while it is read. */
export class UnitDraft {
  id: string
  readonly type: UnitTypeName
  readonly names = new Set<string>()
  readonly config: MutableConfig
  readonly origins: Origin[] = []
  readonly diagnostics: Diagnostic[] = []
  onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined
  readonly scope: 'system' | 'user'
  loadState: LoadState = 'not-found'
  loadError: Errno | undefined
  fragmentPath = ''
  dropInPaths: readonly string[] = []
  mtimeUsec = 0
  /** A fault of systemd 257 would have ended it here. */
  aborted = false

  constructor(id: string, type: UnitTypeName, scope: 'system' | 'user') {
    this.id = id
    this.type = type
    this.scope = scope
    this.names.add(id)
    this.config = initialConfig(type)
    // A user's manager shares its key ring.
    if (scope === 'user') for (const section of Object.values(this.config)) if ('KeyringMode' in section) section['KeyringMode'] = 'inherit'
  }

  get typed(): UnitConfig {
    return asUnitConfig(this.config)
  }

  /** A message about the unit as a whole. */
  complain(severity: Severity, message: string): void {
    this.note({ severity, message, text: `${this.id}: ${message}`, file: '', line: 0 })
  }

  note(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic)
    this.onDiagnostic?.(diagnostic)
  }

  /** Whether any line for the directive counted. */
  has(section: string, ...directives: readonly string[]): boolean {
    return this.origins.some((one) => one.section === section && directives.includes(one.directive))
  }

  fail(error: Errno): void {
    this.loadError = error
    this.loadState = this.loadState === 'not-found' ? 'not-found' : errorOfState(error)
  }
}

export class UnitLoader {
  readonly reader: FileReader
  readonly scope: 'system' | 'user'
  readonly searchPath: readonly string[]
  readonly specifiers: SpecifierHost
  /** False where no tree of control groups is mounted. */
  readonly unifiedCgroups: boolean
  private readonly options: LoadOptions
  private readonly host: ParseHost
  private map: UnitFileMap | undefined

  constructor(reader: FileReader, options: LoadOptions = {}) {
    this.reader = reader
    this.options = options
    this.scope = options.scope ?? 'system'
    this.unifiedCgroups = reader.status('/sys/fs/cgroup') !== undefined
    const environment = options.environment ?? new Map<string, string>()
    this.searchPath = options.paths ?? unitSearchPath({ scope: this.scope, environment })
    this.specifiers =
      options.specifiers ??
      specifierHost(reader, {
        scope: this.scope,
        hostname: options.hostname ?? hostnameOf(reader),
        kernelRelease: options.kernelRelease ?? '',
        environment,
      })
    this.host = {
      cpus: 1,
      memory: 1 << 30,
      networkInterfaces: new Map([['lo', 1]]),
      runtimeDirectory: this.specifiers.runtimeDirectory,
      local: options.host?.local ?? new LocalTime(UTC_ZONE, 0),
      ...options.host,
    }
  }

  /** The directories as they are now; read once until `refresh`. */
  get files(): UnitFileMap {
    this.map ??= new UnitFileMap(this.reader, this.searchPath)
    return this.map
  }

  refresh(): void {
    this.map = undefined
  }

  /** The name must be one of a unit, and no template. */
  load(name: string, hooks: LoadHooks = {}): LoadedUnit {
    const draft = this.draft(name, hooks)
    if (!this.options.raw && draft.loadState === 'loaded') {
      const fault = completeUnit(draft, this.specifiers) ?? refuseUnit(draft, this.specifiers, this.unifiedCgroups)
      if (fault !== undefined) draft.fail(fault)
    }
    return finished(draft)
  }

  /** Reads files only. */
  draft(name: string, hooks: LoadHooks = {}): UnitDraft {
    const type = unitNameToType(name)
    if (type === undefined)
      return Object.assign(new UnitDraft(name, 'service', this.scope), { loadState: 'error', loadError: errno.EINVAL })
    const draft = new UnitDraft(name, type, this.scope)
    draft.onDiagnostic = hooks.diagnostic
    for (const [section, values] of Object.entries(this.options.defaults ?? {})) {
      const fields = draft.config[section as keyof MutableConfig]
      if (fields !== undefined) Object.assign(fields, values)
    }
    const found = this.files.findFragment(name)
    if (found.path !== undefined && !this.readMain(draft, found.path, hooks)) return draft
    for (const one of found.names) draft.names.add(one)
    if (found.path !== undefined) draft.id = mainName(found.path, name)
    draft.names.add(draft.id)
    if (draft.loadState === 'masked') return draft
    if (found.path === undefined && !MADE_WITHOUT_FILE.has(type) && name !== '-.mount') {
      draft.loadError = errno.ENOENT
      return draft
    }
    draft.loadState = 'loaded'
    this.readLinks(draft, hooks)
    draft.dropInPaths = this.files.dropIns(draft.id, draft.names)
    for (const path of draft.dropInPaths) this.readFile(draft, path, hooks)
    return draft
  }

  /** False when that is the end of it. */
  private readMain(draft: UnitDraft, path: string, hooks: LoadHooks): boolean {
    const status = this.reader.status(path)
    if (status === undefined) {
      draft.complain('notice', `Failed to open ${path}: ${errno.ENOENT.message}`)
      draft.fail(errno.ENOENT)
      return false
    }
    draft.fragmentPath = path
    if (nullOrEmpty(this.reader, path)) {
      draft.loadState = 'masked'
      return true
    }
    draft.loadState = 'loaded'
    const error = status.kind === 'directory' ? errno.EISDIR : this.readFile(draft, path, hooks)
    if (error === undefined) return true
    if (error === errno.ENOEXEC) draft.complain('notice', `Unit configuration has fatal error, unit will not be started.`)
    draft.fail(error)
    return false
  }

  private readFile(draft: UnitDraft, path: string, hooks: LoadHooks): Errno | undefined {
    const bytes = this.reader.readFile(path)
    if (bytes === undefined) return errno.ENOENT
    draft.mtimeUsec = Math.max(draft.mtimeUsec, this.reader.status(path)?.mtimeUsec ?? 0)
    return this.readText(draft, path, decodeLossless(bytes), hooks)
  }

  /** Adds a file's text to a unit; the error that ended the reading, if one did. */
  readText(draft: UnitDraft, path: string, text: string, hooks: LoadHooks = {}): Errno | undefined {
    for (const item of parseFragment(text, { sections: sectionsOfType(draft.type) })) {
      if (item.kind === 'complaint') {
        const { severity, message, line, from, to } = item
        draft.note({ severity, message, text: textAtLine(path, line, message), file: path, line, from, to })
        if (item.fatal !== undefined) return item.fatal
      } else if (item.kind === 'assignment') {
        const error = this.assign(draft, path, item, hooks)
        if (error !== undefined) return error
      }
    }
    return undefined
  }

  private assign(draft: UnitDraft, path: string, item: Assignment, hooks: LoadHooks): Errno | undefined {
    const { section, key, value, line } = item
    const row = findDirective(section, key)
    if (row === undefined) {
      if (key.startsWith('X-')) return undefined
      const message = `Unknown key '${key}' in section [${section}], ignoring.`
      const place = { file: path, line, from: item.keyFrom, to: item.keyTo, section, directive: key }
      draft.note({ severity: 'warning', message, text: textAtLine(path, line, message), ...place })
      return undefined
    }
    let refused: Errno | undefined
    let complained = false
    const own = draft.config[row.section]
    const target = row.writesSection === undefined ? own : draft.config[row.writesSection]
    if (own === undefined || target === undefined) return undefined
    const say = (severity: Severity, message: string, text: string, range: ValueRange = [0, value.length]): void =>
      draft.note({
        severity,
        message,
        text,
        file: path,
        line,
        from: item.offsetOf(range[0]),
        to: item.offsetOf(range[1]),
        section,
        directive: key,
      })
    const context: ParseContext = {
      unit: draft.id,
      scope: this.scope,
      section,
      directive: key,
      file: path,
      line,
      report: (severity, message, range) => {
        complained ||= severity === 'warning' || severity === 'error'
        if (!draft.aborted) say(severity, message, textAtLine(path, line, message), range)
      },
      reportFor: (where, severity, message) => say(severity, message, where === 'unit' ? `${draft.id}: ${message}` : message),
      refuse: (error) => {
        refused = error
      },
      expand: (text, table, maximum) => {
        if (table === 'full' && abortsOnSpecifiers(text, draft.id)) draft.aborted = true
        return expandSpecifiers(text, table, maximum, this.specifierUnit(draft), this.specifiers, (letter) =>
          draft.complain(
            'warning',
            `Specifier '%${letter}' used in unit configuration, which is deprecated. Please update your unit file, as it does not work as intended.`,
          ),
        )
      },
      peek: (directive) => own[directive],
      host: this.host,
      names: draft.names,
      dependency: (name) => this.dependency(draft, name, row.writes?.[0] ?? row.name, hooks),
      loads: (name) => (hooks.loads ?? plainLoads)(name),
      assignSlice: (slice) => (hooks.assignSlice ?? ((one) => plainAssignSlice(draft, one)))(slice),
    }
    const writes = row.writes ?? [row.name]
    const first = writes[0] ?? row.name
    const before = target[first]
    const after = row.parser.parse(value, before, context)
    if (draft.aborted) {
      const message = "Assertion 'f' failed at src/basic/unit-name.c:353, function unit_name_unescape(). Aborting."
      say('error', message, message)
      return errno.EINVAL
    }
    if (refused === undefined) {
      if (value === '') for (const other of row.resets ?? []) target[other] = findDirective(row.section, other)?.initial
      for (const field of writes) target[field] = after
    }
    // A line that was ignored leaves the value as it was.
    if (after !== before || (refused === undefined && !complained)) draft.origins.push({ section, directive: key, value, file: path, line })
    return refused
  }

  private specifierUnit(draft: UnitDraft) {
    const { Service, Socket, Mount, Swap, Scope } = draft.typed
    const slice = (Service ?? Socket ?? Mount ?? Swap ?? Scope)?.Slice ?? ''
    const path = slice === '' || slice === ROOT_SLICE ? '' : `/${sliceToCgroup(slice) ?? slice}`
    return {
      id: draft.id,
      fragmentPath: draft.fragmentPath || undefined,
      cgroup: `${path}/${draft.id}`,
      sliceCgroup: path === '' ? undefined : path,
    }
  }

  private dependency(draft: UnitDraft, name: string, directive: string, hooks: LoadHooks): string | undefined | Errno {
    const full = fillTemplate(draft.id, name)
    if (full === undefined) return errno.EINVAL
    return hooks.dependency ? hooks.dependency(full, directive) : unitNameIsValid(full, 'plain', 'instance') ? full : errno.EINVAL
  }

  /** `.wants`, `.requires` and `.upholds` directories. */
  private readLinks(draft: UnitDraft, hooks: LoadHooks): void {
    for (const [suffix, directive] of [
      ['.wants', 'Wants'],
      ['.requires', 'Requires'],
      ['.upholds', 'Upholds'],
    ] as const) {
      const section = draft.typed.Unit
      const names = new Set(section[directive])
      for (const path of this.files.dependencyLinks(draft.id, draft.names, suffix)) {
        const entry = path.slice(path.lastIndexOf('/') + 1)
        if (nullOrEmpty(this.reader, path)) continue
        const target = this.reader.readLink(path)
        const what = `${directive} dependency dropin ${path}`
        if (target === undefined) draft.complain('warning', `${what} is not a symlink, ignoring.`)
        else if (!unitNameIsValid(entry)) draft.complain('warning', `${what} is not a valid unit name, ignoring.`)
        else {
          const last = target.slice(target.lastIndexOf('/') + 1)
          if (!linkNamesMatch(entry, last, unitNameToInstance(draft.id) !== undefined)) {
            draft.complain('warning', `${what} target ${target} has different name`)
          }
          const name = this.dependency(draft, entry, directive, hooks)
          if (isErrno(name)) draft.complain('warning', `Cannot add ${directive} dependency on ${entry}, ignoring: ${name.message}`)
          else if (name !== undefined) {
            names.add(name)
            draft.origins.push({ section: 'Unit', directive, value: name, file: path, line: 0 })
          }
        }
      }
      if (names.size > section[directive].length) section[directive] = [...names]
    }
  }
}

/** `%J` of a name that ends in a dash trips an assertion of systemd 257. */
function abortsOnSpecifiers(text: string, unit: string): boolean {
  return text.includes('%J') && /^(?:[^%]|%[^J])*%J/.test(text) && (unitNameToPrefix(unit) ?? '').endsWith('-')
}

/** Units of these types need no file. */
const MADE_WITHOUT_FILE: ReadonlySet<UnitTypeName> = new Set(['slice', 'device', 'scope'])

function linkNamesMatch(link: string, target: string, propagate: boolean): boolean {
  const kind = unitNameKind(link)
  if (link === target && (kind === 'plain' || kind === 'instance')) return true
  const template = unitNameTemplate(link)
  if (template === undefined || template !== target || unitNameKind(target) !== 'template') return false
  return kind === 'instance' || (propagate && kind === 'template')
}

/** A template named as a dependency gets the unit's own instance, or else its prefix. */
export function fillTemplate(unit: string, name: string): string | undefined {
  if (unitNameKind(name) !== 'template') return name
  const instance = unitNameToInstance(unit)
  return unitNameReplaceInstance(name, instance || (unitNameToPrefix(unit) ?? ''))
}

function mainName(path: string, name: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1)
  if (unitNameKind(base) !== 'template') return base
  return unitNameReplaceInstance(base, unitNameToInstance(name) ?? '') ?? name
}

/** Why a name cannot be loaded, in the words of the bus. */
export function loadNameFault(name: string): string | undefined {
  if (unitNameIsValid(name, 'plain', 'instance')) return undefined
  return unitNameIsValid(name, 'template') ? `Unit name ${name} is missing the instance name.` : `Unit name ${name} is not valid.`
}

function plainLoads(name: string): string | { readonly message: string } {
  const message = loadNameFault(name)
  return message === undefined ? name : { message }
}

const HAS_CGROUP: ReadonlySet<UnitTypeName> = new Set(['service', 'socket', 'mount', 'swap', 'slice', 'scope'])

function plainAssignSlice(draft: UnitDraft, slice: string): Errno | undefined {
  if (!HAS_CGROUP.has(draft.type)) return errno.ENOTSUP
  if (draft.type === 'slice' || !slice.endsWith('.slice')) return errno.EINVAL
  return draft.id === 'init.scope' && slice !== '-.slice' ? errno.EPERM : undefined
}

const hostnameOf = (reader: FileReader): string => {
  const bytes = reader.readFile('/etc/hostname')
  return bytes === undefined ? 'localhost' : decodeUtf8(bytes).trim() || 'localhost'
}

export function finished(draft: UnitDraft): LoadedUnit {
  return {
    id: draft.id,
    type: draft.type,
    names: draft.names,
    loadState: draft.loadState,
    loadError: draft.loadError,
    fragmentPath: draft.fragmentPath,
    dropInPaths: draft.dropInPaths,
    config: draft.typed,
    origins: draft.origins,
    diagnostics: draft.diagnostics,
    mtimeUsec: draft.mtimeUsec,
  }
}

/** One unit out of a tree of files. For several, keep a `UnitLoader`. */
export function loadUnit(reader: FileReader, name: string, options: LoadOptions = {}): LoadedUnit {
  return new UnitLoader(reader, options).load(name)
}
