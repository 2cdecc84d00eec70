// After sed(1).
import { isErrno, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { complain, LineReader, Output, readText } from '../stdio'
import { baseName, directoryName } from '../coreutils/basename'
import { type Replacement, type SedAddress, type SedCommand, SedProblem, SedReader } from './sed-script'

function applyReplacement(parts: Replacement, match: RegExpExecArray): string {
  let result = ''
  let mode: 'L' | 'U' | undefined
  let once: 'l' | 'u' | undefined
  for (const part of parts) {
    if (typeof part !== 'string' && 'change' in part) {
      if (part.change === 'l' || part.change === 'u') once = part.change
      else mode = part.change === 'E' ? undefined : part.change
      continue
    }
    let text = typeof part === 'string' ? part : (match[part.group] ?? '')
    if (mode === 'U') text = text.toUpperCase()
    else if (mode === 'L') text = text.toLowerCase()
    if (once !== undefined && text !== '') {
      text = (once === 'u' ? text[0]!.toUpperCase() : text[0]!.toLowerCase()) + text.slice(1)
      once = undefined
    }
    result += text
  }
  return result
}

/** The lines of all input files, with one line of look-ahead for `$`. */
class SedInput {
  private readonly process: Process
  private readonly files: string[]
  private readonly delimiter: number
  private reader: LineReader | undefined
  private fd = 0
  private ahead: { text: string; terminated: boolean } | undefined
  private started = false
  failed = false
  fileName = '-'

  constructor(process: Process, files: readonly string[], delimiter: number) {
    this.process = process
    this.files = [...files]
    this.delimiter = delimiter
  }

  private *pull(): Syscall<void> {
    for (;;) {
      if (this.reader === undefined) {
        const path = this.files.shift()
        if (path === undefined) {
          this.ahead = undefined
          return
        }
        const fd = path === '-' ? 0 : yield* this.process.open(path, O_RDONLY)
        if (isErrno(fd)) {
          yield* this.process.write(2, `${this.process.argv[0]}: can't read ${path}: ${fd.message}\n`)
          this.failed = true
          continue
        }
        const stat = yield* this.process.fstat(fd)
        if (!isErrno(stat) && stat.kind === 'directory') {
          yield* this.process.write(2, `${this.process.argv[0]}: couldn't read ${path}: Is a directory\n`)
          this.failed = true
          continue
        }
        this.fd = fd
        this.fileName = path
        this.reader = new LineReader(this.process, fd, this.delimiter)
      }
      const text = yield* this.reader.next()
      if (text !== undefined) {
        this.ahead = { text, terminated: this.reader.terminated }
        return
      }
      if (this.fd !== 0) yield* this.process.close(this.fd)
      this.reader = undefined
    }
  }

  *next(): Syscall<{ readonly text: string; readonly terminated: boolean } | undefined> {
    if (!this.started) {
      this.started = true
      yield* this.pull()
    }
    const line = this.ahead
    if (line !== undefined) yield* this.pull()
    return line
  }

  get atEnd(): boolean {
    return this.ahead === undefined
  }
}

type Options = { readonly quiet: boolean; readonly end: string; readonly unbuffered: boolean }

class SedRun {
  private readonly process: Process
  private readonly commands: readonly SedCommand[]
  private readonly input: SedInput
  private readonly out: Output
  private readonly options: Options
  private readonly files: Map<string, Output>
  private readonly readers = new Map<string, LineReader>()
  private pattern = ''
  private hold = ''
  private terminated = true
  private line = 0
  private lastRegex: RegExp | undefined
  private appended: { readonly kind: 'text' | 'file' | 'line'; readonly text: string }[] = []
  exitStatus = 0

  constructor(
    process: Process,
    commands: readonly SedCommand[],
    input: SedInput,
    out: Output,
    options: Options,
    files: Map<string, Output>,
  ) {
    this.process = process
    this.commands = commands
    this.input = input
    this.out = out
    this.options = options
    this.files = files
  }

  private matchesAddress(address: SedAddress): boolean {
    switch (address.kind) {
      case 'line':
        return this.line === address.line
      case 'last':
        return this.input.atEnd
      case 'step':
        return address.step <= 0
          ? this.line === address.first
          : this.line >= address.first && (this.line - address.first) % address.step === 0
      case 'regex': {
        const regex = address.regex ?? this.lastRegex
        if (regex === undefined) return false
        this.lastRegex = regex
        regex.lastIndex = 0
        return regex.test(this.pattern)
      }
      default:
        return false
    }
  }

  private selected(command: SedCommand): boolean {
    const { from, to } = command
    if (from === undefined) return !command.negated
    if (to === undefined) return this.matchesAddress(from) !== command.negated
    let inRange = false
    const endsHere = (): boolean => {
      if (to.kind === 'line') return this.line >= to.line
      if (to.kind === 'plus' || to.kind === 'multiple') return this.line >= command.endLine
      return this.matchesAddress(to)
    }
    if (command.inside) {
      inRange = !(to.kind === 'line' && this.line > to.line)
      if (endsHere()) command.inside = false
      if (!inRange && this.matchesAddress(from)) inRange = true
    } else if ((from.kind === 'line' && from.line === 0 && this.line === 1) || this.matchesAddress(from)) {
      inRange = true
      if (to.kind === 'plus') command.endLine = this.line + to.count
      if (to.kind === 'multiple') command.endLine = to.of <= 0 ? this.line : Math.ceil(this.line / to.of) * to.of
      const zero = from.kind === 'line' && from.line === 0
      // A line number at or before the first line makes the range one line long.
      const single =
        to.kind === 'line'
          ? to.line <= this.line
          : to.kind === 'regex'
            ? zero && this.matchesAddress(to)
            : to.kind === 'last'
              ? this.input.atEnd
              : this.line >= command.endLine
      command.inside = !single
    }
    return inRange !== command.negated
  }

  private *print(text: string, terminated = true): Syscall<void> {
    yield* this.out.print(text + (terminated ? this.options.end : ''))
    if (this.options.unbuffered) yield* this.out.flush()
  }

  private *flushAppended(): Syscall<void> {
    for (const item of this.appended.splice(0)) {
      if (item.kind === 'text') yield* this.out.print(item.text)
      else if (item.kind === 'file') {
        const text = yield* readText(this.process, item.text)
        if (!isErrno(text)) yield* this.out.print(text)
      } else {
        let reader = this.readers.get(item.text)
        if (reader === undefined) {
          const fd = yield* this.process.open(item.text, O_RDONLY)
          if (isErrno(fd)) continue
          reader = new LineReader(this.process, fd)
          this.readers.set(item.text, reader)
        }
        const line = yield* reader.next()
        if (line !== undefined) yield* this.print(line)
      }
    }
  }

  /** Reads the next line; false at the end. */
  private *advance(append: boolean): Syscall<boolean> {
    const next = yield* this.input.next()
    if (next === undefined) return false
    this.line += 1
    this.pattern = append ? `${this.pattern}\n${next.text}` : next.text
    this.terminated = next.terminated
    return true
  }

  private *endCycle(): Syscall<void> {
    if (!this.options.quiet) yield* this.print(this.pattern, this.terminated)
    yield* this.flushAppended()
  }

  *run(): Syscall<void> {
    let restart = false
    while (restart || (yield* this.advance(false))) {
      restart = false
      const how = yield* this.cycle()
      if (how === 'quit') return
      if (how === 'restart') restart = true
      if (this.out.failure !== undefined) return
    }
  }

  private *cycle(): Syscall<'next' | 'restart' | 'quit'> {
    let substituted = false
    for (let index = 0; index < this.commands.length; index++) {
      const command = this.commands[index]!
      if (!this.selected(command)) {
        if (command.name === '{') index = command.target - 1
        continue
      }
      switch (command.name) {
        case '{':
          break
        case '=':
          yield* this.out.print(`${this.line}\n`)
          break
        case 'a':
          this.appended.push({ kind: 'text', text: command.text })
          break
        case 'i':
          yield* this.out.print(command.text)
          break
        case 'c':
          if (command.to === undefined || command.negated || !command.inside) yield* this.out.print(command.text)
          yield* this.flushAppended()
          return 'next'
        case 'd':
          yield* this.flushAppended()
          return 'next'
        case 'D': {
          const end = this.pattern.indexOf('\n')
          yield* this.flushAppended()
          if (end < 0) return 'next'
          this.pattern = this.pattern.slice(end + 1)
          return 'restart'
        }
        case 'g':
          this.pattern = this.hold
          break
        case 'G':
          this.pattern += `\n${this.hold}`
          break
        case 'h':
          this.hold = this.pattern
          break
        case 'H':
          this.hold += `\n${this.pattern}`
          break
        case 'x':
          ;[this.pattern, this.hold] = [this.hold, this.pattern]
          break
        case 'z':
          this.pattern = ''
          break
        case 'F':
          yield* this.print(this.input.fileName)
          break
        case 'l':
          yield* this.out.print(`${unambiguous(this.pattern)}$\n`)
          break
        case 'n':
          if (this.input.atEnd) {
            yield* this.endCycle()
            return 'quit'
          }
          if (!this.options.quiet) yield* this.print(this.pattern, this.terminated)
          yield* this.flushAppended()
          yield* this.advance(false)
          break
        case 'N':
          if (this.input.atEnd) {
            yield* this.endCycle()
            return 'quit'
          }
          yield* this.flushAppended()
          yield* this.advance(true)
          break
        case 'p':
          yield* this.print(this.pattern)
          break
        case 'P':
          yield* this.print(this.pattern.split('\n')[0]!)
          break
        case 'q':
          this.exitStatus = Number(command.text)
          yield* this.endCycle()
          return 'quit'
        case 'Q':
          this.exitStatus = Number(command.text)
          return 'quit'
        case 'r':
          this.appended.push({ kind: 'file', text: command.file! })
          break
        case 'R':
          this.appended.push({ kind: 'line', text: command.file! })
          break
        case 'w':
          yield* this.writeFile(command.file!, `${this.pattern}\n`)
          break
        case 'W':
          yield* this.writeFile(command.file!, `${this.pattern.split('\n')[0]}\n`)
          break
        case 's':
          if (yield* this.substitute(command)) substituted = true
          break
        case 'y':
          this.pattern = [...this.pattern].map((one) => command.map.get(one) ?? one).join('')
          break
        case 'b':
          index = command.target - 1
          break
        case 't':
          if (substituted) index = command.target - 1
          substituted = false
          break
        case 'T':
          if (!substituted) index = command.target - 1
          substituted = false
          break
      }
    }
    yield* this.endCycle()
    return 'next'
  }

  private *writeFile(path: string, text: string): Syscall<void> {
    if (path === '/dev/stdout') yield* this.out.print(text)
    else if (path === '/dev/stderr') yield* this.process.write(2, text)
    else yield* this.files.get(path)!.print(text)
  }

  private *substitute(command: SedCommand): Syscall<boolean> {
    const own = command.regex
    const regex =
      own ?? (this.lastRegex === undefined ? undefined : new RegExp(this.lastRegex.source, `${this.lastRegex.flags.replace('g', '')}g`))
    if (regex === undefined) return false
    this.lastRegex = regex
    regex.lastIndex = 0
    let result = ''
    let at = 0
    let count = 0
    let changed = false
    for (let match = regex.exec(this.pattern); match !== null; match = regex.exec(this.pattern)) {
      // An empty match right after a match does not count.
      const adjacent = match[0] === '' && match.index === at && count > 0
      if (!adjacent) {
        count += 1
        if (count === command.occurrence || (command.global && count > command.occurrence)) {
          result += this.pattern.slice(at, match.index) + applyReplacement(command.replacement, match)
          at = match.index + match[0].length
          changed = true
          if (!command.global) break
        } else if (match[0] !== '') {
          result += this.pattern.slice(at, match.index + match[0].length)
          at = match.index + match[0].length
        }
      }
      if (match[0] === '') regex.lastIndex += 1
      if (regex.lastIndex > this.pattern.length) break
    }
    if (!changed) return false
    this.pattern = result + this.pattern.slice(at)
    if (command.print) yield* this.print(this.pattern)
    if (command.file !== undefined) yield* this.writeFile(command.file, `${this.pattern}\n`)
    return true
  }
}

const unambiguous = (text: string): string =>
  text.replace(
    /[\\\x00-\x1f\x7f]/g,
    (one) =>
      ({ '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\r': '\\r', '\v': '\\v' })[one] ??
      `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )

export const sed = program({
  name: 'sed',
  path: '/usr/bin/sed',
  summary: 'change text line by line',
  synopsis: '[OPTION]... {script-only-if-no-other-script} [input-file]...',
  version: 'sed (GNU sed) 4.9',
  usageHint: (name) => `Usage: ${name} [OPTION]... {script-only-if-no-other-script} [input-file]...\n`,
  options: [
    { short: 'n', long: 'quiet', help: 'print only what is told' },
    { long: 'silent', help: 'the same' },
    { short: 'e', long: 'expression', argument: 'required', metavar: 'script', help: 'add this script' },
    { short: 'f', long: 'file', argument: 'required', metavar: 'script-file', help: 'add the script in this file' },
    { short: 'E', long: 'regexp-extended', help: 'extended expressions' },
    { short: 'r', help: 'the same' },
    { short: 'i', long: 'in-place', argument: 'optional', metavar: 'SUFFIX', help: 'change files themselves' },
    { short: 's', long: 'separate', help: 'files apart' },
    { short: 'u', long: 'unbuffered', help: 'write every line at once' },
    { short: 'z', long: 'null-data', help: 'lines end with NUL' },
    { short: 'l', long: 'line-length', argument: 'required', metavar: 'N', help: 'has no effect' },
    { long: 'posix', help: 'has no effect' },
    { long: 'follow-symlinks', help: 'with -i, change what links point to' },
    { long: 'sandbox', help: 'no w, r and e' },
  ],
  *main(process, args) {
    const operands = [...args.operands]
    const scripts: string[] = []
    for (const one of args.given) {
      if (one.name === 'expression') scripts.push(one.value ?? '')
      else if (one.name === 'file') {
        const text = yield* readText(process, one.value === '-' ? '/dev/stdin' : (one.value ?? ''))
        if (isErrno(text)) {
          yield* complain(process, `couldn't open file ${one.value}`, text)
          return 1
        }
        scripts.push(text.replace(/^#n\n/, '').replace(/\n$/, ''))
      }
    }
    if (scripts.length === 0) {
      const script = operands.shift()
      if (script === undefined) {
        yield* process.write(2, `Usage: ${process.argv[0]} [OPTION]... {script-only-if-no-other-script} [input-file]...\n`)
        return 1
      }
      scripts.push(script)
    }
    const extended = args.has('regexp-extended') || args.has('r')
    const parse = (): readonly SedCommand[] => {
      const reader = new SedReader(scripts.join('\n'), extended, scripts.length)
      reader.read()
      return reader.commands
    }
    let commands: readonly SedCommand[]
    try {
      commands = parse()
    } catch (error) {
      if (!(error instanceof SedProblem)) throw error
      yield* complain(process, error.message)
      return 1
    }
    const files = new Map<string, Output>()
    for (const { name, file } of commands) {
      if (file === undefined || name === 'r' || name === 'R' || files.has(file) || file === '/dev/stdout' || file === '/dev/stderr')
        continue
      const fd = yield* process.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
      if (isErrno(fd)) {
        yield* complain(process, `couldn't open file ${file}`, fd)
        return 4
      }
      files.set(file, new Output(process, fd))
    }
    const options: Options = {
      quiet: args.has('quiet') || args.has('silent') || scripts[0]!.startsWith('#n\n'),
      end: args.has('null-data') ? '\0' : '\n',
      unbuffered: args.has('unbuffered'),
    }
    const delimiter = args.has('null-data') ? 0 : 10
    const inPlace = args.has('in-place')
    let status = 0
    if (!inPlace && !args.has('separate')) {
      const input = new SedInput(process, operands.length === 0 ? ['-'] : operands, delimiter)
      const out = new Output(process)
      const run = new SedRun(process, commands, input, out, options, files)
      yield* run.run()
      status = run.exitStatus !== 0 ? run.exitStatus : input.failed ? 2 : 0
      status = yield* out.finish(status)
    } else {
      for (const path of operands.length === 0 ? ['-'] : operands) {
        const own = yield* editFile(process, path, parse(), options, files, delimiter, inPlace ? (args.value('in-place') ?? '') : undefined)
        if (own !== 0) status = own
      }
    }
    for (const output of files.values()) yield* output.flush()
    return status
  },
})

function* editFile(
  process: Process,
  path: string,
  commands: readonly SedCommand[],
  options: Options,
  files: Map<string, Output>,
  delimiter: number,
  suffix: string | undefined,
): Syscall<number> {
  const input = new SedInput(process, [path], delimiter)
  if (suffix === undefined) {
    const out = new Output(process)
    const run = new SedRun(process, commands, input, out, options, files)
    yield* run.run()
    return yield* out.finish(run.exitStatus !== 0 ? run.exitStatus : input.failed ? 2 : 0)
  }
  const stat = yield* process.stat(path)
  if (isErrno(stat)) {
    yield* process.write(2, `${process.argv[0]}: can't read ${path}: ${stat.message}\n`)
    return 2
  }
  if (stat.kind !== 'file') {
    yield* process.write(2, `${process.argv[0]}: couldn't edit ${path}: not a regular file\n`)
    return 4
  }
  const directory = directoryName(path)
  const temporary = `${directory}/sed${process.random.id128().slice(0, 6)}`
  const fd = yield* process.open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600)
  if (isErrno(fd)) {
    yield* process.write(2, `${process.argv[0]}: couldn't open temporary file ${temporary}: ${fd.message}\n`)
    return 4
  }
  const out = new Output(process, fd)
  const run = new SedRun(process, commands, input, out, options, files)
  yield* run.run()
  yield* out.flush()
  yield* process.fchmod(fd, stat.mode)
  yield* process.fchown(fd, stat.uid, stat.gid)
  yield* process.close(fd)
  if (suffix !== '') {
    const backup = suffix.includes('*') ? suffix.replaceAll('*', baseName(path)) : baseName(path) + suffix
    yield* process.rename(path, backup.includes('/') ? backup : `${directory}/${backup}`)
  }
  const renamed = yield* process.rename(temporary, path)
  if (isErrno(renamed)) {
    yield* process.write(2, `${process.argv[0]}: cannot rename ${temporary}: ${renamed.message}\n`)
    return 4
  }
  return run.exitStatus
}
