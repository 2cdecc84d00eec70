// Descriptors: read(2), write(2), dup(2), pipe(2), poll(2) and what goes with them.
import { type Bytes, encodeUtf8, USEC_INFINITY, type Usec } from '@/lib/base'
import { errno, isErrno } from '../errno'
import { POLLNVAL } from '../open-flags'
import { pipeEnds } from '../pipe'
import { anonymousPlace } from '../place'
import { signals } from '../signal'
import { sendSignal } from '../signal-delivery'
import { block, type WakeReason } from '../sleepers'
import { type Fallible, O_CLOEXEC, O_NONBLOCK, O_PATH, type PollRequest, POLLERR, POLLHUP, type Syscall } from '../system-calls'
import type { Task } from '../task'
import type { WaitQueue } from '../wait'
import { attend, refuse, settle } from './entry'

const READ_DEFAULT = 65_536
const empty: Bytes = new Uint8Array(0)

export function* read(task: Task, fd: number, count = READ_DEFAULT): Syscall<Fallible<Bytes>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'read', [fd, count])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined || !file.readable || (file.flags & O_PATH) !== 0) return errno.EBADF
  if (count === 0) return empty
  let reason: WakeReason = 'woken'
  for (;;) {
    const result = file.read(task, count)
    if (!isErrno(result)) {
      task.readCalls += 1
      task.readBytes += result.length
      return result
    }
    if (result === errno.ERESTART) {
      yield* settle(task)
      continue
    }
    if (result !== errno.EAGAIN || file.nonblocking) return result
    if (reason === 'interrupted') return errno.EINTR
    reason = yield* block(task, file.readQueues())
  }
}

export function* pread(task: Task, fd: number, count: number, offset: number): Syscall<Fallible<Bytes>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'pread64', [fd, count, offset])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined || !file.readable) return errno.EBADF
  return file.pread(task, count, offset)
}

export function* write(task: Task, fd: number, data: Bytes | string): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'write', [fd, data.length])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined || !file.writable || (file.flags & O_PATH) !== 0) return errno.EBADF
  const bytes = typeof data === 'string' ? encodeUtf8(data) : data
  task.writeCalls += 1
  let done = 0
  let reason: WakeReason = 'woken'
  for (;;) {
    const result = file.write(task, done === 0 ? bytes : bytes.subarray(done))
    if (!isErrno(result)) {
      done += result
      task.writtenBytes += result
      if (done >= bytes.length || result === 0) return done
      if (file.nonblocking) return done
      continue
    }
    if (result === errno.ERESTART) {
      yield* settle(task)
      continue
    }
    if (result !== errno.EAGAIN) {
      if (result === errno.EPIPE) {
        sendSignal(task, signals.SIGPIPE.number, { pid: task.pid, uid: task.credentials.uid })
        yield* settle(task)
      }
      if (result === errno.EFBIG) {
        if (done > 0) return done
        sendSignal(task, signals.SIGXFSZ.number)
        refuse(task, 'write', file.describe(), result, 'kernel default')
        yield* settle(task)
      }
      return done > 0 ? done : result
    }
    if (file.nonblocking) return done > 0 ? done : errno.EAGAIN
    if (reason === 'interrupted') return done > 0 ? done : errno.EINTR
    reason = yield* block(task, file.writeQueues())
  }
}

export function* lseek(task: Task, fd: number, offset: number, whence: 'set' | 'current' | 'end'): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'lseek', [fd, offset])
    if (stop !== undefined) return stop
  }
  return task.files.get(fd)?.seek(offset, whence) ?? errno.EBADF
}

export function* ftruncate(task: Task, fd: number, size: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ftruncate', [fd, size])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (!file.writable) return errno.EINVAL
  if (size > task.limits.FSIZE.soft) return errno.EFBIG
  return file.truncate(task, size)
}

export function* close(task: Task, fd: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'close', [fd])
    if (stop !== undefined) return stop
  }
  return task.files.close(task, fd)
}

export function* dup(task: Task, fd: number, atLeast = 0): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, atLeast === 0 ? 'dup' : 'fcntl', [fd])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (atLeast >= task.limits.NOFILE.soft) return errno.EINVAL
  return task.files.install(file, false, task.limits.NOFILE.soft, atLeast)
}

export function* dup2(task: Task, from: number, to: number): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'dup2', [from, to])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(from)
  if (file === undefined || to < 0 || to >= task.limits.NOFILE.soft) return errno.EBADF
  if (from !== to) task.files.replace(task, to, file, false)
  return to
}

export function* pipe(task: Task, flags = 0): Syscall<Fallible<readonly [read: number, write: number]>> {
  if (task.enter(2)) {
    const stop = yield* attend(task, 'pipe2', [0, flags])
    if (stop !== undefined) return stop
  }
  const place = anonymousPlace(task, 'fifo', 0o600, (ino) => `pipe:[${ino}]`)
  const ends = pipeEnds(place, flags & O_NONBLOCK)
  const cloexec = (flags & O_CLOEXEC) !== 0
  const limit = task.limits.NOFILE.soft
  const readFd = task.files.install(ends.read, cloexec, limit)
  if (isErrno(readFd)) return readFd
  const writeFd = task.files.install(ends.write, cloexec, limit)
  if (isErrno(writeFd)) {
    task.files.close(task, readFd)
    return writeFd
  }
  return [readFd, writeFd]
}

export function* setCloexec(task: Task, fd: number, on: boolean): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'fcntl', [fd, 2, on ? 1 : 0])
    if (stop !== undefined) return stop
  }
  if (task.files.get(fd) === undefined) return errno.EBADF
  task.files.setCloexec(fd, on)
  return 0
}

export function* setNonblock(task: Task, fd: number, on: boolean): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'fcntl', [fd, 4, on ? O_NONBLOCK : 0])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  file.flags = on ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK
  return 0
}

export function listFds(task: Task): readonly { readonly fd: number; readonly target: string; readonly cloexec: boolean }[] {
  return task.files.numbers().map((fd) => ({ fd, target: task.files.get(fd)!.describe(), cloexec: task.files.cloexec(fd) }))
}

export function* fsync(task: Task, fd: number): Syscall<Fallible<0>> {
  if (task.enter(50)) {
    const stop = yield* attend(task, 'fsync', [fd])
    if (stop !== undefined) return stop
  }
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  return file.sync()
}

type PollAnswer = { readonly fd: number; readonly revents: number }

function readyNow(task: Task, requests: readonly PollRequest[]): PollAnswer[] {
  const ready: PollAnswer[] = []
  for (const { fd, events } of requests) {
    if (fd < 0) continue
    const file = task.files.get(fd)
    const revents = file === undefined ? POLLNVAL : file.poll() & (events | POLLERR | POLLHUP)
    if (revents !== 0) ready.push({ fd, revents })
  }
  return ready
}

export function* poll(
  task: Task,
  requests: readonly PollRequest[],
  timeoutUsec: Usec = USEC_INFINITY,
): Syscall<Fallible<readonly PollAnswer[]>> {
  if (task.enter(1 + (requests.length >> 4))) {
    const stop = yield* attend(task, 'ppoll', [requests.length])
    if (stop !== undefined) return stop
  }
  if (requests.length > task.limits.NOFILE.soft) return errno.EINVAL
  const deadline = timeoutUsec === USEC_INFINITY ? USEC_INFINITY : task.kernel.clock.monotonicUsec + timeoutUsec
  for (;;) {
    const ready = readyNow(task, requests)
    if (ready.length > 0 || timeoutUsec === 0) return ready
    const queues: WaitQueue[] = []
    for (const { fd } of requests) {
      const file = task.files.get(fd)
      if (file !== undefined) queues.push(...file.pollQueues())
    }
    const reason = yield* block(task, queues, deadline)
    // A handler ends poll() even with SA_RESTART.
    if (reason === 'interrupted' || reason === 'restart') {
      const late = readyNow(task, requests)
      return late.length > 0 ? late : errno.EINTR
    }
    if (reason === 'timeout') return readyNow(task, requests)
  }
}
