// systemd-analyze(1): dot, dump, the log controls and service-watchdogs.
import { globMatches } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { booleanOf, getAllProperties, getManagerProperties, isBusError, textOf, textsOf, type Bus, type BusError } from '@/lib/systemd/bus'
import { unitNameMangle } from '@/lib/systemd/unit-name'
import { ANY, type VerbRow } from '../systemd-verbs'
import type { Verb, VerbContext } from './context'
import { listUnits, withBus } from './manager-connection'

const ORDER: readonly (readonly [property: string, color: string])[] = [['After', 'green']]
const REQUIREMENT: readonly (readonly [property: string, color: string])[] = [
  ['Requires', 'black'],
  ['Requisite', 'darkblue'],
  ['BindsTo', 'gold'],
  ['Wants', 'grey66'],
  ['Conflicts', 'red'],
]

const LEGEND = `   Color legend: black     = Requires
                 dark blue = Requisite
                 gold      = BindsTo
                 dark grey = Wants
                 red       = Conflicts
                 green     = After`

const matches = (patterns: readonly string[], name: string): boolean => patterns.some((pattern) => globMatches(pattern, name))
const mangled = (names: readonly string[]): readonly string[] => names.map((name) => unitNameMangle(name, { glob: true })?.name ?? name)

function* runDot(args: readonly string[], context: VerbContext, bus: Bus): Syscall<number> {
  const { options, output, console } = context
  const units = yield* listUnits(context, bus)
  if (units === undefined) return 1
  const [patterns, from, to] = [mangled(args), mangled(options.fromPatterns), mangled(options.toPatterns)]
  const both = options.order === options.require
  const edges = [...(both || options.order ? ORDER : []), ...(both || options.require ? REQUIREMENT : [])]
  output.print('digraph systemd {\n')
  for (const { id } of units) {
    const matched = matches(patterns, id)
    if (from.length > 0 && !matched && !matches(from, id)) continue
    const properties = yield* getAllProperties(bus, id, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) continue
    for (const [property, color] of edges) {
      for (const other of textsOf(properties, property)) {
        const otherMatched = matches(patterns, other)
        if (to.length > 0 && !otherMatched && !matches(to, other)) continue
        if (patterns.length > 0 && !matched && !otherMatched) continue
        output.print(`\t"${id}"->"${other}" [color="${color}"];\n`)
      }
    }
  }
  output.print('}\n')
  output.log('info', LEGEND)
  if (console.onTty && !options.quiet) {
    output.log(
      'notice',
      "-- You probably want to process this output with graphviz' dot tool.\n-- Try a shell pipeline like 'systemd-analyze dot | dot -Tsvg > systemd.svg'!\n",
    )
  }
  return 0
}

function* runDump(args: readonly string[], { output, console }: VerbContext, bus: Bus): Syscall<number> {
  const text = yield* bus.call('Dump', [])
  if (isBusError(text)) return yield* console.fail(`Failed to call Dump: ${text.message}`)
  if (args.length === 0) {
    output.print(text.endsWith('\n') ? text : `${text}\n`)
    return 0
  }
  const patterns = mangled(args)
  const blocks = text.split(/^(?=(?:→|->) Unit )/m).filter((block) => {
    const name = /^(?:→|->) Unit (\S+):/.exec(block)?.[1]
    return name !== undefined && matches(patterns, name)
  })
  output.print(blocks.map((block) => (block.endsWith('\n') ? block : `${block}\n`)).join(''))
  return 0
}

function* runLogControl(what: 'level' | 'target', args: readonly string[], { output, console }: VerbContext, bus: Bus): Syscall<number> {
  const [value] = args
  if (value === undefined) {
    const properties = yield* getManagerProperties(bus)
    if (isBusError(properties)) return yield* console.fail(`Failed to get log ${what}: ${properties.message}`)
    output.print(`${textOf(properties, what === 'level' ? 'LogLevel' : 'LogTarget')}\n`)
    return 0
  }
  const answer: undefined | BusError = yield* bus.call(what === 'level' ? 'SetLogLevel' : 'SetLogTarget', [value])
  if (isBusError(answer)) return yield* console.fail(`Failed to set log ${what} to ${value}: ${answer.message}`)
  return 0
}

function* runServiceWatchdogs(args: readonly string[], { output, console }: VerbContext, bus: Bus): Syscall<number> {
  const [value] = args
  if (value === undefined) {
    const properties = yield* getManagerProperties(bus)
    if (isBusError(properties)) return yield* console.fail(`Failed to get service-watchdog state: ${properties.message}`)
    output.print(booleanOf(properties, 'ServiceWatchdogs') ? 'yes\n' : 'no\n')
    return 0
  }
  const on = /^(1|yes|y|true|t|on)$/i.test(value)
  if (!on && !/^(0|no|n|false|f|off)$/i.test(value)) {
    return yield* console.fail('Failed to parse service-watchdogs argument: Invalid argument')
  }
  const answer = yield* bus.call('SetServiceWatchdogs', [on])
  if (isBusError(answer)) return yield* console.fail(`Failed to set service-watchdog state: ${answer.message}`)
  return 0
}

const logVerb = (name: string, minimum: number, maximum: number, what: 'level' | 'target'): VerbRow<Verb> => ({
  name,
  minimum,
  maximum,
  run: withBus((args, context, bus) => runLogControl(what, args, context, bus)),
})

export const managerVerbs: readonly VerbRow<Verb>[] = [
  { name: 'dot', minimum: 0, maximum: ANY, run: withBus(runDot) },
  { name: 'dump', minimum: 0, maximum: ANY, run: withBus(runDump) },
  logVerb('log-level', 0, 2, 'level'),
  logVerb('log-target', 0, 2, 'target'),
  logVerb('set-log-level', 2, 2, 'level'),
  logVerb('get-log-level', 0, 1, 'level'),
  logVerb('set-log-target', 2, 2, 'target'),
  logVerb('get-log-target', 0, 1, 'target'),
  { name: 'service-watchdogs', minimum: 0, maximum: 2, run: withBus(runServiceWatchdogs) },
]
