// Calls that take a path: open(2), stat(2), mkdir(2), rename(2), chmod(2) and their kin. The VFS answers; denials are told here.
import type { FileReader, Usec } from '@/lib/base'
import { deviceVerdict } from '../device-filter'
import { type Errno, errno, isErrno } from '../errno'
import { openPath } from '../open-path'
import { block, Sleepers, type WakeReason } from '../sleepers'
import { type DirectoryEntry, type Fallible, O_CLOEXEC, O_CREAT, type Stat, type Syscall } from '../system-calls'
import type { Task } from '../task'
import {
  accessAt,
  changeMode,
  changeOwner,
  chdirAt,
  chmodAt,
  chownAt,
  chrootAt,
  fileReader as readerOf,
  type FileSystemStatus,
  flock as lock,
  getcwd as currentDirectory,
  getxattrAt,
  linkAt,
  mkdirAt,
  mknodAt,
  readdirAt,
  readlinkAt,
  renameAt,
  rmdirAt,
  setxattrAt,
  statAt,
  statfsAt,
  symlinkAt,
  truncateAt,
  unlinkAt,
  utimesAt,
} from '../vfs'
import { attend, refuse } from './entry'

/** Tells why, when the VFS kept a reason. */
function told<T>(task: Task, call: string, path: string, result: Fallible<T>): Fallible<T> {
  if (!isErrno(result)) return result
  const { lastRefusal } = task.fs
  if (lastRefusal === undefined) return result
  return refuse(task, call, path, result, lastRefusal)
}

function* path<T>(task: Task, call: string, args: readonly unknown[], work: () => Fallible<T>, cost = 1): Syscall<Fallible<T>> {
  if (task.enter(cost)) {
    const stop = yield* attend(task, call, args)
    if (stop !== undefined) return stop
  }
  task.fs.lastRefusal = undefined
  const result = work()
  return isErrno(result) ? told(task, call, String(args[0]), result) : result
}

export function* open(task: Task, name: string, flags: number, mode = 0o666): Syscall<Fallible<number>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'openat', [name, -100, flags, (flags & O_CREAT) !== 0 ? mode : 0])
    if (stop !== undefined) return stop
  }
  task.fs.lastRefusal = undefined
  let reason: WakeReason = 'woken'
  let pending: Awaited | undefined
  for (;;) {
    const opened = pending === undefined ? openPath(task, name, flags, mode) : pending.again()
    if (isErrno(opened)) return told(task, 'openat', name, opened)
    if ('again' in opened) {
      pending = opened
      if (reason === 'interrupted') {
        opened.giveUp()
        return errno.EINTR
      }
      reason = yield* block(task, [opened.queue])
      continue
    }
    const fd = task.files.install(opened, (flags & O_CLOEXEC) !== 0, task.limits.NOFILE.soft)
    if (isErrno(fd)) {
      opened.release()
      return refuse(task, 'openat', name, fd, 'kernel default')
    }
    return fd
  }
}

type Awaited = Extract<ReturnType<typeof openPath>, { again: unknown }>

export function stat(task: Task, name: string): Syscall<Fallible<Stat>> {
  return path(task, 'newfstatat', [name], () => statAt(task.fs, name))
}

export function lstat(task: Task, name: string): Syscall<Fallible<Stat>> {
  return path(task, 'newfstatat', [name], () => statAt(task.fs, name, { nofollow: true }))
}

export function* fstat(task: Task, fd: number): Syscall<Fallible<Stat>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'fstat', [fd])
    if (stop !== undefined) return stop
  }
  return task.files.get(fd)?.stat() ?? errno.EBADF
}

export function statfs(task: Task, name: string): Syscall<Fallible<FileSystemStatus>> {
  return path(task, 'statfs', [name], () => statfsAt(task.fs, name))
}

export function access(task: Task, name: string, mode: number): Syscall<Fallible<0>> {
  return path(task, 'faccessat2', [name, mode], () => accessAt(task.fs, name, mode))
}

export function readdir(task: Task, name: string): Syscall<Fallible<readonly DirectoryEntry[]>> {
  return path(task, 'getdents64', [name], () => readdirAt(task.fs, name), 5)
}

export function mkdir(task: Task, name: string, mode = 0o777): Syscall<Fallible<0>> {
  return path(task, 'mkdir', [name, mode], () => mkdirAt(task.fs, name, mode), 5)
}

export function rmdir(task: Task, name: string): Syscall<Fallible<0>> {
  return path(task, 'rmdir', [name], () => rmdirAt(task.fs, name), 5)
}

export function unlink(task: Task, name: string): Syscall<Fallible<0>> {
  return path(task, 'unlink', [name], () => unlinkAt(task.fs, name), 5)
}

export function rename(task: Task, from: string, to: string): Syscall<Fallible<0>> {
  return path(task, 'rename', [from, to], () => renameAt(task.fs, from, to), 5)
}

export function link(task: Task, from: string, to: string): Syscall<Fallible<0>> {
  return path(task, 'link', [from, to], () => linkAt(task.fs, from, to), 5)
}

export function symlink(task: Task, target: string, name: string): Syscall<Fallible<0>> {
  return path(task, 'symlink', [target, name], () => symlinkAt(task.fs, target, name), 5)
}

export function readlink(task: Task, name: string): Syscall<Fallible<string>> {
  return path(task, 'readlink', [name], () => readlinkAt(task.fs, name))
}

export function chmod(task: Task, name: string, mode: number): Syscall<Fallible<0>> {
  return path(task, 'chmod', [name, mode], () => chmodAt(task.fs, name, mode), 2)
}

export function fchmod(task: Task, fd: number, mode: number): Syscall<Fallible<0>> {
  return path(task, 'fchmod', [fd, mode], () => onDescriptor(task, fd, (place) => changeMode(task.fs, place, mode)), 2)
}

export function chown(task: Task, name: string, uid: number, gid: number, options?: { readonly nofollow?: boolean }): Syscall<Fallible<0>> {
  return path(task, options?.nofollow === true ? 'lchown' : 'chown', [name, uid, gid], () => chownAt(task.fs, name, uid, gid, options), 2)
}

export function fchown(task: Task, fd: number, uid: number, gid: number): Syscall<Fallible<0>> {
  return path(task, 'fchown', [fd, uid, gid], () => onDescriptor(task, fd, (place) => changeOwner(task.fs, place, uid, gid)), 2)
}

function onDescriptor(task: Task, fd: number, work: (place: Parameters<typeof changeMode>[1]) => Fallible<0>): Fallible<0> {
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  const { description } = file.place
  // Pipes and sockets have an owner and mode that nobody looks at.
  return description === undefined ? 0 : work(description.location)
}

export function utimes(task: Task, name: string, atimeUsec: Usec | undefined, mtimeUsec: Usec | undefined): Syscall<Fallible<0>> {
  return path(task, 'utimensat', [name], () => utimesAt(task.fs, name, { atimeUsec, mtimeUsec }), 2)
}

export function truncate(task: Task, name: string, size: number): Syscall<Fallible<0>> {
  return path(task, 'truncate', [name, size], () => truncateAt(task.fs, name, size), 2)
}

export function mknod(
  task: Task,
  name: string,
  kind: 'fifo' | 'character-device' | 'block-device' | 'file',
  mode: number,
  rdev?: readonly [number, number],
): Syscall<Fallible<0>> {
  return path(
    task,
    'mknod',
    [name, mode],
    () => {
      if (rdev !== undefined && (kind === 'character-device' || kind === 'block-device')) {
        const verdict = deviceVerdict(task, kind === 'block-device' ? 'block' : 'character', rdev, 'm')
        if (verdict !== undefined) return refuse(task, 'mknod', name, errno.EPERM, verdict.cause ?? 'kernel default')
      }
      const made = mknodAt(task.fs, name, kind, mode, rdev)
      return isErrno(made) ? made : 0
    },
    5,
  )
}

export function setxattr(task: Task, name: string, key: string, value: string): Syscall<Fallible<0>> {
  return path(task, 'setxattr', [name, key], () => setxattrAt(task.fs, name, key, value), 2)
}

export function getxattr(task: Task, name: string, key: string): Syscall<Fallible<string>> {
  return path(task, 'getxattr', [name, key], () => getxattrAt(task.fs, name, key), 2)
}

export function chdir(task: Task, name: string): Syscall<Fallible<0>> {
  return path(task, 'chdir', [name], () => chdirAt(task.fs, name))
}

export function getcwd(task: Task): Syscall<Fallible<string>> {
  return path(task, 'getcwd', [], () => currentDirectory(task.fs))
}

export function chroot(task: Task, name: string): Syscall<Fallible<0>> {
  return path(task, 'chroot', [name], () => chrootAt(task.fs, name))
}

export function* umask(task: Task, mask: number): Syscall<number> {
  if (task.enter(1)) yield* attend(task, 'umask', [mask])
  const before = task.fs.umask
  task.fs.umask = mask & 0o777
  return before
}

export function fileReader(task: Task): FileReader {
  return readerOf(task.fs)
}

export function* flock(task: Task, fd: number, operation: 'shared' | 'exclusive' | 'unlock', nonblock = false): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'flock', [fd])
    if (stop !== undefined) return stop
  }
  const description = task.files.get(fd)?.place.description
  if (description === undefined) return task.files.get(fd) === undefined ? errno.EBADF : errno.EINVAL
  let reason: WakeReason = 'woken'
  for (;;) {
    const result: Errno | 0 = lock(description, operation)
    if (result !== errno.EAGAIN || nonblock) return result
    if (reason === 'interrupted') return errno.EINTR
    const state = description.inode.flock!
    state.queue ??= new Sleepers()
    reason = yield* block(task, [state.queue])
  }
}
