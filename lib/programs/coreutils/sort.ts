// After sort(1), uniq(1), comm(1), shuf(1).
import { decodeUtf8 } from '@/lib/base'
import { isErrno, O_CREAT, O_TRUNC, O_WRONLY } from '@/lib/kernel'
import { program } from '../program'
import { complain, LineReader, openInput, closeInput, Output, quoteName, quoteWord, readAll, usageError } from '../stdio'
import { versionOrder } from './ls'

type Ordering = {
  numeric: boolean
  general: boolean
  human: boolean
  month: boolean
  version: boolean
  fold: boolean
  dictionary: boolean
  blanks: boolean
  reverse: boolean
  random: boolean
}
type Key = Ordering & {
  readonly fromField: number
  readonly fromChar: number
  readonly toField: number
  readonly toChar: number
  readonly own: boolean
  readonly startBlanks: boolean
  readonly endBlanks: boolean
}

const noOrdering = (): Ordering => ({
  numeric: false,
  general: false,
  human: false,
  month: false,
  version: false,
  fold: false,
  dictionary: false,
  blanks: false,
  reverse: false,
  random: false,
})
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

function setLetters(ordering: Ordering, letters: string): boolean {
  for (const letter of letters) {
    if (letter === 'n') ordering.numeric = true
    else if (letter === 'g') ordering.general = true
    else if (letter === 'h') ordering.human = true
    else if (letter === 'M') ordering.month = true
    else if (letter === 'V') ordering.version = true
    else if (letter === 'f') ordering.fold = true
    else if (letter === 'd' || letter === 'i') ordering.dictionary = true
    else if (letter === 'b') ordering.blanks = true
    else if (letter === 'r') ordering.reverse = true
    else if (letter === 'R') ordering.random = true
    else return false
  }
  return true
}

/** `2,2n`, `1.3,1.5`; a text is what is wrong with it. */
function parseKey(text: string): Key | string {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(text)
  if (match === null)
    return /^\d/.test(text)
      ? `stray character in field spec: invalid field specification ${text}`
      : `invalid number at field start: invalid count at start of ${text}`
  if (Number(match[1]) === 0) return `field number is zero: invalid field specification ${text}`
  const ordering = noOrdering()
  if (!setLetters(ordering, match[3]! + (match[6] ?? ''))) return `stray character in field spec: invalid field specification ${text}`
  return {
    ...ordering,
    own: match[3]! + (match[6] ?? '') !== '',
    fromField: Number(match[1]),
    fromChar: Number(match[2] ?? 1),
    toField: match[4] === undefined ? Number.POSITIVE_INFINITY : Number(match[4]),
    toChar: Number(match[5] ?? 0),
    startBlanks: match[3]!.includes('b'),
    endBlanks: (match[6] ?? '').includes('b'),
  }
}

/** Start and end of every field; without a separator a field begins with its blanks. */
function fieldBounds(line: string, separator: string | undefined): readonly (readonly [number, number])[] {
  const bounds: [number, number][] = []
  if (separator !== undefined) {
    let at = 0
    for (;;) {
      const end = line.indexOf(separator, at)
      bounds.push([at, end < 0 ? line.length : end])
      if (end < 0) return bounds
      at = end + 1
    }
  }
  let at = 0
  while (at < line.length) {
    let end = at
    while (end < line.length && /[ \t]/.test(line[end]!)) end += 1
    while (end < line.length && !/[ \t]/.test(line[end]!)) end += 1
    bounds.push([at, end])
    at = end
  }
  return bounds
}

function keyText(line: string, key: Key, separator: string | undefined, blanks: boolean): string {
  const bounds = fieldBounds(line, separator)
  const start = bounds[key.fromField - 1]
  if (start === undefined) return ''
  let from = start[0]
  if (key.startBlanks || blanks) while (from < line.length && /[ \t]/.test(line[from]!)) from += 1
  from += key.fromChar - 1
  let to = line.length
  if (Number.isFinite(key.toField)) {
    const end = bounds[key.toField - 1]
    if (end !== undefined) {
      if (key.toChar === 0) to = end[1]
      else {
        to = end[0]
        if (key.endBlanks || blanks) while (to < line.length && /[ \t]/.test(line[to]!)) to += 1
        to += key.toChar
      }
    }
  }
  return line.slice(from, Math.max(from, to))
}

const leadingNumber = (text: string): number => Number(/^\s*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0

function humanNumber(text: string): number {
  const match = /^\s*(-?\d*\.?\d*)([KMGTPEkZY]?)/.exec(text)
  const unit = (match?.[2] ?? '').toUpperCase()
  const rank = unit === '' ? 0 : 'KMGTPEZY'.indexOf(unit) + 1
  const value = Number(match?.[1] || 0) || 0
  return value === 0 ? 0 : Math.sign(value) * (rank * 1e12 + Math.abs(value))
}

function compareBy(a: string, b: string, ordering: Ordering): number {
  if (ordering.numeric) return leadingNumber(a) - leadingNumber(b)
  if (ordering.general) return (Number.parseFloat(a) || Number.NEGATIVE_INFINITY) - (Number.parseFloat(b) || Number.NEGATIVE_INFINITY) || 0
  if (ordering.human) return humanNumber(a) - humanNumber(b)
  if (ordering.month) return monthNames.indexOf(a.trim().slice(0, 3).toUpperCase()) - monthNames.indexOf(b.trim().slice(0, 3).toUpperCase())
  let [left, right] = [a, b]
  if (ordering.blanks) [left, right] = [left.trimStart(), right.trimStart()]
  if (ordering.version) return versionOrder(left, right)
  if (ordering.dictionary) [left, right] = [left.replace(/[^A-Za-z0-9\s]/g, ''), right.replace(/[^A-Za-z0-9\s]/g, '')]
  if (ordering.fold) [left, right] = [left.toUpperCase(), right.toUpperCase()]
  return left < right ? -1 : left > right ? 1 : 0
}

export const sort = program({
  name: 'sort',
  path: '/usr/bin/sort',
  summary: 'sort lines',
  synopsis: '[OPTION]... [FILE]...',
  version: 'sort (GNU coreutils) 9.7',
  usageStatus: 2,
  options: [
    { short: 'b', long: 'ignore-leading-blanks', help: 'ignore leading blanks' },
    { short: 'd', long: 'dictionary-order', help: 'only blanks, letters and digits count' },
    { short: 'f', long: 'ignore-case', help: 'small letters as capitals' },
    { short: 'g', long: 'general-numeric-sort', help: 'by floating point value' },
    { short: 'h', long: 'human-numeric-sort', help: 'by numbers like 2K 1G' },
    { short: 'i', long: 'ignore-nonprinting', help: 'only printable characters count' },
    { short: 'M', long: 'month-sort', help: 'by names of months' },
    { short: 'n', long: 'numeric-sort', help: 'by numeric value' },
    { short: 'R', long: 'random-sort', help: 'in random order' },
    { short: 'r', long: 'reverse', help: 'the other way round' },
    { short: 'V', long: 'version-sort', help: 'numbers inside text by value' },
    { short: 'c', long: 'check', help: 'only look whether it is sorted' },
    { short: 'C', help: 'the same without a message' },
    { short: 'k', long: 'key', argument: 'required', metavar: 'KEYDEF', help: 'sort by this part of the line' },
    { short: 'm', long: 'merge', help: 'merge files that are sorted' },
    { short: 'o', long: 'output', argument: 'required', metavar: 'FILE', help: 'write to FILE' },
    { short: 's', long: 'stable', help: 'keep the order of equal lines' },
    { short: 'S', long: 'buffer-size', argument: 'required', metavar: 'SIZE', help: 'has no effect' },
    { short: 't', long: 'field-separator', argument: 'required', metavar: 'SEP', help: 'what stands between fields' },
    { short: 'T', long: 'temporary-directory', argument: 'required', metavar: 'DIR', help: 'has no effect' },
    { short: 'u', long: 'unique', help: 'only the first of equal lines' },
    { short: 'z', long: 'zero-terminated', help: 'lines end with NUL' },
  ],
  *main(process, args) {
    const global = noOrdering()
    const names: Readonly<Record<string, string>> = {
      'ignore-leading-blanks': 'b',
      'dictionary-order': 'd',
      'ignore-case': 'f',
      'general-numeric-sort': 'g',
      'human-numeric-sort': 'h',
      'ignore-nonprinting': 'i',
      'month-sort': 'M',
      'numeric-sort': 'n',
      'random-sort': 'R',
      reverse: 'r',
      'version-sort': 'V',
    }
    for (const one of args.given) setLetters(global, names[one.name] ?? '')
    const keys: Key[] = []
    for (const text of args.values('key')) {
      const key = parseKey(text)
      if (typeof key === 'string') {
        const shown = quoteWord(process, text)
        yield* complain(
          process,
          key.replace(text, () => shown),
        )
        return 2
      }
      keys.push(key.own ? key : { ...key, ...global, own: false })
    }
    const separator = args.value('field-separator')
    if (separator !== undefined && separator.length > 1 && separator !== '\\0') {
      yield* complain(process, `multi-character tab ${quoteWord(process, separator)}`)
      return 2
    }
    const delimiter = args.has('zero-terminated') ? '\0' : '\n'
    const lines: string[] = []
    for (const path of args.operands.length === 0 ? ['-'] : args.operands) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* complain(process, `cannot read: ${path}`, fd)
        return 2
      }
      const bytes = yield* readAll(process, fd)
      yield* closeInput(process, fd)
      if (isErrno(bytes)) {
        yield* complain(process, `read failed: ${path}`, bytes)
        return 2
      }
      const text = decodeUtf8(bytes)
      if (text === '') continue
      lines.push(...(text.endsWith(delimiter) ? text.slice(0, -1) : text).split(delimiter))
    }
    const tab = separator === '\\0' ? '\0' : separator
    const stable = args.has('stable') || args.has('unique')
    const byKeys = (a: string, b: string): number => {
      if (keys.length === 0) {
        const order = compareBy(a, b, global)
        return global.reverse ? -order : order
      }
      for (const key of keys) {
        const order = compareBy(keyText(a, key, tab, key.blanks), keyText(b, key, tab, key.blanks), key)
        if (order !== 0) return key.reverse ? -order : order
      }
      return 0
    }
    const compare = (a: string, b: string): number => {
      const order = byKeys(a, b)
      if (order !== 0 || stable) return order
      const last = a < b ? -1 : a > b ? 1 : 0
      return global.reverse ? -last : last
    }
    if (args.has('check') || args.has('C')) {
      for (let index = 1; index < lines.length; index++) {
        const order = compare(lines[index - 1]!, lines[index]!)
        if (order < 0 || (order === 0 && !args.has('unique'))) continue
        if (args.has('check')) yield* complain(process, `${args.operands[0] ?? '-'}:${index + 1}: disorder: ${lines[index]}`)
        return 1
      }
      return 0
    }
    let sorted: string[]
    if (global.random) {
      sorted = [...lines]
      for (let index = sorted.length - 1; index > 0; index--) {
        const other = process.random.below(index + 1)
        const held = sorted[index]!
        sorted[index] = sorted[other]!
        sorted[other] = held
      }
    } else sorted = [...lines].sort(compare)
    if (args.has('unique')) sorted = sorted.filter((line, index) => index === 0 || byKeys(sorted[index - 1]!, line) !== 0)
    yield* process.compute(Math.ceil(lines.length / 5))
    const path = args.value('output')
    const fd = path === undefined ? 1 : yield* process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErrno(fd)) {
      yield* complain(process, `open failed: ${path}`, fd)
      return 2
    }
    const out = new Output(process, fd)
    for (const line of sorted) yield* out.print(line + delimiter)
    const status = yield* out.finish()
    return status === 0 ? 0 : 2
  },
})

export const uniq = program({
  name: 'uniq',
  path: '/usr/bin/uniq',
  summary: 'leave out lines that repeat the one before',
  synopsis: '[OPTION]... [INPUT [OUTPUT]]',
  options: [
    { short: 'c', long: 'count', help: 'show how often each line comes' },
    { short: 'd', long: 'repeated', help: 'only lines that repeat' },
    { short: 'D', help: 'all lines that repeat' },
    { short: 'f', long: 'skip-fields', argument: 'required', metavar: 'N', help: 'ignore the first N fields' },
    { short: 'i', long: 'ignore-case', help: 'capitals equal small letters' },
    { short: 's', long: 'skip-chars', argument: 'required', metavar: 'N', help: 'ignore the first N characters' },
    { short: 'u', long: 'unique', help: 'only lines that do not repeat' },
    { short: 'w', long: 'check-chars', argument: 'required', metavar: 'N', help: 'compare only N characters' },
    { short: 'z', long: 'zero-terminated', help: 'lines end with NUL' },
  ],
  *main(process, args) {
    const [input = '-', output] = args.operands
    if (args.operands.length > 2) return yield* usageError(process, `extra operand ${quoteWord(process, args.operands[2]!)}`)
    const fd = yield* openInput(process, input)
    if (isErrno(fd)) {
      yield* complain(process, input, fd)
      return 1
    }
    const to = output === undefined ? 1 : yield* process.open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErrno(to)) {
      yield* complain(process, output ?? '', to)
      return 1
    }
    const delimiter = args.has('zero-terminated') ? 0 : 10
    const end = args.has('zero-terminated') ? '\0' : '\n'
    const lines = new LineReader(process, fd, delimiter)
    const out = new Output(process, to)
    const keyOf = (line: string): string => {
      let key = line
      for (let count = Number(args.value('skip-fields') ?? 0); count > 0; count--) key = key.replace(/^[ \t]*[^ \t]*/, '')
      key = key.slice(Number(args.value('skip-chars') ?? 0))
      const check = args.value('check-chars')
      if (check !== undefined) key = key.slice(0, Number(check))
      return args.has('ignore-case') ? key.toLowerCase() : key
    }
    let group: string[] = []
    let key: string | undefined
    const show = function* () {
      if (group.length === 0) return
      if (args.has('D')) {
        if (group.length > 1) for (const line of group) yield* out.print(line + end)
        return
      }
      if ((args.has('repeated') && group.length < 2) || (args.has('unique') && group.length > 1)) return
      yield* out.print(`${args.has('count') ? `${String(group.length).padStart(7)} ` : ''}${group[0]}${end}`)
    }
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      const own = keyOf(line)
      if (own !== key) {
        yield* show()
        group = []
        key = own
      }
      group.push(line)
    }
    yield* show()
    return yield* out.finish()
  },
})

export const comm = program({
  name: 'comm',
  path: '/usr/bin/comm',
  summary: 'compare two sorted files line by line',
  synopsis: '[OPTION]... FILE1 FILE2',
  options: [
    { short: '1', help: 'without lines only in FILE1' },
    { short: '2', help: 'without lines only in FILE2' },
    { short: '3', help: 'without lines in both' },
  ],
  *main(process, args) {
    const readers: LineReader[] = []
    if (args.operands.length < 2)
      return yield* usageError(
        process,
        args.operands.length === 0 ? 'missing operand' : `missing operand after ${quoteWord(process, args.operands[0]!)}`,
      )
    for (const path of args.operands.slice(0, 2)) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* complain(process, path, fd)
        return 1
      }
      readers.push(new LineReader(process, fd))
    }
    const out = new Output(process)
    let left = yield* readers[0]!.next()
    let right = yield* readers[1]!.next()
    const second = args.has('1') ? '' : '\t'
    const third = second + (args.has('2') ? '' : '\t')
    while (left !== undefined || right !== undefined) {
      if (right === undefined || (left !== undefined && left < right)) {
        if (!args.has('1')) yield* out.print(`${left}\n`)
        left = yield* readers[0]!.next()
      } else if (left === undefined || right < left) {
        if (!args.has('2')) yield* out.print(`${second}${right}\n`)
        right = yield* readers[1]!.next()
      } else {
        if (!args.has('3')) yield* out.print(`${third}${left}\n`)
        left = yield* readers[0]!.next()
        right = yield* readers[1]!.next()
      }
    }
    return yield* out.finish()
  },
})

export const shuf = program({
  name: 'shuf',
  path: '/usr/bin/shuf',
  summary: 'put lines into random order',
  synopsis: '[OPTION]... [FILE]',
  options: [
    { short: 'e', long: 'echo', help: 'arguments are the lines' },
    { short: 'i', long: 'input-range', argument: 'required', metavar: 'LO-HI', help: 'the numbers from LO to HI' },
    { short: 'n', long: 'head-count', argument: 'required', metavar: 'COUNT', help: 'at most COUNT lines' },
  ],
  *main(process, args) {
    const lines: string[] = []
    const range = /^(\d+)-(\d+)$/.exec(args.value('input-range') ?? '')
    if (range !== null) for (let number = Number(range[1]); number <= Number(range[2]); number++) lines.push(String(number))
    else if (args.has('echo')) lines.push(...args.operands)
    else {
      const path = args.operands[0] ?? '-'
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* complain(process, `${quoteName(path)}`, fd)
        return 1
      }
      const reader = new LineReader(process, fd)
      for (let line = yield* reader.next(); line !== undefined; line = yield* reader.next()) lines.push(line)
    }
    for (let index = lines.length - 1; index > 0; index--) {
      const other = process.random.below(index + 1)
      const held = lines[index]!
      lines[index] = lines[other]!
      lines[other] = held
    }
    const out = new Output(process)
    for (const line of lines.slice(0, Number(args.value('head-count') ?? lines.length))) yield* out.print(`${line}\n`)
    return yield* out.finish()
  },
})
