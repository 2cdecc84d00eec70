import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { cunescape, joinBytes } from './extract-word'
import { parseUnsigned } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { failedToParse } from './parse-scalar'
import { expandOrWarn, FD_NAME_SPECIFIER_MAX, fdNameIsValid } from './parse-text'

const INPUTS = ['null', 'tty', 'tty-force', 'tty-fail', 'socket', 'fd', 'data', 'file'] as const
const OUTPUTS = [
  'inherit',
  'null',
  'tty',
  'kmsg',
  'kmsg+console',
  'journal',
  'journal+console',
  'socket',
  'fd',
  'file',
  'append',
  'truncate',
] as const

/** Where a standard stream goes; `target` is the path, or the descriptor's name. */
export type StandardInput = { readonly kind: (typeof INPUTS)[number]; readonly target: string }
export type StandardOutput = { readonly kind: (typeof OUTPUTS)[number]; readonly target: string }

function fdTarget(text: string, context: ParseContext, resolveFailed: (error: string) => string): string | undefined {
  const expanded = context.expand(text, 'full', FD_NAME_SPECIFIER_MAX)
  if (isErrno(expanded)) {
    context.report('warning', resolveFailed(expanded.message))
    return undefined
  }
  if (expanded === '' || fdNameIsValid(expanded)) return expanded
  context.report('warning', `Invalid file descriptor name, ignoring: ${expanded}`)
  return undefined
}

function fileTarget(text: string, context: ParseContext, quote: string): string | undefined {
  const expanded = expandOrWarn(text, context, { maximum: PATH_SPECIFIER_MAX, quote })
  return expanded === undefined ? undefined : checkPath(expanded, { absolute: true, fatal: true }, context)
}

export const standardInput: DirectiveParser<StandardInput> = {
  placeholder: 'INPUT',
  values: ['null', 'tty', 'tty-force', 'tty-fail', 'data', 'file:', 'socket', 'fd:'],
  parse(value, current, context) {
    const prefix = /^(fd|file):([\s\S]*)$/.exec(value)
    if (prefix?.[1] === 'fd') {
      const rest = prefix[2]!
      const target = fdTarget(rest, context, (error) => `Failed to resolve unit specifiers in '${rest}', ignoring: ${error}`)
      return target === undefined ? current : { kind: 'fd', target }
    }
    if (prefix !== null) {
      const target = fileTarget(prefix[2]!, context, "'")
      return target === undefined ? current : { kind: 'file', target }
    }
    const kind = INPUTS.find((one) => one === value)
    if (kind !== undefined) return { kind, target: '' }
    context.report('warning', `Failed to parse input specifier, ignoring: ${value}`)
    return current
  },
}

const OBSOLETE_OUTPUTS: Readonly<Record<string, StandardOutput['kind']>> = { syslog: 'journal', 'syslog+console': 'journal+console' }

export const standardOutput: DirectiveParser<StandardOutput> = {
  placeholder: 'OUTPUT',
  values: [
    'inherit',
    'null',
    'tty',
    'journal',
    'kmsg',
    'journal+console',
    'kmsg+console',
    'file:',
    'append:',
    'truncate:',
    'socket',
    'fd:',
  ],
  parse(value, current, context) {
    const prefix = /^(fd|file|append|truncate):([\s\S]*)$/.exec(value)
    if (prefix?.[1] === 'fd') {
      const rest = prefix[2]!
      const target = fdTarget(rest, context, (error) => `Failed to resolve unit specifiers in ${rest}: ${error}`)
      return target === undefined ? current : { kind: 'fd', target }
    }
    if (prefix !== null) {
      const target = fileTarget(prefix[2]!, context, '')
      return target === undefined ? current : { kind: prefix[1] as 'file' | 'append' | 'truncate', target }
    }
    const obsolete = Object.hasOwn(OBSOLETE_OUTPUTS, value) ? OBSOLETE_OUTPUTS[value] : undefined
    if (obsolete !== undefined) {
      context.report(
        'notice',
        `Standard output type ${value} is obsolete, automatically updating to ${obsolete}. Please update your unit file, and consider removing the setting altogether.`,
      )
      return { kind: obsolete, target: '' }
    }
    const kind = OUTPUTS.find((one) => one === value)
    if (kind !== undefined) return { kind, target: '' }
    context.report('warning', `Failed to parse output specifier, ignoring: ${value}`)
    return current
  },
}

const STDIN_DATA_MAX = 64 * 1024 * 1024

/** Text for the standard input, a line feed after each. */
export const inputText: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const unescaped = cunescape(value)
    if (isErrno(unescaped)) {
      context.report('warning', `Failed to decode C escaped text '${value}', ignoring: ${unescaped.message}`)
      return current
    }
    const expanded = expandOrWarn(unescaped, context, { maximum: STDIN_DATA_MAX })
    return expanded === undefined ? current : `${current}${expanded}\n`
  },
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PADDING = 64

/** The bytes; EPIPE where the text ends within a group of four, ENAMETOOLONG for text behind the padding. */
export function decodeBase64(text: string): Uint8Array | Errno {
  let at = 0
  const next = (): number | Errno => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at += 1
    const char = text[at]
    if (char === undefined) return errno.EPIPE
    at += 1
    const digit = char === '=' ? PADDING : BASE64.indexOf(char === '-' ? '+' : char === '_' ? '/' : char)
    return digit < 0 ? errno.EINVAL : digit
  }
  const bytes: number[] = []
  for (;;) {
    const group: number[] = []
    for (let position = 0; position < 4; position++) {
      const digit = next()
      if (isErrno(digit)) return digit === errno.EPIPE && position === 0 ? Uint8Array.from(bytes) : digit
      if (digit === PADDING && position < 2) return errno.EINVAL
      group.push(digit)
    }
    const [a = 0, b = 0, c = 0, d = 0] = group
    bytes.push((a << 2) | (b >> 4))
    if (c === PADDING) {
      if (d !== PADDING || (b & 15) !== 0) return errno.EINVAL
      return at < text.length ? errno.ENAMETOOLONG : Uint8Array.from(bytes)
    }
    bytes.push(((b & 15) << 4) | (c >> 2))
    if (d === PADDING) {
      if ((c & 3) !== 0) return errno.EINVAL
      return at < text.length ? errno.ENAMETOOLONG : Uint8Array.from(bytes)
    }
    bytes.push(((c & 3) << 6) | d)
  }
}

export const inputData: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const bytes = decodeBase64(value)
    if (isErrno(bytes)) {
      context.report('warning', `Failed to decode base64 data, ignoring: ${value}`)
      return current
    }
    return current + joinBytes(Array.from(bytes, (byte) => String.fromCharCode(byte < 128 ? byte : 0xdc00 + byte)).join(''))
  },
}

export const ttySize: DirectiveParser<number | undefined> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return undefined
    const number = parseUnsigned(value)
    if (!isErrno(number)) return number
    failedToParse(value, context, number)
    return current
  },
}
