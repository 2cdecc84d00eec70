// After cp(1), mv(1), ln(1) and install(1).
import { errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { type Arguments, type OptionRow, program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { groupByName, userByName } from '../user-table'
import { baseName, directoryName } from './basename'
import { type CopyOptions, copyPath } from './copy'
import { parseMode } from './file-mode'
import { askYes } from './rm'

function* isDirectory(process: Process, path: string): Syscall<boolean> {
  const stat = yield* process.stat(path)
  return !isErrno(stat) && stat.kind === 'directory'
}

type Pairs = { readonly pairs: readonly { readonly from: string; readonly to: string }[] } | { readonly status: number }

/** Where each source goes: into a directory, or to the one name. */
function* pairUp(process: Process, args: Arguments, noun: string): Syscall<Pairs> {
  const operands = [...args.operands]
  const directory = args.value('target-directory')
  if (operands.length === 0) return { status: yield* usageError(process, 'missing file operand') }
  if (directory !== undefined) {
    if (!(yield* isDirectory(process, directory))) {
      yield* complain(process, `target directory ${quoteName(directory)}: No such file or directory`)
      return { status: 1 }
    }
    return { pairs: operands.map((from) => ({ from, to: `${directory.replace(/\/+$/, '')}/${baseName(from)}` })) }
  }
  if (operands.length === 1)
    return { status: yield* usageError(process, `missing destination file operand after ${quoteName(operands[0]!)}`) }
  const target = operands.pop()!
  if (args.has('no-target-directory')) {
    if (operands.length > 1) return { status: yield* usageError(process, `extra operand ${quoteName(operands[1]!)}`) }
    return { pairs: [{ from: operands[0]!, to: target }] }
  }
  if (yield* isDirectory(process, target))
    return { pairs: operands.map((from) => ({ from, to: `${target === '/' ? '' : target.replace(/\/+$/, '')}/${baseName(from)}` })) }
  if (operands.length > 1) {
    const stat = yield* process.stat(target)
    yield* complain(process, `target ${quoteName(target)}: ${isErrno(stat) ? stat.message : 'Not a directory'}`)
    return { status: 1 }
  }
  if (target.endsWith('/') && noun === 'cp' && !(yield* isDirectory(process, operands[0]!))) {
    yield* complain(process, `cannot create regular file ${quoteName(target)}: Not a directory`)
    return { status: 1 }
  }
  return { pairs: [{ from: operands[0]!, to: target }] }
}

const targetRows: readonly OptionRow[] = [
  { short: 't', long: 'target-directory', argument: 'required', metavar: 'DIRECTORY', help: 'put everything into DIRECTORY' },
  { short: 'T', long: 'no-target-directory', help: 'treat the destination as a file' },
  { short: 'v', long: 'verbose', help: 'say what is done' },
  { short: 'b', help: 'keep what is replaced as NAME~' },
  { long: 'backup', argument: 'optional', metavar: 'CONTROL', help: 'the same' },
]

export const cp = program({
  name: 'cp',
  path: '/usr/bin/cp',
  summary: 'copy files and directories',
  synopsis: '[OPTION]... SOURCE... DIRECTORY',
  options: [
    { short: 'a', long: 'archive', help: 'keep everything: the same as -dR --preserve=all' },
    { short: 'd', help: 'copy symbolic links as links' },
    { short: 'f', long: 'force', help: 'remove a destination that cannot be opened' },
    { short: 'i', long: 'interactive', help: 'ask before overwriting' },
    { short: 'H', help: 'follow symbolic links that are named' },
    { short: 'l', long: 'link', help: 'make hard links in place of copies' },
    { short: 'L', long: 'dereference', help: 'follow symbolic links' },
    { short: 'n', long: 'no-clobber', help: 'overwrite nothing' },
    { short: 'P', long: 'no-dereference', help: 'never follow symbolic links' },
    { short: 'p', help: 'keep mode, owner and times' },
    { long: 'preserve', argument: 'optional', metavar: 'LIST', help: 'keep these attributes' },
    { long: 'no-preserve', argument: 'required', metavar: 'LIST', help: 'do not keep these' },
    { short: 'R', help: 'the same as -r' },
    { short: 'r', long: 'recursive', help: 'copy directories with their content' },
    { short: 's', long: 'symbolic-link', help: 'make symbolic links in place of copies' },
    { short: 'u', help: 'copy only what is newer' },
    { short: 'x', long: 'one-file-system', help: 'stay on one file system' },
    ...targetRows,
  ],
  *main(process, args) {
    const paired = yield* pairUp(process, args, 'cp')
    if ('status' in paired) return paired.status
    const archive = args.has('archive')
    const list = args.has('preserve')
      ? (args.value('preserve') ?? 'mode,ownership,timestamps')
      : args.has('p')
        ? 'mode,ownership,timestamps'
        : archive
          ? 'all'
          : ''
    const keeps = (name: string) => list.split(',').some((one) => one === name || one === 'all')
    const recursive = archive || args.has('recursive') || args.has('R')
    const mayReplace = args.has('no-clobber')
      ? function* () {
          return false
        }
      : args.has('interactive')
        ? (path: string) => askYes(process, `overwrite ${quoteName(path)}?`)
        : undefined
    const options: CopyOptions = {
      recursive,
      follow: args.has('dereference') || !(recursive || args.has('d') || args.has('no-dereference')),
      preserveMode: keeps('mode'),
      preserveOwner: keeps('ownership'),
      preserveTimes: keeps('timestamps'),
      force: args.has('force'),
      link: args.has('link') ? 'hard' : args.has('symbolic-link') ? 'symbolic' : 'no',
      verbose: args.has('verbose'),
      update: args.has('u'),
      backup: args.has('b') || args.has('backup'),
      ...(mayReplace === undefined ? {} : { mayReplace }),
    }
    let status = 0
    for (const { from, to } of paired.pairs) {
      if (recursive && `${to}/`.startsWith(`${from.replace(/\/+$/, '')}/`) && to !== from && (yield* isDirectory(process, from))) {
        yield* complain(process, `cannot copy a directory, ${quoteName(from)}, into itself, ${quoteName(to)}`)
        status = 1
        continue
      }
      if (!(yield* copyPath(process, from, to, options))) status = 1
    }
    return status
  },
})

export const mv = program({
  name: 'mv',
  path: '/usr/bin/mv',
  summary: 'rename or move files',
  synopsis: '[OPTION]... SOURCE... DIRECTORY',
  options: [
    { short: 'f', long: 'force', help: 'do not ask' },
    { short: 'i', long: 'interactive', help: 'ask before overwriting' },
    { short: 'n', long: 'no-clobber', help: 'overwrite nothing' },
    { short: 'u', help: 'move only what is newer' },
    ...targetRows,
  ],
  *main(process, args) {
    const paired = yield* pairUp(process, args, 'mv')
    if ('status' in paired) return paired.status
    let status = 0
    for (const { from, to } of paired.pairs) {
      const stat = yield* process.lstat(from)
      if (isErrno(stat)) {
        yield* complain(process, `cannot stat ${quoteName(from)}`, stat)
        status = 1
        continue
      }
      const target = yield* process.lstat(to)
      if (!isErrno(target)) {
        if (args.has('no-clobber') || (args.has('u') && target.mtimeUsec >= stat.mtimeUsec)) continue
        if (target.ino === stat.ino && target.dev === stat.dev) {
          yield* complain(process, `${quoteName(from)} and ${quoteName(to)} are the same file`)
          status = 1
          continue
        }
        if (args.has('interactive') && !(yield* askYes(process, `overwrite ${quoteName(to)}?`))) continue
        if (target.kind === 'directory' && stat.kind !== 'directory') {
          yield* complain(process, `cannot overwrite directory ${quoteName(to)} with non-directory`)
          status = 1
          continue
        }
        if (args.has('b') || args.has('backup')) yield* process.rename(to, `${to}~`)
      }
      const result = yield* process.rename(from, to)
      if (result === errno.EXDEV) {
        const copied = yield* copyPath(process, from, to, {
          recursive: true,
          follow: false,
          preserveMode: true,
          preserveOwner: true,
          preserveTimes: true,
          force: true,
          link: 'no',
          verbose: false,
          update: false,
          backup: false,
        })
        if (!copied) status = 1
        else yield* removeTree(process, from)
      } else if (isErrno(result)) {
        yield* complain(
          process,
          result === errno.EINVAL
            ? `cannot move ${quoteName(from)} to a subdirectory of itself, ${quoteName(to)}`
            : `cannot move ${quoteName(from)} to ${quoteName(to)}${isErrno(result) ? `: ${result.message}` : ''}`,
        )
        status = 1
        continue
      }
      if (args.has('verbose')) yield* process.write(1, `renamed ${quoteName(from)} -> ${quoteName(to)}\n`)
    }
    return status
  },
})

export function* removeTree(process: Process, path: string): Syscall<void> {
  const stat = yield* process.lstat(path)
  if (isErrno(stat)) return
  if (stat.kind !== 'directory') {
    yield* process.unlink(path)
    return
  }
  const entries = yield* process.readdir(path)
  if (!isErrno(entries))
    for (const entry of entries) if (entry.name !== '.' && entry.name !== '..') yield* removeTree(process, `${path}/${entry.name}`)
  yield* process.rmdir(path)
}

export const ln = program({
  name: 'ln',
  path: '/usr/bin/ln',
  summary: 'make links between files',
  synopsis: '[OPTION]... TARGET... DIRECTORY',
  options: [
    { short: 'f', long: 'force', help: 'remove what is in the way' },
    { short: 'i', long: 'interactive', help: 'ask before removing' },
    { short: 'L', long: 'logical', help: 'hard links follow symbolic links' },
    { short: 'n', long: 'no-dereference', help: 'treat a link to a directory as a file' },
    { short: 'P', long: 'physical', help: 'hard links to symbolic links' },
    { short: 'r', long: 'relative', help: 'symbolic links relative to where they are' },
    { short: 's', long: 'symbolic', help: 'make symbolic links' },
    ...targetRows,
  ],
  *main(process, args) {
    const operands = [...args.operands]
    if (operands.length === 0) return yield* usageError(process, 'missing file operand')
    const symbolic = args.has('symbolic')
    let directory = args.value('target-directory')
    if (directory === undefined && operands.length === 1) directory = '.'
    const last = operands.at(-1)!
    if (directory === undefined && !args.has('no-target-directory')) {
      const stat = args.has('no-dereference') ? yield* process.lstat(last) : yield* process.stat(last)
      if (!isErrno(stat) && stat.kind === 'directory') {
        directory = last
        operands.pop()
      } else if (operands.length > 2) {
        yield* complain(process, `target ${quoteName(last)}: ${isErrno(stat) ? stat.message : 'Not a directory'}`)
        return 1
      }
    }
    const pairs =
      directory === undefined
        ? [{ target: operands[0]!, name: operands[1]! }]
        : operands.map((target) => ({ target, name: `${directory.replace(/\/+$/, '')}/${baseName(target)}` }))
    let status = 0
    for (const { target, name } of pairs) {
      if (!symbolic) {
        const stat = yield* process.lstat(target)
        if (isErrno(stat) || stat.kind === 'directory') {
          yield* complain(
            process,
            isErrno(stat) ? `failed to access ${quoteName(target)}: ${stat.message}` : `${target}: hard link not allowed for directory`,
          )
          status = 1
          continue
        }
      }
      if (args.has('interactive') && !isErrno(yield* process.lstat(name)) && !(yield* askYes(process, `replace ${quoteName(name)}?`)))
        continue
      if (args.has('b') || args.has('backup')) yield* process.rename(name, `${name}~`)
      const text = symbolic && args.has('relative') ? yield* relativePath(process, target, name) : target
      let result = symbolic ? yield* process.symlink(text, name) : yield* process.link(target, name)
      if (result === errno.EEXIST && (args.has('force') || args.has('interactive'))) {
        yield* process.unlink(name)
        result = symbolic ? yield* process.symlink(text, name) : yield* process.link(target, name)
      }
      if (isErrno(result)) {
        yield* complain(
          process,
          `failed to create ${symbolic ? 'symbolic' : 'hard'} link ${quoteName(name)}${symbolic || /^E(EXIST|DQUOT|NOSPC|ROFS)$/.test(result.name) ? '' : ` => ${quoteName(target)}`}`,
          result,
        )
        status = 1
      } else if (args.has('verbose')) yield* process.write(1, `${quoteName(name)} ${symbolic ? '->' : '=>'} ${quoteName(text)}\n`)
    }
    return status
  },
})

function* relativePath(process: Process, target: string, link: string): Syscall<string> {
  const cwd = yield* process.getcwd()
  const base = isErrno(cwd) ? '/' : cwd
  const absolute = (path: string) => {
    const parts: string[] = []
    for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return parts
  }
  const from = absolute(directoryName(link))
  const to = absolute(target)
  let shared = 0
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared += 1
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}

export const install = program({
  name: 'install',
  path: '/usr/bin/install',
  summary: 'copy files and set their mode and owner',
  synopsis: '[OPTION]... SOURCE... DIRECTORY',
  options: [
    { short: 'C', long: 'compare', help: 'leave equal files alone' },
    { short: 'c', help: 'has no effect' },
    { short: 'd', long: 'directory', help: 'make directories' },
    { short: 'D', help: 'make the directories of the destination' },
    { short: 'g', long: 'group', argument: 'required', metavar: 'GROUP', help: 'set the group' },
    { short: 'm', long: 'mode', argument: 'required', metavar: 'MODE', help: 'set the mode; rwxr-xr-x unless told' },
    { short: 'o', long: 'owner', argument: 'required', metavar: 'OWNER', help: 'set the owner' },
    { short: 'p', long: 'preserve-timestamps', help: 'keep times' },
    { short: 's', long: 'strip', help: 'has no effect here' },
    ...targetRows,
  ],
  *main(process, args) {
    const change = parseMode(args.value('mode') ?? '755', 0)
    if (change === undefined) {
      yield* complain(process, `invalid mode ${quoteWord(process, args.value('mode') ?? '')}`)
      return 1
    }
    const owner = args.value('owner')
    const group = args.value('group')
    const uid = owner === undefined ? -1 : /^\d+$/.test(owner) ? Number(owner) : userByName(process, owner)?.uid
    const gid = group === undefined ? -1 : /^\d+$/.test(group) ? Number(group) : groupByName(process, group)?.gid
    if (uid === undefined || gid === undefined) {
      yield* complain(
        process,
        uid === undefined ? `invalid user ${quoteWord(process, owner ?? '')}` : `invalid group ${quoteWord(process, group ?? '')}`,
      )
      return 1
    }
    const finish = function* (path: string, directory: boolean): Syscall<boolean> {
      if (uid !== -1 || gid !== -1) {
        const result = yield* process.chown(path, uid, gid)
        if (isErrno(result)) {
          yield* complain(process, `cannot change ownership of ${quoteName(path)}`, result)
          return false
        }
      }
      yield* process.chmod(path, change(0, directory))
      return true
    }
    let status = 0
    const makeDirectories = function* (path: string): Syscall<boolean> {
      if (path === '/' || path === '.' || (yield* isDirectory(process, path))) return true
      if (!(yield* makeDirectories(directoryName(path)))) return false
      const result = yield* process.mkdir(path, 0o755)
      if (!isErrno(result) || result === errno.EEXIST) {
        if (args.has('verbose')) yield* process.write(1, `${process.argv[0]}: creating directory ${quoteName(path)}\n`)
        return true
      }
      yield* complain(process, `cannot create directory ${quoteWord(process, path)}`, result)
      return false
    }
    if (args.has('directory')) {
      if (args.operands.length === 0) return yield* usageError(process, 'missing file operand')
      for (const path of args.operands) if (!(yield* makeDirectories(path)) || !(yield* finish(path, true))) status = 1
      return status
    }
    const into = args.value('target-directory')
    if (args.has('D') && args.operands.length > 0 && !(yield* makeDirectories(into ?? directoryName(args.operands.at(-1)!)))) return 1
    const paired = yield* pairUp(process, args, 'install')
    if ('status' in paired) return paired.status
    for (const { from, to } of paired.pairs) {
      const stat = yield* process.stat(from)
      if (!isErrno(stat) && stat.kind === 'directory') {
        yield* complain(process, `omitting directory ${quoteName(from)}`)
        status = 1
        continue
      }
      if (!isErrno(yield* process.lstat(to))) yield* process.unlink(to)
      const copied = yield* copyPath(process, from, to, {
        recursive: false,
        follow: true,
        preserveMode: false,
        preserveOwner: false,
        preserveTimes: args.has('preserve-timestamps'),
        force: true,
        link: 'no',
        verbose: args.has('verbose'),
        update: false,
        backup: false,
      })
      if (!copied || !(yield* finish(to, false))) status = 1
    }
    return status
  },
})
