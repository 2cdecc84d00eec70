// After systemd-analyze(1), "condition --unit=": the conditions that a unit's files hold.
import type { FileReader } from '@/lib/base'
import { UnitLoader } from '../fragment'
import { unitNameKind, unitNameReplaceInstance } from '../unit-name'
import type { ConditionLists } from './condition'
import { rootFault } from './tree-views'
import { unitSearchPaths } from './unit-paths'
import { VerifyManager } from './verify-manager'
import { loadStateFault } from './verify-transaction'
import { VerifyUnit } from './verify-unit'

export type UnitConditions = { readonly id: string; readonly lists: ConditionLists }
export type UnitConditionOptions = {
  readonly scope: 'system' | 'user'
  readonly root: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly hostname: string
  readonly kernelRelease: string
}

/** Of a unit by its name, after what its files have to complain about; or why it cannot be used. */
export function conditionsOfUnit(
  reader: FileReader,
  name: string,
  { scope, root, environment, hostname, kernelRelease }: UnitConditionOptions,
  say: (text: string) => void,
): UnitConditions | string {
  const noRoot = rootFault(reader, root)
  if (noRoot !== undefined) return noRoot
  const loader = new UnitLoader(reader, {
    scope,
    raw: true,
    paths: unitSearchPaths(scope, environment).map((path) => `${root ?? ''}${path}`),
    environment: new Map(Object.entries(environment)),
    hostname,
    kernelRelease,
  })
  const manager = new VerifyManager(loader, { ignoreDependencies: true, say, complained: () => undefined })
  const full = unitNameKind(name) === 'template' ? (unitNameReplaceInstance(name, 'test_instance') ?? name) : name
  const unit = manager.load(full)
  if (!(unit instanceof VerifyUnit)) return unit.message
  const fault = loadStateFault(unit)
  if (fault !== undefined) return fault.message
  const section = unit.draft?.typed.Unit
  return { id: unit.id, lists: { conditions: section?.Conditions ?? [], asserts: section?.Asserts ?? [] } }
}
