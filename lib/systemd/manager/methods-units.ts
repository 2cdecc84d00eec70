// Methods that look at units, and those that act on one without a job.
import { isErrno, type Syscall } from '@/lib/kernel'
import { BusError, isBusError, type ListedUnit } from '../bus'
import { processesOf, realizeCgroup, unitOfPid, cgroupDirectory } from '../cgroup'
import { killUnit } from './kill'
import type { Manager } from './manager'
import { matchesPatterns } from './methods-jobs'
import type { MethodTable } from './methods'
import { allProperties } from './properties'
import { setProperties } from './transient'
import type { Unit } from './unit'
import { validateLoadState } from './unit-load'

export function listedUnit(unit: Unit): ListedUnit {
  return {
    id: unit.id,
    description: unit.description(),
    loadState: unit.loadState === 'stub' ? 'stub' : unit.loadState,
    activeState: unit.activeState(),
    subState: unit.subState(),
    following: unit.following()?.id ?? '',
    jobId: unit.job?.id ?? 0,
    jobType: unit.job?.type ?? '',
  }
}

/** A unit that is in memory already. */
function known(manager: Manager, name: string): Unit | BusError {
  const unit = manager.getUnit(name)
  return unit ?? new BusError('org.freedesktop.systemd1.NoSuchUnit', `Unit ${name} not loaded.`)
}

/** One that is, or can be. */
function loadable(manager: Manager, name: string): Unit | BusError {
  const unit = manager.loadUnit(name)
  return isBusError(unit) ? unit : (validateLoadState(unit) ?? unit)
}

function listUnits(manager: Manager, states: readonly string[], patterns: readonly string[]): readonly ListedUnit[] {
  const list: ListedUnit[] = []
  for (const unit of manager.allUnits()) {
    if (!matchesPatterns(unit, patterns)) continue
    const one = listedUnit(unit)
    if (states.length > 0 && !states.includes(one.loadState) && !states.includes(one.activeState) && !states.includes(one.subState))
      continue
    list.push(one)
  }
  return list
}

function* value<T>(result: T): Syscall<T> {
  return result
}

export function commandLine(manager: Manager, pid: number): string {
  const text = manager.readText(`/proc/${pid}/cmdline`) ?? ''
  if (text !== '') return text.replace(/\0+$/, '').replaceAll('\0', ' ')
  return `[${manager.readText(`/proc/${pid}/comm`)?.trim() ?? 'n/a'}]`
}

export const unitMethods: Pick<
  MethodTable,
  | 'GetUnit'
  | 'GetUnitByPID'
  | 'GetUnitByInvocationID'
  | 'LoadUnit'
  | 'KillUnit'
  | 'QueueSignalUnit'
  | 'CleanUnit'
  | 'FreezeUnit'
  | 'ThawUnit'
  | 'ResetFailedUnit'
  | 'ResetFailed'
  | 'SetUnitProperties'
  | 'GetUnitProcesses'
  | 'AttachProcessesToUnit'
  | 'RefUnit'
  | 'UnrefUnit'
  | 'ListUnits'
  | 'ListUnitsByPatterns'
  | 'ListUnitsByNames'
  | 'GetAll'
  | 'SetUnitLogLevel'
> = {
  GetUnit: {
    privileged: false,
    run(manager, [name]) {
      const unit = known(manager, name)
      return value(isBusError(unit) ? unit : unit.id)
    },
  },
  GetUnitByPID: {
    privileged: false,
    run(manager, [pid], caller) {
      const unit = unitOfPid(manager, pid === 0 ? caller.pid : pid)
      return value(unit?.id ?? new BusError('org.freedesktop.systemd1.NoUnitForPID', `PID ${pid} does not belong to any loaded unit.`))
    },
  },
  GetUnitByInvocationID: {
    privileged: false,
    run(manager, [id]) {
      const unit = manager.unitsByInvocation.get(id)
      return value(
        unit?.id ?? new BusError('org.freedesktop.systemd1.NoUnitForInvocationID', `No unit with the specified invocation ID ${id} known.`),
      )
    },
  },
  LoadUnit: {
    privileged: false,
    run(manager, [name]) {
      const unit = manager.loadUnit(name)
      return value(isBusError(unit) ? unit : unit.id)
    },
  },
  KillUnit: {
    privileged: true,
    *run(manager, [name, whom, signal]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return unit
      const error = validateLoadState(unit)
      if (error !== undefined && unit.activeState() === 'inactive') return error
      if (unit.vtable.kill === undefined)
        return new BusError('org.freedesktop.DBus.Error.NotSupported', 'Unit type does not support process killing.')
      return yield* killUnit(unit, whom === '' ? 'all' : whom, signal)
    },
  },
  QueueSignalUnit: {
    privileged: true,
    *run(manager, [name, whom, signal]) {
      const unit = known(manager, name)
      return isBusError(unit) ? unit : yield* killUnit(unit, whom === '' ? 'all' : whom, signal)
    },
  },
  CleanUnit: {
    privileged: true,
    *run(manager, [name, what]) {
      const unit = loadable(manager, name)
      if (isBusError(unit)) return unit
      if (unit.vtable.clean === undefined)
        return new BusError('org.freedesktop.DBus.Error.NotSupported', `Unit '${unit.id}' does not support cleaning.`)
      if (unit.activeState() !== 'inactive' || unit.job !== undefined)
        return new BusError('org.freedesktop.systemd1.UnitBusy', `Unit is not inactive or has pending job.`)
      yield* unit.vtable.clean(unit, what)
      return undefined
    },
  },
  FreezeUnit: {
    privileged: true,
    *run(manager, [name]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return unit
      if (unit.activeState() !== 'active') return new BusError('org.freedesktop.systemd1.UnitInactive', 'Unit is not active.')
      if (unit.vtable.hasCgroup !== true)
        return new BusError('org.freedesktop.DBus.Error.NotSupported', `Unit does not support freeze/thaw`)
      yield* manager.freeze(unit)
      return undefined
    },
  },
  ThawUnit: {
    privileged: true,
    *run(manager, [name]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return unit
      yield* manager.thaw(unit)
      return undefined
    },
  },
  ResetFailedUnit: {
    privileged: true,
    run(manager, [name]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return value(unit)
      resetFailed(unit)
      return value(undefined)
    },
  },
  ResetFailed: {
    privileged: true,
    run(manager) {
      for (const unit of [...manager.allUnits()]) resetFailed(unit)
      return value(undefined)
    },
  },
  SetUnitProperties: {
    privileged: true,
    *run(manager, [name, runtime, settings]) {
      const unit = loadable(manager, name)
      return isBusError(unit) ? unit : yield* setProperties(manager, unit, runtime, settings)
    },
  },
  GetUnitProcesses: {
    privileged: false,
    run(manager, [name]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return value(unit)
      return value(processesOf(unit).map(({ pid, path }) => ({ path: path === '' ? '/' : path, pid, command: commandLine(manager, pid) })))
    },
  },
  AttachProcessesToUnit: {
    privileged: true,
    *run(manager, [name, subgroup, pids]) {
      const unit = known(manager, name)
      if (isBusError(unit)) return unit
      yield* realizeCgroup(unit)
      const { process } = manager
      const fd = yield* process.open(`${cgroupDirectory(`${unit.cgroupPath ?? ''}${subgroup}`)}/cgroup.procs`, 1)
      if (isErrno(fd)) return new BusError(`System.Error.${fd.name}`, fd.message)
      for (const pid of pids) yield* process.write(fd, `${pid}\n`)
      yield* process.close(fd)
      return undefined
    },
  },
  RefUnit: {
    privileged: true,
    run(manager, [name], { client }) {
      const unit = known(manager, name)
      if (isBusError(unit)) return value(unit)
      client.refs.add(unit)
      return value(undefined)
    },
  },
  UnrefUnit: {
    privileged: true,
    run(manager, [name], { client }) {
      const unit = known(manager, name)
      if (isBusError(unit)) return value(unit)
      client.refs.delete(unit)
      manager.addToGcQueue(unit)
      return value(undefined)
    },
  },
  ListUnits: { privileged: false, run: (manager) => value(listUnits(manager, [], [])) },
  ListUnitsByPatterns: { privileged: false, run: (manager, [states, patterns]) => value(listUnits(manager, states, patterns)) },
  ListUnitsByNames: {
    privileged: false,
    run(manager, [names]) {
      const list: ListedUnit[] = []
      for (const name of names) {
        const unit = manager.loadUnit(name)
        if (!isBusError(unit)) list.push(listedUnit(unit))
      }
      return value(list)
    },
  },
  GetAll: {
    privileged: false,
    run(manager, [name, interfaceName]) {
      if (name === '') return value(allProperties(manager, undefined, interfaceName))
      const unit = manager.loadUnit(name)
      return value(isBusError(unit) ? unit : allProperties(manager, unit, interfaceName))
    },
  },
  SetUnitLogLevel: {
    privileged: true,
    run: () => value(new BusError('org.freedesktop.DBus.Error.NotSupported', 'log levels of single units are not simulated here')),
  },
}

function resetFailed(unit: Unit): void {
  unit.vtable.resetFailed?.(unit)
  unit.startLimit.reset()
  unit.startLimitHit = false
  unit.manager.addToGcQueue(unit)
}
