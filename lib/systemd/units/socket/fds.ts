// The listening descriptors a service is started with.
import type { Syscall } from '@/lib/kernel'
import type { PassedFd } from '../../exec'
import type { Unit } from '../../manager/unit'
import { Socket } from './socket'

export function* collectSocketFds(service: Unit): Syscall<readonly PassedFd[]> {
  const fds: PassedFd[] = []
  for (const unit of new Set(service.dependencies('triggered-by'))) {
    if (!(unit instanceof Socket) || unit.section.Accept) continue
    const name = unit.section.FileDescriptorName || unit.id
    for (const port of unit.ports) if (port.fd !== undefined) fds.push({ fd: port.fd, name })
  }
  return fds
}
