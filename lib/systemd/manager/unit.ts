// A unit of the manager: what all types share. What differs is in its `UnitType`.
import type { Usec } from '@/lib/base'
import type { LoadedUnit, UnitConfig } from '../fragment'
import { dependencyTable, dependencyTypesOf, type Atom, type DependencyType } from './dependency'
import type { PrivateTmp } from './exec-runtime'
import type { Job } from './job'
import type { LogFields } from './log'
import type { Manager } from './manager'
import { RateLimit } from './rate-limit'
import type { UnitType } from './unit-type'
import type { UnitActiveState, UnitLoadState, UnitTypeName } from './unit-state'

/** A pair of clock readings; zero when it never happened. */
export type Timestamp = { readonly realtimeUsec: Usec; readonly monotonicUsec: Usec }
export const never: Timestamp = { realtimeUsec: 0, monotonicUsec: 0 }

/** Where a dependency comes from: a file's text survives until the reload; the others are made anew. */
export type DependencyOrigin = 'file' | 'implicit' | 'default' | 'udev' | 'path'
export const originBit: { readonly [Origin in DependencyOrigin]: number } = { file: 1, implicit: 2, default: 4, udev: 8, path: 16 }

export type TriggerDetails = { readonly unit: string; readonly fields: Readonly<Record<string, string>> }

export abstract class Unit {
  readonly manager: Manager
  readonly type: UnitTypeName
  id: string
  readonly names: Set<string>
  abstract readonly vtable: UnitType
  config: UnitConfig
  loaded: LoadedUnit | undefined
  loadState: UnitLoadState = 'stub'
  loadError: { readonly name: string; readonly message: string } | undefined
  fragmentPath = ''
  sourcePath = ''
  dropInPaths: readonly string[] = []
  /** Realtime mtimes of the files when they were loaded: a later change shows as NeedDaemonReload. */
  loadedUsec: Usec = 0
  fileStamps: ReadonlyMap<string, number> = new Map()
  /** The state of the unit file cache this unit was last looked up in. */
  lookupGeneration = -1
  descriptionText = ''
  /** Given at run time: a reload does not take it back. */
  keepsDescription = false
  transient = false
  perpetual = false
  ignoreOnIsolate = false
  /** Paths whose mounts it needs or wants, written or implied. */
  readonly requiredMounts = new Set<string>()
  readonly wantedMounts = new Set<string>()

  job: Job | undefined
  nopJob: Job | undefined
  private readonly links = new Map<DependencyType, Map<Unit, number>>()
  /** Held by name by something that is no unit: a client's reference, a socket's connection. */
  readonly refs = new Set<string>()

  stateChange: Timestamp = never
  inactiveExit: Timestamp = never
  activeEnter: Timestamp = never
  activeExit: Timestamp = never
  inactiveEnter: Timestamp = never
  conditionTimestamp: Timestamp = never
  assertTimestamp: Timestamp = never
  conditionResult = false
  assertResult = false
  /** The outcome of each condition and assertion: 1 met, -1 not, 0 not looked at. */
  conditionStates: number[] = []
  assertStates: number[] = []

  invocationId = ''
  startLimit = new RateLimit(0, 0)
  startLimitHit = false
  autoStartStop = new RateLimit(10_000_000, 16)
  /** Who made this unit start, for TRIGGER_UNIT= and friends. */
  activation: TriggerDetails | undefined

  /** Below the cgroup root, such as `/system.slice/cron.service`; undefined until realized. */
  cgroupPath: string | undefined
  cgroupId = 0
  cgroupWatch: number | undefined
  memoryWatch: number | undefined
  readonly cgroupAttributes = new Map<string, string>()
  freezerState: 'running' | 'freezing' | 'frozen' | 'thawing' | 'frozen-by-parent' = 'running'
  /** What the cgroup had used when it went away. */
  lastCpuUsageNsec: number | undefined
  lastMemoryPeak: number | undefined
  lastMemorySwapPeak: number | undefined
  oomKills = 0
  managedOomKills = 0

  privateTmp: PrivateTmp | undefined
  dynamicUid: number | undefined

  inLoadQueue = false
  inGcQueue = false
  inCleanupQueue = false
  inBusQueue = false
  inStopWhenUnneededQueue = false
  inStartWhenUpheldQueue = false
  inStopWhenBoundQueue = false
  inCgroupEmptyQueue = false
  inTargetDependencyQueue = false
  gcMarker = 0
  /** What the subscribers were told last. */
  toldState = 'inactive dead'
  /** Removed from the manager: pending callbacks must not touch it. */
  gone = false

  constructor(manager: Manager, type: UnitTypeName, id: string, config: UnitConfig) {
    this.manager = manager
    this.type = type
    this.id = id
    this.names = new Set([id])
    this.config = config
  }

  // ---------------------------------------------------------------- state

  activeState(): UnitActiveState {
    return this.vtable.activeState(this)
  }

  subState(): string {
    return this.vtable.subState(this)
  }

  /** The unit whose state this one merely shows (device aliases). */
  following(): Unit | undefined {
    return this.vtable.following?.(this)
  }

  followingSet(): readonly Unit[] {
    return this.vtable.followingSet?.(this) ?? []
  }

  canStart(): boolean {
    if (this.loadState !== 'loaded') return false
    return this.vtable.start !== undefined && (this.vtable.canStart?.(this) ?? true)
  }

  canStop(): boolean {
    return this.vtable.stop !== undefined && !this.perpetual
  }

  canReload(): boolean {
    if (this.vtable.canReload !== undefined) return this.vtable.canReload(this)
    if (this.hasDependency('propagates-reload-to')) return true
    return this.vtable.reload !== undefined
  }

  stopPending(): boolean {
    return this.job?.type === 'stop'
  }

  inactiveOrPending(): boolean {
    const state = this.activeState()
    return state === 'inactive' || state === 'failed' || state === 'deactivating' || this.stopPending()
  }

  activeOrPending(): boolean {
    const state = this.activeState()
    if (state === 'active' || state === 'activating' || state === 'reloading' || state === 'refreshing') return true
    return this.job !== undefined && (this.job.type === 'start' || this.job.type === 'reload-or-start' || this.job.type === 'restart')
  }

  get jobTimeoutUsec(): Usec {
    return this.config.Unit.JobTimeoutSec ?? Number.POSITIVE_INFINITY
  }

  get jobRunningTimeoutUsec(): Usec {
    return this.config.Unit.JobRunningTimeoutSec ?? Number.POSITIVE_INFINITY
  }

  description(): string {
    return this.descriptionText || this.config.Unit.Description || this.id
  }

  /** How log lines name a unit: `foo.service - Foo`. */
  statusName(): string {
    const description = this.description()
    return description === this.id ? this.id : `${this.id} - ${description}`
  }

  // ---------------------------------------------------------------- dependencies

  /** Units that a dependency with this atom leads to. Lazy: may be changed meanwhile. */
  *dependencies(atom: Atom): Generator<Unit> {
    for (const type of dependencyTypesOf(atom)) {
      const links = this.links.get(type)
      if (links !== undefined) yield* links.keys()
    }
  }

  dependencyList(atom: Atom): readonly Unit[] {
    return [...new Set(this.dependencies(atom))]
  }

  hasDependency(atom: Atom, other?: Unit): boolean {
    for (const type of dependencyTypesOf(atom)) {
      const links = this.links.get(type)
      if (links !== undefined && (other === undefined ? links.size > 0 : links.has(other))) return true
    }
    return false
  }

  dependenciesOfType(type: DependencyType): ReadonlyMap<Unit, number> {
    return this.links.get(type) ?? noLinks
  }

  /** Links both units; a unit never depends on itself. */
  addDependency(type: DependencyType, other: Unit, origin: DependencyOrigin, addReference = false): void {
    const target = other.loadState === 'merged' ? (other.mergedInto ?? other) : other
    if (target === this) return
    if (type === 'Before' && target.type === 'device') {
      // A device cannot be delayed.
      this.log(4, `Dependency Before=${target.id} ignored (.device units cannot be delayed)`)
      return
    }
    if (type === 'After' && this.type === 'device') return
    const bit = originBit[origin]
    addLink(this.links, type, target, bit)
    addLink(target.links, dependencyTable[type].inverse, this, bit)
    if (addReference) {
      addLink(this.links, 'References', target, bit)
      addLink(target.links, 'ReferencedBy', this, bit)
    }
  }

  /** Forgets what files and defaults said; runtime facts stay. */
  removeDependencies(origins: readonly DependencyOrigin[]): void {
    let mask = 0
    for (const origin of origins) mask |= originBit[origin]
    for (const [type, links] of this.links)
      for (const [other, held] of links) {
        if ((held & mask) === 0) continue
        const left = held & ~mask
        if (left !== 0) {
          links.set(other, left)
          continue
        }
        links.delete(other)
        other.links.get(dependencyTable[type].inverse)?.delete(this)
        this.manager.addToGcQueue(other)
      }
  }

  /** Takes over all links of a unit that turned out to be another name of this one. */
  takeDependencies(other: Unit): void {
    for (const [type, links] of other.links)
      for (const [target, origins] of links) {
        target.links.get(dependencyTable[type].inverse)?.delete(other)
        if (target !== this)
          for (const origin of Object.keys(originBit) as DependencyOrigin[])
            if ((origins & originBit[origin]) !== 0) this.addDependency(type, target, origin)
      }
    other.links.clear()
  }

  clearDependencies(): void {
    for (const [type, links] of this.links)
      for (const other of links.keys()) {
        other.links.get(dependencyTable[type].inverse)?.delete(this)
        this.manager.addToGcQueue(other)
      }
    this.links.clear()
  }

  mergedInto: Unit | undefined

  slice(): Unit | undefined {
    const links = this.links.get('InSlice')
    return links === undefined ? undefined : [...links.keys()][0]
  }

  /** The one unit that this one triggers (timer, path, socket, automount). */
  trigger(): Unit | undefined {
    const links = this.links.get('Triggers')
    return links === undefined ? undefined : [...links.keys()][0]
  }

  // ---------------------------------------------------------------- logging

  /** `foo.service: text`, with the fields of this unit. */
  log(priority: number, text: string, fields: LogFields = {}, units: readonly string[] = [this.id]): void {
    this.manager.logUnit(this, priority, `${this.id}: ${text}`, fields, units)
  }

  /** The same without the name in front. */
  logPlain(priority: number, text: string, fields: LogFields = {}): void {
    this.manager.logUnit(this, priority, text, fields, [this.id])
  }

  now(): Timestamp {
    return this.manager.logger.moment()
  }
}

const noLinks: ReadonlyMap<Unit, number> = new Map()

function addLink(links: Map<DependencyType, Map<Unit, number>>, type: DependencyType, other: Unit, bit: number): void {
  let map = links.get(type)
  if (map === undefined) {
    map = new Map()
    links.set(type, map)
  }
  map.set(other, (map.get(other) ?? 0) | bit)
}
