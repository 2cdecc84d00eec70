// mount(2), umount2(2), pivot_root(2); inotify(7).
import { errno, isErrno } from '../errno'
import { OpenFile } from '../open-file'
import { anonymousPlace } from '../place'
import { block, Sleepers, type WakeReason } from '../sleepers'
import { type Cause, type Fallible, type InotifyEvent, O_CLOEXEC, O_RDONLY, POLLIN, type Syscall } from '../system-calls'
import type { Task } from '../task'
import { addWatchAt, InotifyInstance, mountAt, pivotRoot as pivot, umountAt } from '../vfs'
import type { WaitQueue } from '../wait'
import { attend, refuse } from './entry'

export function* mount(
  task: Task,
  source: string,
  target: string,
  type: string,
  flags: number,
  data?: string,
  cause?: Cause,
): Syscall<Fallible<0>> {
  if (task.enter(20)) {
    const stop = yield* attend(task, 'mount', [source, target, type, flags])
    if (stop !== undefined) return stop
  }
  task.fs.lastRefusal = undefined
  return told(task, 'mount', target, mountAt(task.fs, source, target, type, flags, data, cause))
}

function told(task: Task, call: string, target: string, result: Fallible<0>): Fallible<0> {
  if (!isErrno(result) || task.fs.lastRefusal === undefined) return result
  return refuse(task, call, target, result, task.fs.lastRefusal)
}

export function* umount(task: Task, target: string, flags?: number): Syscall<Fallible<0>> {
  if (task.enter(20)) {
    const stop = yield* attend(task, 'umount2', [target, flags ?? 0])
    if (stop !== undefined) return stop
  }
  task.fs.lastRefusal = undefined
  return told(task, 'umount2', target, umountAt(task.fs, target, flags))
}

export function* pivotRoot(task: Task, newRoot: string, putOld: string): Syscall<Fallible<0>> {
  if (task.enter(20)) {
    const stop = yield* attend(task, 'pivot_root', [newRoot, putOld])
    if (stop !== undefined) return stop
  }
  task.fs.lastRefusal = undefined
  return told(task, 'pivot_root', newRoot, pivot(task.fs, newRoot, putOld))
}

// ---------------------------------------------------------------- inotify

export class InotifyFile extends OpenFile {
  readonly instance = new InotifyInstance()
  readonly arrived = new Sleepers()

  constructor(task: Task) {
    super(
      O_RDONLY,
      anonymousPlace(task, 'file', 0o600, () => 'anon_inode:inotify'),
    )
    this.instance.queue = this.arrived
  }

  override poll(): number {
    return this.instance.hasEvents ? POLLIN : 0
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.arrived]
  }

  override release(): void {
    this.instance.release()
  }
}

export function* inotifyInit(task: Task, flags = O_CLOEXEC): Syscall<Fallible<number>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'inotify_init1', [flags])
    if (stop !== undefined) return stop
  }
  return task.files.install(new InotifyFile(task), (flags & O_CLOEXEC) !== 0, task.limits.NOFILE.soft)
}

export function* inotifyAddWatch(task: Task, fd: number, path: string, mask: number): Syscall<Fallible<number>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'inotify_add_watch', [fd, path, mask])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (!(file instanceof InotifyFile)) return errno.EINVAL
  return addWatchAt(task.fs, file.instance, path, mask)
}

export function* inotifyRemoveWatch(task: Task, fd: number, watch: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'inotify_rm_watch', [fd, watch])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  return file instanceof InotifyFile ? file.instance.remove(watch) : errno.EINVAL
}

export function* inotifyRead(task: Task, fd: number): Syscall<Fallible<readonly InotifyEvent[]>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'read', [fd])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (!(file instanceof InotifyFile)) return errno.EINVAL
  let reason: WakeReason = 'woken'
  for (;;) {
    if (file.instance.hasEvents) return file.instance.take()
    if (file.nonblocking) return errno.EAGAIN
    if (reason === 'interrupted') return errno.EINTR
    reason = yield* block(task, [file.arrived])
  }
}
