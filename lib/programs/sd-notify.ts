// After sd_notify(3): one datagram of NAME=VALUE lines to the socket that $NOTIFY_SOCKET names.
import { type Fallible, isErrno, type Process, type Syscall } from '@/lib/kernel'

/** Sends the message; false when nobody asked for one (no $NOTIFY_SOCKET), an Errno when it could not be sent. */
export function* sdNotify(process: Process, message: string, path = process.env.NOTIFY_SOCKET): Syscall<Fallible<boolean>> {
  if (path === undefined || path === '') return false
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  if (isErrno(fd)) return fd
  const sent = yield* process.send(fd, message, { to: { domain: 'AF_UNIX', path } })
  yield* process.close(fd)
  return isErrno(sent) ? sent : true
}
