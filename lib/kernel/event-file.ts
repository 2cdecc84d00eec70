// Descriptors that are events: eventfd(2), timerfd_create(2), pidfd_open(2), epoll(7)'s own.
import { type Alarm, type Bytes, USEC_INFINITY, type Usec } from '@/lib/base'
import { errno } from './errno'
import { OpenFile } from './open-file'
import { anonymousPlace } from './place'
import { Sleepers } from './sleepers'
import { type Fallible, O_RDWR, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

function eightBytes(value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

export class EventFile extends OpenFile {
  private count: number
  private readonly changed = new Sleepers()

  constructor(task: Task, count: number) {
    super(
      O_RDWR,
      anonymousPlace(task, 'file', 0o600, () => 'anon_inode:[eventfd]'),
    )
    this.count = count
  }

  override read(): Fallible<Bytes> {
    if (this.count === 0) return errno.EAGAIN
    const bytes = eightBytes(this.count)
    this.count = 0
    this.changed.wake()
    return bytes
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    if (data.length < 8) return errno.EINVAL
    this.count += Number(new DataView(data.buffer, data.byteOffset).getBigUint64(0, true))
    this.changed.wake()
    return 8
  }

  override poll(): number {
    return POLLOUT | (this.count > 0 ? POLLIN : 0)
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.changed]
  }
}

/** Readable after its time; with `cancelOnSet`, also when somebody sets the realtime clock (read: ECANCELED). */
export class TimerFile extends OpenFile {
  private readonly task: Task
  private readonly expired = new Sleepers()
  private readonly stopListening: () => void
  private alarm: Alarm | undefined
  private expirations = 0
  private cancelOnSet = false
  private cancelled = false

  constructor(task: Task) {
    super(
      O_RDWR,
      anonymousPlace(task, 'file', 0o600, () => 'anon_inode:[timerfd]'),
    )
    this.task = task
    this.stopListening = task.kernel.clockWasSet.listen(() => {
      if (!this.cancelOnSet) return
      this.cancelled = true
      this.expired.wake()
    })
  }

  set(deadlineUsec: Usec, cancelOnSet: boolean): void {
    const { kernel } = this.task
    if (this.alarm !== undefined) kernel.clock.cancel(this.alarm)
    this.alarm = undefined
    this.expirations = 0
    this.cancelled = false
    this.cancelOnSet = cancelOnSet
    if (deadlineUsec === USEC_INFINITY) return
    this.alarm = kernel.setAlarm(deadlineUsec, () => {
      this.expirations += 1
      this.expired.wake()
    })
  }

  override read(): Fallible<Bytes> {
    if (this.cancelled) {
      this.cancelled = false
      return errno.ECANCELED
    }
    if (this.expirations === 0) return errno.EAGAIN
    const bytes = eightBytes(this.expirations)
    this.expirations = 0
    return bytes
  }

  override poll(): number {
    return this.expirations > 0 || this.cancelled ? POLLIN : 0
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.expired]
  }

  override release(): void {
    super.release()
    this.stopListening()
    if (this.alarm !== undefined) this.task.kernel.clock.cancel(this.alarm)
  }
}

/** pidfd: readable once the process has ended. */
export class ProcessFile extends OpenFile {
  readonly target: Task

  constructor(task: Task, target: Task) {
    super(
      O_RDWR,
      anonymousPlace(task, 'file', 0o600, () => 'anon_inode:[pidfd]'),
    )
    this.target = target
  }

  override poll(): number {
    return this.target.alive ? 0 : POLLIN
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.target.kernel.taskEnded]
  }
}

/** A descriptor that is there and does nothing: epoll, io_uring, userfaultfd, landlock and the like. */
export class QuietFile extends OpenFile {
  constructor(task: Task, name: string) {
    super(
      O_RDWR,
      anonymousPlace(task, 'file', 0o600, () => `anon_inode:${name}`),
    )
  }

  override poll(): number {
    return 0
  }
}
