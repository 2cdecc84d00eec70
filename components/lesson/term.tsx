'use client'
// A directive or a word of the field with a card that explains it: on hover, on focus, on tap.
import { type ReactNode, useId, useRef } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'

export type TermEntry = {
  readonly name: string
  /** Where it belongs: `[Service]`. */
  readonly where?: string
  readonly text: string
  /** `systemd.service(5)` and where to read it. */
  readonly page?: string
  readonly address?: string
}

export function Term({ entry, children }: { entry: TermEntry; children: ReactNode }) {
  const words = useWords()
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const card = useRef<HTMLSpanElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const show = (wait: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const float = card.current
      const anchor = button.current?.getBoundingClientRect()
      if (float === null || anchor === undefined || float.matches(':popover-open')) return
      float.showPopover()
      float.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - float.offsetWidth - 8))}px`
      const below = anchor.bottom + 6
      float.style.top = `${below + float.offsetHeight < innerHeight ? below : Math.max(8, anchor.top - float.offsetHeight - 6)}px`
    }, wait)
  }
  const hide = (wait: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => card.current?.hidePopover(), wait)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-describedby={id}
        className="inline cursor-help rounded-sm border-hand border-b border-dotted p-0 font-mono text-[0.9em] text-hand"
        onPointerEnter={(event) => event.pointerType === 'mouse' && show(200)}
        onPointerLeave={(event) => event.pointerType === 'mouse' && hide(250)}
        onFocus={() => show(0)}
        onBlur={() => hide(250)}
        onClick={() => show(0)}
      >
        {children}
      </button>
      <span
        ref={card}
        id={id}
        popover="auto"
        className="float fixed inset-auto m-0 w-80 max-w-[calc(100vw-16px)] p-3 font-sans text-13 text-ink leading-normal"
        onPointerEnter={() => clearTimeout(timer.current)}
        onPointerLeave={() => hide(250)}
      >
        <span className="block font-mono font-semibold">
          {entry.where !== undefined && <span className="font-normal text-dim">{entry.where} </span>}
          {entry.name}
        </span>
        <span className="mt-1 block">{entry.text}</span>
        {entry.page !== undefined && entry.address !== undefined && (
          <a className="mt-1.5 block" href={entry.address} target="_blank" rel="noreferrer">
            {fill(words.term.more, { page: entry.page })}
          </a>
        )}
      </span>
    </>
  )
}
