// After column(1), getopt(1), hexdump(1), xxd, whereis(1), which(1), rename.
import { concatBytes, type Bytes } from '@/lib/base'
import { isErrno, type Process, type Syscall, X_OK } from '@/lib/kernel'
import { textWidth } from '@/lib/shell'
import { type Program, program } from '../program'
import { closeInput, complain, eachInput, LineReader, openInput, Output, readAll } from '../stdio'

export const column = program({
  name: 'column',
  path: '/usr/bin/column',
  summary: 'put lines into columns',
  synopsis: '[options] [<file>...]',
  options: [
    { short: 't', long: 'table', help: 'a table' },
    { short: 's', long: 'separator', argument: 'required', metavar: '<string>', help: 'what stands between columns of the input' },
    { short: 'o', long: 'output-separator', argument: 'required', metavar: '<string>', help: 'what to put between columns' },
    { short: 'N', long: 'table-columns', argument: 'required', metavar: '<names>', help: 'headings' },
    { short: 'c', long: 'output-width', argument: 'required', metavar: '<width>', help: 'the width' },
    { short: 'x', long: 'fillrows', help: 'rows first' },
    { short: 'R', long: 'table-right', argument: 'required', metavar: '<columns>', help: 'right-aligned columns' },
    { short: 'n', long: 'table-name', argument: 'required', metavar: '<name>', help: 'has no effect here' },
  ],
  *main(process, args) {
    const lines: string[] = []
    const status = yield* eachInput(process, args.operands, function* (fd) {
      const reader = new LineReader(process, fd)
      for (let line = yield* reader.next(); line !== undefined; line = yield* reader.next()) if (line.trim() !== '') lines.push(line)
    })
    const out = new Output(process)
    if (args.has('table') || args.has('table-columns')) {
      const separator = args.value('separator')
      const rows = lines.map((line) =>
        separator === undefined ? line.trim().split(/\s+/) : line.split(new RegExp(`[${separator.replace(/[\]\\^-]/g, '\\$&')}]`)),
      )
      const names = args.value('table-columns')?.split(',')
      if (names !== undefined) rows.unshift(names)
      const joiner = args.value('output-separator') ?? '  '
      const count = Math.max(0, ...rows.map((row) => row.length))
      const widths = Array.from({ length: count }, (_, index) => Math.max(0, ...rows.map((row) => textWidth(row[index] ?? ''))))
      const right = new Set(
        (args.value('table-right') ?? '')
          .split(',')
          .map((one) => ((names?.indexOf(one) ?? -1) >= 0 ? names!.indexOf(one) : Number(one) - 1)),
      )
      for (const row of rows) {
        const cells = row.map((cell, index) => {
          const pad = ' '.repeat(widths[index]! - textWidth(cell))
          return right.has(index) ? pad + cell : index === count - 1 ? cell : cell + pad
        })
        yield* out.print(`${cells.join(joiner)}\n`)
      }
      return yield* out.finish(status)
    }
    const size = yield* process.getWindowSize(1)
    const width = Number(args.value('output-width') ?? (isErrno(size) || size.columns === 0 ? 80 : size.columns))
    const cell = (Math.floor(Math.max(0, ...lines.map(textWidth)) / 8) + 1) * 8
    const perRow = Math.max(1, Math.floor(width / cell))
    const height = Math.ceil(lines.length / perRow)
    for (let row = 0; row < height; row++) {
      let text = ''
      for (let at = 0; at < perRow; at++) {
        const item = lines[args.has('fillrows') ? row * perRow + at : at * height + row]
        if (item === undefined) continue
        const next = lines[args.has('fillrows') ? row * perRow + at + 1 : (at + 1) * height + row]
        text += item + (next === undefined || at === perRow - 1 ? '' : '\t'.repeat(Math.ceil((cell - textWidth(item)) / 8)))
      }
      yield* out.print(`${text}\n`)
    }
    return yield* out.finish(status)
  },
})

export const getopt = program({
  name: 'getopt',
  path: '/usr/bin/getopt',
  summary: 'read options for scripts',
  synopsis: '<optstring> <parameters>\n getopt [options] [--] <optstring> <parameters>',
  options: [],
  raw: true,
  *main(process, args) {
    const words = [...args.operands]
    let short: string | undefined
    const long: string[] = []
    let name = 'getopt'
    let quiet = false
    let compatible = true
    while (words.length > 0 && words[0]!.startsWith('-')) {
      const word = words.shift()!
      compatible = false
      if (word === '--') break
      const value = () => (word.includes('=') ? word.slice(word.indexOf('=') + 1) : (words.shift() ?? ''))
      if (word === '-o' || word.startsWith('--options')) short = value()
      else if (/^-o./.test(word)) short = word.slice(2)
      else if (word === '-l' || word.startsWith('--longoptions') || word.startsWith('--long')) long.push(...value().split(/[,\s]+/))
      else if (/^-l./.test(word)) long.push(...word.slice(2).split(','))
      else if (word === '-n' || word.startsWith('--name')) name = value()
      else if (word === '-q' || word === '--quiet') quiet = true
      else if (word === '-T' || word === '--test') return 4
    }
    short ??= words.shift() ?? ''
    if (words[0] === '--' && !compatible) words.shift()
    const quote = (text: string) => (compatible ? text : `'${text.replaceAll("'", "'\\''")}'`)
    const result: string[] = []
    const rest: string[] = []
    let status = 0
    const bad = function* (text: string): Syscall<void> {
      status = 1
      if (!quiet) yield* process.write(2, `${name}: ${text}\n`)
    }
    while (words.length > 0) {
      const word = words.shift()!
      if (word === '--') {
        rest.push(...words)
        break
      }
      if (word.startsWith('--') && !compatible) {
        const equals = word.indexOf('=')
        const key = word.slice(2, equals < 0 ? undefined : equals)
        const fitting = long.filter((one) => one.replace(/:+$/, '') === key || one.startsWith(key))
        const found = long.find((one) => one.replace(/:+$/, '') === key) ?? (fitting.length === 1 ? fitting[0] : undefined)
        if (found === undefined) {
          yield* bad(`unrecognized option '--${key}'`)
          continue
        }
        result.push(`--${found.replace(/:+$/, '')}`)
        if (found.endsWith('::')) result.push(quote(equals < 0 ? '' : word.slice(equals + 1)))
        else if (found.endsWith(':')) {
          const value = equals < 0 ? words.shift() : word.slice(equals + 1)
          if (value === undefined) yield* bad(`option '--${key}' requires an argument`)
          else result.push(quote(value))
        }
      } else if (word.startsWith('-') && word.length > 1) {
        for (let at = 1; at < word.length; at++) {
          const place = word[at] === ':' ? -1 : short.indexOf(word[at]!)
          if (place < 0) {
            yield* bad(`invalid option -- '${word[at]}'`)
            continue
          }
          result.push(`-${word[at]}`)
          if (short[place + 1] !== ':') continue
          const attached = word.slice(at + 1)
          if (short[place + 2] === ':') result.push(quote(attached))
          else {
            const value = attached !== '' ? attached : words.shift()
            if (value === undefined) yield* bad(`option requires an argument -- '${word[at]}'`)
            else result.push(quote(value))
          }
          break
        }
      } else rest.push(word)
    }
    yield* process.write(1, ` ${[...result, '--', ...rest.map(quote)].join(' ')}\n`)
    return status
  },
})

function* inputBytes(process: Process, paths: readonly string[]): Syscall<Bytes | undefined> {
  const parts: Bytes[] = []
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const fd = yield* openInput(process, path)
    const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
    if (!isErrno(fd)) yield* closeInput(process, fd)
    if (isErrno(bytes)) {
      yield* complain(process, path, bytes)
      return undefined
    }
    parts.push(bytes)
  }
  return concatBytes(parts)
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const printable = (byte: number): string => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')

export const hexdump = program({
  name: 'hexdump',
  path: '/usr/bin/hexdump',
  links: ['/usr/bin/hd'],
  summary: 'show bytes in hexadecimal',
  synopsis: '[options] <file>...',
  options: [
    { short: 'C', long: 'canonical', help: 'bytes and characters' },
    { short: 'n', long: 'length', argument: 'required', metavar: '<length>', help: 'at most so many bytes' },
    { short: 's', long: 'skip', argument: 'required', metavar: '<offset>', help: 'skip bytes' },
    { short: 'v', long: 'no-squeezing', help: 'show equal lines too' },
    { short: 'x', long: 'two-bytes-hex', help: 'two bytes' },
  ],
  *main(process, args) {
    const all = yield* inputBytes(process, args.operands)
    if (all === undefined) return 1
    const skip = Number(args.value('skip') ?? 0)
    const data = all.subarray(skip, args.has('length') ? skip + Number(args.value('length')) : undefined)
    const canonical = args.has('canonical') || (process.argv[0] ?? '').endsWith('hd')
    const out = new Output(process)
    let previous = ''
    let starred = false
    for (let at = 0; at < data.length; at += 16) {
      const row = data.subarray(at, at + 16)
      const key = row.join(',')
      if (!args.has('no-squeezing') && key === previous && row.length === 16) {
        if (!starred) yield* out.print('*\n')
        starred = true
        continue
      }
      previous = key
      starred = false
      if (canonical) {
        const cells = Array.from({ length: 16 }, (_, index) => (row[index] === undefined ? '  ' : hex(row[index]!, 2)))
        yield* out.print(
          `${hex(at + skip, 8)}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${[...row].map(printable).join('')}|\n`,
        )
      } else {
        const words: string[] = []
        for (let index = 0; index < row.length; index += 2) words.push(hex(row[index]! | ((row[index + 1] ?? 0) << 8), 4))
        yield* out.print(
          `${hex(at + skip, 7)}${words
            .map((word) => (args.has('two-bytes-hex') ? `    ${word}` : ` ${word}`))
            .join('')
            .padEnd(args.has('two-bytes-hex') ? 64 : 40)}\n`,
        )
      }
    }
    yield* out.print(`${hex(data.length + skip, canonical ? 8 : 7)}\n`)
    return yield* out.finish()
  },
})

export const xxd = program({
  name: 'xxd',
  path: '/usr/bin/xxd',
  summary: 'show bytes in hexadecimal, or make bytes of it',
  synopsis: '[options] [infile]',
  options: [
    { short: 'p', help: 'only the digits' },
    { short: 'r', help: 'the other way round' },
    { short: 'l', argument: 'required', metavar: 'len', help: 'at most len bytes' },
    { short: 'c', argument: 'required', metavar: 'cols', help: 'bytes a line' },
    { short: 'u', help: 'capital digits' },
  ],
  *main(process, args) {
    const all = yield* inputBytes(process, args.operands.slice(0, 1))
    if (all === undefined) return 2
    if (args.has('r')) {
      const text = new TextDecoder().decode(all)
      const digits = args.has('p')
        ? text.replace(/\s/g, '')
        : text
            .split('\n')
            .map((line) => /^[0-9a-f]+:\s((?:[0-9a-f]{2,4}\s?)+)/i.exec(line)?.[1]?.replace(/\s/g, '') ?? '')
            .join('')
      yield* process.write(
        1,
        Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
      )
      return 0
    }
    const data = args.has('l') ? all.subarray(0, Number(args.value('l'))) : all
    const width = Number(args.value('c') ?? (args.has('p') ? 30 : 16))
    const out = new Output(process)
    for (let at = 0; at < data.length; at += width) {
      const row = data.subarray(at, at + width)
      const cells = [...row].map((byte) => (args.has('u') ? hex(byte, 2).toUpperCase() : hex(byte, 2)))
      if (args.has('p')) yield* out.print(`${cells.join('')}\n`)
      else {
        const words: string[] = []
        for (let index = 0; index < cells.length; index += 2) words.push(cells.slice(index, index + 2).join(''))
        yield* out.print(`${hex(at, 8)}: ${words.join(' ').padEnd(Math.ceil(width / 2) * 5 - 1)}  ${[...row].map(printable).join('')}\n`)
      }
    }
    return yield* out.finish()
  },
})

export const which = program({
  name: 'which',
  path: '/usr/bin/which.debianutils',
  links: ['/usr/bin/which'],
  summary: 'print where commands lie',
  synopsis: '[-as] args',
  stopAtOperand: true,
  options: [
    { short: 'a', help: 'all places' },
    { short: 's', help: 'only the exit status' },
  ],
  *main(process, args) {
    let status = args.operands.length === 0 ? 1 : 0
    for (const name of args.operands) {
      let found = false
      const candidates = name.includes('/')
        ? [name]
        : (process.env['PATH'] ?? '').split(':').map((directory) => `${directory || '.'}/${name}`)
      for (const path of candidates) {
        const stat = yield* process.stat(path)
        if (isErrno(stat) || stat.kind !== 'file' || (stat.mode & 0o111) === 0 || isErrno(yield* process.access(path, X_OK))) continue
        found = true
        if (!args.has('s')) yield* process.write(1, `${path}\n`)
        if (!args.has('a')) break
      }
      if (!found) status = 1
    }
    return status
  },
})

export const whereis = program({
  name: 'whereis',
  path: '/usr/bin/whereis',
  summary: 'find programs and their pages',
  synopsis: '[options] <file>...',
  options: [
    { short: 'b', help: 'only programs' },
    { short: 'm', help: 'only pages' },
    { short: 's', help: 'only sources' },
  ],
  *main(process, args) {
    for (const name of args.operands) {
      const places: string[] = []
      for (const directory of ['/usr/bin', '/usr/sbin', '/usr/lib', '/etc', '/usr/local/bin', '/usr/local/sbin'])
        if (!isErrno(yield* process.stat(`${directory}/${name}`))) places.push(`${directory}/${name}`)
      yield* process.write(1, `${name}:${places.map((one) => ` ${one}`).join('')}\n`)
    }
    return 0
  },
})

export const columnPrograms: readonly Program[] = [column, getopt, hexdump, xxd, which, whereis]
