// A unit's settings before a file says anything, and the sections that a type is known to have.
import { invariant } from '@/lib/base'
import { asUnitConfig, initialConfig, type UnitConfig } from '../directives'
import type { UnitTypeName } from './unit-state'

const defaults = new Map<UnitTypeName, UnitConfig>()

/** Shared by all units that are not read yet; reading gives each its own. */
export function defaultConfig(type: UnitTypeName): UnitConfig {
  let config = defaults.get(type)
  if (config === undefined) {
    config = asUnitConfig(initialConfig(type))
    defaults.set(type, config)
  }
  return config
}

/** The section that this unit type always has. */
export function sectionOf<T>(section: T | undefined): T {
  invariant(section !== undefined, 'a unit has the section of its type')
  return section
}
