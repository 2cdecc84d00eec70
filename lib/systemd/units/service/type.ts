// The service unit type: how the manager drives it.
import type { Syscall } from '@/lib/kernel'
import { cleanDirectories } from '../../manager/exec-runtime'
import type { RunResult } from '../../manager/job'
import { acquireInvocationId, testStartLimit } from '../../manager/unit-start'
import type { UnitType } from '../../manager/unit-type'
import { unitNotify } from '../../manager/unit-notify'
import { deadState, enterCondition, enterDead, enterReload, enterSignal, enterStop } from './enter'
import { loadService } from './load'
import { serviceNotify } from './notify'
import { armTimer, Service, setState } from './service'
import { serviceCgroupEmpty, serviceSigchld } from './sigchld'
import { serviceStateTable, startingStates, stoppingStates } from './state'

const waitsForRestart = new Set(['auto-restart', 'dead-before-auto-restart', 'failed-before-auto-restart'])

function* start(service: Service): Syscall<RunResult> {
  const { state } = service
  if (stoppingStates.has(state) || state === 'cleaning') return 'again'
  if (startingStates.has(state)) return 'nothing'
  if (waitsForRestart.has(state)) return 'again'
  acquireInvocationId(service)
  service.result = 'success'
  service.reloadResult = 'success'
  service.mainPidKnown = false
  service.mainPidAlien = false
  service.mainStatus = { ...service.mainStatus, pid: 0, how: undefined }
  service.statuses.clear()
  service.forbidRestart = false
  if (service.flushRestarts) {
    service.restarts = 0
    service.flushRestarts = false
  }
  service.statusText = ''
  service.statusErrno = 0
  service.notifyState = 'unknown'
  service.watchdogOverrideUsec = undefined
  service.timeoutExtendedUntilUsec = 0
  service.notifyAccessOverride = undefined
  yield* enterCondition(service)
  return 'started'
}

function* stop(service: Service): Syscall<RunResult> {
  const { state } = service
  // Manual stops do not restart.
  service.forbidRestart = true
  if (stoppingStates.has(state) && state !== 'stop-watchdog') return 'nothing'
  switch (state) {
    case 'auto-restart':
    case 'auto-restart-queued':
      setState(service, deadState(service))
      return 'nothing'
    case 'condition':
    case 'start-pre':
    case 'start':
    case 'start-post':
    case 'reload':
    case 'reload-signal':
    case 'reload-notify':
    case 'mounting':
    case 'stop-watchdog':
      yield* enterSignal(service, 'stop-sigterm', 'success')
      return 'nothing'
    case 'cleaning':
      yield* enterSignal(service, 'final-sigkill', 'success')
      return 'nothing'
    case 'running':
    case 'exited':
      yield* enterStop(service, 'success')
      return 'started'
    default:
      return 'nothing'
  }
}

export const serviceType: UnitType = {
  name: 'service',
  section: 'Service',
  interfaceName: 'org.freedesktop.systemd1.Service',
  canTransient: true,
  canTrigger: true,
  canFail: true,
  canDelegate: true,
  hasCgroup: true,
  status: { finishedStart: { skipped: 'Skipped %s.' } },
  finishedMessage(unit, type, result) {
    const service = unit as Service
    if (type !== 'start' || result !== 'done') return undefined
    if (service.result === 'exec-condition') return 'Condition check resulted in %s being skipped.'
    return service.kind === 'oneshot' ? 'Finished %s.' : undefined
  },
  create: (manager, id) => new Service(manager, id),
  load: (unit) => loadService(unit as Service),
  activeState(unit) {
    const service = unit as Service
    const row = serviceStateTable[service.state]
    return service.kind === 'idle' ? (row.activeIdle ?? row.active) : row.active
  },
  subState: (unit) => (unit as Service).state,
  canReload: (unit) => {
    const service = unit as Service
    return service.section.ExecReload.length > 0 || service.kind === 'notify-reload' || service.hasDependency('propagates-reload-to')
  },
  testStartable(unit) {
    const service = unit as Service
    const { state } = service
    if (stoppingStates.has(state) || state === 'cleaning' || waitsForRestart.has(state)) return 'again'
    if (startingStates.has(state)) return 'nothing'
    if (testStartLimit(service)) return undefined
    service.manager.defer(() => enterDead(service, 'start-limit-hit', false))
    return 'nothing'
  },
  start: (unit) => start(unit as Service),
  stop: (unit) => stop(unit as Service),
  *reload(unit) {
    yield* enterReload(unit as Service)
    return 'started'
  },
  kill: (unit) => ({ main: (unit as Service).mainPid, control: (unit as Service).controlPid }),
  *clean(unit, what) {
    const service = unit as Service
    armTimer(service, service.section.TimeoutCleanSec)
    unitNotify(service, 'inactive', 'maintenance')
    yield* cleanDirectories(service, service.section, what)
    unitNotify(service, 'maintenance', 'inactive')
  },
  mayGc: (unit) => {
    const service = unit as Service
    return service.mainPid === 0 && service.controlPid === 0 && service.fdStore.length === 0
  },
  sigchld: (unit, exit) => serviceSigchld(unit as Service, exit),
  cgroupEmpty: (unit) => serviceCgroupEmpty(unit as Service),
  *oomKilled(unit, managed) {
    const service = unit as Service
    const policy = service.section.OOMPolicy === '' ? service.manager.defaults.oomPolicy : service.section.OOMPolicy
    if (managed) service.log(7, 'systemd-oomd killed some process(es) in this unit.')
    if (policy === 'continue') return
    switch (service.state) {
      case 'condition':
      case 'start-pre':
      case 'start':
      case 'start-post':
      case 'stop':
        yield* enterSignal(service, policy === 'stop' ? 'stop-sigterm' : 'stop-sigkill', 'oom-kill')
        return
      case 'exited':
      case 'running':
        if (policy === 'stop') yield* enterStop(service, 'oom-kill')
        else yield* enterSignal(service, 'stop-sigkill', 'oom-kill')
        return
      case 'stop-watchdog':
      case 'stop-sigterm':
        yield* enterSignal(service, 'stop-sigkill', 'oom-kill')
        return
      default:
        if (service.result === 'success') service.result = 'oom-kill'
    }
  },
  notify: (unit, message) => serviceNotify(unit as Service, message),
  resetFailed(unit) {
    const service = unit as Service
    if (service.state === 'failed') setState(service, deadState(service))
    service.result = 'success'
    service.reloadResult = 'success'
    service.cleanResult = 'success'
    service.restarts = 0
    service.flushRestarts = false
  },
  *release(unit) {
    const service = unit as Service
    service.manager.loop.cancelTimer(service.timer)
    service.manager.loop.cancelTimer(service.watchdogTimer)
    service.manager.loop.cancelTimer(service.pidFileTimer)
    for (const held of service.fdStore) yield* service.manager.process.close(held.fd)
    if (service.socketFd !== undefined) yield* service.manager.process.close(service.socketFd)
  },
  cpuWeight: (unit) => (unit as Service).section.CPUWeight ?? 100,
}
