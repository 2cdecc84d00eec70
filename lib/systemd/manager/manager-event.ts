// What the manager tells the machine around it, for panels and lessons. Plain data.
import type { JobResult, JobType } from './job-type'
import type { TransactionStep } from './transaction-activate'
import type { UnitActiveState } from './unit-state'

export type ManagerEvent =
  | {
      readonly type: 'unit'
      readonly unit: string
      readonly activeState: UnitActiveState
      readonly subState: string
      readonly before: UnitActiveState
    }
  | { readonly type: 'unit-removed'; readonly unit: string }
  | {
      readonly type: 'job'
      readonly id: number
      readonly unit: string
      readonly job: JobType
      readonly state: 'installed' | 'running' | 'finished'
      readonly result?: JobResult
    }
  | {
      readonly type: 'transaction'
      readonly anchor: string
      readonly step: TransactionStep
      readonly jobs: readonly { readonly unit: string; readonly job: JobType; readonly matters: boolean }[]
    }
  /** A sub-state of a service and its like: `start-pre -> start`. */
  | { readonly type: 'sub-state'; readonly unit: string; readonly from: string; readonly to: string }
  | { readonly type: 'boot-finished' }
