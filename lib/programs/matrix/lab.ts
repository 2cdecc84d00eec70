// What stands around the probe: processes of other users, and somebody who listens.
import { isErrno, type Main, type Process, type Syscall } from '@/lib/kernel'

/** A process that does nothing; what others may look at and send signals to. */
export function* sleeper(process: Process): Syscall<number> {
  for (;;) yield* process.nanosleep(1_000_000_000)
}

const SEGMENT_KEY = 0x6d617472
const IPC_CREAT = 0o1000
const BACKLOG = 4000

/** Listens on TCP 9999, UDP 9998, /run/matrix.sock and @matrix, and keeps a shared memory segment. */
export const listener: Main = function* (process) {
  const tcp = yield* process.socket('AF_INET', 'stream')
  const udp = yield* process.socket('AF_INET', 'dgram')
  const named = yield* process.socket('AF_UNIX', 'stream')
  const hidden = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(tcp) || isErrno(udp) || isErrno(named) || isErrno(hidden)) return 1
  yield* process.setsockopt(tcp, 'SO_REUSEADDR', 1)
  yield* process.bind(tcp, { domain: 'AF_INET', address: '127.0.0.1', port: 9999 })
  yield* process.listen(tcp, BACKLOG)
  yield* process.bind(udp, { domain: 'AF_INET', address: '127.0.0.1', port: 9998 })
  yield* process.bind(named, { domain: 'AF_UNIX', path: '/run/matrix.sock' })
  yield* process.chmod('/run/matrix.sock', 0o666)
  yield* process.listen(named, BACKLOG)
  yield* process.bind(hidden, { domain: 'AF_UNIX', path: '@matrix' })
  yield* process.listen(hidden, BACKLOG)
  yield* process.syscall('shmget', SEGMENT_KEY, 4096, IPC_CREAT | 0o666)
  return yield* sleeper(process)
}
