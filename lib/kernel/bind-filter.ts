// After systemd.resource-control(5), SocketBindAllow=: which ports the processes of a cgroup may bind.
import type { Cgroup } from './cgroup'
import type { Cause } from './system-calls'
import type { Task } from './task'

export type BindRule = {
  readonly family?: 'AF_INET' | 'AF_INET6'
  readonly protocol?: 'tcp' | 'udp'
  /** Absent: every port. */
  readonly ports?: readonly [from: number, to: number]
}
export type BindFilter = { readonly allow: readonly BindRule[]; readonly deny: readonly BindRule[]; readonly cause: Cause | undefined }

type Wanted = { readonly family: 'AF_INET' | 'AF_INET6'; readonly protocol: string; readonly port: number }

export function bindVerdict(task: Task, wanted: Wanted): BindFilter | undefined {
  for (let group: Cgroup | undefined = task.cgroup; group !== undefined; group = group.parent) {
    const filter = group.programs.binds
    if (filter === undefined || filter.allow.some((rule) => matches(rule, wanted))) continue
    if (filter.deny.some((rule) => matches(rule, wanted))) return filter
  }
  return undefined
}

function matches(rule: BindRule, { family, protocol, port }: Wanted): boolean {
  if (rule.family !== undefined && rule.family !== family) return false
  if (rule.protocol !== undefined && rule.protocol !== protocol) return false
  return rule.ports === undefined || (port >= rule.ports[0] && port <= rule.ports[1])
}
