// What Tab offers. Words the shell does not know of (unit names, a program's options) come from a provider given to it.
import type { Process, Syscall } from '@/lib/kernel'

/** Candidates for `words[index]`, or undefined when this command is unknown to the provider. */
export type Completer = (process: Process, words: readonly string[], index: number) => Syscall<readonly string[] | undefined>
