// After rm(1) and unlink(1).
import { errno, isErrno, W_OK, type Process, type Syscall } from '@/lib/kernel'
import { decodeUtf8 } from '@/lib/base'
import { type Arguments, program } from '../program'
import { complain, quoteName, usageError } from '../stdio'
import { baseName } from './basename'

export function* askYes(process: Process, question: string): Syscall<boolean> {
  yield* process.write(2, `${process.argv[0]}: ${question} `)
  const answer = yield* process.read(0, 1024)
  return !isErrno(answer) && /^[yY]/.test(decodeUtf8(answer))
}

const kindWords: Readonly<Record<string, string>> = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  fifo: 'fifo',
  socket: 'socket',
  'character-device': 'character special file',
  'block-device': 'block special file',
}

function* removeOne(process: Process, args: Arguments, path: string): Syscall<boolean> {
  const force = args.has('force')
  const recursive = args.has('recursive') || args.has('R')
  const interactive = args.has('i') || args.value('interactive') === 'always'
  const stat = yield* process.lstat(path)
  if (isErrno(stat)) {
    if (force && (stat === errno.ENOENT || stat === errno.ENOTDIR)) return true
    yield* complain(process, `cannot remove ${quoteName(path)}`, stat)
    return false
  }
  const directory = stat.kind === 'directory'
  if (directory && !recursive && !args.has('dir')) {
    yield* complain(process, `cannot remove ${quoteName(path)}: Is a directory`)
    return false
  }
  const what = stat.kind === 'file' && stat.size === 0 ? 'regular empty file' : kindWords[stat.kind]!
  const protectedFile = !force && stat.kind !== 'symlink' && isErrno(yield* process.access(path, W_OK))
  const ask = interactive || (protectedFile && (yield* process.isatty(0)))
  if (directory && recursive) {
    const entries = yield* process.readdir(path)
    if (isErrno(entries)) {
      yield* complain(process, `cannot remove ${quoteName(path)}`, entries)
      return false
    }
    const inside = entries.filter((entry) => entry.name !== '.' && entry.name !== '..')
    if (
      inside.length > 0 &&
      ask &&
      !(yield* askYes(process, `descend into ${protectedFile ? 'write-protected ' : ''}directory ${quoteName(path)}?`))
    )
      return true
    let all = true
    for (const entry of inside) if (!(yield* removeOne(process, args, `${path.replace(/\/$/, '')}/${entry.name}`))) all = false
    if (!all) return false
  }
  if (ask && !(yield* askYes(process, `remove ${protectedFile ? 'write-protected ' : ''}${what} ${quoteName(path)}?`))) return true
  const result = directory ? yield* process.rmdir(path) : yield* process.unlink(path)
  if (isErrno(result)) {
    if (force && result === errno.ENOENT) return true
    yield* complain(process, `cannot remove ${quoteName(path)}`, result)
    return false
  }
  if (args.has('verbose')) yield* process.write(1, directory ? `removed directory ${quoteName(path)}\n` : `removed ${quoteName(path)}\n`)
  return true
}

export const rm = program({
  name: 'rm',
  path: '/usr/bin/rm',
  summary: 'remove files, and with -r directories',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'f', long: 'force', help: 'missing files are no error; never ask' },
    { short: 'i', help: 'ask before each removal' },
    { short: 'I', help: 'ask once before removing many files' },
    { long: 'interactive', argument: 'optional', metavar: 'WHEN', help: 'ask never, once or always' },
    { long: 'one-file-system', help: 'stay on one file system' },
    { long: 'no-preserve-root', help: 'treat / like any directory' },
    { long: 'preserve-root', argument: 'optional', metavar: 'all', help: 'refuse to remove /' },
    { short: 'r', long: 'recursive', help: 'remove directories with their content' },
    { short: 'R', help: 'the same as -r' },
    { short: 'd', long: 'dir', help: 'remove empty directories' },
    { short: 'v', long: 'verbose', help: 'say what is removed' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return args.has('force') ? 0 : yield* usageError(process, 'missing operand')
    const recursive = args.has('recursive') || args.has('R')
    if ((args.has('I') || args.value('interactive') === 'once') && (args.operands.length > 3 || recursive)) {
      if (
        !(yield* askYes(
          process,
          `remove ${args.operands.length} argument${args.operands.length === 1 ? '' : 's'}${recursive ? ' recursively' : ''}?`,
        ))
      )
        return 0
    }
    let status = 0
    for (const path of args.operands) {
      const last = baseName(path)
      if (last === '.' || last === '..') {
        yield* complain(process, `refusing to remove '.' or '..' directory: skipping ${quoteName(path)}`)
        status = 1
        continue
      }
      if (recursive && /^\/+$/.test(path) && !args.has('no-preserve-root')) {
        yield* complain(process, "it is dangerous to operate recursively on '/'")
        yield* complain(process, 'use --no-preserve-root to override this failsafe')
        status = 1
        continue
      }
      if (!(yield* removeOne(process, args, path))) status = 1
    }
    return status
  },
})

export const unlink = program({
  name: 'unlink',
  path: '/usr/bin/unlink',
  summary: 'remove one file by the system call',
  synopsis: 'FILE',
  options: [],
  *main(process, args) {
    const [path] = args.operands
    if (path === undefined) return yield* usageError(process, 'missing operand')
    const result = yield* process.unlink(path)
    if (!isErrno(result)) return 0
    yield* complain(process, `cannot unlink ${quoteName(path)}`, result)
    return 1
  },
})
