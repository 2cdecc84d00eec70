// Copying of files with their attributes: for cp(1), mv(1) across file systems, and install(1).
import { errno, isErrno, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY, type Process, type Stat, type Syscall } from '@/lib/kernel'
import { complain, quoteName, readChunk } from '../stdio'

export type CopyOptions = {
  readonly recursive: boolean
  /** Follow symbolic links of the source. */
  readonly follow: boolean
  readonly preserveMode: boolean
  readonly preserveOwner: boolean
  readonly preserveTimes: boolean
  readonly force: boolean
  /** Hard links or symbolic links in place of copies. */
  readonly link: 'no' | 'hard' | 'symbolic'
  readonly verbose: boolean
  /** Asks before it overwrites; undefined: does not ask. */
  readonly mayReplace?: (path: string) => Syscall<boolean>
  readonly update: boolean
  readonly backup: boolean
}

function* copyContent(process: Process, from: string, to: string, stat: Stat, options: CopyOptions): Syscall<boolean> {
  const reader = yield* process.open(from, O_RDONLY)
  if (isErrno(reader)) {
    yield* complain(process, `cannot open ${quoteName(from)} for reading`, reader)
    return false
  }
  const exists = !isErrno(yield* process.stat(to))
  const mode = stat.mode & 0o777
  let writer = exists ? yield* process.open(to, O_WRONLY | O_TRUNC) : yield* process.open(to, O_WRONLY | O_CREAT | O_EXCL, mode)
  if (isErrno(writer) && exists && options.force) {
    yield* process.unlink(to)
    writer = yield* process.open(to, O_WRONLY | O_CREAT | O_EXCL, mode)
  }
  if (isErrno(writer)) {
    yield* complain(process, `cannot create regular file ${quoteName(to)}`, writer)
    yield* process.close(reader)
    return false
  }
  let fine = true
  for (;;) {
    const chunk = yield* readChunk(process, reader, 131072)
    if (isErrno(chunk)) {
      yield* complain(process, `error reading ${quoteName(from)}`, chunk)
      fine = false
      break
    }
    if (chunk.length === 0) break
    const written = yield* process.write(writer, chunk)
    if (isErrno(written)) {
      yield* complain(process, `error writing ${quoteName(to)}`, written)
      fine = false
      break
    }
  }
  yield* process.close(reader)
  yield* process.close(writer)
  return fine
}

export function* preserve(
  process: Process,
  to: string,
  stat: Stat,
  options: Pick<CopyOptions, 'preserveMode' | 'preserveOwner' | 'preserveTimes'>,
): Syscall<void> {
  if (options.preserveOwner) yield* process.chown(to, stat.uid, stat.gid, { nofollow: true })
  if (stat.kind === 'symlink') return
  if (options.preserveMode) yield* process.chmod(to, stat.mode)
  if (options.preserveTimes) yield* process.utimes(to, stat.atimeUsec, stat.mtimeUsec)
}

export function* copyPath(process: Process, from: string, to: string, options: CopyOptions, top = true): Syscall<boolean> {
  const stat = options.follow ? yield* process.stat(from) : yield* process.lstat(from)
  if (isErrno(stat)) {
    yield* complain(process, `cannot stat ${quoteName(from)}`, stat)
    return false
  }
  if (stat.kind === 'directory' && !options.recursive) {
    yield* complain(process, `-r not specified; omitting directory ${quoteName(from)}`)
    return false
  }
  const target = yield* process.lstat(to)
  if (!isErrno(target)) {
    const real = yield* process.stat(to)
    if (top && !isErrno(real) && real.dev === stat.dev && real.ino === stat.ino) {
      yield* complain(process, `${quoteName(from)} and ${quoteName(to)} are the same file`)
      return false
    }
    if (stat.kind !== 'directory') {
      if (target.kind === 'directory') {
        yield* complain(process, `cannot overwrite directory ${quoteName(to)} with non-directory`)
        return false
      }
      if (options.update && target.mtimeUsec >= stat.mtimeUsec) return true
      if (options.mayReplace !== undefined && !(yield* options.mayReplace(to))) return true
      if (options.backup) yield* process.rename(to, `${to}~`)
    }
  }
  if (options.verbose) yield* process.write(1, `${quoteName(from)} -> ${quoteName(to)}\n`)
  if (stat.kind === 'directory') return yield* copyDirectory(process, from, to, stat, options)
  if (options.link !== 'no') {
    const result = options.link === 'hard' ? yield* process.link(from, to) : yield* process.symlink(from, to)
    if (!isErrno(result)) return true
    yield* complain(
      process,
      `cannot create ${options.link === 'hard' ? 'hard' : 'symbolic'} link ${quoteName(to)} to ${quoteName(from)}`,
      result,
    )
    return false
  }
  let fine = true
  if (stat.kind === 'file' || options.follow)
    fine =
      stat.kind === 'file' || !options.recursive
        ? yield* copyContent(process, from, to, stat, options)
        : yield* copySpecial(process, from, to, stat)
  else fine = yield* copySpecial(process, from, to, stat)
  if (fine) yield* preserve(process, to, stat, options)
  return fine
}

function* copySpecial(process: Process, from: string, to: string, stat: Stat): Syscall<boolean> {
  if (!isErrno(yield* process.lstat(to))) yield* process.unlink(to)
  if (stat.kind === 'symlink') {
    const target = yield* process.readlink(from)
    const result = isErrno(target) ? target : yield* process.symlink(target, to)
    if (!isErrno(result)) return true
    yield* complain(process, `cannot create symbolic link ${quoteName(to)}`, result)
    return false
  }
  const kind = stat.kind === 'socket' || stat.kind === 'directory' ? 'file' : stat.kind
  const result = yield* process.mknod(to, kind, stat.mode, stat.rdev)
  if (!isErrno(result)) return true
  yield* complain(process, `cannot create ${kind === 'fifo' ? 'fifo' : 'special file'} ${quoteName(to)}`, result)
  return false
}

function* copyDirectory(process: Process, from: string, to: string, stat: Stat, options: CopyOptions): Syscall<boolean> {
  const entries = yield* process.readdir(from)
  if (isErrno(entries)) {
    yield* complain(process, `cannot access ${quoteName(from)}`, entries)
    return false
  }
  const made = yield* process.mkdir(to, stat.mode | 0o700)
  if (isErrno(made) && made !== errno.EEXIST) {
    yield* complain(process, `cannot create directory ${quoteName(to)}`, made)
    return false
  }
  let fine = true
  const inner: CopyOptions = options.follow && !options.recursive ? options : { ...options }
  for (const entry of entries) {
    if (entry.name === '.' || entry.name === '..') continue
    if (!(yield* copyPath(process, `${from.replace(/\/$/, '')}/${entry.name}`, `${to.replace(/\/$/, '')}/${entry.name}`, inner, false)))
      fine = false
  }
  if (isErrno(made)) {
    if (options.preserveMode) yield* preserve(process, to, stat, options)
  } else {
    yield* preserve(process, to, stat, options)
    if (!options.preserveMode) {
      const mask = yield* process.umask(0)
      yield* process.umask(mask)
      yield* process.chmod(to, stat.mode & ~mask)
    }
  }
  return fine
}
