// Arithmetic after bash(1), ARITHMETIC EVALUATION: 64-bit integers, C's operators, variables by name.

export class ArithmeticError extends Error {}

/** What an expression reads and writes. Subscripts are given as text: an expression or a key, the variable decides. */
export type ArithmeticVariables = {
  readonly get: (name: string, subscript: string | undefined) => string | undefined
  readonly set: (name: string, subscript: string | undefined, value: string) => void
}

type Node =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'variable'; readonly name: string; readonly subscript: string | undefined }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node; readonly rightText: string }
  | { readonly kind: 'step'; readonly operator: '++' | '--'; readonly prefix: boolean; readonly target: VariableNode }
  | { readonly kind: 'assign'; readonly operator: string; readonly target: VariableNode; readonly value: Node; readonly valueText: string }
  | { readonly kind: 'ternary'; readonly test: Node; readonly yes: Node; readonly no: Node }
type VariableNode = Extract<Node, { kind: 'variable' }>

type Token = {
  readonly kind: 'number' | 'name' | 'operator' | 'end' | 'bad'
  readonly text: string
  readonly pos: number
  readonly subscript?: string
}

const operators = /^(?:<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\/=|%=|&=|\^=|\|=|[-+*/%<>=!~&|^?:,()])/

const precedence: Readonly<Record<string, number>> = {
  ',': 1,
  '||': 4,
  '&&': 5,
  '|': 6,
  '^': 7,
  '&': 8,
  '==': 9,
  '!=': 9,
  '<': 10,
  '>': 10,
  '<=': 10,
  '>=': 10,
  '<<': 11,
  '>>': 11,
  '+': 12,
  '-': 12,
  '*': 13,
  '/': 13,
  '%': 13,
  '**': 14,
}
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='])

function parseNumber(text: string, fail: (message: string) => never): bigint {
  const based = /^(\d+)#(.*)$/s.exec(text)
  const base = based !== null ? Number(based[1]) : /^0[xX]/.test(text) ? 16 : /^0\d/.test(text) ? 8 : 10
  const digits = based !== null ? based[2]! : base === 16 ? text.slice(2) : text
  if (base < 2 || base > 64) fail('invalid arithmetic base')
  let value = 0n
  for (const digit of digits) {
    const found =
      digit >= '0' && digit <= '9'
        ? digit.charCodeAt(0) - 48
        : digit >= 'a' && digit <= 'z'
          ? digit.charCodeAt(0) - 87
          : digit >= 'A' && digit <= 'Z'
            ? digit.charCodeAt(0) - (base <= 36 ? 55 : 29)
            : digit === '@'
              ? 62
              : digit === '_'
                ? 63
                : 99
    if (found >= base) fail('value too great for base')
    value = value * BigInt(base) + BigInt(found)
  }
  return BigInt.asIntN(64, value)
}

class Parser {
  private readonly text: string
  private pos = 0
  private token: Token = { kind: 'end', text: '', pos: 0 }
  private previous = ''

  constructor(text: string) {
    this.text = text
    this.advance()
  }

  private fail(message: string, at = this.token.pos): never {
    throw new ArithmeticError(`${this.text.trim()}: ${message} (error token is "${this.text.slice(at).trimEnd()}")`)
  }

  private current(): Token {
    return this.token
  }

  private advance(): void {
    this.previous = this.token.text
    const text = this.text
    while (/\s/.test(text[this.pos] ?? '')) this.pos += 1
    const pos = this.pos
    const rest = text.slice(pos)
    if (rest === '') {
      this.token = { kind: 'end', text: '', pos }
      return
    }
    const number = /^\d[\w#@]*/.exec(rest)
    const name = /^[A-Za-z_]\w*/.exec(rest)
    const operator = operators.exec(rest)
    if (number !== null) {
      this.pos += number[0].length
      this.token = { kind: 'number', text: number[0], pos }
    } else if (name !== null) {
      this.pos += name[0].length
      const subscript = this.readSubscript()
      this.token = { kind: 'name', text: name[0], pos, ...(subscript === undefined ? {} : { subscript }) }
    } else if (operator !== null) {
      this.pos += operator[0].length
      this.token = { kind: 'operator', text: operator[0], pos }
    } else {
      this.token = { kind: 'bad', text: rest, pos }
    }
  }

  private readSubscript(): string | undefined {
    if (this.text[this.pos] !== '[') return undefined
    let depth = 0
    for (let at = this.pos; at < this.text.length; at++) {
      if (this.text[at] === '[') depth += 1
      else if (this.text[at] === ']' && --depth === 0) {
        const subscript = this.text.slice(this.pos + 1, at)
        this.pos = at + 1
        return subscript
      }
    }
    return undefined
  }

  whole(): Node {
    if (this.token.kind === 'end') return { kind: 'number', value: 0n }
    const node = this.expression(0)
    const { kind } = this.current()
    if (kind === 'bad') this.fail('syntax error: invalid arithmetic operator')
    if (kind !== 'end') this.fail('syntax error in expression')
    return node
  }

  private expression(least: number): Node {
    let left = this.unary()
    for (;;) {
      const { kind, text, pos } = this.token
      if (kind !== 'operator') return left
      if (assignments.has(text)) {
        if (least > 2) return left
        if (left.kind !== 'variable') this.fail('attempted assignment to non-variable')
        this.advance()
        const from = this.token.pos
        const value = this.expression(2)
        left = { kind: 'assign', operator: text, target: left, value, valueText: this.text.slice(from, this.token.pos).trim() }
        continue
      }
      if (text === '?') {
        if (least > 3) return left
        this.advance()
        const yes = this.expression(1)
        if (this.token.text !== ':') this.fail("`:' expected for conditional expression")
        this.advance()
        const no = this.expression(3)
        left = { kind: 'ternary', test: left, yes, no }
        continue
      }
      const level = precedence[text]
      if (level === undefined || level < least) return left
      this.advance()
      if (this.current().kind === 'end') this.fail('syntax error: operand expected', pos)
      const from = this.token.pos
      const right = this.expression(text === '**' ? level : level + 1)
      left = { kind: 'binary', operator: text, left, right, rightText: this.text.slice(from).trimEnd() }
    }
  }

  private unary(): Node {
    const { kind, text, pos, subscript } = this.token
    if (kind === 'number') {
      this.advance()
      return { kind: 'number', value: parseNumber(text, (message) => this.fail(message, pos)) }
    }
    if (kind === 'name') {
      this.advance()
      const target: VariableNode = { kind: 'variable', name: text, subscript }
      const after = this.token.text
      if (this.token.kind === 'operator' && (after === '++' || after === '--')) {
        this.advance()
        return { kind: 'step', operator: after, prefix: false, target }
      }
      return target
    }
    if (kind === 'operator') {
      if (text === '(') {
        this.advance()
        const inner = this.expression(1)
        if (this.token.text !== ')') {
          throw new ArithmeticError(`${this.text.trim()}: missing \`)' (error token is "${this.previous}")`)
        }
        this.advance()
        return inner
      }
      if (text === '++' || text === '--') {
        this.advance()
        const operand = this.unary()
        if (operand.kind === 'variable') return { kind: 'step', operator: text, prefix: true, target: operand }
        const sign = text[0]!
        return { kind: 'unary', operator: sign, operand: { kind: 'unary', operator: sign, operand } }
      }
      if ('+-!~'.includes(text)) {
        this.advance()
        return { kind: 'unary', operator: text, operand: this.unaryOperand() }
      }
    }
    if (kind === 'bad') this.fail('syntax error: operand expected')
    return this.fail('syntax error: operand expected', kind === 'end' && pos > 0 ? this.lastOperator() : pos)
  }

  /** Unary operators bind tighter than all but ++ and --. */
  private unaryOperand(): Node {
    return this.unary()
  }

  private lastOperator(): number {
    const at = this.text.trimEnd().length - this.previous.length
    return Math.max(at, 0)
  }
}

const cache = new Map<string, Node>()

function parseExpression(text: string): Node {
  let node = cache.get(text)
  if (node === undefined) {
    node = new Parser(text).whole()
    if (cache.size >= 1000) cache.clear()
    cache.set(text, node)
  }
  return node
}

function compute(operator: string, left: bigint, right: bigint, text: string, rightText: string): bigint {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, left + right)
    case '-':
      return BigInt.asIntN(64, left - right)
    case '*':
      return BigInt.asIntN(64, left * right)
    case '/':
    case '%':
      if (right === 0n) throw new ArithmeticError(`${text.trim()}: division by 0 (error token is "${rightText}")`)
      return BigInt.asIntN(64, operator === '/' ? left / right : left % right)
    case '**':
      if (right < 0n) throw new ArithmeticError(`${text.trim()}: exponent less than 0 (error token is "${rightText}")`)
      return power(left, right)
    case '<<':
      return BigInt.asIntN(64, left << (right & 63n))
    case '>>':
      return left >> (right & 63n)
    case '<':
      return left < right ? 1n : 0n
    case '>':
      return left > right ? 1n : 0n
    case '<=':
      return left <= right ? 1n : 0n
    case '>=':
      return left >= right ? 1n : 0n
    case '==':
      return left === right ? 1n : 0n
    case '!=':
      return left !== right ? 1n : 0n
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    default:
      return right
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let factor = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = BigInt.asIntN(64, result * factor)
    factor = BigInt.asIntN(64, factor * factor)
  }
  return result
}

/** The value of an expression whose $-expansions are done. Throws `ArithmeticError` with bash's message. */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables, depth = 0): bigint {
  if (/^\d{1,15}$/.test(text) && (text[0] !== '0' || text.length === 1)) return BigInt(text)
  if (depth > 1024) throw new ArithmeticError(`${text}: expression recursion level exceeded (error token is "${text}")`)

  const read = (node: VariableNode): bigint => {
    const value = variables.get(node.name, node.subscript)
    return value === undefined || value === '' ? 0n : evaluateArithmetic(value, variables, depth + 1)
  }
  const run = (node: Node): bigint => {
    switch (node.kind) {
      case 'number':
        return node.value
      case 'variable':
        return read(node)
      case 'unary': {
        const operand = run(node.operand)
        if (node.operator === '-') return BigInt.asIntN(64, -operand)
        if (node.operator === '!') return operand === 0n ? 1n : 0n
        return node.operator === '~' ? ~operand : operand
      }
      case 'binary': {
        const left = run(node.left)
        if (node.operator === '&&') return left !== 0n && run(node.right) !== 0n ? 1n : 0n
        if (node.operator === '||') return left !== 0n || run(node.right) !== 0n ? 1n : 0n
        return compute(node.operator, left, run(node.right), text, node.rightText)
      }
      case 'step': {
        const before = read(node.target)
        const after = BigInt.asIntN(64, node.operator === '++' ? before + 1n : before - 1n)
        variables.set(node.target.name, node.target.subscript, String(after))
        return node.prefix ? after : before
      }
      case 'assign': {
        const right = run(node.value)
        const value = node.operator === '=' ? right : compute(node.operator.slice(0, -1), read(node.target), right, text, node.valueText)
        variables.set(node.target.name, node.target.subscript, String(value))
        return value
      }
      case 'ternary':
        return run(run(node.test) !== 0n ? node.yes : node.no)
    }
  }
  return run(parseExpression(text))
}
