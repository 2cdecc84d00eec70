// One process as the kernel sees it (Linux says task). Programs see `Process`, whose calls work on this record.
import type { Alarm, Usec } from '@/lib/base'
import type { Cgroup } from './cgroup'
import type { CapabilityName } from './capability'
import { capable, type Credentials, type UserNamespace } from './credentials'
import type { FileTable } from './file-table'
import type { Kernel } from './kernel'
import type { Namespaces } from './namespace'
import type { ProcessCalls } from './process'
import type { Limits } from './rlimit'
import type { SchedEntity, SchedGroup } from './sched-group'
import { NICE_0_WEIGHT } from './sched-group'
import type { SeccompFilter } from './seccomp'
import type { Session } from './session'
import { Sleepers, type WakeReason } from './sleepers'
import type { Cause, Disposition, SchedulingPolicy, Syscall, WaitResult } from './system-calls'
import type { Location } from './vfs'
import type { TaskContext } from './task-context'

/** A signal on its way, with what siginfo tells. */
export type PendingSignal = {
  readonly signal: number
  readonly pid: number
  readonly uid: number
  /** SI_KERNEL, SEGV of a fault: cannot be blocked or ignored. */
  readonly forced?: true
}
export type SignalAction = { readonly disposition: Disposition; readonly restart: boolean }

/** A program, or a signal handler on top of it. */
export type Frame = {
  readonly generator: Syscall<number> | Syscall<void>
  /** What the frame below goes back to when a handler returns. */
  readonly resume?: { readonly blocked: Set<number>; readonly wakeReason: WakeReason; readonly computeLeftUsec: Usec }
}

/** What a system call must look at before it does its work. */
export const ATTENTION_SIGNAL = 1
export const ATTENTION_SECCOMP = 2
export const ATTENTION_TRACE = 4

export type TaskIdentity = {
  readonly kernel: Kernel
  readonly pid: number
  readonly order: number
  readonly startUsec: Usec
}

export class Task implements SchedEntity {
  readonly kernel: Kernel
  readonly pid: number
  readonly order: number
  readonly startUsec: Usec
  calls!: ProcessCalls

  // program
  stack: Frame[] = []
  argv: readonly string[] = []
  env: Readonly<Record<string, string>> = {}
  comm = ''
  /** Path of the executable, as /proc/PID/exe; empty for a kernel thread. */
  exe = ''
  private program: Location | undefined
  isKernelThread = false
  isIdleThread = false
  dumpable = true
  /** Its calls are those of i386. */
  isForeign = false

  // family
  parentTask: Task | undefined
  readonly children = new Set<Task>()
  pgid: number
  session!: Session
  exitResult: WaitResult | undefined
  readonly childChanged = new Sleepers()
  /** Stopped or continued, not yet told to waitpid(). */
  report: WaitResult | undefined
  childSubreaper = false
  parentDeathSignal = 0
  hasExeced = false

  // identity
  fs!: TaskContext
  files!: FileTable
  namespaces!: Namespaces
  cgroup!: Cgroup
  limits!: Limits
  /** Why the bounding set was made smaller, for denial records. */
  capabilityCause: Cause | undefined
  /** PR_SET_MDWE. */
  writeExecuteDenied: { readonly cause: Cause | undefined } | undefined
  seccompFilters: readonly SeccompFilter[] = []
  personality = 0
  loginUid = 4_294_967_295
  sessionId = 4_294_967_295
  oomScoreAdj = 0
  /** The lowest that CAP_SYS_RESOURCE ever set; without it nobody goes below. */
  oomScoreAdjMin = 0
  timerSlackNsec = 50_000
  /** Name of the session keyring (keyrings(7)). */
  sessionKeyring = '_ses'
  ioPriority: { class: number; level: number } = { class: 0, level: 0 }

  // signals
  blocked = new Set<number>()
  actions = new Map<number, SignalAction>()
  pending: PendingSignal[] = []
  readonly signalArrived = new Sleepers()
  alarm: Alarm | undefined

  // scheduling
  sleeping = false
  stopped = false
  frozen = false
  queued = false
  vruntime = 0
  weight = NICE_0_WEIGHT
  parent: SchedGroup | undefined
  nice = 0
  policy: SchedulingPolicy = 'other'
  realtimePriority = 0
  resetOnFork = false
  affinity: readonly number[] = [0]
  attention = 0
  wakeReason: WakeReason = 'woken'
  readonly sleepsOn: Sleepers[] = []
  sleepAlarm: Alarm | undefined
  computeLeftUsec: Usec = 0
  userUsec: Usec = 0
  systemUsec: Usec = 0
  childrenUserUsec: Usec = 0
  childrenSystemUsec: Usec = 0
  voluntarySwitches = 0
  involuntarySwitches = 0

  // memory
  /** Charged to the cgroup. */
  memoryBytes = 0
  peakBytes = 0
  lockedBytes = 0
  // input and output, as /proc/PID/io
  readBytes = 0
  writtenBytes = 0
  readCalls = 0
  writeCalls = 0

  constructor({ kernel, pid, order, startUsec }: TaskIdentity) {
    this.kernel = kernel
    this.pid = pid
    this.pgid = pid
    this.order = order
    this.startUsec = startUsec
  }

  /** Entry of a system call that takes `usec`; true: `attend` must look before the call goes on. */
  enter(usec: Usec): boolean {
    const { kernel } = this
    kernel.spend(usec)
    return this.attention !== 0 || kernel.usedUsec >= kernel.preemptAtUsec
  }

  get credentials(): Credentials {
    return this.fs.credentials
  }

  set credentials(credentials: Credentials) {
    this.fs.credentials = credentials
  }

  get exePlace(): Location | undefined {
    return this.program
  }

  /** The file that runs cannot be opened for writing meanwhile (ETXTBSY). */
  set exePlace(place: Location | undefined) {
    if (this.program !== undefined) this.program.dentry.inode.executors -= 1
    this.program = place
    if (place !== undefined) place.dentry.inode.executors += 1
  }

  get needsAttention(): boolean {
    return (this.attention & ATTENTION_SIGNAL) !== 0
  }

  isCapable(name: CapabilityName): boolean {
    return capable(this.credentials, name)
  }

  isCapableIn(name: CapabilityName, namespace: UserNamespace): boolean {
    return capable(this.credentials, name, namespace)
  }

  get alive(): boolean {
    return this.exitResult === undefined
  }
}

/** execve(): handlers are gone, what was ignored stays ignored. */
export function resetActions(task: Task): void {
  for (const [signal, { disposition }] of task.actions) if (disposition !== 'ignore') task.actions.delete(signal)
}
