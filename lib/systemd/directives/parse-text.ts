// After systemd.exec(5): plain text, environment, names of users, of descriptors, of journal fields.
import { NAME_MAX } from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext, ValueRange } from './directive'
import { byteLength, cursorAt, extractFirstWord, hasRawBytes, type WordFlags } from './extract-word'
import { parseUid } from './numbers'
import { escapeInvalidUtf8 } from './parse-path'
import { failedToParse } from './parse-scalar'
import { eachWord } from './parse-words'

/** A line's length, and what `%` may make of most values. */
export const LONG_LINE_MAX = 1024 * 1024
const ARG_MAX = 2 * 1024 * 1024
const FDNAME_MAX = 255

/** `undefined` once the complaint is made. `quote` goes around the text in the message. */
export function expandOrWarn(
  text: string,
  context: ParseContext,
  options: { readonly maximum?: number; readonly quote?: string; readonly range?: ValueRange } = {},
): string | undefined {
  const expanded = context.expand(text, 'full', options.maximum ?? LONG_LINE_MAX)
  if (!isErrno(expanded)) return expanded
  const quote = options.quote ?? "'"
  context.report('warning', `Failed to resolve unit specifiers in ${quote}${text}${quote}, ignoring: ${expanded.message}`, options.range)
  return undefined
}

/** Taken as it stands; empty unsets. */
export const plainString: DirectiveParser<string> = { placeholder: 'STRING', parse: (value) => value }

/** With specifiers. */
export const string: DirectiveParser<string> = {
  placeholder: 'STRING',
  parse: (value, current, context) => expandOrWarn(value, context) ?? current,
}

export const rebootParameter: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    const text = expandOrWarn(value, context)
    if (text === undefined) return current
    if (/^[\x00-\x7f]*$/.test(text) && text.length <= NAME_MAX) return text
    context.report('warning', `Invalid reboot parameter '${text}', ignoring.`)
    return current
  },
}

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
export const environmentNameIsValid = (name: string): boolean => ENVIRONMENT_NAME.test(name)

export function environmentAssignmentIsValid(text: string): boolean {
  const equals = text.indexOf('=')
  return equals > 0 && environmentNameIsValid(text.slice(0, equals)) && !hasRawBytes(text) && byteLength(text) <= ARG_MAX - 1
}

/** A later assignment of a name takes the place of the earlier one. */
export function environmentReplace(list: readonly string[], assignment: string): string[] {
  const name = assignment.slice(0, assignment.indexOf('=') + 1)
  const index = list.findIndex((one) => one.startsWith(name))
  return index < 0 ? [...list, assignment] : list.map((one, at) => (at === index ? assignment : one))
}

/** `A=b "C=d e"`. */
export const environment: DirectiveParser<readonly string[]> = {
  placeholder: 'ENVIRON',
  parse(value, current, context) {
    if (value === '') return []
    let list: readonly string[] = current
    for (const word of eachWord(value, { cunescape: true, unquote: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
      const expanded = context.expand(word.text, 'full', ARG_MAX)
      if (isErrno(expanded)) {
        context.report('warning', `Failed to resolve specifiers in ${word.text}, ignoring: ${expanded.message}`, word.range)
      } else if (!environmentAssignmentIsValid(expanded)) {
        context.report('warning', `Invalid environment assignment, ignoring: ${escapeInvalidUtf8(expanded)}`, word.range)
      } else list = environmentReplace(list, expanded)
    }
    return list
  },
}

function namesParser(
  flags: WordFlags,
  failed: (text: string, error: string) => string,
  isValid: (text: string) => boolean,
  invalid: (directive: string, text: string) => string,
): DirectiveParser<readonly string[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const names = [...current]
      for (const word of eachWord(value, flags, context, () => `Trailing garbage in ${context.directive}, ignoring: ${value}`)) {
        const expanded = context.expand(word.text, 'full', ARG_MAX)
        if (isErrno(expanded)) context.report('warning', failed(word.text, expanded.message), word.range)
        else if (!isValid(expanded)) context.report('warning', invalid(context.directive, expanded), word.range)
        else if (!names.includes(expanded)) names.push(expanded)
      }
      return names
    },
  }
}

export const passEnvironment = namesParser(
  { unquote: true },
  (text, error) => `Failed to resolve specifiers in ${text}, ignoring: ${error}`,
  environmentNameIsValid,
  (directive, text) => `Invalid environment name for ${directive}, ignoring: ${text}`,
)

export const unsetEnvironment = namesParser(
  { cunescape: true, unquote: true },
  (text, error) => `Failed to resolve unit specifiers in ${text}, ignoring: ${error}`,
  (text) => environmentAssignmentIsValid(text) || environmentNameIsValid(text),
  (directive, text) => `Invalid environment name or assignment ${directive}, ignoring: ${text}`,
)

const hasControl = (text: string): boolean => /[\x00-\x1f\x7f]/.test(text)

function strictUserName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && name.length <= 31
}

/** What user and group names may be; ids in digits included. */
export function userNameIsAcceptable(name: string): boolean {
  if (name === '') return false
  if (!isErrno(parseUid(name))) return true
  if (/^ | $/.test(name) || hasRawBytes(name) || hasControl(name) || /[:/]/.test(name)) return false
  return !/^-?\d*$/.test(name) && name !== '.' && name !== '..'
}

function noteLaxName(name: string, context: ParseContext): void {
  if (!isErrno(parseUid(name)) || strictUserName(name)) return
  context.reportFor('nowhere', 'notice', `Accepting user/group name '${name}', which does not match strict user/group name rules.`)
}

function oneUser(text: string, context: ParseContext, range?: ValueRange): string | undefined {
  const expanded = context.expand(text, 'full', LONG_LINE_MAX)
  if (isErrno(expanded)) context.report('error', `Failed to resolve unit specifiers in ${text}: ${expanded.message}`, range)
  else if (!userNameIsAcceptable(expanded))
    context.report('error', `Invalid user/group name or numeric ID: ${escapeInvalidUtf8(expanded)}`, range)
  else {
    noteLaxName(expanded, context)
    return expanded
  }
  context.refuse(errno.ENOEXEC)
  return undefined
}

export const userOrGroup: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const name = oneUser(value, context)
    if (name === 'nobody' && context.directive.includes('User')) {
      context.reportFor('nowhere', 'notice', `${context.file}:${context.line}: Special user nobody configured, this is not safe!`)
    }
    return name ?? current
  },
}

export const userOrGroupList: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const names = [...current]
    const cursor = cursorAt(value)
    for (;;) {
      const word = extractFirstWord(cursor)
      if (word === undefined) return names
      if (isErrno(word)) {
        context.report('error', `Invalid syntax: ${value}`)
        context.refuse(errno.ENOEXEC)
        return names
      }
      const name = oneUser(word, context)
      if (name === undefined) return names
      names.push(name)
    }
  },
}

/** Field names of the journal: capital letters, digits, `_`. */
export function journalFieldIsValid(name: string, allowProtected: boolean): boolean {
  if (name === '' || name.length > 64 || (!allowProtected && name.startsWith('_'))) return false
  return /^[A-Z_][A-Z0-9_]*$/.test(name)
}

export const logExtraFields: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const fields = [...current]
    for (const word of eachWord(value, { cunescape: true, unquote: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
      const expanded = expandOrWarn(word.text, context, { quote: '', range: word.range })
      if (expanded === undefined) continue
      const equals = expanded.indexOf('=')
      if (equals < 0) context.report('warning', `Log field lacks '=' character, ignoring: ${expanded}`, word.range)
      else if (!journalFieldIsValid(expanded.slice(0, equals), false)) {
        context.report('warning', `Log field name is invalid, ignoring: ${expanded}`, word.range)
      } else fields.push(expanded)
    }
    return fields
  },
}

/** Names of sockets and descriptors: printable ASCII without a colon. */
export const fdNameIsValid = (name: string): boolean => /^[\x20-\x39\x3b-\x7e]*$/.test(name) && name.length <= FDNAME_MAX

export const fdName: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const name = expandOrWarn(value, context, { maximum: FDNAME_MAX })
    if (name === undefined) return current
    if (fdNameIsValid(name)) return name
    context.report('warning', `Invalid file descriptor name, ignoring: ${name}`)
    return current
  },
}

export const FD_NAME_SPECIFIER_MAX = FDNAME_MAX

const fileNameIsValid = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/') && byteLength(name) <= NAME_MAX

/** No control characters, no quotes, no backslash. */
export const stringIsSafe = (text: string): boolean => !/[\x00-\x1f\x7f'"\\]/.test(text)

export const logNamespace: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const name = expandOrWarn(value, context, { maximum: NAME_MAX, quote: '' })
    if (name === undefined) return current
    const instance = /^[A-Za-z0-9:\-_.\\@]*$/.test(name) && name.length + 'systemd-journald@.service'.length < 256
    if (fileNameIsValid(name) && instance && stringIsSafe(name)) return name
    context.report('warning', `Specified log namespace name is not valid, ignoring: ${name}`)
    return current
  },
}

const BUS_NAME = /^(?:[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+|:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)$/

export const busName: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    const name = expandOrWarn(value, context, { maximum: 255, quote: '' })
    if (name === undefined) return current
    if (BUS_NAME.test(name) && name.length <= 255) return name
    context.report('warning', `Invalid bus name, ignoring: ${name}`)
    return current
  },
}

/** `-label`: a failure does not matter. */
export type OptionalText = { readonly text: string; readonly ignore: boolean }

export const label = (placeholder: string): DirectiveParser<OptionalText> => ({
  placeholder,
  parse(value, current, context) {
    if (value === '') return { text: '', ignore: false }
    const ignore = value.startsWith('-')
    const rest = ignore ? value.slice(1) : value
    const expanded = context.expand(rest, 'full', LONG_LINE_MAX)
    if (!isErrno(expanded)) return { text: expanded, ignore }
    const how = ignore ? ', ignoring' : ''
    context.report(ignore ? 'warning' : 'error', `Failed to resolve unit specifiers in '${rest}'${how}: ${expanded.message}`)
    if (!ignore) context.refuse(errno.ENOEXEC)
    return current
  },
})

export type LogPatterns = { readonly allowed: readonly string[]; readonly denied: readonly string[] }

/** `~pattern` denies. */
export const logFilterPatterns: DirectiveParser<LogPatterns> = {
  placeholder: 'REGEX',
  parse(value, current, context) {
    if (value === '') return { allowed: [], denied: [] }
    const deny = value.startsWith('~')
    const pattern = deny ? value.slice(1) : value
    if (pattern === '') {
      context.report('warning', `Regex pattern invalid, ignoring: ${context.directive}=${value}`)
      return current
    }
    const add = (list: readonly string[]) => (list.includes(pattern) ? list : [...list, pattern])
    return deny ? { ...current, denied: add(current.denied) } : { ...current, allowed: add(current.allowed) }
  },
}

/** `NetClass=` and its like: gone. */
export const removed: DirectiveParser<undefined> = {
  placeholder: 'NOTSUPPORTED',
  parse(_value, _current, context) {
    context.report('info', `Support for option ${context.directive}= has been removed and it is ignored`)
    return undefined
  },
}

const isUrl = (text: string): boolean => /^(?:https?:\/\/|file:\/|info:|man:)[\x01-\x7f]+$/.test(text)

export const documentation: DirectiveParser<readonly string[]> = {
  placeholder: 'URL',
  values: ['man:', 'https://', 'file:///', 'info:'],
  parse(value, current, context) {
    if (value === '') return []
    const expanded = expandOrWarn(value, context)
    if (expanded === undefined) return current
    const cursor = cursorAt(expanded)
    const words: string[] = []
    for (;;) {
      const word = extractFirstWord(cursor, { unquote: true, retainEscape: true })
      if (word === undefined) break
      if (isErrno(word)) {
        failedToParse(expanded, context, word)
        return current
      }
      words.push(word)
    }
    for (const word of words) if (!isUrl(word)) context.report('warning', `Invalid URL, ignoring: ${word}`)
    return [...current, ...words.filter(isUrl)]
  },
}
