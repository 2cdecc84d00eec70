// What every verb gets, and what many of them need: the bus, names, errors.
import { localTimeOf, type LocalTime } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { connectBus, isBusError, type Bus, type BusError } from '@/lib/systemd/bus'
import { stringIsGlob, unitNameMangle } from '@/lib/systemd/unit-name'
import type { Console } from '../systemd-console'
import type { Settings } from './settings'

/** Exit statuses of the LSB, as systemctl gives them. */
export const EXIT_INVALID_ARGUMENT = 2
export const EXIT_NOT_IMPLEMENTED = 3
export const EXIT_NO_PERMISSION = 4
export const EXIT_NOT_INSTALLED = 5
export const EXIT_NOT_CONFIGURED = 6

export class Context {
  readonly process: Process
  readonly console: Console
  readonly settings: Settings
  readonly operands: readonly string[]
  readonly verb: string
  readonly local: LocalTime
  private held: Bus | undefined

  constructor(console: Console, settings: Settings, verb: string, operands: readonly string[], localtimeLink: string | undefined) {
    this.process = console.process
    this.console = console
    this.settings = settings
    this.verb = verb
    this.operands = operands
    this.local = localTimeOf(this.process.env.TZ, localtimeLink, Math.floor(this.process.realtimeUsec / 1_000_000))
  }

  /** Lines of status and tables are not cut where nobody sees a terminal's edge. */
  get fullWidth(): boolean {
    return this.settings.full || !this.console.onTty
  }

  get userOption(): string {
    return this.settings.scope === 'user' ? ' --user' : ''
  }

  /** The connection; a number: it could not be made, this is the exit status. */
  *bus(): Syscall<Bus | number> {
    if (this.held !== undefined) return this.held
    const bus = yield* connectBus(this.process, { scope: this.settings.scope })
    if (!isBusError(bus)) {
      this.held = bus
      return bus
    }
    const { scope } = this.settings
    const path = scope === 'user' ? undefined : yield* this.process.stat('/run/systemd/system')
    if (path !== undefined && isErrno(path)) {
      yield* this.console.log('error', "System has not been booted with systemd as init system (PID 1). Can't operate.")
      return yield* this.console.fail('Failed to connect to system scope bus via local transport: Host is down')
    }
    return yield* this.console.fail(`Failed to connect to ${scope} scope bus via local transport: ${bus.message}`)
  }

  /** Names as units are named, with the notices about them. */
  *mangle(name: string, suffix = '.service', glob = true, operation?: string): Syscall<string | undefined> {
    const result = unitNameMangle(name, { suffix, glob, ...(operation === undefined ? {} : { operation }) })
    if (result === undefined) {
      yield* this.console.log('error', 'Failed to mangle name: Invalid argument')
      return undefined
    }
    if (!this.settings.quiet) for (const notice of result.notices) yield* this.console.log('notice', notice)
    return result.name
  }

  /**
   * Names and patterns become units: patterns those that are loaded and fit. undefined: a name cannot be one.
   * A dot in the suffix-less word is part of the name.
   */
  *expandNames(
    bus: Bus,
    names: readonly string[],
    suffix = '.service',
  ): Syscall<{ readonly names: readonly string[]; readonly globbed: boolean } | undefined> {
    const plain: string[] = []
    const patterns: string[] = []
    for (const name of names) {
      const mangled = yield* this.mangle(name, suffix)
      if (mangled === undefined) {
        yield* this.console.log('error', 'Failed to expand names: Invalid argument')
        return undefined
      }
      if (stringIsGlob(mangled)) patterns.push(mangled)
      else plain.push(mangled)
    }
    if (patterns.length === 0) return { names: plain, globbed: false }
    const units = yield* bus.call('ListUnitsByPatterns', [[], patterns])
    if (isBusError(units)) return { names: plain, globbed: true }
    return { names: [...plain, ...units.map((unit) => unit.id)], globbed: true }
  }
}

export type Verb = {
  readonly verb: string
  /** How many words may follow. */
  readonly args: readonly [least: number, most: number]
  /** Run without a verb. */
  readonly default?: true
  /** Needs a running manager; refused below --root=. */
  readonly online?: true
  /** What --help says of the words, and of the verb. */
  readonly words?: string
  readonly help?: string
  readonly section?: string
  readonly run: (context: Context) => Syscall<number>
}

/** systemctl's exit status for an error of the manager. */
export function statusOfError(error: BusError): number {
  switch (error.name) {
    case 'org.freedesktop.DBus.Error.AccessDenied':
    case 'org.freedesktop.systemd1.OnlyByDependency':
    case 'org.freedesktop.systemd1.NoIsolation':
    case 'org.freedesktop.systemd1.TransactionIsDestructive':
      return EXIT_NO_PERMISSION
    case 'org.freedesktop.systemd1.NoSuchUnit':
      return EXIT_NOT_INSTALLED
    case 'org.freedesktop.systemd1.JobTypeNotApplicable':
    case 'org.freedesktop.DBus.Error.NotSupported':
      return EXIT_NOT_IMPLEMENTED
    case 'org.freedesktop.systemd1.LoadFailed':
      return EXIT_NOT_CONFIGURED
    default:
      return 1
  }
}

export function* warnChanged(context: Context, unit: string): Syscall<void> {
  if (context.settings.noWarn) return
  yield* context.console.log(
    'warning',
    `Warning: The unit file, source configuration file or drop-ins of ${unit} changed on disk. Run 'systemctl${context.userOption} daemon-reload' to reload units.`,
  )
}
