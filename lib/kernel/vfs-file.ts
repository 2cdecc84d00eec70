// A file or directory of the VFS behind a descriptor: regular files, and synthetic ones of procfs, sysfs, cgroupfs.
import type { Bytes } from '@/lib/base'
import { errno } from './errno'
import { OpenFile } from './open-file'
import { placeOf } from './place'
import { type Fallible, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import type { FileDescription, PathContext } from './vfs'
import type { WaitQueue } from './wait'

export class VfsFile extends OpenFile {
  readonly description: FileDescription

  constructor(description: FileDescription, context: PathContext) {
    super(description.flags, placeOf(description, context))
    this.description = description
  }

  override read(task: Task, count: number): Fallible<Bytes> {
    return this.description.read(count, task.fs)
  }

  override pread(task: Task, count: number, offset: number): Fallible<Bytes> {
    return this.description.pread(count, offset, task.fs)
  }

  override write(task: Task, data: Bytes): Fallible<number> {
    return this.description.write(data, task.fs)
  }

  override seek(offset: number, whence: 'set' | 'current' | 'end'): Fallible<number> {
    return this.description.seek(offset, whence)
  }

  override truncate(task: Task, size: number): Fallible<0> {
    return this.description.truncate(size, task.fs)
  }

  override sync(): Fallible<0> {
    return this.description.synthetic === undefined ? 0 : errno.EINVAL
  }

  override poll(): number {
    return this.description.synthetic?.poll?.() ?? POLLIN | POLLOUT
  }

  override readQueues(): readonly WaitQueue[] {
    const queue = this.description.synthetic?.queue
    return queue === undefined ? [] : [queue]
  }
}
