'use client'
// A question before a run: what will happen? Answering is the point, not the score.
import { type ReactNode, useId, useState } from 'react'
import { useWords } from '../dictionary/provider'

type Props = {
  readonly question: string
  readonly options: readonly string[]
  /** Index of the right option. */
  readonly answer: number
  readonly children: ReactNode
}

export function Predict({ question, options, answer, children }: Props) {
  const words = useWords()
  const [chosen, setChosen] = useState<number>()
  const name = useId()
  return (
    <section className="my-6 rounded-md border border-line bg-raised px-4 py-3 [&>*]:mb-0">
      <fieldset>
        <legend className="font-semibold text-13 text-brand">{words.learn.predict}</legend>
        <p className="mt-1 mb-2">{question}</p>
        <div className="grid gap-1">
          {options.map((option, index) => {
            const mark = chosen === undefined ? undefined : index === answer ? 'right' : index === chosen ? 'wrong' : undefined
            return (
              <label
                key={option}
                className={`flex items-baseline gap-2.5 rounded px-2 py-1 hover:bg-sunken ${mark === 'right' ? 'bg-active-soft' : mark === 'wrong' ? 'bg-failed-soft' : ''}`}
              >
                <input type="radio" name={name} className="accent-hand" checked={chosen === index} onChange={() => setChosen(index)} />
                <span>{option}</span>
              </label>
            )
          })}
        </div>
      </fieldset>
      <div role="status">
        {chosen !== undefined && (
          <div className="arrive mt-3 border-line border-t pt-3 [&>*:last-child]:mb-0 [&>*]:mb-2">
            <p className={`font-semibold ${chosen === answer ? 'text-active' : 'text-changing'}`}>
              {chosen === answer ? words.learn.predictRight : words.learn.predictWrong}
            </p>
            {children}
          </div>
        )}
      </div>
    </section>
  )
}
