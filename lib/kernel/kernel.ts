// The kernel of one machine: its tables, its clock, and the loop that runs processes. Nothing here knows units or lessons.
import { type Alarm, Emitter, SeededRandom, USEC_INFINITY, type Usec, VirtualClock } from '@/lib/base'
import { Cgroup } from './cgroup'
import { DeviceTable } from './device'
import { endTask } from './exit'
import { FileSystems } from './file-systems'
import type { KernelEvent } from './kernel-event'
import { KernelLog } from './kmsg'
import { LoadAverage } from './load-average'
import { Memory } from './memory'
import type { Namespaces } from './namespace'
import { initialNamespaces } from './namespace-init'
import { ProcessCalls } from './process'
import { PtyTable } from './pty'
import { Scheduler } from './scheduler'
import { isOrphanedGroup } from './session'
import { deliverSignals, forceSignal, sendSignal } from './signal-delivery'
import { signals } from './signal'
import { Sleepers } from './sleepers'
import { Sysctl } from './sysctl'
import { syscallNumber } from './syscall-numbers'
import type { Fallible, Main, WindowSize } from './system-calls'
import { boot, type StartOptions, startTask } from './boot'
import { HostFiles } from './host-files'
import { attachConsole, type HostTerminal, openTerminal } from './host-terminal'
import { listProcesses, type ProcessStatus } from './process-status'
import { Task } from './task'
import type { Image } from './vfs'
import type { Wait } from './wait'

export type KernelOptions = {
  readonly image: Image
  /** Realtime (µs since the epoch) at boot. */
  readonly bootUsec: Usec
  readonly seed: number
  /** Code of executables, by the name in their content (`executableContent`). */
  readonly programs: ReadonlyMap<string, Main>
  readonly hostname: string
  readonly memoryBytes?: number
  readonly commandLine?: string
  /** Calls cost no time: the clock moves only when a program sleeps. */
  readonly clockStandsStill?: boolean
}

export type PowerState = 'on' | 'off' | 'restart'
export type StopReason = 'idle' | 'time' | 'steps' | 'off' | 'restart'
export type RunOptions = {
  /** Monotonic time to stop at. */
  readonly untilUsec?: Usec
  /** Slices to run at most. */
  readonly steps?: number
  /** False: stop (`idle`) when nobody is runnable, instead of moving the clock to the next alarm. */
  readonly jump?: boolean
}

const LAB_MEMORY = 991_168 * 1024
const LAB_COMMAND_LINE = 'root=/dev/vda rw quiet mitigations=off nokaslr console=tty0 console=ttyS0 init=/usr/lib/lab/init'

export class Kernel {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly events = new Emitter<KernelEvent>()
  readonly programs: ReadonlyMap<string, Main>
  readonly commandLine: string
  readonly bootId: string
  readonly scheduler: Scheduler
  readonly memory: Memory
  readonly kernelLog: KernelLog
  readonly tasks = new Map<number, Task>()
  readonly rootCgroup: Cgroup
  readonly namespaces: Namespaces
  readonly fileSystems: FileSystems
  readonly devices: DeviceTable
  readonly ptys: PtyTable
  readonly sysctl: Sysctl
  readonly load = new LoadAverage(this)
  readonly taskEnded = new Sleepers()
  /** Woken when the realtime clock is set. */
  readonly clockWasSet = new Sleepers()
  /** PID 1. */
  init: Task | undefined
  current: Task | undefined
  power: PowerState = 'on'
  traceSystemCalls = false
  startedTasks = 0
  contextSwitches = 0

  /** Processor time given so far; slices are measured by it, also when the clock stands still. */
  usedUsec = 0
  preemptAtUsec = 0
  private readonly clockStandsStill: boolean
  private lastPid = 0
  private files: HostFiles | undefined
  private lastCgroupInum = 0
  private auditSerial = 0
  private lastAnonymousInode = 1023
  private readonly logged = new Map<string, Usec>()
  private lastInum = 4_026_532_127

  constructor(options: KernelOptions) {
    this.clock = new VirtualClock(options.bootUsec)
    this.random = new SeededRandom(options.seed)
    this.programs = options.programs
    this.commandLine = options.commandLine ?? LAB_COMMAND_LINE
    this.clockStandsStill = options.clockStandsStill ?? false
    const id = this.random.id128()
    this.bootId = `${id.slice(0, 12)}4${id.slice(13, 16)}8${id.slice(17)}`
    this.scheduler = new Scheduler(this)
    this.memory = new Memory(this, options.memoryBytes ?? LAB_MEMORY)
    this.kernelLog = new KernelLog(this)
    this.rootCgroup = new Cgroup(this, '', undefined)
    this.namespaces = initialNamespaces(this.rootCgroup, options.hostname)
    this.sysctl = new Sysctl(this)
    this.ptys = new PtyTable(this)
    this.devices = new DeviceTable(this)
    this.fileSystems = new FileSystems(this, options.image)
  }

  // -------- numbers

  nextInum(): number {
    this.lastInum += 1
    return this.lastInum
  }

  nextCgroupInum(): number {
    this.lastCgroupInum += 1
    return this.lastCgroupInum
  }

  /** The next process id is the one after this. */
  skipPidsTo(pid: number): void {
    this.lastPid = Math.max(this.lastPid, pid)
  }

  get lastUsedPid(): number {
    return this.lastPid
  }

  newTask(): Task {
    do {
      this.lastPid += 1
      if (this.lastPid >= 4_194_304) this.lastPid = 300
    } while (this.tasks.has(this.lastPid))
    this.startedTasks += 1
    const task = new Task({ kernel: this, pid: this.lastPid, order: this.scheduler.order(), startUsec: this.clock.monotonicUsec })
    task.calls = new ProcessCalls(task)
    this.tasks.set(task.pid, task)
    return task
  }

  forgetPid(task: Task): void {
    task.namespaces.pid.leave(task)
  }

  /** The number of `task` in the pid namespace of `viewer`; 0: not visible there. */
  pidSeenBy(task: Task, viewer: Task): number {
    const { pid } = viewer.namespaces
    return pid.level === 0 ? task.pid : (pid.numbers.get(task) ?? 0)
  }

  taskByPid(viewer: Task, pid: number): Task | undefined {
    const { pid: namespace } = viewer.namespaces
    return namespace.level === 0 ? this.tasks.get(pid) : namespace.tasks.get(pid)
  }

  isOrphanedGroup(pgid: number): boolean {
    return isOrphanedGroup(this, pgid)
  }

  /** A group or session id as `viewer` sees it. */
  numberSeenBy(id: number, viewer: Task): number {
    if (viewer.namespaces.pid.level === 0) return id
    const leader = this.tasks.get(id)
    return leader === undefined ? 0 : this.pidSeenBy(leader, viewer)
  }

  /** A group id that `viewer` names, in numbers of the outermost namespace. */
  pgidFrom(viewer: Task, id: number): number {
    if (viewer.namespaces.pid.level === 0) return id
    return viewer.namespaces.pid.tasks.get(id)?.pid ?? 0
  }

  nextAnonymousInode(): number {
    this.lastAnonymousInode += 1
    return this.lastAnonymousInode
  }

  // -------- time

  setAlarm(deadlineUsec: Usec, fire: () => void, priority = 0): Alarm {
    const alarm = this.clock.setAlarm(deadlineUsec, fire, priority)
    if (this.current !== undefined && deadlineUsec !== USEC_INFINITY) {
      const at = this.usedUsec + Math.max(0, deadlineUsec - this.clock.monotonicUsec)
      if (at < this.preemptAtUsec) this.preemptAtUsec = at
    }
    return alarm
  }

  nextAlarmUsec(): Usec {
    return this.clock.nextDeadlineUsec()
  }

  /** A call used processor time. */
  spend(usec: Usec): void {
    this.usedUsec += usec
    if (!this.clockStandsStill) this.clock.advanceTo(this.clock.monotonicUsec + usec)
  }

  // -------- the loop

  run(options: RunOptions = {}): StopReason {
    const untilUsec = options.untilUsec ?? USEC_INFINITY
    let steps = options.steps ?? Number.POSITIVE_INFINITY
    const { clock, scheduler } = this
    for (;;) {
      if (this.power !== 'on') return this.power
      clock.fireDue()
      if (clock.monotonicUsec >= untilUsec) return 'time'
      const task = scheduler.pick()
      if (task === undefined) {
        const next = clock.nextDeadlineUsec()
        if (next === USEC_INFINITY && untilUsec === USEC_INFINITY) return 'idle'
        if (options.jump === false && next > clock.monotonicUsec) return 'idle'
        clock.advanceTo(Math.max(clock.monotonicUsec, Math.min(next, untilUsec)))
        continue
      }
      if (steps <= 0) return 'steps'
      steps -= 1
      scheduler.run(task, untilUsec)
    }
  }

  /** Lets the program of `task` go on to its next wait. */
  resume(task: Task): void {
    this.current = task
    try {
      if (!task.needsAttention || deliverSignals(task)) this.advance(task)
    } finally {
      this.current = undefined
    }
  }

  private advance(task: Task): void {
    const frame = task.stack.at(-1)!
    let wait: Wait
    try {
      const result = frame.generator.next()
      if (result.done === true) {
        this.frameEnded(task, result.value)
        return
      }
      wait = result.value
    } catch (error) {
      this.fault(task, error)
      forceSignal(task, signals.SIGSEGV.number)
      task.stack.at(-1)!.generator.return(undefined as never)
      return
    }
    this.obey(task, wait)
  }

  private frameEnded(task: Task, value: unknown): void {
    const frame = task.stack.at(-1)!
    if (frame.resume === undefined) {
      endTask(task, { pid: task.pid, uid: task.credentials.uid, how: 'exited', status: (typeof value === 'number' ? value : 0) & 0xff })
      return
    }
    task.stack.pop()
    task.blocked = frame.resume.blocked
    task.wakeReason = frame.resume.wakeReason
    task.computeLeftUsec = frame.resume.computeLeftUsec
    task.calls.reviewSignals()
  }

  private obey(task: Task, wait: Wait): void {
    switch (wait.kind) {
      case 'preempt':
        this.contextSwitches += 1
        return
      case 'compute':
        task.computeLeftUsec = wait.usec
        return
      case 'block':
        this.contextSwitches += 1
        task.voluntarySwitches += 1
        if (task.needsAttention) {
          task.wakeReason = 'woken'
          return
        }
        task.sleeping = true
        for (const queue of wait.queues) {
          if (!(queue instanceof Sleepers)) continue
          queue.add(task)
          task.sleepsOn.push(queue)
        }
        if (wait.deadlineUsec !== USEC_INFINITY) {
          task.sleepAlarm = this.setAlarm(wait.deadlineUsec, () => this.scheduler.wake(task, 'timeout'))
        }
        this.scheduler.update(task)
        return
      case 'replace': {
        for (let index = task.stack.length - 1; index >= 0; index--) task.stack[index]!.generator.return(undefined as never)
        task.calls = new ProcessCalls(task)
        task.stack = [{ generator: wait.main(task.calls) }]
        return
      }
      case 'exit':
        endTask(task, { pid: task.pid, uid: task.credentials.uid, how: 'exited', status: wait.status & 0xff })
        return
    }
  }

  // -------- doors for the host

  /** Boots: kernel threads, early mounts, PID 1 from this executable. */
  boot(path: string, argv?: readonly string[]): Fallible<Task> {
    return boot(this, path, argv)
  }

  /** A process without a boot, or beside one. Without `files` its standard streams are /dev/null. */
  start(options: StartOptions): Fallible<Task> {
    return startTask(this, options)
  }

  openTerminal(size: WindowSize): HostTerminal {
    return openTerminal(this, size)
  }

  /** The machine's own `tty1` or `ttyS0`. */
  attachConsole(name: string): HostTerminal {
    return attachConsole(this, name)
  }

  processes(): readonly ProcessStatus[] {
    return listProcesses(this)
  }

  /** The disk with root's eyes. */
  get hostFiles(): HostFiles {
    this.files ??= new HostFiles(this)
    return this.files
  }

  // -------- what goes wrong

  /** A fault of ours, told to the host. */
  fault(task: Task, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    this.events.emit({ type: 'fault', pid: task.pid, comm: task.comm, message, stack })
  }

  panic(reason: string): void {
    this.log(0, `Kernel panic - not syncing: ${reason}`)
    this.powerOff('panic')
  }

  powerOff(how: 'restart' | 'power-off' | 'halt' | 'kexec' | 'panic'): void {
    if (this.power !== 'on') return
    this.power = how === 'restart' || how === 'kexec' ? 'restart' : 'off'
    this.events.emit({ type: 'power', how })
  }

  log(priority: number, text: string): void {
    this.kernelLog.write(priority, text)
  }

  /** As the kernel's rate limit: the same subject at most every five seconds. */
  logOnce(subject: string, priority: number, text: string): void {
    const now = this.clock.monotonicUsec
    const last = this.logged.get(subject)
    if (last !== undefined && now - last < 5_000_000) return
    this.logged.set(subject, now)
    this.log(priority, text)
  }

  /** SECCOMP_RET_KILL and SECCOMP_RET_LOG leave an audit record in the kernel log. */
  audit(task: Task, call: string, how: 'kill' | 'log'): void {
    const { uid, gid } = task.credentials
    const id = `${(this.clock.realtimeUsec / 1_000_000).toFixed(3)}:${(this.auditSerial += 1)}`
    this.log(
      5,
      `audit: type=1326 audit(${id}): auid=${task.loginUid} uid=${uid} gid=${gid} ses=${task.sessionId} subj=unconfined pid=${task.pid} ` +
        `comm="${task.comm}" exe="${task.exe}" sig=${how === 'kill' ? 31 : 0} arch=c000003e syscall=${syscallNumber(call)} compat=0 ` +
        `ip=0x7f0000000000 code=0x${how === 'kill' ? '80000000' : '7ffc0000'}`,
    )
  }

  /** RLIMIT_CPU: SIGXCPU each second over the soft limit, SIGKILL at the hard one. */
  checkCpuLimit(task: Task): void {
    const seconds = (task.userUsec + task.systemUsec) / 1_000_000
    const { soft, hard } = task.limits.CPU
    if (seconds >= hard) sendSignal(task, signals.SIGKILL.number)
    else if (seconds >= soft) {
      task.limits = { ...task.limits, CPU: { soft: soft + 1, hard } }
      sendSignal(task, signals.SIGXCPU.number)
    }
  }
}
