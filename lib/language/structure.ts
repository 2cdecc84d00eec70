// Shape of a file: outline, folding, colours, tidy form.
import { findDirective } from '@/lib/systemd/directives'
import { unitNameIsValid } from '@/lib/systemd/unit-name'
import { type DocumentAssignment, type UnitDocument, wordsOf } from './document'
import { isExecDirective } from './exec-words'
import type { FoldingRange, OutlineItem, SemanticToken, SemanticTokenType } from './unit-language'
import { namesUnits } from './value-kinds'

export const outline = (document: UnitDocument): readonly OutlineItem[] =>
  document.sections.map((section) => ({
    ...{ name: `[${section.name}]`, detail: '', kind: 'section', from: section.from, to: section.end },
    nameRange: { from: section.from, to: section.to },
    children: section.assignments.map((one) => ({
      ...{ name: one.key, detail: one.value.slice(0, 80), kind: 'directive', from: one.from, to: one.to, children: [] },
      nameRange: { from: one.keyFrom, to: one.keyTo },
    })),
  }))

export function folding(document: UnitDocument): readonly FoldingRange[] {
  const found: FoldingRange[] = []
  for (const section of document.sections)
    if (section.end > section.to) found.push({ kind: 'section', from: section.from, to: section.end })
  for (const one of document.assignments) if (one.lastLine > one.firstLine) found.push({ kind: 'continuation', from: one.from, to: one.to })
  let start: { from: number; line: number } | undefined
  let last: { to: number; line: number } | undefined
  const flush = (): void => {
    if (start && last && last.line > start.line) found.push({ kind: 'comment', from: start.from, to: last.to })
    start = undefined
  }
  for (const item of document.items) {
    if (item.kind !== 'comment') continue
    if (last === undefined || item.line !== last.line + 1) flush()
    start ??= { from: item.from, line: item.line }
    last = { to: item.to, line: item.line }
  }
  flush()
  return found
}

const WORD_TOKENS = /\$\{\w+\}|\$\w+|%[%A-Za-z]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'$%]+|\S/g
const NUMBER = /^-?\d+(?:\.\d+)?(?:%|[A-Za-zµ]{0,7})$/

function wordType(text: string, line: DocumentAssignment, values: readonly string[]): SemanticTokenType {
  if (/^%[%A-Za-z]$/.test(text)) return 'specifier'
  if (text.startsWith('$') && text.length > 1) return 'variable'
  if (/^["']/.test(text) && text.length > 1) return 'string'
  if (namesUnits(line.section, line.key) && unitNameIsValid(text)) return 'unit'
  if (/^(?:yes|no|true|false|on|off|infinity)$/i.test(text) || values.includes(text)) return 'keyword'
  if (NUMBER.test(text)) return 'number'
  return text.startsWith('/') ? 'path' : 'value'
}

export function tokens(document: UnitDocument): readonly SemanticToken[] {
  const found: SemanticToken[] = []
  for (const item of document.items) {
    if (item.kind === 'comment') found.push({ from: item.from, to: item.to, type: 'comment' })
    else if (item.kind === 'section') found.push({ from: item.from, to: item.to, type: 'section' })
    else if (item.kind === 'assignment') found.push(...assignmentTokens(item))
  }
  // Comments may stand between the lines of one value: what they cut through has no colour.
  const sorted = found.sort((a, b) => a.from - b.from)
  const comments = sorted.filter((one) => one.type === 'comment')
  let last = 0
  return sorted.filter((one) => {
    const free = one.from >= last && (one.type === 'comment' || !comments.some((other) => other.from < one.to && other.to > one.from))
    if (free) last = one.to
    return free
  })
}

function* assignmentTokens(line: DocumentAssignment): Generator<SemanticToken> {
  const row = findDirective(line.section, line.key)
  const known = row !== undefined || line.key.startsWith('X-')
  yield {
    from: line.keyFrom,
    to: line.keyTo,
    type: known ? 'directive' : 'unknown',
    ...(row?.replacedBy || row?.removed ? { deprecated: true as const } : {}),
  }
  yield { from: line.equals, to: line.equals + 1, type: 'operator' }
  const values = row?.parser.values ?? []
  const exec = isExecDirective(line.section, line.key)
  let skip = 0
  if (exec) {
    const prefix = /^[-@:+!]+/.exec(line.value)?.[0].length ?? 0
    if (prefix > 0) yield { from: line.offsetOf(0), to: line.offsetOf(prefix - 1) + 1, type: 'prefix' }
    skip = prefix
  }
  if (row?.parser.placeholder === 'STRING' || line.key === 'Description') {
    if (line.value !== '' && line.firstLine === line.lastLine) yield { from: line.valueFrom, to: line.valueTo, type: 'value' }
    return
  }
  if (namesUnits(line.section, line.key)) {
    for (const word of wordsOf(line)) yield { from: word.from, to: word.to, type: wordType(word.text, line, values) }
    return
  }
  WORD_TOKENS.lastIndex = skip
  for (let match = WORD_TOKENS.exec(line.value); match !== null; match = WORD_TOKENS.exec(line.value)) {
    const from = line.offsetOf(match.index)
    const to = line.offsetOf(match.index + match[0].length - 1) + 1
    // A string that goes over several lines has comments in it, maybe.
    if (to - from === match[0].length) yield { from, to, type: wordType(match[0], line, values) }
  }
}

/** No space around `=` and section headers, none at line ends, one blank line between sections, one line end at the end. */
export function format(text: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(/\r\n|\n/)
  const out: string[] = []
  let continued = false
  for (const line of lines) {
    const isComment = /^[ \t]*[#;]/.test(line)
    const trimmed = line.replace(/[ \t\r]+$/, '')
    const escaped = !isComment && /(?:^|[^\\])(?:\\\\)*\\\r*$/.test(line)
    if (continued) {
      // White space in continued values belongs to nobody, but people align with it.
      out.push(isComment || !escaped ? trimmed : line.replace(/\r+$/, ''))
      if (!isComment) continued = escaped
      continue
    }
    if (isComment) out.push(trimmed.replace(/^[ \t]+/, ''))
    else if (/^[ \t]*\[/.test(line)) {
      const previous = out.at(-1)
      // A comment right above a header stays with it.
      let at = out.length
      while (at > 0 && /^[#;]/.test(out[at - 1]!)) at -= 1
      if (previous !== undefined && at > 0 && out[at - 1] !== '') out.splice(at, 0, '')
      out.push(trimmed.replace(/^[ \t]+/, ''))
    } else {
      const match = /^[ \t]*([^= \t][^=]*?)[ \t]*=[ \t]*([\s\S]*)$/.exec(escaped ? line.replace(/\r+$/, '') : trimmed)
      const text = match ? `${match[1]}=${match[2]}` : trimmed.replace(/^[ \t]+/, '')
      if (text === '' && (out.length === 0 || out.at(-1) === '')) continue
      out.push(text)
    }
    continued = escaped
  }
  while (out.at(-1) === '') out.pop()
  return out.length === 0 ? '' : out.join(eol) + eol
}
