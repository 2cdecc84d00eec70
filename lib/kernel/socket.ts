// What all sockets have: options, the node they show in stat(2), who made them. After socket(7).
import type { Bytes } from '@/lib/base'
import { errno } from './errno'
import { OpenFile } from './open-file'
import { anonymousPlace } from './place'
import type { Fallible, PeerCredentials, SocketAddress, SocketDomain, SocketType } from './system-calls'
import { O_RDWR } from './system-calls'
import type { Task } from './task'

export type Message = {
  readonly data: Bytes
  readonly from: SocketAddress | undefined
  readonly files: readonly OpenFile[]
  readonly credentials: PeerCredentials | undefined
  /** When it was sent (SCM_TIMESTAMP); on UNIX sockets only. */
  readonly sentUsec?: number
}

export type SendOptions = { readonly to: SocketAddress | undefined; readonly files: readonly OpenFile[] }

export abstract class Socket extends OpenFile {
  abstract readonly domain: SocketDomain
  readonly type: SocketType
  readonly ino: number
  readonly options = new Map<string, number | string>()
  readonly ownerUid: number

  constructor(task: Task, type: SocketType, flags: number) {
    const place = anonymousPlace(task, 'socket', 0o777, (ino) => `socket:[${ino}]`)
    super(O_RDWR | flags, place)
    this.type = type
    this.ino = place.ino
    this.ownerUid = task.credentials.euid
  }

  bind(_task: Task, _address: SocketAddress): Fallible<0> {
    return errno.ENOTSUP
  }

  listen(_task: Task, _backlog: number): Fallible<0> {
    return errno.ENOTSUP
  }

  /** EAGAIN: none waits. */
  accept(_task: Task, _flags: number): Fallible<Socket> {
    return errno.ENOTSUP
  }

  /** EAGAIN: the listener's queue is full. */
  connect(_task: Task, _address: SocketAddress): Fallible<0> {
    return errno.ENOTSUP
  }

  send(_task: Task, _data: Bytes, _options: SendOptions): Fallible<number> {
    return errno.ENOTSUP
  }

  receive(_task: Task, _count: number): Fallible<Message> {
    return errno.ENOTSUP
  }

  shutdown(_how: 'read' | 'write' | 'both'): Fallible<0> {
    return errno.ENOTSUP
  }

  name(): SocketAddress | undefined {
    return undefined
  }

  peerName(): Fallible<SocketAddress> {
    return errno.ENOTCONN
  }

  peerCredentials(): Fallible<PeerCredentials> {
    return errno.ENOTSUP
  }

  override read(task: Task, count: number): Fallible<Bytes> {
    const message = this.receive(task, count)
    if (!('data' in message)) return message
    for (const file of message.files) dropUnreceived(file)
    return message.data
  }

  override write(task: Task, data: Bytes): Fallible<number> {
    return this.send(task, data, noOptions)
  }
}

export const noOptions: SendOptions = { to: undefined, files: [] }

/** A file on its way that nobody takes. */
export function dropUnreceived(file: OpenFile): void {
  file.references -= 1
  if (file.references === 0) file.release()
}
