// The unit types, one line each. A new one goes into `unitTypeNames`, here, and in lib/systemd/units.
import { automountType } from '../units/automount'
import { deviceType } from '../units/device'
import { mountType } from '../units/mount/mount'
import { pathType } from '../units/path'
import { scopeType } from '../units/scope'
import { serviceType } from '../units/service/type'
import { sliceType } from '../units/slice'
import { socketType } from '../units/socket/type'
import { swapType } from '../units/swap'
import { targetType } from '../units/target'
import { timerType } from '../units/timer'
import type { UnitTypeName } from './unit-state'
import type { UnitType } from './unit-type'

export const unitTypes: { readonly [Name in UnitTypeName]: UnitType } = {
  service: serviceType,
  mount: mountType,
  swap: swapType,
  socket: socketType,
  target: targetType,
  device: deviceType,
  automount: automountType,
  timer: timerType,
  path: pathType,
  slice: sliceType,
  scope: scopeType,
}
