// The high-level states that every unit type maps its own states to.
export const unitActiveStates = [
  'active',
  'reloading',
  'inactive',
  'failed',
  'activating',
  'deactivating',
  'maintenance',
  'refreshing',
] as const
export type UnitActiveState = (typeof unitActiveStates)[number]

export const isActiveOrReloading = (state: UnitActiveState) => state === 'active' || state === 'reloading' || state === 'refreshing'
export const isActiveOrActivating = (state: UnitActiveState) => isActiveOrReloading(state) || state === 'activating'
export const isInactiveOrDeactivating = (state: UnitActiveState) => isInactiveOrFailed(state) || state === 'deactivating'
export const isInactiveOrFailed = (state: UnitActiveState) => state === 'inactive' || state === 'failed'

/** In the order of systemd's own list: `list-units` and the run queue depend on it. */
export const unitTypeNames = [
  'service',
  'mount',
  'swap',
  'socket',
  'target',
  'device',
  'automount',
  'timer',
  'path',
  'slice',
  'scope',
] as const
export type UnitTypeName = (typeof unitTypeNames)[number]

export type UnitLoadState = 'stub' | 'loaded' | 'not-found' | 'bad-setting' | 'error' | 'merged' | 'masked'
