// `systemctl show`: properties, one a line, in the order of the bus.
import type { Syscall } from '@/lib/kernel'
import { getAllProperties, getManagerProperties, isBusError, type Bus, type Properties } from '@/lib/systemd/bus'
import { stringIsGlob } from '@/lib/systemd/unit-name'
import type { Context } from './context'
import { formatProperty } from './property-format'

export function* show(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { operands, console } = context
  if (operands.length === 0) {
    const manager = yield* getManagerProperties(bus)
    if (isBusError(manager)) return yield* console.fail(`Failed to get properties: ${manager.message}`)
    yield* printProperties(context, manager)
    return 0
  }
  let status = 0
  let first = true
  for (const name of yield* unitNames(context, bus)) {
    if (name === undefined) return 1
    const properties = yield* getAllProperties(bus, name)
    if (isBusError(properties)) {
      yield* console.log('error', `Failed to get properties: ${properties.message}`)
      status = 1
      continue
    }
    if (!first) yield* console.print('\n')
    first = false
    yield* printProperties(context, properties)
  }
  return status
}

function* unitNames(context: Context, bus: Bus): Syscall<readonly (string | undefined)[]> {
  const names: (string | undefined)[] = []
  const patterns: string[] = []
  for (const operand of context.operands) {
    if (/^\d+$/.test(operand)) {
      const jobs = yield* bus.call('ListJobs', [])
      const job = isBusError(jobs) ? undefined : jobs.find((one) => one.id === Number(operand))
      if (job !== undefined) {
        names.push(job.unit)
        continue
      }
    }
    const name = yield* context.mangle(operand)
    if (name === undefined) return [undefined]
    if (stringIsGlob(name)) patterns.push(name)
    else names.push(name)
  }
  if (patterns.length > 0) {
    const units = yield* bus.call('ListUnitsByPatterns', [[], patterns])
    if (!isBusError(units)) names.push(...units.map((unit) => unit.id))
  }
  return names
}

function* printProperties(context: Context, properties: Properties): Syscall<void> {
  const { settings, console } = context
  const wanted = settings.properties.length === 0 ? undefined : new Set(settings.properties)
  const options = {
    local: context.local,
    timestamps: settings.timestamp,
    valueOnly: settings.valueOnly,
    showEmpty: settings.all || wanted !== undefined,
  }
  for (const [name, value] of Object.entries(properties)) {
    if (wanted !== undefined && !wanted.has(name)) continue
    const line = formatProperty(name, value, options)
    if (line !== undefined && !(wanted === undefined && !settings.all && line.includes('[unprintable]'))) yield* console.print(`${line}\n`)
  }
}
