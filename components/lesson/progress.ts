// What the learner has read, run and passed. Kept in this browser; can be written to a file and read back.
import { createStore } from 'zustand/vanilla'
import { keep, kept } from '../machine/kept'

export type LessonProgress = {
  readonly read: boolean
  /** Commands that were run from the text. */
  readonly ran: readonly string[]
  /** Virtual place in the text: share of its height, 0–1. */
  readonly place: number
}
export type Progress = {
  readonly version: 1
  readonly lessons: Readonly<Record<string, LessonProgress>>
  /** Exercise id → begun or passed. */
  readonly exercises: Readonly<Record<string, 'begun' | 'passed'>>
  readonly lastLesson?: string
}

export const noProgress: Progress = { version: 1, lessons: {}, exercises: {} }
const nothingDone: LessonProgress = { read: false, ran: [], place: 0 }
const key = 'progress'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

export function isProgress(value: unknown): value is Progress {
  if (!isRecord(value) || value['version'] !== 1 || !isRecord(value['lessons']) || !isRecord(value['exercises'])) return false
  const lessons = Object.values(value['lessons']).every(
    (one) =>
      isRecord(one) &&
      typeof one['read'] === 'boolean' &&
      typeof one['place'] === 'number' &&
      Array.isArray(one['ran']) &&
      one['ran'].every((command) => typeof command === 'string'),
  )
  return lessons && Object.values(value['exercises']).every((one) => one === 'begun' || one === 'passed')
}

export const progress = createStore<Progress & { readonly loaded: boolean }>(() => ({ ...noProgress, loaded: false }))

let loading: Promise<void> | undefined
export function loadProgress(): Promise<void> {
  loading ??= kept(key, isProgress).then((found) => {
    progress.setState({ ...(found ?? noProgress), loaded: true })
  })
  return loading
}

export function plainProgress(): Progress {
  const { version, lessons, exercises, lastLesson } = progress.getState()
  return { version, lessons, exercises, ...(lastLesson === undefined ? {} : { lastLesson }) }
}

export async function change(patch: (before: Progress) => Partial<Progress>): Promise<void> {
  await loadProgress()
  progress.setState(patch(plainProgress()))
  await keep(key, plainProgress())
}

export const lessonProgress = (state: Progress, slug: string): LessonProgress => state.lessons[slug] ?? nothingDone

export const changeLesson = (slug: string, patch: (before: LessonProgress) => Partial<LessonProgress>): Promise<void> =>
  change((before) => {
    const one = lessonProgress(before, slug)
    return { lastLesson: slug, lessons: { ...before.lessons, [slug]: { ...one, ...patch(one) } } }
  })

export const markRan = (slug: string, command: string): Promise<void> =>
  changeLesson(slug, ({ ran }) => ({ ran: ran.includes(command) ? ran : [...ran, command] }))

export const markExercise = (id: string, state: 'begun' | 'passed'): Promise<void> =>
  change((before) => (before.exercises[id] === 'passed' ? {} : { exercises: { ...before.exercises, [id]: state } }))

/** Takes progress from a file; false when it is none. */
export async function importProgress(value: unknown): Promise<boolean> {
  if (!isProgress(value)) return false
  await change(() => value)
  return true
}
