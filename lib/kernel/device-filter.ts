// After systemd.resource-control(5), DeviceAllow=: which device nodes the processes of a cgroup may open and make.
import type { Cgroup } from './cgroup'
import type { Cause } from './system-calls'
import type { Task } from './task'

export type DeviceRule = {
  readonly type: 'character' | 'block' | 'any'
  readonly major: number | '*'
  readonly minor: number | '*'
  /** Of `r`, `w`, `m`. */
  readonly access: string
}
/** Only what a rule allows may be used. */
export type DeviceFilter = { readonly allow: readonly DeviceRule[]; readonly cause: Cause | undefined }

export function deviceVerdict(
  task: Task,
  kind: 'character' | 'block',
  rdev: readonly [number, number],
  access: string,
): DeviceFilter | undefined {
  for (let group: Cgroup | undefined = task.cgroup; group !== undefined; group = group.parent) {
    const filter = group.programs.devices
    if (filter === undefined) continue
    const granted = [...access].every((letter) => filter.allow.some((rule) => matches(rule, kind, rdev) && rule.access.includes(letter)))
    if (!granted) return filter
  }
  return undefined
}

function matches(rule: DeviceRule, kind: 'character' | 'block', [major, minor]: readonly [number, number]): boolean {
  return (
    (rule.type === 'any' || rule.type === kind) &&
    (rule.major === '*' || rule.major === major) &&
    (rule.minor === '*' || rule.minor === minor)
  )
}
