import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { type Fallible, isErrno, O_RDONLY, type Process, type SocketAddress, type Syscall } from '@/lib/kernel'
import { testMachine } from './machine'

const name = (value: Fallible<unknown>): string => (isErrno(value) ? value.name : 'ok')

function* server(process: Process, address: SocketAddress, type: 'stream' | 'seqpacket' = 'stream'): Syscall<number> {
  const fd = yield* process.socket(address.domain, type)
  if (isErrno(fd)) throw new Error(fd.name)
  const bound = yield* process.bind(fd, address)
  if (isErrno(bound)) throw new Error(bound.name)
  yield* process.listen(fd, 5)
  return fd
}

test.each<[string, SocketAddress]>([
  ['path', { domain: 'AF_UNIX', path: '/tmp/s' }],
  ['abstract', { domain: 'AF_UNIX', path: '@s' }],
  ['tcp', { domain: 'AF_INET', address: '127.0.0.1', port: 8080 }],
  ['tcp6', { domain: 'AF_INET6', address: '::1', port: 8080 }],
])('a conversation over %s', (_name, address) => {
  const { run, kernel } = testMachine()
  kernel.run({ untilUsec: 1000 })
  const { out } = run(function* (process) {
    const listener = yield* server(process, address)
    yield* process.fork(function* (client) {
      const fd = yield* client.socket(address.domain, 'stream')
      if (isErrno(fd)) return 1
      yield* client.connect(fd, address)
      yield* client.write(fd, 'question')
      const answer = yield* client.read(fd)
      yield* client.write(1, isErrno(answer) ? answer.name : decodeUtf8(answer))
      const end = yield* client.read(fd)
      yield* client.write(1, ` ${isErrno(end) ? end.name : end.length}`)
      return 0
    })
    const peer = yield* process.accept(listener)
    if (isErrno(peer)) return 1
    const question = yield* process.read(peer)
    yield* process.write(peer, `${isErrno(question) ? question.name : decodeUtf8(question)} answered`)
    yield* process.close(peer)
    yield* process.waitpid(-1)
    return 0
  })
  expect(out).toBe('question answered 0')
})

test('descriptors and credentials travel over a UNIX socket', () => {
  const { run } = testMachine({}, [{ path: '/etc/secret', kind: 'file', content: 'secret' }])
  const { out } = run(function* (process) {
    const pair = yield* process.socketpair('dgram')
    if (isErrno(pair)) return 1
    const pid = yield* process.fork(function* (child) {
      const fd = yield* child.open('/etc/secret', O_RDONLY)
      if (isErrno(fd)) return 1
      yield* child.setresuid(1000, 1000, 1000)
      yield* child.send(pair[1], 'take', { fds: [fd] })
      return 0
    })
    const message = yield* process.recv(pair[0])
    if (isErrno(message)) return 1
    const passed = message.fds[0]
    const bytes = passed === undefined ? undefined : yield* process.read(passed)
    const { credentials } = message
    yield* process.write(
      1,
      `${decodeUtf8(message.data)} ${bytes === undefined || isErrno(bytes) ? '?' : decodeUtf8(bytes)} ${credentials?.pid === pid} ${credentials?.uid}`,
    )
    return 0
  })
  expect(out).toBe('take secret true 1000')
})

test('what bind and connect refuse', () => {
  const { run } = testMachine()
  const { out } = run(
    function* (process) {
      const told: string[] = []
      const make = function* (type: 'stream' | 'dgram' = 'stream'): Syscall<number> {
        const fd = yield* process.socket('AF_INET', type)
        return isErrno(fd) ? -1 : fd
      }
      const one = yield* make()
      told.push(name(yield* process.bind(one, { domain: 'AF_INET', address: '127.0.0.1', port: 80 })))
      told.push(name(yield* process.bind(one, { domain: 'AF_INET', address: '127.0.0.1', port: 8080 })))
      yield* process.listen(one, 1)
      told.push(name(yield* process.bind(yield* make(), { domain: 'AF_INET', address: '0.0.0.0', port: 8080 })))
      told.push(name(yield* process.bind(yield* make('dgram'), { domain: 'AF_INET', address: '0.0.0.0', port: 8080 })))
      told.push(name(yield* process.bind(yield* make(), { domain: 'AF_INET', address: '192.0.2.1', port: 8081 })))
      told.push(name(yield* process.connect(yield* make(), { domain: 'AF_INET', address: '127.0.0.1', port: 9 })))
      told.push(name(yield* process.connect(yield* make(), { domain: 'AF_INET', address: '192.0.2.1', port: 9 })))
      const raw = yield* process.socket('AF_INET', 'raw')
      told.push(name(raw))
      const bluetooth = yield* process.socket('AF_BLUETOOTH', 'raw')
      told.push(name(bluetooth))
      const unix = yield* process.socket('AF_UNIX', 'stream')
      if (isErrno(unix)) return 1
      told.push(name(yield* process.connect(unix, { domain: 'AF_UNIX', path: '/tmp/none' })))
      yield* process.write(1, told.join(' '))
      return 0
    },
    { uid: 1000 },
  )
  expect(out).toBe('EACCES ok EADDRINUSE ok EADDRNOTAVAIL ECONNREFUSED ENETUNREACH EPERM EAFNOSUPPORT ENOENT')
})

test('a port stays taken after its server closed the connection, unless SO_REUSEADDR', () => {
  const { run } = testMachine()
  const address: SocketAddress = { domain: 'AF_INET', address: '127.0.0.1', port: 8080 }
  const { out } = run(function* (process) {
    const listener = yield* server(process, address)
    const client = yield* process.socket('AF_INET', 'stream')
    if (isErrno(client)) return 1
    yield* process.connect(client, address)
    const peer = yield* process.accept(listener)
    if (isErrno(peer)) return 1
    for (const fd of [peer, client, listener]) yield* process.close(fd)
    const again = yield* process.socket('AF_INET', 'stream')
    if (isErrno(again)) return 1
    const told = [name(yield* process.bind(again, address))]
    yield* process.setsockopt(again, 'reuseaddr', 1)
    told.push(name(yield* process.bind(again, address)))
    yield* process.write(1, told.join(' '))
    return 0
  })
  expect(out).toBe('EADDRINUSE ok')
})

test('a new network namespace has nothing but a loopback that is down', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    const listener = yield* server(process, { domain: 'AF_INET', address: '127.0.0.1', port: 8080 })
    yield* process.unshare(0x40000000)
    const fd = yield* process.socket('AF_INET', 'stream')
    if (isErrno(fd)) return listener
    const connected = yield* process.connect(fd, { domain: 'AF_INET', address: '127.0.0.1', port: 8080 })
    yield* process.write(1, name(connected))
    return 0
  })
  expect(out).toBe('ENETUNREACH')
})

test('poll wakes for data, hang-up and time', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    const pair = yield* process.socketpair('stream')
    if (isErrno(pair)) return 1
    const told: string[] = []
    const look = function* (): Syscall<void> {
      const ready = yield* process.poll([{ fd: pair[0], events: 1 }], 1_000_000)
      told.push(isErrno(ready) ? ready.name : ready.map((one) => one.revents).join() || 'none')
    }
    yield* look()
    yield* process.fork(function* (child) {
      yield* child.nanosleep(10_000)
      yield* child.write(pair[1], 'x')
      return 0
    })
    yield* look()
    yield* process.read(pair[0])
    yield* process.close(pair[1])
    yield* process.waitpid(-1)
    yield* look()
    yield* process.write(1, told.join(' '))
    return 0
  })
  expect(out).toBe('none 1 17')
})
