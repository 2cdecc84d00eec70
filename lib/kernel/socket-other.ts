// Sockets of families that are there to be made and refused, but carry nothing here: netlink, packet, vsock, alg.
import type { Bytes } from '@/lib/base'
import { errno } from './errno'
import { type Message, Socket } from './socket'
import { Sleepers } from './sleepers'
import { type Fallible, POLLOUT, type SocketAddress, type SocketDomain, type SocketType } from './system-calls'
import type { Task } from './task'
import type { WaitQueue } from './wait'

export class OtherSocket extends Socket {
  readonly domain: SocketDomain
  private address: SocketAddress | undefined
  private readonly messages: Bytes[] = []
  private readonly arrived = new Sleepers()

  constructor(task: Task, domain: SocketDomain, type: SocketType, flags: number) {
    super(task, type, flags)
    this.domain = domain
  }

  /** For kernel parts that speak to a socket (uevents). */
  deliver(message: Bytes): void {
    this.messages.push(message)
    this.arrived.wake()
  }

  override bind(_task: Task, address: SocketAddress): Fallible<0> {
    this.address = address
    return 0
  }

  override send(_task: Task, data: Bytes): Fallible<number> {
    return this.domain === 'AF_NETLINK' ? data.length : errno.ENOTCONN
  }

  override receive(): Fallible<Message> {
    const data = this.messages.shift()
    return data === undefined ? errno.EAGAIN : { data, from: undefined, files: [], credentials: undefined }
  }

  override name(): SocketAddress | undefined {
    return this.address
  }

  override poll(): number {
    return POLLOUT | (this.messages.length > 0 ? 1 : 0)
  }

  override readQueues(): readonly WaitQueue[] {
    return [this.arrived]
  }
}
