// After systemd.service(5): the states of a service, and what a service may hold in each. `setState` reads this table; so does
// everybody else who asks what a state means.
import type { UnitActiveState } from '../../manager/unit-state'

type Row = {
  readonly active: UnitActiveState
  /** Type=idle counts as up from the first moment. */
  readonly activeIdle?: UnitActiveState
  /** May have: a main process, a control process, a running timer, the watchdog. */
  readonly main?: true
  readonly control?: true
  readonly timer?: true
  readonly watchdog?: true
}

const rows = {
  dead: { active: 'inactive' },
  condition: { active: 'activating', activeIdle: 'active', control: true, timer: true },
  'start-pre': { active: 'activating', activeIdle: 'active', control: true, timer: true },
  start: { active: 'activating', activeIdle: 'active', main: true, control: true, timer: true },
  'start-post': { active: 'activating', activeIdle: 'active', main: true, control: true, timer: true, watchdog: true },
  running: { active: 'active', main: true, timer: true, watchdog: true },
  exited: { active: 'active' },
  reload: { active: 'reloading', main: true, control: true, timer: true, watchdog: true },
  'reload-signal': { active: 'reloading', main: true, control: true, timer: true, watchdog: true },
  'reload-notify': { active: 'reloading', main: true, control: true, timer: true, watchdog: true },
  mounting: { active: 'refreshing', main: true, control: true, timer: true, watchdog: true },
  stop: { active: 'deactivating', main: true, control: true, timer: true },
  'stop-watchdog': { active: 'deactivating', main: true, control: true, timer: true },
  'stop-sigterm': { active: 'deactivating', main: true, control: true, timer: true },
  'stop-sigkill': { active: 'deactivating', main: true, control: true, timer: true },
  'stop-post': { active: 'deactivating', main: true, control: true, timer: true },
  'final-watchdog': { active: 'deactivating', main: true, control: true, timer: true },
  'final-sigterm': { active: 'deactivating', main: true, control: true, timer: true },
  'final-sigkill': { active: 'deactivating', main: true, control: true, timer: true },
  failed: { active: 'failed' },
  'dead-before-auto-restart': { active: 'inactive' },
  'failed-before-auto-restart': { active: 'failed' },
  'dead-resources-pinned': { active: 'inactive' },
  'auto-restart': { active: 'activating', timer: true },
  'auto-restart-queued': { active: 'activating' },
  cleaning: { active: 'maintenance', control: true, timer: true },
} as const satisfies Record<string, Row>

export type ServiceState = keyof typeof rows
export const serviceStateTable: { readonly [State in ServiceState]: Row } = rows
export const serviceStates = Object.keys(rows) as ServiceState[]

export const serviceResults = [
  'success',
  'resources',
  'protocol',
  'timeout',
  'exit-code',
  'signal',
  'core-dump',
  'watchdog',
  'start-limit-hit',
  'oom-kill',
  'exec-condition',
] as const
export type ServiceResult = (typeof serviceResults)[number]

export const stoppingStates: ReadonlySet<ServiceState> = new Set([
  'stop',
  'stop-watchdog',
  'stop-sigterm',
  'stop-sigkill',
  'stop-post',
  'final-watchdog',
  'final-sigterm',
  'final-sigkill',
])
export const startingStates: ReadonlySet<ServiceState> = new Set(['condition', 'start-pre', 'start', 'start-post'])
export const reloadingStates: ReadonlySet<ServiceState> = new Set(['reload', 'reload-signal', 'reload-notify'])
