// After _exit(2), wait(2) and credentials(7): the end of a process, what its family is told, and reaping.
import { signals } from './signal'
import { actionOf, reviewPending, sendSignal } from './signal-delivery'
import { hangUpOrphans } from './session'
import type { WaitResult } from './system-calls'
import type { Task } from './task'

const SIGCHLD = signals.SIGCHLD.number
const SIGKILL = signals.SIGKILL.number

/** Ends a process that is not running at this moment (it is suspended in a yield). */
export function endTask(task: Task, result: WaitResult): void {
  if (!task.alive) return
  const { kernel } = task
  const { scheduler } = kernel
  scheduler.wake(task, 'woken')
  task.stopped = false
  closeGenerators(task)
  task.exitResult = result
  task.stack = []
  task.computeLeftUsec = 0
  task.pending = []
  scheduler.update(task)
  if (task.alarm !== undefined) kernel.clock.cancel(task.alarm)

  task.files.closeAll(task)
  if (task.session.sid === task.pid) task.session.tty?.disassociate(task.session)
  task.exePlace = undefined
  task.fs.release()
  kernel.memory.release(task)

  const { parentTask } = task
  const pgid = task.pgid
  // Its death may orphan its own group, if it tied that to its parent's, and the groups of its children.
  if (parentTask !== undefined && parentTask.pgid !== pgid && parentTask.session === task.session) hangUpOrphans(kernel, pgid, task)
  const adopter = findAdopter(task)
  for (const child of [...task.children]) {
    if (child.alive && child.parentDeathSignal !== 0)
      sendSignal(child, child.parentDeathSignal, { pid: task.pid, uid: task.credentials.uid })
    reparent(child, adopter)
    if (child.alive && child.pgid !== pgid && child.session === task.session) hangUpOrphans(kernel, child.pgid, task)
  }
  task.cgroup.removeTask(task)
  const { pid: pidNamespace } = task.namespaces
  if (pidNamespace.init === task) endNamespace(task)
  if (kernel.events.hasListeners) kernel.events.emit({ type: 'exit', pid: task.pid, comm: task.comm, result })
  kernel.taskEnded.wake()
  if (task === kernel.init) {
    kernel.panic(`Attempted to kill init! exitcode=0x${exitCode(result).toString(16).padStart(8, '0')}`)
    return
  }
  if (parentTask === undefined) reap(task)
  else tellParent(task, parentTask)
}

function exitCode(result: WaitResult): number {
  return result.how === 'exited' ? result.status << 8 : result.signal
}

function closeGenerators(task: Task): void {
  for (let index = task.stack.length - 1; index >= 0; index--) {
    const { generator } = task.stack[index]!
    try {
      const { done } = generator.return(undefined as never)
      if (done !== true) task.kernel.fault(task, new Error('a finally block of a program made a system call'))
    } catch (error) {
      task.kernel.fault(task, error)
    }
  }
}

function tellParent(task: Task, parent: Task): void {
  const { disposition } = actionOf(parent, SIGCHLD)
  if (disposition === 'ignore') {
    reap(task)
    parent.childChanged.wake()
    return
  }
  sendSignal(parent, SIGCHLD, { pid: task.kernel.pidSeenBy(task, parent), uid: task.credentials.uid })
  parent.childChanged.wake()
}

/** The nearest subreaper above, or the init of the pid namespace. */
function findAdopter(task: Task): Task | undefined {
  const { init } = task.namespaces.pid
  for (let one = task.parentTask; one?.alive; one = one.parentTask) {
    if (one.namespaces.pid !== task.namespaces.pid) break
    if (one.childSubreaper) return one
    if (one === init) break
  }
  return init === task ? undefined : init
}

function reparent(child: Task, adopter: Task | undefined): void {
  child.parentTask?.children.delete(child)
  child.parentTask = adopter
  if (adopter === undefined) {
    if (!child.alive) reap(child)
    return
  }
  adopter.children.add(child)
  if (!child.alive) tellParent(child, adopter)
}

/** The init of a pid namespace takes everyone in it along. */
function endNamespace(init: Task): void {
  for (const task of [...init.kernel.tasks.values()]) {
    if (task === init || !task.alive || task.isKernelThread) continue
    if (!task.namespaces.pid.isWithin(init.namespaces.pid)) continue
    task.pending.push({ signal: SIGKILL, pid: 0, uid: 0, forced: true })
    task.stopped = false
    task.kernel.scheduler.update(task)
    reviewPending(task)
  }
}

/** Takes a zombie out of the table. */
export function reap(task: Task): void {
  const { parentTask, kernel } = task
  if (parentTask !== undefined) {
    parentTask.children.delete(task)
    parentTask.childrenUserUsec += task.userUsec + task.childrenUserUsec
    parentTask.childrenSystemUsec += task.systemUsec + task.childrenSystemUsec
  }
  kernel.tasks.delete(task.pid)
  kernel.forgetPid(task)
}
