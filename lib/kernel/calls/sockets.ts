// socket(2), bind(2), connect(2), accept(2), send(2), recv(2) and options.
import { type Bytes, encodeUtf8, USEC_INFINITY } from '@/lib/base'
import { bindVerdict } from '../bind-filter'
import { type Errno, errno, isErrno } from '../errno'
import type { OpenFile } from '../open-file'
import { signals } from '../signal'
import { sendSignal } from '../signal-delivery'
import { block, type WakeReason } from '../sleepers'
import { type Message, Socket } from '../socket'
import { InetSocket } from '../socket-inet'
import { OtherSocket } from '../socket-other'
import { UnixSocket } from '../socket-unix'
import {
  type Fallible,
  O_CLOEXEC,
  O_NONBLOCK,
  type PeerCredentials,
  type ReceivedMessage,
  type SocketAddress,
  type SocketDomain,
  type SocketType,
  type Syscall,
} from '../system-calls'
import type { Task } from '../task'
import type { WaitQueue } from '../wait'
import { attend, notCapable, refuse, settle } from './entry'

/** Numbers of address families, as seccomp filters see them. */
export const familyNumber: Readonly<Record<string, number>> = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_LOCAL: 1,
  AF_INET: 2,
  AF_AX25: 3,
  AF_IPX: 4,
  AF_APPLETALK: 5,
  AF_X25: 9,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  AF_RDS: 21,
  AF_PPPOX: 24,
  AF_LLC: 26,
  AF_CAN: 29,
  AF_TIPC: 30,
  AF_BLUETOOTH: 31,
  AF_KEY: 15,
  AF_ALG: 38,
  AF_VSOCK: 40,
  AF_KCM: 41,
  AF_QIPCRTR: 42,
  AF_XDP: 44,
}
const typeNumber: Readonly<Record<SocketType, number>> = { stream: 1, dgram: 2, raw: 3, seqpacket: 5 }

const IPPROTO_ICMP = 1

function make(task: Task, domain: SocketDomain, type: SocketType, protocol: number, flags: number): Fallible<Socket> {
  const own = task.isCapableIn('CAP_NET_RAW', task.namespaces.net.owner)
  switch (domain) {
    case 'AF_UNIX':
    case 'AF_LOCAL':
      return type === 'raw' ? new UnixSocket(task, 'dgram', flags) : new UnixSocket(task, type, flags)
    case 'AF_INET':
    case 'AF_INET6':
      if (type === 'seqpacket') return errno.ESOCKTNOSUPPORT
      if (type === 'raw' && !own) return notCapable(task, 'socket', `${domain} raw`)
      // Unprivileged ping needs the group in net.ipv4.ping_group_range, which is empty.
      if (type === 'dgram' && (protocol === IPPROTO_ICMP || protocol === 58))
        return refuse(task, 'socket', 'ICMP', errno.EACCES, 'kernel default')
      return new InetSocket(task, domain === 'AF_INET' ? 'AF_INET' : 'AF_INET6', type, flags)
    case 'AF_PACKET':
      return own ? new OtherSocket(task, domain, type, flags) : notCapable(task, 'socket', domain)
    case 'AF_NETLINK':
    case 'AF_VSOCK':
    case 'AF_ALG':
      return new OtherSocket(task, domain, type, flags)
    default:
      return errno.EAFNOSUPPORT
  }
}

export function* socket(task: Task, domain: SocketDomain, type: SocketType, protocol = 0, flags = 0): Syscall<Fallible<number>> {
  if (task.enter(3)) {
    const stop = yield* attend(task, 'socket', [familyNumber[domain] ?? 0, typeNumber[type] | flags, protocol])
    if (stop !== undefined) return stop
  }
  const made = make(task, domain, type, protocol, flags & O_NONBLOCK)
  if (isErrno(made)) return made
  const fd = task.files.install(made, (flags & O_CLOEXEC) !== 0, task.limits.NOFILE.soft)
  if (isErrno(fd)) made.release()
  return fd
}

export function* socketpair(task: Task, type: SocketType): Syscall<Fallible<readonly [number, number]>> {
  if (task.enter(4)) {
    const stop = yield* attend(task, 'socketpair', [1, typeNumber[type], 0])
    if (stop !== undefined) return stop
  }
  const [one, other] = UnixSocket.pair(task, type)
  const first = task.files.install(one, false, task.limits.NOFILE.soft)
  if (isErrno(first)) return first
  const second = task.files.install(other, false, task.limits.NOFILE.soft)
  if (isErrno(second)) {
    task.files.close(task, first)
    return second
  }
  return [first, second]
}

function socketOf(task: Task, fd: number): Socket | Errno {
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  return file instanceof Socket ? file : errno.ENOTSOCK
}

export function* bind(task: Task, fd: number, address: SocketAddress): Syscall<Fallible<0>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'bind', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  if (found instanceof InetSocket && (address.domain === 'AF_INET' || address.domain === 'AF_INET6')) {
    const verdict = bindVerdict(task, { family: address.domain, protocol: found.protocol, port: address.port })
    if (verdict !== undefined) return refuse(task, 'bind', String(address.port), errno.EPERM, verdict.cause ?? 'kernel default')
  }
  const result = found.bind(task, address)
  if (result === errno.EACCES && (address.domain === 'AF_INET' || address.domain === 'AF_INET6')) {
    return notCapable(task, 'bind', `${address.address}:${address.port}`, errno.EACCES)
  }
  return result
}

export function* listen(task: Task, fd: number, backlog: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'listen', [fd, backlog])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  return isErrno(found) ? found : found.listen(task, backlog)
}

export function* accept(task: Task, fd: number, flags = 0): Syscall<Fallible<number>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, flags === 0 ? 'accept' : 'accept4', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  let reason: WakeReason = 'woken'
  for (;;) {
    const accepted = found.accept(task, flags & O_NONBLOCK)
    if (!isErrno(accepted)) {
      const installed = task.files.install(accepted, (flags & O_CLOEXEC) !== 0, task.limits.NOFILE.soft)
      if (isErrno(installed)) accepted.release()
      return installed
    }
    if (accepted !== errno.EAGAIN || found.nonblocking) return accepted
    if (reason === 'interrupted') return errno.EINTR
    reason = yield* block(task, found.readQueues())
  }
}

export function* connect(task: Task, fd: number, address: SocketAddress): Syscall<Fallible<0>> {
  if (task.enter(5)) {
    const stop = yield* attend(task, 'connect', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  const { clock } = task.kernel
  const timeout = Number(found.options.get('sndtimeo') ?? 0)
  let deadline = timeout > 0 ? clock.monotonicUsec + timeout : USEC_INFINITY
  let reason: WakeReason = 'woken'
  for (;;) {
    const result = found.connect(task, address)
    if (result === errno.EINPROGRESS) {
      if (found.nonblocking) return result
      // Nobody answers: SYN is sent again for about two minutes.
      if (deadline === USEC_INFINITY) deadline = clock.monotonicUsec + 133_000_000
      do reason = yield* block(task, found.writeQueues(), deadline)
      while (reason === 'woken')
      if (reason === 'timeout') return timeout > 0 ? errno.EINPROGRESS : errno.ETIMEDOUT
      return errno.EINTR
    }
    if (result !== errno.EAGAIN || found.nonblocking) return result
    if (reason === 'interrupted') return errno.EINTR
    if (reason === 'timeout') return errno.EAGAIN
    const queues = found instanceof UnixSocket || found instanceof InetSocket ? found.connectQueue(task, address) : []
    reason = yield* block(task, queues, deadline)
  }
}

export function* send(
  task: Task,
  fd: number,
  data: Bytes | string,
  options: { readonly to?: SocketAddress; readonly fds?: readonly number[]; readonly nosignal?: boolean; readonly dontWait?: boolean } = {},
): Syscall<Fallible<number>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, options.fds === undefined ? 'sendto' : 'sendmsg', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  const files: OpenFile[] = []
  for (const one of options.fds ?? []) {
    const file = task.files.get(one)
    if (file === undefined) return errno.EBADF
    files.push(file)
  }
  const bytes = typeof data === 'string' ? encodeUtf8(data) : data
  let done = 0
  let reason: WakeReason = 'woken'
  for (;;) {
    const passed = done === 0 ? files : []
    const result = found.send(task, done === 0 ? bytes : bytes.subarray(done), { to: options.to, files: passed })
    if (!isErrno(result)) {
      for (const file of passed) file.references += 1
      done += result
      if (done >= bytes.length || found.type !== 'stream' || result === 0) return done
      continue
    }
    if (result === errno.EPIPE && found.type === 'stream' && options.nosignal !== true) {
      sendSignal(task, signals.SIGPIPE.number, { pid: task.pid, uid: task.credentials.uid })
      yield* settle(task)
    }
    if (result === errno.EPERM) return refuse(task, 'sendto', '', result, 'kernel default')
    if (result !== errno.EAGAIN) return done > 0 ? done : result
    if (found.nonblocking || options.dontWait === true) return done > 0 ? done : errno.EAGAIN
    if (reason === 'interrupted') return done > 0 ? done : errno.EINTR
    const queues: readonly WaitQueue[] = found instanceof UnixSocket ? found.sendQueues(task, options.to) : found.writeQueues()
    reason = yield* block(task, queues)
  }
}

export function* recv(
  task: Task,
  fd: number,
  count = 65_536,
  options: { readonly cloexec?: boolean; readonly dontWait?: boolean } = {},
): Syscall<Fallible<ReceivedMessage>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'recvmsg', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  const timeout = Number(found.options.get('rcvtimeo') ?? 0)
  const deadline = timeout > 0 ? task.kernel.clock.monotonicUsec + timeout : USEC_INFINITY
  let reason: WakeReason = 'woken'
  for (;;) {
    const result = found.receive(task, count)
    if (!isErrno(result)) return unpack(task, result, options.cloexec ?? false)
    if (result !== errno.EAGAIN || found.nonblocking || options.dontWait === true) return result
    if (reason === 'interrupted') return errno.EINTR
    if (reason === 'timeout') return errno.EAGAIN
    reason = yield* block(task, found.readQueues(), deadline)
  }
}

function unpack(task: Task, message: Message, cloexec: boolean): ReceivedMessage {
  const fds: number[] = []
  for (const file of message.files) {
    const fd = task.files.install(file, cloexec, task.limits.NOFILE.soft)
    file.references -= 1
    if (!isErrno(fd)) fds.push(fd)
    else if (file.references === 0) file.release()
  }
  const { data, from, sentUsec } = message
  return { data, from, fds, credentials: seenBy(task, message.credentials), sentUsec }
}

function seenBy(task: Task, ids: PeerCredentials | undefined): PeerCredentials | undefined {
  if (ids === undefined || task.namespaces.pid.level === 0) return ids
  const sender = task.kernel.tasks.get(ids.pid)
  return { ...ids, pid: sender === undefined ? 0 : task.kernel.pidSeenBy(sender, task) }
}

export function* shutdown(task: Task, fd: number, how: 'read' | 'write' | 'both'): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'shutdown', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  return isErrno(found) ? found : found.shutdown(how)
}

export function* getsockname(task: Task, fd: number): Syscall<Fallible<SocketAddress>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getsockname', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  return isErrno(found) ? found : (found.name() ?? errno.EINVAL)
}

export function* getpeername(task: Task, fd: number): Syscall<Fallible<SocketAddress>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getpeername', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  return isErrno(found) ? found : found.peerName()
}

export function* getPeerCredentials(task: Task, fd: number): Syscall<Fallible<PeerCredentials>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'getsockopt', [fd, 1, 17])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  return isErrno(found) ? found : found.peerCredentials()
}

/** Names in lower case without SO_: `reuseaddr`, `sndtimeo` (µs), `mark`, … */
export function* setsockopt(task: Task, fd: number, given: string, value: number | string): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'setsockopt', [fd])
    if (stop !== undefined) return stop
  }
  const found = socketOf(task, fd)
  if (isErrno(found)) return found
  const option = given.toLowerCase().replace(/^so_|^ipv6_v6/, (prefix) => (prefix === 'so_' ? '' : 'ipv6'))
  const { owner } = task.namespaces.net
  const admin = task.isCapableIn('CAP_NET_ADMIN', owner)
  if ((option === 'mark' || option === 'rcvbufforce' || option === 'sndbufforce' || option === 'debug') && !admin) {
    if (!(option === 'mark' && task.isCapableIn('CAP_NET_RAW', owner))) return notCapable(task, 'setsockopt', given)
  }
  if (option === 'bindtodevice' && value !== '' && value !== 'lo') return errno.ENODEV
  found.options.set(option, value)
  return 0
}
