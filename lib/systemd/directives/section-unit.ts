// After systemd.unit(5): [Unit] and [Install].
import { USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { type DirectiveParser, into, row } from './directive'
import { mountsFor, path } from './parse-path'
import { boolean, oneOf, sec, secSaying, unsigned } from './parse-scalar'
import { exitStatus } from './parse-socket'
import { documentation, rebootParameter, removed, string } from './parse-text'
import {
  type ConditionValue,
  conditionPath,
  conditionString,
  dependencies,
  emergencyAction,
  type EmergencyAction,
  installNames,
  jobModeIsolate,
} from './parse-unit'

export const JOB_MODES = [
  'fail',
  'replace',
  'replace-irreversibly',
  'isolate',
  'flush',
  'ignore-dependencies',
  'ignore-requirements',
  'triggering',
  'restart-dependencies',
] as const
export type JobMode = (typeof JOB_MODES)[number]

const NO_NAMES: readonly string[] = []
const names = dependencies()
const jobMode = oneOf(JOB_MODES, { placeholder: 'MODE' })
const dependency = () => row(names, NO_NAMES)
const alias = (name: string) => into(name, names, NO_NAMES, { man: '', replacedBy: name })
const obsolete = (name: string) => into(name, dependencies({ obsoleteFor: name }), NO_NAMES, { man: '', replacedBy: name })

const NO_CONDITIONS: readonly ConditionValue[] = []
const NONE: EmergencyAction = 'none'
const condition = (parser: DirectiveParser<readonly ConditionValue[]>, list: 'Conditions' | 'Asserts') => into(list, parser, NO_CONDITIONS)

const PATH_CONDITIONS = [
  'PathExists',
  'PathExistsGlob',
  'PathIsDirectory',
  'PathIsSymbolicLink',
  'PathIsMountPoint',
  'PathIsReadWrite',
  'PathIsEncrypted',
  'DirectoryNotEmpty',
  'FileNotEmpty',
  'FileIsExecutable',
  'NeedsUpdate',
]
const STRING_CONDITIONS = [
  'FirstBoot',
  'Architecture',
  'Firmware',
  'Virtualization',
  'Host',
  'KernelCommandLine',
  'KernelVersion',
  'Credential',
  'Security',
  'Capability',
  'ACPower',
  'Memory',
  'CPUFeature',
  'CPUs',
  'Environment',
  'User',
  'Group',
  'ControlGroupController',
  'OSRelease',
  'MemoryPressure',
  'CPUPressure',
  'IOPressure',
]

function conditionRows(prefix: 'Condition' | 'Assert') {
  const list = prefix === 'Condition' ? 'Conditions' : 'Asserts'
  const strings = STRING_CONDITIONS.filter((type) => prefix === 'Condition' || type !== 'Firmware')
  return Object.fromEntries([
    ...PATH_CONDITIONS.map((type) => [`${prefix}${type}`, condition(conditionPath, list)]),
    ...strings.map((type) => [`${prefix}${type}`, condition(conditionString, list)]),
  ])
}

export const unitDirectives = {
  Description: row(string, ''),
  Documentation: row(documentation, NO_NAMES),
  SourcePath: row(path(), ''),
  Requires: dependency(),
  Requisite: dependency(),
  Wants: dependency(),
  BindsTo: dependency(),
  BindTo: alias('BindsTo'),
  Upholds: dependency(),
  Conflicts: dependency(),
  Before: dependency(),
  After: dependency(),
  OnSuccess: dependency(),
  OnFailure: dependency(),
  PropagatesReloadTo: dependency(),
  PropagateReloadTo: alias('PropagatesReloadTo'),
  ReloadPropagatedFrom: dependency(),
  PropagateReloadFrom: alias('ReloadPropagatedFrom'),
  PropagatesStopTo: dependency(),
  StopPropagatedFrom: dependency(),
  PartOf: dependency(),
  JoinsNamespaceOf: dependency(),
  RequiresOverridable: obsolete('Requires'),
  RequisiteOverridable: obsolete('Requisite'),
  RequiresMountsFor: row(mountsFor, NO_NAMES),
  WantsMountsFor: row(mountsFor, NO_NAMES),
  StopWhenUnneeded: row(boolean, false),
  RefuseManualStart: row(boolean, false),
  RefuseManualStop: row(boolean, false),
  AllowIsolate: row(boolean, false),
  DefaultDependencies: row(boolean, true),
  SurviveFinalKillSignal: row(boolean, false),
  OnSuccessJobMode: row<JobMode>(jobMode, 'fail'),
  OnFailureJobMode: row<JobMode>(jobMode, 'replace'),
  OnFailureIsolate: into('OnFailureJobMode', jobModeIsolate, 'replace', { man: '', replacedBy: 'OnFailureJobMode' }),
  /** Mounts, automounts, scopes: yes. */
  IgnoreOnIsolate: row(boolean, false),
  IgnoreOnSnapshot: into([], removed, undefined, { man: '', removed: true }),
  JobTimeoutSec: row(
    secSaying((value) => `Failed to parse JobTimeoutSec= parameter, ignoring: ${value}`, true, 'OTHER'),
    USEC_INFINITY,
  ),
  /** As JobTimeoutSec= where the unit gives only that; the loader sees to it. */
  JobRunningTimeoutSec: row(
    secSaying((value) => `Failed to parse JobRunningTimeoutSec= parameter, ignoring: ${value}`, true, 'OTHER'),
    USEC_INFINITY,
  ),
  JobTimeoutAction: row<EmergencyAction>(emergencyAction, NONE),
  JobTimeoutRebootArgument: row(rebootParameter, ''),
  StartLimitIntervalSec: row(sec, 10 * USEC_PER_SEC),
  StartLimitInterval: into('StartLimitIntervalSec', sec, 10 * USEC_PER_SEC, { man: '', replacedBy: 'StartLimitIntervalSec' }),
  StartLimitBurst: row(unsigned, 5),
  StartLimitAction: row<EmergencyAction>(emergencyAction, NONE),
  FailureAction: row<EmergencyAction>(emergencyAction, NONE),
  SuccessAction: row<EmergencyAction>(emergencyAction, NONE),
  FailureActionExitStatus: row<number | undefined>(exitStatus, undefined),
  SuccessActionExitStatus: row<number | undefined>(exitStatus, undefined),
  RebootArgument: row(rebootParameter, ''),
  CollectMode: row(oneOf(['inactive', 'inactive-or-failed']), 'inactive'),
}

/** `ConditionPathExists=` and its like, for `Conditions` and `Asserts`. */
export const conditionDirectives = { ...conditionRows('Condition'), ...conditionRows('Assert') }

export type MergedUnitFields = { Conditions: readonly ConditionValue[]; Asserts: readonly ConditionValue[] }
export const mergedUnitFields: MergedUnitFields = { Conditions: NO_CONDITIONS, Asserts: NO_CONDITIONS }

export const installDirectives = {
  Alias: row(installNames, NO_NAMES),
  WantedBy: row(installNames, NO_NAMES),
  RequiredBy: row(installNames, NO_NAMES),
  UpheldBy: row(installNames, NO_NAMES),
  Also: row(installNames, NO_NAMES),
  DefaultInstance: row({ placeholder: 'OTHER', parse: (value: string) => value }, ''),
}
