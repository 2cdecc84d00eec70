// After head(1).
import { isErrno } from '@/lib/kernel'
import { concatBytes } from '@/lib/base'
import { program } from '../program'
import { complain, LineReader, openInput, closeInput, Output, parseSize, quoteName, readAll, readChunk, quoteWord } from '../stdio'

export const head = program({
  name: 'head',
  path: '/usr/bin/head',
  summary: 'print the first lines of files',
  synopsis: '[OPTION]... [FILE]...',
  version: 'head (GNU coreutils) 9.7',
  options: [
    { short: 'c', long: 'bytes', argument: 'required', metavar: '[-]NUM', help: 'the first NUM bytes; with -, all but the last' },
    { short: 'n', long: 'lines', argument: 'required', metavar: '[-]NUM', help: 'the first NUM lines; with -, all but the last' },
    { short: 'q', long: 'quiet', help: 'no headers with names' },
    { short: 'v', long: 'verbose', help: 'headers even for one file' },
    { short: 'z', long: 'zero-terminated', help: 'lines end with NUL' },
  ],
  rewrite: (words) => words.map((word, index) => (index === 0 && /^-\d+[kmbKM]?$/.test(word) ? `-n${word.slice(1)}` : word)),
  *main(process, args) {
    const bytesText = args.value('bytes')
    const linesText = args.value('lines') ?? '10'
    const text = bytesText ?? linesText
    const size = parseSize(text.replace(/^[-+]/, ''))
    if (size === undefined) {
      yield* complain(process, `invalid number of ${bytesText === undefined ? 'lines' : 'bytes'}: ${quoteWord(process, text)}`)
      return 1
    }
    const fromEnd = text.startsWith('-')
    const delimiter = args.has('zero-terminated') ? 0 : 10
    const files = args.operands.length === 0 ? ['-'] : args.operands
    const headers = args.has('verbose') || (files.length > 1 && !args.has('quiet'))
    const out = new Output(process)
    let status = 0
    let first = true
    for (const path of files) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        yield* out.flush()
        yield* complain(process, `cannot open ${quoteName(path)} for reading`, fd)
        status = 1
        continue
      }
      if (headers) yield* out.print(`${first ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`)
      first = false
      if (fromEnd) {
        const all = yield* readAll(process, fd)
        if (!isErrno(all)) {
          let end = all.length
          if (bytesText !== undefined) end = Math.max(0, end - size)
          else {
            if (end > 0 && all[end - 1] === delimiter) end -= 1
            for (let count = 0; count < size && end >= 0; count++) end = end === 0 ? -1 : all.lastIndexOf(delimiter, end - 1)
            end = size === 0 ? all.length : end < 0 ? 0 : end + 1
          }
          yield* out.print(all.subarray(0, Math.max(0, end)))
        }
      } else if (bytesText !== undefined) {
        for (let left = size; left > 0; ) {
          const chunk = yield* readChunk(process, fd, Math.min(left, 65536))
          if (isErrno(chunk)) {
            yield* complain(process, `error reading ${quoteName(path)}`, chunk)
            status = 1
            break
          }
          if (chunk.length === 0) break
          yield* out.print(chunk)
          left -= chunk.length
          if (out.failure !== undefined) break
        }
      } else {
        const lines = new LineReader(process, fd, delimiter)
        for (let count = 0; count < size; count++) {
          const line = yield* lines.nextBytes()
          if (line === undefined) break
          yield* out.print(lines.terminated ? concatBytes([line, Uint8Array.of(delimiter)]) : line)
        }
        if (lines.failure !== undefined) {
          yield* out.flush()
          yield* complain(process, `error reading ${quoteName(path === '-' ? 'standard input' : path)}`, lines.failure)
          status = 1
        }
      }
      yield* closeInput(process, fd)
    }
    return yield* out.finish(status)
  },
})
