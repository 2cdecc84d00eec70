// Steps that actions about sockets share.
import { type Fallible, isErrno, type Process, type SocketDomain, type SocketType, type Syscall } from '@/lib/kernel'
import { failedAt, outcome, type Scene } from './action'

/** A new socket, and something done to it. */
export function* withSocket(
  { process }: Scene,
  domain: SocketDomain,
  type: SocketType,
  work: (process: Process, fd: number) => Syscall<Fallible<unknown>>,
): Syscall<string> {
  const fd = yield* process.socket(domain, type)
  return isErrno(fd) ? failedAt('socket', fd) : outcome(yield* work(process, fd))
}

export function connectUnix(scene: Scene, path: string, type: SocketType = 'stream'): Syscall<string> {
  return withSocket(scene, 'AF_UNIX', type, (process, fd) => process.connect(fd, { domain: 'AF_UNIX', path }))
}

export function listenOn(scene: Scene, address: string, port: number): Syscall<string> {
  return withSocket(scene, 'AF_INET', 'stream', function* (process, fd) {
    yield* process.setsockopt(fd, 'SO_REUSEADDR', 1)
    const bound = yield* process.bind(fd, { domain: 'AF_INET', address, port })
    return isErrno(bound) ? bound : yield* process.listen(fd, 1)
  })
}
