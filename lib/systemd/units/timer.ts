// After systemd.timer(5): starts another unit when its time has come.
import { localTimeOf, type LocalTime, USEC_INFINITY, type Usec } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { isBusError } from '../bus'
import { nextElapse } from '../calendar'
import type { TimerSection, TimerValue } from '../directives'
import type { TimerSource } from '../manager/event-loop'
import type { Manager } from '../manager/manager'
import { never, Unit, type Timestamp } from '../manager/unit'
import { defaultConfig, sectionOf } from '../manager/unit-config'
import { addMountDependencies, addNamed, addShutdownDependencies } from '../manager/unit-defaults'
import { logFailure, logSuccess, unitNotify } from '../manager/unit-notify'
import { acquireInvocationId, testStartLimit } from '../manager/unit-start'
import { isActiveOrActivating, isInactiveOrFailed, type UnitActiveState } from '../manager/unit-state'
import type { UnitType } from '../manager/unit-type'
import { unitNameChangeSuffix } from '../unit-name'
import { siphash24 } from '../unit-name'

const timerStates = {
  dead: 'inactive',
  waiting: 'active',
  running: 'active',
  elapsed: 'active',
  failed: 'failed',
} as const satisfies Record<string, UnitActiveState>
type TimerState = keyof typeof timerStates
type TimerResult = 'success' | 'resources' | 'start-limit-hit' | 'unit-start-limit-hit'

/** One line of the timer, with when it is due next. */
type Value = { readonly setting: TimerValue; nextUsec: Usec; disabled: boolean }

export class Timer extends Unit {
  readonly vtable: UnitType = timerType
  state: TimerState = 'dead'
  result: TimerResult = 'success'
  values: Value[] = []
  nextMonotonicUsec: Usec = USEC_INFINITY
  nextRealtimeUsec: Usec = USEC_INFINITY
  lastTrigger: Timestamp = never
  stampPath = ''
  monotonicTimer: TimerSource | undefined
  realtimeTimer: TimerSource | undefined

  constructor(manager: Manager, id: string) {
    super(manager, 'timer', id, defaultConfig('timer'))
  }

  get section(): TimerSection {
    return sectionOf(this.config.Timer)
  }
}

function setState(timer: Timer, state: TimerState): void {
  const before = timerStates[timer.state]
  timer.state = state
  if (state !== 'waiting') disarm(timer)
  unitNotify(timer, before, timerStates[state])
}

function disarm(timer: Timer): void {
  const { loop } = timer.manager
  loop.cancelTimer(timer.monotonicTimer)
  loop.cancelTimer(timer.realtimeTimer)
  timer.monotonicTimer = undefined
  timer.realtimeTimer = undefined
  timer.nextMonotonicUsec = USEC_INFINITY
  timer.nextRealtimeUsec = USEC_INFINITY
}

/** The zone that calendar expressions without one are meant in. */
function localTime(manager: Manager): LocalTime {
  return localTimeOf(manager.environment.get('TZ'), manager.reader.readLink('/etc/localtime'), manager.process.realtimeUsec / 1e6)
}

/** Only has to be the same every time. */
const DELAY_KEY = [0xe0, 0xfb, 0x3c, 0x15, 0x77, 0x3e, 0x4c, 0xb1, 0x9d, 0x1b, 0x21, 0x6b, 0x5a, 0xb1, 0x0e, 0x4d]

/** A delay that is the same for this timer on this machine, or one drawn anew. */
function randomDelay(timer: Timer): Usec {
  const { RandomizedDelaySec, FixedRandomDelay } = timer.section
  if (RandomizedDelaySec === 0) return 0
  if (!FixedRandomDelay) return timer.manager.process.random.below(RandomizedDelaySec)
  const seed = `${timer.manager.machineId}${timer.manager.process.uid}${timer.id}`
  return Number(siphash24(seed, DELAY_KEY) % BigInt(RandomizedDelaySec))
}

/** Works out when the timer is due, and waits for it; elapsed when there is no next time. */
function enterWaiting(timer: Timer, timeChange: boolean): void {
  const { manager } = timer
  const now = manager.now()
  const trigger = timer.trigger()
  let monotonic = USEC_INFINITY
  let realtime = USEC_INFINITY
  for (const value of timer.values) {
    if (value.disabled) continue
    if (value.setting.base === 'OnCalendar') {
      const spec = value.setting.calendar
      if (spec === undefined) continue
      const next = nextElapse(spec, calendarBase(timer, trigger), localTime(manager))
      if (typeof next !== 'number') continue
      value.nextUsec = next
      realtime = Math.min(realtime, next)
      continue
    }
    const base = baseOf(timer, value.setting.base, trigger)
    if (base === undefined) continue
    value.nextUsec = base + value.setting.usec
    const past = value.nextUsec < now.monotonicUsec
    const once = value.setting.base === 'OnActiveSec' || value.setting.base === 'OnBootSec' || value.setting.base === 'OnStartupSec'
    if (timer.lastTrigger.realtimeUsec > 0 && !timeChange && past && once) {
      // Its moment is over and does not come again.
      value.disabled = true
      continue
    }
    monotonic = Math.min(monotonic, value.nextUsec)
  }
  if (monotonic === USEC_INFINITY && realtime === USEC_INFINITY && !timer.section.OnTimezoneChange && !timer.section.OnClockChange) {
    timer.log(7, 'Timer is elapsed.')
    // Those that follow the unit's state may come alive again.
    const follows = timer.values.some(({ setting }) => setting.base === 'OnUnitActiveSec' || setting.base === 'OnUnitInactiveSec')
    if (timer.section.RemainAfterElapse || follows) setState(timer, 'elapsed')
    else enterDead(timer, 'success')
    return
  }
  disarm(timer)
  if (monotonic !== USEC_INFINITY) {
    timer.nextMonotonicUsec = Math.max(monotonic, now.monotonicUsec) + randomDelay(timer)
    timer.monotonicTimer = manager.loop.addTimer(coalesce(timer, timer.nextMonotonicUsec), () => elapsed(timer))
  }
  if (realtime !== USEC_INFINITY) {
    timer.nextRealtimeUsec = realtime + randomDelay(timer)
    // The clock may be set meanwhile: then this is worked out again.
    const at = now.monotonicUsec + Math.max(0, timer.nextRealtimeUsec - now.realtimeUsec)
    timer.realtimeTimer = manager.loop.addTimer(coalesce(timer, at), () => elapsed(timer))
  }
  setState(timer, 'waiting')
}

/** AccuracySec= lets wake-ups fall together: at this machine's own point of the minute, second, … */
function coalesce(timer: Timer, usec: Usec): Usec {
  const accuracy = timer.section.AccuracySec
  return timer.manager.coalesce(usec, accuracy)
}

/** From which moment a calendar's next time is looked for: the last run, else the timer's start, else now. */
function calendarBase(timer: Timer, trigger: Unit | undefined): Usec {
  const last = timer.lastTrigger.realtimeUsec
  const ended = trigger?.inactiveEnter.realtimeUsec ?? 0
  if (timer.section.DeferReactivation && ended > 0) return Math.max(ended, last)
  if (last > 0) return last
  return timer.inactiveExit.realtimeUsec > 0 ? timer.inactiveExit.realtimeUsec : timer.manager.process.realtimeUsec
}

/** What a span is counted from; undefined: that has not been yet. */
function baseOf(timer: Timer, base: TimerValue['base'], trigger: Unit | undefined): Usec | undefined {
  const { manager } = timer
  switch (base) {
    case 'OnActiveSec':
      return timerStates[timer.state] === 'active' ? timer.inactiveExit.monotonicUsec : manager.process.monotonicUsec
    case 'OnBootSec':
      return 0
    case 'OnStartupSec':
      return manager.timestamps.userspace
    case 'OnUnitActiveSec': {
      const since = Math.max(trigger?.inactiveExit.monotonicUsec ?? 0, timer.lastTrigger.monotonicUsec)
      return since <= 0 ? undefined : since
    }
    case 'OnUnitInactiveSec': {
      const since = Math.max(trigger?.inactiveEnter.monotonicUsec ?? 0, timer.lastTrigger.monotonicUsec)
      return since <= 0 ? undefined : since
    }
    default:
      return undefined
  }
}

function* elapsed(timer: Timer): Syscall<void> {
  if (timer.state !== 'waiting') return
  timer.log(7, 'Timer elapsed.')
  enterRunning(timer)
}

function enterRunning(timer: Timer): void {
  const { manager } = timer
  if (timer.stopPending()) return
  const trigger = timer.trigger()
  if (trigger === undefined) {
    enterDead(timer, 'resources')
    return
  }
  const job = manager.addJob('start', trigger, 'replace')
  if (isBusError(job)) {
    timer.log(4, `Failed to queue unit startup job: ${job.message}`)
    enterDead(timer, 'resources')
    return
  }
  timer.lastTrigger = timer.now()
  trigger.activation = {
    unit: timer.id,
    fields: {
      TRIGGER_UNIT: timer.id,
      TRIGGER_TIMER_REALTIME_USEC: String(timer.lastTrigger.realtimeUsec),
      TRIGGER_TIMER_MONOTONIC_USEC: String(timer.lastTrigger.monotonicUsec),
    },
  }
  if (timer.stampPath !== '') manager.defer(() => touchStamp(timer))
  setState(timer, 'running')
}

function* touchStamp(timer: Timer): Syscall<void> {
  const { process } = timer.manager
  const fd = yield* process.open(timer.stampPath, 0o101, 0o644)
  if (isErrno(fd)) {
    const directory = timer.stampPath.slice(0, timer.stampPath.lastIndexOf('/'))
    yield* process.mkdir(directory, 0o755)
    const again = yield* process.open(timer.stampPath, 0o101, 0o644)
    if (isErrno(again)) return
    yield* process.close(again)
  } else yield* process.close(fd)
  yield* process.utimes(timer.stampPath, timer.lastTrigger.realtimeUsec, timer.lastTrigger.realtimeUsec)
}

function enterDead(timer: Timer, result: TimerResult): void {
  if (timer.result === 'success') timer.result = result
  if (timer.result === 'success') logSuccess(timer)
  else logFailure(timer, timer.result)
  setState(timer, timer.result === 'success' ? 'dead' : 'failed')
}

export const timerType: UnitType = {
  name: 'timer',
  section: 'Timer',
  interfaceName: 'org.freedesktop.systemd1.Timer',
  canTransient: true,
  canFail: true,
  canTrigger: true,
  status: {},
  create: (manager, id) => new Timer(manager, id),
  load(unit) {
    const timer = unit as Timer
    if (timer.loadState !== 'loaded') return
    const { manager, section } = timer
    const name = section.Unit !== '' ? section.Unit : unitNameChangeSuffix(timer.id, '.service')
    if (name !== undefined) addNamed(timer, ['Before', 'Triggers'], name, section.Unit !== '' ? 'file' : 'implicit')
    timer.stampPath = section.Persistent
      ? `${manager.scope === 'system' ? '/var/lib/systemd/timers' : `${manager.environment.get('HOME') ?? '/root'}/.local/share/systemd/timers`}/stamp-${timer.id}`
      : ''
    if (timer.stampPath !== '') timer.requiredMounts.add(timer.stampPath)
    addMountDependencies(timer)
    if (timer.config.Unit.DefaultDependencies) {
      if (manager.scope === 'system') {
        addNamed(timer, ['Requires', 'After'], 'sysinit.target', 'default')
        // With a calendar, the clock must have been set.
        if (section.Timers.some((one) => one.base === 'OnCalendar'))
          for (const target of ['time-sync.target', 'time-set.target']) addNamed(timer, ['After'], target, 'default')
      }
      addNamed(timer, ['Before'], 'timers.target', 'default')
      addShutdownDependencies(timer)
    }
    timer.values = section.Timers.map((setting) => {
      const held = timer.values.find(
        (one) => one.setting.base === setting.base && one.setting.usec === setting.usec && one.setting.calendar === setting.calendar,
      )
      return { setting, nextUsec: held?.nextUsec ?? USEC_INFINITY, disabled: held?.disabled ?? false }
    })
  },
  activeState: (unit) => timerStates[(unit as Timer).state],
  subState: (unit) => (unit as Timer).state,
  testStartable(unit) {
    if (testStartLimit(unit)) return undefined
    enterDead(unit as Timer, 'start-limit-hit')
    return 'nothing'
  },
  *start(unit) {
    const timer = unit as Timer
    const { manager } = timer
    acquireInvocationId(timer)
    timer.lastTrigger = never
    for (const value of timer.values) {
      value.disabled = false
      value.nextUsec = USEC_INFINITY
    }
    if (timer.stampPath !== '') {
      const status = manager.reader.status(timer.stampPath)
      if (status !== undefined) timer.lastTrigger = { realtimeUsec: status.mtimeUsec, monotonicUsec: 0 }
      else {
        // A first start leaves its mark, so that a missed run can be told from then on.
        timer.lastTrigger = { realtimeUsec: manager.process.realtimeUsec, monotonicUsec: 0 }
        yield* touchStamp(timer)
        timer.lastTrigger = never
      }
    }
    timer.result = 'success'
    enterWaiting(timer, false)
    return 'started'
  },
  *stop(unit) {
    enterDead(unit as Timer, 'success')
    return 'started'
  },
  triggerNotify(unit, other) {
    const timer = unit as Timer
    if (other.loadState !== 'loaded') return
    // Values that depend on the unit's state come alive again.
    for (const value of timer.values)
      if (value.setting.base === 'OnUnitActiveSec' || value.setting.base === 'OnUnitInactiveSec') value.disabled = false
    if (timer.state === 'waiting' || timer.state === 'elapsed') enterWaiting(timer, false)
    else if (timer.state === 'running' && isInactiveOrFailed(other.activeState()) && !isActiveOrActivating(other.activeState())) {
      timer.log(7, 'Got notified about unit deactivation.')
      enterWaiting(timer, false)
    }
  },
  resetFailed(unit) {
    const timer = unit as Timer
    if (timer.state === 'failed') setState(timer, 'dead')
    timer.result = 'success'
  },
  timeChange(unit) {
    const timer = unit as Timer
    if (timer.state !== 'waiting') return
    const now = timer.manager.process.realtimeUsec
    // A stamp of the future would keep it waiting for ever.
    if (timer.lastTrigger.realtimeUsec > now) timer.lastTrigger = { ...timer.lastTrigger, realtimeUsec: now }
    if (timer.section.OnClockChange) enterRunning(timer)
    else enterWaiting(timer, true)
  },
  timezoneChange(unit) {
    const timer = unit as Timer
    if (timer.state !== 'waiting') return
    if (timer.section.OnTimezoneChange) enterRunning(timer)
    else enterWaiting(timer, false)
  },
  *clean(unit) {
    const timer = unit as Timer
    if (timer.stampPath !== '') yield* timer.manager.process.unlink(timer.stampPath)
  },
  *release(unit) {
    disarm(unit as Timer)
  },
}
