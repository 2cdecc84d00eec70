// Exercises as plain data for pages; their checks are functions and stay with the machine.
import type { ExerciseSheet } from '@/components/exercise/exercise-card'
import { exercises } from '@/content/exercises'
import type { Exercise } from '@/lib/exercise'

const sheet = (one: Exercise): ExerciseSheet & { readonly lesson: string } => ({
  id: one.id,
  kind: one.kind,
  lesson: one.lesson,
  level: one.level,
  title: one.title,
  goal: one.goal,
  open: one.open,
  checks: one.checks.map(({ id, kind, goal }) => ({ id, kind, goal })),
  hints: one.hints,
  solution: {
    files: Object.entries(one.solution.files ?? {}).map(([path, file]) => ({
      path,
      content: typeof file === 'string' ? file : file.content,
    })),
    steps: one.solution.steps ?? [],
    explanation: one.solution.explanation,
  },
})

export const exerciseSheets = exercises.map(sheet)

export function sheetsOf(ids: readonly string[]): readonly ExerciseSheet[] {
  return ids.map((id) => {
    const found = exerciseSheets.find((one) => one.id === id)
    if (found === undefined) throw new Error(`there is no exercise ${id}`)
    return found
  })
}
