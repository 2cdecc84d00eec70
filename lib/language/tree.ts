// The learner's tree of units: what is loaded for a file, which units there are, who speaks of whom.
import { decodeUtf8, type FileReader, type LocalTime, localTimeOf, USEC_PER_SEC } from '@/lib/base'
import { decodeLossless, type LoadedUnit, UnitDraft, UnitLoader, completeUnit, refuseUnit } from '@/lib/systemd/fragment'
import { specifierHost, type SpecifierHost } from '@/lib/systemd/directives'
import { unitNameIsValid, unitNameKind, unitNameTemplate } from '@/lib/systemd/unit-name'
import { parseDocument, type UnitDocument } from './document'
import { OverlayReader } from './overlay'
import { instantiate, type UnitPlace, unitPlace } from './unit-place'

type Scope = 'system' | 'user'

export type TreeFacts = {
  /** The machine's clock, for what comes next. Unset: such hints are left out. */
  readonly nowUsec?: number
  readonly kernelRelease?: string
  readonly hostname?: string
  /** Whose user manager it is. */
  readonly userHome?: string
  readonly uid?: number
}

export type Account = { readonly name: string; readonly id: number; readonly detail: string }

export class UnitTree {
  readonly reader: OverlayReader
  readonly facts: TreeFacts
  readonly local: LocalTime
  private readonly loaders = new Map<Scope, UnitLoader>()
  private loaded = new Map<string, LoadedUnit>()
  private documents = new Map<string, UnitDocument>()
  private names = new Map<Scope, readonly string[]>()
  private own = new Map<Scope, readonly string[]>()
  private lastOpened = ''
  /** Counts changes other than those to the file that is being typed in. */
  generation = 0
  private accounts = new Map<string, readonly Account[]>()
  private readonly texts = new Map<string, string>()

  constructor(reader: FileReader, facts: TreeFacts) {
    this.reader = new OverlayReader(reader)
    this.facts = facts
    this.local = localTimeOf(undefined, reader.readLink('/etc/localtime'), (facts.nowUsec ?? 0) / USEC_PER_SEC)
  }

  open(path: string, text: string): void {
    if (this.texts.get(path) === text) return
    this.texts.set(path, text)
    const changedNames = this.reader.put(path, text)
    this.documents.delete(path)
    if (path !== this.lastOpened) this.generation += 1
    this.lastOpened = path
    if (changedNames) this.refresh()
    else this.forget(path)
  }

  close(path: string): void {
    this.texts.delete(path)
    this.reader.drop(path)
    this.refresh()
  }

  refresh(): void {
    for (const loader of this.loaders.values()) loader.refresh()
    this.generation += 1
    this.loaded = new Map()
    this.documents = new Map()
    this.names = new Map()
    this.own = new Map()
    this.accounts = new Map()
  }

  /** Units that the file is a part of are to be read again. */
  private forget(path: string): void {
    const place = unitPlace(path)
    for (const [key, unit] of this.loaded) {
      if (unit.fragmentPath === path || unit.dropInPaths.includes(path) || unit.id === place?.unit) this.loaded.delete(key)
    }
  }

  loader(scope: Scope): UnitLoader {
    let loader = this.loaders.get(scope)
    if (loader === undefined) {
      loader = new UnitLoader(this.reader, { scope, specifiers: this.specifierHost(scope), host: { local: this.local } })
      this.loaders.set(scope, loader)
    }
    return loader
  }

  private specifierHost(scope: Scope): SpecifierHost {
    const { facts } = this
    const home = facts.userHome ?? '/home/user'
    const uid = scope === 'user' ? (facts.uid ?? 1000) : 0
    const environment =
      scope === 'user'
        ? new Map([
            ['HOME', home],
            ['XDG_RUNTIME_DIR', `/run/user/${uid}`],
          ])
        : new Map<string, string>()
    return specifierHost(this.reader, {
      scope,
      uid,
      environment,
      hostname: facts.hostname ?? this.text('/etc/hostname')?.trim() ?? 'localhost',
      kernelRelease: facts.kernelRelease ?? '6.12.0',
    })
  }

  /** Text of any file. */
  text(path: string): string | undefined {
    const bytes = this.reader.readFile(path)
    return bytes && decodeUtf8(bytes)
  }

  /** The unit of a name as the tree has it. */
  unit(name: string, scope: Scope): LoadedUnit {
    const key = `${scope}:${name}`
    let unit = this.loaded.get(key)
    if (unit === undefined) {
      unit = this.loader(scope).load(instantiate(name))
      this.loaded.set(key, unit)
    }
    return unit
  }

  exists(name: string, scope: Scope): boolean {
    const state = this.unit(name, scope).loadState
    return state !== 'not-found' || MADE_BY_MANAGER.has(name) || /\.(?:device|scope)$/.test(name)
  }

  /** The unit of a file; for a file outside of the search path, of that file alone. */
  unitOf(place: UnitPlace): LoadedUnit {
    const unit = this.unit(place.unit, place.scope)
    if (unit.fragmentPath === place.path || unit.dropInPaths.includes(place.path)) return unit
    return this.alone(place)
  }

  private alone(place: UnitPlace): LoadedUnit {
    const key = `alone:${place.path}`
    const known = this.loaded.get(key)
    if (known !== undefined) return known
    const loader = this.loader(place.scope)
    const draft = new UnitDraft(place.unit, place.type, place.scope)
    draft.loadState = 'loaded'
    const bytes = this.reader.readFile(place.path)
    if (place.kind === 'fragment') draft.fragmentPath = place.path
    else draft.dropInPaths = [place.path]
    const fatal = loader.readText(draft, place.path, bytes === undefined ? '' : decodeLossless(bytes))
    if (fatal !== undefined) draft.fail(fatal)
    // A drop-in without its unit cannot be judged as a whole.
    else if (place.kind === 'fragment') {
      const fault = completeUnit(draft, loader.specifiers) ?? refuseUnit(draft, loader.specifiers)
      if (fault !== undefined) draft.fail(fault)
    }
    const { id, type, names, loadState, loadError, fragmentPath, dropInPaths, origins, diagnostics, mtimeUsec } = draft
    const unit: LoadedUnit = {
      ...{ id, type, names, loadState, loadError, fragmentPath, dropInPaths, origins, diagnostics, mtimeUsec },
      config: draft.typed,
    }
    this.loaded.set(key, unit)
    return unit
  }

  /** Names of all units that have files. */
  unitNames(scope: Scope): readonly string[] {
    let names = this.names.get(scope)
    if (names === undefined) {
      names = [...new Set(this.loader(scope).files.names())].sort()
      this.names.set(scope, names)
    }
    return names
  }

  document(path: string): UnitDocument | undefined {
    const known = this.documents.get(path)
    if (known !== undefined) return known
    const bytes = this.reader.readFile(path)
    if (bytes === undefined) return undefined
    const document = parseDocument(decodeLossless(bytes))
    this.documents.set(path, document)
    return document
  }

  /** Files of units and drop-ins of a scope that a person wrote: not those of packages. */
  ownFiles(scope: Scope): readonly string[] {
    let files = this.own.get(scope)
    if (files === undefined) {
      files = [...this.findOwnFiles(scope)]
      this.own.set(scope, files)
    }
    return files
  }

  private *findOwnFiles(scope: Scope): Generator<string> {
    for (const directory of this.loader(scope).searchPath) {
      if (directory.startsWith('/usr/lib/')) continue
      for (const name of this.reader.readDirectory(directory) ?? []) {
        const path = `${directory}/${name}`
        const kind = this.reader.linkStatus(path)?.kind
        if (kind === 'file' && unitNameIsValid(name)) yield path
        if (kind === 'directory' && name.endsWith('.d')) {
          for (const one of this.reader.readDirectory(path) ?? []) if (one.endsWith('.conf')) yield `${path}/${one}`
        }
      }
    }
  }

  /** Links in `.wants`, `.requires` and `.upholds` directories that name the unit (or an instance of it). */
  *linksTo(
    name: string,
    scope: Scope,
  ): Generator<{ readonly path: string; readonly by: string; readonly kind: string; readonly name: string }> {
    for (const directory of this.loader(scope).searchPath) {
      for (const entry of this.reader.readDirectory(directory) ?? []) {
        const match = /^(.+)\.(wants|requires|upholds)$/.exec(entry)
        if (match === null) continue
        for (const one of this.reader.readDirectory(`${directory}/${entry}`) ?? []) {
          if (one === name || (unitNameKind(one) === 'instance' && unitNameTemplate(one) === name)) {
            yield { path: `${directory}/${entry}/${one}`, by: match[1]!, kind: match[2]!, name: one }
          }
        }
      }
    }
  }

  private database(path: string): readonly Account[] {
    let list = this.accounts.get(path)
    if (list === undefined) {
      list = (this.text(path) ?? '')
        .split('\n')
        .map((line) => line.split(':'))
        .filter((fields) => fields.length > 3)
        .map((fields) => ({ name: fields[0]!, id: Number(fields[2]), detail: fields[4] ?? '' }))
      this.accounts.set(path, list)
    }
    return list
  }

  get users(): readonly Account[] {
    return this.database('/etc/passwd')
  }

  get groups(): readonly Account[] {
    return this.database('/etc/group')
  }
}

/** Units that the manager makes by itself. */
export const MADE_BY_MANAGER: ReadonlySet<string> = new Set(['-.slice', 'system.slice', 'init.scope', '-.mount', 'user.slice'])
