// After unix(7): stream, datagram and seqpacket sockets by path or abstract name, with passed descriptors and credentials.
import { type Bytes, concatBytes } from '@/lib/base'
import { errno, isErrno } from './errno'
import type { OpenFile } from './open-file'
import { dropUnreceived, type Message, type SendOptions, Socket } from './socket'
import { Sleepers } from './sleepers'
import { type Fallible, type PeerCredentials, POLLHUP, POLLIN, POLLOUT, type SocketAddress, type SocketType } from './system-calls'
import type { NetNamespace } from './net-namespace'
import type { Task } from './task'
import type { WaitQueue } from './wait'
import { POLLRDHUP } from './open-flags'
import { findSocketNode, makeSocketNode } from './socket-node'

/** net.core.wmem_default. */
const CAPACITY = 212_992
/** net.unix.max_dgram_qlen as systemd sets it. */
const DATAGRAMS = 512

export function credentialsOf(task: Task): PeerCredentials {
  return { pid: task.pid, uid: task.credentials.euid, gid: task.credentials.egid }
}

export class UnixSocket extends Socket {
  readonly domain = 'AF_UNIX'
  state: 'unconnected' | 'listening' | 'connected' | 'disconnected' = 'unconnected'
  address: string | undefined
  peer: UnixSocket | undefined
  peerAddress: string | undefined
  private peerIds: PeerCredentials | undefined
  /** Of who listens or made the pair: what the other side sees. */
  ownIds: PeerCredentials
  backlog = 0
  private readonly waiting: UnixSocket[] = []
  private queue: Message[] = []
  private queued = 0
  private readShut = false
  private writeShut = false
  private readonly task: Task
  private readonly net: NetNamespace
  readonly readQueue = new Sleepers()
  readonly writeQueue = new Sleepers()

  constructor(task: Task, type: SocketType, flags: number) {
    super(task, type, flags)
    this.task = task
    this.ownIds = credentialsOf(task)
    this.net = task.namespaces.net
    this.net.unixSockets.add(this)
  }

  get isStream(): boolean {
    return this.type === 'stream'
  }

  get connectionless(): boolean {
    return this.type === 'dgram'
  }

  get receiveQueueLength(): number {
    return this.state === 'listening' ? this.waiting.length : this.queued
  }

  static pair(task: Task, type: SocketType): readonly [UnixSocket, UnixSocket] {
    const one = new UnixSocket(task, type, 0)
    const other = new UnixSocket(task, type, 0)
    one.join(other)
    other.join(one)
    return [one, other]
  }

  private join(peer: UnixSocket): void {
    this.peer = peer
    this.peerIds = peer.ownIds
    this.peerAddress = peer.address
    this.state = 'connected'
  }

  override bind(task: Task, address: SocketAddress): Fallible<0> {
    if (address.domain !== 'AF_UNIX') return errno.EINVAL
    if (this.address !== undefined) return errno.EINVAL
    const { path } = address
    const names = task.namespaces.net.abstractNames
    if (path === '') {
      // Autobind: an abstract name of five hex digits.
      let number = 0
      while (names.has(`@${number.toString(16).padStart(5, '0')}`)) number += 1
      this.address = `@${number.toString(16).padStart(5, '0')}`
      names.set(this.address, this)
      return 0
    }
    if (path.length > 108) return errno.EINVAL
    if (path.startsWith('@')) {
      if (names.has(path)) return errno.EADDRINUSE
      names.set(path, this)
    } else {
      const made = makeSocketNode(task, path, this)
      if (isErrno(made)) return made === errno.EEXIST ? errno.EADDRINUSE : made
    }
    this.address = path
    return 0
  }

  override listen(task: Task, backlog: number): Fallible<0> {
    if (this.connectionless) return errno.ENOTSUP
    if (this.address === undefined || this.state === 'connected') return errno.EINVAL
    this.state = 'listening'
    this.backlog = backlog < 0 ? 4096 : Math.min(backlog, 4096)
    this.ownIds = credentialsOf(task)
    return 0
  }

  private find(task: Task, address: SocketAddress): Fallible<UnixSocket> {
    if (address.domain !== 'AF_UNIX') return errno.EINVAL
    const { path } = address
    if (path.startsWith('@')) return task.namespaces.net.abstractNames.get(path) ?? errno.ECONNREFUSED
    return findSocketNode(task, path)
  }

  override connect(task: Task, address: SocketAddress): Fallible<0> {
    const target = this.find(task, address)
    if (isErrno(target)) return target
    if (target.type !== this.type) return errno.EPROTOTYPE
    if (this.connectionless) {
      this.peer = target
      this.peerAddress = target.address
      return 0
    }
    if (this.state === 'connected') return errno.EISCONN
    if (this.state === 'listening') return errno.EINVAL
    if (target.state !== 'listening') return errno.ECONNREFUSED
    if (target.waiting.length > target.backlog) return errno.EAGAIN
    this.ownIds = credentialsOf(task)
    const server = new UnixSocket(target.task, target.type, 0)
    server.ownIds = target.ownIds
    server.address = target.address
    server.join(this)
    this.join(server)
    target.waiting.push(server)
    target.readQueue.wake()
    return 0
  }

  /** Where a full backlog is waited for. */
  connectQueue(task: Task, address: SocketAddress): readonly WaitQueue[] {
    const target = this.find(task, address)
    return isErrno(target) ? [] : [target.writeQueue]
  }

  override accept(_task: Task, flags: number): Fallible<Socket> {
    if (this.state !== 'listening') return errno.EINVAL
    const next = this.waiting.shift()
    if (next === undefined) return errno.EAGAIN
    next.flags |= flags
    this.writeQueue.wake()
    return next
  }

  override send(task: Task, data: Bytes, { to, files }: SendOptions): Fallible<number> {
    if (this.connectionless) return this.sendDatagram(task, data, to, files)
    if (this.state !== 'connected') return this.state === 'disconnected' ? errno.EPIPE : errno.ENOTCONN
    const { peer } = this
    if (this.writeShut || peer === undefined || peer.readShut) return errno.EPIPE
    const room = CAPACITY - peer.queued
    if (this.isStream ? room <= 0 : peer.queued > 0 && data.length > room) return errno.EAGAIN
    if (!this.isStream && data.length > CAPACITY) return errno.EMSGSIZE
    const part = this.isStream && data.length > room ? data.slice(0, room) : data.slice()
    peer.push({ data: part, from: undefined, files, credentials: credentialsOf(task), sentUsec: task.kernel.clock.realtimeUsec })
    return part.length
  }

  private sendDatagram(task: Task, data: Bytes, to: SocketAddress | undefined, files: readonly OpenFile[]): Fallible<number> {
    if (this.writeShut) return errno.EPIPE
    const target = to === undefined ? this.peer : this.find(task, to)
    if (target === undefined) return errno.ENOTCONN
    if (isErrno(target)) return target
    if (!target.connectionless) return errno.EPROTOTYPE
    if (target.references === 0) return errno.ECONNREFUSED
    if (target.readShut) return errno.EPIPE
    if (target.peer !== undefined && target.peer !== this) return errno.EPERM
    if (data.length > CAPACITY) return errno.EMSGSIZE
    if (target.queue.length >= DATAGRAMS) return errno.EAGAIN
    const from: SocketAddress | undefined = this.address === undefined ? undefined : { domain: 'AF_UNIX', path: this.address }
    target.push({ data: data.slice(), from, files, credentials: credentialsOf(task), sentUsec: task.kernel.clock.realtimeUsec })
    return data.length
  }

  private push(message: Message): void {
    const last = this.queue.at(-1)
    if (
      this.isStream &&
      last !== undefined &&
      last.files.length === 0 &&
      message.files.length === 0 &&
      last.data.length + message.data.length <= 8192 &&
      last.credentials?.pid === message.credentials?.pid
    ) {
      this.queue[this.queue.length - 1] = { ...last, data: concatBytes([last.data, message.data]) }
    } else this.queue.push(message)
    this.queued += message.data.length
    this.readQueue.wake()
  }

  override receive(_task: Task, count: number): Fallible<Message> {
    const first = this.queue[0]
    if (first === undefined) {
      if (this.readShut || this.state === 'disconnected') return endOfStream
      if (!this.connectionless && this.state !== 'connected') return errno.ENOTCONN
      if (this.state === 'connected' && !this.connectionless && (this.peer === undefined || this.peer.writeShut)) return endOfStream
      return errno.EAGAIN
    }
    if (this.isStream && first.data.length > count) {
      this.queue[0] = { ...first, data: first.data.subarray(count), files: [] }
      this.queued -= count
      this.wakeSender()
      return { ...first, data: first.data.subarray(0, count) }
    }
    this.queue.shift()
    this.queued -= first.data.length
    this.wakeSender()
    return first.data.length > count ? { ...first, data: first.data.subarray(0, count) } : first
  }

  private wakeSender(): void {
    if (this.connectionless) this.writeQueue.wake()
    else this.peer?.writeQueue.wake()
  }

  override shutdown(how: 'read' | 'write' | 'both'): Fallible<0> {
    if (this.state !== 'connected' && !this.connectionless) return errno.ENOTCONN
    if (how !== 'write') this.readShut = true
    if (how !== 'read') this.writeShut = true
    this.readQueue.wake()
    this.peer?.readQueue.wake()
    this.peer?.writeQueue.wake()
    return 0
  }

  override name(): SocketAddress {
    return { domain: 'AF_UNIX', path: this.address ?? '' }
  }

  override peerName(): Fallible<SocketAddress> {
    if (this.peer === undefined && this.state !== 'disconnected') return errno.ENOTCONN
    return { domain: 'AF_UNIX', path: this.peerAddress ?? '' }
  }

  override peerCredentials(): Fallible<PeerCredentials> {
    if (this.state === 'listening') return this.ownIds
    return this.peerIds ?? { pid: 0, uid: 4_294_967_295, gid: 4_294_967_295 }
  }

  override poll(): number {
    if (this.state === 'listening') return this.waiting.length > 0 ? POLLIN : 0
    let mask = 0
    const ended = this.readShut || this.state === 'disconnected' || (this.state === 'connected' && this.peer?.writeShut === true)
    if (this.queue.length > 0 || ended) mask |= POLLIN
    if (ended) mask |= POLLRDHUP
    if (this.state === 'disconnected' || (this.readShut && this.writeShut)) mask |= POLLHUP
    const target = this.peer
    if (this.connectionless ? target === undefined || target.queue.length < DATAGRAMS : target === undefined || target.queued < CAPACITY) {
      mask |= POLLOUT
    }
    return mask
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.readQueue]
  }

  /** Of a datagram socket: the receiver tells when it has room. */
  override writeQueues(): readonly WaitQueue[] {
    return this.connectionless && this.peer !== undefined ? [this.writeQueue, this.peer.writeQueue] : [this.writeQueue]
  }

  sendQueues(task: Task, to: SocketAddress | undefined): readonly WaitQueue[] {
    const target = to === undefined ? this.peer : this.find(task, to)
    return target === undefined || isErrno(target) || !this.connectionless ? [this.writeQueue] : [target.writeQueue]
  }

  override release(): void {
    const { net } = this
    net.unixSockets.delete(this)
    if (this.address?.startsWith('@') && net.abstractNames.get(this.address) === this) net.abstractNames.delete(this.address)
    for (const message of this.queue) for (const file of message.files) dropUnreceived(file)
    const { peer } = this
    this.peer = undefined
    if (peer !== undefined && !this.connectionless && peer.peer === this) {
      peer.peer = undefined
      // Data that was not read is lost to the peer as a reset.
      peer.state = 'disconnected'
      peer.readQueue.wake()
      peer.writeQueue.wake()
    }
    this.state = 'disconnected'
    for (const one of this.waiting) one.release()
    this.writeQueue.wake()
  }
}

const endOfStream: Message = { data: new Uint8Array(0), from: undefined, files: [], credentials: undefined }
