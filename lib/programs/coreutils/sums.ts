// After sha256sum(1) and its like, cksum's relatives, and base64(1).
import type { Bytes } from '@/lib/base'
import { decodeUtf8 } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { type Program, program } from '../program'
import { complain, closeInput, openInput, Output, readAll, readText } from '../stdio'
import { md5, sha1, sha256, sha512 } from './digest'

function digestProgram(name: string, digest: (bytes: Bytes) => string, label: string): Program {
  return program({
    name,
    path: `/usr/bin/${name}`,
    summary: `print or check ${label} sums`,
    synopsis: '[OPTION]... [FILE]...',
    options: [
      { short: 'b', long: 'binary', help: 'mark as binary' },
      { short: 'c', long: 'check', help: 'check the sums that the files list' },
      { long: 'tag', help: 'in BSD style' },
      { short: 't', long: 'text', help: 'has no effect' },
      { short: 'z', long: 'zero', help: 'end with NUL' },
      { long: 'ignore-missing', help: 'missing files are no failure' },
      { long: 'quiet', help: 'do not print OK' },
      { long: 'status', help: 'only the exit status' },
      { long: 'strict', help: 'wrong lines are failures' },
      { short: 'w', long: 'warn', help: 'warn about wrong lines' },
    ],
    *main(process, args) {
      const files = args.operands.length === 0 ? ['-'] : args.operands
      if (args.has('check')) return yield* check(process, files, digest, args.has('quiet'), args.has('status'), args.has('ignore-missing'))
      let status = 0
      for (const path of files) {
        const fd = yield* openInput(process, path)
        const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
        if (!isErrno(fd)) yield* closeInput(process, fd)
        if (isErrno(bytes)) {
          yield* complain(process, path, bytes)
          status = 1
          continue
        }
        yield* process.compute(Math.ceil(bytes.length / 200))
        const sum = digest(bytes)
        yield* process.write(
          1,
          args.has('tag')
            ? `${label} (${path}) = ${sum}\n`
            : `${sum} ${args.has('binary') ? '*' : ' '}${path}${args.has('zero') ? '\0' : '\n'}`,
        )
      }
      return status
    },
  })
}

function* check(
  process: Process,
  files: readonly string[],
  digest: (bytes: Bytes) => string,
  quiet: boolean,
  silent: boolean,
  ignoreMissing: boolean,
): Syscall<number> {
  let failed = 0
  let unread = 0
  for (const list of files) {
    const text = yield* readText(process, list === '-' ? '/dev/stdin' : list)
    if (isErrno(text)) {
      yield* complain(process, list, text)
      return 1
    }
    for (const line of text.split('\n')) {
      const match = /^([0-9a-f]+) [ *](.+)$/.exec(line)
      if (match === null) continue
      const fd = yield* process.open(match[2]!, 0)
      if (isErrno(fd)) {
        if (ignoreMissing) continue
        yield* complain(process, match[2]!, fd)
        if (!silent) yield* process.write(1, `${match[2]}: FAILED open or read\n`)
        unread += 1
        continue
      }
      const bytes = yield* readAll(process, fd)
      yield* process.close(fd)
      const fine = !isErrno(bytes) && digest(bytes) === match[1]
      if (!fine) failed += 1
      if (!silent && (!fine || !quiet)) yield* process.write(1, `${match[2]}: ${fine ? 'OK' : 'FAILED'}\n`)
    }
  }
  if (unread > 0 && !silent) yield* complain(process, `WARNING: ${unread} listed file${unread === 1 ? '' : 's'} could not be read`)
  if (failed > 0 && !silent) yield* complain(process, `WARNING: ${failed} computed checksum${failed === 1 ? ' did' : 's did'} NOT match`)
  return failed + unread > 0 ? 1 : 0
}

export const sumPrograms: readonly Program[] = [
  digestProgram('md5sum', md5, 'MD5'),
  digestProgram('sha1sum', sha1, 'SHA1'),
  digestProgram('sha256sum', sha256, 'SHA256'),
  digestProgram('sha512sum', sha512, 'SHA512'),
]

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function encodeBase64(bytes: Bytes): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes[at]!, bytes[at + 1], bytes[at + 2]]
    text += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]!
    text += b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!
    text += c === undefined ? '=' : alphabet[c & 63]!
  }
  return text
}

export function decodeBase64(text: string): Bytes | undefined {
  const clean = text.replace(/=+$/, '')
  const result: number[] = []
  let bits = 0
  let held = 0
  for (const character of clean) {
    const value = alphabet.indexOf(character)
    if (value < 0) return undefined
    held = (held << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      result.push((held >> bits) & 255)
      held &= (1 << bits) - 1
    }
  }
  return Uint8Array.from(result)
}

export const base64 = program({
  name: 'base64',
  path: '/usr/bin/base64',
  summary: 'encode or decode base64',
  synopsis: '[OPTION]... [FILE]',
  options: [
    { short: 'd', long: 'decode', help: 'decode' },
    { short: 'i', long: 'ignore-garbage', help: 'with -d, ignore other characters' },
    { short: 'w', long: 'wrap', argument: 'required', metavar: 'COLS', help: 'break lines after COLS characters; 0: never' },
  ],
  *main(process, args) {
    const path = args.operands[0] ?? '-'
    const fd = yield* openInput(process, path)
    const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
    if (isErrno(bytes)) {
      yield* complain(process, path, bytes)
      return 1
    }
    const out = new Output(process)
    if (args.has('decode')) {
      const text = decodeUtf8(bytes).replace(args.has('ignore-garbage') ? /[^A-Za-z0-9+/]/g : /\n/g, '')
      const decoded = decodeBase64(text)
      if (decoded === undefined) {
        yield* complain(process, 'invalid input')
        return 1
      }
      yield* out.print(decoded)
      return yield* out.finish()
    }
    const width = Number(args.value('wrap') ?? 76)
    const text = encodeBase64(bytes)
    if (width === 0) yield* out.print(text)
    else for (let at = 0; at < text.length; at += width) yield* out.print(`${text.slice(at, at + width)}\n`)
    return yield* out.finish()
  },
})
