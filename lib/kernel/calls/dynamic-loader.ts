// After ld.so(8): what a dynamically linked program calls before its main(). It shows under filters, which may stop it there.
import { errno, isErrno } from '../errno'
import { type Main, MS_NOEXEC, O_CLOEXEC, type Process, type Syscall } from '../system-calls'
import type { Task } from '../task'
import { resolve } from '../vfs'

const LIBRARY = 'libc.so.6'
const LIBRARY_PATH = '/lib/x86_64-linux-gnu/libc.so.6'
const PROT_READ = 1
const PROT_EXEC = 5
const MAP_PRIVATE = 2
const MAP_ANONYMOUS = 0x22
const CANNOT_LOAD = 127

/** Wraps a program when its start could fail: there are filters, or its library may not be executed. */
export function withLoader(task: Task, main: Main, name: string): Main {
  const library = resolve(task.fs, LIBRARY_PATH)
  const blocked = !isErrno(library) && (library.mount.flags & MS_NOEXEC) !== 0
  if (task.seccompFilters.length === 0 && !blocked) return main
  return function* (process) {
    const failure = yield* load(process, blocked, isErrno(library))
    if (failure === undefined) return yield* main(process)
    yield* process.write(2, `${name}: error while loading shared libraries: ${failure}\n`)
    return CANNOT_LOAD
  }
}

/** Text: what went wrong. */
function* load(process: Process, blocked: boolean, missing: boolean): Syscall<string | undefined> {
  yield* process.syscall('brk', 0)
  const memory = yield* process.syscall('mmap', 0, 8192, 3, MAP_ANONYMOUS)
  if (isErrno(memory)) return `${LIBRARY}: cannot create shared object descriptor: ${memory.message}`
  yield* process.access('/etc/ld.so.preload', 4)
  const cache = yield* process.open('/etc/ld.so.cache', O_CLOEXEC)
  if (!isErrno(cache)) {
    yield* process.fstat(cache)
    yield* process.syscall('mmap', 0, 32_768, PROT_READ, MAP_PRIVATE)
    yield* process.close(cache)
  }
  if (missing) yield* process.syscall('openat', LIBRARY_PATH)
  const fd = missing ? 0 : yield* process.open(LIBRARY_PATH, O_CLOEXEC)
  if (isErrno(fd)) return `${LIBRARY}: cannot open shared object file: ${fd.message}`
  const head = missing ? yield* process.syscall('read', fd) : yield* process.read(fd, 832)
  if (isErrno(head) && head !== errno.ENOSYS) return `${LIBRARY}: cannot read file data: ${head.message}`
  const status = yield* process.fstat(fd)
  if (isErrno(status)) return `${LIBRARY}: cannot stat shared object: ${status.message}`
  const mapped = yield* process.syscall('mmap', 0, 2_000_000, PROT_READ, MAP_PRIVATE)
  const code = yield* process.syscall('mmap', 0, 1_500_000, PROT_EXEC, MAP_PRIVATE)
  if (blocked || isErrno(mapped) || isErrno(code)) return `${LIBRARY}: failed to map segment from shared object`
  if (!missing) yield* process.close(fd)
  for (const [name, ...args] of afterMapping) yield* process.syscall(name, ...args)
  const protectedNow = yield* process.syscall('mprotect', 0, 16_384, PROT_READ)
  return isErrno(protectedNow) ? `${LIBRARY}: cannot apply additional memory protection after relocation` : undefined
}

const afterMapping: readonly (readonly [name: string, ...args: readonly unknown[]])[] = [
  ['mmap', 0, 12_288, 3, MAP_ANONYMOUS],
  ['arch_prctl', 0x1002],
  ['set_tid_address', 0],
  ['set_robust_list', 0],
  ['rseq', 0],
]
