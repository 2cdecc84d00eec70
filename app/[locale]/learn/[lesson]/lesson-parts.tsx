// The parts that a lesson's text may use, bound to its language and its exercises.
import type { ComponentProps, ReactNode } from 'react'
import type { Locale } from '@/components/dictionary'
import { ExerciseCard } from '@/components/exercise/exercise-card'
import { Output, Pitfall, Recap } from '@/components/lesson/asides'
import { Decision } from '@/components/lesson/decision'
import { OpenFile } from '@/components/lesson/open-file'
import { Picture } from '@/components/lesson/picture'
import { Predict } from '@/components/lesson/predict'
import { Run } from '@/components/lesson/run'
import { Term as TermCard } from '@/components/lesson/term'
import { terms } from '@/content/terms'
import { manualAddress } from '../../../addresses'
import { sheetsOf } from '../../../exercise-sheets'

type Next = { readonly title: string; readonly href: string }

export function lessonParts(locale: Locale, next: Next | undefined) {
  function explain({ name, children }: { name: string; children?: ReactNode }) {
    const entry = terms[name]
    if (entry === undefined) throw new Error(`content/terms.ts has no “${name}”`)
    return (
      <TermCard
        entry={{
          name,
          text: entry[locale],
          ...(entry.where === undefined ? {} : { where: entry.where }),
          ...(entry.page === undefined ? {} : { page: entry.page, address: manualAddress(entry.page) }),
        }}
      >
        {children ?? name}
      </TermCard>
    )
  }
  function checks({ id }: { id: string }) {
    const [sheet] = sheetsOf([id])
    return sheet === undefined ? null : <ExerciseCard sheet={sheet} {...(next === undefined ? {} : { next })} />
  }
  function link({ href = '', children }: ComponentProps<'a'>) {
    return /^https?:/.test(href) ? (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <a href={href}>{children}</a>
    )
  }
  return { Run, OpenFile, Output, Pitfall, Recap, Predict, Picture, Decision, Term: explain, Checks: checks, a: link }
}
