// One simulated machine: a kernel over an image, driven in fixed quanta of virtual time. Inputs are its only door.
import { Emitter, invariant, USEC_PER_SEC, type Usec } from '@/lib/base'
import {
  type Fallible,
  isErrno,
  O_RDWR,
  type Image,
  type ImageChanges,
  Kernel,
  type KernelEvent,
  type Main,
  type HostTerminal,
} from '@/lib/kernel'
import { type Input, type LoggedInput, QUANTUM_USEC, type SessionUser } from './input-log'
import type { ManagerEvent, ManagerHooks, ManagerView } from '@/lib/systemd/manager'
import { mergeChanges, unchanged } from './disk-changes'
import { deliverToDisk } from './host-disk'
import { MachineView } from './view'

export type MachineOptions = {
  readonly image: Image
  /** Code of the executables; PID 1 reports through the hooks. */
  readonly programs: (hooks: ManagerHooks) => ReadonlyMap<string, Main>
  /** Realtime at the (first) boot, µs since the epoch. */
  readonly bootUsec: Usec
  readonly seed: number
  /** How `image` differs from the image that others know (kept for saving). */
  readonly changes?: ImageChanges
  readonly hostname?: string
  /** What PID 1 executes. */
  readonly init?: string
}

export type MachineEvent =
  | { readonly type: 'kernel'; readonly event: KernelEvent }
  | { readonly type: 'manager'; readonly event: ManagerEvent }
  | { readonly type: 'output'; readonly terminal: number; readonly data: Uint8Array }
  | { readonly type: 'terminal-closed'; readonly terminal: number }
  | { readonly type: 'rebooted' }
  | { readonly type: 'off' }

/** Where a log starts: nothing before this moment can be replayed. */
type Base = { readonly image: Image; readonly bootUsec: Usec; readonly generation: number; readonly changes: ImageChanges }

/** Time between the fall of the old system and the first step of the new one. */
const REBOOT_USEC: Usec = 3_000_000

export class Machine {
  readonly events = new Emitter<MachineEvent>()
  readonly options: MachineOptions
  kernel: Kernel
  private base: Base
  private tick = 0
  private manager: ManagerView | undefined
  private booted = false
  private inputs: LoggedInput[] = []
  private terminals = new Map<number, HostTerminal>()
  /** Terminal of each login process, by its pid. */
  private logins = new Map<number, number>()
  private lastTerminal = 0
  private totalInputs = 0

  constructor(options: MachineOptions) {
    this.options = options
    this.base = { image: options.image, bootUsec: options.bootUsec, generation: 0, changes: options.changes ?? unchanged }
    this.kernel = this.start()
  }

  private start(): Kernel {
    this.manager = undefined
    this.booted = false
    const hooks: ManagerHooks = {
      onManager: (view) => {
        this.manager ??= view
      },
      onEvent: (event) => {
        if (event.type === 'boot-finished') this.booted = true
        this.events.emit({ type: 'manager', event })
      },
    }
    const kernel = new Kernel({
      image: this.base.image,
      bootUsec: this.base.bootUsec,
      seed: this.seed,
      programs: this.options.programs(hooks),
      hostname: this.options.hostname ?? 'lab',
    })
    kernel.events.listen((event) => {
      this.events.emit({ type: 'kernel', event })
      const terminal = event.type === 'exit' ? this.logins.get(event.pid) : undefined
      if (terminal !== undefined && this.terminals.delete(terminal)) this.events.emit({ type: 'terminal-closed', terminal })
    })
    kernel.boot(this.options.init ?? '/sbin/init')
    return kernel
  }

  private get seed(): number {
    return (this.options.seed + this.base.generation * 7919) >>> 0
  }

  // -------- time

  get monotonicUsec(): Usec {
    return this.kernel.clock.monotonicUsec
  }

  get realtimeUsec(): Usec {
    return this.kernel.clock.realtimeUsec
  }

  /** Monotonic time at which something is planned, or infinity. */
  get nextAlarmUsec(): Usec {
    return this.kernel.nextAlarmUsec()
  }

  /** Runs until the monotonic clock has reached a moment (rounded up to a quantum). Goes through reboots. */
  advanceTo(monotonicUsec: Usec): void {
    const target = Math.ceil(monotonicUsec / QUANTUM_USEC)
    const generation = this.base.generation
    while (this.tick < target && this.base.generation === generation && this.kernel.power === 'on') this.runTick(target)
  }

  advanceBy(usec: Usec): void {
    const { generation } = this.base
    const wanted = this.tick * QUANTUM_USEC + usec
    this.advanceTo(wanted)
    // A reboot on the way: the rest of the span passes on the new system.
    if (this.base.generation !== generation) this.advanceTo(Math.max(0, usec - REBOOT_USEC))
  }

  /** One quantum, or many at once while nothing can happen in them. */
  private runTick(target: number): void {
    const { kernel } = this
    let next = this.tick + 1
    if (kernel.scheduler.pick() === undefined) {
      const alarm = kernel.nextAlarmUsec()
      next = Math.max(next, Math.min(target, alarm === Number.POSITIVE_INFINITY ? target : Math.ceil(alarm / QUANTUM_USEC)))
    }
    kernel.run({ untilUsec: next * QUANTUM_USEC })
    this.tick = next
    if (kernel.power === 'restart') this.reboot()
    else if (kernel.power === 'off') this.events.emit({ type: 'off' })
  }

  /** Runs until the default target is reached and no job is left, five virtual minutes at most. */
  finishBoot(): void {
    const limit = 300 * USEC_PER_SEC
    while (this.kernel.power === 'on' && this.monotonicUsec < limit && !(this.booted && this.view.jobs().length === 0))
      this.advanceBy(20 * QUANTUM_USEC)
  }

  /** `systemctl reboot`, and up again. */
  restart(): void {
    const { generation } = this.base
    this.input({ kind: 'run', argv: ['systemctl', 'reboot'] })
    for (let waited = 0; this.base.generation === generation && waited < 300; waited++) this.advanceBy(USEC_PER_SEC)
    this.finishBoot()
  }

  /** What the host may look at. */
  get view(): MachineView {
    return new MachineView(this.kernel, () => this.manager)
  }

  private reboot(): void {
    const changes = this.kernel.fileSystems.vfs.disk.changes()
    this.base = {
      image: this.base.image.with(changes),
      bootUsec: this.kernel.clock.realtimeUsec + REBOOT_USEC,
      generation: this.base.generation + 1,
      changes: mergeChanges(this.base.changes, changes),
    }
    for (const id of this.terminals.keys()) this.events.emit({ type: 'terminal-closed', terminal: id })
    this.terminals = new Map()
    this.logins = new Map()
    this.inputs = []
    this.tick = 0
    this.kernel = this.start()
    this.events.emit({ type: 'rebooted' })
  }

  /** Power was cut or the machine went down: start it again. */
  powerOn(): void {
    if (this.kernel.power === 'off') this.reboot()
  }

  // -------- inputs

  input(input: Input): Fallible<number> {
    this.inputs.push({ tick: this.tick, input })
    this.totalInputs += 1
    return this.deliver(input)
  }

  /** A login of this user on a new terminal; returns the terminal's number. */
  openTerminal(user: SessionUser, columns: number, rows: number): number {
    const id = this.input({ kind: 'open-terminal', user, columns, rows })
    return isErrno(id) ? -1 : id
  }

  closeTerminals(): void {
    for (const terminal of [...this.terminals.keys()]) this.input({ kind: 'close-terminal', terminal })
  }

  /** Whole content of a file, as root sees it. */
  readFile(path: string): Uint8Array | undefined {
    return this.kernel.hostFiles.read(path)
  }

  private deliver(input: Input): Fallible<number> {
    switch (input.kind) {
      case 'open-terminal':
        return this.deliverTerminal(input.user, input.columns, input.rows)
      case 'type':
        this.terminals.get(input.terminal)?.write(input.data)
        return 0
      case 'resize':
        this.terminals.get(input.terminal)?.resize({ columns: input.columns, rows: input.rows })
        return 0
      case 'close-terminal':
        this.terminals.get(input.terminal)?.close()
        this.terminals.delete(input.terminal)
        return 0
      case 'run': {
        const [name = ''] = input.argv
        const task = this.kernel.start({ path: `/usr/bin/${name}`, argv: input.argv, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
        return isErrno(task) ? task : task.pid
      }
      case 'kill':
        return this.startBeside(function* (process) {
          const sent = yield* process.kill(input.pid, input.signal)
          return isErrno(sent) ? 1 : 0
        }, 'kill')
      default:
        return deliverToDisk(this.kernel, input)
    }
  }

  private deliverTerminal(user: SessionUser, columns: number, rows: number): number {
    this.lastTerminal += 1
    const id = this.lastTerminal
    const terminal = this.kernel.openTerminal({ columns, rows })
    terminal.onOutput((data) => this.events.emit({ type: 'output', terminal: id, data }))
    this.terminals.set(id, terminal)
    const env = { TERM: 'xterm-256color', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
    const started = this.startBeside(function* (process) {
      for (const wanted of [0, 1, 2]) {
        const fd = yield* process.open(terminal.path, O_RDWR)
        if (!isErrno(fd) && fd !== wanted) yield* process.dup2(fd, wanted)
      }
      yield* process.setsid()
      yield* process.setControllingTerminal(0)
      yield* process.exec('/usr/bin/login', ['login', '-p', '-f', user], env)
      return 1
    }, 'login')
    if (!isErrno(started)) this.logins.set(started, id)
    return id
  }

  /** A process of PID 1 that no unit knows, as what was there before systemd. */
  private startBeside(main: Main, comm: string): Fallible<number> {
    const task = this.kernel.start({ main, comm, argv: [comm] })
    return isErrno(task) ? task : task.pid
  }

  // -------- copies

  /** Inputs since the last boot, for saving. */
  get log(): readonly LoggedInput[] {
    return this.inputs
  }

  /** What the disk has more and less than the image the machine was made from. */
  diskChanges(): ImageChanges {
    return mergeChanges(this.base.changes, this.kernel.fileSystems.vfs.disk.changes())
  }

  /** All that a later replay of this boot needs. */
  history(): {
    readonly bootUsec: Usec
    readonly seed: number
    readonly generation: number
    readonly base: ImageChanges
    readonly inputs: readonly LoggedInput[]
    readonly tick: number
  } {
    return {
      bootUsec: this.base.bootUsec,
      seed: this.seed,
      generation: this.base.generation,
      base: this.base.changes,
      inputs: this.inputs,
      tick: this.tick,
    }
  }

  /** Inputs taken since the machine was made, over all boots. */
  get inputCount(): number {
    return this.totalInputs
  }

  get isIdle(): boolean {
    return this.kernel.scheduler.pick() === undefined
  }

  /** Does the shell of this terminal wait for a line? */
  isAtPrompt(terminal: number): boolean {
    const tty = this.terminals.get(terminal)?.tty
    const shell = [...this.kernel.processes()].find((one) => tty !== undefined && one.pgid === tty.foregroundPgid && one.pid === one.pgid)
    return shell !== undefined && shell.pid === shell.sid && shell.state === 'S'
  }

  advanceToTick(tick: number): void {
    this.advanceTo(tick * QUANTUM_USEC)
  }

  replayOne({ tick, input }: LoggedInput): void {
    this.advanceToTick(tick)
    this.input(input)
  }

  /** Another machine that has followed this one's log up to now. Shares the image, nothing else. */
  replica(): Machine {
    const copy = new Machine({ ...this.options, image: this.base.image, bootUsec: this.base.bootUsec })
    copy.base = this.base
    copy.kernel = copy.start()
    copy.follow(this)
    return copy
  }

  /** Catches up with another machine of the same base. */
  follow(other: Machine): void {
    invariant(copyOf(this.base, other.base), 'a replica follows a machine of its own boot only')
    for (const { tick, input } of other.inputs.slice(this.inputs.length)) {
      this.advanceTo(tick * QUANTUM_USEC)
      this.input(input)
    }
    this.advanceTo(other.tick * QUANTUM_USEC)
  }

  /** May `follow` be used with this machine? */
  isReplicaOf(other: Machine): boolean {
    return copyOf(this.base, other.base) && this.tick <= other.tick && this.inputs.length <= other.inputs.length
  }
}

const copyOf = (one: Base, other: Base): boolean =>
  one.image === other.image && one.bootUsec === other.bootUsec && one.generation === other.generation
