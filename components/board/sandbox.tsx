'use client'
// A free machine: beside editor and terminal a board that shows what it does.
import { useMemo, useState } from 'react'
import { useWords } from '../dictionary/provider'
import { Run } from '../lesson/run'
import { MachineProvider } from '../machine/sessions'
import { ProcessTreePicture } from '../picture/process-tree-picture'
import { Workbench } from '../workbench/workbench'
import { UnitList } from './unit-list'

const views = ['units', 'processes'] as const

function Board() {
  const words = useWords()
  const t = words.board
  const [view, setView] = useState<(typeof views)[number]>('units')
  return (
    <div className="mx-auto max-w-3xl px-6 pt-6 pb-16 max-sm:px-4">
      <h1 className="text-21">{t.title}</h1>
      <p className="mt-1 max-w-prose text-dim">{t.lead}</p>
      <noscript>
        <p>{words.machine.noScript}</p>
      </noscript>
      <div role="tablist" aria-label={t.title} className="mt-5 flex border-line border-b text-13">
        {views.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`board-tab-${one}`}
            aria-selected={view === one}
            aria-controls="board-panel"
            className="pane-tab"
            onClick={() => setView(one)}
          >
            {t[one]}
          </button>
        ))}
      </div>
      <div id="board-panel" role="tabpanel" aria-labelledby={`board-tab-${view}`}>
        {view === 'units' ? <UnitList /> : <ProcessTreePicture caption={t.processesCaption} />}
      </div>
      <section aria-labelledby="ideas" className="prose mt-8">
        <h2 id="ideas" className="text-17!">
          {t.ideas}
        </h2>
        {t.ideasList.map(({ command, text }) => (
          <Run key={command} command={command} note={text} />
        ))}
      </section>
    </div>
  )
}

export function Sandbox() {
  const options = useMemo(() => ({ key: 'sandbox', boot: { image: 'lab' as const }, user: 'root' as const }), [])
  return (
    <MachineProvider options={options}>
      <Workbench left="board" open={[]}>
        <Board />
      </Workbench>
    </MachineProvider>
  )
}
