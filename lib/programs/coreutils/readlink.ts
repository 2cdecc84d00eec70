// After readlink(1), realpath(1) and mktemp(1).
import { errno, isErrno, O_CREAT, O_EXCL, O_WRONLY, type Fallible, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { complain, quoteWord, usageError } from '../stdio'

type Missing = 'none' | 'last' | 'all'

/** The path without symbolic links; `missing` says which parts need not exist. */
export function* canonicalize(process: Process, path: string, missing: Missing, strip = false): Syscall<Fallible<string>> {
  const cwd = yield* process.getcwd()
  let rest = (path.startsWith('/') ? path : `${isErrno(cwd) ? '/' : cwd}/${path}`).split('/').filter((part) => part !== '' && part !== '.')
  const done: string[] = []
  let links = 0
  let gone = false
  while (rest.length > 0) {
    const part = rest.shift()!
    if (part === '..') {
      done.pop()
      continue
    }
    const here = `/${[...done, part].join('/')}`
    const stat = gone ? errno.ENOENT : yield* process.lstat(here)
    if (isErrno(stat)) {
      if (missing === 'none' || (stat !== errno.ENOENT && missing !== 'all') || (missing === 'last' && rest.length > 0)) return stat
      gone = true
      done.push(part)
      continue
    }
    if (stat.kind === 'symlink' && !strip) {
      links += 1
      if (links > 40) return errno.ELOOP
      const target = yield* process.readlink(here)
      if (isErrno(target)) return target
      if (target.startsWith('/')) done.length = 0
      rest = [...target.split('/').filter((one) => one !== '' && one !== '.'), ...rest]
      continue
    }
    if (rest.length > 0 && stat.kind !== 'directory' && missing !== 'all') return errno.ENOTDIR
    done.push(part)
  }
  return `/${done.join('/')}`
}

export const readlink = program({
  name: 'readlink',
  path: '/usr/bin/readlink',
  summary: 'print what a symbolic link points to',
  synopsis: '[OPTION]... FILE...',
  options: [
    { short: 'f', long: 'canonicalize', help: 'follow all links; the last part may be missing' },
    { short: 'e', long: 'canonicalize-existing', help: 'follow all links; everything must exist' },
    { short: 'm', long: 'canonicalize-missing', help: 'follow all links; anything may be missing' },
    { short: 'n', long: 'no-newline', help: 'without the newline' },
    { short: 'q', long: 'quiet', help: 'no messages' },
    { short: 's', long: 'silent', help: 'no messages' },
    { short: 'v', long: 'verbose', help: 'messages' },
    { short: 'z', long: 'zero', help: 'end with NUL' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    const mode: Missing | undefined = args.has('canonicalize-existing')
      ? 'none'
      : args.has('canonicalize-missing')
        ? 'all'
        : args.has('canonicalize')
          ? 'last'
          : undefined
    let status = 0
    for (const path of args.operands) {
      const text = mode === undefined ? yield* process.readlink(path) : yield* canonicalize(process, path, mode)
      if (isErrno(text)) {
        if (args.has('verbose')) yield* complain(process, path, text)
        status = 1
      } else yield* process.write(1, text + (args.has('no-newline') && args.operands.length === 1 ? '' : args.has('zero') ? '\0' : '\n'))
    }
    return status
  },
})

export const realpath = program({
  name: 'realpath',
  path: '/usr/bin/realpath',
  summary: 'print absolute paths without symbolic links',
  synopsis: '[OPTION]... FILE...',
  options: [
    { short: 'e', long: 'canonicalize-existing', help: 'everything must exist' },
    { short: 'm', long: 'canonicalize-missing', help: 'anything may be missing' },
    { short: 'L', long: 'logical', help: 'resolve .. before links' },
    { short: 'P', long: 'physical', help: 'resolve links as they come' },
    { short: 'q', long: 'quiet', help: 'no messages' },
    { long: 'relative-to', argument: 'required', metavar: 'DIR', help: 'relative to DIR' },
    { short: 's', long: 'strip', help: 'do not follow links' },
    { short: 'z', long: 'zero', help: 'end with NUL' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    const mode: Missing = args.has('canonicalize-existing') ? 'none' : args.has('canonicalize-missing') ? 'all' : 'last'
    const base = args.value('relative-to')
    const from = base === undefined ? undefined : yield* canonicalize(process, base, 'all')
    let status = 0
    for (const path of args.operands) {
      const full = yield* canonicalize(process, path, mode, args.has('strip'))
      if (isErrno(full)) {
        if (!args.has('quiet')) yield* complain(process, path, full)
        status = 1
        continue
      }
      let text = full
      if (from !== undefined && !isErrno(from)) {
        const left = from.split('/').filter(Boolean)
        const right = full.split('/').filter(Boolean)
        let shared = 0
        while (shared < left.length && left[shared] === right[shared]) shared += 1
        text = [...left.slice(shared).map(() => '..'), ...right.slice(shared)].join('/') || '.'
      }
      yield* process.write(1, text + (args.has('zero') ? '\0' : '\n'))
    }
    return status
  },
})

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export const mktemp = program({
  name: 'mktemp',
  path: '/usr/bin/mktemp',
  summary: 'make a temporary file or directory and print its name',
  synopsis: '[OPTION]... [TEMPLATE]',
  options: [
    { short: 'd', long: 'directory', help: 'make a directory' },
    { short: 'p', long: 'tmpdir', argument: 'optional', metavar: 'DIR', help: 'in DIR' },
    { short: 'q', long: 'quiet', help: 'no messages' },
    { long: 'suffix', argument: 'required', metavar: 'SUFF', help: 'add SUFF' },
    { short: 't', help: 'the template is a name in TMPDIR' },
    { short: 'u', long: 'dry-run', help: 'make nothing' },
  ],
  rewrite: (words) =>
    words
      .map((word, index) => (words[index - 1] === '-p' ? '\0' : word === '-p' ? `--tmpdir=${words[index + 1] ?? ''}` : word))
      .filter((word) => word !== '\0'),
  *main(process, args) {
    const template = (args.operands[0] ?? 'tmp.XXXXXXXXXX') + (args.value('suffix') ?? '')
    const match = /^(.*?)(X{3,})([^X]*)$/s.exec(template)
    if (match === null) {
      if (!args.has('quiet')) yield* complain(process, `too few X's in template ${quoteWord(process, template)}`)
      return 1
    }
    const inTemporary = args.operands.length === 0 || args.has('tmpdir') || args.has('t')
    const directory = inTemporary ? `${args.value('tmpdir') || process.env['TMPDIR'] || '/tmp'}/` : ''
    for (let attempt = 0; attempt < 100; attempt++) {
      const random = [...match[2]!].map(() => letters[process.random.below(letters.length)]).join('')
      const path = `${directory}${match[1]}${random}${match[3]}`
      if (args.has('dry-run')) {
        yield* process.write(1, `${path}\n`)
        return 0
      }
      const made = args.has('directory') ? yield* process.mkdir(path, 0o700) : yield* process.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      if (made === errno.EEXIST) continue
      if (isErrno(made)) {
        if (!args.has('quiet'))
          yield* complain(
            process,
            `failed to create ${args.has('directory') ? 'directory' : 'file'} via template ${quoteWord(process, directory + template)}`,
            made,
          )
        return 1
      }
      yield* process.write(1, `${path}\n`)
      return 0
    }
    return 1
  },
})
