// After conf-parser.c: booleans, numbers, time spans, sizes, modes, signals and words of a fixed list.
import { parseNsec, parseSec, parseTime, USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { errno, type Errno, isErrno, signals } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { parseBoolean, parseInt32, parseInt64, parseMode, parseSize, parseUint64, parseUnsigned } from './numbers'
import { cursorAt, extractFirstWord } from './extract-word'

/** The most usual complaint. */
export function failedToParse(value: string, context: ParseContext, error: Errno | undefined, critical = false): void {
  const end = error === undefined ? '.' : `: ${error.message}`
  context.report(critical ? 'error' : 'warning', `Failed to parse ${context.directive}=${value}${critical ? '' : ', ignoring'}${end}`)
}

/** Any function from text to value becomes a parser. */
export function simple<T>(placeholder: string, read: (text: string) => T | Errno, values?: readonly string[]): DirectiveParser<T> {
  return {
    placeholder,
    ...(values ? { values } : {}),
    parse(value, current, context) {
      const got = read(value)
      if (!isErrno(got)) return got
      failedToParse(value, context, got)
      return current
    },
  }
}

const BOOLEANS = ['yes', 'no']

export const boolean = simple('BOOLEAN', parseBoolean, BOOLEANS)

/** A bad value makes the unit unusable. */
export const fatalBoolean: DirectiveParser<boolean> = {
  placeholder: 'BOOLEAN',
  values: BOOLEANS,
  parse(value, current, context) {
    const got = parseBoolean(value)
    if (!isErrno(got)) return got
    failedToParse(value, context, got, true)
    context.refuse(errno.ENOEXEC)
    return current
  },
}

/** Empty: as if it were not set. */
export const tristate: DirectiveParser<boolean | undefined> = {
  placeholder: 'OTHER',
  values: BOOLEANS,
  parse(value, current, context) {
    if (value === '') return undefined
    const got = parseBoolean(value)
    if (!isErrno(got)) return got
    failedToParse(value, context, got)
    return current
  },
}

export const integer = simple('INTEGER', parseInt32)
export const long = simple('LONG', parseInt64)
export const unsigned = simple('UNSIGNED', (text) => parseUnsigned(text))
export const mode = simple('MODE', parseMode)

/** The errno by its name. */
export const byName = <T>(value: T | 'EINVAL' | 'ERANGE'): T | Errno =>
  value === 'EINVAL' ? errno.EINVAL : value === 'ERANGE' ? errno.ERANGE : (value as Exclude<T, 'EINVAL' | 'ERANGE'>)

const seconds = (text: string): number | Errno => byName<number>(parseSec(text))

/** Microseconds; a bare number counts in seconds. */
export const sec = simple('SECONDS', seconds)
/** 0 means for ever. */
export const secFixZero = simple('OTHER', (text) => {
  const usec = seconds(text)
  return usec === 0 ? USEC_INFINITY : usec
})
/** Empty means for ever. */
export const secDefaultInfinity = simple('OTHER', (text) => (text.trim() === '' ? USEC_INFINITY : seconds(text)))
export const nsec = simple('NANOSECONDS', (text) => byName<number>(parseNsec(text)))

/** With a message of its own. */
export function secSaying(
  message: (value: string, directive: string) => string,
  fixZero: boolean,
  placeholder: string,
): DirectiveParser<number> {
  return {
    placeholder,
    parse(value, current, context) {
      const usec = seconds(value)
      if (isErrno(usec)) {
        context.report('warning', message(value, context.directive))
        return current
      }
      return fixZero && usec === 0 ? USEC_INFINITY : usec
    },
  }
}

/** Above 2^63 numbers are rounded; the greatest is infinity. */
export const toNumber = (value: bigint): number => (value >= 2n ** 64n - 1n ? Number.POSITIVE_INFINITY : Number(value))

export const iecSize = simple('SIZE', (text) => {
  const size = parseSize(text, 1024)
  return isErrno(size) ? size : toNumber(size)
})

/** A word of a list. */
export function oneOf<const T extends string>(
  values: readonly T[],
  options: {
    readonly placeholder?: string
    readonly aliases?: Readonly<Record<string, T>>
    readonly boolean?: { yes: T; no?: T }
    readonly empty?: T
  } = {},
): DirectiveParser<T> {
  const known: ReadonlySet<string> = new Set(values)
  const isKnown = (text: string): text is T => known.has(text)
  return {
    placeholder: options.placeholder ?? 'OTHER',
    values,
    parse(value, current, context) {
      if (value === '' && options.empty !== undefined) return options.empty
      const alias = options.aliases && Object.hasOwn(options.aliases, value) ? options.aliases[value] : undefined
      if (alias !== undefined) return alias
      if (options.boolean !== undefined) {
        const truth = parseBoolean(value)
        if (truth === false && options.boolean.no !== undefined) return options.boolean.no
        if (truth === true) return options.boolean.yes
      }
      if (isKnown(value)) return value
      failedToParse(value, context, errno.EINVAL)
      return current
    },
  }
}

const SIGRTMIN = 34
const SIGRTMAX = 64

/** The number of a signal by name, with or without `SIG`, or by number. */
export function signalFromString(text: string): number | Errno {
  const number = parseInt32(text)
  if (!isErrno(number)) return number > 0 && number <= SIGRTMAX ? number : errno.ERANGE
  const name = text.startsWith('SIG') ? text.slice(3) : text
  const known = `SIG${name === 'POLL' ? 'IO' : name}`
  if (Object.hasOwn(signals, known)) return signals[known as keyof typeof signals].number
  const realtime = /^RT(MIN|MAX)(.*)$/.exec(name)
  if (realtime === null) return errno.EINVAL
  const base = realtime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX
  if (realtime[2] === '') return base
  if (!realtime[2]!.startsWith(base === SIGRTMIN ? '+' : '-')) return errno.EINVAL
  const offset = parseInt32(realtime[2]!)
  if (isErrno(offset)) return offset
  const value = base + offset
  return value >= SIGRTMIN && value <= SIGRTMAX ? value : errno.ERANGE
}

export const signalNames: readonly string[] = Object.keys(signals)
export const signal = simple('SIGNAL', signalFromString, signalNames)

export type Rlimit = { readonly soft: number; readonly hard: number }
type LimitKind = 'size' | 'number' | 'seconds' | 'microseconds' | 'nice'

function readLimit(text: string, kind: LimitKind): bigint | Errno {
  const infinity = 2n ** 64n - 1n
  if (text === 'infinity' && kind !== 'nice') return infinity
  const below = (value: bigint | Errno) => (!isErrno(value) && value >= infinity ? errno.ERANGE : value)
  switch (kind) {
    case 'number':
      return below(parseUint64(text))
    case 'size':
      return below(parseSize(text, 1024))
    case 'seconds': {
      const usec = seconds(text)
      if (isErrno(usec)) return usec
      return usec === USEC_INFINITY ? infinity : BigInt(Math.ceil(usec / USEC_PER_SEC))
    }
    case 'microseconds': {
      const usec = byName<number>(parseTime(text, 1))
      if (isErrno(usec)) return usec
      return usec === USEC_INFINITY ? infinity : BigInt(usec)
    }
    case 'nice': {
      const sign = /^[+-]/.exec(text)?.[0]
      const value = parseUint64(sign ? text.slice(1) : text)
      if (isErrno(value)) return value
      if (sign === '+') return value >= 20n ? errno.ERANGE : 20n - value
      if (sign === '-') return value > 20n ? errno.ERANGE : 20n + value
      return value > 40n ? errno.ERANGE : value
    }
  }
}

/** `SOFT:HARD`, or one value for both. */
export function rlimit(kind: LimitKind): DirectiveParser<Rlimit | undefined> {
  return {
    placeholder: 'LIMIT',
    values: ['infinity'],
    parse(value, current, context) {
      const fail = (error: Errno) => {
        failedToParse(value, context, error)
        return current
      }
      const cursor = cursorAt(value)
      const softText = extractFirstWord(cursor, { dontCoalesce: true }, ':')
      if (softText === undefined || isErrno(softText)) return fail(softText ?? errno.EINVAL)
      const soft = readLimit(softText, kind)
      if (isErrno(soft)) return fail(soft)
      const hardText = extractFirstWord(cursor, { dontCoalesce: true }, ':')
      if (isErrno(hardText)) return fail(hardText)
      if (cursor.at !== undefined && cursor.at < value.length) return fail(errno.EINVAL)
      if (hardText === undefined) return { soft: toNumber(soft), hard: toNumber(soft) }
      const hard = readLimit(hardText, kind)
      if (isErrno(hard)) return fail(hard)
      if (soft > hard) {
        context.report('warning', `Soft resource limit chosen higher than hard limit, ignoring: ${value}`)
        return current
      }
      return { soft: toNumber(soft), hard: toNumber(hard) }
    },
  }
}
