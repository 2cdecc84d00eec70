// Word expansion after bash(1), EXPANSION: braces, tilde, parameters, commands, arithmetic, splitting, pathnames, quote removal.
import type { Syscall } from '@/lib/kernel'
import type { ArithmeticExpansionPart, HereDocBody, Word, WordPart } from 'unbash'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { parseQuoted, parseWord } from './source'
import { ArithmeticError, evaluateArithmetic } from './arithmetic'
import { expandBraces } from './brace'
import { hasPattern, quotePattern } from './pattern'
import { expandPathname } from './pathname'
import { expandParameter, expandSimple } from './parameter'
import { substituteCommand, substituteProcess } from './substitution'
import { arithmeticVariables, nameProblem } from './assignment'

/** `quoted`: as it is. `plain`: text of the script. `expanded`: a result, to be split. `nothing`: "$@" without arguments. */
export type Piece = { readonly text: string; readonly mode: 'quoted' | 'plain' | 'expanded' } | 'break' | 'nothing'

type CompiledWord = {
  /** No expansion at all: the word's value. */
  readonly literal: string | undefined
  readonly parts: readonly WordPart[] | undefined
  /** What brace expansion makes of it, when it does. */
  readonly braces: readonly Word[] | undefined
}

const compiledWords = new WeakMap<Word, CompiledWord>()

function compileWord(word: Word): CompiledWord {
  let compiled = compiledWords.get(word)
  if (compiled !== undefined) return compiled
  const parts = word.parts
  let braces: readonly Word[] | undefined
  if (parts?.some((part) => part.type === 'BraceExpansion') === true) {
    const texts = expandBraces(word.text)
    if (texts.length > 1 || texts[0] !== word.text) braces = texts.map((text) => (text === '' ? parseWord("''") : parseWord(text)))
  }
  const plain = parts === undefined && !word.text.includes('\\') && !word.text.includes('~')
  const single = parts?.length === 1 && parts[0]!.type === 'SingleQuoted' ? parts[0]!.value : undefined
  compiled = { literal: plain ? word.text : single, parts, braces }
  compiledWords.set(word, compiled)
  return compiled
}

// ---------------------------------------------------------------- tilde

function* homeOf(shell: Shell, user: string): Syscall<string | undefined> {
  if (user === '') {
    const home = shell.variables.get('HOME')
    if (home !== undefined) return home
  }
  if (user === '+') return shell.variables.get('PWD')
  if (user === '-') return shell.variables.get('OLDPWD')
  const passwd = shell.process.fileReader().readFile('/etc/passwd')
  if (passwd === undefined) return undefined
  const uid = String(shell.process.uid)
  for (const line of new TextDecoder().decode(passwd).split('\n')) {
    const fields = line.split(':')
    if (user === '' ? fields[2] === uid : fields[0] === user) return fields[5]
  }
  return undefined
}

function* expandTilde(shell: Shell, text: string, alone: boolean): Syscall<{ readonly home: string; readonly rest: string } | undefined> {
  const match = /^~([A-Za-z0-9_.+-]*)(.*)$/s.exec(text)
  if (match === null || (match[2] !== '' && match[2]![0] !== '/') || (match[2] === '' && !alone)) return undefined
  const home = yield* homeOf(shell, match[1]!)
  return home === undefined ? undefined : { home, rest: match[2]! }
}

// ---------------------------------------------------------------- parts to pieces

/** Text outside of quotes: a backslash quotes the next character. */
function pushUnquoted(text: string, out: Piece[]): void {
  let from = 0
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    if (at > from) out.push({ text: text.slice(from, at), mode: 'plain' })
    const next = text[at + 1]
    if (next === undefined) out.push({ text: '\\', mode: 'plain' })
    else if (next !== '\n') out.push({ text: next, mode: 'quoted' })
    from = at + 2
  }
  if (from < text.length) out.push({ text: text.slice(from), mode: 'plain' })
}

/** Text inside double quotes or a here-document. */
function unescapeQuoted(text: string, hereDoc: boolean): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([\s\S])/g, (all: string, next: string) =>
    next === '\n' ? '' : next === '$' || next === '`' || next === '\\' || (next === '"' && !hereDoc) ? next : all,
  )
}

function* expandParts(shell: Shell, parts: readonly WordPart[], quoted: boolean, out: Piece[], hereDoc = false): Syscall<void> {
  for (const part of parts) {
    switch (part.type) {
      case 'Literal':
        if (quoted) out.push({ text: unescapeQuoted(part.text, hereDoc), mode: 'quoted' })
        else pushUnquoted(part.text, out)
        break
      case 'Glob':
        if (part.kind === 'bracket' && part.parts.some((inner) => inner.type !== 'Literal')) {
          out.push({ text: '[', mode: 'plain' })
          yield* expandParts(shell, part.parts, quoted, out)
          out.push({ text: ']', mode: 'plain' })
        } else out.push({ text: part.text, mode: quoted ? 'quoted' : 'plain' })
        break
      case 'BraceExpansion':
        out.push({ text: part.text, mode: 'plain' })
        break
      case 'ExtendedGlob':
        if (part.parts === undefined || quoted) out.push({ text: part.text, mode: quoted ? 'quoted' : 'plain' })
        else {
          out.push({ text: `${part.operator}(`, mode: 'plain' })
          yield* expandParts(shell, part.parts, quoted, out)
          out.push({ text: ')', mode: 'plain' })
        }
        break
      case 'SingleQuoted':
        // Inside double quotes ("${x:-'y'}") the marks are ordinary text.
        out.push({ text: quoted ? part.text : part.value, mode: 'quoted' })
        break
      case 'AnsiCQuoted':
        out.push({ text: part.value, mode: 'quoted' })
        break
      case 'DoubleQuoted':
      case 'LocaleString': {
        const inner: Piece[] = []
        yield* expandParts(shell, part.parts, true, inner)
        if (!inner.includes('nothing')) out.push({ text: '', mode: 'quoted' })
        out.push(...inner)
        break
      }
      case 'SimpleExpansion':
        yield* expandSimple(shell, part.text.slice(1), quoted, out)
        break
      case 'ParameterExpansion':
        yield* expandParameter(shell, part, quoted, out)
        break
      case 'CommandExpansion':
        if (part.script !== undefined)
          out.push({ text: yield* substituteCommand(shell, part.script), mode: quoted ? 'quoted' : 'expanded' })
        break
      case 'ArithmeticExpansion':
        out.push({ text: String(yield* expandArithmetic(shell, part)), mode: quoted ? 'quoted' : 'expanded' })
        break
      case 'ProcessSubstitution':
        if (part.script !== undefined) out.push({ text: yield* substituteProcess(shell, part.script, part.operator), mode: 'quoted' })
        break
    }
  }
}

/** The pieces of a word. `quoted`: it stands inside double quotes (an operand of ${…}). */
export function* expandWordPieces(shell: Shell, word: Word, quoted: boolean, out: Piece[]): Syscall<void> {
  const compiled = compileWord(word)
  if (compiled.literal !== undefined) {
    const single = compiled.parts !== undefined
    out.push({ text: compiled.literal, mode: quoted || single ? 'quoted' : 'plain' })
    return
  }
  const { parts } = compiled
  if (parts === undefined) {
    const tilde = !quoted && word.text.startsWith('~') ? yield* expandTilde(shell, word.text, true) : undefined
    if (tilde !== undefined) {
      out.push({ text: tilde.home, mode: 'quoted' })
      pushUnquoted(tilde.rest, out)
    } else if (quoted) out.push({ text: unescapeQuoted(word.text, false), mode: 'quoted' })
    else pushUnquoted(word.text, out)
    return
  }
  const [first] = parts
  if (!quoted && first?.type === 'Literal' && first.text.startsWith('~')) {
    const tilde = yield* expandTilde(shell, first.text, false)
    if (tilde !== undefined) {
      out.push({ text: tilde.home, mode: 'quoted' })
      pushUnquoted(tilde.rest, out)
      yield* expandParts(shell, parts.slice(1), quoted, out)
      return
    }
  }
  yield* expandParts(shell, parts, quoted, out)
}

// ---------------------------------------------------------------- pieces to text, patterns, fields

function joinPieces(pieces: readonly Piece[], text: (piece: Exclude<Piece, string>) => string): string {
  let result = ''
  for (const piece of pieces) {
    if (piece === 'break') result += ' '
    else if (piece !== 'nothing') result += text(piece)
  }
  return result
}

/** Without splitting and pathname expansion: assignments, `case`, redirections of here-strings. */
export function* expandToText(shell: Shell, word: Word): Syscall<string> {
  const compiled = compileWord(word)
  if (compiled.literal !== undefined) return compiled.literal
  const pieces: Piece[] = []
  yield* expandWordPieces(shell, word, false, pieces)
  return joinPieces(pieces, (piece) => piece.text)
}

/** A value in an assignment: tilde is expanded after every colon too. */
export function* expandAssignmentText(shell: Shell, word: Word): Syscall<string> {
  if (word.parts !== undefined || !word.text.includes('~')) return yield* expandToText(shell, word)
  const result: string[] = []
  for (const segment of word.text.split(':')) {
    const tilde = segment.startsWith('~') ? yield* expandTilde(shell, segment, true) : undefined
    if (tilde !== undefined) result.push(tilde.home + tilde.rest.replace(/\\(.)/gs, '$1'))
    else result.push(segment.replace(/\\([\s\S])/g, '$1'))
  }
  return result.join(':')
}

/** A pattern: what is quoted matches only itself. */
export function* expandToPattern(shell: Shell, word: Word): Syscall<string> {
  const pieces: Piece[] = []
  yield* expandWordPieces(shell, word, false, pieces)
  return joinPieces(pieces, (piece) => (piece.mode === 'quoted' ? quotePattern(piece.text) : piece.text))
}

const regexQuote = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The right side of =~: what is quoted matches only itself. */
export function* expandToRegex(shell: Shell, word: Word): Syscall<string> {
  const pieces: Piece[] = []
  const { parts } = compileWord(word)
  if (parts === undefined) pieces.push({ text: word.text, mode: 'plain' })
  else {
    for (const part of parts) {
      if (part.type === 'Literal') pieces.push({ text: part.text, mode: 'plain' })
      else yield* expandParts(shell, [part], false, pieces)
    }
  }
  return joinPieces(pieces, (piece) => (piece.mode === 'quoted' ? regexQuote(piece.text) : piece.text))
}

export function* expandHereDoc(shell: Shell, body: HereDocBody): Syscall<string> {
  if (body.parts === undefined) return unescapeQuoted(body.text, true)
  const pieces: Piece[] = []
  yield* expandParts(shell, body.parts, true, pieces, true)
  return joinPieces(pieces, (piece) => piece.text)
}

/** Expands text as if it stood in double quotes (prompts, arithmetic). */
export function* expandQuotedText(shell: Shell, text: string): Syscall<string> {
  if (!/[$`\\]/.test(text)) return text
  const quoted = parseQuoted(text)
  if (quoted === undefined) return text
  const pieces: Piece[] = []
  yield* expandParts(shell, quoted.parts, true, pieces)
  return joinPieces(pieces, (piece) => piece.text)
}

type Field = { text: string; pattern: string; present: boolean; active: boolean }
const emptyField = (): Field => ({ text: '', pattern: '', present: false, active: false })

function splitFields(pieces: readonly Piece[], ifs: string): readonly Field[] {
  const fields: Field[] = []
  let field = emptyField()
  let delimiter: 'none' | 'space' | 'mark' = 'none'
  const finish = () => {
    if (field.present) fields.push(field)
    field = emptyField()
  }
  for (const piece of pieces) {
    if (piece === 'nothing') continue
    if (piece === 'break') {
      finish()
      delimiter = 'none'
      continue
    }
    if (piece.mode === 'quoted') {
      field.text += piece.text
      field.pattern += quotePattern(piece.text)
      field.present = true
      continue
    }
    if (piece.mode === 'plain') {
      field.text += piece.text
      field.pattern += piece.text
      field.present = true
      field.active = true
      continue
    }
    for (const character of piece.text) {
      if (!ifs.includes(character)) {
        field.text += character
        field.pattern += character
        field.present = true
        field.active = true
        delimiter = 'none'
      } else if (character === ' ' || character === '\t' || character === '\n') {
        if (field.present) {
          finish()
          delimiter = 'space'
        }
      } else {
        if (field.present) finish()
        else if (delimiter !== 'space') fields.push({ ...emptyField(), present: true })
        delimiter = 'mark'
      }
    }
  }
  finish()
  return fields
}

function* expandFields(shell: Shell, word: Word, out: string[]): Syscall<void> {
  const compiled = compileWord(word)
  if (compiled.braces !== undefined && shell.options.has('braceexpand')) {
    for (const one of compiled.braces) yield* expandFields(shell, one, out)
    return
  }
  if (compiled.literal !== undefined) {
    out.push(compiled.literal)
    return
  }
  const pieces: Piece[] = []
  yield* expandWordPieces(shell, word, false, pieces)
  const extended = shell.shopts.has('extglob')
  for (const field of splitFields(pieces, shell.variables.get('IFS') ?? ' \t\n')) {
    if (!field.active || shell.options.has('noglob') || !hasPattern(field.pattern, extended)) {
      out.push(field.text)
      continue
    }
    const paths = yield* expandPathname(shell, field.pattern)
    if (paths.length > 0) out.push(...paths)
    else if (shell.shopts.has('failglob')) {
      yield* shell.complain(`no match: ${field.text}`)
      throw new ShellError('discard', 1)
    } else if (!shell.shopts.has('nullglob')) out.push(field.text)
  }
}

/** All expansions: the fields that words become. */
export function* expandWords(shell: Shell, words: readonly Word[]): Syscall<string[]> {
  const out: string[] = []
  for (const word of words) yield* expandFields(shell, word, out)
  return out
}

// ---------------------------------------------------------------- arithmetic

/** Evaluates text whose expansions are done. */
export function* evaluateInteger(shell: Shell, text: string): Syscall<bigint> {
  try {
    return evaluateArithmetic(text, arithmeticVariables(shell))
  } catch (error) {
    if (error instanceof ArithmeticError) {
      yield* shell.complain(error.message)
      throw new ShellError('discard', 1)
    }
    const problem = nameProblem(error)
    if (problem === undefined) throw error
    yield* shell.complain(problem.text)
    throw new ShellError(problem.effect, problem.effect === 'exit' && shell.fromString ? 127 : 1)
  }
}

/** Expands and evaluates: (( )), $(( )), for (( )). */
export function* evaluateExpression(shell: Shell, text: string): Syscall<bigint> {
  const expanded = /[$`"'\\]/.test(text) ? yield* expandQuotedText(shell, text.replace(/\\\n/g, '').replaceAll('"', '')) : text
  return yield* evaluateInteger(shell, expanded)
}

function* expandArithmetic(shell: Shell, part: ArithmeticExpansionPart): Syscall<bigint> {
  const text = part.text.startsWith('$((') ? part.text.slice(3, -2) : part.text.slice(2, -1)
  return yield* evaluateExpression(shell, text)
}
