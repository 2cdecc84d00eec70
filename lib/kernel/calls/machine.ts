// reboot(2), settimeofday(2), syslog(2).
import type { Usec } from '@/lib/base'
import { errno } from '../errno'
import type { Fallible, Syscall } from '../system-calls'
import type { Task } from '../task'
import { attend, notCapable } from './entry'

export function* reboot(task: Task, how: 'restart' | 'power-off' | 'halt' | 'kexec'): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'reboot', [how])
    if (stop !== undefined) return stop
  }
  if (!task.isCapable('CAP_SYS_BOOT')) return notCapable(task, 'reboot', how)
  if (how === 'kexec') return errno.EINVAL
  const { kernel } = task
  const text = { restart: 'Restarting system', 'power-off': 'Power down', halt: 'System halted', kexec: '' }
  kernel.log(5, `reboot: ${text[how]}`)
  kernel.powerOff(how)
  yield { kind: 'preempt' }
  return 0
}

export function* setRealtime(task: Task, usec: Usec): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'clock_settime', [0])
    if (stop !== undefined) return stop
  }
  if (!task.isCapable('CAP_SYS_TIME')) return notCapable(task, 'clock_settime')
  task.kernel.clock.setRealtime(usec)
  task.kernel.clockWasSet.wake()
  return 0
}

export function* kernelLog(task: Task, priority: number, text: string): Syscall<Fallible<0>> {
  if (task.enter(1)) {
    const stop = yield* attend(task, 'write', [])
    if (stop !== undefined) return stop
  }
  if (!task.isCapable('CAP_SYSLOG') && task.credentials.euid !== 0) return notCapable(task, 'syslog', '', errno.EACCES)
  task.kernel.log(priority < 8 ? priority | 8 : priority, text)
  return 0
}
