// How a shell takes signals: traps are noted by a handler and run between commands.
import { isErrno, signals, WCONTINUED, WNOHANG, WUNTRACED } from '@/lib/kernel'
import type { Process, SignalHandler, Syscall } from '@/lib/kernel'
import type { Shell } from './shell'

const SIGCHLD = signals.SIGCHLD.number
const SIGINT = signals.SIGINT.number

/** Notes the signal; the blocking call it arrived in ends with EINTR. */
const noteSignal = (shell: Shell): SignalHandler =>
  function* (_process, signal) {
    shell.pendingSignals.push(signal)
  }

/** Sets, ignores ('') or resets (undefined) a trap. */
export function* setTrap(shell: Shell, key: string | number, action: string | undefined): Syscall<void> {
  if (typeof key === 'string') {
    if (action === undefined) shell.traps.delete(key)
    else shell.traps.set(key, action)
    return
  }
  if (shell.ignoredAtStart.has(key) && !shell.interactive) return
  const { process } = shell
  if (action === undefined) {
    shell.traps.delete(key)
    if (shell.originalSignals.includes(key)) yield* catchAgain(shell, key)
    else yield* process.sigaction(key, 'default')
    return
  }
  shell.traps.set(key, action)
  yield* process.sigaction(key, action === '' ? 'ignore' : noteSignal(shell))
}

/** SIGINT at the prompt or in a loop of an interactive shell. */
const interrupt = (shell: Shell): SignalHandler =>
  function* () {
    shell.flow = { kind: 'interrupt' }
    shell.status = 130
  }

const reapChildren = (shell: Shell): SignalHandler =>
  function* (process: Process) {
    for (;;) {
      const result = yield* process.waitpid(-1, WNOHANG | WUNTRACED | WCONTINUED)
      if (result === undefined || isErrno(result)) return
      shell.jobs.update(result)
    }
  }

/** SIGHUP and SIGTERM end an interactive shell only by its own doing. */
const hangUp = (shell: Shell): SignalHandler =>
  function* () {
    shell.hungUp = true
    shell.flow = { kind: 'exit' }
    shell.status = 129
  }

function* catchAgain(shell: Shell, signal: number): Syscall<void> {
  const { process } = shell
  if (signal === SIGINT) yield* process.sigaction(SIGINT, interrupt(shell))
  else if (signal === SIGCHLD) yield* process.sigaction(SIGCHLD, reapChildren(shell), { restart: true })
  else if (signal === signals.SIGHUP.number) yield* process.sigaction(signal, hangUp(shell))
  else yield* process.sigaction(signal, 'ignore')
}

/** What an interactive shell does with signals; children get the default back. */
export function* catchInteractiveSignals(shell: Shell): Syscall<void> {
  const caught = [
    signals.SIGINT,
    signals.SIGQUIT,
    signals.SIGTERM,
    signals.SIGTSTP,
    signals.SIGTTIN,
    signals.SIGTTOU,
    signals.SIGCHLD,
    signals.SIGHUP,
  ].map((row) => row.number)
  for (const signal of caught) {
    yield* catchAgain(shell, signal)
    shell.originalSignals.push(signal)
  }
}

/** A shell that is not interactive only reaps its children at once. */
export function* catchChildren(shell: Shell): Syscall<void> {
  yield* catchAgain(shell, SIGCHLD)
  shell.originalSignals.push(SIGCHLD)
}

/** Signals that were ignored when the shell was started stay so. */
export function* findIgnoredSignals(shell: Shell): Syscall<void> {
  for (const row of [
    signals.SIGHUP,
    signals.SIGINT,
    signals.SIGQUIT,
    signals.SIGTERM,
    signals.SIGTSTP,
    signals.SIGTTIN,
    signals.SIGTTOU,
    signals.SIGPIPE,
    signals.SIGUSR1,
    signals.SIGUSR2,
  ]) {
    const before = yield* shell.process.sigaction(row.number, 'ignore')
    if (isErrno(before)) continue
    if (before === 'ignore') shell.ignoredAtStart.add(row.number)
    else yield* shell.process.sigaction(row.number, before)
  }
}
