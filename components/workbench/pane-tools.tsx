'use client'
import { Maximize2, Minimize2 } from 'lucide-react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { type Pane, toggleMaximised } from './layout'
import { useLayout } from './use-layout'

/** At the right end of a pane's head. */
export function PaneTools({ pane }: { pane: Pane }) {
  const words = useWords()
  const { maximised } = useLayout()
  const is = maximised === pane
  const label = is ? words.workbench.restore : fill(words.workbench.maximise, { pane: words.workbench[pane] })
  return (
    <button
      type="button"
      className="icon-button only-wide ml-auto"
      aria-label={label}
      title={`${label} (Alt+Enter)`}
      onClick={() => toggleMaximised(pane)}
    >
      {is ? <Minimize2 size={14} aria-hidden /> : <Maximize2 size={14} aria-hidden />}
    </button>
  )
}
