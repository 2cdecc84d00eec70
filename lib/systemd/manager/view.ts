// A synchronous look into the manager for the machine around it: nothing runs on the machine for it.
import { isBusError, type ListedJob, type ListedUnit, type Properties } from '../bus'
import type { Manager } from './manager'
import { listedJob } from './methods-jobs'
import { listedUnit } from './methods-units'
import { allProperties } from './properties'

export type ManagerView = {
  readonly listUnits: () => readonly ListedUnit[]
  /** All properties, as GetAll has them; a unit that is not in memory is read. */
  readonly properties: (unit: string) => Properties | undefined
  readonly jobs: () => readonly ListedJob[]
  /** The default target is reached and no job is left. */
  readonly isBooted: () => boolean
}

export function managerView(manager: Manager): ManagerView {
  return {
    listUnits: () => [...manager.allUnits()].map(listedUnit),
    properties(name) {
      const unit = manager.loadUnit(name)
      return isBusError(unit) ? undefined : allProperties(manager, unit, '')
    },
    jobs: () => [...manager.jobs.values()].map(listedJob),
    isBooted: () => manager.bootFinished,
  }
}
