'use client'
// The thin line at the foot: clock, speed, jobs, failed units, what can be done to the machine as a whole.
import { Ellipsis, FastForward, Pause, Play } from 'lucide-react'
import { useId, useRef } from 'react'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { failedUnits } from '../machine/machine-state'
import { useSession, useSessionState } from '../machine/sessions'
import { chooseFile, download } from '../site/files'
import { revealPane } from './layout'
import { Popover } from './popover'
import { clockText, spanText } from './time-text'

const speeds = [1, 10, 60, 600] as const
const second = 1_000_000
const spans = [
  ['second', second],
  ['tenSeconds', 10 * second],
  ['minute', 60 * second],
  ['hour', 3600 * second],
  ['day', 86_400 * second],
  ['week', 604_800 * second],
] as const

function Clock() {
  const words = useWords()
  const session = useSession()
  const clock = useSessionState((state) => state.machine.clock)
  const status = useSessionState((state) => state.machine.status)
  const t = words.rail
  if (clock === undefined || status !== 'running')
    return <span className="px-2 text-dim">{status === 'starting' ? t.starting : status === 'off' ? t.off : '––:––:––'}</span>
  const { day, time } = clockText(clock.realtimeUsec)
  const next = clock.nextEventUsec === undefined ? undefined : spanText(clock.nextEventUsec - clock.realtimeUsec)
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={clock.paused ? t.resume : t.pause}
        title={clock.paused ? t.resume : t.pause}
        onClick={() => void session.pause(!clock.paused)}
      >
        {clock.paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
      </button>
      <time role="timer" aria-label={t.clock} aria-live="off" className="px-1 font-mono tabular-nums" data-clock={clock.realtimeUsec}>
        <span className="text-dim max-lg:hidden">{day} </span>
        {time}
      </time>
      {clock.paused && <span className="text-changing max-sm:sr-only">{t.paused}</span>}
      <label className="flex items-center max-sm:hidden">
        <span className="sr-only">{t.speed}</span>
        <select
          className="h-7 rounded bg-transparent px-1 text-13 text-dim hover:bg-paper hover:text-ink"
          value={clock.speed}
          title={t.speed}
          onChange={(event) => void session.setSpeed(Number(event.target.value))}
        >
          {[...new Set([...speeds, clock.speed])].map((speed) => (
            <option key={speed} value={speed}>
              {fill(t.speedOf, { speed })}
            </option>
          ))}
        </select>
      </label>
      <Popover
        label={t.skip}
        trigger={
          <>
            <FastForward size={14} aria-hidden />
            <span className="max-sm:sr-only">{t.skip}</span>
          </>
        }
      >
        {(close) => (
          <ul className="grid min-w-44 p-1">
            <li>
              <button
                type="button"
                className="w-full rounded px-3 py-1.5 text-start text-13 hover:bg-sunken"
                onClick={() => {
                  void session.client?.skipToNextEvent()
                  close()
                }}
              >
                {next === undefined ? t.skipNext : fill(t.skipNextAt, { time: next })}
              </button>
            </li>
            {spans.map(([name, usec]) => (
              <li key={name}>
                <button
                  type="button"
                  className="w-full rounded px-3 py-1.5 text-start text-13 hover:bg-sunken"
                  onClick={() => {
                    void session.client?.skipBy(usec)
                    close()
                  }}
                >
                  {t.skipSpan[name]}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Popover>
    </>
  )
}

function Jobs() {
  const words = useWords()
  const jobs = useSessionState((state) => state.machine.jobs)
  const t = words.rail
  if (jobs.length === 0) return <span className="text-dim max-md:hidden">{t.noJobs}</span>
  return (
    <Popover
      label={t.jobs}
      named
      trigger={
        <span className="text-changing">
          <span aria-hidden>↻ </span>
          {fill(t.jobsCount, { count: jobs.length })}
        </span>
      }
    >
      {() => (
        <ul className="grid max-h-72 min-w-64 gap-1 overflow-y-auto p-3 font-mono text-[12px]">
          {jobs.map((job) => (
            <li key={job.id}>
              {job.id} {job.unit} {job.type} {job.state}
            </li>
          ))}
        </ul>
      )}
    </Popover>
  )
}

function Failed() {
  const words = useWords()
  const machine = useSessionState((state) => state.machine)
  const t = words.rail
  const failed = failedUnits(machine)
  if (failed.length === 0) return <span className="text-dim max-md:hidden">{t.noFailed}</span>
  return (
    <Popover
      label={t.failed}
      named
      trigger={
        <span className="text-failed">
          <span aria-hidden>× </span>
          {fill(t.failedCount, { count: failed.length })}
        </span>
      }
    >
      {() => (
        <ul className="grid max-h-72 min-w-64 gap-1 overflow-y-auto p-3 font-mono text-[12px]">
          {failed.map((unit) => (
            <li key={unit.id}>
              <span className="text-failed">×</span> {unit.id} <span className="text-dim">({unit.result})</span>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  )
}

function MachineMenu() {
  const words = useWords()
  const session = useSession()
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const t = words.rail
  const item = 'w-full rounded px-3 py-1.5 text-start text-13 hover:bg-sunken'
  const save = async () => {
    const saved = await session.export()
    if (saved !== undefined)
      download(`unitlab-${session.options.key.replace(':', '-')}.json`, JSON.stringify(saved, packBytes), 'application/json')
  }
  const load = async () => {
    const file = await chooseFile('application/json,.json')
    if (file === undefined) return
    let value: unknown
    try {
      value = JSON.parse(await file.text(), unpackBytes)
    } catch {
      value = undefined
    }
    await session.import(value)
  }
  return (
    <>
      <Popover label={t.machine} trigger={<Ellipsis size={15} aria-hidden />}>
        {(close) => {
          const entry = (text: string, action: () => void) => (
            <li>
              <button
                type="button"
                className={item}
                onClick={() => {
                  close()
                  action()
                }}
              >
                {text}
              </button>
            </li>
          )
          return (
            <ul className="grid min-w-52 p-1">
              {entry(t.reset, () => dialog.current?.showModal())}
              {entry(t.export, () => void save())}
              {entry(t.import, () => void load())}
            </ul>
          )
        }}
      </Popover>
      <dialog ref={dialog} aria-labelledby={title} className="float w-[420px] max-w-[calc(100vw-24px)] p-5">
        <h2 id={title} className="text-17">
          {t.reset}
        </h2>
        <p className="mt-2 text-13 text-dim">{t.resetAsk}</p>
        <div className="mt-4 flex justify-end gap-2">
          <button type="button" className="button button-quiet" onClick={() => dialog.current?.close()}>
            {words.common.cancel}
          </button>
          <button
            type="button"
            className="button button-hand"
            onClick={() => {
              dialog.current?.close()
              void session.reset()
            }}
          >
            {t.reset}
          </button>
        </div>
      </dialog>
    </>
  )
}

/** Bytes inside of a saved machine, as text that JSON can carry. */
function packBytes(this: unknown, _key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')) }
  if (value instanceof Map) return { $map: [...value] }
  return value
}
function unpackBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$bytes' in value && typeof value.$bytes === 'string') return Uint8Array.from(atob(value.$bytes), (letter) => letter.charCodeAt(0))
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map as [unknown, unknown][])
  return value
}

export function Rail({ goals, onGoals }: { goals?: { readonly done: number; readonly total: number }; onGoals?: () => void }) {
  const words = useWords()
  return (
    <section
      aria-label={words.workbench.rail}
      className="workbench-rail flex h-9 items-center gap-2 bg-sunken px-2 text-13 [&>*]:flex-none"
    >
      <Clock />
      <span className="h-4 w-px bg-line max-sm:hidden" aria-hidden />
      <Jobs />
      <Failed />
      <span className="ml-auto text-dim max-lg:hidden">{words.workbench.focusHint}</span>
      {goals !== undefined && goals.total > 0 && (
        <button
          type="button"
          className="rounded px-2 py-0.5 text-hand hover:bg-paper max-lg:ml-auto"
          onClick={() => {
            revealPane('text')
            onGoals?.()
          }}
        >
          {fill(words.rail.goals, goals)}
        </button>
      )}
      <MachineMenu />
    </section>
  )
}
