// After open(2), read(2), write(2): an opened file or directory with its offset. Pipes, terminals, sockets and devices are
// opened by their owners, who look at `inode.kind` and keep this as the place they were opened at.
import { type Bytes, USEC_PER_SEC } from '@/lib/base'
import { capable, capableOver } from '../credentials'
import { errno, isErrno } from '../errno'
import { MS_NOATIME, MS_NODIRATIME, MS_RELATIME } from '../mount'
import { type DirectoryEntry, type Fallible, O_APPEND, O_PATH, O_RDONLY, O_WRONLY, type Stat } from '../system-calls'
import { PAGE_SIZE } from './file-content'
import { flock } from './flock'
import type { Inode, OpenedFile } from './inode'
import { IN_ACCESS, IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, IN_MODIFY, IN_OPEN, notify } from './inotify'
import { describePath, type Location } from './location'
import type { PathContext } from './path-context'
import { statInode } from './stat'

const O_ACCMODE = 3
const DAY = 86_400 * USEC_PER_SEC
/** s_maxbytes of ext4 with blocks of 4 KiB. */
const LARGEST_FILE = 17_592_186_040_320

export class FileDescription {
  readonly location: Location
  readonly inode: Inode
  flags: number
  offset = 0
  private readonly opened: OpenedFile | undefined
  private readonly countsAsWriter: boolean

  constructor(location: Location, flags: number, opened?: OpenedFile) {
    this.location = location
    this.inode = location.dentry.inode
    this.flags = flags
    this.opened = opened
    this.inode.openCount += 1
    location.mount.pins += 1
    this.countsAsWriter = this.writable && (this.inode.kind === 'file' || this.inode.kind === 'directory')
    if (this.countsAsWriter) this.countWriter(1)
    if (!this.isPathOnly) notify(location.dentry, IN_OPEN)
  }

  get isPathOnly(): boolean {
    return (this.flags & O_PATH) !== 0
  }

  get readable(): boolean {
    return !this.isPathOnly && (this.flags & O_ACCMODE) !== O_WRONLY
  }

  get writable(): boolean {
    return !this.isPathOnly && (this.flags & O_ACCMODE) !== O_RDONLY
  }

  get isDirectory(): boolean {
    return this.inode.kind === 'directory'
  }

  /** The synthetic file behind it: for poll and its wait queue. */
  get synthetic(): OpenedFile | undefined {
    return this.opened
  }

  /** As /proc/PID/fd shows it to a process with this root. */
  describe(context: PathContext): string {
    return describePath(context.root, this.location)
  }

  stat(context: PathContext): Stat {
    return statInode(this.inode, context)
  }

  read(count: number, context: PathContext): Fallible<Bytes> {
    const bytes = this.pread(count, this.offset, context)
    if (!isErrno(bytes)) this.offset += bytes.length
    return bytes
  }

  pread(count: number, offset: number, context: PathContext): Fallible<Bytes> {
    if (!this.readable) return errno.EBADF
    if (this.isDirectory) return errno.EISDIR
    if (offset < 0) return errno.EINVAL
    if (this.opened !== undefined) return this.opened.read?.(count, offset, context) ?? errno.EINVAL
    const { content } = this.inode
    if (content === undefined) return errno.EINVAL
    const bytes = content.read(offset, count)
    if (bytes.length > 0) notify(this.location.dentry, IN_ACCESS)
    this.touchAccess()
    return bytes
  }

  /** Bytes taken; fewer when the disk is full on the way. */
  write(data: Bytes, context: PathContext): Fallible<number> {
    if ((this.flags & O_APPEND) !== 0 && this.opened === undefined) this.offset = this.inode.size
    const written = this.pwrite(data, this.offset, context)
    if (!isErrno(written)) this.offset += written
    return written
  }

  pwrite(data: Bytes, offset: number, context: PathContext): Fallible<number> {
    if (!this.writable) return errno.EBADF
    if (offset < 0) return errno.EINVAL
    const { inode } = this
    if (this.opened !== undefined) {
      const written = this.opened.write?.(data, offset, context) ?? errno.EINVAL
      if (!isErrno(written)) notify(this.location.dentry, IN_MODIFY)
      return written
    }
    const { content } = inode
    if (content === undefined) return errno.EINVAL
    if (data.length === 0) return 0
    const limit = Math.min(context.fileSizeLimit, LARGEST_FILE)
    if (offset >= limit) return errno.EFBIG
    let part = offset + data.length > limit ? data.subarray(0, limit - offset) : data
    const needed = content.pagesNeeded(offset, part.length)
    if (needed > 0) {
      const free = inode.fileSystem.freeBlocks(capable(context.credentials, 'CAP_SYS_RESOURCE'))
      if (needed > free) {
        part = part.subarray(0, this.fitting(offset, part.length, free))
        if (part.length === 0) return errno.ENOSPC
      }
    }
    this.dropPrivileges(context)
    const before = content.pages
    content.write(offset, part)
    inode.fileSystem.usedBlocks += content.pages - before
    inode.touchContent()
    notify(this.location.dentry, IN_MODIFY)
    return part.length
  }

  seek(offset: number, whence: 'set' | 'current' | 'end'): Fallible<number> {
    if (this.isPathOnly) return errno.EBADF
    const base = whence === 'set' ? 0 : whence === 'current' ? this.offset : this.inode.size
    if (base + offset < 0) return errno.EINVAL
    this.offset = base + offset
    return this.offset
  }

  truncate(size: number, context: PathContext): Fallible<0> {
    if (this.isPathOnly) return errno.EBADF
    if (this.inode.kind !== 'file' || !this.writable || size < 0) return errno.EINVAL
    if (this.opened !== undefined) return this.opened.truncate?.(size) ?? 0
    return truncateInode(this.location, size, context)
  }

  /** Names without `.` and `..`. */
  readdir(context: PathContext): Fallible<readonly DirectoryEntry[]> {
    if (this.isPathOnly) return errno.EBADF
    if (!this.isDirectory) return errno.ENOTDIR
    if (this.inode.nlink === 0) return errno.ENOENT
    const entries = this.inode.fileSystem.list(this.location.dentry, context)
    if (!isErrno(entries)) {
      notify(this.location.dentry, IN_ACCESS)
      this.touchAccess()
    }
    return entries
  }

  /** The last descriptor is closed. */
  release(): void {
    const { inode } = this
    const { mount, dentry } = this.location
    inode.openCount -= 1
    mount.pins -= 1
    if (this.countsAsWriter) this.countWriter(-1)
    if (inode.flock !== undefined) flock(this, 'unlock')
    this.opened?.release?.()
    if (!this.isPathOnly) notify(dentry, this.writable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE)
    inode.fileSystem.release(inode)
  }

  private countWriter(by: 1 | -1): void {
    this.location.mount.writers += by
    this.inode.writers += by
    this.inode.fileSystem.writers += by
  }

  private fitting(offset: number, count: number, free: number): number {
    const content = this.inode.content
    if (content === undefined) return 0
    let end = offset
    while (end < offset + count) {
      const next = Math.min(offset + count, (Math.floor(end / PAGE_SIZE) + 1) * PAGE_SIZE)
      if (content.pagesNeeded(offset, next - offset) > free) break
      end = next
    }
    return end - offset
  }

  private dropPrivileges(context: PathContext): void {
    dropPrivilegesOnWrite(this.inode, context)
  }

  private touchAccess(): void {
    const { inode } = this
    const { mount } = this.location
    if (mount.isReadOnly || (mount.flags & MS_NOATIME) !== 0 || (this.isDirectory && (mount.flags & MS_NODIRATIME) !== 0)) return
    const now = inode.fileSystem.nowUsec()
    const relative = (mount.flags & MS_RELATIME) !== 0
    if (relative && inode.atimeUsec > inode.mtimeUsec && inode.atimeUsec > inode.ctimeUsec && now - inode.atimeUsec < DAY) return
    inode.atimeUsec = now
  }
}

/** file_remove_privs(): a write takes setuid, setgid and file capabilities away. */
export function dropPrivilegesOnWrite(inode: Inode, context: PathContext): void {
  inode.xattrs?.delete('security.capability')
  if ((inode.mode & 0o6000) === 0 || capableOver(context.credentials, 'CAP_FSETID', inode)) return
  if ((inode.mode & 0o4000) !== 0) inode.mode &= ~0o4000
  if ((inode.mode & 0o2010) === 0o2010) inode.mode &= ~0o2000
}

export function truncateInode(location: Location, size: number, context: PathContext): Fallible<0> {
  const { inode } = location.dentry
  const { content } = inode
  if (content === undefined) return errno.EINVAL
  if (size > context.fileSizeLimit && size > content.size) return errno.EFBIG
  dropPrivilegesOnWrite(inode, context)
  const before = content.pages
  content.truncate(size)
  inode.fileSystem.usedBlocks += content.pages - before
  inode.touchContent()
  notify(location.dentry, IN_MODIFY)
  return 0
}
