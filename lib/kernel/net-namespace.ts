// After network_namespaces(7): interfaces, ports in use and abstract UNIX names, apart for each namespace.
import type { UserNamespace } from './credentials'
import type { InetSocket } from './socket-inet'
import type { UnixSocket } from './socket-unix'

export class NetNamespace {
  readonly inum: number
  readonly owner: UserNamespace
  /** A new namespace has `lo`, and it is down. */
  loopbackUp = false
  readonly abstractNames = new Map<string, UnixSocket>()
  /** Bound sockets, by `tcp:8080` and `udp:5353`. */
  readonly bound = new Map<string, InetSocket[]>()
  readonly unixSockets = new Set<UnixSocket>()
  readonly inetSockets = new Set<InetSocket>()
  readonly sysctl = new Map<string, string>()
  lastEphemeralPort = 32_767
  /** Ports whose connection was closed from here, and until when they stay taken. */
  readonly timeWait = new Map<number, number>()

  constructor(inum: number, owner: UserNamespace) {
    this.inum = inum
    this.owner = owner
  }
}
