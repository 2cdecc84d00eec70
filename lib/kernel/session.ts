// Sessions and process groups. After credentials(7), setsid(2), setpgid(2).
import type { Kernel } from './kernel'
import { signals } from './signal'
import { sendSignal } from './signal-delivery'
import type { Task } from './task'
import type { Tty } from './tty'

export type Session = {
  readonly sid: number
  /** The controlling terminal. */
  tty: Tty | undefined
}

export function* groupMembers(kernel: Kernel, pgid: number): Generator<Task> {
  for (const task of kernel.tasks.values()) if (task.pgid === pgid && task.alive) yield task
}

export function groupExists(kernel: Kernel, pgid: number): boolean {
  for (const _ of groupMembers(kernel, pgid)) return true
  return false
}

export function signalGroup(kernel: Kernel, pgid: number, signal: number): void {
  for (const task of [...groupMembers(kernel, pgid)]) sendSignal(task, signal)
}

/** No member has a parent in another group of the same session (POSIX: orphaned process group). */
export function isOrphanedGroup(kernel: Kernel, pgid: number, except?: Task): boolean {
  for (const task of groupMembers(kernel, pgid)) {
    if (task === except) continue
    const parent = task.parentTask
    if (parent?.alive && parent.pgid !== pgid && parent.session === task.session) return false
  }
  return true
}

/** When the death of `gone` (or a change of its group) orphans a group with stopped members, they get SIGHUP and SIGCONT. */
export function hangUpOrphans(kernel: Kernel, pgid: number, gone: Task): void {
  let stopped = false
  let any = false
  for (const task of groupMembers(kernel, pgid)) {
    if (task === gone) continue
    any = true
    if (task.stopped) stopped = true
  }
  if (!any || !stopped || !isOrphanedGroup(kernel, pgid, gone)) return
  signalGroup(kernel, pgid, signals.SIGHUP.number)
  signalGroup(kernel, pgid, signals.SIGCONT.number)
}
