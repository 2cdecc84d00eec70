// After systemd.exec(5): scheduling, input and output, terminals, directories, credentials.
import { NAME_MAX, pathStartsWith } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cunescape, cursorAt, cursorRest, extractFirstWord, extractManyWords, joinBytes } from './extract-word'
import { parseInt32, parseRange, parseUint64, parseUnsigned } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { failedToParse, oneOf, simple } from './parse-scalar'
import { expandOrWarn, FD_NAME_SPECIFIER_MAX, fdNameIsValid } from './parse-text'
import { eachWord } from './parse-words'

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

export type ExecDirectory = { readonly path: string; readonly symlinks: readonly string[]; readonly readOnly: boolean }

/** `StateDirectory=name[:symlink[:ro]] …`, below the directory that belongs to the name. */
export const execDirectories: DirectiveParser<readonly ExecDirectory[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    let directories: readonly ExecDirectory[] = current
    const name = context.directive
    const flags = { unquote: true, retainEscape: true }
    for (const word of eachWord(value, flags, context, (error) => `Invalid syntax ${name}=${value}, ignoring: ${error}`)) {
      const parts = extractManyWords(cursorAt(word.text), 3, { cunescape: true, unescapeSeparators: true, dontCoalesce: true }, ':')
      if (isErrno(parts) || parts.length === 0) {
        context.report('warning', `Invalid syntax in ${name}=, ignoring: ${word.text}`, word.range)
        return directories
      }
      const [source = '', destination = '', options = ''] = parts
      const resolve = (text: string) => {
        const expanded = expandOrWarn(text, context, { maximum: PATH_SPECIFIER_MAX, quote: '"', range: word.range })
        return expanded === undefined ? undefined : checkPath(expanded, { relative: true }, context, word.range)
      }
      const path = resolve(source)
      if (path === undefined) continue
      if (pathStartsWith(path, 'private') !== undefined) {
        context.report('warning', `${name}= path can't be 'private', ignoring assignment: ${word.text}`, word.range)
        continue
      }
      if (destination !== '' && name === 'ConfigurationDirectory') {
        context.report('warning', `Additional parameter is not supported for ConfigurationDirectory, ignoring: ${word.text}`, word.range)
        continue
      }
      const symlink = destination === '' ? '' : resolve(destination)
      if (symlink === undefined) continue
      if (options !== '' && options !== 'ro') {
        context.report('warning', `Invalid flags for ${name}=, ignoring: ${options}`, word.range)
        continue
      }
      const symlinks = symlink === '' ? [] : [symlink]
      const known = directories.findIndex((one) => one.path === path)
      directories =
        known < 0
          ? [...directories, { path, symlinks, readOnly: options === 'ro' }]
          : directories.map((one, at) => (at === known ? { ...one, symlinks: [...one.symlinks, ...symlinks] } : one))
    }
    return directories
  },
}

const credentialNameIsValid = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/') && byteLength(name) <= NAME_MAX && fdNameIsValid(name)

function credentialGlobIsValid(name: string): boolean {
  const glob = name.search(/[*?[\]]/)
  if (glob < 0) return credentialNameIsValid(name)
  if (name.slice(glob) !== '*') return false
  return glob === 0 || credentialNameIsValid(name.slice(0, glob))
}

export type SetCredential = { readonly id: string; readonly data: string; readonly encrypted: boolean }
export type LoadCredential = { readonly id: string; readonly path: string; readonly encrypted: boolean }
export type ImportCredential = { readonly glob: string; readonly rename: string }

const COLON = { dontCoalesce: true }

function credentialId(word: string, context: ParseContext): string | undefined {
  const id = expandOrWarn(word, context, { maximum: FD_NAME_SPECIFIER_MAX, quote: '"' })
  if (id === undefined) return undefined
  if (credentialNameIsValid(id)) return id
  context.report('warning', `Credential name "${id}" not valid, ignoring.`)
  return undefined
}

/** `ID:VALUE`; a later one of the same name counts. */
export function setCredential(encrypted: boolean): DirectiveParser<readonly SetCredential[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const cursor = cursorAt(value)
      const word = extractFirstWord(cursor, COLON, ':')
      if (isErrno(word)) {
        context.report('warning', `Failed to extract credential name, ignoring: ${value}`)
        return current
      }
      const rest = cursorRest(cursor)
      if (word === undefined || rest === '') {
        context.report('warning', `Invalid syntax, ignoring: ${value}`)
        return current
      }
      const id = credentialId(word, context)
      if (id === undefined) return current
      const data = encrypted ? decodeBase64(rest) : cunescape(rest, { acceptNul: true })
      if (isErrno(data)) {
        context.report(
          'warning',
          encrypted
            ? `Encrypted credential data not valid Base64 data, ignoring: ${data.message}`
            : `Can't unescape "${rest}", ignoring: ${data.message}`,
        )
        return current
      }
      const made = { id, data: typeof data === 'string' ? data : rest, encrypted }
      return [...current.filter((one) => one.id !== id), made]
    },
  }
}

export function loadCredential(encrypted: boolean): DirectiveParser<readonly LoadCredential[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const cursor = cursorAt(value)
      const word = extractFirstWord(cursor, COLON, ':')
      if (word === undefined || isErrno(word)) {
        context.report('warning', `Invalid syntax, ignoring: ${value}`)
        return current
      }
      const id = credentialId(word, context)
      if (id === undefined) return current
      const rest = cursorRest(cursor)
      const path = rest === '' ? id : expandOrWarn(rest, context, { maximum: PATH_SPECIFIER_MAX, quote: '"' })
      if (path === undefined) return current
      const bad = path.startsWith('/') ? /\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(path) : !credentialNameIsValid(path)
      if (rest !== '' && bad) {
        context.report('warning', `Credential source "${path}" not valid, ignoring.`)
        return current
      }
      return [...current.filter((one) => one.id !== id), { id, path, encrypted }]
    },
  }
}

export const importCredential: DirectiveParser<readonly ImportCredential[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const cursor = cursorAt(value)
    const word = extractFirstWord(cursor, COLON, ':')
    if (word === undefined || isErrno(word)) {
      context.report('warning', `Invalid syntax, ignoring: ${value}`)
      return current
    }
    const glob = expandOrWarn(word, context, { maximum: FD_NAME_SPECIFIER_MAX, quote: '"' })
    if (glob === undefined) return current
    if (!credentialGlobIsValid(glob)) {
      context.report('warning', `Credential name or glob "${glob}" not valid, ignoring.`)
      return current
    }
    const rename = cursorRest(cursor)
    if (rename !== '' && !credentialNameIsValid(rename)) {
      context.report('warning', `Credential name "${rename}" not valid, ignoring.`)
      return current
    }
    return [...current, { glob, rename }]
  },
}

export type OpenFile = { readonly path: string; readonly fdName: string; readonly flags: readonly string[] }
const OPEN_FLAGS = ['read-only', 'append', 'truncate', 'graceful']

function readOpenFile(text: string): OpenFile | Errno {
  const cursor = cursorAt(text)
  const parts = extractManyWords(cursor, 3, { dontCoalesce: true, cunescape: true }, ':')
  if (isErrno(parts)) return parts
  if (parts.length === 0 || cursorRest(cursor) !== '') return errno.EINVAL
  const [path = '', name = '', options] = parts
  const flags: string[] = []
  if (options !== undefined) {
    const words = cursorAt(options)
    for (;;) {
      const word = extractFirstWord(words, {}, ',')
      if (word === undefined) break
      if (isErrno(word) || !OPEN_FLAGS.includes(word) || flags.includes(word)) return errno.EINVAL
      flags.push(word)
    }
  }
  const fileName = path.replace(/\/+$/, '').replace(/^.*\//, '')
  const fdName = name === '' ? fileName : name
  const exclusive = flags.filter((flag) => flag !== 'graceful').length
  if (fdName === '' || !path.startsWith('/') || !fdNameIsValid(fdName) || exclusive > 1 || byteLength(path) >= 4096) return errno.EINVAL
  return { path, fdName, flags }
}

export const openFile: DirectiveParser<readonly OpenFile[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const file = readOpenFile(value)
    if (!isErrno(file)) return [...current, file]
    context.report('warning', `Failed to parse OpenFile= setting, ignoring: ${value}`)
    return current
  },
}
