// What the manager holds and how it speaks: queues, numbers, put-off system calls, the log, signals of the bus.
import { encodeNative, NATIVE_SOCKET } from '@/lib/journal'
import { isErrno, O_CLOEXEC, type Process, type Syscall } from '@/lib/kernel'
import type { ManagerSignal } from '../bus'
import { EventLoop, type DeferSource } from './event-loop'
import type { Job } from './job'
import { ManagerLog, type LogFields } from './log'
import type { ManagerEvent } from './manager-event'
import { ManagerHost } from './manager-host'
import type { Timestamp, Unit } from './unit'
import { UnitQueue } from './unit-queue'

export type Objective = 'ok' | 'exit' | 'reload' | 'reexecute' | 'reboot' | 'soft-reboot' | 'poweroff' | 'halt' | 'kexec' | 'switch-root'

export class ManagerCore extends ManagerHost {
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
  private effects: (() => Syscall<void>)[] = []
  protected signals: ManagerSignal[] = []
  /** Set by the bus server: how signals reach the subscribers. */
  sendSignals: ((signals: readonly ManagerSignal[]) => Syscall<void>) | undefined
  isReferencedByClients: (unit: Unit) => boolean = () => false
  onIdle: (() => void) | undefined
  /** Enabled while children may be waiting to be collected. */
  childrenSource: DeferSource | undefined

  private idleEnds: readonly [number, number] | undefined
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
  }

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

  /** A user's manager tells the one above that it is up. */
  *notifyReady(): Syscall<void> {
    const path = this.process.env.NOTIFY_SOCKET
    if (path === undefined) return
    const fd = yield* this.process.socket('AF_UNIX', 'dgram')
    if (isErrno(fd)) return
    yield* this.process.send(fd, 'READY=1\nSTATUS=Startup finished.', { to: { domain: 'AF_UNIX', path } })
    yield* this.process.close(fd)
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
}
