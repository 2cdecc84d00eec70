// After systemd.exec(5) and systemd.service(5): directories, credentials and files that a process finds open.
import { NAME_MAX, pathStartsWith } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cunescape, cursorAt, cursorRest, extractFirstWord, extractManyWords } from './extract-word'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { expandOrWarn, FD_NAME_SPECIFIER_MAX, fdNameIsValid } from './parse-text'
import { decodeBase64 } from './parse-stdio'
import { eachWord } from './parse-words'

export type ExecDirectory = { readonly path: string; readonly symlinks: readonly string[]; readonly readOnly: boolean }

/** `StateDirectory=name[:symlink[:ro]] …`, below the directory that belongs to the name. */
export const execDirectories: DirectiveParser<readonly ExecDirectory[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    let directories: readonly ExecDirectory[] = current
    const name = context.directive
    const flags = { unquote: true, retainEscape: true }
    for (const word of eachWord(value, flags, context, (error) => `Invalid syntax ${name}=${value}, ignoring: ${error}`)) {
      const parts = extractManyWords(cursorAt(word.text), 3, { cunescape: true, unescapeSeparators: true, dontCoalesce: true }, ':')
      if (isErrno(parts) || parts.length === 0) {
        context.report('warning', `Invalid syntax in ${name}=, ignoring: ${word.text}`, word.range)
        return directories
      }
      const [source = '', destination = '', options = ''] = parts
      const resolve = (text: string) => {
        const expanded = expandOrWarn(text, context, { maximum: PATH_SPECIFIER_MAX, quote: '"', range: word.range })
        return expanded === undefined ? undefined : checkPath(expanded, { relative: true }, context, word.range)
      }
      const path = resolve(source)
      if (path === undefined) continue
      if (pathStartsWith(path, 'private') !== undefined) {
        context.report('warning', `${name}= path can't be 'private', ignoring assignment: ${word.text}`, word.range)
        continue
      }
      if (destination !== '' && name === 'ConfigurationDirectory') {
        context.report('warning', `Additional parameter is not supported for ConfigurationDirectory, ignoring: ${word.text}`, word.range)
        continue
      }
      const symlink = destination === '' ? '' : resolve(destination)
      if (symlink === undefined) continue
      if (options !== '' && options !== 'ro') {
        context.report('warning', `Invalid flags for ${name}=, ignoring: ${options}`, word.range)
        continue
      }
      const symlinks = symlink === '' ? [] : [symlink]
      const known = directories.findIndex((one) => one.path === path)
      directories =
        known < 0
          ? [...directories, { path, symlinks, readOnly: options === 'ro' }]
          : directories.map((one, at) => (at === known ? { ...one, symlinks: [...one.symlinks, ...symlinks] } : one))
    }
    return directories
  },
}

const credentialNameIsValid = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/') && byteLength(name) <= NAME_MAX && fdNameIsValid(name)

function credentialGlobIsValid(name: string): boolean {
  const glob = name.search(/[*?[\]]/)
  if (glob < 0) return credentialNameIsValid(name)
  if (name.slice(glob) !== '*') return false
  return glob === 0 || credentialNameIsValid(name.slice(0, glob))
}

export type SetCredential = { readonly id: string; readonly data: string; readonly encrypted: boolean }
export type LoadCredential = { readonly id: string; readonly path: string; readonly encrypted: boolean }
export type ImportCredential = { readonly glob: string; readonly rename: string }

const COLON = { dontCoalesce: true }

function credentialId(word: string, context: ParseContext): string | undefined {
  const id = expandOrWarn(word, context, { maximum: FD_NAME_SPECIFIER_MAX, quote: '"' })
  if (id === undefined) return undefined
  if (credentialNameIsValid(id)) return id
  context.report('warning', `Credential name "${id}" not valid, ignoring.`)
  return undefined
}

/** `ID:VALUE`; a later one of the same name counts. */
export function setCredential(encrypted: boolean): DirectiveParser<readonly SetCredential[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const cursor = cursorAt(value)
      const word = extractFirstWord(cursor, COLON, ':')
      if (isErrno(word)) {
        context.report('warning', `Failed to extract credential name, ignoring: ${value}`)
        return current
      }
      const rest = cursorRest(cursor)
      if (word === undefined || rest === '') {
        context.report('warning', `Invalid syntax, ignoring: ${value}`)
        return current
      }
      const id = credentialId(word, context)
      if (id === undefined) return current
      const data = encrypted ? decodeBase64(rest) : cunescape(rest, { acceptNul: true })
      if (isErrno(data)) {
        context.report(
          'warning',
          encrypted
            ? `Encrypted credential data not valid Base64 data, ignoring: ${data.message}`
            : `Can't unescape "${rest}", ignoring: ${data.message}`,
        )
        return current
      }
      const made = { id, data: typeof data === 'string' ? data : rest, encrypted }
      return [...current.filter((one) => one.id !== id), made]
    },
  }
}

export function loadCredential(encrypted: boolean): DirectiveParser<readonly LoadCredential[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const cursor = cursorAt(value)
      const word = extractFirstWord(cursor, COLON, ':')
      if (word === undefined || isErrno(word)) {
        context.report('warning', `Invalid syntax, ignoring: ${value}`)
        return current
      }
      const id = credentialId(word, context)
      if (id === undefined) return current
      const rest = cursorRest(cursor)
      const path = rest === '' ? id : expandOrWarn(rest, context, { maximum: PATH_SPECIFIER_MAX, quote: '"' })
      if (path === undefined) return current
      const bad = path.startsWith('/') ? /\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(path) : !credentialNameIsValid(path)
      if (rest !== '' && bad) {
        context.report('warning', `Credential source "${path}" not valid, ignoring.`)
        return current
      }
      return [...current.filter((one) => one.id !== id), { id, path, encrypted }]
    },
  }
}

export const importCredential: DirectiveParser<readonly ImportCredential[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const cursor = cursorAt(value)
    const word = extractFirstWord(cursor, COLON, ':')
    if (word === undefined || isErrno(word)) {
      context.report('warning', `Invalid syntax, ignoring: ${value}`)
      return current
    }
    const glob = expandOrWarn(word, context, { maximum: FD_NAME_SPECIFIER_MAX, quote: '"' })
    if (glob === undefined) return current
    if (!credentialGlobIsValid(glob)) {
      context.report('warning', `Credential name or glob "${glob}" not valid, ignoring.`)
      return current
    }
    const rename = cursorRest(cursor)
    if (rename !== '' && !credentialNameIsValid(rename)) {
      context.report('warning', `Credential name "${rename}" not valid, ignoring.`)
      return current
    }
    return [...current, { glob, rename }]
  },
}

export type OpenFile = { readonly path: string; readonly fdName: string; readonly flags: readonly string[] }
const OPEN_FLAGS = ['read-only', 'append', 'truncate', 'graceful']

function readOpenFile(text: string): OpenFile | Errno {
  const cursor = cursorAt(text)
  const parts = extractManyWords(cursor, 3, { dontCoalesce: true, cunescape: true }, ':')
  if (isErrno(parts)) return parts
  if (parts.length === 0 || cursorRest(cursor) !== '') return errno.EINVAL
  const [path = '', name = '', options] = parts
  const flags: string[] = []
  if (options !== undefined) {
    const words = cursorAt(options)
    for (;;) {
      const word = extractFirstWord(words, {}, ',')
      if (word === undefined) break
      if (isErrno(word) || !OPEN_FLAGS.includes(word) || flags.includes(word)) return errno.EINVAL
      flags.push(word)
    }
  }
  const fileName = path.replace(/\/+$/, '').replace(/^.*\//, '')
  const fdName = name === '' ? fileName : name
  const exclusive = flags.filter((flag) => flag !== 'graceful').length
  if (fdName === '' || !path.startsWith('/') || !fdNameIsValid(fdName) || exclusive > 1 || byteLength(path) >= 4096) return errno.EINVAL
  return { path, fdName, flags }
}

export const openFile: DirectiveParser<readonly OpenFile[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const file = readOpenFile(value)
    if (!isErrno(file)) return [...current, file]
    context.report('warning', `Failed to parse OpenFile= setting, ignoring: ${value}`)
    return current
  },
}
