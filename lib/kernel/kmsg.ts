// After syslog(2) and /dev/kmsg: the kernel's log, a ring of records that each reader follows on its own.
import { type Bytes, decodeUtf8, encodeUtf8, type Usec } from '@/lib/base'
import { errno } from './errno'
import type { Kernel } from './kernel'
import { OpenFile } from './open-file'
import type { Place } from './place'
import { Sleepers } from './sleepers'
import { type Fallible, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

export type KernelLogRecord = { readonly sequence: number; readonly priority: number; readonly atUsec: Usec; readonly text: string }

const KEPT = 4096

export class KernelLog {
  readonly records: KernelLogRecord[] = []
  readonly arrived = new Sleepers()
  clearedBefore = 0
  private readonly kernel: Kernel
  private nextSequence = 0

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /** @param priority facility * 8 + level */
  write(priority: number, text: string): void {
    const atUsec = Math.floor(this.kernel.clock.monotonicUsec)
    this.records.push({ sequence: this.nextSequence++, priority, atUsec, text })
    if (this.records.length > KEPT) this.records.shift()
    this.arrived.wake()
    if (this.kernel.events.hasListeners) this.kernel.events.emit({ type: 'kernel-log', priority, text, atUsec })
  }

  get endSequence(): number {
    return this.nextSequence
  }

  from(sequence: number): KernelLogRecord | undefined {
    const first = this.records[0]
    return first === undefined ? undefined : this.records[Math.max(0, sequence - first.sequence)]
  }
}

/** /dev/kmsg: each read gives one record; what is written becomes one. */
export class KmsgFile extends OpenFile {
  private readonly log: KernelLog
  private sequence = 0

  constructor(log: KernelLog, flags: number, place: Place) {
    super(flags, place)
    this.log = log
  }

  override read(_task: Task, count: number): Fallible<Bytes> {
    const record = this.log.from(this.sequence)
    if (record === undefined) return errno.EAGAIN
    const bytes = encodeUtf8(`${record.priority},${record.sequence},${record.atUsec},-;${record.text}\n`)
    if (bytes.length > count) return errno.EINVAL
    if (record.sequence > this.sequence) {
      this.sequence = record.sequence
      return errno.EPIPE
    }
    this.sequence = record.sequence + 1
    return bytes
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    const line = decodeUtf8(data).replace(/\n$/, '')
    const match = /^<(\d+)>([\s\S]*)$/.exec(line)
    const given = match === null ? 4 : Number(match[1])
    // User space cannot speak as the kernel: facility 0 becomes "user".
    const priority = given < 8 ? given | 8 : given
    this.log.write(priority, match === null ? line : match[2]!)
    return data.length
  }

  override seek(offset: number, whence: 'set' | 'current' | 'end'): Fallible<number> {
    if (offset !== 0) return errno.ESPIPE
    if (whence === 'set') this.sequence = this.log.records[0]?.sequence ?? 0
    else if (whence === 'end') this.sequence = this.log.endSequence
    else return errno.EINVAL
    return 0
  }

  override poll(): number {
    return POLLOUT | (this.log.from(this.sequence) === undefined ? 0 : POLLIN)
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.log.arrived]
  }
}
