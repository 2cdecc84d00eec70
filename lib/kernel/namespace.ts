// After namespaces(7): what a process can have a view of its own of. Mount namespaces are the VFS's.
import type { Cgroup } from './cgroup'
import { initialUserNamespace, type UserNamespace } from './credentials'
import type { NetNamespace } from './net-namespace'
import type { Task } from './task'

export type UtsNamespace = { readonly inum: number; readonly owner: UserNamespace; hostname: string; domainname: string }
export type IpcNamespace = { readonly inum: number; readonly owner: UserNamespace; readonly objects: Map<string, unknown> }
export type TimeNamespace = { readonly inum: number; readonly owner: UserNamespace }
export type CgroupNamespace = { readonly inum: number; readonly owner: UserNamespace; readonly root: Cgroup }

export class PidNamespace {
  readonly inum: number
  readonly owner: UserNamespace
  readonly outer: PidNamespace | undefined
  readonly level: number
  init: Task | undefined
  /** Numbers of tasks as seen in here; the outermost namespace uses `Task.pid` itself. */
  readonly numbers = new Map<Task, number>()
  readonly tasks = new Map<number, Task>()
  private lastPid = 0

  constructor(inum: number, owner: UserNamespace, outer: PidNamespace | undefined) {
    this.inum = inum
    this.owner = owner
    this.outer = outer
    this.level = outer === undefined ? 0 : outer.level + 1
  }

  isWithin(other: PidNamespace): boolean {
    for (let one: PidNamespace | undefined = this; one !== undefined; one = one.outer) if (one === other) return true
    return false
  }

  /** Enters a task here and in the namespaces around, but for the outermost. */
  enter(task: Task): void {
    for (let one: PidNamespace = this; one.outer !== undefined; one = one.outer) {
      one.lastPid += 1
      one.numbers.set(task, one.lastPid)
      one.tasks.set(one.lastPid, task)
      if (one.lastPid === 1) one.init = task
    }
  }

  leave(task: Task): void {
    for (let one: PidNamespace = this; one.outer !== undefined; one = one.outer) {
      const number = one.numbers.get(task)
      if (number === undefined) continue
      one.numbers.delete(task)
      one.tasks.delete(number)
    }
  }
}

export type Namespaces = {
  readonly pid: PidNamespace
  /** Where children are born (unshare(CLONE_NEWPID) moves only them). */
  readonly pidForChildren: PidNamespace
  readonly uts: UtsNamespace
  readonly ipc: IpcNamespace
  readonly net: NetNamespace
  readonly cgroup: CgroupNamespace
  readonly time: TimeNamespace
}

/** The inode numbers that Linux 6.12 gives to the first namespaces. */
export const initialInums = {
  time: 4_026_531_834,
  cgroup: 4_026_531_835,
  pid: 4_026_531_836,
  user: 4_026_531_837,
  uts: 4_026_531_838,
  ipc: 4_026_531_839,
  net: 4_026_531_840,
  mnt: 4_026_531_841,
  next: 4_026_532_128,
} as const

const userInums = new WeakMap<UserNamespace, number>([[initialUserNamespace, initialInums.user]])

export function userNamespaceInum(namespace: UserNamespace): number {
  return userInums.get(namespace) ?? 0
}

export function setUserNamespaceInum(namespace: UserNamespace, inum: number): void {
  userInums.set(namespace, inum)
}

/** The groups of a process may no longer be changed. */
const withoutSetgroups = new WeakSet<UserNamespace>()

/** /proc/PID/setgroups says `deny`; so does a namespace whose group ids are not mapped yet. */
export function deniesSetgroups(namespace: UserNamespace): boolean {
  return withoutSetgroups.has(namespace) || namespace.gidMap.length === 0
}

export function denySetgroups(namespace: UserNamespace): void {
  withoutSetgroups.add(namespace)
}

export function saysDeny(namespace: UserNamespace): boolean {
  return withoutSetgroups.has(namespace)
}
