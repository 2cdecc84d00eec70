// After systemd.exec(5), "Logging and Standard Input/Output": what the descriptors 0, 1 and 2 of the program are.
import { encodeUtf8 } from '@/lib/base'
import { encodeStreamHeader } from '@/lib/journal'
import {
  errno,
  type Errno,
  type Fallible,
  isErrno,
  O_APPEND,
  O_CREAT,
  O_NOCTTY,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { ExecFailure } from './failure'
import type { ExecParameters } from './parameters'

const STDOUT_SOCKET = '/run/systemd/journal/stdout'

const facilities: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
}
const levels: Readonly<Record<string, number>> = { emerg: 0, alert: 1, crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7 }

export type Streams = { readonly journalStream: string | undefined }

function* move(process: Process, from: number, to: number): Syscall<Fallible<number>> {
  if (from === to) return to
  const done = yield* process.dup2(from, to)
  yield* process.close(from)
  return done
}

function* openAs(process: Process, path: string, flags: number, to: number): Syscall<Fallible<number>> {
  const fd = yield* process.open(path, flags, 0o666)
  return isErrno(fd) ? fd : yield* move(process, fd, to)
}

function terminalPath({ config }: ExecParameters): string {
  return config.TTYPath === '' ? '/dev/console' : config.TTYPath
}

/** `file:` and its kin may also name a listening AF_UNIX socket. */
function* openFile(process: Process, path: string, flags: number, to: number): Syscall<Fallible<number>> {
  const opened = yield* openAs(process, path, flags | O_NOCTTY, to)
  if (!isErrno(opened) || opened.name !== 'ENXIO') return opened
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return fd
  const connected = yield* process.connect(fd, { domain: 'AF_UNIX', path })
  return isErrno(connected) ? connected : yield* move(process, fd, to)
}

function* connectJournal(process: Process, parameters: ExecParameters, kind: string, to: number): Syscall<Fallible<number>> {
  const { config } = parameters
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return fd
  const connected = yield* process.connect(fd, { domain: 'AF_UNIX', path: STDOUT_SOCKET })
  if (isErrno(connected)) {
    yield* process.close(fd)
    return connected
  }
  const path = parameters.command.path
  const header = encodeStreamHeader({
    identifier: config.SyslogIdentifier === '' ? path.slice(path.lastIndexOf('/') + 1) : config.SyslogIdentifier,
    unitId: parameters.unit,
    priority: (facilities[config.SyslogFacility] ?? 3) * 8 + (levels[config.SyslogLevel] ?? 6),
    levelPrefix: config.SyslogLevelPrefix,
    forwardToSyslog: false,
    forwardToKmsg: kind.startsWith('kmsg'),
    forwardToConsole: kind.endsWith('+console'),
  })
  yield* process.write(fd, header)
  yield* process.shutdown(fd, 'read')
  return yield* move(process, fd, to)
}

function* setUpInput(process: Process, parameters: ExecParameters): Syscall<Fallible<number>> {
  const { config, socketFd } = parameters
  const { kind, target } = config.StandardInput
  switch (kind) {
    case 'tty':
    case 'tty-force':
    case 'tty-fail': {
      if (!parameters.flags.applyTty) return yield* openAs(process, '/dev/null', O_RDONLY, 0)
      const opened = yield* openAs(process, terminalPath(parameters), O_RDWR, 0)
      if (isErrno(opened)) return opened
      yield* process.setControllingTerminal(0)
      return opened
    }
    case 'socket':
      return socketFd === undefined ? errno.EINVAL : yield* process.dup2(socketFd, 0)
    case 'fd': {
      const named = parameters.fds.find((one) => one.name === (target === '' ? 'stdin' : target))
      return named === undefined ? errno.ENOENT : yield* process.dup2(named.fd, 0)
    }
    case 'file':
      return yield* openFile(process, target, O_RDONLY, 0)
    case 'data': {
      const ends = yield* process.pipe()
      if (isErrno(ends)) return ends
      yield* process.write(ends[1], encodeUtf8(config.StandardInputData))
      yield* process.close(ends[1])
      return yield* move(process, ends[0], 0)
    }
    default:
      return yield* openAs(process, '/dev/null', O_RDONLY, 0)
  }
}

function* setUpOutput(process: Process, parameters: ExecParameters, which: 1 | 2): Syscall<Fallible<number>> {
  const { config, socketFd } = parameters
  const input = config.StandardInput.kind
  const setting = which === 1 ? config.StandardOutput : config.StandardError
  const stdout = config.StandardOutput
  const same =
    which === 2 &&
    (setting.kind === 'inherit' ||
      (setting.kind === stdout.kind &&
        setting.target === stdout.target &&
        ['file', 'append', 'truncate', 'journal', 'kmsg', 'journal+console', 'kmsg+console'].includes(setting.kind)))
  if (same) return yield* process.dup2(1, 2)
  switch (setting.kind) {
    case 'inherit':
      // Terminals, sockets and files are shared with standard input; from /dev/null there is nothing to inherit.
      if (/^tty/.test(input) && parameters.flags.applyTty) return yield* process.dup2(0, which)
      if (input === 'socket' || input === 'fd' || input === 'file') return yield* process.dup2(0, which)
      return yield* openAs(process, '/dev/null', O_WRONLY, which)
    case 'null':
      return yield* openAs(process, '/dev/null', O_WRONLY, which)
    case 'tty':
      if (/^tty/.test(input) && parameters.flags.applyTty) return yield* process.dup2(0, which)
      return yield* openAs(process, terminalPath(parameters), O_WRONLY | O_NOCTTY, which)
    case 'socket':
      return socketFd === undefined ? errno.EINVAL : yield* process.dup2(socketFd, which)
    case 'fd': {
      const name = setting.target === '' ? (which === 1 ? 'stdout' : 'stderr') : setting.target
      const named = parameters.fds.find((one) => one.name === name)
      return named === undefined ? errno.ENOENT : yield* process.dup2(named.fd, which)
    }
    case 'file':
    case 'append':
    case 'truncate': {
      const sameAsInput = setting.kind === 'file' && input === 'file' && config.StandardInput.target === setting.target
      if (sameAsInput) {
        const both = yield* openFile(process, setting.target, O_RDWR | O_CREAT, 0)
        return isErrno(both) ? both : yield* process.dup2(0, which)
      }
      const flags = O_WRONLY | O_CREAT | (setting.kind === 'append' ? O_APPEND : setting.kind === 'truncate' ? O_TRUNC : 0)
      return yield* openFile(process, setting.target, flags, which)
    }
    default: {
      const connected = yield* connectJournal(process, parameters, setting.kind, which)
      // Before journald runs, output has nowhere to go.
      return isErrno(connected) ? yield* openAs(process, '/dev/null', O_WRONLY, which) : connected
    }
  }
}

const fails = (status: number, error: Errno, stream: string): ExecFailure =>
  new ExecFailure(status, error, `Failed to set up standard ${stream}`)

export function* setUpStreams(process: Process, parameters: ExecParameters): Syscall<Streams | ExecFailure> {
  const input = yield* setUpInput(process, parameters)
  if (isErrno(input)) return fails(208, input, 'input')
  const output = yield* setUpOutput(process, parameters, 1)
  if (isErrno(output)) return fails(209, output, 'output')
  const error = yield* setUpOutput(process, parameters, 2)
  if (isErrno(error)) return fails(222, error, 'error output')
  for (const fd of [2, 1]) {
    const kind = fd === 1 ? parameters.config.StandardOutput.kind : parameters.config.StandardError.kind
    const inherits = fd === 2 && kind === 'inherit'
    if (!/journal|kmsg/.test(inherits ? parameters.config.StandardOutput.kind : kind)) continue
    const status = yield* process.fstat(fd)
    if (!isErrno(status) && status.kind === 'socket') return { journalStream: `${status.dev}:${status.ino}` }
  }
  return { journalStream: undefined }
}

/** Passed descriptors become 3, 4, …; everything else above 2 is closed. */
export function* arrangeFds(process: Process, parameters: ExecParameters): Syscall<void> {
  const kept = parameters.execFd === undefined ? undefined : yield* process.dup(parameters.execFd, 64)
  if (kept !== undefined && !isErrno(kept)) yield* process.setCloexec(kept, true)
  const passed = parameters.fds.map((one) => one.fd)
  const parked: number[] = []
  for (const fd of passed) {
    const copy = yield* process.dup(fd, 3 + passed.length)
    if (!isErrno(copy)) parked.push(copy)
  }
  for (const [index, fd] of parked.entries()) {
    yield* process.dup2(fd, 3 + index)
    yield* process.setCloexec(3 + index, false)
  }
  for (const { fd } of process.listFds()) if (fd >= 3 + parked.length && fd !== kept) yield* process.close(fd)
}
