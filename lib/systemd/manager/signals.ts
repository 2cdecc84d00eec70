// After systemd(1), SIGNALS.
import { isErrno, type Syscall } from '@/lib/kernel'
import { eventPriority } from './event-loop'
import type { Manager } from './manager'

const SIGHUP = 1
const SIGINT = 2
const SIGUSR1 = 10
const SIGUSR2 = 12
const SIGTERM = 15
const SIGCHLD = 17
const SIGWINCH = 28
const SIGPWR = 30
const RTMIN = 34

/** SIGRTMIN+n: a unit to start, and how. */
const specials: Readonly<Record<number, readonly [unit: string, mode: 'isolate' | 'replace-irreversibly']>> = {
  0: ['default.target', 'isolate'],
  1: ['rescue.target', 'isolate'],
  2: ['emergency.target', 'isolate'],
  3: ['halt.target', 'replace-irreversibly'],
  4: ['poweroff.target', 'replace-irreversibly'],
  5: ['reboot.target', 'replace-irreversibly'],
  6: ['kexec.target', 'replace-irreversibly'],
  7: ['soft-reboot.target', 'replace-irreversibly'],
}

export function* openSignals(manager: Manager): Syscall<void> {
  const { process } = manager
  const signals = [SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGWINCH, SIGPWR]
  for (let signal = RTMIN; signal <= RTMIN + 30; signal++) signals.push(signal)
  yield* process.sigprocmask('block', signals)
  const fd = yield* process.signalfd(signals)
  if (isErrno(fd)) return
  yield* process.setCloexec(fd, true)
  yield* process.setNonblock(fd, true)
  manager.loop.watchFd(fd, 1, eventPriority.signals, function* () {
    const infos = yield* process.signalfdRead(fd)
    if (isErrno(infos)) return
    for (const { signal, pid } of infos) dispatchSignal(manager, signal, pid)
  })
}

function dispatchSignal(manager: Manager, signal: number, pid: number): void {
  if (signal === SIGCHLD) {
    if (manager.childrenSource !== undefined) manager.childrenSource.enabled = true
    return
  }
  const comm = manager.readText(`/proc/${pid}/comm`)?.trim()
  const from = pid === 0 ? 'kernel' : `PID ${pid}${comm === undefined ? '' : ` (${comm})`}`
  const name = signalText(signal)
  manager.log(signal === SIGWINCH ? 7 : 6, `Received ${name} from ${from}.`)
  switch (signal) {
    case SIGTERM:
      if (manager.scope === 'system') manager.objective = 'reexecute'
      else manager.startSpecial('exit.target', 'replace-irreversibly')
      return
    case SIGINT:
      if (manager.scope === 'system') manager.startSpecial('ctrl-alt-del.target', 'replace-irreversibly')
      else manager.startSpecial('exit.target', 'replace-irreversibly')
      return
    case SIGPWR:
      if (manager.scope === 'system') manager.startSpecial('sigpwr.target', 'replace')
      return
    case SIGUSR1:
      manager.startSpecial('dbus.service', 'replace')
      return
    case SIGHUP:
      manager.objective = 'reload'
      return
    default: {
      const special = specials[signal - RTMIN]
      if (special !== undefined) manager.startSpecial(special[0], special[1])
    }
  }
}

function signalText(signal: number): string {
  const names: Readonly<Record<number, string>> = {
    1: 'SIGHUP',
    2: 'SIGINT',
    10: 'SIGUSR1',
    12: 'SIGUSR2',
    15: 'SIGTERM',
    28: 'SIGWINCH',
    30: 'SIGPWR',
  }
  return names[signal] ?? (signal === RTMIN ? 'SIGRTMIN' : `SIGRTMIN+${signal - RTMIN}`)
}
