// After journalctl(1) --output: one entry in each of the modes.
import { concatBytes, encodeUtf8, type Bytes } from '@/lib/base'
import { catalogText } from './catalog'
import { displayTimestamp, fieldText, type Entry } from './entry'
import type { TimeOptions } from './entry-time'
import { formatExport, formatVerbose } from './output-export'
import { formatJson } from './output-json'
import { formatShort, paintMessage, type PreviousEntry } from './output-short'

/** In the order in which `--output=help` lists them. */
export const outputModes = [
  'short',
  'short-full',
  'short-iso',
  'short-iso-precise',
  'short-precise',
  'short-monotonic',
  'short-delta',
  'short-unix',
  'verbose',
  'export',
  'json',
  'json-pretty',
  'json-sse',
  'json-seq',
  'cat',
  'with-unit',
] as const
export type OutputMode = (typeof outputModes)[number]

export type OutputOptions = TimeOptions & {
  readonly mode: OutputMode
  readonly columns: number
  readonly colors: boolean
  /** Links to files of this host. */
  readonly links?: { readonly hostname: string }
  /** Long lines whole. */
  readonly fullWidth: boolean
  /** Unprintable and long values too. */
  readonly showAll: boolean
  readonly noHostname?: boolean
  readonly truncateNewline?: boolean
  /** Explanations from the catalog after each entry. */
  readonly catalog?: boolean
  /** Fields to print in verbose, export, JSON and cat modes. */
  readonly fields?: ReadonlySet<string>
  /** Where in a message the searched pattern is: from, to. */
  readonly highlight?: (message: string) => readonly [from: number, to: number] | undefined
  /** Told of each line that is too long to be shown whole. */
  readonly onCut?: () => void
}

/** Modes whose output is for programs, or bare: no "-- No entries --", no "-- Boot …". */
export function isQuietMode(mode: OutputMode): boolean {
  return mode === 'export' || mode === 'cat' || mode.startsWith('json')
}

/** Prints entries one after the other; short-delta needs to know the one before. */
export class EntryPrinter {
  private previous: PreviousEntry | undefined
  private readonly options: OutputOptions

  constructor(options: OutputOptions) {
    this.options = options
  }

  /** Empty for an entry that has nothing to show in this mode. */
  print(entry: Entry): Bytes {
    const options = this.options
    if (options.mode === 'export') return formatExport(entry, options)
    const text = this.text(entry)
    if (text === undefined) return new Uint8Array(0)
    this.previous = { ...displayTimestamp(entry), bootId: entry.bootId }
    const explanation = options.catalog && !options.mode.startsWith('json') ? catalogLines(entry, options) : ''
    return concatBytes([typeof text === 'string' ? encodeUtf8(text) : text, encodeUtf8(explanation)])
  }

  private text(entry: Entry): string | Bytes | undefined {
    const options = this.options
    if (options.mode === 'verbose') return formatVerbose(entry, options)
    if (options.mode.startsWith('json')) return formatJson(entry, options)
    if (options.mode === 'cat') return formatCat(entry, options)
    return formatShort(entry, options, this.previous)
  }
}

function formatCat(entry: Entry, options: OutputOptions): string | Bytes | undefined {
  if (options.fields !== undefined) {
    const lines: Bytes[] = []
    for (const name of options.fields) {
      for (const [own, value] of entry.fields()) {
        if (own !== name) continue
        const shown = typeof value !== 'string' || !options.colors ? value : paintMessage(value, entry, options, name === 'MESSAGE')
        lines.push(typeof shown === 'string' ? encodeUtf8(`${shown}\n`) : concatBytes([shown, encodeUtf8('\n')]))
      }
    }
    return concatBytes(lines)
  }
  const raw = entry.get('MESSAGE')
  if (raw === undefined) return undefined
  if (typeof raw !== 'string') return concatBytes([raw, encodeUtf8('\n')])
  if (!options.colors) return `${options.truncateNewline ? raw.split('\n')[0] : raw}\n`
  return `${paintMessage(options.truncateNewline ? raw.split('\n')[0]! : raw, entry, options)}\n`
}

function catalogLines(entry: Entry, options: OutputOptions): string {
  const id = fieldText(entry, 'MESSAGE_ID')
  const text = id === undefined ? undefined : catalogText(id, (name) => fieldText(entry, name))
  if (text === undefined) return ''
  const grey = (mark: string) => (options.colors ? `\x1b[0;38:5:245m${mark}\x1b[0m` : mark)
  const green = (line: string) => (options.colors ? `\x1b[0;32m${line}\x1b[0m` : line)
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? grey('░░ ') : `${grey('░░')} `}${green(line)}\n`)
    .join('')
}
