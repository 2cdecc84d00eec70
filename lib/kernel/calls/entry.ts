// What every system call passes: seccomp filters, the trace, signals that wait, the end of a slice; and denial records.
import type { Errno } from '../errno'
import { errno } from '../errno'
import type { DenialCause } from '../kernel-event'
import { judge } from '../seccomp'
import { forceSignal } from '../signal-delivery'
import { signals } from '../signal'
import type { OpenFile } from '../open-file'
import { ATTENTION_SECCOMP, ATTENTION_SIGNAL, ATTENTION_TRACE, type Task } from '../task'
import { PREEMPT, type Wait } from '../wait'

/** The slow way into a call. An errno: the call is over. */
export function* attend(task: Task, call: string, args: readonly unknown[]): Generator<Wait, Errno | undefined, void> {
  const { kernel } = task
  if ((task.attention & ATTENTION_SIGNAL) !== 0 || kernel.usedUsec >= kernel.preemptAtUsec) {
    task.involuntarySwitches += 1
    yield PREEMPT
  }
  if ((task.attention & ATTENTION_TRACE) !== 0) kernel.events.emit({ type: 'syscall', pid: task.pid, name: call, arguments: args })
  if ((task.attention & ATTENTION_SECCOMP) === 0) return undefined
  const { action, cause } = judge(task.seccompFilters, call, args, task.isForeign)
  switch (action.kind) {
    case 'allow':
      return undefined
    case 'log':
      kernel.audit(task, call, 'log')
      return undefined
    case 'errno':
      return refuse(task, call, args.length === 0 ? '' : String(args[0]), action.errno, cause ?? 'kernel default')
    case 'trap':
    case 'kill-thread':
    case 'kill-process':
      refuse(task, call, args.length === 0 ? '' : String(args[0]), errno.ENOSYS, cause ?? 'kernel default', 'SIGSYS')
      if (action.kind === 'kill-process' || action.kind === 'kill-thread') kernel.audit(task, call, 'kill')
      if (action.kind !== 'trap') task.actions.delete(signals.SIGSYS.number)
      forceSignal(task, signals.SIGSYS.number)
      yield PREEMPT
      return errno.ENOSYS
  }
}

/** Gives signals a chance right after a call (kill of oneself, an unblocked signal). */
export function* settle(task: Task): Generator<Wait, void, void> {
  if (task.needsAttention) yield PREEMPT
}

/** Records a refusal and hands the errno back. */
export function refuse(task: Task, call: string, argument: string, why: Errno, cause: DenialCause, shown: string = why.name): Errno {
  const { events } = task.kernel
  if (events.hasListeners) {
    events.emit({
      type: 'denial',
      atUsec: task.kernel.clock.monotonicUsec,
      process: { pid: task.pid, comm: task.comm, uid: task.credentials.euid, cgroup: task.cgroup.path },
      syscall: call,
      argument,
      errno: shown,
      cause,
    })
  }
  return why
}

/** EPERM for want of a capability. */
export function notCapable(task: Task, call: string, argument = '', why: Errno = errno.EPERM): Errno {
  return refuse(task, call, argument, why, task.capabilityCause ?? (task.credentials.euid === 0 ? 'kernel default' : 'not root'))
}

export function fileOf(task: Task, fd: number): OpenFile | Errno {
  return task.files.get(fd) ?? errno.EBADF
}
