// How an exercise is declared: one file, all of it data but the checks.
import type { Check, CheckMachine } from './check'
import type { Words } from './words'

/** What a learner's folder or a solution lays over `/`. A plain text has mode 0644 and belongs to root. */
export type ExerciseFiles = Readonly<Record<string, string | { readonly content: string; readonly mode?: number; readonly owner?: string }>>

/** Something done to the machine, in order: files written, then commands typed into a root login shell. */
export type Attempt = {
  readonly files?: ExerciseFiles
  readonly steps?: readonly string[]
}

/** A wrong state that is recognised, with the hint that fits it. */
export type Mistake = {
  readonly id: string
  readonly found: (machine: CheckMachine) => boolean
  readonly hint: Words
}

export type Exercise = {
  readonly id: string
  /** Folder of its lesson: `04-first-service`. */
  readonly lesson: string
  readonly kind: 'exercise' | 'incident'
  /** 1 first steps … 5 hard. */
  readonly level: 1 | 2 | 3 | 4 | 5
  readonly title: Words
  readonly goal: Words
  readonly image: 'lab'
  /** The world at the start. */
  readonly start: Attempt
  /** Files the learner is expected to open, in the order of the editor's tabs. */
  readonly open: readonly string[]
  /** Typed after the learner's files were laid when checked from outside (`unitlab check`). */
  readonly apply: readonly string[]
  readonly checks: readonly Check[]
  /** From a nudge to almost the answer. */
  readonly hints: readonly Words[]
  readonly mistakes: readonly Mistake[]
  readonly solution: Attempt & { readonly explanation: Words }
  /** Other answers that must pass. */
  readonly variants: readonly (Attempt & { readonly name: string })[]
  /** Answers that must fail, for exactly these checks, with this mistake recognised. */
  readonly nearMisses: readonly (Attempt & { readonly name: string; readonly fails: readonly string[]; readonly mistake?: string })[]
  /** What a reviewer would say of an answer that works. */
  readonly reviews: readonly { readonly id: string; readonly found: Mistake['found']; readonly words: Words }[]
}

/** Checks the declaration's shape by type; returns it unchanged. */
export function exercise(declaration: Exercise): Exercise {
  return declaration
}
