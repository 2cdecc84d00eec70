// Data of the reference pages: one page a directive, with every section that knows the name.
import { directiveSummary, formatInitial, manualPage, POPULAR, valueSummary, type Words } from '@/lib/language'
import { directivesOf, findDirective, type KnownRow, SECTIONS, type SectionName } from '@/lib/systemd/directives'
import { exampleOf, type ReferenceExample } from './reference-example'

export type { ReferenceExample } from './reference-example'

export type ReferenceEntry = {
  /** Sections in which the name means this. */
  readonly sections: readonly SectionName[]
  readonly summary: Words
  /** '' where nothing is set. */
  readonly initial: string
  readonly values: readonly { readonly value: string; readonly meaning: Words | undefined }[]
  /** 0: older than the records. */
  readonly since: number
  readonly man: { readonly page: string; readonly url: string } | undefined
  /** When and where it takes effect. */
  readonly effect: Words
  /** A command that shows it at work on the example. */
  readonly see: string
  /** A whole unit to try in the sandbox. */
  readonly example: ReferenceExample | undefined
  readonly related: readonly string[]
  readonly replacedBy?: string
  /** Why the simulated machine does not act on it. */
  readonly notSimulated?: string
}
export type ReferencePage = { readonly name: string; readonly entries: readonly ReferenceEntry[] }

const EFFECTS = {
  unit: [
    'Read with the file. After `systemctl daemon-reload` it counts for the next start, stop or reload.',
    '파일과 함께 읽힙니다. `systemctl daemon-reload` 뒤 다음 시작·정지·reload부터 적용됩니다.',
  ],
  install: [
    'Read by `systemctl enable` and `disable` alone, which make and remove links. A running machine does not change by it.',
    '`systemctl enable`과 `disable`만 읽어 링크를 만들고 지웁니다. 도는 시스템은 바뀌지 않습니다.',
  ],
  condition: [
    'Tested at each start, right before it. `systemctl status` tells which one did not hold.',
    '시작할 때마다 바로 앞에서 검사합니다. 어느 것이 맞지 않았는지는 `systemctl status`가 알려 줍니다.',
  ],
  service: [
    'The manager acts by it while the service runs. `systemctl daemon-reload` makes a change known.',
    '서비스가 도는 동안 매니저가 따릅니다. 변경은 `systemctl daemon-reload`로 알립니다.',
  ],
  exec: [
    'Set up for each process of the unit right before its program is executed: restart the service to see a change.',
    '유닛의 프로세스마다 프로그램을 실행하기 직전에 적용합니다. 변경을 보려면 서비스를 재시작하세요.',
  ],
  cgroup: [
    'An attribute of the unit’s control group; it holds for all its processes together, at once after `systemctl daemon-reload`. `systemctl set-property` changes it live.',
    '유닛 컨트롤 그룹의 속성입니다. 모든 프로세스에 함께, `systemctl daemon-reload` 뒤 바로 적용됩니다. `systemctl set-property`로 실행 중에도 바꿉니다.',
  ],
  kill: ['Used when the unit is stopped.', '유닛을 멈출 때 쓰입니다.'],
  socket: ['Applied when the socket unit is started and its sockets are opened.', '소켓 유닛이 시작되어 소켓을 열 때 적용됩니다.'],
  timer: [
    'The timer is computed anew when it is started or reloaded; `systemctl list-timers` shows the result.',
    '타이머를 시작하거나 다시 읽을 때 새로 계산합니다. 결과는 `systemctl list-timers`에 나옵니다.',
  ],
  path: ['The watch is set when the path unit is started.', 'path 유닛을 시작할 때 감시를 겁니다.'],
  mount: ['Used when the file system is mounted or unmounted.', '파일 시스템을 마운트하거나 뗄 때 쓰입니다.'],
} as const satisfies Record<string, Words>

function effectOf(row: KnownRow): Words {
  if (row.section === 'Install') return EFFECTS.install
  if (row.section === 'Unit') return /^(?:Condition|Assert)/.test(row.name) ? EFFECTS.condition : EFFECTS.unit
  if (findDirective('Slice', row.name)) return EFFECTS.cgroup
  if (/^(?:Kill|SendSIG|RestartKill|FinalKill|WatchdogSignal)/.test(row.name)) return EFFECTS.kill
  // What sections of other types share with [Service] is about how programs are run.
  if (findDirective('Swap', row.name) && findDirective('Service', row.name) && row.name !== 'TimeoutSec') return EFFECTS.exec
  switch (row.section) {
    case 'Socket':
      return EFFECTS.socket
    case 'Timer':
      return EFFECTS.timer
    case 'Path':
      return EFFECTS.path
    case 'Mount':
    case 'Automount':
    case 'Swap':
      return EFFECTS.mount
    default:
      return EFFECTS.service
  }
}

/** Names that belong together; a directive's neighbours are those of its first group. */
const GROUPS: readonly (readonly string[])[] = [
  ['Requires', 'Wants', 'BindsTo', 'Requisite', 'PartOf', 'Upholds', 'Conflicts', 'After'],
  ['After', 'Before', 'Requires', 'DefaultDependencies'],
  ['OnFailure', 'OnSuccess', 'OnFailureJobMode', 'OnSuccessJobMode', 'FailureAction', 'SuccessAction'],
  ['StartLimitIntervalSec', 'StartLimitBurst', 'StartLimitAction', 'Restart', 'RestartSec'],
  [
    'Restart',
    'RestartSec',
    'RestartSteps',
    'RestartMaxDelaySec',
    'RestartMode',
    'RestartPreventExitStatus',
    'RestartForceExitStatus',
    'SuccessExitStatus',
    'StartLimitBurst',
  ],
  ['Type', 'ExecStart', 'NotifyAccess', 'PIDFile', 'BusName', 'RemainAfterExit', 'ExitType', 'GuessMainPID'],
  ['ExecStart', 'ExecStartPre', 'ExecStartPost', 'ExecCondition', 'ExecReload', 'ExecStop', 'ExecStopPost'],
  [
    'TimeoutStartSec',
    'TimeoutStopSec',
    'TimeoutAbortSec',
    'TimeoutSec',
    'RuntimeMaxSec',
    'TimeoutStartFailureMode',
    'TimeoutStopFailureMode',
    'JobTimeoutSec',
  ],
  ['WatchdogSec', 'NotifyAccess', 'WatchdogSignal', 'TimeoutAbortSec'],
  ['KillMode', 'KillSignal', 'SendSIGKILL', 'SendSIGHUP', 'FinalKillSignal', 'RestartKillSignal', 'TimeoutStopSec'],
  ['User', 'Group', 'SupplementaryGroups', 'DynamicUser', 'UMask', 'AmbientCapabilities'],
  ['Environment', 'EnvironmentFile', 'PassEnvironment', 'UnsetEnvironment', 'SetLoginEnvironment', 'LoadCredential'],
  [
    'RuntimeDirectory',
    'StateDirectory',
    'CacheDirectory',
    'LogsDirectory',
    'ConfigurationDirectory',
    'RuntimeDirectoryPreserve',
    'ReadWritePaths',
  ],
  ['StandardOutput', 'StandardError', 'StandardInput', 'SyslogIdentifier', 'TTYPath', 'LogLevelMax'],
  [
    'LogRateLimitIntervalSec',
    'LogRateLimitBurst',
    'LogLevelMax',
    'LogExtraFields',
    'LogFilterPatterns',
    'SyslogLevel',
    'SyslogFacility',
    'SyslogLevelPrefix',
  ],
  [
    'ProtectSystem',
    'ProtectHome',
    'ReadWritePaths',
    'ReadOnlyPaths',
    'InaccessiblePaths',
    'PrivateTmp',
    'StateDirectory',
    'TemporaryFileSystem',
    'BindPaths',
  ],
  ['PrivateTmp', 'PrivateDevices', 'PrivateNetwork', 'PrivateUsers', 'PrivateMounts', 'PrivateIPC', 'PrivatePIDs'],
  [
    'ProtectKernelTunables',
    'ProtectKernelModules',
    'ProtectKernelLogs',
    'ProtectClock',
    'ProtectControlGroups',
    'ProtectHostname',
    'ProtectProc',
    'ProcSubset',
  ],
  ['NoNewPrivileges', 'CapabilityBoundingSet', 'AmbientCapabilities', 'RestrictSUIDSGID', 'SecureBits', 'User'],
  [
    'SystemCallFilter',
    'SystemCallErrorNumber',
    'SystemCallArchitectures',
    'SystemCallLog',
    'RestrictAddressFamilies',
    'RestrictNamespaces',
    'MemoryDenyWriteExecute',
    'LockPersonality',
    'RestrictRealtime',
  ],
  ['MemoryMax', 'MemoryHigh', 'MemoryLow', 'MemoryMin', 'MemorySwapMax', 'OOMPolicy', 'OOMScoreAdjust', 'MemoryAccounting'],
  ['CPUQuota', 'CPUWeight', 'CPUQuotaPeriodSec', 'AllowedCPUs', 'CPUAffinity', 'Nice', 'CPUSchedulingPolicy'],
  [
    'IOWeight',
    'IOReadBandwidthMax',
    'IOWriteBandwidthMax',
    'IOReadIOPSMax',
    'IOWriteIOPSMax',
    'IODeviceWeight',
    'IOSchedulingClass',
    'IOSchedulingPriority',
  ],
  ['IPAddressDeny', 'IPAddressAllow', 'SocketBindDeny', 'SocketBindAllow', 'RestrictNetworkInterfaces', 'PrivateNetwork', 'IPAccounting'],
  ['TasksMax', 'LimitNPROC', 'TasksAccounting'],
  ['DeviceAllow', 'DevicePolicy', 'PrivateDevices'],
  ['LimitNOFILE', 'LimitNPROC', 'LimitCORE', 'LimitMEMLOCK', 'LimitFSIZE', 'LimitCPU', 'LimitSTACK', 'LimitAS'],
  ['ListenStream', 'ListenDatagram', 'ListenFIFO', 'ListenSequentialPacket', 'Accept', 'Service', 'SocketMode', 'Backlog'],
  ['Accept', 'MaxConnections', 'MaxConnectionsPerSource', 'ListenStream', 'TriggerLimitBurst', 'TriggerLimitIntervalSec', 'NonBlocking'],
  ['SocketUser', 'SocketGroup', 'SocketMode', 'DirectoryMode', 'RemoveOnStop', 'Symlinks'],
  ['OnCalendar', 'OnBootSec', 'OnActiveSec', 'OnStartupSec', 'OnUnitActiveSec', 'OnUnitInactiveSec', 'Persistent', 'AccuracySec'],
  ['AccuracySec', 'RandomizedDelaySec', 'FixedRandomDelay', 'Persistent', 'OnCalendar'],
  ['PathExists', 'PathExistsGlob', 'PathChanged', 'PathModified', 'DirectoryNotEmpty', 'MakeDirectory', 'Unit'],
  ['What', 'Where', 'Type', 'Options', 'TimeoutSec'],
  ['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias', 'Also', 'DefaultInstance'],
  [
    'ConditionPathExists',
    'ConditionPathIsDirectory',
    'ConditionFileNotEmpty',
    'ConditionDirectoryNotEmpty',
    'ConditionVirtualization',
    'AssertPathExists',
    'ExecCondition',
  ],
]
const RELATED_MAX = 8

function relatedOf(row: KnownRow): readonly string[] {
  const known = (name: string) =>
    name !== row.name && (findDirective(row.section, name) ?? findDirective('Unit', name) ?? findDirective('Service', name)) !== undefined
  const named = GROUPS.filter((group) => group.includes(row.name)).flat()
  if (named.length > 0) return [...new Set(named)].filter(known).slice(0, RELATED_MAX)
  // Else those whose names begin alike.
  const stem = /^(?:Startup|Default|Condition|Assert|[A-Z]+[a-z]*)/.exec(row.name)?.[0] ?? row.name
  const alike = [...directivesOf(row.section).values()].filter((one) => one.name.startsWith(stem) && !one.replacedBy && !one.removed)
  return alike
    .map((one) => one.name)
    .filter(known)
    .slice(0, RELATED_MAX)
}

function seeOf(row: KnownRow, example: ReferenceExample | undefined): string {
  const unit = example?.unit ?? 'web.service'
  if (row.section === 'Install') return `systemctl is-enabled ${unit}`
  if (row.section === 'Timer') return `systemctl list-timers ${unit}`
  if (/^(?:Condition|Assert)/.test(row.name)) return `systemctl status ${unit}`
  return `systemctl show -p ${row.name.replace(/Sec$/, 'USec')} ${unit}`
}

const isShown = (row: KnownRow): boolean => !row.removed && directiveSummary(row.section, row.name) !== undefined

function entryOf(row: KnownRow, sections: readonly SectionName[]): ReferenceEntry {
  const example = exampleOf(row)
  return {
    sections,
    summary: directiveSummary(row.section, row.name) ?? ['', ''],
    initial: formatInitial(row),
    values: (row.parser.values ?? []).map((value) => ({ value, meaning: valueSummary(row.name, value) })),
    since: row.since,
    man: row.man === '' ? undefined : { page: row.man, url: manualPage(row.man) },
    effect: effectOf(row),
    see: seeOf(row, example),
    example,
    related: relatedOf(row),
    ...(row.replacedBy === undefined ? {} : { replacedBy: row.replacedBy }),
    ...(row.notSimulated === undefined ? {} : { notSimulated: row.notSimulated }),
  }
}

/** Names that have a page. */
export const referenceNames: readonly string[] = [
  ...new Set(SECTIONS.flatMap((section) => [...directivesOf(section).values()].filter(isShown).map((row) => row.name))),
].sort()

export function referencePage(name: string): ReferencePage | undefined {
  const rows = SECTIONS.flatMap((section) => {
    const row = findDirective(section, name)
    return row !== undefined && isShown(row) ? [row] : []
  })
  if (rows.length === 0) return undefined
  const kinds = new Map<string, KnownRow[]>()
  for (const row of rows) {
    const key = directiveSummary(row.section, name)?.[0] ?? ''
    const same = kinds.get(key)
    if (same) same.push(row)
    else kinds.set(key, [row])
  }
  return {
    name,
    entries: [...kinds.values()].map((same) =>
      entryOf(
        same[0]!,
        same.map((row) => row.section),
      ),
    ),
  }
}

/** For an index: sections with their names, those that people look for first. */
export const referenceIndex: readonly { readonly section: SectionName; readonly names: readonly string[] }[] = SECTIONS.map((section) => {
  const popular = POPULAR[section] ?? []
  const names = [...directivesOf(section).values()].filter((row) => isShown(row) && !row.replacedBy).map((row) => row.name)
  const rank = (name: string) => (popular.includes(name) ? popular.indexOf(name) : popular.length)
  return { section, names: names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)) }
})
