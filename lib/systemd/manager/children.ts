// Children that ended: one an event, told to the units that watch them, then taken off the kernel's table.
import { isErrno, type Syscall, WNOHANG } from '@/lib/kernel'
import { isPopulated } from '../cgroup'
import { childExit } from './child-exit'
import { eventPriority } from './event-loop'
import type { Manager } from './manager'

export function collectChildren(manager: Manager): void {
  const source = manager.loop.addDefer(eventPriority.sigchld, function* (): Syscall<void> {
    const { process } = manager
    const result = yield* process.waitpid(-1, WNOHANG)
    if (isErrno(result) || result === undefined) {
      source.enabled = false
      return
    }
    const exit = childExit(result)
    if (exit === undefined) return
    const units = new Set(manager.watchedPids.get(exit.pid))
    manager.watchedPids.delete(exit.pid)
    for (const unit of units) {
      if (unit.gone) continue
      yield* unit.vtable.sigchld?.(unit, exit) ?? nothing()
      if (unit.cgroupPath !== undefined && unit.cgroupWatch === undefined && !isPopulated(unit)) manager.addToCgroupEmptyQueue(unit)
    }
  })
  manager.childrenSource = source
}

function* nothing(): Syscall<void> {}
