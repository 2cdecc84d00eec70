// After systemd.unit(5) and unit-name.c: which texts are unit names, and their parts.

export const UNIT_TYPES = [
  'service',
  'mount',
  'swap',
  'socket',
  'target',
  'device',
  'automount',
  'timer',
  'path',
  'slice',
  'scope',
] as const
export type UnitTypeName = (typeof UNIT_TYPES)[number]

/** A name is shorter than this. */
export const UNIT_NAME_MAX = 256

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
export const VALID_CHARS: ReadonlySet<string> = new Set(`0123456789${LETTERS}:-_.\\`)
export const VALID_CHARS_WITH_AT: ReadonlySet<string> = new Set([...VALID_CHARS, '@'])
export const VALID_CHARS_GLOB: ReadonlySet<string> = new Set([...VALID_CHARS_WITH_AT, ...'[]!-*?'])

export const inCharset = (text: string, set: ReadonlySet<string>): boolean => [...text].every((char) => set.has(char))

const validCodes = new Uint8Array(128)
for (const char of VALID_CHARS_WITH_AT) validCodes[char.charCodeAt(0)] = 1

export function isUnitTypeName(text: string): text is UnitTypeName {
  return (UNIT_TYPES as readonly string[]).includes(text)
}

export type UnitNameKind = 'plain' | 'template' | 'instance'

/** What kind of unit name this is; `undefined` when it is none. */
export function unitNameKind(name: string): UnitNameKind | undefined {
  if (name === '' || name.length >= UNIT_NAME_MAX) return undefined
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || !isUnitTypeName(name.slice(dot + 1))) return undefined
  for (let index = 0; index < dot; index++) if (validCodes[name.charCodeAt(index)] !== 1) return undefined
  const at = name.indexOf('@')
  if (at === 0) return undefined
  if (at < 0 || at > dot) return 'plain'
  return at + 1 === dot ? 'template' : 'instance'
}

/** @param kinds any, when none is given */
export function unitNameIsValid(name: string, ...kinds: readonly UnitNameKind[]): boolean {
  const kind = unitNameKind(name)
  return kind !== undefined && (kinds.length === 0 || kinds.includes(kind))
}

export function unitPrefixIsValid(prefix: string): boolean {
  return prefix !== '' && inCharset(prefix, VALID_CHARS)
}

export function unitInstanceIsValid(instance: string): boolean {
  return instance !== '' && inCharset(instance, VALID_CHARS_WITH_AT)
}

/** `.service` and its like, with the dot. */
export function unitSuffixIsValid(suffix: string): boolean {
  return suffix.startsWith('.') && isUnitTypeName(suffix.slice(1))
}

/** The type of a valid name. */
export function unitNameToType(name: string): UnitTypeName | undefined {
  if (!unitNameIsValid(name)) return undefined
  const suffix = name.slice(name.lastIndexOf('.') + 1)
  return isUnitTypeName(suffix) ? suffix : undefined
}

/** `foo` of `foo.service` and of `foo@bar.service`. */
export function unitNameToPrefix(name: string): string | undefined {
  if (!unitNameIsValid(name)) return undefined
  const at = name.indexOf('@')
  return name.slice(0, at < 0 ? name.lastIndexOf('.') : at)
}

/** `foo@bar` of `foo@bar.service`. */
export function unitNameToPrefixAndInstance(name: string): string | undefined {
  return unitNameIsValid(name) ? name.slice(0, name.lastIndexOf('.')) : undefined
}

/** The text between `@` and the suffix: empty for a template, `undefined` for a plain or invalid name. */
export function unitNameToInstance(name: string): string | undefined {
  const kind = unitNameKind(name)
  if (kind === undefined || kind === 'plain') return undefined
  return name.slice(name.indexOf('@') + 1, name.lastIndexOf('.'))
}

/** `.service`. */
export function unitNameSuffix(name: string): string {
  return name.slice(name.lastIndexOf('.'))
}

/** `foo@.service` of `foo@bar.service`; `undefined` for a plain or invalid name. */
export function unitNameTemplate(name: string): string | undefined {
  const kind = unitNameKind(name)
  if (kind === undefined || kind === 'plain') return undefined
  return `${name.slice(0, name.indexOf('@') + 1)}${unitNameSuffix(name)}`
}

/** Puts an instance into a template, or another one into an instance. */
export function unitNameReplaceInstance(name: string, instance: string): string | undefined {
  if (!unitNameIsValid(name, 'template', 'instance') || !unitInstanceIsValid(instance)) return undefined
  const made = `${name.slice(0, name.indexOf('@') + 1)}${instance}${unitNameSuffix(name)}`
  return unitNameIsValid(made, 'instance') ? made : undefined
}

/** `build('foo', 'bar', '.service')` is `foo@bar.service`; no instance makes a plain name, an empty one a template. */
export function unitNameBuild(prefix: string, instance: string | undefined, suffix: string): string | undefined {
  if (!unitPrefixIsValid(prefix) || !unitSuffixIsValid(suffix)) return undefined
  if (instance !== undefined && instance !== '' && !unitInstanceIsValid(instance)) return undefined
  const made = `${prefix}${instance === undefined ? '' : `@${instance}`}${suffix}`
  return unitNameIsValid(made) ? made : undefined
}

/** `foo.service` with `.timer` is `foo.timer`. */
export function unitNameChangeSuffix(name: string, suffix: string): string | undefined {
  if (!unitNameIsValid(name) || !unitSuffixIsValid(suffix)) return undefined
  const made = `${name.slice(0, name.lastIndexOf('.'))}${suffix}`
  return unitNameIsValid(made) ? made : undefined
}
