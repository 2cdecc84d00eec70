// systemd-analyze(1), "plot": the boot as a drawing, a table or JSON.
import { formatTable, formatTimespan, headerRow, decodeUtf8, USEC_PER_MSEC, type Usec } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { drawBootPlot, jsonTable, type BootPlotUnit } from '@/lib/systemd/analyze'
import { getManagerProperties, isBusError, textOf, type Bus } from '@/lib/systemd/bus'
import type { VerbRow } from '../systemd-verbs'
import { bootSummary, bootTimes, unitTimes } from './boot-times'
import type { Verb, VerbContext } from './context'
import { withBus } from './manager-connection'

const COLUMNS = ['name', 'activated', 'activating', 'time', 'deactivated', 'deactivating'] as const

function printTable({ options, output }: VerbContext, units: readonly BootPlotUnit[]): void {
  if (options.json !== 'off') {
    output.print(
      jsonTable(
        units.map((unit) => Object.fromEntries(COLUMNS.map((name) => [name, unit[name]]))),
        options.json,
      ),
    )
    return
  }
  const span = (usec: Usec): string => formatTimespan(usec, USEC_PER_MSEC)
  const rows = units.map((unit) => COLUMNS.map((name) => ({ text: name === 'name' ? unit.name : span(unit[name]) })))
  output.print(formatTable(options.legend ? [headerRow(COLUMNS.map((name) => name.toUpperCase())), ...rows] : rows))
  if (options.legend) output.print(`\n${units.length} Units listed.\n`)
}

/** Distribution, host, kernel, processor and virtualization in one line. */
function* hostLine({ process, reader }: VerbContext, bus: Bus): Syscall<string> {
  const release = reader.readFile('/etc/os-release') ?? reader.readFile('/usr/lib/os-release')
  const pretty = /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(release === undefined ? '' : decodeUtf8(release))?.[2] ?? 'Linux'
  const { nodename, sysname, release: kernel, version } = process.uname()
  const manager = yield* getManagerProperties(bus)
  const of = (name: string): string => (isBusError(manager) ? '' : textOf(manager, name))
  return `${pretty} ${nodename} (${sysname} ${kernel} ${version}) ${of('Architecture')} ${of('Virtualization')}`
}

function* runPlot(_args: readonly string[], context: VerbContext, bus: Bus): Syscall<number> {
  const { options, output } = context
  const boot = yield* bootTimes(context, bus, true)
  const times = boot && (yield* unitTimes(context, bus, boot))
  if (boot === undefined || times === undefined) return 1
  const units = [...times].sort((a, b) => a.activating - b.activating)
  if (options.table || options.json !== 'off') {
    printTable(context, units)
    return 0
  }
  const title = yield* hostLine(context, bus)
  output.print(drawBootPlot({ ...boot, title, subtitle: yield* bootSummary(bus, boot), units, scale: options.scaleSvg }))
  return 0
}

export const plotVerb: VerbRow<Verb> = { name: 'plot', minimum: 0, maximum: 1, run: withBus(runPlot) }
