// What a unit type brings: one object each, in lib/systemd/units.
import type { Syscall } from '@/lib/kernel'
import type { ChildExit } from './child-exit'
import type { JobResult } from './job-type'
import type { JobType } from './job-type'
import type { RunResult } from './job'
import type { Manager } from './manager'
import type { Unit } from './unit'
import type { UnitActiveState, UnitTypeName } from './unit-state'

export type StatusFormats = {
  readonly starting?: string
  readonly stopping?: string
  readonly finishedStart?: { readonly [Result in JobResult]?: string }
  readonly finishedStop?: { readonly [Result in JobResult]?: string }
}

export type NotifyMessage = {
  readonly pid: number
  readonly uid: number
  /** Last assignment of each variable. */
  readonly fields: ReadonlyMap<string, string>
  readonly fds: readonly number[]
}

/** Methods take any `Unit`: a type's own functions narrow it, and are only ever given their own. */
export interface UnitType {
  readonly name: UnitTypeName
  /** Section of its own settings, such as `Service`. */
  readonly section: string
  readonly interfaceName: string
  readonly canTransient?: boolean
  readonly canTrigger?: boolean
  readonly canFail?: boolean
  readonly canDelegate?: boolean
  /** Cannot be started a second time. */
  readonly onceOnly?: boolean
  readonly hasCgroup?: boolean
  readonly status: StatusFormats
  /** Another message than the format's, for this unit in its present state. */
  finishedMessage?(unit: Unit, type: JobType, result: JobResult): string | undefined
  create(manager: Manager, id: string): Unit
  /** After the files were read: defaults, implicit dependencies, checks. */
  load(unit: Unit): void
  /** Brings a unit into the state that the outside has (mounts, devices, deserialized). */
  coldplug?(unit: Unit): Syscall<void>
  /** After a daemon-reload. */
  reloaded?(unit: Unit): void
  activeState(unit: Unit): UnitActiveState
  subState(unit: Unit): string
  canStart?(unit: Unit): boolean
  canReload?(unit: Unit): boolean
  /** Whether a start may be tried now; a result stops the job. */
  testStartable?(unit: Unit): RunResult | undefined
  start?(unit: Unit): Syscall<RunResult>
  stop?(unit: Unit): Syscall<RunResult>
  reload?(unit: Unit): Syscall<RunResult>
  kill?(unit: Unit): { readonly main: number; readonly control: number }
  clean?(unit: Unit, what: readonly string[]): Syscall<void>
  mayGc?(unit: Unit): boolean
  sigchld?(unit: Unit, exit: ChildExit): Syscall<void>
  cgroupEmpty?(unit: Unit): Syscall<void>
  oomKilled?(unit: Unit, managed: boolean): Syscall<void>
  notify?(unit: Unit, message: NotifyMessage): Syscall<void>
  resetFailed?(unit: Unit): void
  /** A unit that we trigger (or that triggers us) changed. */
  triggerNotify?(unit: Unit, other: Unit): void
  following?(unit: Unit): Unit | undefined
  followingSet?(unit: Unit): readonly Unit[]
  /** Jobs of this unit ended in a timeout that its owner should know. */
  release?(unit: Unit): Syscall<void>
  cpuWeight?(unit: Unit): number
  timeChange?(unit: Unit): void
  timezoneChange?(unit: Unit): void
}
