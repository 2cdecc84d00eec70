// After cut(1), paste(1), tr(1).
import { isErrno, type Syscall } from '@/lib/kernel'
import { decodeUtf8 } from '@/lib/base'
import { decodeEscapes } from '@/lib/shell'
import { program } from '../program'
import { complain, eachInput, LineReader, openInput, Output, quoteWord, readChunk, usageError } from '../stdio'

type Range = readonly [from: number, to: number]

function parseRanges(text: string): readonly Range[] | undefined {
  const ranges: Range[] = []
  for (const item of text.split(/[,\s]+/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(item)
    if (match === null || (match[1] === '' && match[3] === '')) return undefined
    const from = match[1] === '' ? 1 : Number(match[1])
    const to = match[2] === '' ? from : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
    if (from < 1 || to < from) return undefined
    ranges.push([from, to])
  }
  return ranges
}

export const cut = program({
  name: 'cut',
  path: '/usr/bin/cut',
  summary: 'print parts of lines',
  synopsis: 'OPTION... [FILE]...',
  options: [
    { short: 'b', long: 'bytes', argument: 'required', metavar: 'LIST', help: 'these bytes' },
    { short: 'c', long: 'characters', argument: 'required', metavar: 'LIST', help: 'these characters' },
    { short: 'd', long: 'delimiter', argument: 'required', metavar: 'DELIM', help: 'what stands between fields; a tab unless told' },
    { short: 'f', long: 'fields', argument: 'required', metavar: 'LIST', help: 'these fields' },
    { short: 'n', help: 'has no effect' },
    { long: 'complement', help: 'everything but these' },
    { short: 's', long: 'only-delimited', help: 'without lines that have no delimiter' },
    { long: 'output-delimiter', argument: 'required', metavar: 'STRING', help: 'what to put between fields' },
    { short: 'z', long: 'zero-terminated', help: 'lines end with NUL' },
  ],
  *main(process, args) {
    const fields = args.value('fields')
    const list = fields ?? args.value('characters') ?? args.value('bytes')
    if (list === undefined) return yield* usageError(process, 'you must specify a list of bytes, characters, or fields')
    const ranges = parseRanges(list)
    if (ranges === undefined) {
      const zero = /(^|[,\s])0/.test(list)
      return yield* usageError(
        process,
        zero
          ? fields === undefined
            ? 'byte/character positions are numbered from 1'
            : 'fields are numbered from 1'
          : fields === undefined
            ? `invalid byte/character position ${quoteWord(process, list)}`
            : `invalid field value ${quoteWord(process, list)}`,
      )
    }
    const delimiter = args.value('delimiter') ?? '\t'
    if ([...delimiter].length > 1) return yield* usageError(process, 'the delimiter must be a single character')
    const wanted = (position: number) => ranges.some(([from, to]) => position >= from && position <= to) !== args.has('complement')
    const joiner = args.value('output-delimiter') ?? (fields === undefined ? '' : delimiter)
    const end = args.has('zero-terminated') ? '\0' : '\n'
    const out = new Output(process)
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const lines = new LineReader(process, fd, end.charCodeAt(0))
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        if (fields !== undefined) {
          if (!line.includes(delimiter)) {
            if (!args.has('only-delimited')) yield* out.print(line + end)
            continue
          }
          yield* out.print(
            line
              .split(delimiter)
              .filter((_, index) => wanted(index + 1))
              .join(joiner) + end,
          )
          continue
        }
        let text = ''
        let previous = 0
        for (const [index, character] of [...line].entries()) {
          if (!wanted(index + 1)) continue
          if (joiner !== '' && text !== '' && previous !== index) text += joiner
          text += character
          previous = index + 1
        }
        yield* out.print(text + end)
        if (out.failure !== undefined) return
      }
    })
    return yield* out.finish(status)
  },
})

export const paste = program({
  name: 'paste',
  path: '/usr/bin/paste',
  summary: 'put lines of files beside each other',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'd', long: 'delimiters', argument: 'required', metavar: 'LIST', help: 'what to put between, one after the other' },
    { short: 's', long: 'serial', help: 'one file after the other' },
  ],
  *main(process, args) {
    const delimiters = [...decodeEscapes(args.value('delimiters') ?? '\t', 'echo').text]
    const readers: LineReader[] = []
    for (const path of args.operands.length === 0 ? ['-'] : args.operands) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* complain(process, path, fd)
        return 1
      }
      readers.push(new LineReader(process, fd))
    }
    const out = new Output(process)
    const joined = (parts: readonly string[]) =>
      parts.map((part, index) => part + (index < parts.length - 1 ? (delimiters[index % delimiters.length] ?? '') : '')).join('')
    if (args.has('serial')) {
      for (const reader of readers) {
        const parts: string[] = []
        for (let line = yield* reader.next(); line !== undefined; line = yield* reader.next()) parts.push(line)
        yield* out.print(`${joined(parts)}\n`)
      }
      return yield* out.finish()
    }
    for (;;) {
      const parts: (string | undefined)[] = []
      for (const reader of readers) parts.push(yield* reader.next())
      if (parts.every((part) => part === undefined)) return yield* out.finish()
      yield* out.print(`${joined(parts.map((part) => part ?? ''))}\n`)
    }
  },
})

const classRanges: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: ' \t',
  digit: '0-9',
  lower: 'a-z',
  space: '\t\n\v\f\r ',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
}
const between = (from: number, to: number): string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => String.fromCharCode(from + index))

/** The characters of a set; `[c*]` is filled up to `length`. */
function expandSet(text: string, length: number): string[] {
  const result: string[] = []
  let at = 0
  const readOne = (): string => {
    if (text[at] === '\\' && at + 1 < text.length) {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1))
      if (octal !== null) {
        at += 1 + octal[0].length
        return String.fromCharCode(Number.parseInt(octal[0], 8))
      }
      const letter = text[at + 1]!
      at += 2
      return ({ n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b', '\\': '\\' } as Record<string, string>)[letter] ?? letter
    }
    const character = String.fromCodePoint(text.codePointAt(at)!)
    at += character.length
    return character
  }
  while (at < text.length) {
    const named = /^\[:(\w+):\]/.exec(text.slice(at))
    if (named !== null) {
      at += named[0].length
      if (named[1] === 'punct') result.push(...between(33, 126).filter((one) => !/[A-Za-z0-9]/.test(one)))
      else if (named[1] === 'cntrl') result.push(...between(0, 31), '\x7f')
      else if (named[1] === 'print' || named[1] === 'graph') result.push(...between(named[1] === 'print' ? 32 : 33, 126))
      else if (classRanges[named[1]!] !== undefined) result.push(...expandSet(classRanges[named[1]!]!, 0))
      continue
    }
    const repeat = /^\[(\\?.)\*(\d*)\]/s.exec(text.slice(at))
    if (repeat !== null) {
      at += 1
      const one = readOne()
      at += repeat[0].length - 1 - (repeat[1]!.length > 1 ? 2 : 1)
      const count = repeat[2] === '' || Number(repeat[2]) === 0 ? Math.max(0, length - result.length) : Number(repeat[2])
      for (let index = 0; index < count; index++) result.push(one)
      continue
    }
    const from = readOne()
    if (text[at] === '-' && at + 1 < text.length) {
      at += 1
      const to = readOne()
      result.push(...between(from.charCodeAt(0), to.charCodeAt(0)))
    } else result.push(from)
  }
  return result
}

export const tr = program({
  name: 'tr',
  path: '/usr/bin/tr',
  summary: 'replace, squeeze or delete characters',
  synopsis: '[OPTION]... STRING1 [STRING2]',
  options: [
    { short: 'c', long: 'complement', help: 'the characters that are not in STRING1' },
    { short: 'C', help: 'the same' },
    { short: 'd', long: 'delete', help: 'delete characters' },
    { short: 's', long: 'squeeze-repeats', help: 'one of several equal characters in a row' },
    { short: 't', long: 'truncate-set1', help: 'cut STRING1 to the length of STRING2' },
  ],
  *main(process, args) {
    const [first, second] = args.operands
    const remove = args.has('delete')
    const squeeze = args.has('squeeze-repeats')
    const complement = args.has('complement') || args.has('C')
    if (first === undefined) return yield* usageError(process, 'missing operand')
    if (second === undefined && !remove && !squeeze) {
      const name = process.argv[0]
      yield* process.write(
        2,
        `${name}: missing operand after ${quoteWord(process, first)}\nTwo strings must be given when translating.\nTry '${name} --help' for more information.\n`,
      )
      return 1
    }
    if (remove && !squeeze && second !== undefined) {
      const name = process.argv[0]
      yield* process.write(
        2,
        `${name}: extra operand ${quoteWord(process, second)}\nOnly one string may be given when deleting without squeezing repeats.\nTry '${name} --help' for more information.\n`,
      )
      return 1
    }
    const set1 = expandSet(first, 0)
    const set2 = second === undefined ? [] : expandSet(second, set1.length)
    const inSet1 = new Set(set1)
    const isIn1 = (one: string) => inSet1.has(one) !== complement
    const map = new Map<string, string>()
    if (!remove && second !== undefined && !complement) {
      set1.forEach((one, index) => {
        const to = set2[index] ?? (args.has('truncate-set1') ? undefined : set2.at(-1))
        if (to !== undefined) map.set(one, to)
      })
    }
    const last = set2.at(-1) ?? ''
    const squeezed = new Set(second === undefined ? [] : set2)
    const isSqueezed = (one: string) => (second === undefined ? isIn1(one) : squeezed.has(one))
    const out = new Output(process)
    const decoder = new TextDecoder('utf-8')
    let previous = ''
    const convert = function* (text: string): Syscall<void> {
      let result = ''
      for (const character of text) {
        if (remove && isIn1(character)) continue
        let one = character
        if (!remove && second !== undefined)
          one = complement ? (inSet1.has(character) ? character : last) : (map.get(character) ?? character)
        if (squeeze && one === previous && isSqueezed(one)) continue
        previous = one
        result += one
      }
      yield* out.print(result)
    }
    for (;;) {
      const chunk = yield* readChunk(process, 0)
      if (isErrno(chunk)) {
        yield* complain(process, 'read error', chunk)
        return 1
      }
      if (chunk.length === 0) return yield* out.finish()
      yield* convert(chunk.some((byte) => byte > 127) ? decoder.decode(chunk, { stream: true }) : decodeUtf8(chunk))
      yield* out.flush()
      if (out.failure !== undefined) return yield* out.finish()
    }
  },
})
