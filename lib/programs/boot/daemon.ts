// What Debian's own daemons have in common here: tell the manager that they are ready, wait, end on SIGTERM.
import type { Usec } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { sdNotify } from '../sd-notify'

export type DaemonState = { stopping: boolean; reloads: number }

/** Handlers for SIGTERM and SIGINT (end) and SIGHUP (reload). */
export function* installHandlers(process: Process): Syscall<DaemonState> {
  const state: DaemonState = { stopping: false, reloads: 0 }
  function* stop(): Syscall<void> {
    state.stopping = true
  }
  function* reload(): Syscall<void> {
    state.reloads += 1
  }
  yield* process.sigaction(15, stop)
  yield* process.sigaction(2, stop)
  yield* process.sigaction(1, reload)
  return state
}

/** Time within which the manager wants a sign of life; undefined when it does not ask. */
export function watchdogUsec(process: Process): Usec | undefined {
  const { WATCHDOG_USEC: text, WATCHDOG_PID: pid } = process.env
  if (text === undefined || !/^\d+$/.test(text) || (pid !== undefined && pid !== String(process.pid))) return undefined
  return Number(text)
}

/** Ready, then asleep until told to end; a reload is announced as Type=notify-reload asks. */
export function* serveUntilStopped(process: Process, status?: string): Syscall<number> {
  const state = yield* installHandlers(process)
  yield* sdNotify(process, status === undefined ? 'READY=1' : `READY=1\nSTATUS=${status}`)
  const watchdog = watchdogUsec(process)
  let reloads = 0
  while (!state.stopping) {
    const woken = watchdog === undefined ? yield* process.pause() : yield* process.nanosleep(watchdog / 2)
    if (!isErrno(woken)) {
      yield* sdNotify(process, 'WATCHDOG=1')
      continue
    }
    if (state.reloads === reloads) continue
    reloads = state.reloads
    yield* sdNotify(process, `RELOADING=1\nMONOTONIC_USEC=${process.monotonicUsec}`)
    yield* sdNotify(process, 'READY=1')
  }
  yield* sdNotify(process, 'STOPPING=1')
  return 0
}
