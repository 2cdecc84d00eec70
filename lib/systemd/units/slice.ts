// A slice: a branch of the cgroup tree, named by its path.
import type { Manager } from '../manager/manager'
import { realizeCgroup } from '../cgroup'
import type { SliceSection } from '../directives'
import { Unit } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addNamed, addShutdownDependencies } from '../manager/unit-defaults'
import { unitNotify } from '../manager/unit-notify'
import { acquireInvocationId } from '../manager/unit-start'
import type { UnitType } from '../manager/unit-type'
import { sliceParent } from '../unit-name'

export class Slice extends Unit {
  readonly vtable: UnitType = sliceType
  state: 'dead' | 'active' = 'dead'

  constructor(manager: Manager, id: string) {
    super(manager, 'slice', id, defaultConfig('slice'))
  }

  get section(): SliceSection {
    return sectionOf(this.config.Slice)
  }
}

function setState(slice: Slice, state: 'dead' | 'active'): void {
  const before = slice.activeState()
  slice.state = state
  unitNotify(slice, before, slice.activeState())
}

export const sliceType: UnitType = {
  name: 'slice',
  section: 'Slice',
  interfaceName: 'org.freedesktop.systemd1.Slice',
  canTransient: true,
  hasCgroup: true,
  status: {
    finishedStart: { done: 'Created slice %s.' },
    finishedStop: { done: 'Removed slice %s.' },
  },
  create: (manager, id) => new Slice(manager, id),
  load(unit) {
    const { manager, id } = unit
    // A slice needs no file: its name says all.
    if (unit.loadState === 'not-found') unit.loadState = 'loaded'
    if (unit.loadState !== 'loaded') return
    if (id === '-.slice' || (id === 'system.slice' && manager.scope === 'system')) {
      unit.perpetual = true
      unit.config.Unit.DefaultDependencies = false
      if (unit.config.Unit.Documentation.length === 0) unit.config.Unit.Documentation = ['man:systemd.special(7)']
    }
    if (unit.config.Unit.Description === '')
      unit.descriptionText = id === '-.slice' ? 'Root Slice' : id === 'system.slice' ? 'System Slice' : manager.sliceDescription(id)
    const parent = sliceParent(id)
    if (parent !== undefined) addNamed(unit, ['InSlice', 'Requires', 'After'], parent, 'implicit')
    addMountDependencies(unit)
    if (unit.config.Unit.DefaultDependencies) addShutdownDependencies(unit)
  },
  *coldplug(unit) {
    // What is always there is up from the first moment.
    if (unit.perpetual && (unit as Slice).state === 'dead') setState(unit as Slice, 'active')
  },
  activeState: (unit) => ((unit as Slice).state === 'active' ? 'active' : 'inactive'),
  subState: (unit) => (unit as Slice).state,
  *start(unit) {
    acquireInvocationId(unit)
    yield* realizeCgroup(unit)
    setState(unit as Slice, 'active')
    return 'started'
  },
  *stop(unit) {
    setState(unit as Slice, 'dead')
    return 'started'
  },
  kill: () => ({ main: -1, control: -1 }),
  cpuWeight: (unit) => (unit as Slice).section.CPUWeight ?? 100,
}
