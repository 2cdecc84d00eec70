// Steps that many actions about files share.
import { decodeUtf8 } from '@/lib/base'
import {
  type Errno,
  type Fallible,
  isErrno,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { failedAt, NO_DIRECTORY, outcome, type Scene, scratchPath } from './action'

/** Makes a new file in a directory, writes one byte, unlinks it. */
export function* writeInto({ process }: Scene, directory: string): Syscall<string> {
  const path = `${directory}/.probe-${process.pid}`
  const fd = yield* process.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
  if (isErrno(fd)) return outcome(fd)
  const written = yield* process.write(fd, 'x')
  yield* process.unlink(path)
  return outcome(written)
}

export function* openAndRead({ process }: Scene, path: string): Syscall<string> {
  const fd = yield* process.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  if (isErrno(fd)) return outcome(fd)
  const bytes = yield* process.read(fd, 64)
  if (isErrno(bytes)) return outcome(bytes)
  return bytes.length === 0 ? 'ok:empty' : 'ok'
}

export function* openOnly({ process }: Scene, path: string, flags: number): Syscall<string> {
  return outcome(yield* process.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
}

/** The names in a directory; the descriptor stays open, as opendir(3) leaves it. */
export function* namesIn(process: Process, path: string): Syscall<Fallible<readonly string[]>> {
  const fd = yield* process.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
  if (isErrno(fd)) return fd
  const status = yield* process.fstat(fd)
  if (isErrno(status)) return status
  const entries = yield* process.readdir(path)
  return isErrno(entries) ? entries : entries.map((entry) => entry.name).filter((name) => name !== '.' && name !== '..')
}

export function* countNames({ process }: Scene, path: string, most = Number.POSITIVE_INFINITY): Syscall<string> {
  const names = yield* namesIn(process, path)
  if (isErrno(names)) return outcome(names)
  const count = names.filter((name) => !name.startsWith('.')).length
  return count >= most ? 'ok:many' : `ok:${count}`
}

/** Reads a setting and writes the same value. */
export function* writeSame({ process }: Scene, path: string): Syscall<string> {
  const fd = yield* process.open(path, O_RDWR | O_CLOEXEC)
  if (isErrno(fd)) return outcome(fd)
  const bytes = yield* process.read(fd, 256)
  if (isErrno(bytes)) return outcome(bytes)
  if (bytes.length === 0) return 'ok:empty'
  yield* process.lseek(fd, 0, 'set')
  return outcome(yield* process.write(fd, bytes))
}

/** An open file without a name in the scratch directory; text: the result already. */
export function* temporaryFile(scene: Scene): Syscall<number | string> {
  if (scene.scratch === '') return NO_DIRECTORY
  const path = scratchPath(scene, 'f')
  const fd = yield* scene.process.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
  if (isErrno(fd)) return failedAt('create', fd)
  yield* scene.process.unlink(path)
  return fd
}

/** Something done to a temporary file. */
export function onTemporaryFile(work: (scene: Scene, fd: number) => Syscall<Fallible<unknown>>) {
  return function* (scene: Scene): Syscall<string> {
    const fd = yield* temporaryFile(scene)
    return typeof fd === 'string' ? fd : outcome(yield* work(scene, fd))
  }
}

/** Makes a node in the scratch directory and removes it whatever came. */
export function inScratch(name: string, make: (scene: Scene, path: string) => Syscall<Fallible<unknown>>, directory = false) {
  return function* (scene: Scene): Syscall<string> {
    if (scene.scratch === '') return NO_DIRECTORY
    const path = scratchPath(scene, name)
    const made = yield* make(scene, path)
    if (directory) yield* scene.process.rmdir(path)
    else yield* scene.process.unlink(path)
    return outcome(made)
  }
}

/** The first directory that an environment variable names. */
export function firstDirectory(process: Process, variable: string): string | undefined {
  return process.env[variable]?.split(':')[0]
}

export function* readText(process: Process, path: string, count = 255): Syscall<string | Errno> {
  const fd = yield* process.open(path, O_RDONLY)
  if (isErrno(fd)) return fd
  const bytes = yield* process.read(fd, count)
  return isErrno(bytes) ? bytes : decodeUtf8(bytes)
}

/** A whole file, as fgets(3) reads it. */
export function* readWhole(process: Process, path: string): Syscall<string | Errno> {
  const fd = yield* process.open(path, O_RDONLY | O_CLOEXEC)
  if (isErrno(fd)) return fd
  let text = ''
  for (;;) {
    const bytes = yield* process.read(fd, 4096)
    if (isErrno(bytes)) return text
    if (bytes.length === 0) return text
    text += decodeUtf8(bytes)
  }
}

/** Replaces the process: its exit status tells the rest. */
export function* become({ process, note }: Scene, path: string, ...args: readonly string[]): Syscall<string> {
  note('exec?')
  return outcome(yield* process.exec(path, [path, ...args], process.env))
}
