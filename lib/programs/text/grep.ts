// After grep(1).
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { extendedRegex, matchesPattern } from '@/lib/shell'
import { basicToExtended } from '../coreutils/expr'
import { type Arguments, type OptionRow, type Program, program } from '../program'
import { complain, closeInput, LineReader, openInput, Output, readText } from '../stdio'

const rows: readonly OptionRow[] = [
  { short: 'E', long: 'extended-regexp', help: 'patterns are extended expressions' },
  { short: 'F', long: 'fixed-strings', help: 'patterns are plain text' },
  { short: 'G', long: 'basic-regexp', help: 'patterns are basic expressions' },
  { short: 'P', long: 'perl-regexp', help: "patterns are Perl's (as JavaScript has them)" },
  { short: 'e', long: 'regexp', argument: 'required', metavar: 'PATTERNS', help: 'use these patterns' },
  { short: 'f', long: 'file', argument: 'required', metavar: 'FILE', help: 'patterns from FILE' },
  { short: 'i', long: 'ignore-case', help: 'capitals equal small letters' },
  { short: 'y', help: 'the same as -i' },
  { long: 'no-ignore-case', help: 'they differ' },
  { short: 'w', long: 'word-regexp', help: 'only whole words' },
  { short: 'x', long: 'line-regexp', help: 'only whole lines' },
  { short: 'z', long: 'null-data', help: 'lines end with NUL' },
  { short: 's', long: 'no-messages', help: 'no messages about files' },
  { short: 'v', long: 'invert-match', help: 'lines that do not match' },
  { short: 'm', long: 'max-count', argument: 'required', metavar: 'NUM', help: 'stop after NUM lines' },
  { short: 'b', long: 'byte-offset', help: 'show where lines begin' },
  { short: 'n', long: 'line-number', help: 'show numbers of lines' },
  { long: 'line-buffered', help: 'write every line at once' },
  { short: 'H', long: 'with-filename', help: 'show names of files' },
  { short: 'h', long: 'no-filename', help: 'without names of files' },
  { long: 'label', argument: 'required', metavar: 'LABEL', help: 'the name of standard input' },
  { short: 'o', long: 'only-matching', help: 'only what matches' },
  { short: 'q', long: 'quiet', help: 'only the exit status' },
  { long: 'silent', help: 'the same' },
  { long: 'binary-files', argument: 'required', metavar: 'TYPE', help: 'binary, text or without-match' },
  { short: 'a', long: 'text', help: 'binary files are text' },
  { short: 'I', help: 'no binary files' },
  { short: 'd', long: 'directories', argument: 'required', metavar: 'ACTION', help: 'read, recurse or skip' },
  { short: 'D', long: 'devices', argument: 'required', metavar: 'ACTION', help: 'read or skip' },
  { short: 'r', long: 'recursive', help: 'everything below directories' },
  { short: 'R', long: 'dereference-recursive', help: 'the same, following links' },
  { long: 'include', argument: 'required', metavar: 'GLOB', help: 'only files that fit' },
  { long: 'exclude', argument: 'required', metavar: 'GLOB', help: 'no files that fit' },
  { long: 'exclude-dir', argument: 'required', metavar: 'GLOB', help: 'no directories that fit' },
  { short: 'L', long: 'files-without-match', help: 'names of files without a match' },
  { short: 'l', long: 'files-with-matches', help: 'names of files with a match' },
  { short: 'c', long: 'count', help: 'count lines' },
  { short: 'T', long: 'initial-tab', help: 'a tab before the line' },
  { short: 'Z', long: 'null', help: 'NUL after names of files' },
  { short: 'B', long: 'before-context', argument: 'required', metavar: 'NUM', help: 'NUM lines before' },
  { short: 'A', long: 'after-context', argument: 'required', metavar: 'NUM', help: 'NUM lines after' },
  { short: 'C', long: 'context', argument: 'required', metavar: 'NUM', help: 'NUM lines around' },
  { long: 'color', argument: 'optional', metavar: 'WHEN', help: 'colour: always, auto, never' },
  { long: 'colour', argument: 'optional', metavar: 'WHEN' },
  { short: 'U', long: 'binary', help: 'has no effect' },
]

const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** One JavaScript expression for all patterns; a text is what is wrong. */
export function compilePatterns(
  patterns: readonly string[],
  kind: 'basic' | 'extended' | 'fixed' | 'perl',
  ignoreCase: boolean,
  shape: 'any' | 'word' | 'line',
): RegExp | string {
  const sources: string[] = []
  const flags = `g${ignoreCase ? 'i' : ''}`
  for (const pattern of patterns) {
    if (kind === 'fixed') {
      sources.push(escapeText(pattern))
      continue
    }
    if (kind === 'perl') {
      try {
        sources.push(new RegExp(pattern.replace(/^\(\?i\)/, '')).source)
      } catch {
        return 'unmatched parentheses or other error in the pattern'
      }
      continue
    }
    const extended = kind === 'basic' ? basicToExtended(pattern) : pattern
    const opens = extended.replace(/\\.|\[\^?\]?[^\]]*\]/gs, '')
    if ((opens.match(/\(/g) ?? []).length > (opens.match(/\)/g) ?? []).length) return 'Unmatched ( or \\('
    if (kind === 'basic' && (opens.match(/\(/g) ?? []).length < (opens.match(/\)/g) ?? []).length) return 'Unmatched ) or \\)'
    const regex = extendedRegex(extended.replace(/^([*+?])/, '\\$1'), '')
    if (regex === undefined) return /\[/.test(pattern) ? 'Unmatched [, [^, [:, [., or [=' : 'Invalid regular expression'
    sources.push(regex.source === '(?:)' ? '' : regex.source)
  }
  const joined = sources.map((source) => (sources.length > 1 ? `(?:${source})` : source)).join('|')
  const whole = shape === 'line' ? `^(?:${joined})$` : shape === 'word' ? `(?<![A-Za-z0-9_])(?:${joined})(?![A-Za-z0-9_])` : joined
  try {
    return new RegExp(whole, flags)
  } catch {
    return 'Invalid regular expression'
  }
}

type Paint = {
  readonly match: (text: string) => string
  readonly name: (text: string) => string
  readonly number: (text: string) => string
  readonly separator: (text: string) => string
}
const sgr = (code: string) => (text: string) => `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K`
const plain = (text: string): string => text
const noPaint: Paint = { match: plain, name: plain, number: plain, separator: plain }
const colorPaint: Paint = { match: sgr('01;31'), name: sgr('35'), number: sgr('32'), separator: sgr('36') }

class Searcher {
  readonly process: Process
  readonly args: Arguments
  private readonly regex: RegExp
  private readonly empty: boolean
  private readonly out: Output
  private readonly paint: Paint
  readonly withNames: boolean
  matched = false
  failed = false

  constructor(process: Process, args: Arguments, regex: RegExp, empty: boolean, withNames: boolean, paint: Paint) {
    this.process = process
    this.args = args
    this.regex = regex
    this.empty = empty
    this.out = new Output(process)
    this.paint = paint
    this.withNames = withNames
  }

  private matches(line: string): boolean {
    this.regex.lastIndex = 0
    return (!this.empty && this.regex.test(line)) !== this.args.has('invert-match')
  }

  private head(name: string, number: number, offset: number, mark: string): string {
    const { args, paint } = this
    let text = ''
    if (this.withNames) text += paint.name(name) + (args.has('null') ? '\0' : paint.separator(mark))
    if (args.has('line-number'))
      text += paint.number(args.has('initial-tab') ? String(number).padStart(4) : String(number)) + paint.separator(mark)
    if (args.has('byte-offset')) text += paint.number(String(offset)) + paint.separator(mark)
    if (args.has('initial-tab') && text !== '') text += '\t'
    return text
  }

  private painted(line: string): string {
    if (this.paint === noPaint || this.args.has('invert-match')) return line
    return line.replace(this.regex, (found) => (found === '' ? '' : this.paint.match(found)))
  }

  /** Searches one open file. */
  *search(fd: number, name: string): Syscall<void> {
    const { args, process } = this
    const around = Number(args.value('context') ?? 0)
    const before = Number(args.value('before-context') ?? around)
    const after = Number(args.value('after-context') ?? around)
    const most = args.has('max-count') ? Number(args.value('max-count')) : Number.POSITIVE_INFINITY
    const listing = args.has('files-with-matches') || args.has('files-without-match')
    const silent = args.has('quiet') || args.has('silent') || listing || args.has('count')
    const end = args.has('null-data') ? '\0' : '\n'
    const lines = new LineReader(process, fd, args.has('null-data') ? 0 : 10)
    const held: { line: string; number: number; offset: number }[] = []
    let [count, number, offset, trailing, lastShown] = [0, 0, 0, 0, 0]
    let binary = false
    if (most === 0) return
    for (let bytes = yield* lines.nextBytes(); bytes !== undefined; bytes = yield* lines.nextBytes()) {
      number += 1
      const line = decodeUtf8(bytes)
      if (!binary && !args.has('text') && args.value('binary-files') !== 'text' && !args.has('null-data') && bytes.includes(0)) {
        if (args.has('I') || args.value('binary-files') === 'without-match') return
        binary = true
      }
      if (this.matches(line)) {
        count += 1
        this.matched = true
        if (args.has('quiet') || args.has('silent') || args.has('files-with-matches')) break
        if (!silent) {
          if (binary) {
            yield* this.out.print(`${process.argv[0]}: ${name}: binary file matches\n`)
            break
          }
          if ((before > 0 || after > 0) && lastShown > 0 && number - held.length > lastShown + 1)
            yield* this.out.print(`${this.paint.separator('--')}\n`)
          for (const one of held.splice(0)) yield* this.out.print(`${this.head(name, one.number, one.offset, '-')}${one.line}${end}`)
          yield* this.show(line, name, number, offset, end)
          lastShown = number
          trailing = after
        }
        if (count >= most) {
          for (; trailing > 0 && !silent; trailing--) {
            const next = yield* lines.next()
            if (next === undefined) break
            number += 1
            yield* this.out.print(`${this.head(name, number, offset, '-')}${next}${end}`)
          }
          break
        }
      } else if (trailing > 0 && !silent) {
        trailing -= 1
        lastShown = number
        yield* this.out.print(`${this.head(name, number, offset, '-')}${line}${end}`)
      } else if (before > 0 && !silent) {
        held.push({ line, number, offset })
        if (held.length > before) held.shift()
      }
      offset += bytes.length + 1
      if (args.has('line-buffered')) yield* this.out.flush()
      if (this.out.failure !== undefined) break
    }
    if (lines.failure !== undefined) {
      this.failed = true
      if (!args.has('no-messages')) {
        yield* this.out.flush()
        yield* complain(process, name, lines.failure)
      }
    }
    if (args.has('count') && !listing)
      yield* this.out.print(`${this.withNames ? this.paint.name(name) + this.paint.separator(':') : ''}${count}\n`)
    if (args.has('files-with-matches') ? count > 0 : args.has('files-without-match') && count === 0)
      yield* this.out.print(`${this.paint.name(name)}${args.has('null') ? '\0' : '\n'}`)
    if (args.has('files-without-match')) this.matched = this.matched || count === 0
  }

  private *show(line: string, name: string, number: number, offset: number, end: string): Syscall<void> {
    if (!this.args.has('only-matching')) {
      yield* this.out.print(`${this.head(name, number, offset, ':')}${this.painted(line)}${end}`)
      return
    }
    if (this.args.has('invert-match')) return
    this.regex.lastIndex = 0
    for (const found of line.matchAll(this.regex)) {
      if (found[0] !== '') yield* this.out.print(`${this.head(name, number, offset + found.index, ':')}${this.paint.match(found[0])}${end}`)
    }
  }

  private wanted(name: string): boolean {
    const base = name.slice(name.lastIndexOf('/') + 1)
    const include = this.args.values('include')
    if (include.length > 0 && !include.some((pattern) => matchesPattern(pattern, base))) return false
    return !this.args.values('exclude').some((pattern) => matchesPattern(pattern, base) || matchesPattern(pattern, name))
  }

  *path(path: string, named: boolean): Syscall<void> {
    const { args, process } = this
    const recursive = args.has('recursive') || args.has('dereference-recursive') || args.value('directories') === 'recurse'
    if (path !== '-') {
      const stat = named || args.has('dereference-recursive') ? yield* process.stat(path) : yield* process.lstat(path)
      if (!isErrno(stat) && stat.kind === 'directory') {
        if (recursive) yield* this.directory(path)
        else if (args.value('directories') !== 'skip') {
          yield* this.out.flush()
          if (!args.has('no-messages')) yield* complain(process, path, errno.EISDIR)
        }
        return
      }
      if (!named && (isErrno(stat) || stat.kind !== 'file' || !this.wanted(path))) return
      if (named && recursive && !this.wanted(path)) return
    }
    const fd = yield* openInput(process, path)
    if (isErrno(fd)) {
      this.failed = true
      yield* this.out.flush()
      if (!args.has('no-messages')) yield* complain(process, path, fd)
      return
    }
    yield* this.search(fd, path === '-' ? (args.value('label') ?? '(standard input)') : path)
    yield* closeInput(process, fd)
  }

  *directory(path: string): Syscall<void> {
    const { args, process } = this
    const entries = yield* process.readdir(path === '' ? '.' : path)
    if (isErrno(entries)) {
      this.failed = true
      yield* this.out.flush()
      if (!args.has('no-messages')) yield* complain(process, path, entries)
      return
    }
    for (const entry of entries) {
      if (entry.name === '.' || entry.name === '..') continue
      if (entry.kind === 'directory' && args.values('exclude-dir').some((pattern) => matchesPattern(pattern, entry.name))) continue
      yield* this.path(path === '' ? entry.name : path.endsWith('/') ? path + entry.name : `${path}/${entry.name}`, false)
      if (this.matched && (args.has('quiet') || args.has('silent'))) return
    }
  }

  *finish(): Syscall<number> {
    const status = yield* this.out.finish()
    if (this.failed && !(this.matched && (this.args.has('quiet') || this.args.has('silent')))) return 2
    return status !== 0 ? 2 : this.matched ? 0 : 1
  }
}

function grepProgram(name: string, path: string, extra: readonly string[]): Program {
  return program({
    name,
    path,
    summary: 'print lines that match a pattern',
    synopsis: '[OPTION]... PATTERNS [FILE]...',
    version: 'grep (GNU grep) 3.11',
    usageStatus: 2,
    usageHint: (invoked) => `Usage: ${invoked} [OPTION]... PATTERNS [FILE]...\nTry '${invoked} --help' for more information.\n`,
    options: rows,
    rewrite: (words) => [...extra, ...words.flatMap((word) => (/^-\d+$/.test(word) ? [`-C${word.slice(1)}`] : [word]))],
    *main(process, args) {
      const operands = [...args.operands]
      const texts = [...args.values('regexp')]
      for (const file of args.values('file')) {
        const text = yield* readText(process, file === '-' ? '/dev/stdin' : file)
        if (isErrno(text)) {
          yield* complain(process, file, text)
          return 2
        }
        if (text !== '') texts.push(text.replace(/\n$/, ''))
      }
      if (texts.length === 0 && !args.has('file')) {
        const first = operands.shift()
        if (first === undefined) {
          yield* process.write(
            2,
            `Usage: ${process.argv[0]} [OPTION]... PATTERNS [FILE]...\nTry '${process.argv[0]} --help' for more information.\n`,
          )
          return 2
        }
        texts.push(first)
      }
      const patterns = texts.flatMap((text) => text.split('\n'))
      const chosen = args.given.findLast((one) =>
        ['extended-regexp', 'fixed-strings', 'basic-regexp', 'perl-regexp'].includes(one.name),
      )?.name
      const kind =
        chosen === 'extended-regexp' ? 'extended' : chosen === 'fixed-strings' ? 'fixed' : chosen === 'perl-regexp' ? 'perl' : 'basic'
      const ignoreCase =
        (args.has('ignore-case') || args.has('y') || (kind === 'perl' && patterns.some((one) => one.startsWith('(?i)')))) &&
        !args.has('no-ignore-case')
      const regex = compilePatterns(patterns, kind, ignoreCase, args.has('line-regexp') ? 'line' : args.has('word-regexp') ? 'word' : 'any')
      if (typeof regex === 'string') {
        yield* complain(process, regex)
        return 2
      }
      const count = args.value('max-count')
      if (count !== undefined && !/^-?\d+$/.test(count)) {
        yield* complain(process, 'invalid max count')
        return 2
      }
      for (const option of ['context', 'before-context', 'after-context']) {
        const value = args.value(option)
        if (value === undefined || /^\d+$/.test(value)) continue
        yield* complain(process, `${value}: invalid context length argument`)
        return 2
      }
      const recursive = args.has('recursive') || args.has('dereference-recursive') || args.value('directories') === 'recurse'
      const files = operands.length > 0 ? operands : recursive ? [''] : ['-']
      const names = args.given.findLast((one) => one.name === 'with-filename' || one.name === 'no-filename')?.name
      const withNames = names === 'with-filename' || (names === undefined && (files.length > 1 || recursive))
      const when = args.has('color') || args.has('colour') ? (args.value('color') ?? args.value('colour') ?? 'auto') : 'never'
      const colored = when === 'always' || (when === 'auto' && process.env['TERM'] !== 'dumb' && (yield* process.isatty(1)))
      const searcher = new Searcher(process, args, regex, patterns.length === 0, withNames, colored ? colorPaint : noPaint)
      for (const file of files) {
        if (file === '') yield* searcher.directory('')
        else yield* searcher.path(file, true)
        if (searcher.matched && (args.has('quiet') || args.has('silent'))) return 0
      }
      return yield* searcher.finish()
    },
  })
}

export const grep = grepProgram('grep', '/usr/bin/grep', [])
export const egrep = grepProgram('egrep', '/usr/bin/egrep', ['-E'])
export const fgrep = grepProgram('fgrep', '/usr/bin/fgrep', ['-F'])
export const rgrep = grepProgram('rgrep', '/usr/bin/rgrep', ['-r'])
