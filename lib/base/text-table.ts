// After format-table.c: tables as systemd's tools print them, widths, alignment, ellipses, colours and links included.
import { consoleWidth, ellipsize } from './console-width'

export type Cell = {
  readonly text: string
  /** Of the column: 0 left (the default), 100 right. */
  readonly alignPercent?: number
  /** Where the ellipsis goes when the column is too narrow: 100 (the default) at the end. */
  readonly ellipsizePercent?: number
  readonly minimumWidth?: number
  readonly maximumWidth?: number
  /** Share of the width that is left over or lacking; 100 is the default. */
  readonly weight?: number
  /** SGR sequence, whole: `\x1b[0;1;31m`. */
  readonly color?: string
  /** `grey`: as rows below the header have it. */
  readonly underline?: boolean | 'grey'
  /** Underlines the space right of the cell too. */
  readonly rgapUnderline?: boolean | 'grey'
  /** SGR sequence of the space right of the cell. */
  readonly rgapColor?: string
  readonly url?: string
}

export type TableRow = readonly Cell[]

export type TableOptions = {
  readonly colors?: boolean
  /** Links (OSC 8) are printed. */
  readonly urlify?: boolean
  /** Columns of the terminal; absent: as wide as it needs. */
  readonly width?: number
  /** The first row is a header: its last cell keeps its spaces when colours are on. */
  readonly header?: boolean
}

const NORMAL = '\x1b[0m'
const UNDERLINE = '\x1b[4m'
const underlineOf = (kind: boolean | 'grey' | undefined): string => (kind === 'grey' ? `${UNDERLINE}\x1b[58:5:245m` : kind ? UNDERLINE : '')

export function urlify(url: string, text: string): string {
  return `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\`
}

const DEFAULT_WEIGHT = 100

function columnWidths(rows: readonly TableRow[], count: number, limit: number | undefined): number[] {
  const requested: number[] = Array(count).fill(0)
  const minimum: number[] = Array(count).fill(1)
  const maximum: number[] = Array(count).fill(Number.POSITIVE_INFINITY)
  const weight: number[] = Array(count).fill(0)
  for (const row of rows) {
    for (let j = 0; j < count; j++) {
      const cell = row[j]!
      const width = Math.max(...cell.text.split('\n').map(consoleWidth))
      requested[j] = Math.max(requested[j]!, width, cell.minimumWidth ?? 1)
      minimum[j] = Math.max(minimum[j]!, cell.minimumWidth ?? 1)
      maximum[j] = Math.min(maximum[j]!, cell.maximumWidth ?? Number.POSITIVE_INFINITY)
      weight[j] = weight[j]! + (cell.weight ?? DEFAULT_WEIGHT)
    }
  }
  for (let j = 0; j < count; j++) requested[j] = Math.min(requested[j]!, Math.max(maximum[j]!, minimum[j]!))
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, count - 1)
  const effective = Math.max(limit === undefined ? sum(requested) : Math.min(sum(requested), limit), sum(minimum))
  if (effective >= sum(requested)) return requested

  // Too narrow: everybody gets the minimum, the rest goes by weight, and nobody more than asked for.
  const width: (number | undefined)[] = Array(count).fill(undefined)
  let extra = effective - sum(minimum)
  let weights = weight.reduce((total, one) => total + one, 0)
  for (let finalize = false; ; ) {
    let restart = false
    for (let j = 0; j < count; j++) {
      if (width[j] !== undefined) continue
      const share = weights === 0 ? Math.floor(extra / (count - j)) : Math.floor((extra * weight[j]!) / weights)
      let w = minimum[j]! + share
      if (w >= requested[j]!) {
        w = requested[j]!
        restart = true
      } else if (!finalize) continue
      width[j] = w
      extra -= w - minimum[j]!
      weights -= weight[j]!
      if (restart && !finalize) break
    }
    if (finalize) break
    if (!restart) finalize = true
  }
  return width.map((one, j) => one ?? minimum[j]!)
}

function align(text: string, link: string | undefined, width: number, percent: number): string {
  const space = width - consoleWidth(text)
  const left = Math.floor((space * percent) / 100)
  return ' '.repeat(left) + (link === undefined ? text : urlify(link, text)) + ' '.repeat(space - left)
}

/** The lines of the table, each ended by a newline. */
export function formatTable(rows: readonly TableRow[], options: TableOptions = {}): string {
  const count = rows[0]?.length ?? 0
  if (count === 0) return ''
  const { colors = false, urlify: links = false } = options
  const widths = columnWidths(rows, count, options.width)
  let out = ''
  rows.forEach((row, rowIndex) => {
    const lines = row.map((cell) => cell.text.split('\n'))
    const height = Math.max(...lines.map((one) => one.length))
    for (let subline = 0; subline < height; subline++) {
      let gap = ''
      row.forEach((cell, j) => {
        const width = widths[j]!
        let field = lines[j]![subline] ?? ''
        const url = links ? cell.url : undefined
        const length = consoleWidth(field)
        const cosmetic = colors && (cell.color !== undefined || cell.underline === 'grey' || (options.header === true && rowIndex === 0))
        if (length > width) field = ellipsize(field, width, cell.ellipsizePercent ?? 100)
        if (length < width) {
          field = align(field, url, width, cell.alignPercent ?? 0)
          if (j === count - 1 && !cosmetic && url === undefined) field = field.replace(/[ \t\n\r]+$/, '')
        } else if (url !== undefined) field = urlify(url, field)
        if (j > 0) out += colors && gap !== '' ? `${gap} ${NORMAL}` : ' '
        const start = colors ? `${cell.color ?? ''}${underlineOf(cell.underline)}` : ''
        out += start === '' ? field : `${start}${field}${NORMAL}`
        gap = `${cell.rgapColor ?? ''}${underlineOf(cell.rgapUnderline ?? cell.underline)}`
      })
      out += '\n'
    }
  })
  return out
}

/** Headings as `table_new()` makes them. */
export function headerRow(titles: readonly string[], more: readonly Partial<Cell>[] = []): TableRow {
  return titles.map((text, index) => ({ text, underline: true, ...more[index] }))
}

/** `name: value` lines with the names right-aligned, as `table_new_vertical()` makes them. */
export function formatVerticalTable(fields: readonly (readonly [name: string, value: Cell])[], options: TableOptions = {}): string {
  const rows = fields.map(
    ([name, value]): TableRow => [{ text: `${name}:`, alignPercent: 100, ellipsizePercent: 0, color: '\x1b[0;94m' }, value],
  )
  return formatTable(rows, options)
}
