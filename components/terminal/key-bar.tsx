'use client'
// Keys that phones lack, over their keyboard.
import { useState, type PointerEvent } from 'react'
import { useWords } from '../dictionary/provider'
import type { Screen } from './screen'

const keys: readonly { readonly label: string; readonly data?: string; readonly name?: string; readonly modifier?: 'ctrl' }[] = [
  { label: 'Esc', data: '\x1b' },
  { label: 'Tab', data: '\t' },
  { label: 'Ctrl', modifier: 'ctrl' },
  { label: '^C', data: '\x03', name: 'Ctrl C' },
  { label: '↑', data: '\x1b[A', name: 'Up' },
  { label: '↓', data: '\x1b[B', name: 'Down' },
  { label: '←', data: '\x1b[D', name: 'Left' },
  { label: '→', data: '\x1b[C', name: 'Right' },
  { label: '|', data: '|' },
  { label: '/', data: '/' },
  { label: '-', data: '-' },
]

export function KeyBar({ screen }: { screen: Screen | undefined }) {
  const words = useWords()
  const [ctrl, setCtrl] = useState(false)
  const keepKeyboard = (event: PointerEvent) => event.preventDefault()
  return (
    <div
      role="toolbar"
      aria-label={words.terminal.keys}
      className="only-narrow flex flex-none overflow-x-auto border-line border-t bg-sunken"
    >
      {keys.map(({ label, data, name, modifier }) => (
        <button
          key={label}
          type="button"
          aria-label={name}
          aria-pressed={modifier === undefined ? undefined : ctrl}
          onPointerDown={keepKeyboard}
          onClick={() => {
            if (screen === undefined) return
            if (modifier !== undefined) {
              screen.modifier = ctrl ? undefined : modifier
              setCtrl(!ctrl)
            } else if (data !== undefined) {
              setCtrl(false)
              screen.terminal.input(data)
            }
            screen.focus()
          }}
          className={`h-10 min-w-9 flex-1 px-1 font-mono text-13 ${ctrl && modifier ? 'bg-hand text-paper' : 'text-ink'}`}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
