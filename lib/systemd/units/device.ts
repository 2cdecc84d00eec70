// A device: shown by the kernel, not started by us. Units wait for it to appear.
import type { Manager } from '../manager/manager'
import { Unit } from '../manager/unit'
import { defaultConfig } from '../manager/unit-config'
import { unitNotify } from '../manager/unit-notify'
import type { UnitType } from '../manager/unit-type'

export class Device extends Unit {
  readonly vtable: UnitType = deviceType
  state: 'dead' | 'tentative' | 'plugged' = 'dead'
  sysfs = ''
  /** Units of the same device: the first, named by its path in /sys, leads. */
  leader: Device | undefined
  followers: Device[] = []

  constructor(manager: Manager, id: string) {
    super(manager, 'device', id, defaultConfig('device'))
  }
}

export function setDeviceState(device: Device, state: Device['state']): void {
  if (device.state === state) return
  const before = device.activeState()
  device.state = state
  unitNotify(device, before, device.activeState())
}

export const deviceType: UnitType = {
  name: 'device',
  section: 'Device',
  interfaceName: 'org.freedesktop.systemd1.Device',
  status: {
    starting: 'Expecting device %s...',
    finishedStart: { done: 'Found device %s.', timeout: 'Timed out waiting for device %s.' },
  },
  create: (manager, id) => new Device(manager, id),
  load(unit) {
    if (unit.loadState === 'not-found') unit.loadState = 'loaded'
    if (unit.config.Unit.JobRunningTimeoutSec === Number.POSITIVE_INFINITY)
      unit.config.Unit.JobRunningTimeoutSec = unit.manager.defaults.deviceTimeoutUsec
    if (unit.config.Unit.Description === '') unit.descriptionText = unit.manager.pathOfUnit(unit.id)
  },
  activeState: (unit) =>
    (unit as Device).state === 'plugged' ? 'active' : (unit as Device).state === 'tentative' ? 'activating' : 'inactive',
  subState: (unit) => (unit as Device).state,
  following: (unit) => (unit as Device).leader,
  followingSet(unit) {
    const device = unit as Device
    const all = device.leader === undefined ? device.followers : [device.leader, ...device.leader.followers.filter((one) => one !== device)]
    return all
  },
}
