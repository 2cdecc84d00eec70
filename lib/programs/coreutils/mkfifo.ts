// After mkfifo(1), mknod(1), link(1), chroot(1), stdbuf(1).
import { errno, isErrno } from '@/lib/kernel'
import { program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { groupsOf, userById, userByName } from '../user-table'
import { execvp, runCommand } from './env'
import { parseMode } from './file-mode'

export const mkfifo = program({
  name: 'mkfifo',
  path: '/usr/bin/mkfifo',
  summary: 'make named pipes',
  synopsis: '[OPTION]... NAME...',
  options: [{ short: 'm', long: 'mode', argument: 'required', metavar: 'MODE', help: 'set the mode' }],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    const text = args.value('mode')
    const change = text === undefined ? undefined : parseMode(text, 0)
    if (text !== undefined && change === undefined) {
      yield* complain(process, 'invalid mode')
      return 1
    }
    let status = 0
    for (const path of args.operands) {
      const result = yield* process.mknod(path, 'fifo', 0o666)
      if (isErrno(result)) {
        yield* complain(process, `cannot create fifo ${quoteName(path)}`, result)
        status = 1
      } else if (change !== undefined) yield* process.chmod(path, change(0o666, false))
    }
    return status
  },
})

export const mknod = program({
  name: 'mknod',
  path: '/usr/bin/mknod',
  summary: 'make special files',
  synopsis: '[OPTION]... NAME TYPE [MAJOR MINOR]',
  options: [{ short: 'm', long: 'mode', argument: 'required', metavar: 'MODE', help: 'set the mode' }],
  *main(process, args) {
    const [path, type, major, minor] = args.operands
    if (path === undefined || type === undefined)
      return yield* usageError(process, path === undefined ? 'missing operand' : `missing operand after ${quoteWord(process, path)}`)
    const kind = ({ p: 'fifo', b: 'block-device', c: 'character-device', u: 'character-device' } as const)[type]
    if (kind === undefined) return yield* usageError(process, `invalid device type ${quoteWord(process, type)}`)
    if (kind !== 'fifo' && (major === undefined || minor === undefined))
      return yield* usageError(process, 'Special files require major and minor device numbers.')
    const result = yield* process.mknod(path, kind, 0o666, kind === 'fifo' ? [0, 0] : [Number(major), Number(minor)])
    if (isErrno(result)) {
      yield* complain(process, path, result)
      return 1
    }
    const change = parseMode(args.value('mode') ?? '', 0)
    if (change !== undefined) yield* process.chmod(path, change(0o666, false))
    return 0
  },
})

export const chroot = program({
  name: 'chroot',
  path: '/usr/sbin/chroot',
  summary: 'run a command with another root directory',
  synopsis: '[OPTION]... NEWROOT [COMMAND [ARG]...]',
  stopAtOperand: true,
  usageStatus: 125,
  options: [
    { long: 'groups', argument: 'required', metavar: 'G_LIST', help: 'supplementary groups' },
    { long: 'userspec', argument: 'required', metavar: 'USER:GROUP', help: 'become this user' },
    { long: 'skip-chdir', help: 'do not change the working directory' },
  ],
  *main(process, args) {
    const [root, ...command] = args.operands
    if (root === undefined) return yield* usageError(process, 'missing operand', 125)
    const result = yield* process.chroot(root)
    if (isErrno(result)) {
      yield* complain(process, `cannot change root directory to ${quoteName(root)}`, result)
      return 125
    }
    if (!args.has('skip-chdir')) yield* process.chdir('/')
    const [userText, groupText] = (args.value('userspec') ?? '').split(':')
    if (userText !== undefined && userText !== '') {
      const user = userByName(process, userText) ?? userById(process, Number(userText))
      const uid = user?.uid ?? Number(userText)
      const gid = groupText !== undefined && groupText !== '' ? Number(groupText) : (user?.gid ?? uid)
      yield* process.setgroups(user === undefined ? [gid] : groupsOf(process, user.name, gid))
      yield* process.setresgid(gid, gid, gid)
      yield* process.setresuid(uid, uid, uid)
    }
    return yield* runCommand(process, command.length > 0 ? command : [process.env['SHELL'] ?? '/bin/sh', '-i'], process.env)
  },
})

export const stdbuf = program({
  name: 'stdbuf',
  path: '/usr/bin/stdbuf',
  summary: 'run a command with other buffering of its streams',
  synopsis: 'OPTION... COMMAND',
  stopAtOperand: true,
  usageStatus: 125,
  options: [
    { short: 'i', long: 'input', argument: 'required', metavar: 'MODE', help: 'of standard input' },
    { short: 'o', long: 'output', argument: 'required', metavar: 'MODE', help: 'of standard output' },
    { short: 'e', long: 'error', argument: 'required', metavar: 'MODE', help: 'of standard error' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand', 125)
    const error = yield* execvp(process, args.operands, process.env)
    yield* complain(process, `failed to run command ${quoteWord(process, args.operands[0]!)}`, error)
    return error === errno.ENOENT ? 127 : 126
  },
})
