// One machine of one page: starts its worker, owns it among the tabs, keeps its disk, survives its death.
// Sessions live outside of React, so that switching language or pane leaves the machine alone.
import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type BootOptions,
  type BootResult,
  type ClockState,
  connectMachine,
  type MachineClient,
  type MachineEvent,
  type SavedMachine,
  type TerminalId,
  type Topic,
} from '@/lib/machine/client'
import { drop, keep, kept } from './kept'
import { afterEvent, emptyMachine, type MachineState, type MachineStatus } from './machine-state'

export type WorkerFactory = () => Worker
export type Notice =
  | { readonly kind: 'from-disk'; readonly why?: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'undone' }
  | { readonly kind: 'import-failed' }

export type TerminalRow = {
  readonly number: number
  readonly id: TerminalId | undefined
  readonly atPrompt: boolean
  readonly unread: boolean
}
export type SessionState = {
  readonly machine: MachineState
  readonly terminals: readonly TerminalRow[]
  readonly shownTerminal: number
  readonly notice: Notice | undefined
}

export type SessionOptions = {
  /** What its disk is kept under: `sandbox`, `lesson:first-service`. */
  readonly key: string
  readonly boot: Omit<BootOptions, 'saved'>
  readonly user: 'root' | 'learner'
}

const isSaved = (value: unknown): value is SavedMachine =>
  typeof value === 'object' && value !== null && 'engine' in value && 'image' in value && 'disk' in value

export class MachineSession {
  readonly options: SessionOptions
  readonly store: StoreApi<SessionState>
  client: MachineClient | undefined
  private readonly startWorker: WorkerFactory
  private readonly listeners = new Set<(event: MachineEvent) => void>()
  private release: (() => void) | undefined
  private lastTerminal = 1
  private topics: readonly Topic[] = ['units', 'jobs', 'processes']
  private readonly watched = new Map<string, readonly string[]>()
  private readonly earlierOutput = new Map<number, string>()
  private exercise: string | undefined
  private readonly connecting = new Set<number>()
  private early: MachineEvent[] = []
  private saving: Promise<unknown> = Promise.resolve()

  constructor(options: SessionOptions, startWorker: WorkerFactory) {
    this.options = options
    this.startWorker = startWorker
    this.store = createStore<SessionState>(() => ({
      machine: emptyMachine,
      terminals: [{ number: 1, id: undefined, atPrompt: false, unread: false }],
      shownTerminal: 1,
      notice: undefined,
    }))
  }

  get status(): MachineStatus {
    return this.store.getState().machine.status
  }

  listen(listener: (event: MachineEvent) => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Starts unless it runs already or another tab has it. */
  async start(takeOver = false): Promise<void> {
    if (this.status === 'starting' || this.status === 'running') return
    this.setStatus('starting')
    if (!(await this.own(takeOver))) {
      this.setStatus('elsewhere')
      return
    }
    const saved = await kept(this.machineKey, isSaved)
    await this.bootWith(saved)
  }

  /** Ends the worker; the disk stays as it was last kept. */
  stop(status: MachineStatus = 'idle'): void {
    this.client?.terminate()
    this.client = undefined
    this.release?.()
    this.release = undefined
    this.store.setState((state) => ({
      machine: { ...emptyMachine, status, exercises: state.machine.exercises },
      terminals: state.terminals.map((row) => ({ ...row, id: undefined, atPrompt: false })),
    }))
  }

  async restart(): Promise<void> {
    this.stop()
    await this.start()
  }

  /** Back to the image; `undo` brings the present state back. */
  async reset(): Promise<void> {
    const before = await this.present()
    if (before !== undefined) await keep(this.undoKey, before)
    this.stop()
    await this.saving
    await drop(this.machineKey)
    await this.start()
    this.store.setState({ notice: { kind: 'reset' } })
  }

  async undoReset(): Promise<void> {
    const before = await kept(this.undoKey, isSaved)
    if (before === undefined) return
    await this.become(before)
    await drop(this.undoKey)
    this.store.setState({ notice: { kind: 'undone' } })
  }

  async export(): Promise<SavedMachine | undefined> {
    return this.present()
  }

  async import(value: unknown): Promise<void> {
    if (isSaved(value)) await this.become(value)
    else this.store.setState({ notice: { kind: 'import-failed' } })
  }

  /** Goes on waiting for a machine that is busy. */
  keepWaiting(): void {
    if (this.status === 'stuck') this.setStatus('running')
  }

  /** Asks whether the worker still answers; a stuck one is reported, never killed unasked. */
  async look(): Promise<void> {
    const { client } = this
    if (client === undefined || this.status !== 'running') return
    const well = await client.answers(8000)
    if (!well && this.client === client && this.status === 'running') this.setStatus('stuck')
  }

  // The clock shows a choice at once; a machine that stands still sends no news of it.
  async pause(paused: boolean): Promise<void> {
    await (paused ? this.client?.pause() : this.client?.resume())
    this.patchClock({ paused })
  }

  async setSpeed(speed: number): Promise<void> {
    await this.client?.setSpeed(speed)
    this.patchClock({ speed })
  }

  private patchClock(patch: Partial<ClockState>): void {
    this.store.setState(({ machine }) =>
      machine.clock === undefined ? {} : { machine: { ...machine, clock: { ...machine.clock, ...patch } } },
    )
  }

  dismissNotice(): void {
    this.store.setState({ notice: undefined })
  }

  observe(topics: readonly Topic[]): void {
    this.topics = topics
    void this.client?.observe(topics)
  }

  /** Files and directories that one part of the page wants to hear about. */
  watchFor(part: string, paths: readonly string[]): void {
    this.watched.set(part, paths)
    void this.client?.watch(this.watchedPaths())
  }

  async begin(exercise: string): Promise<void> {
    this.exercise = exercise
    await this.client?.beginExercise(exercise)
  }

  async follow(exercise: string | undefined): Promise<void> {
    this.exercise = exercise
    await this.client?.followExercise(exercise)
  }

  // -------------------------------------------------------------- terminals

  addTerminal(): number {
    this.lastTerminal += 1
    const row: TerminalRow = { number: this.lastTerminal, id: undefined, atPrompt: false, unread: false }
    this.store.setState((state) => ({ terminals: [...state.terminals, row], shownTerminal: row.number }))
    return row.number
  }

  removeTerminal(number: number): void {
    const row = this.terminal(number)
    if (row?.id !== undefined) void this.client?.closeTerminal(row.id)
    this.store.setState((state) => {
      const terminals = state.terminals.filter((one) => one.number !== number)
      const shown = terminals.some((one) => one.number === state.shownTerminal) ? state.shownTerminal : (terminals[0]?.number ?? 1)
      return terminals.length === 0 ? state : { terminals, shownTerminal: shown }
    })
  }

  showTerminal(number: number): void {
    this.store.setState({ shownTerminal: number })
    this.patchTerminal(number, { unread: false })
  }

  terminal(number: number): TerminalRow | undefined {
    return this.store.getState().terminals.find((one) => one.number === number)
  }

  /** Opens the machine's side of a terminal once its size is known. */
  async connectTerminal(number: number, columns: number, rows: number): Promise<void> {
    const client = this.client
    if (client === undefined || this.connecting.has(number) || this.terminal(number)?.id !== undefined) return
    this.connecting.add(number)
    try {
      const id = await client.openTerminal({ columns, rows, user: this.options.user })
      if (this.client !== client) return
      this.patchTerminal(number, { id })
    } finally {
      this.connecting.delete(number)
    }
    // The first output may have come before the answer that names the terminal.
    const early = this.early
    this.early = []
    for (const event of early) this.receive(event)
  }

  patchTerminal(number: number, patch: Partial<TerminalRow>): void {
    this.store.setState((state) => ({
      terminals: state.terminals.map((row) => (row.number === number ? { ...row, ...patch } : row)),
    }))
  }

  // -------------------------------------------------------------- inside

  private watchedPaths(): readonly string[] {
    return [...new Set([...this.watched.values()].flat())]
  }

  private get machineKey(): string {
    return `machine:${this.options.key}`
  }

  private get undoKey(): string {
    return `undo:${this.options.key}`
  }

  private setStatus(status: MachineStatus, fault?: string): void {
    this.store.setState((state) => ({ machine: { ...state.machine, status, fault } }))
  }

  private async present(): Promise<SavedMachine | undefined> {
    try {
      if (this.client !== undefined && this.status === 'running') return await this.client.save()
    } catch {
      // A machine that cannot be asked is taken as it was kept.
    }
    return kept(this.machineKey, isSaved)
  }

  private async become(saved: SavedMachine): Promise<void> {
    this.stop()
    await this.saving
    await keep(this.machineKey, saved)
    await this.start()
  }

  private async bootWith(saved: SavedMachine | undefined): Promise<void> {
    let client: MachineClient
    try {
      client = connectMachine(this.startWorker())
    } catch (error) {
      this.setStatus('unavailable', error instanceof Error ? error.message : String(error))
      return
    }
    this.client = client
    client.listen((event) => {
      if (this.client === client) this.receive(event)
    })
    try {
      const result = await client.boot({ ...this.options.boot, ...(saved === undefined ? {} : { saved }) })
      if (this.client !== client) return
      this.attach(result.terminals ?? [])
      await client.observe(this.topics)
      await client.watch(this.watchedPaths())
      if (this.exercise !== undefined) await client.followExercise(this.exercise)
      this.setStatus('running')
      if (result.restored === 'disk')
        this.store.setState({ notice: { kind: 'from-disk', ...(result.why === undefined ? {} : { why: result.why }) } })
    } catch (error) {
      if (this.client === client) this.setStatus('crashed', error instanceof Error ? error.message : String(error))
    }
  }

  /** Terminals of a replayed machine take the places of the page's own. */
  private attach(terminals: NonNullable<BootResult['terminals']>): void {
    this.earlierOutput.clear()
    if (terminals.length === 0) return
    const rows = terminals.map(({ id, output }, index): TerminalRow => {
      this.earlierOutput.set(index + 1, output)
      return { number: index + 1, id, atPrompt: true, unread: false }
    })
    this.lastTerminal = Math.max(this.lastTerminal, rows.length)
    this.store.setState({ terminals: rows, shownTerminal: 1 })
  }

  /** What a terminal had printed before this page knew it; told once. */
  takeEarlierOutput(number: number): string {
    const output = this.earlierOutput.get(number) ?? ''
    this.earlierOutput.delete(number)
    return output
  }

  private receive(event: MachineEvent): void {
    if (event.type === 'save') {
      this.saving = keep(this.machineKey, event.saved)
      return
    }
    if (event.type === 'fault' && event.saved !== undefined) this.saving = keep(this.machineKey, event.saved)
    if ('terminal' in event && this.connecting.size > 0 && !this.store.getState().terminals.some((row) => row.id === event.terminal)) {
      this.early.push(event)
      return
    }
    if (event.type === 'terminal-state' || event.type === 'terminal-closed') {
      const row = this.store.getState().terminals.find((one) => one.id === event.terminal)
      if (row !== undefined && event.type === 'terminal-state') this.patchTerminal(row.number, { atPrompt: event.atPrompt })
      if (row !== undefined && event.type === 'terminal-closed') this.patchTerminal(row.number, { id: undefined, atPrompt: false })
    }
    const { machine } = this.store.getState()
    const next = afterEvent(machine, event)
    if (next !== machine) this.store.setState({ machine: next })
    for (const listener of [...this.listeners]) listener(event)
  }

  /** One tab owns a machine. Resolves false when another has it and we may not take over. */
  private own(takeOver: boolean): Promise<boolean> {
    if (navigator.locks === undefined) return Promise.resolve(true)
    return new Promise((resolve) => {
      const options: LockOptions = takeOver ? { steal: true } : { ifAvailable: true }
      navigator.locks
        .request(`unitlab:${this.options.key}`, options, (lock) => {
          if (lock === null) {
            resolve(false)
            return undefined
          }
          return new Promise<void>((done) => {
            this.release = done
            resolve(true)
          })
        })
        .catch(() => {
          // Another tab took it over.
          this.release = undefined
          this.stop('elsewhere')
          resolve(false)
        })
    })
  }
}
