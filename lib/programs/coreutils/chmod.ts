// After chmod(1), chown(1), chgrp(1).
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { type Arguments, type OptionRow, program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { groupByName, nameTables, userByName } from '../user-table'
import { modeString, parseMode } from './file-mode'
import { currentUmask } from './mkdir'

const commonRows: readonly OptionRow[] = [
  { short: 'c', long: 'changes', help: 'say what is changed' },
  { short: 'f', long: 'silent', help: 'no messages about what fails' },
  { long: 'quiet', help: 'the same' },
  { short: 'v', long: 'verbose', help: 'say what is looked at' },
  { short: 'R', long: 'recursive', help: 'directories with their content' },
  { long: 'reference', argument: 'required', metavar: 'FILE', help: 'as FILE has it' },
  { long: 'no-preserve-root', help: 'treat / like any directory' },
  { long: 'preserve-root', help: 'refuse to act on / recursively' },
]

/** The path and, with -R, everything below. */
function* walk(
  process: Process,
  path: string,
  recursive: boolean,
  quiet: boolean,
  act: (path: string, link: boolean) => Syscall<boolean>,
): Syscall<boolean> {
  const stat = yield* process.lstat(path)
  if (isErrno(stat)) {
    if (!quiet) yield* complain(process, `cannot access ${quoteName(path)}`, stat)
    return false
  }
  let fine = yield* act(path, stat.kind === 'symlink')
  if (!recursive || stat.kind !== 'directory') return fine
  const entries = yield* process.readdir(path)
  if (isErrno(entries)) {
    if (!quiet) yield* complain(process, `cannot read directory ${quoteName(path)}`, entries)
    return false
  }
  for (const entry of entries) {
    if (entry.name === '.' || entry.name === '..') continue
    if (!(yield* walk(process, `${path.replace(/\/$/, '')}/${entry.name}`, true, quiet, act))) fine = false
  }
  return fine
}

const isQuiet = (args: Arguments): boolean => args.has('silent') || args.has('quiet')

export const chmod = program({
  name: 'chmod',
  path: '/usr/bin/chmod',
  summary: 'change the mode of files',
  synopsis: '[OPTION]... MODE[,MODE]... FILE...',
  options: commonRows,
  // A mode may begin with a minus: `chmod -x file`.
  rewrite: (words) => {
    const index = words.findIndex((word) => /^-[rwxXstugo]/.test(word) && !words.slice(0, words.indexOf(word)).includes('--'))
    return index < 0 || words.slice(0, index).some((word) => !word.startsWith('-'))
      ? words
      : [...words.slice(0, index), '--', ...words.slice(index)]
  },
  *main(process, args) {
    const operands = [...args.operands]
    const reference = args.value('reference')
    const text = reference === undefined ? operands.shift() : undefined
    if (reference === undefined && text === undefined) return yield* usageError(process, 'missing operand')
    if (operands.length === 0)
      return yield* usageError(process, `missing operand${text === undefined ? '' : ` after ${quoteWord(process, text)}`}`)
    const umask = yield* currentUmask(process)
    const source = reference === undefined ? undefined : yield* process.stat(reference)
    if (isErrno(source)) {
      yield* complain(process, `failed to get attributes of ${quoteName(reference ?? '')}`, source)
      return 1
    }
    const change = source !== undefined ? () => source.mode : parseMode(text!, umask)
    if (change === undefined) return yield* usageError(process, `invalid mode: ${quoteWord(process, text ?? '')}`)
    let status = 0
    for (const path of operands) {
      const fine = yield* walk(process, path, args.has('recursive'), isQuiet(args), function* (one, link) {
        if (link && one !== path) return true
        const stat = yield* process.stat(one)
        if (isErrno(stat)) {
          if (!isQuiet(args))
            yield* complain(
              process,
              link ? `cannot operate on dangling symlink ${quoteName(one)}` : `cannot access ${quoteName(one)}: ${stat.message}`,
            )
          return false
        }
        const mode = change(stat.mode, stat.kind === 'directory')
        const result = yield* process.chmod(one, mode)
        if (isErrno(result)) {
          if (!isQuiet(args)) yield* complain(process, `changing permissions of ${quoteName(one)}`, result)
          return false
        }
        const octal = (value: number) => `${value.toString(8).padStart(4, '0')} (${modeString('file', value).slice(1)})`
        if (args.has('verbose') || (args.has('changes') && mode !== stat.mode)) {
          const line =
            mode === stat.mode
              ? `mode of ${quoteName(one)} retained as ${octal(mode)}`
              : `mode of ${quoteName(one)} changed from ${octal(stat.mode)} to ${octal(mode)}`
          yield* process.write(1, `${line}\n`)
        }
        return true
      })
      if (!fine) status = 1
    }
    return status
  },
})

type Owner = { readonly uid: number; readonly gid: number; readonly user: string; readonly group: string }

/** `user`, `user:group`, `user:`, `:group`. */
function* parseOwner(process: Process, text: string): Syscall<Owner | undefined> {
  const separator = text.includes(':') ? ':' : undefined
  const [userText, groupText] =
    separator === undefined ? [text, undefined] : [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]
  let uid = -1
  let gid = -1
  let loginGid: number | undefined
  if (userText !== '') {
    const user = userByName(process, userText!)
    if (user === undefined && !/^\d+$/.test(userText!)) {
      yield* complain(process, `invalid user: ${quoteWord(process, text)}`)
      return undefined
    }
    uid = user?.uid ?? Number(userText)
    loginGid = user?.gid
  }
  if (groupText !== undefined && groupText !== '') {
    const group = groupByName(process, groupText)
    if (group === undefined && !/^\d+$/.test(groupText)) {
      yield* complain(process, `invalid group: ${quoteWord(process, text)}`)
      return undefined
    }
    gid = group?.gid ?? Number(groupText)
  } else if (groupText === '' && userText !== '') {
    if (loginGid === undefined) {
      yield* complain(process, `invalid spec: ${quoteWord(process, text)}`)
      return undefined
    }
    gid = loginGid
  }
  return { uid, gid, user: userText ?? '', group: groupText ?? '' }
}

function* changeOwner(
  process: Process,
  args: Arguments,
  noun: 'ownership' | 'group',
  read: (text: string) => Syscall<Owner | undefined>,
): Syscall<number> {
  const operands = [...args.operands]
  const reference = args.value('reference')
  const text = reference === undefined ? operands.shift() : undefined
  if (reference === undefined && text === undefined) return yield* usageError(process, 'missing operand')
  if (operands.length === 0)
    return yield* usageError(process, `missing operand${text === undefined ? '' : ` after ${quoteWord(process, text)}`}`)
  let owner: Owner | undefined
  if (reference !== undefined) {
    const stat = yield* process.stat(reference)
    if (isErrno(stat)) {
      yield* complain(process, `failed to get attributes of ${quoteName(reference)}`, stat)
      return 1
    }
    owner = { uid: noun === 'group' ? -1 : stat.uid, gid: stat.gid, user: String(stat.uid), group: String(stat.gid) }
  } else owner = yield* read(text!)
  if (owner === undefined) return 1
  const { uid, gid } = owner
  const names = nameTables(process)
  const nofollow = args.has('no-dereference')
  let status = 0
  for (const path of operands) {
    const fine = yield* walk(process, path, args.has('recursive'), isQuiet(args), function* (one, link) {
      const stat = nofollow || (link && one !== path) ? yield* process.lstat(one) : yield* process.stat(one)
      const result = yield* process.chown(one, uid, gid, { nofollow: nofollow || (link && one !== path) })
      if (isErrno(result)) {
        if (!isQuiet(args)) yield* complain(process, `changing ${noun} of ${quoteName(one)}`, result)
        return false
      }
      if (isErrno(stat)) return true
      const same = (uid === -1 || stat.uid === uid) && (gid === -1 || stat.gid === gid)
      if (args.has('verbose') || (args.has('changes') && !same)) {
        const before =
          noun === 'group'
            ? names.group(stat.gid)
            : uid === -1
              ? `:${names.group(stat.gid)}`
              : gid === -1
                ? names.user(stat.uid)
                : `${names.user(stat.uid)}:${names.group(stat.gid)}`
        const after =
          noun === 'group'
            ? names.group(gid)
            : uid === -1
              ? `:${names.group(gid)}`
              : gid === -1
                ? names.user(uid)
                : `${names.user(uid)}:${names.group(gid)}`
        yield* process.write(
          1,
          same
            ? `${noun} of ${quoteName(one)} retained as ${after}\n`
            : `changed ${noun} of ${quoteName(one)} from ${before} to ${after}\n`,
        )
      }
      return true
    })
    if (!fine) status = 1
  }
  return status
}

const ownerRows: readonly OptionRow[] = [
  ...commonRows,
  { long: 'dereference', help: 'act on what links point to' },
  { short: 'h', long: 'no-dereference', help: 'act on links themselves' },
  { short: 'H', help: 'follow a named link to a directory' },
  { short: 'L', help: 'follow all links to directories' },
  { short: 'P', help: 'follow no links' },
]

export const chown = program({
  name: 'chown',
  path: '/usr/bin/chown',
  summary: 'change the owner and group of files',
  synopsis: '[OPTION]... [OWNER][:[GROUP]] FILE...',
  options: ownerRows,
  main: (process, args) => changeOwner(process, args, 'ownership', (text) => parseOwner(process, text)),
})

export const chgrp = program({
  name: 'chgrp',
  path: '/usr/bin/chgrp',
  summary: 'change the group of files',
  synopsis: '[OPTION]... GROUP FILE...',
  options: ownerRows,
  main: (process, args) =>
    changeOwner(process, args, 'group', function* (text) {
      const group = groupByName(process, text)
      if (group === undefined && !/^\d+$/.test(text)) {
        yield* complain(process, `invalid group: ${quoteWord(process, text)}`)
        return undefined
      }
      return { uid: -1, gid: group?.gid ?? Number(text), user: '', group: text }
    }),
})
