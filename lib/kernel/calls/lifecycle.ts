// fork(2), execve(2), _exit(2), wait(2).
import { errno, isErrno } from '../errno'
import { reap } from '../exit'
import { EXEC_BYTES, FORK_BYTES } from '../memory'
import { block, type WakeReason } from '../sleepers'
import { type Fallible, type Main, type Syscall, type WaitResult, WCONTINUED, WNOHANG, WNOWAIT, WUNTRACED } from '../system-calls'
import { resetActions, type Task } from '../task'
import type { Errno } from '../errno'
import { withLoader } from './dynamic-loader'
import { attend, refuse } from './entry'
import { loadExecutable } from './executable'
import { enterNamespaces, newNamespaces } from './namespaces'

/** How far a child is set back behind its parent. */
const CHILD_DEBIT_USEC = 1000
const SIGCHLD = 17

export type ForkOptions = {
  readonly namespaces?: number
  readonly cgroup?: string
  readonly comm?: string
  readonly call?: 'clone' | 'clone3'
}

export function* fork(task: Task, child: Main, options: ForkOptions = {}): Syscall<Fallible<number>> {
  const flags = options.namespaces ?? 0
  const call = options.call ?? (options.cgroup !== undefined ? 'clone3' : 'clone')
  if (task.enter(150)) {
    const stop = yield* attend(task, call, call === 'clone3' ? [] : [flags | SIGCHLD])
    if (stop !== undefined) return stop
  }
  const { kernel } = task
  const group = options.cgroup === undefined ? task.cgroup : kernel.rootCgroup.find(options.cgroup)
  if (group === undefined) return errno.ENOENT
  if (group !== task.cgroup && group.subtreeControl.size > 0 && !group.isRoot) return errno.EBUSY
  const full = group.pidsRefusal()
  if (full !== undefined) {
    full.pidsEventsMax += 1
    full.eventsChanged.wake()
    kernel.logOnce(`pids:${full.path}`, 6, `cgroup: fork rejected by pids controller in ${full.path}`)
    return refuse(task, call, full.path, errno.EAGAIN, 'kernel default')
  }
  if (!mayHaveMoreProcesses(task)) return refuse(task, call, '', errno.EAGAIN, 'kernel default')
  const made = flags === 0 ? undefined : newNamespaces(task, flags, call, undefined)
  if (isErrno(made)) return made
  const twin = kernel.newTask()
  inherit(task, twin)
  if (made !== undefined) enterNamespaces(twin, flags, made)
  const { pidForChildren } = twin.namespaces
  if (pidForChildren !== task.namespaces.pid) twin.namespaces = { ...twin.namespaces, pid: pidForChildren }
  if (options.comm !== undefined) twin.comm = options.comm.slice(0, 15)
  twin.namespaces.pid.enter(twin)
  group.addTask(twin)
  kernel.memory.assign(twin, Math.min(task.memoryBytes, FORK_BYTES))
  twin.stack = [{ generator: child(twin.calls) }]
  // The parent goes on first, as on Linux; a child in a group of its own runs at once.
  if (twin.parent === task.parent) twin.vruntime = task.vruntime + CHILD_DEBIT_USEC
  kernel.scheduler.update(twin)
  if (kernel.events.hasListeners) kernel.events.emit({ type: 'fork', pid: twin.pid, ppid: task.pid, comm: twin.comm })
  return kernel.pidSeenBy(twin, task)
}

/** RLIMIT_NPROC counts the processes of the user; root and two capabilities are exempt. */
function mayHaveMoreProcesses(task: Task): boolean {
  const limit = task.limits.NPROC.soft
  const { credentials, kernel } = task
  if (credentials.uid === 0 || task.isCapable('CAP_SYS_RESOURCE') || task.isCapable('CAP_SYS_ADMIN')) return true
  if (limit >= kernel.tasks.size) return true
  let count = 0
  for (const one of kernel.tasks.values()) if (one.credentials.uid === credentials.uid) count += 1
  return count < limit
}

/** What a child gets of its parent. */
export function inherit(task: Task, twin: Task): void {
  twin.parentTask = task
  task.children.add(twin)
  twin.pgid = task.pgid
  twin.session = task.session
  twin.argv = task.argv
  twin.env = task.env
  twin.comm = task.comm
  twin.exe = task.exe
  twin.exePlace = task.exePlace
  twin.dumpable = task.dumpable
  twin.capabilityCause = task.capabilityCause
  twin.fs = task.fs.forkFor(twin)
  twin.namespaces = task.namespaces
  twin.files = task.files.copy()
  twin.limits = task.limits
  twin.seccompFilters = task.seccompFilters
  twin.writeExecuteDenied = task.writeExecuteDenied
  twin.attention = task.attention & ~1
  twin.personality = task.personality
  twin.loginUid = task.loginUid
  twin.sessionId = task.sessionId
  twin.oomScoreAdj = task.oomScoreAdj
  twin.oomScoreAdjMin = task.oomScoreAdjMin
  twin.sessionKeyring = task.sessionKeyring
  twin.timerSlackNsec = task.timerSlackNsec
  twin.ioPriority = task.ioPriority
  twin.blocked = new Set(task.blocked)
  twin.actions = new Map(task.actions)
  twin.affinity = task.affinity
  if (task.resetOnFork) {
    twin.nice = Math.max(0, task.nice)
    twin.policy = task.policy === 'fifo' || task.policy === 'rr' ? 'other' : task.policy
  } else {
    twin.nice = task.nice
    twin.policy = task.policy
    twin.realtimePriority = task.realtimePriority
  }
  twin.weight = task.resetOnFork ? twin.weight : task.weight
}

export function* exec(task: Task, path: string, argv: readonly string[], env: Readonly<Record<string, string>>): Syscall<Errno> {
  if (task.enter(400)) {
    const stop = yield* attend(task, 'execve', [path])
    if (stop !== undefined) return stop
  }
  const loaded = loadExecutable(task, path, argv)
  if (isErrno(loaded)) return loaded
  const { kernel } = task
  task.argv = loaded.argv
  task.env = env
  task.exe = loaded.exe
  task.exePlace = loaded.place
  task.comm = (path.split('/').at(-1) ?? '').slice(0, 15)
  task.credentials = loaded.credentials
  task.dumpable = !loaded.secure
  if (loaded.secure) task.parentDeathSignal = 0
  task.hasExeced = true
  task.files.closeOnExec(task)
  resetActions(task)
  kernel.memory.assign(task, EXEC_BYTES)
  if (kernel.events.hasListeners) kernel.events.emit({ type: 'exec', pid: task.pid, path: loaded.exe, argv: loaded.argv })
  task.isForeign = loaded.kind === 'x86'
  yield { kind: 'replace', main: loaded.kind === 'dynamic' ? withLoader(task, loaded.main, argv[0] ?? path) : loaded.main }
  return errno.ENOEXEC
}

export function* exit(_task: Task, status: number): Syscall<never> {
  for (;;) yield { kind: 'exit', status }
}

export function* waitpid(task: Task, pid: number, options = 0): Syscall<Fallible<WaitResult | undefined>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'wait4', [pid, options])
    if (stop !== undefined) return stop
  }
  const { kernel } = task
  let reason: WakeReason = 'woken'
  for (;;) {
    let any = false
    for (const child of task.children) {
      if (!isMeant(task, child, pid)) continue
      any = true
      const result = child.exitResult
      if (result !== undefined) {
        const seen = { ...result, pid: kernel.pidSeenBy(child, task) }
        if ((options & WNOWAIT) === 0) reap(child)
        return seen
      }
      const { report } = child
      if (report === undefined) continue
      if ((report.how === 'stopped' && (options & WUNTRACED) !== 0) || (report.how === 'continued' && (options & WCONTINUED) !== 0)) {
        if ((options & WNOWAIT) === 0) child.report = undefined
        return { ...report, pid: kernel.pidSeenBy(child, task) }
      }
    }
    if (!any) return errno.ECHILD
    if ((options & WNOHANG) !== 0) return undefined
    if (reason === 'interrupted') return errno.EINTR
    reason = yield* block(task, [task.childChanged])
  }
}

function isMeant(task: Task, child: Task, pid: number): boolean {
  if (pid > 0) return task.kernel.pidSeenBy(child, task) === pid
  if (pid === -1) return true
  return child.pgid === (pid === 0 ? task.pgid : -pid)
}
