'use client'
// The first action: lesson one, or the lesson where one left.
import Link from 'next/link'
import { useLocale, useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useProgress } from '../lesson/use-progress'

export function Resume({ lessons }: { lessons: readonly { readonly slug: string; readonly title: string }[] }) {
  const words = useWords()
  const locale = useLocale()
  const { lastLesson } = useProgress()
  const last = lessons.find((one) => one.slug === lastLesson)
  const first = lessons[0]
  return (
    <div className="flex flex-wrap gap-3">
      {last !== undefined ? (
        <Link href={`/${locale}/learn/${last.slug}/`} className="button button-hand button-large">
          {fill(words.home.resume, { title: last.title })}
        </Link>
      ) : (
        first !== undefined && (
          <Link href={`/${locale}/learn/${first.slug}/`} className="button button-hand button-large">
            {words.home.start}
          </Link>
        )
      )}
      <Link href={`/${locale}/sandbox/`} className="button button-large">
        {words.home.free}
      </Link>
    </div>
  )
}
