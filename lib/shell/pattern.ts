// Pattern matching after bash(1), Pattern Matching: * ? [...] and the extended operators. A backslash quotes the next character.

type PatternNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'set'; readonly regex: string }
  | { readonly kind: 'group'; readonly operator: string; readonly alternatives: readonly (readonly PatternNode[])[] }

export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
const escapeClass = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}

/** The bracket expression at `start`, as a regular expression, with the index after it. */
export function readBracket(pattern: string, start: number): { regex: string; next: number } | undefined {
  let at = start + 1
  const negated = pattern[at] === '!' || pattern[at] === '^'
  if (negated) at += 1
  let body = ''
  let first = true
  for (;;) {
    const character = pattern[at]
    if (character === undefined) return undefined
    if (character === ']' && !first) break
    first = false
    const named = /^\[([:.=])(.*?)\1\]/s.exec(pattern.slice(at))
    if (named !== null) {
      body += named[1] === ':' ? (classes[named[2]!] ?? '') : escapeClass(named[2]!)
      at += named[0].length
      continue
    }
    let literal = character
    if (character === '\\' && at + 1 < pattern.length) {
      at += 1
      literal = pattern[at]!
    }
    at += 1
    if (pattern[at] === '-' && pattern[at + 1] !== undefined && pattern[at + 1] !== ']') {
      let end = pattern[at + 1]!
      at += 2
      if (end === '\\' && at < pattern.length) {
        end = pattern[at]!
        at += 1
      }
      if (literal <= end) body += `${escapeClass(literal)}-${escapeClass(end)}`
      continue
    }
    body += escapeClass(literal)
  }
  if (body === '') return { regex: negated ? '[^]' : '[]', next: at + 1 }
  return { regex: `[${negated ? '^' : ''}${body}]`, next: at + 1 }
}

function parseNodes(pattern: string, extended: boolean, start: number, closers: string): { nodes: PatternNode[]; next: number } {
  const nodes: PatternNode[] = []
  let text = ''
  const flush = () => {
    if (text !== '') nodes.push({ kind: 'text', text })
    text = ''
  }
  let at = start
  while (at < pattern.length && !closers.includes(pattern[at]!)) {
    const character = pattern[at]!
    if (character === '\\') {
      text += pattern[at + 1] ?? '\\'
      at += 2
    } else if (extended && pattern[at + 1] === '(' && '?*+@!'.includes(character)) {
      const alternatives: PatternNode[][] = []
      let position = at + 2
      for (;;) {
        const inner = parseNodes(pattern, extended, position, '|)')
        alternatives.push(inner.nodes)
        position = inner.next + 1
        if (pattern[inner.next] !== '|') break
      }
      flush()
      nodes.push({ kind: 'group', operator: character, alternatives })
      at = position
    } else if (character === '*') {
      flush()
      if (nodes.at(-1)?.kind !== 'any') nodes.push({ kind: 'any' })
      at += 1
    } else if (character === '?') {
      flush()
      nodes.push({ kind: 'one' })
      at += 1
    } else if (character === '[') {
      const bracket = readBracket(pattern, at)
      if (bracket === undefined) {
        text += '['
        at += 1
      } else {
        flush()
        nodes.push({ kind: 'set', regex: bracket.regex })
        at = bracket.next
      }
    } else {
      text += character
      at += 1
    }
  }
  flush()
  return { nodes, next: at }
}

function regexOf(nodes: readonly PatternNode[], rest: string, lazy: boolean): string {
  let result = rest
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!
    if (node.kind === 'text') result = escapeRegex(node.text) + result
    else if (node.kind === 'any') result = `[^]*${lazy ? '?' : ''}${result}`
    else if (node.kind === 'one') result = `[^]${result}`
    else if (node.kind === 'set') result = node.regex + result
    else {
      const alternatives = node.alternatives.map((one) => regexOf(one, '', lazy)).join('|')
      if (node.operator === '!') result = `(?:(?!(?:${alternatives})${result}$)[^]*)${result}`
      else result = `(?:${alternatives})${node.operator === '@' ? '' : node.operator}${result}`
    }
  }
  return result
}

const compiled = new Map<string, RegExp>()

export type PatternOptions = { readonly extended?: boolean; readonly ignoreCase?: boolean }

/** The pattern's regular expression without anchors. */
export function patternRegex(pattern: string, options: PatternOptions = {}): string {
  return regexOf(parseNodes(pattern, options.extended ?? true, 0, '').nodes, '', false)
}

export function compilePattern(pattern: string, options: PatternOptions = {}): RegExp {
  const key = `${options.extended === false ? 'b' : 'e'}${options.ignoreCase === true ? 'i' : ''}:${pattern}`
  let regex = compiled.get(key)
  if (regex === undefined) {
    regex = new RegExp(`^(?:${patternRegex(pattern, options)})$`, options.ignoreCase === true ? 'ui' : 'u')
    if (compiled.size > 500) compiled.clear()
    compiled.set(key, regex)
  }
  return regex
}

export function matchesPattern(pattern: string, text: string, options: PatternOptions = {}): boolean {
  return compilePattern(pattern, options).test(text)
}

/** Whether text (with backslash quoting) holds an active pattern character. */
export function hasPattern(pattern: string, extended: boolean): boolean {
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    if (character === '\\') at += 1
    else if (character === '*' || character === '?') return true
    else if (character === '[' && pattern.indexOf(']', at + 1) > 0) return true
    else if (extended && pattern[at + 1] === '(' && '+@!'.includes(character)) return true
  }
  return false
}

export const quotePattern = (text: string): string => text.replace(/[\\*?[\]()|!+@^-]/g, '\\$&')
export const unquotePattern = (pattern: string): string => pattern.replace(/\\(.?)/gs, '$1')

/** ${value#pattern} and friends. */
export function removeMatch(value: string, pattern: string, operator: '#' | '##' | '%' | '%%', options: PatternOptions): string {
  const matcher = compilePattern(pattern, options)
  const length = value.length
  if (operator === '#' || operator === '##') {
    for (let step = 0; step <= length; step++) {
      const size = operator === '#' ? step : length - step
      if (matcher.test(value.slice(0, size))) return value.slice(size)
    }
  } else {
    for (let step = 0; step <= length; step++) {
      const from = operator === '%' ? length - step : step
      if (matcher.test(value.slice(from))) return value.slice(0, from)
    }
  }
  return value
}

/** ${value/pattern/replacement}: the longest match from the left. */
export function replaceMatch(
  value: string,
  pattern: string,
  operator: '/' | '//' | '/#' | '/%',
  replacement: (matched: string) => string,
  options: PatternOptions,
): string {
  if (pattern === '') return operator === '/#' ? replacement('') + value : operator === '/%' ? value + replacement('') : value
  const body = patternRegex(pattern, options)
  const flags = `u${options.ignoreCase === true ? 'i' : ''}`
  if (operator === '/#') return value.replace(new RegExp(`^(?:${body})`, flags), replacement)
  if (operator === '/%') {
    const matcher = compilePattern(pattern, options)
    for (let from = 0; from <= value.length; from++) {
      if (matcher.test(value.slice(from))) return value.slice(0, from) + replacement(value.slice(from))
    }
    return value
  }
  const regex = new RegExp(body, `${flags}g`)
  let result = ''
  let at = 0
  for (const match of value.matchAll(regex)) {
    if (match[0] === '' && value !== '') continue
    result += value.slice(at, match.index) + replacement(match[0])
    at = match.index + match[0].length
    if (operator === '/') break
  }
  return result + value.slice(at)
}
