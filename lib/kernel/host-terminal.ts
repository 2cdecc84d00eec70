// Doors for the host: a terminal whose keyboard and screen are outside, and files that catch output.
import { type Bytes, encodeUtf8 } from '@/lib/base'
import { HostSink } from './host-sink'
import type { Kernel } from './kernel'
import { OpenFile } from './open-file'
import { type Fallible, O_WRONLY, type Stat, type WindowSize } from './system-calls'
import type { Task } from './task'
import type { Tty } from './tty'

export type HostTerminal = {
  /** `/dev/pts/0`, `/dev/tty1`. */
  readonly path: string
  readonly tty: Tty
  /** Keys. */
  readonly write: (bytes: Bytes | string) => void
  readonly onOutput: (listener: (bytes: Bytes) => void) => void
  readonly resize: (size: WindowSize) => void
  /** The session's leader is in the foreground and waits for a line. */
  readonly isShellWaiting: () => boolean
  /** The window is closed: hang-up. */
  readonly close: () => void
}

function doorOf(tty: Tty, path: string, sink: HostSink, close: () => void): HostTerminal {
  return {
    path,
    tty,
    write: (bytes) => tty.receive(typeof bytes === 'string' ? encodeUtf8(bytes) : bytes),
    onOutput: (listener) => {
      sink.onOutput = listener
    },
    resize: (size) => tty.resize(size),
    isShellWaiting: () => {
      const leader = tty.session === undefined ? undefined : tty.kernel.tasks.get(tty.session.sid)
      const reads = leader?.sleepsOn.includes(tty.inputArrived) ?? false
      return leader !== undefined && leader.pgid === tty.foregroundPgid && leader.sleeping && reads
    },
    close,
  }
}

/** A pty whose master is the host. */
export function openTerminal(kernel: Kernel, size: WindowSize): HostTerminal {
  const pty = kernel.ptys.create(0, size)
  const sink = new HostSink(kernel)
  pty.tty.sink = sink
  return doorOf(pty.tty, `/dev/pts/${pty.index}`, sink, () => {
    pty.tty.hangUp()
    kernel.ptys.remove(pty)
  })
}

/** A terminal of the machine itself: `tty1`, `ttyS0`. */
export function attachConsole(kernel: Kernel, name: string): HostTerminal {
  const tty = kernel.devices.terminal(name)
  const sink = tty.sink instanceof HostSink ? tty.sink : new HostSink(kernel)
  tty.sink = sink
  return doorOf(tty, `/dev/${name}`, sink, () => tty.hangUp())
}

const stat: Stat = {
  kind: 'fifo',
  dev: 14,
  ino: 1,
  mode: 0o600,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: [0, 0],
  size: 0,
  blocks: 0,
  atimeUsec: 0,
  mtimeUsec: 0,
  ctimeUsec: 0,
}

/** A descriptor whose bytes go to the host; looks like a pipe. */
export class HostOutput extends OpenFile {
  private readonly onBytes: (bytes: Bytes) => void

  constructor(onBytes: (bytes: Bytes) => void) {
    super(O_WRONLY, { describe: () => 'pipe:[1]', stat: () => stat, release: () => {}, description: undefined })
    this.onBytes = onBytes
  }

  override write(_task: Task, data: Bytes): Fallible<number> {
    this.onBytes(data.slice())
    return data.length
  }
}
