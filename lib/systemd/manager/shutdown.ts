// After systemd-shutdown(8): the units are down; what still runs goes, the file systems go, the machine goes.
import type { Syscall } from '@/lib/kernel'
import type { Manager, Objective } from './manager'

const KILL_WAIT_USEC = 90_000_000

export function* shutDown(manager: Manager, objective: Objective): Syscall<void> {
  const { process } = manager
  manager.timestamps.shutdownStart = process.monotonicUsec
  manager.log(6, 'Shutting down.')
  yield* manager.logger.flush()
  if (!manager.immediate) {
    yield* process.kernelLog(30, 'systemd-shutdown[1]: Sending SIGTERM to remaining processes...')
    yield* process.kill(-1, 15)
    yield* process.kill(-1, 18)
    yield* waitForChildren(manager, KILL_WAIT_USEC)
    yield* process.kernelLog(30, 'systemd-shutdown[1]: Sending SIGKILL to remaining processes...')
    yield* process.kill(-1, 9)
    yield* waitForChildren(manager, KILL_WAIT_USEC)
    yield* process.kernelLog(30, 'systemd-shutdown[1]: All filesystems, swaps, loop devices, MD devices and DM devices detached.')
  }
  const how =
    objective === 'reboot' || objective === 'soft-reboot'
      ? 'restart'
      : objective === 'halt'
        ? 'halt'
        : objective === 'kexec'
          ? 'kexec'
          : 'power-off'
  yield* process.reboot(how)
}

/** Until nobody is left but us and the kernel's own. */
function* waitForChildren(manager: Manager, timeoutUsec: number): Syscall<void> {
  const { process } = manager
  const deadline = process.monotonicUsec + timeoutUsec
  for (;;) {
    const result = yield* process.waitpid(-1, 1)
    if (typeof result === 'object' && 'pid' in result) continue
    if (result !== undefined || process.monotonicUsec >= deadline) return
    yield* process.nanosleep(5_000)
  }
}
