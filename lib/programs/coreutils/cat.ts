// After cat(1).
import { decodeUtf8, encodeUtf8 } from '@/lib/base'
import { isErrno } from '@/lib/kernel'
import { program } from '../program'
import { complain, eachInput, LineReader, Output, readChunk } from '../stdio'

function visible(text: string, tabs: boolean): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f]|\t/g, (one) =>
    one === '\t' ? (tabs ? '^I' : '\t') : one === '\x7f' ? '^?' : `^${String.fromCharCode(one.charCodeAt(0) + 64)}`,
  )
}

export const cat = program({
  name: 'cat',
  path: '/usr/bin/cat',
  summary: 'write files, one after the other, to standard output',
  synopsis: '[OPTION]... [FILE]...',
  version: 'cat (GNU coreutils) 9.7',
  options: [
    { short: 'A', long: 'show-all', help: 'the same as -vET' },
    { short: 'b', long: 'number-nonblank', help: 'number lines that are not empty' },
    { short: 'e', help: 'the same as -vE' },
    { short: 'E', long: 'show-ends', help: 'show $ at the end of each line' },
    { short: 'n', long: 'number', help: 'number all lines' },
    { short: 's', long: 'squeeze-blank', help: 'show only one of several empty lines' },
    { short: 't', help: 'the same as -vT' },
    { short: 'T', long: 'show-tabs', help: 'show tabs as ^I' },
    { short: 'u', help: 'has no effect' },
    { short: 'v', long: 'show-nonprinting', help: 'show control characters as ^X' },
  ],
  *main(process, args) {
    const out = new Output(process)
    const all = args.has('show-all')
    const ends = all || args.has('e') || args.has('show-ends')
    const tabs = all || args.has('t') || args.has('show-tabs')
    const controls = all || args.has('e') || args.has('t') || args.has('show-nonprinting')
    const nonBlank = args.has('number-nonblank')
    const number = nonBlank || args.has('number')
    const squeeze = args.has('squeeze-blank')
    const plain = !ends && !tabs && !controls && !number && !squeeze
    let line = 0
    let blank = false
    const status = yield* eachInput(process, args.operands, function* (fd, name) {
      if (plain) {
        for (;;) {
          const chunk = yield* readChunk(process, fd, 131072)
          if (isErrno(chunk)) {
            yield* complain(process, name, chunk)
            return
          }
          if (chunk.length === 0) return
          const written = yield* process.write(1, chunk)
          if (isErrno(written)) {
            out.failure ??= written
            return
          }
        }
      }
      const lines = new LineReader(process, fd)
      for (let bytes = yield* lines.nextBytes(); bytes !== undefined; bytes = yield* lines.nextBytes()) {
        if (squeeze && bytes.length === 0 && blank) continue
        blank = bytes.length === 0
        let text = decodeUtf8(bytes)
        if (controls || tabs) text = controls ? visible(text, tabs) : text.replaceAll('\t', '^I')
        if (number && !(nonBlank && blank)) {
          line += 1
          yield* out.print(`${String(line).padStart(6)}\t`)
        }
        yield* out.print(encodeUtf8(`${text}${lines.terminated ? `${ends ? '$' : ''}\n` : ''}`))
      }
    })
    return yield* out.finish(status)
  },
})
