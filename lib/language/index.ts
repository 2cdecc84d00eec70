// The unit-file language for editors: pure, headless; an editor's adapter only translates.
import type { FileReader } from '@/lib/base'
import { complete } from './completion'
import { contextOf, diagnose } from './diagnose'
import { parseDocument } from './document'
import { effective } from './effective'
import { hints } from './hints'
import { hover } from './hover'
import { definition, references, rename, unitAt } from './references'
import { folding, format, outline, tokens } from './structure'
import { type TreeFacts, UnitTree } from './tree'
import type { Language, UnitFix, UnitLanguage } from './unit-language'
import { NEWEST_VERSION } from './versions'

export { type Check, checkPage, checks } from './checks'
export { type DocumentAssignment, type DocumentSection, parseDocument, type UnitDocument } from './document'
export { explainExecLine, type ExplainContext, type ExplainedCommand, type ExplainedLine, type ExplainedWord } from './exec-explain'
export { effectiveRows } from './effective'
export { formatInitial, normalised } from './format-value'
export { manualPage } from './hover'
export { POPULAR } from './ranking'
export type { TreeFacts } from './tree'
export * from './unit-language'
export { unitPlace, type UnitPlace } from './unit-place'
export { NEWEST_VERSION, TARGET_VERSIONS, type TargetVersion, valueSince } from './versions'
export { directiveSummary, say, sectionSummary, specifierSummary, valueSummary, type Words } from './words'

export type UnitLanguageOptions = {
  readonly reader: FileReader
  readonly language?: Language
  /** Version of systemd that files must work with; the newest when not told. */
  readonly target?: number
  readonly facts?: TreeFacts
}

export function createUnitLanguage(options: UnitLanguageOptions): UnitLanguage {
  const { reader, language = 'en', target = NEWEST_VERSION, facts = {} } = options
  const tree = new UnitTree(reader, facts)
  const context = (path: string, text: string) => contextOf(tree, path, text, target)
  return {
    open: (path, text) => tree.open(path, text),
    close: (path) => tree.close(path),
    refresh: () => tree.refresh(),
    diagnostics(path, text) {
      const one = context(path, text)
      return one === undefined ? [] : diagnose(one, language).map(({ diagnostic }) => diagnostic)
    },
    complete(path, text, offset) {
      const one = context(path, text)
      return one === undefined ? [] : complete(one, offset, language)
    },
    hover(path, text, offset) {
      const one = context(path, text)
      return one && hover(one, offset, language)
    },
    hints(path, text) {
      const one = context(path, text)
      return one === undefined ? [] : hints(one, language)
    },
    fixes(path, text, from, to) {
      const one = context(path, text)
      if (one === undefined) return []
      const found: UnitFix[] = []
      for (const { diagnostic, fixes } of diagnose(one, language)) {
        if (diagnostic.to < from || diagnostic.from > to) continue
        for (const fix of fixes()) if (!found.some((other) => other.title === fix.title && sameEdits(other, fix))) found.push(fix)
      }
      return found
    },
    definition(path, text, offset) {
      const one = context(path, text)
      return one === undefined ? [] : definition(one, offset)
    },
    references(path, text, offset) {
      const one = context(path, text)
      return one === undefined ? [] : references(one, offset)
    },
    renameRange(path, text, offset) {
      const one = context(path, text)
      return one && unitAt(one, offset)
    },
    rename(path, text, offset, name) {
      const one = context(path, text)
      return one === undefined ? { edits: [], files: [], links: [] } : rename(one, offset, name, language)
    },
    format: (_path, text) => format(text),
    folding: (_path, text) => folding(parseDocument(text)),
    outline: (_path, text) => outline(parseDocument(text)),
    tokens: (_path, text) => tokens(parseDocument(text)),
    effective: (path) => effective(tree, path),
  }
}

const sameEdits = (a: UnitFix, b: UnitFix): boolean => JSON.stringify(a.edits) === JSON.stringify(b.edits)
