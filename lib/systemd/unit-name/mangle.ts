// After unit-name.c: what a person types at a command becomes a unit name; paths become mount and device units.
import { isDevicePath, pathIsAbsolute, pathSimplify } from '@/lib/base'
import { escapeBytes, unitNamePathEscape, unitNamePathUnescape } from './escape'
import { siphash24 } from './siphash'
import {
  inCharset,
  UNIT_NAME_MAX,
  unitNameIsValid,
  unitNameKind,
  unitNameToPrefix,
  unitSuffixIsValid,
  VALID_CHARS_GLOB,
  VALID_CHARS_WITH_AT,
} from './valid'

/** Key with which names that are too long are hashed, and the digits the hash takes. */
const LONG_NAME_KEY = [0xec, 0xf2, 0x37, 0xfb, 0x58, 0x32, 0x4a, 0x32, 0x84, 0x9f, 0x06, 0x9b, 0x0d, 0x21, 0xeb, 0x9a]
const HASH_CHARS = 16

/** Names of 256 bytes and more are cut and end in `_HASH`. */
export function unitNameHashLong(name: string): string {
  const hash = siphash24(name, LONG_NAME_KEY).toString(16).padStart(HASH_CHARS, '0')
  const suffix = name.slice(name.lastIndexOf('.'))
  const keep = UNIT_NAME_MAX - 1 - (suffix.length - 1) - HASH_CHARS - 2
  return `${name.slice(0, keep)}_${hash}${suffix}`
}

export function unitNameIsHashed(name: string): boolean {
  if (!unitNameIsValid(name, 'plain')) return false
  const stem = name.slice(0, name.lastIndexOf('.'))
  return name.length === UNIT_NAME_MAX - 1 && /_[0-9a-f]{16}$/.test(stem)
}

/** `/home` with `.mount` is `home.mount`; `undefined` when the path is not normalized. */
export function unitNameFromPath(path: string, suffix: string): string | undefined {
  if (!unitSuffixIsValid(suffix)) return undefined
  const escaped = unitNamePathEscape(path)
  if (escaped === undefined) return undefined
  const long = escaped + suffix
  const made = long.length >= UNIT_NAME_MAX ? unitNameHashLong(long) : long
  return unitNameIsValid(made, 'plain') ? made : undefined
}

/** `/home` of `home.mount`. */
export function unitNameToPath(name: string): string | undefined {
  const prefix = unitNameToPrefix(name)
  if (prefix === undefined || unitNameIsHashed(name)) return undefined
  return unitNamePathUnescape(prefix)
}

export const stringIsGlob = (text: string): boolean => /[*?[]/.test(text)

export type MangleOptions = {
  /** With the dot; `.service`. */
  readonly suffix?: string
  /** Glob patterns pass unchanged. */
  readonly glob?: boolean
  /** For the notice about a glob that is not supported: `as unit name`. */
  readonly operation?: string
}
export type Mangled = {
  readonly name: string
  /** What the tools that ask for warnings print, one line each. */
  readonly notices: readonly string[]
}

/** `undefined` is EINVAL. */
export function unitNameMangle(typed: string, options: MangleOptions = {}): Mangled | undefined {
  const { suffix = '.service', glob = false, operation } = options
  if (typed === '' || !unitSuffixIsValid(suffix)) return undefined
  if (unitNameIsValid(typed)) return { name: typed, notices: [] }

  const notices: string[] = []
  let suggestEscape = true
  if (stringIsGlob(typed) && inCharset(typed, VALID_CHARS_GLOB)) {
    if (glob) return { name: typed, notices }
    notices.push(`Glob pattern passed${operation ? ` ${operation}` : ''}, but globs are not supported for this.`)
    suggestEscape = false
  }
  if (pathIsAbsolute(typed)) {
    const simple = pathSimplify(typed)
    const device = isDevicePath(simple) ? unitNameFromPath(simple, '.device') : undefined
    const made = device ?? unitNameFromPath(simple, '.mount')
    if (made !== undefined) return { name: made, notices }
  }

  let mangled = false
  let name = escapeBytes(typed, new Set(), (char) => {
    if (char !== '/' && (glob ? VALID_CHARS_GLOB : VALID_CHARS_WITH_AT).has(char)) return char
    mangled = true
    return char === '/' ? '-' : undefined
  })
  if (mangled) {
    notices.push(`Invalid unit name "${typed}" escaped as "${name}"${suggestEscape ? ' (maybe you should use systemd-escape?)' : ''}.`)
  }
  if (!(glob && stringIsGlob(name)) && unitNameKind(name) === undefined) name += suffix
  if (!glob && !unitNameIsValid(name)) return undefined
  return { name, notices }
}
