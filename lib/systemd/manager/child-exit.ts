// How a child ended, in the words of waitid(2) as systemd prints them.
import { signalName, type WaitResult } from '@/lib/kernel'
import { exitStatusName } from '../exec/exit-status'

export type ChildExit = {
  readonly pid: number
  readonly code: 'exited' | 'killed' | 'dumped'
  /** Exit status or signal number. */
  readonly status: number
}

/** CLD_EXITED, CLD_KILLED, CLD_DUMPED. */
export const codeNumber = { exited: 1, killed: 2, dumped: 3 } as const

export function childExit(result: WaitResult): ChildExit | undefined {
  if (result.how === 'exited') return { pid: result.pid, code: 'exited', status: result.status }
  if (result.how === 'killed' || result.how === 'dumped') return { pid: result.pid, code: result.how, status: result.signal }
  return undefined
}

/** `code=exited, status=1/FAILURE`, `code=killed, status=9/KILL`. */
export function describeExit(exit: ChildExit): string {
  const name = exit.code === 'exited' ? exitStatusName(exit.status) : signalName(exit.status)?.slice(3)
  return `code=${exit.code}, status=${exit.status}/${name ?? 'n/a'}`
}

/** Signals that count as a clean end of a daemon. */
const cleanSignals = new Set([1, 2, 13, 15])

/** As SuccessExitStatus= and its like list them. */
export type CleanRules = { readonly status: readonly number[]; readonly signal: readonly number[] }

export function isCleanExit(exit: ChildExit, kind: 'daemon' | 'command', extra?: CleanRules): boolean {
  if (exit.code === 'exited') return exit.status === 0 || extra?.status.includes(exit.status) === true
  if (exit.code === 'killed') return (kind === 'daemon' && cleanSignals.has(exit.status)) || extra?.signal.includes(exit.status) === true
  return false
}
