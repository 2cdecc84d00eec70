// `systemctl kill`, clean, freeze, thaw, reset-failed, cancel and set-property: one call a unit.
import type { Syscall } from '@/lib/kernel'
import { isBusError, type Bus, type BusError } from '@/lib/systemd/bus'
import { statusOfError, type Context } from './context'

type Call = (bus: Bus, name: string) => Syscall<unknown>

function* forEachUnit(context: Context, complaint: (name: string, error: BusError) => string, call: Call): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const expanded = yield* context.expandNames(bus, context.operands)
  if (expanded === undefined) return 1
  let status = 0
  for (const name of expanded.names) {
    const answer = yield* call(bus, name)
    if (!isBusError(answer)) continue
    yield* context.console.log('error', complaint(name, answer))
    if (status === 0) status = 1
  }
  return status
}

export function* kill(context: Context): Syscall<number> {
  const { settings } = context
  return yield* forEachUnit(
    context,
    (name, error) => `Failed to kill unit ${name}: ${error.message}`,
    function* (bus, name) {
      const whom = settings.killWhom ?? 'all'
      if (settings.killValue === undefined) return yield* bus.call('KillUnit', [name, whom, settings.signal])
      return yield* bus.call('QueueSignalUnit', [name, whom, settings.signal, settings.killValue])
    },
  )
}

export function* cleanOrFreeze(context: Context): Syscall<number> {
  const { settings, verb } = context
  const what = settings.what.length === 0 ? ['cache', 'runtime', 'fdstore'] : settings.what
  return yield* forEachUnit(
    context,
    (name, error) => `Failed to ${verb} unit ${name}: ${error.message}`,
    function* (bus, name) {
      if (verb === 'clean') return yield* bus.call('CleanUnit', [name, what])
      return verb === 'freeze' ? yield* bus.call('FreezeUnit', [name]) : yield* bus.call('ThawUnit', [name])
    },
  )
}

export function* resetFailed(context: Context): Syscall<number> {
  if (context.operands.length === 0) {
    const bus = yield* context.bus()
    if (typeof bus === 'number') return bus
    const answer = yield* bus.call('ResetFailed', [])
    return isBusError(answer) ? yield* context.console.fail(`Failed to reset failed state: ${answer.message}`) : 0
  }
  return yield* forEachUnit(
    context,
    (name, error) => `Failed to reset failed state of unit ${name}: ${error.message}`,
    (bus, name) => bus.call('ResetFailedUnit', [name]),
  )
}

export function* cancel(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { console } = context
  if (context.operands.length === 0) {
    const answer = yield* bus.call('ClearJobs', [])
    return isBusError(answer) ? yield* console.fail(`Failed to cancel all jobs: ${answer.message}`) : 0
  }
  let status = 0
  for (const operand of context.operands) {
    if (!/^\d+$/.test(operand)) return yield* console.fail(`Failed to parse job id "${operand}": Invalid argument`)
    const answer = yield* bus.call('CancelJob', [Number(operand)])
    if (!isBusError(answer)) continue
    yield* console.log('error', `Failed to cancel job ${operand}, ignoring: ${answer.message}`)
    status = 1
  }
  return status
}

export function* setProperty(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { console, settings } = context
  const [word, ...assignments] = context.operands
  const name = yield* context.mangle(word!, '.service', false)
  if (name === undefined) return 1
  const list: { name: string; value: string }[] = []
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 0) return yield* console.fail(`Not an assignment: ${assignment}`)
    list.push({ name: assignment.slice(0, equals), value: assignment.slice(equals + 1) })
  }
  const answer = yield* bus.call('SetUnitProperties', [name, settings.runtime, list])
  return isBusError(answer) ? yield* console.fail(`Failed to set unit properties on ${name}: ${answer.message}`, statusOfError(answer)) : 0
}
