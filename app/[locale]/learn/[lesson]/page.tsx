import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { dictionary, fill, isLocale, type Locale, locales } from '@/components/dictionary'
import { LessonWorkbench } from '@/components/lesson/lesson-workbench'
import { neighbours } from '@/lib/lesson'
import { alternates, manualAddress } from '../../../addresses'
import { allLessons, lessonSlugs, lessonText } from '../../../lessons'
import { lessonParts } from './lesson-parts'

type Props = { readonly params: Promise<{ locale: string; lesson: string }> }

export const dynamicParams = false
export const generateStaticParams = () => locales.flatMap((locale) => lessonSlugs().map((lesson) => ({ locale, lesson })))

async function find(params: Props['params']) {
  const { locale, lesson: slug } = await params
  if (!isLocale(locale)) notFound()
  const lessons = await allLessons(locale)
  const page = lessons.find((one) => one.slug === slug)
  if (page === undefined) notFound()
  return { locale: locale as Locale, lessons, page }
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { page } = await find(params)
  return { title: page.words.title, description: page.words.summary, alternates: alternates(`learn/${page.slug}/`) }
}

export default async function LessonPage({ params }: Props) {
  const { locale, lessons, page } = await find(params)
  const words = dictionary(locale)
  const Text = await lessonText(page.folder, locale)
  const { previous, next } = neighbours(lessons, page.slug)
  const base = process.env['UNITLAB_BASE_PATH'] ?? ''
  const nextLink = next === undefined ? undefined : { title: next.words.title, href: `${base}/${locale}/learn/${next.slug}/` }
  const t = words.learn
  return (
    <LessonWorkbench
      slug={page.slug}
      boot={{
        image: page.lesson.image,
        files: page.lesson.files.map(({ path, content, mode, owner }) => ({
          path,
          content,
          ...(mode === undefined ? {} : { mode }),
          ...(owner === undefined ? {} : { owner }),
        })),
      }}
      user={page.lesson.user}
      open={page.lesson.open}
      exercises={page.lesson.exercises}
    >
      <article className="prose mx-auto px-6 pt-8 pb-20 max-sm:px-4">
        <p className="mb-1! flex items-baseline justify-between text-13 text-dim">
          <Link href={`/${locale}/learn/`} className="text-dim">
            {fill(t.lessonNumber, { number: page.number })}
          </Link>
          <span>{fill(t.minutes, { minutes: page.lesson.minutes })}</span>
        </p>
        <h1 className="mb-3! text-28">{page.words.title}</h1>
        <p className="text-17 text-dim">{page.words.summary}</p>
        <section aria-labelledby="goals" className="my-6! border-line border-y py-4">
          <h2 id="goals" className="mt-0! mb-1! text-13! text-dim">
            {t.goals}
          </h2>
          <ul className="m-0!">
            {page.words.goals.map((goal) => (
              <li key={goal}>{goal}</li>
            ))}
          </ul>
        </section>
        <noscript>
          <p>{words.machine.noScript}</p>
        </noscript>
        <Text components={lessonParts(locale, nextLink)} />
        {page.lesson.manual.length > 0 && (
          <section aria-labelledby="manual">
            <h2 id="manual">{t.manual}</h2>
            <ul>
              {page.lesson.manual.map((one) => (
                <li key={one}>
                  <a href={manualAddress(one)} target="_blank" rel="noreferrer">
                    {one}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}
        <nav aria-label={t.map} className="mt-12 flex flex-wrap justify-between gap-4 border-line border-t pt-4 text-13">
          {previous !== undefined ? (
            <Link href={`/${locale}/learn/${previous.slug}/`}>{fill(t.previous, { title: previous.words.title })}</Link>
          ) : (
            <Link href={`/${locale}/learn/`}>{t.map}</Link>
          )}
          {next !== undefined && <Link href={`/${locale}/learn/${next.slug}/`}>{fill(t.next, { title: next.words.title })}</Link>}
        </nav>
      </article>
    </LessonWorkbench>
  )
}
