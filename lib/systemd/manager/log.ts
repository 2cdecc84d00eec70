// PID 1's own log: to the journal once journald runs, to the kernel log before; in the order of the calls.
import { encodeNative, messageId, type Field } from '@/lib/journal'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'

export type LogFields = Readonly<Record<string, string | number | undefined>>
type Line = { readonly priority: number; readonly text: string; readonly fields: readonly Field[] }

/** Where systemd 257 writes a message from, as journald's CODE_* fields show it. */
const codeOf: Readonly<Record<string, readonly [file: string, line: number, func: string]>> = {
  [messageId.unitStarted]: ['src/core/job.c', 818, 'job_emit_done_message'],
  [messageId.unitStopped]: ['src/core/job.c', 818, 'job_emit_done_message'],
  [messageId.unitFailed]: ['src/core/job.c', 818, 'job_emit_done_message'],
  [messageId.unitReloaded]: ['src/core/job.c', 818, 'job_emit_done_message'],
  [messageId.unitStarting]: ['src/core/job.c', 627, 'job_emit_start_message'],
  [messageId.unitStopping]: ['src/core/job.c', 627, 'job_emit_start_message'],
  [messageId.unitReloading]: ['src/core/job.c', 627, 'job_emit_start_message'],
  [messageId.unitSuccess]: ['src/core/unit.c', 6061, 'unit_log_success'],
  [messageId.unitFailureResult]: ['src/core/unit.c', 6072, 'unit_log_failure'],
  [messageId.unitSkipped]: ['src/core/unit.c', 6083, 'unit_log_skip'],
  [messageId.unitProcessExit]: ['src/core/unit.c', 6125, 'unit_log_process_exit'],
  [messageId.unitResources]: ['src/core/unit.c', 2481, 'unit_log_resources'],
  [messageId.tainted]: ['src/core/manager.c', 3890, 'log_taint_string'],
  [messageId.startupFinished]: ['src/core/manager.c', 3957, 'manager_notify_finished'],
  [messageId.userStartupFinished]: ['src/core/manager.c', 3972, 'manager_notify_finished'],
}

/** A moment after the lines before it: its readings are those of when they have been sent. */
type Moment = { realtimeUsec: number; monotonicUsec: number }

/** What it takes journald to wake up and read a few messages. */
const READING_USEC = 60

export class ManagerLog {
  private readonly process: Process
  private lines: (Line | Moment)[] = []
  private fd: number | undefined
  /** journald takes messages now. */
  toJournal = false
  maxLevel = 6
  target: 'journal-or-kmsg' | 'kmsg' | 'journal' | 'null' = 'journal-or-kmsg'

  constructor(process: Process) {
    this.process = process
  }

  add(priority: number, text: string, fields: LogFields = {}, repeated: readonly Field[] = []): void {
    if (priority > this.maxLevel || this.target === 'null') return
    const all: Field[] = []
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) all.push([name, String(value)])
    const code = typeof fields.MESSAGE_ID === 'string' ? codeOf[fields.MESSAGE_ID] : undefined
    if (code !== undefined) all.push(['CODE_FILE', code[0]], ['CODE_LINE', String(code[1])], ['CODE_FUNC', code[2]])
    this.lines.push({ priority, text, fields: [...all, ...repeated] })
  }

  /** Now; if there are lines to be sent first, it is put right when they have been. */
  moment(): Moment {
    const { realtimeUsec, monotonicUsec } = this.process
    const moment: Moment = { realtimeUsec, monotonicUsec }
    if (this.lines.length > 0) this.lines.push(moment)
    return moment
  }

  get pending(): boolean {
    return this.lines.length > 0
  }

  *flush(): Syscall<void> {
    if (this.lines.length === 0) return
    yield* this.send()
    // journald reads what it got before we go on: its stamps keep the order of things.
    if (this.toJournal) yield* this.process.nanosleep(READING_USEC)
  }

  private *send(): Syscall<void> {
    while (this.lines.length > 0) {
      const lines = this.lines
      this.lines = []
      for (const line of lines) {
        if ('text' in line) {
          yield* this.write(line)
          continue
        }
        if (this.toJournal) yield* this.process.nanosleep(READING_USEC)
        line.realtimeUsec = this.process.realtimeUsec
        line.monotonicUsec = this.process.monotonicUsec
      }
    }
  }

  /** The socket goes stale when journald's end is closed. */
  *closeJournal(): Syscall<void> {
    if (this.fd !== undefined) yield* this.process.close(this.fd)
    this.fd = undefined
  }

  private *write(line: Line): Syscall<void> {
    const { process } = this
    if (this.toJournal && this.target !== 'kmsg') {
      if (this.fd === undefined) {
        const fd = yield* process.socket('AF_UNIX', 'dgram')
        if (!isErrno(fd)) {
          yield* process.setCloexec(fd, true)
          yield* process.setNonblock(fd, true)
          this.fd = fd
        }
      }
      if (this.fd !== undefined) {
        const data = encodeNative([
          ['MESSAGE', line.text],
          ['PRIORITY', String(line.priority)],
          ['SYSLOG_FACILITY', '3'],
          ['SYSLOG_IDENTIFIER', 'systemd'],
          ['TID', String(process.pid)],
          ...line.fields,
        ])
        const sent = yield* process.send(this.fd, data, { to: { domain: 'AF_UNIX', path: '/run/systemd/journal/socket' } })
        if (!isErrno(sent)) return
      }
    }
    // Facility daemon, as systemd's own lines in /dev/kmsg have it.
    yield* process.kernelLog((3 << 3) | line.priority, `systemd[${process.pid}]: ${line.text}`)
  }
}
