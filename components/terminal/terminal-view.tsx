'use client'
// The place in the page where a screen hangs. Loaded after the first paint; the code of xterm comes with it.
import { useEffect, useRef } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useSession } from '../machine/sessions'
import { useDark, useSettings } from '../settings/use-settings'
import { KeyBar } from './key-bar'
import { screenOf } from './screen'

declare global {
  interface Window {
    /** For browser tests: the text of a terminal. */
    unitlabScreen?: (number?: number) => string
  }
}

export default function TerminalView({ number }: { number: number }) {
  const session = useSession()
  const words = useWords()
  const place = useRef<HTMLDivElement>(null)
  const { fontSize, screenReader } = useSettings()
  const dark = useDark()
  const screen = screenOf(session, number)
  const label = fill(words.terminal.name, { number })

  useEffect(() => {
    const parent = place.current
    if (parent === null) return
    screen.show(parent)
    session.showTerminal(number)
    window.unitlabScreen = (which = number) => screenOf(session, which).text()
    const observer = new ResizeObserver(() => {
      screen.refit()
      if (parent.clientHeight > 0 && session.terminal(number)?.unread) session.patchTerminal(number, { unread: false })
    })
    observer.observe(parent)
    // A font that arrives later changes the width of a cell.
    void document.fonts?.ready.then(() => screen.refit())
    return () => {
      observer.disconnect()
      screen.element.remove()
    }
  }, [screen, session, number])

  useEffect(() => {
    screen.look({ dark, fontSize, screenReader, label })
  }, [screen, dark, fontSize, screenReader, label])

  return (
    <>
      <div ref={place} data-screen={number} className="min-h-0 flex-1 overflow-hidden bg-paper" />
      <KeyBar screen={screen} />
    </>
  )
}
