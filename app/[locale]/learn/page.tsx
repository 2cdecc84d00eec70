import type { Metadata } from 'next'
import Link from 'next/link'
import { fill } from '@/components/dictionary'
import { LessonState } from '@/components/lesson/lesson-state'
import { Footer } from '@/components/site/footer'
import { alternates } from '../../addresses'
import { allLessons } from '../../lessons'
import { type LocaleParams, localeOf } from '../../locale-page'

export async function generateMetadata({ params }: LocaleParams): Promise<Metadata> {
  const { words } = await localeOf(params)
  return { title: words.learn.title, description: words.learn.lead, alternates: alternates('learn/') }
}

export default async function Learn({ params }: LocaleParams) {
  const { locale, words } = await localeOf(params)
  const lessons = await allLessons(locale)
  const t = words.learn
  return (
    <>
      <main id="content" tabIndex={-1} className="page focus-visible:outline-none">
        <h1 className="text-28">{t.title}</h1>
        <p className="mt-2 max-w-prose text-17 text-dim">{t.lead}</p>
        <ol className="mt-8 max-w-3xl">
          {lessons.map((one) => (
            <li key={one.slug} className="grid grid-cols-[2.5rem_1fr] items-baseline gap-x-2 border-line border-t py-4">
              <span className="font-mono text-13 text-dim">{String(one.number).padStart(2, '0')}</span>
              <div>
                <h2 className="text-17">
                  <Link href={`/${locale}/learn/${one.slug}/`} className="text-ink">
                    {one.words.title}
                  </Link>
                </h2>
                <p className="max-w-prose text-dim">{one.words.summary}</p>
                <p className="mt-1 flex flex-wrap gap-x-3 text-13 text-dim">
                  <span>{fill(t.minutes, { minutes: one.lesson.minutes })}</span>
                  <LessonState slug={one.slug} exercises={one.lesson.exercises} />
                  <span>
                    {one.lesson.requires.length === 0
                      ? t.noRequires
                      : fill(t.requires, {
                          titles: one.lesson.requires
                            .map((slug) => lessons.find((other) => other.slug === slug)?.words.title ?? slug)
                            .join(', '),
                        })}
                  </span>
                </p>
              </div>
            </li>
          ))}
        </ol>
      </main>
      <Footer locale={locale} words={words} />
    </>
  )
}
