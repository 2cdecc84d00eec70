// `systemctl list-dependencies`: the tree of what a unit pulls in, or of what pulls it in.
import type { Syscall } from '@/lib/kernel'
import { getAllProperties, isBusError, textOf, textsOf, type Bus } from '@/lib/systemd/bus'
import type { Context } from './context'
import { stateDot } from './status-lines'

const forward = ['Requires', 'Requisite', 'Wants', 'ConsistsOf', 'BindsTo', 'Upholds'] as const
const reverse = ['RequiredBy', 'RequisiteOf', 'WantedBy', 'PartOf', 'BoundBy', 'UpheldBy'] as const

export function* listDependencies(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { settings, console } = context
  let names = context.operands
  if (names.length === 0) names = ['default.target']
  const expanded = yield* context.expandNames(bus, names)
  if (expanded === undefined) return 1
  const properties = settings.after ? ['After'] : settings.before ? ['Before'] : settings.reverse ? reverse : forward
  for (const [index, name] of expanded.names.entries()) {
    if (index > 0) yield* console.print('\n')
    yield* console.print(`${name}\n`)
    const walk = new Walk(context, bus, properties)
    yield* walk.below(name, [], [name])
  }
  return 0
}

class Walk {
  private readonly context: Context
  private readonly bus: Bus
  private readonly properties: readonly string[]
  private readonly listed = new Set<string>()
  private readonly states = new Map<string, { active: string; load: string }>()
  private readonly dependencies = new Map<string, readonly string[]>()

  constructor(context: Context, bus: Bus, properties: readonly string[]) {
    this.context = context
    this.bus = bus
    this.properties = properties
  }

  *below(name: string, branches: readonly boolean[], path: readonly string[]): Syscall<void> {
    const { settings } = this.context
    const names = yield* this.dependenciesOf(name)
    const shown = settings.plain
      ? names.filter((one) => !this.listed.has(one) && !path.includes(one))
      : names.filter((one) => !path.includes(one))
    for (const [index, own] of shown.entries()) {
      if (settings.plain) {
        if (this.listed.has(own)) continue
        this.listed.add(own)
      }
      const last = index === shown.length - 1
      yield* this.line(own, branches, last)
      if (settings.all || own.endsWith('.target')) yield* this.below(own, [...branches, !last], [...path, own])
    }
  }

  private *line(name: string, branches: readonly boolean[], last: boolean): Syscall<void> {
    const { console, settings } = this.context
    if (settings.plain) {
      yield* console.print(`  ${name}\n`)
      return
    }
    const { active, load } = yield* this.stateOf(name)
    const dot = stateDot(active, load)
    const tree = `${branches.map((more) => (more ? '│ ' : '  ')).join('')}${last ? '└─' : '├─'}`
    yield* console.print(`${console.paint(dot.color, dot.glyph)} ${tree}${name}\n`)
  }

  private *stateOf(name: string): Syscall<{ active: string; load: string }> {
    const held = this.states.get(name)
    if (held !== undefined) return held
    yield* this.dependenciesOf(name)
    return this.states.get(name) ?? { active: '', load: '' }
  }

  private *dependenciesOf(name: string): Syscall<readonly string[]> {
    const held = this.dependencies.get(name)
    if (held !== undefined) return held
    const properties = yield* getAllProperties(this.bus, name, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) return []
    this.states.set(name, { active: textOf(properties, 'ActiveState'), load: textOf(properties, 'LoadState') })
    const all = new Set(this.properties.flatMap((property) => textsOf(properties, property)))
    const rank = (one: string) => (one.endsWith('.target') ? 1 : 0)
    const sorted = [...all].sort((a, b) => rank(a) - rank(b) || (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    this.dependencies.set(name, sorted)
    return sorted
  }
}
