// All properties of a unit, or of the manager, in the order in which `systemctl show` prints them.
import type { Properties } from '../../bus'
import { cgroupSectionOf } from '../../cgroup'
import type { Manager } from '../manager'
import type { Unit } from '../unit'
import { cgroupProperties, cgroupUnitProperties, execProperties, killProperties } from './exec'
import { managerProperties } from './manager'
import { typeProperties } from './per-type'
import { unitProperties } from './unit'

const UNIT_INTERFACE = 'org.freedesktop.systemd1.Unit'

export function allProperties(manager: Manager, unit: Unit | undefined, interfaceName: string): Properties {
  if (unit === undefined) return managerProperties(manager)
  if (interfaceName === UNIT_INTERFACE) return unitProperties(unit)
  const own = ownProperties(unit)
  return interfaceName === '' ? { ...own, ...unitProperties(unit) } : own
}

/** The unit type's interface: its own, then control group, exec and kill settings as far as the type has them. */
function ownProperties(unit: Unit): Properties {
  const { config } = unit
  const cgroup = cgroupSectionOf(unit)
  const exec = config.Service ?? config.Socket ?? config.Mount ?? config.Swap
  const kill = exec ?? config.Scope
  return {
    ...typeProperties(unit),
    ...(cgroup === undefined ? {} : { ...cgroupUnitProperties(unit), ...cgroupProperties(unit, cgroup) }),
    ...(exec === undefined ? {} : execProperties(exec)),
    ...(kill === undefined ? {} : killProperties(kill)),
  }
}
