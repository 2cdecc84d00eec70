// A client's end of the bus. Each function is a generator over the caller's own system calls.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import type { Arguments, ManagerMember, ManagerSignal, Result } from './manager'
import { BusError, decodeFrame, frameBytes, isBusError, LineBuffer, PRIVATE_SOCKET, type Properties } from './protocol'

export type BusOptions = {
  /** `user`: the manager of this user, by $XDG_RUNTIME_DIR. */
  readonly scope?: 'system' | 'user'
}

/** A connection. Calls wait for their reply; signals that come meanwhile are kept for `nextSignal`. */
export class Bus {
  readonly process: Process
  readonly fd: number
  private lastId = 0
  private readonly buffer = new LineBuffer()
  private readonly signals: ManagerSignal[] = []
  private readonly replies = new Map<
    number,
    { readonly result?: unknown; readonly error?: { readonly name: string; readonly message: string } }
  >()
  private closed = false

  constructor(process: Process, fd: number) {
    this.process = process
    this.fd = fd
  }

  *call<Member extends ManagerMember>(
    member: Member,
    args: Arguments<Member>,
    options?: { readonly authorized?: boolean },
  ): Syscall<Result<Member> | BusError> {
    this.lastId += 1
    const id = this.lastId
    const sent = yield* this.process.write(this.fd, frameBytes({ id, member, args: args as never, ...options }))
    if (isErrno(sent)) return disconnected()
    for (;;) {
      const reply = this.replies.get(id)
      if (reply !== undefined) {
        this.replies.delete(id)
        if (reply.error !== undefined) return new BusError(reply.error.name, reply.error.message)
        return reply.result as Result<Member>
      }
      if (this.closed || !(yield* this.receive())) return disconnected()
    }
  }

  /** The next signal; undefined when the manager closed the connection or the deadline (monotonic µs) passed. */
  *nextSignal(deadlineUsec?: number): Syscall<ManagerSignal | undefined> {
    for (;;) {
      const signal = this.signals.shift()
      if (signal !== undefined) return signal
      if (this.closed) return undefined
      if (deadlineUsec !== undefined) {
        const ready = yield* this.process.poll([{ fd: this.fd, events: 1 }], Math.max(0, deadlineUsec - this.process.monotonicUsec))
        if (isErrno(ready) || ready.length === 0) return undefined
      }
      if (!(yield* this.receive())) return undefined
    }
  }

  *close(): Syscall<void> {
    yield* this.process.close(this.fd)
  }

  private *receive(): Syscall<boolean> {
    const chunk = yield* this.process.read(this.fd, 65536)
    if (isErrno(chunk) || chunk.length === 0) {
      this.closed = true
      return false
    }
    for (const line of this.buffer.push(chunk)) {
      const frame = decodeFrame(line)
      if ('signal' in frame) this.signals.push(frame.args[0] as unknown as ManagerSignal)
      else if (!('member' in frame)) this.replies.set(frame.id, frame)
    }
    return true
  }
}

function disconnected(): BusError {
  return new BusError('org.freedesktop.DBus.Error.NoReply', 'Remote peer disconnected')
}

/** Connects to the manager; a `BusError` when nobody listens. */
export function* connectBus(process: Process, options: BusOptions = {}): Syscall<Bus | BusError> {
  const runtime = process.env.XDG_RUNTIME_DIR
  if (options.scope === 'user' && runtime === undefined) {
    return new BusError(
      'org.freedesktop.DBus.Error.NoServer',
      '$DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined (consider using --machine=<user>@.host --user to connect to bus of other user)',
    )
  }
  const path = options.scope === 'user' ? `${runtime}/systemd/private` : PRIVATE_SOCKET
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return new BusError('System.Error.Socket', fd.message)
  yield* process.setCloexec(fd, true)
  const connected = yield* process.connect(fd, { domain: 'AF_UNIX', path })
  if (isErrno(connected)) {
    yield* process.close(fd)
    return new BusError(`System.Error.${connected.name}`, connected.message)
  }
  return new Bus(process, fd)
}

/** One call on a connection of its own. */
export function* callManager<Member extends ManagerMember>(
  process: Process,
  member: Member,
  args: Arguments<Member>,
  options: BusOptions = {},
): Syscall<Result<Member> | BusError> {
  const bus = yield* connectBus(process, options)
  if (isBusError(bus)) return bus
  const result = yield* bus.call(member, args)
  yield* bus.close()
  return result
}

/** All properties of a unit: of one interface (`org.freedesktop.systemd1.Service`), or of all its interfaces. */
export function* getAllProperties(bus: Bus, unit: string, interfaceName = ''): Syscall<Properties | BusError> {
  return yield* bus.call('GetAll', [unit, interfaceName])
}

export function* getManagerProperties(bus: Bus): Syscall<Properties | BusError> {
  return yield* bus.call('GetAll', ['', 'org.freedesktop.systemd1.Manager'])
}

/** Starts a job and waits for it; needs `Subscribe` before. The job's result, or the error of the call. */
export function* waitForJobs(
  bus: Bus,
  jobs: ReadonlySet<number>,
): Syscall<ReadonlyMap<number, { readonly unit: string; readonly result: string }>> {
  const results = new Map<number, { readonly unit: string; readonly result: string }>()
  while (results.size < jobs.size) {
    const signal = yield* bus.nextSignal()
    if (signal === undefined) break
    if (signal.signal === 'JobRemoved' && jobs.has(signal.id)) results.set(signal.id, { unit: signal.unit, result: signal.result })
  }
  return results
}
