// After pipe(7) and fifo(7): 64 KiB, writes of up to PIPE_BUF bytes are atomic, EPIPE without readers, end of file without writers.
import { type Bytes, concatBytes } from '@/lib/base'
import { errno } from './errno'
import { OpenFile } from './open-file'
import { PIPE_BUF } from './open-flags'
import type { Place } from './place'
import { Sleepers } from './sleepers'
import { type Fallible, O_RDONLY, O_WRONLY, POLLERR, POLLHUP, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

const CAPACITY = 65_536

export class Pipe {
  private chunks: Bytes[] = []
  private size = 0
  readers = 0
  writers = 0
  /** Counts openings, so that open() of a fifo can wait for the other side. */
  readerOpenings = 0
  writerOpenings = 0
  readonly readable = new Sleepers()
  readonly writable = new Sleepers()
  readonly opened = new Sleepers()

  get length(): number {
    return this.size
  }

  take(count: number): Fallible<Bytes> {
    if (this.size === 0) return this.writers === 0 ? new Uint8Array(0) : errno.EAGAIN
    const first = this.chunks[0]!
    if (this.chunks.length === 1 && first.length <= count) {
      this.chunks = []
      this.size = 0
      this.writable.wake()
      return first
    }
    const parts: Bytes[] = []
    let left = count
    while (left > 0 && this.chunks.length > 0) {
      const chunk = this.chunks[0]!
      if (chunk.length <= left) {
        parts.push(chunk)
        this.chunks.shift()
        left -= chunk.length
      } else {
        parts.push(chunk.subarray(0, left))
        this.chunks[0] = chunk.subarray(left)
        left = 0
      }
    }
    const taken = parts.length === 1 ? parts[0]! : concatBytes(parts)
    this.size -= taken.length
    this.writable.wake()
    return taken
  }

  put(data: Bytes): Fallible<number> {
    if (this.readers === 0) return errno.EPIPE
    if (data.length === 0) return 0
    const room = CAPACITY - this.size
    if (room === 0 || (data.length <= PIPE_BUF && data.length > room)) return errno.EAGAIN
    const taken = data.length <= room ? data.slice() : data.slice(0, room)
    const last = this.chunks.at(-1)
    // Many tiny writes would make many tiny chunks.
    if (last !== undefined && last.length + taken.length <= PIPE_BUF) this.chunks[this.chunks.length - 1] = concatBytes([last, taken])
    else this.chunks.push(taken)
    this.size += taken.length
    this.readable.wake()
    return taken.length
  }

  get room(): number {
    return CAPACITY - this.size
  }
}

/** One end of a pipe, or an opened fifo (which may be both). */
export class PipeEnd extends OpenFile {
  readonly pipe: Pipe

  constructor(pipe: Pipe, flags: number, place: Place) {
    super(flags, place)
    this.pipe = pipe
    if (this.readable) {
      pipe.readers += 1
      pipe.readerOpenings += 1
    }
    if (this.writable) {
      pipe.writers += 1
      pipe.writerOpenings += 1
    }
    pipe.opened.wake()
  }

  override read(_task: Task, count: number): Fallible<Bytes> {
    return this.pipe.take(count)
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    return this.pipe.put(data)
  }

  override poll(): number {
    const { pipe } = this
    let mask = 0
    if (this.readable) {
      if (pipe.length > 0) mask |= POLLIN
      if (pipe.writers === 0 && pipe.writerOpenings > 0) mask |= POLLHUP
    }
    if (this.writable) {
      if (pipe.room >= PIPE_BUF) mask |= POLLOUT
      if (pipe.readers === 0) mask |= POLLERR
    }
    return mask
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.pipe.readable]
  }

  override writeQueues(): readonly WaitQueue[] {
    return [this.pipe.writable]
  }

  override release(): void {
    super.release()
    if (this.readable) this.pipe.readers -= 1
    if (this.writable) this.pipe.writers -= 1
    this.pipe.readable.wake()
    this.pipe.writable.wake()
  }
}

export function pipeEnds(place: Place, flags: number): { readonly read: PipeEnd; readonly write: PipeEnd } {
  const pipe = new Pipe()
  return { read: new PipeEnd(pipe, O_RDONLY | flags, place), write: new PipeEnd(pipe, O_WRONLY | flags, place) }
}
