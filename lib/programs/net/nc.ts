// After nc(1) of OpenBSD.
import { errno, isErrno, POLLHUP, POLLIN, POLLOUT, type Process, type SocketAddress, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { parseInterval } from '../coreutils/sleep'
import { portOf, resolveHost } from './resolve'

/** Copies between standard streams and a connection until both sides are done. */
function* relay(
  process: Process,
  fd: number,
  idleUsec: number | undefined,
  shutdownAtEof: boolean,
  quitAfterUsec: number | undefined,
): Syscall<void> {
  let input = true
  let deadline = Number.POSITIVE_INFINITY
  for (;;) {
    const wait = Math.min(idleUsec ?? Number.POSITIVE_INFINITY, deadline - process.monotonicUsec)
    const requests = [{ fd, events: POLLIN }, ...(input ? [{ fd: 0, events: POLLIN }] : [])]
    const ready = yield* process.poll(requests, Number.isFinite(wait) ? Math.max(0, wait) : undefined)
    if (ready === errno.EINTR) continue
    if (isErrno(ready) || ready.length === 0) return
    if (ready.some((one) => one.fd === fd && (one.revents & (POLLIN | POLLHUP)) !== 0)) {
      const data = yield* process.read(fd, 16384)
      if (isErrno(data) || data.length === 0) return
      const written = yield* process.write(1, data)
      if (isErrno(written)) return
    }
    if (input && ready.some((one) => one.fd === 0)) {
      const data = yield* process.read(0, 16384)
      if (isErrno(data) || data.length === 0) {
        input = false
        if (shutdownAtEof) yield* process.shutdown(fd, 'write')
        if (quitAfterUsec !== undefined) deadline = process.monotonicUsec + quitAfterUsec
      } else if (isErrno(yield* process.write(fd, data))) return
    }
  }
}

export const nc = program({
  name: 'nc',
  path: '/usr/bin/nc.openbsd',
  links: ['/usr/bin/nc', '/usr/bin/netcat'],
  summary: 'connect or listen, and copy what comes',
  synopsis: '[-46CDdFhklNnrStUuvZz] [-w timeout] [destination] [port]',
  options: [
    { short: '4', help: 'IPv4' },
    { short: '6', help: 'IPv6' },
    { short: 'C', help: 'has no effect here' },
    { short: 'd', help: 'do not read standard input' },
    { short: 'k', help: 'listen again after a connection' },
    { short: 'l', help: 'listen' },
    { short: 'N', help: 'close the sending side at the end of input' },
    { short: 'n', help: 'no names' },
    { short: 'p', argument: 'required', metavar: 'port', help: 'the own port' },
    { short: 'q', argument: 'required', metavar: 'seconds', help: 'leave so long after the end of input' },
    { short: 's', argument: 'required', metavar: 'addr', help: 'the own address' },
    { short: 'U', help: 'a UNIX socket' },
    { short: 'u', help: 'UDP' },
    { short: 'v', help: 'say what happens' },
    { short: 'w', argument: 'required', metavar: 'timeout', help: 'wait no longer' },
    { short: 'z', help: 'only see whether somebody listens' },
  ],
  *main(process, args) {
    const idleText = args.value('w')
    const idleUsec = idleText === undefined ? undefined : (parseInterval(idleText) ?? 0) * 1e6
    const quit = args.value('q')
    const quitUsec = quit === undefined ? undefined : Number(quit) * 1e6
    const type = args.has('u') ? 'dgram' : 'stream'
    const usage = function* (): Syscall<number> {
      yield* process.write(2, 'usage: nc [-46CDdFhklNnrStUuvZz] [-w timeout] [destination] [port]\n')
      return 1
    }
    if (args.has('d')) {
      const empty = yield* process.open('/dev/null', 0)
      if (!isErrno(empty)) yield* process.dup2(empty, 0)
    }
    if (args.has('l')) {
      const [first, second] = args.operands
      const portText = args.value('p') ?? second ?? first
      if (portText === undefined) return yield* usage()
      const host = second === undefined && args.value('p') === undefined ? undefined : first
      const port = portOf(portText)
      const own: SocketAddress = args.has('U')
        ? { domain: 'AF_UNIX', path: portText }
        : {
            ...(host === undefined
              ? { domain: args.has('6') ? ('AF_INET6' as const) : ('AF_INET' as const), address: args.has('6') ? '::' : '0.0.0.0' }
              : (resolveHost(process, host)[0] ?? { domain: 'AF_INET' as const, address: '0.0.0.0' })),
            port: port ?? 0,
          }
      const socket = yield* process.socket(own.domain, type)
      if (isErrno(socket)) return 1
      yield* process.setsockopt(socket, 'SO_REUSEADDR', 1)
      const bound = yield* process.bind(socket, own)
      if (isErrno(bound)) {
        yield* process.write(2, `nc: ${bound.message}\n`)
        return 1
      }
      if (type === 'dgram') {
        yield* relay(process, socket, idleUsec, false, quitUsec)
        return 0
      }
      yield* process.listen(socket, 1)
      do {
        const peer = yield* process.accept(socket)
        if (isErrno(peer)) return 1
        if (args.has('v')) yield* process.write(2, 'Connection received\n')
        yield* relay(process, peer, idleUsec, args.has('N'), quitUsec)
        yield* process.close(peer)
      } while (args.has('k'))
      return 0
    }
    const [host, portText] = args.operands
    if (host === undefined || (portText === undefined && !args.has('U'))) return yield* usage()
    const range = /^(\d+)-(\d+)$/.exec(portText ?? '')
    const ports = args.has('U')
      ? [0]
      : range !== null
        ? Array.from({ length: Number(range[2]) - Number(range[1]) + 1 }, (_, index) => Number(range[1]) + index)
        : [portOf(portText ?? '')]
    if (ports.includes(undefined)) {
      yield* process.write(2, `nc: port number invalid: ${portText}\n`)
      return 1
    }
    const addresses = args.has('U') ? [] : resolveHost(process, host)
    if (!args.has('U') && addresses.length === 0) {
      yield* process.write(2, `nc: getaddrinfo for host "${host}" port ${portText}: Name or service not known\n`)
      return 1
    }
    let status = 1
    for (const port of ports) {
      const targets: SocketAddress[] = args.has('U')
        ? [{ domain: 'AF_UNIX', path: host }]
        : addresses.map((one) => ({ ...one, port: port ?? 0 }))
      for (const target of targets) {
        const fd = yield* process.socket(target.domain, type)
        if (isErrno(fd)) continue
        if (idleUsec !== undefined) yield* process.setNonblock(fd, true)
        let result = yield* process.connect(fd, target)
        if (result === errno.EINPROGRESS) {
          const ready = yield* process.poll([{ fd, events: POLLOUT }], idleUsec)
          if (!isErrno(ready) && ready.length > 0) result = isErrno(yield* process.getpeername(fd)) ? errno.ECONNREFUSED : 0
          else result = errno.ETIMEDOUT
        }
        const shown = args.has('U')
          ? host
          : `${host} (${'address' in target ? target.address : ''}) port ${port} (${type === 'dgram' ? 'udp' : 'tcp'})`
        if (isErrno(result)) {
          if (args.has('v'))
            yield* process.write(
              2,
              `nc: connect to ${shown} failed: ${result === errno.ETIMEDOUT ? 'Operation now in progress' : result.message}\n`,
            )
          yield* process.close(fd)
          continue
        }
        yield* process.setNonblock(fd, false)
        status = 0
        if (args.has('v'))
          yield* process.write(
            2,
            args.has('U')
              ? ''
              : `Connection to ${host} (${'address' in target ? target.address : ''}) ${port} port [${type === 'dgram' ? 'udp' : 'tcp'}/*] succeeded!\n`,
          )
        if (!args.has('z')) yield* relay(process, fd, idleUsec, args.has('N'), quitUsec)
        yield* process.close(fd)
        break
      }
      if (status === 0 && !args.has('z')) return 0
    }
    return status
  },
})
