// After systemd.unit(5): which unit a file belongs to, told by its path.
import {
  isUnitTypeName,
  type UnitTypeName,
  unitNameIsValid,
  unitNameKind,
  unitNameReplaceInstance,
  unitNameToType,
} from '@/lib/systemd/unit-name'

export type UnitPlace = {
  readonly path: string
  readonly scope: 'system' | 'user'
  readonly type: UnitTypeName
  readonly kind: 'fragment' | 'drop-in'
  /** As the file or its directory is called: `web@.service`, `service` for a drop-in of all services. */
  readonly name: string
  /** A unit to load for it: templates with an instance. */
  readonly unit: string
  readonly isTemplate: boolean
}

/** Instance that a template is looked at with. */
export const TEST_INSTANCE = 'test_instance'

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** `undefined` for files that are no units. */
export function unitPlace(path: string): UnitPlace | undefined {
  const scope = /\/(?:systemd\/user|user\.control)\//.test(path) && !path.includes('/systemd/system/') ? 'user' : 'system'
  const base = baseName(path)
  if (base.endsWith('.conf')) {
    const directory = baseName(path.slice(0, -base.length - 1))
    if (!directory.endsWith('.d')) return undefined
    const name = directory.slice(0, -2)
    if (isUnitTypeName(name)) {
      return { path, scope, type: name, kind: 'drop-in', name, unit: `any.${name}`, isTemplate: false }
    }
    const type = unitNameToType(name)
    if (type === undefined || !unitNameIsValid(name)) return undefined
    // A drop-in for all units with that prefix.
    const full = /-\.[a-z]+$/.test(name) ? name.replace(/-(\.[a-z]+)$/, '-any$1') : name
    return { path, scope, type, kind: 'drop-in', name, unit: instantiate(full), isTemplate: unitNameKind(name) === 'template' }
  }
  const type = unitNameToType(base)
  if (type === undefined || !unitNameIsValid(base)) return undefined
  return { path, scope, type, kind: 'fragment', name: base, unit: instantiate(base), isTemplate: unitNameKind(base) === 'template' }
}

export function instantiate(name: string): string {
  return unitNameKind(name) === 'template' ? (unitNameReplaceInstance(name, TEST_INSTANCE) ?? name) : name
}
