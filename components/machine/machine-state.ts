// What a page knows of its machine, and how patches change it. Pure, so that it can be tested without a browser.
import type { ClockState, DenialRow, ExerciseProgress, JobRow, JournalRow, MachineEvent, ProcessRow, UnitRow } from '@/lib/machine/client'

export type MachineStatus = 'idle' | 'starting' | 'running' | 'off' | 'crashed' | 'stuck' | 'elsewhere' | 'unavailable'

export type MachineState = {
  readonly status: MachineStatus
  readonly fault: string | undefined
  readonly clock: ClockState | undefined
  readonly units: ReadonlyMap<string, UnitRow>
  readonly processes: ReadonlyMap<number, ProcessRow>
  readonly jobs: readonly JobRow[]
  readonly journal: readonly JournalRow[]
  readonly denials: readonly DenialRow[]
  readonly exercises: ReadonlyMap<string, ExerciseProgress>
}

export const emptyMachine: MachineState = {
  status: 'idle',
  fault: undefined,
  clock: undefined,
  units: new Map(),
  processes: new Map(),
  jobs: [],
  journal: [],
  denials: [],
  exercises: new Map(),
}

const keepLast = 500

function patched<K, V>(before: ReadonlyMap<K, V>, changed: readonly V[], removed: readonly K[], key: (value: V) => K): ReadonlyMap<K, V> {
  if (changed.length === 0 && removed.length === 0) return before
  const after = new Map(before)
  for (const one of removed) after.delete(one)
  for (const one of changed) after.set(key(one), one)
  return after
}

/** The state after an event; the same object when the event does not concern it. */
export function afterEvent(state: MachineState, event: MachineEvent): MachineState {
  switch (event.type) {
    case 'clock':
      return { ...state, clock: event.clock }
    case 'units':
      return { ...state, units: patched(state.units, event.changed, event.removed, (one) => one.id) }
    case 'processes':
      return { ...state, processes: patched(state.processes, event.changed, event.removed, (one) => one.pid) }
    case 'jobs':
      return { ...state, jobs: event.jobs }
    case 'journal':
      return { ...state, journal: [...state.journal, ...event.entries].slice(-keepLast) }
    case 'denials':
      return { ...state, denials: [...state.denials, ...event.denials].slice(-keepLast) }
    case 'exercise':
      return { ...state, exercises: new Map(state.exercises).set(event.exercise.id, event.exercise) }
    case 'power':
      return { ...state, status: event.state === 'off' ? 'off' : event.state === 'on' ? 'running' : 'starting' }
    case 'fault':
      return { ...state, status: 'crashed', fault: event.message }
    default:
      return state
  }
}

export const failedUnits = (state: MachineState): readonly UnitRow[] =>
  [...state.units.values()].filter((unit) => unit.activeState === 'failed').sort((a, b) => (a.id < b.id ? -1 : 1))
