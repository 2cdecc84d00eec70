'use client'
// A line between two panes that moves by mouse, finger and keyboard (arrows, Home, End; double-click: the default).
import { useRef } from 'react'
import { changeLayout, clampShare, defaultLayout } from './layout'
import { useLayout } from './use-layout'

export function Separator({
  share,
  direction,
  label,
}: {
  share: 'textShare' | 'editorShare'
  direction: 'columns' | 'rows'
  label: string
}) {
  const value = useLayout()[share]
  const line = useRef<HTMLDivElement>(null)
  const columns = direction === 'columns'

  const moveTo = (x: number, y: number) => {
    const room = line.current?.parentElement?.getBoundingClientRect()
    if (room === undefined) return
    changeLayout({ [share]: clampShare(columns ? ((x - room.left) / room.width) * 100 : ((y - room.top) / room.height) * 100) })
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a widget; hr cannot be one
    <div
      ref={line}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={columns ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(value)}
      aria-valuemin={15}
      aria-valuemax={80}
      className="separator"
      onDoubleClick={() => changeLayout({ [share]: defaultLayout[share] })}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        event.currentTarget.dataset['dragging'] = ''
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(event.clientX, event.clientY)
      }}
      onPointerUp={(event) => {
        delete event.currentTarget.dataset['dragging']
      }}
      onLostPointerCapture={(event) => {
        delete event.currentTarget.dataset['dragging']
      }}
      onKeyDown={(event) => {
        const step = event.shiftKey ? 10 : 2
        const less = columns ? 'ArrowLeft' : 'ArrowUp'
        const more = columns ? 'ArrowRight' : 'ArrowDown'
        const next = { [less]: value - step, [more]: value + step, Home: 15, End: 80, Enter: defaultLayout[share] }[event.key]
        if (next === undefined) return
        event.preventDefault()
        changeLayout({ [share]: clampShare(next) })
      }}
    />
  )
}
