// After transaction.c: the jobs that starting a unit would need, checked for conflicts and for cycles in their order.
import { errno, type Errno } from '@/lib/kernel'
import type { VerifyUnit } from './verify-unit'

type JobType = 'start' | 'stop' | 'verify-active'

type Link = { readonly subject: Job | undefined; readonly object: Job; readonly matters: boolean; readonly conflicts: boolean }

class Job {
  readonly unit: VerifyUnit
  type: JobType
  readonly subjects = new Set<Link>()
  readonly objects = new Set<Link>()
  mattersToAnchor = false
  generation = 0
  marker: Job | undefined

  constructor(unit: VerifyUnit, type: JobType) {
    this.unit = unit
    this.type = type
  }
}

/** A reason why there is no transaction: the error and the bus's words. */
export type TransactionFault = { readonly error: Errno; readonly message: string }
type Say = (text: string) => void

/** Why a unit cannot get a job, by its load state. */
export function loadStateFault(unit: VerifyUnit): TransactionFault | undefined {
  const fault = (error: Errno, message: string) => ({ error, message })
  switch (unit.loadState) {
    case 'loaded':
      return undefined
    case 'not-found':
      return fault(errno.ENOENT, `Unit ${unit.id} not found.`)
    case 'bad-setting':
      return fault(errno.ENOEXEC, `Unit ${unit.id} has a bad unit file setting.`)
    case 'error': {
      const error = unit.loadError ?? errno.EINVAL
      if (error === errno.EPERM || error === errno.EACCES) return fault(error, 'Access denied')
      return fault(error, `Unit ${unit.id} failed to load properly, please adjust/correct and reload service manager: ${error.message}`)
    }
    case 'masked':
      return fault(errno.ERFKILL, `Unit ${unit.id} is masked.`)
    default:
      return fault(errno.ENOENT, `Unexpected load state of unit ${unit.id}`)
  }
}

function mergedType(a: JobType, b: JobType): JobType | undefined {
  if (a === b) return a
  if (a === 'stop' || b === 'stop') return undefined
  return 'start'
}

const AGAIN = 'again'

export class Transaction {
  private readonly jobs = new Map<VerifyUnit, Job[]>()
  private anchor: Job | undefined
  private generation = 1
  private readonly say: Say

  constructor(say: Say) {
    this.say = say
  }

  /** Everything from adding the job to leaving it queued. */
  start(unit: VerifyUnit): TransactionFault | undefined {
    const fault = this.add('start', unit, undefined, true, false)
    return fault ?? this.activate()
  }

  private one(type: JobType, unit: VerifyUnit): { job: Job; isNew: boolean } {
    const list = this.jobs.get(unit)
    const known = list?.find((job) => job.type === type)
    if (known) return { job: known, isNew: false }
    const job = new Job(unit, type)
    if (list) list.unshift(job)
    else this.jobs.set(unit, [job])
    return { job, isNew: true }
  }

  private add(type: JobType, unit: VerifyUnit, by: Job | undefined, matters: boolean, conflicts: boolean): TransactionFault | undefined {
    if (unit.loadState === 'stub' || unit.loadState === 'merged') {
      return { error: errno.EINVAL, message: `Unit ${unit.id} is not loaded properly.` }
    }
    const fault = type === 'stop' ? undefined : loadStateFault(unit)
    if (fault !== undefined) return fault
    if (type === 'stop' && unit.perpetual) {
      return { error: errno.EBADR, message: `Job type stop is not applicable for unit ${unit.id}.` }
    }
    const { job, isNew } = this.one(type, unit)
    if (by === undefined) this.anchor = job
    else {
      const link = { subject: by, object: job, matters, conflicts }
      by.subjects.add(link)
      job.objects.add(link)
    }
    if (!isNew) return undefined
    const pull = (kind: JobType, others: Iterable<VerifyUnit>, options: { matters: boolean; conflicts?: boolean }) => {
      for (const other of [...others]) {
        const error = this.add(kind, other, job, options.matters, options.conflicts ?? false)
        if (error === undefined || error.error === errno.EBADR) continue
        if (options.matters) return error
        const quiet = error.error === errno.ERFKILL || error.error === errno.ENOENT
        if (!quiet || kind === 'stop') this.say(`${other.id}: Cannot add dependency job, ignoring: ${error.message}`)
      }
      return undefined
    }
    if (type === 'start') {
      const error =
        pull('start', unit.of('Requires', 'BindsTo'), { matters: true }) ??
        pull('start', unit.of('Wants', 'Upholds'), { matters: false }) ??
        pull('verify-active', unit.of('Requisite'), { matters: true }) ??
        pull('stop', unit.of('Conflicts'), { matters: true, conflicts: true }) ??
        pull('stop', unit.of('ConflictedBy'), { matters: false })
      if (error !== undefined) {
        this.delete(job, false)
        return error
      }
    }
    if (type === 'stop') return pull('stop', unit.of('RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf'), { matters: true })
    return undefined
  }

  private unlink(job: Job, deleteDependencies: boolean): void {
    const list = this.jobs.get(job.unit)
    const at = list?.indexOf(job) ?? -1
    if (list !== undefined && at >= 0) {
      list.splice(at, 1)
      if (list.length === 0) this.jobs.delete(job.unit)
    }
    for (const link of job.subjects) link.object.objects.delete(link)
    job.subjects.clear()
    while (job.objects.size > 0) {
      const link = job.objects.values().next().value
      if (link === undefined) break
      job.objects.delete(link)
      link.subject?.subjects.delete(link)
      if (link.matters && link.subject !== undefined && deleteDependencies) this.delete(link.subject, deleteDependencies)
    }
  }

  private delete(job: Job, deleteDependencies: boolean): void {
    this.unlink(job, deleteDependencies)
  }

  private findThoseThatMatter(job: Job, generation: number): void {
    job.mattersToAnchor = true
    job.generation = generation
    for (const link of job.subjects) {
      if (link.matters && link.object.generation !== generation) this.findThoseThatMatter(link.object, generation)
    }
  }

  private isRedundant(job: Job): boolean {
    return job.type === 'stop' ? !job.unit.perpetual : false
  }

  private dropRedundant(): void {
    for (const list of [...this.jobs.values()]) {
      const conflicting = (job: Job) => job.unit.job !== undefined && (job.unit.job === 'stop') !== (job.type === 'stop')
      if (list.some((job) => job === this.anchor || !this.isRedundant(job) || conflicting(job))) continue
      for (const job of [...list].slice(0, 1)) this.delete(job, false)
      // One is taken at a time, and the search begins anew.
      if (list.length > 0) for (const job of [...list]) this.delete(job, false)
    }
  }

  private collectGarbage(): void {
    for (let again = true; again; ) {
      again = false
      for (const list of this.jobs.values()) {
        const job = list[0]
        if (job === undefined || job === this.anchor || job.objects.size > 0) continue
        this.delete(job, true)
        again = true
        break
      }
    }
  }

  private matters(job: Job): boolean {
    return (this.jobs.get(job.unit) ?? [job]).some((one) => one.mattersToAnchor)
  }

  /** Depth first along "runs before"; a job met again on the way is a cycle. */
  private verifyOrderOne(job: Job, from: Job | undefined, generation: number): TransactionFault | typeof AGAIN | undefined {
    if (job.generation === generation) {
      if (job.marker === undefined) return undefined
      const path: Job[] = []
      let victim: Job | undefined
      for (let k = from; k !== undefined; k = k.generation === generation && k.marker !== k ? k.marker : undefined) {
        path.push(k)
        if (victim === undefined && this.jobs.has(k.unit) && !this.matters(k)) victim = k
        if (k === job) break
      }
      const id = job.unit.id
      for (const [index, k] of path.entries()) {
        this.say(`${id}: Found ${index === 0 ? 'ordering cycle' : 'dependency'} on ${k.unit.id}/${k.type}`)
      }
      if (victim !== undefined) {
        this.say(`${id}: Job ${victim.unit.id}/${victim.type} deleted to break ordering cycle starting with ${id}/${job.type}`)
        for (let list = this.jobs.get(victim.unit); list !== undefined && list.length > 0; list = this.jobs.get(victim.unit)) {
          this.delete(list[0]!, true)
        }
        return AGAIN
      }
      this.say(`${id}: Unable to break cycle starting with ${id}/${job.type}`)
      return { error: errno.EDEADLOCK, message: 'Transaction order is cyclic. See system logs for details.' }
    }
    job.marker = from ?? job
    job.generation = generation
    for (const kind of ['Before', 'After'] as const) {
      for (const unit of job.unit.of(kind)) {
        const other = this.jobs.get(unit)?.[0] ?? queued(unit)
        if (other === undefined) continue
        // Stops go first; else the one that is before.
        const follows = kind === 'Before' ? other.type !== 'stop' : job.type === 'stop'
        if (!follows) continue
        const fault = this.verifyOrderOne(other, job, generation)
        if (fault !== undefined) return fault
      }
    }
    job.marker = undefined
    return undefined
  }

  private verifyOrder(): TransactionFault | typeof AGAIN | undefined {
    const generation = this.generation++
    for (const list of [...this.jobs.values()]) {
      const job = list[0]
      if (job === undefined) continue
      const fault = this.verifyOrderOne(job, undefined, generation)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  private deleteUnmergeable(list: readonly Job[]): boolean {
    const conflicted = (job: Job) => [...job.objects].some((link) => link.conflicts)
    for (const [index, j] of list.entries()) {
      for (const k of list.slice(index + 1)) {
        if (mergedType(j.type, k.type) !== undefined) continue
        let victim: Job
        if (!j.mattersToAnchor && !k.mattersToAnchor) {
          if (j.type === 'stop') victim = conflicted(j) ? k : j
          else if (k.type === 'stop') victim = conflicted(k) ? j : k
          else victim = j
        } else if (!j.mattersToAnchor) victim = j
        else if (!k.mattersToAnchor) victim = k
        else return false
        this.delete(victim, true)
        return true
      }
    }
    return false
  }

  private mergeJobs(): TransactionFault | typeof AGAIN | undefined {
    for (const matters of [true, false]) {
      for (const list of [...this.jobs.values()]) {
        const first = list[0]
        if (first === undefined || list.some((job) => job.mattersToAnchor) !== matters) continue
        let type = first.type
        for (const job of list.slice(1)) {
          const merged = mergedType(type, job.type)
          if (merged !== undefined) {
            type = merged
            continue
          }
          if (this.deleteUnmergeable(list)) return AGAIN
          const message =
            `Transaction contains conflicting jobs '${type}' and '${job.type}' for ${job.unit.id}. ` +
            'Probably contradicting requirement dependencies configured.'
          return { error: errno.EDEADLOCK, message }
        }
      }
    }
    for (const list of this.jobs.values()) {
      const first = list[0]
      if (first === undefined || list.length < 2) continue
      first.type = list.map((job) => job.type).reduce((a, b) => mergedType(a, b) ?? a)
      if (this.anchor !== undefined && list.includes(this.anchor)) this.anchor = first
      list.length = 1
    }
    return undefined
  }

  private activate(): TransactionFault | undefined {
    if (this.anchor !== undefined) this.findThoseThatMatter(this.anchor, this.generation++)
    this.dropRedundant()
    for (;;) {
      this.collectGarbage()
      const fault = this.verifyOrder()
      if (fault === undefined) break
      if (fault === AGAIN) continue
      this.say(`Requested transaction contains an unfixable cyclic ordering dependency: ${fault.message}`)
      return fault
    }
    for (;;) {
      const fault = this.mergeJobs()
      if (fault === undefined) break
      if (fault !== AGAIN) {
        this.say(`Requested transaction contains unmergeable jobs: ${fault.message}`)
        return fault
      }
      this.collectGarbage()
    }
    this.dropRedundant()
    for (const [unit, list] of this.jobs) unit.job = list[0]?.type
    return undefined
  }
}

/** A job that an earlier transaction left. */
function queued(unit: VerifyUnit): Job | undefined {
  return unit.job === undefined ? undefined : new Job(unit, unit.job)
}
