// After add_matches_for_unit() and its kin: which entries are about a unit. systemctl status asks the same.
import { messageId, type Journal, type Match } from '@/lib/journal'

/** Written by the unit, by PID 1 about it, of its core dumps, by daemons that may speak of it. */
export function addUnitMatches(match: Match, unit: string): void {
  match.add('_SYSTEMD_UNIT', unit)
  match.addDisjunction().add('_PID', '1').add('UNIT', unit)
  match.addDisjunction().add('MESSAGE_ID', messageId.coredump).add('_UID', '0').add('COREDUMP_UNIT', unit)
  match.addDisjunction().add('_UID', '0').add('OBJECT_SYSTEMD_UNIT', unit)
  if (unit.endsWith('.slice')) match.addDisjunction().add('_SYSTEMD_SLICE', unit)
}

export function addUserUnitMatches(match: Match, unit: string, uid: number): void {
  const own = String(uid)
  match.add('_SYSTEMD_USER_UNIT', unit).add('_UID', own)
  match.addDisjunction().add('USER_UNIT', unit).add('_UID', own)
  match.addDisjunction().add('COREDUMP_USER_UNIT', unit).add('_UID', own)
  match.addDisjunction().add('OBJECT_SYSTEMD_USER_UNIT', unit).add('_UID', '0')
  if (unit.endsWith('.slice')) match.addDisjunction().add('_SYSTEMD_USER_SLICE', unit).add('_UID', own)
}

export function addInvocationMatches(match: Match, id: string): void {
  for (const name of ['_SYSTEMD_INVOCATION_ID', 'OBJECT_SYSTEMD_INVOCATION_ID', 'INVOCATION_ID', 'USER_INVOCATION_ID']) {
    match.addDisjunction().add(name, id)
  }
}

const systemFields = ['_SYSTEMD_UNIT', 'COREDUMP_UNIT', 'UNIT', 'OBJECT_SYSTEMD_UNIT', '_SYSTEMD_SLICE'] as const
const userFields = ['_SYSTEMD_USER_UNIT', 'COREDUMP_USER_UNIT', 'USER_UNIT', 'OBJECT_SYSTEMD_USER_UNIT', '_SYSTEMD_USER_SLICE'] as const

/** Names of units in the journal that fit a pattern. */
export function unitsMatching(journal: Journal, pattern: string, user: boolean): readonly string[] {
  const test = globPattern(pattern)
  const found = new Set<string>()
  for (const field of user ? userFields : systemFields) for (const unit of journal.uniqueValues(field)) if (test.test(unit)) found.add(unit)
  return [...found]
}

/** After fnmatch(3) without flags. */
export function globPattern(pattern: string): RegExp {
  let out = ''
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]!
    if (character === '*') out += '.*'
    else if (character === '?') out += '.'
    else if (character === '[') {
      const end = pattern.indexOf(']', index + 2)
      if (end < 0) out += '\\['
      else {
        out += `[${pattern
          .slice(index + 1, end)
          .replace(/^!/, '^')
          .replaceAll('\\', '\\\\')}]`
        index = end
      }
    } else out += character.replace(/[\\^$.|+(){}\]]/, '\\$&')
  }
  return new RegExp(`^${out}$`, 's')
}
