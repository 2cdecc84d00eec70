// After bus_print_property() and print_property(): a property's value as `systemctl show` writes it.
import { signalName } from '@/lib/kernel'
import { capabilityNames } from '@/lib/systemd/seccomp-groups'
import { formatTimespan, formatTimestamp, USEC_INFINITY, type LocalTime, type TimestampStyle } from '@/lib/base'
import type { Value } from '@/lib/systemd/bus'
import { isTuple, namedStruct } from './structs'

export type FormatOptions = {
  readonly local: LocalTime
  readonly timestamps: TimestampStyle
  /** Values only, without `NAME=`. */
  readonly valueOnly: boolean
  /** Empty ones too. */
  readonly showEmpty: boolean
}

/** Nothing was ever measured or set. */
const notSet =
  /^(BlockIOWeight|CPUShares|CPUUsageNSec|CPUWeight|FailureActionExitStatus|SuccessActionExitStatus|GID|UID|IO(Read|Write)(Bytes|Operations)|IOWeight|Memory(Available|Current|Peak|SwapCurrent|SwapPeak|ZSwapCurrent)|StartupBlockIOWeight|StartupCPUShares|StartupCPUWeight|StartupIOWeight|TasksCurrent|ManagedOOMMemoryPressureDurationUSec|CleanRESULT)$/
const noData = /^IP(In|E)gress(Bytes|Packets)$/
const octal = /^(UMask|.*Mode)$/
const timestampNames = new Set(['NextElapseUSecRealtime', 'LastTriggerUSec', 'TimeUSec', 'RTCTimeUSec'])
const quoted = /[\s"'\\`$]/

/** The line(s) of a property, without a newline at the end; undefined when it is not shown. */
export function formatProperty(name: string, value: Value, options: FormatOptions): string | undefined {
  const lines = propertyLines(name, value, options)
  if (lines === undefined || lines.length === 0 || (lines.length === 1 && lines[0] === '')) {
    if (!options.showEmpty) return undefined
    return options.valueOnly ? '' : `${name}=`
  }
  return lines.map((line) => (options.valueOnly ? line : `${name}=${line}`)).join('\n')
}

function propertyLines(name: string, value: Value, options: FormatOptions): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'boolean') return [value ? 'yes' : 'no']
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return numberLines(name, value, options)
  if (name === 'Job' || name === 'LoadError') return structLines(name, value, options)
  if (Array.isArray(value)) return listLines(name, value as readonly Value[], options)
  return structLines(name, value, options)
}

function numberLines(name: string, value: number | bigint, options: FormatOptions): readonly string[] {
  if (name === 'CapabilityBoundingSet' || name === 'AmbientCapabilities') return [capabilityText(BigInt(value))]
  if (typeof value === 'bigint') return [String(value)]
  if (name.endsWith('Timestamp') || timestampNames.has(name)) return [timestampText(value, options)]
  const unset = value === USEC_INFINITY || value === 0xffffffff || value === -1
  if (notSet.test(name) && unset) return ['[not set]']
  if (noData.test(name) && unset) return ['[no data]']
  if (name.includes('USec') && !name.endsWith('Monotonic')) return [spanText(value)]
  if (name === 'NextElapseUSecMonotonic') return [spanText(value)]
  if (octal.test(name)) return [value.toString(8).padStart(4, '0')]
  if (name === 'CoredumpFilter') return [`0x${value.toString(16)}`]
  return [value === USEC_INFINITY ? 'infinity' : String(value)]
}

function timestampText(usec: number, options: FormatOptions): string {
  return usec === 0 || usec === USEC_INFINITY ? '' : (formatTimestamp(usec, options.local, options.timestamps) ?? '')
}

const spanText = (usec: number) => (usec === USEC_INFINITY ? 'infinity' : formatTimespan(usec, 0))

export function capabilityText(set: bigint): string {
  return capabilityNames
    .filter((_name, number) => (set >> BigInt(number)) & 1n)
    .map((name) => name.toLowerCase())
    .join(' ')
}

function listLines(name: string, values: readonly Value[], options: FormatOptions): readonly string[] | undefined {
  if (values.every((value) => typeof value === 'string')) {
    return [values.map((value) => quoteWord(name, value as string)).join(' ')]
  }
  if (values.every((value) => typeof value === 'number' || typeof value === 'bigint')) {
    const hex = (value: Value) => Number(value).toString(16).padStart(2, '0')
    return [name === 'InvocationID' ? values.map(hex).join('') : values.join(' ')]
  }
  const [first, second] = values
  if (filters.has(name) && typeof first === 'boolean') return [filterText(first, textsIn(second))]
  return values.flatMap((value) =>
    isTuple(name) || !Array.isArray(value) ? (structLines(name, value, options) ?? []) : tupleLine(name, value),
  )
}

function quoteWord(name: string, word: string): string {
  if (name !== 'Documentation' && !quoted.test(word) && word !== '') return word
  if (name === 'Documentation' && !/[\s()"'\\$]/.test(word)) return word
  return `"${word.replace(/(["\\`$])/g, '\\$1')}"`
}

const filters = new Set([
  'SystemCallFilter',
  'SystemCallLog',
  'RestrictAddressFamilies',
  'RestrictFileSystems',
  'RestrictNetworkInterfaces',
])
const exitSets = new Set(['RestartPreventExitStatus', 'RestartForceExitStatus', 'SuccessExitStatus'])

const textsIn = (value: Value): readonly string[] => (Array.isArray(value) ? (value as readonly Value[]).map(String) : [])

/** `~` before those that are all but these. */
function filterText(allow: boolean, names: readonly string[]): string {
  return !allow && names.length > 0 ? `~${names.join(' ')}` : names.join(' ')
}

function tupleLine(name: string, value: readonly Value[]): readonly string[] {
  if (name === 'LogFilterPatterns') return [`${value[0] === true ? '' : '~'}${String(value[1])}`]
  const between = name === 'TemporaryFileSystem' || name === 'LoadCredential' || name === 'LoadCredentialEncrypted' ? ':' : ' '
  return [
    value
      .map(String)
      .filter((one) => one !== '')
      .join(between),
  ]
}

function structLines(name: string, value: Value, options: FormatOptions): readonly string[] | undefined {
  const fields = namedStruct(name, value)
  const text = (key: string) => (fields[key] === undefined ? '' : String(fields[key]))
  const number = (key: string) => (typeof fields[key] === 'number' ? (fields[key] as number) : 0)
  if (name.startsWith('Exec') && 'argv' in fields) return [execCommand(name, fields, options)]
  if (name === 'TimersCalendar') {
    return [`{ ${text('base')}=${text('spec')} ; next_elapse=${timestampText(number('nextElapseUsec'), options) || '(null)'} }`]
  }
  if (name === 'TimersMonotonic')
    return [`{ ${text('base')}=${spanText(number('valueUsec'))} ; next_elapse=${spanText(number('nextElapseUsec'))} }`]
  if (name === 'Listen') return [`${text('address')} (${text('type')})`]
  if (name === 'Paths') return [`${text('path')} (${text('type')})`]
  if (name === 'EnvironmentFiles') return [`${text('path')} (ignore_errors=${fields.ignoreFailure === true ? 'yes' : 'no'})`]
  if (name === 'LoadError') return [text('name') === '' ? '' : `${text('name')} "${text('message')}"`]
  if (name === 'Job') return [number('id') === 0 ? '' : String(number('id'))]
  if (filters.has(name)) return [filterText(fields.allow === true, textsIn(fields.names))]
  if (exitSets.has(name)) return [[...textsIn(fields.status), ...textsIn(fields.signal).map(signalText)].join(' ')]
  if (name === 'Conditions' || name === 'Asserts' || name === 'ActivationDetails') return ['[unprintable]']
  return [Object.values(fields).map(String).join(' ')]
}

function execCommand(name: string, fields: Readonly<Record<string, Value>>, options: FormatOptions): string {
  const words = (Array.isArray(fields.argv) ? (fields.argv as readonly Value[]) : []).map(String)
  const flags = (Array.isArray(fields.flags) ? (fields.flags as readonly Value[]) : []).map(String)
  const stamp = (key: string) => {
    const usec = fields[key]
    return (typeof usec === 'number' ? timestampText(usec, options) : '') || 'n/a'
  }
  const code = typeof fields.code === 'number' ? fields.code : 0
  const status = typeof fields.status === 'number' ? fields.status : 0
  const middle = name.endsWith('Ex') ? `flags=${flags.join(' ')}` : `ignore_errors=${fields.ignoreFailure === true ? 'yes' : 'no'}`
  return [
    `{ path=${String(fields.path)}`,
    `argv[]=${words.join(' ')}`,
    middle,
    `start_time=[${stamp('startTimestamp')}]`,
    `stop_time=[${stamp('exitTimestamp')}]`,
    `pid=${String(fields.pid ?? 0)}`,
    `code=${codeName(code)}`,
    `status=${status}${code === 1 ? '' : `/${signalOrZero(code, status)}`} }`,
  ].join(' ; ')
}

/** CLD_* of waitid(2). */
export function codeName(code: number): string {
  return ['(null)', 'exited', 'killed', 'dumped', 'trapped', 'stopped', 'continued'][code] ?? '(null)'
}

const signalText = (number: string) => signalName(Number(number))?.replace(/^SIG/, '') ?? number

function signalOrZero(code: number, status: number): string {
  return code === 2 || code === 3 ? (signalName(status)?.replace(/^SIG/, '') ?? String(status)) : '0'
}
