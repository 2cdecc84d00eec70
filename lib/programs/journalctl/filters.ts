// From settings to a match, in the order of journalctl's own filters.
import { LOG_INFO, Match, parseMatch } from '@/lib/journal'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { stringIsGlob, unitNameMangle } from '@/lib/systemd/unit-name'
import type { Console } from '../systemd-console'
import { findBoot, findInvocation } from './boots'
import { readText, type OpenJournal } from './open-journal'
import type { Settings } from './settings'
import { addInvocationMatches, addUnitMatches, addUserUnitMatches, unitsMatching } from './unit-matches'

export type FilterResult = { readonly match: Match } | { readonly error: string } | { readonly nothing: string }

export function* buildMatch(console: Console, opened: OpenJournal, settings: Settings, operands: readonly string[]): Syscall<FilterResult> {
  const { process } = console
  const match = new Match()

  if (settings.boot !== undefined && settings.boot !== 'all') {
    const { id, offset } = settings.boot
    if ((id !== undefined || offset !== 0) && !opened.hasPersistent() && settings.directory === undefined && settings.files.length === 0) {
      return { nothing: 'Specifying boot ID or boot offset has no effect, no persistent journal was found.' }
    }
    const found = yield* findBoot(process, opened, settings.boot)
    if (found === undefined) {
      const sign = offset < 0 ? String(offset) : `+${offset}`
      return { error: `No journal boot entry found for the specified boot (${id === undefined ? sign : `${id}${sign}`}).` }
    }
    match.add('_BOOT_ID', found).addConjunction()
  }

  if (settings.dmesg) match.add('_TRANSPORT', 'kernel').addConjunction()

  const units = yield* mangled(console, settings.units)
  const userUnits = yield* mangled(console, settings.userUnits)
  if (units === undefined || userUnits === undefined) return { error: 'Failed to mangle unit name: Invalid argument' }
  if (settings.invocation !== undefined) {
    const first = units[0] ?? userUnits[0]
    const id =
      settings.invocation.id ??
      (first === undefined ? undefined : findInvocation(opened.journal, first, settings.invocation.offset, units.length === 0))
    if (id === undefined) {
      const { offset } = settings.invocation
      return { error: `No journal entry found for the invocation (${offset < 0 ? offset : `+${offset}`}).` }
    }
    addInvocationMatches(match, id)
    match.addConjunction()
  } else if (units.length + userUnits.length > 0) {
    const wanted = expand(opened, units, false)
    const wantedUser = expand(opened, userUnits, true)
    // If nothing fits, everything would be shown: say so instead.
    if (wanted.length + wantedUser.length === 0) return { error: 'Failed to add filter for units: No data available' }
    for (const unit of wanted) {
      addUnitMatches(match, unit)
      match.addDisjunction()
    }
    for (const unit of wantedUser) {
      addUserUnitMatches(match, unit, process.uid)
      match.addDisjunction()
    }
    match.addConjunction()
  }

  for (const identifier of settings.identifiers) match.add('SYSLOG_IDENTIFIER', identifier)
  match.addConjunction()
  if (settings.priorities !== 255)
    for (let level = 0; level <= LOG_INFO + 1; level += 1) if (settings.priorities & (1 << level)) match.add('PRIORITY', String(level))
  match.addConjunction()
  for (const facility of settings.facilities) match.add('SYSLOG_FACILITY', String(facility))
  match.addConjunction()
  const error = yield* addOperands(process, match, operands)
  return error === undefined ? { match } : { error }
}

function* mangled(console: Console, names: readonly string[]): Syscall<readonly string[] | undefined> {
  const out: string[] = []
  for (const name of names) {
    const result = unitNameMangle(name, { glob: true })
    if (result === undefined) return undefined
    for (const notice of result.notices) yield* console.log('notice', notice)
    out.push(result.name)
  }
  return out
}

function expand(opened: OpenJournal, names: readonly string[], user: boolean): readonly string[] {
  return names.flatMap((name) => (stringIsGlob(name) ? unitsMatching(opened.journal, name, user) : [name]))
}

/** `FIELD=value`, `+`, and paths of programs and devices. */
function* addOperands(process: Process, match: Match, operands: readonly string[]): Syscall<string | undefined> {
  let hasTerm = false
  for (const operand of operands) {
    if (operand === '+') {
      if (!hasTerm) break
      match.addDisjunction()
      hasTerm = false
      continue
    }
    if (operand.startsWith('/')) {
      const complaint = yield* addPath(process, match, operand)
      if (complaint !== undefined) return complaint
    } else {
      const parsed = parseMatch(operand)
      if (parsed === undefined) return `Failed to add match '${operand}': Invalid argument`
      match.add(parsed.name, parsed.value)
    }
    hasTerm = true
  }
  return operands.length > 0 && !hasTerm ? '"+" can only be used between terms.' : undefined
}

function* addPath(process: Process, match: Match, path: string): Syscall<string | undefined> {
  const real = yield* canonical(process, path)
  const status = isErrno(real) ? real : yield* process.lstat(real)
  if (isErrno(real) || isErrno(status))
    return `Couldn't canonicalize path '${path}': ${isErrno(real) ? real.message : isErrno(status) ? status.message : ''}`
  if (status.kind === 'file' && (status.mode & 0o111) !== 0) {
    const text = yield* readText(process, real)
    if (text?.startsWith('#!')) {
      match.add('_COMM', real.slice(real.lastIndexOf('/') + 1).slice(0, 15))
    } else match.add('_EXE', real)
    return undefined
  }
  if (status.kind === 'character-device' || status.kind === 'block-device') {
    match.add('_KERNEL_DEVICE', `${status.kind === 'block-device' ? 'b' : 'c'}${status.rdev[0]}:${status.rdev[1]}`)
    return undefined
  }
  return `File is neither a device node nor executable: ${real}`
}

function* canonical(
  process: Process,
  path: string,
  depth = 0,
): Syscall<ReturnType<Process['readlink']> extends Syscall<infer T> ? T : never> {
  let made = ''
  for (const part of path.split('/').filter((one) => one !== '' && one !== '.')) {
    if (part === '..') {
      made = made.slice(0, Math.max(0, made.lastIndexOf('/')))
      continue
    }
    const status = yield* process.lstat(`${made}/${part}`)
    if (isErrno(status)) return status
    made = `${made}/${part}`
    if (status.kind !== 'symlink' || depth > 32) continue
    const target = yield* process.readlink(made)
    if (isErrno(target)) return target
    const next = yield* canonical(process, target.startsWith('/') ? target : `${made.slice(0, made.lastIndexOf('/'))}/${target}`, depth + 1)
    if (isErrno(next)) return next
    made = next
  }
  return made === '' ? '/' : made
}
