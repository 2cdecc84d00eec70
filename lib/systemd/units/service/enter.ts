// The ways into each state of a service: one `enter…` function a state.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import { messageId } from '@/lib/journal'
import { isErrno, type Syscall } from '@/lib/kernel'
import { isBusError } from '../../bus'
import { isPopulated } from '../../cgroup'
import { killContext, killOne, type KillOperation } from '../../manager/kill'
import { warnLeftovers } from '../../manager/leftovers'
import { logFailure, logSkip, logSuccess } from '../../manager/unit-notify'
import { restartUsecNext, shallRestart } from './restart'
import {
  armTimer,
  armTimerAt,
  mainPidGood,
  setMainPid,
  setState,
  unwatchControl,
  unwatchMain,
  type ExecPhase,
  type Service,
} from './service'
import { destroyRuntimeData } from './runtime-data'
import { spawnCommand } from './spawn'
import type { ServiceResult, ServiceState } from './state'

/** The first failure is the one that counts. */
export function keepResult(service: Service, result: ServiceResult): void {
  if (service.result === 'success') service.result = result
}

function killOperation(service: Service, state: ServiceState): KillOperation {
  switch (state) {
    case 'stop-watchdog':
    case 'final-watchdog':
      return 'watchdog'
    case 'stop-sigterm':
      return service.job?.type === 'restart' ? 'restart' : 'terminate'
    case 'final-sigterm':
      return 'terminate-and-log'
    default:
      return 'kill'
  }
}

// ---------------------------------------------------------------- the way up

/** Leftovers of an earlier run and no SIGKILL to remove them: better not start at all. */
function adverseToLeftovers(service: Service): boolean {
  const { KillMode, SendSIGKILL } = service.section
  if (!warnLeftovers(service, 'start')) return false
  if ((KillMode !== 'mixed' && KillMode !== 'control-group') || SendSIGKILL) return false
  service.log(3, 'Will not start SendSIGKILL=no service of type KillMode=control-group or mixed while processes exist')
  return true
}

/** Runs the first command of a phase as control process; false if it could not. */
function* spawnControl(service: Service, phase: ExecPhase, task: string, timeoutUsec: Usec): Syscall<boolean> {
  service.controlPhase = phase
  service.controlIndex = 0
  const pid = yield* spawnCommand(service, phase, 0, timeoutUsec)
  if (typeof pid === 'number') {
    service.controlPid = pid
    service.manager.watchPid(service, pid)
    return true
  }
  service.log(4, `Failed to spawn '${task}' task: ${pid.message}`)
  return false
}

export function* enterCondition(service: Service): Syscall<void> {
  if (service.commands('ExecCondition').length === 0) return yield* enterStartPre(service)
  if (adverseToLeftovers(service)) {
    service.log(4, "Failed to spawn 'exec-condition' task: Device or resource busy")
    return yield* enterDead(service, 'resources', true)
  }
  if (!(yield* spawnControl(service, 'ExecCondition', 'exec-condition', service.timeoutStartUsec)))
    return yield* enterDead(service, 'resources', true)
  setState(service, 'condition')
}

export function* enterStartPre(service: Service): Syscall<void> {
  unwatchControl(service)
  if (service.commands('ExecStartPre').length === 0) return yield* enterStart(service)
  if (adverseToLeftovers(service)) {
    service.log(4, "Failed to spawn 'start-pre' task: Device or resource busy")
    return yield* enterDead(service, 'resources', true)
  }
  if (!(yield* spawnControl(service, 'ExecStartPre', 'start-pre', service.timeoutStartUsec)))
    return yield* enterDead(service, 'resources', true)
  setState(service, 'start-pre')
}

export function* enterStart(service: Service): Syscall<void> {
  unwatchControl(service)
  unwatchMain(service)
  if (adverseToLeftovers(service)) {
    service.log(4, "Failed to spawn 'start' task: Device or resource busy")
    return yield* enterSignal(service, 'stop-sigterm', 'resources')
  }
  const { kind } = service
  if (service.commands('ExecStart').length === 0) {
    if (kind !== 'oneshot') {
      service.log(3, "There's no 'start' task anymore we could start.")
      return yield* enterSignal(service, 'stop-sigterm', 'resources')
    }
    // Pass through a state of activation, for those who wait for one.
    setState(service, 'start')
    return yield* enterStartPost(service)
  }
  const forking = kind === 'forking'
  service.controlPhase = forking ? 'ExecStart' : undefined
  service.controlIndex = 0
  service.mainIndex = 0
  service.hasMainCommand = !forking
  const timeout = kind === 'simple' || kind === 'idle' ? USEC_INFINITY : service.timeoutStartUsec
  const pid = yield* spawnCommand(service, 'ExecStart', 0, timeout)
  if (isErrno(pid)) {
    service.log(4, `Failed to spawn 'start' task: ${pid.message}`)
    return yield* enterSignal(service, 'stop-sigterm', 'resources')
  }
  if (forking) {
    service.controlPid = pid
    service.manager.watchPid(service, pid)
    return setState(service, 'start')
  }
  setMainPid(service, pid)
  if (kind === 'simple' || kind === 'idle') return yield* enterStartPost(service)
  setState(service, 'start')
}

export function* enterStartPost(service: Service): Syscall<void> {
  unwatchControl(service)
  startWatchdog(service)
  if (service.commands('ExecStartPost').length === 0) return yield* enterRunning(service, 'success')
  if (!(yield* spawnControl(service, 'ExecStartPost', 'start-post', service.timeoutStartUsec)))
    return yield* enterStop(service, 'resources')
  setState(service, 'start-post')
}

/** Some process of it is alive, as far as can be known. */
function isGood(service: Service): boolean {
  const main = mainPidGood(service)
  if (main === true) return true
  if (main === false && service.section.ExitType === 'main') return false
  return service.cgroupPath === undefined ? false : isPopulated(service)
}

export function* enterRunning(service: Service, result: ServiceResult): Syscall<void> {
  unwatchControl(service)
  keepResult(service, result)
  if (isGood(service)) {
    if (service.notifyState === 'reloading') return yield* enterReloadByNotify(service)
    if (service.notifyState === 'stopping') return yield* enterStopByNotify(service)
    setState(service, 'running')
    armRunningTimer(service)
  } else if (result !== 'success') yield* enterSignal(service, 'stop-sigterm', result)
  else if (service.section.RemainAfterExit) setState(service, 'exited')
  else yield* enterStop(service, 'success')
}

function armRunningTimer(service: Service): void {
  const { RuntimeMaxSec, RuntimeRandomizedExtraSec } = service.section
  const { process } = service.manager
  if (RuntimeMaxSec === USEC_INFINITY) {
    armTimer(service, USEC_INFINITY)
    return
  }
  const extra = RuntimeRandomizedExtraSec > 0 ? process.random.below(RuntimeRandomizedExtraSec) : 0
  const deadline = Math.max(service.activeEnter.monotonicUsec + RuntimeMaxSec + extra, service.timeoutExtendedUntilUsec)
  armTimerAt(service, deadline)
}

export function* enterReloadByNotify(service: Service): Syscall<void> {
  armTimer(service, service.timeoutStartUsec)
  setState(service, 'reload-notify')
  // Those that reload with it.
  for (const other of service.dependencyList('propagates-reload-to')) service.manager.addJob('try-reload', other, 'fail')
}

export function* enterStopByNotify(service: Service): Syscall<void> {
  armTimer(service, service.timeoutStopUsec)
  setState(service, 'stop-sigterm')
}

export function* enterReload(service: Service): Syscall<void> {
  const { manager } = service
  unwatchControl(service)
  service.reloadResult = 'success'
  const notifies = service.kind === 'notify-reload'
  if (notifies && service.mainPid !== 0) {
    const sent = yield* killOne(manager, service.mainPid, service.section.ReloadSignal)
    if (isErrno(sent)) {
      service.log(4, `Failed to send reload signal: ${sent.message}`)
      service.reloadResult = 'resources'
      return yield* enterRunning(service, 'success')
    }
    service.reloadBeginUsec = manager.process.monotonicUsec
  }
  if (service.commands('ExecReload').length > 0) {
    if (!(yield* spawnControl(service, 'ExecReload', 'reload', service.timeoutStartUsec))) {
      service.reloadResult = 'resources'
      return yield* enterRunning(service, 'success')
    }
    return setState(service, 'reload')
  }
  if (notifies) {
    armTimer(service, service.timeoutStartUsec)
    return setState(service, 'reload-signal')
  }
  yield* enterRunning(service, 'success')
}

// ---------------------------------------------------------------- the way down

export function* enterStop(service: Service, result: ServiceResult): Syscall<void> {
  keepResult(service, result)
  unwatchControl(service)
  if (service.commands('ExecStop').length === 0) return yield* enterSignal(service, 'stop-sigterm', 'success')
  if (!(yield* spawnControl(service, 'ExecStop', 'stop', service.timeoutStopUsec)))
    return yield* enterSignal(service, 'stop-sigterm', 'resources')
  setState(service, 'stop')
}

export function* enterSignal(service: Service, state: ServiceState, result: ServiceResult): Syscall<void> {
  keepResult(service, result)
  const waiting = yield* killContext(service, service.section, killOperation(service, state), {
    main: service.mainPid,
    control: service.controlPid,
    alien: service.mainPidAlien,
  })
  const { SendSIGKILL } = service.section
  if (waiting) {
    const usec = state === 'stop-watchdog' || state === 'final-watchdog' ? service.timeoutAbortUsec : service.timeoutStopUsec
    armTimer(service, usec)
    setState(service, state)
  } else if ((state === 'stop-watchdog' || state === 'stop-sigterm') && SendSIGKILL) yield* enterSignal(service, 'stop-sigkill', 'success')
  else if (state === 'stop-watchdog' || state === 'stop-sigterm' || state === 'stop-sigkill') yield* enterStopPost(service, 'success')
  else if ((state === 'final-watchdog' || state === 'final-sigterm') && SendSIGKILL) yield* enterSignal(service, 'final-sigkill', 'success')
  else yield* enterDead(service, 'success', true)
}

export function* enterStopPost(service: Service, result: ServiceResult): Syscall<void> {
  keepResult(service, result)
  unwatchControl(service)
  if (service.commands('ExecStopPost').length === 0) return yield* enterSignal(service, 'final-sigterm', 'success')
  if (!(yield* spawnControl(service, 'ExecStopPost', 'stop-post', service.timeoutStopUsec)))
    return yield* enterSignal(service, 'final-sigterm', 'resources')
  setState(service, 'stop-post')
}

export function deadState(service: Service): ServiceState {
  return service.fdStore.length > 0 && service.section.FileDescriptorStorePreserve === 'yes' ? 'dead-resources-pinned' : 'dead'
}

export function* enterDead(service: Service, result: ServiceResult, restartAllowed: boolean): Syscall<void> {
  // With a stop job queued, coming back would undo what was asked for.
  let restart = restartAllowed && !service.stopPending()
  keepResult(service, result)
  let end: ServiceState
  let before: ServiceState | undefined
  if (service.result === 'success') {
    logSuccess(service)
    end = deadState(service)
    before = 'dead-before-auto-restart'
  } else if (service.result === 'exec-condition') {
    logSkip(service, service.result)
    end = deadState(service)
  } else {
    logFailure(service, service.result)
    end = 'failed'
    before = 'failed-before-auto-restart'
  }
  warnLeftovers(service, 'stop')
  restart &&= shallRestart(service)
  if (restart && before !== undefined) {
    // Two changes: down, so that everybody sees it, and up again.
    if (service.section.RestartMode !== 'direct') setState(service, before)
    const usec = restartUsecNext(service)
    armTimer(service, usec)
    setState(service, 'auto-restart')
  } else {
    setState(service, end)
    service.flushRestarts = true
  }
  service.manager.addToGcQueue(service)
  service.forbidRestart = false
  service.notifyAccessOverride = undefined
  yield* destroyRuntimeData(service, restart)
}

export function* enterRestart(service: Service): Syscall<void> {
  const { manager } = service
  if (service.job !== undefined) {
    service.log(6, 'Job pending for unit, skipping automatic restart.')
    return
  }
  const job = manager.addJob('start', service, 'restart-dependencies')
  if (isBusError(job)) {
    service.log(4, `Failed to schedule restart job: ${job.message}`)
    return yield* enterDead(service, 'resources', false)
  }
  service.restarts += 1
  service.flushRestarts = false
  service.notifyAccessOverride = undefined
  service.log(6, `Scheduled restart job, restart counter is at ${service.restarts}.`, {
    MESSAGE_ID: messageId.unitRestartScheduled,
    N_RESTARTS: service.restarts,
  })
  setState(service, 'auto-restart-queued')
  manager.addToBusQueue(service)
}

// ---------------------------------------------------------------- the next command of a phase

export function* runNextControl(service: Service): Syscall<void> {
  const phase = service.controlPhase
  if (phase === undefined) return
  service.controlIndex += 1
  unwatchControl(service)
  const early =
    service.state === 'condition' ||
    service.state === 'start-pre' ||
    service.state === 'start' ||
    service.state === 'start-post' ||
    service.state === 'running' ||
    service.state === 'reload'
  const pid = yield* spawnCommand(service, phase, service.controlIndex, early ? service.timeoutStartUsec : service.timeoutStopUsec)
  if (!isErrno(pid)) {
    service.controlPid = pid
    service.manager.watchPid(service, pid)
    return
  }
  service.log(4, `Failed to spawn next control task: ${pid.message}`)
  if (service.state === 'stop') yield* enterSignal(service, 'stop-sigterm', 'resources')
  else if (service.state === 'stop-post') yield* enterDead(service, 'resources', true)
  else if (service.state === 'reload') {
    service.reloadResult = 'resources'
    yield* enterRunning(service, 'success')
  } else yield* enterSignal(service, 'stop-sigterm', 'resources')
}

export function* runNextMain(service: Service): Syscall<void> {
  service.mainIndex += 1
  unwatchMain(service)
  const pid = yield* spawnCommand(service, 'ExecStart', service.mainIndex, service.timeoutStartUsec)
  if (isErrno(pid)) {
    service.log(4, `Failed to spawn next main task: ${pid.message}`)
    return yield* enterStop(service, 'resources')
  }
  setMainPid(service, pid)
}

// ---------------------------------------------------------------- the watchdog

export function watchdogUsec(service: Service): Usec {
  const usec = service.watchdogOverrideUsec ?? service.section.WatchdogSec
  return usec === 0 ? USEC_INFINITY : usec
}

export function startWatchdog(service: Service): void {
  service.watchdogTimestamp = service.now()
  armWatchdog(service)
}

export function armWatchdog(service: Service): void {
  const { manager } = service
  manager.loop.cancelTimer(service.watchdogTimer)
  service.watchdogTimer = undefined
  const usec = watchdogUsec(service)
  if (usec === USEC_INFINITY) return
  service.watchdogTimer = manager.loop.addTimer(service.watchdogTimestamp.monotonicUsec + usec, () => watchdogExpired(service), 100)
}

function* watchdogExpired(service: Service): Syscall<void> {
  if (service.manager.serviceWatchdogs) {
    service.log(3, `Watchdog timeout (limit ${service.manager.formatSpan(watchdogUsec(service))})!`)
    yield* enterSignal(service, 'stop-watchdog', 'watchdog')
  } else service.log(4, `Watchdog disabled! Ignoring watchdog timeout (limit ${service.manager.formatSpan(watchdogUsec(service))})!`)
}
