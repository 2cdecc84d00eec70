// printf(1) and bash's printf: the format is used again while arguments are left.
import { decodeEscapes, backslashQuote, readEscape } from './quote'
import { gmtime, type LocalTime, strftime } from '@/lib/base'

export type PrintfResult = {
  readonly text: string
  readonly errors: readonly string[]
}

export type PrintfHost = { readonly realtimeUsec: number; readonly startUsec: number; readonly local?: LocalTime }

function parseInteger(argument: string, errors: string[]): bigint {
  if (argument === '') return 0n
  if (argument[0] === '"' || argument[0] === "'") return BigInt(argument.codePointAt(1) ?? 0)
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|\d+)/.exec(argument)
  if (match === null) {
    errors.push(`${argument}: invalid number`)
    return 0n
  }
  if (match[0].length !== argument.length)
    errors.push(
      /^\d+$/.test(match[2]!) && /^[.\d]/.test(argument.slice(match[0].length))
        ? `${argument}: invalid number`
        : `${argument}: invalid number`,
    )
  const digits = match[2]!
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits)
  return match[1] === '-' ? -value : value
}

function parseFloating(argument: string, errors: string[]): number {
  if (argument === '') return 0
  if (argument[0] === '"' || argument[0] === "'") return argument.codePointAt(1) ?? 0
  const value = Number(argument)
  if (Number.isFinite(value)) return value
  const partial = Number.parseFloat(argument)
  errors.push(`${argument}: invalid number`)
  return Number.isNaN(partial) ? 0 : partial
}

type Spec = { readonly flags: string; readonly width: number; readonly precision: number | undefined; readonly conversion: string }

function pad(text: string, spec: Spec, numeric: boolean): string {
  const length = [...text].length
  if (length >= spec.width) return text
  const missing = spec.width - length
  if (spec.flags.includes('-')) return text + ' '.repeat(missing)
  if (numeric && spec.flags.includes('0')) {
    const sign = /^[+\- ]?(?:0[xX])?/.exec(text)?.[0] ?? ''
    return sign + '0'.repeat(missing) + text.slice(sign.length)
  }
  return ' '.repeat(missing) + text
}

function signed(text: string, negative: boolean, flags: string): string {
  if (negative) return `-${text}`
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

export function formatInteger(value: bigint, spec: Spec): string {
  const { conversion, flags, precision } = spec
  const unsigned = 'uoxX'.includes(conversion)
  const shown = unsigned && value < 0n ? BigInt.asUintN(64, value) : value
  const magnitude = shown < 0n ? -shown : shown
  let digits = magnitude.toString(conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10)
  if (conversion === 'X') digits = digits.toUpperCase()
  if (precision !== undefined) digits = digits.padStart(precision, '0')
  if (flags.includes('#') && magnitude !== 0n)
    digits = conversion === 'o' ? `0${digits}` : conversion === 'x' || conversion === 'X' ? `0${conversion}${digits}` : digits
  const text = unsigned ? digits : signed(digits, shown < 0n, flags)
  return pad(text, precision === undefined ? spec : { ...spec, flags: flags.replace('0', '') }, true)
}

/** %e, %f, %g as C prints them. */
export function formatFloating(value: number, spec: Spec): string {
  const precision = spec.precision ?? 6
  const lower = spec.conversion.toLowerCase()
  const magnitude = Math.abs(value)
  let text: string
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'nan' : 'inf'
  else if (lower === 'f') text = exactFixed(magnitude, precision)
  else if (lower === 'e') text = exponential(magnitude, precision)
  else {
    const digits = precision === 0 ? 1 : precision
    const exponent = magnitude === 0 ? 0 : Number(magnitude.toExponential(digits - 1).split('e')[1])
    text = exponent < -4 || exponent >= digits ? exponential(magnitude, digits - 1) : magnitude.toFixed(Math.max(0, digits - 1 - exponent))
    if (!spec.flags.includes('#') && text.includes('.')) text = text.replace(/\.?0+(e|$)/, '$1')
  }
  if (spec.conversion !== lower) text = text.toUpperCase()
  return pad(signed(text, value < 0 || Object.is(value, -0), spec.flags), spec, Number.isFinite(value))
}

/** Rounded to even from the exact binary value, as C does; toFixed() rounds ties away from zero. */
export function exactFixed(value: number, precision: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n)
  const exponent = (biased === 0 ? 1 : biased) - 1075
  let scaled = mantissa * 10n ** BigInt(precision)
  if (exponent >= 0) scaled <<= BigInt(exponent)
  else {
    const shift = BigInt(-exponent)
    const rest = scaled & ((1n << shift) - 1n)
    const half = 1n << (shift - 1n)
    scaled >>= shift
    if (rest > half || (rest === half && (scaled & 1n) === 1n)) scaled += 1n
  }
  const digits = scaled.toString().padStart(precision + 1, '0')
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

function exponential(value: number, precision: number): string {
  return value.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
}

export function formatText(value: string, spec: Spec): string {
  const cut = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join('')
  return pad(cut, spec, false)
}

const specPattern = /^%([-+ 0#']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:hh|h|ll|l|L|j|z|t)?(\([^)]*\)T|[a-zA-Z])?/

export function formatPrintf(format: string, args: readonly string[], host: PrintfHost): PrintfResult {
  const errors: string[] = []
  let next = 0
  let text = ''
  let stopped = false
  const take = (): string | undefined => args[next++]
  const takeNumber = (): number => Number(parseInteger(take() ?? '', errors))

  const pass = (): boolean => {
    let consumed = false
    let at = 0
    while (at < format.length) {
      const character = format[at]!
      if (character === '\\') {
        const found = readEscape(format, at + 1, 'printf')
        text += found.value
        if (found.stop === true) {
          stopped = true
          return consumed
        }
        at = found.next
        continue
      }
      if (character !== '%') {
        text += character
        at += 1
        continue
      }
      if (format[at + 1] === '%') {
        text += '%'
        at += 2
        continue
      }
      const match = specPattern.exec(format.slice(at))
      const conversion = match?.[4]
      if (match === null || conversion === undefined) {
        const bad = format[at + (match?.[0].length ?? 1)]
        errors.push(bad === undefined ? `\`${format.slice(at)}': missing format character` : `\`${bad}': invalid format character`)
        stopped = true
        return consumed
      }
      at += match[0].length
      let flags = match[1]!
      let width = match[2] === '*' ? takeNumber() : Number(match[2] ?? 0)
      if (width < 0) {
        flags += '-'
        width = -width
      }
      const hasPrecision = /\./.test(match[0].replace(/\([^)]*\)T$/, ''))
      const precisionValue = !hasPrecision ? undefined : match[3] === '*' ? takeNumber() : Number(match[3] ?? 0)
      const precision = precisionValue !== undefined && precisionValue < 0 ? undefined : precisionValue
      const spec: Spec = { flags, width, precision, conversion }
      consumed = true
      if (conversion.endsWith('T')) {
        const argument = take()
        const seconds = argument === undefined ? -1 : Number(parseInteger(argument, errors))
        const usec = seconds === -1 ? host.realtimeUsec : seconds === -2 ? host.startUsec : seconds * 1e6
        const broken = host.local?.localtime(Math.floor(usec / 1e6)) ?? gmtime(Math.floor(usec / 1e6))
        text += formatText(strftime(conversion.slice(1, -2) || '%X', broken, usec), spec)
      } else if (conversion === 's') text += formatText(take() ?? '', spec)
      else if (conversion === 'b') {
        const decoded = decodeEscapes((take() ?? '').replace(/\\([1-7][0-7]{0,2})/g, '\\0$1'), 'echo')
        text += formatText(decoded.text, spec)
        if (decoded.stopped) {
          stopped = true
          return consumed
        }
      } else if (conversion === 'q' || conversion === 'Q') text += formatText(backslashQuote(take() ?? ''), spec)
      else if (conversion === 'c') text += pad([...(take() ?? '')][0] ?? '', spec, false)
      else if ('diuoxX'.includes(conversion))
        text += formatInteger(parseInteger(take() ?? '', errors), { ...spec, conversion: conversion === 'i' ? 'd' : conversion })
      else if ('eEfFgGaA'.includes(conversion)) text += formatFloating(parseFloating(take() ?? '', errors), spec)
      else {
        errors.push(`\`${conversion}': invalid format character`)
        stopped = true
        return consumed
      }
    }
    return consumed
  }
  let consumed = pass()
  while (consumed && !stopped && next < args.length) consumed = pass()
  return { text, errors }
}
