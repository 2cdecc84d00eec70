// After awk(1), mawk(1): running the tree.
import { decodeUtf8, gmtime, strftime } from '@/lib/base'
import { errno, isErrno, O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { extendedRegex, formatPrintf } from '@/lib/shell'
import { LineReader, Output, readAll } from '../stdio'
import type { AwkExpression, AwkFunction, AwkProgram, AwkStatement } from './awk-syntax'
import { unescapeAwk } from './awk-syntax'

/** A number, a string, or input text that counts as a number when it looks like one. */
export type AwkValue = number | string | { readonly text: string }
type AwkArray = Map<string, AwkValue>
type Flow = 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return'
type Stream = { readonly output: Output; readonly fd: number; readonly pid: number | undefined }
type Source = { readonly reader: LineReader | RecordReader; readonly fd: number; readonly pid: number | undefined }

export class AwkFatal extends Error {
  readonly status: number
  constructor(message: string, status = 2) {
    super(message)
    this.status = status
  }
}

const numberPrefix = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|0[xX][0-9a-fA-F]+)/
const wholeNumber = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/

export function toNumber(value: AwkValue | undefined): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const match = numberPrefix.exec(typeof value === 'string' ? value : value.text)
  return match === null ? 0 : Number(match[0]) || 0
}

const looksNumeric = (value: AwkValue | undefined): boolean =>
  value === undefined || typeof value === 'number' || (typeof value === 'object' && wholeNumber.test(value.text))

const regexes = new Map<string, RegExp>()
function regexOf(source: string, flags = ''): RegExp {
  const key = `${flags}:${source}`
  let regex = regexes.get(key)
  if (regex === undefined) {
    regex = extendedRegex(source, flags)
    if (regex === undefined) throw new AwkFatal(`regular expression compile failed (syntax error)\n${source}`)
    if (regexes.size > 300) regexes.clear()
    regexes.set(key, regex)
  }
  regex.lastIndex = 0
  return regex
}

/** Records that end with something else than a newline. */
class RecordReader {
  private readonly process: Process
  private readonly fd: number
  private text: string | undefined
  private readonly separator: () => string

  constructor(process: Process, fd: number, separator: () => string) {
    this.process = process
    this.fd = fd
    this.separator = separator
  }

  *next(): Syscall<string | undefined> {
    if (this.text === undefined) {
      const bytes = yield* readAll(this.process, this.fd)
      this.text = isErrno(bytes) ? '' : decodeUtf8(bytes)
    }
    const separator = this.separator()
    if (separator === '') this.text = this.text.replace(/^\n+/, '')
    if (this.text === '') return undefined
    const found =
      separator === ''
        ? /\n\n+|\n$/.exec(this.text)
        : separator.length === 1
          ? this.text.includes(separator)
            ? { index: this.text.indexOf(separator), 0: separator }
            : null
          : regexOf(separator).exec(this.text)
    if (found === null) {
      const last = this.text.replace(/\n$/, '')
      this.text = ''
      return last
    }
    const record = this.text.slice(0, found.index)
    this.text = this.text.slice(found.index + found[0].length)
    return record
  }
}

export class AwkRun {
  private readonly process: Process
  private readonly program: AwkProgram
  private readonly globals = new Map<string, AwkValue | AwkArray>()
  private locals: Map<string, AwkValue | AwkArray | undefined> | undefined
  private readonly out: Output
  private readonly streams = new Map<string, Stream>()
  private readonly sources = new Map<string, Source>()
  private record = ''
  private fields: AwkValue[] | undefined
  private input: LineReader | RecordReader | undefined
  private inputFd = 0
  private argumentAt = 1
  private usedFile = false
  private flow: Flow | undefined
  private result: AwkValue | undefined
  private exitStatus = 0
  private seed = 0
  private depth = 0

  constructor(process: Process, program: AwkProgram) {
    this.process = process
    this.program = program
    this.out = new Output(process)
    for (const [name, value] of [
      ['FS', ' '],
      ['OFS', ' '],
      ['ORS', '\n'],
      ['RS', '\n'],
      ['SUBSEP', '\x1c'],
      ['CONVFMT', '%.6g'],
      ['OFMT', '%.6g'],
      ['FILENAME', ''],
    ] as const)
      this.globals.set(name, value)
    for (const name of ['NR', 'FNR', 'NF', 'RSTART']) this.globals.set(name, 0)
    this.globals.set('RLENGTH', -1)
    this.globals.set('ENVIRON', new Map(Object.entries(process.env).map(([name, text]) => [name, { text }])))
  }

  setArguments(args: readonly string[]): void {
    this.globals.set('ARGC', args.length)
    this.globals.set('ARGV', new Map(args.map((text, index) => [String(index), { text }])))
  }

  assignText(name: string, text: string): void {
    this.setVariable(name, { text: unescapeAwk(text) })
  }

  // ------------------------------------------------------------ values

  private text(value: AwkValue | undefined, format = 'CONVFMT'): string {
    if (value === undefined) return ''
    if (typeof value === 'string') return value
    if (typeof value === 'object') return value.text
    if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value)
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
    return this.format(this.text(this.globals.get(format) as AwkValue), [value])
  }

  private format(format: string, args: readonly AwkValue[]): string {
    let index = 0
    let result = ''
    let at = 0
    for (const match of format.matchAll(/%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])/g)) {
      result += format.slice(at, match.index)
      at = match.index + match[0].length
      const conversion = match[4]!
      if (conversion === '%') {
        result += '%'
        continue
      }
      const width = match[2] === '*' ? String(Math.trunc(toNumber(args[index++]))) : (match[2] ?? '')
      const hasPrecision = match[0].includes('.')
      const precision = hasPrecision ? `.${match[3] === '*' ? Math.trunc(toNumber(args[index++])) : (match[3] ?? '')}` : ''
      const value = args[index++]
      const spec = (letter: string) => `%${match[1]}${width}${precision}${letter}`
      const run = (letter: string, argument: string) => formatPrintf(spec(letter), [argument], { realtimeUsec: 0, startUsec: 0 }).text
      if ('di'.includes(conversion)) {
        const number = toNumber(value)
        result += Number.isFinite(number) ? run('d', BigInt(Math.trunc(number)).toString()) : run('s', String(number))
      } else if ('ouxX'.includes(conversion)) result += run(conversion, BigInt(Math.trunc(toNumber(value)) || 0).toString())
      else if ('eEfFgG'.includes(conversion)) result += run(conversion, String(toNumber(value)))
      else if (conversion === 'c')
        result += run('s', typeof value === 'number' ? String.fromCodePoint(Math.trunc(value) || 0) : ([...this.text(value)][0] ?? ''))
      else if (conversion === 's') result += run('s', this.text(value))
      else result += match[0]
    }
    return result + format.slice(at)
  }

  private truth(value: AwkValue | undefined): boolean {
    if (value === undefined) return false
    if (typeof value === 'number') return value !== 0
    if (typeof value === 'string') return value !== ''
    return looksNumeric(value) ? toNumber(value) !== 0 : value.text !== ''
  }

  private compare(left: AwkValue | undefined, right: AwkValue | undefined): number {
    if (looksNumeric(left) && looksNumeric(right)) return toNumber(left) - toNumber(right)
    const [a, b] = [this.text(left), this.text(right)]
    return a < b ? -1 : a > b ? 1 : 0
  }

  // ------------------------------------------------------------ variables and fields

  private getVariable(name: string): AwkValue | undefined {
    if (this.locals?.has(name) === true) {
      const local = this.locals.get(name)
      return local instanceof Map ? undefined : local
    }
    if (name === 'NF') return this.splitRecord().length
    const value = this.globals.get(name)
    return value instanceof Map ? undefined : value
  }

  private setVariable(name: string, value: AwkValue): void {
    if (this.locals?.has(name) === true) this.locals.set(name, value)
    else if (name === 'NF') {
      const fields = this.splitRecord()
      const count = Math.max(0, Math.trunc(toNumber(value)))
      while (fields.length < count) fields.push('')
      fields.length = count
      this.rebuild()
    } else this.globals.set(name, value)
  }

  private array(name: string): AwkArray {
    const holder = this.locals?.has(name) === true ? this.locals : this.globals
    const known = holder.get(name)
    if (known instanceof Map) return known
    if (known !== undefined) throw new AwkFatal(`can't use scalar ${name} as array`)
    const made: AwkArray = new Map()
    holder.set(name, made)
    return made
  }

  private splitText(text: string, separator: AwkValue | undefined, single: boolean): string[] {
    const by = this.text(separator)
    if (text === '') return []
    if (by === ' ' && single) return text.trim() === '' ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, '').split(/[ \t\n]+/)
    if (by === '') return [...text]
    if (by.length === 1 && by !== '\\') return text.split(by)
    const parts: string[] = []
    let at = 0
    const regex = regexOf(by, 'g')
    for (const match of text.matchAll(regex)) {
      if (match[0] === '') continue
      parts.push(text.slice(at, match.index))
      at = match.index + match[0].length
    }
    parts.push(text.slice(at))
    return parts
  }

  private splitRecord(): AwkValue[] {
    if (this.fields === undefined) {
      const parts = this.splitText(this.record, this.globals.get('FS') as AwkValue, true)
      this.fields = parts.map((text) => ({ text }))
    }
    return this.fields
  }

  private setRecord(record: string): void {
    this.record = record
    this.fields = undefined
  }

  private rebuild(): void {
    this.record = this.fields!.map((field) => this.text(field)).join(this.text(this.globals.get('OFS') as AwkValue))
  }

  private getField(index: number): AwkValue | undefined {
    if (index < 0) throw new AwkFatal(`negative field index $${index}`)
    if (index === 0) return { text: this.record }
    return this.splitRecord()[index - 1] ?? { text: '' }
  }

  private setField(index: number, value: AwkValue): void {
    if (index === 0) {
      this.setRecord(this.text(value))
      return
    }
    const fields = this.splitRecord()
    while (fields.length < index) fields.push('')
    fields[index - 1] = typeof value === 'number' ? value : value
    this.rebuild()
  }

  private *assign(target: AwkExpression, value: AwkValue): Syscall<void> {
    if (target.kind === 'variable') this.setVariable(target.name, value)
    else if (target.kind === 'field') this.setField(Math.trunc(toNumber(yield* this.value(target.index))), value)
    else if (target.kind === 'element') this.array(target.name).set(yield* this.subscript(target.subscripts), value)
  }

  private *subscript(items: readonly AwkExpression[]): Syscall<string> {
    const parts: string[] = []
    for (const item of items) parts.push(this.text(yield* this.value(item)))
    return parts.length === 1 ? parts[0]! : parts.join(this.text(this.globals.get('SUBSEP') as AwkValue))
  }

  // ------------------------------------------------------------ expressions

  private *patternOf(expression: AwkExpression): Syscall<string> {
    return expression.kind === 'regex' ? expression.source : this.text(yield* this.value(expression))
  }

  *value(expression: AwkExpression): Syscall<AwkValue | undefined> {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value
      case 'regex':
        return regexOf(expression.source).test(this.record) ? 1 : 0
      case 'variable':
        return this.getVariable(expression.name)
      case 'field':
        return this.getField(Math.trunc(toNumber(yield* this.value(expression.index))))
      case 'element': {
        const array = this.array(expression.name)
        const key = yield* this.subscript(expression.subscripts)
        if (!array.has(key)) array.set(key, { text: '' })
        return array.get(key)
      }
      case 'group': {
        if (expression.items.length === 1) return yield* this.value(expression.items[0]!)
        return yield* this.subscript(expression.items)
      }
      case 'unary': {
        const value = yield* this.value(expression.operand)
        if (expression.operator === '!') return this.truth(value) ? 0 : 1
        return expression.operator === '-' ? -toNumber(value) : toNumber(value)
      }
      case 'binary':
        return yield* this.binary(expression)
      case 'match': {
        const text = this.text(yield* this.value(expression.text))
        return regexOf(yield* this.patternOf(expression.pattern)).test(text) !== expression.negated ? 1 : 0
      }
      case 'in':
        return this.array(expression.name).has(yield* this.subscript(expression.subscripts)) ? 1 : 0
      case 'conditional':
        return yield* this.value(this.truth(yield* this.value(expression.test)) ? expression.yes : expression.no)
      case 'assign': {
        const right = (yield* this.value(expression.value)) ?? ''
        const value =
          expression.operator === '='
            ? right
            : this.arithmetic(expression.operator.slice(0, -1), toNumber(yield* this.value(expression.target)), toNumber(right))
        yield* this.assign(expression.target, value)
        return value
      }
      case 'step': {
        const before = toNumber(yield* this.value(expression.target))
        const after = expression.operator === '++' ? before + 1 : before - 1
        yield* this.assign(expression.target, after)
        return expression.prefix ? after : before
      }
      case 'call':
        return yield* this.call(expression.name, expression.args)
      case 'getline':
        return yield* this.getline(expression)
    }
  }

  private arithmetic(operator: string, left: number, right: number): number {
    switch (operator) {
      case '+':
        return left + right
      case '-':
        return left - right
      case '*':
        return left * right
      case '/':
        if (right === 0) throw new AwkFatal('division by zero')
        return left / right
      case '%':
        if (right === 0) throw new AwkFatal('division by zero in %')
        return left % right
      default:
        return left ** right
    }
  }

  private *binary(expression: Extract<AwkExpression, { kind: 'binary' }>): Syscall<AwkValue> {
    const { operator } = expression
    const left = yield* this.value(expression.left)
    if (operator === '&&') return this.truth(left) && this.truth(yield* this.value(expression.right)) ? 1 : 0
    if (operator === '||') return this.truth(left) || this.truth(yield* this.value(expression.right)) ? 1 : 0
    const leftText = operator === ' ' ? this.text(left) : ''
    const right = yield* this.value(expression.right)
    if (operator === ' ') return leftText + this.text(right)
    switch (operator) {
      case '==':
        return this.compare(left, right) === 0 ? 1 : 0
      case '!=':
        return this.compare(left, right) !== 0 ? 1 : 0
      case '<':
        return this.compare(left, right) < 0 ? 1 : 0
      case '<=':
        return this.compare(left, right) <= 0 ? 1 : 0
      case '>':
        return this.compare(left, right) > 0 ? 1 : 0
      case '>=':
        return this.compare(left, right) >= 0 ? 1 : 0
      default:
        return this.arithmetic(operator, toNumber(left), toNumber(right))
    }
  }

  private *callFunction(name: string, defined: AwkFunction, args: readonly AwkExpression[]): Syscall<AwkValue | undefined> {
    if (this.depth > 500) throw new AwkFatal(`function ${name}: too deep`)
    const locals = new Map<string, AwkValue | AwkArray | undefined>()
    const shared: { readonly parameter: string; readonly variable: string }[] = []
    for (const [index, parameter] of defined.parameters.entries()) {
      const argument = args[index]
      if (argument?.kind === 'variable') {
        const holder = this.locals?.has(argument.name) === true ? this.locals : this.globals
        const own = holder.get(argument.name)
        locals.set(parameter, own)
        // An unset name may become an array inside.
        if (own === undefined) shared.push({ parameter, variable: argument.name })
      } else locals.set(parameter, argument === undefined ? undefined : yield* this.value(argument))
    }
    const outer = this.locals
    this.locals = locals
    this.depth += 1
    this.result = undefined
    yield* this.execute(defined.body)
    this.depth -= 1
    this.locals = outer
    for (const { parameter, variable } of shared) {
      const value = locals.get(parameter)
      if (value instanceof Map) (outer?.has(variable) === true ? outer : this.globals).set(variable, value)
    }
    const { result } = this
    if (this.flow === 'return') this.flow = undefined
    this.result = undefined
    return result
  }

  private *call(name: string, args: readonly AwkExpression[]): Syscall<AwkValue | undefined> {
    const defined = this.program.functions.get(name)
    if (defined !== undefined) return yield* this.callFunction(name, defined, args)
    const first = args[0]
    const text = function* (this: AwkRun, index: number): Syscall<string> {
      const argument = args[index]
      return argument === undefined ? '' : this.text(yield* this.value(argument))
    }.bind(this)
    const number = function* (this: AwkRun, index: number): Syscall<number> {
      const argument = args[index]
      return argument === undefined ? 0 : toNumber(yield* this.value(argument))
    }.bind(this)
    switch (name) {
      case 'length': {
        if (first === undefined) return [...this.record].length
        if (first.kind === 'variable') {
          const holder = this.locals?.has(first.name) === true ? this.locals.get(first.name) : this.globals.get(first.name)
          if (holder instanceof Map) return holder.size
        }
        return [...(yield* text(0))].length
      }
      case 'substr': {
        const characters = [...(yield* text(0))]
        const start = Math.round(yield* number(1))
        const end = args[2] === undefined ? characters.length + 1 : start + Math.round(yield* number(2))
        return characters.slice(Math.max(0, start - 1), Math.max(0, end - 1)).join('')
      }
      case 'index': {
        const at = (yield* text(0)).indexOf(yield* text(1))
        return at + 1
      }
      case 'split': {
        const source = yield* text(0)
        const target = args[1]
        if (target?.kind !== 'variable') throw new AwkFatal('split: second argument must be an array')
        const separator =
          args[2] === undefined
            ? (this.globals.get('FS') as AwkValue)
            : args[2].kind === 'regex'
              ? args[2].source
              : yield* this.value(args[2])
        const parts = this.splitText(source, separator, args[2]?.kind !== 'regex')
        const array = this.array(target.name)
        array.clear()
        for (const [index, part] of parts.entries()) array.set(String(index + 1), { text: part })
        return parts.length
      }
      case 'sub':
      case 'gsub':
        return yield* this.substitute(args, name === 'gsub')
      case 'gensub': {
        const how = yield* text(2)
        const source = args[3] === undefined ? this.record : yield* text(3)
        const replacement = yield* text(1)
        let count = 0
        return source.replace(regexOf(yield* this.patternOf(first!), 'g'), (...match: unknown[]) => {
          count += 1
          if (!/^[gG]/.test(how) && count !== (Number(how) || 1)) return String(match[0])
          return replacement.replace(/\\(\d)|\\&|&|\\(.)/g, (all: string, digit: string | undefined, other: string | undefined) =>
            digit !== undefined ? String(match[Number(digit)] ?? '') : all === '\\&' ? '&' : other !== undefined ? other : String(match[0]),
          )
        })
      }
      case 'match': {
        const found = regexOf(yield* this.patternOf(args[1]!)).exec(yield* text(0))
        this.setVariable('RSTART', found === null ? 0 : found.index + 1)
        this.setVariable('RLENGTH', found === null ? -1 : found[0].length)
        return found === null ? 0 : found.index + 1
      }
      case 'sprintf': {
        const values: AwkValue[] = []
        for (const argument of args.slice(1)) values.push((yield* this.value(argument)) ?? '')
        return this.format(yield* text(0), values)
      }
      case 'tolower':
        return (yield* text(0)).toLowerCase()
      case 'toupper':
        return (yield* text(0)).toUpperCase()
      case 'sin':
        return Math.sin(yield* number(0))
      case 'cos':
        return Math.cos(yield* number(0))
      case 'atan2':
        return Math.atan2(yield* number(0), yield* number(1))
      case 'exp':
        return Math.exp(yield* number(0))
      case 'log':
        return Math.log(yield* number(0))
      case 'sqrt':
        return Math.sqrt(yield* number(0))
      case 'int':
        return Math.trunc(yield* number(0))
      case 'rand':
        return this.process.random.next32() / 4294967296
      case 'srand': {
        const before = this.seed
        this.seed = first === undefined ? Math.floor(this.process.realtimeUsec / 1e6) : yield* number(0)
        return before
      }
      case 'systime':
        return Math.floor(this.process.realtimeUsec / 1e6)
      case 'strftime': {
        const seconds = args[1] === undefined ? Math.floor(this.process.realtimeUsec / 1e6) : Math.trunc(yield* number(1))
        return strftime(first === undefined ? '%c' : yield* text(0), gmtime(seconds), seconds * 1e6)
      }
      case 'mktime':
        return -1
      case 'system': {
        yield* this.flushAll()
        const pid = yield* this.spawn(yield* text(0), undefined)
        return pid === undefined ? -1 : yield* this.wait(pid)
      }
      case 'close':
        return yield* this.close(yield* text(0))
      case 'fflush':
        yield* this.flushAll()
        return 0
      default:
        throw new AwkFatal(`function ${name} never defined`)
    }
  }

  private *substitute(args: readonly AwkExpression[], global: boolean): Syscall<number> {
    const pattern = yield* this.patternOf(args[0]!)
    const replacement = this.text(yield* this.value(args[1]!))
    const target: AwkExpression = args[2] ?? { kind: 'field', index: { kind: 'number', value: 0 } }
    const source = this.text(yield* this.value(target))
    let count = 0
    const result = source.replace(regexOf(pattern, 'g'), (found: string) => {
      if (!global && count > 0) return found
      count += 1
      return replacement.replace(/\\\\&|\\&|&/g, (mark) => (mark === '&' ? found : mark === '\\&' ? '&' : `\\${found}`))
    })
    if (count > 0) yield* this.assign(target, result)
    return count
  }

  // ------------------------------------------------------------ input

  private reader(fd: number): LineReader | RecordReader {
    const separator = () => this.text(this.globals.get('RS') as AwkValue)
    return separator() === '\n' ? new LineReader(this.process, fd) : new RecordReader(this.process, fd, separator)
  }

  /** The next main record; false when all files are read. */
  private *nextRecord(): Syscall<string | undefined> {
    for (;;) {
      if (this.input === undefined && !(yield* this.openNext())) return undefined
      const line = yield* this.input!.next()
      if (line !== undefined) return line
      if (this.inputFd !== 0) yield* this.process.close(this.inputFd)
      this.input = undefined
    }
  }

  private *openNext(): Syscall<boolean> {
    for (;;) {
      const count = toNumber(this.globals.get('ARGC') as AwkValue)
      if (this.argumentAt >= count) {
        if (this.usedFile) return false
        this.usedFile = true
        this.input = this.reader(0)
        this.inputFd = 0
        return true
      }
      const item = this.array('ARGV').get(String(this.argumentAt++))
      const word = this.text(item)
      if (item === undefined || word === '') continue
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(word)
      if (assignment !== null) {
        this.assignText(assignment[1]!, assignment[2]!)
        continue
      }
      this.usedFile = true
      const fd = word === '-' ? 0 : yield* this.process.open(word, O_RDONLY)
      this.globals.set('FILENAME', word)
      this.globals.set('FNR', 0)
      if (isErrno(fd)) {
        yield* this.flushAll()
        yield* this.process.write(2, `${this.process.argv[0]}: cannot open "${word}" (${fd.message})\n`)
        this.exitStatus = 2
        continue
      }
      this.inputFd = fd
      this.input = this.reader(fd)
      return true
    }
  }

  private countRecord(): void {
    this.globals.set('NR', toNumber(this.globals.get('NR') as AwkValue) + 1)
    this.globals.set('FNR', toNumber(this.globals.get('FNR') as AwkValue) + 1)
  }

  private *getline(expression: Extract<AwkExpression, { kind: 'getline' }>): Syscall<number> {
    let line: string | undefined
    if (expression.from === 'input') {
      line = yield* this.nextRecord()
      if (line !== undefined) this.countRecord()
    } else {
      const name = this.text(yield* this.value(expression.source!))
      const key = `${expression.from}:${name}`
      let source = this.sources.get(key)
      if (source === undefined) {
        if (expression.from === 'file') {
          const fd = name === '-' || name === '/dev/stdin' ? 0 : yield* this.process.open(name, O_RDONLY)
          if (isErrno(fd)) return -1
          source = { reader: this.reader(fd), fd, pid: undefined }
        } else {
          yield* this.flushAll()
          const pipe = yield* this.process.pipe()
          if (isErrno(pipe)) return -1
          const pid = yield* this.spawn(name, { fd: 1, use: pipe[1], close: pipe[0] })
          yield* this.process.close(pipe[1])
          source = { reader: this.reader(pipe[0]), fd: pipe[0], pid }
        }
        this.sources.set(key, source)
      }
      line = yield* source.reader.next()
      if (line !== undefined && expression.from === 'command') this.globals.set('NR', toNumber(this.globals.get('NR') as AwkValue) + 1)
    }
    if (line === undefined) return 0
    if (expression.target === undefined) this.setRecord(line)
    else yield* this.assign(expression.target, { text: line })
    return 1
  }

  private *spawn(
    command: string,
    pipe: { readonly fd: number; readonly use: number; readonly close: number } | undefined,
  ): Syscall<number | undefined> {
    const pid = yield* this.process.fork(function* (child) {
      if (pipe !== undefined) {
        yield* child.close(pipe.close)
        yield* child.dup2(pipe.use, pipe.fd)
        yield* child.close(pipe.use)
      }
      yield* child.exec('/bin/sh', ['sh', '-c', command], child.env)
      return 127
    })
    return isErrno(pid) ? undefined : pid
  }

  private *wait(pid: number): Syscall<number> {
    for (;;) {
      const result = yield* this.process.waitpid(pid)
      if (result === undefined || result === errno.EINTR) continue
      if (isErrno(result)) return -1
      return result.how === 'exited' ? result.status : 'signal' in result ? 256 + result.signal : 0
    }
  }

  private *close(name: string): Syscall<number> {
    const stream = this.streams.get(name)
    if (stream !== undefined) {
      yield* stream.output.flush()
      yield* this.process.close(stream.fd)
      this.streams.delete(name)
      return stream.pid === undefined ? 0 : yield* this.wait(stream.pid)
    }
    for (const kind of ['file', 'command']) {
      const source = this.sources.get(`${kind}:${name}`)
      if (source === undefined) continue
      if (source.fd !== 0) yield* this.process.close(source.fd)
      this.sources.delete(`${kind}:${name}`)
      return source.pid === undefined ? 0 : yield* this.wait(source.pid)
    }
    return -1
  }

  private *flushAll(): Syscall<void> {
    yield* this.out.flush()
    for (const stream of this.streams.values()) yield* stream.output.flush()
  }

  // ------------------------------------------------------------ statements

  private *outputFor(redirect: '>' | '>>' | '|' | undefined, target: AwkExpression | undefined): Syscall<Output> {
    if (redirect === undefined || target === undefined) return this.out
    const name = this.text(yield* this.value(target))
    if (redirect !== '|' && (name === '/dev/stdout' || name === '-')) return this.out
    const known = this.streams.get(name)
    if (known !== undefined) return known.output
    let stream: Stream
    if (redirect === '|') {
      yield* this.flushAll()
      const pipe = yield* this.process.pipe()
      if (isErrno(pipe)) throw new AwkFatal(`cannot open pipe "${name}" (${pipe.message})`)
      const pid = yield* this.spawn(name, { fd: 0, use: pipe[0], close: pipe[1] })
      yield* this.process.close(pipe[0])
      stream = { output: new Output(this.process, pipe[1]), fd: pipe[1], pid }
    } else {
      const fd =
        name === '/dev/stderr' ? 2 : yield* this.process.open(name, O_WRONLY | O_CREAT | (redirect === '>' ? O_TRUNC : O_APPEND), 0o666)
      if (isErrno(fd)) throw new AwkFatal(`cannot open "${name}" for output (${fd.message})`)
      stream = { output: new Output(this.process, fd), fd, pid: undefined }
    }
    this.streams.set(name, stream)
    return stream.output
  }

  private *print(statement: Extract<AwkStatement, { kind: 'print' }>): Syscall<void> {
    const values: AwkValue[] = []
    for (const argument of statement.args) values.push((yield* this.value(argument)) ?? '')
    const output = yield* this.outputFor(statement.redirect, statement.target)
    if (statement.format) yield* output.print(this.format(this.text(values[0]), values.slice(1)))
    else {
      const texts = values.length === 0 ? [this.record] : values.map((value) => this.text(value, 'OFMT'))
      yield* output.print(texts.join(this.text(this.globals.get('OFS') as AwkValue)) + this.text(this.globals.get('ORS') as AwkValue))
    }
    if (output.fd === 2) yield* output.flush()
    if (output.failure !== undefined) this.flow = 'exit'
  }

  private *loop(body: AwkStatement): Syscall<boolean> {
    yield* this.execute(body)
    if (this.flow === 'break') {
      this.flow = undefined
      return false
    }
    if (this.flow === 'continue') this.flow = undefined
    return this.flow === undefined
  }

  private *execute(statement: AwkStatement): Syscall<void> {
    switch (statement.kind) {
      case 'expression':
        yield* this.value(statement.expression)
        return
      case 'print':
        return yield* this.print(statement)
      case 'block':
        for (const one of statement.body) {
          yield* this.execute(one)
          if (this.flow !== undefined) return
        }
        return
      case 'if':
        if (this.truth(yield* this.value(statement.test))) yield* this.execute(statement.body)
        else if (statement.otherwise !== undefined) yield* this.execute(statement.otherwise)
        return
      case 'while':
        while (this.truth(yield* this.value(statement.test))) {
          if (!(yield* this.loop(statement.body))) return
          yield* this.pay()
        }
        return
      case 'do':
        do {
          if (!(yield* this.loop(statement.body))) return
          yield* this.pay()
        } while (this.truth(yield* this.value(statement.test)))
        return
      case 'for':
        if (statement.start !== undefined) yield* this.execute(statement.start)
        while (statement.test === undefined || this.truth(yield* this.value(statement.test))) {
          if (!(yield* this.loop(statement.body))) return
          if (statement.step !== undefined) yield* this.execute(statement.step)
          yield* this.pay()
        }
        return
      case 'each':
        for (const key of [...this.array(statement.array).keys()]) {
          this.setVariable(statement.variable, { text: key })
          if (!(yield* this.loop(statement.body))) return
        }
        return
      case 'delete': {
        const array = this.array(statement.name)
        if (statement.subscripts === undefined) array.clear()
        else array.delete(yield* this.subscript(statement.subscripts))
        return
      }
      case 'exit':
        if (statement.value !== undefined) this.exitStatus = Math.trunc(toNumber(yield* this.value(statement.value))) & 255
        this.flow = 'exit'
        return
      case 'return':
        this.result = statement.value === undefined ? undefined : yield* this.value(statement.value)
        this.flow = 'return'
        return
      default:
        this.flow = statement.kind
    }
  }

  /** A loop costs processor time and lets others run. */
  private *pay(): Syscall<void> {
    this.owed += 1
    if (this.owed < 500) return
    this.owed = 0
    yield* this.process.compute(100)
  }
  private owed = 0

  private *rules(): Syscall<void> {
    for (const { pattern, body } of this.program.rules) {
      if (pattern.kind === 'begin' || pattern.kind === 'end') continue
      let chosen = true
      if (pattern.kind === 'test') chosen = this.truth(yield* this.value(pattern.test))
      else if (pattern.kind === 'range') {
        chosen = pattern.active || this.truth(yield* this.value(pattern.from))
        if (chosen) pattern.active = !this.truth(yield* this.value(pattern.to))
      }
      if (!chosen) continue
      if (body === undefined) yield* this.print({ kind: 'print', format: false, args: [], redirect: undefined, target: undefined })
      else yield* this.execute(body)
      if (this.flow !== undefined) return
    }
  }

  private *phase(kind: 'begin' | 'end'): Syscall<void> {
    for (const { pattern, body } of this.program.rules) {
      if (pattern.kind !== kind || body === undefined) continue
      yield* this.execute(body)
      if (this.flow === 'exit') return
      this.flow = undefined
    }
  }

  *run(): Syscall<number> {
    yield* this.phase('begin')
    const reads = this.program.rules.some(({ pattern }) => pattern.kind !== 'begin')
    if (this.flow !== 'exit' && reads) {
      for (let line = yield* this.nextRecord(); line !== undefined; line = yield* this.nextRecord()) {
        this.countRecord()
        this.setRecord(line)
        yield* this.rules()
        const flow = this.flow as Flow | undefined
        this.flow = undefined
        if (flow === 'exit') {
          this.flow = 'exit'
          break
        }
        if (flow === 'nextfile') {
          if (this.inputFd !== 0) yield* this.process.close(this.inputFd)
          this.input = undefined
        }
        yield* this.pay()
      }
    }
    const failed = this.out.failure !== undefined
    this.flow = undefined
    if (!failed) yield* this.phase('end')
    yield* this.flushAll()
    for (const name of [...this.streams.keys()]) yield* this.close(name)
    for (const key of [...this.sources.keys()]) yield* this.close(key.slice(key.indexOf(':') + 1))
    return this.exitStatus
  }

  *flush(): Syscall<void> {
    yield* this.flushAll()
  }
}
