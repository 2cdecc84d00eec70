// PID 1's state: units, jobs, queues. Logic is synchronous; what needs a system call is a generator, or put off with `defer`.
import { StableQueue } from '@/lib/base'
import type { Process, Syscall } from '@/lib/kernel'
import { BusError, isBusError, type JobMode } from '../bus'
import { isPopulated, pruneCgroup, realizeCgroup, unitOfPid, writeCgroupFile } from '../cgroup'
import { plugDevices } from '../units/devices'
import { Mount, mountChanged } from '../units/mount/mount'
import { isApiMount } from '../fragment'
import { unitNameFromPath, unitNameIsValid, unitNameToType } from '../unit-name'
import { eventPriority, type DeferSource } from './event-loop'
import { collapseFor, compareByPriority, runJob, type Job } from './job'
import type { JobResult, JobType } from './job-type'
import { emergencyAction } from './emergency-action'
import type { ManagerEvent } from './manager-event'
import { ManagerCore } from './manager-core'
import { dispatchLoadQueue } from './queues'
import { addIsolateJobs, addJobAndDependencies, addTriggeringJobs, Transaction } from './transaction'
import { activateTransaction } from './transaction-activate'
import type { Unit } from './unit'
import { addDefaultTargetDependencies, unitFileChanged } from './unit-load'
import { unitTypes } from './unit-types'
import { isActiveOrReloading, isInactiveOrFailed, unitTypeNames, type UnitTypeName } from './unit-state'

export type { Objective } from './manager-core'

export class Manager extends ManagerCore {
  private readonly runQueue = new StableQueue<Job>(compareByPriority)
  private readonly runQueueSource: DeferSource
  private readonly cgroupEmptySource: DeferSource
  private mountedUnits = new Set<Mount>()

  constructor(process: Process, scope: 'system' | 'user', onEvent?: (event: ManagerEvent) => void) {
    super(process, scope, onEvent)
    this.runQueueSource = this.loop.addDefer(eventPriority.idle, () => this.dispatchRunQueue())
    this.cgroupEmptySource = this.loop.addDefer(eventPriority.cgroupEmpty, () => this.dispatchCgroupEmpty())
  }

  // ---------------------------------------------------------------- numbers

  // ---------------------------------------------------------------- units

  /** The unit of that name, if it is in memory. */
  getUnit(name: string): Unit | undefined {
    return this.units.get(name)
  }

  *allUnits(): Generator<Unit> {
    for (const [name, unit] of this.units) if (unit.id === name) yield unit
  }

  /** The unit of that name, in memory from now on; read when the load queue is dispatched. */
  loadUnitPrepare(name: string): Unit | BusError {
    const known = this.units.get(name)
    if (known !== undefined) return known
    const type = unitNameToType(name)
    if (type === undefined || !unitNameIsValid(name, 'plain', 'instance')) {
      const missing = unitNameIsValid(name, 'template')
      return new BusError(
        'org.freedesktop.DBus.Error.InvalidArgs',
        missing ? `Unit name ${name} is missing the instance name.` : `Unit name ${name} is not valid.`,
      )
    }
    const unit = unitTypes[type].create(this, name)
    this.units.set(name, unit)
    if (type === 'mount') this.noteMountUnit(name)
    this.addToLoadQueue(unit)
    this.addToBusQueue(unit)
    this.addToGcQueue(unit)
    return unit
  }

  /** As above, and read. */
  loadUnit(name: string): Unit | BusError {
    const unit = this.loadUnitPrepare(name)
    if (isBusError(unit)) return unit
    this.dispatchLoad()
    return unit.mergedInto ?? unit
  }

  /** Reads all that was named. */
  dispatchLoad(): void {
    dispatchLoadQueue(this)
  }

  /** A unit that was not found may be there by now. */
  retryLoad(unit: Unit): void {
    if (unit.loadState !== 'not-found' && unit.loadState !== 'masked' && unit.loadState !== 'bad-setting' && unit.loadState !== 'error')
      return
    if (unit.loadState !== 'not-found' && !unitFileChanged(unit)) return
    if (unit.loadState === 'not-found' && unit.lookupGeneration === this.cacheStamp()) return
    unit.loadState = 'stub'
    this.addToLoadQueue(unit)
    this.dispatchLoad()
  }

  isSupported(type: UnitTypeName): boolean {
    return type !== 'swap' || this.scope === 'system'
  }

  addToLoadQueue(unit: Unit): void {
    if (unit.inLoadQueue || unit.loadState !== 'stub') return
    unit.inLoadQueue = true
    this.loadQueue.push(unit)
  }

  addToGcQueue(unit: Unit): void {
    this.gcQueue.add(unit)
  }

  addToCleanupQueue(unit: Unit): void {
    unit.inCleanupQueue = true
    this.cleanupQueue.add(unit)
  }

  /** Frees what the sweep found; true if there was something. */
  cleanup(): boolean {
    const units = this.cleanupQueue.takeAll()
    for (const unit of units) this.freeUnit(unit)
    return units.length > 0
  }

  freeUnit(unit: Unit): void {
    unit.gone = true
    unit.clearDependencies()
    for (const name of unit.names) if (this.units.get(name) === unit) this.units.delete(name)
    if (this.unitsByInvocation.get(unit.invocationId) === unit) this.unitsByInvocation.delete(unit.invocationId)
    this.failedUnits.delete(unit)
    const { vtable } = unit
    if (vtable.release !== undefined) this.defer(() => vtable.release?.(unit) ?? nothing())
    if (unit.cgroupPath !== undefined && unit.id !== '-.slice') {
      this.unitsByCgroup.delete(unit.cgroupPath)
      unit.cgroupPath = undefined
    }
    this.signals.push({ signal: 'UnitRemoved', unit: unit.id })
    this.emit({ type: 'unit-removed', unit: unit.id })
  }

  addTargetDependencies(): void {
    for (let unit = this.targetDependencyQueue.take(); unit !== undefined; unit = this.targetDependencyQueue.take())
      addDefaultTargetDependencies(unit)
  }

  addToStopWhenUnneededQueue(unit: Unit): void {
    if (!unit.config.Unit.StopWhenUnneeded) return
    if (!isActiveOrReloading(unit.activeState())) return
    this.stopWhenUnneededQueue.add(unit)
  }

  /** Units whose reason to be up or down may have changed with this one. */
  addDependantsToQueues(unit: Unit): void {
    for (const other of unit.dependencies('add-stop-when-unneeded-queue')) this.addToStopWhenUnneededQueue(other)
    for (const other of unit.dependencies('add-start-when-upheld-queue')) this.startWhenUpheldQueue.add(other)
    for (const other of unit.dependencies('add-cannot-be-active-without-queue')) this.stopWhenBoundQueue.add(other)
    if (unit.hasDependency('cannot-be-active-without')) this.stopWhenBoundQueue.add(unit)
    if (isInactiveOrFailed(unit.activeState()) && unit.hasDependency('start-steadily')) this.startWhenUpheldQueue.add(unit)
  }

  /** Tried too often: look again when the limit's window is over. */
  retryLater(unit: Unit, again: () => void): void {
    const left = unit.autoStartStop.leftUsec(this.process.monotonicUsec)
    this.loop.addTimer(this.process.monotonicUsec + left, function* () {
      again()
    })
  }

  updateFailed(unit: Unit, failed: boolean): void {
    if (failed) this.failedUnits.add(unit)
    else this.failedUnits.delete(unit)
  }

  watchPid(unit: Unit, pid: number): void {
    const units = this.watchedPids.get(pid)
    if (units === undefined) this.watchedPids.set(pid, new Set([unit]))
    else units.add(unit)
  }

  unwatchPid(unit: Unit, pid: number): void {
    const units = this.watchedPids.get(pid)
    units?.delete(unit)
    if (units?.size === 0) this.watchedPids.delete(pid)
  }

  exportInvocation(unit: Unit): void {
    if (this.scope !== 'system') return
    const { process } = this
    const link = `/run/systemd/units/invocation:${unit.id}`
    const { invocationId } = unit
    this.defer(function* () {
      yield* process.unlink(link)
      yield* process.symlink(invocationId, link)
    })
  }

  // ---------------------------------------------------------------- jobs

  addJob(type: JobType, unit: Unit, mode: JobMode): Job | BusError {
    if (mode === 'isolate' && type !== 'start')
      return new BusError('org.freedesktop.DBus.Error.InvalidArgs', 'Isolate is only valid for start.')
    if (mode === 'isolate' && !unit.config.Unit.AllowIsolate)
      return new BusError('org.freedesktop.systemd1.NoIsolation', 'Operation refused, unit may not be isolated.')
    if (mode === 'triggering' && type !== 'stop')
      return new BusError('org.freedesktop.DBus.Error.InvalidArgs', '--job-mode=triggering is only valid for stop.')
    if (mode === 'restart-dependencies' && type !== 'start')
      return new BusError('org.freedesktop.DBus.Error.InvalidArgs', '--job-mode=restart-dependencies is only valid for start.')
    const transaction = new Transaction(this, mode === 'replace-irreversibly')
    const ignore = mode === 'ignore-dependencies' || mode === 'ignore-requirements'
    const error = addJobAndDependencies(transaction, collapseFor(type, unit), unit, undefined, {
      matters: true,
      ...(ignore ? { ignoreRequirements: true } : {}),
      ...(mode === 'ignore-dependencies' ? { ignoreOrder: true } : {}),
      ...(mode === 'restart-dependencies' ? { propagateStartAsRestart: true } : {}),
    })
    if (error !== undefined) return error
    if (mode === 'isolate') addIsolateJobs(transaction)
    if (mode === 'triggering') addTriggeringJobs(transaction, unit)
    const failed = activateTransaction(transaction, mode)
    if (failed !== undefined) return failed
    return transaction.anchor ?? new BusError('org.freedesktop.systemd1.LoadFailed', 'no job')
  }

  addJobByName(type: JobType, name: string, mode: JobMode): Job | BusError {
    const unit = this.loadUnit(name)
    return isBusError(unit) ? unit : this.addJob(type, unit, mode)
  }

  /** Ctrl-Alt-Del, signals, emergency actions. */
  startSpecial(name: string, mode: JobMode): void {
    const job = this.addJobByName('start', name, mode)
    if (isBusError(job)) this.log(3, `Failed to enqueue ${name} job: ${job.message}`)
  }

  startLimitAction(unit: Unit): void {
    emergencyAction(this, unit.config.Unit.StartLimitAction, `unit ${unit.id} failed`, unit)
  }

  addToRunQueue(job: Job): void {
    if (job.inRunQueue || !job.installed) return
    job.inRunQueue = true
    this.runQueue.push(job)
    this.runQueueSource.enabled = true
  }

  private *dispatchRunQueue(): Syscall<void> {
    this.runQueueSource.enabled = false
    for (let job = this.runQueue.pop(); job !== undefined; job = this.runQueue.pop()) {
      job.inRunQueue = false
      if (this.jobs.get(job.id) !== job) continue
      yield* runJob(job)
      yield* this.logger.flush()
    }
  }

  jobNew(job: Job): void {
    this.signals.push({ signal: 'JobNew', id: job.id, unit: job.unit.id })
  }

  jobRemoved(job: Job, result: JobResult): void {
    this.signals.push({ signal: 'JobRemoved', id: job.id, unit: job.unit.id, result })
  }

  /** The last job is done: tell whoever waits for that. */
  checkFinished(): void {
    this.onIdle?.()
  }

  // ---------------------------------------------------------------- cgroups

  *realizeNow(unit: Unit): Syscall<void> {
    if (unit.vtable.hasCgroup && (!isInactiveOrFailed(unit.activeState()) || unit.cgroupPath !== undefined)) yield* realizeCgroup(unit)
  }

  isCgroupPopulated(unit: Unit): boolean {
    return isPopulated(unit)
  }

  addToCgroupEmptyQueue(unit: Unit): void {
    this.cgroupEmptyQueue.add(unit)
    this.cgroupEmptySource.enabled = true
  }

  private *dispatchCgroupEmpty(): Syscall<void> {
    const unit = this.cgroupEmptyQueue.take()
    this.cgroupEmptySource.enabled = this.cgroupEmptyQueue.size > 0
    if (unit === undefined || isPopulated(unit)) return
    this.addToGcQueue(unit)
    if (isInactiveOrFailed(unit.activeState())) {
      pruneCgroup(unit)
      return
    }
    yield* unit.vtable.cgroupEmpty?.(unit) ?? nothing()
  }

  *thaw(unit: Unit): Syscall<void> {
    yield* writeCgroupFile(unit, 'cgroup.freeze', '0')
    unit.freezerState = 'running'
  }

  *freeze(unit: Unit): Syscall<void> {
    yield* writeCgroupFile(unit, 'cgroup.freeze', '1')
    unit.freezerState = 'frozen'
  }

  // ---------------------------------------------------------------- effects, bus, log

  /** journald came or went: where do our own messages go? udev came: which devices are there? */
  recheckJournal(unit: Unit): void {
    if (this.scope !== 'system') return
    if (unit.id === 'systemd-udevd.service' && unit.activeState() === 'active') plugDevices(this)
    if (unit.id !== 'systemd-journald.service' && unit.id !== 'systemd-journald.socket') return
    const service = this.units.get('systemd-journald.service')
    const socket = this.units.get('systemd-journald.socket')
    const up = service?.subState() === 'running' || service?.subState() === 'reload'
    this.logger.toJournal = up && socket !== undefined && isActiveOrReloading(socket.activeState())
  }

  /** Who asked, and from where. */
  logCaller(what: string, pid: number): void {
    const comm = this.readText(`/proc/${pid}/comm`)?.trim()
    const unit = unitOfPid(this, pid)
    this.log(
      5,
      `${what} requested from client PID ${pid}${comm === undefined ? '' : ` ('${comm}')`}${unit === undefined ? '' : ` (unit ${unit.id})`}...`,
    )
  }

  typeOrder(unit: Unit): number {
    return unitTypeNames.indexOf(unit.type)
  }

  /** Looks at the kernel's mounts again, and tells the units. */
  *refreshMounts(): Syscall<void> {
    const before = this.mountedUnits
    const mounts = this.readMounts()
    if (mounts === undefined) return
    const seen = new Set<Mount>()
    for (const [where, info] of mounts) {
      const name = unitNameFromPath(where, '.mount')
      if (name === undefined || (where.startsWith('/proc/') && info.type === 'autofs')) continue
      if (isApiMount(where) || where.startsWith('/run/credentials/')) continue
      const unit = this.loadUnit(name)
      if (isBusError(unit) || !(unit instanceof Mount)) continue
      seen.add(unit)
      yield* mountChanged(unit, info)
    }
    this.mountedUnits = seen
    for (const unit of before) if (!seen.has(unit) && !unit.gone) yield* mountChanged(unit, undefined)
  }
}

export function* nothing(): Syscall<void> {}
