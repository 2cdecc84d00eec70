// After systemd.automount(5): a mount point that is mounted when somebody goes there.
// DEVIATES: the kernel does not hold the first access back; the mount is made when the unit starts, or on request.
import type { AutomountSection } from '../directives'
import type { Manager } from '../manager/manager'
import { Unit } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addNamed, addShutdownDependencies } from '../manager/unit-defaults'
import { logFailure, logSuccess, unitNotify } from '../manager/unit-notify'
import { acquireInvocationId, testStartLimit } from '../manager/unit-start'
import type { UnitActiveState } from '../manager/unit-state'
import type { UnitType } from '../manager/unit-type'
import { unitNameChangeSuffix } from '../unit-name'

const automountStates = { dead: 'inactive', waiting: 'active', running: 'active', failed: 'failed' } as const satisfies Record<
  string,
  UnitActiveState
>
type AutomountState = keyof typeof automountStates

export class Automount extends Unit {
  readonly vtable: UnitType = automountType
  state: AutomountState = 'dead'
  result: 'success' | 'resources' | 'start-limit-hit' | 'mount-start-limit-hit' | 'unmounted' = 'success'

  constructor(manager: Manager, id: string) {
    super(manager, 'automount', id, defaultConfig('automount'))
  }

  get section(): AutomountSection {
    return sectionOf(this.config.Automount)
  }
}

function setState(automount: Automount, state: AutomountState): void {
  const before = automountStates[automount.state]
  automount.state = state
  unitNotify(automount, before, automountStates[state])
}

function enterDead(automount: Automount, result: Automount['result']): void {
  if (automount.result === 'success') automount.result = result
  if (automount.result === 'success') logSuccess(automount)
  else logFailure(automount, automount.result)
  setState(automount, automount.result === 'success' ? 'dead' : 'failed')
}

/** Somebody went there: the kernel told, with the process's id and name. */
export function automountRequest(automount: Automount, pid: number, comm: string): void {
  if (automount.state !== 'waiting') return
  const { manager } = automount
  manager.logUnit(
    automount,
    6,
    `${automount.id}: Got automount request for ${automount.section.Where}, triggered by ${pid} (${comm})`,
    {},
    [automount.id],
  )
  const trigger = automount.trigger()
  if (trigger === undefined) {
    enterDead(automount, 'resources')
    return
  }
  manager.addJob('start', trigger, 'replace')
  setState(automount, 'running')
}

export const automountType: UnitType = {
  name: 'automount',
  section: 'Automount',
  interfaceName: 'org.freedesktop.systemd1.Automount',
  canTransient: true,
  canTrigger: true,
  canFail: true,
  status: {
    finishedStart: { done: 'Set up automount %s.', failed: 'Failed to set up automount %s.' },
    finishedStop: { done: 'Unset automount %s.', failed: 'Failed to unset automount %s.' },
  },
  create: (manager, id) => new Automount(manager, id),
  load(unit) {
    const automount = unit as Automount
    if (automount.loadState !== 'loaded') return
    const name = unitNameChangeSuffix(automount.id, '.mount')
    if (name !== undefined) addNamed(automount, ['Before', 'Triggers'], name, 'implicit')
    const { Where } = automount.section
    automount.requiredMounts.add(Where.slice(0, Where.lastIndexOf('/')) || '/')
    addMountDependencies(automount)
    if (automount.config.Unit.DefaultDependencies && automount.manager.scope === 'system') {
      addNamed(automount, ['Before'], 'local-fs.target', 'default')
      addNamed(automount, ['After'], 'local-fs-pre.target', 'default')
      addNamed(automount, ['Before', 'Conflicts'], 'umount.target', 'default')
      addShutdownDependencies(automount)
    }
  },
  activeState: (unit) => automountStates[(unit as Automount).state],
  subState: (unit) => (unit as Automount).state,
  testStartable(unit) {
    if (testStartLimit(unit)) return undefined
    enterDead(unit as Automount, 'start-limit-hit')
    return 'nothing'
  },
  *start(unit) {
    const automount = unit as Automount
    const { manager, section } = automount
    if (manager.mountInfoOf(section.Where) !== undefined) {
      automount.log(3, `Path ${section.Where} is already a mount point, refusing start.`)
      return 'failed'
    }
    acquireInvocationId(automount)
    automount.result = 'success'
    yield* manager.makeDirectories(section.Where, section.DirectoryMode)
    setState(automount, 'waiting')
    return 'started'
  },
  *stop(unit) {
    enterDead(unit as Automount, 'success')
    return 'started'
  },
  triggerNotify(unit, other) {
    const automount = unit as Automount
    if (other.loadState !== 'loaded') return
    const state = other.activeState()
    if (automount.state === 'waiting' && state === 'active') setState(automount, 'running')
    else if (automount.state === 'running' && (state === 'inactive' || state === 'failed') && other.job === undefined)
      setState(automount, 'waiting')
  },
  resetFailed(unit) {
    const automount = unit as Automount
    if (automount.state === 'failed') setState(automount, 'dead')
    automount.result = 'success'
  },
}
