// A process of a service has ended, or its cgroup is empty: what now?
import { messageId } from '@/lib/journal'
import type { Syscall } from '@/lib/kernel'
import { neverRun } from '../../manager/exec-status'
import { isPopulated, pruneCgroup } from '../../cgroup'
import { describeExit, isCleanExit, type ChildExit } from '../../manager/child-exit'
import {
  enterDead,
  enterRunning,
  enterSignal,
  enterStart,
  enterStartPost,
  enterStartPre,
  enterStop,
  enterStopPost,
  keepResult,
  runNextControl,
  runNextMain,
} from './enter'
import { demandPidFile, loadPidFile, searchMainPid } from './pid-file'
import { controlPidGood, mainPidGood, setState, unwatchControl, unwatchMain, type Service } from './service'
import type { ServiceResult } from './state'

function resultOf(exit: ChildExit, clean: boolean): ServiceResult {
  if (clean) return 'success'
  return exit.code === 'exited' ? 'exit-code' : exit.code === 'killed' ? 'signal' : 'core-dump'
}

function logExit(service: Service, kind: string, command: string, success: boolean, exit: ChildExit): void {
  service.log(success ? 7 : exit.code === 'exited' ? 5 : 4, `${kind} exited, ${describeExit(exit)}`, {
    MESSAGE_ID: messageId.unitProcessExit,
    EXIT_CODE: exit.code,
    EXIT_STATUS: exit.status,
    COMMAND: command,
  })
}

export function* serviceSigchld(service: Service, exit: ChildExit): Syscall<void> {
  const isControl = exit.pid === service.controlPid
  const command = service.kind === 'oneshot' || (isControl && service.controlPhase !== 'ExecStart')
  const clean = isCleanExit(exit, command ? 'command' : 'daemon', service.section.SuccessExitStatus)
  const result = resultOf(exit, clean)
  if (exit.pid === service.mainPid) yield* mainExited(service, exit, result)
  else if (isControl) yield* controlExited(service, exit, result)
}

function* mainExited(service: Service, exit: ChildExit, found: ServiceResult): Syscall<void> {
  let result = found
  // A forking service may move to another process, as long as its PID file says so in time.
  if (loadPidFile(service, false)) return
  unwatchMain(service)
  service.mainStatus = { ...service.mainStatus, pid: exit.pid, exit: service.now(), how: exit }
  const commands = service.commands('ExecStart')
  const main = service.hasMainCommand ? commands[service.mainIndex] : commands[0]
  if (main !== undefined) {
    if (service.hasMainCommand) service.statuses.set(main, service.mainStatus)
    if (main.ignoreFailure) result = 'success'
  }
  logExit(service, 'Main process', 'ExecStart', result === 'success', exit)
  keepResult(service, result)
  if (service.hasMainCommand && service.kind === 'oneshot' && result === 'success' && service.mainIndex + 1 < commands.length)
    return yield* runNextMain(service)
  service.hasMainCommand = false
  if (service.section.ExitType === 'cgroup' && service.cgroupPath !== undefined && isPopulated(service)) return

  switch (service.state) {
    case 'start-post':
    case 'reload':
    case 'reload-signal':
    case 'reload-notify':
    case 'mounting':
      // Without a main process this can come to no good end.
      if (!controlPidGood(service)) yield* enterStop(service, result)
      return
    case 'start':
      if (service.kind === 'oneshot') {
        if (result === 'success') yield* enterStartPost(service)
        else yield* enterSignal(service, 'stop-sigterm', result)
        return
      }
      if (service.kind === 'notify' || service.kind === 'notify-reload') {
        if (result !== 'success') yield* enterSignal(service, 'stop-sigterm', result)
        else if (!service.section.RemainAfterExit || service.notifyAccess === 'main')
          yield* enterSignal(service, 'stop-sigterm', 'protocol')
        return
      }
      return yield* enterRunning(service, result)
    case 'running':
      return yield* enterRunning(service, result)
    case 'stop-watchdog':
    case 'stop-sigterm':
    case 'stop-sigkill':
      if (!controlPidGood(service)) yield* enterStopPost(service, result)
      return
    case 'stop-post':
      if (!controlPidGood(service)) yield* enterSignal(service, 'final-sigterm', result)
      return
    case 'final-watchdog':
    case 'final-sigterm':
    case 'final-sigkill':
      if (!controlPidGood(service)) yield* enterDead(service, result, true)
      return
    default:
      return
  }
}

function* controlExited(service: Service, exit: ChildExit, found: ServiceResult): Syscall<void> {
  let result = found
  unwatchControl(service)
  const phase = service.controlPhase
  const commands = phase === undefined ? [] : service.commands(phase)
  const command = commands[service.controlIndex]
  if (command !== undefined) {
    service.statuses.set(command, { ...(service.statuses.get(command) ?? neverRun), pid: exit.pid, exit: service.now(), how: exit })
    if (command.ignoreFailure) result = 'success'
  }
  let success = result === 'success'
  if (service.state === 'condition') {
    if (result === 'exit-code' && exit.status < 255) {
      service.conditionResult = true
      result = 'exec-condition'
      success = true
    } else if (result === 'success') service.conditionResult = true
  }
  logExit(service, service.state === 'condition' ? 'Condition check process' : 'Control process', phase ?? '', success, exit)
  if (service.state !== 'reload' && service.state !== 'mounting') keepResult(service, result)
  if (result === 'success' && service.controlIndex + 1 < commands.length) return yield* runNextControl(service)
  service.controlPhase = undefined
  yield* afterControl(service, result)
}

function* afterControl(service: Service, result: ServiceResult): Syscall<void> {
  const good = result === 'success'
  switch (service.state) {
    case 'condition':
      if (good) yield* enterStartPre(service)
      else yield* enterSignal(service, 'stop-sigterm', result)
      return
    case 'start-pre':
      if (good) yield* enterStart(service)
      else yield* enterSignal(service, 'stop-sigterm', result)
      return
    case 'start': {
      if (service.kind !== 'forking') return
      if (!good) return yield* enterSignal(service, 'stop-sigterm', result)
      if (service.section.PIDFile !== '') {
        // An ExecStartPost= may write the file only now.
        const hasPost = service.commands('ExecStartPost').length > 0
        if (!loadPidFile(service, !hasPost) && !hasPost) {
          if (!demandPidFile(service) || !isPopulated(service)) yield* enterSignal(service, 'stop-sigterm', 'protocol')
          return
        }
      } else searchMainPid(service)
      return yield* enterStartPost(service)
    }
    case 'start-post':
      if (!good) return yield* enterSignal(service, 'stop-sigterm', result)
      if (service.section.PIDFile !== '') {
        if (!loadPidFile(service, true)) {
          if (!demandPidFile(service) || !isPopulated(service)) yield* enterStop(service, 'protocol')
          return
        }
      } else searchMainPid(service)
      return yield* enterRunning(service, 'success')
    case 'reload':
    case 'reload-signal':
    case 'reload-notify':
      if (good && !loadPidFile(service, true)) searchMainPid(service)
      service.reloadResult = result
      if (service.notifyState === 'reloading') return setState(service, 'reload-notify')
      return yield* enterRunning(service, 'success')
    case 'stop':
      return yield* enterSignal(service, 'stop-sigterm', result)
    case 'stop-watchdog':
    case 'stop-sigterm':
    case 'stop-sigkill':
      if (mainPidGood(service) !== true) yield* enterStopPost(service, result)
      return
    case 'stop-post':
      if (mainPidGood(service) !== true) yield* enterSignal(service, 'final-sigterm', result)
      return
    case 'final-watchdog':
    case 'final-sigterm':
    case 'final-sigkill':
      if (mainPidGood(service) !== true) yield* enterDead(service, result, true)
      return
    case 'cleaning':
      if (service.cleanResult === 'success') service.cleanResult = result
      return yield* enterDead(service, 'success', false)
    default:
      return
  }
}

export function* serviceCgroupEmpty(service: Service): Syscall<void> {
  const nobody = mainPidGood(service) !== true && !controlPidGood(service)
  switch (service.state) {
    case 'start':
      if ((service.kind === 'notify' || service.kind === 'notify-reload') && mainPidGood(service) === false && !controlPidGood(service))
        return yield* enterStopPost(service, 'protocol')
      if (service.section.ExitType === 'cgroup' && mainPidGood(service) !== true) return yield* enterStartPost(service)
      return yield* pidFileHopeless(service)
    case 'start-post':
      return yield* pidFileHopeless(service)
    case 'running':
      return yield* enterRunning(service, 'success')
    case 'stop-watchdog':
    case 'stop-sigterm':
    case 'stop-sigkill':
      if (nobody) yield* enterStopPost(service, 'success')
      return
    case 'stop-post':
    case 'final-watchdog':
    case 'final-sigterm':
    case 'final-sigkill':
      if (nobody) yield* enterDead(service, 'success', true)
      return
    case 'auto-restart':
    case 'auto-restart-queued':
    case 'dead':
    case 'failed':
      return pruneCgroup(service)
    default:
      return
  }
}

function* pidFileHopeless(service: Service): Syscall<void> {
  if (service.pidFileTimer === undefined || mainPidGood(service) === true || controlPidGood(service)) return
  service.log(4, 'Daemon never wrote its PID file. Failing.')
  if (service.state === 'start') yield* enterStopPost(service, 'protocol')
  else yield* enterStop(service, 'protocol')
}
