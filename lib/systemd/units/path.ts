// After systemd.path(5): starts another unit when something happens to a file.
import { expandGlob } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { isBusError } from '../bus'
import type { PathSection, PathSpec } from '../directives'
import type { FdSource, TimerSource } from '../manager/event-loop'
import type { Manager } from '../manager/manager'
import { RateLimit } from '../manager/rate-limit'
import { Unit } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addNamed, addShutdownDependencies } from '../manager/unit-defaults'
import { logFailure, logSuccess, unitNotify } from '../manager/unit-notify'
import { acquireInvocationId, testStartLimit } from '../manager/unit-start'
import { isActiveOrActivating, isInactiveOrFailed, type UnitActiveState } from '../manager/unit-state'
import type { UnitType } from '../manager/unit-type'
import { unitNameChangeSuffix } from '../unit-name'

const pathStates = { dead: 'inactive', waiting: 'active', running: 'active', failed: 'failed' } as const satisfies Record<
  string,
  UnitActiveState
>
type PathState = keyof typeof pathStates
type PathResult = 'success' | 'resources' | 'start-limit-hit' | 'unit-start-limit-hit' | 'trigger-limit-hit'

// inotify(7)
const IN_MODIFY = 0x2
const IN_ATTRIB = 0x4
const IN_CLOSE_WRITE = 0x8
const IN_MOVED_FROM = 0x40
const IN_MOVED_TO = 0x80
const IN_CREATE = 0x100
const IN_DELETE = 0x200
const IN_DELETE_SELF = 0x400
const IN_MOVE_SELF = 0x800

const maskOf: { readonly [Type in PathSpec['type']]: number } = {
  PathExists: IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB,
  PathExistsGlob: IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB,
  PathChanged: IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
  PathModified:
    IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY,
  DirectoryNotEmpty: IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_CREATE | IN_MOVED_TO,
}
const PARENT_MASK = IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_CREATE | IN_MOVED_TO

type Watch = {
  readonly spec: PathSpec
  fd: number | undefined
  source: FdSource | undefined
  primary: number | undefined
  previousExists: boolean
}

export class Path extends Unit {
  readonly vtable: UnitType = pathType
  state: PathState = 'dead'
  result: PathResult = 'success'
  watches: Watch[] = []
  triggerLimit = new RateLimit(0, 0)
  notifyTimer: TimerSource | undefined

  constructor(manager: Manager, id: string) {
    super(manager, 'path', id, defaultConfig('path'))
  }

  get section(): PathSection {
    return sectionOf(this.config.Path)
  }
}

function setState(path: Path, state: PathState): void {
  const before = pathStates[path.state]
  path.state = state
  if (state !== 'waiting' && state !== 'running') path.manager.defer(() => unwatch(path))
  unitNotify(path, before, pathStates[state])
}

function* unwatch(path: Path): Syscall<void> {
  for (const watch of path.watches) {
    path.manager.loop.unwatchFd(watch.source)
    if (watch.fd !== undefined) yield* path.manager.process.close(watch.fd)
    watch.fd = undefined
    watch.source = undefined
    watch.primary = undefined
  }
}

/** Watches the file itself and every directory on the way, so that it is seen when it appears. */
function* watchAll(path: Path): Syscall<void> {
  const { manager } = path
  const { process } = manager
  yield* unwatch(path)
  for (const watch of path.watches) {
    const fd = yield* process.inotifyInit()
    if (isErrno(fd)) continue
    yield* process.setCloexec(fd, true)
    yield* process.setNonblock(fd, true)
    watch.fd = fd
    const whole = watch.spec.path
    const parts = whole.split('/').filter((part) => part !== '')
    for (let depth = 0; depth < parts.length; depth++)
      yield* process.inotifyAddWatch(fd, `/${parts.slice(0, depth).join('/')}`, PARENT_MASK)
    const primary = yield* process.inotifyAddWatch(fd, whole, maskOf[watch.spec.type])
    watch.primary = isErrno(primary) ? undefined : primary
    watch.source = manager.loop.watchFd(fd, 1, 0, () => changed(path, watch))
  }
}

function* changed(path: Path, watch: Watch): Syscall<void> {
  if (watch.fd === undefined) return
  const events = yield* path.manager.process.inotifyRead(watch.fd)
  if (isErrno(events)) return
  if (path.state !== 'waiting' && path.state !== 'running') return
  const own = events.some((event) => event.watch === watch.primary)
  // A change of the watched thing itself counts for those two; a mere appearance does as well.
  const touched = (watch.spec.type === 'PathChanged' || watch.spec.type === 'PathModified') && own
  if (path.state === 'running') {
    if (touched) path.manager.defer(() => watchAll(path))
    return
  }
  if (touched) yield* enterRunning(path, watch.spec.path)
  else yield* enterWaiting(path, false, true)
}

function isMet(path: Path, watch: Watch, initial: boolean, fromTrigger: boolean): boolean {
  const { reader } = path.manager
  const { type, path: whole } = watch.spec
  switch (type) {
    case 'PathExists':
      return reader.status(whole) !== undefined
    case 'PathExistsGlob':
      return expandGlob(reader, whole).length > 0
    case 'DirectoryNotEmpty':
      return (reader.readDirectory(whole) ?? []).length > 0
    default: {
      const exists = reader.status(whole) !== undefined
      const met = !initial && !fromTrigger && exists !== watch.previousExists
      watch.previousExists = exists
      return met
    }
  }
}

function metBy(path: Path, initial: boolean, fromTrigger: boolean): string | undefined {
  let met: string | undefined
  for (const watch of path.watches) if (isMet(path, watch, initial, fromTrigger)) met ??= watch.spec.path
  return met
}

function* enterWaiting(path: Path, initial: boolean, fromTrigger: boolean): Syscall<void> {
  const trigger = path.trigger()
  // The unit is up already: nothing to do until it is over.
  if (trigger !== undefined && !isInactiveOrFailed(trigger.activeState()) && path.state !== 'dead') {
    setState(path, 'running')
    return
  }
  let met = metBy(path, initial, fromTrigger)
  if (met !== undefined) return yield* enterRunning(path, met)
  yield* watchAll(path)
  // Something may have happened between the look and the watch.
  met = metBy(path, false, fromTrigger)
  if (met !== undefined) return yield* enterRunning(path, met)
  setState(path, 'waiting')
}

function* enterRunning(path: Path, triggeredBy: string): Syscall<void> {
  const { manager } = path
  if (path.stopPending()) return
  if (!path.triggerLimit.below(manager.process.monotonicUsec)) {
    path.log(4, 'Trigger limit hit, refusing further activation.')
    return enterDead(path, 'trigger-limit-hit')
  }
  const trigger = path.trigger()
  if (trigger === undefined) return enterDead(path, 'resources')
  const job = manager.addJob('start', trigger, 'replace')
  if (isBusError(job)) {
    path.log(4, `Failed to queue unit startup job: ${job.message}`)
    return enterDead(path, 'resources')
  }
  trigger.activation = { unit: path.id, fields: { TRIGGER_UNIT: path.id, TRIGGER_PATH: triggeredBy } }
  setState(path, 'running')
  yield* watchAll(path)
}

function enterDead(path: Path, result: PathResult): void {
  if (path.result === 'success') path.result = result
  if (path.result === 'success') logSuccess(path)
  else logFailure(path, path.result)
  setState(path, path.result === 'success' ? 'dead' : 'failed')
}

export const pathType: UnitType = {
  name: 'path',
  section: 'Path',
  interfaceName: 'org.freedesktop.systemd1.Path',
  canTransient: true,
  canFail: true,
  canTrigger: true,
  status: {},
  create: (manager, id) => new Path(manager, id),
  load(unit) {
    const path = unit as Path
    if (path.loadState !== 'loaded') return
    const { manager, section } = path
    const name = section.Unit !== '' ? section.Unit : unitNameChangeSuffix(path.id, '.service')
    if (name !== undefined) addNamed(path, ['Before', 'Triggers'], name, section.Unit !== '' ? 'file' : 'implicit')
    for (const spec of section.Paths) path.requiredMounts.add(spec.path)
    addMountDependencies(path)
    if (path.config.Unit.DefaultDependencies) {
      addNamed(path, ['Before'], 'paths.target', 'default')
      if (manager.scope === 'system') addNamed(path, ['Requires', 'After'], 'sysinit.target', 'default')
      addShutdownDependencies(path)
    }
    path.watches = section.Paths.map(
      (spec) =>
        path.watches.find((one) => one.spec.type === spec.type && one.spec.path === spec.path) ?? {
          spec,
          fd: undefined,
          source: undefined,
          primary: undefined,
          previousExists: false,
        },
    )
    path.triggerLimit.intervalUsec = section.TriggerLimitIntervalSec
    path.triggerLimit.burst = section.TriggerLimitBurst
  },
  activeState: (unit) => pathStates[(unit as Path).state],
  subState: (unit) => (unit as Path).state,
  testStartable(unit) {
    if (testStartLimit(unit)) return undefined
    enterDead(unit as Path, 'start-limit-hit')
    return 'nothing'
  },
  *start(unit) {
    const path = unit as Path
    acquireInvocationId(path)
    if (path.section.MakeDirectory)
      for (const { type, path: whole } of path.section.Paths)
        if (type !== 'PathExists' && type !== 'PathExistsGlob') yield* path.manager.makeDirectories(whole, path.section.DirectoryMode)
    path.result = 'success'
    yield* enterWaiting(path, true, false)
    return 'started'
  },
  *stop(unit) {
    enterDead(unit as Path, 'success')
    return 'started'
  },
  triggerNotify(unit, other) {
    const path = unit as Path
    const { manager } = path
    if (path.state !== 'waiting' && path.state !== 'running') return
    if (other.loadState !== 'loaded') return
    if (other.startLimitHit) {
      enterDead(path, 'unit-start-limit-hit')
      return
    }
    // Conditions left the unit down: the path fires again at once unless its own limit stops it.
    if (other.job !== undefined) return
    if (path.state === 'running' && isInactiveOrFailed(other.activeState())) {
      manager.defer(() => (path.state === 'running' && other.job === undefined ? enterWaiting(path, false, true) : done()))
    } else if (path.state === 'waiting' && isActiveOrActivating(other.activeState())) setState(path, 'running')
  },
  resetFailed(unit) {
    const path = unit as Path
    if (path.state === 'failed') setState(path, 'dead')
    path.result = 'success'
  },
  release: (unit) => unwatch(unit as Path),
}

function* done(): Syscall<void> {}
