// A unit as the manager puts it together from its files: as `systemctl cat` shows it, and row by row with where each value is from.
import { findDirective } from '@/lib/systemd/directives'
import type { LoadedUnit } from '@/lib/systemd/fragment'
import type { UnitTree } from './tree'
import type { EffectiveRow, EffectiveUnit } from './unit-language'
import { unitPlace } from './unit-place'

/** Whether more lines add to the value, and an empty one takes all back. */
function accumulates(section: string, directive: string): boolean {
  const row = findDirective(section, directive)
  if (row === undefined) return false
  if (row.writes?.some((one) => ['Conditions', 'Asserts', 'Listen', 'Timers', 'Paths'].includes(one))) return true
  return (
    Array.isArray(row.initial) ||
    [
      'SystemCallFilter',
      'CapabilityBoundingSet',
      'AmbientCapabilities',
      'RestrictAddressFamilies',
      'RestrictNamespaces',
      'Delegate',
      'SuccessExitStatus',
    ].includes(directive)
  )
}

/** Directives that empty one another. */
const listOf = (section: string, directive: string): string => findDirective(section, directive)?.writes?.join(',') ?? directive

const DEPENDENCIES =
  /^(?:After|Before|Wants|Requires|Requisite|BindsTo|PartOf|Upholds|Conflicts|OnFailure|OnSuccess|PropagatesReloadTo|ReloadPropagatedFrom|PropagatesStopTo|StopPropagatedFrom|JoinsNamespaceOf)$/

export function effectiveRows(unit: LoadedUnit): readonly EffectiveRow[] {
  const rows: { section: string; directive: string; value: string; file: string; line: number; inForce: boolean }[] = []
  for (const one of unit.origins) {
    const list = listOf(one.section, one.directive)
    const same = rows.filter((row) => row.section === one.section && listOf(row.section, row.directive) === list)
    const grows = accumulates(one.section, one.directive)
    // Dependencies only grow: an empty value changes nothing.
    const keeps = one.section === 'Unit' && DEPENDENCIES.test(one.directive)
    if (!grows || (one.value === '' && !keeps)) for (const row of same) row.inForce = false
    rows.push({ ...one, inForce: one.value !== '' })
  }
  return rows
}

export function effective(tree: UnitTree, path: string): EffectiveUnit | undefined {
  const place = unitPlace(path)
  if (place === undefined) return undefined
  const unit = tree.unitOf(place)
  const texts = [unit.fragmentPath, ...unit.dropInPaths]
    .filter((one) => one !== '')
    .map((one) => {
      const text = tree.text(one) ?? ''
      return `# ${one}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}`
    })
  return { id: unit.id, loadState: unit.loadState, names: [...unit.names].sort(), text: texts.join('\n'), rows: effectiveRows(unit) }
}
