// echo, printf, read, mapfile, test, [.
import { decodeUtf8, localTimeOf } from '@/lib/base'
import { errno, isErrno, POLLHUP, POLLIN } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { assignArray, assignScalar } from '../assignment'
import { runPendingTraps } from '../trap'
import { decodeEscapes } from '../quote'
import { formatPrintf } from '../printf'
import { evaluateTestWords, shellTestHost } from '../test-expression'
import { isName } from '../variables'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin } from './builtin'

const doEcho: Builtin = function* (shell, args) {
  const words = texts(args)
  let newline = true
  let escapes = shell.flavour === 'dash' || shell.shopts.has('xpg_echo')
  while (words.length > 0 && (shell.flavour === 'dash' ? words[0] === '-n' : /^-[neE]+$/.test(words[0]!))) {
    for (const letter of words.shift()!.slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
    if (shell.flavour === 'dash') break
  }
  const text = words.join(' ')
  if (!escapes) return yield* print(shell, 'echo', newline ? `${text}\n` : text)
  const decoded = decodeEscapes(text, 'echo')
  return yield* print(shell, 'echo', decoded.stopped || !newline ? decoded.text : `${decoded.text}\n`)
}

const doPrintf: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'v:')
  if (options.bad !== undefined) return yield* usage(shell, 'printf', options.bad, 'printf [-v var] format [arguments]')
  const [format, ...rest] = options.rest
  if (format === undefined) {
    yield* shell.process.write(2, 'printf: usage: printf [-v var] format [arguments]\n')
    return 2
  }
  const { realtimeUsec } = shell.process
  const local = localTimeOf(
    shell.variables.get('TZ'),
    shell.process.fileReader().readLink('/etc/localtime'),
    Math.floor(realtimeUsec / 1e6),
  )
  const result = formatPrintf(format, rest, { realtimeUsec, startUsec: realtimeUsec, local })
  const variable = options.values.get('v')
  let status = 0
  if (variable !== undefined) {
    const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(variable)
    if (bracket === null && !isName(variable)) return yield* fail(shell, 'printf', `\`${variable}': not a valid identifier`, 2)
    if (bracket === null) yield* assignScalar(shell, variable, result.text, { append: false })
    else yield* assignScalar(shell, bracket[1]!, result.text, { append: false, subscript: bracket[2]! })
  } else status = yield* print(shell, 'printf', result.text)
  for (const error of result.errors) status = yield* fail(shell, 'printf', error)
  return status
}

/** Reads byte by byte, so that nothing is taken from the next reader. */
function* readBytes(
  shell: Shell,
  fd: number,
  delimiter: number,
  limit: number,
  exact: boolean,
  deadlineUsec: number | undefined,
): Syscall<{
  readonly bytes: number[]
  readonly how: 'delimiter' | 'end' | 'limit' | 'timeout' | 'interrupted' | 'error'
  readonly error?: string
}> {
  const bytes: number[] = []
  let characters = 0
  for (;;) {
    if (deadlineUsec !== undefined) {
      const left = deadlineUsec - shell.process.monotonicUsec
      const ready = left > 0 ? yield* shell.process.poll([{ fd, events: POLLIN }], left) : []
      if (!isErrno(ready) && !ready.some((one) => (one.revents & (POLLIN | POLLHUP)) !== 0)) return { bytes, how: 'timeout' }
    }
    const chunk = yield* shell.process.read(fd, 1)
    if (isErrno(chunk)) {
      if (chunk === errno.EINTR) {
        if (shell.flow?.kind === 'interrupt') return { bytes, how: 'interrupted' }
        if (shell.pendingSignals.length > 0) yield* runPendingTraps(shell)
        if (shell.flow !== undefined) return { bytes, how: 'interrupted' }
        continue
      }
      return { bytes, how: 'error', error: chunk.message }
    }
    const byte = chunk[0]
    if (byte === undefined) return { bytes, how: 'end' }
    if (byte === delimiter && !exact) return { bytes, how: 'delimiter' }
    bytes.push(byte)
    if ((byte & 0xc0) !== 0x80) characters += 1
    if (characters >= limit) return { bytes, how: 'limit' }
  }
}

/** Splits a line among names by IFS; the last name takes the rest. `quoted` marks characters that a backslash protects. */
function splitLine(line: string, quoted: readonly boolean[], ifs: string, count: number): string[] {
  const isSpace = (at: number) => !quoted[at] && ifs.includes(line[at]!) && ' \t\n'.includes(line[at]!)
  const isMark = (at: number) => !quoted[at] && ifs.includes(line[at]!) && !' \t\n'.includes(line[at]!)
  const result: string[] = []
  let at = 0
  while (at < line.length && isSpace(at)) at += 1
  while (result.length < count - 1 && at < line.length) {
    let word = ''
    while (at < line.length && !isSpace(at) && !isMark(at)) {
      word += line[at]
      at += 1
    }
    result.push(word)
    while (at < line.length && isSpace(at)) at += 1
    if (at < line.length && isMark(at)) at += 1
    while (at < line.length && isSpace(at)) at += 1
  }
  if (count > 0 && at < line.length) {
    let end = line.length
    while (end > at && isSpace(end - 1)) end -= 1
    // One trailing mark of a single last field is dropped too.
    let rest = line.slice(at, end)
    if (rest !== '' && isMark(end - 1) && ![...rest.slice(0, -1)].some((_, index) => isMark(at + index) || isSpace(at + index)))
      rest = rest.slice(0, -1)
    result.push(rest)
  }
  return result
}

const doRead: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'ersa:d:i:n:N:p:t:u:')
  if (options.bad !== undefined) {
    return yield* usage(
      shell,
      'read',
      options.bad,
      'read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]',
    )
  }
  const { flags, values } = options
  const { process } = shell
  const fd = Number(values.get('u') ?? 0)
  for (const name of options.rest)
    if (!isName(name.replace(/\[.*\]$/s, ''))) return yield* fail(shell, 'read', `\`${name}': not a valid identifier`)
  const tty = yield* process.isatty(fd)
  const prompt = values.get('p')
  if (prompt !== undefined && (tty || shell.flavour === 'dash')) yield* process.write(2, prompt)
  const timeout = values.get('t') ?? shell.variables.get('TMOUT')
  if (timeout !== undefined && !/^\d*\.?\d*$/.test(timeout)) return yield* fail(shell, 'read', `${timeout}: invalid timeout specification`)
  if (timeout === '0') {
    const ready = yield* process.poll([{ fd, events: POLLIN }], 0)
    return !isErrno(ready) && ready.some((one) => one.revents !== 0) ? 0 : 1
  }
  const exact = values.get('N')
  const limit = Number(exact ?? values.get('n') ?? Number.POSITIVE_INFINITY)
  const delimiterText = values.get('d')
  const delimiter = delimiterText === undefined ? 10 : delimiterText === '' ? 0 : delimiterText.charCodeAt(0)
  const raw = tty && (limit !== Number.POSITIVE_INFINITY || flags.has('s') || delimiter !== 10)
  const before = raw ? yield* process.tcgetattr(fd) : undefined
  if (raw)
    yield* process.tcsetattr(fd, {
      ...(limit !== Number.POSITIVE_INFINITY || delimiter !== 10 ? { icanon: false } : {}),
      ...(flags.has('s') ? { echo: false } : {}),
    })
  const deadline = timeout === undefined ? undefined : process.monotonicUsec + Number(timeout) * 1e6
  const collected: number[] = []
  let how: string
  for (;;) {
    const part = yield* readBytes(shell, fd, delimiter, limit, exact !== undefined, deadline)
    collected.push(...part.bytes)
    how = part.how
    if (part.error !== undefined) {
      yield* fail(shell, 'read', `read error: ${fd}: ${part.error}`)
      break
    }
    // A backslash before the newline continues the line.
    if (how !== 'delimiter' || flags.has('r') || trailingBackslashes(collected) % 2 === 0) break
    collected.pop()
    if (tty) yield* process.write(2, shell.variables.get('PS2') ?? '> ')
  }
  if (before !== undefined && !isErrno(before)) yield* process.tcsetattr(fd, before)
  if (how === 'interrupted') return 130
  const text = decodeUtf8(Uint8Array.from(collected)).replaceAll('\0', '')
  let line = text
  const quoted: boolean[] = []
  if (!flags.has('r')) {
    line = ''
    for (let at = 0; at < text.length; at++) {
      const escaped = text[at] === '\\'
      if (escaped) at += 1
      if (at >= text.length) break
      line += text[at]
      quoted.push(escaped)
    }
  }
  const ifs = shell.variables.get('IFS') ?? ' \t\n'
  const array = values.get('a')
  if (array !== undefined) {
    const words = splitLine(line, quoted, ifs, Number.POSITIVE_INFINITY)
    yield* assignArray(
      shell,
      array,
      words.map((value) => ({ key: undefined, value, append: false })),
      false,
    )
  } else if (options.rest.length === 0) yield* assignScalar(shell, 'REPLY', line, { append: false })
  else {
    const words = exact !== undefined ? [line] : splitLine(line, quoted, ifs, options.rest.length)
    for (let index = 0; index < options.rest.length; index++) yield* assignNamed(shell, options.rest[index]!, words[index] ?? '')
  }
  if (how === 'timeout') return 142
  return how === 'end' || how === 'error' ? 1 : 0
}

function trailingBackslashes(bytes: readonly number[]): number {
  let count = 0
  while (bytes[bytes.length - 1 - count] === 92) count += 1
  return count
}

function* assignNamed(shell: Shell, name: string, value: string): Syscall<void> {
  const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name)
  if (bracket === null) yield* assignScalar(shell, name, value, { append: false })
  else yield* assignScalar(shell, bracket[1]!, value, { append: false, subscript: bracket[2]! })
}

const doMapfile: Builtin = function* (shell, args, name) {
  const options = readOptions(texts(args), 'td:n:O:s:u:C:c:')
  if (options.bad !== undefined)
    return yield* usage(
      shell,
      name,
      options.bad,
      `${name} [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]`,
    )
  const { values, flags } = options
  const fd = Number(values.get('u') ?? 0)
  const delimiter = (values.get('d') ?? '\n')[0] ?? '\0'
  const most = Number(values.get('n') ?? 0) || Number.POSITIVE_INFINITY
  const skip = Number(values.get('s') ?? 0)
  const lines: string[] = []
  let chunks = ''
  for (;;) {
    const chunk = yield* shell.process.read(fd, 65536)
    if (isErrno(chunk)) {
      if (chunk === errno.EINTR) continue
      break
    }
    if (chunk.length === 0) break
    chunks += decodeUtf8(chunk)
  }
  let at = 0
  while (at < chunks.length && lines.length < most + skip) {
    const end = chunks.indexOf(delimiter, at)
    if (end < 0) {
      lines.push(chunks.slice(at))
      break
    }
    lines.push(chunks.slice(at, flags.has('t') ? end : end + 1))
    at = end + 1
  }
  const origin = Number(values.get('O') ?? 0)
  const items = lines.slice(skip).map((value, index) => ({ key: String(origin + index), value, append: false }))
  yield* assignArray(shell, options.rest[0] ?? 'MAPFILE', items, values.has('O'))
  return 0
}

const doTest: Builtin = function* (shell, args, name) {
  const words = texts(args)
  if (name === '[') {
    if (words.at(-1) !== ']') {
      yield* shell.complain(shell.flavour === 'dash' ? '[: missing ]' : "[: missing `]'")
      return 2
    }
    words.pop()
  }
  return yield* evaluateTestWords(shellTestHost(shell), words, function* (text) {
    yield* shell.complain(`${name}: ${shell.flavour === 'dash' ? dashWording(text) : text}`)
  })
}

function dashWording(text: string): string {
  const integer = /^(.*): integer expression expected$/s.exec(text)
  if (integer !== null) return `Illegal number: ${integer[1]}`
  const binary = /^(.*): binary operator expected$/s.exec(text)
  return binary !== null ? `${binary[1]}: unexpected operator` : text
}

export const inputOutputBuiltins: readonly (readonly [string, Builtin])[] = [
  ['echo', doEcho],
  ['printf', doPrintf],
  ['read', doRead],
  ['mapfile', doMapfile],
  ['readarray', doMapfile],
  ['test', doTest],
  ['[', doTest],
]
