'use client'
// The live process tree, in ink: thin lines, one row a process, a dot for its state.
import { useMemo } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useSessionState } from '../machine/sessions'
import { processTree, treeText } from './process-tree'

const rowHeight = 22
const step = 18

const colour: Readonly<Record<string, string>> = {
  R: 'var(--active)',
  T: 'var(--changing)',
  Z: 'var(--failed)',
  D: 'var(--changing)',
}
const shape: Readonly<Record<string, string>> = { R: '●', S: '○', T: '◐', Z: '×', D: '◐' }

type Props = { readonly caption: string /** Leave out what systemd runs by itself. */; readonly mine?: boolean }

export function ProcessTreePicture({ caption, mine = false }: Props) {
  const words = useWords()
  const processes = useSessionState((state) => state.machine.processes)
  const nodes = useMemo(() => {
    const all = [...processes.values()]
    if (!mine) return processTree(all)
    // Those with a terminal or an origin in a session, with their ancestors.
    const wanted = new Set(all.filter((row) => row.tty !== '' || !row.unit.endsWith('.service')).map((row) => row.pid))
    const byPid = new Map(all.map((row) => [row.pid, row]))
    for (const pid of [...wanted]) for (let row = byPid.get(pid); row !== undefined; row = byPid.get(row.ppid)) wanted.add(row.pid)
    return processTree(all.filter((row) => wanted.has(row.pid)))
  }, [processes, mine])

  return (
    <figure className="my-6 rounded-md border border-line bg-raised">
      {nodes.length === 0 ? (
        <p className="p-4 text-13 text-dim">{words.picture.empty}</p>
      ) : (
        <div className="max-h-80 overflow-auto p-3" aria-hidden="true">
          <svg width="100%" height={nodes.length * rowHeight} className="block min-w-[420px] font-mono text-[12px]">
            <title>{caption}</title>
            {nodes.map(({ row, depth, last, trunks }, index) => {
              const y = index * rowHeight
              const x = depth * step
              const middle = y + rowHeight / 2
              return (
                <g key={row.pid}>
                  <path
                    d={trunks.map((on, level) => (on ? `M${level * step + 6.5} ${y}v${rowHeight}` : '')).join('')}
                    stroke="var(--line-strong)"
                  />
                  {depth > 0 && (
                    <path
                      d={`M${x - step + 6.5} ${y}V${last ? middle : y + rowHeight}M${x - step + 6.5} ${middle}H${x - 2}`}
                      stroke="var(--line-strong)"
                      fill="none"
                    />
                  )}
                  <text x={x + 2} y={middle + 4} fill={colour[row.state] ?? 'var(--inactive)'}>
                    {shape[row.state] ?? '○'}
                  </text>
                  <text x={x + 18} y={middle + 4} fill="var(--ink)">
                    <tspan fill="var(--dim)">{row.pid} </tspan>
                    {(row.command || row.comm).slice(0, 60)}
                    {row.tty !== '' && <tspan fill="var(--hand)"> {row.tty}</tspan>}
                    {row.unit !== '' && depth < 3 && <tspan fill="var(--dim)"> {row.unit}</tspan>}
                  </text>
                </g>
              )
            })}
          </svg>
        </div>
      )}
      <figcaption className="flex flex-wrap items-baseline gap-x-3 border-line border-t px-3 py-1.5 text-13 text-dim">
        {caption}
        <span>{fill(words.board.processText, { count: nodes.length })}</span>
        <details className="ml-auto">
          <summary className="underline underline-offset-2">{words.picture.text}</summary>
          <pre className="max-h-72 overflow-auto text-[12px]">{treeText(nodes)}</pre>
        </details>
      </figcaption>
    </figure>
  )
}
