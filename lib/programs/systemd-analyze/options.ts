// The options of systemd-analyze(1) and what it refuses before it looks at a verb.
import { parseSec, parseTimestamp, pathSimplify, type TimestampContext, type Usec } from '@/lib/base'
import type { Arguments, OptionRow } from '../program'

export const optionRows: readonly OptionRow[] = [
  { short: 'h', long: 'help', help: 'show this help' },
  { long: 'version', help: 'show the version' },
  { short: 'q', long: 'quiet', help: 'no hints' },
  { long: 'order', help: 'graph: ordering only' },
  { long: 'require', help: 'graph: requirements only' },
  { long: 'root', argument: 'required', metavar: 'PATH', help: 'work on the file tree below PATH' },
  { long: 'image', argument: 'required', metavar: 'PATH', help: 'work on a disk image (not simulated here)' },
  { long: 'image-policy', argument: 'required', metavar: 'POLICY', help: 'what a disk image may hold' },
  { long: 'recursive-errors', argument: 'required', metavar: 'MODE', help: 'which units verify reports on: yes, no, one' },
  { long: 'offline', argument: 'required', metavar: 'BOOL', help: 'security: judge files, not the running manager' },
  { long: 'threshold', argument: 'required', metavar: 'N', help: 'security: fail above this exposure (0 to 100)' },
  { long: 'security-policy', argument: 'required', metavar: 'PATH', help: 'security: weights from a JSON file' },
  { long: 'json', argument: 'required', metavar: 'pretty|short|off', help: 'print JSON' },
  { long: 'no-pager', help: 'never page the output' },
  { long: 'no-legend', help: 'no headings' },
  { long: 'system', help: 'speak to the system manager' },
  { long: 'user', help: 'speak to the user manager' },
  { long: 'global', help: 'the configuration of all users' },
  { short: 'H', long: 'host', argument: 'required', metavar: '[USER@]HOST', help: 'another host (not simulated here)' },
  { short: 'M', long: 'machine', argument: 'required', metavar: 'CONTAINER', help: 'a container (not simulated here)' },
  { long: 'from-pattern', argument: 'required', metavar: 'GLOB', help: 'graph: only edges from these units' },
  { long: 'to-pattern', argument: 'required', metavar: 'GLOB', help: 'graph: only edges to these units' },
  { long: 'fuzz', argument: 'required', metavar: 'SECONDS', help: 'critical chain: also units that ended this much earlier' },
  { long: 'man', argument: 'optional', metavar: 'BOOL', help: 'verify: look for the manual pages named' },
  { long: 'generators', argument: 'optional', metavar: 'BOOL', help: 'verify: run the generators first' },
  { long: 'instance', argument: 'required', metavar: 'NAME', help: 'verify: instance name for templates' },
  { long: 'iterations', argument: 'required', metavar: 'N', help: 'calendar: show N elapses' },
  { long: 'base-time', argument: 'required', metavar: 'TIMESTAMP', help: 'calendar: count from this time' },
  { long: 'profile', argument: 'required', metavar: 'NAME|PATH', help: 'security: judge with this portable profile' },
  { short: 'U', long: 'unit', argument: 'required', metavar: 'UNIT', help: 'condition: those of this unit' },
  { long: 'table', help: 'plot: print a table' },
  { long: 'scale-svg', argument: 'required', metavar: 'FACTOR', help: 'plot: stretch the time axis' },
  { long: 'detailed', help: 'plot: more details' },
  { short: 'm', long: 'mask', help: 'capability: the argument is a mask' },
  { long: 'tldr', help: 'leave comments out' },
]

export type JsonMode = 'off' | 'short' | 'pretty'
export type AnalyzeOptions = {
  readonly quiet: boolean
  readonly scope: 'system' | 'user' | 'global'
  readonly json: JsonMode
  readonly legend: boolean
  readonly root: string | undefined
  readonly image: string | undefined
  readonly unit: string | undefined
  readonly offline: boolean
  readonly threshold: number
  readonly securityPolicy: string | undefined
  readonly profile: string | undefined
  readonly baseUsec: Usec | undefined
  readonly iterations: number
  readonly man: boolean
  readonly generators: boolean
  readonly recursiveErrors: 'yes' | 'no' | 'one'
  readonly instance: string
  readonly mask: boolean
  readonly table: boolean
  readonly scaleSvg: number
  readonly fuzzUsec: Usec
  readonly order: boolean
  readonly require: boolean
  readonly fromPatterns: readonly string[]
  readonly toPatterns: readonly string[]
  readonly tldr: boolean
}

const parseBoolean = (text: string): boolean | undefined =>
  /^(1|yes|y|true|t|on)$/i.test(text) ? true : /^(0|no|n|false|f|off)$/i.test(text) ? false : undefined

type Mutable = { -readonly [Key in keyof AnalyzeOptions]: AnalyzeOptions[Key] }

const defaults = (): Mutable => ({
  quiet: false,
  scope: 'system',
  json: 'off',
  legend: true,
  root: undefined,
  image: undefined,
  unit: undefined,
  offline: false,
  threshold: 100,
  securityPolicy: undefined,
  profile: undefined,
  baseUsec: undefined,
  iterations: 1,
  man: true,
  generators: false,
  recursiveErrors: 'yes',
  instance: 'test_instance',
  mask: false,
  table: false,
  scaleSvg: 1,
  fuzzUsec: 0,
  order: false,
  require: false,
  fromPatterns: [],
  toPatterns: [],
  tldr: false,
})

export type OptionOutcome =
  | { readonly kind: 'options'; readonly options: AnalyzeOptions }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

const unsigned = (text: string): number | undefined =>
  /^\s*\+?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]*|0[bB][01]+|[1-9]\d*)$/.test(text)
    ? Number(
        text
          .trim()
          .replace(/^\+/, '')
          .replace(/^0([0-7]+)$/, '0o$1'),
      )
    : undefined

/** What the values of options are read with. */
export type OptionContext = TimestampContext & { readonly directory: string }

/** One option; the text of an error when its value is wrong. */
function take(options: Mutable, name: string, value: string, context: OptionContext): string | undefined {
  const path = (text: string): string => pathSimplify(text.startsWith('/') ? text : `${context.directory}/${text}`)
  const boolean = (text: string, set: (on: boolean) => void): string | undefined => {
    const on = text === '' && (name === 'man' || name === 'generators') ? true : parseBoolean(text)
    if (on === undefined) return `Failed to parse boolean argument to --${name}: ${text}.`
    set(on)
    return undefined
  }
  switch (name) {
    case 'quiet':
      options.quiet = true
      return undefined
    case 'system':
    case 'user':
    case 'global':
      options.scope = name
      return undefined
    case 'order':
      options.order = true
      return undefined
    case 'require':
      options.require = true
      return undefined
    case 'from-pattern':
      options.fromPatterns = [...options.fromPatterns, value]
      return undefined
    case 'to-pattern':
      options.toPatterns = [...options.toPatterns, value]
      return undefined
    case 'no-legend':
      options.legend = false
      return undefined
    case 'table':
      options.table = true
      return undefined
    case 'scale-svg':
      options.scaleSvg = Number.parseFloat(value) || 0
      return undefined
    case 'tldr':
      options.tldr = true
      return undefined
    case 'mask':
      options.mask = true
      return undefined
    case 'root':
      options.root = value === '' || path(value) === '/' ? undefined : path(value)
      return undefined
    case 'image':
      options.image = value === '' ? undefined : path(value)
      return undefined
    case 'instance':
      options.instance = value
      return undefined
    case 'unit':
      options.unit = value
      return undefined
    case 'profile':
      if (value === '') return 'Profile file name is empty'
      options.profile = value.includes('/') ? path(value) : value
      return value.includes('/') && !value.endsWith('.conf') ? `Profile file name must end with .conf: ${path(value)}` : undefined
    case 'security-policy':
      options.securityPolicy = value === '' ? undefined : path(value)
      return undefined
    case 'json':
      if (value !== 'off' && value !== 'short' && value !== 'pretty') return `Unknown argument to --json= switch: ${value}`
      options.json = value
      return undefined
    case 'offline':
      return boolean(value, (on) => (options.offline = on))
    case 'man':
      return boolean(value, (on) => (options.man = on))
    case 'generators':
      return boolean(value, (on) => (options.generators = on))
    case 'recursive-errors':
      if (value !== 'yes' && value !== 'no' && value !== 'one') return `Unknown mode passed to --recursive-errors='${value}'.`
      options.recursiveErrors = value
      return undefined
    case 'threshold': {
      const number = unsigned(value)
      if (number === undefined || number > 100) return `Failed to parse threshold: ${value}`
      options.threshold = number
      return undefined
    }
    case 'iterations': {
      const number = unsigned(value)
      if (number === undefined || number > 0xffffffff) return `Failed to parse iterations: ${value}`
      options.iterations = number
      return undefined
    }
    case 'fuzz': {
      const usec = parseSec(value)
      // The real tool says nothing here.
      if (typeof usec === 'string') return ''
      options.fuzzUsec = usec
      return undefined
    }
    case 'base-time': {
      const usec = parseTimestamp(value, context)
      if (typeof usec === 'string') return `Failed to parse --base-time= parameter: ${value}`
      options.baseUsec = usec
      return undefined
    }
    default:
      return undefined
  }
}

const JSON_VERBS = ['security', 'inspect-elf', 'plot', 'fdstore', 'pcrs', 'architectures', 'capability', 'exit-status']
const ROOT_VERBS = ['cat-config', 'verify', 'condition', 'inspect-elf']

/** Options that do not go with the verb. */
function conflict(options: AnalyzeOptions, operands: readonly string[]): string | undefined {
  const [verb = ''] = operands
  const security = verb === 'security'
  if (options.offline && !security) return 'Option --offline= is only supported for security right now.'
  if (options.offline && operands.length < 2) return 'Option --offline= requires one or more units to perform a security review.'
  if (options.json !== 'off' && !JSON_VERBS.includes(verb)) {
    return `Option --json= is only supported for ${JSON_VERBS.join(', ')} right now.`
  }
  if (options.threshold !== 100 && !security) return 'Option --threshold= is only supported for security right now.'
  if (options.scope === 'global' && verb !== 'unit-paths') return 'Option --global only makes sense with verb unit-paths.'
  if (verb === 'cat-config' && options.scope === 'user') return 'Option --user is not supported for cat-config right now.'
  if (options.securityPolicy !== undefined && !security) return 'Option --security-policy= is only supported for security.'
  if ((options.root !== undefined || options.image !== undefined) && !ROOT_VERBS.includes(verb) && !(security && options.offline)) {
    return 'Options --root= and --image= are only supported for cat-config, verify, condition and security when used with --offline= right now.'
  }
  if (options.root !== undefined && options.image !== undefined) {
    return 'Please specify either --root= or --image=, the combination of both is not supported.'
  }
  if (options.unit !== undefined && verb !== 'condition') return 'Option --unit= is only supported for condition'
  if (verb === 'condition' && options.unit === undefined && operands.length < 2) return 'Too few arguments for condition'
  if (verb === 'condition' && options.unit !== undefined && operands.length > 1) {
    return 'No conditions can be passed if --unit= is used.'
  }
  if (options.table && verb !== 'plot') return 'Option --table is only supported for plot right now.'
  if (options.table && options.json !== 'off') return '--table and --json= are mutually exclusive.'
  if (options.mask && verb !== 'capability') return 'Option --mask is only supported for capability.'
  return undefined
}

/** @param complete the whole command line was read; else only what stood before an error */
export function readOptions(args: Arguments, context: OptionContext, complete: boolean): OptionOutcome {
  const options = defaults()
  for (const { name, value } of args.given) {
    if (name === 'help' || name === 'version') return { kind: name }
    const wrong = take(options, name, value ?? '', context)
    if (wrong !== undefined) return { kind: 'error', message: wrong }
  }
  const wrong = complete ? conflict(options, args.operands) : undefined
  return wrong === undefined ? { kind: 'options', options } : { kind: 'error', message: wrong }
}
