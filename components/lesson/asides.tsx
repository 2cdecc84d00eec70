'use client'
// Parts of a lesson that stand apart from the running text.
import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useWords } from '../dictionary/provider'

export function Pitfall({ title, children }: { title?: string; children: ReactNode }) {
  const words = useWords()
  return (
    <aside className="my-6 rounded-md border border-line border-l-[3px] border-l-changing px-4 py-3 [&>*:last-child]:mb-0 [&>*]:mb-2">
      <p className="flex items-center gap-2 font-semibold text-13 text-changing">
        <TriangleAlert size={14} aria-hidden />
        <span>
          {words.learn.pitfall}
          {title !== undefined && <span className="text-ink">: {title}</span>}
        </span>
      </p>
      {children}
    </aside>
  )
}

export function Recap({ children }: { children: ReactNode }) {
  const words = useWords()
  return (
    <section className="my-8 border-line border-t pt-2">
      <h2 className="mt-4! flex items-center gap-2">
        <CircleCheck size={18} className="text-brand" aria-hidden />
        {words.learn.recap}
      </h2>
      {children}
    </section>
  )
}

/** Text exactly as a terminal prints it. `recorded`: of a real machine, not to be run here. */
export function Output({ text, recorded = false }: { text: string; recorded?: boolean }) {
  const words = useWords()
  return (
    <figure className="my-3">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: wide output scrolls, so a keyboard must reach it */}
      <pre role="group" tabIndex={0} aria-label={words.learn.output} className="my-0!">
        <samp>{text.replace(/^\n|\n$/g, '')}</samp>
      </pre>
      {recorded && <figcaption className="mt-1 text-13 text-dim">{words.learn.recorded}</figcaption>}
    </figure>
  )
}
