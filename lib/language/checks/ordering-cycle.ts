// After systemd.unit(5), Before= and After=, with what DefaultDependencies= adds: whether one line closes a loop.
import type { LoadedUnit } from '@/lib/systemd/fragment'
import { unitNameToType } from '@/lib/systemd/unit-name'
import type { UnitTree } from '../tree'

type Scope = 'system' | 'user'

const pulled = (unit: LoadedUnit): readonly string[] => {
  const { Wants, Requires, Requisite, BindsTo, Upholds } = unit.config.Unit
  return [...Wants, ...Requires, ...Requisite, ...BindsTo, ...Upholds]
}

/** What a unit is after by its own lines and by DefaultDependencies=, but for what targets wait for. */
function after(scope: Scope, unit: LoadedUnit): readonly string[] {
  const { After, DefaultDependencies } = unit.config.Unit
  if (!DefaultDependencies || !['service', 'timer', 'socket', 'path'].includes(unit.type)) return After
  return [...After, ...(scope === 'user' ? [] : ['sysinit.target']), ...(unit.type === 'service' ? ['basic.target'] : [])]
}

/** Units that this one waits for as it starts. */
function waitsFor(tree: UnitTree, scope: Scope, unit: LoadedUnit): readonly string[] {
  const names = [...after(scope, unit)]
  if (unit.type !== 'target' || !unit.config.Unit.DefaultDependencies) return names
  // A target waits for what it pulls in, unless that comes after it.
  for (const name of pulled(unit)) {
    if (unitNameToType(name) === undefined || names.includes(name)) continue
    const other = tree.unit(name, scope)
    if (other.config.Unit.DefaultDependencies && !after(scope, other).includes(unit.id)) names.push(name)
  }
  return names
}

/** Far more than a tree of a learner has; against trees that were made to be slow. */
const VISITS_MAX = 600

/** The loop that `After=other` (or `Before=other`) of a unit closes, from the unit back to itself. */
export function orderingCycle(
  tree: UnitTree,
  scope: Scope,
  unit: LoadedUnit,
  other: string,
  direction: 'After' | 'Before',
): readonly string[] | undefined {
  if (unitNameToType(other) === undefined || other === unit.id || other.includes('%')) return undefined
  const [start, goal] = direction === 'After' ? [other, unit.id] : [unit.id, other]
  const cameFrom = new Map<string, string | undefined>([[start, undefined]])
  const befores = beforesOf(tree, scope, unit.id)
  const queue = [start]
  for (let visits = 0; queue.length > 0 && visits < VISITS_MAX; visits++) {
    const name = queue.shift()!
    if (name === goal) {
      const way: string[] = []
      for (let at: string | undefined = name; at !== undefined; at = cameFrom.get(at)) way.unshift(at)
      return direction === 'After' ? [unit.id, ...way] : [...way, unit.id]
    }
    const next = name === unit.id ? unit : tree.unit(name, scope)
    if (next.loadState !== 'loaded') continue
    const own = unit.config.Unit.Before.includes(name) ? [unit.id] : []
    for (const one of [...waitsFor(tree, scope, next), ...(befores.get(name) ?? []), ...own]) {
      if (cameFrom.has(one) || unitNameToType(one) === undefined) continue
      cameFrom.set(one, name)
      queue.push(one)
    }
  }
  return undefined
}

type Befores = ReadonlyMap<string, readonly string[]>
const known = new WeakMap<
  UnitTree,
  { readonly generation: number; readonly scope: Scope; readonly except: string; readonly befores: Befores }
>()

/** Unit → units that say Before= of it; those that a person wrote, but for the unit that is looked at. */
function beforesOf(tree: UnitTree, scope: Scope, except: string): Befores {
  const cached = known.get(tree)
  if (cached?.generation === tree.generation && cached.scope === scope && cached.except === except) return cached.befores
  const befores = new Map<string, string[]>()
  for (const path of tree.ownFiles(scope)) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (name.endsWith('.conf') || name.includes('@') || name === except) continue
    if (!tree.document(path)?.assignments.some((one) => one.key === 'Before')) continue
    for (const later of tree.unit(name, scope).config.Unit.Before) {
      const list = befores.get(later)
      if (list) list.push(name)
      else befores.set(later, [name])
    }
  }
  known.set(tree, { generation: tree.generation, scope, except, befores })
  return befores
}
