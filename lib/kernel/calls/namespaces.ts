// unshare(2), setns(2), clone(2)'s namespaces; sethostname(2).
import { UserNamespace } from '../credentials'
import { errno, isErrno } from '../errno'
import { type Namespaces, PidNamespace, setUserNamespaceInum } from '../namespace'
import { NetNamespace } from '../net-namespace'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  type Cause,
  type Fallible,
  type Syscall,
} from '../system-calls'
import type { Task } from '../task'
import { attend, notCapable } from './entry'
import { fullIn } from './identity'

const ALL = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME

/** Makes what `flags` ask for. The mounts are unshared by the caller, who knows whose context it is. */
export function newNamespaces(
  task: Task,
  flags: number,
  call: string,
  userNamespace: UserNamespace | undefined,
): Fallible<{ readonly namespaces: Namespaces; readonly user: UserNamespace | undefined }> {
  const { kernel } = task
  let user = userNamespace
  if ((flags & CLONE_NEWUSER) !== 0) {
    user = new UserNamespace(task.credentials.userNamespace, task.credentials.euid)
    setUserNamespaceInum(user, kernel.nextInum())
  } else if (!task.isCapableIn('CAP_SYS_ADMIN', task.credentials.userNamespace)) return notCapable(task, call)
  const owner = user ?? task.credentials.userNamespace
  const before = task.namespaces
  const has = (flag: number): boolean => (flags & flag) !== 0
  return {
    user,
    namespaces: {
      pid: before.pid,
      pidForChildren: has(CLONE_NEWPID) ? new PidNamespace(kernel.nextInum(), owner, before.pid) : before.pidForChildren,
      uts: has(CLONE_NEWUTS) ? { ...before.uts, inum: kernel.nextInum(), owner } : before.uts,
      ipc: has(CLONE_NEWIPC) ? { inum: kernel.nextInum(), owner, objects: new Map() } : before.ipc,
      net: has(CLONE_NEWNET) ? new NetNamespace(kernel.nextInum(), owner) : before.net,
      cgroup: has(CLONE_NEWCGROUP) ? { inum: kernel.nextInum(), owner, root: task.cgroup } : before.cgroup,
      time: has(CLONE_NEWTIME) ? { inum: kernel.nextInum(), owner } : before.time,
    },
  }
}

/** Makes `task` (which holds the credentials of the caller) enter what was made. */
export function enterNamespaces(
  task: Task,
  flags: number,
  made: { readonly namespaces: Namespaces; readonly user: UserNamespace | undefined },
): void {
  task.namespaces = made.namespaces
  if ((flags & CLONE_NEWUSER) !== 0 && made.user !== undefined) task.credentials = fullIn(task.credentials, made.user)
  if ((flags & CLONE_NEWNS) !== 0) task.fs.unshareMounts()
}

export function* unshare(task: Task, flags: number, _cause?: Cause): Syscall<Fallible<0>> {
  if (task.enter(20)) {
    const stop = yield* attend(task, 'unshare', [flags])
    if (stop !== undefined) return stop
  }
  if ((flags & ~ALL) !== 0) return errno.EINVAL
  if (flags === 0) return 0
  const made = newNamespaces(task, flags, 'unshare', undefined)
  if (isErrno(made)) return made
  enterNamespaces(task, flags, made)
  return 0
}

export function* setns(task: Task, pid: number, flags: number): Syscall<Fallible<0>> {
  if (task.enter(5)) {
    const stop = yield* attend(task, 'setns', [pid, flags])
    if (stop !== undefined) return stop
  }
  const { kernel } = task
  const other = kernel.taskByPid(task, pid)
  if (other === undefined) return errno.ESRCH
  if ((flags & ~ALL) !== 0 || flags === 0) return errno.EINVAL
  if (!task.isCapableIn('CAP_SYS_ADMIN', task.credentials.userNamespace)) return notCapable(task, 'setns')
  const theirs = other.namespaces
  const has = (flag: number): boolean => (flags & flag) !== 0
  if (has(CLONE_NEWUSER)) {
    if (other.credentials.userNamespace === task.credentials.userNamespace) return errno.EINVAL
    task.credentials = fullIn(task.credentials, other.credentials.userNamespace)
  }
  task.namespaces = {
    pid: task.namespaces.pid,
    pidForChildren: has(CLONE_NEWPID) ? theirs.pid : task.namespaces.pidForChildren,
    uts: has(CLONE_NEWUTS) ? theirs.uts : task.namespaces.uts,
    ipc: has(CLONE_NEWIPC) ? theirs.ipc : task.namespaces.ipc,
    net: has(CLONE_NEWNET) ? theirs.net : task.namespaces.net,
    cgroup: has(CLONE_NEWCGROUP) ? theirs.cgroup : task.namespaces.cgroup,
    time: has(CLONE_NEWTIME) ? theirs.time : task.namespaces.time,
  }
  if (has(CLONE_NEWNS)) task.fs.joinMounts(other.fs.namespace)
  return 0
}

export function* sethostname(task: Task, name: string): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'sethostname', [name])
    if (stop !== undefined) return stop
  }
  if (!task.isCapableIn('CAP_SYS_ADMIN', task.namespaces.uts.owner)) return notCapable(task, 'sethostname', name)
  if (name.length > 64) return errno.EINVAL
  task.namespaces.uts.hostname = name
  return 0
}
