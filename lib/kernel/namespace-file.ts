// /proc/PID/ns/NAME as an open file: what setns(2) takes, and what keeps a namespace alive (nsfs).
import type { UserNamespace } from './credentials'
import { errno } from './errno'
import { notCapable } from './calls/entry'
import { fullIn } from './calls/identity'
import { userNamespaceInum, type Namespaces } from './namespace'
import { OpenFile } from './open-file'
import { anonymousPlace } from './place'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  type Fallible,
  O_RDONLY,
} from './system-calls'
import type { Task } from './task'

export const namespaceFlags = {
  cgroup: CLONE_NEWCGROUP,
  ipc: CLONE_NEWIPC,
  mnt: CLONE_NEWNS,
  net: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  pid_for_children: CLONE_NEWPID,
  time: CLONE_NEWTIME,
  time_for_children: CLONE_NEWTIME,
  user: CLONE_NEWUSER,
  uts: CLONE_NEWUTS,
} as const
export type NamespaceName = keyof typeof namespaceFlags

export function isNamespaceName(name: string): name is NamespaceName {
  return name in namespaceFlags
}

/** The inode number of each namespace of a process. */
export function namespacesOf(task: Task): Readonly<Record<NamespaceName, number>> {
  const { namespaces } = task
  return {
    cgroup: namespaces.cgroup.inum,
    ipc: namespaces.ipc.inum,
    mnt: task.fs.namespace.id,
    net: namespaces.net.inum,
    pid: namespaces.pid.inum,
    pid_for_children: namespaces.pidForChildren.inum,
    time: namespaces.time.inum,
    time_for_children: namespaces.time.inum,
    user: userNamespaceInum(task.credentials.userNamespace),
    uts: namespaces.uts.inum,
  }
}

/** Hangs on an inode of nsfs: the namespaces of a process at the moment it was looked at. */
export class NamespaceReference {
  readonly name: NamespaceName
  readonly inum: number
  readonly namespaces: Namespaces
  readonly mounts: Task['fs']['namespace']
  readonly user: Task['credentials']['userNamespace']

  constructor(task: Task, name: NamespaceName) {
    this.name = name
    this.inum = namespacesOf(task)[name]
    this.namespaces = task.namespaces
    this.mounts = task.fs.namespace
    this.user = task.credentials.userNamespace
  }

  get text(): string {
    return `${this.name.replace('_for_children', '')}:[${this.inum}]`
  }
}

export class NamespaceFile extends OpenFile {
  readonly reference: NamespaceReference

  constructor(task: Task, reference: NamespaceReference) {
    super(
      O_RDONLY,
      anonymousPlace(task, 'file', 0o444, () => reference.text),
    )
    this.reference = reference
    if (reference.name === 'mnt') reference.mounts.hold()
  }

  override release(): void {
    super.release()
    if (this.reference.name === 'mnt') this.reference.mounts.unhold()
  }

  /** setns(2). Flags of 0 take any kind. */
  /** The user namespace in which the caller needs privileges too. */
  private ownerOf(name: string): UserNamespace | undefined {
    const { namespaces } = this.reference
    switch (name) {
      case 'uts':
        return namespaces.uts.owner
      case 'ipc':
        return namespaces.ipc.owner
      case 'net':
        return namespaces.net.owner
      case 'cgroup':
        return namespaces.cgroup.owner
      case 'pid':
      case 'pid_for_children':
        return namespaces.pid.owner
      default:
        return undefined
    }
  }

  enter(task: Task, flags: number): Fallible<0> {
    const { name, namespaces, mounts, user } = this.reference
    if (flags !== 0 && flags !== namespaceFlags[name]) return errno.EINVAL
    if (!task.isCapableIn('CAP_SYS_ADMIN', task.credentials.userNamespace)) return notCapable(task, 'setns', name)
    const before = task.namespaces
    const owner = this.ownerOf(name)
    if (owner !== undefined && !task.isCapableIn('CAP_SYS_ADMIN', owner)) return notCapable(task, 'setns', name)
    switch (name) {
      case 'user':
        if (user === task.credentials.userNamespace) return errno.EINVAL
        task.credentials = fullIn(task.credentials, user)
        return 0
      case 'mnt':
        task.fs.joinMounts(mounts)
        return 0
      case 'pid':
      case 'pid_for_children':
        task.namespaces = { ...before, pidForChildren: namespaces.pid }
        return 0
      case 'time':
      case 'time_for_children':
        task.namespaces = { ...before, time: namespaces.time }
        return 0
      case 'cgroup':
        task.namespaces = { ...before, cgroup: namespaces.cgroup }
        return 0
      case 'ipc':
        task.namespaces = { ...before, ipc: namespaces.ipc }
        return 0
      case 'net':
        task.namespaces = { ...before, net: namespaces.net }
        return 0
      case 'uts':
        task.namespaces = { ...before, uts: namespaces.uts }
        return 0
    }
  }
}
