// After tail(1): the end of files, and what is written to them from now on.
import { type Bytes, concatBytes } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { type Arguments, program } from '../program'
import { closeInput, complain, openInput, parseSize, programName, readAll } from '../stdio'

const IN_MODIFY = 2
const IN_ATTRIB = 4
const IN_DELETE_SELF = 0x400
const IN_MOVE_SELF = 0x800
const IN_CREATE = 0x100
const IN_MOVED_TO = 0x80

/** False once nobody reads any more. */
function* print(process: Process, data: Bytes | string): Syscall<boolean> {
  return data.length === 0 || !isErrno(yield* process.write(1, data))
}

type Followed = { readonly path: string; fd: number | undefined; offset: number; ino: number; watch: number | undefined }

function tailOf(bytes: Bytes, args: Arguments): Bytes {
  const wanted = args.value('bytes') ?? args.value('lines') ?? '10'
  const fromStart = wanted.startsWith('+')
  const count = parseSize(wanted.replace(/^[+-]/, '')) ?? 10
  if (args.has('bytes')) return fromStart ? bytes.subarray(Math.max(0, count - 1)) : bytes.subarray(Math.max(0, bytes.length - count))
  if (fromStart) {
    let at = 0
    for (let line = 1; line < count && at < bytes.length; line++) {
      const next = bytes.indexOf(10, at)
      at = next < 0 ? bytes.length : next + 1
    }
    return bytes.subarray(at)
  }
  if (count === 0) return bytes.subarray(bytes.length)
  let at = bytes.length - (bytes.at(-1) === 10 ? 1 : 0)
  for (let line = 0; line < count && at > 0; line++) at = bytes.lastIndexOf(10, at - 1) + (line === count - 1 ? 1 : 0)
  return bytes.subarray(Math.max(0, at))
}

export const tail = program({
  name: 'tail',
  path: '/usr/bin/tail',
  synopsis: '[OPTION]... [FILE]...',
  summary: 'prints the last lines of files, and follows what is added',
  options: [
    { short: 'c', long: 'bytes', argument: 'required', metavar: '[+]NUM', help: 'the last bytes; with +, from that byte on' },
    { short: 'f', help: 'print what is added, too' },
    { long: 'follow', argument: 'optional', metavar: 'name|descriptor', help: 'as -f, or -F with name' },
    { short: 'F', help: 'follow the name: reopen a file that was replaced' },
    {
      short: 'n',
      long: 'lines',
      argument: 'required',
      metavar: '[+]NUM',
      help: 'that many lines instead of 10; with +, from that line on',
    },
    { long: 'pid', argument: 'required', metavar: 'PID', help: 'with -f, end when this process ends' },
    { short: 'q', long: 'quiet', help: 'never print headers with file names' },
    { long: 'silent', help: 'as --quiet' },
    { long: 'retry', help: 'keep trying to open' },
    { short: 's', long: 'sleep-interval', argument: 'required', metavar: 'N', help: 'seconds between looks' },
    { short: 'v', long: 'verbose', help: 'always print headers' },
  ],
  rewrite: (words) =>
    words.flatMap((word, index) =>
      index === 0 && /^-\d+f?$/.test(word)
        ? ['-n', word.replace(/[-f]/g, ''), ...(word.endsWith('f') ? ['-f'] : [])]
        : index === 0 && /^\+\d+$/.test(word)
          ? ['-n', word]
          : [word],
    ),
  *main(process, args): Syscall<number> {
    const paths = args.operands.length === 0 ? ['-'] : args.operands
    const byName = args.has('F') || args.value('follow') === 'name'
    const follows = args.has('f') || args.has('follow') || byName
    const withHeaders = args.has('verbose') || (paths.length > 1 && !args.has('quiet') && !args.has('silent'))
    const name = programName(process)
    const followed: Followed[] = []
    let status = 0
    let current: string | undefined
    const header = function* (path: string): Syscall<void> {
      if (withHeaders && current !== path)
        yield* print(process, `${current === undefined ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`)
      current = path
    }
    for (const path of paths) {
      const fd = yield* openInput(process, path)
      if (isErrno(fd)) {
        status = 1
        yield* process.write(2, `${name}: cannot open '${path}' for reading: ${fd.message}\n`)
        if (byName || args.has('retry')) followed.push({ path, fd: undefined, offset: 0, ino: 0, watch: undefined })
        continue
      }
      yield* header(path)
      const bytes = yield* readAll(process, fd)
      if (isErrno(bytes)) {
        yield* process.write(2, `${name}: error reading '${path}': ${bytes.message}\n`)
        status = 1
        yield* closeInput(process, fd)
        continue
      }
      yield* print(process, tailOf(bytes, args))
      const status_ = yield* process.fstat(fd)
      if (follows) followed.push({ path, fd, offset: bytes.length, ino: isErrno(status_) ? 0 : status_.ino, watch: undefined })
      else yield* closeInput(process, fd)
    }
    if (!follows) return status
    if (followed.length === 0) {
      yield* process.write(2, `${name}: no files remaining\n`)
      return 1
    }
    return yield* follow(process, followed, byName || args.has('retry'), args.value('pid'), header)
  },
})

function* follow(
  process: Process,
  files: Followed[],
  byName: boolean,
  pid: string | undefined,
  header: (path: string) => Syscall<void>,
): Syscall<number> {
  const inotify = yield* process.inotifyInit()
  if (isErrno(inotify)) {
    yield* complain(process, 'inotify cannot be used', inotify)
    return 1
  }
  const name = programName(process)
  for (const file of files) {
    if (file.path === '-') continue
    if (file.fd !== undefined) yield* process.inotifyAddWatch(inotify, file.path, IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
    const folder = file.path.includes('/') ? file.path.slice(0, Math.max(1, file.path.lastIndexOf('/'))) : '.'
    if (byName) yield* process.inotifyAddWatch(inotify, folder, IN_CREATE | IN_MOVED_TO)
  }
  const stdin = files.some((file) => file.path === '-')
  for (;;) {
    if (byName) for (const file of files) yield* reopen(process, file, inotify, name)
    for (const file of files) if (!(yield* copyNew(process, file, header, name))) return 1
    if (pid !== undefined) {
      const alive = yield* process.kill(Number(pid), 0)
      if (isErrno(alive) && alive.name === 'ESRCH') return 0
    }
    const requests = [{ fd: inotify, events: 1 }, ...(stdin ? [{ fd: 0, events: 1 }] : [])]
    const ready = yield* process.poll(requests, pid === undefined ? undefined : 1_000_000)
    if (isErrno(ready)) continue
    if (ready.some((one) => one.fd === inotify)) yield* process.inotifyRead(inotify)
  }
}

function* copyNew(process: Process, file: Followed, header: (path: string) => Syscall<void>, name: string): Syscall<boolean> {
  if (file.fd === undefined) return true
  if (file.path !== '-') {
    const status = yield* process.fstat(file.fd)
    if (!isErrno(status) && status.size < file.offset) {
      yield* process.write(2, `${name}: ${file.path}: file truncated\n`)
      yield* process.lseek(file.fd, 0, 'set')
      file.offset = 0
    } else if (!isErrno(status) && status.size === file.offset) return true
  }
  const parts: Bytes[] = []
  for (;;) {
    if (file.path === '-') {
      const ready = yield* process.poll([{ fd: 0, events: 1 }], 0)
      if (isErrno(ready) || ready.length === 0) break
    }
    const chunk = yield* process.read(file.fd, 65_536)
    if (isErrno(chunk) || chunk.length === 0) break
    parts.push(chunk)
  }
  const fresh = concatBytes(parts)
  if (fresh.length === 0) return true
  file.offset += fresh.length
  yield* header(file.path)
  return yield* print(process, fresh)
}

/** -F: the name may lead to another file by now. */
function* reopen(process: Process, file: Followed, inotify: number, name: string): Syscall<void> {
  const status = yield* process.stat(file.path)
  if (isErrno(status)) {
    if (file.fd !== undefined) {
      yield* process.write(2, `${name}: '${file.path}' has become inaccessible: ${status.message}\n`)
      yield* process.close(file.fd)
      file.fd = undefined
    }
    return
  }
  if (file.fd !== undefined && status.ino === file.ino) return
  const fd = yield* process.open(file.path, 0)
  if (isErrno(fd)) return
  yield* process.write(
    2,
    file.fd === undefined
      ? `${name}: '${file.path}' has appeared;  following new file\n`
      : `${name}: '${file.path}' has been replaced;  following new file\n`,
  )
  if (file.fd !== undefined) yield* process.close(file.fd)
  file.fd = fd
  file.offset = 0
  file.ino = status.ino
  yield* process.inotifyAddWatch(inotify, file.path, IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
}
