// After journal_find_boot() and journal_get_boots(): boots and invocations by their place in the journal.
import type { Usec } from '@/lib/base'
import { fieldText, Match, type Journal } from '@/lib/journal'
import type { Process, Syscall } from '@/lib/kernel'
import { readText, type OpenJournal } from './open-journal'
import { addUnitMatches, addUserUnitMatches } from './unit-matches'

export type Span = { readonly id: string; readonly firstUsec: Usec; readonly lastUsec: Usec }

/** Oldest first. */
export function listBoots(journal: Journal): readonly Span[] {
  const spans = new Map<string, { id: string; firstUsec: Usec; lastUsec: Usec }>()
  for (const file of journal.files) {
    for (const { id, firstUsec, lastUsec } of file.bootSpans()) {
      const held = spans.get(id)
      if (held === undefined) spans.set(id, { id, firstUsec, lastUsec })
      else {
        held.firstUsec = Math.min(held.firstUsec, firstUsec)
        held.lastUsec = Math.max(held.lastUsec, lastUsec)
      }
    }
  }
  return [...spans.values()].sort((a, b) => a.firstUsec - b.firstUsec)
}

/** 0 and below count from the last boot back, 1 and above from the first on; from an id, both ways. */
export function* findBoot(
  process: Process,
  opened: OpenJournal,
  wanted: { readonly id?: string; readonly offset: number },
): Syscall<string | undefined> {
  const boots = listBoots(opened.journal)
  if (wanted.id !== undefined) {
    const at = boots.findIndex((boot) => boot.id === wanted.id)
    return at < 0 ? undefined : boots[at + wanted.offset]?.id
  }
  if (wanted.offset > 0) return boots[wanted.offset - 1]?.id
  const current = (yield* readText(process, '/proc/sys/kernel/random/boot_id'))?.trim().replaceAll('-', '')
  if (wanted.offset === 0 && current !== undefined && current !== '') return current
  return boots[boots.length - 1 + wanted.offset]?.id
}

export function listInvocations(journal: Journal, unit: string, user: boolean): readonly Span[] {
  const match = new Match()
  if (user) addUserUnitMatches(match, unit, 0)
  else addUnitMatches(match, unit)
  const before = journal.match
  journal.match = match
  const spans = new Map<string, { id: string; firstUsec: Usec; lastUsec: Usec }>()
  for (const entry of journal.forward()) {
    const id = fieldText(entry, '_SYSTEMD_INVOCATION_ID')
    const own = fieldText(entry, '_SYSTEMD_UNIT') === unit ? id : undefined
    const named = fieldText(entry, user ? 'USER_INVOCATION_ID' : 'INVOCATION_ID') ?? own
    if (named === undefined) continue
    const held = spans.get(named)
    if (held === undefined) spans.set(named, { id: named, firstUsec: entry.realtimeUsec, lastUsec: entry.realtimeUsec })
    else held.lastUsec = entry.realtimeUsec
  }
  journal.match = before
  return [...spans.values()]
}

export function findInvocation(journal: Journal, unit: string, offset: number, user: boolean): string | undefined {
  const all = listInvocations(journal, unit, user)
  return offset > 0 ? all[offset - 1]?.id : all[all.length - 1 + offset]?.id
}
