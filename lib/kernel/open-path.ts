// open(2) from the VFS's answer to an open file description: devices, fifos, ptys, and files with a life of their own.
import { SameFile } from './anonymous-fs'
import type { Cgroup, NameFilter } from './cgroup'
import { deviceVerdict } from './device-filter'
import { type Errno, errno, isErrno } from './errno'
import { NamespaceFile, NamespaceReference } from './namespace-file'
import type { OpenFile } from './open-file'
import { O_ACCMODE } from './open-flags'
import { Pipe, PipeEnd } from './pipe'
import { placeOf } from './place'
import { type Fallible, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from './system-calls'
import type { Task } from './task'
import { type FileDescription, openAt } from './vfs'
import { VfsFile } from './vfs-file'
import { refuse } from './calls/entry'
import type { WaitQueue } from './wait'

/** A fifo whose other side nobody has opened. */
export type AwaitedFifo = { readonly queue: WaitQueue; readonly again: () => OpenFile | AwaitedFifo; readonly giveUp: () => void }

export function openPath(task: Task, path: string, flags: number, mode = 0o666): Fallible<OpenFile> | AwaitedFifo {
  // A file of procfs may be a file that is open already (/proc/self/fd/N of a pipe or socket).
  const description = openAt(task.fs, path, flags, mode)
  return isErrno(description) ? description : fileOf(task, path, description, flags)
}

function fileOf(task: Task, path: string, description: FileDescription, flags: number): Fallible<OpenFile> | AwaitedFifo {
  const { inode } = description
  const filter = fileSystemVerdict(task, inode.fileSystem.type)
  if (filter !== undefined) {
    description.release()
    return refuse(task, 'openat', path, errno.EPERM, filter.cause ?? 'kernel default')
  }
  if ((flags & O_PATH) !== 0) return new VfsFile(description, task.fs)
  if (inode.attachment instanceof NamespaceReference) {
    description.release()
    return new NamespaceFile(task, inode.attachment)
  }
  if (inode.attachment instanceof SameFile && inode.kind !== 'socket') {
    description.release()
    return inode.attachment.file
  }
  switch (inode.kind) {
    case 'fifo':
      return openFifo(task, description, flags)
    case 'character-device':
    case 'block-device': {
      const kind = inode.kind === 'block-device' ? 'block' : 'character'
      const access = flags & O_ACCMODE
      const verdict = deviceVerdict(task, kind, inode.rdev, access === O_RDONLY ? 'r' : access === O_WRONLY ? 'w' : 'rw')
      const opened: Fallible<OpenFile> =
        verdict !== undefined
          ? refuse(task, 'openat', path, errno.EPERM, verdict.cause ?? 'kernel default')
          : task.kernel.devices.open(task, inode.kind, inode.rdev, flags, placeOf(description, task.fs))
      if (isErrno(opened)) description.release()
      return opened
    }
    default:
      return new VfsFile(description, task.fs)
  }
}

/** Which file systems the processes of a cgroup may open files of. */
export function fileSystemVerdict(task: Task, type: string): NameFilter | undefined {
  const name = type === 'devtmpfs' ? 'tmpfs' : type
  for (let group: Cgroup | undefined = task.cgroup; group !== undefined; group = group.parent) {
    const filter = group.programs.fileSystems
    if (filter !== undefined && filter.names.has(name) !== filter.allow) return filter
  }
  return undefined
}

function openFifo(task: Task, description: FileDescription, flags: number): Fallible<OpenFile> | AwaitedFifo {
  const { inode } = description
  const known = inode.attachment
  const pipe = known instanceof Pipe ? known : new Pipe()
  inode.attachment = pipe
  const access = flags & O_ACCMODE
  const place = placeOf(description, task.fs)
  if (access === O_WRONLY && (flags & O_NONBLOCK) !== 0 && pipe.readers === 0) {
    description.release()
    return errno.ENXIO
  }
  const end = new PipeEnd(pipe, flags, place)
  // A pipe without a name never waits for its other side (fifo_open: `is_pipe`).
  if (access === O_RDWR || (flags & O_NONBLOCK) !== 0 || inode.fileSystem.type === 'pipefs') return end
  // Each side waits until the other has been opened, even if it is closed again at once.
  const seen = access === O_RDONLY ? pipe.writerOpenings : pipe.readerOpenings
  const isThere = (): boolean =>
    access === O_RDONLY ? pipe.writers > 0 || pipe.writerOpenings > seen : pipe.readers > 0 || pipe.readerOpenings > seen
  const wait = (): OpenFile | AwaitedFifo => (isThere() ? end : { queue: pipe.opened, again: wait, giveUp: () => end.release() })
  return wait()
}

/** For calls inside the kernel, which do not wait. */
export function openNow(task: Task, path: string, flags: number): OpenFile | Errno {
  const opened = openPath(task, path, flags)
  if (isErrno(opened)) return opened
  if ('again' in opened) {
    opened.giveUp()
    return errno.EAGAIN
  }
  return opened
}
