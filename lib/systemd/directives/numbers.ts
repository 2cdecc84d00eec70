// After parse-util.c and percent-util.c: numbers, sizes, booleans and shares, as systemd reads them from text.
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { cursorAt, extractFirstWord } from './extract-word'

const UINT64_MAX = 2n ** 64n - 1n
const INT64_MAX = 2n ** 63n - 1n

const TRUE = new Set(['1', 'yes', 'y', 'true', 't', 'on'])
const FALSE = new Set(['0', 'no', 'n', 'false', 'f', 'off'])
const lower = (text: string): string => text.replace(/[A-Z]/g, (char) => char.toLowerCase())

export function parseBoolean(text: string): boolean | Errno {
  const word = lower(text)
  return TRUE.has(word) ? true : FALSE.has(word) ? false : errno.EINVAL
}

type IntegerOptions = {
  /** 0: by prefix, as in C. */
  readonly base?: 0 | 2 | 8 | 10 | 16
  readonly signed?: boolean
  readonly refusePlusMinus?: boolean
  readonly refuseLeadingZero?: boolean
  readonly refuseLeadingWhitespace?: boolean
}

/** strtoul(3) and strtol(3) with systemd's own prefixes `0b` and `0o`, into 64 bits. */
function parseInteger(text: string, options: IntegerOptions): bigint | Errno {
  let rest = text
  if (options.refuseLeadingWhitespace && /^[ \t\n\r]/.test(rest)) return errno.EINVAL
  rest = rest.replace(/^[ \t\n\r]+/, '')
  if (options.refusePlusMinus && /^[+-]/.test(rest)) return errno.EINVAL
  if (options.refuseLeadingZero && rest.startsWith('0') && rest !== '0') return errno.EINVAL
  let base = options.base ?? 0
  if (base === 0 && /^0[bBoO]/.test(rest)) {
    base = /^0[bB]/.test(rest) ? 2 : 8
    rest = rest.slice(2)
  }
  const match = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|[0-9a-zA-Z]+)$/.exec(rest)
  if (match === null) return errno.EINVAL
  let digits = match[2]!
  if (/^0[xX]/.test(digits) && (base === 0 || base === 16)) {
    base = 16
    digits = digits.slice(2)
  } else if (base === 0) base = digits.startsWith('0') && digits.length > 1 ? 8 : 10
  const valid = base === 2 ? /^[01]+$/ : base === 8 ? /^[0-7]+$/ : base === 10 ? /^[0-9]+$/ : /^[0-9a-fA-F]+$/
  if (!valid.test(digits)) return errno.EINVAL
  const value = BigInt(base === 10 ? digits.replace(/^0+(?=.)/, '') : `${base === 2 ? '0b' : base === 8 ? '0o' : '0x'}${digits}`)
  const negative = match[1] === '-'
  if (options.signed) return value > (negative ? INT64_MAX + 1n : INT64_MAX) ? errno.ERANGE : negative ? -value : value
  if (value > UINT64_MAX) return errno.ERANGE
  return negative && rest.startsWith('-') && value !== 0n ? errno.ERANGE : negative ? (UINT64_MAX + 1n - value) & UINT64_MAX : value
}

function bounded(value: bigint | Errno, minimum: bigint, maximum: bigint): number | Errno {
  if (isErrno(value)) return value
  return value < minimum || value > maximum ? errno.ERANGE : Number(value)
}

export const parseUnsigned = (text: string, options: IntegerOptions = {}): number | Errno =>
  bounded(parseInteger(text, options), 0n, 2n ** 32n - 1n)
export const parseInt32 = (text: string): number | Errno => bounded(parseInteger(text, { signed: true }), -(2n ** 31n), 2n ** 31n - 1n)
export const parseInt64 = (text: string): number | Errno => bounded(parseInteger(text, { signed: true }), -(2n ** 63n), INT64_MAX)
export const parseUint8 = (text: string): number | Errno => bounded(parseInteger(text, {}), 0n, 255n)
export const parseUint16 = (text: string, options: IntegerOptions = {}): number | Errno => bounded(parseInteger(text, options), 0n, 65535n)
/** Exact, since limits go beyond 2^53. */
export const parseUint64 = (text: string): bigint | Errno => parseInteger(text, {})

export function parseMode(text: string): number | Errno {
  return bounded(parseInteger(text, { base: 8, refusePlusMinus: true }), 0n, 0o7777n)
}

export function parseIpPort(text: string): number | Errno {
  const port = parseUint16(text, { refuseLeadingWhitespace: true })
  return port === 0 ? errno.EINVAL : port
}

/** A user or group id; 65535 and 2^32-1 mean "nobody at all" and are refused. */
export function parseUid(text: string): number | Errno {
  const uid = bounded(
    parseInteger(text, { base: 10, refusePlusMinus: true, refuseLeadingZero: true, refuseLeadingWhitespace: true }),
    0n,
    2n ** 32n - 1n,
  )
  return uid === 0xffffffff || uid === 0xffff ? errno.ENXIO : uid
}

const SUFFIXES = ['E', 'P', 'T', 'G', 'M', 'K', 'B', '']

/** `1G 500M`: parts with ever smaller units. */
export function parseSize(text: string, base: 1000 | 1024): bigint | Errno {
  let rest = text
  let total = 0n
  let start = 0
  do {
    rest = rest.replace(/^[ \t\n\r]+/, '')
    const number = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(rest)
    if (number === null) return errno.EINVAL
    const whole = BigInt(number[2]!)
    if (whole > UINT64_MAX) return errno.ERANGE
    if (rest.startsWith('-')) return errno.ERANGE
    let end = number[0].length
    let fraction = 0
    if (rest[end] === '.') {
      end += 1
      const digits = /^\d+/.exec(rest.slice(end))
      if (digits !== null) {
        if (BigInt(digits[0]) > UINT64_MAX) return errno.ERANGE
        fraction = Number(digits[0])
        for (let index = 0; index < digits[0].length; index++) fraction /= 10
        end += digits[0].length
      }
    }
    rest = rest.slice(end).replace(/^[ \t\n\r]+/, '')
    let index = start
    while (index < SUFFIXES.length && !rest.startsWith(SUFFIXES[index]!)) index += 1
    if (index === SUFFIXES.length) return errno.EINVAL
    const power = Math.max(0, 6 - index)
    const factor = BigInt(base) ** BigInt(power)
    if (whole + (fraction > 0 ? 1n : 0n) > UINT64_MAX / factor) return errno.ERANGE
    total += whole * factor + BigInt(Math.floor(fraction * Number(factor)))
    if (total > UINT64_MAX) return errno.ERANGE
    rest = rest.slice(SUFFIXES[index]!.length)
    start = index + 1
  } while (rest !== '')
  return total
}

/** `3-7`, or one number for both. */
export function parseRange(text: string): readonly [number, number] | Errno {
  const cursor = cursorAt(text)
  const word = extractFirstWord(cursor, { dontCoalesce: true }, '-')
  if (isErrno(word)) return word
  if (word === undefined) return errno.EINVAL
  const low = parseUnsigned(word)
  if (isErrno(low)) return low
  if (cursor.at === undefined) return [low, low]
  if (cursor.at === text.length) return errno.EINVAL
  const high = parseUnsigned(text.slice(cursor.at))
  return isErrno(high) ? high : [low, high]
}

function parseParts(text: string, symbol: string, places: 0 | 1 | 2): number | Errno {
  if (!text.endsWith(symbol)) return errno.EINVAL
  const number = text.slice(0, -symbol.length)
  const dot = places === 0 ? -1 : number.indexOf('.')
  const digits = dot < 0 ? '' : number.slice(dot + 1)
  if (dot >= 0 && (!/^\d+$/.test(digits) || digits.length > places)) return errno.EINVAL
  const whole = parseInt32(dot < 0 ? number : number.slice(0, dot))
  if (isErrno(whole)) return whole
  if (whole < 0) return errno.ERANGE
  const value = whole * 10 ** places + Number(digits.padEnd(places, '0') || '0')
  return value > 2 ** 31 - 1 ? errno.ERANGE : value
}

/** In hundredths of a percent; above 100 % too. */
export function parsePermyriadUnbounded(text: string): number | Errno {
  if (text.endsWith('‱')) return parseParts(text, '‱', 0)
  if (text.endsWith('‰')) return parseParts(text, '‰', 1)
  return parseParts(text, '%', 2)
}

export function parsePermyriad(text: string): number | Errno {
  const value = parsePermyriadUnbounded(text)
  return !isErrno(value) && value > 10000 ? errno.ERANGE : value
}
