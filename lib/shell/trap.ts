// Traps after bash(1): EXIT, ERR, DEBUG, RETURN and signals. A signal's handler only notes it; the trap runs between commands.
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { executeStatements } from './execute'
import { parseSource } from './source'

/** Runs the text of a trap; $? is kept. */
export function* runTrapText(shell: Shell, text: string): Syscall<void> {
  const { status, pipeStatus, source, position, flow } = shell
  shell.flow = undefined
  shell.source = parseSource(text, shell.line)
  try {
    yield* executeStatements(shell, shell.source.script.commands)
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    shell.status = error.status
  }
  const after = shell.flow as Shell['flow']
  shell.source = source
  shell.position = position
  if (after?.kind === 'exit' || after?.kind === 'return' || after?.kind === 'break' || after?.kind === 'continue') return
  shell.flow = after ?? flow
  shell.status = status
  shell.pipeStatus = pipeStatus
}

export function* runPendingTraps(shell: Shell): Syscall<void> {
  for (let signal = shell.pendingSignals.shift(); signal !== undefined; signal = shell.pendingSignals.shift()) {
    const text = shell.traps.get(signal)
    if (text !== undefined && text !== '') yield* runTrapText(shell, text)
    if (shell.flow?.kind === 'exit') return
  }
}

export function* runErrTrap(shell: Shell): Syscall<void> {
  const text = shell.traps.get('ERR')
  if (text === undefined || text === '' || shell.runningTrap) return
  if (shell.functionDepth > 0 && !shell.options.has('errtrace')) return
  shell.runningTrap = true
  yield* runTrapText(shell, text)
  shell.runningTrap = false
}

export function* runDebugTrap(shell: Shell): Syscall<void> {
  const text = shell.traps.get('DEBUG')
  if (text === undefined || text === '' || shell.runningTrap) return
  if (shell.functionDepth > 0 && !shell.options.has('functrace')) return
  shell.runningTrap = true
  yield* runTrapText(shell, text)
  shell.runningTrap = false
}

/** At the end of the shell; the trap may change the exit status. */
export function* runExitTrap(shell: Shell): Syscall<void> {
  const text = shell.traps.get('EXIT')
  if (text === undefined || text === '') return
  shell.traps.delete('EXIT')
  const status = shell.status
  shell.flow = undefined
  yield* runTrapText(shell, text)
  if ((shell.flow as Shell['flow'])?.kind !== 'exit') shell.status = status
}
