// What the manager that only checks keeps of a unit, and how units depend on each other.
import { errno, type Errno } from '@/lib/kernel'
import type { UnitDraft } from '../fragment'
import type { UnitTypeName } from '../unit-name'

/** Each kind of dependency and the one it is from the other side. */
export const INVERSE = {
  Requires: 'RequiredBy',
  RequiredBy: 'Requires',
  Requisite: 'RequisiteOf',
  RequisiteOf: 'Requisite',
  Wants: 'WantedBy',
  WantedBy: 'Wants',
  BindsTo: 'BoundBy',
  BoundBy: 'BindsTo',
  Upholds: 'UpheldBy',
  UpheldBy: 'Upholds',
  PartOf: 'ConsistsOf',
  ConsistsOf: 'PartOf',
  Conflicts: 'ConflictedBy',
  ConflictedBy: 'Conflicts',
  Before: 'After',
  After: 'Before',
  OnSuccess: 'OnSuccessOf',
  OnSuccessOf: 'OnSuccess',
  OnFailure: 'OnFailureOf',
  OnFailureOf: 'OnFailure',
  Triggers: 'TriggeredBy',
  TriggeredBy: 'Triggers',
  PropagatesReloadTo: 'ReloadPropagatedFrom',
  ReloadPropagatedFrom: 'PropagatesReloadTo',
  PropagatesStopTo: 'StopPropagatedFrom',
  StopPropagatedFrom: 'PropagatesStopTo',
  JoinsNamespaceOf: 'JoinsNamespaceOf',
  InSlice: 'SliceOf',
  SliceOf: 'InSlice',
} as const
export type Dependency = keyof typeof INVERSE

/** Those whose loss matters enough to say it. */
const WARNED: ReadonlySet<Dependency> = new Set([
  'Conflicts',
  'ConflictedBy',
  'Before',
  'After',
  'OnSuccess',
  'OnFailure',
  'Triggers',
  'TriggeredBy',
])

/** Those of a unit for which a target is ordered behind the unit. */
export const TARGET_REASONS: readonly Dependency[] = ['RequiredBy', 'RequisiteOf', 'WantedBy', 'BoundBy', 'UpheldBy']
/** Those of a target for which the target is ordered behind the other. */
export const TARGET_PULLS: readonly Dependency[] = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds', 'PartOf']

const CAN_FAIL: ReadonlySet<UnitTypeName> = new Set(['service', 'socket', 'mount', 'automount', 'swap', 'target', 'timer', 'path', 'scope'])
const CAN_TRIGGER: ReadonlySet<UnitTypeName> = new Set(['socket', 'timer', 'path', 'automount'])

export type VerifyLoadState = 'stub' | 'loaded' | 'not-found' | 'bad-setting' | 'error' | 'masked' | 'merged'

export class VerifyUnit {
  id: string
  readonly type: UnitTypeName
  readonly names = new Set<string>()
  loadState: VerifyLoadState = 'stub'
  loadError: Errno | undefined
  mergedInto: VerifyUnit | undefined
  draft: UnitDraft | undefined
  perpetual = false
  slice: VerifyUnit | undefined
  /** Of a socket. */
  service: VerifyUnit | undefined
  /** Absolute paths whose mounts the unit needs, or would like. */
  readonly mountsFor = { Requires: new Set<string>(), Wants: new Set<string>() }
  readonly dependencies = new Map<Dependency, Set<VerifyUnit>>()
  /** The job that an earlier check left, by its type. */
  job: 'start' | 'stop' | 'verify-active' | undefined

  constructor(id: string, type: UnitTypeName) {
    this.id = id
    this.type = type
    this.names.add(id)
  }

  /** What the unit has become after merging. */
  get followed(): VerifyUnit {
    let unit: VerifyUnit = this
    while (unit.mergedInto !== undefined) unit = unit.mergedInto
    return unit
  }

  *of(...kinds: readonly Dependency[]): Generator<VerifyUnit, void> {
    for (const kind of kinds) yield* this.dependencies.get(kind) ?? []
  }

  has(kind: Dependency, other: VerifyUnit): boolean {
    return this.dependencies.get(kind)?.has(other) ?? false
  }

  private put(kind: Dependency, other: VerifyUnit): void {
    const set = this.dependencies.get(kind)
    if (set) set.add(other)
    else this.dependencies.set(kind, new Set([other]))
  }

  /** Adds both sides; says why where it may not be. */
  depend(kind: Dependency, target: VerifyUnit, say: (unit: string, message: string) => void): Errno | undefined {
    const self = this.followed
    const other = target.followed
    if (self === other) {
      if (WARNED.has(kind)) say(self.id, `Dependency ${kind}=${self.id} is dropped.`)
      return undefined
    }
    if (kind === 'Before' && other.type === 'device') {
      say(self.id, `Dependency Before=${other.id} ignored (.device units cannot be delayed)`)
      return undefined
    }
    if (kind === 'OnFailure' && !CAN_FAIL.has(self.type)) {
      say(self.id, `Requested dependency OnFailure=${other.id} ignored (${self.type} units cannot fail).`)
      return undefined
    }
    if (kind === 'Triggers' && !CAN_TRIGGER.has(self.type)) {
      say(self.id, `Requested dependency Triggers=${other.id} refused (${self.type} units cannot trigger other units).`)
      return errno.EINVAL
    }
    if (kind === 'TriggeredBy' && !CAN_TRIGGER.has(other.type)) {
      say(self.id, `Requested dependency TriggeredBy=${other.id} refused (${other.type} units cannot trigger other units).`)
      return errno.EINVAL
    }
    if (kind === 'InSlice' && other.type !== 'slice') {
      say(self.id, `Requested dependency Slice=${other.id} refused (${other.id} is not a slice unit).`)
      return errno.EINVAL
    }
    self.put(kind, other)
    other.put(INVERSE[kind], self)
    return undefined
  }

  /** Takes over all that another one had. */
  absorb(other: VerifyUnit, say: (unit: string, message: string) => void): void {
    other.mergedInto = this
    other.loadState = 'merged'
    for (const name of other.names) this.names.add(name)
    for (const [kind, units] of other.dependencies) {
      for (const unit of units) {
        unit.dependencies.get(INVERSE[kind])?.delete(other)
        if (unit === this) {
          if (WARNED.has(kind)) say(this.id, `Dependency ${kind}=${other.id} is dropped, as ${other.id} is merged into ${this.id}.`)
          continue
        }
        this.put(kind, unit)
        unit.put(INVERSE[kind], this)
      }
    }
    other.dependencies.clear()
  }
}
