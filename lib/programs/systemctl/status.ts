// `systemctl status`: of units, of the units of processes, of the whole system.
import {
  ANSI_HIGHLIGHT_GREEN,
  ANSI_HIGHLIGHT_RED,
  ANSI_HIGHLIGHT_YELLOW,
  decodeUtf8,
  formatTimestamp,
  formatTimestampRelative,
  USEC_INFINITY,
} from '@/lib/base'
import { displayTimestamp, EntryPrinter, Match, type Entry } from '@/lib/journal'
import type { Syscall } from '@/lib/kernel'
import {
  booleanOf,
  getAllProperties,
  getManagerProperties,
  isBusError,
  numberOf,
  textOf,
  textsOf,
  type Bus,
  type Properties,
} from '@/lib/systemd/bus'
import { stringIsGlob } from '@/lib/systemd/unit-name'
import { addUnitMatches, addUserUnitMatches, OpenJournal } from '../journalctl'
import { cgroupTree } from './cgroup-tree'
import { warnChanged, type Context } from './context'
import { StatusLines } from './status-lines'

const EXIT_NOT_RUNNING = 3
const EXIT_UNKNOWN = 4

export function* status(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  if (context.operands.length === 0) {
    if (context.settings.states.length === 0 && !context.settings.all && context.settings.types.length === 0)
      return yield* systemStatus(context, bus)
    return yield* allUnits(context, bus)
  }
  let result = 0
  let first = true
  const names: string[] = []
  const patterns: string[] = []
  for (const operand of context.operands) {
    if (/^\d+$/.test(operand)) {
      const unit = yield* bus.call('GetUnitByPID', [Number(operand)])
      if (isBusError(unit)) {
        yield* context.console.log('error', `Failed to get unit for PID ${operand}: ${unit.message}`)
        result = 1
      } else names.push(unit)
      continue
    }
    const name = yield* context.mangle(operand)
    if (name === undefined) return 1
    if (stringIsGlob(name)) patterns.push(name)
    else names.push(name)
  }
  if (patterns.length > 0) {
    const found = yield* bus.call('ListUnitsByPatterns', [[], patterns])
    if (!isBusError(found))
      names.push(...found.filter((unit) => unit.activeState !== 'inactive' || context.settings.all).map((unit) => unit.id))
  }
  for (const name of names) {
    const one = yield* unitStatus(context, bus, name, first)
    if (one.shown) first = false
    if (result === 0) result = one.status
  }
  return result
}

function* allUnits(context: Context, bus: Bus): Syscall<number> {
  const { settings } = context
  const units = yield* bus.call('ListUnitsByPatterns', [settings.states, []])
  if (isBusError(units)) return yield* context.console.fail(`Failed to list units: ${units.message}`)
  let first = true
  for (const unit of units) {
    if (settings.types.length > 0 && !settings.types.some((type) => unit.id.endsWith(`.${type}`))) continue
    if (!settings.all && settings.states.length === 0 && unit.activeState === 'inactive') continue
    const one = yield* unitStatus(context, bus, unit.id, first)
    if (one.shown) first = false
  }
  return 0
}

function* unitStatus(
  context: Context,
  bus: Bus,
  name: string,
  first: boolean,
): Syscall<{ readonly status: number; readonly shown: boolean }> {
  const { console, settings } = context
  const properties = yield* getAllProperties(bus, name)
  if (isBusError(properties)) {
    yield* console.log('error', `Failed to get properties: ${properties.message}`)
    return { status: 1, shown: false }
  }
  const active = textOf(properties, 'ActiveState')
  if (textOf(properties, 'LoadState') === 'not-found' && active === 'inactive') {
    yield* console.log('error', `Unit ${name} could not be found.`)
    return { status: EXIT_UNKNOWN, shown: false }
  }
  if (!first) yield* console.print('\n')
  const { process } = context
  const states = yield* relatedStates(bus, properties)
  const comms = new Map<number, string>()
  const reader = process.fileReader()
  for (const pid of [numberOf(properties, 'MainPID'), numberOf(properties, 'ControlPID')]) {
    const comm = pid > 0 ? reader.readFile(`/proc/${pid}/comm`) : undefined
    if (comm !== undefined) comms.set(pid, decodeUtf8(comm).replace(/\n$/, ''))
  }
  const lines = new StatusLines(
    properties,
    {
      colors: console.colors,
      hostname: console.links ? console.hostname : undefined,
      local: context.local,
      timestamps: settings.timestamp,
      nowUsec: process.realtimeUsec,
      nowMonotonicUsec: process.monotonicUsec,
    },
    {
      stateOf: (unit) => states.get(unit) ?? { active: '', load: '' },
      comm: (pid) => comms.get(pid),
      nextElapseUsec: nextElapse(context, properties),
    },
  ).make()
  yield* console.print(lines.map((line) => `${line}\n`).join(''))
  yield* controlGroup(context, bus, name, properties)
  const ellipsized = yield* journalTail(context, name, numberOf(properties, 'InactiveExitTimestampMonotonic'))
  if (ellipsized && !settings.quiet) yield* console.print('Hint: Some lines were ellipsized, use -l to show in full.\n')
  if (booleanOf(properties, 'NeedDaemonReload')) yield* warnChanged(context, name)
  return { status: active === 'active' || active === 'reloading' || active === 'refreshing' ? 0 : EXIT_NOT_RUNNING, shown: true }
}

function* relatedStates(bus: Bus, properties: Properties): Syscall<Map<string, { readonly active: string; readonly load: string }>> {
  const states = new Map<string, { readonly active: string; readonly load: string }>()
  for (const unit of [...textsOf(properties, 'TriggeredBy'), ...textsOf(properties, 'Triggers')]) {
    const other = yield* getAllProperties(bus, unit, 'org.freedesktop.systemd1.Unit')
    if (!isBusError(other)) states.set(unit, { active: textOf(other, 'ActiveState'), load: textOf(other, 'LoadState') })
  }
  return states
}

/** The earlier of the calendar's and the monotonic next elapse, on the wall clock. */
export function nextElapse(context: Context, properties: Properties): number {
  const realtime = numberOf(properties, 'NextElapseUSecRealtime')
  const monotonic = numberOf(properties, 'NextElapseUSecMonotonic')
  const converted =
    monotonic > 0 && monotonic < USEC_INFINITY ? context.process.realtimeUsec + (monotonic - context.process.monotonicUsec) : USEC_INFINITY
  const own = realtime > 0 ? realtime : USEC_INFINITY
  return Math.min(own, converted)
}

function* controlGroup(context: Context, bus: Bus, name: string, properties: Properties): Syscall<void> {
  const path = textOf(properties, 'ControlGroup')
  if (path === '' && textOf(properties, 'Id') !== '-.slice') return
  const processes = yield* bus.call('GetUnitProcesses', [name])
  const active = textOf(properties, 'ActiveState')
  if (isBusError(processes)) return
  if (processes.length === 0 && (active === 'inactive' || active === 'failed')) return
  const { console } = context
  yield* console.print(`     CGroup: ${path === '' ? '/' : path}\n`)
  const look = {
    paint: (color: string, text: string) => console.paint(color, text),
    columns: context.fullWidth ? Number.POSITIVE_INFINITY : console.columns,
  }
  const lines = cgroupTree(path, processes, '             ', look)
  yield* console.print(lines.map((line) => `${line}\n`).join(''))
}

/** The last lines about the unit, of this boot and of its last run; whether any was cut. */
function* journalTail(context: Context, unit: string, sinceMonotonicUsec: number): Syscall<boolean> {
  const { settings, console, process } = context
  if (settings.lines === 0) return false
  const opened = new OpenJournal(process)
  yield* opened.openDefault()
  const reader = process.fileReader()
  const boot = reader.readFile('/proc/sys/kernel/random/boot_id')
  const match = new Match()
  if (boot !== undefined) match.add('_BOOT_ID', decodeUtf8(boot).trim().replaceAll('-', '')).addConjunction()
  if (settings.scope === 'user') addUserUnitMatches(match, unit, process.uid)
  else addUnitMatches(match, unit)
  opened.journal.match = match
  const entries: Entry[] = []
  let looked = 0
  for (const entry of opened.journal.backward()) {
    // DEVIATES: real journald receives at once, so there the time of receipt decides; here that of sending.
    if (displayTimestamp(entry).monotonicUsec >= sinceMonotonicUsec) entries.push(entry)
    looked += 1
    if (looked >= settings.lines) break
  }
  yield* opened.close()
  const { gid, groups, uid } = process
  if (opened.denied && uid !== 0 && ![gid, ...groups].some((group) => group === 4 || group === 999)) {
    yield* console.print('\nWarning: some journal files were not opened due to insufficient permissions.\n')
  }
  if (entries.length === 0) return false
  let ellipsized = false
  const printer = new EntryPrinter({
    mode: settings.output,
    local: context.local,
    utc: settings.timestamp === 'utc' || settings.timestamp === 'us+utc',
    columns: console.columns,
    colors: console.colors,
    ...(console.links ? { links: { hostname: console.hostname } } : {}),
    fullWidth: context.fullWidth,
    showAll: settings.all && settings.properties.length === 0,
    onCut: () => {
      ellipsized = true
    },
  })
  yield* console.print('\n')
  for (const entry of entries.reverse()) yield* console.print(decodeUtf8(printer.print(entry)))
  return ellipsized
}

function* systemStatus(context: Context, bus: Bus): Syscall<number> {
  const { console, process } = context
  const manager = yield* getManagerProperties(bus)
  if (isBusError(manager)) return yield* console.fail(`Failed to read server status: ${manager.message}`)
  const state = textOf(manager, 'SystemState')
  const failed = numberOf(manager, 'NFailedUnits')
  const color = state === 'degraded' ? ANSI_HIGHLIGHT_RED : state === 'running' ? ANSI_HIGHLIGHT_GREEN : ANSI_HIGHLIGHT_YELLOW
  const since = numberOf(manager, 'UserspaceTimestamp')
  const tainted = textOf(manager, 'Tainted')
  const lines = [
    `${console.paint(color, '●')} ${console.hostname}`,
    `    State: ${console.paint(color, state)}`,
    `    Units: ${numberOf(manager, 'NNames')} loaded (incl. loaded aliases)`,
    `     Jobs: ${numberOf(manager, 'NJobs')} queued`,
    `   Failed: ${failed} units`,
    `    Since: ${formatTimestamp(since, context.local, context.settings.timestamp)}; ${formatTimestampRelative(since, process.realtimeUsec)}`,
    `  systemd: ${textOf(manager, 'Version')}`,
    ...(tainted === '' ? [] : [`  Tainted: ${console.paint(ANSI_HIGHLIGHT_YELLOW, tainted)}`]),
  ]
  const cgroup = textOf(manager, 'ControlGroup')
  lines.push(`   CGroup: ${cgroup === '' ? '/' : cgroup}`)
  const processes = yield* bus.call('GetUnitProcesses', ['-.slice'])
  if (!isBusError(processes)) {
    const look = {
      paint: (paint: string, text: string) => console.paint(paint, text),
      columns: context.fullWidth ? Number.POSITIVE_INFINITY : console.columns,
    }
    lines.push(...cgroupTree(cgroup, processes, '           ', look))
  }
  yield* console.print(lines.map((line) => `${line}\n`).join(''))
  return 0
}
