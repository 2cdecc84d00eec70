// After pty(7) and pts(4): pairs of a master and a terminal; /dev/pts/N is there while the master is open.
import { type Bytes, concatBytes } from '@/lib/base'
import { errno } from './errno'
import type { Kernel } from './kernel'
import { OpenFile } from './open-file'
import type { Place } from './place'
import { Sleepers } from './sleepers'
import { type Fallible, POLLHUP, POLLIN, POLLOUT, type WindowSize } from './system-calls'
import type { Task } from './task'
import { Tty } from './tty'
import type { WaitQueue } from './wait'

const MASTER_CAPACITY = 65_536

export class Pty {
  readonly index: number
  readonly tty: Tty
  readonly outputArrived = new Sleepers()
  readonly createdUsec: number
  uid: number
  gid: number
  mode = 0o620
  masterOpen = true
  private output: Bytes[] = []
  private size = 0

  constructor(kernel: Kernel, index: number, uid: number, size: WindowSize) {
    this.index = index
    this.uid = uid
    this.gid = 5
    this.createdUsec = kernel.clock.realtimeUsec
    this.tty = new Tty(
      kernel,
      `pts/${index}`,
      [136, index],
      {
        room: () => MASTER_CAPACITY - this.size,
        push: (bytes) => {
          this.output.push(bytes)
          this.size += bytes.length
          this.outputArrived.wake()
        },
        roomChanged: new Sleepers(),
      },
      size,
    )
    this.tty.closed.listen(() => this.outputArrived.wake())
  }

  get hasOutput(): boolean {
    return this.size > 0
  }

  takeOutput(count: number): Bytes {
    const all = this.output.length === 1 ? this.output[0]! : concatBytes(this.output)
    const taken = all.length <= count ? all : all.subarray(0, count)
    this.output = taken.length === all.length ? [] : [all.subarray(count)]
    this.size -= taken.length
    this.tty.sink.roomChanged.wake()
    return taken
  }
}

/** The master as a descriptor (/dev/ptmx). */
export class PtyMaster extends OpenFile {
  readonly pty: Pty
  private readonly table: PtyTable

  constructor(pty: Pty, flags: number, place: Place, table: PtyTable) {
    super(flags, place)
    this.pty = pty
    this.table = table
  }

  private get otherSideGone(): boolean {
    return this.pty.tty.openings === 0 && this.pty.tty.everOpened
  }

  override read(_task: Task, count: number): Fallible<Bytes> {
    if (this.pty.hasOutput) return this.pty.takeOutput(count)
    return this.otherSideGone ? errno.EIO : errno.EAGAIN
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    this.pty.tty.receive(data)
    return data.length
  }

  override poll(): number {
    return (this.pty.hasOutput ? POLLIN : 0) | POLLOUT | (this.otherSideGone ? POLLHUP : 0)
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.pty.outputArrived]
  }

  override release(): void {
    super.release()
    this.pty.masterOpen = false
    this.pty.tty.hangUp()
    this.table.remove(this.pty)
  }
}

/** The ptys of a machine (one instance of devpts). */
export class PtyTable {
  readonly ptys = new Map<number, Pty>()
  /** Told to devpts. */
  onRemove: ((index: number) => void) | undefined
  private readonly kernel: Kernel

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  create(uid: number, size: WindowSize = { rows: 0, columns: 0 }): Pty {
    let index = 0
    while (this.ptys.has(index)) index += 1
    const pty = new Pty(this.kernel, index, uid, size)
    this.ptys.set(index, pty)
    return pty
  }

  remove(pty: Pty): void {
    this.ptys.delete(pty.index)
    this.onRemove?.(pty.index)
  }
}
