// What a thing is and what it comes to: shown under the pointer, in the learner's language.
import { directivesOf, findDirective, type KnownRow, listSpecifiers, signalFromString } from '@/lib/systemd/directives'
import { formatCalendarSpec, nextElapse, parseCalendarSpec } from '@/lib/systemd/calendar'
import { capabilityNumber, syscallGroups } from '@/lib/systemd/seccomp-groups'
import { unitNameToType } from '@/lib/systemd/unit-name'
import { formatTimestamp } from '@/lib/base'
import type { CheckContext } from './checks'
import { CAPABILITY_WORDS, syscallGroupWords } from './completion-words'
import { cursorOf } from './cursor'
import { explainExecLine } from './exec-explain'
import { isExecDirective } from './exec-words'
import { formatInitial, normalised } from './format-value'
import { closest } from './manager-fixes'
import type { Language, UnitHover } from './unit-language'
import { namesUnits } from './value-kinds'
import { directiveSummary, sectionSummary, specifierSummary, UI, valueSummary } from './words'
import { say } from './words/words'

/** Section number of a manual page. */
export const manualPage = (page: string): string => `https://manpages.debian.org/trixie/systemd/${page}.5.en.html`

export function directiveMarkdown(row: KnownRow, language: Language, target: number): string {
  const parts: string[] = []
  const summary = directiveSummary(row.section, row.name)
  if (summary) parts.push(say(summary, language))
  const facts: string[] = []
  const initial = formatInitial(row)
  if (initial) facts.push(`${say(UI.initial, language)} \`${initial}\``)
  const { values } = row.parser
  if (values && values.length > 0 && values.length <= 14)
    facts.push(`${say(UI.values, language)} ${values.map((one) => `\`${one}\``).join(' ')}`)
  if (row.since > 0)
    facts.push(
      `${say(UI.since, language, { version: row.since })}${row.since > target ? ` ⚠ ${say(UI.tooNew, language, { target })}` : ''}`,
    )
  if (row.replacedBy) facts.push(say(UI.replacedBy, language, { directive: row.replacedBy }))
  if (row.removed) facts.push(say(UI.removed, language))
  if (row.notSimulated) facts.push(say(UI.notSimulated, language, { reason: row.notSimulated }))
  if (facts.length > 0) parts.push(facts.join('  \n'))
  if (row.man) parts.push(`[${row.man}(5)](${manualPage(row.man)})`)
  return parts.join('\n\n')
}

export function hover(context: CheckContext, offset: number, language: Language): UnitHover | undefined {
  const cursor = cursorOf(context.document, offset)
  if (cursor.kind === 'comment') return undefined
  if (cursor.kind === 'section') {
    const summary = sectionSummary(cursor.word)
    return summary && { from: cursor.from, to: cursor.to, markdown: `**[${cursor.word}]**\n\n${say(summary, language)}` }
  }
  if (cursor.kind === 'key') {
    if (cursor.line === undefined) return undefined
    const row = findDirective(cursor.line.section, cursor.line.key)
    if (row === undefined) {
      const near = closest(cursor.word, directivesOf(cursor.line.section as 'Unit').keys(), 1)[0]
      return near === undefined
        ? undefined
        : { from: cursor.from, to: cursor.to, markdown: say(UI.didYouMean, language, { name: `${near}=` }) }
    }
    const parts = [`**${row.name}=** [${row.section}]`, directiveMarkdown(row, language, context.target)]
    const now = inForce(context, row, language)
    if (now) parts.push(now)
    return { from: cursor.from, to: cursor.to, markdown: parts.join('\n\n') }
  }
  const { line } = cursor
  const row = findDirective(line.section, line.key)
  if (row === undefined || line.value === '') return undefined
  const specifier = specifierAt(context, offset, line, language)
  if (specifier) return specifier
  const range = { from: cursor.from, to: cursor.to }
  if (isExecDirective(line.section, line.key)) {
    const explained = explainExecLine(line.value, execContext(context, language))
    return { from: line.valueFrom, to: line.valueTo, markdown: explained.markdown }
  }
  const word = cursor.word.replace(/^[~!|]+/, '')
  const parts: string[] = []
  const meaning = valueSummary(row.name, line.value) ?? valueSummary(row.name, word)
  if (meaning) parts.push(`\`${row.name}=${word}\` ${say(meaning, language)}`)
  const plain = normalised(row, line.value)
  if (plain) parts.push(`\`${line.value}\` = ${plain}`)
  if (row.name === 'OnCalendar') parts.push(...calendar(context, line.value, language))
  if (namesUnits(line.section, line.key) && unitNameToType(word) !== undefined) parts.push(unitMarkdown(context, word, language))
  if (CAPABILITY_WORDS[word.toUpperCase()])
    parts.push(
      `\`${word.toUpperCase()}\` (${capabilityNumber(word.toLowerCase()) ?? ''}) ${say(CAPABILITY_WORDS[word.toUpperCase()]!, language)}`,
    )
  const group = syscallGroups.get(word)
  if (group)
    parts.push(`\`${word}\` ${say(syscallGroupWords(word) ?? ['', ''], language)}\n\n${group.map((one) => `\`${one}\``).join(' ')}`)
  if (row.name.endsWith('Signal')) {
    const number = signalFromString(word)
    if (typeof number === 'number') parts.push(`\`${word}\` = ${number}`)
  }
  if (['User', 'Group', 'SupplementaryGroups', 'SocketUser', 'SocketGroup'].includes(row.name)) {
    const account = (row.name.endsWith('User') ? context.tree.users : context.tree.groups).find((one) => one.name === word)
    if (account)
      parts.push(`\`${account.name}\` = ${account.id}${account.detail && row.name.endsWith('User') ? ` (${account.detail})` : ''}`)
  }
  return parts.length === 0
    ? undefined
    : { ...(meaning || plain ? { from: line.valueFrom, to: line.valueTo } : range), markdown: parts.join('\n\n') }
}

/** What the merged unit has for a directive, when another file has the last word or several lines count. */
function inForce({ unit, place }: CheckContext, row: KnownRow, language: Language): string | undefined {
  const lines = unit.origins.filter((one) => one.section === row.section && one.directive === row.name && one.value !== '')
  const last = lines.at(-1)
  if (last === undefined || (lines.length < 2 && last.file === place.path)) return undefined
  return `${say(UI.inForce, language)}\n\n${lines.map((one) => `- \`${one.value}\` — ${one.file}${one.line ? `:${one.line}` : ''}`).join('\n')}`
}

export const execContext = (context: CheckContext, language: Language) => ({
  language,
  unit: context.unit.id,
  fragmentPath: context.unit.fragmentPath || undefined,
  specifiers: context.tree.loader(context.place.scope).specifiers,
  environment: environmentOf(context),
})

/** Variables that the unit gives itself. */
export function environmentOf({ unit, tree }: CheckContext): Readonly<Record<string, string>> {
  const service = unit.config.Service
  if (service === undefined) return {}
  const variables: Record<string, string> = {}
  for (const one of service.Environment) {
    const equals = one.indexOf('=')
    if (equals > 0) variables[one.slice(0, equals)] = one.slice(equals + 1)
  }
  for (const file of service.EnvironmentFile) {
    for (const line of (tree.text(file.replace(/^-/, '')) ?? '').split('\n')) {
      const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line)
      if (match) variables[match[1]!] = match[2]!.trim().replace(/^(["'])(.*)\1$/, '$2')
    }
  }
  return variables
}

function specifierAt(
  context: CheckContext,
  offset: number,
  line: { readonly value: string; readonly offsetOf: (index: number) => number; readonly indexOf: (offset: number) => number },
  language: Language,
): UnitHover | undefined {
  const { unit, tree, place } = context
  const index = line.indexOf(offset)
  const host = tree.loader(place.scope).specifiers
  const found = listSpecifiers(line.value, { id: unit.id, fragmentPath: unit.fragmentPath || undefined }, host).find(
    (one) => index >= one.at && index <= one.at + 1,
  )
  if (found === undefined) return undefined
  const summary = specifierSummary(found.letter)
  const value = typeof found.value === 'string' ? `\`${found.value}\`` : found.value.message
  const markdown = `\`%${found.letter}\` ${summary ? say(summary, language) : ''}\n\n→ ${place.isTemplate && 'iIjJnNpPf'.includes(found.letter) ? `${value} (${unit.id})` : value}`
  return { from: line.offsetOf(found.at), to: line.offsetOf(found.at + 1) + 1, markdown }
}

const NEXT_COUNT = 3

export function calendar(context: CheckContext, value: string, language: Language): string[] {
  const { local, facts } = context.tree
  const spec = parseCalendarSpec(value, local)
  if (typeof spec === 'string') return []
  const parts = [`\`${formatCalendarSpec(spec, local)}\``]
  const next: string[] = []
  let at = facts.nowUsec
  for (let count = 0; at !== undefined && count < NEXT_COUNT; count++) {
    const elapse = nextElapse(spec, at, local)
    if (typeof elapse === 'string') break
    next.push(formatTimestamp(elapse, local) ?? '')
    at = elapse
  }
  if (facts.nowUsec !== undefined)
    parts.push(next.length === 0 ? say(UI.never, language) : `${say(UI.next, language)}\n\n${next.map((one) => `- ${one}`).join('\n')}`)
  return parts
}

function unitMarkdown({ tree, place }: CheckContext, name: string, language: Language): string {
  const unit = tree.unit(name, place.scope)
  if (!tree.exists(name, place.scope)) return `**${name}** — ${say(UI.noSuchUnit, language)}`
  const { Description } = unit.config.Unit
  return [`**${name}**${Description ? ` — ${Description}` : ''}`, unit.fragmentPath].filter(Boolean).join('\n\n')
}
