// The state of one shell process. A forked child (subshell, pipeline part, substitution) works on a copy.
import type { Process, Syscall } from '@/lib/kernel'
import type { CompoundCommand, CompoundList, Redirected } from 'unbash'
import type { Source } from './source'
import { lineAt, parseSource } from './source'
import { Variables } from './variables'
import { JobTable } from './job-table'
import type { Completer } from './completion'
import type { Execution } from './simple-command'
import type { Builtin } from './builtins/builtin'

export type ShellFunction = {
  readonly name: string
  readonly body: CompoundCommand | Redirected | CompoundList
  readonly source: Source
  readonly file: string
}

/** A pending change of control, looked at after every command. The status is the shell's. */
export type Flow =
  | { readonly kind: 'break' | 'continue'; levels: number }
  | { readonly kind: 'return' | 'exit' }
  /** Ctrl-C at an interactive shell. */
  | { readonly kind: 'interrupt' /** The new line after ^C is written. */; readonly shown?: boolean }

/** Stops the command line that is being run: an expansion or assignment that bash refuses. */
export class ShellError extends Error {
  /** `discard`: go on with the next line. `exit`: a shell that is not interactive ends. */
  readonly effect: 'discard' | 'exit'
  readonly status: number
  constructor(effect: 'discard' | 'exit', status: number) {
    super(effect)
    this.effect = effect
    this.status = status
  }
}

export type CallFrame = { readonly name: string; readonly line: number; readonly file: string }
export type Alias = { readonly value: string }

const defaultOptions = ['braceexpand', 'hashall', 'interactive-comments']
const defaultShopts = [
  'checkwinsize',
  'cmdhist',
  'complete_fullquote',
  'extquote',
  'force_fignore',
  'globasciiranges',
  'globskipdots',
  'hostcomplete',
  'interactive_comments',
  'patsub_replacement',
  'progcomp',
  'promptvars',
  'sourcepath',
]

export class Shell {
  process: Process
  readonly flavour: 'bash' | 'dash'
  readonly builtins: ReadonlyMap<string, Builtin>
  /** $0 */
  name: string
  positional: string[] = []
  variables = new Variables()
  functions = new Map<string, ShellFunction>()
  aliases = new Map<string, Alias>()
  options = new Set<string>(defaultOptions)
  shopts = new Set<string>(defaultShopts)
  status = 0
  pipeStatus: readonly number[] = [0]
  lastArgument = ''
  flow: Flow | undefined = undefined
  source: Source = parseSource('')
  /** Position in `source` of the command that runs. */
  position = 0
  file = ''
  calls: CallFrame[] = []
  loopDepth = 0
  functionDepth = 0
  sourceDepth = 0
  /** Above 0, a failing command does not end the shell under `set -e`. */
  errexitIgnored = 0
  /** By `EXIT`, `ERR`, `DEBUG`, `RETURN` or signal number. */
  traps = new Map<string | number, string>()
  /** Signals ignored when this shell started: they cannot be trapped. */
  ignoredAtStart = new Set<number>()
  pendingSignals: number[] = []
  runningTrap = false
  jobs = new JobTable()
  interactive = false
  login = false
  /** Messages say "line N". */
  fromString = false
  hash = new Map<string, { path: string; hits: number }>()
  directories: string[] = []
  workingDirectory = '/'
  /** $$ */
  readonly shellPid: number
  subshellDepth = 0
  lastBackgroundPid: number | undefined = undefined
  history: string[] = []
  historyBase = 1
  startUsec: number
  secondsOffset = 0
  /** Where getopts is: inside the word, and OPTIND as it left it. */
  optionOffset = 0
  optionIndex = 1
  /** Command being run, for $BASH_COMMAND. */
  commandText: () => string = () => ''
  substitutionStatus: number | undefined = undefined
  /** Processor time used by commands inside the shell and not yet paid for. */
  owedUsec = 0
  shellTerminal: { readonly fd: number; readonly pgid: number } | undefined = undefined
  completer: Completer | undefined = undefined
  /** Descriptors that process substitutions opened for the running command. */
  substitutionFds: number[] = []
  originalSignals: number[] = []
  exitWarned = false
  /** Lines remembered in this session, to be saved at its end. */
  newHistory = 0
  /** The terminal went away. */
  hungUp = false
  disabledBuiltins = new Set<string>()
  /** How the running builtin was called (redirections, temporary variables). */
  execution: Execution | undefined = undefined
  /** SIGCHLD is blocked while a wait looks at children itself. */
  chldBlocked = false
  /** Above 0 while a list of commands runs: Ctrl-C on a child ends the list. */
  listDepth = 0

  constructor(process: Process, flavour: 'bash' | 'dash', name: string, builtins: ReadonlyMap<string, Builtin>) {
    this.process = process
    this.builtins = builtins
    this.flavour = flavour
    this.name = name
    this.shellPid = process.pid
    this.startUsec = process.monotonicUsec
    if (flavour === 'dash') this.options.delete('braceexpand')
    this.addDynamicVariables()
  }

  get jobControl(): boolean {
    return this.options.has('monitor')
  }

  get line(): number {
    return lineAt(this.source, this.position)
  }

  /** What messages begin with. */
  get messagePrefix(): string {
    if (this.flavour === 'dash') return `${this.name}: ${this.line}: `
    return this.interactive ? `${this.name}: ` : `${this.messageName}: line ${this.line}: `
  }

  private get messageName(): string {
    if (this.functionDepth > 0 && this.file === '' && this.fromString) return 'environment'
    return this.file !== '' && (this.sourceDepth > 0 || this.functionDepth > 0) ? this.file : this.name
  }

  *complain(text: string): Syscall<void> {
    yield* this.process.write(2, `${this.messagePrefix}${text}\n`)
  }

  /** The copy that a forked child runs on. */
  fork(process: Process): Shell {
    const child = Object.assign(Object.create(Shell.prototype) as Shell, this)
    child.process = process
    child.positional = [...this.positional]
    child.variables = this.variables.copy()
    child.functions = new Map(this.functions)
    child.aliases = new Map(this.aliases)
    child.options = new Set(this.options)
    child.shopts = new Set(this.shopts)
    child.calls = [...this.calls]
    child.traps = new Map(this.traps)
    child.hash = new Map(this.hash)
    child.directories = [...this.directories]
    child.jobs = new JobTable()
    child.pendingSignals = []
    child.substitutionFds = []
    child.flow = undefined
    child.subshellDepth = this.subshellDepth + 1
    child.interactive = false
    child.options.delete('monitor')
    child.shellTerminal = undefined
    child.wasInteractive = this.interactive || this.wasInteractive
    child.addDynamicVariables()
    return child
  }
  wasInteractive = false

  private addDynamicVariables(): void {
    if (this.flavour === 'dash') return
    const { dynamic } = this.variables
    dynamic.set('RANDOM', { read: () => String(this.process.random.below(32768)), write: () => undefined })
    dynamic.set('SRANDOM', { read: () => String(this.process.random.next32()) })
    dynamic.set('SECONDS', {
      read: () => String(Math.floor((this.process.monotonicUsec - this.startUsec) / 1e6) + this.secondsOffset),
      write: (value) => {
        this.startUsec = this.process.monotonicUsec
        this.secondsOffset = Number.parseInt(value, 10) || 0
      },
    })
    dynamic.set('LINENO', { read: () => String(this.line), write: () => undefined })
    dynamic.set('BASHPID', { read: () => String(this.process.pid) })
    dynamic.set('EPOCHSECONDS', { read: () => String(Math.floor(this.process.realtimeUsec / 1e6)) })
    dynamic.set('EPOCHREALTIME', {
      read: () => {
        const usec = this.process.realtimeUsec
        return `${Math.floor(usec / 1e6)}.${String(Math.floor(usec % 1e6)).padStart(6, '0')}`
      },
    })
    dynamic.set('BASH_SUBSHELL', { read: () => String(this.subshellDepth) })
    dynamic.set('BASH_COMMAND', { read: () => this.commandText() })
    dynamic.set('PIPESTATUS', { read: () => this.pipeStatus.map(String) })
    dynamic.set('FUNCNAME', { read: () => (this.calls.length === 0 ? undefined : [...this.calls.map((call) => call.name).reverse()]) })
    dynamic.set('BASH_SOURCE', {
      read: () => (this.calls.length === 0 ? (this.file === '' ? undefined : [this.file]) : this.calls.map((call) => call.file).reverse()),
    })
    dynamic.set('BASH_LINENO', { read: () => (this.calls.length === 0 ? ['0'] : this.calls.map((call) => String(call.line)).reverse()) })
    dynamic.set('DIRSTACK', { read: () => [this.workingDirectory, ...this.directories] })
    dynamic.set('GROUPS', { read: () => [...new Set([this.process.gid, ...this.process.groups])].map(String), write: () => undefined })
    dynamic.set('HISTCMD', { read: () => String(this.historyBase + this.history.length) })
  }

  /** Lets other processes and signals in: commands inside the shell cost processor time too. */
  *pay(usec: number): Syscall<void> {
    this.owedUsec += usec
    if (this.owedUsec < 100) return
    const owed = this.owedUsec
    this.owedUsec = 0
    yield* this.process.compute(owed)
  }
}
