// Each exercise proves itself: unsolved at its start, solved by every accepted answer, and not by the near-misses.
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exercises } from '@/content/exercises'
import { type Exercise, type Judged, judge, languages, playAttempt, startExercise, type Attempt, type Words } from '@/lib/exercise'
import { root } from '../architecture/sources'

const lessons = join(root, 'content/lessons')
const failing = (judged: Judged): readonly string[] => judged.checks.filter(({ verdict }) => !verdict.pass).map(({ id }) => id)
const play = (exercise: Exercise, attempt: Attempt): Judged => {
  const machine = startExercise(exercise)
  playAttempt(machine, attempt)
  return judge(exercise, machine)
}

function wordsOf(exercise: Exercise): readonly Words[] {
  return [
    exercise.title,
    exercise.goal,
    exercise.solution.explanation,
    ...exercise.hints,
    ...exercise.checks.map((check) => check.goal),
    ...exercise.mistakes.map((mistake) => mistake.hint),
    ...exercise.reviews.map((review) => review.words),
  ]
}

test('every exercise file is in the list, once', () => {
  const files = readdirSync(lessons).flatMap((lesson) => {
    const folder = join(lessons, lesson, 'exercises')
    return existsSync(folder) ? readdirSync(folder).map((name) => basename(name, '.ts')) : []
  })
  expect(exercises.map((one) => one.id).sort()).toEqual(files.sort())
})

for (const exercise of exercises) {
  describe(exercise.id, () => {
    test('is declared in full', () => {
      expect(existsSync(join(lessons, exercise.lesson, 'exercises', `${exercise.id}.ts`))).toBe(true)
      expect(exercise.checks.length).toBeGreaterThan(0)
      expect(exercise.hints.length).toBeGreaterThan(0)
      expect(exercise.variants.length).toBeGreaterThanOrEqual(2)
      expect(exercise.nearMisses.length).toBeGreaterThanOrEqual(3)
      expect(new Set(exercise.checks.map((check) => check.id)).size).toBe(exercise.checks.length)
      for (const words of wordsOf(exercise)) for (const language of languages) expect(words[language].trim()).not.toBe('')
    })

    test('is not solved at its start', () => {
      expect(failing(judge(exercise, startExercise(exercise)))).not.toEqual([])
    })

    test('is solved by its solution', () => {
      expect(failing(play(exercise, exercise.solution))).toEqual([])
    })

    test.each(exercise.variants.map((variant) => [variant.name, variant] as const))('accepts: %s', (_, variant) => {
      expect(failing(play(exercise, variant))).toEqual([])
    })

    test.each(exercise.nearMisses.map((miss) => [miss.name, miss] as const))('refuses: %s', (_, miss) => {
      const judged = play(exercise, miss)
      expect(failing(judged)).toEqual(miss.fails)
      if (miss.mistake !== undefined) expect(judged.mistakes.map(({ id }) => id)).toContain(miss.mistake)
    })
  })
}
