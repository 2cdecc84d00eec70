// Quoting text so that the shell reads it back, and the escapes of $'…', echo -e and printf.

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/
const controls: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\E',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
}

function ansiQuote(text: string): string {
  let result = "$'"
  for (const character of text) {
    const code = character.charCodeAt(0)
    result += controls[character] ?? (code < 32 || code === 127 ? `\\${code.toString(8).padStart(3, '0')}` : character)
  }
  return `${result}'`
}

/** `'it'\''s'`: as `declare -p` lists of aliases, traps and ${x@Q} show values. */
export function singleQuote(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiQuote(text)
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** As `set -x` and `set` show words: quoted only where needed. */
export function quoteWhereNeeded(text: string): string {
  if (text === '') return "''"
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiQuote(text)
  return /[\s'"\\|&;<>()!{}*[\]?^$`]/.test(text) || /^[~#]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text
}

/** As printf %q does: with backslashes. */
export function backslashQuote(text: string): string {
  if (text === '') return "''"
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiQuote(text)
  if (plain.test(text)) return text
  return text.replace(/[\s'"\\|&;<>()!{}*[\]?^$`,]/g, '\\$&').replace(/^[~#]/, '\\$&')
}

/** As `declare -p` shows values. */
export function doubleQuote(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiQuote(text)
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`
}

export type EscapeStyle = 'echo' | 'printf' | 'ansi-c'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/** The escape after a backslash at `at` (index of the character after it). */
export function readEscape(text: string, at: number, style: EscapeStyle): { value: string; next: number; stop?: boolean } {
  const character = text[at]
  if (character === undefined) return { value: '\\', next: at }
  const known = simple[character]
  if (known !== undefined) return { value: known, next: at + 1 }
  const rest = text.slice(at)
  if (character === 'c' && style !== 'ansi-c') return { value: '', next: text.length, stop: true }
  if (character === 'c' && style === 'ansi-c') {
    return { value: String.fromCharCode((text.charCodeAt(at + 1) || 0) & 31), next: at + 2 }
  }
  const octal = style === 'echo' ? /^0([0-7]{0,3})/.exec(rest) : /^0?([0-7]{1,3})/.exec(rest)
  if (octal !== null) return { value: String.fromCharCode(Number.parseInt(octal[1] || '0', 8) & 255), next: at + octal[0].length }
  const hex = /^x([0-9A-Fa-f]{1,2})/.exec(rest)
  if (hex !== null) {
    // Neighbouring \xHH escapes may spell one UTF-8 character.
    const run = /^(?:x[0-9A-Fa-f]{1,2}\\?)*x[0-9A-Fa-f]{1,2}/.exec(rest)?.[0] ?? hex[0]
    const bytes = [...run.matchAll(/x([0-9A-Fa-f]{1,2})/g)].map((match) => Number.parseInt(match[1]!, 16))
    const decoded = new TextDecoder().decode(Uint8Array.from(bytes))
    if (bytes.length > 1 && !decoded.includes('\ufffd')) return { value: decoded, next: at + run.length }
    return { value: String.fromCharCode(Number.parseInt(hex[1]!, 16)), next: at + hex[0].length }
  }
  const unicode = /^(?:u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8}))/.exec(rest)
  if (unicode !== null) {
    return { value: String.fromCodePoint(Number.parseInt(unicode[1] ?? unicode[2]!, 16)), next: at + unicode[0].length }
  }
  if ((style === 'printf' || style === 'ansi-c') && (character === '"' || character === "'" || character === '?')) {
    return { value: character, next: at + 1 }
  }
  return { value: `\\${character}`, next: at + 1 }
}

/** Decodes a whole text; `stopped` when \c ended it. */
export function decodeEscapes(text: string, style: EscapeStyle): { readonly text: string; readonly stopped: boolean } {
  if (!text.includes('\\')) return { text, stopped: false }
  let result = ''
  let at = 0
  while (at < text.length) {
    if (text[at] !== '\\') {
      result += text[at]
      at += 1
      continue
    }
    const found = readEscape(text, at + 1, style)
    result += found.value
    if (found.stop === true) return { text: result, stopped: true }
    at = found.next
  }
  return { text: result, stopped: false }
}
