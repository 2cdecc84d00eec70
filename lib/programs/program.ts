// How a program of the image is declared: one file each, one line in `index.ts`.
// `options` is the one source for parsing, --help, "unrecognized option" and tab completion. After getopt_long(3).
import type { Main, Process, Syscall } from '@/lib/kernel'

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
  /** Mode of the executable, when it is not 0755: `0o4755` for sudo. */
  readonly mode?: number
  /** One line in our own words. */
  readonly summary: string
  /** What follows the name in the usage line: `[OPTION]... FILE...`. */
  readonly synopsis?: string
  readonly options: readonly OptionRow[]
  /** Options must come before the first operand (POSIX), as for `env`, `sudo`, `nohup`, `systemd-run`. */
  readonly stopAtOperand?: boolean
  /** Takes argv raw: `main` sees no parsed options (`echo`, `test`, `bash`). */
  readonly raw?: boolean
  /** What --version prints, where it is not the package's own line. */
  readonly version?: string
  /** Exit status of a usage error; 1 unless told. */
  readonly usageStatus?: number
  /** What follows an option error on standard error, where it is not GNU's "Try …" line; with its newline. */
  readonly usageHint?: (name: string) => string
  /** Options like `-5` or `+3` of old: rewrites argv (without argv[0]) before parsing. */
  readonly rewrite?: (words: readonly string[]) => readonly string[]
  readonly main: (process: Process, args: Arguments) => Syscall<number>
}

export type Program = Omit<ProgramDefinition, 'main'> & { readonly main: Main }

export type ParsedArguments = { readonly args: Arguments } | { readonly error: string }

const optionName = (row: OptionRow): string => row.long ?? row.short ?? ''

function makeArguments(operands: readonly string[], given: readonly { name: string; value: string | undefined }[]): Arguments {
  return {
    operands,
    given,
    has: (name) => given.some((one) => one.name === name),
    value: (name) => given.findLast((one) => one.name === name)?.value,
    values: (name) => given.flatMap((one) => (one.name === name && one.value !== undefined ? [one.value] : [])),
  }
}

type LongMatch = { readonly row: OptionRow } | { readonly error: string }

/** Exact name, or an abbreviation that fits one option only. */
function findLong(rows: readonly OptionRow[], name: string): LongMatch {
  const exact = rows.find((row) => row.long === name)
  if (exact !== undefined) return { row: exact }
  const fitting = rows.filter((row) => row.long?.startsWith(name))
  const [first] = fitting
  if (first === undefined) return { error: `unrecognized option '--${name}'` }
  if (fitting.length === 1) return { row: first }
  const names = fitting.map((row) => ` '--${row.long}'`).join('')
  return { error: `option '--${name}' is ambiguous; possibilities:${names}` }
}

/** Reads `words` (argv without argv[0]) as getopt_long(3) does, permuting operands unless told to stop. */
export function parseArguments(rows: readonly OptionRow[], words: readonly string[], stopAtOperand = false): ParsedArguments {
  const operands: string[] = []
  const given: { name: string; value: string | undefined }[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    if (word === '--') {
      operands.push(...words.slice(index + 1))
      break
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const match = findLong(rows, word.slice(2, equals < 0 ? undefined : equals))
      if ('error' in match) return match
      const { row } = match
      let value = equals < 0 ? undefined : word.slice(equals + 1)
      if (row.argument === undefined && value !== undefined) return { error: `option '--${row.long}' doesn't allow an argument` }
      if (row.argument === 'required' && value === undefined) {
        index += 1
        value = words[index]
        if (value === undefined) return { error: `option '--${row.long}' requires an argument` }
      }
      given.push({ name: optionName(row), value })
      continue
    }
    if (word.length > 1 && word.startsWith('-')) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!
        const row = rows.find((one) => one.short === letter)
        if (row === undefined) return { error: `invalid option -- '${letter}'` }
        if (row.argument === undefined) {
          given.push({ name: optionName(row), value: undefined })
          continue
        }
        let value: string | undefined = word.slice(at + 1)
        if (value === '') {
          value = undefined
          if (row.argument === 'required') {
            index += 1
            value = words[index]
            if (value === undefined) return { error: `option requires an argument -- '${letter}'` }
          }
        }
        given.push({ name: optionName(row), value })
        break
      }
      continue
    }
    if (stopAtOperand) {
      operands.push(...words.slice(index))
      break
    }
    operands.push(word)
  }
  return { args: makeArguments(operands, given) }
}

/** The option column of --help, from the table. */
export function optionHelp(rows: readonly OptionRow[]): string {
  return rows
    .filter((row) => row.help !== undefined)
    .map((row) => {
      const metavar = row.metavar ?? 'ARG'
      const value = row.argument === undefined ? '' : row.argument === 'required' ? `=${metavar}` : `[=${metavar}]`
      const short = row.short === undefined ? '    ' : row.long === undefined ? `-${row.short}` : `-${row.short}, `
      const shortValue = row.long === undefined && row.argument !== undefined ? ` ${metavar}` : ''
      const left = `  ${short}${shortValue}${row.long === undefined ? '' : `--${row.long}${value}`}`
      return `${left.padEnd(28)} ${row.help}\n`
    })
    .join('')
}

export function helpText(definition: Omit<ProgramDefinition, 'main'>, invokedAs: string): string {
  const usage = `Usage: ${invokedAs} ${definition.synopsis ?? '[OPTION]...'}\n`
  const summary = `${definition.summary[0]?.toUpperCase() ?? ''}${definition.summary.slice(1)}.\n`
  const rows = [
    ...definition.options,
    ...(definition.options.some((row) => row.long === 'help') ? [] : [{ long: 'help', help: 'show this help and exit' }]),
    ...(definition.options.some((row) => row.long === 'version') ? [] : [{ long: 'version', help: 'show the version and exit' }]),
  ]
  return `${usage}${summary}\n${optionHelp(rows)}`
}

/** Declares a program: argument parsing, --help, --version and option errors come from the table. */
export function program(definition: ProgramDefinition): Program {
  const { main, ...rest } = definition
  const own = definition.options
  const added: OptionRow[] = []
  if (!own.some((row) => row.long === 'help')) added.push({ long: 'help' })
  if (!own.some((row) => row.long === 'version')) added.push({ long: 'version' })
  const rows = [...own, ...added]
  const answersHelp = added.some((row) => row.long === 'help')
  const answersVersion = added.some((row) => row.long === 'version')
  return {
    ...rest,
    *main(process) {
      const name = process.argv[0] ?? definition.name
      const words = process.argv.slice(1)
      if (definition.raw === true) return yield* main(process, makeArguments(words, []))
      const parsed = parseArguments(rows, definition.rewrite?.(words) ?? words, definition.stopAtOperand)
      if ('error' in parsed) {
        const hint = definition.usageHint?.(name) ?? `Try '${name} --help' for more information.\n`
        yield* process.write(2, `${name}: ${parsed.error}\n${hint}`)
        return definition.usageStatus ?? 1
      }
      const asked = parsed.args.given.find((one) => (answersHelp && one.name === 'help') || (answersVersion && one.name === 'version'))
      if (asked?.name === 'help') {
        yield* process.write(1, helpText(definition, name))
        return 0
      }
      if (asked?.name === 'version') {
        yield* process.write(1, `${definition.version ?? `${definition.name} (Unitlab)`}\n`)
        return 0
      }
      return yield* main(process, parsed.args)
    },
  }
}
