// Parameter expansion after bash(1): values of parameters and the operators inside ${…}.
import type { Syscall } from '@/lib/kernel'
import type { ParameterExpansionPart, ParameterOperation, Word } from 'unbash'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { decodeEscapes, doubleQuote, singleQuote } from './quote'
import { compilePattern, removeMatch, replaceMatch } from './pattern'
import { evaluateInteger, expandToPattern, expandToText, expandWordPieces } from './expand'
import type { Piece } from './expand'
import { isName } from './variables'
import { assignScalar } from './assignment'
import { expandPrompt } from './prompt'

/** One value, or the list that @ and * stand for. */
export type ParameterValue =
  | { readonly list: false; readonly value: string | undefined }
  | { readonly list: true; readonly values: readonly string[]; readonly star: boolean }

const single = (value: string | undefined): ParameterValue => ({ list: false, value })

export function* parameterValue(shell: Shell, name: string, index?: Word): Syscall<ParameterValue> {
  switch (name) {
    case '@':
    case '*':
      return { list: true, values: shell.positional, star: name === '*' }
    case '#':
      return single(String(shell.positional.length))
    case '?':
      return single(String(shell.status))
    case '$':
      return single(String(shell.shellPid))
    case '!':
      return single(shell.lastBackgroundPid === undefined ? undefined : String(shell.lastBackgroundPid))
    case '-':
      return single(optionLetters(shell))
    case '0':
      return single(shell.name)
    case '_':
      return single(shell.lastArgument)
  }
  if (name >= '0' && name <= '9999999' && /^\d+$/.test(name)) return single(shell.positional[Number(name) - 1])
  if (index === undefined) return single(shell.variables.get(name))
  if (index.text === '@' || index.text === '*') {
    return { list: true, values: shell.variables.items(name).map(([, value]) => value), star: index.text === '*' }
  }
  const target = shell.variables.lookup(shell.variables.resolve(name))
  if (target?.associative !== undefined) return single(target.associative.get(yield* expandToText(shell, index)))
  const items = shell.variables.items(name)
  let position = Number(yield* evaluateInteger(shell, yield* expandToText(shell, index)))
  if (position < 0 && items.length > 0) position += Number(items.at(-1)![0]) + 1
  return single(target?.indexed !== undefined ? target.indexed.get(position) : items.find(([key]) => key === String(position))?.[1])
}

const letters: readonly (readonly [string, string])[] = [
  ['allexport', 'a'],
  ['notify', 'b'],
  ['errexit', 'e'],
  ['noglob', 'f'],
  ['hashall', 'h'],
  ['interactive', 'i'],
  ['keyword', 'k'],
  ['monitor', 'm'],
  ['noexec', 'n'],
  ['privileged', 'p'],
  ['onecmd', 't'],
  ['nounset', 'u'],
  ['verbose', 'v'],
  ['xtrace', 'x'],
  ['braceexpand', 'B'],
  ['noclobber', 'C'],
  ['errtrace', 'E'],
  ['histexpand', 'H'],
  ['physical', 'P'],
  ['functrace', 'T'],
  ['command-string', 'c'],
  ['stdin', 's'],
]
export const optionLetter: ReadonlyMap<string, string> = new Map(letters.map(([name, letter]) => [letter, name]))

export function optionLetters(shell: Shell): string {
  return letters.map(([name, letter]) => (shell.options.has(name) || (name === 'interactive' && shell.interactive) ? letter : '')).join('')
}

export function* complainUnbound(shell: Shell, name: string): Syscall<never> {
  yield* shell.complain(`${name}: unbound variable`)
  throw new ShellError('exit', shell.interactive ? 1 : shell.fromString ? 127 : 1)
}

const alwaysSet = new Set(['@', '*', '#', '?', '$', '-', '0'])

function* checkSet(shell: Shell, name: string, value: ParameterValue): Syscall<void> {
  if (!value.list && value.value === undefined && shell.options.has('nounset') && !alwaysSet.has(name)) yield* complainUnbound(shell, name)
}

/** Separator of "$*". */
export function starSeparator(shell: Shell): string {
  const ifs = shell.variables.get('IFS')
  return ifs === undefined ? ' ' : (ifs[0] ?? '')
}

export function pushValue(shell: Shell, value: ParameterValue, quoted: boolean, out: Piece[]): void {
  const mode = quoted ? 'quoted' : 'expanded'
  if (!value.list) {
    if (value.value !== undefined && value.value !== '') out.push({ text: value.value, mode })
    return
  }
  if (value.star && quoted) {
    out.push({ text: value.values.join(starSeparator(shell)), mode })
    return
  }
  const separator = starSeparator(shell)
  if (value.star && separator !== '' && !' \t\n'.includes(separator)) {
    out.push({ text: value.values.join(separator), mode })
    return
  }
  if (quoted && value.values.length === 0) out.push('nothing')
  value.values.forEach((one, index) => {
    if (index > 0) out.push('break')
    if (one !== '' || quoted) out.push({ text: one, mode })
  })
}

export function* expandSimple(shell: Shell, name: string, quoted: boolean, out: Piece[]): Syscall<void> {
  const value = yield* parameterValue(shell, name)
  yield* checkSet(shell, name, value)
  pushValue(shell, value, quoted, out)
}

export function* badSubstitution(shell: Shell, text: string): Syscall<never> {
  yield* shell.complain(`${text}: bad substitution`)
  throw new ShellError('exit', 1)
}

/** The variable meant by ${!name}. */
function* indirect(shell: Shell, part: ParameterExpansionPart): Syscall<{ readonly name: string; readonly value: ParameterValue }> {
  const reference = shell.variables.lookup(part.parameter)
  if (reference?.nameref === true) return { name: part.parameter, value: single(reference.value) }
  const pointer = yield* parameterValue(shell, part.parameter, part.index)
  const target = pointer.list ? pointer.values.join(' ') : pointer.value
  if (target === undefined || target === '') {
    if (part.operation === undefined) {
      yield* shell.complain(`${part.parameter}: invalid indirect expansion`)
      throw new ShellError('discard', 1)
    }
    return { name: part.parameter, value: single(undefined) }
  }
  const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(target)
  if (bracket !== null) {
    const index: Word = { type: 'Word', text: bracket[2]!, value: bracket[2]!, pos: 0, end: 0 }
    return { name: bracket[1]!, value: yield* parameterValue(shell, bracket[1]!, index) }
  }
  if (!isName(target) && !/^(?:\d+|[@*#?$!-])$/.test(target)) {
    yield* shell.complain(`${target}: invalid variable name`)
    throw new ShellError('discard', 1)
  }
  return { name: target, value: yield* parameterValue(shell, target) }
}

const mapValue = (value: ParameterValue, change: (text: string) => string): ParameterValue =>
  value.list ? { ...value, values: value.values.map(change) } : single(value.value === undefined ? undefined : change(value.value))

export function* expandParameter(shell: Shell, part: ParameterExpansionPart, quoted: boolean, out: Piece[]): Syscall<void> {
  const { parameter, index, operation } = part
  if (parameter === '' || operation?.type === 'Unknown') return yield* badSubstitution(shell, part.text)
  if (part.prefix === '!' && operation?.type === 'Names') {
    const names = shell.variables.names().filter((name) => name.startsWith(parameter))
    return pushValue(shell, { list: true, values: names, star: operation.operator === '*' }, quoted, out)
  }
  if (part.prefix === '!' && index !== undefined && operation === undefined && (index.text === '@' || index.text === '*')) {
    const keys = shell.variables.items(parameter).map(([key]) => key)
    return pushValue(shell, { list: true, values: keys, star: index.text === '*' }, quoted, out)
  }
  let name = parameter
  let value: ParameterValue
  if (part.prefix === '!') ({ name, value } = yield* indirect(shell, part))
  else value = yield* parameterValue(shell, parameter, index)
  const shown = index === undefined ? name : `${name}[${index.text}]`
  if (part.prefix === '#') {
    yield* checkSet(shell, shown, value)
    return pushValue(shell, single(String(value.list ? value.values.length : [...(value.value ?? '')].length)), quoted, out)
  }
  if (operation === undefined) {
    yield* checkSet(shell, shown, value)
    return pushValue(shell, value, quoted, out)
  }
  if (operation.type === 'Default') return yield* applyDefault(shell, operation, name, index, value, quoted, out)
  yield* checkSet(shell, shown, value)
  pushValue(shell, yield* applyOperation(shell, operation, name, value, index), quoted, out)
}

function* applyDefault(
  shell: Shell,
  operation: Extract<ParameterOperation, { type: 'Default' }>,
  name: string,
  index: Word | undefined,
  value: ParameterValue,
  quoted: boolean,
  out: Piece[],
): Syscall<void> {
  const colon = operation.operator.length === 2
  const empty = value.list
    ? value.values.length === 0 || (colon && value.values.join(' ') === '')
    : value.value === undefined || (colon && value.value === '')
  const kind = operation.operator.at(-1)
  if (kind === '+') {
    if (!empty) yield* expandWordPieces(shell, operation.operand, quoted, out)
    return
  }
  if (!empty) return pushValue(shell, value, quoted, out)
  if (kind === '-') return yield* expandWordPieces(shell, operation.operand, quoted, out)
  const text = yield* expandToText(shell, operation.operand)
  if (kind === '?') {
    yield* shell.complain(`${name}: ${text !== '' ? text : colon ? 'parameter null or not set' : 'parameter not set'}`)
    throw new ShellError('exit', shell.flavour === 'dash' ? 2 : shell.fromString ? 127 : 1)
  }
  if (!isName(name)) {
    yield* shell.complain(`$${name}: cannot assign in this way`)
    throw new ShellError('exit', 1)
  }
  yield* assignScalar(shell, name, text, {
    append: false,
    ...(index === undefined ? {} : { subscript: yield* expandToText(shell, index) }),
  })
  pushValue(shell, yield* parameterValue(shell, name, index), quoted, out)
}

function* applyOperation(
  shell: Shell,
  operation: Exclude<ParameterOperation, { type: 'Default' }>,
  name: string,
  value: ParameterValue,
  index: Word | undefined,
): Syscall<ParameterValue> {
  const options = { extended: true, ignoreCase: shell.shopts.has('nocasematch') }
  switch (operation.type) {
    case 'Remove': {
      const pattern = yield* expandToPattern(shell, operation.operand)
      return mapValue(value, (text) => removeMatch(text, pattern, operation.operator, options))
    }
    case 'Replace': {
      const pattern = yield* expandToPattern(shell, operation.pattern)
      const replacement = yield* expandToText(shell, operation.replacement)
      return mapValue(value, (text) => replaceMatch(text, pattern, operation.operator, () => replacement, options))
    }
    case 'CaseModification': {
      const pattern = operation.operand === undefined ? '?' : yield* expandToPattern(shell, operation.operand)
      const matcher = compilePattern(pattern === '' ? '?' : pattern, options)
      const upper = operation.operator[0] === '^'
      const all = operation.operator.length === 2
      const change = (character: string) =>
        matcher.test(character) ? (upper ? character.toUpperCase() : character.toLowerCase()) : character
      return mapValue(value, (text) => [...text].map((character, at) => (all || at === 0 ? change(character) : character)).join(''))
    }
    case 'Slice':
      return yield* slice(shell, operation, name, value, index)
    case 'Transform':
      return yield* transform(shell, operation.operand.text, name, value, index)
    default:
      return value
  }
}

function* slice(
  shell: Shell,
  operation: Extract<ParameterOperation, { type: 'Slice' }>,
  name: string,
  value: ParameterValue,
  index: Word | undefined,
): Syscall<ParameterValue> {
  const offset = Number(yield* evaluateInteger(shell, yield* expandToText(shell, operation.offset)))
  const lengthText = operation.length === undefined ? undefined : yield* expandToText(shell, operation.length)
  const length = lengthText === undefined ? undefined : Number(yield* evaluateInteger(shell, lengthText))
  if (!value.list) {
    const characters = [...(value.value ?? '')]
    const from = offset < 0 ? characters.length + offset : offset
    if (from < 0) return single('')
    const to = length === undefined ? characters.length : length < 0 ? characters.length + length : from + length
    if (length !== undefined && length < 0 && to < from) {
      yield* shell.complain(`${lengthText}: substring expression < 0`)
      throw new ShellError('discard', 1)
    }
    return single(characters.slice(from, to).join(''))
  }
  if (length !== undefined && length < 0) {
    yield* shell.complain(`${lengthText}: substring expression < 0`)
    throw new ShellError('discard', 1)
  }
  if (name === '@' || name === '*') {
    const all = [shell.name, ...shell.positional]
    const from = offset < 0 ? all.length + offset : offset
    const values = from < 0 ? [] : all.slice(from, length === undefined ? undefined : from + length)
    return { ...value, values: from === 0 ? values : values }
  }
  const items = shell.variables.items(name)
  const sparse = index !== undefined && shell.variables.lookup(shell.variables.resolve(name))?.indexed !== undefined
  if (!sparse) {
    const from = offset < 0 ? items.length + offset : offset
    return { ...value, values: items.slice(from, length === undefined ? undefined : from + length).map(([, one]) => one) }
  }
  const start = offset < 0 ? Number(items.at(-1)?.[0] ?? -1) + 1 + offset : offset
  if (start < 0) return { ...value, values: [] }
  const after = items.filter(([key]) => Number(key) >= start)
  return { ...value, values: after.slice(0, length).map(([, one]) => one) }
}

/** Letters of `declare` that a variable has. */
export function attributeLetters(shell: Shell, name: string): string {
  const variable = shell.variables.lookup(name)
  if (variable === undefined) return ''
  return [
    variable.indexed !== undefined && 'a',
    variable.associative !== undefined && 'A',
    variable.integer && 'i',
    variable.lower && 'l',
    variable.nameref && 'n',
    variable.readonly && 'r',
    variable.upper && 'u',
    variable.exported && 'x',
  ]
    .filter((letter) => letter !== false)
    .join('')
}

function* transform(shell: Shell, letter: string, name: string, value: ParameterValue, index: Word | undefined): Syscall<ParameterValue> {
  switch (letter) {
    case 'Q':
      return mapValue(value, singleQuote)
    case 'U':
      return mapValue(value, (text) => text.toUpperCase())
    case 'u':
      return mapValue(value, (text) => text.slice(0, 1).toUpperCase() + text.slice(1))
    case 'L':
      return mapValue(value, (text) => text.toLowerCase())
    case 'E':
      return mapValue(value, (text) => decodeEscapes(text, 'ansi-c').text)
    case 'P':
      return mapValue(value, (text) => expandPrompt(shell, text))
    case 'a':
      return mapValue(value, () => attributeLetters(shell, name))
    case 'A': {
      const attributes = attributeLetters(shell, name)
      if (value.list) {
        const body = shell.variables.items(name).map(([key, one]) => `[${key}]=${doubleQuote(one)}`)
        return single(`declare -${attributes || '-'} ${name}=(${body.join(' ')})`)
      }
      return single(`${attributes === '' ? '' : `declare -${attributes} `}${name}=${singleQuote(value.value ?? '')}`)
    }
    case 'K':
    case 'k': {
      const items = shell.variables.items(name)
      if (!value.list) return mapValue(value, singleQuote)
      return letter === 'K' ? single(items.map(([key, one]) => `${key} ${doubleQuote(one)}`).join(' ')) : { ...value, values: items.flat() }
    }
    default:
      return yield* badSubstitution(shell, `\${${name}${index === undefined ? '' : `[${index.text}]`}@${letter}}`)
  }
}
