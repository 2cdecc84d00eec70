// A piece of shell text with its tree. Parsing is by `unbash`; trees are kept, since loops and services run the same text again.
import { parse } from 'unbash'
import type { HereDoc, ParsedScript, SyntaxNode, Word, DoubleQuotedPart } from 'unbash'
import { forEachChild } from 'unbash'

export type Source = {
  readonly text: string
  readonly script: ParsedScript
  /** Line number of the first line, as messages give it. */
  readonly firstLine: number
  readonly lineStarts: readonly number[]
}

const cacheLimit = 500
const cache = new Map<string, Source>()

function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

export function parseSource(text: string, firstLine = 1): Source {
  const key = `${firstLine}:${text}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const source: Source = { text, script: parse(text), firstLine, lineStarts: lineStartsOf(text) }
  if (cache.size >= cacheLimit) cache.delete(cache.keys().next().value ?? '')
  cache.set(key, source)
  return source
}

const nested = new WeakMap<ParsedScript, Source>()

/** The source that a substitution's tree points into: its own when it was decoded from backquotes. */
export function sourceOf(script: ParsedScript, around: Source): Source {
  if (script.source === undefined) return around
  let source = nested.get(script)
  if (source === undefined) {
    source = { text: script.source, script, firstLine: 1, lineStarts: lineStartsOf(script.source) }
    nested.set(script, source)
  }
  return source
}

export function lineAt(source: Source, pos: number): number {
  const starts = source.lineStarts
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= pos) low = middle
    else high = middle - 1
  }
  return source.firstLine + low
}

const words = new Map<string, Word>()

/** Reads text as one word (after brace expansion, or an array element's value). */
export function parseWord(text: string): Word {
  let word = words.get(text)
  if (word === undefined) {
    const command = parse(`: ${text}`).commands[0]?.command
    const found = command?.type === 'Command' ? command.suffix[0] : undefined
    word = found?.type === 'Word' ? found : { type: 'Word', text, value: text, pos: 0, end: text.length }
    if (words.size >= cacheLimit) words.clear()
    words.set(text, word)
  }
  return word
}

/** Reads text as the inside of double quotes. */
export function parseQuoted(text: string): DoubleQuotedPart | undefined {
  const part = parseWord(`"${text}"`).parts?.[0]
  return part?.type === 'DoubleQuoted' ? part : undefined
}

export type SyntaxProblem = {
  /** More lines may complete it. */
  readonly incomplete: boolean
  /** Bash's message, without the name before it. */
  readonly message: string
  readonly pos: number
  /** Bash quotes the offending line after it. */
  readonly quoteLine: boolean
}

function tokenAt(text: string, pos: number): string {
  let at = pos
  while (text[at] === ' ' || text[at] === '\t') at += 1
  if (at >= text.length || text[at] === '\n') return 'newline'
  const operator = /^(?:;;&|;;|;&|&&|\|\||\|&|&>>|&>|<<<|<<-|<<|>>|<&|>&|<>|>\||[;&|()<>])/.exec(text.slice(at, at + 3))
  if (operator !== null) return operator[0]
  return /^[^\s;&|()<>]+/.exec(text.slice(at))?.[0] ?? 'newline'
}

const unterminated: readonly (readonly [start: string, quote: string])[] = [
  ['unterminated double quote', '"'],
  ['unterminated single quote', "'"],
  ['unterminated ANSI-C quote', "'"],
  ['unterminated backtick', '`'],
  ['unterminated parameter expansion', '}'],
  ['unterminated', ')'],
]

function openHereDoc(node: SyntaxNode): HereDoc | undefined {
  if (node.type === 'HereDoc' && node.closing === undefined) return node
  let found: HereDoc | undefined
  forEachChild(node, (child) => {
    found ??= openHereDoc(child)
  })
  return found
}

/** A here-document whose end is not there yet. */
export function unclosedHereDoc(source: Source): HereDoc | undefined {
  return source.text.includes('<<') ? openHereDoc(source.script) : undefined
}

/** What is wrong with the text, in bash's words. */
export function syntaxProblem(source: Source): SyntaxProblem | undefined {
  const error = source.script.errors?.[0]
  if (error === undefined) return undefined
  const { text } = source
  const open = unterminated.find(([start]) => error.message.startsWith(start))
  if (open !== undefined) {
    return { incomplete: true, message: `unexpected EOF while looking for matching \`${open[1]}'`, pos: error.pos, quoteLine: false }
  }
  const unexpected = /^unexpected token '(.*)'$/s.exec(error.message)
  const rest = text.slice(error.pos).trim()
  if (unexpected === null && rest === '' && error.message.startsWith('expected')) {
    return { incomplete: true, message: 'syntax error: unexpected end of file', pos: text.length, quoteLine: false }
  }
  const token = unexpected?.[1] ?? tokenAt(text, error.pos)
  return {
    incomplete: false,
    message: `syntax error near unexpected token \`${token === '\n' ? 'newline' : token}'`,
    pos: error.pos,
    quoteLine: true,
  }
}
