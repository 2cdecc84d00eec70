// After dd(1) and od(1).
import { type Bytes, concatBytes } from '@/lib/base'
import { type Fallible, isErrno, O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '@/lib/kernel'
import { program } from '../program'
import { complain, closeInput, openInput, Output, parseSize, quoteName, quoteWord, readAll, readChunk, usageError } from '../stdio'
import { humanSize } from './ls'

export const dd = program({
  name: 'dd',
  path: '/usr/bin/dd',
  summary: 'copy blocks',
  synopsis: '[OPERAND]...',
  options: [],
  *main(process, args) {
    const operand = new Map<string, string>()
    for (const word of args.operands) {
      const equals = word.indexOf('=')
      const name = word.slice(0, Math.max(0, equals))
      if (equals < 0 || !/^(bs|ibs|obs|cbs|if|of|count|skip|seek|conv|iflag|oflag|status|iseek|oseek)$/.test(name))
        return yield* usageError(process, `unrecognized operand ${quoteWord(process, word)}`)
      operand.set(name, word.slice(equals + 1))
    }
    const size = (name: string, fallback: number): number | undefined => {
      const text = operand.get(name)
      return text === undefined
        ? fallback
        : text
            .split('x')
            .reduce<number | undefined>(
              (sum, part) => (sum === undefined ? undefined : parseSize(part) === undefined ? undefined : sum * parseSize(part)!),
              1,
            )
    }
    const block = size('bs', size('ibs', 512) ?? 512)
    const count = size('count', Number.POSITIVE_INFINITY)
    const skip = size('skip', size('iseek', 0) ?? 0)
    const seek = size('seek', size('oseek', 0) ?? 0)
    if (block === undefined || count === undefined || skip === undefined || seek === undefined || block === 0) {
      const bad = ['bs', 'ibs', 'count', 'skip', 'seek'].find(
        (name) => operand.has(name) && (size(name, 1) === undefined || (name === 'bs' && size(name, 1) === 0)),
      )
      yield* complain(process, `invalid number: ${quoteWord(process, operand.get(bad ?? 'bs') ?? '')}`)
      return 1
    }
    const conversions = (operand.get('conv') ?? '').split(',')
    const input = operand.get('if')
    const output = operand.get('of')
    const from = input === undefined ? 0 : yield* process.open(input, O_RDONLY)
    if (isErrno(from)) {
      yield* complain(process, `failed to open ${quoteName(input ?? '')}`, from)
      return 1
    }
    const append = (operand.get('oflag') ?? '').split(',').includes('append')
    const to =
      output === undefined
        ? 1
        : yield* process.open(
            output,
            O_WRONLY |
              (conversions.includes('nocreat') ? 0 : O_CREAT) |
              (conversions.includes('notrunc') || seek > 0 ? 0 : O_TRUNC) |
              (append ? O_APPEND : 0),
            0o666,
          )
    if (isErrno(to)) {
      yield* complain(process, `failed to open ${quoteName(output ?? '')}`, to)
      return 1
    }
    if (skip > 0 && isErrno(yield* process.lseek(from, skip * block, 'current')))
      for (let left = skip * block; left > 0; ) {
        const chunk = yield* readChunk(process, from, Math.min(left, 65536))
        if (isErrno(chunk) || chunk.length === 0) break
        left -= chunk.length
      }
    if (seek > 0) {
      yield* process.ftruncate(to, seek * block)
      yield* process.lseek(to, seek * block, 'set')
    }
    const started = process.monotonicUsec
    let [fullIn, partIn, fullOut, partOut, total] = [0, 0, 0, 0, 0]
    let status = 0
    while (fullIn + partIn < count) {
      const chunk: Fallible<Bytes> = yield* readChunk(process, from, block)
      if (isErrno(chunk)) {
        yield* complain(process, `error reading ${quoteName(input ?? 'standard input')}`, chunk)
        status = 1
        break
      }
      if (chunk.length === 0) break
      if (chunk.length === block) fullIn += 1
      else partIn += 1
      const data: Bytes =
        conversions.includes('sync') && chunk.length < block ? concatBytes([chunk, new Uint8Array(block - chunk.length)]) : chunk
      const written: Fallible<number> = yield* process.write(to, data)
      if (isErrno(written)) {
        yield* complain(process, `error writing ${quoteName(output ?? 'standard output')}`, written)
        status = 1
        break
      }
      total += written
      if (written === block) fullOut += 1
      else partOut += 1
    }
    const report = operand.get('status')
    if (report === 'none') return status
    const seconds = Math.max(1e-6, (process.monotonicUsec - started) / 1e6)
    yield* process.write(2, `${fullIn}+${partIn} records in\n${fullOut}+${partOut} records out\n`)
    if (report === 'noxfer') return status
    const decimal = (value: number) => (value < 1000 ? `${value} B` : humanSize(value, 1000).replace(/([kMGT])$/, ' $1B'))
    const binary = (value: number) => humanSize(value).replace(/([KMGT])$/, ' $1iB')
    const sizes = total < 1000 ? '' : total < 1024 ? ` (${decimal(total)})` : ` (${decimal(total)}, ${binary(total)})`
    const rate = total / seconds
    yield* process.write(
      2,
      `${total} byte${total === 1 ? '' : 's'}${sizes} copied, ${Number(seconds.toPrecision(6))} s, ${rate < 1000 ? `${rate.toFixed(1)} B` : decimal(Math.round(rate))}/s\n`,
    )
    return status
  },
})

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const cNames: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }

function odField(bytes: Bytes, at: number, type: string): string {
  const kind = type[0]!
  const size = Number(type.slice(1).replace('z', '')) || (kind === 'c' || kind === 'a' ? 1 : 4)
  let value = 0n
  for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] ?? 0)
  if (kind === 'c' || kind === 'a') {
    const byte = bytes[at]!
    return ` ${(cNames[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'))).padStart(3)}`
  }
  if (kind === 'x') return ` ${value.toString(16).padStart(size * 2, '0')}`
  if (kind === 'o') return ` ${value.toString(8).padStart(Math.ceil((size * 8) / 3), '0')}`
  if (kind === 'u') return ` ${String(value).padStart([0, 3, 5, 0, 10, 0, 0, 0, 20][size]!)}`
  return ` ${String(BigInt.asIntN(size * 8, value)).padStart([0, 4, 6, 0, 11, 0, 0, 0, 20][size]!)}`
}

export const od = program({
  name: 'od',
  path: '/usr/bin/od',
  summary: 'show the bytes of files as numbers',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'A', long: 'address-radix', argument: 'required', metavar: 'RADIX', help: 'addresses in d, o, x or n' },
    { short: 'j', long: 'skip-bytes', argument: 'required', metavar: 'BYTES', help: 'skip BYTES first' },
    { short: 'N', long: 'read-bytes', argument: 'required', metavar: 'BYTES', help: 'at most BYTES' },
    { short: 't', long: 'format', argument: 'required', metavar: 'TYPE', help: 'a, c, d, o, u, x with a size' },
    { short: 'v', long: 'output-duplicates', help: 'show equal lines too' },
    { short: 'w', long: 'width', argument: 'optional', metavar: 'BYTES', help: 'BYTES a line' },
    { short: 'b', help: 'the same as -t o1' },
    { short: 'c', help: 'the same as -t c' },
    { short: 'd', help: 'the same as -t u2' },
    { short: 'x', help: 'the same as -t x2' },
  ],
  *main(process, args) {
    const parts: Bytes[] = []
    for (const path of args.operands.length === 0 ? ['-'] : args.operands) {
      const fd = yield* openInput(process, path)
      const limit = args.value('read-bytes')
      const bytes = isErrno(fd)
        ? fd
        : limit !== undefined && path !== '-'
          ? yield* readChunk(process, fd, Number(limit) + Number(args.value('skip-bytes') ?? 0))
          : yield* readAll(process, fd)
      if (!isErrno(fd)) yield* closeInput(process, fd)
      if (isErrno(bytes)) {
        yield* complain(process, path, bytes)
        return 1
      }
      parts.push(bytes)
    }
    const skip = Number(args.value('skip-bytes') ?? 0)
    const all = concatBytes(parts).subarray(skip)
    const data = args.has('read-bytes') ? all.subarray(0, Number(args.value('read-bytes'))) : all
    const types = [
      ...args.values('format').flatMap((text) => text.match(/[acdoux]\d*z?/g) ?? []),
      ...(args.has('b') ? ['o1'] : []),
      ...(args.has('c') ? ['c'] : []),
      ...(args.has('d') ? ['u2'] : []),
      ...(args.has('x') ? ['x2'] : []),
    ]
    if (types.length === 0) types.push('o2')
    const width = Number(args.value('width') ?? 16)
    const radix = args.value('address-radix') ?? 'o'
    const address = (value: number) =>
      radix === 'n'
        ? ''
        : radix === 'd'
          ? String(value).padStart(7, '0')
          : radix === 'x'
            ? hex(value, 6)
            : value.toString(8).padStart(7, '0')
    const out = new Output(process)
    let previous = ''
    let starred = false
    for (let at = 0; at < data.length; at += width) {
      const row = data.subarray(at, at + width)
      const key = row.join(',')
      if (!args.has('output-duplicates') && key === previous && row.length === width && at + width < data.length) {
        if (!starred) yield* out.print('*\n')
        starred = true
        continue
      }
      starred = false
      previous = key
      for (const [index, type] of types.entries()) {
        const size = Number(type.slice(1).replace('z', '')) || (type[0] === 'c' || type[0] === 'a' ? 1 : 4)
        let line = index === 0 ? address(at + skip) : ' '.repeat(address(0).length)
        for (let offset = 0; offset < row.length; offset += size) line += odField(row, offset, type)
        yield* out.print(`${line}\n`)
      }
    }
    if (radix !== 'n') yield* out.print(`${address(data.length + skip)}\n`)
    return yield* out.finish()
  },
})
