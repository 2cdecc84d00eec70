// Where the editor gets the unit language from.
import type { UnitLanguage } from './unit-language'

/** undefined while there is none: colours work without it. */
export async function loadUnitLanguage(): Promise<UnitLanguage | undefined> {
  return undefined
}
