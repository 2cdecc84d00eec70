// Character and block devices of the machine by their numbers, and what opening them gives. After null(4), random(4), tty(4), kmsg.
import type { Bytes } from '@/lib/base'
import { type Errno, errno } from './errno'
import type { Kernel } from './kernel'
import { KmsgFile } from './kmsg'
import { OpenFile } from './open-file'
import type { Place } from './place'
import { PtyMaster } from './pty'
import { HostSink } from './host-sink'
import { type Fallible, O_NOCTTY, POLLIN, POLLOUT } from './system-calls'
import type { Task } from './task'
import { Tty } from './tty'
import { TtyFile } from './tty-file'

type Opener = (task: Task, flags: number, place: Place) => Fallible<OpenFile>

export class DeviceTable {
  private readonly openers = new Map<string, Opener>()
  private readonly majors = new Map<string, (minor: number) => Opener | undefined>()
  /** Terminals that are no ptys, by name: `tty1`, `ttyS0`. */
  readonly terminals = new Map<string, Tty>()
  private readonly kernel: Kernel

  constructor(kernel: Kernel) {
    this.kernel = kernel
    this.fill()
  }

  open(
    task: Task,
    kind: 'character-device' | 'block-device',
    rdev: readonly [number, number],
    flags: number,
    place: Place,
  ): Fallible<OpenFile> {
    const letter = kind === 'character-device' ? 'c' : 'b'
    const opener = this.openers.get(`${letter}${rdev[0]}:${rdev[1]}`) ?? this.majors.get(`${letter}${rdev[0]}`)?.(rdev[1])
    return opener === undefined ? errno.ENXIO : opener(task, flags, place)
  }

  private fill(): void {
    const simple = (minor: number, make: (flags: number, place: Place) => OpenFile): void => {
      this.openers.set(`c1:${minor}`, (_task, flags, place) => make(flags, place))
    }
    simple(3, (flags, place) => new NullDevice(flags, place))
    simple(5, (flags, place) => new ZeroDevice(flags, place))
    simple(7, (flags, place) => new FullDevice(flags, place))
    simple(8, (flags, place) => new RandomDevice(this.kernel, flags, place))
    simple(9, (flags, place) => new RandomDevice(this.kernel, flags, place))
    this.openers.set('c1:1', (task, flags, place) => (task.isCapable('CAP_SYS_RAWIO') ? new ZeroDevice(flags, place) : errno.EPERM))
    this.openers.set('c1:11', (task, flags, place) => {
      const reads = (flags & 3) !== 1
      // kernel.dmesg_restrict
      if (reads && !task.isCapable('CAP_SYSLOG')) return errno.EPERM
      return new KmsgFile(this.kernel.kernelLog, flags, place)
    })
    this.openers.set('c5:0', (task, flags, place) => {
      const { tty } = task.session
      return tty === undefined ? errno.ENXIO : new TtyFile(tty, flags, place)
    })
    this.openers.set('c5:1', (task, flags, place) => this.openTty(this.terminal('ttyS0'), task, flags | O_NOCTTY, place))
    this.openers.set('c5:2', (task, flags, place) => this.openMaster(task, flags, place))
    this.openers.set('c4:0', (task, flags, place) => this.openTty(this.terminal('tty1'), task, flags | O_NOCTTY, place))
    this.majors.set('c4', (minor) => {
      const name = minor < 64 ? `tty${minor}` : minor < 68 ? `ttyS${minor - 64}` : undefined
      if (name === undefined) return undefined
      return (task, flags, place) => this.openTty(this.terminal(name), task, flags, place)
    })
    this.majors.set('c136', (minor) => {
      const pty = this.kernel.ptys.ptys.get(minor)
      return pty === undefined ? () => errno.EIO : (task, flags, place) => this.openTty(pty.tty, task, flags, place)
    })
    // Drivers that are there and answer, but whose work is not simulated.
    for (const major of ['c7', 'c10', 'c13', 'c246', 'c250', 'b254'])
      this.majors.set(major, () => (_task, flags, place) => new InertDevice(flags, place))
  }

  /** The terminal of that name; made when first asked for. */
  terminal(name: string): Tty {
    const known = this.terminals.get(name)
    if (known !== undefined) return known
    const serial = /^ttyS(\d+)$/.exec(name)
    const minor = serial === null ? Number(name.slice(3)) : 64 + Number(serial[1])
    const size = serial === null ? { rows: 25, columns: 80 } : { rows: 0, columns: 0 }
    const tty = new Tty(this.kernel, name, [4, minor], new HostSink(this.kernel), size)
    this.terminals.set(name, tty)
    return tty
  }

  private openTty(tty: Tty, task: Task, flags: number, place: Place): OpenFile {
    const file = new TtyFile(tty, flags, place)
    // A session leader without terminal gets the first one it opens.
    const wants = (flags & O_NOCTTY) === 0 && task.session.sid === task.pid && task.session.tty === undefined
    if (wants && tty.session === undefined && file.readable) tty.attachTo(task.session, task.pgid)
    return file
  }

  private openMaster(task: Task, flags: number, place: Place): OpenFile {
    const { ptys } = this.kernel
    return new PtyMaster(ptys.create(task.credentials.fsuid), flags, place, ptys)
  }
}

abstract class SimpleDevice extends OpenFile {
  override seek(): Fallible<number> {
    return 0
  }

  override pread(task: Task, count: number): Fallible<Bytes> {
    return this.read(task, count)
  }

  override poll(): number {
    return POLLIN | POLLOUT
  }
}

class NullDevice extends SimpleDevice {
  override read(): Fallible<Bytes> {
    return new Uint8Array(0)
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    return data.length
  }
}

class ZeroDevice extends SimpleDevice {
  override read(_task: Task, count: number): Fallible<Bytes> {
    return new Uint8Array(Math.min(count, 1_048_576))
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    return data.length
  }
}

class FullDevice extends ZeroDevice {
  override write(): Errno {
    return errno.ENOSPC
  }
}

class RandomDevice extends SimpleDevice {
  private readonly kernel: Kernel

  constructor(kernel: Kernel, flags: number, place: Place) {
    super(flags, place)
    this.kernel = kernel
  }

  override read(_task: Task, count: number): Fallible<Bytes> {
    return this.kernel.random.bytes(Math.min(count, 65_536))
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    return data.length
  }
}

class InertDevice extends SimpleDevice {
  override read(): Fallible<Bytes> {
    return errno.EAGAIN
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    return data.length
  }

  override poll(): number {
    return POLLOUT
  }
}
