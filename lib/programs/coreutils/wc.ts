// After wc(1).
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import { characterWidth } from '@/lib/shell'
import { program } from '../program'
import { closeInput, complain, openInput, readAll } from '../stdio'

type Counts = { lines: number; words: number; chars: number; bytes: number; longest: number }

export const wc = program({
  name: 'wc',
  path: '/usr/bin/wc',
  summary: 'count lines, words and bytes',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'c', long: 'bytes', help: 'count bytes' },
    { short: 'm', long: 'chars', help: 'count characters' },
    { short: 'l', long: 'lines', help: 'count newlines' },
    { short: 'L', long: 'max-line-length', help: 'the width of the widest line' },
    { short: 'w', long: 'words', help: 'count words' },
  ],
  *main(process, args) {
    const columns = (['lines', 'words', 'chars', 'bytes', 'max-line-length'] as const).filter((name) => args.has(name))
    const wanted = columns.length === 0 ? (['lines', 'words', 'bytes'] as const) : columns
    const total: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 }
    const rows: { counts: Counts; name: string | undefined }[] = []
    let status = 0
    let regular = true
    for (const path of args.operands.length === 0 ? ['-'] : args.operands) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* complain(process, path, fd)
        status = 1
        continue
      }
      const stat = yield* process.fstat(fd)
      if (isErrno(stat) || stat.kind !== 'file') regular = false
      const bytes = yield* readAll(process, fd)
      yield* closeInput(process, fd)
      if (isErrno(bytes)) {
        yield* complain(process, path, bytes)
        status = 1
        if (bytes !== errno.EISDIR) continue
      }
      const text = isErrno(bytes) ? '' : decodeUtf8(bytes)
      const lines = text.split('\n')
      const counts: Counts = {
        lines: lines.length - 1,
        words: text.split(/\s+/).filter((word) => word !== '').length,
        chars: [...text].length,
        bytes: isErrno(bytes) ? 0 : bytes.length,
        longest: Math.max(
          0,
          ...lines.map((line) =>
            [...line].reduce((sum, one) => (one === '\t' ? sum + 8 - (sum % 8) : sum + characterWidth(one.codePointAt(0)!)), 0),
          ),
        ),
      }
      rows.push({ counts, name: args.operands.length === 0 ? undefined : path })
      for (const key of ['lines', 'words', 'chars', 'bytes'] as const) total[key] += counts[key]
      total.longest = Math.max(total.longest, counts.longest)
    }
    if (args.operands.length > 1) rows.push({ counts: total, name: 'total' })
    const digits = String(total.bytes).length
    const single = rows.length === 1 && wanted.length === 1
    const width = single ? 1 : args.operands.length === 0 || !regular ? 7 : digits
    const value = (counts: Counts, name: (typeof wanted)[number]) => (name === 'max-line-length' ? counts.longest : counts[name])
    const text = rows.map(
      ({ counts, name }) =>
        `${wanted.map((column) => String(value(counts, column)).padStart(width)).join(' ')}${name === undefined ? '' : ` ${name}`}\n`,
    )
    yield* process.write(1, text.join(''))
    return status
  },
})
