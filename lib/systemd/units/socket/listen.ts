// Opening what a socket unit listens on.
import { errno, isErrno, type Errno, type Fallible, type SocketAddress, type Syscall } from '@/lib/kernel'
import { realizeCgroup } from '../../cgroup'
import type { Listen } from '../../directives'
import { findGroup, findUser } from '../../exec'
import { addressText, type Socket } from './socket'

const typeNames = { Stream: 'stream', Datagram: 'dgram', SequentialPacket: 'seqpacket' } as const

export function* openPorts(socket: Socket): Syscall<Errno | undefined> {
  yield* realizeCgroup(socket)
  for (const port of socket.ports) {
    if (port.fd !== undefined) continue
    const fd = yield* openPort(socket, port.listen)
    if (isErrno(fd)) return fd
    yield* socket.manager.process.setCloexec(fd, true)
    port.fd = fd
  }
  yield* makeSymlinks(socket)
  return undefined
}

function* openPort(socket: Socket, listen: Listen): Syscall<Fallible<number>> {
  const { process } = socket.manager
  const { address, type } = listen
  if (type === 'FIFO') return yield* openFifo(socket, address.family === 'file' ? address.path : '')
  if (type === 'Special') {
    const fd = yield* process.open(address.family === 'file' ? address.path : '', socket.section.Writable ? 0o4002 : 0o4000)
    if (isErrno(fd)) socket.log(3, `Failed to open special file ${addressText(listen)}: ${fd.message}`)
    return fd
  }
  if (type === 'Netlink') return yield* process.socket('AF_NETLINK', 'raw')
  if (type !== 'Stream' && type !== 'Datagram' && type !== 'SequentialPacket') return errno.ENOTSUP
  return address.family === 'ipv4' || address.family === 'ipv6'
    ? yield* openInet(socket, listen, typeNames[type])
    : address.family === 'unix'
      ? yield* openUnix(socket, address.path, typeNames[type], listen)
      : errno.ENOTSUP
}

/** Internet sockets are opened by a child in the unit's cgroup, so that its network rules hold for them. */
function* openInet(socket: Socket, listen: Listen, type: 'stream' | 'dgram' | 'seqpacket'): Syscall<Fallible<number>> {
  const { manager } = socket
  const { process } = manager
  const { address } = listen
  if (address.family !== 'ipv4' && address.family !== 'ipv6') return errno.EINVAL
  const domain = address.family === 'ipv4' ? 'AF_INET' : 'AF_INET6'
  const fd = yield* process.socket(domain, type)
  const fault = isErrno(fd) ? fd : yield* setUp(socket, fd, { domain, address: address.address, port: address.port }, type)
  if (!isErrno(fd) && !isErrno(fault)) {
    yield* helper(socket)
    return fd
  }
  if (!isErrno(fd)) yield* process.close(fd)
  const text = addressText(listen)
  yield* manager.logAs(
    '(sd-listen)',
    socket,
    3,
    `${socket.id}: Failed to create listening socket (${text}): ${isErrno(fault) ? fault.message : ''}`,
  )
  socket.log(3, `Failed to receive listening socket (${text}): ${errno.EIO.message}`)
  return errno.EIO
}

/** What the child costs shows in the unit's figures. */
function* helper(socket: Socket): Syscall<void> {
  const { process } = socket.manager
  const child = yield* process.fork(
    function* (one) {
      yield* one.setComm('(sd-listen)')
      yield* one.compute(HELPER_USEC)
      return 0
    },
    socket.cgroupPath === undefined ? {} : { cgroup: socket.cgroupPath },
  )
  if (!isErrno(child)) yield* process.waitpid(child)
}

const HELPER_USEC = 500

function* setUp(socket: Socket, fd: number, address: SocketAddress, type: string): Syscall<Fallible<0>> {
  const { process } = socket.manager
  const { section } = socket
  yield* process.setNonblock(fd, true)
  if (address.domain === 'AF_INET' || address.domain === 'AF_INET6') yield* process.setsockopt(fd, 'SO_REUSEADDR', 1)
  if (address.domain === 'AF_INET6' && section.BindIPv6Only !== 'default')
    yield* process.setsockopt(fd, 'IPV6_V6ONLY', section.BindIPv6Only === 'ipv6-only' ? 1 : 0)
  if (section.ReusePort) yield* process.setsockopt(fd, 'SO_REUSEPORT', 1)
  if (section.FreeBind) yield* process.setsockopt(fd, 'IP_FREEBIND', 1)
  if (section.PassCredentials) yield* process.setsockopt(fd, 'SO_PASSCRED', 1)
  const bound = yield* process.bind(fd, address)
  if (isErrno(bound)) return bound
  return type === 'dgram' ? 0 : yield* process.listen(fd, Math.min(section.Backlog, 4096))
}

function* openUnix(socket: Socket, path: string, type: 'stream' | 'dgram' | 'seqpacket', listen: Listen): Syscall<Fallible<number>> {
  const { manager, section } = socket
  const { process } = manager
  const onDisk = path.startsWith('/')
  if (onDisk) {
    yield* manager.makeDirectories(parentOf(path), section.DirectoryMode)
    yield* process.unlink(path)
  }
  const fd = yield* process.socket('AF_UNIX', type)
  if (isErrno(fd)) return fd
  const mask = yield* process.umask(0o777 & ~section.SocketMode)
  const done = yield* setUp(socket, fd, { domain: 'AF_UNIX', path }, type)
  yield* process.umask(mask)
  if (isErrno(done)) {
    yield* process.close(fd)
    socket.log(3, `Failed to create listening socket (${addressText(listen)}): ${done.message}`)
    return done
  }
  if (onDisk) {
    yield* process.chmod(path, section.SocketMode)
    const owned = yield* giveAway(socket, path)
    if (isErrno(owned)) {
      yield* process.close(fd)
      return owned
    }
  }
  return fd
}

function* openFifo(socket: Socket, path: string): Syscall<Fallible<number>> {
  const { manager, section } = socket
  const { process } = manager
  yield* manager.makeDirectories(parentOf(path), section.DirectoryMode)
  const made = yield* process.mknod(path, 'fifo', section.SocketMode)
  if (isErrno(made) && made.name !== 'EEXIST') {
    socket.log(3, `Failed to open FIFO ${path}: ${made.message}`)
    return made
  }
  yield* process.chmod(path, section.SocketMode)
  const owned = yield* giveAway(socket, path)
  if (isErrno(owned)) return owned
  // Read and write, so that it never looks closed.
  const fd = yield* process.open(path, 0o4002)
  if (isErrno(fd)) socket.log(3, `Failed to open FIFO ${path}: ${fd.message}`)
  return fd
}

/** SocketUser= and SocketGroup=. */
function* giveAway(socket: Socket, path: string): Syscall<Fallible<0>> {
  const { SocketUser, SocketGroup } = socket.section
  if (SocketUser === '' && SocketGroup === '') return 0
  const { process } = socket.manager
  const user = SocketUser === '' ? undefined : findUser(process, SocketUser)
  const group = SocketGroup === '' ? undefined : findGroup(process, SocketGroup)
  if (SocketUser !== '' && user === undefined) {
    socket.log(3, `Failed to resolve user ${SocketUser}: No such process`)
    return errno.ESRCH
  }
  if (SocketGroup !== '' && group === undefined) {
    socket.log(3, `Failed to resolve group ${SocketGroup}: No such process`)
    return errno.ESRCH
  }
  return yield* process.chown(path, user?.uid ?? 0, group ?? user?.gid ?? 0)
}

function* makeSymlinks(socket: Socket): Syscall<void> {
  const { process } = socket.manager
  const { Symlinks } = socket.section
  const file = socket.ports
    .map((port) => port.listen.address)
    .find((one) => (one.family === 'unix' || one.family === 'file') && one.path.startsWith('/'))
  if (file === undefined || !('path' in file)) return
  for (const link of Symlinks) {
    yield* socket.manager.makeDirectories(parentOf(link), socket.section.DirectoryMode)
    const made = yield* process.symlink(file.path, link)
    if (isErrno(made) && made.name === 'EEXIST') {
      yield* process.unlink(link)
      yield* process.symlink(file.path, link)
    }
  }
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/'

export function watchPorts(socket: Socket, incoming: (fd: number) => Syscall<void>): void {
  for (const port of socket.ports) {
    const { fd } = port
    if (fd === undefined || port.source !== undefined) continue
    port.source = socket.manager.loop.watchFd(fd, 1, 0, () => incoming(fd))
  }
}

export function* acceptConnection(socket: Socket, fd: number): Syscall<Fallible<number>> {
  const { process } = socket.manager
  const connection = yield* process.accept(fd)
  if (!isErrno(connection)) yield* process.setCloexec(connection, true)
  return connection
}

/** Throws away what waits: connections and datagrams that nobody will serve. */
export function* flushPorts(socket: Socket): Syscall<void> {
  const { process } = socket.manager
  for (const port of socket.ports) {
    if (port.fd === undefined) continue
    for (let rounds = 0; rounds < 1024; rounds++) {
      const ready = yield* process.poll([{ fd: port.fd, events: 1 }], 0)
      if (isErrno(ready) || ready.length === 0) break
      if (port.listen.type === 'Stream' || port.listen.type === 'SequentialPacket') {
        const connection = yield* process.accept(port.fd)
        if (isErrno(connection)) break
        yield* process.close(connection)
      } else {
        const chunk = yield* process.read(port.fd, 4096)
        if (isErrno(chunk) || chunk.length === 0) break
      }
    }
  }
}
