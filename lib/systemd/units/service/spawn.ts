// Starting a command of a service: environment, descriptors, what the child may speak with us.
import { decodeUtf8, USEC_INFINITY, type Usec } from '@/lib/base'
import { errno, isErrno, O_CLOEXEC, signalName, type Fallible, type Syscall } from '@/lib/kernel'
import { realizeCgroup } from '../../cgroup'
import type { PassedFd } from '../../exec'
import { eventPriority } from '../../manager/event-loop'
import { neverRun } from '../../manager/exec-status'
import { spawnFor } from '../../manager/spawn'
import { armTimer, stopTimer, type ExecPhase, type Service } from './service'
import { enterStartPost, watchdogUsec } from './enter'
import type { Unit } from '../../manager/unit'
import { collectSocketFds } from '../socket/fds'

/** Which phases get what. */
const resultPhases: ReadonlySet<ExecPhase> = new Set(['ExecStop', 'ExecStopPost'])
const monitorPhases: ReadonlySet<ExecPhase> = new Set(['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost'])

export function* spawnCommand(service: Service, phase: ExecPhase, index: number, timeoutUsec: Usec): Syscall<Fallible<number>> {
  const { manager } = service
  const command = service.commands(phase)[index]
  if (command === undefined) return errno.ENXIO
  if (!(yield* realizeCgroup(service))) return errno.ENODEV
  if (timeoutUsec === USEC_INFINITY) stopTimer(service)
  else armTimer(service, timeoutUsec)

  const isMain = phase === 'ExecStart'
  const fds: PassedFd[] = []
  if (isMain) {
    if (service.socketFd !== undefined) fds.push({ fd: service.socketFd, name: 'connection' })
    else for (const passed of yield* collectSocketFds(service)) fds.push(passed)
    for (const held of service.fdStore) fds.push(held)
  }
  const start = service.now()
  const ends = service.kind === 'exec' && isMain ? yield* manager.process.pipe(O_CLOEXEC) : undefined
  const pipe = ends === undefined || isErrno(ends) ? undefined : ends
  const pid = yield* spawnFor(service, {
    section: service.section,
    command,
    environment: environmentOf(service, phase),
    fds,
    socketFd: service.socketFd,
    main: isMain,
    controlCgroup: !isMain && service.section.Delegate !== undefined,
    sandboxing: isMain || !service.section.PermissionsStartOnly,
    execFd: pipe?.[1],
    idleFd: service.kind === 'idle' && isMain ? yield* manager.idlePipe() : undefined,
  })
  if (pipe !== undefined) {
    // Nothing is called between the fork and the line about it.
    const spare = isErrno(pid) ? pipe : [pipe[1]]
    manager.defer(function* () {
      for (const fd of spare) yield* manager.process.close(fd)
    })
    if (!isErrno(pid)) watchExecFd(service, pipe[0], pid)
  }
  if (isErrno(pid)) return pid
  service.statuses.set(command, { ...neverRun, pid, start })
  return pid
}

/** Type=exec: the descriptor closes when execve() worked; or when the child gave up. */
function watchExecFd(service: Service, fd: number, pid: number): void {
  const { manager } = service
  const source = manager.loop.watchFd(fd, 1, eventPriority.execFd, function* () {
    service.execFdWatch?.()
    const stat = manager.reader.readFile(`/proc/${pid}/stat`)
    const gone = stat === undefined || /^\d+ \(.*\) [ZX]/s.test(decodeUtf8(stat))
    if (!gone && service.state === 'start' && service.mainPid === pid) yield* enterStartPost(service)
  })
  service.execFdWatch = () => {
    service.execFdWatch = undefined
    manager.loop.unwatchFd(source)
    manager.defer(function* () {
      yield* manager.process.close(fd)
    })
  }
}

function environmentOf(service: Service, phase: ExecPhase): Map<string, string> {
  const { manager } = service
  const env = new Map<string, string>()
  const isMain = phase === 'ExecStart'
  if (service.notifyAccess === 'all' || (service.notifyAccess !== 'none' && (isMain || service.notifyAccess === 'exec')))
    env.set('NOTIFY_SOCKET', manager.notifySocketPath)
  if (service.mainPid !== 0) env.set('MAINPID', String(service.mainPid))
  if (manager.scope === 'user') env.set('MANAGERPID', String(manager.process.pid))
  if (service.section.PIDFile !== '') env.set('PIDFILE', service.section.PIDFile)
  if (service.socketPeer !== undefined) {
    env.set('REMOTE_ADDR', service.socketPeer.address)
    env.set('REMOTE_PORT', String(service.socketPeer.port))
  }
  if (isMain && watchdogUsec(service) !== USEC_INFINITY) env.set('WATCHDOG_USEC', String(watchdogUsec(service)))
  if (isMain && service.section.FileDescriptorStoreMax > 0) env.set('FDSTORE', String(service.section.FileDescriptorStoreMax))
  if (resultPhases.has(phase)) {
    env.set('SERVICE_RESULT', service.result)
    const exit = service.mainStatus.how
    if (exit !== undefined) {
      env.set('EXIT_CODE', exit.code)
      env.set('EXIT_STATUS', exit.code === 'exited' ? String(exit.status) : (signalName(exit.status)?.slice(3) ?? String(exit.status)))
    }
  } else if (monitorPhases.has(phase)) monitorEnvironment(service, env)
  if (service.activation !== undefined) for (const [name, value] of Object.entries(service.activation.fields)) env.set(name, value)
  return env
}

/** MONITOR_*: how the unit ended whose OnFailure= or OnSuccess= brought us. */
function monitorEnvironment(service: Service, env: Map<string, string>): void {
  const candidates: Unit[] = [...service.dependencies('on-success-of'), ...service.dependencies('on-failure-of')].filter(
    (unit) => unit.type === 'service',
  )
  const distinct = [...new Set(candidates)].reverse()
  const [first, second] = distinct
  if (first === undefined) return
  if (second !== undefined) {
    service.log(4, `multiple trigger source candidates for exit status propagation (${first.id}, ${second.id}), skipping.`)
    return
  }
  const other = first as Service
  env.set('MONITOR_SERVICE_RESULT', other.result)
  const exit = other.mainStatus.how
  if (exit !== undefined) {
    env.set('MONITOR_EXIT_CODE', exit.code)
    env.set(
      'MONITOR_EXIT_STATUS',
      exit.code === 'exited' ? String(exit.status) : (signalName(exit.status)?.slice(3) ?? String(exit.status)),
    )
  }
  if (other.invocationId !== '') env.set('MONITOR_INVOCATION_ID', other.invocationId)
  env.set('MONITOR_UNIT', other.id)
}
