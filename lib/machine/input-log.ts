// Everything that reaches a machine from outside, in order. Replaying the log on the same image gives the same machine.
import type { Usec } from '@/lib/base'

export type SessionUser = 'root' | 'learner'

export type Input =
  | { readonly kind: 'open-terminal'; readonly user: SessionUser; readonly columns: number; readonly rows: number }
  | { readonly kind: 'type'; readonly terminal: number; readonly data: string }
  | { readonly kind: 'resize'; readonly terminal: number; readonly columns: number; readonly rows: number }
  | { readonly kind: 'close-terminal'; readonly terminal: number }
  | {
      readonly kind: 'write-file'
      readonly path: string
      readonly content: string | Uint8Array
      readonly mode?: number
      readonly owner?: string
    }
  | { readonly kind: 'make-directory'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'set-mode'; readonly path: string; readonly mode: number }
  | { readonly kind: 'set-owner'; readonly path: string; readonly owner: string }
  /** A program of /usr/bin as root, beside everything else. */
  | { readonly kind: 'run'; readonly argv: readonly string[] }
  | { readonly kind: 'kill'; readonly pid: number; readonly signal: number }

/** `tick`: the quantum at whose end it was delivered (see `QUANTUM_USEC`). */
export type LoggedInput = { readonly tick: number; readonly input: Input }

/** Virtual time between two moments at which input is taken. Pacing moves in whole quanta, so it cannot change what happens. */
export const QUANTUM_USEC: Usec = 5_000
