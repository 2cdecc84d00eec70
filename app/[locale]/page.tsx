import type { Metadata } from 'next'
import Link from 'next/link'
import { fill } from '@/components/dictionary'
import { Resume } from '@/components/home/resume'
import { LessonState } from '@/components/lesson/lesson-state'
import { Footer } from '@/components/site/footer'
import { alternates } from '../addresses'
import { allLessons } from '../lessons'
import { type LocaleParams, localeOf } from '../locale-page'

export const metadata: Metadata = { alternates: alternates('') }

/** A unit and what systemctl says of it: the whole subject in one look. Printed as the machine prints it. */
function Example({ caption }: { caption: string }) {
  const key = (name: string, value: string) => (
    <span className="block">
      <span className="text-hand">{name}</span>
      <span className="text-dim">=</span>
      {value}
    </span>
  )
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-raised">
      <pre className="whitespace-pre-wrap border-line border-b px-5 py-4 text-13 leading-normal">
        <code>
          <span className="block font-semibold text-brand">[Service]</span>
          {key('ExecStart', '/usr/local/bin/web')}
          {key('Restart', 'on-failure')}
          {key('RestartSec', '2s')}
        </code>
      </pre>
      <pre className="whitespace-pre-wrap bg-sunken px-5 py-4 text-13 leading-normal">
        <samp>
          <span className="block text-dim">$ systemctl status web</span>
          <span className="block">
            <span className="text-active">●</span> web.service - A small web server
          </span>
          <span className="block">
            {'     Active: '}
            <span className="font-semibold text-active">active (running)</span>
          </span>
          <span className="block">{'   Main PID: 627 (web)'}</span>
        </samp>
      </pre>
      <figcaption className="sr-only">{caption}</figcaption>
    </figure>
  )
}

export default async function Home({ params }: LocaleParams) {
  const { locale, words } = await localeOf(params)
  const lessons = await allLessons(locale)
  const t = words.home
  return (
    <>
      <main id="content" tabIndex={-1} className="page focus-visible:outline-none">
        <div className="grid items-center gap-10 py-6 md:grid-cols-[1.1fr_1fr] md:py-12">
          <div className="grid gap-6">
            <h1 className="text-40 max-sm:text-28">{t.title}</h1>
            <p className="max-w-prose text-17 text-dim">{t.lead}</p>
            <Resume lessons={lessons.map(({ slug, words: { title } }) => ({ slug, title }))} />
          </div>
          <Example caption={t.demoCaption} />
        </div>
        <section aria-labelledby="points" className="border-line border-t py-10">
          <h2 id="points" className="text-21">
            {t.pointsTitle}
          </h2>
          <ul className="mt-5 grid gap-x-10 gap-y-6 sm:grid-cols-2">
            {t.points.map(({ title, text }) => (
              <li key={title}>
                <h3 className="text-15">{title}</h3>
                <p className="mt-1 max-w-prose text-dim">{text}</p>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="lessons" className="border-line border-t py-10">
          <div className="flex items-baseline justify-between gap-4">
            <h2 id="lessons" className="text-21">
              {t.lessonsTitle}
            </h2>
            <Link href={`/${locale}/learn/`} className="text-13">
              {t.all}
            </Link>
          </div>
          <ol className="mt-4">
            {lessons.slice(0, 4).map((one) => (
              <li key={one.slug} className="border-line border-b last:border-0">
                <Link
                  href={`/${locale}/learn/${one.slug}/`}
                  className="grid grid-cols-[2.5rem_1fr] items-baseline gap-x-2 py-3 text-ink hover:no-underline [&:hover_.title]:underline"
                >
                  <span className="font-mono text-13 text-dim">{String(one.number).padStart(2, '0')}</span>
                  <span>
                    <span className="title font-semibold">{one.words.title}</span>
                    <span className="block max-w-prose text-dim">{one.words.summary}</span>
                    <span className="mt-1 flex gap-3 text-13 text-dim">
                      {fill(words.learn.minutes, { minutes: one.lesson.minutes })}
                      <LessonState slug={one.slug} exercises={one.lesson.exercises} />
                    </span>
                  </span>
                </Link>
              </li>
            ))}
          </ol>
        </section>
      </main>
      <Footer locale={locale} words={words} />
    </>
  )
}
