// Shared blocks of properties: exec, kill and cgroup settings.
import { errno } from '@/lib/kernel'
import type { Properties, Value } from '../../bus'
import { cpuUsageNsec, isPopulated, readCgroupNumber, tasksMax } from '../../cgroup'
import type { CGroupSection, ExecSection, KillSection } from '../../directives'
import type { Unit } from '../unit'

const INFINITY = Number.POSITIVE_INFINITY
const imagePolicy =
  'root=verity+signed+encrypted+unprotected+absent:usr=verity+signed+encrypted+unprotected+absent:home=encrypted+unprotected+absent:srv=encrypted+unprotected+absent:tmp=encrypted+unprotected+absent:var=encrypted+unprotected+absent'

/** Limits that a process of the machine starts with: hard and soft. */
const defaultLimits: Readonly<Record<string, readonly [hard: number, soft: number]>> = {
  CPU: [INFINITY, INFINITY],
  FSIZE: [INFINITY, INFINITY],
  DATA: [INFINITY, INFINITY],
  STACK: [INFINITY, 8388608],
  CORE: [INFINITY, 0],
  RSS: [INFINITY, INFINITY],
  NOFILE: [524288, 1024],
  AS: [INFINITY, INFINITY],
  NPROC: [3774, 3774],
  MEMLOCK: [8388608, 8388608],
  LOCKS: [INFINITY, INFINITY],
  SIGPENDING: [3774, 3774],
  MSGQUEUE: [819200, 819200],
  NICE: [0, 0],
  RTPRIO: [0, 0],
  RTTIME: [INFINITY, INFINITY],
}

export function limitProperties(section: ExecSection | undefined, prefix = ''): Record<string, Value> {
  const all: Record<string, Value> = {}
  for (const [name, [hard, soft]] of Object.entries(defaultLimits)) {
    const set = section?.[`Limit${name}` as 'LimitCPU']
    all[`${prefix}Limit${name}`] = set?.hard ?? hard
    all[`${prefix}Limit${name}Soft`] = set?.soft ?? soft
  }
  return all
}

const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']
const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  '',
  '',
  '',
  '',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
]
const policies = ['other', 'fifo', 'rr', 'batch', '', 'idle']
const ioClasses = ['none', 'realtime', 'best-effort', 'idle']

const directories = (list: ExecSection['RuntimeDirectory']) => list.map((one) => one.path)
const symlinks = (list: ExecSection['RuntimeDirectory']): Value => list.flatMap((one) => one.symlinks.map((link) => [one.path, link, 0]))

const securebits: Readonly<Record<string, number>> = {
  noroot: 1,
  'noroot-locked': 2,
  'no-setuid-fixup': 4,
  'no-setuid-fixup-locked': 8,
  'keep-caps': 16,
  'keep-caps-locked': 32,
}
const errnoNumber = (name: string) => (errno as Readonly<Record<string, { readonly code: number }>>)[name]?.code ?? 0
const label = (one: ExecSection['AppArmorProfile']) => (one.text === '' ? '' : `${one.ignore ? '-' : ''}${one.text}`)
/** `allow` false: all but these. */
const nameList = (one: { readonly allow: boolean; readonly names: readonly string[] } | undefined): Value => ({
  allow: one?.allow ?? false,
  names: one?.names ?? [],
})

export function execProperties(section: ExecSection): Properties {
  const level = levels.indexOf(section.SyslogLevel)
  const facility = facilities.indexOf(section.SyslogFacility)
  const output = (one: ExecSection['StandardOutput']) => (one.target === '' || one.kind === 'fd' ? one.kind : `${one.kind}:${one.target}`)
  const filter = (one: ExecSection['SystemCallFilter']): Value => ({
    allow: one?.allow ?? false,
    names: one === undefined ? [] : [...one.calls].map(([name, error]) => (error === '' ? name : `${name}:${error}`)),
  })
  return {
    Environment: section.Environment,
    EnvironmentFiles: section.EnvironmentFile.map((path) => ({ path: path.replace(/^-/, ''), ignoreErrors: path.startsWith('-') })),
    PassEnvironment: section.PassEnvironment,
    UnsetEnvironment: section.UnsetEnvironment,
    UMask: section.UMask,
    ...limitProperties(section),
    WorkingDirectory: section.WorkingDirectory.home
      ? '~'
      : section.WorkingDirectory.path === ''
        ? ''
        : `${section.WorkingDirectory.missingOk ? '!' : ''}${section.WorkingDirectory.path}`,
    RootDirectory: section.RootDirectory,
    RootImage: section.RootImage,
    RootImageOptions: [],
    RootHash: '',
    RootHashPath: '',
    RootHashSignature: '',
    RootHashSignaturePath: '',
    RootVerity: section.RootVerity,
    RootEphemeral: section.RootEphemeral,
    ExtensionDirectories: section.ExtensionDirectories,
    ExtensionImages: [],
    MountImages: [],
    OOMScoreAdjust: section.OOMScoreAdjust ?? 0,
    CoredumpFilter: section.CoredumpFilter ?? 0x33,
    Nice: section.Nice ?? 0,
    IOSchedulingClass: section.IOSchedulingClass === undefined ? 2 : ioClasses.indexOf(section.IOSchedulingClass),
    IOSchedulingPriority: section.IOSchedulingPriority ?? 4,
    CPUSchedulingPolicy: section.CPUSchedulingPolicy === undefined ? 0 : Math.max(0, policies.indexOf(section.CPUSchedulingPolicy)),
    CPUSchedulingPriority: section.CPUSchedulingPriority,
    CPUAffinity: section.CPUAffinity === 'numa' ? [] : section.CPUAffinity,
    CPUAffinityFromNUMA: section.CPUAffinity === 'numa',
    NUMAPolicy: -1,
    NUMAMask: section.NUMAMask,
    TimerSlackNSec: section.TimerSlackNSec === INFINITY ? 50000 : section.TimerSlackNSec,
    CPUSchedulingResetOnFork: section.CPUSchedulingResetOnFork,
    NonBlocking: false,
    StandardInput:
      section.StandardInput.target === '' || section.StandardInput.kind === 'fd'
        ? section.StandardInput.kind
        : `${section.StandardInput.kind}:${section.StandardInput.target}`,
    StandardInputFileDescriptorName: section.StandardInput.kind === 'fd' ? section.StandardInput.target : '',
    StandardInputData: section.StandardInputData,
    StandardOutput: output(section.StandardOutput),
    StandardOutputFileDescriptorName: section.StandardOutput.kind === 'fd' ? section.StandardOutput.target : '',
    StandardError: output(section.StandardError),
    StandardErrorFileDescriptorName: section.StandardError.kind === 'fd' ? section.StandardError.target : '',
    TTYPath: section.TTYPath,
    TTYReset: section.TTYReset,
    TTYVHangup: section.TTYVHangup,
    TTYVTDisallocate: section.TTYVTDisallocate,
    TTYRows: section.TTYRows ?? 65535,
    TTYColumns: section.TTYColumns ?? 65535,
    SyslogPriority: (facility << 3) | level,
    SyslogIdentifier: section.SyslogIdentifier,
    SyslogLevelPrefix: section.SyslogLevelPrefix,
    SyslogLevel: level,
    SyslogFacility: facility,
    LogLevelMax: levels.indexOf(section.LogLevelMax),
    LogRateLimitIntervalUSec: section.LogRateLimitIntervalSec,
    LogRateLimitBurst: section.LogRateLimitBurst,
    LogExtraFields: section.LogExtraFields,
    LogFilterPatterns: [
      ...section.LogFilterPatterns.allowed.map((one) => [true, one]),
      ...section.LogFilterPatterns.denied.map((one) => [false, one]),
    ],
    LogNamespace: section.LogNamespace,
    SecureBits: section.SecureBits.reduce((sum, name) => sum | (securebits[name] ?? 0), 0),
    CapabilityBoundingSet: (section.CapabilityBoundingSet ?? 2n ** 64n - 1n) & ((1n << 41n) - 1n),
    AmbientCapabilities: (section.AmbientCapabilities ?? 0n) & ((1n << 41n) - 1n),
    User: section.User,
    Group: section.Group,
    DynamicUser: section.DynamicUser,
    SetLoginEnvironment: section.SetLoginEnvironment ?? false,
    RemoveIPC: section.RemoveIPC,
    SetCredential: section.SetCredential.filter((one) => !one.encrypted).map((one) => [one.id, one.data]),
    SetCredentialEncrypted: section.SetCredential.filter((one) => one.encrypted).map((one) => [one.id, one.data]),
    LoadCredential: section.LoadCredential.filter((one) => !one.encrypted).map((one) => [one.id, one.path]),
    LoadCredentialEncrypted: section.LoadCredential.filter((one) => one.encrypted).map((one) => [one.id, one.path]),
    ImportCredential: section.ImportCredential.map((one) => one.glob),
    ImportCredentialEx: section.ImportCredential.map((one) => [one.glob, one.rename]),
    SupplementaryGroups: section.SupplementaryGroups,
    PAMName: section.PAMName,
    ReadWritePaths: section.ReadWritePaths,
    ReadOnlyPaths: section.ReadOnlyPaths,
    InaccessiblePaths: section.InaccessiblePaths,
    ExecPaths: section.ExecPaths,
    NoExecPaths: section.NoExecPaths,
    ExecSearchPath: section.ExecSearchPath,
    MountFlags: section.MountFlags,
    PrivateTmp: section.PrivateTmp !== 'no',
    PrivateTmpEx: section.PrivateTmp,
    PrivateDevices: section.PrivateDevices,
    ProtectClock: section.ProtectClock,
    ProtectKernelTunables: section.ProtectKernelTunables,
    ProtectKernelModules: section.ProtectKernelModules,
    ProtectKernelLogs: section.ProtectKernelLogs,
    ProtectControlGroups: section.ProtectControlGroups !== 'no',
    ProtectControlGroupsEx: section.ProtectControlGroups,
    PrivateNetwork: section.PrivateNetwork,
    PrivateUsers: section.PrivateUsers !== 'no',
    PrivateUsersEx: section.PrivateUsers,
    PrivateMounts: section.PrivateMounts ?? false,
    PrivateIPC: section.PrivateIPC,
    PrivatePIDs: section.PrivatePIDs,
    ProtectHome: section.ProtectHome,
    ProtectSystem: section.ProtectSystem,
    SameProcessGroup: false,
    UtmpIdentifier: section.UtmpIdentifier,
    UtmpMode: section.UtmpMode,
    SELinuxContext: label(section.SELinuxContext),
    AppArmorProfile: label(section.AppArmorProfile),
    SmackProcessLabel: label(section.SmackProcessLabel),
    IgnoreSIGPIPE: section.IgnoreSIGPIPE,
    NoNewPrivileges: section.NoNewPrivileges,
    SystemCallFilter: filter(section.SystemCallFilter),
    SystemCallArchitectures: section.SystemCallArchitectures,
    SystemCallErrorNumber: section.SystemCallErrorNumber === 'kill' ? 2147483646 : errnoNumber(section.SystemCallErrorNumber),
    SystemCallLog: filter(section.SystemCallLog),
    Personality: section.Personality,
    LockPersonality: section.LockPersonality,
    RestrictAddressFamilies: nameList(section.RestrictAddressFamilies),
    RuntimeDirectorySymlink: symlinks(section.RuntimeDirectory),
    RuntimeDirectoryPreserve: section.RuntimeDirectoryPreserve,
    RuntimeDirectoryMode: section.RuntimeDirectoryMode,
    RuntimeDirectory: directories(section.RuntimeDirectory),
    StateDirectorySymlink: symlinks(section.StateDirectory),
    StateDirectoryMode: section.StateDirectoryMode,
    StateDirectory: directories(section.StateDirectory),
    CacheDirectorySymlink: symlinks(section.CacheDirectory),
    CacheDirectoryMode: section.CacheDirectoryMode,
    CacheDirectory: directories(section.CacheDirectory),
    LogsDirectorySymlink: symlinks(section.LogsDirectory),
    LogsDirectoryMode: section.LogsDirectoryMode,
    LogsDirectory: directories(section.LogsDirectory),
    ConfigurationDirectoryMode: section.ConfigurationDirectoryMode,
    ConfigurationDirectory: directories(section.ConfigurationDirectory),
    TimeoutCleanUSec: section.TimeoutCleanSec,
    MemoryDenyWriteExecute: section.MemoryDenyWriteExecute,
    RestrictRealtime: section.RestrictRealtime,
    RestrictSUIDSGID: section.RestrictSUIDSGID,
    RestrictNamespaces:
      section.RestrictNamespaces === undefined
        ? 'no'
        : section.RestrictNamespaces.length === 0
          ? 'yes'
          : section.RestrictNamespaces.join(' '),
    RestrictFileSystems: nameList(section.RestrictFileSystems),
    BindPaths: section.BindPaths.filter((one) => !one.readOnly).map((one) => ({ ...one })),
    BindReadOnlyPaths: section.BindPaths.filter((one) => one.readOnly).map((one) => ({ ...one })),
    TemporaryFileSystem: section.TemporaryFileSystem.map((one) => [one.path, one.options]),
    MountAPIVFS: section.MountAPIVFS ?? false,
    BindLogSockets: section.BindLogSockets ?? false,
    KeyringMode: section.KeyringMode,
    ProtectProc: section.ProtectProc,
    ProcSubset: section.ProcSubset,
    ProtectHostname: section.ProtectHostname,
    MemoryKSM: section.MemoryKSM ?? false,
    NetworkNamespacePath: section.NetworkNamespacePath,
    IPCNamespacePath: section.IPCNamespacePath,
    RootImagePolicy: section.RootImagePolicy || imagePolicy,
    MountImagePolicy: section.MountImagePolicy || imagePolicy,
    ExtensionImagePolicy: section.ExtensionImagePolicy || imagePolicy,
  }
}

export function killProperties(section: KillSection): Properties {
  return {
    KillMode: section.KillMode,
    KillSignal: section.KillSignal,
    RestartKillSignal: section.RestartKillSignal === 0 ? section.KillSignal : section.RestartKillSignal,
    FinalKillSignal: section.FinalKillSignal,
    SendSIGKILL: section.SendSIGKILL,
    SendSIGHUP: section.SendSIGHUP,
    WatchdogSignal: section.WatchdogSignal,
  }
}

/** The smallest limit of the unit and those above it, and what the machine has. */
function effective(unit: Unit, of: (one: Unit) => number, machine: number): number {
  let least = machine
  for (let one: Unit | undefined = unit; one !== undefined; one = one.slice()) least = Math.min(least, of(one))
  return least
}

export function cgroupUnitProperties(unit: Unit): Properties {
  const { manager } = unit
  const live = unit.cgroupPath !== undefined
  const number = (file: string) => (live ? (readCgroupNumber(unit, file) ?? INFINITY) : INFINITY)
  const memory = manager.memoryBytes()
  const section = (one: Unit) => one.config.Service ?? one.config.Slice ?? one.config.Scope ?? one.config.Socket ?? one.config.Mount
  const memoryMax = effective(unit, (one) => section(one)?.MemoryMax ?? INFINITY, memory)
  const memoryHigh = effective(unit, (one) => section(one)?.MemoryHigh ?? INFINITY, memory)
  const root = unit.id === '-.slice' && manager.scope === 'system'
  const current = root ? manager.memoryUsed() : number('memory.current')
  return {
    Slice: unit.slice()?.id ?? '',
    ControlGroup: unit.cgroupPath === undefined ? '' : unit.cgroupPath === '' ? '/' : unit.cgroupPath,
    ControlGroupId: live ? unit.cgroupId : 0,
    MemoryCurrent: current,
    MemoryPeak: live ? number('memory.peak') : (unit.lastMemoryPeak ?? INFINITY),
    MemorySwapCurrent: live ? (readCgroupNumber(unit, 'memory.swap.current') ?? 0) : INFINITY,
    MemorySwapPeak: live ? (readCgroupNumber(unit, 'memory.swap.peak') ?? 0) : (unit.lastMemorySwapPeak ?? INFINITY),
    MemoryZSwapCurrent: live ? 0 : INFINITY,
    MemoryAvailable: current === INFINITY ? INFINITY : Math.max(0, Math.min(memoryMax, memoryHigh) - current),
    EffectiveMemoryMax: memoryMax,
    EffectiveMemoryHigh: memoryHigh,
    CPUUsageNSec: cpuUsageNsec(unit) ?? INFINITY,
    EffectiveCPUs: [],
    EffectiveMemoryNodes: [],
    TasksCurrent: root
      ? manager.taskCount()
      : live && (isPopulated(unit) || unit.type !== 'service')
        ? number('pids.current')
        : live
          ? 0
          : INFINITY,
    EffectiveTasksMax: effective(unit, tasksMax, manager.systemTasksMax),
    IPIngressBytes: INFINITY,
    IPIngressPackets: INFINITY,
    IPEgressBytes: INFINITY,
    IPEgressPackets: INFINITY,
    IOReadBytes: INFINITY,
    IOReadOperations: INFINITY,
    IOWriteBytes: INFINITY,
    IOWriteOperations: INFINITY,
  }
}

export function cgroupProperties(unit: Unit, section: CGroupSection): Properties {
  const devices = (list: CGroupSection['IODeviceWeight']): Value => list.map((one) => [one.path, one.value])
  return {
    Delegate: section.Delegate !== undefined,
    DelegateControllers: section.Delegate ?? [],
    DelegateSubgroup: section.DelegateSubgroup,
    CPUAccounting: section.CPUAccounting,
    CPUWeight: section.CPUWeight ?? INFINITY,
    StartupCPUWeight: section.StartupCPUWeight ?? INFINITY,
    CPUShares: section.CPUShares ?? INFINITY,
    StartupCPUShares: section.StartupCPUShares ?? INFINITY,
    CPUQuotaPerSecUSec: section.CPUQuota,
    CPUQuotaPeriodUSec: section.CPUQuotaPeriodSec,
    AllowedCPUs: section.AllowedCPUs,
    StartupAllowedCPUs: section.StartupAllowedCPUs,
    AllowedMemoryNodes: section.AllowedMemoryNodes,
    StartupAllowedMemoryNodes: section.StartupAllowedMemoryNodes,
    IOAccounting: section.IOAccounting,
    IOWeight: section.IOWeight ?? INFINITY,
    StartupIOWeight: section.StartupIOWeight ?? INFINITY,
    IODeviceWeight: devices(section.IODeviceWeight),
    IOReadBandwidthMax: devices(section.IOReadBandwidthMax),
    IOWriteBandwidthMax: devices(section.IOWriteBandwidthMax),
    IOReadIOPSMax: devices(section.IOReadIOPSMax),
    IOWriteIOPSMax: devices(section.IOWriteIOPSMax),
    IODeviceLatencyTargetUSec: devices(section.IODeviceLatencyTargetSec),
    BlockIOAccounting: section.BlockIOAccounting,
    BlockIOWeight: section.BlockIOWeight ?? INFINITY,
    StartupBlockIOWeight: section.StartupBlockIOWeight ?? INFINITY,
    BlockIODeviceWeight: [],
    BlockIOReadBandwidth: [],
    BlockIOWriteBandwidth: [],
    MemoryAccounting: section.MemoryAccounting,
    DefaultMemoryLow: section.DefaultMemoryLow ?? 0,
    DefaultStartupMemoryLow: section.DefaultStartupMemoryLow ?? 0,
    DefaultMemoryMin: section.DefaultMemoryMin ?? 0,
    MemoryMin: section.MemoryMin,
    MemoryLow: section.MemoryLow,
    StartupMemoryLow: section.StartupMemoryLow ?? 0,
    MemoryHigh: section.MemoryHigh,
    StartupMemoryHigh: section.StartupMemoryHigh ?? INFINITY,
    MemoryMax: section.MemoryMax,
    StartupMemoryMax: section.StartupMemoryMax ?? INFINITY,
    MemorySwapMax: section.MemorySwapMax,
    StartupMemorySwapMax: section.StartupMemorySwapMax ?? INFINITY,
    MemoryZSwapMax: section.MemoryZSwapMax,
    StartupMemoryZSwapMax: section.StartupMemoryZSwapMax ?? INFINITY,
    MemoryZSwapWriteback: section.MemoryZSwapWriteback,
    MemoryLimit: section.MemoryLimit,
    DevicePolicy: section.DevicePolicy,
    DeviceAllow: section.DeviceAllow.map((one) => [one.path, one.rights]),
    TasksAccounting: section.TasksAccounting,
    TasksMax: tasksMax(unit),
    IPAccounting: section.IPAccounting,
    IPAddressAllow: section.IPAddressAllow,
    IPAddressDeny: section.IPAddressDeny,
    IPIngressFilterPath: section.IPIngressFilterPath,
    IPEgressFilterPath: section.IPEgressFilterPath,
    DisableControllers: section.DisableControllers,
    ManagedOOMSwap: section.ManagedOOMSwap,
    ManagedOOMMemoryPressure: section.ManagedOOMMemoryPressure,
    ManagedOOMMemoryPressureLimit: section.ManagedOOMMemoryPressureLimit,
    ManagedOOMMemoryPressureDurationUSec: section.ManagedOOMMemoryPressureDurationSec,
    ManagedOOMPreference: section.ManagedOOMPreference,
    BPFProgram: section.BPFProgram.map((one) => [one.attach, one.path]),
    SocketBindAllow: section.SocketBindAllow.map((one) => ({ ...one })),
    SocketBindDeny: section.SocketBindDeny.map((one) => ({ ...one })),
    RestrictNetworkInterfaces: nameList(section.RestrictNetworkInterfaces),
    MemoryPressureWatch: section.MemoryPressureWatch,
    MemoryPressureThresholdUSec: section.MemoryPressureThresholdSec,
    NFTSet: section.NFTSet.map((one) => ({ ...one })),
    CoredumpReceive: section.CoredumpReceive,
  }
}
