// systemd-analyze(1): time, blame, critical-chain: when the boot's stages and units began and ended.
import { ANSI_HIGHLIGHT_RED, ANSI_NORMAL, formatTable, formatTimespan, USEC_PER_MSEC, type Usec } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { BootPlotSpan, BootPlotUnit } from '@/lib/systemd/analyze'
import { getAllProperties, getManagerProperties, isBusError, numberOf, textOf, textsOf, type Bus } from '@/lib/systemd/bus'
import { ANY, type VerbRow } from '../systemd-verbs'
import type { Verb, VerbContext } from './context'
import { listUnits, withBus } from './manager-connection'

/** Monotonic, 0 where it did not happen. */
export type BootTimes = {
  readonly firmware: Usec
  readonly loader: Usec
  readonly kernelDone: Usec
  readonly initrd: Usec
  readonly userspace: Usec
  readonly finish: Usec
  /** Of a user's manager all counts from its own start. */
  readonly reverseOffset: Usec
  readonly security: BootPlotSpan
  readonly generators: BootPlotSpan
  readonly unitsLoad: BootPlotSpan
}

const span = (usec: Usec): string => formatTimespan(usec, USEC_PER_MSEC)

export function* bootTimes({ console, options }: VerbContext, bus: Bus, requireFinished: boolean): Syscall<BootTimes | undefined> {
  const properties = yield* getManagerProperties(bus)
  if (isBusError(properties)) {
    yield* console.log('error', `Failed to get timestamp properties: ${properties.message}`)
    return undefined
  }
  const at = (name: string): Usec => numberOf(properties, `${name}TimestampMonotonic`)
  const finish = at('Finish')
  if (requireFinished && finish <= 0) {
    const user = options.scope === 'user' ? ' --user' : ''
    yield* console.log(
      'error',
      `Bootup is not yet finished (org.freedesktop.systemd1.Manager.FinishTimestampMonotonic=${finish}).\nPlease try again later.\nHint: Use 'systemctl${user} list-jobs' to see active jobs`,
    )
    return undefined
  }
  const userspace = at('Userspace')
  const offset = options.scope === 'user' ? userspace : 0
  const stage = (name: string): BootPlotSpan => ({
    start: Math.max(0, at(`${name}Start`) - offset),
    finish: Math.max(0, at(`${name}Finish`) - offset),
  })
  const stages = { security: stage('Security'), generators: stage('Generators'), unitsLoad: stage('UnitsLoad') }
  if (options.scope === 'system' && at('SecurityStart') > 0) {
    const initrd = at('InitRD')
    const kernelDone = initrd > 0 ? initrd : userspace
    return { firmware: at('Firmware'), loader: at('Loader'), kernelDone, initrd, userspace, finish, reverseOffset: 0, ...stages }
  }
  return {
    firmware: 0,
    loader: 0,
    kernelDone: 0,
    initrd: 0,
    userspace: 0,
    finish: Math.max(0, finish - userspace),
    reverseOffset: userspace,
    ...stages,
  }
}

export function* unitTimes(context: VerbContext, bus: Bus, boot: BootTimes): Syscall<readonly BootPlotUnit[] | undefined> {
  const units = yield* listUnits(context, bus)
  if (units === undefined) return undefined
  const times: BootPlotUnit[] = []
  for (const { id } of units) {
    const properties = yield* getAllProperties(bus, id, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) continue
    const at = (name: string): Usec => {
      const usec = numberOf(properties, `${name}TimestampMonotonic`)
      return usec > 0 ? Math.max(0, usec - boot.reverseOffset) : 0
    }
    const activating = at('InactiveExit')
    const activated = at('ActiveEnter')
    const deactivating = at('ActiveExit')
    const deactivated = at('InactiveEnter')
    if (activating === 0) continue
    const time = activated >= activating ? activated - activating : deactivated >= activating ? deactivated - activating : 0
    times.push({ name: id, activating, activated, deactivating, deactivated, time })
  }
  return times
}

/** "Startup finished in …" */
export function* bootSummary(bus: Bus, boot: BootTimes): Syscall<string> {
  let text = 'Startup finished in '
  if (boot.firmware > 0) text += `${span(boot.firmware - boot.loader)} (firmware) + `
  if (boot.loader > 0) text += `${span(boot.loader)} (loader) + `
  if (boot.kernelDone > 0) text += `${span(boot.kernelDone)} (kernel) + `
  if (boot.initrd > 0) text += `${span(boot.userspace - boot.initrd)} (initrd) + `
  text += `${span(boot.finish - boot.userspace)} (userspace) `
  if (boot.kernelDone > 0) text += `= ${span(boot.firmware + boot.finish)} `
  const target = yield* getAllProperties(bus, 'default.target', 'org.freedesktop.systemd1.Unit')
  if (!isBusError(target)) {
    const name = textOf(target, 'Id')
    const reached = numberOf(target, 'ActiveEnterTimestampMonotonic')
    const base = boot.reverseOffset > 0 ? boot.reverseOffset : boot.userspace
    text += reached > 0 ? `\n${name} reached after ${span(reached - base)} in userspace.` : `\n${name} was never reached.`
  }
  return text
}

function* runTime(_args: readonly string[], context: VerbContext, bus: Bus): Syscall<number> {
  const boot = yield* bootTimes(context, bus, true)
  if (boot === undefined) return 1
  context.output.print(`${yield* bootSummary(bus, boot)}\n`)
  return 0
}

function* runBlame(_args: readonly string[], context: VerbContext, bus: Bus): Syscall<number> {
  const boot = yield* bootTimes(context, bus, false)
  const times = boot && (yield* unitTimes(context, bus, boot))
  if (times === undefined) return 1
  const rows = times.filter((one) => one.time > 0).sort((a, b) => b.time - a.time)
  context.output.print(formatTable(rows.map((one) => [{ text: span(one.time), alignPercent: 100 }, { text: one.name }])))
  return 0
}

/** Walks back from a unit over what it had to wait for. */
class Chain {
  private readonly context: VerbContext
  private readonly bus: Bus
  private readonly boot: BootTimes
  private readonly times: ReadonlyMap<string, BootPlotUnit>
  private readonly seen: string[] = []

  constructor(context: VerbContext, bus: Bus, boot: BootTimes, times: readonly BootPlotUnit[]) {
    this.context = context
    this.bus = bus
    this.boot = boot
    this.times = new Map(times.map((one) => [one.name, one]))
  }

  private describe(name: string): string {
    const times = this.times.get(name)
    if (times === undefined) return name
    const { userspace } = this.boot
    if (times.time > 0) {
      const text = `${name} @${span(times.activating - userspace)} +${span(times.time)}`
      return this.context.look.colors ? `${ANSI_HIGHLIGHT_RED}${text}${ANSI_NORMAL}` : text
    }
    return times.activated > userspace ? `${name} @${span(times.activated - userspace)}` : name
  }

  private inRange(times: BootPlotUnit | undefined): times is BootPlotUnit {
    return times !== undefined && times.activated > 0 && times.activated <= this.boot.finish
  }

  *start(name: string): Syscall<boolean> {
    const properties = yield* getAllProperties(this.bus, name, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) {
      yield* this.context.console.log('error', `Failed to get ID: ${properties.message}`)
      return false
    }
    const id = textOf(properties, 'Id')
    if (this.times.has(id)) this.context.output.print(`${this.describe(id)}\n`)
    yield* this.follow(name, [])
    return true
  }

  /** @param open whether each level above has more to come */
  private *follow(name: string, open: readonly boolean[]): Syscall<void> {
    this.seen.push(name)
    const properties = yield* getAllProperties(this.bus, name, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) return
    const activated = (unit: string): Usec => this.times.get(unit)?.activated ?? 0
    const after = [...textsOf(properties, 'After')].sort((a, b) => activated(b) - activated(a))
    const reached = after.filter((unit) => this.inRange(this.times.get(unit)))
    const longest = Math.max(0, ...reached.map(activated))
    if (longest === 0) return
    const shown = reached.filter((unit) => longest - activated(unit) <= this.context.options.fuzzUsec)
    const line = (text: string, levels: readonly boolean[], last: boolean): void => {
      const lead = levels.map((more) => (more ? '│ ' : '  ')).join('')
      this.context.output.print(`${lead}${last ? '└─' : '├─'}${text}\n`)
    }
    for (const [index, unit] of shown.entries()) {
      const last = index === shown.length - 1
      line(this.describe(unit), open, last)
      if (this.seen.includes(unit)) line('...', [...open, !last], true)
      else yield* this.follow(unit, [...open, !last])
    }
  }
}

function* runCriticalChain(args: readonly string[], context: VerbContext, bus: Bus): Syscall<number> {
  const boot = yield* bootTimes(context, bus, true)
  const times = boot && (yield* unitTimes(context, bus, boot))
  if (boot === undefined || times === undefined) return 1
  context.output.print(
    'The time when unit became active or started is printed after the "@" character.\nThe time the unit took to start is printed after the "+" character.\n\n',
  )
  for (const name of args.length > 0 ? args : ['default.target']) {
    if (!(yield* new Chain(context, bus, boot, times).start(name))) return 1
  }
  return 0
}

export const bootTimeVerbs: readonly VerbRow<Verb>[] = [
  { name: 'time', minimum: 0, maximum: 1, isDefault: true, run: withBus(runTime) },
  { name: 'blame', minimum: 0, maximum: 1, run: withBus(runBlame) },
  { name: 'critical-chain', minimum: 0, maximum: ANY, run: withBus(runCriticalChain) },
]
