'use client'
// The units of the machine with their state, live. Shape and word carry the state, colour repeats it.
import { useDeferredValue, useId, useState } from 'react'
import type { UnitRow } from '@/lib/machine/client'
import { useWords } from '../dictionary/provider'
import { useSessionState } from '../machine/sessions'

/** The dot of systemctl. */
export function unitMark(unit: UnitRow): { readonly shape: string; readonly colour: string } {
  switch (unit.activeState) {
    case 'active':
      return { shape: '●', colour: 'text-active' }
    case 'failed':
      return { shape: '×', colour: 'text-failed' }
    case 'activating':
    case 'deactivating':
      return { shape: '●', colour: 'text-changing' }
    case 'reloading':
    case 'refreshing':
      return { shape: '↻', colour: 'text-changing' }
    default:
      return { shape: '○', colour: 'text-inactive' }
  }
}

const kinds = ['service', 'socket', 'timer', 'path', 'target', 'mount', 'slice', 'scope'] as const

export function UnitList() {
  const words = useWords()
  const units = useSessionState((state) => state.machine.units)
  const [filter, setFilter] = useState('.service')
  const [failedOnly, setFailedOnly] = useState(false)
  const wanted = useDeferredValue(filter.toLowerCase())
  const field = useId()
  const list = useId()
  const t = words.board
  const rows = [...units.values()]
    .filter(
      (unit) => unit.loadState !== 'not-found' && unit.id.toLowerCase().includes(wanted) && (!failedOnly || unit.activeState === 'failed'),
    )
    .sort((a, b) => Number(b.activeState === 'failed') - Number(a.activeState === 'failed') || (a.id < b.id ? -1 : 1))
  return (
    <div className="pt-3">
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor={field} className="sr-only">
          {t.filter}
        </label>
        <input
          id={field}
          list={list}
          type="search"
          className="field w-48 font-mono"
          value={filter}
          placeholder={t.filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <datalist id={list}>
          {kinds.map((kind) => (
            <option key={kind} value={`.${kind}`} />
          ))}
        </datalist>
        <label className="flex items-center gap-1.5 text-13">
          <input type="checkbox" className="accent-hand" checked={failedOnly} onChange={(event) => setFailedOnly(event.target.checked)} />
          {t.failedOnly}
        </label>
        <span className="ml-auto text-13 text-dim">{rows.length}</span>
      </div>
      {units.size === 0 ? (
        <p className="py-4 text-13 text-dim">{t.noUnits}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls, so a keyboard must reach it
        <ul tabIndex={0} className="mt-2 max-h-[44vh] overflow-y-auto text-13" aria-label={t.units}>
          {rows.map((unit) => {
            const { shape, colour } = unitMark(unit)
            return (
              <li key={unit.id} className="grid grid-cols-[1.2rem_minmax(0,1fr)_auto] items-baseline gap-x-2 border-line border-b py-1">
                <span className={`live-dot ${colour}`} aria-hidden>
                  {shape}
                </span>
                <span className="min-w-0">
                  <span className="block truncate font-mono text-[12.5px]">{unit.id}</span>
                  <span className="block truncate text-[12px] text-dim">{unit.description}</span>
                </span>
                <span className={`whitespace-nowrap ${colour}`}>
                  {unit.activeState} ({unit.subState})
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}
