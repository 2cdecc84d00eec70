// What crosses the border between a page and the machine in its worker: plain data only, safe to clone.
// Requests are the methods of `MachineHost`, answered in order; everything else arrives as a `MachineEvent`.
import type { FileKind, Usec } from '@/lib/base'

// ---------------------------------------------------------------- boot

export type ImageName = 'lab' | 'bare'
/** A file laid over the image before boot. Missing parents are made. */
export type PlacedFile = {
  readonly path: string
  readonly content: string | Uint8Array
  /** Permission bits; 0644 when absent. */
  readonly mode?: number
  /** A user's name; root when absent. */
  readonly owner?: string
}
/** Written by the host, kept by the page, understood by the host alone. */
export type SavedMachine = {
  readonly engine: string
  readonly image: string
  /** Realtime of the machine when it was saved. */
  readonly realtimeUsec: Usec
  readonly disk: unknown
  readonly log: unknown
}
export type BootOptions = {
  readonly image: ImageName
  readonly files?: readonly PlacedFile[]
  /** Command lines that root runs after boot, before the learner's first prompt. */
  readonly commands?: readonly string[]
  readonly seed?: number
  /** Wall clock at boot; the image's own day when absent. */
  readonly realtimeUsec?: Usec
  readonly saved?: SavedMachine
}
/** `replayed`: the processes are back. `disk`: files are here, processes were restarted. */
export type BootResult = {
  readonly restored: 'fresh' | 'replayed' | 'disk'
  readonly why?: string
  /** Terminals that came back with a replay, with what they had printed (the last part of it). */
  readonly terminals?: readonly { readonly id: TerminalId; readonly output: string }[]
}

// ---------------------------------------------------------------- terminals

export type TerminalId = number
export type TerminalOptions = { readonly columns: number; readonly rows: number; readonly user?: 'root' | 'learner' }

// ---------------------------------------------------------------- files

export type DirectoryRow = {
  readonly name: string
  readonly kind: FileKind
  readonly mode: number
  readonly size: number
  /** Of a symbolic link. */
  readonly target?: string
}
/** Changes whenever content does. */
export type FileVersion = string
export type FileContent = {
  readonly bytes: Uint8Array
  readonly mode: number
  readonly owner: string
  readonly group: string
  readonly version: FileVersion
}
/** As an errno: `ENOENT`, with the words of strerror(3). `ESTALE`: changed since the version that was expected. */
export type FileFailure = { readonly errno: string; readonly message: string }
export const isFileFailure = (answer: unknown): answer is FileFailure => typeof answer === 'object' && answer !== null && 'errno' in answer

// ---------------------------------------------------------------- state

/** What a page asks to be told of; nothing else is sent. */
export type Topic = 'units' | 'jobs' | 'processes' | 'journal' | 'denials'

export type UnitRow = {
  readonly id: string
  readonly description: string
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
  readonly mainPid: number
  readonly result: string
  readonly restarts: number
  /** Realtime at which the active state last changed. */
  readonly sinceUsec: Usec
}
export type JobRow = { readonly id: number; readonly unit: string; readonly type: string; readonly state: string }
export type ProcessRow = {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  readonly comm: string
  readonly command: string
  readonly user: string
  /** Letter of ps: R S D T Z. */
  readonly state: string
  /** `pts/0`, or empty. */
  readonly tty: string
  readonly unit: string
  readonly memory: number
}
export type JournalRow = {
  readonly realtimeUsec: Usec
  readonly unit: string
  readonly identifier: string
  readonly pid: number
  readonly priority: number
  readonly message: string
}
export type DenialRow = {
  readonly realtimeUsec: Usec
  readonly pid: number
  readonly comm: string
  readonly call: string
  readonly argument: string
  readonly errno: string
  readonly cause?: { readonly unit: string; readonly directive: string; readonly file?: string; readonly line?: number }
}
export type ClockState = {
  readonly realtimeUsec: Usec
  readonly monotonicUsec: Usec
  readonly paused: boolean
  /** Virtual seconds to a real one. */
  readonly speed: number
  /** What the clock would jump to, as realtime; undefined when nothing is planned. */
  readonly nextEventUsec?: Usec
}

// ---------------------------------------------------------------- exercises

/** Words in each language of the site. */
export type Words = { readonly en: string; readonly ko: string }
export type CheckState = 'waiting' | 'checking' | 'passed' | 'failed'
export type CheckProgress = {
  readonly id: string
  readonly kind: 'look' | 'act'
  readonly goal: Words
  readonly state: CheckState
  readonly saw?: Words
  /** Shown on request. */
  readonly hint?: Words
}
export type ExerciseProgress = {
  readonly id: string
  readonly checks: readonly CheckProgress[]
  readonly passed: boolean
  /** A checking run is under way. */
  readonly busy: boolean
  /** A recognised mistake: its hint is more specific than a check's. */
  readonly mistakes: readonly { readonly id: string; readonly words: Words }[]
  /** What a reviewer would still say of a passing answer. */
  readonly review: readonly Words[]
}

// ---------------------------------------------------------------- the two directions

export type MachineEvent =
  /** Output of one terminal, batched. */
  | { readonly type: 'output'; readonly terminal: TerminalId; readonly data: string }
  /** `atPrompt`: the shell waits for a line. `status`: of the command that ended just now. */
  | { readonly type: 'terminal-state'; readonly terminal: TerminalId; readonly atPrompt: boolean; readonly status?: number }
  | { readonly type: 'terminal-closed'; readonly terminal: TerminalId }
  /** A watched file or directory changed; no version: it is gone (or moved to `movedTo`). */
  | { readonly type: 'file-changed'; readonly path: string; readonly version?: FileVersion; readonly movedTo?: string }
  /** nano, vi or systemctl edit asks for the page's editor; the program waits until `editorClosed`. */
  | { readonly type: 'open-in-editor'; readonly path: string; readonly line?: number }
  | { readonly type: 'clock'; readonly clock: ClockState }
  | { readonly type: 'units'; readonly changed: readonly UnitRow[]; readonly removed: readonly string[] }
  | { readonly type: 'jobs'; readonly jobs: readonly JobRow[] }
  | { readonly type: 'processes'; readonly changed: readonly ProcessRow[]; readonly removed: readonly number[] }
  | { readonly type: 'journal'; readonly entries: readonly JournalRow[] }
  | { readonly type: 'denials'; readonly denials: readonly DenialRow[] }
  | { readonly type: 'exercise'; readonly exercise: ExerciseProgress }
  /** The machine went down (`poweroff`) or boots anew (`reboot`). */
  | { readonly type: 'power'; readonly state: 'off' | 'booting' | 'on' }
  /** After a quiet moment: keep this. */
  | { readonly type: 'save'; readonly saved: SavedMachine }
  /** A fault of ours; the machine stands still, `saved` is what could be rescued. */
  | { readonly type: 'fault'; readonly message: string; readonly stack?: string; readonly saved?: SavedMachine }

export type Answer<T> = T | Promise<T>

/** What the worker does for a page. A thrown error is a fault of ours; what Linux refuses is a `FileFailure`. */
export interface MachineHost {
  boot(options: BootOptions): Answer<BootResult>
  /** Sends the whole of these topics once as a patch, then changes only. Replaces the earlier list. */
  observe(topics: readonly Topic[]): Answer<void>
  save(): Answer<SavedMachine>

  openTerminal(options: TerminalOptions): Answer<TerminalId>
  closeTerminal(terminal: TerminalId): Answer<void>
  input(terminal: TerminalId, data: string): Answer<void>
  resize(terminal: TerminalId, columns: number, rows: number): Answer<void>
  /** The page has shown this many UTF-16 units; the host holds back when more than 256 Ki are on their way. */
  acknowledge(terminal: TerminalId, length: number): Answer<void>

  listDirectory(path: string): Answer<readonly DirectoryRow[] | FileFailure>
  readFile(path: string): Answer<FileContent | FileFailure>
  /** As root into the same inode, owner and mode kept; makes the file when absent. `expected`: refuse with ESTALE when it changed since. */
  writeFile(path: string, bytes: Uint8Array, expected?: FileVersion): Answer<{ readonly version: FileVersion } | FileFailure>
  makeDirectory(path: string): Answer<FileFailure | undefined>
  rename(from: string, to: string): Answer<FileFailure | undefined>
  remove(path: string): Answer<FileFailure | undefined>
  setMode(path: string, mode: number): Answer<FileFailure | undefined>
  /** Files and directories whose changes are told. Replaces the earlier list. */
  watch(paths: readonly string[]): Answer<void>
  editorClosed(path: string): Answer<void>

  pause(): Answer<void>
  resume(): Answer<void>
  setSpeed(speed: number): Answer<void>
  /** Runs a span of virtual time at once. */
  skipBy(usec: Usec): Answer<void>
  skipToNextEvent(): Answer<void>

  /** Lays an exercise's start over the machine (files, then steps) and follows it. */
  beginExercise(id: string): Answer<void>
  /** Follows an exercise that was begun; its progress arrives as events. `undefined`: none. */
  followExercise(id: string | undefined): Answer<void>
  /** Runs its act checks on a copy now. */
  check(id: string): Answer<ExerciseProgress>
}

/** The unit-file language over the machine's own files: a method of `UnitLanguage` (lib/language) and its arguments. */
export interface LanguageDoor {
  askLanguage(asker: LanguageAsker, method: string, args: readonly unknown[]): Answer<unknown>
}
export type LanguageAsker = {
  /** In which language to explain. */
  readonly language: 'en' | 'ko'
  /** Version of systemd that the files must work with. */
  readonly target: number
}

export type PageHost = MachineHost & LanguageDoor
export type HostMethod = keyof PageHost
export type Request = { readonly id: number; readonly method: HostMethod; readonly args: readonly unknown[] }
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly stack?: string } }
export type FromHost = Response | { readonly event: MachineEvent }

/** The part of a Worker, MessagePort or worker scope that both sides use. */
export type Channel = {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}
