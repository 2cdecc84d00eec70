// After systemd.directives(7): what a row of the directive tables is.
import type { LocalTime } from '@/lib/base'
import type { Errno } from '@/lib/kernel'
import type { SpecifierTable } from './specifier'

/** As syslog(3) ranks them; systemd prints down to `info`. */
export type Severity = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** From and to, as offsets into the assignment's value. */
export type ValueRange = readonly [from: number, to: number]

export type ParseContext = {
  /** The unit's id: `foo@bar.service`. */
  readonly unit: string
  readonly scope: 'system' | 'user'
  readonly section: string
  /** As it stands in the file, so an alias keeps its own name. */
  readonly directive: string
  readonly file: string
  readonly line: number
  /** Parsers never throw; this is the only way to complain. The text goes after `FILE:LINE: `. */
  readonly report: (severity: Severity, message: string, range?: ValueRange) => void
  /** As `report`, for the few messages that systemd prints without saying where: after `UNIT: `, or bare. */
  readonly reportFor: (where: 'unit' | 'nowhere', severity: Severity, message: string) => void
  /** The whole file is given up with this error; ENOEXEC is the usual one. */
  readonly refuse: (error: Errno) => void
  /** `%` specifiers: all of them, or the few that unit names allow. */
  readonly expand: (text: string, table: SpecifierTable, maximum: number) => string | Errno
  /** Values of the section as they stand now, by directive. */
  readonly peek: (directive: string) => unknown
  readonly host: ParseHost
  /** All names of the unit so far. */
  readonly names: ReadonlySet<string>
  /** What a name stands for as a dependency: with an instance filled in; `undefined` where dependencies are not followed. */
  readonly dependency: (name: string) => string | undefined | Errno
  /** The id of another unit that is loaded right now, or why it cannot be. */
  readonly loads: (name: string) => string | { readonly message: string }
  /** Whether the unit may be in that slice; the error if not. */
  readonly assignSlice: (slice: string) => Errno | undefined
}

/** Facts of the machine that a few values need. */
export type ParseHost = {
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
  readonly networkInterfaces: ReadonlyMap<string, number>
  /** A unit's directory for run-time files: `/run`, or the user's. */
  readonly runtimeDirectory: string
  /** The time zone that calendar expressions are read in. */
  readonly local: LocalTime
}

/** How a value is read. `current` is what earlier lines gave; returning it keeps it. */
export type DirectiveParser<T> = {
  parse(value: string, current: T, context: ParseContext): T
  /** Words to offer. */
  readonly values?: readonly string[]
  /** How `systemd --dump-configuration-items` calls the kind of value. */
  readonly placeholder: string
}

/** What more a row can say. */
export type RowFacts = {
  /** Version that brought it; 0: older than the records. */
  readonly since?: number
  /** The manual page, without its section number, where it differs from that of the block; '' where none documents it. */
  readonly man?: string
  /** The name to use today. */
  readonly replacedBy?: string
  /** Known, warned about and ignored. */
  readonly removed?: true
  /** Why the simulated machine does not act on it. */
  readonly notSimulated?: string
  /** Directives whose values an empty assignment resets, too. */
  readonly resets?: readonly string[]
}

export type DirectiveRow<T> = RowFacts & {
  readonly parser: DirectiveParser<T>
  /** Value of a unit that does not say. */
  readonly initial: T
  /** Where the value goes, when not to the field of its own name: other fields of this section, or of `[Unit]`. */
  readonly writes?: readonly string[]
  readonly writesSection?: 'Unit'
}

/** A directive whose value is the field of its own name. */
export function row<T>(parser: DirectiveParser<T>, initial: NoInfer<T>, facts: RowFacts = {}): DirectiveRow<T> & { readonly own: true } {
  return { parser, initial, own: true, ...facts }
}

/** A directive that is only another way to write fields of its section. */
export function into<T>(
  writes: string | readonly string[],
  parser: DirectiveParser<T>,
  initial: NoInfer<T>,
  facts: RowFacts = {},
): DirectiveRow<T> & { readonly own: false } {
  return { parser, initial, own: false, writes: typeof writes === 'string' ? [writes] : writes, ...facts }
}

/** As `into`, but the field is one of `[Unit]`. */
export function intoUnit<T>(
  writes: string,
  parser: DirectiveParser<T>,
  initial: NoInfer<T>,
  facts: RowFacts = {},
): DirectiveRow<T> & { readonly own: false } {
  return { parser, initial, own: false, writes: [writes], writesSection: 'Unit', ...facts }
}

export type DirectiveTable = { readonly [name: string]: DirectiveRow<unknown> }

/** The fields that a table's own rows make, with the types of their values. */
export type FieldsOf<Table> = {
  -readonly [Name in keyof Table as Table[Name] extends { readonly own: true } ? Name : never]: Table[Name] extends DirectiveRow<infer T>
    ? T
    : never
}
