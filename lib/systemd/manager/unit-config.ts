// A unit's settings before a file says anything, and the sections that a type is known to have.
import { invariant } from '@/lib/base'
import { asUnitConfig, initialConfig, type UnitConfig } from '../directives'
import type { UnitTypeName } from './unit-state'

/** Fresh: settings at run time may change it. */
export function defaultConfig(type: UnitTypeName): UnitConfig {
  return asUnitConfig(initialConfig(type))
}

/** The section that this unit type always has. */
export function sectionOf<T>(section: T | undefined): T {
  invariant(section !== undefined, 'a unit has the section of its type')
  return section
}
