// The socket unit type: listening, handing over, and what happens when the service will not do.
import { isErrno, type Syscall } from '@/lib/kernel'
import { isBusError } from '../../bus'
import { isCleanExit, describeExit, type ChildExit } from '../../manager/child-exit'
import { messageId } from '@/lib/journal'
import { killContext } from '../../manager/kill'
import { realizeCgroup } from '../../cgroup'
import { spawnFor } from '../../manager/spawn'
import {
  addExecDependencies,
  addMountDependencies,
  addNamed,
  addShutdownDependencies,
  addSliceDependency,
} from '../../manager/unit-defaults'
import { logFailure, logSuccess } from '../../manager/unit-notify'
import { acquireInvocationId, testStartLimit } from '../../manager/unit-start'
import type { UnitType } from '../../manager/unit-type'
import { unitNameBuild, unitNameChangeSuffix, unitNameToPrefix } from '../../unit-name'
import { Service } from '../service/service'
import { openPorts, flushPorts, acceptConnection, watchPorts } from './listen'
import { armTimer, setState, Socket, socketStateTable, unwatchPorts, type SocketPhase, type SocketResult, type SocketState } from './socket'

function keepResult(socket: Socket, result: SocketResult): void {
  if (socket.result === 'success') socket.result = result
}

function* spawnControl(socket: Socket, phase: SocketPhase, index: number, task: string): Syscall<boolean> {
  const command = socket.section[phase][index]
  if (command === undefined) return false
  socket.controlPhase = phase
  socket.controlIndex = index
  yield* realizeCgroup(socket)
  armTimer(socket, socket.section.TimeoutSec)
  const pid = yield* spawnFor(socket, { section: socket.section, command })
  if (isErrno(pid)) {
    socket.log(4, `Failed to spawn '${task}' task: ${pid.message}`)
    return false
  }
  socket.controlPid = pid
  socket.manager.watchPid(socket, pid)
  return true
}

function* enterStartPre(socket: Socket): Syscall<void> {
  if (socket.section.ExecStartPre.length === 0) return yield* enterStartOpen(socket)
  if (yield* spawnControl(socket, 'ExecStartPre', 0, 'start-pre')) return setState(socket, 'start-pre')
  enterDead(socket, 'resources')
}

function* enterStartOpen(socket: Socket): Syscall<void> {
  const opened = yield* openPorts(socket)
  if (isErrno(opened)) {
    socket.log(3, `Failed to listen on sockets: ${opened.message}`)
    return yield* enterStopPre(socket, 'resources')
  }
  yield* enterStartPost(socket)
}

function* enterStartPost(socket: Socket): Syscall<void> {
  if (socket.section.ExecStartPost.length === 0) return yield* enterListening(socket)
  if (yield* spawnControl(socket, 'ExecStartPost', 0, 'start-post')) return setState(socket, 'start-post')
  yield* enterStopPre(socket, 'resources')
}

function* enterListening(socket: Socket): Syscall<void> {
  if (!socket.section.Accept && socket.section.FlushPending) yield* flushPorts(socket)
  setState(socket, 'listening')
  watchPorts(socket, (fd) => incoming(socket, fd))
}

function* incoming(socket: Socket, fd: number): Syscall<void> {
  if (socket.state !== 'listening') return
  const now = socket.manager.process.monotonicUsec
  if (!socket.pollLimit.below(now)) {
    // Too busy: look away until the window is over.
    const left = socket.pollLimit.leftUsec(now)
    unwatchPorts(socket)
    socket.manager.loop.addTimer(now + left, function* () {
      if (socket.state === 'listening') watchPorts(socket, (one) => incoming(socket, one))
    })
    return
  }
  if (!socket.section.Accept) return yield* enterRunning(socket, undefined)
  const accepted = yield* acceptConnection(socket, fd)
  if (isErrno(accepted)) {
    if (accepted.name !== 'EAGAIN') {
      socket.log(4, `Failed to accept incoming socket: ${accepted.message}`)
      yield* enterStopPre(socket, 'resources')
    }
    return
  }
  yield* enterRunning(socket, accepted)
}

function* enterRunning(socket: Socket, connection: number | undefined): Syscall<void> {
  const { manager } = socket
  const drop = function* (): Syscall<void> {
    if (connection === undefined) yield* flushPorts(socket)
    else {
      socket.refused += 1
      yield* manager.process.close(connection)
    }
  }
  if (socket.stopPending()) {
    socket.log(7, 'Suppressing connection request since unit stop is scheduled.')
    return yield* drop()
  }
  if (!socket.triggerLimit.below(manager.process.monotonicUsec)) {
    socket.log(4, 'Trigger limit hit, refusing further activation.')
    if (connection !== undefined) yield* manager.process.close(connection)
    return yield* enterStopPre(socket, 'trigger-limit-hit')
  }
  if (connection === undefined) {
    // One that starts anyway will find us.
    const pending = [...socket.dependencies('triggers')].some((other) => other.activeOrPending())
    if (!pending) {
      const service = socket.trigger()
      if (service === undefined) {
        socket.log(4, 'Service to activate vanished, refusing activation.')
        return yield* enterStopPre(socket, 'resources')
      }
      const job = manager.addJob('start', service, 'replace')
      if (isBusError(job)) return yield* queueFailed(socket, job)
      service.activation = { unit: socket.id, fields: { TRIGGER_UNIT: socket.id } }
    }
    return setState(socket, 'running')
  }
  if (socket.connections >= socket.section.MaxConnections) {
    socket.log(4, `Too many incoming connections (${socket.connections}), dropping connection.`)
    return yield* drop()
  }
  const instance = yield* instanceName(socket, connection)
  const name = unitNameBuild(unitNameToPrefix(socket.id) ?? 'socket', instance.name, '.service')
  const service = name === undefined ? undefined : manager.loadUnit(name)
  if (service === undefined || isBusError(service) || !(service instanceof Service)) {
    socket.log(4, 'Failed to load connection service unit.')
    yield* manager.process.close(connection)
    return yield* enterStopPre(socket, 'resources')
  }
  service.addDependency('After', socket, 'implicit')
  socket.addDependency('Triggers', service, 'implicit')
  service.socketFd = connection
  service.acceptSocket = socket
  service.socketPeer = instance.peer
  if (instance.description !== '') service.descriptionText = `${service.config.Unit.Description || service.id} (${instance.description})`
  socket.accepted += 1
  const job = manager.addJob('start', service, 'replace')
  if (isBusError(job)) {
    service.socketFd = undefined
    yield* manager.process.close(connection)
    return yield* queueFailed(socket, job)
  }
  socket.connections += 1
  service.activation = { unit: socket.id, fields: { TRIGGER_UNIT: socket.id } }
  manager.addToBusQueue(socket)
}

function* queueFailed(socket: Socket, error: { readonly name: string; readonly message: string }): Syscall<void> {
  if (error.name !== 'org.freedesktop.systemd1.ShuttingDown')
    socket.log(
      4,
      `Failed to queue service startup job${error.name === 'org.freedesktop.systemd1.UnitMasked' || error.name === 'org.freedesktop.systemd1.NoSuchUnit' ? ' (Maybe the service file is missing or not a non-template unit?)' : ''}: ${error.message}`,
    )
  yield* enterStopPre(socket, 'resources')
}

type Instance = {
  readonly name: string
  readonly description: string
  readonly peer: { readonly address: string; readonly port: number } | undefined
}

/** The instance of a connection's service: its number and both ends. */
function* instanceName(socket: Socket, fd: number): Syscall<Instance> {
  const { process } = socket.manager
  const number = socket.accepted
  const local = yield* process.getsockname(fd)
  const remote = yield* process.getpeername(fd)
  if (!isErrno(local) && !isErrno(remote) && 'port' in local && 'port' in remote) {
    const text = (one: typeof local) => `${one.address}:${one.port}`
    return {
      name: `${number}-${text(local)}-${text(remote)}`,
      description: `${text(remote)}`,
      peer: { address: remote.address, port: remote.port },
    }
  }
  const peer = yield* process.getPeerCredentials(fd)
  const name = isErrno(peer) ? String(number) : `${number}-${peer.pid}-${peer.uid}`
  return { name, description: isErrno(peer) ? '' : `PID ${peer.pid}/UID ${peer.uid}`, peer: undefined }
}

// ---------------------------------------------------------------- down

export function* enterStopPre(socket: Socket, result: SocketResult): Syscall<void> {
  keepResult(socket, result)
  if (socket.section.ExecStopPre.length === 0) return yield* enterStopPost(socket, 'success')
  if (yield* spawnControl(socket, 'ExecStopPre', 0, 'stop-pre')) return setState(socket, 'stop-pre')
  yield* enterStopPost(socket, 'resources')
}

function* enterStopPost(socket: Socket, result: SocketResult): Syscall<void> {
  keepResult(socket, result)
  if (socket.section.ExecStopPost.length === 0) return yield* enterSignal(socket, 'final-sigterm', 'success')
  if (yield* spawnControl(socket, 'ExecStopPost', 0, 'stop-post')) return setState(socket, 'stop-post')
  yield* enterSignal(socket, 'final-sigterm', 'resources')
}

function* enterSignal(socket: Socket, state: SocketState, result: SocketResult): Syscall<void> {
  keepResult(socket, result)
  const kill = state === 'stop-pre-sigkill' || state === 'final-sigkill'
  const waiting = yield* killContext(socket, socket.section, kill ? 'kill' : 'terminate', {
    main: 0,
    control: socket.controlPid,
    alien: false,
  })
  if (waiting) {
    armTimer(socket, socket.section.TimeoutSec)
    setState(socket, state)
  } else if (state === 'stop-pre-sigterm') yield* enterSignal(socket, 'stop-pre-sigkill', 'success')
  else if (state === 'stop-pre-sigkill') yield* enterStopPost(socket, 'success')
  else if (state === 'final-sigterm') yield* enterSignal(socket, 'final-sigkill', 'success')
  else enterDead(socket, 'success')
}

function enterDead(socket: Socket, result: SocketResult): void {
  keepResult(socket, result)
  if (socket.result === 'success') logSuccess(socket)
  else logFailure(socket, socket.result)
  setState(socket, socket.result === 'success' ? 'dead' : 'failed')
}

export function* socketTimeout(socket: Socket): Syscall<void> {
  const warn = (text: string) => socket.log(4, text)
  const { SendSIGKILL } = socket.section
  switch (socket.state) {
    case 'start-pre':
      warn('Starting timed out. Terminating.')
      return yield* enterSignal(socket, 'final-sigterm', 'timeout')
    case 'start-chown':
    case 'start-post':
      warn('Starting timed out. Stopping.')
      return yield* enterStopPre(socket, 'timeout')
    case 'stop-pre':
      warn('Stopping timed out. Terminating.')
      return yield* enterSignal(socket, 'stop-pre-sigterm', 'timeout')
    case 'stop-pre-sigterm':
      warn(SendSIGKILL ? 'Stopping timed out. Killing.' : 'Stopping timed out. Skipping SIGKILL. Ignoring.')
      return SendSIGKILL ? yield* enterSignal(socket, 'stop-pre-sigkill', 'timeout') : yield* enterStopPost(socket, 'timeout')
    case 'stop-pre-sigkill':
      warn('Processes still around after SIGKILL. Ignoring.')
      return yield* enterStopPost(socket, 'timeout')
    case 'stop-post':
      warn('Stopping timed out (2). Terminating.')
      return yield* enterSignal(socket, 'final-sigterm', 'timeout')
    case 'final-sigterm':
      warn(SendSIGKILL ? 'Stopping timed out (2). Killing.' : 'Stopping timed out (2). Skipping SIGKILL. Ignoring.')
      return SendSIGKILL ? yield* enterSignal(socket, 'final-sigkill', 'timeout') : enterDead(socket, 'timeout')
    case 'final-sigkill':
      warn('Still around after SIGKILL (2). Entering failed mode.')
      return enterDead(socket, 'timeout')
    default:
      return
  }
}

function* controlExited(socket: Socket, exit: ChildExit): Syscall<void> {
  if (exit.pid !== socket.controlPid) return
  socket.manager.unwatchPid(socket, exit.pid)
  socket.controlPid = 0
  const phase = socket.controlPhase
  const command = phase === undefined ? undefined : socket.section[phase][socket.controlIndex]
  const clean = isCleanExit(exit, 'command') || command?.ignoreFailure === true
  const result: SocketResult = clean ? 'success' : exit.code === 'exited' ? 'exit-code' : exit.code === 'killed' ? 'signal' : 'core-dump'
  socket.log(clean ? 7 : exit.code === 'exited' ? 5 : 4, `Control process exited, ${describeExit(exit)}`, {
    MESSAGE_ID: messageId.unitProcessExit,
    EXIT_CODE: exit.code,
    EXIT_STATUS: exit.status,
    COMMAND: phase,
  })
  keepResult(socket, result)
  if (phase !== undefined && clean && socket.controlIndex + 1 < socket.section[phase].length) {
    if (yield* spawnControl(socket, phase, socket.controlIndex + 1, 'next control')) return
  }
  socket.controlPhase = undefined
  switch (socket.state) {
    case 'start-pre':
      return clean ? yield* enterStartOpen(socket) : yield* enterSignal(socket, 'final-sigterm', result)
    case 'start-post':
      return clean ? yield* enterListening(socket) : yield* enterStopPre(socket, result)
    case 'stop-pre':
    case 'stop-pre-sigterm':
    case 'stop-pre-sigkill':
      return yield* enterStopPost(socket, result)
    case 'stop-post':
    case 'final-sigterm':
    case 'final-sigkill':
      return enterDead(socket, result)
    default:
      return
  }
}

export const socketType: UnitType = {
  name: 'socket',
  section: 'Socket',
  interfaceName: 'org.freedesktop.systemd1.Socket',
  canTransient: true,
  canTrigger: true,
  canFail: true,
  hasCgroup: true,
  status: {
    finishedStart: { done: 'Listening on %s.', failed: 'Failed to listen on %s.', timeout: 'Timed out starting %s.' },
    finishedStop: { done: 'Closed %s.', failed: 'Failed stopping %s.', timeout: 'Timed out stopping %s.' },
  },
  create: (manager, id) => new Socket(manager, id),
  load(unit) {
    const socket = unit as Socket
    if (socket.loadState !== 'loaded') return
    const { section, manager } = socket
    if (!section.Accept) {
      const name = section.Service !== '' ? section.Service : unitNameChangeSuffix(socket.id, '.service')
      if (name !== undefined) addNamed(socket, ['Before', 'Triggers'], name, 'implicit')
    }
    for (const { address } of section.Listen)
      if ((address.family === 'unix' || address.family === 'file') && address.path.startsWith('/')) socket.requiredMounts.add(address.path)
    if (section.ExecStartPre.length + section.ExecStartPost.length + section.ExecStopPre.length + section.ExecStopPost.length > 0)
      addExecDependencies(socket, section)
    addMountDependencies(socket)
    addSliceDependency(socket, section.Slice)
    if (socket.config.Unit.DefaultDependencies) {
      addNamed(socket, ['Before'], 'sockets.target', 'default')
      if (manager.scope === 'system') addNamed(socket, ['Requires', 'After'], 'sysinit.target', 'default')
      addShutdownDependencies(socket)
    }
    if (socket.ports.every((port) => port.fd === undefined))
      socket.ports = section.Listen.map((listen) => ({ listen, fd: undefined, source: undefined }))
    socket.triggerLimit.intervalUsec = section.TriggerLimitIntervalSec
    socket.triggerLimit.burst = section.TriggerLimitBurst
    socket.pollLimit.intervalUsec = section.PollLimitIntervalSec
    socket.pollLimit.burst = section.PollLimitBurst
  },
  activeState: (unit) => socketStateTable[(unit as Socket).state].active,
  subState: (unit) => (unit as Socket).state,
  testStartable(unit) {
    const socket = unit as Socket
    const { active } = socketStateTable[socket.state]
    if (active === 'deactivating' || active === 'maintenance') return 'again'
    if (active === 'activating') return 'nothing'
    if (testStartLimit(socket)) return undefined
    enterDead(socket, 'start-limit-hit')
    return 'nothing'
  },
  *start(unit) {
    const socket = unit as Socket
    const service = socket.section.Accept ? undefined : socket.trigger()
    if (service !== undefined) {
      if (service.loadState !== 'loaded') {
        socket.log(3, `Socket service ${service.id} not loaded, refusing.`)
        return 'failed'
      }
      if (
        service instanceof Service &&
        !['dead', 'failed', 'dead-before-auto-restart', 'failed-before-auto-restart', 'auto-restart', 'dead-resources-pinned'].includes(
          service.state,
        )
      ) {
        socket.log(3, `Socket service ${service.id} already active, refusing.`)
        return 'failed'
      }
    }
    acquireInvocationId(socket)
    socket.result = 'success'
    yield* enterStartPre(socket)
    return 'started'
  },
  *stop(unit) {
    const socket = unit as Socket
    const { state } = socket
    if (socketStateTable[state].active === 'deactivating') return 'nothing'
    if (state === 'start-pre') {
      yield* enterSignal(socket, 'stop-pre-sigterm', 'success')
      return 'nothing'
    }
    yield* enterStopPre(socket, 'success')
    return 'started'
  },
  kill: (unit) => ({ main: -1, control: (unit as Socket).controlPid }),
  mayGc: (unit) => (unit as Socket).connections === 0,
  sigchld: (unit, exit) => controlExited(unit as Socket, exit),
  triggerNotify(unit, other) {
    const socket = unit as Socket
    const { manager } = socket
    if (socket.state !== 'running' && socket.state !== 'listening' && socket.state !== 'deferred') return
    if (other.loadState !== 'loaded' || !(other instanceof Service)) return
    if (socket.section.Accept) return
    if (other.startLimitHit) {
      manager.defer(() => enterStopPre(socket, 'service-start-limit-hit'))
      return
    }
    // A job is still to come, or conditions and the like keep it down.
    if (other.job !== undefined) return
    const { state } = other
    if (
      [
        'dead',
        'dead-before-auto-restart',
        'failed',
        'failed-before-auto-restart',
        'final-sigterm',
        'final-sigkill',
        'auto-restart',
        'auto-restart-queued',
      ].includes(state)
    ) {
      if (socket.state === 'running') manager.defer(() => (socket.state === 'running' ? enterListening(socket) : nothingMore()))
    } else if (state === 'running' && socket.state !== 'running') setState(socket, 'running')
  },
  resetFailed(unit) {
    const socket = unit as Socket
    if (socket.state === 'failed') setState(socket, 'dead')
    socket.result = 'success'
  },
  *release(unit) {
    const socket = unit as Socket
    armTimer(socket, Number.POSITIVE_INFINITY)
    unwatchPorts(socket)
    for (const port of socket.ports) if (port.fd !== undefined) yield* socket.manager.process.close(port.fd)
  },
  cpuWeight: (unit) => (unit as Socket).section.CPUWeight ?? 100,
}

function* nothingMore(): Syscall<void> {}
