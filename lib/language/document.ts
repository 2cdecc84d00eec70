// After systemd.syntax(7): a unit file as an editor sees it: every line with its place, whether or not a manager would read it.
import type { TextRange } from './unit-language'

export type DocumentAssignment = TextRange & {
  readonly kind: 'assignment'
  /** '' before the first section. */
  readonly section: string
  readonly key: string
  readonly keyFrom: number
  readonly keyTo: number
  /** Of the `=`. */
  readonly equals: number
  /** Continued lines joined, as the manager reads them. */
  readonly value: string
  readonly valueFrom: number
  readonly valueTo: number
  /** Physical lines, from 1. */
  readonly firstLine: number
  readonly lastLine: number
  /** Where an offset of the value is in the text. */
  readonly offsetOf: (index: number) => number
  /** The other way about; outside of it the nearest. */
  readonly indexOf: (offset: number) => number
}
export type DocumentSection = TextRange & {
  readonly kind: 'section'
  readonly name: string
  readonly line: number
  /** Where its last line ends. */
  end: number
  readonly assignments: DocumentAssignment[]
}
export type DocumentComment = TextRange & { readonly kind: 'comment'; readonly line: number }
/** A line that is none of the others: no `=`, or a section that is not closed. */
export type DocumentStray = TextRange & { readonly kind: 'stray'; readonly section: string; readonly line: number }
export type DocumentItem = DocumentAssignment | DocumentSection | DocumentComment | DocumentStray

export type UnitDocument = {
  readonly text: string
  readonly items: readonly DocumentItem[]
  readonly sections: readonly DocumentSection[]
  readonly assignments: readonly DocumentAssignment[]
}

type Line = { readonly text: string; readonly from: number; readonly line: number }

function* linesOf(text: string): Generator<Line> {
  const ends = /\r\n|\n\r|[\n\r\0]/g
  let from = 0
  let line = 1
  for (let match = ends.exec(text); match !== null; match = ends.exec(text)) {
    yield { text: text.slice(from, match.index), from, line }
    from = match.index + match[0].length
    line += 1
  }
  if (from < text.length) yield { text: text.slice(from), from, line }
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\n' || char === '\r'

function endsEscaped(text: string): boolean {
  let count = 0
  for (let at = text.length - 1; at >= 0 && text[at] === '\\'; at--) count += 1
  return count % 2 === 1
}

type Piece = { readonly at: number; readonly from: number; readonly length: number }

function assignmentOf(
  joined: string,
  pieces: readonly Piece[],
  start: number,
  end: number,
  section: string,
  firstLine: number,
  lastLine: number,
): DocumentAssignment | undefined {
  const place = (index: number): number => {
    let piece = pieces[0]!
    for (const one of pieces) {
      if (one.at > index) break
      piece = one
    }
    return piece.from + Math.min(index - piece.at, piece.length)
  }
  const equals = joined.indexOf('=', start)
  if (equals < 0 || equals === start || equals >= end) return undefined
  let keyEnd = equals
  while (keyEnd > start && isBlank(joined[keyEnd - 1])) keyEnd -= 1
  let valueStart = equals + 1
  while (valueStart < end && isBlank(joined[valueStart])) valueStart += 1
  const offsetOf = (index: number): number => {
    const at = valueStart + Math.max(0, index)
    return at >= end ? place(end - 1) + 1 : place(at)
  }
  return {
    kind: 'assignment',
    section,
    key: joined.slice(start, keyEnd),
    keyFrom: place(start),
    keyTo: place(keyEnd - 1) + 1,
    equals: place(equals),
    value: joined.slice(valueStart, end),
    valueFrom: offsetOf(0),
    valueTo: offsetOf(end - valueStart),
    from: place(start),
    to: place(end - 1) + 1,
    firstLine,
    lastLine,
    offsetOf,
    indexOf: (offset) => {
      let index = 0
      for (const one of pieces) if (one.from <= offset) index = one.at + Math.min(offset - one.from, one.length)
      return Math.min(Math.max(index - valueStart, 0), end - valueStart)
    },
  }
}

export function parseDocument(text: string): UnitDocument {
  const items: DocumentItem[] = []
  const sections: DocumentSection[] = []
  const assignments: DocumentAssignment[] = []
  let section: DocumentSection | undefined
  let joined = ''
  let pieces: Piece[] = []
  let firstLine = 1
  let bomSeen = false

  const finish = (lastLine: number): void => {
    let start = 0
    let end = joined.length
    while (start < end && isBlank(joined[start])) start += 1
    while (end > start && isBlank(joined[end - 1])) end -= 1
    if (start < end) {
      const from = pieces[0]!.from + start - pieces[0]!.at
      const last = pieces.findLast((one) => one.at < end) ?? pieces[0]!
      const to = Math.max(from, last.from + Math.min(end - last.at, last.length))
      if (joined[start] === '[' && joined[end - 1] === ']') {
        section = { kind: 'section', name: joined.slice(start + 1, end - 1), line: firstLine, from, to, end: to, assignments: [] }
        sections.push(section)
        items.push(section)
      } else {
        const found = joined[start] === '[' ? undefined : assignmentOf(joined, pieces, start, end, section?.name ?? '', firstLine, lastLine)
        const item = found ?? ({ kind: 'stray', section: section?.name ?? '', line: firstLine, from, to } as const)
        items.push(item)
        if (item.kind === 'assignment') {
          assignments.push(item)
          section?.assignments.push(item)
        }
        if (section) section.end = to
      }
    }
    joined = ''
    pieces = []
  }

  let last = 0
  for (const { text: whole, from: begin, line } of linesOf(text)) {
    last = line
    let l = whole
    let from = begin
    const first = l.search(/[^ \t\n\r]/)
    if (first >= 0 && (l[first] === '#' || l[first] === ';')) {
      items.push({ kind: 'comment', from: from + first, to: from + l.length, line })
      continue
    }
    if (!bomSeen && l.startsWith('\ufeff')) {
      l = l.slice(1)
      from += 1
      bomSeen = true
    }
    if (pieces.length === 0) firstLine = line
    const escaped = endsEscaped(l)
    pieces.push({ at: joined.length, from, length: l.length })
    joined += escaped ? `${l.slice(0, -1)} ` : l
    if (!escaped) finish(line)
  }
  if (pieces.length > 0) finish(last)
  return { text, items, sections, assignments }
}

/** The assignment whose lines hold the offset. */
export function assignmentAt(document: UnitDocument, offset: number): DocumentAssignment | undefined {
  return document.assignments.find((one) => offset >= one.from && offset <= one.to)
}

/** The section that an offset is in. */
export function sectionAt(document: UnitDocument, offset: number): DocumentSection | undefined {
  return document.sections.findLast((one) => one.to <= offset)
}

/** Words of a value, separated by white space, with their places in the text. */
export function* wordsOf(assignment: DocumentAssignment): Generator<TextRange & { readonly text: string; readonly index: number }> {
  for (const match of assignment.value.matchAll(/[^ \t\n\r]+/g)) {
    yield {
      text: match[0],
      index: match.index,
      from: assignment.offsetOf(match.index),
      to: assignment.offsetOf(match.index + match[0].length - 1) + 1,
    }
  }
}
