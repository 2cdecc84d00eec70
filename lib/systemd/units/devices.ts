// After systemd.device(5) and udev(7): which devices of /sys become units, and by which other names.
import { isBusError } from '../bus'
import type { Manager } from '../manager/manager'
import { unitNameFromPath } from '../unit-name'
import { Device, setDeviceState } from './device'

export type FoundDevice = { readonly sysfs: string; readonly nodes: readonly string[]; readonly wants: readonly string[] }

/** Where the device files of a class point back to: only devices that udev tags for systemd. */
export function findDevices(manager: Manager): readonly FoundDevice[] {
  const { reader } = manager
  const found: FoundDevice[] = []
  const realPath = (path: string): string => {
    const link = reader.readLink(path)
    if (link === undefined) return path
    const parts = (link.startsWith('/') ? link : `${path.slice(0, path.lastIndexOf('/'))}/${link}`).split('/')
    const out: string[] = []
    for (const part of parts) {
      if (part === '..') out.pop()
      else if (part !== '' && part !== '.') out.push(part)
    }
    return `/${out.join('/')}`
  }
  for (const name of reader.readDirectory('/sys/class/tty') ?? [])
    if (/^ttyS\d$/.test(name)) found.push({ sysfs: realPath(`/sys/class/tty/${name}`), nodes: [`/dev/${name}`], wants: [] })
  for (const name of reader.readDirectory('/sys/class/block') ?? []) {
    if (/^(?:loop|ram)\d+$/.test(name)) continue
    const nodes = [`/dev/${name}`]
    for (const kind of reader.readDirectory('/dev/disk') ?? [])
      for (const link of reader.readDirectory(`/dev/disk/${kind}`) ?? [])
        if (realPath(`/dev/disk/${kind}/${link}`) === `/dev/${name}`) nodes.push(`/dev/disk/${kind}/${link}`)
    found.push({ sysfs: realPath(`/sys/class/block/${name}`), nodes, wants: [] })
  }
  for (const name of reader.readDirectory('/sys/class/virtio-ports') ?? [])
    found.push({ sysfs: realPath(`/sys/class/virtio-ports/${name}`), nodes: [`/dev/${name}`], wants: [] })
  for (const [module, unit] of [
    ['configfs', 'sys-kernel-config.mount'],
    ['fuse', 'sys-fs-fuse-connections.mount'],
  ] as const)
    if (reader.status(`/sys/module/${module}`) !== undefined) found.push({ sysfs: `/sys/module/${module}`, nodes: [], wants: [unit] })
  return found
}

/** Makes the units, and those who waited for them go on. */
export function plugDevices(manager: Manager): void {
  for (const { sysfs, nodes, wants } of findDevices(manager)) {
    const leader = deviceOf(manager, sysfs)
    if (leader === undefined) continue
    leader.sysfs = sysfs
    const followers = nodes.map((node) => deviceOf(manager, node)).filter((one) => one !== undefined)
    leader.followers = followers
    for (const follower of followers) {
      follower.sysfs = sysfs
      follower.leader = leader
    }
    for (const want of wants) {
      const unit = manager.loadUnitPrepare(want)
      if (!isBusError(unit)) leader.addDependency('Wants', unit, 'udev', true)
    }
    setDeviceState(leader, 'plugged')
    for (const follower of followers) setDeviceState(follower, 'plugged')
  }
}

function deviceOf(manager: Manager, path: string): Device | undefined {
  const name = unitNameFromPath(path, '.device')
  const unit = name === undefined ? undefined : manager.loadUnit(name)
  return unit instanceof Device ? unit : undefined
}
