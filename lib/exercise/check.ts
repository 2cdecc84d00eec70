// What a check sees and says. A check is a function of the running machine; it never reads the learner's text.
import type { Words } from './words'

export type UnitView = {
  readonly name: string
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
  readonly unitFileState: string
  readonly result: string
  readonly mainPid: number
  readonly restarts: number
}
export type ProcessView = {
  readonly pid: number
  readonly ppid: number
  readonly user: string
  readonly argv: readonly string[]
  readonly comm: string
  readonly unit: string
  readonly state: string
}
export type FileView = {
  readonly text: string
  readonly mode: number
  readonly owner: string
  readonly group: string
  readonly kind: string
}
export type EntryView = { readonly message: string; readonly unit: string; readonly identifier: string; readonly priority: number }
export type CommandResult = { readonly exit: number; readonly stdout: string; readonly stderr: string }

/** Reading only: what a *look* check may do with the live machine. */
export type LookMachine = {
  readonly unit: (name: string) => UnitView
  readonly processes: () => readonly ProcessView[]
  readonly file: (path: string) => FileView | undefined
  readonly entries: (unit?: string) => readonly EntryView[]
  /** Realtime in µs. */
  readonly nowUsec: () => number
}

/** Reading and doing: what an *act* check may do with a copy. */
export type CheckMachine = LookMachine & {
  /** Runs a command line in a root login shell; at most `seconds` (30) of virtual time. */
  readonly run: (command: string, options?: { readonly as?: string; readonly seconds?: number }) => CommandResult
  /** Signals the main process of a unit. */
  readonly kill: (unit: string, signal: string) => void
  /** Lets time pass: `5s`, `1d`. */
  readonly advance: (span: string) => void
  readonly reboot: () => void
  /** Closes the terminals of the learner, as a logout by closing the window does. */
  readonly hangUp: () => void
  readonly writeFile: (path: string, text: string, mode?: number) => void
  /** Value of one property, as `systemctl show -P` prints it. */
  readonly property: (unit: string, name: string) => string
}

export type Verdict = { readonly pass: true; readonly saw?: Words } | { readonly pass: false; readonly saw: Words; readonly hint: Words }

export type Check =
  | { readonly kind: 'look'; readonly id: string; readonly goal: Words; readonly verify: (machine: LookMachine) => Verdict }
  | { readonly kind: 'act'; readonly id: string; readonly goal: Words; readonly verify: (machine: CheckMachine) => Verdict }

export const passed = (saw?: Words): Verdict => (saw === undefined ? { pass: true } : { pass: true, saw })
export const notYet = (saw: Words, hint: Words): Verdict => ({ pass: false, saw, hint })
