// After org.freedesktop.systemd1(5): the methods of the manager object, by their D-Bus names.
// Differences to D-Bus: units are named by their id, jobs by their number; settings of transient units are unit-file text.
import type { Properties, Value } from './protocol'

export const jobModes = [
  'fail',
  'lenient',
  'replace',
  'replace-irreversibly',
  'isolate',
  'flush',
  'ignore-dependencies',
  'ignore-requirements',
  'triggering',
  'restart-dependencies',
] as const
export type JobMode = (typeof jobModes)[number]

export type ListedUnit = {
  readonly id: string
  readonly description: string
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
  /** The unit whose state this one follows (devices), or ''. */
  readonly following: string
  readonly jobId: number
  readonly jobType: string
}
export type ListedJob = { readonly id: number; readonly unit: string; readonly type: string; readonly state: string }
export type UnitFile = { readonly path: string; readonly state: string }
/** What install did: `symlink`, `unlink`, `dangling`, `masked`, `auxiliary-failed`, … as the D-Bus reply has it. */
export type UnitFileChange = { readonly type: string; readonly path: string; readonly source: string }
export type UnitProcess = { readonly path: string; readonly pid: number; readonly command: string }
/** One setting as a unit file writes it: `{ name: 'ExecStart', value: '/bin/sleep 5' }`; the manager knows the section. */
export type Setting = { readonly name: string; readonly value: string }
export type EnableFlags = { readonly runtime?: boolean; readonly force?: boolean; readonly portable?: boolean }
export type Changes = { readonly carriesInstallInfo: boolean; readonly changes: readonly UnitFileChange[] }

/** member: [arguments, result] */
export type ManagerMethods = {
  GetUnit: [args: [name: string], result: string]
  GetUnitByPID: [args: [pid: number], result: string]
  GetUnitByInvocationID: [args: [id: string], result: string]
  LoadUnit: [args: [name: string], result: string]
  StartUnit: [args: [name: string, mode: JobMode], result: number]
  StopUnit: [args: [name: string, mode: JobMode], result: number]
  ReloadUnit: [args: [name: string, mode: JobMode], result: number]
  RestartUnit: [args: [name: string, mode: JobMode], result: number]
  TryRestartUnit: [args: [name: string, mode: JobMode], result: number]
  ReloadOrRestartUnit: [args: [name: string, mode: JobMode], result: number]
  ReloadOrTryRestartUnit: [args: [name: string, mode: JobMode], result: number]
  /** The job and the other jobs of its transaction. */
  EnqueueUnitJob: [args: [name: string, type: string, mode: JobMode], result: { id: number; affected: readonly ListedJob[] }]
  KillUnit: [args: [name: string, whom: string, signal: number], result: undefined]
  QueueSignalUnit: [args: [name: string, whom: string, signal: number, value: number], result: undefined]
  CleanUnit: [args: [name: string, what: readonly string[]], result: undefined]
  FreezeUnit: [args: [name: string], result: undefined]
  ThawUnit: [args: [name: string], result: undefined]
  ResetFailedUnit: [args: [name: string], result: undefined]
  ResetFailed: [args: [], result: undefined]
  SetUnitProperties: [args: [name: string, runtime: boolean, settings: readonly Setting[]], result: undefined]
  StartTransientUnit: [
    args: [
      name: string,
      mode: JobMode,
      settings: readonly Setting[],
      aux: readonly { readonly name: string; readonly settings: readonly Setting[] }[],
    ],
    result: number,
  ]
  GetUnitProcesses: [args: [name: string], result: readonly UnitProcess[]]
  AttachProcessesToUnit: [args: [name: string, subgroup: string, pids: readonly number[]], result: undefined]
  RefUnit: [args: [name: string], result: undefined]
  UnrefUnit: [args: [name: string], result: undefined]
  ListUnits: [args: [], result: readonly ListedUnit[]]
  ListUnitsByPatterns: [args: [states: readonly string[], patterns: readonly string[]], result: readonly ListedUnit[]]
  ListUnitsByNames: [args: [names: readonly string[]], result: readonly ListedUnit[]]
  ListUnitFilesByPatterns: [args: [states: readonly string[], patterns: readonly string[]], result: readonly UnitFile[]]
  ListJobs: [args: [], result: readonly ListedJob[]]
  GetJobBefore: [args: [id: number], result: readonly ListedJob[]]
  GetJobAfter: [args: [id: number], result: readonly ListedJob[]]
  CancelJob: [args: [id: number], result: undefined]
  ClearJobs: [args: [], result: undefined]
  Subscribe: [args: [], result: undefined]
  Unsubscribe: [args: [], result: undefined]
  GetUnitFileState: [args: [name: string], result: string]
  EnableUnitFilesWithFlags: [args: [files: readonly string[], flags: EnableFlags], result: Changes]
  DisableUnitFilesWithFlags: [args: [files: readonly string[], flags: EnableFlags], result: Changes]
  ReenableUnitFiles: [args: [files: readonly string[], runtime: boolean, force: boolean], result: Changes]
  LinkUnitFiles: [args: [files: readonly string[], runtime: boolean, force: boolean], result: Changes]
  PresetUnitFilesWithMode: [args: [files: readonly string[], mode: string, runtime: boolean, force: boolean], result: Changes]
  PresetAllUnitFiles: [args: [mode: string, runtime: boolean, force: boolean], result: Changes]
  MaskUnitFiles: [args: [files: readonly string[], runtime: boolean, force: boolean], result: Changes]
  UnmaskUnitFiles: [args: [files: readonly string[], runtime: boolean], result: Changes]
  RevertUnitFiles: [args: [files: readonly string[]], result: Changes]
  AddDependencyUnitFiles: [
    args: [files: readonly string[], target: string, type: string, runtime: boolean, force: boolean],
    result: Changes,
  ]
  SetDefaultTarget: [args: [name: string, force: boolean], result: Changes]
  GetDefaultTarget: [args: [], result: string]
  Reload: [args: [], result: undefined]
  Reexecute: [args: [], result: undefined]
  Exit: [args: [], result: undefined]
  SetExitCode: [args: [code: number], result: undefined]
  Reboot: [args: [], result: undefined]
  SoftReboot: [args: [root: string], result: undefined]
  PowerOff: [args: [], result: undefined]
  Halt: [args: [], result: undefined]
  KExec: [args: [], result: undefined]
  SetEnvironment: [args: [assignments: readonly string[]], result: undefined]
  UnsetEnvironment: [args: [names: readonly string[]], result: undefined]
  UnsetAndSetEnvironment: [args: [names: readonly string[], assignments: readonly string[]], result: undefined]
  SetLogLevel: [args: [level: string], result: undefined]
  SetLogTarget: [args: [target: string], result: undefined]
  SetServiceWatchdogs: [args: [on: boolean], result: undefined]
  SetUnitLogLevel: [args: [name: string, level: number], result: undefined]
  Dump: [args: [], result: string]
  /** org.freedesktop.DBus.Properties.GetAll on a unit ('' is the manager), properties in the order of the vtables. */
  GetAll: [args: [unit: string, interfaceName: string], result: Properties]
}
export type ManagerMember = keyof ManagerMethods
export type Arguments<Member extends ManagerMember> = ManagerMethods[Member][0]
export type Result<Member extends ManagerMember> = ManagerMethods[Member][1]

/** Signals that arrive after `Subscribe`. */
export type ManagerSignal =
  | { readonly signal: 'JobNew'; readonly id: number; readonly unit: string }
  /** result: done, canceled, timeout, failed, dependency, skipped, invalid, assert, unsupported, collected, once, frozen */
  | { readonly signal: 'JobRemoved'; readonly id: number; readonly unit: string; readonly result: string }
  | { readonly signal: 'UnitNew' | 'UnitRemoved'; readonly unit: string }
  | { readonly signal: 'Reloading'; readonly active: boolean }
  | { readonly signal: 'PropertiesChanged'; readonly unit: string; readonly activeState: string; readonly subState: string }

export function signalArguments(signal: ManagerSignal): readonly Value[] {
  return [signal]
}
