// After systemd-journald.service(8): sockets in, files out.
import { decodeUtf8, encodeUtf8 } from '@/lib/base'
import { LOG_INFO, NATIVE_SOCKET, STDOUT_SOCKET, SYSLOG_SOCKET } from '@/lib/journal'
import {
  errno,
  isErrno,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  POLLHUP,
  POLLIN,
  type Process,
  SIGRTMIN,
  type SocketType,
  type Syscall,
} from '@/lib/kernel'
import { program } from '../program'
import { sdNotify } from '../sd-notify'
import { Server } from './server'
import { restoreStream, StdoutStream } from './stream'
import { takeKmsg, takeNative, takeSyslog } from './transports'
import { answerVarlink } from './varlink'

const VARLINK_SOCKET = '/run/systemd/journal/io.systemd.journal'
const STREAMS = '/run/systemd/journal/streams'
const KERNEL_SEQNUM = '/run/systemd/journal/kernel-seqnum'
/** Taken from one source before the others get their turn. */
const AT_ONCE = 64
const SIGTERM = 15
const SIGINT = 2
const SIGUSR1 = 10
const SIGUSR2 = 12

type Sockets = { native: number; syslog: number; stdout: number; varlink: number; kmsg: number | undefined; signals: number }

export const systemdJournald = program({
  name: 'systemd-journald',
  path: '/usr/lib/systemd/systemd-journald',
  summary: 'collect and store log messages',
  options: [],
  *main(process) {
    yield* process.setMemory(8 * 1024 * 1024)
    yield* process.sigprocmask('block', [SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGRTMIN + 1])
    yield* process.sigaction(13, 'ignore')
    for (const path of ['/run/systemd/journal', STREAMS]) yield* process.mkdir(path, 0o755)
    const server = new Server(process)
    const { sockets, streams } = yield* openSockets(process, server)
    const loop = new Loop(process, server, sockets, streams)
    yield* server.open()
    yield* loop.readKmsg()
    yield* server.announce()
    yield* sdNotify(process, 'READY=1\nSTATUS=Processing requests...')
    return yield* loop.run()
  },
})

/** Those that systemd passed, by their address; the others are made. */
function* openSockets(process: Process, server: Server): Syscall<{ sockets: Sockets; streams: StdoutStream[] }> {
  const found = new Map<string, number>()
  const streams: StdoutStream[] = []
  const passed =
    process.env.LISTEN_PID === undefined || process.env.LISTEN_PID === String(process.pid) ? Number(process.env.LISTEN_FDS ?? 0) : 0
  const names = (process.env.LISTEN_FDNAMES ?? '').split(':')
  for (let fd = 3; fd < 3 + passed; fd += 1) {
    yield* process.setCloexec(fd, true)
    if (names[fd - 3] === 'stored') {
      const stream = yield* storedStream(process, fd)
      if (stream !== undefined) streams.push(stream)
      continue
    }
    const name = yield* process.getsockname(fd)
    if (!isErrno(name) && name.domain === 'AF_UNIX') found.set(name.path, fd)
  }
  function* socketAt(path: string, type: SocketType): Syscall<number> {
    let fd = found.get(path)
    if (fd === undefined) {
      const made = yield* process.socket('AF_UNIX', type, 0)
      if (isErrno(made)) return -1
      fd = made
      yield* process.setCloexec(fd, true)
      yield* process.unlink(path)
      yield* process.bind(fd, { domain: 'AF_UNIX', path })
      yield* process.chmod(path, path === VARLINK_SOCKET ? 0o600 : 0o666)
      if (type === 'stream') yield* process.listen(fd, 4096)
    }
    yield* process.setNonblock(fd, true)
    if (type === 'dgram') yield* process.setsockopt(fd, 'SO_PASSCRED', 1)
    return fd
  }
  const native = yield* socketAt(NATIVE_SOCKET, 'dgram')
  const syslog = yield* socketAt(SYSLOG_SOCKET, 'dgram')
  const stdout = yield* socketAt(STDOUT_SOCKET, 'stream')
  const varlink = yield* socketAt(VARLINK_SOCKET, 'stream')
  if (!found.has(SYSLOG_SOCKET)) yield* process.symlink(SYSLOG_SOCKET, '/dev/log')
  const kmsg = server.conf.ReadKMsg ? yield* process.open('/dev/kmsg', O_RDONLY | O_NONBLOCK) : errno.ENOENT
  if (!isErrno(kmsg)) yield* process.setCloexec(kmsg, true)
  const signals = yield* process.signalfd([SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGRTMIN + 1])
  const signalFd = isErrno(signals) ? -1 : signals
  return { sockets: { native, syslog, stdout, varlink, kmsg: isErrno(kmsg) ? undefined : kmsg, signals: signalFd }, streams }
}

/** A stream that the manager kept open while journald was restarted. */
function* storedStream(process: Process, fd: number): Syscall<StdoutStream | undefined> {
  const status = yield* process.fstat(fd)
  const state = isErrno(status) ? undefined : process.fileReader().readFile(`${STREAMS}/${status.dev}:${status.ino}`)
  if (state === undefined) {
    yield* process.close(fd)
    return undefined
  }
  const peer = yield* process.getPeerCredentials(fd)
  yield* process.setNonblock(fd, true)
  return restoreStream(fd, decodeUtf8(state), isErrno(peer) ? undefined : peer)
}

class Loop {
  private readonly process: Process
  private readonly server: Server
  private readonly sockets: Sockets
  private readonly streams = new Map<number, StdoutStream>()
  private readonly clients = new Map<number, string>()
  private kernelSeqnum: number
  private stopping = false

  constructor(process: Process, server: Server, sockets: Sockets, streams: readonly StdoutStream[]) {
    this.process = process
    this.server = server
    this.sockets = sockets
    for (const stream of streams) this.streams.set(stream.fd, stream)
    const seen = process.fileReader().readFile(KERNEL_SEQNUM)
    this.kernelSeqnum = seen === undefined ? -1 : Number(decodeUtf8(seen))
  }

  *run(): Syscall<number> {
    const watchdogUsec = Number(this.process.env.WATCHDOG_USEC ?? 0)
    const pause = watchdogUsec > 0 ? Math.floor((watchdogUsec * 3) / 4) : undefined
    for (;;) {
      const ready = yield* this.wait(this.stopping ? 0 : pause)
      if (ready.size === 0) {
        if (this.stopping) break
        yield* sdNotify(this.process, 'WATCHDOG=1')
        continue
      }
      yield* this.turn(ready)
      yield* this.server.finishTurn()
    }
    yield* this.server.stop()
    yield* this.saveKernelSeqnum()
    yield* sdNotify(this.process, 'STOPPING=1')
    return 0
  }

  private *wait(timeoutUsec: number | undefined): Syscall<ReadonlySet<number>> {
    const { native, syslog, stdout, varlink, kmsg, signals } = this.sockets
    const fds = [...this.streams.keys(), native, syslog, stdout, varlink, ...this.clients.keys(), signals]
    if (kmsg !== undefined) fds.push(kmsg)
    const ready = yield* this.process.poll(
      fds.filter((fd) => fd >= 0).map((fd) => ({ fd, events: POLLIN })),
      timeoutUsec,
    )
    return new Set(isErrno(ready) ? [] : ready.filter(({ revents }) => (revents & (POLLIN | POLLHUP)) !== 0).map(({ fd }) => fd))
  }

  /** The kernel's log first, then streams: what a process wrote last came before what others say of its end. */
  private *turn(ready: ReadonlySet<number>): Syscall<void> {
    const { native, syslog, stdout, varlink, kmsg, signals } = this.sockets
    if (kmsg !== undefined && ready.has(kmsg)) yield* this.readKmsg()
    for (const stream of [...this.streams.values()]) if (ready.has(stream.fd)) yield* this.readStream(stream)
    if (ready.has(stdout)) yield* this.acceptStreams()
    if (ready.has(native)) yield* this.readDatagrams(native, takeNative)
    if (ready.has(syslog)) yield* this.readDatagrams(syslog, takeSyslog)
    if (ready.has(varlink)) yield* this.acceptClient()
    for (const fd of [...this.clients.keys()]) if (ready.has(fd)) yield* this.readClient(fd)
    if (ready.has(signals)) yield* this.readSignals()
  }

  private *readDatagrams(fd: number, take: typeof takeNative): Syscall<void> {
    for (let count = 0; count < AT_ONCE; count += 1) {
      const message = yield* this.process.recv(fd)
      if (isErrno(message)) return
      for (const passed of message.fds) yield* this.process.close(passed)
      yield* take(this.server, message)
    }
  }

  private *acceptStreams(): Syscall<void> {
    for (let count = 0; count < AT_ONCE; count += 1) {
      const fd = yield* this.process.accept(this.sockets.stdout)
      if (isErrno(fd)) return
      yield* this.process.setCloexec(fd, true)
      yield* this.process.setNonblock(fd, true)
      yield* this.process.setsockopt(fd, 'SO_PASSCRED', 1)
      const peer = yield* this.process.getPeerCredentials(fd)
      const stream = new StdoutStream(fd, this.process.random.id128(), isErrno(peer) ? undefined : peer)
      this.streams.set(fd, stream)
      yield* this.readStream(stream)
    }
  }

  private *readStream(stream: StdoutStream): Syscall<void> {
    for (let count = 0; count < AT_ONCE; count += 1) {
      const known = stream.header !== undefined
      const message = yield* this.process.recv(stream.fd, 65536)
      if (message === errno.EAGAIN) return
      if (isErrno(message) || message.data.length === 0) {
        yield* stream.end(this.server)
        yield* this.dropStream(stream)
        return
      }
      const fine = yield* stream.take(this.server, message.data, message.credentials)
      if (!fine) return yield* this.dropStream(stream)
      if (!known && stream.header !== undefined) yield* this.storeStream(stream)
    }
  }

  /** The manager keeps the descriptor, so that a restart of journald cuts nobody off. */
  private *storeStream(stream: StdoutStream): Syscall<void> {
    const path = this.process.env.NOTIFY_SOCKET
    const status = yield* this.process.fstat(stream.fd)
    if (path === undefined || isErrno(status)) return
    yield* this.writeFile(`${STREAMS}/${status.dev}:${status.ino}`, stream.state())
    const fd = yield* this.process.socket('AF_UNIX', 'dgram')
    if (isErrno(fd)) return
    yield* this.process.send(fd, encodeUtf8('FDSTORE=1'), { to: { domain: 'AF_UNIX', path }, fds: [stream.fd] })
    yield* this.process.close(fd)
  }

  private *dropStream(stream: StdoutStream): Syscall<void> {
    const status = yield* this.process.fstat(stream.fd)
    if (!isErrno(status) && stream.header !== undefined) yield* this.process.unlink(`${STREAMS}/${status.dev}:${status.ino}`)
    this.streams.delete(stream.fd)
    yield* this.process.close(stream.fd)
  }

  *readKmsg(): Syscall<void> {
    const fd = this.sockets.kmsg
    if (fd === undefined) return
    for (let count = 0; count < AT_ONCE * 16; count += 1) {
      const record = yield* this.process.read(fd, 8192)
      if (record === errno.EPIPE) continue // overwritten before it was read
      if (isErrno(record) || record.length === 0) return
      const sequence = /^\d+,(\d+),/.exec(decodeUtf8(record.subarray(0, 40)))?.[1]
      if (sequence !== undefined && Number(sequence) <= this.kernelSeqnum) continue
      this.kernelSeqnum = (yield* takeKmsg(this.server, record)) ?? this.kernelSeqnum
    }
  }

  private *saveKernelSeqnum(): Syscall<void> {
    yield* this.writeFile(KERNEL_SEQNUM, String(this.kernelSeqnum))
  }

  private *acceptClient(): Syscall<void> {
    const fd = yield* this.process.accept(this.sockets.varlink)
    if (isErrno(fd)) return
    yield* this.process.setCloexec(fd, true)
    yield* this.process.setNonblock(fd, true)
    this.clients.set(fd, '')
  }

  private *readClient(fd: number): Syscall<void> {
    const data = yield* this.process.read(fd, 65536)
    if (data === errno.EAGAIN) return
    if (isErrno(data) || data.length === 0) {
      this.clients.delete(fd)
      yield* this.process.close(fd)
      return
    }
    const requests = (this.clients.get(fd)! + decodeUtf8(data)).split('\0')
    this.clients.set(fd, requests.pop()!)
    for (const request of requests) {
      const answer = yield* answerVarlink(this.server, request)
      yield* this.server.finishTurn()
      yield* this.process.write(fd, `${answer}\0`)
    }
  }

  private *readSignals(): Syscall<void> {
    const got = yield* this.process.signalfdRead(this.sockets.signals)
    if (isErrno(got)) return
    for (const { signal, pid } of got) {
      if (signal === SIGUSR1) yield* this.server.flush()
      else if (signal === SIGUSR2) yield* this.server.rotate()
      else if (signal === SIGRTMIN + 1) yield* this.server.sync()
      else {
        const comm = this.process.fileReader().readFile(`/proc/${pid}/comm`)
        const name = comm === undefined ? '' : ` (${decodeUtf8(comm).trim()})`
        yield* this.server.log(LOG_INFO, `Received ${signal === SIGTERM ? 'SIGTERM' : 'SIGINT'} from PID ${pid}${name}.`)
        this.stopping = true
      }
    }
  }

  private *writeFile(path: string, text: string): Syscall<void> {
    const fd = yield* this.process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if (isErrno(fd)) return
    yield* this.process.write(fd, text)
    yield* this.process.close(fd)
  }
}
