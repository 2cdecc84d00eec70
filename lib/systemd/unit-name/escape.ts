// After unit-name.c and systemd-escape(1): arbitrary text inside a unit name, and back.
import { decodeUtf8, encodeUtf8, pathIsEmptyOrRoot, pathIsNormalized, pathSimplify, type Bytes } from '@/lib/base'
import { VALID_CHARS } from './valid'

const hexByte = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`

/** Bytes outside of `valid` become `\xNN`. */
export function escapeBytes(text: string, valid: ReadonlySet<string>, map: (char: string) => string | undefined): string {
  let out = ''
  for (const char of text) {
    const mapped = map(char)
    if (mapped !== undefined) out += mapped
    else if (valid.has(char)) out += char
    else for (const byte of encodeUtf8(char)) out += hexByte(byte)
  }
  return out
}

/** `/` becomes `-`; a leading dot, `-`, `\` and what no name may hold become `\xNN`. */
export function unitNameEscape(text: string): string {
  const lead = text.startsWith('.') ? hexByte(0x2e) : ''
  return (
    lead +
    escapeBytes(lead ? text.slice(1) : text, VALID_CHARS, (char) =>
      char === '/' ? '-' : char === '-' || char === '\\' ? hexByte(char.charCodeAt(0)) : undefined,
    )
  )
}

/** The bytes meant, up to the first NUL, as a C string ends there; `undefined` when an escape is not `\xNN`. */
export function unitNameUnescapeBytes(text: string): Bytes | undefined {
  const bytes: number[] = []
  const source = encodeUtf8(text)
  for (let index = 0; index < source.length; index++) {
    const byte = source[index]!
    if (byte === 0x2d) bytes.push(0x2f)
    else if (byte !== 0x5c) bytes.push(byte)
    else {
      const digits = /^x([0-9a-fA-F]{2})/.exec(String.fromCharCode(...source.subarray(index + 1, index + 4)))
      if (digits === null) return undefined
      bytes.push(Number.parseInt(digits[1]!, 16))
      index += 3
    }
  }
  const end = bytes.indexOf(0)
  return Uint8Array.from(end < 0 ? bytes : bytes.slice(0, end))
}

export function unitNameUnescape(text: string): string | undefined {
  const bytes = unitNameUnescapeBytes(text)
  return bytes && decodeUtf8(bytes)
}

/** `/foo/bar` → `foo-bar`, `/` → `-`; `undefined` when the path is not normalized. */
export function unitNamePathEscape(path: string): string | undefined {
  const simple = pathSimplify(path)
  if (pathIsEmptyOrRoot(simple)) return '-'
  if (!pathIsNormalized(simple)) return undefined
  return unitNameEscape(simple.replace(/^\/+/, '').replace(/\/+$/, ''))
}

/** Bytes of the path; `undefined` when it would not be a normalized absolute path. */
export function unitNamePathUnescapeBytes(text: string): Bytes | undefined {
  if (text === '') return undefined
  if (text === '-') return encodeUtf8('/')
  const bytes = unitNameUnescapeBytes(text)
  if (bytes === undefined || bytes[0] === 0x2f || bytes.at(-1) === 0x2f) return undefined
  const path = Uint8Array.from([0x2f, ...bytes])
  return pathIsNormalized(decodeUtf8(path)) ? path : undefined
}

export function unitNamePathUnescape(text: string): string | undefined {
  const bytes = unitNamePathUnescapeBytes(text)
  return bytes && decodeUtf8(bytes)
}
