// After termios(3), tty_ioctl(4) and POSIX's General Terminal Interface: a terminal with its line discipline and its session.
import { type Bytes, concatBytes } from '@/lib/base'
import { errno } from './errno'
import type { Kernel } from './kernel'
import { type Session, signalGroup } from './session'
import { signals } from './signal'
import { Sleepers } from './sleepers'
import type { Fallible, TerminalAttributes, WindowSize } from './system-calls'
import type { Task } from './task'

export type Attributes = { -readonly [K in keyof Required<TerminalAttributes>]: TerminalAttributes[K] & {} } & {
  cc: Record<string, number>
}

export function defaultAttributes(): Attributes {
  return {
    icanon: true,
    echo: true,
    isig: true,
    icrnl: true,
    opost: true,
    ixon: true,
    echoe: true,
    echok: true,
    echoctl: true,
    echoke: true,
    onlcr: true,
    iexten: true,
    tostop: false,
    noflsh: false,
    inlcr: false,
    igncr: false,
    iutf8: true,
    cc: {
      INTR: 3,
      QUIT: 28,
      ERASE: 127,
      KILL: 21,
      EOF: 4,
      START: 17,
      STOP: 19,
      SUSP: 26,
      REPRINT: 18,
      WERASE: 23,
      LNEXT: 22,
      EOL: 0,
      MIN: 1,
      TIME: 0,
    },
  }
}

/** Where the bytes that programs write go: the master of a pty, or the host. */
export type TtySink = {
  /** How many bytes it takes now. */
  readonly room: () => number
  readonly push: (bytes: Bytes) => void
  readonly roomChanged: Sleepers
}

const NL = 10
const CR = 13
const TAB = 9
const BS = 8
const SPACE = 32
const LINE_MAX = 4095
const eraseOne = Uint8Array.of(BS, SPACE, BS)

type InputRecord = { bytes: Bytes; offset: number }

export class Tty {
  readonly kernel: Kernel
  /** `pts/0`, `tty1`, `ttyS0`. */
  readonly name: string
  readonly rdev: readonly [number, number]
  attributes: Attributes = defaultAttributes()
  size: WindowSize
  session: Session | undefined
  foregroundPgid = 0
  /** Grows with every hang-up; files opened before see end of file. */
  generation = 0
  openings = 0
  everOpened = false
  sink: TtySink
  readonly inputArrived = new Sleepers()
  readonly hungUp = new Sleepers()
  /** Last slave closed: told to the master of a pty. */
  readonly closed = new Sleepers()
  stopped = false

  /** Finished lines, or chunks of raw input. */
  private input: InputRecord[] = []
  private line: number[] = []
  private literal = false
  /** What one receipt echoes goes out in one piece. */
  private echoed: Bytes[] | undefined
  private column = 0

  constructor(kernel: Kernel, name: string, rdev: readonly [number, number], sink: TtySink, size: WindowSize = { rows: 24, columns: 80 }) {
    this.kernel = kernel
    this.name = name
    this.rdev = rdev
    this.sink = sink
    this.size = size
  }

  // -------- input side (keyboard)

  receive(bytes: Bytes): void {
    const before = this.input.length
    const raw: number[] = []
    this.echoed = []
    for (const byte of bytes) this.receiveByte(byte, raw)
    const { echoed } = this
    this.echoed = undefined
    if (echoed.length > 0) this.sink.push(concatBytes(echoed))
    if (raw.length > 0) this.input.push({ bytes: Uint8Array.from(raw), offset: 0 })
    if (this.input.length !== before || raw.length > 0) this.inputArrived.wake()
  }

  private receiveByte(given: number, raw: number[]): void {
    const { attributes } = this
    const { cc } = attributes
    let byte = given
    if (this.literal) {
      this.literal = false
      this.accept(byte, raw)
      return
    }
    if (byte === CR) {
      if (attributes.igncr) return
      if (attributes.icrnl) byte = NL
    } else if (byte === NL && attributes.inlcr) byte = CR
    if (attributes.ixon) {
      if (byte === cc['STOP']) {
        this.stopped = true
        return
      }
      if (byte === cc['START']) {
        this.stopped = false
        this.sink.roomChanged.wake()
        return
      }
    }
    if (attributes.isig) {
      const signal =
        byte === cc['INTR']
          ? signals.SIGINT.number
          : byte === cc['QUIT']
            ? signals.SIGQUIT.number
            : byte === cc['SUSP']
              ? signals.SIGTSTP.number
              : 0
      if (signal !== 0 && byte !== 0) {
        if (!attributes.noflsh) {
          this.input = []
          this.line = []
          raw.length = 0
        }
        this.stopped = false
        this.echo(byte)
        if (this.foregroundPgid !== 0) signalGroup(this.kernel, this.foregroundPgid, signal)
        return
      }
    }
    if (!attributes.icanon) {
      this.accept(byte, raw)
      return
    }
    this.edit(byte, raw)
  }

  private edit(byte: number, raw: number[]): void {
    const { attributes } = this
    const { cc } = attributes
    if (byte !== 0) {
      if (byte === cc['ERASE']) {
        this.erase('character')
        return
      }
      if (byte === cc['KILL']) {
        this.erase('line')
        return
      }
      if (attributes.iexten) {
        if (byte === cc['WERASE']) {
          this.erase('word')
          return
        }
        if (byte === cc['LNEXT']) {
          this.literal = true
          if (attributes.echo && attributes.echoctl) this.put(Uint8Array.of(0x5e, BS))
          return
        }
        if (byte === cc['REPRINT']) {
          this.echo(byte)
          this.put(Uint8Array.of(CR, NL))
          for (const one of this.line) this.echo(one)
          return
        }
      }
      if (byte === cc['EOF']) {
        this.endLine()
        return
      }
    }
    this.accept(byte, raw)
    if (byte === NL || (byte !== 0 && byte === cc['EOL'])) this.endLine()
  }

  private accept(byte: number, raw: number[]): void {
    if (!this.attributes.icanon) {
      raw.push(byte)
      if (this.attributes.echo) this.echo(byte)
      return
    }
    if (this.line.length >= LINE_MAX && byte !== NL) return
    this.line.push(byte)
    if (this.attributes.echo) this.echo(byte)
  }

  private endLine(): void {
    this.input.push({ bytes: Uint8Array.from(this.line), offset: 0 })
    this.line = []
  }

  // -------- echo and editing

  private put(bytes: Bytes): void {
    if (this.echoed === undefined) this.sink.push(bytes)
    else this.echoed.push(bytes)
  }

  private echo(byte: number): void {
    const { attributes } = this
    if (!attributes.echo) return
    if (byte === NL) this.put(attributes.opost && attributes.onlcr ? Uint8Array.of(CR, NL) : Uint8Array.of(NL))
    else if (attributes.echoctl && isControl(byte) && byte !== TAB) this.put(Uint8Array.of(0x5e, byte ^ 0x40))
    else this.put(Uint8Array.of(byte))
  }

  private erase(what: 'character' | 'word' | 'line'): void {
    const { attributes } = this
    if (what === 'line' && attributes.echo && !(attributes.echok && attributes.echoke && attributes.echoe)) {
      this.line = []
      this.echo(this.attributes.cc['KILL'] ?? 21)
      if (attributes.echok) this.echo(NL)
      return
    }
    let seenWord = false
    while (this.line.length > 0) {
      let count = 1
      // A UTF-8 character goes as a whole.
      if (attributes.iutf8) while (count < this.line.length && isContinuation(this.line[this.line.length - count]!)) count += 1
      const first = this.line[this.line.length - count]!
      if (what === 'word') {
        if (isWordByte(first)) seenWord = true
        else if (seenWord) return
      }
      this.line.length -= count
      if (attributes.echo) this.eraseEcho(first)
      if (what === 'character') return
    }
  }

  private eraseEcho(byte: number): void {
    const { attributes } = this
    if (!attributes.echoe) {
      this.echo(attributes.cc['ERASE'] ?? 127)
      return
    }
    if (byte === TAB) {
      let column = 0
      for (const one of this.line) {
        if (one === TAB) column = (column | 7) + 1
        else if (attributes.echoctl && isControl(one)) column += 2
        else if (!isContinuation(one)) column += 1
      }
      const width = ((this.column + column) | 7) + 1 - (this.column + column)
      this.put(new Uint8Array(width).fill(BS))
      return
    }
    this.put(attributes.echoctl && isControl(byte) ? concatBytes([eraseOne, eraseOne]) : eraseOne)
  }

  // -------- program side

  get hasInput(): boolean {
    return this.input.length > 0 || (!this.attributes.icanon && (this.attributes.cc['MIN'] ?? 1) === 0)
  }

  take(count: number): Fallible<Bytes> {
    const first = this.input[0]
    if (first === undefined) {
      if (!this.attributes.icanon && this.attributes.cc['MIN'] === 0) return new Uint8Array(0)
      return errno.EAGAIN
    }
    const rest = first.bytes.length - first.offset
    const taken = first.bytes.subarray(first.offset, first.offset + Math.min(count, rest))
    first.offset += taken.length
    if (first.offset >= first.bytes.length) this.input.shift()
    return taken
  }

  write(data: Bytes): Fallible<number> {
    const room = this.stopped ? 0 : this.sink.room()
    if (room <= 0) return errno.EAGAIN
    const part = data.length > room ? data.subarray(0, room) : data
    this.put(this.process(part))
    return part.length
  }

  private process(data: Bytes): Bytes {
    this.trackColumn(data)
    const { opost, onlcr } = this.attributes
    if (!opost || !onlcr) return data.slice()
    let newlines = 0
    for (const byte of data) if (byte === NL) newlines += 1
    if (newlines === 0) return data.slice()
    const out = new Uint8Array(data.length + newlines)
    let at = 0
    for (const byte of data) {
      if (byte === NL) out[at++] = CR
      out[at++] = byte
    }
    return out
  }

  private trackColumn(data: Bytes): void {
    for (const byte of data) {
      if (byte === NL || byte === CR) this.column = 0
      else if (byte === TAB) this.column = (this.column | 7) + 1
      else if (!isContinuation(byte)) this.column += 1
    }
  }

  setAttributes(changes: Partial<TerminalAttributes>): void {
    const wasCanonical = this.attributes.icanon
    this.attributes = { ...this.attributes, ...changes, cc: { ...this.attributes.cc, ...changes.cc } }
    // A line begun in canonical mode is readable at once in raw mode.
    if (wasCanonical && !this.attributes.icanon && this.line.length > 0) this.endLine()
    this.inputArrived.wake()
  }

  /** tcflush(TCIFLUSH). */
  flushInput(): void {
    this.input = []
    this.line = []
  }

  resize(size: WindowSize): void {
    if (size.rows === this.size.rows && size.columns === this.size.columns) return
    this.size = size
    if (this.foregroundPgid !== 0) signalGroup(this.kernel, this.foregroundPgid, signals.SIGWINCH.number)
  }

  // -------- session

  attachTo(session: Session, pgid: number): void {
    this.session = session
    session.tty = this
    this.foregroundPgid = pgid
  }

  /** The line is lost: readers get end of file, writers EIO, the session SIGHUP. */
  hangUp(): void {
    this.generation += 1
    const { session, foregroundPgid } = this
    this.input = []
    this.line = []
    this.stopped = false
    this.session = undefined
    this.foregroundPgid = 0
    if (session !== undefined) {
      session.tty = undefined
      for (const task of [...this.kernel.tasks.values()]) {
        if (task.pid !== session.sid || task.session !== session) continue
        signalGroup(this.kernel, task.pgid, signals.SIGHUP.number)
        signalGroup(this.kernel, task.pgid, signals.SIGCONT.number)
      }
      if (foregroundPgid !== 0 && foregroundPgid !== session.sid) signalGroup(this.kernel, foregroundPgid, signals.SIGHUP.number)
      if (foregroundPgid !== 0) signalGroup(this.kernel, foregroundPgid, signals.SIGCONT.number)
    }
    this.inputArrived.wake()
    this.sink.roomChanged.wake()
    this.hungUp.wake()
  }

  /** The session leader ended or gave the terminal up. */
  disassociate(session: Session): void {
    if (this.session === session) this.hangUp()
  }

  /** Whether `task` may read or change the terminal now; else what its group was sent. */
  backgroundCheck(task: Task, signal: number): Fallible<0> | 'signalled' {
    if (task.session.tty !== this || task.pgid === this.foregroundPgid || this.foregroundPgid === 0) return 0
    const ignored = task.blocked.has(signal) || task.actions.get(signal)?.disposition === 'ignore'
    if (signal === signals.SIGTTIN.number) {
      if (ignored || this.kernel.isOrphanedGroup(task.pgid)) return errno.EIO
    } else {
      if (ignored) return 0
      if (this.kernel.isOrphanedGroup(task.pgid)) return errno.EIO
    }
    signalGroup(this.kernel, task.pgid, signal)
    return 'signalled'
  }
}

function isControl(byte: number): boolean {
  return byte < 32 || byte === 127
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

function isWordByte(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte >= 128
}
