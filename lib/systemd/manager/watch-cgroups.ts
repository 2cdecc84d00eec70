// cgroup.events and memory.events of all units, over one inotify descriptor.
import { isErrno, type Syscall } from '@/lib/kernel'
import { isPopulated, readKeyed } from '../cgroup'
import { messageId } from '@/lib/journal'
import { eventPriority } from './event-loop'
import type { Manager } from './manager'
import type { Unit } from './unit'

export function* watchCgroups(manager: Manager): Syscall<void> {
  const { process } = manager
  const fd = yield* process.inotifyInit()
  if (isErrno(fd)) return
  yield* process.setCloexec(fd, true)
  yield* process.setNonblock(fd, true)
  manager.cgroupInotify = fd
  manager.loop.watchFd(fd, 1, eventPriority.cgroupInotify, function* () {
    const events = yield* process.inotifyRead(fd)
    if (isErrno(events)) return
    for (const { watch } of events) {
      const unit = manager.unitsByCgroupWatch.get(watch)
      if (unit !== undefined && !isPopulated(unit)) manager.addToCgroupEmptyQueue(unit)
      const memory = manager.unitsByMemoryWatch.get(watch)
      if (memory !== undefined) yield* checkOom(memory)
    }
  })
}

function* checkOom(unit: Unit): Syscall<void> {
  const kills = readKeyed(unit, 'memory.events', 'oom_kill') ?? 0
  const before = unit.oomKills
  unit.oomKills = kills
  if (kills <= before) return
  unit.log(5, 'A process of this unit has been killed by the OOM killer.', { MESSAGE_ID: messageId.unitOutOfMemory })
  yield* unit.vtable.oomKilled?.(unit, false) ?? nothing()
}

function* nothing(): Syscall<void> {}
