// Inlay hints: what specifiers, spans, dates and command lines come to.
import { formatTimestamp } from '@/lib/base'
import { expandSpecifiers, findDirective } from '@/lib/systemd/directives'
import { nextElapse, parseCalendarSpec } from '@/lib/systemd/calendar'
import type { CheckContext } from './checks'
import { explainExecLine } from './exec-explain'
import { isExecDirective } from './exec-words'
import { normalised } from './format-value'
import { execContext } from './hover'
import type { Language, UnitHint } from './unit-language'
import { UI } from './words'
import { say } from './words/words'

const MAXIMUM = 4096

/** One word of an argument list as a person would type it. */
const show = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))

export function hints(context: CheckContext, language: Language): readonly UnitHint[] {
  const { document, tree, unit, place } = context
  const found: UnitHint[] = []
  const host = tree.loader(place.scope).specifiers
  for (const line of document.assignments) {
    const row = findDirective(line.section, line.key)
    if (row === undefined || line.value === '') continue
    if (isExecDirective(line.section, line.key)) {
      if (!/[%$]/.test(line.value)) continue
      const explained = explainExecLine(line.value, execContext(context, language))
      if (explained.faults.length > 0) continue
      const text = explained.commands.map(({ argv }) => argv.map(show).join(' ')).join(' ; ')
      if (text !== line.value) found.push({ at: line.valueTo, text: `→ ${text}` })
      continue
    }
    if (row.name === 'OnCalendar' && tree.facts.nowUsec !== undefined) {
      const spec = parseCalendarSpec(line.value, tree.local)
      if (typeof spec === 'string') continue
      const next = nextElapse(spec, tree.facts.nowUsec, tree.local)
      found.push({
        at: line.valueTo,
        text: typeof next === 'string' ? say(UI.never, language) : `→ ${formatTimestamp(next, tree.local) ?? ''}`,
      })
      continue
    }
    const plain = normalised(row, line.value)
    if (plain !== undefined) found.push({ at: line.valueTo, text: `= ${plain}` })
    else if (/%[A-Za-z]/.test(line.value)) {
      const text = expandSpecifiers(line.value, 'full', MAXIMUM, { id: unit.id, fragmentPath: unit.fragmentPath || undefined }, host)
      if (typeof text === 'string' && text !== line.value) found.push({ at: line.valueTo, text: `→ ${text}` })
    }
  }
  return found
}
