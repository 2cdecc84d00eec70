// The error of a unit that could not be loaded, as its LoadError property has it.
import type { LoadedUnit } from '../fragment'
import type { Unit } from './unit'

type LoadFailure = { readonly name: string; readonly message: string }

export function errorOf(unit: Unit, loaded: LoadedUnit): LoadFailure | undefined {
  switch (loaded.loadState) {
    case 'not-found':
      return { name: 'org.freedesktop.systemd1.NoSuchUnit', message: `Unit ${unit.id} not found.` }
    case 'masked':
      return { name: 'org.freedesktop.systemd1.UnitMasked', message: `Unit ${unit.id} is masked.` }
    case 'bad-setting':
      return badSetting(unit)
    case 'error':
      return { name: `System.Error.${loaded.loadError?.name ?? 'EINVAL'}`, message: loaded.loadError?.message ?? 'Invalid argument' }
    default:
      return undefined
  }
}

export function badSetting(unit: Unit): LoadFailure {
  return { name: 'org.freedesktop.systemd1.BadUnitSetting', message: `Unit ${unit.id} has a bad unit file setting.` }
}
