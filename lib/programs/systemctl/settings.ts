// What the command line of systemctl asks for, or what is wrong with it.
import type { TimestampStyle } from '@/lib/base'
import { outputModes, type OutputMode } from '@/lib/journal'
import { signalFromString } from '@/lib/kernel'
import type { JobMode } from '@/lib/systemd/bus'
import type { Arguments } from '../program'

/** As systemd's own tables list them. */
export const unitTypes = ['service', 'mount', 'swap', 'socket', 'target', 'device', 'automount', 'timer', 'path', 'slice', 'scope'] as const
export const loadStates = ['stub', 'loaded', 'not-found', 'bad-setting', 'error', 'merged', 'masked'] as const
export const activeStates = [
  'active',
  'reloading',
  'inactive',
  'failed',
  'activating',
  'deactivating',
  'maintenance',
  'refreshing',
] as const

export type Settings = {
  scope: 'system' | 'user'
  types: string[]
  loadStatesWanted: string[]
  states: string[]
  properties: string[]
  all: boolean
  full: boolean
  reverse: boolean
  before: boolean
  after: boolean
  withDependencies: boolean
  jobMode: JobMode
  showTransaction: boolean
  showTypes: boolean
  valueOnly: boolean
  killWhom: string | undefined
  killValue: number | undefined
  signal: number
  what: string[]
  now: boolean
  dryRun: boolean
  quiet: boolean
  noWarn: boolean
  wait: boolean
  noBlock: boolean
  noReload: boolean
  legend: boolean
  askPassword: boolean
  global: boolean
  runtime: boolean
  force: number
  presetMode: 'full' | 'enable-only' | 'disable-only'
  root: string | undefined
  lines: number
  output: OutputMode
  outputJson: 'json' | 'json-pretty' | undefined
  plain: boolean
  timestamp: TimestampStyle
  dropIn: string | undefined
  stdin: boolean
  marked: boolean
  message: string
}

function initial(): Settings {
  return {
    scope: 'system',
    types: [],
    loadStatesWanted: [],
    states: [],
    properties: [],
    all: false,
    full: false,
    reverse: false,
    before: false,
    after: false,
    withDependencies: false,
    jobMode: 'replace',
    showTransaction: false,
    showTypes: false,
    valueOnly: false,
    killWhom: undefined,
    killValue: undefined,
    signal: 15,
    what: [],
    now: false,
    dryRun: false,
    quiet: false,
    noWarn: false,
    wait: false,
    noBlock: false,
    noReload: false,
    legend: true,
    askPassword: true,
    global: false,
    runtime: false,
    force: 0,
    presetMode: 'full',
    root: undefined,
    lines: 10,
    output: 'short',
    outputJson: undefined,
    plain: false,
    timestamp: 'pretty',
    dropIn: undefined,
    stdin: false,
    marked: false,
    message: '',
  }
}

export type Parsed =
  | { readonly settings: Settings }
  | { readonly error: string; readonly hint?: string }
  | { readonly print: 'help' | 'version' | 'types' | 'states' | 'signals' | 'output' | 'job-modes' | 'what' }

type Take = (settings: Settings, value: string) => Parsed | undefined

const set =
  (change: (settings: Settings, value: string) => void): Take =>
  (settings, value) => {
    change(settings, value)
    return undefined
  }
const refuse =
  (error: string): Take =>
  () => ({ error })
const boolean = (text: string) => (/^(1|yes|y|true|t|on)$/i.test(text) ? true : /^(0|no|n|false|f|off)$/i.test(text) ? false : undefined)
const words = (text: string) => text.split(',').filter((word) => word !== '')

const takes: Readonly<Record<string, Take>> = {
  help: () => ({ print: 'help' }),
  version: () => ({ print: 'version' }),
  system: set((s) => void (s.scope = 'system')),
  user: set((s) => void (s.scope = 'user')),
  capsule: refuse('Capsules are not simulated here.'),
  host: refuse('Other machines (--host=) are not simulated here.'),
  machine: refuse('Containers (--machine=) are not simulated here.'),
  image: refuse('Disk images (--image=) are not simulated here.'),
  type: (s, value) => {
    if (value === '') return { error: '--type= requires arguments.' }
    for (const word of words(value)) {
      if (word === 'help') return { print: 'types' }
      if ((unitTypes as readonly string[]).includes(word)) s.types.push(word)
      else if ((loadStates as readonly string[]).includes(word)) s.states.push(word)
      else return { error: `Unknown unit type or load state '${word}'.`, hint: 'Use -t help to see a list of allowed values.' }
    }
    return undefined
  },
  state: (s, value) => {
    if (value === '') return { error: '--state= requires arguments.' }
    for (const word of words(value)) {
      if (word === 'help') return { print: 'states' }
      s.states.push(word)
    }
    return undefined
  },
  failed: set((s) => void s.states.push('failed')),
  property: set((s, value) => {
    if (value === '') s.properties = s.properties.length === 0 ? [''] : s.properties
    s.properties.push(...words(value))
    s.all = true
  }),
  P: set((s, value) => {
    s.properties.push(...words(value))
    s.all = true
    s.valueOnly = true
  }),
  all: set((s) => void (s.all = true)),
  full: set((s) => void (s.full = true)),
  reverse: set((s) => void (s.reverse = true)),
  before: set((s) => void (s.before = true)),
  after: set((s) => void (s.after = true)),
  'with-dependencies': set((s) => void (s.withDependencies = true)),
  'job-mode': (s, value) => {
    if (value === 'help') return { print: 'job-modes' }
    s.jobMode = value as JobMode
    return undefined
  },
  'show-transaction': set((s) => void (s.showTransaction = true)),
  'show-types': set((s) => void (s.showTypes = true)),
  value: set((s) => void (s.valueOnly = true)),
  'kill-whom': set((s, value) => void (s.killWhom = value)),
  'kill-who': set((s, value) => void (s.killWhom = value)),
  'kill-value': (s, value) => {
    if (!/^-?(0x[0-9a-fA-F]+|\d+)$/.test(value)) return { error: `Unable to parse signal queue value: ${value}` }
    s.killValue = Number(value)
    return undefined
  },
  signal: (s, value) => {
    if (value === 'list' || value === 'help') return { print: 'signals' }
    const signal = signalFromString(value)
    if (signal === undefined) return { error: `Failed to parse signal string "${value}".` }
    s.signal = signal
    return undefined
  },
  what: (s, value) => {
    if (value === '') return { error: '--what= requires arguments (see --what=help).' }
    if (value === 'help') return { print: 'what' }
    s.what.push(...words(value))
    return undefined
  },
  now: set((s) => void (s.now = true)),
  'dry-run': set((s) => void (s.dryRun = true)),
  quiet: set((s) => void (s.quiet = true)),
  'no-warn': set((s) => void (s.noWarn = true)),
  wait: set((s) => void (s.wait = true)),
  'no-block': set((s) => void (s.noBlock = true)),
  'no-reload': set((s) => void (s.noReload = true)),
  legend: (s, value) => {
    const legend = boolean(value)
    if (legend === undefined) return { error: `Failed to parse boolean argument to --legend=: ${value}.` }
    s.legend = legend
    return undefined
  },
  'no-legend': set((s) => void (s.legend = false)),
  'no-ask-password': set((s) => void (s.askPassword = false)),
  global: set((s) => void (s.global = true)),
  runtime: set((s) => void (s.runtime = true)),
  force: set((s) => void (s.force += 1)),
  'preset-mode': (s, value) => {
    if (value !== 'full' && value !== 'enable-only' && value !== 'disable-only') return { error: `Failed to parse preset mode: ${value}.` }
    s.presetMode = value
    return undefined
  },
  root: set((s, value) => void (s.root = value.replace(/\/+$/, '') || undefined)),
  lines: (s, value) => {
    if (!/^\d+$/.test(value)) return { error: `Failed to parse lines '${value}'` }
    s.lines = Number(value)
    return undefined
  },
  output: (s, value) => {
    if (value === 'help') return { print: 'output' }
    const mode = outputModes.find((one) => one === value)
    if (mode === undefined) return { error: `Unknown output '${value}'.` }
    s.output = mode
    if (mode === 'json' || mode === 'json-pretty') {
      s.outputJson = mode
      s.legend = false
      s.plain = true
    }
    return undefined
  },
  plain: set((s) => void (s.plain = true)),
  timestamp: (s, value) => {
    const styles: readonly string[] = ['pretty', 'us', 'utc', 'us+utc', 'unix']
    const style = value === 'µs' || value === 'μs' ? 'us' : value
    if (!styles.includes(style)) return { error: `Invalid value: ${value}.` }
    s.timestamp = style as TimestampStyle
    return undefined
  },
  marked: set((s) => void (s.marked = true)),
  'drop-in': set((s, value) => void (s.dropIn = value)),
  stdin: set((s) => void (s.stdin = true)),
  message: set((s, value) => void (s.message = value)),
  when: refuse('Scheduled shutdown is not simulated here.'),
}

/** Options in the order given; the first that is wrong, or wants a list, ends it. */
export function readSettings(args: Arguments): Parsed {
  const settings = initial()
  for (const { name, value } of args.given) {
    const answer = takes[name]?.(settings, value ?? '')
    if (answer !== undefined) return answer
  }
  if (settings.wait && settings.noBlock) return { error: '--wait may not be combined with --no-block.' }
  return { settings }
}
