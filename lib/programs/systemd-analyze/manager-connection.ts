// How the verbs that need a manager reach it, and what it tells of its units.
import { isErrno, type Syscall } from '@/lib/kernel'
import { connectBus, getAllProperties, isBusError, type Bus, type ListedUnit, type Properties } from '@/lib/systemd/bus'
import type { Verb, VerbContext } from './context'

/** A verb that speaks to the manager. */
export const withBus = (run: (args: readonly string[], context: VerbContext, bus: Bus) => Syscall<number>): Verb =>
  function* (args, context) {
    const { process, console, options } = context
    const scope = options.scope === 'user' ? 'user' : 'system'
    const bus = yield* connectBus(process, { scope })
    if (isBusError(bus)) {
      const booted = scope === 'user' || !isErrno(yield* process.stat('/run/systemd/system'))
      if (!booted) yield* console.log('error', "System has not been booted with systemd as init system (PID 1). Can't operate.")
      return yield* console.fail(`Failed to connect to ${scope} scope bus via local transport: ${booted ? bus.message : 'Host is down'}`)
    }
    const status = yield* run(args, context, bus)
    yield* bus.close()
    return status
  }

/** All loaded units, or undefined after the complaint. */
export function* listUnits({ console }: VerbContext, bus: Bus): Syscall<readonly ListedUnit[] | undefined> {
  const units = yield* bus.call('ListUnits', [])
  if (!isBusError(units)) return units
  yield* console.log('error', `Failed to list units: ${units.message}`)
  return undefined
}

/** The properties of a unit that may not be loaded yet, or undefined after the complaint. */
export function* unitProperties({ console }: VerbContext, bus: Bus, name: string): Syscall<Properties | undefined> {
  const properties = yield* getAllProperties(bus, name)
  if (!isBusError(properties)) return properties
  yield* console.log('error', `Failed to get unit properties: ${properties.message}`)
  return undefined
}
