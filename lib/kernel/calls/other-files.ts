// Calls about files and descriptors that few programs make: epoll(7), eventfd(2), timerfd(2), open_tree(2), handles, fanotify(7).
import { USEC_INFINITY } from '@/lib/base'
import { EventFile, QuietFile, TimerFile } from '../event-file'
import { errno, isErrno } from '../errno'
import type { OpenFile } from '../open-file'
import type { Fallible } from '../system-calls'
import type { Task } from '../task'
import { changeXattr, listxattrAt, resolve, statAt } from '../vfs'
import { notCapable } from './entry'
import { answers, call, numberAt, type OtherCall, privileged, textAt } from './other-call'

const OPEN_TREE_CLONE = 1

function give(task: Task, file: OpenFile): Fallible<number> {
  return task.files.install(file, true, task.limits.NOFILE.soft)
}

function quiet(name: string): OtherCall {
  return call((task) => give(task, new QuietFile(task, name)))
}

function isMountAdmin(task: Task): boolean {
  return task.isCapableIn('CAP_SYS_ADMIN', task.fs.namespace.userNamespace)
}

export const fileCalls: Readonly<Record<string, OtherCall>> = {
  epoll_create1: quiet('[eventpoll]'),
  epoll_ctl: answers(0),
  eventfd2: call((task, args) => give(task, new EventFile(task, numberAt(args, 0)))),
  timerfd_create: call((task) => give(task, new TimerFile(task))),
  /** (descriptor, monotonic deadline in µs or Infinity, cancel when the clock is set). */
  timerfd_settime: call((task, args) => {
    const file = task.files.get(numberAt(args, 0))
    if (file === undefined) return errno.EBADF
    if (!(file instanceof TimerFile)) return errno.EINVAL
    file.set(numberAt(args, 1, USEC_INFINITY), args[2] === true)
    return 0
  }),
  timer_create: answers(0),
  timer_delete: answers(0),
  io_uring_setup: quiet('[io_uring]'),
  io_setup: answers(0),
  io_destroy: answers(0),
  userfaultfd: privileged('userfaultfd', ['CAP_SYS_PTRACE'], 0),
  landlock_create_ruleset: answers(6),
  seccomp: answers(0),
  fanotify_init: privileged('fanotify_init', ['CAP_SYS_ADMIN'], 0),
  open_tree: call((task, args) => {
    if ((numberAt(args, 1) & OPEN_TREE_CLONE) !== 0 && !isMountAdmin(task)) return notCapable(task, 'open_tree')
    const place = resolve(task.fs, textAt(args, 0))
    return isErrno(place) ? place : give(task, new QuietFile(task, '[mount]'))
  }),
  fsopen: call((task) => (isMountAdmin(task) ? give(task, new QuietFile(task, '[fscontext]')) : notCapable(task, 'fsopen'))),
  name_to_handle_at: call((task, args) => {
    const stat = statAt(task.fs, textAt(args, 0))
    return isErrno(stat) ? stat : stat.ino
  }),
  open_by_handle_at: privileged('open_by_handle_at', ['CAP_DAC_READ_SEARCH'], 0),
  statx: call((task, args) => statAt(task.fs, textAt(args, 0))),
  splice: answers(errno.EBADF),
  tee: answers(errno.EBADF),
  vmsplice: answers(errno.EBADF),
  futex: answers(0),
  fdatasync: call((task, args) => task.files.get(numberAt(args, 0))?.sync() ?? errno.EBADF),
  listxattr: call((task, args) => listxattrAt(task.fs, textAt(args, 0))),
  removexattr: call((task, args) => {
    const place = resolve(task.fs, textAt(args, 0))
    return isErrno(place) ? place : changeXattr(task.fs, place, textAt(args, 1), undefined)
  }),
  close_range: call((task, args) => {
    const last = numberAt(args, 1, Number.POSITIVE_INFINITY)
    for (const fd of task.files.numbers()) if (fd >= numberAt(args, 0) && fd <= last) task.files.close(task, fd)
    return 0
  }),
}
