// Quick fixes for what the manager itself complains of.
import { directivesOf, findDirective, sectionsOfType, sectionsWith } from '@/lib/systemd/directives'
import type { Diagnostic } from '@/lib/systemd/fragment'
import { addToSection, removeLine, replace, valueRange, type CheckContext } from './checks/check'
import type { DocumentAssignment } from './document'
import type { Language, UnitFix } from './unit-language'
import { say, type Words } from './words/words'

const TITLES = {
  rename: ['Change to {name}', '{name}(으)로 바꾸기'],
  move: ['Move to [{section}]', '[{section}](으)로 옮기기'],
  section: ['Put it in [{section}]', '[{section}]에 넣기'],
  remove: ['Remove the line', '이 줄 지우기'],
  comment: ['Make it a comment', '주석으로 바꾸기'],
  execStart: ['Add ExecStart=', 'ExecStart= 추가'],
  oneshot: ['Use Type=oneshot', 'Type=oneshot 사용'],
  restartNo: ['Use Restart=on-failure', 'Restart=on-failure 사용'],
  quote: ['Close the quote', '따옴표 닫기'],
  escape: ['Write %% for a percent sign', '퍼센트 기호는 %%로 쓰기'],
} as const satisfies Record<string, Words>

/** Edits from one word to another: insertions, deletions, changes, swaps. */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_one, index) => index)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      row.push(best)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

const LONGEST_WORD = 64

/** Nearest first; only those that a slip of the fingers could have meant. */
export function closest(word: string, candidates: Iterable<string>, count = 3): readonly string[] {
  if (word.length > LONGEST_WORD) return []
  const lower = word.toLowerCase()
  const limit = Math.max(1, Math.floor(word.length / 3))
  const ranked: (readonly [string, number])[] = []
  for (const one of candidates) {
    if (Math.abs(one.length - word.length) > limit) continue
    const far = one.toLowerCase() === lower ? 0 : distance(lower, one.toLowerCase())
    if (far <= limit && one !== word) ranked.push([one, far])
  }
  return ranked
    .sort((a, b) => a[1] - b[1])
    .slice(0, count)
    .map(([one]) => one)
}

export function managerFixes(context: CheckContext, diagnostic: Diagnostic, language: Language): readonly UnitFix[] {
  const { document, unit, place } = context
  const { message } = diagnostic
  const title = (words: Words, values: Record<string, string> = {}) => say(words, language, values)
  const fixes: UnitFix[] = []
  const line = document.assignments.find((one) => one.lastLine === diagnostic.line)
  const sections = sectionsOfType(unit.type)

  if (message.startsWith('Unknown key') && line) {
    for (const name of closest(line.key, directivesOf(line.section as 'Unit').keys())) {
      fixes.push({
        title: title(TITLES.rename, { name: `${name}=` }),
        edits: [replace(context, { from: line.keyFrom, to: line.keyTo }, name)],
      })
    }
    const homes = sectionsWith(line.key).filter((section) => sections.includes(section))
    for (const section of homes) {
      fixes.unshift({
        title: title(TITLES.move, { section }),
        edits: [removeLine(context, line), addToSection(context, section, `${line.key}=${line.value}`)],
      })
    }
    fixes.push({ title: title(TITLES.remove), edits: [removeLine(context, line)] })
  } else if (message.startsWith('Unknown section')) {
    const header = document.sections.find((one) => one.line === diagnostic.line)
    for (const name of header ? closest(header.name, sections) : []) {
      fixes.push({ title: title(TITLES.rename, { name: `[${name}]` }), edits: [replace(context, header!, `[${name}]`)] })
    }
  } else if (message.startsWith('Invalid section header') || message.startsWith("Missing '='")) {
    const stray = document.items.find((one) => one.kind === 'stray' && one.line === diagnostic.line)
    if (stray) {
      const word = document.text.slice(stray.from, stray.to).replace(/^\[|\]$/g, '')
      const near = closest(word, sections, 1)
      for (const name of sections.includes(word) ? [word] : near) {
        fixes.push({ title: title(TITLES.rename, { name: `[${name}]` }), edits: [replace(context, stray, `[${name}]`)] })
      }
      fixes.push({ title: title(TITLES.comment), edits: [replace(context, { from: stray.from, to: stray.from }, '# ')] })
    }
  } else if (message.startsWith('Assignment outside of section') && line) {
    for (const section of sectionsWith(line.key).filter((one) => sections.includes(one))) {
      fixes.push({
        title: title(TITLES.section, { section }),
        edits: [replace(context, { from: line.from, to: line.from }, `[${section}]\n`)],
      })
    }
  } else if (message.startsWith('Service has no ExecStart')) {
    fixes.push({ title: title(TITLES.execStart), edits: [addToSection(context, 'Service', 'ExecStart=/usr/bin/')] })
  } else if (message.startsWith('Service has more than one ExecStart=')) {
    const type = document.assignments.findLast((one) => one.section === 'Service' && one.key === 'Type')
    const edit = type ? replace(context, valueRange(type), 'oneshot') : addToSection(context, 'Service', 'Type=oneshot')
    fixes.push({ title: title(TITLES.oneshot), edits: [edit] })
  } else if (message.includes("Restart= set to either 'always' or 'on-success'")) {
    const restart = document.assignments.findLast((one) => one.section === 'Service' && one.key === 'Restart')
    if (restart) fixes.push({ title: title(TITLES.restartNo), edits: [replace(context, valueRange(restart), 'on-failure')] })
  } else if (message.startsWith('Unbalanced quoting') && line) {
    const quote = /'[^']*$/.test(line.value) && !/"[^"]*$/.test(line.value) ? "'" : '"'
    fixes.push({ title: title(TITLES.quote), edits: [replace(context, { from: line.valueTo, to: line.valueTo }, quote)] })
  } else if (message.includes('Failed to resolve unit specifiers') && line) {
    const at = line.value.search(/%(?![%a-zA-Z])|%[eFkKOQxXzZ]/)
    if (at >= 0)
      fixes.push({ title: title(TITLES.escape), edits: [replace(context, { from: line.offsetOf(at), to: line.offsetOf(at) }, '%')] })
  } else if (line) fixes.push(...valueFixes(context, line, title))
  if (place.kind === 'drop-in' && message.startsWith('Service has no ExecStart')) return []
  return fixes
}

function valueFixes(
  context: CheckContext,
  line: DocumentAssignment,
  title: (words: Words, values: Record<string, string>) => string,
): UnitFix[] {
  const row = findDirective(line.section, line.key)
  const values = row?.parser.values ?? []
  const word = line.value.replace(/\s+[#;].*$/, '')
  return closest(word, values).map((name) => ({
    title: title(TITLES.rename, { name }),
    edits: [replace(context, { from: line.valueFrom, to: line.offsetOf(word.length - 1) + 1 }, name)],
  }))
}
