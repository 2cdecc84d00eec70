'use client'
// A small window that hangs on its button. The browser's own popover: light dismiss, Escape and focus come with it.
import { type ReactNode, useId, useRef } from 'react'

type Props = {
  readonly label: string
  readonly trigger: ReactNode
  /** The trigger's own text names it; otherwise the label does. */
  readonly named?: boolean
  readonly children: (close: () => void) => ReactNode
}

export function Popover({ label, trigger, named = false, children }: Props) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const place = () => {
    const anchor = button.current?.getBoundingClientRect()
    const float = panel.current
    if (anchor === undefined || float === null) return
    const width = float.offsetWidth
    const height = float.offsetHeight
    float.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`
    const above = anchor.top - height - 6
    float.style.top = `${above >= 8 ? above : Math.min(anchor.bottom + 6, innerHeight - height - 8)}px`
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-label={named ? undefined : label}
        title={label}
        className="inline-flex h-7 items-center gap-1.5 rounded px-2 text-dim hover:bg-paper hover:text-ink"
      >
        {trigger}
      </button>
      <div ref={panel} id={id} popover="auto" className="float fixed inset-auto m-0 text-ink" onToggle={place}>
        {children(() => panel.current?.hidePopover())}
      </div>
    </>
  )
}
