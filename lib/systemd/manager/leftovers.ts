// Processes that an earlier run left in a unit's cgroup.
import { processesOf, processName } from '../cgroup'
import type { Unit } from './unit'

/** Says so for each; true if there are any. Helpers of ours, named `(…)`, do not count. */
export function warnLeftovers(unit: Unit, moment: 'start' | 'stop'): boolean {
  if (unit.cgroupPath === undefined) return false
  const { manager } = unit
  let any = false
  for (const { pid } of processesOf(unit)) {
    const comm = processName(manager, pid)
    if (comm?.startsWith('(')) continue
    any = true
    if (moment === 'start') {
      unit.log(4, `Found left-over process ${pid} (${comm ?? 'n/a'}) in control group while starting unit. Ignoring.`)
      unit.logPlain(4, `${unit.id}: This usually indicates unclean termination of a previous run, or service implementation deficiencies.`)
    } else unit.log(6, `Unit process ${pid} (${comm ?? 'n/a'}) remains running after unit stopped.`)
  }
  return any
}
