// The ten steps that turn a gathered transaction into installed jobs; each leaves a trace event.
import { BusError, type JobMode } from '../bus'
import { compareJobs, finishJob, installJob, startJobTimer, type Job } from './job'
import { isConflicting, isMergeable, isRedundant, mergeAndCollapse, type JobType } from './job-type'
import { link, type Transaction } from './transaction'
import type { Unit } from './unit'
import { isActiveOrActivating } from './unit-state'

export const transactionSteps = [
  'find jobs that matter to the anchor',
  'minimize impact',
  'drop redundant jobs',
  'collect garbage',
  'verify order',
  'merge jobs',
  'collect garbage after merging',
  'drop redundant jobs after merging',
  'check for destruction',
  'apply',
] as const
export type TransactionStep = (typeof transactionSteps)[number]

/** 'again': something was dropped, have another look. */
type Verdict = 'fine' | 'again' | BusError

export function activateTransaction(transaction: Transaction, mode: JobMode): BusError | undefined {
  const { manager } = transaction
  let generation = manager.nextGeneration()
  const trace = (step: TransactionStep) => {
    if (manager.traces)
      manager.emit({
        type: 'transaction',
        anchor: transaction.anchor?.unit.id ?? '',
        step,
        jobs: [...transaction.all()].map((job) => ({ unit: job.unit.id, job: job.type, matters: job.mattersToAnchor })),
      })
  }

  if (transaction.anchor !== undefined) findJobsThatMatter(transaction.anchor, generation)
  trace('find jobs that matter to the anchor')
  if (mode === 'fail') minimizeImpact(transaction)
  trace('minimize impact')
  dropRedundant(transaction)
  trace('drop redundant jobs')
  for (;;) {
    if (mode !== 'isolate') collectGarbage(transaction)
    trace('collect garbage')
    generation = manager.nextGeneration()
    const verdict = verifyOrder(transaction, generation)
    trace('verify order')
    if (verdict === 'fine') break
    if (verdict !== 'again') {
      manager.log(4, `Requested transaction contains an unfixable cyclic ordering dependency: ${verdict.message}`)
      return verdict
    }
  }
  for (;;) {
    const verdict = mergeJobs(transaction)
    trace('merge jobs')
    if (verdict === 'fine') break
    if (verdict !== 'again') {
      manager.log(4, `Requested transaction contains unmergeable jobs: ${verdict.message}`)
      return verdict
    }
    if (mode !== 'isolate') collectGarbage(transaction)
    trace('collect garbage after merging')
  }
  dropRedundant(transaction)
  trace('drop redundant jobs after merging')
  const destructive = checkDestructive(transaction, mode)
  trace('check for destruction')
  if (destructive !== undefined) {
    manager.log(5, `Requested transaction contradicts existing jobs: ${destructive.message}`)
    return destructive
  }
  apply(transaction, mode)
  trace('apply')
  return undefined
}

// ---------------------------------------------------------------- 1
function findJobsThatMatter(job: Job, generation: number): void {
  job.mattersToAnchor = true
  job.generation = generation
  for (const { object, matters } of job.subjects) if (matters && object.generation !== generation) findJobsThatMatter(object, generation)
}

// ---------------------------------------------------------------- 2
/** Drops what would stop a running unit or turn an existing job round, unless it matters. */
function minimizeImpact(transaction: Transaction): void {
  for (let again = true; again; ) {
    again = false
    for (const job of transaction.all()) {
      if (job.mattersToAnchor) continue
      const stops = job.type === 'stop' && isActiveOrActivating(job.unit.activeState())
      const changes = job.unit.job !== undefined && isConflicting(job.type, job.unit.job.type)
      if (!stops && !changes) continue
      job.unit.log(7, `Deleting ${job.unit.id}/${job.type} to minimize impact.`)
      transaction.delete(job, true)
      again = true
      break
    }
  }
}

// ---------------------------------------------------------------- 3 and 8
/** Drops the jobs of units whose jobs all have nothing to do. */
function dropRedundant(transaction: Transaction): void {
  for (const [unit, list] of [...transaction.jobs]) {
    const state = unit.activeState()
    const keep = list.some(
      (job) =>
        job === transaction.anchor || !isRedundant(job.type, state) || (unit.job !== undefined && isConflicting(job.type, unit.job.type)),
    )
    if (!keep) for (const job of [...list]) transaction.delete(job, false)
  }
}

// ---------------------------------------------------------------- 4 and 7
/** Drops what nobody in the transaction asks for any more. */
function collectGarbage(transaction: Transaction): void {
  const pending = [...transaction.all()]
  for (let job = pending.pop(); job !== undefined; job = pending.pop()) {
    if (job === transaction.anchor || job.objects.length > 0 || !transaction.has(job)) continue
    const pulled = job.subjects.map((one) => one.object)
    transaction.delete(job, true)
    pending.push(...pulled)
  }
}

// ---------------------------------------------------------------- 5
function verifyOrder(transaction: Transaction, generation: number): Verdict {
  for (const list of [...transaction.jobs.values()]) {
    const job = list[0]
    if (job === undefined || job.generation === generation) continue
    const verdict = verifyOrderFrom(transaction, job, generation)
    if (verdict !== 'fine') return verdict
  }
  return 'fine'
}

type Visit = { readonly job: Job; readonly next: Iterator<Job> }

/** Walks along the order; meeting a job that is still on the way there means a cycle. No recursion: chains may be long. */
function verifyOrderFrom(transaction: Transaction, start: Job, generation: number): Verdict {
  const enter = (job: Job, from: Job): Visit => {
    job.marker = from
    job.generation = generation
    return { job, next: laterJobs(transaction, job) }
  }
  const way: Visit[] = [enter(start, start)]
  for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
    const { value: job, done } = top.next.next()
    if (done) {
      top.job.marker = undefined
      way.pop()
    } else if (job.generation !== generation) way.push(enter(job, top.job))
    else if (job.marker !== undefined) return breakCycle(transaction, job, top.job, generation)
  }
  return 'fine'
}

/** The jobs, of the transaction or already installed, that come after this one. */
function* laterJobs(transaction: Transaction, job: Job): Generator<Job> {
  for (const relation of ['before', 'after'] as const)
    for (const unit of job.unit.dependencies(relation)) {
      const other = transaction.jobs.get(unit)?.[0] ?? unit.job
      if (other !== undefined && compareJobs(job, other, relation) < 0) yield other
    }
}

function breakCycle(transaction: Transaction, job: Job, from: Job, generation: number): Verdict {
  const cycle: Job[] = []
  let victim: Job | undefined
  for (
    let one: Job | undefined = from;
    one !== undefined;
    one = one.generation === generation && one.marker !== one ? one.marker : undefined
  ) {
    cycle.push(one)
    if (victim === undefined && transaction.jobs.has(one.unit) && !mattersToAnchor(transaction, one.unit)) victim = one
    if (one === job) break
  }
  const { unit } = job
  const fields = { UNIT: cycle.map((one) => one.unit.id) }
  cycle.forEach((one, index) => {
    unit.log(4, `Found ${index === 0 ? 'ordering cycle' : 'dependency'} on ${one.unit.id}/${one.type}`, {}, fields.UNIT)
  })
  if (victim !== undefined) {
    unit.log(
      3,
      `Job ${victim.unit.id}/${victim.type} deleted to break ordering cycle starting with ${unit.id}/${job.type}`,
      {},
      fields.UNIT,
    )
    transaction.deleteUnit(victim.unit)
    return 'again'
  }
  unit.log(3, `Unable to break cycle starting with ${unit.id}/${job.type}`, {}, fields.UNIT)
  return new BusError('org.freedesktop.systemd1.TransactionOrderIsCyclic', 'Transaction order is cyclic. See system logs for details.')
}

function mattersToAnchor(transaction: Transaction, unit: Unit): boolean {
  return transaction.jobs.get(unit)?.some((job) => job.mattersToAnchor) === true
}

// ---------------------------------------------------------------- 6
function mergeJobs(transaction: Transaction): Verdict {
  for (const list of [...transaction.jobs.values()]) {
    if (list.length < 2) continue
    const verdict = ensureMergeable(transaction, list)
    if (verdict !== 'fine') return verdict
  }
  for (const list of [...transaction.jobs.values()]) {
    let job = list[0]
    if (job === undefined || list.length < 2) continue
    let type: JobType | undefined = job.type
    for (const other of list.slice(1)) type = type === undefined ? undefined : mergeAndCollapse(type, other.type, job.unit.activeState())
    for (const other of list.slice(1)) {
      if (type === undefined) break
      if (transaction.anchor === other) {
        mergeAndDelete(transaction, other, job, type)
        job = other
      } else mergeAndDelete(transaction, job, other, type)
    }
  }
  return 'fine'
}

function ensureMergeable(transaction: Transaction, list: readonly Job[]): Verdict {
  const [first] = list
  if (first === undefined) return 'fine'
  let type = first.type
  for (const other of list.slice(1)) {
    const merged = mergeAndCollapse(type, other.type, first.unit.activeState())
    if (merged !== undefined) {
      type = merged
      continue
    }
    if (deleteUnmergeable(transaction, list)) return 'again'
    return new BusError(
      'org.freedesktop.systemd1.TransactionJobsConflicting',
      `Transaction contains conflicting jobs '${type}' and '${other.type}' for ${other.unit.id}. Probably contradicting requirement dependencies configured.`,
    )
  }
  return 'fine'
}

/** Of two jobs that contradict each other, drops the one that is missed less. */
function deleteUnmergeable(transaction: Transaction, list: readonly Job[]): boolean {
  for (const [index, one] of list.entries())
    for (const other of list.slice(index + 1)) {
      if (isMergeable(one.type, other.type)) continue
      let victim: Job
      if (!one.mattersToAnchor && !other.mattersToAnchor) {
        // Rather keep starts, but for stops that a conflict asks for.
        if (one.type === 'stop') victim = isConflicted(one) ? other : one
        else if (other.type === 'stop') victim = isConflicted(other) ? one : other
        else victim = one
      } else if (!one.mattersToAnchor) victim = one
      else if (!other.mattersToAnchor) victim = other
      else return false
      transaction.delete(victim, true)
      return true
    }
  return false
}

const isConflicted = (job: Job) => job.objects.some((one) => one.conflicts)

function mergeAndDelete(transaction: Transaction, job: Job, other: Job, type: JobType): void {
  job.type = type
  job.irreversible ||= other.irreversible
  job.mattersToAnchor ||= other.mattersToAnchor
  for (const { object, matters, conflicts } of other.subjects) link(job, object, matters, conflicts)
  for (const { subject, matters, conflicts } of other.objects) link(subject, job, matters, conflicts)
  transaction.delete(other, false)
}

// ---------------------------------------------------------------- 9
function checkDestructive(transaction: Transaction, mode: JobMode): BusError | undefined {
  const { anchor } = transaction
  for (const job of transaction.all()) {
    const held = job.unit.job
    if (held === undefined || !(mode === 'fail' || held.irreversible) || !isConflicting(held.type, job.type)) continue
    return new BusError(
      'org.freedesktop.systemd1.TransactionIsDestructive',
      `Transaction for ${anchor?.unit.id}/${anchor?.type} is destructive (${job.unit.id} has '${held.type}' job queued, but '${job.type}' is included in transaction).`,
    )
  }
  return undefined
}

// ---------------------------------------------------------------- 10
function apply(transaction: Transaction, mode: JobMode): void {
  const { manager } = transaction
  if (mode === 'isolate' || mode === 'flush')
    for (const job of [...manager.jobs.values()])
      if (job.installed && !transaction.jobs.has(job.unit)) finishJob(job, 'canceled', { recursive: false })
  for (const job of transaction.all()) manager.jobs.set(job.id, job)
  for (const job of [...transaction.all()]) {
    transaction.unlink(job, false)
    const installed = installJob(job)
    if (installed !== job) {
      if (transaction.anchor === job) transaction.anchor = installed
      manager.jobs.delete(job.id)
    } else manager.jobNew(job)
    manager.addToRunQueue(installed)
    manager.addToBusQueue(installed.unit)
    startJobTimer(installed, false)
  }
}
