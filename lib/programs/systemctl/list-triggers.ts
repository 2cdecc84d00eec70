// `systemctl list-sockets`, list-timers, list-paths and list-automounts: units by what sets them off.
import {
  formatTimespan,
  formatTimestamp,
  formatTimestampRelative,
  timestampIsSet,
  USEC_INFINITY,
  USEC_PER_MSEC,
  USEC_PER_SEC,
} from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { getAllProperties, isBusError, numberOf, textOf, textsOf, type Bus, type Properties } from '@/lib/systemd/bus'
import type { Context } from './context'
import { selectUnits } from './list-units'
import { nextElapse } from './status'
import { structsNamed } from './structs'
import { dash, printCount, printTable, type TableCell } from './table-output'

type Loaded = { readonly id: string; readonly properties: Properties }

function* loaded(context: Context, type: string): Syscall<readonly Loaded[] | number> {
  const bus: Bus | number = yield* context.bus()
  if (typeof bus === 'number') return bus
  const units = yield* selectUnits(context, bus, context.operands, type)
  if (typeof units === 'number') return units
  const out: Loaded[] = []
  for (const unit of units) {
    const properties = yield* getAllProperties(bus, unit.id)
    if (!isBusError(properties)) out.push({ id: unit.id, properties })
  }
  return out
}

const unitCell = (id: string): TableCell => ({ text: id })
const triggered = (properties: Properties): TableCell => {
  const units = textsOf(properties, 'Triggers')
  return units.length === 0 ? dash : { text: units.join(', ') }
}
/** What is no path comes first; paths name by name. */
const comparePaths = (a: string, b: string) => {
  if (a.startsWith('/') !== b.startsWith('/')) return a.startsWith('/') ? 1 : -1
  return compare(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'))
}
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export function* listSockets(context: Context): Syscall<number> {
  const units = yield* loaded(context, 'socket')
  if (typeof units === 'number') return units
  const listed = units.flatMap(({ id, properties }) =>
    structsNamed(properties, 'Listen').map((socket) => ({ id, properties, address: String(socket.address), type: String(socket.type) })),
  )
  listed.sort((a, b) => comparePaths(a.address, b.address) || compare(a.type, b.type))
  const rows = listed.map(({ id, properties, address, type }): TableCell[] => [
    { text: address },
    { text: type },
    unitCell(id),
    triggered(properties),
  ])
  yield* printTable(
    context,
    [{ title: 'LISTEN' }, { title: 'TYPE', hidden: !context.settings.showTypes }, { title: 'UNIT' }, { title: 'ACTIVATES' }],
    rows,
    ['listen', 'type', 'unit', 'activates'],
  )
  yield* printCount(context, rows.length, 'socket')
  return 0
}

export function* listTimers(context: Context): Syscall<number> {
  const units = yield* loaded(context, 'timer')
  if (typeof units === 'number') return units
  const { process, local, settings } = context
  const now = process.realtimeUsec
  const timers = units.map(({ id, properties }) => ({
    id,
    properties,
    next: nextElapse(context, properties),
    last: numberOf(properties, 'LastTriggerUSec'),
  }))
  timers.sort((a, b) => (a.next === b.next ? 0 : a.next - b.next) || compare(a.id, b.id))
  const moment = (usec: number): TableCell =>
    timestampIsSet(usec) ? { text: formatTimestamp(usec, local, settings.timestamp) ?? '-', json: usec } : dash
  const rows = timers.map(({ id, properties, next, last }): TableCell[] => [
    moment(next),
    timestampIsSet(next) ? { text: leftText(next, now), json: Math.max(0, next - now) } : dash,
    moment(last),
    passedCell(properties, last, now),
    unitCell(id),
    triggered(properties),
  ])
  yield* printTable(
    context,
    [
      { title: 'NEXT' },
      { title: 'LEFT', alignPercent: 100 },
      { title: 'LAST' },
      { title: 'PASSED', alignPercent: 100 },
      { title: 'UNIT' },
      { title: 'ACTIVATES' },
    ],
    rows,
    ['next', 'left', 'last', 'passed', 'unit', 'activates'],
  )
  yield* printCount(context, rows.length, 'timer')
  return 0
}

function leftText(next: number, now: number): string {
  if (next < now) return formatTimestampRelative(next, now) ?? '-'
  if (next - now < USEC_PER_SEC) return formatTimespan(next - now, USEC_PER_MSEC)
  return (formatTimestampRelative(next, now, true) ?? '-').replace(/ left$/, '')
}

/** Only a run of this boot has a time that passed since; stamps of earlier boots show a dash. */
function passedCell(properties: Properties, last: number, now: number): TableCell {
  const monotonic = numberOf(properties, 'LastTriggerUSecMonotonic')
  if (!timestampIsSet(last) || monotonic === 0 || monotonic === USEC_INFINITY) return dash
  return { text: formatTimestampRelative(last, now) ?? '-', json: now - last }
}

export function* listPaths(context: Context): Syscall<number> {
  const units = yield* loaded(context, 'path')
  if (typeof units === 'number') return units
  const listed = units.flatMap(({ id, properties }) =>
    structsNamed(properties, 'Paths').map((path) => ({ id, properties, path: String(path.path), type: String(path.type) })),
  )
  listed.sort((a, b) => compare(a.path, b.path) || compare(a.type, b.type) || compare(a.id, b.id))
  const rows = listed.map(({ id, properties, path, type }): TableCell[] => [
    { text: path },
    { text: type },
    unitCell(id),
    triggered(properties),
  ])
  yield* printTable(context, [{ title: 'PATH' }, { title: 'CONDITION' }, { title: 'UNIT' }, { title: 'ACTIVATES' }], rows, [
    'path',
    'condition',
    'unit',
    'activates',
  ])
  yield* printCount(context, rows.length, 'path')
  return 0
}

export function* listAutomounts(context: Context): Syscall<number> {
  const units = yield* loaded(context, 'automount')
  if (typeof units === 'number') return units
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const rows: TableCell[][] = []
  for (const { id, properties } of [...units].sort((a, b) => compare(textOf(a.properties, 'Where'), textOf(b.properties, 'Where')))) {
    const idle = numberOf(properties, 'TimeoutIdleUSec')
    const mount = yield* getAllProperties(bus, id.replace(/\.automount$/, '.mount'))
    const what = isBusError(mount) ? '' : textOf(mount, 'What')
    const mounted = !isBusError(mount) && textOf(mount, 'SubState') === 'mounted'
    rows.push([
      what === '' ? dash : { text: what },
      { text: textOf(properties, 'Where') },
      { text: mounted ? 'yes' : 'no', json: mounted },
      idle === 0 || idle === USEC_INFINITY ? dash : { text: formatTimespan(idle, USEC_PER_MSEC), json: idle },
      unitCell(id),
    ])
  }
  yield* printTable(
    context,
    [{ title: 'WHAT' }, { title: 'WHERE' }, { title: 'MOUNTED' }, { title: 'IDLE TIMEOUT' }, { title: 'UNIT' }],
    rows,
    ['what', 'where', 'mounted', 'idle_timeout', 'unit'],
  )
  yield* printCount(context, rows.length, 'automount')
  return 0
}
