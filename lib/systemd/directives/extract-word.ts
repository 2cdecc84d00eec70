// After systemd.syntax(7), "Quoting": words, quotes and C escapes, as extract-word.c takes them apart.
import { encodeUtf8 } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'

export const WHITESPACE = ' \t\n\r'

export type WordFlags = {
  /** Quotes group and are dropped. */
  readonly unquote?: boolean
  /** `\n`, `\x41` and their like are decoded; others are an error. */
  readonly cunescape?: boolean
  /** A backslash may stand before a separator. */
  readonly unescapeSeparators?: boolean
  /** An unknown escape is kept as it stands. */
  readonly unescapeRelax?: boolean
  /** An open quote or a trailing backslash is let pass. */
  readonly relax?: boolean
  /** Backslashes mean nothing. */
  readonly retainEscape?: boolean
  /** Each separator ends a word, empty words included. */
  readonly dontCoalesce?: boolean
}

/** Where reading goes on; `undefined` once all is read. */
export type WordCursor = { readonly text: string; at: number | undefined }

export const cursorAt = (text: string): WordCursor => ({ text, at: 0 })

/** What is left to read. */
export const cursorRest = (cursor: WordCursor): string => (cursor.at === undefined ? '' : cursor.text.slice(cursor.at))

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  s: ' ',
}

/** A byte that is no UTF-8 by itself, kept apart until the text is whole again. */
const rawByte = (byte: number): string => String.fromCharCode(0xdc00 + byte)

export type Unescaped = { readonly text: string; readonly length: number }

/** One escape, from behind its backslash; `undefined` when there is none such. */
export function unescapeOne(text: string, at: number, acceptNul = false): Unescaped | undefined {
  const char = text[at]
  if (char === undefined) return undefined
  const simple = SIMPLE_ESCAPES[char]
  if (simple !== undefined) return { text: simple, length: 1 }
  const numeric = (pattern: RegExp, radix: number) => {
    const digits = pattern.exec(text.slice(at))
    return digits === null ? undefined : { code: Number.parseInt(digits[1]!, radix), length: digits[0].length }
  }
  if (char === 'x' || (char >= '0' && char <= '7')) {
    const found = char === 'x' ? numeric(/^x([0-9a-fA-F]{2})/, 16) : numeric(/^([0-7]{3})/, 8)
    if (found === undefined || found.code > 255 || (found.code === 0 && !acceptNul)) return undefined
    return { text: found.code < 128 ? String.fromCharCode(found.code) : rawByte(found.code), length: found.length }
  }
  if (char === 'u' || char === 'U') {
    const found = char === 'u' ? numeric(/^u([0-9a-fA-F]{4})/, 16) : numeric(/^U([0-9a-fA-F]{8})/, 16)
    if (found === undefined || (found.code === 0 && !acceptNul)) return undefined
    if (found.code > 0x10ffff || (found.code >= 0xd800 && found.code <= 0xdfff)) return undefined
    return { text: String.fromCodePoint(found.code), length: found.length }
  }
  return undefined
}

const RAW = /[\udc80-\udcff]/

/** Joins raw bytes that make a character together; those that do not stay apart. */
export function joinBytes(text: string): string {
  if (!RAW.test(text)) return text
  return text.replace(/[\udc80-\udcff]+/g, (run, offset: number) => {
    // The low half of a pair is a character's own.
    if (offset > 0 && /[\ud800-\udbff]/.test(text[offset - 1]!)) return run
    const bytes = Uint8Array.from(run, (char) => char.charCodeAt(0) - 0xdc00)
    let out = ''
    for (let at = 0; at < bytes.length; ) {
      const length = sequenceLength(bytes, at)
      out += length === 0 ? rawByte(bytes[at]!) : new TextDecoder().decode(bytes.subarray(at, at + length))
      at += length || 1
    }
    return out
  })
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (const length of [2, 3, 4]) {
    if (at + length > bytes.length) return 0
    try {
      decoder.decode(bytes.subarray(at, at + length))
      return length
    } catch {
      // too short still, or no character at all
    }
  }
  return 0
}

/** Holds bytes that are no UTF-8 (they came from escapes). */
export const hasRawBytes = (text: string): boolean => RAW.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))

/** All escapes of a text; EINVAL for one that is unknown. */
export function cunescape(text: string, options: { readonly acceptNul?: boolean } = {}): string | Errno {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      out += text[at]
      continue
    }
    const one = unescapeOne(text, at + 1, options.acceptNul)
    if (one === undefined) return errno.EINVAL
    out += one.text
    at += one.length
  }
  return joinBytes(out)
}

/** The next word and the cursor behind it; `undefined` at the end. On an error the cursor is of no more use. */
export function extractFirstWord(cursor: WordCursor, flags: WordFlags = {}, separators: string = WHITESPACE): string | undefined | Errno {
  if (cursor.at === undefined) return undefined
  const { text } = cursor
  let at = cursor.at
  const isSeparator = (char: string) => separators.includes(char)

  // An empty word is a word only where separators count one by one.
  let word: string | undefined = flags.dontCoalesce ? '' : undefined
  for (; ; at++) {
    const char = text[at]
    if (char === undefined) {
      cursor.at = undefined
      return word
    }
    if (!isSeparator(char)) break
    if (flags.dontCoalesce) {
      cursor.at = at + 1
      return word
    }
  }

  let out = ''
  word = ''
  let quote = ''
  for (;;) {
    const char = text[at]
    if (char === undefined) {
      if (quote !== '' && !flags.relax) return errno.EINVAL
      cursor.at = undefined
      return joinBytes(out)
    }
    if (char === '\\' && !flags.retainEscape) {
      at += 1
      const next = text[at]
      if (next === undefined) {
        const kept = flags.unescapeRelax && (quote === '' || flags.relax)
        if (!kept && !flags.relax) return errno.EINVAL
        cursor.at = undefined
        return joinBytes(kept ? `${out}\\` : out)
      }
      if (flags.cunescape || flags.unescapeSeparators) {
        const one = flags.cunescape ? unescapeOne(text, at) : undefined
        if (one !== undefined) {
          out += one.text
          at += one.length - 1
        } else if (flags.unescapeSeparators && (isSeparator(next) || next === '\\')) out += next
        else if (flags.unescapeRelax) out += `\\${next}`
        else return errno.EINVAL
      } else out += next
      at += 1
      continue
    }
    if (quote !== '') {
      if (char === quote) quote = ''
      else out += char
      at += 1
      continue
    }
    if (flags.unquote && (char === '"' || char === "'")) {
      quote = char
      at += 1
      continue
    }
    if (isSeparator(char)) {
      if (flags.dontCoalesce) at += 1
      else {
        while (at < text.length && isSeparator(text[at]!)) at += 1
        if (at === text.length) {
          cursor.at = undefined
          return joinBytes(out)
        }
      }
      cursor.at = at
      return joinBytes(out)
    }
    out += char
    at += 1
  }
}

/** All words at once. */
export function splitWords(text: string, flags: WordFlags = {}, separators: string = WHITESPACE): string[] | Errno {
  const cursor = cursorAt(text)
  const words: string[] = []
  for (;;) {
    const word = extractFirstWord(cursor, flags, separators)
    if (word === undefined) return words
    if (isErrno(word)) return word
    words.push(word)
  }
}

/** Bytes that the text takes in UTF-8. */
export function byteLength(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : encodeUtf8(text.replace(/[\udc80-\udcff]/g, 'x')).length
}

/** Words up to `count`; fewer when the text ends. */
export function extractManyWords(cursor: WordCursor, count: number, flags: WordFlags, separators: string): string[] | Errno {
  const words: string[] = []
  while (words.length < count) {
    const word = extractFirstWord(cursor, flags, separators)
    if (isErrno(word)) return word
    if (word === undefined) break
    words.push(word)
  }
  return words
}
