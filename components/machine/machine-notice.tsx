'use client'
// What to say when the machine is not simply running: what happened, what is safe, what to do.
import { type ReactNode, useEffect, useState } from 'react'
import { useWords } from '../dictionary/provider'
import { onStorageTrouble, type StorageTrouble } from './kept'
import { useSession, useSessionState } from './sessions'

function Card({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="absolute inset-0 z-10 grid place-items-center bg-paper/90 p-4">
      <div role="alert" className="float grid max-w-md gap-2 p-5">
        <p className="font-semibold">{title}</p>
        {text !== undefined && <p className="text-13 text-dim">{text}</p>}
        {children}
      </div>
    </div>
  )
}

/** Over the terminal, when there is nothing to type into. */
export function MachineState() {
  const words = useWords()
  const session = useSession()
  const status = useSessionState((state) => state.machine.status)
  const fault = useSessionState((state) => state.machine.fault)
  const t = words.machine
  const details = fault !== undefined && (
    <details className="text-13 text-dim">
      <summary className="underline underline-offset-2">{t.details}</summary>
      <pre className="mt-1 whitespace-pre-wrap break-all">{fault}</pre>
    </details>
  )
  const again = (
    <div>
      <button type="button" className="button button-hand" onClick={() => void session.restart()}>
        {t.restart}
      </button>
    </div>
  )
  switch (status) {
    case 'elsewhere':
      return (
        <Card title={t.elsewhere} text={t.elsewhereText}>
          <div>
            <button type="button" className="button button-hand" onClick={() => void session.start(true)}>
              {t.useHere}
            </button>
          </div>
        </Card>
      )
    case 'crashed':
      return (
        <Card title={t.crashed} text={t.crashedText}>
          {again}
          {details}
        </Card>
      )
    case 'unavailable':
      return (
        <Card title={t.unavailable} text={t.unavailableText}>
          {again}
          {details}
        </Card>
      )
    case 'stuck':
      return (
        <Card title={t.stuck} text={t.crashedText}>
          <div className="flex gap-2">
            <button type="button" className="button button-hand" onClick={() => void session.restart()}>
              {t.restart}
            </button>
            <button type="button" className="button" onClick={() => session.keepWaiting()}>
              {t.wait}
            </button>
          </div>
        </Card>
      )
    case 'off':
      return (
        <Card title={words.terminal.off}>
          <div>
            <button type="button" className="button button-hand" onClick={() => void session.restart()}>
              {words.terminal.on}
            </button>
          </div>
        </Card>
      )
    case 'starting':
      return (
        <p role="status" className="sr-only">
          {words.terminal.starting}
        </p>
      )
    default:
      return null
  }
}

/** A line at the foot of the page: restored from disk, reset with undo, storage refused. */
export function MachineNotice() {
  const words = useWords()
  const session = useSession()
  const notice = useSessionState((state) => state.notice)
  const [trouble, setTrouble] = useState<StorageTrouble>()
  const [seen, setSeen] = useState(false)
  useEffect(() => onStorageTrouble(setTrouble), [])
  const lines: { readonly text: string; readonly action?: ReactNode; readonly close: () => void }[] = []
  const close = () => session.dismissNotice()
  if (notice?.kind === 'from-disk') lines.push({ text: words.machine.fromDisk, close })
  if (notice?.kind === 'undone') lines.push({ text: words.rail.undone, close })
  if (notice?.kind === 'import-failed') lines.push({ text: words.rail.importFailed, close })
  if (notice?.kind === 'reset')
    lines.push({
      text: words.rail.resetDone,
      close,
      action: (
        <button type="button" className="button" onClick={() => void session.undoReset()}>
          {words.rail.undo}
        </button>
      ),
    })
  if (trouble !== undefined && !seen)
    lines.push({ text: trouble === 'full' ? words.machine.storageFull : words.machine.storageRefused, close: () => setSeen(true) })
  return (
    <div role="status" className="pointer-events-none fixed inset-x-3 bottom-14 z-40 grid justify-items-center gap-2">
      {lines.map(({ text, action, close: dismiss }) => (
        <div key={text} className="float arrive pointer-events-auto flex items-center gap-3 px-4 py-2 text-13">
          {text}
          {action}
          <button type="button" className="button button-quiet" onClick={dismiss}>
            {words.machine.dismiss}
          </button>
        </div>
      ))}
    </div>
  )
}
