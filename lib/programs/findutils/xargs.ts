// After xargs(1).
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno, O_RDONLY, type Process, type Syscall } from '@/lib/kernel'
import { execvp } from '../coreutils/env'
import { askYes } from '../coreutils/rm'
import { program } from '../program'
import { complain, quoteWord, readAll } from '../stdio'

/** Words of the input: quotes and backslashes protect. */
function splitInput(text: string): readonly string[] | string {
  const words: string[] = []
  let word = ''
  let inside = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '"' || character === "'") {
      const end = text.indexOf(character, at + 1)
      const line = text.indexOf('\n', at + 1)
      if (end < 0 || (line >= 0 && line < end))
        return `unmatched ${character === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`
      word += text.slice(at + 1, end)
      inside = true
      at = end
    } else if (character === '\\' && at + 1 < text.length) {
      at += 1
      word += text[at]
      inside = true
    } else if (/\s/.test(character)) {
      if (inside) words.push(word)
      word = ''
      inside = false
    } else {
      word += character
      inside = true
    }
  }
  if (inside) words.push(word)
  return words
}

class Runner {
  readonly process: Process
  private readonly parallel: number
  private running = 0
  status = 0
  fatal: number | undefined

  constructor(process: Process, parallel: number) {
    this.process = process
    this.parallel = parallel
  }

  *start(words: readonly string[], input: string | undefined): Syscall<void> {
    while (this.running >= this.parallel) yield* this.wait()
    if (this.fatal !== undefined) return
    const pid = yield* this.process.fork(function* (child) {
      const fd = input !== undefined ? 0 : yield* child.open('/dev/null', O_RDONLY)
      if (!isErrno(fd) && fd !== 0) {
        yield* child.dup2(fd, 0)
        yield* child.close(fd)
      }
      const error = yield* execvp(child, words, child.env)
      yield* complain(child, words[0] ?? '', error)
      return error === errno.ENOENT ? 127 : 126
    })
    if (isErrno(pid)) {
      yield* complain(this.process, 'cannot fork', pid)
      this.fatal = 1
      return
    }
    this.running += 1
  }

  *wait(): Syscall<void> {
    const result = yield* this.process.waitpid(-1)
    if (result === undefined || result === errno.EINTR) return
    this.running = isErrno(result) ? 0 : this.running - 1
    if (isErrno(result)) return
    if (result.how === 'exited') {
      if (result.status === 255) {
        yield* complain(this.process, `${this.process.argv.at(-1)}: exited with status 255; aborting`)
        this.fatal = 124
      } else if (result.status === 126 || result.status === 127) this.fatal = result.status
      else if (result.status !== 0) this.status = 123
    } else if ('signal' in result) {
      yield* complain(this.process, `${this.process.argv.at(-1)}: terminated by signal ${result.signal}`)
      this.fatal = 125
    }
  }

  *finish(): Syscall<number> {
    while (this.running > 0) yield* this.wait()
    return this.fatal ?? this.status
  }
}

export const xargs = program({
  name: 'xargs',
  path: '/usr/bin/xargs',
  summary: 'run a command with arguments from standard input',
  synopsis: '[OPTION]... COMMAND [INITIAL-ARGS]...',
  stopAtOperand: true,
  options: [
    { short: '0', long: 'null', help: 'items end with NUL' },
    { short: 'a', long: 'arg-file', argument: 'required', metavar: 'FILE', help: 'items from FILE' },
    { short: 'd', long: 'delimiter', argument: 'required', metavar: 'CHARACTER', help: 'items end with CHARACTER' },
    { short: 'E', argument: 'required', metavar: 'END', help: 'stop at the item END' },
    { short: 'I', argument: 'required', metavar: 'R', help: 'put each item in place of R' },
    { short: 'i', long: 'replace', argument: 'optional', metavar: 'R', help: 'the same with {}' },
    { short: 'L', long: 'max-lines', argument: 'required', metavar: 'MAX', help: 'at most MAX lines a command' },
    { short: 'n', long: 'max-args', argument: 'required', metavar: 'MAX', help: 'at most MAX arguments a command' },
    { short: 'o', long: 'open-tty', help: 'the command reads the terminal' },
    { short: 'P', long: 'max-procs', argument: 'required', metavar: 'MAX', help: 'up to MAX commands at a time' },
    { short: 'p', long: 'interactive', help: 'ask before each command' },
    { short: 'r', long: 'no-run-if-empty', help: 'nothing when there is no item' },
    { short: 's', long: 'max-chars', argument: 'required', metavar: 'MAX', help: 'at most MAX characters a command' },
    { short: 't', long: 'verbose', help: 'show commands' },
    { short: 'x', long: 'exit', help: 'has no effect' },
  ],
  *main(process, args) {
    const command = args.operands.length > 0 ? args.operands : ['echo']
    const file = args.value('arg-file')
    const fd = file === undefined ? 0 : yield* process.open(file, O_RDONLY)
    if (isErrno(fd)) {
      yield* complain(process, `Cannot open input file ${quoteWord(process, file ?? '')}`, fd)
      return 1
    }
    const bytes = yield* readAll(process, fd)
    const text = isErrno(bytes) ? '' : decodeUtf8(bytes)
    const marker = args.value('I') ?? (args.has('replace') ? (args.value('replace') ?? '{}') : undefined)
    const delimiter = args.has('null') ? '\0' : args.value('delimiter')?.replace('\\n', '\n').replace('\\t', '\t').replace('\\0', '\0')
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    let items: readonly string[]
    if (delimiter !== undefined)
      items =
        (text.endsWith(delimiter) ? text.slice(0, -1) : text) === ''
          ? []
          : (text.endsWith(delimiter) ? text.slice(0, -1) : text).split(delimiter)
    else if (marker !== undefined) items = lines.map((line) => line.trimStart())
    else {
      const words = splitInput(text)
      if (typeof words === 'string') {
        yield* complain(process, words)
        return 1
      }
      items = words
    }
    const stop = args.value('E')
    if (stop !== undefined && items.includes(stop)) items = items.slice(0, items.indexOf(stop))
    const commands: (readonly string[])[] = []
    const perLine = args.value('max-lines')
    const most = Number(args.value('max-args') ?? Number.POSITIVE_INFINITY)
    const characters = Number(args.value('max-chars') ?? 131072)
    if (marker !== undefined) for (const item of items) commands.push(command.map((word) => word.replaceAll(marker, item)))
    else if (perLine !== undefined) {
      for (let at = 0; at < lines.length; at += Number(perLine)) {
        const words = splitInput(lines.slice(at, at + Number(perLine)).join('\n'))
        if (typeof words !== 'string') commands.push([...command, ...words])
      }
    } else {
      let group: string[] = []
      let size = command.join(' ').length
      for (const item of items) {
        if (group.length >= most || (group.length > 0 && size + item.length + 1 > characters)) {
          commands.push([...command, ...group])
          group = []
          size = command.join(' ').length
        }
        group.push(item)
        size += item.length + 1
      }
      if (group.length > 0 || (items.length === 0 && !args.has('no-run-if-empty'))) commands.push([...command, ...group])
    }
    const runner = new Runner(process, Number(args.value('max-procs') ?? 1) || Number.POSITIVE_INFINITY)
    for (const words of commands) {
      if (args.has('interactive')) {
        if (!(yield* askYes(process, `${words.join(' ')}?...`))) continue
      } else if (args.has('verbose')) yield* process.write(2, `${words.join(' ')}\n`)
      yield* runner.start(words, file !== undefined || args.has('open-tty') ? 'keep' : undefined)
      if (runner.fatal !== undefined) break
    }
    return yield* runner.finish()
  },
})
