'use client'
// Text or board | editor over terminal | rail. One pane at a time on phones.
import { BookOpen, Boxes, FileText, SquareTerminal } from 'lucide-react'
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../dictionary/provider'
import { EditorPane } from '../editor/editor-pane'
import { MachineNotice } from '../machine/machine-notice'
import { useSessionState } from '../machine/sessions'
import { TerminalPane } from '../terminal/terminal-pane'
import { focusPane, type Pane, paneOfFocus, panes, revealPane, toggleMaximised } from './layout'
import { Rail } from './rail'
import { Separator } from './separator'
import { useLayout } from './use-layout'

type Props = {
  readonly children: ReactNode
  /** What the left pane is. */
  readonly left: 'text' | 'board'
  /** Files opened in the editor at first. */
  readonly open: readonly string[]
  /** Of goals met, for the badge. */
  readonly goals?: { readonly done: number; readonly total: number }
  readonly onGoals?: () => void
}

function useKeys(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'F6' && !event.ctrlKey && !event.altKey && !event.metaKey) {
        event.preventDefault()
        const here = panes.indexOf(paneOfFocus() ?? 'text')
        const next = panes[(here + (event.shiftKey ? panes.length - 1 : 1)) % panes.length]
        if (next !== undefined) focusPane(next)
      } else if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[123]$/.test(event.code)) {
        event.preventDefault()
        const pane = panes[Number(event.code.slice(5)) - 1]
        if (pane !== undefined) focusPane(pane)
      } else if (event.altKey && event.key === 'Enter') {
        const pane = paneOfFocus()
        if (pane === undefined) return
        event.preventDefault()
        toggleMaximised(pane)
      }
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}

function PaneTabs({ left, goals }: Pick<Props, 'left' | 'goals'>) {
  const words = useWords()
  const { shown } = useLayout()
  const unread = useSessionState((state) => state.terminals.some((row) => row.unread))
  const icons = { text: left === 'text' ? BookOpen : Boxes, editor: FileText, terminal: SquareTerminal }
  const badge = (pane: Pane) => {
    if (pane === 'text' && goals !== undefined) return `${goals.done}/${goals.total}`
    if (pane === 'terminal' && unread && shown !== 'terminal') return '●'
    return undefined
  }
  return (
    <nav className="pane-tabs" aria-label={words.workbench.panes}>
      {panes.map((pane) => {
        const Icon = icons[pane]
        const mark = badge(pane)
        return (
          <button
            key={pane}
            type="button"
            aria-pressed={shown === pane}
            onClick={() => revealPane(pane)}
            className={`flex h-12 items-center justify-center gap-2 text-13 ${shown === pane ? 'font-semibold text-ink shadow-[inset_0_2px_0_var(--brand)]' : 'text-dim'}`}
          >
            <Icon size={16} aria-hidden />
            {pane === 'text' ? words.workbench[left] : words.workbench[pane]}
            {mark !== undefined && (
              <span className={mark === '●' ? 'text-hand' : 'rounded bg-hand-soft px-1.5 text-[12px] text-hand'}>
                {mark === '●' ? <span className="sr-only">{words.workbench.newOutput}</span> : null}
                {mark}
              </span>
            )}
          </button>
        )
      })}
    </nav>
  )
}

export function Workbench({ children, left, open, goals, onGoals }: Props) {
  const words = useWords()
  const { textShare, editorShare, maximised, shown } = useLayout()
  const frame = useRef<HTMLDivElement>(null)
  useKeys()
  return (
    <main
      ref={frame}
      className="workbench"
      data-maximised={maximised}
      data-shown={shown}
      style={{ '--text-share': `${textShare}%`, '--editor-share': `${editorShare}%` } as CSSProperties}
      onDoubleClick={(event) => {
        const head = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-pane-head]') : null
        const pane = panes.find((one) => one === head?.dataset['paneHead'])
        if (pane !== undefined && event.target instanceof Element && event.target.closest('button, input') === null) toggleMaximised(pane)
      }}
    >
      <section
        id="content"
        tabIndex={-1}
        data-pane="text"
        aria-label={words.workbench[left]}
        className="workbench-text focus-visible:outline-none"
      >
        {children}
      </section>
      <Separator share="textShare" direction="columns" label={words.workbench.separatorColumns} />
      <div className="workbench-work">
        <EditorPane open={open} />
        <Separator share="editorShare" direction="rows" label={words.workbench.separatorRows} />
        <TerminalPane />
      </div>
      <Rail {...(goals === undefined ? {} : { goals })} {...(onGoals === undefined ? {} : { onGoals })} />
      <PaneTabs left={left} {...(goals === undefined ? {} : { goals })} />
      <MachineNotice />
    </main>
  )
}
