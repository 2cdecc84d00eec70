// A whole unit for each directive, made to be loaded and tried as it stands.
import type { KnownRow, SectionName } from '@/lib/systemd/directives'

export type ReferenceExample = { readonly unit: string; readonly path: string; readonly text: string }

/** Values that make a telling example; others come from the kind of value. */
const VALUES: Readonly<Record<string, string>> = {
  Description: 'A small web server',
  Documentation: 'man:systemd.service(5) https://example.org/web',
  SourcePath: '/etc/web.conf',
  RebootArgument: 'firmware',
  JobTimeoutRebootArgument: 'firmware',
  FailureActionExitStatus: '3',
  SuccessActionExitStatus: '3',
  StartLimitBurst: '3',
  Environment: '"GREETING=hello there" PORT=8080',
  EnvironmentFile: '-/etc/default/web',
  PassEnvironment: 'LANG',
  UnsetEnvironment: 'LANG',
  User: 'www-data',
  Group: 'www-data',
  SupplementaryGroups: 'adm',
  WorkingDirectory: '/var/tmp',
  RootDirectory: '/srv/tree',
  PIDFile: '/run/web.pid',
  BusName: 'org.example.Web',
  Sockets: 'web.socket',
  OpenFile: '/etc/hostname:name:read-only',
  FileDescriptorStoreMax: '4',
  RestartSteps: '5',
  SuccessExitStatus: '143 SIGUSR1',
  RestartPreventExitStatus: '2',
  RestartForceExitStatus: '75',
  Nice: '5',
  OOMScoreAdjust: '500',
  IOSchedulingPriority: '6',
  CPUSchedulingPriority: '10',
  CPUAffinity: '0',
  AllowedCPUs: '0',
  StartupAllowedCPUs: '0',
  AllowedMemoryNodes: '0',
  StartupAllowedMemoryNodes: '0',
  UMask: '0077',
  StandardOutput: 'append:/var/log/web.log',
  StandardError: 'inherit',
  StandardInput: 'null',
  StandardInputText: 'hello',
  StandardInputData: 'aGVsbG8K',
  TTYPath: '/dev/tty9',
  TTYRows: '24',
  TTYColumns: '80',
  SyslogIdentifier: 'web',
  SyslogFacility: 'local0',
  SyslogLevel: 'notice',
  LogLevelMax: 'notice',
  LogRateLimitBurst: '100',
  LogExtraFields: 'TEAM=web',
  LogFilterPatterns: '~debug',
  SecureBits: 'keep-caps',
  CapabilityBoundingSet: 'CAP_NET_BIND_SERVICE',
  AmbientCapabilities: 'CAP_NET_BIND_SERVICE',
  SystemCallFilter: '@system-service',
  SystemCallLog: '@mount',
  SystemCallErrorNumber: 'EPERM',
  SystemCallArchitectures: 'native',
  RestrictNamespaces: 'yes',
  RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6',
  ReadWritePaths: '/var/tmp',
  ReadOnlyPaths: '/etc',
  InaccessiblePaths: '/srv',
  ExecPaths: '/usr/bin',
  NoExecPaths: '/tmp',
  ExecSearchPath: '/usr/local/bin:/usr/bin',
  BindPaths: '/var/tmp:/srv',
  BindReadOnlyPaths: '/etc:/srv',
  TemporaryFileSystem: '/srv:ro',
  PrivateTmp: 'yes',
  PrivateUsers: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  ProtectProc: 'invisible',
  ProcSubset: 'pid',
  ProtectControlGroups: 'yes',
  NetworkNamespacePath: '/run/netns/blue',
  IPCNamespacePath: '/run/ipcns/blue',
  Personality: 'x86-64',
  MountFlags: 'private',
  RuntimeDirectory: 'web',
  StateDirectory: 'web',
  CacheDirectory: 'web',
  LogsDirectory: 'web',
  ConfigurationDirectory: 'web',
  RuntimeDirectoryMode: '0750',
  StateDirectoryMode: '0750',
  CacheDirectoryMode: '0750',
  LogsDirectoryMode: '0750',
  ConfigurationDirectoryMode: '0750',
  SetCredential: 'token:hello',
  LoadCredential: 'name:/etc/hostname',
  ImportCredential: 'web.*',
  PAMName: 'login',
  UtmpIdentifier: 'w1',
  Slice: 'web.slice',
  CPUWeight: '50',
  StartupCPUWeight: '200',
  CPUQuota: '50%',
  IOWeight: '50',
  StartupIOWeight: '200',
  IODeviceWeight: '/dev/vda 50',
  IOReadBandwidthMax: '/dev/vda 5M',
  IOWriteBandwidthMax: '/dev/vda 5M',
  IOReadIOPSMax: '/dev/vda 1000',
  IOWriteIOPSMax: '/dev/vda 1000',
  IODeviceLatencyTargetSec: '/dev/vda 25ms',
  TasksMax: '20',
  DeviceAllow: '/dev/null rw',
  Delegate: 'cpu memory',
  DelegateSubgroup: 'main',
  DisableControllers: 'io',
  IPAddressAllow: 'localhost 192.168.0.0/16',
  IPAddressDeny: 'any',
  SocketBindAllow: 'tcp:8080',
  SocketBindDeny: 'any',
  RestrictNetworkInterfaces: 'lo',
  MemoryZSwapMax: '64M',
  ListenStream: '8080',
  ListenDatagram: '5140',
  ListenSequentialPacket: '/run/web.sock',
  ListenFIFO: '/run/web.fifo',
  ListenSpecial: '/dev/null',
  SocketProtocol: 'mptcp',
  Backlog: '128',
  BindToDevice: 'lo',
  SocketUser: 'www-data',
  SocketGroup: 'www-data',
  SocketMode: '0660',
  DirectoryMode: '0750',
  MaxConnections: '10',
  MaxConnectionsPerSource: '2',
  KeepAliveProbes: '3',
  Priority: '6',
  IPTOS: 'low-delay',
  IPTTL: '32',
  Mark: '7',
  Timestamping: 'us',
  TCPCongestion: 'cubic',
  MessageQueueMaxMessages: '10',
  MessageQueueMessageSize: '1024',
  Symlinks: '/run/web-link.sock',
  FileDescriptorName: 'http',
  TriggerLimitBurst: '20',
  PollLimitBurst: '20',
  OnCalendar: 'Mon..Fri 09:00',
  Unit: 'web.service',
  PathExists: '/run/web.start',
  PathExistsGlob: '/var/spool/web/*.job',
  PathChanged: '/etc/web.conf',
  PathModified: '/var/log/web.log',
  DirectoryNotEmpty: '/var/spool/web',
  What: 'tmpfs',
  Options: 'size=16M,mode=0755',
  ExtraOptions: 'nodev',
  Alias: 'www.service',
  WantedBy: 'multi-user.target',
  RequiredBy: 'multi-user.target',
  UpheldBy: 'multi-user.target',
  Also: 'web.socket',
  DefaultInstance: 'one',
  RequiresMountsFor: '/srv/web',
  WantsMountsFor: '/srv/web',
  CollectMode: 'inactive-or-failed',
  NotifyAccess: 'all',
  ExecCondition: '/usr/bin/test -e /etc/hostname',
  ExecStartPre: '/usr/bin/mkdir -p /run/web',
  ExecStart: '/usr/bin/sleep infinity',
  ExecStartPost: '/usr/bin/echo up',
  ExecReload: '/bin/kill -HUP $MAINPID',
  ExecStop: '/bin/kill -TERM $MAINPID',
  ExecStopPre: '/usr/bin/echo stopping',
  ExecStopPost: '/usr/bin/echo down',
  KillSignal: 'SIGINT',
  RestartKillSignal: 'SIGHUP',
  FinalKillSignal: 'SIGQUIT',
  WatchdogSignal: 'SIGTERM',
  ReloadSignal: 'SIGUSR1',
  ConditionArchitecture: 'x86-64',
  ConditionFirmware: 'uefi',
  ConditionVirtualization: '!container',
  ConditionHost: 'lab*',
  ConditionKernelCommandLine: 'quiet',
  ConditionKernelVersion: '>=5.10',
  ConditionCredential: 'web.token',
  ConditionSecurity: 'apparmor',
  ConditionCapability: 'CAP_SYS_ADMIN',
  ConditionMemory: '>=64M',
  ConditionCPUFeature: 'rdrand',
  ConditionCPUs: '>=1',
  ConditionEnvironment: 'LANG',
  ConditionUser: 'root',
  ConditionGroup: 'root',
  ConditionControlGroupController: 'memory',
  ConditionOSRelease: 'ID=debian',
  ConditionMemoryPressure: '80%',
  ConditionCPUPressure: '80%',
  ConditionIOPressure: '80%',
  ConditionNeedsUpdate: '/etc',
  ConditionPathExistsGlob: '/etc/host*',
  ConditionFileIsExecutable: '/usr/bin/sleep',
  ConditionPathIsDirectory: '/etc',
  ConditionPathIsMountPoint: '/',
  ConditionPathIsReadWrite: '/',
  ConditionDirectoryNotEmpty: '/etc',
}

const DEPENDENCY =
  /^(?:Requires|Requisite|Wants|BindsTo|Upholds|Conflicts|Before|After|OnSuccess|OnFailure|PropagatesReloadTo|ReloadPropagatedFrom|PropagatesStopTo|StopPropagatedFrom|PartOf|JoinsNamespaceOf)$/

function exampleValue(row: KnownRow): string | undefined {
  const { name, section } = row
  if (section === 'Service' && name === 'Type') return 'exec'
  if (section === 'Socket' && name === 'Service') return 'web.service'
  if ((section === 'Mount' || section === 'Automount') && name === 'Where') return '/mnt'
  if (section === 'Mount' && name === 'Type') return 'tmpfs'
  if (section === 'Swap' && name === 'What') return '/swapfile'
  if (section === 'Swap' && name === 'Options') return 'discard'
  const base = name.replace(/^Assert/, 'Condition')
  if (VALUES[base] !== undefined) return VALUES[base]
  if (DEPENDENCY.test(name)) return name === 'Conflicts' ? 'old.service' : 'db.service'
  if (name.endsWith('Sec')) return '30s'
  if (/Memory\w*(?:Max|High|Low|Min)$/.test(name)) return '128M'
  if (name === 'LimitNICE') return '+5'
  if (/^Limit(?:FSIZE|DATA|STACK|CORE|RSS|AS|MEMLOCK|MSGQUEUE)$/.test(name)) return '64M'
  if (name.startsWith('Limit')) return '100'
  if (/^(?:Condition|Assert)(?:FirstBoot|ACPower|PathIsEncrypted)/.test(name)) return name.includes('Path') ? '/var' : 'no'
  if (/^(?:Condition|Assert)/.test(name)) return '/etc/hostname'
  if (/^(?:ReceiveBuffer|SendBuffer|PipeSize)$/.test(name)) return '64K'
  const { values } = row.parser
  if (values?.includes('yes') || row.parser.placeholder === 'BOOLEAN') return row.initial === true ? 'no' : 'yes'
  return values?.find((one) => one !== row.initial && !/[:@]$/.test(one))
}

type Base = { readonly unit: string; readonly lines: Readonly<Partial<Record<SectionName, readonly string[]>>> }
const SERVICE: Base = {
  unit: 'web.service',
  lines: { Unit: ['Description=An example'], Service: ['ExecStart=/usr/bin/sleep infinity'], Install: ['WantedBy=multi-user.target'] },
}
const BASES: Readonly<Partial<Record<SectionName, Base>>> = {
  Socket: { unit: 'web.socket', lines: { Socket: ['ListenStream=8080'], Install: ['WantedBy=sockets.target'] } },
  Timer: { unit: 'web.timer', lines: { Timer: ['OnCalendar=daily'], Install: ['WantedBy=timers.target'] } },
  Path: { unit: 'web.path', lines: { Path: ['PathExists=/run/web.start'], Install: ['WantedBy=paths.target'] } },
  Mount: { unit: 'mnt.mount', lines: { Mount: ['What=tmpfs', 'Where=/mnt', 'Type=tmpfs'], Install: ['WantedBy=local-fs.target'] } },
  Automount: { unit: 'mnt.automount', lines: { Automount: ['Where=/mnt'], Install: ['WantedBy=local-fs.target'] } },
  Swap: { unit: 'swapfile.swap', lines: { Swap: ['What=/swapfile'], Install: ['WantedBy=swap.target'] } },
  Slice: { unit: 'web.slice', lines: { Slice: [] } },
}

/** Lines without which the directive would say nothing, or be refused. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  BusName: ['Type=dbus'],
  RuntimeRandomizedExtraSec: ['RuntimeMaxSec=1h'],
  Symlinks: ['ListenStream=/run/web.sock'],
  NotifyAccess: ['Type=notify'],
  ReloadSignal: ['Type=notify-reload'],
  PIDFile: ['Type=forking'],
  RestartSec: ['Restart=on-failure'],
  RestartSteps: ['Restart=on-failure', 'RestartMaxDelaySec=1min'],
  RestartMaxDelaySec: ['Restart=on-failure', 'RestartSteps=5'],
  RestartMode: ['Restart=on-failure'],
  RestartForceExitStatus: ['Restart=on-failure'],
  RestartPreventExitStatus: ['Restart=always'],
  StandardInputText: ['StandardInput=data'],
  StandardInputData: ['StandardInput=data'],
  AmbientCapabilities: ['User=www-data'],
  CPUSchedulingPriority: ['CPUSchedulingPolicy=rr'],
  ReadWritePaths: ['ProtectSystem=strict'],
  ExecPaths: ['NoExecPaths=/'],
  MaxConnections: ['Accept=yes'],
  MaxConnectionsPerSource: ['Accept=yes'],
  IPAddressAllow: ['IPAddressDeny=any'],
  SocketBindAllow: ['SocketBindDeny=any'],
  SystemCallErrorNumber: ['SystemCallFilter=~@mount'],
  LogRateLimitBurst: ['LogRateLimitIntervalSec=30s'],
  MakeDirectory: ['DirectoryNotEmpty=/var/spool/web'],
}

/** Undefined for what only other programs can make (scopes), and what is not acted on. */
export function exampleOf(row: KnownRow): ReferenceExample | undefined {
  if (row.section === 'Scope' || row.notSimulated !== undefined || row.replacedBy !== undefined) return undefined
  const value = exampleValue(row)
  if (value === undefined) return undefined
  const base = BASES[row.section] ?? SERVICE
  const unit = row.name === 'DefaultInstance' ? 'web@.service' : base.unit
  const line = `${row.name}=${value}`
  const beside = row.section === 'Service' || row.section === 'Socket' || row.section === 'Path' ? (BESIDE[row.name] ?? []) : []
  const order: readonly SectionName[] = [
    'Unit',
    ...(Object.keys(base.lines) as SectionName[]).filter((one) => one !== 'Unit' && one !== 'Install'),
    'Install',
  ]
  const texts = order.flatMap((section) => {
    let lines = base.lines[section] ?? []
    // Of several triggers and sockets the example wants one: its own.
    const replaces =
      section === row.section &&
      (/^(?:On|Listen|Path(?:Exists|Changed|Modified)|DirectoryNotEmpty)/.test(row.name) ||
        lines.some((one) => one.startsWith(`${row.name}=`)))
    if (replaces) lines = lines.filter((one) => !one.startsWith(`${row.name}=`) && !/^(?:OnCalendar|ListenStream|PathExists)=/.test(one))
    if (section === row.section && beside.some((one) => one.startsWith('Listen'))) lines = []
    if (section === row.section) lines = [...lines, ...beside, line]
    return lines.length === 0 ? [] : [`[${section}]\n${lines.join('\n')}\n`]
  })
  return { unit, path: `/etc/systemd/system/${unit}`, text: texts.join('\n') }
}
