// An opened terminal, as a descriptor sees it.
import type { Bytes } from '@/lib/base'
import { errno } from './errno'
import { OpenFile } from './open-file'
import type { Place } from './place'
import { signals } from './signal'
import { type Fallible, POLLHUP, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import type { Tty } from './tty'
import type { WaitQueue } from './wait'

export class TtyFile extends OpenFile {
  readonly tty: Tty
  private readonly generation: number

  constructor(tty: Tty, flags: number, place: Place) {
    super(flags, place)
    this.tty = tty
    this.generation = tty.generation
    tty.openings += 1
    tty.everOpened = true
  }

  /** The line was hung up after this was opened. */
  get isHungUp(): boolean {
    return this.generation !== this.tty.generation
  }

  override read(task: Task, count: number): Fallible<Bytes> {
    if (this.isHungUp) return new Uint8Array(0)
    const check = this.tty.backgroundCheck(task, signals.SIGTTIN.number)
    if (check === 'signalled') return errno.ERESTART
    if (check !== 0) return check
    return this.tty.take(count)
  }

  override write(task: Task, data: Bytes): Fallible<number> {
    if (this.isHungUp) return errno.EIO
    if (this.tty.attributes.tostop) {
      const check = this.tty.backgroundCheck(task, signals.SIGTTOU.number)
      if (check === 'signalled') return errno.ERESTART
      if (check !== 0) return check
    }
    return this.tty.write(data)
  }

  override poll(): number {
    if (this.isHungUp) return POLLIN | POLLHUP | POLLOUT
    return (this.tty.hasInput ? POLLIN : 0) | (!this.tty.stopped && this.tty.sink.room() > 0 ? POLLOUT : 0)
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.tty.inputArrived]
  }

  override writeQueues(): readonly WaitQueue[] {
    return [this.tty.sink.roomChanged]
  }

  override release(): void {
    super.release()
    this.tty.openings -= 1
    if (this.tty.openings === 0) this.tty.closed.wake()
  }
}
