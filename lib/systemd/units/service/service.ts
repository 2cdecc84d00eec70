// A service: processes that systemd starts and looks after.
import { type Usec, USEC_INFINITY } from '@/lib/base'
import type { ExecCommand, ServiceSection } from '../../directives'
import type { TimerSource } from '../../manager/event-loop'
import { neverRun, type ExecStatus } from '../../manager/exec-status'
import type { Manager } from '../../manager/manager'
import { Unit, type Timestamp, never } from '../../manager/unit'
import { unitNotify } from '../../manager/unit-notify'
import type { UnitType } from '../../manager/unit-type'
import { defaultConfig, sectionOf } from '../../manager/unit-config'
import { serviceStateTable, type ServiceResult, type ServiceState } from './state'
import { serviceTimeout } from './timeout'
import { serviceType } from './type'
import { pruneCgroup } from '../../cgroup'

export const execPhases = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost'] as const
export type ExecPhase = (typeof execPhases)[number]

export type StoredFd = { readonly fd: number; readonly name: string }

export class Service extends Unit {
  readonly vtable: UnitType = serviceType
  state: ServiceState = 'dead'
  result: ServiceResult = 'success'
  reloadResult: ServiceResult = 'success'
  cleanResult: ServiceResult = 'success'
  mainPid = 0
  mainPidKnown = false
  /** The main process is no child of ours: its end is only seen, not told. */
  mainPidAlien = false
  controlPid = 0
  controlPhase: ExecPhase | undefined
  controlIndex = 0
  mainIndex = 0
  hasMainCommand = false
  mainStatus: ExecStatus = neverRun
  /** Last run of each command. */
  readonly statuses = new Map<ExecCommand, ExecStatus>()
  timer: TimerSource | undefined
  watchdogTimer: TimerSource | undefined
  watchdogTimestamp: Timestamp = never
  watchdogOverrideUsec: Usec | undefined
  /** EXTEND_TIMEOUT_USEC=: not before this moment (monotonic). */
  timeoutExtendedUntilUsec: Usec = 0
  notifyState: 'unknown' | 'ready' | 'reloading' | 'stopping' = 'unknown'
  notifyAccessOverride: 'none' | 'main' | 'exec' | 'all' | undefined
  statusText = ''
  statusErrno = 0
  reloadBeginUsec = 0
  restarts = 0
  flushRestarts = false
  forbidRestart = false
  /** A socket hands over its connection. */
  socketFd: number | undefined
  socketPeer: { readonly address: string; readonly port: number } | undefined
  acceptSocket: Unit | undefined
  fdStore: StoredFd[] = []
  pidFileTimer: TimerSource | undefined
  busNameOwner = ''
  execFdWatch: (() => void) | undefined

  constructor(manager: Manager, id: string) {
    super(manager, 'service', id, defaultConfig('service'))
  }

  get section(): ServiceSection {
    return sectionOf(this.config.Service)
  }

  get kind(): string {
    return this.section.Type
  }

  commands(phase: ExecPhase): readonly ExecCommand[] {
    return this.section[phase]
  }

  get timeoutStartUsec(): Usec {
    return this.section.TimeoutStartSec
  }

  get timeoutStopUsec(): Usec {
    return this.section.TimeoutStopSec
  }

  get timeoutAbortUsec(): Usec {
    return this.section.TimeoutAbortSec ?? this.timeoutStopUsec
  }

  get notifyAccess(): 'none' | 'main' | 'exec' | 'all' {
    return this.notifyAccessOverride ?? this.section.NotifyAccess
  }
}

/** The only writer of `state`. What the new state may not hold is dropped here. */
export function setState(service: Service, state: ServiceState): void {
  const { manager } = service
  const before = service.state
  const idle = service.kind === 'idle'
  const row = serviceStateTable[state]
  const rowBefore = serviceStateTable[before]
  service.state = state
  manager.loop.cancelTimer(service.pidFileTimer)
  service.pidFileTimer = undefined
  if (!row.timer) stopTimer(service)
  if (!row.main) {
    unwatchMain(service)
    service.hasMainCommand = false
  }
  if (!row.control) {
    unwatchControl(service)
    service.controlPhase = undefined
  }
  if (state !== 'start') service.execFdWatch?.()
  if (!row.watchdog) {
    manager.loop.cancelTimer(service.watchdogTimer)
    service.watchdogTimer = undefined
  }
  if (state === 'exited' && !manager.reloading) pruneCgroup(service)
  if (before !== state) {
    service.log(7, `Changed ${before} -> ${state}`)
    manager.emit({ type: 'sub-state', unit: service.id, from: before, to: state })
  }
  const activeOf = (one: typeof row) => (idle ? (one.activeIdle ?? one.active) : one.active)
  unitNotify(service, activeOf(rowBefore), activeOf(row), service.reloadResult === 'success')
}

export function unwatchMain(service: Service): void {
  if (service.mainPid !== 0) service.manager.unwatchPid(service, service.mainPid)
  service.mainPid = 0
}

export function unwatchControl(service: Service): void {
  if (service.controlPid !== 0) service.manager.unwatchPid(service, service.controlPid)
  service.controlPid = 0
}

export function setMainPid(service: Service, pid: number): void {
  if (service.mainPid === pid && service.mainPidKnown) return
  if (service.mainPid !== pid) {
    unwatchMain(service)
    if (service.mainStatus.pid !== pid) service.mainStatus = { ...neverRun, pid, start: service.now() }
  }
  service.mainPid = pid
  service.mainPidKnown = true
  service.manager.watchPid(service, pid)
}

/** Fires `usec` from now; replaces an earlier one. */
export function armTimer(service: Service, usec: Usec): void {
  stopTimer(service)
  if (usec === USEC_INFINITY) return
  armTimerAt(service, service.manager.process.monotonicUsec + usec)
}

export function armTimerAt(service: Service, deadlineUsec: Usec): void {
  stopTimer(service)
  if (deadlineUsec === USEC_INFINITY) return
  service.timer = service.manager.loop.addTimer(deadlineUsec, () => serviceTimeout(service))
}

export function stopTimer(service: Service): void {
  service.manager.loop.cancelTimer(service.timer)
  service.timer = undefined
}

/** 'yes', 'no', or nobody knows which process is the main one. */
export function mainPidGood(service: Service): boolean | undefined {
  if (!service.mainPidKnown) return undefined
  if (service.mainPid === 0) return false
  if (service.mainPidAlien) return service.manager.reader.status(`/proc/${service.mainPid}`) !== undefined
  return true
}

export function controlPidGood(service: Service): boolean {
  return service.controlPid !== 0
}
