// The machine's host with exercises: look checks tick as the machine runs, act checks run on a copy after a quiet moment.
import type { FileReader, Usec } from '@/lib/base'
import { createMachineHost, type Machine } from '@/lib/machine'
import type { CheckProgress, CheckState, ExerciseProgress, MachineEvent, MachineHost } from '@/lib/machine/client'
import type { Verdict } from './check'
import { checkMachine, lookMachine } from './check-machine'
import type { Exercise } from './exercise'
import { playAttempt, recognise } from './run'

const LOOK_EVERY_MS = 300
const QUIET_MS = 2_000

type Following = {
  readonly exercise: Exercise
  readonly verdicts: Map<string, Verdict>
  /** Inputs at which the act checks last ran; they run again only when something was done since. */
  actedAt: number
  inputsSeen: number
  quietSinceMs: number
  busy: boolean
  lastSent: string
}

/** What the page's worker may use beside the protocol: the machine's files and clock, without asking across the border. */
export type ExerciseHost = MachineHost & {
  readonly reader: () => FileReader | undefined
  readonly nowUsec: () => Usec
}

export function createHost(emit: (event: MachineEvent) => void, exercises: readonly Exercise[]): ExerciseHost {
  const { host, access } = createMachineHost(emit)
  let following: Following | undefined
  let lastLookMs = 0

  const progress = (one: Following, machine: Machine): ExerciseProgress => {
    const checks = one.exercise.checks.map((check): CheckProgress => {
      const verdict = one.verdicts.get(check.id)
      const state: CheckState = verdict === undefined ? (one.busy ? 'checking' : 'waiting') : verdict.pass ? 'passed' : 'failed'
      return {
        id: check.id,
        kind: check.kind,
        goal: check.goal,
        state,
        ...(verdict?.saw === undefined ? {} : { saw: verdict.saw }),
        ...(verdict === undefined || verdict.pass ? {} : { hint: verdict.hint }),
      }
    })
    const passed = checks.every((check) => check.state === 'passed')
    const { mistakes, reviews } = one.busy ? { mistakes: [], reviews: [] } : recognise(one.exercise, machine, passed)
    return {
      id: one.exercise.id,
      checks,
      passed,
      busy: one.busy,
      mistakes: mistakes.map(({ id, hint }) => ({ id, words: hint })),
      review: reviews.map(({ words }) => words),
    }
  }

  const tell = (one: Following, machine: Machine, withMistakes: boolean): ExerciseProgress => {
    const busy = one.busy
    if (!withMistakes) one.busy = true
    const now = { ...progress(one, machine), busy }
    one.busy = busy
    const key = JSON.stringify(now)
    if (key !== one.lastSent) {
      one.lastSent = key
      emit({ type: 'exercise', exercise: now })
    }
    return now
  }

  const lookChecks = (one: Following, machine: Machine): void => {
    const live = lookMachine(machine)
    for (const check of one.exercise.checks) if (check.kind === 'look') one.verdicts.set(check.id, check.verify(live))
  }

  function actChecks(one: Following, machine: Machine): ExerciseProgress {
    one.busy = true
    tell(one, machine, false)
    one.actedAt = machine.inputCount
    lookChecks(one, machine)
    for (const check of one.exercise.checks)
      if (check.kind === 'act') one.verdicts.set(check.id, check.verify(checkMachine(machine.replica())))
    one.busy = false
    return tell(one, machine, true)
  }

  access.onRan = () => {
    const machine = access.machine()
    const now = performance.now()
    if (machine === undefined || following === undefined || following.busy) return
    if (machine.inputCount !== following.inputsSeen) {
      following.inputsSeen = machine.inputCount
      following.quietSinceMs = now
    }
    if (now - lastLookMs < LOOK_EVERY_MS) return
    lastLookMs = now
    lookChecks(following, machine)
    tell(following, machine, false)
    const looksPass = following.exercise.checks.every((check) => check.kind === 'act' || following?.verdicts.get(check.id)?.pass === true)
    if (looksPass && following.actedAt !== machine.inputCount && now - following.quietSinceMs > QUIET_MS) actChecks(following, machine)
  }

  const follow = (id: string | undefined): void => {
    const exercise = exercises.find((one) => one.id === id)
    const inputs = access.machine()?.inputCount ?? 0
    following =
      exercise === undefined
        ? undefined
        : { exercise, verdicts: new Map(), actedAt: inputs, inputsSeen: inputs, quietSinceMs: performance.now(), busy: false, lastSent: '' }
    lastLookMs = 0
  }

  return {
    ...host,
    reader: () => access.machine()?.view.reader,
    nowUsec: () => access.machine()?.realtimeUsec ?? 0,
    beginExercise(id: string): void {
      const exercise = exercises.find((one) => one.id === id)
      const machine = access.machine()
      if (exercise === undefined || machine === undefined) throw new Error(`there is no exercise ${id}`)
      playAttempt(machine, exercise.start)
      follow(id)
    },
    followExercise: follow,
    check(id: string): ExerciseProgress {
      const machine = access.machine()
      if (following?.exercise.id !== id) follow(id)
      if (following === undefined || machine === undefined) throw new Error(`there is no exercise ${id}`)
      return actChecks(following, machine)
    },
  }
}
