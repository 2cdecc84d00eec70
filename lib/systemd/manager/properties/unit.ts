// org.freedesktop.systemd1.Unit: the properties that every unit has, in the order of its table.
import type { Properties, Value } from '../../bus'
import { presetOf, readPresets, unitFileState } from '../../install'
import { cgroupSectionOf } from '../../cgroup'
import type { DependencyType } from '../dependency'
import { pathsOf } from '../methods-files'
import type { Timestamp, Unit } from '../unit'
import { unitFileChanged } from '../unit-load'

export function stamp(name: string, value: Timestamp): Record<string, Value> {
  return { [name]: value.realtimeUsec, [`${name}Monotonic`]: value.monotonicUsec }
}

const ids = (unit: Unit, type: DependencyType): readonly string[] => [...unit.dependenciesOfType(type).keys()].map((other) => other.id)

const dependencyNames = [
  'Requires',
  'Requisite',
  'Wants',
  'BindsTo',
  'PartOf',
  'Upholds',
  'RequiredBy',
  'RequisiteOf',
  'WantedBy',
  'BoundBy',
  'UpheldBy',
  'ConsistsOf',
  'Conflicts',
  'ConflictedBy',
  'Before',
  'After',
  'OnSuccess',
  'OnSuccessOf',
  'OnFailure',
  'OnFailureOf',
  'Triggers',
  'TriggeredBy',
  'PropagatesReloadTo',
  'ReloadPropagatedFrom',
  'PropagatesStopTo',
  'StopPropagatedFrom',
  'JoinsNamespaceOf',
  'SliceOf',
] as const satisfies readonly DependencyType[]

function fileState(unit: Unit): string {
  if (unit.fragmentPath === '' && unit.loadState !== 'masked') return ''
  const state = unitFileState(unit.manager.reader, pathsOf(unit.manager), unit.id)
  return state === 'not-found' ? '' : state
}

function preset(unit: Unit): string {
  if (unit.fragmentPath === '') return ''
  const { manager } = unit
  const { action } = presetOf(readPresets(manager.reader, pathsOf(manager)), unit.id)
  return action === 'disable' ? 'disabled' : action === 'ignore' ? 'ignored' : 'enabled'
}

export function unitProperties(unit: Unit): Properties {
  const { Unit: section } = unit.config
  const dependencies = Object.fromEntries(dependencyNames.map((name) => [name, ids(unit, name)]))
  const conditions = (list: typeof section.Conditions, states: readonly number[], word: string): Value =>
    list.map(({ type, trigger, negate, parameter }, index) => ({
      name: `${word}${type}`,
      trigger,
      negate,
      parameter,
      result: states[index] ?? 0,
    }))
  return {
    Id: unit.id,
    Names: [...unit.names],
    Following: unit.following()?.id ?? '',
    ...dependencies,
    RequiresMountsFor: [...unit.requiredMounts],
    WantsMountsFor: [...unit.wantedMounts],
    Documentation: section.Documentation,
    Description: unit.description(),
    AccessSELinuxContext: '',
    LoadState: unit.loadState,
    ActiveState: unit.activeState(),
    FreezerState: unit.freezerState,
    SubState: unit.subState(),
    FragmentPath: unit.fragmentPath,
    SourcePath: unit.sourcePath,
    DropInPaths: unit.dropInPaths,
    UnitFileState: fileState(unit),
    UnitFilePreset: preset(unit),
    ...stamp('StateChangeTimestamp', unit.stateChange),
    ...stamp('InactiveExitTimestamp', unit.inactiveExit),
    ...stamp('ActiveEnterTimestamp', unit.activeEnter),
    ...stamp('ActiveExitTimestamp', unit.activeExit),
    ...stamp('InactiveEnterTimestamp', unit.inactiveEnter),
    CanStart: unit.canStart() && !section.RefuseManualStart,
    CanStop: unit.canStop() && !section.RefuseManualStop,
    CanReload: unit.canReload(),
    CanIsolate: section.AllowIsolate && !section.RefuseManualStart,
    CanClean: canClean(unit),
    CanFreeze:
      unit.vtable.hasCgroup === true &&
      unit.id !== '-.slice' &&
      unit.id !== 'init.scope' &&
      unit.type !== 'mount' &&
      unit.type !== 'swap' &&
      unit.type !== 'socket',
    CanLiveMount: false,
    Job: unit.job?.id ?? 0,
    StopWhenUnneeded: section.StopWhenUnneeded,
    RefuseManualStart: section.RefuseManualStart,
    RefuseManualStop: section.RefuseManualStop,
    AllowIsolate: section.AllowIsolate,
    DefaultDependencies: section.DefaultDependencies,
    SurviveFinalKillSignal: section.SurviveFinalKillSignal,
    OnSuccessJobMode: section.OnSuccessJobMode,
    OnFailureJobMode: section.OnFailureJobMode,
    IgnoreOnIsolate: section.IgnoreOnIsolate,
    NeedDaemonReload: unitFileChanged(unit),
    Markers: [],
    JobTimeoutUSec: section.JobTimeoutSec,
    JobRunningTimeoutUSec: section.JobRunningTimeoutSec,
    JobTimeoutAction: section.JobTimeoutAction,
    JobTimeoutRebootArgument: section.JobTimeoutRebootArgument,
    ConditionResult: unit.conditionResult,
    AssertResult: unit.assertResult,
    ...stamp('ConditionTimestamp', unit.conditionTimestamp),
    ...stamp('AssertTimestamp', unit.assertTimestamp),
    Conditions: conditions(section.Conditions, unit.conditionStates, 'Condition'),
    Asserts: conditions(section.Asserts, unit.assertStates, 'Assert'),
    LoadError: unit.loadError === undefined ? { name: '', message: '' } : { ...unit.loadError },
    Transient: unit.transient,
    Perpetual: unit.perpetual,
    StartLimitIntervalUSec: section.StartLimitIntervalSec,
    StartLimitBurst: section.StartLimitBurst,
    StartLimitAction: section.StartLimitAction,
    FailureAction: section.FailureAction,
    FailureActionExitStatus: section.FailureActionExitStatus ?? -1,
    SuccessAction: section.SuccessAction,
    SuccessActionExitStatus: section.SuccessActionExitStatus ?? -1,
    RebootArgument: section.RebootArgument,
    InvocationID: unit.invocationId,
    CollectMode: section.CollectMode,
    Refs: [],
    ActivationDetails:
      unit.activation === undefined ? [] : Object.entries(unit.activation.fields).map(([name, value]) => [name.toLowerCase(), value]),
    DebugInvocation: false,
  }
}

/** What `systemctl clean` could take away. */
function canClean(unit: Unit): readonly string[] {
  const exec = unit.config.Service ?? unit.config.Socket ?? unit.config.Mount ?? unit.config.Swap
  if (unit.type === 'timer') return unit.config.Timer?.Persistent ? ['state'] : []
  if (exec === undefined || cgroupSectionOf(unit) === undefined) return []
  const words: string[] = []
  if (exec.RuntimeDirectory.length > 0) words.push('runtime')
  if (exec.StateDirectory.length > 0) words.push('state')
  if (exec.CacheDirectory.length > 0) words.push('cache')
  if (exec.LogsDirectory.length > 0) words.push('logs')
  if (exec.ConfigurationDirectory.length > 0) words.push('configuration')
  if (unit.config.Service !== undefined && unit.config.Service.FileDescriptorStorePreserve === 'yes') words.push('fdstore')
  return words
}
