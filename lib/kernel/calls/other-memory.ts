// Memory and System V IPC: mmap(2), mprotect(2), mlock(2), shmget(2), msgget(2), mq_open(3), memfd_create(2).
import { QuietFile } from '../event-file'
import { errno } from '../errno'
import type { Fallible } from '../system-calls'
import type { Task } from '../task'
import { refuse } from './entry'
import { answers, call, numberAt, type OtherCall, textAt } from './other-call'

const PROT_WRITE = 2
const PROT_EXEC = 4
const MAP_POPULATE = 0x8000
const SHM_EXEC = 0o100000
const IPC_PRIVATE = 0
const IPC_CREAT = 0o1000
/** Bytes that one POSIX message queue with the default settings counts against RLIMIT_MSGQUEUE. */
const QUEUE_BYTES = 82_720

function mayExecute(task: Task, name: string): Fallible<0> {
  const denied = task.writeExecuteDenied
  return denied === undefined ? 0 : refuse(task, name, 'PROT_EXEC', errno.EACCES, denied.cause ?? 'kernel default')
}

/** Arguments as of the call itself: address, length, protection, flags. */
function* mmap(task: Task, args: readonly unknown[]): ReturnType<OtherCall> {
  const protection = numberAt(args, 2)
  if ((protection & PROT_WRITE) !== 0 && (protection & PROT_EXEC) !== 0) {
    const allowed = mayExecute(task, 'mmap')
    if (allowed !== 0) return allowed
  }
  const length = numberAt(args, 1)
  if (length > task.limits.AS.soft) return errno.ENOMEM
  if ((numberAt(args, 3) & MAP_POPULATE) !== 0) return yield* task.kernel.memory.set(task, task.memoryBytes + length)
  return 0x7f00_0000_0000
}

function mlock(task: Task, args: readonly unknown[]): Fallible<0> {
  const length = numberAt(args, 1)
  const { soft } = task.limits.MEMLOCK
  if (!task.isCapable('CAP_IPC_LOCK')) {
    if (soft === 0) return refuse(task, 'mlock', String(length), errno.EPERM, 'not root')
    if (task.lockedBytes + length > soft) return refuse(task, 'mlock', String(length), errno.ENOMEM, 'not root')
  }
  task.lockedBytes += length
  return 0
}

/** System V objects by kind and key, in the IPC namespace. */
function get(kind: string): OtherCall {
  return call((task, args) => {
    const key = numberAt(args, 0)
    const { objects } = task.namespaces.ipc
    if (key !== IPC_PRIVATE && objects.has(`${kind}:${key}`)) return objects.get(`${kind}:${key}`)
    const flags = numberAt(args, kind === 'msg' ? 1 : 2)
    if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) return errno.ENOENT
    const id = objects.size
    if (key !== IPC_PRIVATE) objects.set(`${kind}:${key}`, id)
    return id
  })
}

export const memoryCalls: Readonly<Record<string, OtherCall>> = {
  mmap,
  mprotect: call((task, args) => ((numberAt(args, 2) & PROT_EXEC) !== 0 ? mayExecute(task, 'mprotect') : 0)),
  munmap: answers(0),
  madvise: answers(0),
  mlock: call(mlock),
  mlock2: call(mlock),
  munlock: answers(0),
  mlockall: answers(0),
  munlockall: answers(0),
  mbind: answers(0),
  get_mempolicy: answers(0),
  set_mempolicy: answers(0),
  pkey_alloc: answers(errno.EINVAL),
  memfd_create: call((task) => task.files.install(new QuietFile(task, '[memfd]'), true, task.limits.NOFILE.soft)),
  shmget: get('shm'),
  shmat: call((task, args) => ((numberAt(args, 2) & SHM_EXEC) !== 0 ? mayExecute(task, 'shmat') : 0)),
  shmdt: answers(0),
  shmctl: answers(0),
  msgget: get('msg'),
  msgctl: answers(0),
  semget: get('sem'),
  semctl: answers(0),
  mq_open: call((task, args) => {
    const name = `mq:${textAt(args, 0)}`
    const { objects } = task.namespaces.ipc
    if (!objects.has(name)) {
      if (task.limits.MSGQUEUE.soft < QUEUE_BYTES) return errno.EMFILE
      objects.set(name, 0)
    }
    return task.files.install(new QuietFile(task, '[mqueue]'), true, task.limits.NOFILE.soft)
  }),
  mq_unlink: call((task, args) => (task.namespaces.ipc.objects.delete(`mq:${textAt(args, 0)}`) ? 0 : errno.ENOENT)),
}
