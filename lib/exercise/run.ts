// Plays an attempt at an exercise and judges it: look checks on the machine as it is, each act check on a copy of its own.
import { bootLab, LoginSession, type Machine } from '@/lib/machine'
import type { Verdict } from './check'
import { checkMachine, lookMachine } from './check-machine'
import type { Attempt, Exercise } from './exercise'
import type { Words } from './words'

export type Judged = {
  readonly passed: boolean
  readonly checks: readonly { readonly id: string; readonly verdict: Verdict }[]
  /** Recognised mistakes; empty when everything passed. */
  readonly mistakes: readonly { readonly id: string; readonly hint: Words }[]
  readonly reviews: readonly { readonly id: string; readonly words: Words }[]
}

/** Lays an attempt's files, then types its commands into a root login shell, one line after the other. */
export function playAttempt(machine: Machine, attempt: Attempt): void {
  for (const [path, file] of Object.entries(attempt.files ?? {})) {
    const { content, mode, owner } = typeof file === 'string' ? { content: file, mode: undefined, owner: undefined } : file
    machine.input({ kind: 'write-file', path, content, ...(mode === undefined ? {} : { mode }), ...(owner === undefined ? {} : { owner }) })
  }
  if (attempt.steps === undefined || attempt.steps.length === 0) return
  const session = new LoginSession(machine, 'root')
  for (const line of attempt.steps) if (session.alive) session.runOnTerminal(line, 120)
}

/** The exercise's world at its start, with a root shell open; nothing solved yet. */
export function startExercise(exercise: Exercise): Machine {
  const machine = bootLab()
  playAttempt(machine, exercise.start)
  return machine
}

export function judge(exercise: Exercise, machine: Machine): Judged {
  const live = lookMachine(machine)
  const checks = exercise.checks.map((check) => ({
    id: check.id,
    verdict: check.kind === 'look' ? check.verify(live) : check.verify(checkMachine(machine.replica())),
  }))
  const passed = checks.every(({ verdict }) => verdict.pass)
  return { passed, checks, ...recognise(exercise, machine, passed) }
}

/** Mistakes in what does not pass yet, a reviewer's words on what does. */
export function recognise(exercise: Exercise, machine: Machine, passed: boolean): Pick<Judged, 'mistakes' | 'reviews'> {
  return {
    mistakes: passed ? [] : exercise.mistakes.filter((one) => one.found(lazyCopy(machine))).map(({ id, hint }) => ({ id, hint })),
    reviews: passed ? exercise.reviews.filter((one) => one.found(lazyCopy(machine))).map(({ id, words }) => ({ id, words })) : [],
  }
}

/** Reads from the machine itself; a copy is made only when something is done to it. */
function lazyCopy(machine: Machine): ReturnType<typeof checkMachine> {
  let copy: ReturnType<typeof checkMachine> | undefined
  const acting = (): ReturnType<typeof checkMachine> => {
    copy ??= checkMachine(machine.replica())
    return copy
  }
  const reading = (): ReturnType<typeof lookMachine> => copy ?? lookMachine(machine)
  return {
    unit: (name) => reading().unit(name),
    processes: () => reading().processes(),
    file: (path) => reading().file(path),
    entries: (unit) => reading().entries(unit),
    nowUsec: () => reading().nowUsec(),
    property: (unit, name) => (copy === undefined ? machine.view.property(unit, name) : copy.property(unit, name)),
    run: (command, options) => acting().run(command, options),
    kill: (unit, signal) => acting().kill(unit, signal),
    advance: (span) => acting().advance(span),
    reboot: () => acting().reboot(),
    hangUp: () => acting().hangUp(),
    writeFile: (path, text, mode) => acting().writeFile(path, text, mode),
  }
}
