// After setsid(1), flock(1), unshare(1), setpriv(1), nsenter(1), setarch(8), script(1).
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  errno,
  isErrno,
  MS_PRIVATE,
  MS_REC,
  O_CREAT,
  O_NOCTTY,
  O_RDONLY,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { execvp } from '../coreutils/env'
import { type Program, program } from '../program'
import { complain, usageError } from '../stdio'
import { groupByName, groupsOf, userById, userByName } from '../user-table'
import { parseInterval } from '../coreutils/sleep'

function* become(process: Process, words: readonly string[]): Syscall<number> {
  const error = yield* execvp(process, words, process.env)
  yield* complain(process, `failed to execute ${words[0]}`, error)
  return error === errno.ENOENT ? 127 : 126
}

/** Waits for a child; its status, or 128 and the signal. */
export function* waitStatus(process: Process, pid: number): Syscall<number> {
  for (;;) {
    const result = yield* process.waitpid(pid)
    if (result === undefined || result === errno.EINTR) continue
    if (isErrno(result)) return 1
    return result.how === 'exited' ? result.status : 'signal' in result ? 128 + result.signal : 1
  }
}

export const setsid = program({
  name: 'setsid',
  path: '/usr/bin/setsid',
  summary: 'run a program in a session of its own',
  synopsis: '[options] <program> [arguments ...]',
  stopAtOperand: true,
  options: [
    { short: 'c', long: 'ctty', help: 'make the terminal the controlling one' },
    { short: 'f', long: 'fork', help: 'always fork' },
    { short: 'w', long: 'wait', help: 'wait, and exit with its status' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'no command specified')
    const group = yield* process.getpgid()
    const start = function* (own: Process): Syscall<number> {
      const session = yield* own.setsid()
      if (isErrno(session)) {
        yield* complain(own, 'setsid failed', session)
        return 1
      }
      if (args.has('ctty')) yield* own.setControllingTerminal(0)
      return yield* become(own, args.operands)
    }
    if (args.has('fork') || group === process.pid) {
      const pid = yield* process.fork(start)
      if (isErrno(pid)) {
        yield* complain(process, 'fork', pid)
        return 1
      }
      return args.has('wait') ? yield* waitStatus(process, pid) : 0
    }
    return yield* start(process)
  },
})

export const flock = program({
  name: 'flock',
  path: '/usr/bin/flock',
  summary: 'run a command while holding a lock',
  synopsis:
    '[options] <file>|<directory> <command> [<argument>...]\n flock [options] <file>|<directory> -c <command>\n flock [options] <file descriptor number>',
  stopAtOperand: true,
  usageStatus: 64,
  options: [
    { short: 's', long: 'shared', help: 'a shared lock' },
    { short: 'x', long: 'exclusive', help: 'an exclusive lock' },
    { short: 'e', help: 'the same' },
    { short: 'u', long: 'unlock', help: 'give the lock back' },
    { short: 'n', long: 'nonblock', help: 'fail, do not wait' },
    { long: 'nb', help: 'the same' },
    { short: 'w', long: 'timeout', argument: 'required', metavar: '<secs>', help: 'wait no longer' },
    { short: 'E', long: 'conflict-exit-code', argument: 'required', metavar: '<number>', help: 'the status after a conflict' },
    { short: 'o', long: 'close', help: 'the command does not inherit the lock' },
    { short: 'c', long: 'command', argument: 'required', metavar: '<command>', help: 'a command for the shell' },
    { short: 'F', long: 'no-fork', help: 'become the command' },
    { long: 'verbose', help: 'say what is done' },
  ],
  rewrite: (words) => {
    const index = words.indexOf('-c')
    return index > 0 && !words[index - 1]!.startsWith('-') ? ['-c', words[index + 1] ?? '', ...words.slice(0, index)] : words
  },
  *main(process, args) {
    const [target, ...rest] = args.operands
    if (target === undefined) {
      yield* process.write(2, "flock: not enough arguments\nTry 'flock --help' for more information.\n")
      return 64
    }
    const command = args.has('command') ? [process.env['SHELL'] ?? '/bin/sh', '-c', args.value('command')!] : rest
    const byNumber = command.length === 0
    let fd = Number(target)
    if (!byNumber) {
      const flags = O_RDONLY | O_NOCTTY
      let opened = yield* process.open(target, flags | O_CREAT, 0o666)
      if (opened === errno.EISDIR) opened = yield* process.open(target, flags)
      if (isErrno(opened)) {
        yield* complain(process, `cannot open lock file ${target}`, opened)
        return 66
      }
      fd = opened
    } else if (!/^\d+$/.test(target)) {
      yield* complain(process, `bad file descriptor number: ${target}`)
      return 64
    }
    const operation = args.has('unlock') ? 'unlock' : args.has('shared') ? 'shared' : 'exclusive'
    const timeout = args.value('timeout')
    const conflict = Number(args.value('conflict-exit-code') ?? 1)
    const deadline = timeout === undefined ? undefined : process.monotonicUsec + (parseInterval(timeout) ?? 0) * 1e6
    for (;;) {
      const nonblock = args.has('nonblock') || args.has('nb') || deadline !== undefined
      const result = yield* process.flock(fd, operation, nonblock)
      if (!isErrno(result)) break
      if (result === errno.EINTR) continue
      if (result === errno.EAGAIN) {
        if (deadline === undefined || process.monotonicUsec >= deadline) return conflict
        yield* process.nanosleep(Math.min(20_000, deadline - process.monotonicUsec))
        continue
      }
      yield* complain(process, target, result)
      return 65
    }
    if (byNumber) return 0
    if (args.has('no-fork')) return yield* become(process, command)
    const close = args.has('close')
    const pid = yield* process.fork(function* (child) {
      if (close) yield* child.close(fd)
      return yield* become(child, command)
    })
    return isErrno(pid) ? 71 : yield* waitStatus(process, pid)
  },
})

const namespaceFlags: Readonly<Record<string, number>> = {
  mount: CLONE_NEWNS,
  uts: CLONE_NEWUTS,
  ipc: CLONE_NEWIPC,
  net: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  user: CLONE_NEWUSER,
  cgroup: CLONE_NEWCGROUP,
}
const namespaceRows = [
  { short: 'm', long: 'mount', argument: 'optional' as const, metavar: '<file>', help: 'mounts' },
  { short: 'u', long: 'uts', argument: 'optional' as const, metavar: '<file>', help: 'host name' },
  { short: 'i', long: 'ipc', argument: 'optional' as const, metavar: '<file>', help: 'System V IPC' },
  { short: 'n', long: 'net', argument: 'optional' as const, metavar: '<file>', help: 'network' },
  { short: 'p', long: 'pid', argument: 'optional' as const, metavar: '<file>', help: 'process ids' },
  { short: 'U', long: 'user', argument: 'optional' as const, metavar: '<file>', help: 'users' },
  { short: 'C', long: 'cgroup', argument: 'optional' as const, metavar: '<file>', help: 'cgroups' },
]

export const unshare = program({
  name: 'unshare',
  path: '/usr/bin/unshare',
  summary: 'run a program in namespaces of its own',
  synopsis: '[options] [<program> [<argument>...]]',
  stopAtOperand: true,
  options: [
    ...namespaceRows,
    { short: 'f', long: 'fork', help: 'fork before running the program' },
    { short: 'r', long: 'map-root-user', help: 'be root in the new user namespace' },
    { short: 'c', long: 'map-current-user', help: 'be oneself in the new user namespace' },
    { long: 'mount-proc', argument: 'optional', metavar: '<dir>', help: 'mount /proc first' },
    { long: 'kill-child', argument: 'optional', metavar: '<sig>', help: 'kill the child with this program' },
    { long: 'propagation', argument: 'required', metavar: 'slave|shared|private|unchanged', help: 'of mounts' },
  ],
  *main(process, args) {
    let flags = 0
    for (const [name, flag] of Object.entries(namespaceFlags)) if (args.has(name)) flags |= flag
    if (args.has('map-root-user') || args.has('map-current-user')) flags |= CLONE_NEWUSER
    if (args.has('mount-proc')) flags |= CLONE_NEWNS
    const result = yield* process.unshare(flags)
    if (isErrno(result)) {
      yield* complain(process, 'unshare failed', result)
      return 1
    }
    if (flags & CLONE_NEWNS && args.value('propagation') !== 'unchanged') yield* process.mount('none', '/', '', MS_REC | MS_PRIVATE)
    const words = args.operands.length > 0 ? args.operands : [process.env['SHELL'] ?? '/bin/sh']
    const mountProc = args.has('mount-proc')
    const start = function* (own: Process): Syscall<number> {
      if (mountProc) yield* own.mount('proc', args.value('mount-proc') ?? '/proc', 'proc', 14)
      return yield* become(own, words)
    }
    if (!args.has('fork')) return yield* start(process)
    const pid = yield* process.fork(start)
    if (isErrno(pid)) {
      yield* complain(process, 'fork failed', pid)
      return 1
    }
    return yield* waitStatus(process, pid)
  },
})

export const nsenter = program({
  name: 'nsenter',
  path: '/usr/bin/nsenter',
  summary: 'run a program in the namespaces of another process',
  synopsis: '[options] [<program> [<argument>...]]',
  stopAtOperand: true,
  options: [
    ...namespaceRows,
    { short: 'a', long: 'all', help: 'all namespaces' },
    { short: 't', long: 'target', argument: 'required', metavar: '<pid>', help: 'of this process' },
    { short: 'F', long: 'no-fork', help: 'do not fork' },
  ],
  *main(process, args) {
    const target = Number(args.value('target') ?? Number.NaN)
    if (Number.isNaN(target)) {
      yield* complain(process, 'neither filename nor target pid supplied for ns/user')
      return 1
    }
    let flags = 0
    for (const [name, flag] of Object.entries(namespaceFlags)) if (args.has(name) || (args.has('all') && name !== 'user')) flags |= flag
    const result = yield* process.setns(target, flags)
    if (isErrno(result)) {
      yield* complain(process, `reassociate to namespaces failed`, result)
      return 1
    }
    return yield* become(process, args.operands.length > 0 ? args.operands : [process.env['SHELL'] ?? '/bin/sh'])
  },
})

export const setpriv = program({
  name: 'setpriv',
  path: '/usr/bin/setpriv',
  summary: 'run a program with other privileges',
  synopsis: '[options] <program> [<argument>...]',
  stopAtOperand: true,
  options: [
    { long: 'reuid', argument: 'required', metavar: '<uid|username>', help: 'real and effective user' },
    { long: 'regid', argument: 'required', metavar: '<gid|groupname>', help: 'real and effective group' },
    { long: 'clear-groups', help: 'no supplementary groups' },
    { long: 'init-groups', help: 'the groups of the user' },
    { long: 'no-new-privs', help: 'no privileges by setuid programs' },
    { short: 'd', long: 'dump', help: 'not simulated here' },
  ],
  *main(process, args) {
    const userText = args.value('reuid')
    const groupText = args.value('regid')
    const user = userText === undefined ? undefined : (userByName(process, userText) ?? userById(process, Number(userText)))
    const gid = groupText === undefined ? undefined : (groupByName(process, groupText)?.gid ?? Number(groupText))
    if (args.has('no-new-privs')) yield* process.setNoNewPrivileges()
    if (args.has('clear-groups')) yield* process.setgroups([])
    if (args.has('init-groups') && user !== undefined) yield* process.setgroups(groupsOf(process, user.name, gid ?? user.gid))
    if (gid !== undefined) yield* process.setresgid(gid, gid, gid)
    if (userText !== undefined) {
      const uid = user?.uid ?? Number(userText)
      const result = yield* process.setresuid(uid, uid, uid)
      if (isErrno(result)) {
        yield* complain(process, 'setresuid failed', result)
        return 127
      }
    }
    if (args.operands.length === 0) return yield* usageError(process, 'No program specified')
    return yield* become(process, args.operands)
  },
})

export const setarch = program({
  name: 'setarch',
  path: '/usr/bin/setarch',
  links: ['/usr/bin/x86_64', '/usr/bin/i386', '/usr/bin/linux32', '/usr/bin/linux64'],
  summary: 'run a program with another reported machine',
  synopsis: '[<arch>] [options] [<program> [<argument>...]]',
  stopAtOperand: true,
  options: [
    { short: 'R', long: 'addr-no-randomize', help: 'has no effect here' },
    { short: 'v', long: 'verbose', help: 'has no effect here' },
  ],
  *main(process, args) {
    const words = [...args.operands]
    const invoked = (process.argv[0] ?? '').replace(/.*\//, '')
    const name = invoked === 'setarch' ? words.shift() : invoked
    const result = yield* process.syscall('personality', name === 'i686' || name === 'i386' || name === 'linux32' ? 8 : 0)
    if (isErrno(result)) {
      yield* complain(process, `failed to set personality to ${name}`, result)
      return 1
    }
    return yield* become(process, words.length > 0 ? words : ['/bin/sh'])
  },
})

export const sessionPrograms: readonly Program[] = [setsid, flock, unshare, nsenter, setpriv, setarch]
