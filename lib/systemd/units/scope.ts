// A scope: processes that somebody else started, gathered in a cgroup.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { cgroupDirectory, isPopulated, realizeCgroup } from '../cgroup'
import type { ScopeSection } from '../directives'
import { killContext } from '../manager/kill'
import type { TimerSource } from '../manager/event-loop'
import type { Manager } from '../manager/manager'
import { Unit } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addShutdownDependencies, addSliceDependency } from '../manager/unit-defaults'
import { logFailure, logSuccess, unitNotify } from '../manager/unit-notify'
import { acquireInvocationId } from '../manager/unit-start'
import type { UnitActiveState } from '../manager/unit-state'
import type { UnitType } from '../manager/unit-type'

const scopeStates = {
  dead: 'inactive',
  'start-chown': 'activating',
  running: 'active',
  abandoned: 'active',
  'stop-sigterm': 'deactivating',
  'stop-sigkill': 'deactivating',
  failed: 'failed',
} as const satisfies Record<string, UnitActiveState>
type ScopeState = keyof typeof scopeStates

export class Scope extends Unit {
  readonly vtable: UnitType = scopeType
  state: ScopeState = 'dead'
  result: 'success' | 'resources' | 'timeout' | 'oom-kill' = 'success'
  pids: readonly number[] = []
  controller = ''
  timer: TimerSource | undefined

  constructor(manager: Manager, id: string) {
    super(manager, 'scope', id, defaultConfig('scope'))
  }

  get section(): ScopeSection {
    return sectionOf(this.config.Scope)
  }
}

function setState(scope: Scope, state: ScopeState): void {
  const before = scopeStates[scope.state]
  scope.state = state
  if (state === 'dead' || state === 'failed' || state === 'abandoned') arm(scope, USEC_INFINITY)
  unitNotify(scope, before, scopeStates[state])
}

function arm(scope: Scope, usec: Usec): void {
  const { manager } = scope
  manager.loop.cancelTimer(scope.timer)
  scope.timer = usec === USEC_INFINITY ? undefined : manager.loop.addTimer(manager.process.monotonicUsec + usec, () => elapsed(scope))
}

function* elapsed(scope: Scope): Syscall<void> {
  if (scope.state === 'running') {
    scope.log(4, 'Scope reached runtime time limit. Stopping.')
    yield* enterSignal(scope, 'stop-sigterm', 'timeout')
  } else if (scope.state === 'stop-sigterm' && scope.section.SendSIGKILL) {
    scope.log(4, 'Stopping timed out. Killing.')
    yield* enterSignal(scope, 'stop-sigkill', 'timeout')
  } else if (scope.state === 'stop-sigterm') {
    scope.log(4, 'Stopping timed out. Skipping SIGKILL.')
    enterDead(scope, 'timeout')
  } else if (scope.state === 'stop-sigkill') {
    scope.log(4, 'Still around after SIGKILL. Ignoring.')
    enterDead(scope, 'timeout')
  }
}

function enterDead(scope: Scope, result: Scope['result']): void {
  if (scope.result === 'success') scope.result = result
  if (scope.result === 'success') logSuccess(scope)
  else logFailure(scope, scope.result)
  setState(scope, scope.result === 'success' ? 'dead' : 'failed')
}

function* enterSignal(scope: Scope, state: 'stop-sigterm' | 'stop-sigkill', result: Scope['result']): Syscall<void> {
  if (scope.result === 'success') scope.result = result
  const waiting = yield* killContext(scope, scope.section, state === 'stop-sigterm' ? 'terminate' : 'kill', {
    main: 0,
    control: 0,
    alien: false,
  })
  if (waiting) {
    arm(scope, scope.section.TimeoutStopSec)
    setState(scope, state)
  } else if (state === 'stop-sigterm') yield* enterSignal(scope, 'stop-sigkill', 'success')
  else enterDead(scope, 'success')
}

export const scopeType: UnitType = {
  name: 'scope',
  section: 'Scope',
  interfaceName: 'org.freedesktop.systemd1.Scope',
  canTransient: true,
  canFail: true,
  canDelegate: true,
  onceOnly: true,
  hasCgroup: true,
  status: {},
  create: (manager, id) => new Scope(manager, id),
  load(unit) {
    const scope = unit as Scope
    if (unit.id === 'init.scope') {
      unit.perpetual = true
      unit.config.Unit.DefaultDependencies = false
      unit.descriptionText = 'System and Service Manager'
      if (unit.config.Unit.Documentation.length === 0) unit.config.Unit.Documentation = ['man:systemd(1)']
      if (unit.loadState === 'not-found') unit.loadState = 'loaded'
    } else if (!unit.transient && unit.loadState === 'not-found') return
    else if (unit.loadState === 'not-found') unit.loadState = 'loaded'
    addMountDependencies(unit)
    addSliceDependency(unit, scope.section.Slice)
    if (unit.config.Unit.DefaultDependencies) addShutdownDependencies(unit)
  },
  *coldplug(unit) {
    if (unit.perpetual && (unit as Scope).state === 'dead') setState(unit as Scope, 'running')
  },
  activeState: (unit) => scopeStates[(unit as Scope).state],
  subState: (unit) => (unit as Scope).state,
  canStart: (unit) => !unit.perpetual,
  *start(unit) {
    const scope = unit as Scope
    const { manager } = scope
    if (scope.state === 'stop-sigterm' || scope.state === 'stop-sigkill') return 'again'
    acquireInvocationId(scope)
    yield* realizeCgroup(scope)
    if (scope.cgroupPath === undefined) return 'failed'
    const fd = yield* manager.process.open(`${cgroupDirectory(scope.cgroupPath)}/cgroup.procs`, 1)
    if (typeof fd === 'number') {
      for (const pid of scope.pids) yield* manager.process.write(fd, `${pid}\n`)
      yield* manager.process.close(fd)
    }
    if (!isPopulated(scope)) {
      scope.log(4, "No PIDs left to attach to the scope's control group, refusing.")
      enterDead(scope, 'resources')
      return 'failed'
    }
    scope.result = 'success'
    setState(scope, 'running')
    arm(scope, scope.section.RuntimeMaxSec)
    return 'started'
  },
  *stop(unit) {
    const scope = unit as Scope
    if (scope.state === 'stop-sigterm' || scope.state === 'stop-sigkill') return 'nothing'
    yield* enterSignal(scope, 'stop-sigterm', 'success')
    return 'started'
  },
  kill: () => ({ main: -1, control: -1 }),
  *cgroupEmpty(unit) {
    const scope = unit as Scope
    if (scope.state === 'running' || scope.state === 'abandoned' || scope.state === 'stop-sigterm' || scope.state === 'stop-sigkill')
      enterDead(scope, 'success')
  },
  *oomKilled(unit) {
    const scope = unit as Scope
    const policy = scope.section.OOMPolicy === '' ? 'continue' : scope.section.OOMPolicy
    if (policy === 'continue' || scope.state !== 'running') return
    yield* enterSignal(scope, policy === 'stop' ? 'stop-sigterm' : 'stop-sigkill', 'oom-kill')
  },
  resetFailed(unit) {
    const scope = unit as Scope
    if (scope.state === 'failed') setState(scope, 'dead')
    scope.result = 'success'
  },
  *release(unit) {
    arm(unit as Scope, USEC_INFINITY)
  },
  cpuWeight: (unit) => (unit as Scope).section.CPUWeight ?? 100,
}
