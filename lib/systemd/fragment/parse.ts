// After systemd.syntax(7) and conf-parser.c: a file's text becomes sections and assignments.
import type { Bytes } from '@/lib/base'
import { errno, type Errno } from '@/lib/kernel'
import { byteLength, escapeInvalidUtf8, joinBytes, LONG_LINE_MAX, type Severity, stringIsSafe, WHITESPACE } from '../directives'

export type Assignment = {
  readonly kind: 'assignment'
  readonly section: string
  readonly key: string
  readonly value: string
  /** Number of the last physical line, as messages give it. */
  readonly line: number
  readonly firstLine: number
  readonly keyFrom: number
  readonly keyTo: number
  /** Offset in the text of each offset in the value; one more for its end. */
  readonly offsetOf: (index: number) => number
}
export type SectionHeader = {
  readonly kind: 'section'
  readonly name: string
  readonly known: boolean
  readonly line: number
  readonly from: number
  readonly to: number
}
export type Complaint = {
  readonly kind: 'complaint'
  readonly severity: Severity
  readonly message: string
  readonly line: number
  readonly from: number
  readonly to: number
  /** Reading ends here, with this error. */
  readonly fatal?: Errno
}
export type FragmentItem = Assignment | SectionHeader | Complaint

/** Bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF. */
export function decodeLossless(bytes: Bytes): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    let text = ''
    const chunk = 8192
    for (let at = 0; at < bytes.length; at += chunk) {
      text += String.fromCharCode(...Array.from(bytes.subarray(at, at + chunk), (byte) => (byte < 128 ? byte : 0xdc00 + byte)))
    }
    return joinBytes(text)
  }
}

type Line = { readonly text: string; readonly from: number }

const EOL_ZERO = 1
const EOL_TEN = 2
const EOL_THIRTEEN = 4
const endOfLine = (code: number): number => (code === 10 ? EOL_TEN : code === 13 ? EOL_THIRTEEN : code === 0 ? EOL_ZERO : 0)

/** Lines end with LF, CR, NUL or pairs of them. `undefined` for one that is too long. */
function* physicalLines(text: string): Generator<Line | undefined> {
  for (let at = 0; at < text.length; ) {
    const from = at
    while (at < text.length && endOfLine(text.charCodeAt(at)) === 0) at += 1
    const line = text.slice(from, at)
    if (line.length * 3 >= LONG_LINE_MAX && byteLength(line) >= LONG_LINE_MAX) {
      yield undefined
      return
    }
    let seen = 0
    while (at < text.length && (seen & EOL_ZERO) === 0) {
      const eol = endOfLine(text.charCodeAt(at))
      if (eol === 0 || (seen & eol) !== 0) break
      seen |= eol
      at += 1
    }
    yield { text: line, from }
  }
}

const isSpace = (char: string | undefined): boolean => char !== undefined && WHITESPACE.includes(char)

/** An odd number of backslashes… at the end: the next line belongs to this one. */
function endsEscaped(text: string): boolean {
  let escaped = false
  for (let at = 0; at < text.length; at++) escaped = !escaped && text[at] === '\\'
  return escaped
}

/** Characters that no text may have, by Unicode's rule. */
const NONCHARACTER =
  /[\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?:^|[^\ud800-\udbff])[\udc00-\udfff]/
const isCleanText = (text: string): boolean => /^[\x01-\x7f]*$/.test(text) || !(NONCHARACTER.test(text) || LONE_SURROGATE.test(text))

/** A logical line: the pieces of the text that it is made of. */
class LogicalLine {
  readonly firstLine: number
  private readonly texts: string[] = []
  private readonly pieces: { readonly at: number; readonly from: number }[] = []
  private length = 0
  /** In bytes. */
  size = 0

  constructor(firstLine: number) {
    this.firstLine = firstLine
  }

  /** A piece and where it stands; true when a backslash at its end asks for the next one. */
  add(text: string, from: number): boolean {
    const goesOn = endsEscaped(text)
    this.pieces.push({ at: this.length, from })
    this.texts.push(goesOn ? `${text.slice(0, -1)} ` : text)
    this.length += text.length
    this.size += byteLength(text)
    return goesOn
  }

  get text(): string {
    return this.texts.length === 1 ? (this.texts[0] ?? '') : this.texts.join('')
  }

  /** The offset in the file of an offset in the line. */
  offsetOf(index: number): number {
    let low = 0
    let high = this.pieces.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.pieces[middle]!.at <= index) low = middle
      else high = middle - 1
    }
    const piece = this.pieces[low]!
    return piece.from + (index - piece.at)
  }
}

export type ParseOptions = {
  /** Sections that are known. */
  readonly sections: readonly string[]
}

/** Everything in a file, in order. */
export function* parseFragment(text: string, options: ParseOptions): Generator<FragmentItem, void> {
  let section = ''
  let sectionIgnored = false
  let line = 0
  let bomSeen = false
  let pending: LogicalLine | undefined

  function* one(logical: LogicalLine): Generator<FragmentItem, boolean> {
    const whole = logical.text
    let from = 0
    let to = whole.length
    while (from < to && isSpace(whole[from])) from += 1
    while (to > from && isSpace(whole[to - 1])) to -= 1
    if (from === to) return true
    const l = whole.slice(from, to)
    const place = { from: logical.offsetOf(from), to: logical.offsetOf(to - 1) + 1 }
    const complain = (severity: Severity, message: string, fatal?: Errno): Complaint => ({
      kind: 'complaint',
      severity,
      message,
      line,
      ...place,
      ...(fatal ? { fatal } : {}),
    })
    if (!isCleanText(l)) {
      yield complain('warning', `String is not UTF-8 clean, ignoring assignment: ${escapeInvalidUtf8(l)}`, errno.EINVAL)
      return false
    }
    if (l.startsWith('[')) {
      if (!l.endsWith(']')) {
        yield complain('error', `Invalid section header '${l}'`, errno.EBADMSG)
        return false
      }
      const name = l.slice(1, -1)
      if (!stringIsSafe(name)) {
        yield complain('error', `Bad characters in section header '${l}'`, errno.EBADMSG)
        return false
      }
      const known = options.sections.includes(name)
      yield { kind: 'section', name, known, line, ...place }
      if (!known && !name.startsWith('X-')) yield complain('warning', `Unknown section '${name}'. Ignoring.`)
      section = known ? name : ''
      sectionIgnored = !known
      return true
    }
    if (section === '') {
      if (!sectionIgnored) yield complain('warning', 'Assignment outside of section. Ignoring.')
      return true
    }
    const equals = l.indexOf('=')
    if (equals < 0) {
      yield complain('warning', "Missing '=', ignoring line.")
      return true
    }
    if (equals === 0) {
      yield complain('warning', "Missing key name before '=', ignoring line.")
      return true
    }
    let keyEnd = equals
    while (keyEnd > 0 && isSpace(l[keyEnd - 1])) keyEnd -= 1
    let valueStart = equals + 1
    while (valueStart < l.length && isSpace(l[valueStart])) valueStart += 1
    const value = l.slice(valueStart)
    yield {
      kind: 'assignment',
      section,
      key: l.slice(0, keyEnd),
      value,
      line,
      firstLine: logical.firstLine,
      keyFrom: place.from,
      keyTo: logical.offsetOf(from + Math.max(0, keyEnd - 1)) + 1,
      offsetOf: (index) => {
        const at = from + valueStart + index
        return at > from && at >= to ? logical.offsetOf(Math.max(from, to - 1)) + 1 : logical.offsetOf(at)
      },
    }
    return true
  }

  for (const physical of physicalLines(text)) {
    if (physical === undefined) {
      const place = { line, from: 0, to: 0 }
      yield { kind: 'complaint', severity: 'debug', message: 'Line too long', ...place, fatal: errno.ENOBUFS }
      return
    }
    line += 1
    let { text: l, from } = physical
    let start = 0
    while (start < l.length && isSpace(l[start])) start += 1
    if (l[start] === '#' || l[start] === ';') continue
    if (!bomSeen && l.startsWith('\ufeff')) {
      l = l.slice(1)
      from += 1
      bomSeen = true
    }
    pending ??= new LogicalLine(line)
    if (pending.size > 0 && pending.size + byteLength(l) > LONG_LINE_MAX) {
      const place = { line, from, to: from + l.length }
      yield { kind: 'complaint', severity: 'debug', message: 'Continuation line too long', ...place, fatal: errno.ENOBUFS }
      return
    }
    if (pending.add(l, from)) continue
    const logical = pending
    pending = undefined
    if (!(yield* one(logical))) return
  }
  if (pending !== undefined) {
    line += 1
    yield* one(pending)
  }
}
