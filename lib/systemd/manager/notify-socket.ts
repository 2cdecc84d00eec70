// After sd_notify(3): the datagram socket at $NOTIFY_SOCKET.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { unitOfPid } from '../cgroup'
import { eventPriority } from './event-loop'
import type { Manager } from './manager'
import type { Unit } from './unit'

export function* openNotifySocket(manager: Manager): Syscall<void> {
  const { process } = manager
  const path = manager.notifySocketPath
  yield* manager.makeDirectories(path.slice(0, path.lastIndexOf('/')), 0o755)
  yield* process.unlink(path)
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  if (isErrno(fd)) return
  const mask = yield* process.umask(0)
  yield* process.bind(fd, { domain: 'AF_UNIX', path })
  yield* process.umask(mask)
  yield* process.setCloexec(fd, true)
  yield* process.setNonblock(fd, true)
  yield* process.setsockopt(fd, 'SO_PASSCRED', 1)
  manager.loop.watchFd(fd, 1, eventPriority.notify, () => receive(manager, fd))
}

function* receive(manager: Manager, fd: number): Syscall<void> {
  const { process } = manager
  const message = yield* process.recv(fd, 4096)
  if (isErrno(message)) return
  const pid = message.credentials?.pid ?? 0
  if (pid <= 0) {
    manager.log(4, 'Received notify message without credentials. Ignoring.')
    for (const one of message.fds) yield* process.close(one)
    return
  }
  const lines = decodeUtf8(message.data).split('\n')
  if (lines.includes('BARRIER=1')) {
    // The sender waits for us to close this.
    for (const one of message.fds) yield* process.close(one)
    return
  }
  const fields = new Map<string, string>()
  for (const line of lines) {
    const at = line.indexOf('=')
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1))
  }
  const units = new Set<Unit>()
  const owner = unitOfPid(manager, pid)
  if (owner !== undefined) units.add(owner)
  for (const unit of manager.watchedPids.get(pid) ?? []) units.add(unit)
  const known = [...units].filter((unit) => unit.vtable.notify !== undefined)
  if (known.length === 0) {
    manager.log(units.size === 0 ? 4 : 7, `Cannot find unit for notify message of PID ${pid}, ignoring.`)
    for (const one of message.fds) yield* process.close(one)
    return
  }
  for (const unit of known)
    yield* unit.vtable.notify?.(unit, { pid, uid: message.credentials?.uid ?? 65534, fields, fds: message.fds }) ?? nothing()
}

function* nothing(): Syscall<void> {}
