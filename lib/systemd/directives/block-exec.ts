// After systemd.exec(5).
import { USEC_INFINITY } from '@/lib/base'
import { type DirectiveParser, into, row } from './directive'
import type { NameList } from './parse-network'
import {
  coredumpFilter,
  cpuAffinity,
  type CpuSet,
  cpuSchedulingPolicy,
  cpuSchedulingPriority,
  ioSchedulingClass,
  ioSchedulingPriority,
  logFacility,
  logLevel,
  nice,
  numaMask,
  oomScoreAdjust,
} from './parse-context'
import {
  execDirectories,
  type ExecDirectory,
  importCredential,
  type ImportCredential,
  loadCredential,
  type LoadCredential,
  setCredential,
  type SetCredential,
} from './parse-directories'
import { inputData, inputText, standardInput, type StandardInput, standardOutput, type StandardOutput, ttySize } from './parse-stdio'
import {
  bindPaths,
  type BindMount,
  imageMounts,
  type ImageMount,
  imagePolicy,
  type PartitionOptions,
  rootImageOptions,
  type TemporaryFileSystem,
  temporaryFileSystems,
} from './parse-mounts'
import { colonPaths, environmentFile, namespacePaths, path, type WorkingDirectory, workingDirectory } from './parse-path'
import {
  addressFamilies,
  capabilities,
  type CapabilitySet,
  mountFlags,
  personality,
  restrictFileSystems,
  restrictNamespaces,
  secureBits,
  syscallArchitectures,
  syscallErrno,
  syscallFilter,
  type SyscallFilter,
  syscallLog,
} from './parse-sandbox'
import { boolean, fatalBoolean, mode, nsec, oneOf, type Rlimit, rlimit, sec, tristate, unsigned } from './parse-scalar'
import {
  environment,
  label,
  logExtraFields,
  logFilterPatterns,
  logNamespace,
  type LogPatterns,
  type OptionalText,
  passEnvironment,
  removed,
  string,
  unsetEnvironment,
  userOrGroup,
  userOrGroupList,
} from './parse-text'

const NO_TEXTS: readonly string[] = []
const NO_OPTIONS: readonly PartitionOptions[] = []
const NO_IMAGES: readonly ImageMount[] = []
const NO_MOUNTS: readonly BindMount[] = []
const NO_DIRECTORIES: readonly ExecDirectory[] = []
const NO_CPUS: CpuSet = []
const NO_LABEL: OptionalText = { text: '', ignore: false }
const noLimit: Rlimit | undefined = undefined
const maybe: boolean | undefined = undefined
const noNumber: number | undefined = undefined
const noText: string | undefined = undefined

const IMAGES = { notSimulated: 'no disk images here' }
const LABELS = { notSimulated: 'no such security module here' }
const fatalPath = path({ fatal: true })

/** A hash in hex digits, or the path of a file that holds it. */
function hash(read: (value: string) => string | undefined): DirectiveParser<string> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '' || value.startsWith('/')) return value
      const complaint = read(value)
      if (complaint === undefined) return value
      context.report('warning', complaint)
      return current
    },
  }
}

const rootHash = hash((value) => {
  const digits = value.replace(/[ \t\n\r]/g, '')
  if (!/^[0-9a-fA-F]*$/.test(digits) || digits.length % 2 !== 0) return `Failed to decode RootHash=, ignoring: ${value}`
  return digits.length < 32 ? `RootHash= is too short, ignoring: ${value}` : undefined
})

const rootHashSignature = hash((value) => {
  if (!value.startsWith('base64:')) {
    return `Failed to decode RootHashSignature=, not a path but doesn't start with 'base64:', ignoring: ${value}`
  }
  return /^base64:(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
    ? undefined
    : `Failed to decode RootHashSignature=, ignoring: ${value}`
})

const MPOL = ['default', 'preferred', 'bind', 'interleave', 'local'] as const
const numaPolicy: DirectiveParser<'' | (typeof MPOL)[number]> = {
  placeholder: 'OTHER',
  values: MPOL,
  parse: (value, current, context) => oneOf(['', ...MPOL]).parse(value, current, context),
}

const yesNo = { boolean: { yes: 'yes', no: 'no' } } as const
const preserve = oneOf(['no', 'yes', 'restart'], yesNo)
const DIRECTORY_MODE = 0o755

export const execDirectives = {
  WorkingDirectory: row<WorkingDirectory>(workingDirectory, { path: '', home: false, missingOk: false }),
  RootDirectory: row(fatalPath, ''),
  RootImage: row(fatalPath, '', IMAGES),
  RootImageOptions: row(rootImageOptions, NO_OPTIONS, IMAGES),
  RootImagePolicy: row(imagePolicy, '', IMAGES),
  RootHash: row(rootHash, '', IMAGES),
  RootHashSignature: row(rootHashSignature, '', IMAGES),
  RootVerity: row(fatalPath, '', IMAGES),
  RootEphemeral: row(boolean, false, IMAGES),
  ExtensionDirectories: row(namespacePaths, NO_TEXTS, { notSimulated: 'no overlays of other trees here' }),
  ExtensionImages: row(imageMounts('extension'), NO_IMAGES, IMAGES),
  ExtensionImagePolicy: row(imagePolicy, '', IMAGES),
  MountImages: row(imageMounts('mount'), NO_IMAGES, IMAGES),
  MountImagePolicy: row(imagePolicy, '', IMAGES),
  User: row(userOrGroup, ''),
  Group: row(userOrGroup, ''),
  SupplementaryGroups: row(userOrGroupList, NO_TEXTS),
  SetLoginEnvironment: row(tristate, maybe),
  Nice: row(nice, noNumber),
  OOMScoreAdjust: row(oomScoreAdjust, noNumber),
  CoredumpFilter: row(coredumpFilter, noNumber, { notSimulated: 'no core dumps here' }),
  IOSchedulingClass: row(ioSchedulingClass, noText),
  IOSchedulingPriority: row(ioSchedulingPriority, noNumber),
  CPUSchedulingPolicy: row(cpuSchedulingPolicy, noText),
  CPUSchedulingPriority: row(cpuSchedulingPriority, 0),
  CPUSchedulingResetOnFork: row(boolean, false),
  CPUAffinity: row<CpuSet | 'numa'>(cpuAffinity, NO_CPUS),
  NUMAPolicy: row<'' | (typeof MPOL)[number]>(numaPolicy, '', { notSimulated: 'one memory node only' }),
  NUMAMask: row(numaMask, NO_CPUS, { notSimulated: 'one memory node only' }),
  UMask: row(mode, 0o022),
  Environment: row(environment, NO_TEXTS),
  EnvironmentFile: row(environmentFile, NO_TEXTS),
  PassEnvironment: row(passEnvironment, NO_TEXTS),
  UnsetEnvironment: row(unsetEnvironment, NO_TEXTS),
  DynamicUser: row(fatalBoolean, false),
  RemoveIPC: row(boolean, false),
  StandardInput: row<StandardInput>(standardInput, { kind: 'null', target: '' }),
  StandardOutput: row<StandardOutput>(standardOutput, { kind: 'journal', target: '' }),
  StandardError: row<StandardOutput>(standardOutput, { kind: 'inherit', target: '' }),
  StandardInputText: into('StandardInputData', inputText, '', { resets: ['StandardInputData'] }),
  /** What StandardInputText= and StandardInputData= make together. */
  StandardInputData: row(inputData, ''),
  TTYPath: row(path(), ''),
  TTYReset: row(boolean, false),
  TTYVHangup: row(boolean, false),
  TTYVTDisallocate: row(boolean, false),
  TTYRows: row(ttySize, noNumber),
  TTYColumns: row(ttySize, noNumber),
  SyslogIdentifier: row(string, ''),
  SyslogFacility: row(logFacility, 'daemon'),
  SyslogLevel: row(logLevel, 'info'),
  SyslogLevelPrefix: row(boolean, true),
  LogLevelMax: row<string>(logLevel, ''),
  LogRateLimitIntervalSec: row(sec, 0),
  LogRateLimitBurst: row(unsigned, 0),
  LogExtraFields: row(logExtraFields, NO_TEXTS),
  LogFilterPatterns: row<LogPatterns>(logFilterPatterns, { allowed: [], denied: [] }),
  Capabilities: into([], removed, undefined, { man: '', removed: true }),
  SecureBits: row(secureBits, NO_TEXTS),
  /** `undefined`: all. */
  CapabilityBoundingSet: row<CapabilitySet | undefined>(capabilities(true), undefined),
  AmbientCapabilities: row<CapabilitySet | undefined>(capabilities(false), 0n),
  TimerSlackNSec: row<number>(nsec, USEC_INFINITY, { notSimulated: 'timers are exact here' }),
  NoNewPrivileges: row(boolean, false),
  KeyringMode: row(oneOf(['inherit', 'private', 'shared']), 'shared', { notSimulated: 'no kernel keyrings here' }),
  ProtectProc: row(oneOf(['default', 'noaccess', 'invisible', 'ptraceable']), 'default'),
  ProcSubset: row(oneOf(['all', 'pid']), 'all'),
  SystemCallFilter: row<SyscallFilter | undefined>(syscallFilter, undefined),
  SystemCallArchitectures: row(syscallArchitectures, NO_TEXTS),
  SystemCallErrorNumber: row(syscallErrno, 'kill'),
  SystemCallLog: row<SyscallFilter | undefined>(syscallLog, undefined),
  MemoryDenyWriteExecute: row(boolean, false),
  /** Those that may be made; `undefined`: any. */
  RestrictNamespaces: row<readonly string[] | undefined>(restrictNamespaces, undefined),
  RestrictRealtime: row(boolean, false),
  RestrictSUIDSGID: row(boolean, false),
  RestrictAddressFamilies: row<NameList | undefined>(addressFamilies, undefined),
  LockPersonality: row(boolean, false),
  RestrictFileSystems: row<NameList | undefined>(restrictFileSystems, undefined, { notSimulated: 'no BPF programs here' }),
  LimitCPU: row(rlimit('seconds'), noLimit),
  LimitFSIZE: row(rlimit('size'), noLimit),
  LimitDATA: row(rlimit('size'), noLimit),
  LimitSTACK: row(rlimit('size'), noLimit),
  LimitCORE: row(rlimit('size'), noLimit),
  LimitRSS: row(rlimit('size'), noLimit),
  LimitNOFILE: row(rlimit('number'), noLimit),
  LimitAS: row(rlimit('size'), noLimit),
  LimitNPROC: row(rlimit('number'), noLimit),
  LimitMEMLOCK: row(rlimit('size'), noLimit),
  LimitLOCKS: row(rlimit('number'), noLimit),
  LimitSIGPENDING: row(rlimit('number'), noLimit),
  LimitMSGQUEUE: row(rlimit('size'), noLimit),
  LimitNICE: row(rlimit('nice'), noLimit),
  LimitRTPRIO: row(rlimit('number'), noLimit),
  LimitRTTIME: row(rlimit('microseconds'), noLimit),
  ReadWriteDirectories: into('ReadWritePaths', namespacePaths, NO_TEXTS, { man: '', replacedBy: 'ReadWritePaths' }),
  ReadOnlyDirectories: into('ReadOnlyPaths', namespacePaths, NO_TEXTS, { man: '', replacedBy: 'ReadOnlyPaths' }),
  InaccessibleDirectories: into('InaccessiblePaths', namespacePaths, NO_TEXTS, { man: '', replacedBy: 'InaccessiblePaths' }),
  /** With their `-` and `+`. */
  ReadWritePaths: row(namespacePaths, NO_TEXTS),
  ReadOnlyPaths: row(namespacePaths, NO_TEXTS),
  InaccessiblePaths: row(namespacePaths, NO_TEXTS),
  ExecPaths: row(namespacePaths, NO_TEXTS),
  NoExecPaths: row(namespacePaths, NO_TEXTS),
  ExecSearchPath: row(colonPaths, NO_TEXTS),
  BindPaths: row(bindPaths(false), NO_MOUNTS, { resets: ['BindReadOnlyPaths'] }),
  BindReadOnlyPaths: row(bindPaths(true), NO_MOUNTS, { resets: ['BindPaths'] }),
  TemporaryFileSystem: row<readonly TemporaryFileSystem[]>(temporaryFileSystems, []),
  PrivateTmp: row(oneOf(['no', 'connected', 'disconnected'], { boolean: { yes: 'connected', no: 'no' } }), 'no'),
  PrivateDevices: row(boolean, false),
  ProtectKernelTunables: row(boolean, false),
  ProtectKernelModules: row(boolean, false),
  ProtectKernelLogs: row(boolean, false),
  ProtectClock: row(boolean, false),
  ProtectControlGroups: row(oneOf(['no', 'yes', 'private', 'strict'], yesNo), 'no'),
  NetworkNamespacePath: row(path(), ''),
  IPCNamespacePath: row(path(), ''),
  LogNamespace: row(logNamespace, '', { notSimulated: 'one journal only' }),
  PrivateNetwork: row(boolean, false),
  PrivateUsers: row(oneOf(['no', 'self', 'identity'], { boolean: { yes: 'self', no: 'no' } }), 'no'),
  PrivateMounts: row(tristate, maybe),
  PrivateIPC: row(boolean, false),
  PrivatePIDs: row(oneOf(['no', 'yes'], yesNo), 'no'),
  ProtectSystem: row(oneOf(['no', 'yes', 'full', 'strict'], yesNo), 'no'),
  ProtectHome: row(oneOf(['no', 'yes', 'read-only', 'tmpfs'], yesNo), 'no'),
  MountFlags: row(mountFlags, ''),
  MountAPIVFS: row(tristate, maybe),
  BindLogSockets: row(tristate, maybe),
  Personality: row(personality, ''),
  RuntimeDirectoryPreserve: row(preserve, 'no'),
  RuntimeDirectoryMode: row(mode, DIRECTORY_MODE),
  RuntimeDirectory: row(execDirectories, NO_DIRECTORIES),
  StateDirectoryMode: row(mode, DIRECTORY_MODE),
  StateDirectory: row(execDirectories, NO_DIRECTORIES),
  CacheDirectoryMode: row(mode, DIRECTORY_MODE),
  CacheDirectory: row(execDirectories, NO_DIRECTORIES),
  LogsDirectoryMode: row(mode, DIRECTORY_MODE),
  LogsDirectory: row(execDirectories, NO_DIRECTORIES),
  ConfigurationDirectoryMode: row(mode, DIRECTORY_MODE),
  ConfigurationDirectory: row(execDirectories, NO_DIRECTORIES),
  SetCredential: row<readonly SetCredential[]>(setCredential(false), []),
  SetCredentialEncrypted: into('SetCredential', setCredential(true), [] as readonly SetCredential[], {
    notSimulated: 'no key to decrypt credentials with',
  }),
  LoadCredential: row<readonly LoadCredential[]>(loadCredential(false), []),
  LoadCredentialEncrypted: into('LoadCredential', loadCredential(true), [] as readonly LoadCredential[], {
    notSimulated: 'no key to decrypt credentials with',
  }),
  ImportCredential: row<readonly ImportCredential[]>(importCredential, []),
  TimeoutCleanSec: row(sec, USEC_INFINITY),
  PAMName: row(string, ''),
  IgnoreSIGPIPE: row(boolean, true),
  UtmpIdentifier: row(string, ''),
  UtmpMode: row(oneOf(['init', 'login', 'user']), 'init'),
  SELinuxContext: row<OptionalText>(label('LABEL'), NO_LABEL, LABELS),
  AppArmorProfile: row<OptionalText>(label('OTHER'), NO_LABEL, LABELS),
  SmackProcessLabel: row<OptionalText>(label('OTHER'), NO_LABEL, LABELS),
  ProtectHostname: row(boolean, false),
  MemoryKSM: row(tristate, maybe, { notSimulated: 'pages are not shared here' }),
}
