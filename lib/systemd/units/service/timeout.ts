// The timer of a service has elapsed.
import type { Syscall } from '@/lib/kernel'
import { killOne } from '../../manager/kill'
import { enterDead, enterRestart, enterRunning, enterSignal, enterStop, enterStopPost } from './enter'
import { unwatchControl, type Service } from './service'

export function* serviceTimeout(service: Service): Syscall<void> {
  const { SendSIGKILL, TimeoutStartFailureMode, TimeoutStopFailureMode } = service.section
  const { state } = service
  const warn = (text: string) => service.log(4, text)
  const { manager } = service
  if (service.timeoutExtendedUntilUsec > manager.process.monotonicUsec && state !== 'auto-restart') {
    // EXTEND_TIMEOUT_USEC= pushed it off.
    service.timer = manager.loop.addTimer(service.timeoutExtendedUntilUsec, () => serviceTimeout(service))
    return
  }
  switch (state) {
    case 'condition':
    case 'start-pre':
    case 'start':
    case 'start-post':
      if (TimeoutStartFailureMode === 'terminate') {
        warn(`${state} operation timed out. Terminating.`)
        return yield* enterSignal(service, 'stop-sigterm', 'timeout')
      }
      if (TimeoutStartFailureMode === 'abort') {
        warn(`${state} operation timed out. Aborting.`)
        return yield* enterSignal(service, 'stop-watchdog', 'timeout')
      }
      if (SendSIGKILL) {
        warn(`${state} operation timed out. Killing.`)
        return yield* enterSignal(service, 'stop-sigkill', 'timeout')
      }
      warn(`${state} operation timed out. Skipping SIGKILL.`)
      return yield* enterStopPost(service, 'timeout')
    case 'running':
      warn('Service reached runtime time limit. Stopping.')
      return yield* enterStop(service, 'timeout')
    case 'reload':
    case 'reload-signal':
    case 'reload-notify':
      warn('Reload operation timed out. Killing reload process.')
      if (service.controlPid !== 0) {
        yield* killOne(manager, service.controlPid, 9)
        unwatchControl(service)
      }
      service.reloadResult = 'timeout'
      return yield* enterRunning(service, 'success')
    case 'stop':
      if (TimeoutStopFailureMode === 'terminate') {
        warn('Stopping timed out. Terminating.')
        return yield* enterSignal(service, 'stop-sigterm', 'timeout')
      }
      if (TimeoutStopFailureMode === 'abort') {
        warn('Stopping timed out. Aborting.')
        return yield* enterSignal(service, 'stop-watchdog', 'timeout')
      }
      if (SendSIGKILL) {
        warn('Stopping timed out. Killing.')
        return yield* enterSignal(service, 'stop-sigkill', 'timeout')
      }
      warn('Stopping timed out. Skipping SIGKILL.')
      return yield* enterStopPost(service, 'timeout')
    case 'stop-sigterm':
      if (TimeoutStopFailureMode === 'abort') {
        warn(`State '${state}' timed out. Aborting.`)
        return yield* enterSignal(service, 'stop-watchdog', 'timeout')
      }
      return yield* killOrGoOn(service)
    case 'stop-watchdog':
      return yield* killOrGoOn(service)
    case 'stop-sigkill':
      warn('Processes still around after SIGKILL. Ignoring.')
      return yield* enterStopPost(service, 'timeout')
    case 'stop-post':
      if (TimeoutStopFailureMode === 'terminate') {
        warn(`State '${state}' timed out. Terminating.`)
        return yield* enterSignal(service, 'final-sigterm', 'timeout')
      }
      if (TimeoutStopFailureMode === 'abort') {
        warn(`State '${state}' timed out. Aborting.`)
        return yield* enterSignal(service, 'final-watchdog', 'timeout')
      }
      return yield* killOrFail(service)
    case 'final-sigterm':
      if (TimeoutStopFailureMode === 'abort') {
        warn(`State '${state}' timed out. Aborting.`)
        return yield* enterSignal(service, 'final-watchdog', 'timeout')
      }
      return yield* killOrFail(service)
    case 'final-watchdog':
      return yield* killOrFail(service)
    case 'final-sigkill':
      warn('Processes still around after final SIGKILL. Entering failed mode.')
      return yield* enterDead(service, 'timeout', true)
    case 'auto-restart':
      return yield* enterRestart(service)
    case 'cleaning':
      warn('Cleaning timed out. killing.')
      service.cleanResult = 'timeout'
      return yield* enterSignal(service, 'final-sigkill', 'success')
    default:
      return
  }
}

function* killOrGoOn(service: Service): Syscall<void> {
  if (service.section.SendSIGKILL) {
    service.log(4, `State '${service.state}' timed out. Killing.`)
    return yield* enterSignal(service, 'stop-sigkill', 'timeout')
  }
  service.log(4, `State '${service.state}' timed out. Skipping SIGKILL.`)
  yield* enterStopPost(service, 'timeout')
}

function* killOrFail(service: Service): Syscall<void> {
  if (service.section.SendSIGKILL) {
    service.log(4, `State '${service.state}' timed out. Killing.`)
    return yield* enterSignal(service, 'final-sigkill', 'timeout')
  }
  service.log(4, `State '${service.state}' timed out. Skipping SIGKILL. Entering failed mode.`)
  yield* enterDead(service, 'timeout', false)
}
