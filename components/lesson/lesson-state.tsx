'use client'
// How far one is in a lesson, for lists.
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useProgress } from './use-progress'

export function LessonState({ slug, exercises }: { slug: string; exercises: readonly string[] }) {
  const words = useWords()
  const progress = useProgress()
  const one = progress.lessons[slug]
  const done = exercises.filter((id) => progress.exercises[id] === 'passed').length
  const complete = one?.read === true && done === exercises.length
  return (
    <span className="flex flex-wrap items-center gap-x-3 text-13 text-dim">
      <span className={complete ? 'text-active' : one !== undefined ? 'text-changing' : ''}>
        <span aria-hidden>{complete ? '● ' : one !== undefined ? '◐ ' : '○ '}</span>
        {one === undefined ? words.learn.notStarted : one.read ? words.learn.read : words.learn.inProgress}
      </span>
      {exercises.length > 0 && <span>{fill(words.learn.exercises, { done, total: exercises.length })}</span>}
    </span>
  )
}

export function ExerciseState({ id }: { id: string }) {
  const words = useWords()
  const { exercises } = useProgress()
  const state = exercises[id]
  return (
    <span className={`text-13 ${state === 'passed' ? 'text-active' : state === 'begun' ? 'text-changing' : 'text-dim'}`}>
      <span aria-hidden>{state === 'passed' ? '● ' : state === 'begun' ? '◐ ' : '○ '}</span>
      {state === 'passed' ? words.exercises.done : state === 'begun' ? words.learn.inProgress : words.exercises.notDone}
    </span>
  )
}
