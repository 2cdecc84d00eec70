// After sysctl(8) and /proc/sys: settings of the kernel with the values of Debian 13 on the lab machine.
import type { Kernel } from './kernel'
import { type SysctlRow, sysctlRows } from './sysctl-table'
import { errno } from './errno'
import type { Fallible } from './system-calls'
import type { Task } from './task'

export class Sysctl {
  private readonly kernel: Kernel
  private readonly values = new Map<string, string>()

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  row(key: string): SysctlRow | undefined {
    return sysctlRows.get(key)
  }

  read(key: string, task: Task | undefined): Fallible<string> {
    const { kernel } = this
    const namespaces = task?.namespaces ?? kernel.namespaces
    switch (key) {
      case 'kernel/hostname':
        return namespaces.uts.hostname
      case 'kernel/domainname':
        return namespaces.uts.domainname
      case 'kernel/random/boot_id':
        return formatUuid(kernel.bootId)
      case 'kernel/random/uuid':
        return formatUuid(kernel.random.id128())
      case 'kernel/ns_last_pid':
        return String(kernel.lastUsedPid)
      case 'kernel/pty/nr':
        return String(kernel.ptys.ptys.size)
      case 'fs/protected_symlinks':
        return kernel.fileSystems.vfs.sysctl.protectedSymlinks ? '1' : '0'
      case 'fs/protected_hardlinks':
        return kernel.fileSystems.vfs.sysctl.protectedHardlinks ? '1' : '0'
      case 'fs/protected_regular':
        return String(kernel.fileSystems.vfs.sysctl.protectedRegular)
      case 'fs/protected_fifos':
        return String(kernel.fileSystems.vfs.sysctl.protectedFifos)
      case 'fs/file-nr':
        return `${1184 + kernel.tasks.size}\t0\t9223372036854775807`
    }
    const row = sysctlRows.get(key)
    if (row === undefined) return errno.ENOENT
    if (key.startsWith('net/')) return namespaces.net.sysctl.get(key) ?? row.value
    return this.values.get(key) ?? row.value
  }

  write(key: string, text: string, task: Task | undefined): Fallible<0> {
    const { kernel } = this
    const value = text.replace(/\n$/, '')
    const namespaces = task?.namespaces ?? kernel.namespaces
    const { sysctl } = kernel.fileSystems.vfs
    const number = Number(value.trim())
    switch (key) {
      case 'kernel/hostname':
        namespaces.uts.hostname = value.slice(0, 64)
        return 0
      case 'kernel/domainname':
        namespaces.uts.domainname = value.slice(0, 64)
        return 0
      case 'kernel/ns_last_pid':
        kernel.skipPidsTo(number)
        return 0
      case 'fs/protected_symlinks':
        sysctl.protectedSymlinks = number !== 0
        return 0
      case 'fs/protected_hardlinks':
        sysctl.protectedHardlinks = number !== 0
        return 0
      case 'fs/protected_regular':
        sysctl.protectedRegular = number
        return 0
      case 'fs/protected_fifos':
        sysctl.protectedFifos = number
        return 0
    }
    const row = sysctlRows.get(key)
    if (row === undefined) return errno.ENOENT
    if (
      /^net\/ipv[46]\/(ip_forward$|conf\/[^/]+\/forwarding$)/.test(key) &&
      task !== undefined &&
      !task.isCapableIn('CAP_NET_ADMIN', namespaces.net.owner)
    )
      return errno.EPERM
    // A setting that holds a number takes nothing else.
    if (/^-?\d+$/.test(row.value) && !/^\s*-?(\d+|0x[0-9a-f]+)\s*$/i.test(value)) return errno.EINVAL
    const stored = /^-?\d+$/.test(row.value) ? String(Number(value.trim())) : value
    if (key.startsWith('net/')) namespaces.net.sysctl.set(key, stored)
    else this.values.set(key, stored)
    return 0
  }
}

export function formatUuid(id: string): string {
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`
}
