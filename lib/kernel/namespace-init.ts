// The namespaces a machine boots with.
import type { Cgroup } from './cgroup'
import { initialUserNamespace as owner } from './credentials'
import { initialInums, type Namespaces, PidNamespace } from './namespace'
import { NetNamespace } from './net-namespace'

export function initialNamespaces(rootCgroup: Cgroup, hostname: string): Namespaces {
  const pid = new PidNamespace(initialInums.pid, owner, undefined)
  const net = new NetNamespace(initialInums.net, owner)
  net.loopbackUp = true
  return {
    pid,
    pidForChildren: pid,
    uts: { inum: initialInums.uts, owner, hostname, domainname: '(none)' },
    ipc: { inum: initialInums.ipc, owner, objects: new Map() },
    net,
    cgroup: { inum: initialInums.cgroup, owner, root: rootCgroup },
    time: { inum: initialInums.time, owner },
  }
}
