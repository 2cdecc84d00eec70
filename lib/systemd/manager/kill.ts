// After systemd.kill(5): how the processes of a unit are told to go.
import { isErrno, signalName, type Fallible, type Syscall } from '@/lib/kernel'
import { BusError } from '../bus'
import { processesOf, processName, writeCgroupFile } from '../cgroup'
import type { KillSection } from '../fragment'
import type { Manager } from './manager'
import type { Unit } from './unit'

const SIGHUP = 1
const SIGKILL = 9
const SIGCONT = 18

export type KillOperation = 'terminate' | 'terminate-and-log' | 'restart' | 'kill' | 'watchdog'

export function signalOf(operation: KillOperation, kill: KillSection): number {
  if (operation === 'kill') return kill.FinalKillSignal
  if (operation === 'watchdog') return kill.WatchdogSignal
  if (operation === 'restart' && kill.RestartKillSignal !== 0) return kill.RestartKillSignal
  return kill.KillSignal
}

const noteworthy = (operation: KillOperation) => operation !== 'terminate' && operation !== 'restart'

/** A stopped process must be continued to see its signal. */
export function* killOne(manager: Manager, pid: number, signal: number): Syscall<Fallible<0>> {
  const sent = yield* manager.process.kill(pid, signal)
  if (!isErrno(sent) && signal !== SIGKILL && signal !== SIGCONT) yield* manager.process.kill(pid, SIGCONT)
  return sent
}

/** Signals what KillMode= says; true if there is something to wait for. */
export function* killContext(
  unit: Unit,
  kill: KillSection,
  operation: KillOperation,
  pids: { readonly main: number; readonly control: number; readonly alien: boolean },
): Syscall<boolean> {
  if (kill.KillMode === 'none') return false
  const signal = signalOf(operation, kill)
  const hangup = kill.SendSIGHUP && signal !== SIGHUP && signal !== SIGKILL
  const { manager } = unit
  let waiting = false
  const say = (pid: number) => {
    if (noteworthy(operation))
      unit.log(5, `Killing process ${pid} (${processName(manager, pid) ?? 'n/a'}) with signal ${signalName(signal) ?? signal}.`)
  }
  for (const [pid, kind] of [
    [pids.main, 'main'],
    [pids.control, 'control'],
  ] as const) {
    if (pid === 0) continue
    say(pid)
    const sent = yield* killOne(manager, pid, signal)
    if (isErrno(sent) && sent.name !== 'ESRCH') {
      unit.log(4, `Failed to kill ${kind} process ${pid} (${processName(manager, pid) ?? 'n/a'}), ignoring: ${sent.message}`)
      continue
    }
    if (kind === 'control' || !pids.alien) waiting = true
    if (hangup) yield* manager.process.kill(pid, SIGHUP)
  }
  if (kill.KillMode === 'control-group' || (kill.KillMode === 'mixed' && operation === 'kill')) {
    for (const { pid } of processesOf(unit)) {
      if (pid === pids.main || pid === pids.control || pid === manager.process.pid) continue
      say(pid)
      const sent = yield* killOne(manager, pid, signal)
      if (!isErrno(sent)) {
        waiting = true
        if (hangup) yield* manager.process.kill(pid, SIGHUP)
      }
    }
  }
  return waiting
}

const whoms = new Set(['main', 'control', 'all', 'cgroup', 'main-fail', 'control-fail', 'all-fail', 'cgroup-fail'])

/** `systemctl kill`: on a client's request. */
export function* killUnit(unit: Unit, whom: string, signal: number): Syscall<BusError | undefined> {
  const { manager } = unit
  if (!whoms.has(whom)) return new BusError('org.freedesktop.DBus.Error.InvalidArgs', `Invalid who argument: ${whom}`)
  const { main, control } = unit.vtable.kill?.(unit) ?? { main: -1, control: -1 }
  const [kind, mustFind] = whom.endsWith('-fail') ? [whom.slice(0, -5), true] : [whom, false]
  const noProcess = (what: string) => new BusError('org.freedesktop.systemd1.NoSuchProcess', `No ${what} process to kill`)
  if (kind === 'main' && main < 0)
    return new BusError('org.freedesktop.systemd1.NoSuchProcess', `${unit.type} units have no main processes`)
  if (kind === 'main' && main === 0) return noProcess('main')
  if (kind === 'control' && control < 0)
    return new BusError('org.freedesktop.systemd1.NoSuchProcess', `${unit.type} units have no control processes`)
  if (kind === 'control' && control === 0) return noProcess('control')
  const name = signalName(signal) ?? String(signal)
  let killed = false
  for (const [pid, what] of [
    [control, 'control'],
    [main, 'main'],
  ] as const) {
    if (pid <= 0 || kind === 'cgroup' || (kind === 'main' && what === 'control') || (kind === 'control' && what === 'main')) continue
    const comm = processName(manager, pid) ?? 'n/a'
    const sent = yield* manager.process.kill(pid, signal)
    if (isErrno(sent)) {
      if (sent.name === 'ESRCH') continue
      return new BusError(`System.Error.${sent.name}`, `Failed to send signal ${name} to ${what} process ${pid}: ${sent.message}`)
    }
    unit.log(6, `Sent signal ${name} to ${what} process ${pid} (${comm}) on client request.`)
    killed = true
  }
  if (kind === 'all' || kind === 'cgroup') {
    if (signal === SIGKILL && unit.cgroupPath !== undefined) {
      // The kernel kills a whole cgroup in one go.
      if (yield* writeCgroupFile(unit, 'cgroup.kill', '1')) {
        unit.log(6, `Killed unit cgroup with SIGKILL on client request.`)
        killed = true
      }
    } else
      for (const { pid } of processesOf(unit)) {
        if (kind === 'all' && (pid === main || pid === control)) continue
        const comm = processName(manager, pid) ?? 'n/a'
        const sent = yield* manager.process.kill(pid, signal)
        if (isErrno(sent)) continue
        unit.log(6, `Sent signal ${name} to process ${pid} (${comm}) on client request.`.replace('Sent signal', 'Sending signal'))
        killed = true
      }
  }
  if (!killed && mustFind) return new BusError('org.freedesktop.systemd1.NoSuchProcess', 'No matching processes to kill')
  return undefined
}
