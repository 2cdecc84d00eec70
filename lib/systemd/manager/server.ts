// PID 1's end of the bus: one listening socket, a connection for each client, requests answered in order.
import { encodeUtf8 } from '@/lib/base'
import { isErrno, POLLIN, POLLOUT, type Syscall } from '@/lib/kernel'
import {
  type BusError,
  decodeFrame,
  encodeFrame,
  isBusError,
  LineBuffer,
  type ManagerMember,
  type ManagerSignal,
  PRIVATE_SOCKET,
  type Reply,
  type Request,
  type Value,
} from '../bus'
import { BusError as Failure } from '../bus'
import { eventPriority, type FdSource } from './event-loop'
import type { Manager } from './manager'
import { managerMethods } from './methods'
import type { Unit } from './unit'

/** Who is at the other end. */
export type Caller = { readonly pid: number; readonly uid: number; readonly client: Client }

export class Client {
  readonly fd: number
  readonly pid: number
  readonly uid: number
  readonly buffer = new LineBuffer()
  subscribed = false
  /** Units that stay in memory as long as this client wants. */
  readonly refs = new Set<Unit>()
  source: FdSource | undefined
  writer: FdSource | undefined
  /** Not yet taken by the socket, the oldest first. */
  pending: Uint8Array[] = []

  constructor(fd: number, pid: number, uid: number) {
    this.fd = fd
    this.pid = pid
    this.uid = uid
  }
}

export class BusServer {
  private readonly manager: Manager
  private readonly clients = new Set<Client>()
  /** Answered when the reload is over. */
  private waiting: { readonly client: Client; readonly id: number }[] = []
  private listener: number | undefined
  private source: FdSource | undefined

  constructor(manager: Manager) {
    this.manager = manager
    manager.sendSignals = (signals) => this.send(signals)
    manager.isReferencedByClients = (unit) => [...this.clients].some((client) => client.refs.has(unit))
  }

  get path(): string {
    return this.manager.scope === 'system' ? PRIVATE_SOCKET : `${this.manager.environment.get('XDG_RUNTIME_DIR')}/systemd/private`
  }

  *open(): Syscall<void> {
    const { process, loop } = this.manager
    yield* process.unlink(this.path)
    const fd = yield* process.socket('AF_UNIX', 'stream')
    if (isErrno(fd)) return
    const mask = yield* process.umask(0)
    yield* process.bind(fd, { domain: 'AF_UNIX', path: this.path })
    yield* process.umask(mask)
    yield* process.listen(fd, 128)
    yield* process.setCloexec(fd, true)
    yield* process.setNonblock(fd, true)
    this.listener = fd
    this.source = loop.watchFd(fd, POLLIN, eventPriority.ipc, () => this.accept(fd))
  }

  *close(): Syscall<void> {
    this.manager.loop.unwatchFd(this.source)
    if (this.listener !== undefined) yield* this.manager.process.close(this.listener)
    for (const client of [...this.clients]) yield* this.drop(client)
  }

  private *accept(listener: number): Syscall<void> {
    const { process, loop } = this.manager
    const fd = yield* process.accept(listener)
    if (isErrno(fd)) return
    yield* process.setCloexec(fd, true)
    yield* process.setNonblock(fd, true)
    const peer = yield* process.getPeerCredentials(fd)
    const client = new Client(fd, isErrno(peer) ? 0 : peer.pid, isErrno(peer) ? 65534 : peer.uid)
    this.clients.add(client)
    client.source = loop.watchFd(fd, POLLIN, eventPriority.ipc, () => this.receive(client))
  }

  private *receive(client: Client): Syscall<void> {
    const { process } = this.manager
    const chunk = yield* process.read(client.fd, 65536)
    if (isErrno(chunk)) {
      if (chunk.name !== 'EAGAIN') yield* this.drop(client)
      return
    }
    if (chunk.length === 0) return yield* this.drop(client)
    for (const line of client.buffer.push(chunk)) yield* this.answer(client, line)
  }

  private *answer(client: Client, line: string): Syscall<void> {
    const request = decodeFrame(line)
    if (!('member' in request)) return
    const result = yield* this.dispatch(client, request)
    // Signals of what the call did are due before others, but after its answer.
    if (result !== 'later') yield* this.write(client, encodeFrame(replyOf(request.id, result)))
  }

  private *dispatch(client: Client, request: Request): Syscall<Value | BusError | 'later'> {
    const { manager } = this
    const method = managerMethods[request.member as ManagerMember]
    if (method === undefined)
      return new Failure(
        'org.freedesktop.DBus.Error.UnknownMethod',
        `Unknown method ${request.member} or interface org.freedesktop.systemd1.Manager.`,
      )
    if (method.privileged && client.uid !== 0 && client.uid !== manager.process.uid && request.authorized !== true)
      return new Failure('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired', 'Interactive authentication required.')
    if (manager.scope === 'system') yield* manager.refreshMounts()
    if (request.member === 'Reload' || request.member === 'Reexecute') {
      manager.logCaller(request.member === 'Reload' ? 'Reload' : 'Reexecution', client.pid)
      manager.objective = request.member === 'Reload' ? 'reload' : 'reexecute'
      this.waiting.push({ client, id: request.id })
      return 'later'
    }
    return yield* method.run(manager, request.args as never, { pid: client.pid, uid: client.uid, client })
  }

  /** Tells that a reload begins, or answers those who asked for it. */
  *reloading(active: boolean): Syscall<void> {
    yield* this.send([{ signal: 'Reloading', active }])
    if (active) return
    const waiting = this.waiting
    this.waiting = []
    for (const { client, id } of waiting) if (this.clients.has(client)) yield* this.write(client, encodeFrame({ id }))
  }

  private *send(signals: readonly ManagerSignal[]): Syscall<void> {
    const subscribers = [...this.clients].filter((client) => client.subscribed)
    if (subscribers.length === 0 || signals.length === 0) return
    const text = signals.map((signal) => encodeFrame({ signal: signal.signal, args: [signal as Value] })).join('')
    for (const client of subscribers) yield* this.write(client, text)
  }

  private *write(client: Client, text: string): Syscall<void> {
    client.pending.push(encodeUtf8(text))
    if (client.writer === undefined) yield* this.flush(client)
  }

  private *flush(client: Client): Syscall<void> {
    const { process } = this.manager
    for (let first = client.pending[0]; first !== undefined; first = client.pending[0]) {
      const sent = yield* process.send(client.fd, first)
      if (isErrno(sent)) {
        if (sent.name !== 'EAGAIN') return yield* this.drop(client)
        // One descriptor, two directions: reading waits until the client has read.
        this.watchWriting(client)
        return
      }
      if (sent >= first.length) client.pending.shift()
      else client.pending[0] = first.subarray(sent)
    }
    if (client.writer !== undefined) this.watchReading(client)
  }

  private watchWriting(client: Client): void {
    const { loop } = this.manager
    if (client.writer !== undefined) return
    loop.unwatchFd(client.source)
    client.writer = loop.watchFd(client.fd, POLLOUT, eventPriority.ipc, () => this.flush(client))
  }

  private watchReading(client: Client): void {
    const { loop } = this.manager
    loop.unwatchFd(client.writer)
    client.writer = undefined
    client.source = loop.watchFd(client.fd, POLLIN, eventPriority.ipc, () => this.receive(client))
  }

  private *drop(client: Client): Syscall<void> {
    if (!this.clients.delete(client)) return
    this.manager.loop.unwatchFd(client.source)
    this.manager.loop.unwatchFd(client.writer)
    for (const unit of client.refs) this.manager.addToGcQueue(unit)
    yield* this.manager.process.close(client.fd)
  }
}

function replyOf(id: number, result: Value | BusError): Reply {
  return isBusError(result)
    ? { id, error: { name: result.name, message: result.message } }
    : { id, ...(result === undefined ? {} : { result }) }
}
