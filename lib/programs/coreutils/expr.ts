// After expr(1) and test(1).
import { evaluateTestWords, extendedRegex } from '@/lib/shell'
import { program } from '../program'
import { complain, usageError } from '../stdio'

class ExprProblem extends Error {}

class Expression {
  private readonly words: readonly string[]
  private at = 0

  constructor(words: readonly string[]) {
    this.words = words
  }

  whole(): string {
    const value = this.or()
    if (this.at < this.words.length) throw new ExprProblem(`syntax error: unexpected argument ‘${this.words[this.at]}’`)
    return value
  }

  private next(...operators: readonly string[]): string | undefined {
    const word = this.words[this.at]
    if (word === undefined || !operators.includes(word)) return undefined
    this.at += 1
    return word
  }

  private or(): string {
    let left = this.and()
    while (this.next('|') !== undefined) {
      const right = this.and()
      left = isTrue(left) ? left : isTrue(right) ? right : '0'
    }
    return left
  }

  private and(): string {
    let left = this.comparison()
    while (this.next('&') !== undefined) {
      const right = this.comparison()
      left = isTrue(left) && isTrue(right) ? left : '0'
    }
    return left
  }

  private comparison(): string {
    let left = this.sum()
    for (
      let operator = this.next('<', '<=', '=', '==', '!=', '>=', '>');
      operator !== undefined;
      operator = this.next('<', '<=', '=', '==', '!=', '>=', '>')
    ) {
      const right = this.sum()
      const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
      const order = numbers
        ? BigInt(left) < BigInt(right)
          ? -1
          : BigInt(left) > BigInt(right)
            ? 1
            : 0
        : left < right
          ? -1
          : left > right
            ? 1
            : 0
      const truth =
        operator === '<'
          ? order < 0
          : operator === '<='
            ? order <= 0
            : operator === '!='
              ? order !== 0
              : operator === '>='
                ? order >= 0
                : operator === '>'
                  ? order > 0
                  : order === 0
      left = truth ? '1' : '0'
    }
    return left
  }

  private sum(): string {
    let left = this.product()
    for (let operator = this.next('+', '-'); operator !== undefined; operator = this.next('+', '-')) {
      const right = integer(this.product())
      left = String(operator === '+' ? integer(left) + right : integer(left) - right)
    }
    return left
  }

  private product(): string {
    let left = this.match()
    for (let operator = this.next('*', '/', '%'); operator !== undefined; operator = this.next('*', '/', '%')) {
      const right = integer(this.match())
      if (operator !== '*' && right === 0n) throw new ExprProblem('division by zero')
      left = String(operator === '*' ? integer(left) * right : operator === '/' ? integer(left) / right : integer(left) % right)
    }
    return left
  }

  private match(): string {
    let left = this.primary()
    while (this.next(':') !== undefined) left = matchText(left, this.primary())
    return left
  }

  private primary(): string {
    const word = this.words[this.at]
    if (word === undefined)
      throw new ExprProblem(this.at === 0 ? 'missing operand' : `syntax error: missing argument after ‘${this.words[this.at - 1]}’`)
    this.at += 1
    if (word === '(') {
      const value = this.or()
      if (this.next(')') === undefined) throw new ExprProblem(`syntax error: expecting ')' after ‘${this.words[this.at - 1]}’`)
      return value
    }
    if (word === '+') return this.primary()
    if (this.at >= this.words.length) return word
    if (word === 'length') return String([...this.primary()].length)
    if (word === 'match') return matchText(this.primary(), this.primary())
    if (word === 'index') {
      const [text, set] = [this.primary(), this.primary()]
      return String([...text].findIndex((one) => set.includes(one)) + 1)
    }
    if (word === 'substr') {
      const [text, from, count] = [this.primary(), Number(this.primary()), Number(this.primary())]
      return from < 1 || count < 1 ? '' : text.slice(from - 1, from - 1 + count)
    }
    return word
  }
}

const isTrue = (value: string): boolean => value !== '' && !/^-?0+$/.test(value)
function integer(value: string): bigint {
  if (!/^-?\d+$/.test(value)) throw new ExprProblem('non-integer argument')
  return BigInt(value)
}

/** Basic expressions as extended ones: \( \) \{ \} \| and their bare forms change places. */
export const basicToExtended = (pattern: string): string =>
  pattern
    .replace(
      /\\([(){}|+?])|(\[\^?\]?[^\]]*\])|([(){}|+?])/g,
      (_all, escaped: string | undefined, bracket: string | undefined, bare: string | undefined) => escaped ?? bracket ?? `\\${bare}`,
    )
    .replace(/^\*/, '\\*')
    .replace(/(\(|\||^\^)\*/g, '$1\\*')

function matchText(text: string, pattern: string): string {
  const regex = extendedRegex(`^(?:${basicToExtended(pattern).replace(/^\^/, '')})`, '')
  const found = regex?.exec(text) ?? null
  const groups = /\\\(/.test(pattern)
  if (found === null) return groups ? '' : '0'
  return groups ? (found[1] ?? '') : String([...found[0]].length)
}

export const expr = program({
  name: 'expr',
  path: '/usr/bin/expr',
  summary: 'work out an expression',
  synopsis: 'EXPRESSION',
  usageStatus: 2,
  options: [],
  raw: true,
  *main(process, args) {
    const words = args.operands[0] === '--' ? args.operands.slice(1) : args.operands
    if (words.length === 0) return yield* usageError(process, 'missing operand', 2)
    try {
      const value = new Expression(words).whole()
      yield* process.write(1, `${value}\n`)
      return isTrue(value) ? 0 : 1
    } catch (error) {
      if (!(error instanceof ExprProblem)) throw error
      yield* complain(process, error.message)
      return 2
    }
  },
})

const testProgram = (name: 'test' | '[') =>
  program({
    name,
    path: `/usr/bin/${name}`,
    summary: 'check files and compare values',
    synopsis: 'EXPRESSION',
    options: [],
    raw: true,
    *main(process, args) {
      const words = [...args.operands]
      if (name === '[' && words.pop() !== ']') {
        yield* complain(process, 'missing ‘]’')
        return 2
      }
      return yield* evaluateTestWords({ process }, words, (text) => complain(process, text))
    },
  })

export const test = testProgram('test')
export const bracket = testProgram('[')
