// PID 1's state: units, jobs, queues. Logic is synchronous; what needs a system call is a generator, or put off with `defer`.
import { StableQueue } from '@/lib/base'
import { encodeNative, NATIVE_SOCKET } from '@/lib/journal'
import { isErrno, O_CLOEXEC, type Process, type Syscall } from '@/lib/kernel'
import { BusError, isBusError, type JobMode, type ManagerSignal } from '../bus'
import { isPopulated, pruneCgroup, realizeCgroup, unitOfPid, writeCgroupFile } from '../cgroup'
import { plugDevices } from '../units/devices'
import { Mount, mountChanged } from '../units/mount/mount'
import { isApiMount } from '../fragment'
import { unitNameFromPath, unitNameIsValid, unitNameToType } from '../unit-name'
import { EventLoop, eventPriority, type DeferSource } from './event-loop'
import { collapseFor, compareByPriority, runJob, type Job } from './job'
import { ManagerLog, type LogFields } from './log'
import type { JobResult, JobType } from './job-type'
import { emergencyAction } from './emergency-action'
import type { ManagerEvent } from './manager-event'
import { ManagerHost } from './manager-host'
import { dispatchLoadQueue, UnitQueue } from './queues'
import { addIsolateJobs, addJobAndDependencies, addTriggeringJobs, Transaction } from './transaction'
import { activateTransaction } from './transaction-activate'
import type { Timestamp, Unit } from './unit'
import { addDefaultTargetDependencies, unitFileChanged } from './unit-load'
import { unitTypes } from './unit-types'
import { isActiveOrReloading, isInactiveOrFailed, unitTypeNames, type UnitTypeName } from './unit-state'

export type Objective = 'ok' | 'exit' | 'reload' | 'reexecute' | 'reboot' | 'soft-reboot' | 'poweroff' | 'halt' | 'kexec' | 'switch-root'

export class Manager extends ManagerHost {
  readonly loop: EventLoop
  readonly logger: ManagerLog
  private readonly onEvent: ((event: ManagerEvent) => void) | undefined
  objective: Objective = 'ok'
  immediate = false
  returnValue = 0
  /** Some listener wants every step of every transaction. */
  traces = false
  /** State is being laid over again: nothing must react. */
  reloading = false

  /** By every name, aliases included. */
  readonly units = new Map<string, Unit>()
  readonly jobs = new Map<number, Job>()
  readonly failedUnits = new Set<Unit>()
  readonly unitsByInvocation = new Map<string, Unit>()
  readonly unitsByCgroup = new Map<string, Unit>()
  readonly unitsByCgroupWatch = new Map<number, Unit>()
  readonly unitsByMemoryWatch = new Map<number, Unit>()
  readonly watchedPids = new Map<number, Set<Unit>>()
  readonly controllersEnabled = new Set<string>()
  cgroupInotify: number | undefined
  cgroupRoot = ''

  installedJobs = 0
  runningJobs = 0
  failedJobs = 0
  private lastJobId = 0
  private lastGeneration = 0
  private lastGcMarker = 4

  loadQueue: Unit[] = []
  readonly gcQueue = new UnitQueue()
  readonly cleanupQueue = new UnitQueue()
  readonly cgroupRealizeQueue = new UnitQueue()
  readonly cgroupEmptyQueue = new UnitQueue()
  readonly startWhenUpheldQueue = new UnitQueue()
  readonly stopWhenBoundQueue = new UnitQueue()
  readonly stopWhenUnneededQueue = new UnitQueue()
  readonly targetDependencyQueue = new UnitQueue()
  private readonly busQueue = new Set<Unit>()
  private readonly runQueue = new StableQueue<Job>(compareByPriority)
  private effects: (() => Syscall<void>)[] = []
  private readonly runQueueSource: DeferSource
  private readonly cgroupEmptySource: DeferSource
  private signals: ManagerSignal[] = []
  /** Set by the bus server: how signals reach the subscribers. */
  sendSignals: ((signals: readonly ManagerSignal[]) => Syscall<void>) | undefined
  isReferencedByClients: (unit: Unit) => boolean = () => false
  onIdle: (() => void) | undefined
  /** Enabled while children may be waiting to be collected. */
  childrenSource: DeferSource | undefined

  private idleEnds: readonly [number, number] | undefined
  private mountedUnits = new Set<Mount>()
  bootFinished = false
  timestamps = {
    kernel: 0,
    userspace: 0,
    generatorsStart: 0,
    generatorsFinish: 0,
    unitsLoadStart: 0,
    unitsLoadFinish: 0,
    unitsLoad: 0,
    finish: 0,
    shutdownStart: 0,
  }
  taint = ['unmerged-bin']
  taintLogged = false

  constructor(process: Process, scope: 'system' | 'user', onEvent?: (event: ManagerEvent) => void) {
    super(process, scope)
    this.onEvent = onEvent
    this.loop = new EventLoop(process)
    this.logger = new ManagerLog(process)
    this.runQueueSource = this.loop.addDefer(eventPriority.idle, () => this.dispatchRunQueue())
    this.cgroupEmptySource = this.loop.addDefer(eventPriority.cgroupEmpty, () => this.dispatchCgroupEmpty())
  }

  // ---------------------------------------------------------------- numbers

  nextJobId(): number {
    this.lastJobId += 1
    return this.lastJobId
  }

  nextGeneration(): number {
    this.lastGeneration += 1
    return this.lastGeneration
  }

  nextGcMarker(step: number): number {
    this.lastGcMarker += step
    return this.lastGcMarker
  }

  randomId128(): string {
    const id = this.process.random.id128()
    // Version 4, variant DCE, as sd_id128_randomize() marks them.
    return `${id.slice(0, 12)}4${id.slice(13, 16)}${'89ab'[Number.parseInt(id[16] ?? '0', 16) & 3]}${id.slice(17)}`
  }

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

  /** A system call that synchronous logic asks for: done before the next event. */
  defer(effect: () => Syscall<void>): void {
    this.effects.push(effect)
  }

  *runEffects(): Syscall<boolean> {
    if (this.effects.length === 0) return false
    const effects = this.effects
    this.effects = []
    for (const effect of effects) yield* effect()
    return true
  }

  addToBusQueue(unit: Unit): void {
    this.busQueue.add(unit)
  }

  *dispatchBusQueue(): Syscall<boolean> {
    if (this.busQueue.size === 0 && this.signals.length === 0) return false
    const changed = [...this.busQueue]
    this.busQueue.clear()
    const signals = this.signals
    this.signals = []
    for (const unit of changed) {
      if (unit.gone) continue
      const state = `${unit.activeState()} ${unit.subState()}`
      if (state === unit.toldState) continue
      unit.toldState = state
      signals.unshift({ signal: 'PropertiesChanged', unit: unit.id, activeState: unit.activeState(), subState: unit.subState() })
    }
    if (this.sendSignals !== undefined) yield* this.sendSignals(signals)
    return true
  }

  signal(signal: ManagerSignal): void {
    this.signals.push(signal)
  }

  emit(event: ManagerEvent): void {
    this.onEvent?.(event)
  }

  log(priority: number, text: string, fields: LogFields = {}): void {
    this.logger.add(priority, text, fields)
  }

  logUnit(unit: Unit, priority: number, text: string, fields: LogFields, units: readonly string[]): void {
    const system = this.scope === 'system'
    this.logger.add(
      priority,
      text,
      { ...fields, ...(unit.invocationId === '' ? {} : { [system ? 'INVOCATION_ID' : 'USER_INVOCATION_ID']: unit.invocationId }) },
      units.map((id) => [system ? 'UNIT' : 'USER_UNIT', id] as const),
    )
  }

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

  /** A user's manager tells the one above that it is up. */
  *notifyReady(): Syscall<void> {
    const path = this.process.env.NOTIFY_SOCKET
    if (path === undefined) return
    const fd = yield* this.process.socket('AF_UNIX', 'dgram')
    if (isErrno(fd)) return
    yield* this.process.send(fd, 'READY=1\nSTATUS=Startup finished.', { to: { domain: 'AF_UNIX', path } })
    yield* this.process.close(fd)
  }

  typeOrder(unit: Unit): number {
    return unitTypeNames.indexOf(unit.type)
  }

  now(): Timestamp {
    return { realtimeUsec: this.process.realtimeUsec, monotonicUsec: this.process.monotonicUsec }
  }

  /** Given to Type=idle services: closed when nothing is to be done any more. */
  *idlePipe(): Syscall<number | undefined> {
    if (this.bootFinished || this.jobs.size <= 1) return undefined
    if (this.idleEnds === undefined) {
      const ends = yield* this.process.pipe(O_CLOEXEC)
      if (isErrno(ends)) return undefined
      this.idleEnds = ends
    }
    return this.idleEnds[0]
  }

  closeIdlePipe(): void {
    const ends = this.idleEnds
    if (ends === undefined) return
    this.idleEnds = undefined
    const { process } = this
    this.defer(function* () {
      yield* process.close(ends[0])
      yield* process.close(ends[1])
    })
  }

  /** Where services send their notifications to. */
  get notifySocketPath(): string {
    return this.scope === 'system' ? '/run/systemd/notify' : `${this.environment.get('XDG_RUNTIME_DIR') ?? '/run'}/systemd/notify`
  }

  /** A line that a helper child of ours would write. */
  *logAs(identifier: string, unit: Unit, priority: number, text: string): Syscall<void> {
    yield* this.logger.flush()
    const child = yield* this.process.fork(
      function* (helper) {
        yield* helper.setComm(identifier)
        const fd = yield* helper.socket('AF_UNIX', 'dgram')
        if (isErrno(fd)) return 1
        const data = encodeNative([
          ['MESSAGE', text],
          ['PRIORITY', String(priority)],
          ['SYSLOG_FACILITY', '3'],
          ['SYSLOG_IDENTIFIER', identifier],
          ['UNIT', unit.id],
        ])
        yield* helper.send(fd, data, { to: { domain: 'AF_UNIX', path: NATIVE_SOCKET } })
        return 1
      },
      { comm: identifier, ...(unit.cgroupPath === undefined ? {} : { cgroup: unit.cgroupPath }) },
    )
    if (!isErrno(child)) yield* this.process.waitpid(child)
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
