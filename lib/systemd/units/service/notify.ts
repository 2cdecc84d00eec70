// After sd_notify(3): what a service says of itself over the notification socket.
import type { Syscall } from '@/lib/kernel'
import { unitOfPid } from '../../cgroup'
import type { NotifyMessage } from '../../manager/unit-type'
import {
  armWatchdog,
  enterReloadByNotify,
  enterRunning,
  enterSignal,
  enterStartPost,
  enterStopByNotify,
  startWatchdog,
  watchdogUsec,
} from './enter'
import { armTimerAt, setMainPid, type Service } from './service'
import { reloadingStates } from './state'

/** NotifyAccess=: who may speak for the service. */
function isAuthorized(service: Service, message: NotifyMessage): boolean {
  const access = service.notifyAccess
  if (access === 'none') {
    service.log(4, `Got notification message from PID ${message.pid}, but reception is disabled.`)
    return false
  }
  if (access === 'main' && message.pid !== service.mainPid) {
    service.log(
      4,
      service.mainPid === 0
        ? `Got notification message from PID ${message.pid}, but reception only permitted for main PID which is currently not known`
        : `Got notification message from PID ${message.pid}, but reception only permitted for main PID ${service.mainPid}`,
    )
    return false
  }
  if (access === 'exec' && message.pid !== service.mainPid && message.pid !== service.controlPid) {
    service.log(
      4,
      service.mainPid !== 0 && service.controlPid !== 0
        ? `Got notification message from PID ${message.pid}, but reception only permitted for main PID ${service.mainPid} and control PID ${service.controlPid}`
        : service.mainPid !== 0
          ? `Got notification message from PID ${message.pid}, but reception only permitted for main PID ${service.mainPid}`
          : service.controlPid !== 0
            ? `Got notification message from PID ${message.pid}, but reception only permitted for control PID ${service.controlPid}`
            : `Got notification message from PID ${message.pid}, but reception only permitted for main PID and control PID which are currently not known`,
    )
    return false
  }
  return true
}

export function* serviceNotify(service: Service, message: NotifyMessage): Syscall<void> {
  const { manager } = service
  const { fields } = message
  if (!isAuthorized(service, message)) {
    for (const fd of message.fds) yield* manager.process.close(fd)
    return
  }
  let changed = false

  const mainPid = fields.get('MAINPID')
  if (mainPid !== undefined && ['start', 'start-post', 'running', 'reload', 'reload-signal', 'reload-notify'].includes(service.state)) {
    const pid = /^\d+$/.test(mainPid) ? Number(mainPid) : 0
    if (pid <= 0) service.log(4, `Failed to parse MAINPID=${mainPid} field in notification message, ignoring: Invalid argument`)
    else if (!service.mainPidKnown || pid !== service.mainPid) {
      const ours = unitOfPid(manager, pid) === service
      if (pid === 1) service.log(4, `New main PID ${pid} is the manager, refusing.`)
      else if (!ours && message.uid !== 0) service.log(4, `New main PID ${pid} does not belong to service, refusing.`)
      else {
        service.mainPidAlien = !ours
        setMainPid(service, pid)
        changed = true
      }
    }
  }

  const states = fields
  if (states.get('STOPPING') === '1') {
    service.notifyState = 'stopping'
    if (service.state === 'running' || service.state === 'reload-signal' || service.state === 'reload-notify')
      yield* enterStopByNotify(service)
    changed = true
  } else {
    const ready = states.get('READY') === '1'
    const reloading = states.get('RELOADING') === '1'
    const monotonic = states.get('MONOTONIC_USEC')
    if (reloading) {
      service.notifyState = 'reloading'
      // Our own signal caused it when it is later than that.
      const answer = service.state === 'reload-signal' && monotonic !== undefined && Number(monotonic) >= service.reloadBeginUsec
      if (answer) yield* enterReloadByNotify(service)
      else if (service.state === 'running') yield* enterReloadByNotify(service)
      changed = true
    }
    if (ready) {
      service.notifyState = 'ready'
      if ((service.kind === 'notify' || service.kind === 'notify-reload') && service.state === 'start') yield* enterStartPost(service)
      if (service.state === 'reload-notify') yield* enterRunning(service, 'success')
      else if (reloadingStates.has(service.state) && service.state === 'reload-signal' && service.kind !== 'notify-reload')
        yield* enterRunning(service, 'success')
      changed = true
    }
  }

  const status = fields.get('STATUS')
  if (status !== undefined && service.statusText !== status) {
    service.statusText = status
    changed = true
  }

  const access = fields.get('NOTIFYACCESS')
  if (access !== undefined) {
    if (access === 'none' || access === 'main' || access === 'exec' || access === 'all') service.notifyAccessOverride = access
    else service.log(4, `Failed to parse NOTIFYACCESS= field value '${access}' in notification message, ignoring: Invalid argument`)
  }

  const error = fields.get('ERRNO')
  if (error !== undefined) {
    const number = /^\d+$/.test(error) ? Number(error) : -1
    if (number < 0 || number > 4095)
      service.log(4, `Failed to parse ERRNO= field value '${error}' in notification message: Invalid argument`)
    else {
      service.statusErrno = number
      changed = true
    }
  }

  const extend = fields.get('EXTEND_TIMEOUT_USEC')
  if (extend !== undefined) {
    if (/^\d+$/.test(extend)) extendTimeout(service, Number(extend))
    else service.log(4, `Failed to parse EXTEND_TIMEOUT_USEC=${extend}`)
  }

  const watchdog = fields.get('WATCHDOG')
  if (watchdog === '1') {
    service.watchdogTimestamp = service.now()
    if (service.watchdogTimer !== undefined) armWatchdog(service)
  } else if (watchdog === 'trigger') yield* serviceWatchdogTriggered(service)

  const watchdogUsecText = fields.get('WATCHDOG_USEC')
  if (watchdogUsecText !== undefined && /^\d+$/.test(watchdogUsecText)) {
    service.watchdogOverrideUsec = Number(watchdogUsecText)
    startWatchdog(service)
  }

  if (fields.get('FDSTOREREMOVE') === '1') yield* removeStored(service, fields.get('FDNAME') ?? '')
  else if (fields.get('FDSTORE') === '1') yield* store(service, fields.get('FDNAME') ?? 'stored', message.fds)
  else for (const fd of message.fds) yield* manager.process.close(fd)

  if (changed) manager.addToBusQueue(service)
}

function* serviceWatchdogTriggered(service: Service): Syscall<void> {
  service.log(3, `Watchdog request (last status: ${service.statusText || 'not set'})!`)
  service.manager.loop.cancelTimer(service.watchdogTimer)
  yield* enterSignal(service, 'stop-watchdog', 'watchdog')
}

/** The timer that runs may not fire before that. */
function extendTimeout(service: Service, usec: number): void {
  const until = service.manager.process.monotonicUsec + usec
  service.timeoutExtendedUntilUsec = until
  if (service.state === 'auto-restart') return
  if (service.timer !== undefined && service.timer.deadlineUsec < until) armTimerAt(service, until)
  if (service.watchdogTimer !== undefined && watchdogUsec(service) > 0) armWatchdog(service)
}

function* store(service: Service, name: string, fds: readonly number[]): Syscall<void> {
  const { process } = service.manager
  for (const fd of fds) {
    if (service.fdStore.length >= service.section.FileDescriptorStoreMax) {
      yield* process.close(fd)
      continue
    }
    yield* process.setCloexec(fd, true)
    service.fdStore.push({ fd, name })
  }
}

function* removeStored(service: Service, name: string): Syscall<void> {
  for (const held of service.fdStore.filter((one) => one.name === name)) yield* service.manager.process.close(held.fd)
  service.fdStore = service.fdStore.filter((one) => one.name !== name)
}
