// After systemd.swap(5). The machine has no swap device: what is configured can be looked at, and fails to start as it does without one.
import type { SwapSection } from '../directives'
import type { Manager } from '../manager/manager'
import { Unit } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addNamed, addSliceDependency } from '../manager/unit-defaults'
import { logFailure, unitNotify } from '../manager/unit-notify'
import { acquireInvocationId } from '../manager/unit-start'
import type { UnitType } from '../manager/unit-type'
import { unitNameFromPath } from '../unit-name'

export class Swap extends Unit {
  readonly vtable: UnitType = swapType
  state: 'dead' | 'active' | 'failed' = 'dead'
  result: 'success' | 'exit-code' = 'success'

  constructor(manager: Manager, id: string) {
    super(manager, 'swap', id, defaultConfig('swap'))
  }

  get section(): SwapSection {
    return sectionOf(this.config.Swap)
  }
}

export const swapType: UnitType = {
  name: 'swap',
  section: 'Swap',
  interfaceName: 'org.freedesktop.systemd1.Swap',
  canFail: true,
  hasCgroup: true,
  status: {
    starting: 'Activating swap %s...',
    stopping: 'Deactivating swap %s...',
    finishedStart: { done: 'Activated swap %s.', failed: 'Failed to activate swap %s.', timeout: 'Timed out activating swap %s.' },
    finishedStop: { done: 'Deactivated swap %s.', failed: 'Failed deactivating swap %s.', timeout: 'Timed out deactivating swap %s.' },
  },
  create: (manager, id) => new Swap(manager, id),
  load(unit) {
    const swap = unit as Swap
    if (swap.loadState !== 'loaded') return
    const device = unitNameFromPath(swap.section.What, '.device')
    if (swap.section.What.startsWith('/dev/') && device !== undefined) addNamed(swap, ['BindsTo', 'After'], device, 'file')
    addSliceDependency(swap, swap.section.Slice)
    addMountDependencies(swap)
    if (swap.config.Unit.DefaultDependencies && swap.manager.scope === 'system') {
      addNamed(swap, ['Before'], 'swap.target', 'default')
      addNamed(swap, ['Before', 'Conflicts'], 'umount.target', 'default')
    }
  },
  activeState: (unit) => ((unit as Swap).state === 'active' ? 'active' : (unit as Swap).state === 'failed' ? 'failed' : 'inactive'),
  subState: (unit) => (unit as Swap).state,
  *start(unit) {
    const swap = unit as Swap
    acquireInvocationId(swap)
    swap.result = 'exit-code'
    swap.log(4, 'swap devices are not simulated here')
    logFailure(swap, swap.result)
    swap.state = 'failed'
    unitNotify(swap, 'inactive', 'failed')
    return 'failed'
  },
  *stop() {
    return 'already'
  },
  resetFailed(unit) {
    const swap = unit as Swap
    if (swap.state !== 'failed') return
    swap.state = 'dead'
    swap.result = 'success'
    unitNotify(swap, 'failed', 'inactive')
  },
}
