// After tac(1), rev(1), nl(1), fold(1), expand(1), truncate(1).
import { decodeUtf8 } from '@/lib/base'
import { isErrno, O_CREAT, O_WRONLY } from '@/lib/kernel'
import { characterWidth } from '@/lib/shell'
import { program } from '../program'
import { complain, eachInput, LineReader, Output, parseSize, quoteName, quoteWord, readAll, usageError } from '../stdio'

export const tac = program({
  name: 'tac',
  path: '/usr/bin/tac',
  summary: 'print lines, the last first',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'b', long: 'before', help: 'the separator stands before' },
    { short: 'r', long: 'regex', help: 'the separator is an expression' },
    { short: 's', long: 'separator', argument: 'required', metavar: 'STRING', help: 'what ends a line' },
  ],
  *main(process, args) {
    const out = new Output(process)
    const separator = args.value('separator') ?? '\n'
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const bytes = yield* readAll(process, fd)
      if (isErrno(bytes)) return
      const text = decodeUtf8(bytes)
      const parts = text.split(separator)
      const ended = text.endsWith(separator)
      if (ended) parts.pop()
      for (let index = parts.length - 1; index >= 0; index--)
        yield* out.print(parts[index]! + (index === parts.length - 1 && !ended ? '' : separator))
    })
    return yield* out.finish(status)
  },
})

export const rev = program({
  name: 'rev',
  path: '/usr/bin/rev',
  summary: 'turn each line round',
  synopsis: '[FILE]...',
  options: [],
  *main(process, args) {
    const out = new Output(process)
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const lines = new LineReader(process, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next())
        yield* out.print([...line].reverse().join('') + (lines.terminated ? '\n' : ''))
    })
    return yield* out.finish(status)
  },
})

export const nl = program({
  name: 'nl',
  path: '/usr/bin/nl',
  summary: 'number lines',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    {
      short: 'b',
      long: 'body-numbering',
      argument: 'required',
      metavar: 'STYLE',
      help: 'a: all lines, t: lines that are not empty, n: none',
    },
    { short: 'i', long: 'line-increment', argument: 'required', metavar: 'NUMBER', help: 'the step' },
    { short: 'n', long: 'number-format', argument: 'required', metavar: 'FORMAT', help: 'ln, rn or rz' },
    { short: 's', long: 'number-separator', argument: 'required', metavar: 'STRING', help: 'what follows the number' },
    { short: 'v', long: 'starting-line-number', argument: 'required', metavar: 'NUMBER', help: 'the first number' },
    { short: 'w', long: 'number-width', argument: 'required', metavar: 'NUMBER', help: 'the width of numbers' },
  ],
  *main(process, args) {
    const style = args.value('body-numbering') ?? 't'
    const width = Number(args.value('number-width') ?? 6)
    const separator = args.value('number-separator') ?? '\t'
    const format = args.value('number-format') ?? 'rn'
    let number = Number(args.value('starting-line-number') ?? 1)
    const out = new Output(process)
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const lines = new LineReader(process, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        const numbered = style === 'a' || (style === 't' && line !== '')
        const text = format === 'ln' ? String(number).padEnd(width) : String(number).padStart(width, format === 'rz' ? '0' : ' ')
        yield* out.print(numbered ? `${text}${separator}${line}\n` : `${' '.repeat(width + separator.length)}${line}\n`)
        if (numbered) number += Number(args.value('line-increment') ?? 1)
      }
    })
    return yield* out.finish(status)
  },
})

export const fold = program({
  name: 'fold',
  path: '/usr/bin/fold',
  summary: 'break long lines',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'b', long: 'bytes', help: 'count bytes' },
    { short: 's', long: 'spaces', help: 'break at spaces' },
    { short: 'w', long: 'width', argument: 'required', metavar: 'WIDTH', help: 'this many columns; 80 unless told' },
  ],
  rewrite: (words) => words.map((word) => (/^-\d+$/.test(word) ? `-w${word.slice(1)}` : word)),
  *main(process, args) {
    const width = Number(args.value('width') ?? 80)
    if (!Number.isInteger(width) || width < 1) {
      yield* complain(process, `invalid number of columns: ${quoteWord(process, args.value('width') ?? '')}`)
      return 1
    }
    const out = new Output(process)
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const lines = new LineReader(process, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        let current = ''
        let column = 0
        let result = ''
        for (const character of line) {
          const step = character === '\t' && !args.has('bytes') ? 8 - (column % 8) : Math.max(1, characterWidth(character.codePointAt(0)!))
          if (column + step > width && current !== '') {
            const space = args.has('spaces') ? current.lastIndexOf(' ') : -1
            if (space >= 0) {
              result += `${current.slice(0, space + 1)}\n`
              current = current.slice(space + 1)
            } else {
              result += `${current}\n`
              current = ''
            }
            column = current.length
          }
          current += character
          column += step
        }
        yield* out.print(result + current + (lines.terminated ? '\n' : ''))
      }
    })
    return yield* out.finish(status)
  },
})

export const expand = program({
  name: 'expand',
  path: '/usr/bin/expand',
  summary: 'spaces for tabs',
  synopsis: '[OPTION]... [FILE]...',
  options: [{ short: 't', long: 'tabs', argument: 'required', metavar: 'N', help: 'tab stops every N columns' }],
  *main(process, args) {
    const step = Number(args.value('tabs') ?? 8) || 8
    const out = new Output(process)
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const lines = new LineReader(process, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        let text = ''
        for (const character of line) text += character === '\t' ? ' '.repeat(step - (text.length % step)) : character
        yield* out.print(text + (lines.terminated ? '\n' : ''))
      }
    })
    return yield* out.finish(status)
  },
})

export const truncate = program({
  name: 'truncate',
  path: '/usr/bin/truncate',
  summary: 'set the size of files',
  synopsis: 'OPTION... FILE...',
  options: [
    { short: 'c', long: 'no-create', help: 'make no files' },
    { short: 'o', long: 'io-blocks', help: 'count in blocks' },
    { short: 'r', long: 'reference', argument: 'required', metavar: 'RFILE', help: 'the size of RFILE' },
    { short: 's', long: 'size', argument: 'required', metavar: 'SIZE', help: 'this size; with + or -, a change' },
  ],
  *main(process, args) {
    const text = args.value('size')
    const reference = args.value('reference')
    if (text === undefined && reference === undefined)
      return yield* usageError(process, `you must specify either ${quoteWord(process, '--size')} or ${quoteWord(process, '--reference')}`)
    if (args.operands.length === 0) return yield* usageError(process, 'missing file operand')
    let size = 0
    if (reference !== undefined) {
      const stat = yield* process.stat(reference)
      if (isErrno(stat)) {
        yield* complain(process, `cannot stat ${quoteName(reference)}`, stat)
        return 1
      }
      size = stat.size
    }
    const amount = text === undefined ? 0 : parseSize(text.replace(/^[-+<>/%]/, ''))
    if (amount === undefined) {
      yield* complain(process, `Invalid number: ${quoteWord(process, text ?? '')}`)
      return 1
    }
    let status = 0
    for (const path of args.operands) {
      const before = yield* process.stat(path)
      if (isErrno(before)) {
        if (args.has('no-create')) continue
        const fd = yield* process.open(path, O_WRONLY | O_CREAT, 0o666)
        if (isErrno(fd)) {
          yield* complain(process, `cannot open ${quoteName(path)} for writing`, fd)
          status = 1
          continue
        }
        yield* process.close(fd)
      }
      const old = isErrno(before) ? 0 : before.size
      const sign = text?.[0]
      const wanted =
        text === undefined
          ? size
          : sign === '+'
            ? old + amount
            : sign === '-'
              ? Math.max(0, old - amount)
              : sign === '<'
                ? Math.min(old, amount)
                : sign === '>'
                  ? Math.max(old, amount)
                  : amount
      const result = yield* process.truncate(path, wanted)
      if (isErrno(result)) {
        yield* complain(process, `failed to truncate ${quoteName(path)} at ${wanted} bytes`, result)
        status = 1
      }
    }
    return status
  },
})
