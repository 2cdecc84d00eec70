// After systemd.resource-control(5): what a unit's settings are in the files of its cgroup.
import type { CGroupSection } from '../directives'
import type { Unit } from '../manager/unit'

export function cgroupSectionOf(unit: Unit): CGroupSection | undefined {
  const { config } = unit
  return config.Service ?? config.Socket ?? config.Mount ?? config.Swap ?? config.Slice ?? config.Scope
}

const limit = (value: number) => (value === Number.POSITIVE_INFINITY ? 'max' : String(value))

/** TasksMax= as a number; a share is of what the machine allows. */
export function tasksMax(unit: Unit): number {
  const section = cgroupSectionOf(unit)
  const value = section?.TasksMax
  if (value === undefined) return Number.POSITIVE_INFINITY
  return typeof value === 'number' ? value : Math.floor((unit.manager.systemTasksMax * value.permyriad) / 10_000)
}

/** µs of processor time a second, as `cpu.max` writes it: quota and period. */
function cpuMax(section: CGroupSection): string {
  if (section.CPUQuota === Number.POSITIVE_INFINITY) return 'max'
  const period = section.CPUQuotaPeriodSec === Number.POSITIVE_INFINITY ? 100_000 : section.CPUQuotaPeriodSec
  return `${Math.max(1000, Math.floor((section.CPUQuota * period) / 1_000_000))} ${period}`
}

export function attributesOf(unit: Unit): readonly (readonly [file: string, value: string])[] {
  const section = cgroupSectionOf(unit)
  if (section === undefined || unit.id === '-.slice' || unit.id === 'init.scope') return []
  const attributes: [string, string][] = []
  if (section.CPUWeight === 0) attributes.push(['cpu.idle', '1'])
  else attributes.push(['cpu.weight', String(section.CPUWeight ?? 100)])
  attributes.push(['cpu.max', cpuMax(section)])
  if (section.MemoryMin > 0) attributes.push(['memory.min', limit(section.MemoryMin)])
  if (section.MemoryLow > 0) attributes.push(['memory.low', limit(section.MemoryLow)])
  attributes.push(
    ['memory.high', limit(section.MemoryHigh)],
    ['memory.max', limit(section.MemoryMax)],
    ['memory.swap.max', limit(section.MemorySwapMax)],
  )
  const group = unit.config.Service?.OOMPolicy === 'kill' || unit.config.Scope?.OOMPolicy === 'kill'
  attributes.push(['memory.oom.group', group ? '1' : '0'])
  attributes.push(['pids.max', limit(tasksMax(unit))])
  if (section.IOWeight !== undefined) attributes.push(['io.weight', `default ${section.IOWeight}`])
  if (section.AllowedCPUs.length > 0) attributes.push(['cpuset.cpus', section.AllowedCPUs.join(',')])
  return attributes
}
