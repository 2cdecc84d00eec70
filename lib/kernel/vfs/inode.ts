// After inode(7): what a file is, apart from its names. Files of memory and disk keep their content here; synthetic ones
// (procfs, sysfs, cgroupfs, devices) answer through `InodeOperations`.
import type { Bytes, FileKind, Usec } from '@/lib/base'
import type { DirectoryEntry, Fallible, Stat } from '../system-calls'
import type { WaitQueue } from '../wait'
import type { FileContent } from './file-content'
import type { FileSystem } from './file-system'
import type { Location } from './location'
import type { PathContext } from './path-context'
import type { Watch } from './inotify'
import type { FlockState } from './flock'

/** A synthetic file while it is open. Offsets are kept by the description, unless `seekable` is false. */
export interface OpenedFile {
  read?(count: number, offset: number, context: PathContext): Fallible<Bytes>
  write?(data: Bytes, offset: number, context: PathContext): Fallible<number>
  truncate?(size: number): Fallible<0>
  /** Readiness as poll(2) reports it; absent: always readable and writable. */
  poll?(): number
  /** Woken when `poll` may answer otherwise. */
  readonly queue?: WaitQueue
  release?(): void
}

/** What a synthetic inode does. Absent operations are refused as Linux refuses them there (EPERM, EACCES, EINVAL). */
export interface InodeOperations {
  /** One name of a directory. The inode may be made anew at each call if its number stays the same. */
  lookup?(directory: Inode, name: string, context: PathContext): Fallible<Inode> | undefined
  /** Names without `.` and `..`. */
  list?(directory: Inode, context: PathContext): Fallible<readonly DirectoryEntry[]>
  create?(directory: Inode, name: string, mode: number, context: PathContext): Fallible<Inode>
  mkdir?(directory: Inode, name: string, mode: number, context: PathContext): Fallible<Inode>
  rmdir?(directory: Inode, name: string, inode: Inode, context: PathContext): Fallible<0>
  unlink?(directory: Inode, name: string, inode: Inode, context: PathContext): Fallible<0>
  open?(inode: Inode, flags: number, context: PathContext): Fallible<OpenedFile>
  /** Target text of a symbolic link. */
  readlink?(inode: Inode, context: PathContext): Fallible<string>
  /** A link that jumps, as /proc/PID/root does, whatever its text. */
  follow?(inode: Inode, context: PathContext): Fallible<Location>
  /** Instead of the mode bits. `mask`: R_OK, W_OK, X_OK. */
  permission?(inode: Inode, mask: number, context: PathContext): Fallible<0>
  /** Brings attributes up to date before stat. */
  refresh?(inode: Inode, context: PathContext): void
  /** Before chmod, chown, utimes. Absent: allowed. */
  setattr?(inode: Inode, context: PathContext): Fallible<0>
}

export type InodeAttributes = {
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
  readonly rdev?: readonly [number, number]
  readonly nlink?: number
  readonly size?: number
}

export const noDevice: readonly [number, number] = [0, 0]

export class Inode {
  readonly fileSystem: FileSystem
  readonly ino: number
  readonly kind: FileKind
  /** Permission bits with setuid, setgid, sticky (07777). */
  mode: number
  uid: number
  gid: number
  nlink: number
  rdev: readonly [number, number]
  atimeUsec: Usec
  mtimeUsec: Usec
  ctimeUsec: Usec
  xattrs: Map<string, string> | undefined
  /** Of a symbolic link. */
  target = ''
  /** Of a regular file of memory or disk. */
  content: FileContent | undefined
  /** Of synthetic files and directories: what `size` shows. Directories of memory count their names here. */
  plainSize: number
  operations: InodeOperations | undefined
  /** The pipe of a fifo, the listener of a socket: hung here by their owners. */
  attachment: unknown
  /** Differs from the image. */
  changed = false
  openCount = 0
  /** Descriptions open for writing: no execve(2) of it. */
  writers = 0
  /** Processes that run it, counted by execve and exit: no opening for writing. */
  executors = 0
  watches: Watch[] | undefined
  flock: FlockState | undefined

  constructor(fileSystem: FileSystem, ino: number, kind: FileKind, attributes: InodeAttributes, operations?: InodeOperations) {
    this.fileSystem = fileSystem
    this.ino = ino
    this.kind = kind
    this.mode = attributes.mode & 0o7777
    this.uid = attributes.uid ?? 0
    this.gid = attributes.gid ?? 0
    this.nlink = attributes.nlink ?? (kind === 'directory' ? 2 : 1)
    this.rdev = attributes.rdev ?? noDevice
    this.plainSize = attributes.size ?? 0
    this.operations = operations
    const now = fileSystem.nowUsec()
    this.atimeUsec = now
    this.mtimeUsec = now
    this.ctimeUsec = now
  }

  get size(): number {
    return this.content?.size ?? this.plainSize
  }

  /** Content changed now. */
  touchContent(): void {
    const now = this.fileSystem.nowUsec()
    this.mtimeUsec = now
    this.ctimeUsec = now
    this.changed = true
  }

  /** Attributes changed now. */
  touchAttributes(): void {
    this.ctimeUsec = this.fileSystem.nowUsec()
    this.changed = true
  }

  stat(): Stat {
    const size = this.size
    return {
      kind: this.kind,
      dev: this.fileSystem.dev,
      ino: this.ino,
      mode: this.mode,
      nlink: this.nlink,
      uid: this.uid,
      gid: this.gid,
      rdev: this.rdev,
      size,
      blocks: this.fileSystem.blocksOf(this) * 8,
      atimeUsec: this.atimeUsec,
      mtimeUsec: this.mtimeUsec,
      ctimeUsec: this.ctimeUsec,
    }
  }
}
