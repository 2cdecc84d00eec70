// Summaries in both languages, found by name.
import { findDirective } from '@/lib/systemd/directives'
import { AUTOMOUNT, MOUNT, PATH, SCOPE, SWAP, TIMER } from './others'
import { CGROUP } from './resource-control'
import { CONDITIONS, INSTALL, UNIT } from './unit'
import { EXEC } from './exec'
import { KILL, SERVICE } from './service'
import { SANDBOX } from './sandbox'
import { SECTION_WORDS } from './sections'
import { SOCKET } from './socket'
import { SPECIFIERS } from './specifiers'
import { SAME, VALUES } from './values'
import type { Words } from './words'

export { UI } from './ui'
export { say, type Words } from './words'

type Summaries = Readonly<Record<string, Words>>

const shared = [EXEC, SANDBOX, CGROUP, KILL]
const BY_SECTION: Readonly<Record<string, readonly Summaries[]>> = {
  Unit: [UNIT, CONDITIONS],
  Install: [INSTALL],
  Service: [SERVICE, ...shared],
  Socket: [SOCKET, ...shared],
  Timer: [TIMER],
  Path: [PATH],
  Mount: [MOUNT, ...shared],
  Automount: [AUTOMOUNT],
  Swap: [SWAP, ...shared],
  Slice: [CGROUP],
  Scope: [SCOPE, CGROUP, KILL],
}

const ASSERT: Words = [
  'As {condition}=, but if it does not hold the start fails instead of being skipped.',
  '{condition}=과 같지만, 맞지 않으면 건너뛰지 않고 시작이 실패합니다.',
]
const own = (table: Summaries, name: string): Words | undefined => (Object.hasOwn(table, name) ? table[name] : undefined)

/** One line about a directive. */
export function directiveSummary(section: string, name: string): Words | undefined {
  for (const table of BY_SECTION[section] ?? []) {
    const words = own(table, name)
    if (words) return words
  }
  if (section === 'Unit' && name.startsWith('Assert')) {
    const condition = name.replace('Assert', 'Condition')
    const base = own(CONDITIONS, condition)
    return (
      base && [`${base[0]} ${ASSERT[0].replace('{condition}', condition)}`, `${base[1]} ${ASSERT[1].replace('{condition}', condition)}`]
    )
  }
  const row = findDirective(section, name)
  if (row?.replacedBy === undefined) return undefined
  const home = row.writesSection ?? section
  return row.replacedBy === name && home === section ? undefined : directiveSummary(home, row.replacedBy)
}

export const sectionSummary = (name: string): Words | undefined => own(SECTION_WORDS, name)
export const specifierSummary = (letter: string): Words | undefined => own(SPECIFIERS, letter)

export function valueSummary(directive: string, value: string): Words | undefined {
  const direct = own(VALUES, `${directive}=${value}`)
  if (direct) return direct
  const same = own(VALUES, `${SAME[directive] ?? directive}=${value}`)
  if (same) return same
  const colon = value.indexOf(':')
  return colon < 0 || directive === 'OnCalendar' ? undefined : own(VALUES, `${SAME[directive] ?? directive}=${value.slice(0, colon + 1)}`)
}
