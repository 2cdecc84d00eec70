// After stdio(3) and error(3): buffered output, reading by lines, and messages as GNU programs word them.
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from '@/lib/base'
import { errno, type Errno, type Fallible, isErrno, O_RDONLY, type Process, type Syscall } from '@/lib/kernel'

export const programName = (process: Process): string => process.argv[0] ?? ''

/** `cat: x: No such file or directory` */
export function* complain(process: Process, text: string, reason?: Errno): Syscall<void> {
  yield* process.write(2, `${programName(process)}: ${text}${reason === undefined ? '' : `: ${reason.message}`}\n`)
}

/** A usage mistake that the option table cannot see. */
export function* usageError(process: Process, text: string, status = 1): Syscall<number> {
  const name = programName(process)
  yield* process.write(2, `${name}: ${text}\nTry '${name} --help' for more information.\n`)
  return status
}

/** Reads again when a signal came in between. */
export function* readChunk(process: Process, fd: number, count = 65536): Syscall<Fallible<Bytes>> {
  for (;;) {
    const chunk = yield* process.read(fd, count)
    if (chunk !== errno.EINTR) return chunk
  }
}

export function* readAll(process: Process, fd: number): Syscall<Fallible<Bytes>> {
  const chunks: Bytes[] = []
  for (;;) {
    const chunk = yield* readChunk(process, fd)
    if (isErrno(chunk)) return chunk
    if (chunk.length === 0) return chunks.length === 1 ? chunks[0]! : concatBytes(chunks)
    chunks.push(chunk)
  }
}

export function* readFile(process: Process, path: string): Syscall<Fallible<Bytes>> {
  const fd = yield* process.open(path, O_RDONLY)
  if (isErrno(fd)) return fd
  const bytes = yield* readAll(process, fd)
  yield* process.close(fd)
  return bytes
}

export function* readText(process: Process, path: string): Syscall<Fallible<string>> {
  const bytes = yield* readFile(process, path)
  return isErrno(bytes) ? bytes : decodeUtf8(bytes)
}

/** The operand `-` is standard input. */
export function* openInput(process: Process, path: string): Syscall<Fallible<number>> {
  return path === '-' ? 0 : yield* process.open(path, O_RDONLY)
}

export function* closeInput(process: Process, fd: number): Syscall<void> {
  if (fd !== 0) yield* process.close(fd)
}

const bufferSize = 4096

/** Standard output: flushed at newlines on a terminal, else when a page is full. */
export class Output {
  private readonly process: Process
  readonly fd: number
  private parts: Bytes[] = []
  private size = 0
  private lineBuffered: boolean | undefined
  /** The first write error. */
  failure: Errno | undefined

  constructor(process: Process, fd = 1) {
    this.process = process
    this.fd = fd
  }

  *print(data: string | Bytes): Syscall<void> {
    const bytes = typeof data === 'string' ? encodeUtf8(data) : data
    if (bytes.length === 0 || this.failure !== undefined) return
    this.lineBuffered ??= yield* this.process.isatty(this.fd)
    this.parts.push(bytes)
    this.size += bytes.length
    if (this.size >= bufferSize || (this.lineBuffered && bytes.includes(10))) yield* this.flush()
  }

  *flush(): Syscall<void> {
    if (this.size === 0) return
    const bytes = this.parts.length === 1 ? this.parts[0]! : concatBytes(this.parts)
    this.parts = []
    this.size = 0
    const written = yield* this.process.write(this.fd, bytes)
    if (isErrno(written)) this.failure ??= written
  }

  /** Flushes; a write error is reported, as close_stdout does. */
  *finish(status = 0): Syscall<number> {
    yield* this.flush()
    if (this.failure === undefined) return status
    yield* complain(this.process, 'write error', this.failure)
    return status === 0 ? 1 : status
  }
}

/** Lines of a descriptor, without the newline. */
export class LineReader {
  private readonly process: Process
  private readonly fd: number
  private readonly delimiter: number
  private rest: Bytes = new Uint8Array()
  private ended = false
  failure: Errno | undefined
  /** The last line had its newline. */
  terminated = true

  constructor(process: Process, fd: number, delimiter = 10) {
    this.process = process
    this.fd = fd
    this.delimiter = delimiter
  }

  *next(): Syscall<string | undefined> {
    const bytes = yield* this.nextBytes()
    return bytes === undefined ? undefined : decodeUtf8(bytes)
  }

  *nextBytes(): Syscall<Bytes | undefined> {
    let searched = 0
    for (;;) {
      const end = this.rest.indexOf(this.delimiter, searched)
      if (end >= 0) {
        const line = this.rest.subarray(0, end)
        this.rest = this.rest.subarray(end + 1)
        this.terminated = true
        return line
      }
      if (this.ended) {
        if (this.rest.length === 0) return undefined
        const line = this.rest
        this.rest = new Uint8Array()
        this.terminated = false
        return line
      }
      searched = this.rest.length
      const chunk = yield* readChunk(this.process, this.fd)
      if (isErrno(chunk)) {
        this.failure = chunk
        this.ended = true
      } else if (chunk.length === 0) this.ended = true
      else this.rest = this.rest.length === 0 ? chunk : concatBytes([this.rest, chunk])
    }
  }
}

/** Lines of all operands in turn; a file that cannot be read is reported and the status is 1. */
export function* eachInput(
  process: Process,
  operands: readonly string[],
  use: (fd: number, name: string) => Syscall<void>,
): Syscall<number> {
  let status = 0
  for (const path of operands.length === 0 ? ['-'] : operands) {
    const fd = yield* openInput(process, path)
    if (isErrno(fd)) {
      yield* complain(process, path, fd)
      status = 1
      continue
    }
    const stat = yield* process.fstat(fd)
    if (!isErrno(stat) && stat.kind === 'directory') {
      yield* complain(process, path, errno.EISDIR)
      status = 1
    } else yield* use(fd, path)
    yield* closeInput(process, fd)
  }
  return status
}

/** As GNU quotes names in messages: 'x'. */
export const quoteName = (name: string): string =>
  /'/.test(name) && !/["$`\\]/.test(name) ? `"${name}"` : `'${name.replaceAll("'", "'\\''")}'`

/** Words in messages that are no file names: ‘x’ where the locale is UTF-8. */
export function quoteWord(process: Process, text: string): string {
  const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? ''
  return /utf-?8/i.test(locale) ? `‘${text}’` : `'${text}'`
}

/** `1K`, `2M`, `3kB`: sizes of coreutils; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  const unit = match[2]!
  if (unit === '') return number
  if (unit === 'b') return number * 512
  if (unit === 'c') return number
  if (unit === 'w') return number * 2
  const power = 'KMGTPE'.indexOf(unit[0]!.toUpperCase()) + 1
  if (power === 0) return undefined
  const rest = unit.slice(1)
  if (rest === '' || rest === 'iB') return number * 1024 ** power
  return rest === 'B' ? number * 1000 ** power : undefined
}

/** Runs a command and takes in what it prints on both streams. */
export function* concatOutput(process: Process, words: readonly string[]): Syscall<{ readonly text: string; readonly status: number }> {
  const pipe = yield* process.pipe()
  if (isErrno(pipe)) return { text: '', status: 127 }
  const pid = yield* process.fork(function* (child) {
    yield* child.close(pipe[0])
    yield* child.dup2(pipe[1], 1)
    yield* child.dup2(pipe[1], 2)
    yield* child.close(pipe[1])
    for (const directory of words[0]!.includes('/') ? [''] : (child.env['PATH'] ?? '/usr/bin:/bin').split(':')) {
      yield* child.exec(directory === '' ? words[0]! : `${directory}/${words[0]}`, words, child.env)
    }
    return 127
  })
  yield* process.close(pipe[1])
  const bytes = yield* readAll(process, pipe[0])
  yield* process.close(pipe[0])
  for (;;) {
    const result = isErrno(pid) ? pid : yield* process.waitpid(pid)
    if (result === errno.EINTR || result === undefined) continue
    return { text: isErrno(bytes) ? '' : decodeUtf8(bytes), status: isErrno(result) ? 127 : result.how === 'exited' ? result.status : 128 }
  }
}
