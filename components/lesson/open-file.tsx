'use client'
import { FileText } from 'lucide-react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { openInEditor } from '../editor/open-requests'
import { useMaybeSession } from '../machine/sessions'

/** A path in the text that opens in the editor. */
export function OpenFile({ path }: { path: string }) {
  const words = useWords()
  const session = useMaybeSession()
  if (session === undefined) return <code>{path}</code>
  return (
    <button
      type="button"
      className="inline-flex max-w-full items-center gap-1 rounded bg-hand-soft px-1.5 font-mono text-[0.87em] text-hand hover:underline"
      aria-label={fill(words.run.openFile, { path })}
      onClick={() => openInEditor(session, path)}
    >
      <FileText size={12} className="flex-none" aria-hidden />
      <span className="min-w-0 break-all text-start">{path}</span>
    </button>
  )
}
