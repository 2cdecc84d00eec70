// After ip(7), ipv6(7), tcp(7), udp(7): the loopback network of a machine without a network card.
import { type Bytes, concatBytes, USEC_PER_SEC } from '@/lib/base'
import { errno, isErrno } from './errno'
import { egressVerdict } from './network-filter'
import type { NetNamespace } from './net-namespace'
import { POLLRDHUP } from './open-flags'
import { type Message, type SendOptions, Socket } from './socket'
import { Sleepers } from './sleepers'
import { type Fallible, POLLERR, POLLHUP, POLLIN, POLLOUT, type SocketAddress, type SocketType } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

export type InetAddress = Extract<SocketAddress, { domain: 'AF_INET' | 'AF_INET6' }>
export type InetState = 'closed' | 'listening' | 'connecting' | 'connected' | 'reset'

const CAPACITY = 131_072
const DATAGRAM_MAX = 65_507
const TIME_WAIT_USEC = 60 * USEC_PER_SEC

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::' || address === ''

/** `::ffff:127.0.0.1` is the IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\./.test(plain(address))
}

export function isLocal(address: string): boolean {
  return isAny(address) || isLoopback(address)
}

export class InetSocket extends Socket {
  readonly domain: 'AF_INET' | 'AF_INET6'
  readonly protocol: 'tcp' | 'udp' | 'raw'
  readonly net: NetNamespace
  state: InetState = 'closed'
  local: InetAddress | undefined
  remote: InetAddress | undefined
  private peer: InetSocket | undefined
  private backlog = 0
  private readonly waiting: InetSocket[] = []
  private queue: Message[] = []
  private queued = 0
  private readShut = false
  private writeShut = false
  private peerEnded = false
  private pendingError = false
  private readonly task: Task
  readonly readQueue = new Sleepers()
  readonly writeQueue = new Sleepers()

  constructor(task: Task, domain: 'AF_INET' | 'AF_INET6', type: SocketType, flags: number) {
    super(task, type, flags)
    this.task = task
    this.domain = domain
    this.protocol = type === 'stream' ? 'tcp' : type === 'dgram' ? 'udp' : 'raw'
    this.net = task.namespaces.net
    this.net.inetSockets.add(this)
  }

  get isListening(): boolean {
    return this.state === 'listening'
  }

  get receiveQueueLength(): number {
    return this.isListening ? this.waiting.length : this.queued
  }

  get backlogLength(): number {
    return this.backlog
  }

  get hasError(): boolean {
    return this.pendingError
  }

  // -------- addresses

  override bind(task: Task, address: SocketAddress): Fallible<0> {
    if (address.domain !== this.domain) return address.domain === 'AF_UNIX' ? errno.EINVAL : errno.EAFNOSUPPORT
    const { port } = address
    const host = address.address
    if (this.local !== undefined) return errno.EINVAL
    if (!isLocal(host) && this.options.get('freebind') !== 1) return errno.EADDRNOTAVAIL
    if (!this.net.loopbackUp && isLoopback(host)) return errno.EADDRNOTAVAIL
    if (port !== 0 && port < 1024 && !task.isCapableIn('CAP_NET_BIND_SERVICE', this.net.owner)) return errno.EACCES
    if (port !== 0 && this.conflicts(host, port)) return errno.EADDRINUSE
    const chosen = port === 0 ? this.ephemeral(host) : port
    if (chosen === 0) return errno.EADDRINUSE
    this.take({ domain: this.domain, address: host === '' ? (this.domain === 'AF_INET' ? '0.0.0.0' : '::') : host, port: chosen })
    return 0
  }

  private take(address: InetAddress): void {
    this.local = address
    const key = `${this.protocol}:${address.port}`
    const list = this.net.bound.get(key)
    if (list === undefined) this.net.bound.set(key, [this])
    else list.push(this)
  }

  private overlaps(other: InetSocket, host: string): boolean {
    const theirs = other.local!.address
    const wideOther = isAny(theirs)
    const wide = isAny(host)
    const bothFamilies = (socket: InetSocket): boolean => socket.domain === 'AF_INET6' && socket.options.get('ipv6only') !== 1
    if (this.domain !== other.domain) {
      if (this.domain === 'AF_INET6') return wide && bothFamilies(this)
      return wideOther && bothFamilies(other)
    }
    return wide || wideOther || theirs === host
  }

  private conflicts(host: string, port: number): boolean {
    const reuse = Number(this.options.get('reuseaddr') ?? 0) !== 0
    const reusePort = Number(this.options.get('reuseport') ?? 0) !== 0
    for (const other of this.net.bound.get(`${this.protocol}:${port}`) ?? []) {
      if (!this.overlaps(other, host)) continue
      if (reusePort && Number(other.options.get('reuseport') ?? 0) !== 0 && other.ownerUid === this.ownerUid) continue
      if (reuse && Number(other.options.get('reuseaddr') ?? 0) !== 0 && !other.isListening) continue
      return true
    }
    if (this.protocol !== 'tcp' || reuse) return false
    const until = this.net.timeWait.get(port)
    return until !== undefined && until > this.task.kernel.clock.monotonicUsec
  }

  private ephemeral(host: string): number {
    for (let tries = 0; tries < 28_232; tries++) {
      this.net.lastEphemeralPort = this.net.lastEphemeralPort >= 60_999 ? 32_768 : this.net.lastEphemeralPort + 1
      if (!this.conflicts(host, this.net.lastEphemeralPort)) return this.net.lastEphemeralPort
    }
    return 0
  }

  // -------- connections

  override listen(task: Task, backlog: number): Fallible<0> {
    if (this.protocol !== 'tcp') return errno.ENOTSUP
    if (this.state !== 'closed' && this.state !== 'listening') return errno.EINVAL
    if (this.local === undefined) {
      const bound = this.bind(task, { domain: this.domain, address: this.domain === 'AF_INET' ? '0.0.0.0' : '::', port: 0 })
      if (isErrno(bound)) return bound
    }
    this.state = 'listening'
    this.backlog = backlog < 0 ? 4096 : Math.min(backlog, 4096)
    return 0
  }

  private target(address: InetAddress): InetSocket | undefined {
    let wide: InetSocket | undefined
    for (const one of this.net.bound.get(`${this.protocol}:${address.port}`) ?? []) {
      if (this.protocol === 'tcp' && !one.isListening) continue
      const host = one.local!.address
      if (plain(host) === plain(address.address)) return one
      if (isAny(host) && (one.domain === address.domain || (one.domain === 'AF_INET6' && one.options.get('ipv6only') !== 1))) wide ??= one
    }
    return wide
  }

  override connect(task: Task, address: SocketAddress): Fallible<0> {
    if (address.domain !== 'AF_INET' && address.domain !== 'AF_INET6') return errno.EAFNOSUPPORT
    if (address.domain !== this.domain) return errno.EAFNOSUPPORT
    if (this.state === 'connected') return errno.EISCONN
    if (this.state === 'listening') return errno.EINVAL
    const host = isAny(address.address) ? (this.domain === 'AF_INET' ? '127.0.0.1' : '::1') : address.address
    const there: InetAddress = { domain: this.domain, address: host, port: address.port }
    if (!this.net.loopbackUp || !isLoopback(host)) return errno.ENETUNREACH
    if (this.local === undefined) {
      const port = this.ephemeral(host)
      if (port === 0) return errno.EADDRNOTAVAIL
      this.take({ domain: this.domain, address: this.domain === 'AF_INET' ? '127.0.0.1' : '::1', port })
    } else if (isAny(this.local.address)) this.local = { ...this.local, address: host }
    if (this.protocol !== 'tcp') {
      this.remote = there
      return 0
    }
    // Packets that a filter drops get no answer.
    if (egressVerdict(task, host) !== undefined) {
      this.state = 'connecting'
      this.remote = there
      return errno.EINPROGRESS
    }
    const listener = this.target(there)
    if (listener === undefined) return errno.ECONNREFUSED
    if (egressVerdict(listener.task, host) !== undefined) {
      this.state = 'connecting'
      this.remote = there
      return errno.EINPROGRESS
    }
    if (listener.waiting.length > listener.backlog) return errno.EAGAIN
    const server = new InetSocket(listener.task, listener.domain, 'stream', 0)
    server.local = { ...there, domain: listener.domain }
    server.remote = { ...this.local!, domain: listener.domain }
    server.state = 'connected'
    server.peer = this
    this.peer = server
    this.remote = there
    this.state = 'connected'
    listener.waiting.push(server)
    listener.readQueue.wake()
    return 0
  }

  override accept(_task: Task, flags: number): Fallible<Socket> {
    if (this.protocol !== 'tcp') return errno.ENOTSUP
    if (!this.isListening) return errno.EINVAL
    const next = this.waiting.shift()
    if (next === undefined) return errno.EAGAIN
    next.flags |= flags
    this.writeQueue.wake()
    return next
  }

  connectQueue(_task: Task, address: SocketAddress): readonly WaitQueue[] {
    const listener = address.domain === 'AF_INET' || address.domain === 'AF_INET6' ? this.target(address) : undefined
    return listener === undefined ? [this.writeQueue] : [listener.writeQueue]
  }

  // -------- data

  override send(task: Task, data: Bytes, { to }: SendOptions): Fallible<number> {
    if (this.protocol !== 'tcp') return this.sendDatagram(task, data, to)
    if (this.state === 'reset') {
      if (this.pendingError) {
        this.pendingError = false
        return errno.ECONNRESET
      }
      return errno.EPIPE
    }
    const { peer } = this
    if (this.writeShut) return errno.EPIPE
    if (this.state !== 'connected') return errno.ENOTCONN
    if (peer === undefined || peer.state === 'closed') {
      // The other side is gone: it answers data with a reset.
      this.state = 'reset'
      this.readQueue.wake()
      return data.length
    }
    const room = CAPACITY - peer.queued
    if (room <= 0) return errno.EAGAIN
    const part = data.length > room ? data.slice(0, room) : data.slice()
    if (!peer.readShut) peer.push({ data: part, from: undefined, files: [], credentials: undefined })
    return part.length
  }

  private sendDatagram(task: Task, data: Bytes, to: SocketAddress | undefined): Fallible<number> {
    const address = to ?? this.remote
    if (address === undefined) return errno.EDESTADDRREQ
    if (address.domain !== 'AF_INET' && address.domain !== 'AF_INET6') return errno.EAFNOSUPPORT
    if (data.length > DATAGRAM_MAX) return errno.EMSGSIZE
    const host = isAny(address.address) ? (this.domain === 'AF_INET' ? '127.0.0.1' : '::1') : address.address
    if (!this.net.loopbackUp || !isLoopback(host)) return errno.ENETUNREACH
    if (this.pendingError) {
      this.pendingError = false
      return errno.ECONNREFUSED
    }
    if (egressVerdict(task, host) !== undefined) return errno.EPERM
    if (this.local === undefined)
      this.take({ domain: this.domain, address: this.domain === 'AF_INET' ? '0.0.0.0' : '::', port: this.ephemeral('') })
    const target = this.target({ domain: this.domain, address: host, port: address.port })
    const from: InetAddress = { ...this.local!, address: isAny(this.local!.address) ? host : this.local!.address }
    if (target === undefined) {
      // ICMP port unreachable shows at the next call of a connected socket.
      if (this.remote !== undefined) this.pendingError = true
      return data.length
    }
    if (target.queued + data.length <= CAPACITY && egressVerdict(target.task, host) === undefined) {
      target.push({ data: data.slice(), from, files: [], credentials: undefined })
    }
    return data.length
  }

  private push(message: Message): void {
    const last = this.queue.at(-1)
    if (this.protocol === 'tcp' && last !== undefined && last.data.length + message.data.length <= 8192) {
      this.queue[this.queue.length - 1] = { ...last, data: concatBytes([last.data, message.data]) }
    } else this.queue.push(message)
    this.queued += message.data.length
    this.readQueue.wake()
  }

  override receive(_task: Task, count: number): Fallible<Message> {
    const first = this.queue[0]
    if (first === undefined) {
      if (this.pendingError) {
        this.pendingError = false
        return this.protocol === 'tcp' ? errno.ECONNRESET : errno.ECONNREFUSED
      }
      if (this.protocol !== 'tcp') return this.readShut ? endOfStream : errno.EAGAIN
      if (this.readShut || this.peerEnded || this.state === 'reset') return endOfStream
      return this.state === 'connected' ? errno.EAGAIN : errno.ENOTCONN
    }
    if (this.protocol === 'tcp' && first.data.length > count) {
      this.queue[0] = { ...first, data: first.data.subarray(count) }
      this.queued -= count
      this.peer?.writeQueue.wake()
      return { ...first, data: first.data.subarray(0, count) }
    }
    this.queue.shift()
    this.queued -= first.data.length
    this.peer?.writeQueue.wake()
    return first.data.length > count ? { ...first, data: first.data.subarray(0, count) } : first
  }

  override shutdown(how: 'read' | 'write' | 'both'): Fallible<0> {
    if (this.protocol === 'tcp' && this.state !== 'connected') return errno.ENOTCONN
    if (how !== 'write') this.readShut = true
    if (how !== 'read') {
      this.writeShut = true
      this.endPeer()
    }
    this.readQueue.wake()
    return 0
  }

  private endPeer(): void {
    const { peer } = this
    if (peer === undefined) return
    peer.peerEnded = true
    peer.readQueue.wake()
    peer.writeQueue.wake()
  }

  // -------- what it tells

  override name(): SocketAddress {
    return this.local ?? { domain: this.domain, address: this.domain === 'AF_INET' ? '0.0.0.0' : '::', port: 0 }
  }

  override peerName(): Fallible<SocketAddress> {
    return this.remote !== undefined && (this.protocol !== 'tcp' || this.state === 'connected') ? this.remote : errno.ENOTCONN
  }

  override poll(): number {
    if (this.isListening) return this.waiting.length > 0 ? POLLIN : 0
    if (this.protocol !== 'tcp') return (this.queue.length > 0 ? POLLIN : 0) | POLLOUT | (this.pendingError ? POLLERR : 0)
    if (this.state === 'closed') return POLLOUT | POLLHUP
    if (this.state === 'connecting') return 0
    let mask = 0
    const ended = this.readShut || this.peerEnded || this.state === 'reset'
    if (this.queue.length > 0 || ended) mask |= POLLIN
    if (ended) mask |= POLLRDHUP
    if (this.pendingError) mask |= POLLERR
    if (this.state === 'reset' || (this.peerEnded && this.writeShut)) mask |= POLLHUP
    if (this.peer === undefined || this.peer.queued < CAPACITY) mask |= POLLOUT
    return mask
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.readQueue]
  }

  override writeQueues(): readonly WaitQueue[] {
    return [this.writeQueue]
  }

  override release(): void {
    this.net.inetSockets.delete(this)
    if (this.local !== undefined) {
      const key = `${this.protocol}:${this.local.port}`
      const list = this.net.bound.get(key)
      const at = list?.indexOf(this) ?? -1
      if (list !== undefined && at >= 0) {
        list.splice(at, 1)
        if (list.length === 0) this.net.bound.delete(key)
      }
    }
    const { peer } = this
    if (this.protocol === 'tcp' && this.state === 'connected' && peer !== undefined) {
      if (this.queued > 0) {
        // Closed with data unread: a reset.
        peer.state = 'reset'
        peer.pendingError = true
        peer.readQueue.wake()
        peer.writeQueue.wake()
      } else {
        // Who closes first keeps the port in TIME_WAIT.
        if (!this.peerEnded && this.local !== undefined) {
          this.net.timeWait.set(this.local.port, this.task.kernel.clock.monotonicUsec + TIME_WAIT_USEC)
        }
        this.endPeer()
      }
    }
    this.state = 'closed'
    this.queue = []
    for (const one of this.waiting) one.release()
    this.readQueue.wake()
    this.writeQueue.wake()
  }
}

const endOfStream: Message = { data: new Uint8Array(0), from: undefined, files: [], credentials: undefined }
