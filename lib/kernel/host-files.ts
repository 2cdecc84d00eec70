// The disk as the host sees it: with root's eyes, without a process. Changes are seen by watchers like any other.
import { type Bytes, encodeUtf8, type FileReader } from '@/lib/base'
import { isErrno } from './errno'
import type { Kernel } from './kernel'
import { type DirectoryEntry, type Fallible, O_CREAT, O_TRUNC, O_WRONLY, type Stat } from './system-calls'
import {
  chmodAt,
  chownAt,
  fileReader,
  mkdirAt,
  mknodAt,
  openAt,
  type PathContext,
  readdirAt,
  renameAt,
  rmdirAt,
  statAt,
  symlinkAt,
  unlinkAt,
} from './vfs'

export class HostFiles {
  private readonly context: PathContext
  readonly reader: FileReader

  constructor(kernel: Kernel) {
    this.context = kernel.fileSystems.vfs.newContext()
    this.context.umask = 0
    this.reader = fileReader(this.context)
  }

  read(path: string): Bytes | undefined {
    return this.reader.readFile(path)
  }

  /** Keeps owner and mode of a file that is there; a new one is root's. */
  write(path: string, content: Bytes | string, mode = 0o644): Fallible<0> {
    const description = openAt(this.context, path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    if (isErrno(description)) return description
    const bytes = typeof content === 'string' ? encodeUtf8(content) : content
    const written = bytes.length === 0 ? 0 : description.write(bytes, this.context)
    description.release()
    return isErrno(written) ? written : 0
  }

  /** With all that is missing above it. */
  makeDirectories(path: string, mode = 0o755): Fallible<0> {
    let at = ''
    for (const part of path.split('/')) {
      if (part === '') continue
      at += `/${part}`
      if (!isErrno(statAt(this.context, at))) continue
      const made = mkdirAt(this.context, at, mode)
      if (isErrno(made)) return made
    }
    return 0
  }

  makeFifo(path: string, mode = 0o644): Fallible<0> {
    const made = mknodAt(this.context, path, 'fifo', mode)
    return isErrno(made) ? made : 0
  }

  stat(path: string): Fallible<Stat> {
    return statAt(this.context, path, { nofollow: true })
  }

  list(path: string): Fallible<readonly DirectoryEntry[]> {
    return readdirAt(this.context, path)
  }

  remove(path: string): Fallible<0> {
    const stat = this.stat(path)
    if (isErrno(stat)) return stat
    if (stat.kind !== 'directory') return unlinkAt(this.context, path)
    const entries = this.list(path)
    if (isErrno(entries)) return entries
    for (const { name } of entries) {
      const removed = this.remove(`${path}/${name}`)
      if (isErrno(removed)) return removed
    }
    return rmdirAt(this.context, path)
  }

  rename(from: string, to: string): Fallible<0> {
    return renameAt(this.context, from, to)
  }

  symlink(target: string, path: string): Fallible<0> {
    return symlinkAt(this.context, target, path)
  }

  chmod(path: string, mode: number): Fallible<0> {
    return chmodAt(this.context, path, mode)
  }

  chown(path: string, uid: number, gid: number): Fallible<0> {
    return chownAt(this.context, path, uid, gid)
  }
}
