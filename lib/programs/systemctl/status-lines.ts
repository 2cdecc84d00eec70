// After print_status_info(): the lines of `systemctl status` out of a unit's properties. No system calls here.
import {
  ANSI_GREY,
  ANSI_HIGHLIGHT_GREEN,
  ANSI_HIGHLIGHT_RED,
  ANSI_HIGHLIGHT_YELLOW,
  formatBytes,
  formatTimespan,
  formatTimestamp,
  formatTimestampRelative,
  timestampIsSet,
  urlify,
  USEC_INFINITY,
  USEC_PER_MSEC,
  type LocalTime,
  type TimestampStyle,
} from '@/lib/base'
import { fileLink } from '@/lib/journal'
import { signalName } from '@/lib/kernel'
import { exitStatusName } from '@/lib/systemd/analyze'
import { booleanOf, numberOf, textOf, textsOf, type Properties } from '@/lib/systemd/bus'
import { structNamed, structsNamed } from './structs'
import { codeName } from './property-format'

export type StatusLook = {
  readonly colors: boolean
  /** Links to files of this host. */
  readonly hostname: string | undefined
  readonly local: LocalTime
  readonly timestamps: TimestampStyle
  readonly nowUsec: number
  readonly nowMonotonicUsec: number
}

/** What is asked of others: the state of units that trigger or are triggered, the names of processes. */
export type StatusFacts = {
  readonly stateOf: (unit: string) => { readonly active: string; readonly load: string }
  readonly comm: (pid: number) => string | undefined
  /** Next elapse of a timer, realtime; infinite for none. */
  readonly nextElapseUsec: number
}

const NORMAL = '\x1b[0m'

export class StatusLines {
  private readonly look: StatusLook
  private readonly properties: Properties
  private readonly facts: StatusFacts
  readonly lines: string[] = []

  constructor(properties: Properties, look: StatusLook, facts: StatusFacts) {
    this.properties = properties
    this.look = look
    this.facts = facts
  }

  /** Everything above the control group. */
  make(): readonly string[] {
    this.title()
    this.loaded()
    this.dropIns()
    this.active()
    this.triggers()
    this.documentation()
    this.conditions()
    this.device()
    this.listen()
    this.processes()
    this.statusText()
    this.resources()
    return this.lines
  }

  private text(name: string): string {
    return textOf(this.properties, name)
  }

  private paint(color: string, text: string): string {
    return this.look.colors && color !== '' ? `${color}${text}${NORMAL}` : text
  }

  private field(name: string, value: string): void {
    this.lines.push(`${`${name}:`.padStart(12)} ${value}`)
  }

  private file(path: string, shown = path): string {
    return this.look.hostname === undefined ? shown : fileLink(this.look.hostname, path, shown)
  }

  private title(): void {
    const id = this.text('Id')
    const description = this.text('Description')
    const dot = stateDot(this.text('ActiveState'), this.text('LoadState'))
    this.lines.push(`${this.paint(dot.color, dot.glyph)} ${id}${description === '' || description === id ? '' : ` - ${description}`}`)
    const following = this.text('Following')
    if (following !== '') this.field('Follows', `unit ${following}`)
  }

  private loaded(): void {
    const state = this.text('LoadState')
    const color = state === 'error' || state === 'not-found' || state === 'bad-setting' ? ANSI_HIGHLIGHT_RED : ''
    const shown = this.paint(color, state)
    const error = structNamed(this.properties, 'LoadError')
    const message = typeof error.message === 'string' ? error.message : ''
    const path = this.text('SourcePath') || this.text('FragmentPath')
    if (message !== '') this.field('Loaded', `${shown} (Reason: ${message})`)
    else if (path !== '') {
      const fileState = this.text('UnitFileState')
      const preset = this.text('UnitFilePreset')
      const hasPreset =
        preset !== '' && ['enabled', 'enabled-runtime', 'disabled', 'linked', 'linked-runtime', 'indirect'].includes(fileState)
      const presetText = hasPreset ? preset : ''
      const file = fileState === '' ? '' : `; ${this.paint(fileStateColor(fileState), fileState)}`
      const label = presetText === '' ? '' : '; preset: '
      const presetColor = presetText === 'disabled' ? ANSI_HIGHLIGHT_YELLOW : ANSI_HIGHLIGHT_GREEN
      const presetPart = fileState === '' ? '' : `${label}${this.paint(presetColor, presetText)}`
      this.field('Loaded', `${shown} (${this.file(path)}${file}${presetPart})`)
    } else this.field('Loaded', shown)
    if (booleanOf(this.properties, 'Transient')) this.field('Transient', 'yes')
  }

  private dropIns(): void {
    const paths = textsOf(this.properties, 'DropInPaths')
    let directory = ''
    for (const [index, path] of paths.entries()) {
      const slash = path.lastIndexOf('/')
      const own = path.slice(0, slash)
      const next = paths[index + 1]
      if (own !== directory) {
        if (index === 0) this.field('Drop-In', own)
        else this.lines.push(`             ${own}`)
        directory = own
      }
      const last = next === undefined || next.slice(0, next.lastIndexOf('/')) !== own
      const fresh = index === 0 || paths[index - 1]!.slice(0, paths[index - 1]!.lastIndexOf('/')) !== own
      const name = this.file(path, path.slice(slash + 1))
      if (fresh) this.lines.push(`             ${last ? '└─' : '├─'}${name}`)
      else this.lines[this.lines.length - 1] += `, ${name}`
      if (!fresh && last) this.lines[this.lines.length - 1] = this.lines.at(-1)!.replace('             ├─', '             └─')
    }
  }

  private active(): void {
    const state = this.text('ActiveState')
    const sub = this.text('SubState')
    const color =
      state === 'failed'
        ? ANSI_HIGHLIGHT_RED
        : state === 'active' || state === 'reloading' || state === 'refreshing'
          ? ANSI_HIGHLIGHT_GREEN
          : ''
    let line = this.paint(color, sub === '' || sub === state ? state : `${state} (${sub})`)
    const result = this.text('Result')
    if (result !== '' && result !== 'success') line += ` (Result: ${result})`
    const stamp =
      state === 'active' || state === 'reloading' || state === 'refreshing'
        ? 'ActiveEnterTimestamp'
        : state === 'inactive' || state === 'failed'
          ? 'InactiveEnterTimestamp'
          : state === 'activating'
            ? 'InactiveExitTimestamp'
            : 'ActiveExitTimestamp'
    const since = numberOf(this.properties, stamp)
    if (timestampIsSet(since)) line += ` since ${this.moment(since)}`
    this.field('Active', line)
    const runtimeMax = numberOf(this.properties, 'RuntimeMaxUSec')
    if (timestampIsSet(since) && (state === 'active' || state === 'reloading') && runtimeMax > 0 && runtimeMax < USEC_INFINITY) {
      this.field('Until', this.moment(since + runtimeMax))
    }
    const began = numberOf(this.properties, 'ActiveEnterTimestampMonotonic')
    const ended = numberOf(this.properties, 'ActiveExitTimestampMonotonic')
    if ((state === 'inactive' || state === 'failed') && began > 0 && ended > began) {
      this.field('Duration', formatTimespan(ended - began, USEC_PER_MSEC))
    }
    const { id } = structNamed(this.properties, 'Job')
    if (typeof id === 'number' && id > 0) this.field('Job', String(id))
    const invocation = this.text('InvocationID')
    if (invocation !== '') this.field('Invocation', invocation)
  }

  private moment(usec: number): string {
    const { local, timestamps, nowUsec } = this.look
    return `${formatTimestamp(usec, local, timestamps)}; ${formatTimestampRelative(usec, nowUsec)}`
  }

  private triggers(): void {
    this.related('TriggeredBy', true)
    if (this.text('Id').endsWith('.timer')) {
      const next = this.facts.nextElapseUsec
      this.field('Trigger', timestampIsSet(next) ? this.moment(next) : 'n/a')
    }
    this.related('Triggers', false)
  }

  /** What is triggered shows a dot in any state, what triggers its own glyph. */
  private related(property: 'TriggeredBy' | 'Triggers', ownGlyph: boolean): void {
    for (const [index, unit] of textsOf(this.properties, property).entries()) {
      const { active, load } = this.facts.stateOf(unit)
      const dot = stateDot(active, load)
      const text = `${this.paint(dot.color, ownGlyph ? dot.glyph : '●')} ${unit}`
      if (index === 0) this.field(property, text)
      else this.lines.push(`             ${text}`)
    }
  }

  private documentation(): void {
    for (const [index, address] of textsOf(this.properties, 'Documentation').entries()) {
      const shown = this.look.hostname === undefined ? address : urlify(address, address)
      if (index === 0) this.field('Docs', shown)
      else this.lines.push(`             ${shown}`)
    }
  }

  private conditions(): void {
    for (const [flag, list, word] of [
      ['ConditionResult', 'Conditions', 'Condition'],
      ['AssertResult', 'Asserts', 'Assert'],
    ] as const) {
      const tested = numberOf(this.properties, `${word}Timestamp`)
      if (booleanOf(this.properties, flag) || tested === 0) continue
      const failed = structsNamed(this.properties, list).filter((condition) => Number(condition.result ?? 0) < 0)
      if (failed.length === 0) continue
      const { local, timestamps, nowUsec } = this.look
      const since = `${formatTimestamp(tested, local, timestamps)}; ${formatTimestampRelative(tested, nowUsec)}`
      this.field(
        word,
        word === 'Assert'
          ? `start ${this.paint(ANSI_HIGHLIGHT_RED, 'assertion failed')} at ${since}`
          : `start condition ${this.paint(ANSI_HIGHLIGHT_YELLOW, 'unmet')} at ${since}`,
      )
      const triggers = failed.filter((condition) => condition.trigger === true)
      for (const [index, condition] of failed.entries()) {
        if (condition.trigger === true && triggers[0] !== condition) continue
        const last =
          index === failed.length - 1 || failed.slice(index + 1).every((other) => other.trigger === true && triggers[0] !== other)
        const prefix = condition.trigger === true ? '|' : ''
        const parameter = `${prefix}${condition.negate === true ? '!' : ''}${String(condition.parameter)}`
        this.lines.push(
          condition.trigger === true && triggers.length > 1
            ? `             ${last ? '└─' : '├─'} none of the trigger conditions were met`
            : `             ${last ? '└─' : '├─'} ${String(condition.name)}=${parameter} was not met`,
        )
      }
    }
  }

  private device(): void {
    if (this.text('SysFSPath') !== '') this.field('Device', this.text('SysFSPath'))
    if (this.text('Where') !== '') this.field('Where', this.text('Where'))
    else if (this.text('What') !== '') this.field('What', this.text('What'))
    if (this.text('Where') !== '' && this.text('What') !== '') this.field('What', this.text('What'))
  }

  private listen(): void {
    const sockets = structsNamed(this.properties, 'Listen')
    for (const [index, socket] of sockets.entries()) {
      const text = `${String(socket.address)} (${String(socket.type)})`
      if (index === 0) this.field('Listen', text)
      else this.lines.push(`             ${text}`)
    }
    if (booleanOf(this.properties, 'Accept')) {
      const refused = numberOf(this.properties, 'NRefused')
      this.field(
        'Accepted',
        `${numberOf(this.properties, 'NAccepted')}; Connected: ${numberOf(this.properties, 'NConnections')};${refused > 0 ? ` Refused: ${refused}` : ''}`,
      )
    }
  }

  private processes(): void {
    const main = numberOf(this.properties, 'MainPID')
    const ended = numberOf(this.properties, 'ExecMainPID')
    for (const phase of ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost']) {
      for (const command of structsNamed(this.properties, phase)) {
        const pid = Number(command.pid ?? 0)
        const code = Number(command.code ?? 0)
        // Only those that have run and ended; the main process while it lives has its own line.
        if (pid === 0 || Number(command.exitTimestamp ?? 0) === 0) continue
        const status = Number(command.status ?? 0)
        const argv = Array.isArray(command.argv) ? (command.argv as readonly string[]).join(' ') : ''
        const good = isCleanExit(code, status) || (command.ignoreFailure === true && code === 1)
        this.field(
          'Process',
          `${pid} ${phase}=${argv} ${this.paint(good ? '' : ANSI_HIGHLIGHT_RED, `(code=${codeName(code)}, ${statusWords(code, status)})`)}`,
        )
      }
    }
    const control = numberOf(this.properties, 'ControlPID')
    const parts: string[] = []
    const pid = main > 0 ? main : ended
    if (pid > 0) {
      let line = `${pid}`
      if (main > 0) {
        const comm = this.facts.comm(main)
        if (comm !== undefined) line += ` (${comm})`
      } else {
        const code = numberOf(this.properties, 'ExecMainCode')
        if (code > 0) line += ` (code=${codeName(code)}, ${statusWords(code, numberOf(this.properties, 'ExecMainStatus'))})`
      }
      parts.push(`Main PID: ${line}`)
    }
    if (control > 0) {
      const comm = this.facts.comm(control)
      const text = `${control}${comm === undefined ? '' : ` (${comm})`}`
      parts.push(parts.length > 0 ? `Control PID: ${text}` : `Cntrl PID: ${text}`)
    }
    if (parts.length > 0) this.lines.push(`   ${parts.join('; ')}`)
  }

  private statusText(): void {
    const text = this.text('StatusText')
    if (text !== '') this.field('Status', `"${this.paint('\x1b[0;1;36m', text)}"`)
    const error = numberOf(this.properties, 'StatusErrno')
    if (error > 0) this.field('Error', `${error}`)
  }

  private resources(): void {
    const ip = ['IPIngressBytes', 'IPEgressBytes'].map((name) => numberOf(this.properties, name))
    if (
      ip.every((bytes) => bytes !== USEC_INFINITY) &&
      this.properties.IPIngressBytes !== undefined &&
      booleanOf(this.properties, 'IPAccounting')
    ) {
      this.field('IP', `${formatBytes(ip[0]!)} in, ${formatBytes(ip[1]!)} out`)
    }
    const tasks = this.amount('TasksCurrent')
    const dead = !['active', 'reloading', 'activating', 'deactivating', 'refreshing'].includes(this.text('ActiveState'))
    if (tasks !== undefined && (!dead || tasks > 0)) {
      const max = numberOf(this.properties, 'TasksMax')
      this.field('Tasks', `${tasks}${max < USEC_INFINITY && max > 0 ? this.paint(ANSI_GREY, ` (limit: ${max})`) : ''}`)
    }
    this.memory(dead)
    const cpu = this.amount('CPUUsageNSec')
    if (cpu !== undefined) this.field('CPU', formatTimespan(Math.floor(cpu / 1000), USEC_PER_MSEC))
  }

  private amount(name: string): number | undefined {
    if (this.properties[name] === undefined) return undefined
    const value = numberOf(this.properties, name)
    return value === USEC_INFINITY ? undefined : value
  }

  private memory(dead: boolean): void {
    const current = this.amount('MemoryCurrent')
    const peak = this.amount('MemoryPeak')
    if (current === undefined || (dead && current === 0 && peak !== undefined)) {
      if (peak !== undefined && peak > 0) this.field('Mem peak', formatBytes(peak) + this.swapPeak(false))
      return
    }
    const notes: string[] = []
    for (const [name, label] of [
      ['MemoryMin', 'min'],
      ['MemoryLow', 'low'],
      ['StartupMemoryLow', 'low (startup)'],
    ] as const) {
      const value = this.amount(name)
      if (value !== undefined && value > 0) notes.push(`${label}: ${formatBytes(value)}`)
    }
    for (const [name, label] of [
      ['MemoryHigh', 'high'],
      ['StartupMemoryHigh', 'high (startup)'],
      ['MemoryMax', 'max'],
      ['StartupMemoryMax', 'max (startup)'],
      ['MemorySwapMax', 'swap max'],
      ['MemoryZSwapMax', 'zswap max'],
    ] as const) {
      const value = this.amount(name)
      if (value !== undefined) notes.push(`${label}: ${formatBytes(value)}`)
    }
    const available = this.amount('MemoryAvailable')
    const limited = ['MemoryHigh', 'MemoryMax'].some((name) => this.amount(name) !== undefined)
    if (available !== undefined && limited) notes.push(`available: ${formatBytes(available)}`)
    if (peak !== undefined) notes.push(`peak: ${formatBytes(peak)}`)
    const swap = this.amount('MemorySwapCurrent')
    if (swap !== undefined && swap > 0) notes.push(`swap: ${formatBytes(swap)}`)
    const swapPeak = this.amount('MemorySwapPeak')
    if (swapPeak !== undefined && swapPeak > 0) notes.push(`swap peak: ${formatBytes(swapPeak)}`)
    this.field('Memory', `${formatBytes(current)}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`)
  }

  private swapPeak(always: boolean): string {
    const swapPeak = this.amount('MemorySwapPeak')
    return swapPeak !== undefined && (swapPeak > 0 || always) ? ` (swap: ${formatBytes(swapPeak)})` : ''
  }
}

/** The dot in front of a unit: its shape and colour tell the state. */
export function stateDot(active: string, load: string): { readonly glyph: string; readonly color: string } {
  if (load === 'error' || load === 'bad-setting')
    return { glyph: active === 'inactive' ? '○' : '●', color: active === 'inactive' ? '' : ANSI_HIGHLIGHT_RED }
  switch (active) {
    case 'active':
      return { glyph: '●', color: ANSI_HIGHLIGHT_GREEN }
    case 'reloading':
    case 'refreshing':
      return { glyph: '↻', color: ANSI_HIGHLIGHT_GREEN }
    case 'failed':
      return { glyph: '×', color: ANSI_HIGHLIGHT_RED }
    case 'inactive':
    case 'maintenance':
      return { glyph: '○', color: '' }
    default:
      return { glyph: '●', color: '' }
  }
}

function fileStateColor(state: string): string {
  if (state === 'enabled' || state === 'enabled-runtime') return ANSI_HIGHLIGHT_GREEN
  if (state === 'disabled') return ANSI_HIGHLIGHT_YELLOW
  return ''
}

export function isCleanExit(code: number, status: number): boolean {
  return code === 1 ? status === 0 : code === 2 && (status === 1 || status === 2 || status === 13 || status === 15)
}

/** `status=1/FAILURE`, `signal=TERM` */
export function statusWords(code: number, status: number): string {
  if (code !== 1) return `signal=${signalName(status)?.replace(/^SIG/, '') ?? status}`
  const name = exitStatusName(status, ['libc', 'systemd'])
  return `status=${status}${name === undefined ? '' : `/${name}`}`
}
