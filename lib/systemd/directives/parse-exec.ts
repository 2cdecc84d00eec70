// After systemd.service(5), "Command lines": what ExecStart= and its like run.
import { NAME_MAX, pathIsAbsolute, pathIsValid, pathSimplify } from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cursorAt, extractFirstWord, WHITESPACE, type WordCursor } from './extract-word'
import { PATH_SPECIFIER_MAX } from './parse-path'
import { LONG_LINE_MAX, stringIsSafe } from './parse-text'

export type ExecCommand = {
  /** Absolute, or a bare name that `$PATH` finds. */
  readonly path: string
  /** Specifiers are resolved, variables are not. */
  readonly argv: readonly string[]
  /** `-` */
  readonly ignoreFailure: boolean
  /** `+` */
  readonly fullyPrivileged: boolean
  /** `!` */
  readonly noSetuid: boolean
  /** `!!` */
  readonly ambientMagic: boolean
  /** `:` */
  readonly noEnvironmentExpansion: boolean
  readonly origin: { readonly file: string; readonly line: number }
}

export type ExecPrefixes = {
  readonly ignoreFailure: boolean
  readonly separateArgv0: boolean
  readonly noEnvironmentExpansion: boolean
  readonly fullyPrivileged: boolean
  readonly noSetuid: boolean
  readonly ambientMagic: boolean
  /** How many characters they are. */
  readonly length: number
}

/** `-@:+!` in any order, each once (but `!!`). */
export function execPrefixes(word: string): ExecPrefixes {
  let ignoreFailure = false
  let separateArgv0 = false
  let noEnvironmentExpansion = false
  let privileges: '' | '+' | '!' | '!!' = ''
  let length = 0
  for (; length < word.length; length++) {
    const char = word[length]
    if (char === '-' && !ignoreFailure) ignoreFailure = true
    else if (char === '@' && !separateArgv0) separateArgv0 = true
    else if (char === ':' && !noEnvironmentExpansion) noEnvironmentExpansion = true
    else if (char === '+' && privileges === '') privileges = '+'
    else if (char === '!' && privileges === '') privileges = '!'
    else if (char === '!' && privileges === '!') privileges = '!!'
    else break
  }
  return {
    ignoreFailure,
    separateArgv0,
    noEnvironmentExpansion,
    fullyPrivileged: privileges === '+',
    noSetuid: privileges === '!',
    ambientMagic: privileges === '!!',
    length,
  }
}

const EXEC_WORD = { unquote: true, cunescape: true } as const

/** The next word; an unknown escape is kept and warned of. `null` once an error is reported. */
function wordOrWarn(cursor: WordCursor, all: string, context: ParseContext): string | undefined | null {
  const from = cursor.at
  const word = extractFirstWord(cursor, EXEC_WORD)
  if (!isErrno(word)) return word
  cursor.at = from
  const relaxed = extractFirstWord(cursor, { ...EXEC_WORD, unescapeRelax: true })
  if (isErrno(relaxed)) {
    context.report('error', `Unbalanced quoting, ignoring: "${all}"`)
    return null
  }
  context.report('warning', `Ignoring unknown escape sequences: "${relaxed ?? ''}"`)
  return relaxed
}

const isAlone = (text: string, at: number): boolean => at >= text.length || WHITESPACE.includes(text[at]!)

function skipSpace(cursor: WordCursor): void {
  if (cursor.at === undefined) return
  while (cursor.at < cursor.text.length && WHITESPACE.includes(cursor.text[cursor.at]!)) cursor.at += 1
}

const impliesDirectory = (path: string): boolean => /(?:^|\/)(?:\.\.?)?$/.test(path)

const isFileName = (name: string): boolean => name !== '.' && name !== '..' && !name.includes('/') && byteLength(name) <= NAME_MAX

export const execCommands: DirectiveParser<readonly ExecCommand[]> = {
  placeholder: 'PATH [ARGUMENT [...]]',
  parse(value, current, context) {
    if (value === '') return []
    const commands = [...current]
    const cursor = cursorAt(value)
    /** What the messages quote: from the command at hand on. */
    let all = value
    for (let semicolon = true; semicolon; ) {
      semicolon = false
      const first = wordOrWarn(cursor, all, context)
      if (first === undefined || first === null) return commands
      if (first === ';') {
        semicolon = true
        continue
      }
      const prefixes = execPrefixes(first)
      const ignore = prefixes.ignoreFailure
      const how = ignore ? ', ignoring' : ''
      const give = (message: string) => {
        context.report(ignore ? 'warning' : 'error', message)
        if (!ignore) context.refuse(errno.ENOEXEC)
        return commands
      }
      const command = first.slice(prefixes.length)
      const path = context.expand(command, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(path)) return give(`Failed to resolve unit specifiers in '${command}'${how}: ${path.message}`)
      if (path === '') return give(`Empty path in command line${how}: ${all}`)
      if (!stringIsSafe(path)) return give(`Executable path contains special characters${how}: ${path}`)
      if (impliesDirectory(path)) return give(`Executable path specifies a directory${how}: ${path}`)
      if (!(pathIsAbsolute(path) ? pathIsValid(path) : isFileName(path))) {
        return give(`Neither a valid executable name nor an absolute path${how}: ${path}`)
      }
      const argv: string[] = prefixes.separateArgv0 ? [] : [path]
      skipSpace(cursor)
      while (cursor.at !== undefined && cursor.at < value.length) {
        const at = cursor.at
        if (value[at] === ';' && isAlone(value, at + 1)) {
          cursor.at = at + 1
          skipSpace(cursor)
          semicolon = true
          break
        }
        if (value.startsWith('\\;', at) && isAlone(value, at + 2)) {
          cursor.at = at + 2
          skipSpace(cursor)
          argv.push(';')
          continue
        }
        const word = wordOrWarn(cursor, all, context)
        if (word === null) {
          if (!ignore) context.refuse(errno.ENOEXEC)
          return commands
        }
        if (word === undefined) break
        const resolved = context.expand(word, 'full', LONG_LINE_MAX)
        if (isErrno(resolved)) return give(`Failed to resolve unit specifiers in '${word}'${how}: ${resolved.message}`)
        argv.push(resolved)
      }
      if (argv.length === 0) return give(`Empty executable name or zeroeth argument${how}: ${all}`)
      commands.push({
        path: pathSimplify(path),
        argv,
        ignoreFailure: ignore,
        fullyPrivileged: prefixes.fullyPrivileged,
        noSetuid: prefixes.noSetuid,
        ambientMagic: prefixes.ambientMagic,
        noEnvironmentExpansion: prefixes.noEnvironmentExpansion,
        origin: { file: context.file, line: context.line },
      })
      all = cursor.at === undefined ? '' : value.slice(cursor.at)
    }
    return commands
  },
}
