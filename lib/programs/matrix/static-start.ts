// What a statically linked program calls before its main(): the start-up code of the C library.
import type { Process, Syscall } from '@/lib/kernel'

const calls: readonly (readonly [name: string, ...args: readonly unknown[]])[] = [
  ['brk', 0],
  ['brk', 0],
  ['arch_prctl', 0x1002],
  ['set_tid_address', 0],
  ['set_robust_list', 0],
  ['rseq', 0],
  ['prlimit64', 0],
  ['readlinkat', '/proc/self/exe'],
  ['getrandom', 8],
  ['brk', 0],
  ['brk', 0],
  ['mprotect', 0, 16_384, 1],
]

/** Errors are of no consequence here; a filter that kills is. */
export function* startStatic(process: Process): Syscall<void> {
  for (const [name, ...args] of calls) yield* process.syscall(name, ...args)
}
