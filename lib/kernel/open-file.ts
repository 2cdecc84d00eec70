// An open file description (open(2)): what descriptors point to, shared by dup() and fork(). Pipes, ttys, sockets, devices
// and files of the VFS are kinds of it. Calls that would block answer EAGAIN; the system call then sleeps on the queues.
import type { Bytes } from '@/lib/base'
import { errno } from './errno'
import { O_ACCMODE } from './open-flags'
import type { Place } from './place'
import { type Fallible, O_NONBLOCK, O_RDONLY, O_WRONLY, POLLIN, POLLOUT, type Stat } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

const noQueues: readonly WaitQueue[] = []

export abstract class OpenFile {
  /** Status flags: access mode, O_APPEND, O_NONBLOCK, … */
  flags: number
  references = 0

  readonly place: Place

  constructor(flags: number, place: Place) {
    this.flags = flags
    this.place = place
  }

  /** Where /proc/PID/fd/N points. */
  describe(): string {
    return this.place.describe()
  }

  stat(): Stat {
    return this.place.stat()
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY
  }

  get writable(): boolean {
    return (this.flags & O_ACCMODE) !== O_RDONLY
  }

  get nonblocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0
  }

  read(_task: Task, _count: number): Fallible<Bytes> {
    return errno.EINVAL
  }

  write(_task: Task, _data: Bytes): Fallible<number> {
    return errno.EINVAL
  }

  pread(_task: Task, _count: number, _offset: number): Fallible<Bytes> {
    return errno.ESPIPE
  }

  seek(_offset: number, _whence: 'set' | 'current' | 'end'): Fallible<number> {
    return errno.ESPIPE
  }

  truncate(_task: Task, _size: number): Fallible<0> {
    return errno.EINVAL
  }

  /** Readiness as poll(2) reports it. */
  poll(): number {
    return POLLIN | POLLOUT
  }

  readQueues(): readonly WaitQueue[] {
    return noQueues
  }

  writeQueues(): readonly WaitQueue[] {
    return noQueues
  }

  pollQueues(): readonly WaitQueue[] {
    return [...this.readQueues(), ...this.writeQueues()]
  }

  sync(): Fallible<0> {
    return errno.EINVAL
  }

  /** The last descriptor is closed. */
  release(): void {
    this.place.release()
  }

  /** One descriptor of `task` is closed; others may live on. */
  closedBy(_task: Task): void {}
}
