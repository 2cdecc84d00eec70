// After systemd.unit(5) and org.freedesktop.systemd1(5): a job is what a unit shall become; at most one is installed on a unit.
import type { Usec } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { TimerSource } from './event-loop'
import { emitDoneMessage, emitStartMessage } from './job-message'
import { collapseType, isConflicting, isSuperset, mergeAndCollapse, type JobResult, type JobType } from './job-type'
import type { Manager } from './manager'
import type { Unit } from './unit'
import { emergencyAction } from './emergency-action'
import { triggerNotify, startOnTermination } from './unit-notify'
import { reloadUnit, startUnit, stopUnit } from './unit-start'
import { isActiveOrReloading, isInactiveOrFailed, type UnitActiveState } from './unit-state'
import type { Atom } from './dependency'

/** `by` pulled the owner in; `matters`: without the owner, `by` is nothing. */
export type JobDependency = { readonly subject: Job | undefined; readonly object: Job; matters: boolean; readonly conflicts: boolean }

/** What an attempt to run a job came to. */
export type RunResult =
  | 'started'
  | 'nothing'
  /** The unit type cannot be started; the job waits for the state to change. */
  | 'wait'
  | 'again'
  | 'already'
  | 'condition'
  | 'skipped'
  | 'invalid'
  | 'assert'
  | 'unsupported'
  | 'dependency'
  | 'once'
  | 'frozen'
  | 'failed'

export class Job {
  readonly manager: Manager
  readonly unit: Unit
  id: number
  type: JobType
  state: 'waiting' | 'running' = 'waiting'
  result: JobResult | undefined
  installed = false
  irreversible = false
  ignoreOrder = false
  inRunQueue = false
  mattersToAnchor = false
  /** Links of the transaction: jobs we pulled in, and jobs that pulled us in. */
  subjects: JobDependency[] = []
  objects: JobDependency[] = []
  /** Marks of the walks over a transaction. */
  generation = 0
  marker: Job | undefined
  timer: TimerSource | undefined
  beginUsec: Usec = 0
  beginRunningUsec: Usec = 0

  constructor(unit: Unit, type: JobType) {
    this.manager = unit.manager
    this.unit = unit
    this.type = type
    this.id = unit.manager.nextJobId()
  }
}

/**
 * Of two jobs, which goes first? Negative: `one`. `relation` is what `one`'s unit is to the other's.
 * Stopping always goes before starting; a restart is a stop in disguise.
 */
export function compareJobs(one: Job, other: Job, relation: 'before' | 'after'): number {
  if (one.type === 'nop' || other.type === 'nop') return 0
  if (relation === 'after') return -compareJobs(other, one, 'before')
  return other.type === 'stop' || other.type === 'restart' ? 1 : -1
}

/** Nothing that must come first is still to be done. */
export function isRunnable(job: Job): boolean {
  if (job.ignoreOrder || job.type === 'nop') return true
  for (const other of job.unit.dependencies('after')) if (other.job !== undefined && compareJobs(job, other.job, 'after') > 0) return false
  for (const other of job.unit.dependencies('before'))
    if (other.job !== undefined && compareJobs(job, other.job, 'before') > 0) return false
  return true
}

/** Puts a job on its unit, or merges it into the one that is there; returns the one that stays. */
export function installJob(job: Job): Job {
  const { unit, manager } = job
  const held = job.type === 'nop' ? unit.nopJob : unit.job
  if (held !== undefined) {
    if (isConflicting(held.type, job.type)) finishJob(held, 'canceled', { recursive: false })
    else {
      const safe = held.state === 'waiting' || (job.type !== 'reload' && isSuperset(held.type, job.type))
      mergeIntoInstalled(held, job)
      // A job that runs already and cannot take the other's work along is run again.
      if (!safe) setJobState(held, 'waiting')
      return held
    }
  }
  job.installed = true
  if (job.type === 'nop') unit.nopJob = job
  else unit.job = job
  manager.installedJobs += 1
  manager.emit({ type: 'job', id: job.id, unit: unit.id, job: job.type, state: 'installed' })
  return job
}

function mergeIntoInstalled(held: Job, job: Job): void {
  if (job.type !== 'nop') held.type = mergeAndCollapse(held.type, job.type, held.unit.activeState()) ?? held.type
  held.irreversible ||= job.irreversible
  held.ignoreOrder &&= job.ignoreOrder
}

export function uninstallJob(job: Job): void {
  setJobState(job, 'waiting')
  const { unit } = job
  if (unit.job === job) unit.job = undefined
  if (unit.nopJob === job) unit.nopJob = undefined
  unit.manager.addToGcQueue(unit)
  unit.manager.jobs.delete(job.id)
  unit.manager.addToBusQueue(unit)
  unit.manager.loop.cancelTimer(job.timer)
  job.timer = undefined
  job.installed = false
}

export function setJobState(job: Job, state: 'waiting' | 'running'): void {
  if (job.state === state) return
  job.state = state
  if (!job.installed) return
  job.manager.runningJobs += state === 'running' ? 1 : -1
  if (state === 'running') job.manager.emit({ type: 'job', id: job.id, unit: job.unit.id, job: job.type, state: 'running' })
}

/** JobTimeoutSec= counts from the queueing, JobRunningTimeoutSec= from the running. */
export function startJobTimer(job: Job, running: boolean): void {
  const { manager, unit } = job
  const now = manager.process.monotonicUsec
  if (running) {
    if (job.beginRunningUsec !== 0) return
    job.beginRunningUsec = now
    if (unit.jobRunningTimeoutUsec === Number.POSITIVE_INFINITY) return
    const deadline = now + unit.jobRunningTimeoutUsec
    if (job.timer !== undefined && !job.timer.cancelled && job.timer.deadlineUsec <= deadline) return
    manager.loop.cancelTimer(job.timer)
    job.timer = manager.loop.addTimer(deadline, () => jobTimedOut(job))
  } else {
    if (job.timer !== undefined) return
    job.beginUsec = now
    if (unit.jobTimeoutUsec === Number.POSITIVE_INFINITY) return
    job.timer = manager.loop.addTimer(now + unit.jobTimeoutUsec, () => jobTimedOut(job))
  }
}

function* jobTimedOut(job: Job): Syscall<void> {
  const { unit } = job
  unit.log(4, `Job ${unit.id}/${job.type} timed out.`)
  finishJob(job, 'timeout')
  emergencyAction(unit.manager, unit.config.Unit.JobTimeoutAction, 'job timed out', undefined)
}

/** Runs a job if it may run now. */
export function* runJob(job: Job): Syscall<void> {
  const { unit, manager, id } = job
  if (job.state !== 'waiting' || !isRunnable(job)) return
  startJobTimer(job, true)
  setJobState(job, 'running')
  manager.addToBusQueue(unit)
  let result: RunResult
  switch (job.type) {
    case 'verify-active': {
      const state = unit.activeState()
      result = isActiveOrReloading(state) ? 'already' : state === 'activating' ? 'again' : 'skipped'
      break
    }
    case 'nop':
      result = 'already'
      break
    default:
      result = yield* performOnUnit(job)
  }
  // The job may be gone: done at once, or replaced.
  if (manager.jobs.get(id) !== job) return
  settle(job, result)
}

function settle(job: Job, result: RunResult): void {
  if (result === 'started' || result === 'nothing' || result === 'wait') return
  if (result === 'again') setJobState(job, 'waiting')
  else if (result === 'already') finishJob(job, 'done', { already: true })
  else finishJob(job, result === 'condition' ? 'done' : result)
}

function* performOnUnit(job: Job): Syscall<RunResult> {
  const { unit, manager, id } = job
  const type = job.type === 'restart' ? 'stop' : job.type
  const result = type === 'start' ? yield* startUnit(unit) : type === 'stop' ? yield* stopUnit(unit) : yield* reloadUnit(unit)
  if (manager.jobs.get(id) === job && (result === 'started' || result === 'wait')) emitStartMessage(unit, id, type)
  return result
}

export function finishJob(job: Job, result: JobResult, options: { readonly recursive?: boolean; readonly already?: boolean } = {}): void {
  const { unit, manager, type } = job
  job.result = result
  manager.emit({ type: 'job', id: job.id, unit: unit.id, job: type, state: 'finished', result })
  if (options.already !== true) emitDoneMessage(unit, job.id, type, result)

  if (result === 'done' && type === 'restart') {
    // The stop half is over; the job goes on as a start job.
    job.type = 'start'
    setJobState(job, 'waiting')
    manager.addToBusQueue(unit)
    manager.addToRunQueue(job)
  } else {
    if (result === 'failed' || result === 'invalid') manager.failedJobs += 1
    uninstallJob(job)
    manager.jobRemoved(job, result)
    if (result !== 'done' && options.recursive !== false) {
      if (type === 'start' || type === 'verify-active') failDependencies(unit, 'propagate-start-failure')
      else if (type === 'stop') failDependencies(unit, 'propagate-stop-failure')
    }
    if ((type === 'start' || type === 'reload') && !isActiveOrReloading(unit.activeState()))
      failDependencies(unit, 'propagate-inactive-start-as-failure')
    if (result === 'timeout' || result === 'dependency') {
      unit.log(5, `Job ${unit.id}/${type} failed with result '${result}'.`, { JOB_TYPE: type, JOB_RESULT: result })
      startOnTermination(unit, 'on-failure')
    }
    triggerNotify(unit)
  }

  for (const other of unit.dependencies('after')) if (other.job !== undefined) manager.addToRunQueue(other.job)
  for (const other of unit.dependencies('before')) if (other.job !== undefined) manager.addToRunQueue(other.job)
  manager.checkFinished()
}

function failDependencies(unit: Unit, atom: Atom): void {
  for (const other of unit.dependencyList(atom)) {
    const { job } = other
    if (job !== undefined && (job.type === 'start' || job.type === 'verify-active')) finishJob(job, 'dependency')
  }
}

/** The unit changed its state: is its job done, or contradicted? True when nobody asked for the change. */
export function processJob(job: Job, state: UnitActiveState, reloadSuccess: boolean): boolean {
  if (job.state === 'waiting') job.manager.addToRunQueue(job)
  const running = job.state === 'running'
  const over = isInactiveOrFailed(state)
  switch (job.type) {
    case 'start':
    case 'verify-active':
      if (isActiveOrReloading(state)) finishJob(job, 'done')
      else if (running && state !== 'activating') {
        if (over) finishJob(job, state === 'failed' ? 'failed' : 'done')
        return true
      }
      return false
    case 'reload':
    case 'reload-or-start':
    case 'try-reload':
      if (!running) return false
      if (state === 'active') finishJob(job, reloadSuccess ? 'done' : 'failed')
      else if (state !== 'activating' && state !== 'reloading' && state !== 'refreshing') {
        if (over) finishJob(job, state === 'failed' ? 'failed' : 'done')
        return true
      }
      return false
    case 'stop':
    case 'restart':
    case 'try-restart':
      if (over) finishJob(job, 'done')
      else if (running && state !== 'deactivating') {
        finishJob(job, 'failed')
        return true
      }
      return false
    default:
      return false
  }
}

/** The type a request means for this unit now. */
export function collapseFor(type: JobType, unit: Unit): JobType {
  return collapseType(type, unit.activeState())
}

/** Order of the run queue: by unit type (slices first, services last), then by weight, then by name. */
export function compareByPriority(one: Job, other: Job): number {
  const { manager } = one
  return (
    manager.typeOrder(other.unit) - manager.typeOrder(one.unit) ||
    weightOf(other.unit) - weightOf(one.unit) ||
    (one.unit.id < other.unit.id ? -1 : one.unit.id > other.unit.id ? 1 : 0)
  )
}

function weightOf(unit: Unit): number {
  return unit.vtable.cpuWeight?.(unit) ?? 100
}
