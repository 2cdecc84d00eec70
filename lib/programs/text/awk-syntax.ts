// After awk(1), mawk(1): the language, read into a tree.

export type AwkExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'field'; readonly index: AwkExpression }
  | { readonly kind: 'element'; readonly name: string; readonly subscripts: readonly AwkExpression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: AwkExpression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: AwkExpression; readonly right: AwkExpression }
  | { readonly kind: 'match'; readonly negated: boolean; readonly text: AwkExpression; readonly pattern: AwkExpression }
  | { readonly kind: 'in'; readonly subscripts: readonly AwkExpression[]; readonly name: string }
  | { readonly kind: 'conditional'; readonly test: AwkExpression; readonly yes: AwkExpression; readonly no: AwkExpression }
  | { readonly kind: 'assign'; readonly operator: string; readonly target: AwkExpression; readonly value: AwkExpression }
  | { readonly kind: 'step'; readonly operator: '++' | '--'; readonly prefix: boolean; readonly target: AwkExpression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly AwkExpression[] }
  | {
      readonly kind: 'getline'
      readonly target: AwkExpression | undefined
      readonly from: 'input' | 'file' | 'command'
      readonly source: AwkExpression | undefined
    }
  | { readonly kind: 'group'; readonly items: readonly AwkExpression[] }

export type AwkStatement =
  | { readonly kind: 'expression'; readonly expression: AwkExpression }
  | {
      readonly kind: 'print'
      readonly format: boolean
      readonly args: readonly AwkExpression[]
      readonly redirect: '>' | '>>' | '|' | undefined
      readonly target: AwkExpression | undefined
    }
  | { readonly kind: 'if'; readonly test: AwkExpression; readonly body: AwkStatement; readonly otherwise: AwkStatement | undefined }
  | { readonly kind: 'while'; readonly test: AwkExpression; readonly body: AwkStatement }
  | { readonly kind: 'do'; readonly test: AwkExpression; readonly body: AwkStatement }
  | {
      readonly kind: 'for'
      readonly start: AwkStatement | undefined
      readonly test: AwkExpression | undefined
      readonly step: AwkStatement | undefined
      readonly body: AwkStatement
    }
  | { readonly kind: 'each'; readonly variable: string; readonly array: string; readonly body: AwkStatement }
  | { readonly kind: 'block'; readonly body: readonly AwkStatement[] }
  | { readonly kind: 'break' | 'continue' | 'next' | 'nextfile' }
  | { readonly kind: 'exit' | 'return'; readonly value: AwkExpression | undefined }
  | { readonly kind: 'delete'; readonly name: string; readonly subscripts: readonly AwkExpression[] | undefined }

export type AwkPattern =
  | { readonly kind: 'begin' | 'end' | 'always' }
  | { readonly kind: 'test'; readonly test: AwkExpression }
  | { readonly kind: 'range'; readonly from: AwkExpression; readonly to: AwkExpression; active: boolean }
export type AwkRule = { readonly pattern: AwkPattern; readonly body: AwkStatement | undefined }
export type AwkFunction = { readonly parameters: readonly string[]; readonly body: AwkStatement }
export type AwkProgram = { readonly rules: readonly AwkRule[]; readonly functions: ReadonlyMap<string, AwkFunction> }

export class AwkProblem extends Error {}

type Token = {
  readonly kind: 'number' | 'string' | 'regex' | 'name' | 'function' | 'builtin' | 'keyword' | 'operator' | 'newline' | 'end'
  readonly text: string
  readonly line: number
  readonly spaceBefore: boolean
}

const keywords = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
])
export const awkBuiltins = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'mktime',
  'gensub',
])
const operators = [
  '**=',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '>>',
  '**',
  '!~',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '<',
  '>',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
]
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

export function unescapeAwk(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (all: string, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? all),
  )
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  let space = false
  const push = (kind: Token['kind'], text: string) => {
    tokens.push({ kind, text, line, spaceBefore: space })
    space = false
  }
  const regexAllowed = (): boolean => {
    const last = tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'operator')
      return last.text !== ')' && last.text !== ']' && last.text !== '$' && last.text !== '++' && last.text !== '--'
    return last.kind === 'newline' || last.kind === 'keyword'
  }
  while (at < source.length) {
    const rest = source.slice(at)
    const character = source[at]!
    const skipped = /^(?:[ \t\r]+|\\\r?\n|#[^\n]*)/.exec(rest)
    if (skipped !== null) {
      at += skipped[0].length
      if (skipped[0].startsWith('\\')) line += 1
      space = true
      continue
    }
    if (character === '\n') {
      push('newline', '\n')
      line += 1
      at += 1
      continue
    }
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest)
    if (number !== null) {
      push('number', number[0])
      at += number[0].length
      continue
    }
    const name = /^[A-Za-z_]\w*/.exec(rest)
    if (name !== null) {
      const text = name[0]
      at += text.length
      push(keywords.has(text) ? 'keyword' : awkBuiltins.has(text) ? 'builtin' : source[at] === '(' ? 'function' : 'name', text)
      continue
    }
    if (character === '"') {
      const string = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest)
      if (string === null) throw new AwkProblem(`line ${line}: runaway string constant ${rest.split('\n')[0]} ...`)
      push('string', unescapeAwk(string[1]!))
      at += string[0].length
      continue
    }
    if (character === '/' && regexAllowed()) {
      const regex = /^\/((?:[^/\\\n[]|\\.|\[\^?\]?(?:[^\]\\\n]|\\.)*\])*)\//.exec(rest)
      if (regex === null) throw new AwkProblem(`line ${line}: runaway regular expression ${rest.split('\n')[0]} ...`)
      push('regex', regex[1]!.replaceAll('\\/', '/'))
      at += regex[0].length
      continue
    }
    const operator = operators.find((one) => rest.startsWith(one))
    if (operator === undefined) throw new AwkProblem(`line ${line}: syntax error at or near ${character}`)
    push('operator', operator)
    at += operator.length
  }
  tokens.push({ kind: 'end', text: 'end of file', line, spaceBefore: false })
  return tokens
}

export function parseAwk(source: string): AwkProgram {
  return new AwkParser(tokenize(source)).program()
}

class AwkParser {
  private readonly tokens: readonly Token[]
  private at = 0
  /** Inside `for (x in y)` heads and print lists, `in` and `>` mean something else. */
  private noIn = false
  private noGreater = false

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  private get token(): Token {
    return this.tokens[this.at]!
  }

  private fail(): never {
    const { text, line, kind } = this.token
    throw new AwkProblem(`line ${line}: syntax error at or near ${kind === 'newline' ? 'end of line' : text}`)
  }

  private is(text: string): boolean {
    const { kind } = this.token
    return (kind === 'operator' || kind === 'keyword') && this.token.text === text
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false
    this.at += 1
    return true
  }

  private expect(text: string): void {
    if (!this.take(text)) this.fail()
  }

  private skipNewlines(): void {
    while (this.token.kind === 'newline') this.at += 1
  }

  private skipTerminators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at += 1
  }

  program(): AwkProgram {
    const rules: AwkRule[] = []
    const functions = new Map<string, AwkFunction>()
    this.skipTerminators()
    while (this.token.kind !== 'end') {
      if (this.take('function') || this.take('func')) {
        const name = this.token.text
        this.at += 1
        this.expect('(')
        const parameters: string[] = []
        while (!this.is(')')) {
          parameters.push(this.token.text)
          this.at += 1
          if (!this.take(',')) break
          this.skipNewlines()
        }
        this.expect(')')
        this.skipNewlines()
        functions.set(name, { parameters, body: this.block() })
      } else rules.push(this.rule())
      this.skipTerminators()
    }
    return { rules, functions }
  }

  private rule(): AwkRule {
    if (this.take('BEGIN')) return { pattern: { kind: 'begin' }, body: this.block() }
    if (this.take('END')) return { pattern: { kind: 'end' }, body: this.block() }
    if (this.is('{')) return { pattern: { kind: 'always' }, body: this.block() }
    const test = this.expression()
    let pattern: AwkPattern = { kind: 'test', test }
    if (this.take(',')) {
      this.skipNewlines()
      pattern = { kind: 'range', from: test, to: this.expression(), active: false }
    }
    return { pattern, body: this.is('{') ? this.block() : undefined }
  }

  private block(): AwkStatement {
    this.expect('{')
    const body: AwkStatement[] = []
    this.skipTerminators()
    while (!this.is('}')) {
      if (this.token.kind === 'end') throw new AwkProblem(`line ${this.token.line + 1}: missing } near end of file`)
      body.push(this.statement())
      this.skipTerminators()
    }
    this.expect('}')
    return { kind: 'block', body }
  }

  private endOfSimple(): void {
    if (this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}')) {
      if (this.is(';') || this.token.kind === 'newline') this.at += 1
      return
    }
    this.fail()
  }

  private body(): AwkStatement {
    this.skipNewlines()
    if (this.take(';')) return { kind: 'block', body: [] }
    return this.statement()
  }

  private statement(): AwkStatement {
    if (this.is('{')) return this.block()
    if (this.take('if')) {
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      const body = this.body()
      const mark = this.at
      this.skipTerminators()
      if (this.take('else')) return { kind: 'if', test, body, otherwise: this.body() }
      this.at = mark
      return { kind: 'if', test, body, otherwise: undefined }
    }
    if (this.take('while')) {
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      return { kind: 'while', test, body: this.body() }
    }
    if (this.take('do')) {
      const body = this.body()
      this.skipTerminators()
      this.expect('while')
      this.expect('(')
      const test = this.expression()
      this.expect(')')
      this.endOfSimple()
      return { kind: 'do', test, body }
    }
    if (this.take('for')) return this.forStatement()
    const simple = this.simple()
    this.endOfSimple()
    return simple
  }

  private forStatement(): AwkStatement {
    this.expect('(')
    const [variable, word, array, close] = this.tokens.slice(this.at, this.at + 4)
    if (variable?.kind === 'name' && word?.text === 'in' && array?.kind === 'name' && close?.text === ')') {
      this.at += 4
      return { kind: 'each', variable: variable.text, array: array.text, body: this.body() }
    }
    const start = this.is(';') ? undefined : this.simple()
    this.expect(';')
    this.skipNewlines()
    const test = this.is(';') ? undefined : this.expression()
    this.expect(';')
    this.skipNewlines()
    const step = this.is(')') ? undefined : this.simple()
    this.expect(')')
    return { kind: 'for', start, test, step, body: this.body() }
  }

  private simple(): AwkStatement {
    for (const kind of ['break', 'continue', 'next', 'nextfile'] as const) if (this.take(kind)) return { kind }
    for (const kind of ['exit', 'return'] as const) {
      if (!this.take(kind)) continue
      const ends = this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}')
      return { kind, value: ends ? undefined : this.expression() }
    }
    if (this.take('delete')) {
      const name = this.token.text
      this.at += 1
      if (!this.take('[')) return { kind: 'delete', name, subscripts: undefined }
      const subscripts = this.list(']')
      return { kind: 'delete', name, subscripts }
    }
    if (this.is('print') || this.is('printf')) return this.print()
    return { kind: 'expression', expression: this.expression() }
  }

  private print(): AwkStatement {
    const format = this.token.text === 'printf'
    this.at += 1
    const args: AwkExpression[] = []
    const ends = () =>
      this.token.kind === 'newline' ||
      this.token.kind === 'end' ||
      this.is(';') ||
      this.is('}') ||
      this.is('>') ||
      this.is('>>') ||
      this.is('|')
    const before = this.noGreater
    this.noGreater = true
    if (!ends()) {
      args.push(this.expression())
      while (this.take(',')) {
        this.skipNewlines()
        args.push(this.expression())
      }
    }
    const [only] = args
    const list = args.length === 1 && only?.kind === 'group' ? only.items : args
    let redirect: '>' | '>>' | '|' | undefined
    let target: AwkExpression | undefined
    for (const one of ['>>', '>', '|'] as const) {
      if (!this.take(one)) continue
      redirect = one
      target = this.concatenation()
      break
    }
    this.noGreater = before
    return { kind: 'print', format, args: list, redirect, target }
  }

  private list(close: string): AwkExpression[] {
    const items: AwkExpression[] = []
    const [noIn, noGreater] = [this.noIn, this.noGreater]
    this.noIn = false
    this.noGreater = false
    this.skipNewlines()
    while (!this.is(close)) {
      items.push(this.expression())
      this.skipNewlines()
      if (!this.take(',')) break
      this.skipNewlines()
    }
    this.expect(close)
    this.noIn = noIn
    this.noGreater = noGreater
    return items
  }

  // ------------------------------------------------------------ expressions, loosest first

  expression(): AwkExpression {
    const left = this.ternary()
    for (const operator of ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**=']) {
      if (!this.is(operator)) continue
      if (left.kind !== 'variable' && left.kind !== 'field' && left.kind !== 'element') this.fail()
      this.at += 1
      this.skipNewlines()
      return { kind: 'assign', operator: operator.replace('**', '^'), target: left, value: this.expression() }
    }
    return left
  }

  private ternary(): AwkExpression {
    const test = this.or()
    if (!this.take('?')) return test
    this.skipNewlines()
    const yes = this.expression()
    this.skipNewlines()
    this.expect(':')
    this.skipNewlines()
    return { kind: 'conditional', test, yes, no: this.expression() }
  }

  private or(): AwkExpression {
    let left = this.and()
    while (this.take('||')) {
      this.skipNewlines()
      left = { kind: 'binary', operator: '||', left, right: this.and() }
    }
    return left
  }

  private and(): AwkExpression {
    let left = this.membership()
    while (this.take('&&')) {
      this.skipNewlines()
      left = { kind: 'binary', operator: '&&', left, right: this.membership() }
    }
    return left
  }

  private membership(): AwkExpression {
    let left = this.matching()
    while (!this.noIn && this.take('in')) {
      const name = this.token.text
      this.at += 1
      left = { kind: 'in', subscripts: left.kind === 'group' ? left.items : [left], name }
    }
    return left
  }

  private matching(): AwkExpression {
    let left = this.comparison()
    while (this.is('~') || this.is('!~')) {
      const negated = this.token.text === '!~'
      this.at += 1
      left = { kind: 'match', negated, text: left, pattern: this.comparison() }
    }
    return left
  }

  private comparison(): AwkExpression {
    const left = this.concatenation()
    for (const operator of ['<=', '>=', '==', '!=', '<', '>']) {
      if (operator === '>' && this.noGreater) continue
      if (this.take(operator)) return { kind: 'binary', operator, left, right: this.concatenation() }
    }
    if (this.is('|') && this.tokens[this.at + 1]?.text === 'getline') {
      let source = left
      while (this.is('|') && this.tokens[this.at + 1]?.text === 'getline') {
        this.at += 2
        source = { kind: 'getline', target: this.optionalTarget(), from: 'command', source }
      }
      return source
    }
    return left
  }

  private startsOperand(): boolean {
    const { kind, text } = this.token
    if (kind === 'number' || kind === 'string' || kind === 'regex' || kind === 'name' || kind === 'function' || kind === 'builtin')
      return true
    if (kind === 'keyword') return false
    return (
      kind === 'operator' &&
      (text === '$' || text === '!' || text === '(' || text === '-' || text === '+' || text === '++' || text === '--')
    )
  }

  concatenation(): AwkExpression {
    let left = this.additive()
    while (this.startsOperand() && !(this.is('+') || this.is('-')) && !(this.is('!') && this.tokens[this.at + 1]?.text === '=')) {
      left = { kind: 'binary', operator: ' ', left, right: this.additive() }
    }
    return left
  }

  private additive(): AwkExpression {
    let left = this.multiplicative()
    while (this.is('+') || this.is('-')) {
      const operator = this.token.text
      this.at += 1
      left = { kind: 'binary', operator, left, right: this.multiplicative() }
    }
    return left
  }

  private multiplicative(): AwkExpression {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const operator = this.token.text
      this.at += 1
      left = { kind: 'binary', operator, left, right: this.unary() }
    }
    return left
  }

  private unary(): AwkExpression {
    for (const operator of ['!', '-', '+']) if (this.take(operator)) return { kind: 'unary', operator, operand: this.unary() }
    return this.power()
  }

  private power(): AwkExpression {
    const base = this.postfix()
    if (!this.take('^') && !this.take('**')) return base
    // Right associative; a sign may follow.
    const right = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power()
    return { kind: 'binary', operator: '^', left: base, right }
  }

  private postfix(): AwkExpression {
    const operand = this.primary()
    if ((operand.kind === 'variable' || operand.kind === 'field' || operand.kind === 'element') && (this.is('++') || this.is('--'))) {
      const operator = this.token.text as '++' | '--'
      this.at += 1
      return { kind: 'step', operator, prefix: false, target: operand }
    }
    return operand
  }

  private optionalTarget(): AwkExpression | undefined {
    return this.is('$') || this.token.kind === 'name' ? this.postfixFree() : undefined
  }

  /** A target of getline: no ++ after it. */
  private postfixFree(): AwkExpression {
    return this.primary()
  }

  private primary(): AwkExpression {
    const { kind, text } = this.token
    this.at += 1
    switch (kind) {
      case 'number':
        return { kind: 'number', value: Number(text) }
      case 'string':
        return { kind: 'string', value: text }
      case 'regex':
        return { kind: 'regex', source: text }
      case 'name':
        if (this.take('[')) return { kind: 'element', name: text, subscripts: this.list(']') }
        return { kind: 'variable', name: text }
      case 'function':
        this.expect('(')
        return { kind: 'call', name: text, args: this.list(')') }
      case 'builtin':
        if (this.take('(')) return { kind: 'call', name: text, args: this.list(')') }
        if (text !== 'length') {
          this.at -= 1
          this.fail()
        }
        return { kind: 'call', name: text, args: [] }
    }
    if (kind === 'keyword' && text === 'getline') {
      const target = this.optionalTarget()
      if (this.take('<')) return { kind: 'getline', target, from: 'file', source: this.primary() }
      return { kind: 'getline', target, from: 'input', source: undefined }
    }
    if (text === '$') {
      const operator = this.is('++') || this.is('--') ? (this.token.text as '++' | '--') : undefined
      if (operator !== undefined) {
        this.at += 1
        return { kind: 'field', index: { kind: 'step', operator, prefix: true, target: this.primary() } }
      }
      if (this.take('-')) return { kind: 'field', index: { kind: 'unary', operator: '-', operand: this.primary() } }
      return { kind: 'field', index: this.primary() }
    }
    if (text === '++' || text === '--') return { kind: 'step', operator: text, prefix: true, target: this.primary() }
    if (text === '(') {
      const items = this.list(')')
      if (items.length === 1) return this.is('in') ? items[0]! : { kind: 'group', items }
      if (items.length === 0) this.fail()
      return { kind: 'group', items }
    }
    this.at -= 1
    return this.fail()
  }
}
