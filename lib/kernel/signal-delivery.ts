// After signal(7): sending, pending, and what happens to a process when it is delivered one.
import { endTask } from './exit'
import { signals, SIGRTMIN, type SignalRow } from './signal'
import { ATTENTION_SIGNAL, type PendingSignal, type SignalAction, type Task } from './task'

const SIGKILL = signals.SIGKILL.number
const SIGSTOP = signals.SIGSTOP.number
const SIGCONT = signals.SIGCONT.number

const rows: (SignalRow | undefined)[] = []
for (const row of Object.values(signals)) rows[row.number] = row

export function defaultAction(signal: number): SignalRow['action'] {
  return rows[signal]?.action ?? 'terminate'
}

const isStopSignal = (signal: number): boolean => defaultAction(signal) === 'stop'
const defaultSignalAction: SignalAction = { disposition: 'default', restart: false }

export function actionOf(task: Task, signal: number): SignalAction {
  return task.actions.get(signal) ?? defaultSignalAction
}

/** Delivered or not, it would change nothing. */
function isIgnored(task: Task, signal: number): boolean {
  const { disposition } = actionOf(task, signal)
  if (disposition === 'ignore') return signal !== SIGKILL && signal !== SIGSTOP
  if (disposition !== 'default') return false
  if (defaultAction(signal) === 'ignore' || (defaultAction(signal) === 'continue' && !task.stopped)) return true
  // The init process of a pid namespace gets only what it handles.
  return isInit(task)
}

export function isInit(task: Task): boolean {
  return task.namespaces.pid.init === task
}

export type Sender = { readonly pid: number; readonly uid: number; readonly fromAncestorNamespace?: boolean }
const kernelSender: Sender = { pid: 0, uid: 0 }

export function sendSignal(task: Task, signal: number, sender: Sender = kernelSender): void {
  if (!task.alive || signal === 0 || task.isKernelThread) return
  const { events } = task.kernel
  if (events.hasListeners) events.emit({ type: 'signal', pid: task.pid, signal, fromPid: sender.pid })
  if (signal === SIGCONT) task.pending = task.pending.filter((one) => !isStopSignal(one.signal))
  else if (isStopSignal(signal)) task.pending = task.pending.filter((one) => one.signal !== SIGCONT)

  const forced = sender.fromAncestorNamespace === true && (signal === SIGKILL || signal === SIGSTOP)
  const blocked = task.blocked.has(signal) && signal !== SIGKILL && signal !== SIGSTOP
  const continues = signal === SIGCONT && task.stopped
  if (!blocked && !forced && isIgnored(task, signal)) return
  if (signal >= SIGRTMIN || !task.pending.some((one) => one.signal === signal)) {
    const entry: PendingSignal = { signal, pid: sender.pid, uid: sender.uid }
    task.pending.push(forced ? { ...entry, forced: true } : entry)
  }
  task.signalArrived.wake()
  if (continues || signal === SIGKILL) continueTask(task, signal === SIGCONT)
  if (!blocked) interrupt(task)
}

/** A fault of the program itself (SIGSEGV, SIGSYS): neither blocked nor ignored. */
export function forceSignal(task: Task, signal: number): void {
  const { disposition } = actionOf(task, signal)
  if (disposition === 'ignore' || task.blocked.has(signal)) task.actions.set(signal, defaultSignalAction)
  task.blocked.delete(signal)
  task.pending.push({ signal, pid: 0, uid: 0, forced: true })
  interrupt(task)
}

/** Makes a process look at its signals: it wakes, whatever it does. */
function interrupt(task: Task): void {
  task.attention |= ATTENTION_SIGNAL
  const { scheduler } = task.kernel
  // Not even a frozen process outlives SIGKILL.
  if (task.frozen && task.pending.some((one) => one.signal === SIGKILL)) {
    task.frozen = false
    scheduler.update(task)
  }
  if (task.sleeping) scheduler.wake(task, 'woken')
  if (task.kernel.current === task) scheduler.preemptSoon()
}

function continueTask(task: Task, tell: boolean): void {
  if (!task.stopped) return
  task.stopped = false
  if (tell) tellParent(task, 'continued', SIGCONT)
  task.kernel.scheduler.update(task)
}

export function stopTask(task: Task, signal: number): void {
  task.stopped = true
  tellParent(task, 'stopped', signal)
  task.kernel.scheduler.update(task)
}

function tellParent(task: Task, how: 'stopped' | 'continued', signal: number): void {
  task.report = { pid: task.pid, uid: task.credentials.uid, how, signal }
  const parent = task.parentTask
  if (parent === undefined) return
  sendSignal(parent, signals.SIGCHLD.number, { pid: task.pid, uid: task.credentials.uid })
  parent.childChanged.wake()
}

/** Unblocked signals are waiting. Call after the mask or dispositions changed. */
export function reviewPending(task: Task): void {
  if (task.pending.some((one) => one.forced || !task.blocked.has(one.signal) || one.signal === SIGKILL || one.signal === SIGSTOP))
    interrupt(task)
  else task.attention &= ~ATTENTION_SIGNAL
}

/** Takes the next signal that may be delivered: SIGKILL first, then by number, as Linux does. */
function nextDeliverable(task: Task): PendingSignal | undefined {
  let best = -1
  for (let index = 0; index < task.pending.length; index++) {
    const { signal, forced } = task.pending[index]!
    if (task.blocked.has(signal) && forced !== true && signal !== SIGKILL && signal !== SIGSTOP) continue
    if (signal === SIGKILL) {
      best = index
      break
    }
    const leader = task.pending[best]
    if (leader === undefined || (forced === true && leader.forced !== true) || (leader.forced !== true && signal < leader.signal))
      best = index
  }
  return best < 0 ? undefined : task.pending.splice(best, 1)[0]
}

/** Delivers what is pending. False: the process may not go on now (it ended or stopped). */
export function deliverSignals(task: Task): boolean {
  for (;;) {
    const next = nextDeliverable(task)
    if (next === undefined) {
      task.attention &= ~ATTENTION_SIGNAL
      return true
    }
    const { signal } = next
    const { disposition, restart } = actionOf(task, signal)
    if (signal === SIGKILL) {
      endTask(task, { pid: task.pid, uid: task.credentials.uid, how: 'killed', signal })
      return false
    }
    if (typeof disposition === 'function') {
      const interrupted = task.wakeReason === 'interrupted'
      task.stack.push({
        generator: disposition(task.calls, signal),
        resume: {
          blocked: new Set(task.blocked),
          wakeReason: restart && !interrupted ? 'restart' : 'interrupted',
          computeLeftUsec: task.computeLeftUsec,
        },
      })
      task.blocked.add(signal)
      task.computeLeftUsec = 0
      continue
    }
    if (disposition === 'ignore' && signal !== SIGSTOP) continue
    if (isInit(task) && next.forced !== true) continue
    switch (defaultAction(signal)) {
      case 'ignore':
      case 'continue':
        continue
      case 'stop':
        if (signal !== SIGSTOP && task.kernel.isOrphanedGroup(task.pgid)) continue
        stopTask(task, signal)
        return false
      case 'core': {
        const dumps = task.limits.CORE.soft > 0 && task.dumpable
        endTask(task, { pid: task.pid, uid: task.credentials.uid, how: dumps ? 'dumped' : 'killed', signal })
        return false
      }
      case 'terminate':
        endTask(task, { pid: task.pid, uid: task.credentials.uid, how: 'killed', signal })
        return false
    }
  }
}
