// Which texts may go to a terminal as they are, and how long ones are shortened.
import type { FieldValue } from './native-protocol'

/** From here on a value counts as long and is left out unless everything is asked for. */
export const PRINT_CHAR_THRESHOLD = 300
export const PRINT_LINE_THRESHOLD = 3

/** UTF-8 without control characters; tab and newline are harmless. */
export function isPrintable(value: FieldValue): value is string {
  return typeof value === 'string' && !/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(value)
}

/** Tabs become eight blanks, colours and other terminal sequences go. */
export function stripTabsAndAnsi(text: string): string {
  if (!/[\t\r\x1b]/.test(text)) return text
  return text
    .replace(/\x1b\[[0-9;:]*[A-Za-z]/g, '')
    .replace(/\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)/g, '')
    .replace(/\r+(?=\n|$)/g, '')
    .replace(/\t/g, '        ')
}

/** Columns of a terminal that a text takes. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x300) width += 1
    else if (isCombining(code)) continue
    else width += isWide(code) ? 2 : 1
  }
  return width
}

function isCombining(code: number): boolean {
  return (code >= 0x300 && code <= 0x36f) || code === 0x200b || code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f900 && code <= 0x1f9ff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}

/**
 * At most `width` columns; what is left out becomes `…`, `percent` of the rest standing before it. Terminal sequences take no
 * room and stay, also those in the part left out; as in systemd, of an OSC sequence only its two-byte ends count as such.
 */
export function ellipsize(text: string, width: number, percent: number): string {
  const pieces = text.match(/\x1b\[[^\x40-\x7e]*[\x40-\x7e]|\x1b[\x40-\x5f]|[\s\S]/gu) ?? []
  const widths = pieces.map((piece) => (piece.startsWith('\x1b') && piece.length > 1 ? 0 : displayWidth(piece)))
  if (widths.reduce((sum, own) => sum + own, 0) <= width) return text
  if (width === 0) return ''
  if (width === 1) return '…'
  const before = Math.floor(((width - 1) * percent + 50) / 100)
  let head = 0
  let used = 0
  while (head < pieces.length && used + widths[head]! <= before) used += widths[head++]!
  let tail = pieces.length
  used += 1
  while (tail > head && used + widths[tail - 1]! <= width) used += widths[--tail]!
  const kept = pieces.slice(head, tail).filter((piece) => piece.startsWith('\x1b') && piece.length > 1)
  return `${pieces.slice(0, head).join('')}…${kept.join('')}${pieces.slice(tail).join('')}`
}
