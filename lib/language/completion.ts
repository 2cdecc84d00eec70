// What could stand at the cursor, the likeliest first.
import { CAPABILITY_WORDS, SYSCALL_WORDS } from './completion-words'
import { directivesOf, findDirective, type KnownRow, SECTIONS, sectionsOfType, specifierLetters } from '@/lib/systemd/directives'
import { formatInitial } from './format-value'
import { cursorOf } from './cursor'
import type { CheckContext } from './checks'
import { scanExecLine } from './exec-words'
import { POPULAR, POPULAR_UNITS, SKELETONS } from './ranking'
import type { Language, TextRange, UnitCompletion } from './unit-language'
import { CALENDAR_EXAMPLES, CONDITION_EXAMPLES, PERCENT_EXAMPLES, SIZE_EXAMPLES, takesList, TIME_EXAMPLES, valueKind } from './value-kinds'
import { directiveSummary, sectionSummary, specifierSummary, valueSummary } from './words'
import { say } from './words/words'
import { directiveMarkdown } from './hover'

type Value = Extract<ReturnType<typeof cursorOf>, { readonly kind: 'value' }>

export function complete(context: CheckContext, offset: number, language: Language): readonly UnitCompletion[] {
  const cursor = cursorOf(context.document, offset)
  switch (cursor.kind) {
    case 'comment':
      return []
    case 'section':
      return sections(context, cursor, language, false)
    case 'key':
      if (cursor.section === undefined) return sections(context, cursor, language, true)
      return [
        ...directives(context, cursor, cursor.section.name, cursor.line !== undefined, language),
        ...(cursor.word === '' ? sections(context, cursor, language, true) : []),
      ]
    case 'value':
      return values(context, cursor, offset, language)
  }
}

function sections(context: CheckContext, range: TextRange, language: Language, brackets: boolean): UnitCompletion[] {
  const { document, place } = context
  const present = new Set(document.sections.map((one) => one.name))
  const found: UnitCompletion[] = []
  const skeleton = SKELETONS[place.type]
  if (brackets && document.sections.length === 0 && place.kind === 'fragment' && skeleton) {
    found.push({ label: `${place.type} …`, insert: skeleton, snippet: true, kind: 'snippet', from: range.from, to: range.to })
  }
  for (const name of sectionsOfType(place.type)) {
    if (!SECTIONS.some((one) => one === name) && name !== 'Target' && name !== 'Device') continue
    const insert = brackets ? `[${name}]\n` : name
    const summary = sectionSummary(name)
    found.push({
      ...{ label: `[${name}]`, insert, kind: 'section', from: range.from, to: range.to },
      ...(summary ? { documentation: say(summary, language) } : {}),
    })
  }
  return found.sort((a, b) => Number(present.has(a.label.slice(1, -1))) - Number(present.has(b.label.slice(1, -1))))
}

const rank = (row: KnownRow, present: ReadonlySet<string>): number => {
  const order = POPULAR[row.section]?.indexOf(row.name) ?? -1
  let score = order >= 0 ? order : 1000
  if (row.notSimulated !== undefined) score += 2000
  if (row.replacedBy !== undefined || row.removed) score += 4000
  if (present.has(row.name) && !takesList(row) && row.name !== 'Environment' && !row.name.startsWith('Exec')) score += 500
  return score
}

function directives(context: CheckContext, range: TextRange, section: string, hasValue: boolean, language: Language): UnitCompletion[] {
  const rows = [...directivesOf(section as 'Unit').values()].filter((row) => !row.removed)
  const present = new Set(context.document.assignments.filter((one) => one.section === section).map((one) => one.key))
  const ranked = rows.map((row) => [row, rank(row, present)] as const).sort((a, b) => a[1] - b[1] || (a[0].name < b[0].name ? -1 : 1))
  return ranked.map(([row]) => {
    const summary = directiveSummary(row.section, row.name)
    const initial = formatInitial(row)
    return {
      label: row.name,
      insert: hasValue ? row.name : `${row.name}=`,
      kind: 'directive',
      from: range.from,
      to: range.to,
      again: true,
      ...(summary ? { detail: say(summary, language) } : initial ? { detail: `= ${initial}` } : {}),
      documentation: directiveMarkdown(row, language, context.target),
      ...(row.replacedBy !== undefined || row.since > context.target ? { deprecated: true as const } : {}),
    }
  })
}

const SPECIFIER = /%[A-Za-z]?$/

function values(context: CheckContext, cursor: Value, offset: number, language: Language): readonly UnitCompletion[] {
  const row = findDirective(cursor.line.section, cursor.line.key)
  if (row === undefined) return []
  if (SPECIFIER.test(cursor.before) && !/(?:^|[^%])(?:%%)+$/.test(cursor.before))
    return specifiers(offset - SPECIFIER.exec(cursor.before)![0].length, offset, language)
  const list = takesList(row)
  const { line } = cursor
  const whole: TextRange = list || line.value === '' ? cursor : { from: line.valueFrom, to: line.valueTo }
  const make =
    (kind: UnitCompletion['kind'], range: TextRange) =>
    (word: string): UnitCompletion => {
      const meaning = valueSummary(row.name, word)
      return { label: word, insert: word, kind, from: range.from, to: range.to, ...(meaning ? { detail: say(meaning, language) } : {}) }
    }
  const known = row.parser.values ?? []
  switch (valueKind(row)) {
    case 'unit':
      return units(context, row, whole)
    case 'user':
      return context.tree.users.map(({ name, detail }) => ({
        label: name,
        insert: name,
        kind: 'user',
        from: whole.from,
        to: whole.to,
        detail,
      }))
    case 'group':
      return context.tree.groups.map(({ name }) => ({ label: name, insert: name, kind: 'group', from: whole.from, to: whole.to }))
    case 'exec':
      return execWords(context, cursor, offset)
    case 'syscall':
      return syscalls(cursor, language)
    case 'calendar':
      return CALENDAR_EXAMPLES.map(make('calendar', whole))
    case 'time':
      return [...known.filter((one) => !TIME_EXAMPLES.includes(one)), ...TIME_EXAMPLES].map(make('value', whole))
    case 'size':
      return SIZE_EXAMPLES.map(make('value', whole))
    case 'percent':
      return PERCENT_EXAMPLES.map(make('value', whole))
    case 'condition': {
      const examples = CONDITION_EXAMPLES[row.name.replace(/^(?:Condition|Assert)/, '')]
      return examples ? examples.map(make('value', whole)) : paths(context, cursor, offset, false)
    }
    case 'directory':
      return [...known.map(make('value', whole)), ...paths(context, cursor, offset, true)]
    case 'path':
      return [...known.map(make('value', whole)), ...paths(context, cursor, offset, false)]
    default: {
      const kind = row.name.endsWith('Signal') ? 'signal' : row.name.includes('Capabilit') ? 'capability' : 'value'
      const words = known.length > 0 ? known : row.parser.placeholder === 'BOOLEAN' ? ['yes', 'no'] : []
      const lead = list && /^~/.test(cursor.before) ? '~' : ''
      const range = lead ? { from: cursor.from + 1, to: cursor.to } : whole
      const found = words.map(make(kind, range))
      return kind === 'capability'
        ? found.map((one) => ({ ...one, ...(CAPABILITY_WORDS[one.label] ? { detail: say(CAPABILITY_WORDS[one.label]!, language) } : {}) }))
        : found
    }
  }
}

function specifiers(from: number, to: number, language: Language): UnitCompletion[] {
  return specifierLetters('full').map((letter) => {
    const summary = specifierSummary(letter)
    return {
      label: `%${letter}`,
      insert: `%${letter}`,
      kind: 'specifier',
      from,
      to,
      ...(summary ? { detail: say(summary, language) } : {}),
    }
  })
}

function units(context: CheckContext, row: KnownRow, range: TextRange): UnitCompletion[] {
  const { tree, place, unit } = context
  const popular = POPULAR_UNITS[row.name] ?? []
  const suffix =
    row.name === 'Slice'
      ? '.slice'
      : row.name === 'Sockets'
        ? '.socket'
        : row.name === 'Service' || (row.name === 'Unit' && row.section !== 'Unit')
          ? '.service'
          : undefined
  const names = tree.unitNames(place.scope).filter((name) => name !== unit.id && (suffix === undefined || name.endsWith(suffix)))
  const own = new Set(tree.ownFiles(place.scope).map((path) => path.slice(path.lastIndexOf('/') + 1)))
  const score = (name: string): number => {
    const at = popular.indexOf(name)
    return at >= 0 ? at : own.has(name) ? 100 : name.endsWith('.target') ? 200 : 300
  }
  return [...new Set([...popular.filter((name) => suffix === undefined || name.endsWith(suffix)), ...names])]
    .map((name) => [name, score(name)] as const)
    .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name]) => ({ label: name, insert: name, kind: 'unit', from: range.from, to: range.to }))
}

function execWords(context: CheckContext, cursor: Value, offset: number): readonly UnitCompletion[] {
  const { line } = cursor
  const index = line.indexOf(offset)
  const isFirst =
    line.value === '' ||
    scanExecLine(line.value.slice(0, index)).commands.every(({ words }) => words.length <= 1 && !/\s$/.test(line.value.slice(0, index)))
  const prefix = isFirst ? /^[-@:+!]*/.exec(cursor.before)![0].length : 0
  const typed = cursor.before.slice(prefix)
  if (isFirst && typed === '') {
    const at = cursor.from + prefix
    return ['/usr/bin/', '/usr/local/bin/', '/usr/sbin/', '/bin/sh -c ', '/opt/'].map((word) => ({
      label: word,
      insert: word,
      kind: 'path',
      from: at,
      to: at,
      again: true,
    }))
  }
  return typed.startsWith('/') ? paths(context, cursor, offset, false, prefix, isFirst) : []
}

const SHOWN_MAX = 200

function paths(
  context: CheckContext,
  cursor: Value,
  offset: number,
  directoriesOnly: boolean,
  skip = /^[-+!|~]*/.exec(cursor.before)![0].length,
  executables = false,
): UnitCompletion[] {
  const typed = cursor.before.slice(skip)
  if (typed !== '' && !typed.startsWith('/')) return []
  const slash = typed.lastIndexOf('/')
  const directory = typed.slice(0, slash) || '/'
  const from = offset - (typed.length - slash - 1)
  const { reader } = context.tree
  const found: UnitCompletion[] = []
  for (const name of reader.readDirectory(directory) ?? []) {
    if (found.length >= SHOWN_MAX) break
    const status = reader.status(directory === '/' ? `/${name}` : `${directory}/${name}`)
    const isDirectory = status?.kind === 'directory'
    if (directoriesOnly && !isDirectory) continue
    if (executables && !isDirectory && ((status?.mode ?? 0) & 0o111) === 0) continue
    const insert = `${typed === '' ? '/' : ''}${name}${isDirectory ? '/' : ''}`
    found.push({
      label: isDirectory ? `${name}/` : name,
      insert,
      kind: 'path',
      from: typed === '' ? offset : from,
      to: Math.max(cursor.to, offset),
      ...(isDirectory ? { again: true as const } : {}),
    })
  }
  return found
}

function syscalls(cursor: Value, language: Language): UnitCompletion[] {
  const lead = cursor.before.startsWith('~') ? 1 : 0
  const range = { from: cursor.from + lead, to: cursor.to }
  return SYSCALL_WORDS.map(({ name, words }) => ({
    label: name,
    insert: name,
    kind: 'syscall',
    ...range,
    ...(words ? { detail: say(words, language) } : {}),
  }))
}
