// What the Dump method tells (org.freedesktop.systemd1(5)): every unit's state, files and dependencies. The settings of a
// section, that the real text goes on with, are not told here: `show` has them.
import { formatTimespan, formatTimestamp, type LocalTime, type Usec } from '@/lib/base'
import type { CGroupSection } from '../directives'
import { cgroupSectionOf } from '../cgroup'
import { dependencyTypes } from './dependency'
import type { Manager } from './manager'
import { originBit, type Timestamp, type Unit } from './unit'
import { mayCollect } from './unit-gc'
import { unitFileChanged } from './unit-load'
import { SYSTEMD_FEATURES, SYSTEMD_VERSION } from './version'

const CONTROLLERS = [
  'cpu',
  'cpuset',
  'io',
  'memory',
  'pids',
  'bpf-firewall',
  'bpf-devices',
  'bpf-foreign',
  'bpf-socket-bind',
  'bpf-restrict-network-interfaces',
] as const
type Controller = (typeof CONTROLLERS)[number]

const yesNo = (on: boolean): string => (on ? 'yes' : 'no')
const isSet = (limit: number | undefined, unset: number): boolean => limit !== undefined && limit !== unset
const isLong = (...lists: readonly (readonly unknown[])[]): boolean => lists.some((list) => list.length > 0)

/** What the settings themselves ask for. */
function askedOf(section: CGroupSection): readonly Controller[] {
  const infinity = Number.POSITIVE_INFINITY
  const asks: { readonly [Name in Controller]: boolean } = {
    cpu: section.CPUWeight !== undefined || section.StartupCPUWeight !== undefined || section.CPUQuota !== infinity,
    cpuset: isLong(section.AllowedCPUs, section.StartupAllowedCPUs, section.AllowedMemoryNodes, section.StartupAllowedMemoryNodes),
    io:
      section.IOAccounting ||
      section.IOWeight !== undefined ||
      section.StartupIOWeight !== undefined ||
      isLong(section.IODeviceWeight, section.IOReadBandwidthMax, section.IOWriteBandwidthMax) ||
      isLong(section.IOReadIOPSMax, section.IOWriteIOPSMax, section.IODeviceLatencyTargetSec),
    memory:
      section.MemoryAccounting ||
      isSet(section.MemoryMin, 0) ||
      isSet(section.MemoryLow, 0) ||
      [section.MemoryHigh, section.MemoryMax, section.MemorySwapMax].some((limit) => limit !== infinity),
    pids: section.TasksAccounting || section.TasksMax !== infinity,
    'bpf-firewall':
      section.IPAccounting ||
      isLong(section.IPAddressAllow, section.IPAddressDeny, section.IPIngressFilterPath, section.IPEgressFilterPath),
    'bpf-devices': section.DevicePolicy !== 'auto' || isLong(section.DeviceAllow),
    'bpf-foreign': isLong(section.BPFProgram),
    'bpf-socket-bind': isLong(section.SocketBindAllow, section.SocketBindDeny),
    'bpf-restrict-network-interfaces': section.RestrictNetworkInterfaces !== undefined,
  }
  return CONTROLLERS.filter((name) => asks[name])
}

function ownControllers(unit: Unit): ReadonlySet<Controller> {
  const section = unit.loadState === 'loaded' ? cgroupSectionOf(unit) : undefined
  if (section === undefined) return new Set()
  const delegated = (section.Delegate ?? []) as readonly string[]
  return new Set([...askedOf(section), ...CONTROLLERS.filter((name) => delegated.includes(name))])
}

/** Own ones and those of all that is below: a controller works in a cgroup when its siblings have it too. */
function membersControllers(slice: Unit): ReadonlySet<Controller> {
  const found = new Set<Controller>()
  for (const unit of slice.dependenciesOfType('SliceOf').keys()) {
    for (const name of ownControllers(unit)) found.add(name)
    if (unit.type === 'slice') for (const name of membersControllers(unit)) found.add(name)
  }
  return found
}

function cgroupLines(unit: Unit): readonly string[] {
  if (cgroupSectionOf(unit) === undefined) return []
  const mask = (title: string, names: ReadonlySet<Controller>): readonly string[] =>
    names.size === 0 ? [] : [`CGroup ${title} mask: ${CONTROLLERS.filter((name) => names.has(name)).join(' ')}`]
  const slice = unit.slice()
  const own = ownControllers(unit)
  const members = unit.type === 'slice' ? membersControllers(unit) : new Set<Controller>()
  const target = new Set([...own, ...members, ...(slice === undefined ? [] : membersControllers(slice))])
  const realized = unit.cgroupPath !== undefined
  return [
    `Slice: ${slice?.id ?? 'n/a'}`,
    `CGroup: ${unit.cgroupPath === undefined ? 'n/a' : unit.cgroupPath === '' ? '/' : unit.cgroupPath}`,
    `CGroup realized: ${yesNo(realized)}`,
    ...(realized ? mask('realized', target) : []),
    ...(realized ? mask('enabled', members) : []),
    ...mask('own', own),
    ...mask('members', members),
  ]
}

function dependencyLines(unit: Unit): readonly string[] {
  const lines: string[] = []
  for (const type of dependencyTypes) {
    for (const [other, bits] of unit.dependenciesOfType(type)) {
      const origins = Object.entries(originBit).filter(([, bit]) => (bits & bit) !== 0)
      lines.push(`${type}: ${other.id} (${origins.map(([name]) => `origin-${name}`).join(' ')})`)
    }
  }
  for (const path of unit.requiredMounts) lines.push(`RequiresMountsFor: ${path} (origin-file)`)
  for (const path of unit.wantedMounts) lines.push(`WantsMountsFor: ${path} (origin-file)`)
  return lines
}

const outcome = (state: number | undefined): string =>
  state === undefined || state === 0 ? 'untested' : state > 0 ? 'succeeded' : 'failed'

function conditionLines(unit: Unit): readonly string[] {
  const { Conditions: conditions, Asserts: asserts } = unit.config.Unit
  const lines = (list: typeof conditions, states: readonly number[], word: string): readonly string[] =>
    list.map(
      ({ type, trigger, negate, parameter }, index) =>
        `${word}${type}: ${trigger ? '|' : ''}${negate ? '!' : ''}${parameter} ${outcome(states[index])}`,
    )
  return [...lines(conditions, unit.conditionStates, 'Condition'), ...lines(asserts, unit.assertStates, 'Assert')]
}

function jobLines(unit: Unit): readonly string[] {
  const { job } = unit
  if (job === undefined) return []
  return [
    `→ Job ${job.id}:`,
    `\tAction: ${unit.id} → ${job.type}`,
    `\tState: ${job.state}`,
    `\tIrreversible: ${yesNo(job.irreversible)}`,
    `\tMay GC: ${yesNo(false)}`,
  ]
}

function dumpUnit(unit: Unit, local: LocalTime): string {
  const { Unit: section } = unit.config
  const stamp = (moment: Timestamp): string => formatTimestamp(moment.realtimeUsec, local) ?? 'n/a'
  const timeout = (title: string, usec: Usec | undefined): readonly string[] =>
    usec === undefined || usec === Number.POSITIVE_INFINITY ? [] : [`${title}: ${formatTimespan(usec, 0)}`]
  const action = (title: string, what: string): readonly string[] => (what === 'none' ? [] : [`${title}: ${what}`])
  const lines = [
    ...[...unit.names].filter((name) => name !== unit.id).map((name) => `Alias: ${name}`),
    `Description: ${unit.description()}`,
    `Instance: ${/@(.+)\.[a-z]+$/.exec(unit.id)?.[1] ?? 'n/a'}`,
    `Unit Load State: ${unit.loadState}`,
    `Unit Active State: ${unit.activeState()}`,
    `State Change Timestamp: ${stamp(unit.stateChange)}`,
    `Inactive Exit Timestamp: ${stamp(unit.inactiveExit)}`,
    `Active Enter Timestamp: ${stamp(unit.activeEnter)}`,
    `Active Exit Timestamp: ${stamp(unit.activeExit)}`,
    `Inactive Enter Timestamp: ${stamp(unit.inactiveEnter)}`,
    `May GC: ${yesNo(mayCollect(unit))}`,
    `Need Daemon Reload: ${yesNo(unitFileChanged(unit))}`,
    `Transient: ${yesNo(unit.transient)}`,
    `Perpetual: ${yesNo(unit.perpetual)}`,
    `Garbage Collection Mode: ${section.CollectMode}`,
    ...cgroupLines(unit),
    ...(unit.invocationId === '' ? [] : [`Invocation ID: ${unit.invocationId}`]),
    ...section.Documentation.map((uri) => `Documentation: ${uri}`),
    ...(unit.following() === undefined ? [] : [`Following: ${unit.following()?.id}`]),
    ...unit.followingSet().map((other) => `Following Set Member: ${other.id}`),
    ...(unit.fragmentPath === '' ? [] : [`Fragment Path: ${unit.fragmentPath}`]),
    ...(unit.sourcePath === '' ? [] : [`Source Path: ${unit.sourcePath}`]),
    ...unit.dropInPaths.map((path) => `DropIn Path: ${path}`),
    ...action('Failure Action', section.FailureAction),
    ...action('Success Action', section.SuccessAction),
    ...timeout('Job Timeout', section.JobTimeoutSec),
    ...action('Job Timeout Action', section.JobTimeoutAction),
    ...conditionLines(unit),
    ...(unit.conditionTimestamp.realtimeUsec === 0
      ? []
      : [`Condition Timestamp: ${stamp(unit.conditionTimestamp)}`, `Condition Result: ${yesNo(unit.conditionResult)}`]),
    ...(unit.assertTimestamp.realtimeUsec === 0
      ? []
      : [`Assert Timestamp: ${stamp(unit.assertTimestamp)}`, `Assert Result: ${yesNo(unit.assertResult)}`]),
    ...dependencyLines(unit),
    ...(unit.loadState === 'loaded'
      ? [
          `StopWhenUnneeded: ${yesNo(section.StopWhenUnneeded)}`,
          `RefuseManualStart: ${yesNo(section.RefuseManualStart)}`,
          `RefuseManualStop: ${yesNo(section.RefuseManualStop)}`,
          `DefaultDependencies: ${yesNo(section.DefaultDependencies)}`,
          `SurviveFinalKillSignal: ${yesNo(section.SurviveFinalKillSignal)}`,
          `OnSuccessJobMode: ${section.OnSuccessJobMode}`,
          `OnFailureJobMode: ${section.OnFailureJobMode}`,
          `IgnoreOnIsolate: ${yesNo(section.IgnoreOnIsolate)}`,
        ]
      : []),
    ...jobLines(unit),
  ]
  return `→ Unit ${unit.id}:\n${lines.map((line) => `\t${line}\n`).join('')}`
}

export function dumpManager(manager: Manager): string {
  const local = manager.localTime()
  const { process, timestamps } = manager
  const bootUsec = process.realtimeUsec - process.monotonicUsec
  const moments: readonly (readonly [string, Usec])[] = [
    ['userspace', timestamps.userspace],
    ['finish', timestamps.finish],
    ['generators-start', timestamps.generatorsStart],
    ['generators-finish', timestamps.generatorsFinish],
    ['units-load-start', timestamps.unitsLoadStart],
    ['units-load-finish', timestamps.unitsLoadFinish],
    ['units-load', timestamps.unitsLoad],
  ]
  const header = [
    `Manager: systemd 257 (${SYSTEMD_VERSION})`,
    `Features: ${SYSTEMD_FEATURES}`,
    ...moments.filter(([, usec]) => usec > 0).map(([name, usec]) => `Timestamp ${name}: ${formatTimestamp(bootUsec + usec, local)}`),
  ]
  return `${header.join('\n')}\n${[...manager.allUnits()].map((unit) => dumpUnit(unit, local)).join('')}`
}
