// The process table for people: ps, top, and the host's live picture read the same facts.
import type { Usec } from '@/lib/base'
import type { Kernel } from './kernel'
import type { Task } from './task'

export type ProcessStatus = {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  readonly uid: number
  readonly argv: readonly string[]
  readonly comm: string
  /** `/system.slice/x.service` */
  readonly cgroup: string
  readonly state: string
  /** `pts/0`; empty without terminal. */
  readonly tty: string
  readonly memoryBytes: number
  readonly cpuUsec: Usec
  readonly startUsec: Usec
  readonly isKernelThread: boolean
}

/** The letter of /proc/PID/stat. */
export function stateLetter(task: Task): string {
  if (!task.alive) return 'Z'
  if (task.stopped) return 'T'
  if (task.isIdleThread) return 'I'
  if (task.frozen) return 'D'
  return task.sleeping ? 'S' : 'R'
}

export function listProcesses(kernel: Kernel): readonly ProcessStatus[] {
  const rows: ProcessStatus[] = []
  for (const task of kernel.tasks.values()) {
    rows.push({
      pid: task.pid,
      ppid: task.parentTask?.pid ?? 0,
      pgid: task.pgid,
      sid: task.session.sid,
      uid: task.credentials.euid,
      argv: task.argv,
      comm: task.comm,
      cgroup: task.cgroup.path,
      state: stateLetter(task),
      tty: task.session.tty?.name ?? '',
      memoryBytes: task.memoryBytes,
      cpuUsec: Math.floor(task.userUsec + task.systemUsec),
      startUsec: task.startUsec,
      isKernelThread: task.isKernelThread,
    })
  }
  return rows.sort((a, b) => a.pid - b.pid)
}
