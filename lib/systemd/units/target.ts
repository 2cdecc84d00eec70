// A target: a name for a set of units, and a point to order by.
import type { Manager } from '../manager/manager'
import { Unit } from '../manager/unit'
import { defaultConfig } from '../manager/unit-config'
import { addMountDependencies, addShutdownDependencies } from '../manager/unit-defaults'
import { unitNotify } from '../manager/unit-notify'
import { acquireInvocationId } from '../manager/unit-start'
import type { UnitType } from '../manager/unit-type'

export class Target extends Unit {
  readonly vtable: UnitType = targetType
  state: 'dead' | 'active' = 'dead'

  constructor(manager: Manager, id: string) {
    super(manager, 'target', id, defaultConfig('target'))
  }
}

function setState(target: Target, state: 'dead' | 'active'): void {
  const before = target.activeState()
  target.state = state
  unitNotify(target, before, target.activeState())
}

export const targetType: UnitType = {
  name: 'target',
  section: 'Target',
  interfaceName: 'org.freedesktop.systemd1.Target',
  status: {
    finishedStart: { done: 'Reached target %s.' },
    finishedStop: { done: 'Stopped target %s.' },
  },
  create: (manager, id) => new Target(manager, id),
  load(unit) {
    if (unit.loadState !== 'loaded') return
    addMountDependencies(unit)
    if (!unit.config.Unit.DefaultDependencies) return
    // What a target pulls in comes before it.
    for (const type of ['Wants', 'Requires', 'BindsTo', 'Upholds', 'Requisite', 'PartOf'] as const)
      for (const other of unit.dependenciesOfType(type).keys()) unit.manager.targetDependencyQueue.add(other)
    unit.manager.targetDependencyQueue.add(unit)
    if (unit.id !== 'shutdown.target') addShutdownDependencies(unit)
  },
  activeState: (unit) => ((unit as Target).state === 'active' ? 'active' : 'inactive'),
  subState: (unit) => (unit as Target).state,
  *start(unit) {
    acquireInvocationId(unit)
    setState(unit as Target, 'active')
    return 'started'
  },
  *stop(unit) {
    setState(unit as Target, 'dead')
    return 'started'
  },
}
