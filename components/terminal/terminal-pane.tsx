'use client'
import { Plus, X } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useSession, useSessionState } from '../machine/sessions'
import { MachineState } from '../machine/machine-notice'
import { PaneTools } from '../workbench/pane-tools'

const TerminalView = dynamic(() => import('./terminal-view'), { ssr: false, loading: TerminalShape })

/** The shape of what comes: a prompt's line. */
function TerminalShape() {
  return (
    <div className="grid content-start gap-2 p-3" aria-hidden="true">
      <span className="skeleton h-3 w-56" />
      <span className="skeleton h-3 w-36" />
    </div>
  )
}

export function TerminalPane() {
  const words = useWords()
  const session = useSession()
  const terminals = useSessionState((state) => state.terminals)
  const shown = useSessionState((state) => state.shownTerminal)
  return (
    <section data-pane="terminal" className="pane" aria-label={words.workbench.terminal}>
      <div className="pane-head" data-pane-head="terminal">
        <div role="tablist" aria-label={words.terminal.label} className="flex min-w-0 items-center overflow-x-auto">
          {terminals.map(({ number, unread }) => (
            <button
              key={number}
              id={`terminal-tab-${number}`}
              type="button"
              role="tab"
              aria-selected={number === shown}
              aria-controls="terminal-panel"
              className="pane-tab"
              onClick={() => session.showTerminal(number)}
            >
              {terminals.length === 1 ? words.workbench.terminal : fill(words.terminal.name, { number })}
              {unread && number !== shown && (
                <span className="text-hand" role="img" aria-label={words.workbench.newOutput}>
                  ●
                </span>
              )}
            </button>
          ))}
        </div>
        {terminals.length > 1 && (
          <button
            type="button"
            className="icon-button"
            aria-label={fill(words.terminal.close, { number: shown })}
            onClick={() => {
              session.removeTerminal(shown)
              void import('./screen').then(({ dropScreen }) => dropScreen(session, shown))
            }}
          >
            <X size={14} aria-hidden />
          </button>
        )}
        <button type="button" className="icon-button" aria-label={words.terminal.new} onClick={() => session.addTerminal()}>
          <Plus size={15} aria-hidden />
        </button>
        <PaneTools pane="terminal" />
      </div>
      <div id="terminal-panel" role="tabpanel" aria-labelledby={`terminal-tab-${shown}`} className="relative flex min-h-0 flex-1 flex-col">
        <TerminalView key={shown} number={shown} />
        <MachineState />
      </div>
    </section>
  )
}
