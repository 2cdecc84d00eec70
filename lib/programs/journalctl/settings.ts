// What the command line of journalctl asks for, or what is wrong with it, in its own words.
import { parseByteSize, parseSec, parseTimestamp, type TimestampContext, type Usec } from '@/lib/base'
import { logFacilities, outputModes, parseLogFacility, parseLogLevel, isQuietMode, type OutputMode } from '@/lib/journal'
import type { Arguments } from '../program'
import { parseBootDescriptor, type BootDescriptor } from './options'

export type Action =
  | 'show'
  | 'fields'
  | 'field'
  | 'list-boots'
  | 'list-invocations'
  | 'list-namespaces'
  | 'disk-usage'
  | 'vacuum'
  | 'rotate-and-vacuum'
  | 'verify'
  | 'sync'
  | 'relinquish-var'
  | 'flush'
  | 'rotate'
  | 'header'
  | 'list-catalog'
  | 'dump-catalog'
  | 'update-catalog'
  | 'setup-keys'
  | 'new-id128'
  | 'help'
  | 'version'
  | 'output-help'
  | 'facility-help'

export type Settings = {
  action: Action
  mode: OutputMode
  quiet: boolean
  all: boolean
  full: boolean
  follow: boolean
  /** undefined: not said; infinite: all. */
  lines: number | undefined
  oldest: boolean
  noTail: boolean
  reverse: boolean
  boot: BootDescriptor | undefined
  units: string[]
  userUnits: string[]
  invocation: { readonly id?: string; readonly offset: number } | undefined
  identifiers: string[]
  excluded: Set<string>
  /** Bits of the levels wanted; 255 is no filter. */
  priorities: number
  facilities: number[]
  grep: string | undefined
  caseSensitive: boolean | undefined
  since: Usec | undefined
  until: Usec | undefined
  cursor: string | undefined
  afterCursor: string | undefined
  cursorFile: string | undefined
  showCursor: boolean
  catalog: boolean
  utc: boolean
  noHostname: boolean
  truncateNewline: boolean
  outputFields: string[] | undefined
  merge: boolean
  system: boolean
  user: boolean
  directory: string | undefined
  files: string[]
  root: string
  namespace: string | undefined
  machine: string | undefined
  dmesg: boolean
  field: string
  vacuumSize: number
  vacuumFiles: number
  vacuumUsec: Usec
  force: boolean
}

function initial(): Settings {
  return {
    action: 'show',
    mode: 'short',
    quiet: false,
    all: false,
    full: true,
    follow: false,
    lines: undefined,
    oldest: false,
    noTail: false,
    reverse: false,
    boot: undefined,
    units: [],
    userUnits: [],
    invocation: undefined,
    identifiers: [],
    excluded: new Set(),
    priorities: 255,
    facilities: [],
    grep: undefined,
    caseSensitive: undefined,
    since: undefined,
    until: undefined,
    cursor: undefined,
    afterCursor: undefined,
    cursorFile: undefined,
    showCursor: false,
    catalog: false,
    utc: false,
    noHostname: false,
    truncateNewline: false,
    outputFields: undefined,
    merge: false,
    system: false,
    user: false,
    directory: undefined,
    files: [],
    root: '',
    namespace: undefined,
    machine: undefined,
    dmesg: false,
    field: '',
    vacuumSize: 0,
    vacuumFiles: 0,
    vacuumUsec: 0,
    force: false,
  }
}

/** A text is what to complain of. */
type Take = (settings: Settings, value: string, context: TimestampContext) => string | undefined

const set =
  (change: (settings: Settings, value: string) => void): Take =>
  (settings, value) => {
    change(settings, value)
    return undefined
  }
const act = (action: Action): Take => set((settings) => void (settings.action = action))

function takeTime(key: 'since' | 'until'): Take {
  return (settings, value, context) => {
    const usec = parseTimestamp(value, context)
    if (typeof usec !== 'number') return `Failed to parse timestamp: ${value}`
    settings[key] = usec
    return undefined
  }
}

function vacuum(settings: Settings): void {
  settings.action = settings.action === 'rotate' ? 'rotate-and-vacuum' : 'vacuum'
}

const takes: Readonly<Record<string, Take>> = {
  help: act('help'),
  version: act('version'),
  system: set((s) => void (s.system = true)),
  user: set((s) => void (s.user = true)),
  machine: set((s, value) => void (s.machine = value)),
  merge: set((s) => void (s.merge = true)),
  directory: set((s, value) => void (s.directory = value)),
  file: set((s, value) => void s.files.push(value)),
  root: set((s, value) => void (s.root = value.replace(/\/+$/, ''))),
  image: set((s, value) => void (s.machine = value)),
  namespace: set((s, value) => void (s.namespace = value)),
  since: takeTime('since'),
  until: takeTime('until'),
  cursor: set((s, value) => void (s.cursor = value)),
  'after-cursor': set((s, value) => void (s.afterCursor = value)),
  'cursor-file': set((s, value) => void (s.cursorFile = value)),
  boot: (s, value) => {
    const boot = parseBootDescriptor(value === UNSAID ? '0' : value)
    if (boot === undefined) return `Failed to parse boot descriptor '${value}'`
    s.boot = boot
    return undefined
  },
  unit: set((s, value) => void s.units.push(value)),
  'user-unit': set((s, value) => void s.userUnits.push(value)),
  invocation: (s, value) => {
    const parsed = parseBootDescriptor(value)
    if (parsed === undefined || parsed === 'all') return `Failed to parse invocation descriptor: ${value}`
    s.invocation = parsed
    return undefined
  },
  I: set((s) => void (s.invocation = { offset: 0 })),
  identifier: set((s, value) => void s.identifiers.push(value)),
  'exclude-identifier': set((s, value) => void s.excluded.add(value)),
  priority: takePriority,
  facility: (s, value) => {
    for (const word of value.split(',')) {
      if (word === 'help') {
        s.action = 'facility-help'
        return undefined
      }
      const facility = parseLogFacility(word)
      if (facility === undefined) return `Bad --facility= argument "${word}".`
      s.facilities.push(facility)
    }
    return undefined
  },
  grep: set((s, value) => void (s.grep = value)),
  'case-sensitive': (s, value) => {
    if (value !== UNSAID && !/^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i.test(value))
      return `Bad --case-sensitive= argument "${value}": Invalid argument`
    s.caseSensitive = value === UNSAID || /^(1|yes|y|true|t|on)$/i.test(value)
    return undefined
  },
  dmesg: set((s) => {
    s.dmesg = true
    s.boot ??= { offset: 0 }
  }),
  output: (s, value) => {
    if (value === 'help') {
      s.action = 'output-help'
      return undefined
    }
    const mode = outputModes.find((one) => one === value)
    if (mode === undefined) return `Unknown output format '${value}'.`
    s.mode = mode
    if (isQuietMode(mode)) s.quiet = true
    return undefined
  },
  'output-fields': set(
    (s, value) => void (s.outputFields = [...(s.outputFields ?? []), ...value.split(',').filter((name) => name !== '')]),
  ),
  lines: (s, value) => {
    if (value === UNSAID) s.lines = 10
    else if (value === 'all') s.lines = Number.POSITIVE_INFINITY
    else if (/^\+?\d+$/.test(value)) {
      s.lines = Number(value)
      s.oldest = value.startsWith('+')
    } else return `Failed to parse lines '${value}'`
    return undefined
  },
  reverse: set((s) => void (s.reverse = true)),
  'show-cursor': set((s) => void (s.showCursor = true)),
  utc: set((s) => void (s.utc = true)),
  catalog: set((s) => void (s.catalog = true)),
  'no-hostname': set((s) => void (s.noHostname = true)),
  'no-full': set((s) => void (s.full = false)),
  full: set((s) => void (s.full = true)),
  all: set((s) => void (s.all = true)),
  follow: set((s) => void (s.follow = true)),
  'no-tail': set((s) => void (s.noTail = true)),
  'truncate-newline': set((s) => void (s.truncateNewline = true)),
  quiet: set((s) => void (s.quiet = true)),
  'pager-end': set((s) => void (s.lines ??= 1000)),
  force: set((s) => void (s.force = true)),
  fields: act('fields'),
  field: set((s, value) => {
    s.action = 'field'
    s.field = value
  }),
  'list-boots': act('list-boots'),
  'list-invocations': act('list-invocations'),
  'list-namespaces': act('list-namespaces'),
  'disk-usage': act('disk-usage'),
  'vacuum-size': (s, value) => {
    const size = parseByteSize(value)
    if (size === undefined) return `Failed to parse vacuum size: ${value}`
    s.vacuumSize = size
    vacuum(s)
    return undefined
  },
  'vacuum-files': (s, value) => {
    if (!/^\d+$/.test(value)) return `Failed to parse vacuum files: ${value}`
    s.vacuumFiles = Number(value)
    vacuum(s)
    return undefined
  },
  'vacuum-time': (s, value) => {
    const usec = parseSec(value)
    if (typeof usec !== 'number') return `Failed to parse vacuum time: ${value}`
    s.vacuumUsec = usec
    vacuum(s)
    return undefined
  },
  verify: act('verify'),
  sync: act('sync'),
  'relinquish-var': act('relinquish-var'),
  'smart-relinquish-var': act('relinquish-var'),
  flush: act('flush'),
  rotate: set((s) => void (s.action = s.action === 'vacuum' ? 'rotate-and-vacuum' : 'rotate')),
  header: act('header'),
  'list-catalog': act('list-catalog'),
  'dump-catalog': act('dump-catalog'),
  'update-catalog': act('update-catalog'),
  'setup-keys': act('setup-keys'),
  'new-id128': act('new-id128'),
}

/** An optional argument that was not given. */
const UNSAID = '\0'

function takePriority(settings: Settings, value: string): string | undefined {
  const dots = value.indexOf('..')
  if (dots < 0) {
    const level = parseLogLevel(value)
    if (level === undefined) return `Unknown log level ${value}`
    settings.priorities = (1 << (level + 1)) - 1
    return undefined
  }
  const from = parseLogLevel(value.slice(0, dots))
  const to = parseLogLevel(value.slice(dots + 2))
  if (from === undefined || to === undefined) return `Failed to parse log level range ${value}`
  settings.priorities = 0
  for (let level = Math.min(from, to); level <= Math.max(from, to); level += 1) settings.priorities |= 1 << level
  return undefined
}

/** Options in the order given; the first that is wrong ends it. */
export function readSettings(args: Arguments, context: TimestampContext): Settings | { readonly error: string } {
  const settings = initial()
  for (const { name, value } of args.given) {
    const complaint = takes[name]?.(settings, value ?? UNSAID, context)
    if (complaint !== undefined) return { error: complaint }
    if (['help', 'version', 'output-help', 'facility-help'].includes(settings.action)) return settings
  }
  const error = contradiction(settings, args)
  return error === undefined ? settings : { error }
}

function contradiction(settings: Settings, args: Arguments): string | undefined {
  const { since, until, cursor, afterCursor, cursorFile, follow, reverse, lines, oldest, merge, boot, action } = settings
  if (follow && !settings.noTail && since === undefined && lines === undefined) settings.lines = 10
  if (settings.noTail) settings.lines = undefined
  const sources = [settings.directory, settings.machine, settings.root || undefined, settings.files[0]].filter((one) => one !== undefined)
  if (sources.length > 1) return 'Please specify at most one of -D/--directory=, --file=, -M/--machine=, --root=, --image=.'
  if (since !== undefined && until !== undefined && since > until) return '--since= must be before --until=.'
  if ([since, cursor, afterCursor, cursorFile].filter((one) => one !== undefined).length > 1) {
    return 'Please specify only one of --since=, --cursor=, --cursor-file=, and --after-cursor=.'
  }
  if (follow && reverse) return 'Please specify either --reverse or --follow, not both.'
  if (oldest && (reverse || follow)) return '--lines=+N is unsupported when --reverse or --follow is specified.'
  if (!['show', 'dump-catalog', 'list-catalog'].includes(action) && args.operands.length > 0) {
    return `Extraneous arguments starting with '${args.operands[0]}'`
  }
  if ((boot !== undefined || action === 'list-boots') && merge) return 'Using --boot or --list-boots with --merge is not supported.'
  const units = settings.units.length + settings.userUnits.length
  if (action === 'list-invocations' && units === 0) {
    return 'Using --list-invocations requires a unit. Please specify a unit name with -u/--unit=/--user-unit=.'
  }
  if (settings.invocation !== undefined && settings.invocation.id === undefined && units === 0) {
    return 'Using -I/--invocation= with an offset requires a unit. Please specify a unit name with -u/--unit=/--user-unit=.'
  }
  if (settings.grep !== undefined && lines !== undefined && !oldest && !follow) settings.reverse = true
  return undefined
}

export { logFacilities }
