'use client'
// Asks a few questions and names the tool. The tree is content of a lesson.
import { useRef, useState } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'

export type DecisionNode =
  | { readonly ask: string; readonly options: readonly { readonly text: string; readonly next: string }[] }
  | { readonly use: string; readonly because: string; readonly example?: string }

export type DecisionTree = { readonly start: string; readonly nodes: Readonly<Record<string, DecisionNode>> }

export function Decision({ tree }: { tree: DecisionTree }) {
  const words = useWords()
  const [path, setPath] = useState<readonly string[]>([tree.start])
  const heading = useRef<HTMLParagraphElement>(null)
  const here = tree.nodes[path.at(-1) ?? tree.start]
  const t = words.decision
  const go = (to: readonly string[]) => {
    setPath(to)
    requestAnimationFrame(() => heading.current?.focus())
  }
  if (here === undefined) return null
  const taken = path.slice(0, -1).flatMap((name, index) => {
    const node = tree.nodes[name]
    const option = node !== undefined && 'ask' in node ? node.options.find((one) => one.next === path[index + 1]) : undefined
    return option === undefined ? [] : [option.text]
  })
  return (
    <section aria-label={t.title} className="my-6 rounded-md border border-line bg-raised p-4 [&>*]:mb-0">
      {taken.length > 0 && (
        <ol className="mb-3! flex list-none! flex-wrap gap-1.5 p-0! text-13 text-dim">
          {taken.map((text) => (
            <li key={text} className="m-0! rounded bg-sunken px-2 py-0.5">
              {text}
            </li>
          ))}
        </ol>
      )}
      {'ask' in here ? (
        <>
          <p ref={heading} tabIndex={-1} className="mb-3! font-semibold focus-visible:outline-none">
            {here.ask}
          </p>
          <div className="grid gap-2">
            {here.options.map(({ text, next }) => (
              <button
                key={text}
                type="button"
                className="rounded-md border border-line px-3 py-2 text-start hover:border-hand hover:bg-hand-soft"
                onClick={() => go([...path, next])}
              >
                {text}
              </button>
            ))}
          </div>
        </>
      ) : (
        <div className="arrive">
          <p ref={heading} tabIndex={-1} className="m-0 text-17 focus-visible:outline-none">
            <span className="text-dim">{t.answer} </span>
            <strong className="text-brand">{here.use}</strong>
          </p>
          <p className="mt-1 mb-0">{fill(t.because, { reason: here.because })}</p>
          {here.example !== undefined && (
            <pre className="mt-3! mb-0!">
              <code>{here.example}</code>
            </pre>
          )}
        </div>
      )}
      {path.length > 1 && (
        <p className="mt-3! flex gap-2">
          <button type="button" className="button button-quiet -ml-3" onClick={() => go(path.slice(0, -1))}>
            {t.back}
          </button>
          <button type="button" className="button button-quiet" onClick={() => go([tree.start])}>
            {t.again}
          </button>
        </p>
      )}
    </section>
  )
}
