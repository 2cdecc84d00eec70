import type { Metadata } from 'next'
import Link from 'next/link'
import { fill } from '@/components/dictionary'
import { ExerciseState } from '@/components/lesson/lesson-state'
import { Footer } from '@/components/site/footer'
import { alternates } from '../../addresses'
import { exerciseSheets } from '../../exercise-sheets'
import { allLessons } from '../../lessons'
import { type LocaleParams, localeOf } from '../../locale-page'

export async function generateMetadata({ params }: LocaleParams): Promise<Metadata> {
  const { words } = await localeOf(params)
  return { title: words.exercises.title, description: words.exercises.lead, alternates: alternates('exercises/') }
}

export default async function Exercises({ params }: LocaleParams) {
  const { locale, words } = await localeOf(params)
  const lessons = await allLessons(locale)
  const t = words.exercises
  const list = (kind: 'exercise' | 'incident') => exerciseSheets.filter((one) => one.kind === kind)
  const rows = (kind: 'exercise' | 'incident') => (
    <ul className="mt-6 max-w-3xl">
      {list(kind).map((one) => {
        const lesson = lessons.find(({ folder }) => folder === one.lesson)
        const href = lesson === undefined ? undefined : `/${locale}/learn/${lesson.slug}/#${one.id}`
        return (
          <li key={one.id} className="border-line border-t py-4">
            <h3 className="text-17">
              {href === undefined ? (
                one.title[locale]
              ) : (
                <Link href={href} className="text-ink">
                  {one.title[locale]}
                </Link>
              )}
            </h3>
            <p className="max-w-prose text-dim">{one.goal[locale]}</p>
            <p className="mt-1 flex flex-wrap gap-x-4 text-13 text-dim">
              <ExerciseState id={one.id} />
              <span>{fill(t.level, { level: one.level })}</span>
              {lesson !== undefined && <span>{fill(t.lesson, { title: lesson.words.title })}</span>}
            </p>
          </li>
        )
      })}
    </ul>
  )
  return (
    <>
      <main id="content" tabIndex={-1} className="page focus-visible:outline-none">
        <h1 className="text-28">{t.title}</h1>
        <p className="mt-2 max-w-prose text-17 text-dim">{t.lead}</p>
        <h2 className="sr-only">{t.title}</h2>
        {list('exercise').length === 0 ? <p className="mt-8 text-dim">{t.empty}</p> : rows('exercise')}
        {list('incident').length > 0 && (
          <section aria-labelledby="incidents" className="mt-12">
            <h2 id="incidents" className="text-21">
              {t.incidents}
            </h2>
            <p className="mt-1 max-w-prose text-dim">{t.incidentsLead}</p>
            {rows('incident')}
          </section>
        )}
      </main>
      <Footer locale={locale} words={words} />
    </>
  )
}
