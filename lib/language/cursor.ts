// What is under the cursor: one answer that completion, hover and rename build on.
import { type DocumentAssignment, type DocumentSection, sectionAt, type UnitDocument } from './document'
import { isExecDirective, scanExecLine } from './exec-words'
import type { TextRange } from './unit-language'

export type Cursor =
  | ({ readonly kind: 'section'; readonly word: string } & TextRange)
  | ({
      readonly kind: 'key'
      readonly word: string
      readonly section: DocumentSection | undefined
      readonly line: DocumentAssignment | undefined
    } & TextRange)
  | ({
      readonly kind: 'value'
      readonly line: DocumentAssignment
      /** The word at the cursor, whole. */
      readonly word: string
      /** How much of it is before the cursor. */
      readonly before: string
      readonly wordIndex: number
    } & TextRange)
  | { readonly kind: 'comment' }

export function cursorOf(document: UnitDocument, offset: number): Cursor {
  const { text } = document
  for (const item of document.items) {
    if (item.from > offset) break
    if (item.kind === 'comment' && offset > item.from && offset <= item.to) return { kind: 'comment' }
    if (item.kind === 'section' && offset > item.from && offset <= item.to) {
      return { kind: 'section', word: item.name, from: item.from + 1, to: Math.max(item.from + 1, item.to - 1) }
    }
    if (item.kind === 'assignment' && offset >= item.from) {
      const lineEnd = endOfLine(text, Math.max(item.to, item.equals + 1))
      if (offset > lineEnd) continue
      if (offset <= item.equals)
        return { kind: 'key', word: item.key, from: item.keyFrom, to: item.keyTo, section: sectionAt(document, offset), line: item }
      return valueCursor(item, offset)
    }
  }
  const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
  const end = endOfLine(text, offset)
  const indent = /^[ \t]*/.exec(text.slice(start, end))![0].length
  const from = Math.min(start + indent, offset)
  const line = text.slice(from, end)
  if (line.startsWith('['))
    return {
      kind: 'section',
      word: line.slice(1).replace(/\].*$/, ''),
      from: from + 1,
      to: from + 1 + line.slice(1).replace(/\].*$/, '').length,
    }
  return {
    kind: 'key',
    word: line.trimEnd(),
    from,
    to: from + line.trimEnd().length,
    section: sectionAt(document, offset),
    line: undefined,
  }
}

function endOfLine(text: string, offset: number): number {
  const end = text.slice(offset).search(/[\r\n]/)
  return end < 0 ? text.length : offset + end
}

function valueCursor(line: DocumentAssignment, offset: number): Cursor {
  const index = offset < line.valueFrom ? 0 : Math.min(line.indexOf(offset), line.value.length)
  // Behind the last word and a space: a word of its own.
  if (offset > line.valueTo || line.value === '') {
    const isNew = line.value === '' || offset > line.valueTo
    if (isNew) {
      const count = isExecDirective(line.section, line.key)
        ? (scanExecLine(line.value).commands.at(-1)?.words.length ?? 0)
        : line.value.split(/\s+/).filter(Boolean).length
      const at = Math.max(offset, line.equals + 1)
      return { kind: 'value', line, word: '', before: '', wordIndex: count, from: at, to: at }
    }
  }
  let wordIndex = 0
  for (const match of line.value.matchAll(/[^ \t\n\r]+/g)) {
    const end = match.index + match[0].length
    if (index <= end && index >= match.index) {
      return {
        ...{ kind: 'value', line, wordIndex, word: match[0], before: match[0].slice(0, index - match.index) },
        from: line.offsetOf(match.index),
        to: line.offsetOf(end - 1) + 1,
      }
    }
    if (index > end) wordIndex += 1
  }
  return { kind: 'value', line, word: '', before: '', wordIndex, from: offset, to: offset }
}
