// How a program of the image is declared: one file each, one line in `index.ts`.
// `options` is the one source for parsing, --help, "unrecognized option" and tab completion.
import type { Process, Syscall, Main } from '@/lib/kernel'

export type OptionRow = {
  readonly long?: string
  readonly short?: string
  /** Absent: a switch. `optional` arguments are given as `--name=value` or `-nvalue` only. */
  readonly argument?: 'required' | 'optional'
  /** How --help names the argument: `FILE`. */
  readonly metavar?: string
  readonly help?: string
}

/** Options are named by `long`, or by `short` where there is no long one. */
export type Arguments = {
  /** Words that are no options, in order. */
  readonly operands: readonly string[]
  /** Options in the order given; a switch has no value. */
  readonly given: readonly { readonly name: string; readonly value: string | undefined }[]
  readonly has: (name: string) => boolean
  /** The last value given. */
  readonly value: (name: string) => string | undefined
  readonly values: (name: string) => readonly string[]
}

export type ProgramDefinition = {
  readonly name: string
  /** Where its executable lies: `/usr/bin/cat`. */
  readonly path: string
  /** Other paths that are symbolic links to it. */
  readonly links?: readonly string[]
  /** One line in our own words. */
  readonly summary: string
  readonly options: readonly OptionRow[]
  /** Options must come before the first operand (POSIX), as for `env`, `sudo`, `nohup`, `systemd-run`. */
  readonly stopAtOperand?: boolean
  /** Takes argv raw: `main` sees no parsed options (`echo`, `test`, `bash`). */
  readonly raw?: boolean
  readonly main: (process: Process, args: Arguments) => Syscall<number>
}

export type Program = Omit<ProgramDefinition, 'main'> & { readonly main: Main }
