// After fnmatch(3) and glob(3).
import type { FileReader } from './file-reader'

export type GlobOptions = {
  /** `*`, `?` and brackets do not match `/` (FNM_PATHNAME). */
  readonly pathname?: boolean
  /** A leading dot, of the text or after a slash, must be written (FNM_PERIOD). */
  readonly period?: boolean
  readonly casefold?: boolean
  /** A backslash is an ordinary character (FNM_NOESCAPE). */
  readonly noEscape?: boolean
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t\\n\\v\\f\\r',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
}

/** `-` needs its backslash in brackets only, and may have it nowhere else. */
const literal = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
const inBrackets = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** The bracket expression at `start` as a regular expression and where it ends; `undefined` when it does not end. */
function bracket(pattern: string, start: number, options: GlobOptions): { readonly source: string; readonly end: number } | undefined {
  let at = start + 1
  const negated = pattern[at] === '!' || pattern[at] === '^'
  if (negated) at += 1
  let body = ''
  for (let first = true; ; first = false) {
    const char = pattern[at]
    if (char === undefined) return undefined
    if (char === ']' && !first) break
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at))
    if (named !== null) {
      body += CLASSES[named[1]!] ?? ''
      at += named[0].length
      continue
    }
    const read = (): string => {
      if (pattern[at] === '\\' && !options.noEscape && at + 1 < pattern.length) at += 1
      const one = pattern[at]!
      at += 1
      return one
    }
    const low = read()
    if (pattern[at] === '-' && pattern[at + 1] !== ']' && pattern[at + 1] !== undefined) {
      at += 1
      const high = read()
      if (low <= high) body += `${inBrackets(low)}-${inBrackets(high)}`
    } else body += inBrackets(low)
  }
  const notSlash = options.pathname ? '(?!\\/)' : ''
  if (body === '') return { source: negated ? `${notSlash}[\\s\\S]` : '(?!)', end: at + 1 }
  return { source: `${notSlash}[${negated ? '^' : ''}${body}]`, end: at + 1 }
}

const compiled = new Map<string, RegExp>()

function compile(pattern: string, options: GlobOptions): RegExp {
  const any = options.pathname ? '[^/]' : '[\\s\\S]'
  let source = '^'
  let atStart = true
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!
    const noDot = options.period && atStart ? '(?!\\.)' : ''
    atStart = false
    if (char === '*') {
      while (pattern[at] === '*') at += 1
      source += `${noDot}${any}*`
    } else if (char === '?') {
      source += `${noDot}${any}`
      at += 1
    } else if (char === '[') {
      const found = bracket(pattern, at, options)
      source += found ? noDot + found.source : '\\['
      at = found ? found.end : at + 1
    } else if (char === '\\' && !options.noEscape) {
      if (at + 1 >= pattern.length) source += '(?!)'
      else source += literal(pattern[at + 1]!)
      at += 2
    } else {
      source += literal(char)
      atStart = char === '/' && options.pathname === true
      at += 1
    }
  }
  return new RegExp(`${source}$`, options.casefold ? 'iu' : 'u')
}

/** As fnmatch(3). */
export function globMatches(pattern: string, text: string, options: GlobOptions = {}): boolean {
  const key = `${options.pathname ? 'p' : ''}${options.period ? '.' : ''}${options.casefold ? 'i' : ''}${options.noEscape ? 'e' : ''}:${pattern}`
  let regexp = compiled.get(key)
  if (regexp === undefined) {
    regexp = compile(pattern, options)
    if (compiled.size > 500) compiled.clear()
    compiled.set(key, regexp)
  }
  return regexp.test(text)
}

export const hasGlobChars = (text: string): boolean => /[*?[]/.test(text)

/** `a{b,c}d` becomes `abd`, `acd`; braces may nest; `{}` stays. */
export function expandBraces(pattern: string): readonly string[] {
  for (let open = pattern.indexOf('{'); open >= 0; open = pattern.indexOf('{', open + 1)) {
    if (pattern[open + 1] === '}') continue
    let depth = 0
    const cuts = [open]
    let close = -1
    for (let at = open; at < pattern.length; at++) {
      const char = pattern[at]
      if (char === '\\') at += 1
      else if (char === '{') depth += 1
      else if (char === ',' && depth === 1) cuts.push(at)
      else if (char === '}') {
        depth -= 1
        if (depth === 0) {
          close = at
          break
        }
      }
    }
    if (close < 0) return [pattern]
    cuts.push(close)
    const parts = cuts.slice(0, -1).map((cut, index) => pattern.slice(cut + 1, cuts[index + 1]))
    return parts.flatMap((part) => expandBraces(pattern.slice(0, open) + part + pattern.slice(close + 1)))
  }
  return [pattern]
}

/** Paths that match, as glob(3) with GLOB_BRACE finds them; dangling links count. */
export function expandGlob(reader: FileReader, pattern: string): readonly string[] {
  const walk = (base: string, parts: readonly string[]): readonly string[] => {
    const [part, ...rest] = parts
    if (part === undefined) return [base === '' ? '/' : base]
    if (part === '') return walk(base, rest)
    if (!hasGlobChars(part)) {
      const path = `${base}/${part.replace(/\\(.)/g, '$1')}`
      if (reader.linkStatus(path) === undefined) return []
      return rest.length > 0 && reader.status(path)?.kind !== 'directory' ? [] : walk(path, rest)
    }
    const names = reader.readDirectory(base === '' ? '/' : base) ?? []
    return names
      .filter((name) => globMatches(part, name, { period: true, pathname: true }))
      .flatMap((name) => {
        const path = `${base}/${name}`
        if (rest.length > 0 && reader.status(path)?.kind !== 'directory') return []
        return walk(path, rest)
      })
  }
  return expandBraces(pattern).flatMap((one) => walk('', one.split('/')))
}
