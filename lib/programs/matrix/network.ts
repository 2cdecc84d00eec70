// Actions about sockets.
import { isErrno, type SocketDomain, type SocketType, type Syscall } from '@/lib/kernel'
import { type Action, action, call, outcome, type Scene } from './action'
import { readWhole } from './file-steps'
import { connectUnix, listenOn, withSocket } from './socket-steps'

const IPPROTO_ICMP = 1
const O_CLOEXEC = 0o2000000

const sockets: readonly (readonly [id: string, domain: SocketDomain, type: SocketType, protocol?: number])[] = [
  ['socket-unix', 'AF_UNIX', 'stream'],
  ['socket-inet', 'AF_INET', 'stream'],
  ['socket-inet6', 'AF_INET6', 'stream'],
  ['socket-netlink', 'AF_NETLINK', 'raw'],
  ['socket-packet', 'AF_PACKET', 'raw'],
  ['socket-vsock', 'AF_VSOCK', 'stream'],
  ['socket-alg', 'AF_ALG', 'seqpacket'],
  ['socket-bluetooth', 'AF_BLUETOOTH', 'raw', 1],
  ['socket-raw-icmp', 'AF_INET', 'raw', IPPROTO_ICMP],
  ['socket-ping', 'AF_INET', 'dgram', IPPROTO_ICMP],
]

function* countInterfaces({ process }: Scene): Syscall<string> {
  const text = yield* readWhole(process, '/proc/self/net/dev')
  return isErrno(text) ? outcome(text) : `ok:${text.split('\n').filter((line) => line !== '').length - 2}`
}

const option = (id: string, name: string, value: number | string): Action =>
  action(id, (scene) => withSocket(scene, 'AF_INET', 'dgram', (process, fd) => process.setsockopt(fd, name, value)))

export const networkActions: readonly Action[] = [
  ...sockets.map(([id, domain, type, protocol]) => call(id, ({ process }) => process.socket(domain, type, protocol ?? 0, O_CLOEXEC))),
  call('socketpair', ({ process }) => process.socketpair('stream')),
  action('bind-127-80', (scene) => listenOn(scene, '127.0.0.1', 80)),
  action('bind-127-8080', (scene) => listenOn(scene, '127.0.0.1', 8080)),
  action('bind-any-8081', (scene) => listenOn(scene, '0.0.0.0', 8081)),
  action('bind-udp-5353', (scene) =>
    withSocket(scene, 'AF_INET', 'dgram', (process, fd) => process.bind(fd, { domain: 'AF_INET', address: '0.0.0.0', port: 5353 })),
  ),
  action('bind6-8082', (scene) =>
    withSocket(scene, 'AF_INET6', 'stream', (process, fd) => process.bind(fd, { domain: 'AF_INET6', address: '::1', port: 8082 })),
  ),
  action('connect-tcp', (scene) =>
    withSocket(scene, 'AF_INET', 'stream', function* (process, fd) {
      yield* process.setsockopt(fd, 'SO_SNDTIMEO', 1_000_000)
      return yield* process.connect(fd, { domain: 'AF_INET', address: '127.0.0.1', port: 9999 })
    }),
  ),
  action('connect-unix', (scene) => connectUnix(scene, '/run/matrix.sock')),
  action('connect-abstract', (scene) => connectUnix(scene, '@matrix')),
  action('connect-dbus', (scene) => connectUnix(scene, '/run/dbus/system_bus_socket')),
  action('connect-journal', (scene) => connectUnix(scene, '/run/systemd/journal/stdout')),
  action('udp-send', (scene) =>
    withSocket(scene, 'AF_INET', 'dgram', (process, fd) =>
      process.send(fd, 'x', { to: { domain: 'AF_INET', address: '127.0.0.1', port: 9998 } }),
    ),
  ),
  action('count-interfaces', countInterfaces),
  option('so-mark', 'SO_MARK', 1),
  option('so-bindtodevice', 'SO_BINDTODEVICE', 'lo'),
  option('so-rcvbufforce', 'SO_RCVBUFFORCE', 65_536),
]
