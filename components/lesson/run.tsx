'use client'
// A command of the text with a button that types it into the terminal. A tick stays once it was run.
import { Check, CornerDownLeft } from 'lucide-react'
import { useState } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useMaybeSession } from '../machine/sessions'
import { typeCommand } from '../terminal/typing'
import { revealPane } from '../workbench/layout'
import { CopyButton } from './copy-button'
import { useLessonSlug } from './lesson-context'
import { lessonProgress, markRan } from './progress'
import { useProgress } from './use-progress'

type Props = {
  readonly command: string
  /** What it is for, in a few words, beside it. */
  readonly note?: string
}

export function Run({ command, note }: Props) {
  const words = useWords()
  const session = useMaybeSession()
  const slug = useLessonSlug()
  const progress = useProgress()
  const [busy, setBusy] = useState(false)
  const [typing, setTyping] = useState(false)
  const text = command.trim()
  const ran = slug !== undefined && lessonProgress(progress, slug).ran.includes(text)

  const run = async (interrupt: boolean) => {
    if (session === undefined || typing) return
    setBusy(false)
    setTyping(true)
    revealPane('terminal')
    const outcome = await typeCommand(session, text, { interrupt })
    setTyping(false)
    if (outcome === 'typed' && slug !== undefined) void markRan(slug, text)
    if (outcome === 'busy') {
      setBusy(true)
      revealPane('text')
    }
  }

  return (
    <div className="group my-3 rounded-md border border-line bg-sunken" data-run={text}>
      <div className="flex items-start gap-1 py-1 pr-1 pl-3">
        <pre className="m-0! min-w-0 flex-1 overflow-x-visible! whitespace-pre-wrap border-0! bg-transparent! p-0! py-1.5! text-(length:--code) leading-normal [overflow-wrap:anywhere]">
          <code>
            {text.split('\n').map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text
              <span key={index} className="block pl-[2ch] -indent-[2ch]">
                <span className="select-none text-dim" aria-hidden>
                  {'$ '}
                </span>
                {line}
              </span>
            ))}
          </code>
        </pre>
        {ran && (
          <span className="grid h-7 place-items-center text-active" role="img" aria-label={words.run.ran} title={words.run.ran}>
            <Check size={15} aria-hidden />
          </span>
        )}
        <CopyButton text={text} />
        {session !== undefined && (
          <button
            type="button"
            className="button mt-0.5 min-h-7 border-hand px-2.5 py-0 text-hand"
            aria-label={fill(ran ? words.run.again : words.run.runCommand, { command: text })}
            aria-disabled={typing}
            onClick={() => void run(false)}
          >
            <CornerDownLeft size={13} aria-hidden />
            {words.run.run}
          </button>
        )}
      </div>
      {note !== undefined && <p className="border-line border-t px-3 py-1.5 text-13 text-dim">{note}</p>}
      {busy && (
        <p role="alert" className="flex flex-wrap items-center gap-2 border-line border-t bg-changing-soft px-3 py-1.5 text-13">
          {words.terminal.busy}
          <button type="button" className="button" onClick={() => void run(true)}>
            {words.terminal.busyAction}
          </button>
        </p>
      )}
      <span role="status" className="sr-only">
        {typing ? fill(words.terminal.runs, { command: text }) : ''}
      </span>
    </div>
  )
}
