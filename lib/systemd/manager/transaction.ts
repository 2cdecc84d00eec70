// After systemd.unit(5): a transaction gathers all that a request pulls in, is made consistent, and only then becomes real.
import { BusError } from '../bus'
import { collapseType, type JobType } from './job-type'
import { Job, type JobDependency } from './job'
import type { Manager } from './manager'
import type { Unit } from './unit'
import { validateLoadState } from './unit-load'
import { isInactiveOrFailed } from './unit-state'

export type AddFlags = {
  readonly matters?: boolean
  readonly conflicts?: boolean
  readonly ignoreRequirements?: boolean
  readonly ignoreOrder?: boolean
  readonly propagateStartAsRestart?: boolean
}

export class Transaction {
  readonly manager: Manager
  /** Jobs of each unit: several until they are merged. */
  readonly jobs = new Map<Unit, Job[]>()
  readonly irreversible: boolean
  anchor: Job | undefined

  constructor(manager: Manager, irreversible: boolean) {
    this.manager = manager
    this.irreversible = irreversible
  }

  *all(): Generator<Job> {
    for (const list of [...this.jobs.values()]) for (const job of [...list]) if (this.has(job)) yield job
  }

  has(job: Job): boolean {
    return this.jobs.get(job.unit)?.includes(job) === true
  }

  addOne(type: JobType, unit: Unit): { job: Job; isNew: boolean } {
    const list = this.jobs.get(unit)
    const known = list?.find((one) => one.type === type)
    if (known !== undefined) return { job: known, isNew: false }
    const job = new Job(unit, type)
    job.irreversible = this.irreversible
    // Newest first, as the list of systemd is.
    if (list === undefined) this.jobs.set(unit, [job])
    else list.unshift(job)
    return { job, isNew: true }
  }

  unlink(job: Job, deleteDependencies: boolean): void {
    const list = this.jobs.get(job.unit)
    if (list === undefined) return
    const index = list.indexOf(job)
    if (index >= 0) list.splice(index, 1)
    if (list.length === 0) this.jobs.delete(job.unit)
    for (const link of [...job.subjects]) freeLink(link)
    while (job.objects.length > 0) {
      const link = job.objects[0]
      if (link === undefined) break
      const other = link.matters ? link.subject : undefined
      freeLink(link)
      if (other !== undefined && deleteDependencies) this.delete(other, true)
    }
  }

  delete(job: Job, deleteDependencies: boolean): void {
    this.unlink(job, deleteDependencies)
  }

  deleteUnit(unit: Unit): void {
    for (let job = this.jobs.get(unit)?.[0]; job !== undefined; job = this.jobs.get(unit)?.[0]) this.delete(job, true)
  }
}

function freeLink(link: JobDependency): void {
  if (link.subject !== undefined) drop(link.subject.subjects, link)
  drop(link.object.objects, link)
}

function drop<T>(list: T[], item: T): void {
  const index = list.indexOf(item)
  if (index >= 0) list.splice(index, 1)
}

export function link(subject: Job | undefined, object: Job, matters: boolean, conflicts: boolean): void {
  const made: JobDependency = { subject, object, matters, conflicts }
  subject?.subjects.push(made)
  object.objects.push(made)
}

/** Adds a job and everything it pulls in. undefined: done. */
export function addJobAndDependencies(
  transaction: Transaction,
  requested: JobType,
  unit: Unit,
  by: Job | undefined,
  flags: AddFlags,
): BusError | undefined {
  const type = requested
  if (unit.loadState === 'stub') return new BusError('org.freedesktop.systemd1.LoadFailed', `Unit ${unit.id} is not loaded properly.`)
  if (type !== 'stop') {
    unit.manager.retryLoad(unit)
    const error = validateLoadState(unit)
    if (error !== undefined) return error
  }
  if (!isApplicable(unit, type))
    return new BusError('org.freedesktop.systemd1.JobTypeNotApplicable', `Job type ${type} is not applicable for unit ${unit.id}.`)

  const { job, isNew } = transaction.addOne(type, unit)
  if (flags.ignoreOrder) job.ignoreOrder = true
  if (by !== undefined) link(by, job, flags.matters === true, flags.conflicts === true)
  else transaction.anchor = job
  if (!isNew || flags.ignoreRequirements || type === 'nop') return undefined

  const inherited: AddFlags = flags.ignoreOrder ? { ignoreOrder: true } : {}
  for (const other of unit.followingSet()) addJobAndDependencies(transaction, type, other, job, inherited)

  if (type === 'start' || type === 'restart') {
    const error = addRequirements(transaction, unit, job, inherited)
    if (error !== undefined) return error
  }
  if (type === 'stop' || type === 'restart' || (type === 'start' && flags.propagateStartAsRestart)) {
    const error = addPropagated(transaction, unit, job, type, inherited)
    if (error !== undefined) return error
  }
  if (type === 'reload')
    for (const other of unit.dependencies('propagates-reload-to')) {
      const collapsed = collapseType('try-reload', other.activeState())
      if (collapsed === 'nop') continue
      const error = addJobAndDependencies(transaction, collapsed, other, job, inherited)
      if (error !== undefined) other.log(4, `Cannot add dependency reload job, ignoring: ${error.message}`)
    }
  return undefined
}

const notApplicable = (error: BusError) => error.name === 'org.freedesktop.systemd1.JobTypeNotApplicable'

function addRequirements(transaction: Transaction, unit: Unit, job: Job, inherited: AddFlags): BusError | undefined {
  for (const other of unit.dependencies('pull-in-start')) {
    const error = addJobAndDependencies(transaction, 'start', other, job, { ...inherited, matters: true })
    if (error !== undefined && !notApplicable(error)) return error
  }
  for (const other of unit.dependencies('pull-in-start-ignored')) {
    const error = addJobAndDependencies(transaction, 'start', other, job, inherited)
    if (error !== undefined) {
      const quiet =
        notApplicable(error) || error.name === 'org.freedesktop.systemd1.UnitMasked' || error.name === 'org.freedesktop.systemd1.NoSuchUnit'
      other.log(quiet ? 7 : 4, `Cannot add dependency job, ignoring: ${error.message}`)
    }
  }
  for (const other of unit.dependencies('pull-in-verify')) {
    const error = addJobAndDependencies(transaction, 'verify-active', other, job, { ...inherited, matters: true })
    if (error !== undefined && !notApplicable(error)) return error
  }
  for (const other of unit.dependencies('pull-in-stop')) {
    const error = addJobAndDependencies(transaction, 'stop', other, job, { ...inherited, matters: true, conflicts: true })
    if (error !== undefined && !notApplicable(error)) return error
  }
  for (const other of unit.dependencies('pull-in-stop-ignored')) {
    const error = addJobAndDependencies(transaction, 'stop', other, job, inherited)
    if (error !== undefined) other.log(4, `Cannot add dependency job, ignoring: ${error.message}`)
  }
  return undefined
}

function addPropagated(transaction: Transaction, unit: Unit, job: Job, type: JobType, inherited: AddFlags): BusError | undefined {
  const isStop = type === 'stop'
  for (const other of unit.dependencies(isStop ? 'propagate-stop' : 'propagate-restart')) {
    // A restart reaches only what is up: nothing is started that was not there.
    const collapsed = isStop ? 'stop' : collapseType('try-restart', other.activeState())
    if (collapsed === 'nop') continue
    const error = addJobAndDependencies(transaction, collapsed, other, job, { ...inherited, matters: true })
    if (error !== undefined && !notApplicable(error)) return error
  }
  if (type === 'start') return undefined
  for (const other of unit.dependencies('propagate-stop-graceful')) {
    // What is to be started in the same transaction anyway is only restarted.
    const wanted = transaction.jobs.get(other)?.some((one) => one.type === 'start' || one.type === 'restart') === true
    const collapsed = isStop && !wanted ? 'stop' : collapseType('try-restart', other.activeState())
    if (collapsed === 'nop') continue
    const error = addJobAndDependencies(transaction, collapsed, other, job, { ...inherited, matters: true })
    if (error !== undefined && !notApplicable(error)) return error
  }
  return undefined
}

export function isApplicable(unit: Unit, type: JobType): boolean {
  switch (type) {
    case 'stop':
      return !unit.perpetual
    case 'restart':
    case 'try-restart':
      return unit.canStop() && unit.canStart()
    case 'reload':
    case 'try-reload':
      return unit.canReload()
    case 'reload-or-start':
      return unit.canReload() && unit.canStart()
    case 'start':
      return !unit.perpetual || unit.canStart()
    default:
      return true
  }
}

/** `systemctl isolate`: everything that is up and not part of the transaction goes. */
export function addIsolateJobs(transaction: Transaction): void {
  const { manager, anchor } = transaction
  const stopping = new Map<Unit, boolean>()
  const shallStop = (unit: Unit): boolean => {
    const known = stopping.get(unit)
    if (known !== undefined) return known
    stopping.set(unit, false)
    let stop =
      !unit.config.Unit.IgnoreOnIsolate &&
      !unit.ignoreOnIsolate &&
      !transaction.jobs.has(unit) &&
      !(isInactiveOrFailed(unit.activeState()) && unit.job === undefined)
    // What keeps being triggered stays.
    if (stop)
      for (const trigger of unit.dependencies('triggered-by'))
        if (!isInactiveOrFailed(trigger.activeState()) && !shallStop(trigger)) stop = false
    stopping.set(unit, stop)
    return stop
  }
  for (const unit of manager.allUnits()) {
    if (!shallStop(unit)) continue
    const error = addJobAndDependencies(transaction, 'stop', unit, anchor, {})
    if (error !== undefined) unit.log(4, `Cannot add isolate job, ignoring: ${error.message}`)
  }
}

export function addTriggeringJobs(transaction: Transaction, unit: Unit): void {
  for (const trigger of unit.dependencies('triggered-by')) {
    if (transaction.jobs.has(trigger) || isInactiveOrFailed(trigger.activeState())) continue
    addJobAndDependencies(transaction, 'stop', trigger, transaction.anchor, {})
  }
}
