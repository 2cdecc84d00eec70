'use client'
// One answer, with its reasons, beside the learner's own files.
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { isFileFailure } from '@/lib/machine/client'
import { useLocale, useWords } from '../dictionary/provider'
import { decodeFile } from '../editor/text-file'
import { useSession } from '../machine/sessions'
import type { ExerciseSheet } from './exercise-card'

const CompareView = dynamic(() => import('../editor/compare-view'), { ssr: false })

export function Solution({ sheet }: { sheet: ExerciseSheet }) {
  const words = useWords()
  const locale = useLocale()
  const session = useSession()
  const [mine, setMine] = useState<ReadonlyMap<string, string>>()
  const t = words.checks
  const { files, steps, explanation } = sheet.solution

  const read = async () => {
    const texts = new Map<string, string>()
    for (const { path } of files) {
      const answer = await session.client?.readFile(path)
      const text = answer === undefined || isFileFailure(answer) ? '' : (decodeFile(answer.bytes)?.text ?? '')
      texts.set(path, text)
    }
    setMine(texts)
  }

  return (
    <details
      className="text-13"
      onToggle={(event) => {
        if (event.currentTarget.open && mine === undefined) void read()
      }}
    >
      <summary className="inline-block py-1 text-hand underline underline-offset-2">{t.solution}</summary>
      <div className="mt-2 grid gap-3 [&>*]:m-0">
        {files.length > 0 && <p className="text-dim">{t.solutionNote}</p>}
        {mine !== undefined &&
          files.map(({ path, content }) => (
            <figure key={path}>
              <figcaption className="mb-1 font-mono text-[12px] text-dim">{path}</figcaption>
              <div className="relative h-60 rounded border border-line">
                <CompareView path={path} left={mine.get(path) ?? ''} right={content} label={path} />
              </div>
            </figure>
          ))}
        {steps.length > 0 && (
          <pre>
            <code>{steps.join('\n')}</code>
          </pre>
        )}
        <p>{explanation[locale]}</p>
      </div>
    </details>
  )
}
