import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { cursorAt, extractFirstWord } from './extract-word'
import { parseInt32, parseRange, parseUint64, parseUnsigned } from './numbers'
import { oneOf, simple } from './parse-scalar'
import { expandOrWarn } from './parse-text'

/** A number between bounds; empty unsets. */
function ranged(
  placeholder: string,
  minimum: number,
  maximum: number,
  outOfRange: (value: string) => string,
  bad: (value: string, error: string) => string,
): DirectiveParser<number | undefined> {
  return {
    placeholder,
    parse(value, current, context) {
      if (value === '') return undefined
      const number = parseInt32(value)
      if (!isErrno(number) && number >= minimum && number <= maximum) return number
      const range = !isErrno(number) || number === errno.ERANGE
      context.report('warning', range ? outOfRange(value) : bad(value, number.message))
      return current
    },
  }
}

export const nice = ranged(
  'NICE',
  -20,
  19,
  (value) => `Nice priority out of range, ignoring: ${value}`,
  (value, error) => `Failed to parse nice priority '${value}', ignoring: ${error}`,
)

export const oomScoreAdjust = ranged(
  'OOMSCOREADJUST',
  -1000,
  1000,
  (value) => `OOM score adjust value out of range, ignoring: ${value}`,
  (value, error) => `Failed to parse the OOM score adjust value '${value}', ignoring: ${error}`,
)

const COREDUMP_FILTERS = [
  'private-anonymous',
  'shared-anonymous',
  'private-file-backed',
  'shared-file-backed',
  'elf-headers',
  'private-huge',
  'shared-huge',
  'private-dax',
  'shared-dax',
]
const COREDUMP_DEFAULT = 0x33n
const COREDUMP_ALL = 0x1ffn

/** A mask; lines add to each other. */
export const coredumpFilter: DirectiveParser<number | undefined> = {
  placeholder: 'OTHER',
  values: ['default', 'all', ...COREDUMP_FILTERS],
  parse(value, current, context) {
    if (value === '') return undefined
    const cursor = cursorAt(value)
    let mask = 0n
    for (;;) {
      const word = extractFirstWord(cursor)
      if (word === undefined) return Number(BigInt(current ?? 0) | mask)
      const index = isErrno(word) ? -1 : COREDUMP_FILTERS.indexOf(word)
      const hex = isErrno(word) ? word : index >= 0 ? 1n << BigInt(index) : hexadecimal(word)
      if (word === 'default') mask |= COREDUMP_DEFAULT
      else if (word === 'all') mask = COREDUMP_ALL
      else if (isErrno(hex)) {
        context.report('warning', `Failed to parse the CoredumpFilter=${value}, ignoring: ${hex.message}`)
        return current
      } else mask |= hex
    }
  },
}

function hexadecimal(text: string): bigint | Errno {
  return /^\s*[+-]?(?:0[xX])?[0-9a-fA-F]+$/.test(text) ? parseUint64(text.replace(/^(\s*[+-]?)(?:0[xX])?/, '$10x')) : errno.EINVAL
}

/** Words of a table that also take their number. */
function numbered(
  placeholder: string,
  values: readonly string[],
  numbers: readonly number[],
  maximum: number,
  message: string,
): DirectiveParser<string | undefined> {
  return {
    placeholder,
    values,
    parse(value, current, context) {
      if (value === '') return undefined
      if (values.includes(value)) return value
      const number = parseUnsigned(value)
      if (!isErrno(number) && number <= maximum) return values[numbers.indexOf(number)] ?? `${number}`
      context.report('warning', `${message}, ignoring: ${value}`)
      return current
    },
  }
}

export const ioSchedulingClass = numbered(
  'IOCLASS',
  ['none', 'realtime', 'best-effort', 'idle'],
  [0, 1, 2, 3],
  8,
  'Failed to parse IO scheduling class',
)

export const ioSchedulingPriority: DirectiveParser<number | undefined> = {
  placeholder: 'IOPRIORITY',
  parse(value, current, context) {
    if (value === '') return undefined
    const number = parseInt32(value)
    if (!isErrno(number) && number >= 0 && number <= 7) return number
    context.report('warning', `Failed to parse IO priority, ignoring: ${value}`)
    return current
  },
}

export const cpuSchedulingPolicy = numbered(
  'CPUSCHEDPOLICY',
  ['other', 'batch', 'idle', 'fifo', 'rr'],
  [0, 3, 5, 1, 2],
  2 ** 31 - 1,
  'Failed to parse CPU scheduling policy',
)

export const cpuSchedulingPriority: DirectiveParser<number> = {
  placeholder: 'CPUSCHEDPRIO',
  parse(value, current, context) {
    const number = parseInt32(value)
    if (isErrno(number)) context.report('warning', `Failed to parse CPU scheduling priority, ignoring: ${value}`)
    else if (number < 0 || number > 99) context.report('warning', `CPU scheduling priority is out of range, ignoring: ${value}`)
    else return number
    return current
  },
}

/** Numbers of CPUs or NUMA nodes, in order. */
export type CpuSet = readonly number[]
const CPU_MAX = 8192

/** `undefined` once the complaint is made; an empty set where the text names none. */
export function readCpuSet(text: string, context: ParseContext): CpuSet | undefined {
  const cursor = cursorAt(text)
  const set = new Set<number>()
  for (;;) {
    const word = extractFirstWord(cursor, { unquote: true }, ' \t\n\r,')
    if (word === undefined) return [...set].sort((a, b) => a - b)
    if (isErrno(word)) {
      context.report('error', `Invalid value for ${context.directive}: ${text}`)
      return undefined
    }
    const range = parseRange(word)
    if (isErrno(range)) {
      context.report('error', `Failed to parse CPU affinity '${word}'`)
      return undefined
    }
    const [low, high] = range
    if (low > high) context.report('warning', `Range '${word}' is invalid, ${low} > ${high}, ignoring.`)
    const top = Math.min(high, 2 ** 32 - 2)
    if (top >= low && top >= CPU_MAX) {
      context.report('error', `Cannot add CPU ${top} to set: ${errno.ERANGE.message}`)
      return undefined
    }
    for (let cpu = low; cpu <= top; cpu++) set.add(cpu)
  }
}

const union = (a: CpuSet, b: CpuSet): CpuSet => [...new Set([...a, ...b])].sort((x, y) => x - y)

/** As `AllowedCPUs=` takes them; empty resets, lines add up. */
export const cpuSet: DirectiveParser<CpuSet> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    const expanded = expandOrWarn(value, context)
    if (expanded === undefined) return current
    const set = readCpuSet(expanded, context)
    return set === undefined ? current : set.length === 0 ? [] : union(current, set)
  },
}

export const cpuAffinity: DirectiveParser<CpuSet | 'numa'> = {
  placeholder: 'CPUAFFINITY',
  values: ['numa'],
  parse(value, current, context) {
    if (value === 'numa') return 'numa'
    const expanded = expandOrWarn(value, context)
    if (expanded === undefined) return current
    const set = readCpuSet(expanded, context)
    return set === undefined ? current : set.length === 0 || current === 'numa' ? set : union(current, set)
  },
}

export const numaMask: DirectiveParser<CpuSet> = {
  placeholder: 'OTHER',
  values: ['all'],
  parse(value, current, context) {
    if (value === 'all') return [0]
    const set = readCpuSet(value, context)
    if (set !== undefined) return set.length === 0 ? [] : union(current, set)
    context.report('warning', `Failed to parse NUMA node mask, ignoring: ${value}`)
    return current
  },
}

const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
]
const FACILITY_NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const

function wordOrNumber<T extends string>(placeholder: string, values: readonly T[], numbers: readonly number[], maximum: number) {
  return simple<string>(
    placeholder,
    (text) => {
      if ((values as readonly string[]).includes(text)) return text
      const number = parseUnsigned(text)
      if (isErrno(number) || number > maximum) return errno.EINVAL
      return values[numbers.indexOf(number)] ?? `${number}`
    },
    values,
  )
}

export const logFacility = wordOrNumber('FACILITY', FACILITIES, FACILITY_NUMBERS, 127)
export const logLevel = wordOrNumber('LEVEL', LOG_LEVELS, [0, 1, 2, 3, 4, 5, 6, 7], 7)

export const numaPolicy = oneOf(['', 'default', 'preferred', 'bind', 'interleave', 'local'])
export const ipTos = wordOrNumber('TOS', ['low-delay', 'throughput', 'reliability', 'low-cost'], [16, 8, 4, 2], 255)
