// The page's picture of the machine, sent as small patches: only topics asked for, only rows that changed.
import type { Denial } from '@/lib/kernel'
import type { Machine } from './machine'
import type { DenialRow, JobRow, JournalRow, MachineEvent, ProcessRow, Topic, UnitRow } from './protocol'

/** Virtual or real, rows are not looked at more often than this. */
const LOOK_MS = 150

export class StatePatches {
  private topics: ReadonlySet<Topic> = new Set()
  private units = new Map<string, string>()
  private processes = new Map<number, string>()
  private jobs = ''
  private entriesSent = 0
  private journalSize = -1
  private denials: DenialRow[] = []
  private unitsChanged = true
  private lastLookMs = 0
  private readonly emit: (event: MachineEvent) => void

  constructor(emit: (event: MachineEvent) => void) {
    this.emit = emit
  }

  observe(topics: readonly Topic[]): void {
    this.topics = new Set(topics)
    this.forget()
  }

  /** Everything is sent anew (another machine, another boot). */
  forget(): void {
    this.units.clear()
    this.processes.clear()
    this.jobs = ''
    this.entriesSent = 0
    this.journalSize = -1
    this.unitsChanged = true
    this.lastLookMs = 0
  }

  listen(machine: Machine): () => void {
    return machine.events.listen((event) => {
      if (event.type === 'manager') this.unitsChanged = true
      else if (event.type === 'kernel' && event.event.type === 'denial') this.denials.push(denialRow(event.event, machine.realtimeUsec))
    })
  }

  flush(machine: Machine, nowMs: number): void {
    if (nowMs - this.lastLookMs < LOOK_MS) return
    this.lastLookMs = nowMs
    if (this.topics.has('units') && this.unitsChanged) this.flushUnits(machine)
    if (this.topics.has('jobs') && this.unitsChanged) this.flushJobs(machine)
    this.unitsChanged = false
    if (this.topics.has('processes')) this.flushProcesses(machine)
    if (this.topics.has('journal')) this.flushJournal(machine)
    if (this.denials.length > 0) {
      if (this.topics.has('denials')) this.emit({ type: 'denials', denials: this.denials.slice(-200) })
      this.denials = []
    }
  }

  private flushUnits(machine: Machine): void {
    const changed: UnitRow[] = []
    const seen = new Set<string>()
    for (const listed of machine.view.units()) {
      seen.add(listed.id)
      const known = this.units.get(listed.id)
      const short = `${listed.loadState} ${listed.activeState} ${listed.subState} ${listed.description}`
      if (known?.startsWith(short) && !listed.id.endsWith('.service')) continue
      const state = machine.view.unit(listed.id)
      const row: UnitRow = {
        id: listed.id,
        description: listed.description,
        loadState: listed.loadState,
        activeState: listed.activeState,
        subState: listed.subState,
        mainPid: state.mainPid,
        result: state.result,
        restarts: state.restarts,
        sinceUsec: state.sinceUsec,
      }
      const key = `${short} ${row.mainPid} ${row.result} ${row.restarts} ${row.sinceUsec}`
      if (known === key) continue
      this.units.set(listed.id, key)
      changed.push(row)
    }
    const removed = [...this.units.keys()].filter((id) => !seen.has(id))
    for (const id of removed) this.units.delete(id)
    if (changed.length > 0 || removed.length > 0) this.emit({ type: 'units', changed, removed })
  }

  private flushJobs(machine: Machine): void {
    const jobs: JobRow[] = machine.view.jobs().map(({ id, unit, type, state }) => ({ id, unit, type, state }))
    const key = JSON.stringify(jobs)
    if (key === this.jobs) return
    this.jobs = key
    this.emit({ type: 'jobs', jobs })
  }

  private flushProcesses(machine: Machine): void {
    const changed: ProcessRow[] = []
    const seen = new Set<number>()
    for (const one of machine.view.processes()) {
      seen.add(one.pid)
      const row: ProcessRow = { ...one, command: one.argv.length === 0 ? `[${one.comm}]` : one.argv.join(' ') }
      // A process that runs and sleeps by turns is the same to the eye.
      const key = `${row.ppid} ${row.pgid} ${row.sid} ${row.command} ${row.user} ${'RS'.includes(row.state) ? 'S' : row.state} ${row.tty} ${row.unit}`
      if (this.processes.get(one.pid) === key) continue
      this.processes.set(one.pid, key)
      changed.push(row)
    }
    const removed = [...this.processes.keys()].filter((pid) => !seen.has(pid))
    for (const pid of removed) this.processes.delete(pid)
    if (changed.length > 0 || removed.length > 0) this.emit({ type: 'processes', changed, removed })
  }

  private flushJournal(machine: Machine): void {
    const size = machine.view.journalBytes()
    if (size === this.journalSize) return
    this.journalSize = size
    const all = machine.view.entries()
    const fresh = all.slice(this.entriesSent)
    this.entriesSent = all.length
    const rows: JournalRow[] = fresh
      .slice(-1000)
      .map(({ realtimeUsec, unit, identifier, pid, priority, message }) => ({ realtimeUsec, unit, identifier, pid, priority, message }))
    if (rows.length > 0) this.emit({ type: 'journal', entries: rows })
  }
}

function denialRow(denial: Denial, realtimeUsec: number): DenialRow {
  const { process, syscall, argument, errno, cause } = denial
  return {
    realtimeUsec,
    pid: process.pid,
    comm: process.comm,
    call: syscall,
    argument,
    errno,
    ...(typeof cause === 'string' ? {} : { cause }),
  }
}
