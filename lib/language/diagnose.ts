// What is wrong with a file: the manager's own words first, ours after them, each with its fixes.
import type { Diagnostic } from '@/lib/systemd/fragment'
import { checkPage, checks, type CheckContext } from './checks'
import type { Finding } from './checks/check'
import { parseDocument } from './document'
import { managerFixes } from './manager-fixes'
import type { UnitTree } from './tree'
import type { Language, TextRange, UnitDiagnostic, UnitFix } from './unit-language'
import { unitPlace } from './unit-place'
import { say } from './words/words'

export type Diagnosed = { readonly diagnostic: UnitDiagnostic; readonly fixes: () => readonly UnitFix[] }

const SEVERITIES = { error: 'error', warning: 'warning', notice: 'warning', info: 'info', debug: 'hint' } as const

/** Where a message about a whole unit is shown: at the directive that it names, or at the head of the file. */
function anchor(context: CheckContext, message: string): TextRange {
  const { document, unit } = context
  for (const [, name] of message.matchAll(/\b([A-Z][A-Za-z]+)=/g)) {
    const line = document.assignments.findLast((one) => one.key === name)
    if (line !== undefined) return { from: line.from, to: line.to }
  }
  const header = document.sections.find((one) => one.name.toLowerCase() === unit.type) ?? document.sections[0]
  return header ? { from: header.from, to: header.to } : { from: 0, to: Math.min(1, document.text.length) }
}

function within(range: TextRange, length: number): TextRange {
  const from = Math.max(0, Math.min(range.from, length))
  return { from, to: Math.max(from, Math.min(range.to, length)) }
}

/** Messages that the manager gives of this file, or of the unit as a whole. */
function* managers(context: CheckContext): Generator<Diagnostic> {
  const { unit, place, tree } = context
  const real = tree.reader.readLink(place.path) === undefined ? place.path : unit.fragmentPath
  const seen = new Set<string>()
  for (const one of unit.diagnostics) {
    if (one.file !== '' && one.file !== place.path && one.file !== real) continue
    if (one.severity === 'debug' && one.line > 0) continue
    if (seen.has(one.text)) continue
    seen.add(one.text)
    yield one
  }
}

export function contextOf(tree: UnitTree, path: string, text: string, target: number): CheckContext | undefined {
  const place = unitPlace(path)
  if (place === undefined) return undefined
  tree.open(path, text)
  const document = tree.document(path)
  const own = document?.text === text ? document : parseDocument(text)
  return { place, document: own, unit: tree.unitOf(place), tree, target }
}

export function diagnose(context: CheckContext, language: Language): readonly Diagnosed[] {
  const found: Diagnosed[] = []
  const { length } = context.document.text
  for (const one of managers(context)) {
    const range = within(
      one.from === undefined || one.to === undefined ? anchor(context, one.message) : { from: one.from, to: one.to },
      length,
    )
    found.push({
      diagnostic: { ...range, severity: SEVERITIES[one.severity], source: 'systemd', message: one.message },
      fixes: () => managerFixes(context, one, language),
    })
  }
  if (context.unit.loadState === 'masked') return found
  for (const check of checks) {
    for (const finding of check.find(context)) {
      const values = finding.values ?? {}
      found.push({
        diagnostic: {
          ...within(finding, length),
          severity: check.severity,
          source: 'unitlab',
          message: say(check.message, language, values),
          code: check.id,
          page: checkPage(check.id),
          ...(finding.related ? { related: finding.related } : {}),
          ...(finding.tag ? { tag: finding.tag } : {}),
        },
        fixes: () => fixesOf(finding, check.id, language),
      })
    }
  }
  return found
}

const fixesOf = (finding: Finding, code: string, language: Language): readonly UnitFix[] =>
  (finding.fixes ?? []).map((fix, index) => ({
    title: say(fix.title, language, fix.values),
    edits: fix.edits,
    code,
    ...(index === 0 ? { preferred: true as const } : {}),
  }))
