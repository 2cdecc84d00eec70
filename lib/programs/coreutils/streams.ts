// Reading and writing whole files and lines, and the errors that GNU's tools print about them.
import { type Bytes, concatBytes, decodeUtf8 } from '@/lib/base'
import { type Errno, type Fallible, isErrno, O_RDONLY, type Process, type Syscall } from '@/lib/kernel'

const CHUNK = 65_536

export const programName = (process: Process): string => {
  const name = process.argv[0] ?? ''
  return name.slice(name.lastIndexOf('/') + 1)
}

/** `cat: x: No such file or directory`; returns 1, for `return yield* complain(…)`. */
export function* complain(process: Process, subject: string, error: Errno | string): Syscall<number> {
  const words = isErrno(error) ? error.message : error
  yield* process.write(2, `${programName(process)}: ${subject === '' ? '' : `${subject}: `}${words}\n`)
  return 1
}

export function* missingOperand(process: Process, after?: string): Syscall<number> {
  const name = programName(process)
  yield* process.write(
    2,
    `${name}: ${after === undefined ? 'missing operand' : `missing destination file operand after '${after}'`}\nTry '${name} --help' for more information.\n`,
  )
  return 1
}

/** Everything up to the end of file. */
export function* readAll(process: Process, fd: number): Syscall<Fallible<Bytes>> {
  const parts: Bytes[] = []
  for (;;) {
    const chunk = yield* process.read(fd, CHUNK)
    if (isErrno(chunk)) {
      if (chunk.name === 'EINTR') continue
      return chunk
    }
    if (chunk.length === 0) return parts.length === 1 ? (parts[0] ?? chunk) : concatBytes(parts)
    parts.push(chunk)
  }
}

/** A file by name; `-` is standard input. */
export function* openInput(process: Process, path: string): Syscall<Fallible<number>> {
  return path === '-' ? 0 : yield* process.open(path, O_RDONLY)
}

export function* closeInput(process: Process, fd: number): Syscall<void> {
  if (fd !== 0) yield* process.close(fd)
}

export function* readFile(process: Process, path: string): Syscall<Fallible<Bytes>> {
  const fd = yield* openInput(process, path)
  if (isErrno(fd)) return fd
  const bytes = yield* readAll(process, fd)
  yield* closeInput(process, fd)
  return bytes
}

/** Lines of several files (none: standard input), each without its newline; errors are told, the rest goes on. */
export function* eachFile(
  process: Process,
  operands: readonly string[],
  use: (text: string, path: string) => Syscall<void>,
): Syscall<number> {
  let status = 0
  for (const path of operands.length === 0 ? ['-'] : operands) {
    const bytes = yield* readFile(process, path)
    if (isErrno(bytes)) status = yield* complain(process, path, bytes)
    else yield* use(decodeUtf8(bytes), path)
  }
  return status
}

export function linesOf(text: string): readonly string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Writes; false once nobody reads any more. */
export function* print(process: Process, text: string | Bytes): Syscall<boolean> {
  if (text.length === 0) return true
  const written = yield* process.write(1, text)
  return !isErrno(written)
}

/** `10`, `10k`, `1M`, `2KB` as GNU's tools read sizes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([bkKMGTP]?)(i?B)?$/.exec(text)
  if (match === null) return undefined
  const powers = { '': 0, b: 0, k: 1, K: 1, M: 2, G: 3, T: 4, P: 5 } as const
  const unit = match[2] as keyof typeof powers
  if (unit === 'b') return Number(match[1]) * 512
  return Number(match[1]) * (match[3] === 'B' ? 1000 : 1024) ** powers[unit]
}
