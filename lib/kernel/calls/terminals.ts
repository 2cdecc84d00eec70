// termios(3), tty_ioctl(4), tcgetpgrp(3), openpty(3).
import { type Errno, errno, isErrno } from '../errno'
import { openNow } from '../open-path'
import { PtyMaster } from '../pty'
import { groupExists, groupMembers } from '../session'
import { signals } from '../signal'
import { sendSignal } from '../signal-delivery'
import { type Fallible, O_NOCTTY, O_RDWR, type Syscall, type TerminalAttributes, type WindowSize } from '../system-calls'
import type { Task } from '../task'
import type { Tty } from '../tty'
import { TtyFile } from '../tty-file'
import { attend, notCapable, settle } from './entry'

/** The terminal behind a descriptor, from either side. */
function ttyOf(task: Task, fd: number): Tty | Errno {
  const file = task.files.get(fd)
  if (file === undefined) return errno.EBADF
  if (file instanceof TtyFile) return file.isHungUp ? errno.EIO : file.tty
  if (file instanceof PtyMaster) return file.pty.tty
  return errno.ENOTTY
}

const TCGETS = 0x5401
const TCSETS = 0x5402
const TIOCSCTTY = 0x540e
const TIOCGPGRP = 0x540f
const TIOCSPGRP = 0x5410
const TIOCGWINSZ = 0x5413
const TIOCSWINSZ = 0x5414

export function* isatty(task: Task, fd: number): Syscall<boolean> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TCGETS])
    if (stop !== undefined) return false
  }
  return !isErrno(ttyOf(task, fd))
}

export function* ttyname(task: Task, fd: number): Syscall<Fallible<string>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'readlink', [fd])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  const file = task.files.get(fd)
  return file instanceof TtyFile ? file.describe() : errno.ENODEV
}

export function* tcgetattr(task: Task, fd: number): Syscall<Fallible<TerminalAttributes>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TCGETS])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  return isErrno(tty) ? tty : tty.attributes
}

/** A background process that would change the terminal is stopped first. */
function* fromForeground(task: Task, tty: Tty): Syscall<Errno | undefined> {
  for (;;) {
    const check = tty.backgroundCheck(task, signals.SIGTTOU.number)
    if (check === 0) return undefined
    if (check !== 'signalled') return check
    yield* settle(task)
  }
}

export function* tcsetattr(task: Task, fd: number, attributes: Partial<TerminalAttributes>): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TCSETS])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  const refused = yield* fromForeground(task, tty)
  if (refused !== undefined) return refused
  tty.setAttributes(attributes)
  return 0
}

export function* getWindowSize(task: Task, fd: number): Syscall<Fallible<WindowSize>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TIOCGWINSZ])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  return isErrno(tty) ? tty : tty.size
}

export function* setWindowSize(task: Task, fd: number, size: WindowSize): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TIOCSWINSZ])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  tty.resize(size)
  return 0
}

export function* setControllingTerminal(task: Task, fd: number, force = false): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TIOCSCTTY])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  const isLeader = task.session.sid === task.pid
  if (isLeader && tty.session === task.session) return 0
  if (!isLeader || task.session.tty !== undefined) return errno.EPERM
  if (tty.session !== undefined) {
    if (!force || !task.isCapable('CAP_SYS_ADMIN')) return notCapable(task, 'ioctl', 'TIOCSCTTY')
    tty.session.tty = undefined
  }
  tty.attachTo(task.session, task.pgid)
  return 0
}

/** TIOCNOTTY. */
export function giveUpTerminal(task: Task): Fallible<0> {
  const { tty } = task.session
  if (tty === undefined) return errno.ENOTTY
  if (task.session.sid === task.pid) {
    const { foregroundPgid } = tty
    tty.session = undefined
    tty.foregroundPgid = 0
    task.session.tty = undefined
    for (const one of [...groupMembers(task.kernel, foregroundPgid)]) {
      sendSignal(one, signals.SIGHUP.number)
      sendSignal(one, signals.SIGCONT.number)
    }
  }
  return 0
}

export function* tcgetpgrp(task: Task, fd: number): Syscall<Fallible<number>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TIOCGPGRP])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  if (task.files.get(fd) instanceof TtyFile && task.session.tty !== tty) return errno.ENOTTY
  return task.kernel.numberSeenBy(tty.foregroundPgid, task)
}

export function* tcsetpgrp(task: Task, fd: number, wanted: number): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'ioctl', [fd, TIOCSPGRP])
    if (stop !== undefined) return stop
  }
  const tty = ttyOf(task, fd)
  if (isErrno(tty)) return tty
  if (task.session.tty !== tty || tty.session !== task.session) return errno.ENOTTY
  const refused = yield* fromForeground(task, tty)
  if (refused !== undefined) return refused
  const { kernel } = task
  const pgid = kernel.pgidFrom(task, wanted)
  if (wanted < 0) return errno.EINVAL
  if (!groupExists(kernel, pgid)) return errno.ESRCH
  for (const one of groupMembers(kernel, pgid)) if (one.session !== task.session) return errno.EPERM
  tty.foregroundPgid = pgid
  return 0
}

export function* openpty(task: Task, size?: WindowSize): Syscall<Fallible<{ readonly master: number; readonly path: string }>> {
  if (task.enter(3)) {
    const stop = yield* attend(task, 'openat', ['/dev/ptmx'])
    if (stop !== undefined) return stop
  }
  const file = openNow(task, '/dev/ptmx', O_RDWR | O_NOCTTY)
  if (isErrno(file)) return file
  const fd = task.files.install(file, false, task.limits.NOFILE.soft)
  if (isErrno(fd)) {
    file.release()
    return fd
  }
  if (!(file instanceof PtyMaster)) return errno.ENOTTY
  if (size !== undefined) file.pty.tty.size = size
  return { master: fd, path: `/dev/pts/${file.pty.index}` }
}
