// Conditional expressions: [[ … ]] on the tree, test and [ on words. After bash(1), CONDITIONAL EXPRESSIONS.
import { isErrno, R_OK, W_OK, X_OK } from '@/lib/kernel'
import type { Process, Stat, Syscall } from '@/lib/kernel'
import type { TestExpression } from 'unbash'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { evaluateInteger, expandToPattern, expandToRegex, expandToText } from './expand'
import { matchesPattern } from './pattern'
import { assignArray } from './assignment'
import { trace } from './execute'
import { quoteWhereNeeded } from './quote'
import { byByte } from './variables'

/** What -v, -o and -R need of a shell; the program /usr/bin/test has none. */
export type TestHost = {
  readonly process: Process
  readonly isSet?: (name: string) => boolean
  readonly hasOption?: (name: string) => boolean
}

export const unaryOperators = new Set([...'abcdefghknoprstuvwxzGLNORS'].map((letter) => `-${letter}`))
export const binaryOperators = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

function fileTest(operator: string, status: Stat): boolean {
  switch (operator) {
    case '-b':
      return status.kind === 'block-device'
    case '-c':
      return status.kind === 'character-device'
    case '-d':
      return status.kind === 'directory'
    case '-f':
      return status.kind === 'file'
    case '-h':
    case '-L':
      return status.kind === 'symlink'
    case '-p':
      return status.kind === 'fifo'
    case '-S':
      return status.kind === 'socket'
    case '-g':
      return (status.mode & 0o2000) !== 0
    case '-u':
      return (status.mode & 0o4000) !== 0
    case '-k':
      return (status.mode & 0o1000) !== 0
    case '-s':
      return status.size > 0
    case '-N':
      return status.mtimeUsec > status.atimeUsec
    default:
      return true
  }
}

export function* unaryTest(host: TestHost, operator: string, operand: string): Syscall<boolean> {
  const { process } = host
  switch (operator) {
    case '-n':
      return operand !== ''
    case '-z':
      return operand === ''
    case '-v':
      return host.isSet?.(operand) ?? false
    case '-R':
      return false
    case '-o':
      return host.hasOption?.(operand) ?? false
    case '-t':
      return /^\d+$/.test(operand) && (yield* process.isatty(Number(operand)))
    case '-r':
    case '-w':
    case '-x':
      return operand !== '' && !isErrno(yield* process.access(operand, operator === '-r' ? R_OK : operator === '-w' ? W_OK : X_OK))
    case '-O':
    case '-G': {
      const status = yield* process.stat(operand)
      return !isErrno(status) && (operator === '-O' ? status.uid === process.euid : status.gid === process.egid)
    }
    default: {
      if (operand === '') return false
      const status = operator === '-h' || operator === '-L' ? yield* process.lstat(operand) : yield* process.stat(operand)
      return !isErrno(status) && fileTest(operator, status)
    }
  }
}

function* fileOrder(process: Process, left: string, operator: string, right: string): Syscall<boolean> {
  const one = yield* process.stat(left)
  const other = yield* process.stat(right)
  if (operator === '-ef') return !isErrno(one) && !isErrno(other) && one.dev === other.dev && one.ino === other.ino
  const first = isErrno(one) ? undefined : one.mtimeUsec
  const second = isErrno(other) ? undefined : other.mtimeUsec
  if (operator === '-nt') return first !== undefined && (second === undefined || first > second)
  return second !== undefined && (first === undefined || first < second)
}

export function compareIntegers(left: bigint, operator: string, right: bigint): boolean {
  switch (operator) {
    case '-eq':
      return left === right
    case '-ne':
      return left !== right
    case '-lt':
      return left < right
    case '-le':
      return left <= right
    case '-gt':
      return left > right
    default:
      return left >= right
  }
}

export const isIntegerOperator = (operator: string): boolean => /^-(?:eq|ne|lt|le|gt|ge)$/.test(operator)

// ---------------------------------------------------------------- [[ ]]

const hostOf = (shell: Shell): TestHost => ({
  process: shell.process,
  isSet: (name) => {
    const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name)
    if (bracket === null)
      return shell.variables.get(name) !== undefined || (/^\d+$/.test(name) && shell.positional[Number(name) - 1] !== undefined)
    const items = shell.variables.items(bracket[1]!)
    return bracket[2] === '@' || bracket[2] === '*' ? items.length > 0 : items.some(([key]) => key === bracket[2])
  },
  hasOption: (name) => shell.options.has(name),
})

/** 0 true, 1 false, 2 a wrong expression. */
export function* evaluateTest(shell: Shell, expression: TestExpression): Syscall<number> {
  try {
    return (yield* evaluate(shell, expression)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof ShellError) || error.effect === 'exit') throw error
    return error.status
  }
}

function* evaluate(shell: Shell, expression: TestExpression): Syscall<boolean> {
  switch (expression.type) {
    case 'TestLogical': {
      const stop = expression.operator === '||'
      for (const operand of expression.operands) if ((yield* evaluate(shell, operand)) === stop) return stop
      return !stop
    }
    case 'TestNot': {
      const truth = yield* evaluate(shell, expression.operand)
      return expression.negations.length % 2 === 1 ? !truth : truth
    }
    case 'TestGroup':
      return yield* evaluate(shell, expression.expression)
    case 'TestUnary': {
      const operand = yield* expandToText(shell, expression.operand)
      if (shell.options.has('xtrace')) yield* trace(shell, `[[ ${expression.operator} ${quoteWhereNeeded(operand)} ]]`)
      return yield* unaryTest(hostOf(shell), expression.operator, operand)
    }
    case 'TestBinary':
      return yield* evaluateBinary(shell, expression)
  }
}

function* evaluateBinary(shell: Shell, expression: Extract<TestExpression, { type: 'TestBinary' }>): Syscall<boolean> {
  const { operator } = expression
  const left = yield* expandToText(shell, expression.left)
  if (operator === '=~') {
    const pattern = yield* expandToRegex(shell, expression.right)
    if (shell.options.has('xtrace')) yield* trace(shell, `[[ ${quoteWhereNeeded(left)} =~ ${pattern} ]]`)
    return yield* matchRegex(shell, left, pattern)
  }
  const pattern = operator === '==' || operator === '=' || operator === '!='
  const right = pattern ? yield* expandToPattern(shell, expression.right) : yield* expandToText(shell, expression.right)
  if (shell.options.has('xtrace')) yield* trace(shell, `[[ ${quoteWhereNeeded(left)} ${operator} ${right === '' ? "''" : right} ]]`)
  if (pattern) {
    const matched = matchesPattern(right, left, { extended: true, ignoreCase: shell.shopts.has('nocasematch') })
    return operator === '!=' ? !matched : matched
  }
  if (operator === '<') return byByte(left, right) < 0
  if (operator === '>') return byByte(left, right) > 0
  if (isIntegerOperator(operator)) {
    return compareIntegers(yield* evaluateInteger(shell, left), operator, yield* evaluateInteger(shell, right))
  }
  return yield* fileOrder(shell.process, left, operator, right)
}

/** POSIX extended expressions are close to JavaScript's; bracket classes are translated. */
export function extendedRegex(pattern: string, flags: string): RegExp | undefined {
  const classes: Readonly<Record<string, string>> = {
    alnum: 'A-Za-z0-9',
    alpha: 'A-Za-z',
    blank: ' \\t',
    cntrl: '\\x00-\\x1f\\x7f',
    digit: '0-9',
    graph: '\\x21-\\x7e',
    lower: 'a-z',
    print: '\\x20-\\x7e',
    punct: '!-\\/:-@\\[-`{-~',
    space: '\\s',
    upper: 'A-Z',
    xdigit: '0-9A-Fa-f',
  }
  let result = ''
  let at = 0
  while (at < pattern.length) {
    const character = pattern[at]!
    if (character === '\\') {
      const next = pattern[at + 1] ?? '\\'
      result += /[\w\s]/.test(next)
        ? /[wWsSbB<>]/.test(next)
          ? next === '<' || next === '>'
            ? '\\b'
            : `\\${next}`
          : next
        : next === '<' || next === '>'
          ? '\\b'
          : `\\${next}`
      at += 2
      continue
    }
    if (character !== '[') {
      result += character === '/' ? '\\/' : character
      at += 1
      continue
    }
    let end = at + 1
    if (pattern[end] === '^') end += 1
    if (pattern[end] === ']') end += 1
    while (end < pattern.length && pattern[end] !== ']') {
      const named = /^\[([:.=])(.*?)\1\]/s.exec(pattern.slice(end))
      end += named === null ? 1 : named[0].length
    }
    if (end >= pattern.length) return undefined
    const negated = pattern[at + 1] === '^'
    const inner = pattern.slice(at + (negated ? 2 : 1), end)
    const translated = inner.replace(/\[([:.=])(.*?)\1\]|[\\\][^]/gs, (all: string, kind: string | undefined, name: string | undefined) =>
      kind === ':' ? (classes[name ?? ''] ?? '') : kind !== undefined ? (name ?? '') : `\\${all}`,
    )
    result += `[${negated ? '^' : ''}${translated}]`
    at = end + 1
  }
  try {
    return new RegExp(result, flags)
  } catch {
    return undefined
  }
}

function* matchRegex(shell: Shell, text: string, pattern: string): Syscall<boolean> {
  const regex = extendedRegex(pattern, shell.shopts.has('nocasematch') ? 'i' : '')
  if (regex === undefined) {
    yield* shell.complain('invalid regular expression')
    throw new ShellError('discard', 2)
  }
  const match = regex.exec(text)
  const items = match === null ? [] : [...match].map((value) => ({ key: undefined, value: value ?? '', append: false }))
  yield* assignArray(shell, 'BASH_REMATCH', items, false)
  return match !== null
}

// ---------------------------------------------------------------- test and [

class TestSyntax extends Error {}

/** `test` on words; undefined after `complain` when they make no expression. */
export function* evaluateTestWords(host: TestHost, words: readonly string[], complain: (text: string) => Syscall<void>): Syscall<number> {
  const reader = new WordTest(host, words)
  try {
    return (yield* reader.whole()) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestSyntax)) throw error
    yield* complain(error.message)
    return 2
  }
}

export const shellTestHost = hostOf

class WordTest {
  private readonly host: TestHost
  private readonly words: readonly string[]
  private at = 0

  constructor(host: TestHost, words: readonly string[]) {
    this.host = host
    this.words = words
  }

  *whole(): Syscall<boolean> {
    const { words } = this
    // POSIX decides by the number of words first.
    if (words.length === 0) return false
    if (words.length === 1) return words[0] !== ''
    if (words.length === 2) {
      if (words[0] === '!') return words[1] === ''
      if (unaryOperators.has(words[0]!)) return yield* unaryTest(this.host, words[0]!, words[1]!)
      throw new TestSyntax(`${words[0]}: unary operator expected`)
    }
    if (words.length === 3) {
      if (binaryOperators.has(words[1]!)) return yield* this.binary(words[0]!, words[1]!, words[2]!)
      if (words[1] === '-a') return words[0] !== '' && words[2] !== ''
      if (words[1] === '-o') return words[0] !== '' || words[2] !== ''
      if (words[0] === '!') return !(yield* new WordTest(this.host, words.slice(1)).whole())
      if (words[0] === '(' && words[2] === ')') return words[1] !== ''
      throw new TestSyntax(`${words[1]}: binary operator expected`)
    }
    if (words.length === 4) {
      if (words[0] === '!') return !(yield* new WordTest(this.host, words.slice(1)).whole())
      if (words[0] === '(' && words[3] === ')') return yield* new WordTest(this.host, words.slice(1, 3)).whole()
    }
    const truth = yield* this.or()
    if (this.at < words.length) throw new TestSyntax('too many arguments')
    return truth
  }

  private *or(): Syscall<boolean> {
    let truth = yield* this.and()
    while (this.words[this.at] === '-o') {
      this.at += 1
      const right = yield* this.and()
      truth = truth || right
    }
    return truth
  }

  private *and(): Syscall<boolean> {
    let truth = yield* this.term()
    while (this.words[this.at] === '-a') {
      this.at += 1
      const right = yield* this.term()
      truth = truth && right
    }
    return truth
  }

  private *term(): Syscall<boolean> {
    const word = this.words[this.at]
    if (word === undefined) throw new TestSyntax('argument expected')
    if (word === '!') {
      this.at += 1
      return !(yield* this.term())
    }
    if (word === '(') {
      this.at += 1
      const truth = yield* this.or()
      if (this.words[this.at] !== ')') throw new TestSyntax("`)' expected")
      this.at += 1
      return truth
    }
    const operator = this.words[this.at + 1]
    if (operator !== undefined && binaryOperators.has(operator) && this.at + 2 < this.words.length) {
      this.at += 3
      return yield* this.binary(word, operator, this.words[this.at - 1]!)
    }
    if (unaryOperators.has(word) && operator !== undefined) {
      this.at += 2
      return yield* unaryTest(this.host, word, operator)
    }
    this.at += 1
    return word !== ''
  }

  private *binary(left: string, operator: string, right: string): Syscall<boolean> {
    if (operator === '=' || operator === '==') return left === right
    if (operator === '!=') return left !== right
    if (operator === '<') return byByte(left, right) < 0
    if (operator === '>') return byByte(left, right) > 0
    if (isIntegerOperator(operator)) return compareIntegers(this.integer(left), operator, this.integer(right))
    return yield* fileOrder(this.host.process, left, operator, right)
  }

  private integer(text: string): bigint {
    const trimmed = text.trim()
    if (!/^[+-]?\d+$/.test(trimmed)) throw new TestSyntax(`${text}: integer expression expected`)
    return BigInt(trimmed.replace(/^\+/, ''))
  }
}
