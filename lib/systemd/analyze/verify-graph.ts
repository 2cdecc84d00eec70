// After manager.c and unit.c: units that are loaded with all that they name, and nothing is started.
import { pathIsNormalized, pathSimplify, pathStartsWith } from '@/lib/base'
import { errno, type Errno } from '@/lib/kernel'
import { loadNameFault, mountOptionNames, type UnitDraft, type UnitLoader, unitTypeMayAlias, unitTypeMayTemplate } from '../fragment'
import {
  ROOT_SLICE,
  unitNameEscape,
  unitNameFromPath,
  unitNameKind,
  unitNameToInstance,
  unitNameToPrefix,
  unitNameToType,
} from '../unit-name'
import { type Dependency, INVERSE, TARGET_REASONS, VerifyUnit } from './verify-unit'

const HAS_CGROUP: ReadonlySet<string> = new Set(['service', 'socket', 'mount', 'swap', 'slice', 'scope'])
/** Mounts that belong to the running system itself. */
const EXTRINSIC: ReadonlySet<string> = new Set(['/', '/usr', '/etc', '/run/initramfs', '/run/nextroot'])
const PERPETUAL: ReadonlySet<string> = new Set([ROOT_SLICE, '-.mount', 'init.scope'])

const isDependency = (directive: string): directive is Dependency => Object.hasOwn(INVERSE, directive)

export type VerifyManagerOptions = {
  /** Dependencies are neither followed nor loaded. */
  readonly ignoreDependencies: boolean
  readonly say: (text: string) => void
  /** Called for each unit that a file complains about. */
  readonly complained: (unit: string) => void
}

/** Units and what is between them; what a type adds by itself is said in `verify-manager.ts`. */
export abstract class VerifyGraph {
  readonly loader: UnitLoader
  protected readonly options: VerifyManagerOptions
  protected readonly units = new Map<string, VerifyUnit>()
  private readonly loadQueue: VerifyUnit[] = []
  private dispatching = false
  /** systemd itself would have ended here. */
  aborted = false
  private readonly targetQueue: VerifyUnit[] = []
  protected readonly needingMounts = { Requires: new Map<string, Set<VerifyUnit>>(), Wants: new Map<string, Set<VerifyUnit>>() }
  private noticesSaid = 0

  constructor(loader: UnitLoader, options: VerifyManagerOptions) {
    this.loader = loader
    this.options = options
  }

  protected readonly warn = (unit: string, message: string): void => this.options.say(`${unit}: ${message}`)

  get(name: string): VerifyUnit | undefined {
    return this.units.get(name)
  }

  /** A unit by name, queued for loading when it is new; the words of the bus when that cannot be. */
  prepare(name: string): VerifyUnit | { readonly error: Errno; readonly message: string } {
    const known = this.units.get(name)
    if (known !== undefined) return known
    const fault = loadNameFault(name)
    const type = unitNameToType(name)
    if (fault !== undefined || type === undefined) return { error: errno.EINVAL, message: fault ?? `Unit name ${name} is not valid.` }
    if (unitNameKind(name) === 'instance' && !unitTypeMayTemplate(type)) return { error: errno.EINVAL, message: errno.EINVAL.message }
    const unit = new VerifyUnit(name, type)
    this.units.set(name, unit)
    this.loadQueue.unshift(unit)
    return unit
  }

  load(name: string): VerifyUnit | { readonly error: Errno; readonly message: string } {
    const unit = this.prepare(name)
    if (!(unit instanceof VerifyUnit)) return unit
    this.dispatchLoadQueue()
    return unit.followed
  }

  private dispatchLoadQueue(): void {
    if (this.dispatching) return
    this.dispatching = true
    for (let unit = this.loadQueue.shift(); unit !== undefined && !this.aborted; unit = this.loadQueue.shift()) this.loadOne(unit)
    this.dispatching = false
    for (let unit = this.targetQueue.pop(); unit !== undefined; unit = this.targetQueue.pop()) {
      for (const target of [...unit.of(...TARGET_REASONS)]) this.addTargetDependency(unit, target)
    }
  }

  /** A target that pulls a unit in is there once the unit is, unless something else is asked for. */
  protected addTargetDependency(unit: VerifyUnit, target: VerifyUnit): void {
    if (target.type !== 'target' || unit.loadState !== 'loaded' || target.loadState !== 'loaded') return
    if (!unit.draft?.typed.Unit.DefaultDependencies || !target.draft?.typed.Unit.DefaultDependencies) return
    if (!target.has('Before', unit)) target.depend('After', unit, this.warn)
  }

  private loadOne(unit: VerifyUnit): void {
    if (unit.loadState !== 'stub') return
    const error = this.loadByType(unit)
    if (error !== undefined) {
      unit.loadState = unit.loadState === 'stub' ? 'not-found' : error === errno.ENOEXEC ? 'bad-setting' : 'error'
      unit.loadError = error
      return
    }
    if (!isLoaded(unit)) return
    this.targetQueue.push(unit)
    this.addSliceDependencies(unit)
    this.addMountDependencies(unit)
    this.checkTermination(unit)
    const { JobTimeoutSec, JobRunningTimeoutSec } = unit.draft!.typed.Unit
    if (JobRunningTimeoutSec !== Number.POSITIVE_INFINITY && JobRunningTimeoutSec > JobTimeoutSec) {
      this.warn(unit.id, 'JobRunningTimeoutSec= is greater than JobTimeoutSec=, it has no effect.')
    }
  }

  /** Isolating is for one unit only. */
  private checkTermination(unit: VerifyUnit): void {
    const { OnSuccessJobMode, OnFailureJobMode } = unit.draft!.typed.Unit
    for (const [mode, directive] of [
      [OnSuccessJobMode, 'OnSuccess'],
      [OnFailureJobMode, 'OnFailure'],
    ] as const) {
      if (mode !== 'isolate' || [...unit.of(directive)].length < 2) continue
      const message = `More than one ${directive}= dependencies specified but ${directive}JobMode=isolate set. Refusing.`
      this.warn(unit.id, message)
      unit.loadState = 'bad-setting'
      unit.loadError = errno.ENOEXEC
    }
  }

  private loadByType(unit: VerifyUnit): Errno | undefined {
    if (unit.type === 'scope' && unit.id !== 'init.scope') return errno.ENOENT
    for (const notice of this.loader.files.notices.slice(this.noticesSaid)) this.options.say(notice.text)
    this.noticesSaid = this.loader.files.notices.length
    const draft = this.loader.draft(unit.id, {
      diagnostic: ({ severity, text, file }) => {
        if (severity === 'debug') return
        this.options.say(text)
        if (file !== '' && severity !== 'info' && severity !== 'notice') this.options.complained(unit.id)
      },
      dependency: (name, directive) => this.dependencyByName(unit, directive, name),
      loads: (name) => {
        const other = this.load(name)
        return other instanceof VerifyUnit ? other.id : { message: other.message }
      },
      assignSlice: (slice) => this.setSlice(unit, slice),
    })
    this.aborted ||= draft.aborted
    unit.draft = draft
    unit.loadState = draft.loadState === 'not-found' ? 'stub' : draft.loadState
    if (draft.loadState === 'not-found' && this.isPerpetual(unit.id)) {
      unit.loadState = 'loaded'
      draft.loadState = 'loaded'
      draft.loadError = undefined
    }
    if (draft.loadError !== undefined) return draft.loadError
    const into = this.mergeNames(unit, draft)
    if (into !== unit || unit.loadState !== 'loaded') return undefined
    if (this.isPerpetual(unit.id)) {
      unit.perpetual = true
      draft.typed.Unit.DefaultDependencies = false
      if (unit.id === '-.mount' && draft.typed.Mount) {
        draft.typed.Mount.StandardOutput = { kind: 'null', target: '' }
        draft.typed.Mount.StandardError = { kind: 'null', target: '' }
      }
    }
    return this.addExtras(unit, draft)
  }

  /** Units that are always there and never stop. */
  private isPerpetual(id: string): boolean {
    return PERPETUAL.has(id) || (id === 'system.slice' && this.loader.scope === 'system')
  }

  /** The names of a file become one unit. */
  private mergeNames(unit: VerifyUnit, draft: UnitDraft): VerifyUnit {
    for (const name of draft.names) {
      const other = this.units.get(name)?.followed
      if (other === unit) continue
      if (other === undefined) {
        if (!unitTypeMayAlias(unit.type)) continue
        unit.names.add(name)
        this.units.set(name, unit)
        continue
      }
      if (other.loadState === 'stub' || other.loadState === 'not-found') {
        unit.absorb(other, this.warn)
        for (const one of other.names) this.units.set(one, unit)
        const at = this.loadQueue.indexOf(other)
        if (at >= 0) this.loadQueue.splice(at, 1)
      } else {
        other.absorb(unit, this.warn)
        for (const one of unit.names) this.units.set(one, other)
        return other
      }
    }
    unit.id = draft.id
    return unit
  }

  private dependencyByName(unit: VerifyUnit, directive: string, name: string): string | undefined | Errno {
    if (this.options.ignoreDependencies) return undefined
    const other = this.load(name)
    if (!(other instanceof VerifyUnit)) return other.error
    const add = (...kinds: readonly Dependency[]) => {
      for (const kind of kinds) {
        const error = unit.depend(kind, other, this.warn)
        if (error !== undefined) return error
      }
      return undefined
    }
    let error: Errno | undefined
    if (directive === 'Unit') error = add('Before', 'Triggers')
    else if (directive === 'Sockets') error = add('Wants', 'After', 'TriggeredBy')
    else if (isDependency(directive)) error = add(directive)
    return error ?? other.id
  }

  /** Dependencies that nobody wrote. */
  protected imply(unit: VerifyUnit, name: string, ...kinds: readonly Dependency[]): Errno | undefined {
    if (this.options.ignoreDependencies) return undefined
    const other = this.load(name)
    if (!(other instanceof VerifyUnit)) return other.error
    return this.implyUnit(unit, other, ...kinds)
  }

  protected implyUnit(unit: VerifyUnit, other: VerifyUnit, ...kinds: readonly Dependency[]): Errno | undefined {
    if (this.options.ignoreDependencies && unit.followed !== other.followed) return undefined
    for (const kind of kinds) {
      const error = unit.depend(kind, other, this.warn)
      if (error !== undefined) return error
    }
    return undefined
  }

  protected setSlice(unit: VerifyUnit, name: string): Errno | undefined {
    const slice = this.load(name)
    if (!(slice instanceof VerifyUnit)) return slice.error
    if (!HAS_CGROUP.has(unit.type)) return errno.ENOTSUP
    if (unit.type === 'slice' || slice.type !== 'slice') return errno.EINVAL
    if (unit.id === 'init.scope' && slice.id !== ROOT_SLICE) return errno.EPERM
    if (unit.slice === slice) return undefined
    unit.slice = slice
    return this.implyUnit(unit, slice, 'InSlice')
  }

  protected setDefaultSlice(unit: VerifyUnit, draft: UnitDraft): Errno | undefined {
    if (this.options.ignoreDependencies || unit.slice !== undefined) return undefined
    const system = this.loader.scope === 'system'
    const instance = unitNameToInstance(unit.id)
    const extrinsic = draft.typed.Mount !== undefined && this.isExtrinsic(draft)
    if (instance !== undefined) {
      const prefix = unitNameEscape(unitNameToPrefix(unit.id) ?? '')
      return this.setSlice(unit, `${system ? 'system' : 'app'}-${prefix}.slice`)
    }
    return this.setSlice(unit, extrinsic ? ROOT_SLICE : system ? 'system.slice' : 'app.slice')
  }

  private addSliceDependencies(unit: VerifyUnit): void {
    if (!HAS_CGROUP.has(unit.type)) return
    if (unit.slice !== undefined) this.implyUnit(unit, unit.slice, 'After', 'Requires')
    else if (unit.id !== ROOT_SLICE) this.imply(unit, ROOT_SLICE, 'After', 'Requires')
  }

  protected addMountsFor(unit: VerifyUnit, path: string, kind: 'Requires' | 'Wants'): Errno | undefined {
    if (!path.startsWith('/')) return errno.EINVAL
    if (unit.mountsFor[kind].has(path)) return undefined
    if (!pathIsNormalized(pathSimplify(path))) return errno.EPERM
    unit.mountsFor[kind].add(path)
    for (const prefix of prefixesOf(path)) {
      const map = this.needingMounts[kind]
      const set = map.get(prefix)
      if (set) set.add(unit)
      else map.set(prefix, new Set([unit]))
    }
    return undefined
  }

  private addMountDependencies(unit: VerifyUnit): void {
    for (const kind of ['Requires', 'Wants'] as const) {
      for (const path of unit.mountsFor[kind]) {
        for (const prefix of prefixesOf(path)) {
          const name = unitNameFromPath(prefix, '.mount')
          if (name === undefined) continue
          const mount = this.units.get(name)?.followed
          if (mount === undefined) {
            this.prepare(name)
            continue
          }
          if (mount === unit || mount.loadState !== 'loaded') continue
          this.bindToMount(unit, mount, kind)
        }
      }
    }
  }

  protected bindToMount(unit: VerifyUnit, mount: VerifyUnit, kind: 'Requires' | 'Wants'): void {
    this.implyUnit(unit, mount, 'After')
    if (mount.draft?.fragmentPath && mount.id !== 'tmp.mount') this.implyUnit(unit, mount, kind)
  }

  /** Dependencies that nobody wrote, and what makes the unit be refused. */
  protected abstract addExtras(unit: VerifyUnit, draft: UnitDraft): Errno | undefined

  protected isExtrinsic(draft: UnitDraft): boolean {
    const mount = draft.typed.Mount
    if (mount === undefined || this.loader.scope === 'user') return true
    if (
      EXTRINSIC.has(mount.Where) ||
      ['/run/initramfs', '/run/nextroot', '/proc', '/sys', '/dev'].some((one) => pathStartsWith(mount.Where, one) !== undefined)
    )
      return true
    return mountOptionNames(mount.Options).includes('x-initrd.mount')
  }
}

/** Asked anew: loading changes it. */
const isLoaded = (unit: VerifyUnit): boolean => unit.loadState === 'loaded'

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** `/a/b`, `/a`, `/`. */
function prefixesOf(path: string): string[] {
  const prefixes: string[] = []
  for (let prefix = path; prefix !== '/' && prefix !== ''; prefix = parentOf(prefix)) prefixes.push(prefix)
  return [...prefixes, '/']
}
