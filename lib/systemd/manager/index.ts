// PID 1. Programs talk to it through `lib/systemd/bus`; the machine runs it.
export { type SystemdOptions, systemdMain } from './main'
export type { SystemdOptions as ManagerHooks } from './main'
export type { ManagerEvent } from './manager-event'
export type { ManagerView } from './view'
export { transactionSteps, type TransactionStep } from './transaction-activate'
export { dependencyTable, dependencyTypes, type Atom, type DependencyType } from './dependency'
export { SYSTEMD_FEATURES, SYSTEMD_VERSION } from './version'
