// Methods that ask for something to become of a unit.
import { globMatches } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { BusError, isBusError, type JobMode, type ListedJob } from '../bus'
import { finishJob, type Job } from './job'
import { jobTypes, type JobType } from './job-type'
import type { Manager } from './manager'
import type { MethodTable } from './methods'
import { startTransient } from './transient'
import type { Unit } from './unit'

export function listedJob(job: Job): ListedJob {
  return { id: job.id, unit: job.unit.id, type: job.type, state: job.state }
}

/** A request from outside, with what units may refuse to outsiders. */
export function queueJob(manager: Manager, unit: Unit, wanted: JobType, mode: JobMode, reloadIfPossible = false): Job | BusError {
  let type = wanted
  if (reloadIfPossible && unit.canReload()) {
    if (type === 'restart') type = 'reload-or-start'
    else if (type === 'try-restart') type = 'try-reload'
  }
  if (type === 'stop' && unit.loadState !== 'loaded' && unit.loadState !== 'masked' && unit.activeState() === 'inactive')
    return new BusError('org.freedesktop.systemd1.NoSuchUnit', `Unit ${unit.id} not loaded.`)
  const { RefuseManualStart, RefuseManualStop } = unit.config.Unit
  const starts = type === 'start' || type === 'restart' || type === 'try-restart' || type === 'reload-or-start'
  const stops = type === 'stop' || type === 'restart' || type === 'try-restart'
  if ((starts && RefuseManualStart) || (stops && RefuseManualStop))
    return new BusError(
      'org.freedesktop.systemd1.OnlyByDependency',
      `Operation refused, unit ${unit.id} may be requested by dependency only (it is configured to refuse manual start/stop).`,
    )
  return manager.addJob(type, unit, mode)
}

function* queueByName(manager: Manager, name: string, type: JobType, mode: JobMode, reloadIfPossible = false): Syscall<number | BusError> {
  const unit = manager.loadUnit(name)
  if (isBusError(unit)) return unit
  const job = queueJob(manager, unit, type, mode, reloadIfPossible)
  return isBusError(job) ? job : job.id
}

const job = (type: JobType, reloadIfPossible = false) => ({
  privileged: true,
  run: (manager: Manager, [name, mode]: readonly [name: string, mode: JobMode]) => queueByName(manager, name, type, mode, reloadIfPossible),
})

export const jobMethods: Pick<
  MethodTable,
  | 'StartUnit'
  | 'StopUnit'
  | 'ReloadUnit'
  | 'RestartUnit'
  | 'TryRestartUnit'
  | 'ReloadOrRestartUnit'
  | 'ReloadOrTryRestartUnit'
  | 'EnqueueUnitJob'
  | 'StartTransientUnit'
  | 'ListJobs'
  | 'GetJobBefore'
  | 'GetJobAfter'
  | 'CancelJob'
  | 'ClearJobs'
> = {
  StartUnit: job('start'),
  StopUnit: job('stop'),
  ReloadUnit: job('reload'),
  RestartUnit: job('restart'),
  TryRestartUnit: job('try-restart'),
  ReloadOrRestartUnit: job('restart', true),
  ReloadOrTryRestartUnit: job('try-restart', true),
  EnqueueUnitJob: {
    privileged: true,
    *run(manager, [name, type, mode]) {
      const unit = manager.loadUnit(name)
      if (isBusError(unit)) return unit
      const reload = type === 'reload-or-restart' || type === 'reload-or-try-restart'
      const plain = type === 'reload-or-restart' ? 'restart' : type === 'reload-or-try-restart' ? 'try-restart' : type
      if (!(jobTypes as readonly string[]).includes(plain))
        return new BusError('org.freedesktop.DBus.Error.InvalidArgs', `Job type ${type} invalid`)
      const before = new Set(manager.jobs.keys())
      const made = queueJob(manager, unit, plain as JobType, mode, reload)
      if (isBusError(made)) return made
      return { id: made.id, affected: [...manager.jobs.values()].filter((one) => one !== made && !before.has(one.id)).map(listedJob) }
    },
  },
  StartTransientUnit: {
    privileged: true,
    run: (manager, [name, mode, settings, aux]) => startTransient(manager, name, mode, settings, aux),
  },
  ListJobs: {
    privileged: false,
    *run(manager) {
      return [...manager.jobs.values()].map(listedJob)
    },
  },
  GetJobBefore: { privileged: false, run: (manager, [id]) => neighbours(manager, id, 'before') },
  GetJobAfter: { privileged: false, run: (manager, [id]) => neighbours(manager, id, 'after') },
  CancelJob: {
    privileged: true,
    *run(manager, [id]) {
      const found = manager.jobs.get(id)
      if (found === undefined) return new BusError('org.freedesktop.systemd1.NoSuchJob', `Job ${id} does not exist.`)
      finishJob(found, 'canceled')
      return undefined
    },
  },
  ClearJobs: {
    privileged: true,
    *run(manager) {
      for (const one of [...manager.jobs.values()]) finishJob(one, 'canceled', { recursive: false })
      return undefined
    },
  },
}

/** The jobs that wait for this one, or that it waits for. */
function* neighbours(manager: Manager, id: number, relation: 'before' | 'after'): Syscall<readonly ListedJob[] | BusError> {
  const found = manager.jobs.get(id)
  if (found === undefined) return new BusError('org.freedesktop.systemd1.NoSuchJob', `Job ${id} does not exist.`)
  const list: ListedJob[] = []
  for (const other of found.unit.dependencies(relation)) if (other.job !== undefined) list.push(listedJob(other.job))
  return list
}

/** fnmatch() with all names of a unit. */
export function matchesPatterns(unit: Unit, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true
  return patterns.some((pattern) => [...unit.names].some((name) => globMatches(pattern, name)))
}
