// What a check of ours is: an id, words in both languages, and a search. Apart from what the manager itself says.
import type { ExecCommand, LoadedUnit } from '@/lib/systemd/fragment'
import type { DocumentAssignment, UnitDocument } from '../document'
import type { UnitTree } from '../tree'
import type { Location, TextEdit, TextRange } from '../unit-language'
import type { UnitPlace } from '../unit-place'
import type { Values, Words } from '../words/words'

export type CheckContext = {
  readonly place: UnitPlace
  readonly document: UnitDocument
  /** Fragment and drop-ins together. */
  readonly unit: LoadedUnit
  readonly tree: UnitTree
  /** Version of systemd that the file must work with. */
  readonly target: number
}

export type FindingFix = { readonly title: Words; readonly values?: Values; readonly edits: readonly TextEdit[] }
export type Finding = TextRange & {
  /** For the `{…}` places of the message. */
  readonly values?: Values
  readonly related?: readonly (Location & { readonly message: string })[]
  readonly fixes?: readonly FindingFix[]
  readonly tag?: 'deprecated' | 'unnecessary'
}

export type Check = {
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info' | 'hint'
  readonly title: Words
  readonly message: Words
  /** Why it matters and what to do; for its page. */
  readonly why: Words
  readonly find: (context: CheckContext) => Iterable<Finding>
}

export const valueRange = (one: DocumentAssignment): TextRange => ({ from: one.valueFrom, to: Math.max(one.valueTo, one.valueFrom) })
export const keyRange = (one: DocumentAssignment): TextRange => ({ from: one.keyFrom, to: one.keyTo })

/** The line of this file that is in force for a directive; undefined when another file has the word. */
export function ownLine(
  { document, place, unit }: CheckContext,
  section: string,
  ...directives: readonly string[]
): DocumentAssignment | undefined {
  const origin = unit.origins.findLast((one) => one.section === section && directives.includes(one.directive))
  if (origin === undefined || origin.file !== place.path || origin.value === '') return undefined
  return document.assignments.findLast((one) => one.lastLine === origin.line && one.key === origin.directive)
}

/** All lines of this file for some directives, without those that an empty one of the same name undoes. */
export function ownLines({ document }: CheckContext, section: string, ...directives: readonly string[]): readonly DocumentAssignment[] {
  const found: DocumentAssignment[] = []
  for (const one of document.assignments) {
    if (one.section !== section || !directives.includes(one.key)) continue
    if (one.value === '') {
      for (let at = found.length - 1; at >= 0; at--) if (found[at]!.key === one.key) found.splice(at, 1)
    } else found.push(one)
  }
  return found
}

/** The line that a command came from. */
export const lineOf = ({ document, place }: CheckContext, command: ExecCommand): DocumentAssignment | undefined =>
  command.origin.file === place.path ? document.assignments.find((one) => one.lastLine === command.origin.line) : undefined

/** Takes a whole assignment out, with its line end. */
export function removeLine({ document, place }: CheckContext, one: DocumentAssignment): TextEdit {
  const { text } = document
  const from = text.lastIndexOf('\n', one.from - 1) + 1
  const end = text.indexOf('\n', one.to)
  return { path: place.path, from, to: end < 0 ? text.length : end + 1, insert: '' }
}

/** Adds lines at the end of a section, which is made when it is not there. */
export function addToSection({ document, place }: CheckContext, section: string, lines: string): TextEdit {
  const { text } = document
  const found = document.sections.findLast((one) => one.name === section)
  if (found !== undefined) return { path: place.path, from: found.end, to: found.end, insert: `\n${lines}` }
  const gap = text === '' || text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  // [Unit] comes first by custom.
  if (section === 'Unit') return { path: place.path, from: 0, to: 0, insert: `[Unit]\n${lines}\n\n` }
  return { path: place.path, from: text.length, to: text.length, insert: `${gap}[${section}]\n${lines}\n` }
}

export const replace = ({ place }: CheckContext, range: TextRange, insert: string): TextEdit => ({
  path: place.path,
  from: range.from,
  to: range.to,
  insert,
})

/** A name added to a list of names: to the line that is there, or on a line of its own. */
export function addName(context: CheckContext, section: string, directive: string, name: string): TextEdit {
  const line = context.document.assignments.findLast((one) => one.section === section && one.key === directive && one.value !== '')
  if (line === undefined) return addToSection(context, section, `${directive}=${name}`)
  return { path: context.place.path, from: line.valueTo, to: line.valueTo, insert: ` ${name}` }
}
