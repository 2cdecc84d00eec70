// A machine for one page: paced by real time, watched, saved. It knows no exercises; lib/exercise adds them.
import { isErrno, type Errno } from '@/lib/kernel'
import { Pace } from './host-pace'
import { StatePatches } from './host-state'
import { fileVersion, isSavedLab, restoreLab, saveLab } from './host-save'
import { bootLab } from './lab'
import { LoginSession } from './login-session'
import type { Machine } from './machine'
import type {
  BootOptions,
  BootResult,
  ClockState,
  DirectoryRow,
  FileContent,
  FileFailure,
  FileVersion,
  MachineEvent,
  MachineHost,
  SavedMachine,
  TerminalId,
  TerminalOptions,
  Topic,
} from './protocol'

const HELD_UNITS = 256 * 1024
const SAVE_AFTER_MS = 1_500
const CLOCK_EVERY_MS = 250

const failure = (errno: Errno): FileFailure => ({ errno: errno.name, message: errno.message })
const missing: FileFailure = { errno: 'ENOENT', message: 'No such file or directory' }

/** What exercises need of a host beside the protocol. */
export type MachineAccess = {
  readonly machine: () => Machine | undefined
  /** Called after each stretch of running. */
  onRan: () => void
}

export type HostWithoutExercises = Omit<MachineHost, 'beginExercise' | 'followExercise' | 'check'>

export function createMachineHost(emit: (event: MachineEvent) => void): {
  readonly host: HostWithoutExercises
  readonly access: MachineAccess
} {
  let machine: Machine | undefined
  let stopListening: (() => void)[] = []
  const decoders = new Map<TerminalId, TextDecoder>()
  const pending = new Map<TerminalId, string>()
  const inFlight = new Map<TerminalId, number>()
  const prompts = new Map<TerminalId, boolean>()
  let watched: readonly string[] = []
  const versions = new Map<string, FileVersion | undefined>()
  let changedAtMs: number | undefined
  let savedSerial = -1
  let lastClockMs = 0
  const patches = new StatePatches(emit)
  const access: { machine: () => Machine | undefined; onRan: () => void } = { machine: () => machine, onRan: () => {} }

  const clockState = (): ClockState => {
    const next = machine === undefined ? Number.POSITIVE_INFINITY : machine.nextAlarmUsec - machine.monotonicUsec + machine.realtimeUsec
    return {
      realtimeUsec: machine?.realtimeUsec ?? 0,
      monotonicUsec: machine?.monotonicUsec ?? 0,
      paused: pace.isPaused,
      speed: pace.speed,
      ...(Number.isFinite(next) ? { nextEventUsec: next } : {}),
    }
  }

  const versionOf = (path: string): FileVersion | undefined => (machine === undefined ? undefined : fileVersion(machine, path))

  function flushOutput(): void {
    for (const [terminal, data] of pending) {
      if (data === '') continue
      const held = inFlight.get(terminal) ?? 0
      if (held > HELD_UNITS) continue
      inFlight.set(terminal, held + data.length)
      pending.set(terminal, '')
      emit({ type: 'output', terminal, data })
    }
  }

  function flushPrompts(one: Machine): void {
    for (const terminal of decoders.keys()) {
      const atPrompt = one.isAtPrompt(terminal)
      if (prompts.get(terminal) === atPrompt) continue
      prompts.set(terminal, atPrompt)
      emit({ type: 'terminal-state', terminal, atPrompt })
    }
  }

  function flushWatched(): void {
    for (const path of watched) {
      const version = versionOf(path)
      if (versions.has(path) && versions.get(path) === version) continue
      const first = !versions.has(path)
      versions.set(path, version)
      if (!first) emit({ type: 'file-changed', path, ...(version === undefined ? {} : { version }) })
    }
  }

  const afterRun = (): void => {
    if (machine === undefined) return
    const now = performance.now()
    flushOutput()
    flushPrompts(machine)
    flushWatched()
    patches.flush(machine, now)
    if (now - lastClockMs >= CLOCK_EVERY_MS) {
      lastClockMs = now
      emit({ type: 'clock', clock: clockState() })
    }
    const serial = machine.inputCount
    if (serial !== savedSerial) {
      savedSerial = serial
      changedAtMs = now
    }
    if (changedAtMs !== undefined && now - changedAtMs > SAVE_AFTER_MS) {
      changedAtMs = undefined
      emit({ type: 'save', saved: saveLab(machine) })
    }
    access.onRan()
  }

  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      pace.stop()
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      const saved = machine === undefined ? undefined : saveLab(machine)
      emit({ type: 'fault', message, ...(stack === undefined ? {} : { stack }), ...(saved === undefined ? {} : { saved }) })
    }
  }

  const pace: Pace = new Pace(
    () =>
      machine === undefined
        ? undefined
        : {
            monotonicUsec: machine.monotonicUsec,
            nextAlarmUsec: machine.nextAlarmUsec,
            isIdle: machine.isIdle,
            advanceBy: (usec) => guarded(() => machine?.advanceBy(usec)),
          },
    () => guarded(afterRun),
  )

  function use(next: Machine): void {
    for (const stop of stopListening) stop()
    machine = next
    patches.forget()
    versions.clear()
    stopListening = [
      patches.listen(next),
      next.events.listen((event) => {
        if (event.type === 'output' && decoders.has(event.terminal)) {
          pending.set(
            event.terminal,
            (pending.get(event.terminal) ?? '') + (decoders.get(event.terminal)?.decode(event.data, { stream: true }) ?? ''),
          )
        } else if (event.type === 'terminal-closed' && decoders.has(event.terminal)) {
          flushOutput()
          decoders.delete(event.terminal)
          emit({ type: 'terminal-closed', terminal: event.terminal })
        } else if (event.type === 'rebooted') {
          patches.forget()
          emit({ type: 'power', state: 'on' })
        } else if (event.type === 'off') emit({ type: 'power', state: 'off' })
        else if (event.type === 'kernel' && event.event.type === 'power')
          emit({ type: 'power', state: event.event.how === 'restart' ? 'booting' : 'off' })
        else if (event.type === 'kernel' && event.event.type === 'fault')
          console.error(`a program of the machine failed: ${event.event.comm}: ${event.event.message}\n${event.event.stack}`)
      }),
    ]
  }

  function ready(): Machine {
    if (machine === undefined) throw new Error('the machine is not booted')
    pace.catchUp()
    return machine
  }

  function disk(work: (one: Machine) => number | Errno): FileFailure | undefined {
    const done = work(ready())
    pace.nudge()
    return isErrno(done) ? failure(done) : undefined
  }

  const host: HostWithoutExercises = {
    boot(options: BootOptions): BootResult {
      const restored = isSavedLab(options.saved) ? restoreLab(options.saved) : undefined
      use(
        restored?.machine ??
          bootLab({
            ...(options.realtimeUsec === undefined ? {} : { bootUsec: options.realtimeUsec }),
            ...(options.seed === undefined ? {} : { seed: options.seed }),
          }),
      )
      if (restored === undefined && machine !== undefined) {
        for (const file of options.files ?? [])
          machine.input({
            kind: 'write-file',
            path: file.path,
            content: file.content,
            ...(file.mode === undefined ? {} : { mode: file.mode }),
            ...(file.owner === undefined ? {} : { owner: file.owner }),
          })
        if (options.commands !== undefined && options.commands.length > 0) {
          const session = new LoginSession(machine, 'root')
          for (const line of options.commands) session.run(line)
          session.close()
        }
      }
      emit({ type: 'power', state: 'on' })
      pace.start()
      return restored === undefined
        ? { restored: 'fresh' }
        : { restored: restored.how, ...(restored.why === undefined ? {} : { why: restored.why }) }
    },
    observe(topics: readonly Topic[]): void {
      patches.observe(topics)
      pace.nudge()
    },
    save(): SavedMachine {
      return saveLab(ready())
    },

    openTerminal({ columns, rows, user }: TerminalOptions): TerminalId {
      const one = ready()
      const terminal = one.openTerminal(user ?? 'root', columns, rows)
      decoders.set(terminal, new TextDecoder())
      pace.nudge()
      return terminal
    },
    closeTerminal(terminal: TerminalId): void {
      decoders.delete(terminal)
      pending.delete(terminal)
      ready().input({ kind: 'close-terminal', terminal })
      pace.nudge()
    },
    input(terminal: TerminalId, data: string): void {
      ready().input({ kind: 'type', terminal, data })
      pace.nudge()
    },
    resize(terminal: TerminalId, columns: number, rows: number): void {
      ready().input({ kind: 'resize', terminal, columns, rows })
      pace.nudge()
    },
    acknowledge(terminal: TerminalId, length: number): void {
      inFlight.set(terminal, Math.max(0, (inFlight.get(terminal) ?? 0) - length))
      flushOutput()
    },

    listDirectory(path: string): readonly DirectoryRow[] | FileFailure {
      const { reader } = ready().view
      const names = reader.readDirectory(path)
      if (names === undefined) return missing
      return names.flatMap((name): DirectoryRow[] => {
        const full = path === '/' ? `/${name}` : `${path}/${name}`
        const status = reader.linkStatus(full)
        const target = status?.kind === 'symlink' ? reader.readLink(full) : undefined
        return status === undefined
          ? []
          : [{ name, kind: status.kind, mode: status.mode, size: status.size, ...(target === undefined ? {} : { target }) }]
      })
    },
    readFile(path: string): FileContent | FileFailure {
      const file = ready().view.file(path)
      const version = versionOf(path)
      if (file === undefined || version === undefined) return missing
      if (file.kind === 'directory') return { errno: 'EISDIR', message: 'Is a directory' }
      return { bytes: file.bytes, mode: file.mode, owner: file.owner, group: file.group, version }
    },
    writeFile(path: string, bytes: Uint8Array, expected?: FileVersion): { readonly version: FileVersion } | FileFailure {
      if (expected !== undefined && versionOf(path) !== expected) return { errno: 'ESTALE', message: 'Changed on disk since it was read' }
      const refused = disk((one) => one.input({ kind: 'write-file', path, content: bytes }))
      if (refused !== undefined) return refused
      const version = versionOf(path) ?? ''
      versions.set(path, version)
      return { version }
    },
    makeDirectory: (path: string) => disk((one) => one.input({ kind: 'make-directory', path })),
    rename: (from: string, to: string) => disk((one) => one.input({ kind: 'rename', from, to })),
    remove: (path: string) => disk((one) => one.input({ kind: 'remove', path })),
    setMode: (path: string, mode: number) => disk((one) => one.input({ kind: 'set-mode', path, mode })),
    watch(paths: readonly string[]): void {
      watched = paths
      for (const path of [...versions.keys()]) if (!paths.includes(path)) versions.delete(path)
      for (const path of paths) if (!versions.has(path)) versions.set(path, versionOf(path))
    },
    editorClosed(): void {},

    pause: () => pace.pause(),
    resume: () => pace.resume(),
    setSpeed: (speed: number) => pace.setSpeed(Math.min(Math.max(speed, 0.1), 3600)),
    async skipBy(usec: number): Promise<void> {
      const one = ready()
      // In pieces, so that a long skip shows its progress and input still gets in.
      const parts = Math.min(100, Math.max(1, Math.ceil(usec / 3_600_000_000)))
      for (let part = 0; part < parts; part++) {
        guarded(() => one.advanceBy(usec / parts))
        lastClockMs = 0
        guarded(afterRun)
        await new Promise((done) => setTimeout(done, 0))
      }
    },
    skipToNextEvent(): void {
      const one = ready()
      if (Number.isFinite(one.nextAlarmUsec)) guarded(() => one.advanceTo(one.nextAlarmUsec))
      lastClockMs = 0
      guarded(afterRun)
    },
  }
  return { host, access }
}
