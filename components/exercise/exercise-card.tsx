'use client'
// An exercise beside its machine: what is wanted, what was seen, hints on request, a solution to compare with.
import { Check, CircleDashed, LoaderCircle, X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { CheckProgress, CheckState, Words } from '@/lib/machine/client'
import { useLocale, useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { openInEditor } from '../editor/open-requests'
import { useSession, useSessionState } from '../machine/sessions'
import { markExercise } from '../lesson/progress'
import { useProgress } from '../lesson/use-progress'
import { Solution } from './solution'

/** What a page knows of an exercise before the machine runs: plain data. */
export type ExerciseSheet = {
  readonly id: string
  readonly kind: 'exercise' | 'incident'
  readonly level: number
  readonly title: Words
  readonly goal: Words
  readonly open: readonly string[]
  readonly checks: readonly { readonly id: string; readonly kind: 'look' | 'act'; readonly goal: Words }[]
  readonly hints: readonly Words[]
  readonly solution: {
    readonly files: readonly { readonly path: string; readonly content: string }[]
    readonly steps: readonly string[]
    readonly explanation: Words
  }
}

const icons: Readonly<Record<CheckState, typeof Check>> = { waiting: CircleDashed, checking: LoaderCircle, passed: Check, failed: X }
const colours: Readonly<Record<CheckState, string>> = {
  waiting: 'text-inactive',
  checking: 'text-changing',
  passed: 'text-active',
  failed: 'text-failed',
}

function Goal({ check }: { check: CheckProgress }) {
  const words = useWords()
  const locale = useLocale()
  const t = words.checks
  const [hint, setHint] = useState(false)
  const Icon = icons[check.state]
  return (
    <li className="m-0! flex gap-2.5 py-1.5" data-check={check.id} data-state={check.state}>
      <span className={`mt-0.5 flex-none ${colours[check.state]}`}>
        <Icon size={16} aria-hidden />
      </span>
      <span className="min-w-0">
        <span>{check.goal[locale]}</span>{' '}
        <span className={`text-13 ${colours[check.state]}`}>
          {t.state[check.state]}
          <span className="text-dim"> · {check.kind === 'look' ? t.look : t.act}</span>
        </span>
        {check.saw !== undefined && check.state === 'failed' && (
          <span className="block text-13 text-dim">
            {t.saw} {check.saw[locale]}
          </span>
        )}
        {check.hint !== undefined && check.state === 'failed' && (
          <span className="block text-13">
            {hint ? check.hint[locale] : null}{' '}
            <button type="button" className="text-hand underline underline-offset-2" aria-expanded={hint} onClick={() => setHint(!hint)}>
              {hint ? t.hideHint : t.hint}
            </button>
          </span>
        )}
      </span>
    </li>
  )
}

function Hints({ hints }: { hints: readonly Words[] }) {
  const words = useWords()
  const locale = useLocale()
  const [shown, setShown] = useState(0)
  if (hints.length === 0) return null
  return (
    <div className="text-13" role="status">
      {hints.slice(0, shown).map((hint) => (
        <p key={hint.en} className="arrive mb-1.5">
          {hint[locale]}
        </p>
      ))}
      {shown < hints.length && (
        <button type="button" className="button button-quiet -ml-3" onClick={() => setShown(shown + 1)}>
          {words.checks.hint} {shown + 1}/{hints.length}
        </button>
      )}
    </div>
  )
}

export function ExerciseCard({ sheet, next }: { sheet: ExerciseSheet; next?: { readonly title: string; readonly href: string } }) {
  const words = useWords()
  const locale = useLocale()
  const session = useSession()
  const live = useSessionState((state) => state.machine.exercises.get(sheet.id))
  const running = useSessionState((state) => state.machine.status === 'running')
  const { loaded, exercises } = useProgress()
  const heading = useId()
  const [early, setEarly] = useState(false)
  const t = words.checks
  const kept = exercises[sheet.id]
  const begun = kept !== undefined || live !== undefined
  const passed = live?.passed ?? kept === 'passed'

  useEffect(() => {
    if (loaded && kept !== undefined && running && live === undefined) void session.follow(sheet.id)
  }, [loaded, kept, running, live, session, sheet.id])
  useEffect(() => {
    if (live?.passed) void markExercise(sheet.id, 'passed')
  }, [live?.passed, sheet.id])

  const checks: readonly CheckProgress[] =
    live?.checks ?? sheet.checks.map((check) => ({ ...check, state: kept === 'passed' ? ('passed' as const) : ('waiting' as const) }))
  const done = checks.filter((check) => check.state === 'passed').length

  const begin = () => {
    void markExercise(sheet.id, 'begun')
    void session.begin(sheet.id).then(() => {
      for (const [index, path] of sheet.open.entries()) openInEditor(session, path, { reveal: innerWidth >= 900, show: index === 0 })
    })
  }

  return (
    <section
      id={sheet.id}
      aria-labelledby={heading}
      data-exercise={sheet.id}
      className="my-8 rounded-md border border-line-strong bg-raised"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 border-line border-b px-4 py-3">
        <h3 id={heading} className="m-0! text-17">
          {sheet.title[locale]}
        </h3>
        <span className="text-13 text-dim">
          {fill(words.exercises.level, { level: sheet.level })} · {fill(t.count, { done, total: checks.length })}
        </span>
      </div>
      <div className="px-4 py-3">
        <p className="mb-2">{sheet.goal[locale]}</p>
        {!begun ? (
          <button type="button" className="button button-hand" disabled={!running || !loaded} onClick={begin}>
            {t.begin}
          </button>
        ) : (
          <>
            <ul className="m-0! list-none! p-0!" aria-label={t.title} aria-live="polite">
              {checks.map((check) => (
                <Goal key={check.id} check={check} />
              ))}
            </ul>
            {live?.mistakes.map((mistake) => (
              <p key={mistake.id} className="arrive mt-2 mb-0 rounded bg-changing-soft px-3 py-2 text-13">
                <span className="font-semibold text-changing">{t.mistake}:</span> {mistake.words[locale]}
              </p>
            ))}
            {!passed && (
              <div className="mt-3 flex flex-wrap items-center gap-2">
                <button
                  type="button"
                  className="button button-hand"
                  disabled={!running || (live?.busy ?? false)}
                  onClick={() => void session.client?.check(sheet.id)}
                >
                  {live?.busy ? t.checking : t.check}
                </button>
              </div>
            )}
            <div role="status">
              {passed && (
                <p className="arrive mt-3 mb-0 flex flex-wrap items-center gap-x-3 rounded bg-active-soft px-3 py-2">
                  <span className="font-semibold text-active">{t.passed}</span>
                  {next !== undefined && <a href={next.href}>{fill(t.passedNext, { title: next.title })}</a>}
                </p>
              )}
            </div>
            {passed &&
              live?.review.map((one) => (
                <p key={one.en} className="mt-2 mb-0 text-13">
                  <span className="text-dim">{t.review}:</span> {one[locale]}
                </p>
              ))}
            <div className="mt-3 grid gap-1">
              {!passed && <Hints hints={sheet.hints} />}
              {passed || early ? (
                <Solution sheet={sheet} />
              ) : (
                <div>
                  <button type="button" className="button button-quiet -ml-3" onClick={() => setEarly(true)}>
                    {t.solutionEarly}
                  </button>
                </div>
              )}
            </div>
          </>
        )}
      </div>
    </section>
  )
}
