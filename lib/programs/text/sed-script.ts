// After sed(1): scripts are read into commands.
import { extendedRegex } from '@/lib/shell'
import { basicToExtended } from '../coreutils/expr'

export type SedAddress =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  /** Undefined: the expression used last. */
  | { readonly kind: 'regex'; readonly regex: RegExp | undefined }
  | { readonly kind: 'plus'; readonly count: number }
  | { readonly kind: 'multiple'; readonly of: number }

export type Replacement = readonly (string | { readonly group: number } | { readonly change: 'L' | 'U' | 'l' | 'u' | 'E' })[]

export type SedCommand = {
  readonly name: string
  readonly from: SedAddress | undefined
  readonly to: SedAddress | undefined
  readonly negated: boolean
  readonly text: string
  readonly regex: RegExp | undefined
  readonly replacement: Replacement
  readonly global: boolean
  readonly occurrence: number
  readonly print: boolean
  readonly file: string | undefined
  readonly map: ReadonlyMap<string, string>
  /** Index to jump to: the end of a block, or a label. */
  target: number
  /** Of an address range: the line where it ends while inside. */
  inside: boolean
  endLine: number
}

export class SedProblem extends Error {}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', a: '\x07', f: '\f', v: '\v', r: '\r' }

export class SedReader {
  private readonly source: string
  private readonly extended: boolean
  private at = 0
  readonly commands: SedCommand[] = []
  private readonly blocks: number[] = []
  private readonly labels = new Map<string, number>()
  private readonly jumps: { command: SedCommand; label: string }[] = []
  private readonly expression: number

  constructor(source: string, extended: boolean, expression: number) {
    this.source = source
    this.extended = extended
    this.expression = expression
  }

  private fail(message: string): never {
    throw new SedProblem(`-e expression #${this.expression}, char ${this.at}: ${message}`)
  }

  private skip(pattern: RegExp): void {
    while (this.at < this.source.length && pattern.test(this.source[this.at]!)) this.at += 1
  }

  private regexOf(body: string, flags: string): RegExp | undefined {
    if (body === '') return undefined
    const extended = this.extended ? body : basicToExtended(body)
    const regex = extendedRegex(extended.replace(/\\n/g, '\n').replace(/\\t/g, '\t'), flags)
    return regex ?? this.fail('unterminated address regex')
  }

  /** Text up to a delimiter; `\` before the delimiter takes its meaning away. */
  private delimited(delimiter: string, regex: boolean): string | undefined {
    let text = ''
    let bracket = false
    while (this.at < this.source.length) {
      const character = this.source[this.at]!
      if (character === '\\') {
        const next = this.source[this.at + 1]
        this.at += 2
        if (next === undefined) return undefined
        text += next === delimiter ? (regex && /[.*[\]^$+?(){}|]/.test(delimiter) ? `\\${next}` : next) : `\\${next}`
        continue
      }
      if (character === '\n' && regex) return undefined
      if (regex && character === '[' && !bracket) {
        bracket = true
        text += character
        this.at += 1
        if (this.source[this.at] === '^') text += this.source[this.at++]
        if (this.source[this.at] === ']') text += this.source[this.at++]
        continue
      }
      if (bracket && character === ']') bracket = false
      else if (!bracket && character === delimiter) {
        this.at += 1
        return text
      } else if (bracket && character === delimiter && !this.source.slice(this.at).includes(']')) {
        this.at += 1
        return text
      }
      text += character
      this.at += 1
    }
    return undefined
  }

  private number(): number {
    const digits = /^\d+/.exec(this.source.slice(this.at))?.[0] ?? ''
    this.at += digits.length
    return Number(digits)
  }

  private address(): SedAddress | undefined {
    const character = this.source[this.at]
    if (character === undefined) return undefined
    if (/\d/.test(character)) {
      const line = this.number()
      if (this.source[this.at] !== '~') return { kind: 'line', line }
      this.at += 1
      return { kind: 'step', first: line, step: this.number() }
    }
    if (character === '$') {
      this.at += 1
      return { kind: 'last' }
    }
    if (character !== '/' && character !== '\\') return undefined
    const delimiter = character === '/' ? '/' : this.source[this.at + 1]!
    this.at += character === '/' ? 1 : 2
    const body = this.delimited(delimiter, true)
    if (body === undefined) this.fail('unterminated address regex')
    let flags = ''
    while (this.source[this.at] === 'I' || this.source[this.at] === 'M') flags += this.source[this.at++] === 'I' ? 'i' : 'm'
    return { kind: 'regex', regex: this.regexOf(body!, flags) }
  }

  private secondAddress(): SedAddress {
    const character = this.source[this.at]
    if (character === '+' || character === '~') {
      this.at += 1
      const value = this.number()
      return character === '+' ? { kind: 'plus', count: value } : { kind: 'multiple', of: value }
    }
    return this.address() ?? this.fail("unexpected `,'")
  }

  read(): void {
    for (;;) {
      this.skip(/[\s;]/)
      if (this.at >= this.source.length) break
      if (this.source[this.at] === '#') {
        while (this.at < this.source.length && this.source[this.at] !== '\n') this.at += 1
        continue
      }
      this.command()
    }
    if (this.blocks.length > 0) throw new SedProblem(`-e expression #${this.expression}, char 0: unmatched \`{'`)
    for (const { command, label } of this.jumps) {
      const target = label === '' ? this.commands.length : this.labels.get(label)
      if (target === undefined) throw new SedProblem(`can't find label for jump to \`${label}'`)
      command.target = target
    }
  }

  private command(): void {
    const from = this.address()
    let to: SedAddress | undefined
    this.skip(/\s/)
    if (from !== undefined && this.source[this.at] === ',') {
      this.at += 1
      this.skip(/\s/)
      to = this.secondAddress()
    }
    this.skip(/\s/)
    let negated = false
    while (this.source[this.at] === '!') {
      negated = true
      this.at += 1
      this.skip(/\s/)
    }
    const name = this.source[this.at]
    if (name === undefined) this.fail('missing command')
    this.at += 1
    if (from?.kind === 'line' && from.line === 0 && to?.kind !== 'regex') this.fail('invalid usage of line address 0')
    const base = {
      name: name!,
      from,
      to,
      negated,
      text: '',
      regex: undefined,
      replacement: [],
      global: false,
      occurrence: 1,
      print: false,
      file: undefined,
      map: new Map<string, string>(),
      target: 0,
      inside: false,
      endLine: 0,
    }
    const add = (more: Partial<SedCommand> = {}): SedCommand => {
      const command: SedCommand = { ...base, ...more }
      this.commands.push(command)
      return command
    }
    switch (name) {
      case '{':
        this.blocks.push(this.commands.length)
        add()
        return
      case '}': {
        if (from !== undefined) this.fail('} does not want any addresses')
        const open = this.blocks.pop()
        if (open === undefined) this.fail("unexpected `}'")
        this.commands[open!]!.target = this.commands.length
        this.endOfCommand()
        return
      }
      case ':':
        if (from !== undefined) this.fail(": doesn't want any addresses")
        this.skip(/[ \t]/)
        this.labels.set(this.word(), this.commands.length)
        return
      case 'b':
      case 't':
      case 'T': {
        this.skip(/[ \t]/)
        const label = this.word()
        this.jumps.push({ command: add(), label })
        return
      }
      case 'a':
      case 'i':
      case 'c':
        add({ text: this.textArgument() })
        return
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        this.skip(/[ \t]/)
        add({ file: this.line() })
        return
      case 's':
        this.substitution(add)
        return
      case 'y':
        this.transliteration(add)
        return
      case 'q':
      case 'Q':
      case 'l':
      case 'L': {
        this.skip(/[ \t]/)
        const digits = this.number()
        add({ text: String(digits) })
        this.endOfCommand()
        return
      }
      default:
        if (!'=dDgGhHnNpPxzF'.includes(name!)) this.fail(`unknown command: \`${name}'`)
        add()
        this.endOfCommand()
    }
  }

  private word(): string {
    const match = /^[^\s;}]*/.exec(this.source.slice(this.at))![0]
    this.at += match.length
    return match
  }

  private line(): string {
    const end = this.source.indexOf('\n', this.at)
    const text = this.source.slice(this.at, end < 0 ? undefined : end)
    this.at = end < 0 ? this.source.length : end + 1
    return text
  }

  private endOfCommand(): void {
    this.skip(/[ \t]/)
    const next = this.source[this.at]
    if (next === undefined || next === '\n' || next === ';' || next === '}' || next === '#') return
    this.at += 1
    this.fail('extra characters after command')
  }

  /** `a\` newline text, or the text on the same line. */
  private textArgument(): string {
    this.skip(/[ \t]/)
    if (this.source[this.at] === '\\') {
      this.at += 1
      this.skip(/[ \t]/)
      if (this.source[this.at] === '\n') this.at += 1
    }
    if (this.at >= this.source.length) this.fail("expected \\ after `a', `c' or `i'")
    let text = ''
    while (this.at < this.source.length && this.source[this.at] !== '\n') {
      if (this.source[this.at] === '\\' && this.at + 1 < this.source.length) {
        const next = this.source[this.at + 1]!
        text += next === 't' ? '\t' : next
        this.at += 2
      } else text += this.source[this.at++]
    }
    this.at += 1
    return `${text}\n`
  }

  private substitution(add: (more: Partial<SedCommand>) => SedCommand): void {
    const delimiter = this.source[this.at]
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\') this.fail("unterminated `s' command")
    this.at += 1
    const body = this.delimited(delimiter!, true)
    const to = body === undefined ? undefined : this.delimited(delimiter!, false)
    if (body === undefined || to === undefined) this.fail("unterminated `s' command")
    let [flags, global, occurrence, print, file]: [string, boolean, number, boolean, string | undefined] = ['', false, 1, false, undefined]
    for (;;) {
      const flag = this.source[this.at]
      if (flag === 'g') global = true
      else if (flag === 'p') print = true
      else if (flag === 'i' || flag === 'I') flags += 'i'
      else if (flag === 'm' || flag === 'M') flags += 'm'
      else if (flag === 'e') this.fail('not simulated here: the e flag')
      else if (flag !== undefined && /[1-9]/.test(flag)) {
        occurrence = this.number()
        continue
      } else if (flag === 'w') {
        this.at += 1
        this.skip(/[ \t]/)
        file = this.line()
        break
      } else break
      this.at += 1
    }
    if (file === undefined) {
      this.skip(/[ \t]/)
      const next = this.source[this.at]
      if (next !== undefined && next !== '\n' && next !== ';' && next !== '}' && next !== '#') {
        this.at += 1
        this.fail("unknown option to `s'")
      }
    }
    const regex = this.regexOf(body!, `g${flags}`)
    const replacement = this.replacement(to!)
    const groups = regex === undefined ? 9 : new RegExp(`${regex.source}|`).exec('')!.length - 1
    const highest = replacement.reduce((most, part) => (typeof part !== 'string' && 'group' in part ? Math.max(most, part.group) : most), 0)
    if (highest > groups) this.fail(`invalid reference \\${highest} on \`s' command's RHS`)
    add({ regex, replacement, global, occurrence, print, file })
  }

  private replacement(text: string): Replacement {
    const parts: Replacement[number][] = []
    let plain = ''
    const flush = () => {
      if (plain !== '') parts.push(plain)
      plain = ''
    }
    for (let at = 0; at < text.length; at++) {
      const character = text[at]!
      if (character === '&') {
        flush()
        parts.push({ group: 0 })
      } else if (character === '\\') {
        at += 1
        const next = text[at] ?? '\\'
        if (/\d/.test(next)) {
          flush()
          parts.push({ group: Number(next) })
        } else if ('LUluE'.includes(next)) {
          flush()
          parts.push({ change: next as 'L' | 'U' | 'l' | 'u' | 'E' })
        } else plain += escapes[next] ?? next
      } else plain += character
    }
    flush()
    return parts
  }

  private transliteration(add: (more: Partial<SedCommand>) => SedCommand): void {
    const delimiter = this.source[this.at]!
    this.at += 1
    const decode = (text: string | undefined) => [
      ...(text ?? this.fail("unterminated `y' command")).replace(/\\(.)/g, (_all, next: string) =>
        next === 'n' ? '\n' : next === 't' ? '\t' : next,
      ),
    ]
    const from = decode(this.delimited(delimiter, false))
    const to = decode(this.delimited(delimiter, false))
    if (from.length !== to.length) this.fail("strings for `y' command are different lengths")
    add({ map: new Map(from.map((one, index) => [one, to[index]!])) })
    this.endOfCommand()
  }
}
