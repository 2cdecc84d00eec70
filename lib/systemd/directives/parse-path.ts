// After systemd.unit(5) and parse-helpers.c: paths in values, with the checks that they get.
import { PATH_MAX, pathIsAbsolute, pathIsNormalized, pathIsValid, pathSimplify, pathStartsWith } from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext, ValueRange } from './directive'
import { byteLength, cursorAt, extractFirstWord, hasRawBytes } from './extract-word'
import { eachWord } from './parse-words'

/** What `%` may make of a path. */
export const PATH_SPECIFIER_MAX = PATH_MAX - 1

export type PathCheck = {
  readonly absolute?: boolean
  readonly relative?: boolean
  /** The line says "refusing", not "ignoring"; the caller then refuses the file where it should. */
  readonly fatal?: boolean
  /** Not below /dev, /proc or /sys. */
  readonly notApi?: boolean
  /** As `notApi`, but /dev is fine. */
  readonly notApiButDev?: boolean
}

const belowApi = (path: string): boolean => ['/dev', '/proc', '/sys'].some((api) => pathStartsWith(path, api) !== undefined)

/** The path in its shortest form, or `undefined` once the complaint is made. */
export function checkPath(path: string, check: PathCheck, context: ParseContext, range?: ValueRange): string | undefined {
  const severity = check.fatal ? 'error' : 'warning'
  const ignoring = check.fatal ? '' : ', ignoring'
  const complain = (message: string) => {
    context.report(severity, message, range)
    return undefined
  }
  const name = context.directive
  if (hasRawBytes(path)) {
    context.report('error', `String is not UTF-8 clean, ignoring assignment: ${escapeInvalidUtf8(path)}`, range)
    return undefined
  }
  if (check.absolute && !pathIsAbsolute(path)) return complain(`${name}= path is not absolute${ignoring}: ${path}`)
  if (check.relative && pathIsAbsolute(path)) return complain(`${name}= path is absolute${ignoring}: ${path}`)
  const simple = pathSimplify(path)
  if (!pathIsValid(simple)) return complain(`${name}= path has invalid length (${byteLength(simple)} bytes)${ignoring}.`)
  if (!pathIsNormalized(simple)) return complain(`${name}= path is not normalized${ignoring}: ${simple}`)
  const forbidden =
    (check.notApi && belowApi(simple)) || (check.notApiButDev && belowApi(simple) && pathStartsWith(simple, '/dev') === undefined)
  if (forbidden) return complain(`${name}= path is below API VFS${check.fatal ? ', refusing' : ', ignoring'}: ${simple}`)
  return simple
}

/** Bytes that are no UTF-8 show as U+FFFD. */
export const escapeInvalidUtf8 = (text: string): string =>
  text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\udc80-\udcff]/g, (char) => (char.length === 2 ? char : '\ufffd'))

const failedToResolve = (text: string, how: string, message: string) => `Failed to resolve unit specifiers in ${text}${how}: ${message}`

/** One absolute path. `fatal`: a bad one makes the unit unusable. */
export function path(options: { readonly fatal?: boolean; readonly placeholder?: string } = {}): DirectiveParser<string> {
  return {
    placeholder: options.placeholder ?? 'PATH',
    parse(value, current, context) {
      const fatal = options.fatal ?? false
      const expanded = context.expand(value, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(expanded)) {
        context.report(fatal ? 'error' : 'warning', failedToResolve(`'${value}'`, fatal ? '' : ', ignoring', expanded.message))
        if (fatal) context.refuse(errno.ENOEXEC)
        return current
      }
      if (expanded === '') return ''
      const checked = checkPath(expanded, { absolute: true, fatal }, context)
      if (checked === undefined && fatal) context.refuse(errno.ENOEXEC)
      return checked ?? current
    },
  }
}

/** Paths, white space between them; one that is bad ends the line. */
export const pathList: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const paths = [...current]
    for (const word of eachWord(value, { unquote: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
      const expanded = context.expand(word.text, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(expanded)) {
        context.report('warning', failedToResolve(`'${word.text}'`, ', ignoring', expanded.message), word.range)
        return paths
      }
      const checked = checkPath(expanded, { absolute: true }, context, word.range)
      if (checked === undefined) return paths
      paths.push(checked)
    }
    return paths
  },
}

/** As `$PATH`: colons between them. */
export const colonPaths: DirectiveParser<readonly string[]> = {
  placeholder: 'PATH',
  parse(value, current, context) {
    if (value === '') return []
    const paths = [...current]
    const cursor = cursorAt(value)
    for (;;) {
      const word = extractFirstWord(cursor, { dontCoalesce: true }, ':')
      if (word === undefined) return paths
      if (isErrno(word)) {
        context.report('warning', `Failed to extract first word, ignoring: ${value}`)
        return paths
      }
      const expanded = context.expand(word, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(expanded)) {
        context.report('warning', failedToResolve(`'${word}'`, ', ignoring', expanded.message))
        return paths
      }
      const checked = checkPath(expanded, { absolute: true }, context)
      if (checked === undefined) return paths
      paths.push(checked)
    }
  },
}

/** `-+/path …`: for the mount namespace. */
export const namespacePaths: DirectiveParser<readonly string[]> = {
  placeholder: 'PATH [...]',
  parse(value, current, context) {
    if (value === '') return []
    const paths = [...current]
    for (const word of eachWord(value, { unquote: true }, context, () => `Failed to extract first word, ignoring: ${value}`)) {
      let rest = word.text
      let prefix = ''
      for (const mark of ['-', '+']) {
        if (!rest.startsWith(mark)) continue
        prefix += mark
        rest = rest.slice(1)
      }
      const expanded = context.expand(rest, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(expanded)) {
        context.report('warning', failedToResolve(rest, '', expanded.message), word.range)
        continue
      }
      const checked = checkPath(expanded, { absolute: true }, context, word.range)
      if (checked !== undefined) paths.push(prefix + checked)
    }
    return paths
  },
}

/** Paths below /var/run are old spelling. */
export function patchVarRun(path: string, context: ParseContext): string {
  const below = pathStartsWith(path, '/var/run/')
  if (below === undefined || below === '') return path
  const patched = `/run/${below}`
  context.report(
    'notice',
    `${context.directive}= references a path below legacy directory /var/run/, updating ${path} → ${patched}; please update the unit file accordingly.`,
  )
  return patched
}

export const pidFile: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return ''
    const expanded = context.expand(value, 'full', PATH_SPECIFIER_MAX)
    if (isErrno(expanded)) {
      context.report('warning', failedToResolve(`'${value}'`, ', ignoring', expanded.message))
      return current
    }
    const absolute = pathIsAbsolute(expanded) ? expanded : `${context.host.runtimeDirectory}/${expanded}`
    const checked = checkPath(absolute, { absolute: true, notApi: true }, context)
    if (checked === undefined) {
      context.refuse(errno.EINVAL)
      return current
    }
    return patchVarRun(checked, context)
  },
}

export const environmentFile: DirectiveParser<readonly string[]> = {
  placeholder: 'FILE',
  parse(value, current, context) {
    if (value === '') return []
    const expanded = context.expand(value, 'full', PATH_SPECIFIER_MAX)
    if (isErrno(expanded)) {
      context.report('warning', failedToResolve(`'${value}'`, ', ignoring', expanded.message))
      return current
    }
    const optional = expanded.startsWith('-')
    const checked = checkPath(optional ? expanded.slice(1) : expanded, { absolute: true }, context)
    return checked === undefined ? current : [...current, `${optional ? '-' : ''}${checked}`]
  },
}

export type WorkingDirectory = {
  /** '' with `home` or when not set. */
  readonly path: string
  readonly home: boolean
  readonly missingOk: boolean
}

export const workingDirectory: DirectiveParser<WorkingDirectory> = {
  placeholder: 'OTHER',
  values: ['~'],
  parse(value, current, context) {
    if (value === '') return { path: '', home: false, missingOk: false }
    const missingOk = value.startsWith('-')
    const rest = missingOk ? value.slice(1) : value
    if (rest === '~') return { path: '', home: true, missingOk }
    const expanded = context.expand(rest, 'full', PATH_SPECIFIER_MAX)
    if (isErrno(expanded)) {
      const how = missingOk ? ', ignoring' : ''
      context.report(
        missingOk ? 'warning' : 'error',
        `Failed to resolve unit specifiers in working directory path '${rest}'${how}: ${expanded.message}`,
      )
      if (!missingOk) context.refuse(errno.ENOEXEC)
      return current
    }
    const checked = checkPath(expanded, { absolute: true, fatal: !missingOk }, context)
    if (checked === undefined) {
      if (!missingOk) context.refuse(errno.ENOEXEC)
      return current
    }
    return { path: checked, home: false, missingOk }
  },
}

export type MountsFor = readonly string[]

/** `RequiresMountsFor=`: each path by itself. */
export const mountsFor: DirectiveParser<readonly string[]> = {
  placeholder: 'PATH [...]',
  parse(value, current, context) {
    const paths = [...current]
    for (const word of eachWord(value, { unquote: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
      const expanded = context.expand(word.text, 'full', PATH_SPECIFIER_MAX)
      if (isErrno(expanded)) {
        context.report('warning', failedToResolve(`'${word.text}'`, ', ignoring', expanded.message), word.range)
        continue
      }
      const checked = checkPath(expanded, { absolute: true }, context, word.range)
      if (checked !== undefined && !paths.includes(checked)) paths.push(checked)
    }
    return paths
  },
}
