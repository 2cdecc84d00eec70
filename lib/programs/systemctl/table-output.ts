// Tables as all the `list-…` verbs print them: JSON, legend, the line that counts.
import { ANSI_GREY, ANSI_HIGHLIGHT, ANSI_HIGHLIGHT_RED, formatTable, headerRow, type Cell, type TableRow } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { Context } from './context'

export type Column = { readonly title: string; readonly alignPercent?: number; readonly hidden?: boolean }

/** What a dash stands for in JSON is null; numbers may be given beside their text. */
export type TableCell = Cell & { readonly json?: string | number | boolean | null }

export const dash: TableCell = { text: '-', color: ANSI_GREY, json: null }

/** Prints the table in the form asked for. */
export function* printTable(
  context: Context,
  columns: readonly Column[],
  rows: readonly (readonly TableCell[])[],
  jsonNames?: readonly string[],
): Syscall<void> {
  const { console, settings } = context
  const shown = columns.map((_column, index) => index).filter((index) => columns[index]!.hidden !== true)
  if (settings.outputJson !== undefined) {
    const names = jsonNames ?? columns.map((column) => column.title.toLowerCase().replaceAll(' ', '_'))
    const objects = rows.map((row) =>
      Object.fromEntries(shown.filter((index) => names[index] !== '').map((index) => [names[index]!, jsonOf(row[index]!)])),
    )
    yield* console.print(settings.outputJson === 'json' ? `${JSON.stringify(objects)}\n` : prettyArray(objects))
    return
  }
  const header: TableRow[] = settings.legend
    ? [
        headerRow(
          shown.map((index) => columns[index]!.title),
          shown.map((index) => ({ ...(columns[index]!.alignPercent === undefined ? {} : { alignPercent: columns[index]!.alignPercent }) })),
        ),
      ]
    : []
  const body = rows.map((row) =>
    shown.map((index) => ({
      ...(columns[index]!.alignPercent === undefined ? {} : { alignPercent: columns[index]!.alignPercent }),
      ...row[index]!,
    })),
  )
  const { width, ...options } = console.tableOptions
  yield* console.print(
    formatTable([...header, ...body], {
      ...options,
      header: settings.legend,
      ...(settings.full || width === undefined ? {} : { width }),
    }),
  )
}

function jsonOf(cell: TableCell): string | number | boolean | null {
  return cell.json === undefined ? cell.text : cell.json
}

function prettyArray(objects: readonly Readonly<Record<string, unknown>>[]): string {
  const one = (object: Readonly<Record<string, unknown>>) =>
    `\t{\n${Object.entries(object)
      .map(([name, value]) => `\t\t${JSON.stringify(name)} : ${JSON.stringify(value)}`)
      .join(',\n')}\n\t}`
  return objects.length === 0 ? '[]\n' : `[\n${objects.map(one).join(',\n')}\n]\n`
}

/** "7 timers listed." and how to see more. */
export function* printCount(context: Context, count: number, what: string): Syscall<void> {
  const { console, settings } = context
  if (!settings.legend) return
  yield* console.print(`\n${console.paint(count > 0 ? ANSI_HIGHLIGHT : ANSI_HIGHLIGHT_RED, `${count} ${what}s listed.`)}\n`)
  if (!settings.all) yield* console.print(`Pass --all to see loaded but inactive ${what}s, too.\n`)
}
