// What kinds of words a directive's value takes, beyond the list that its parser knows.
import type { KnownRow } from '@/lib/systemd/directives'
import { isExecDirective } from './exec-words'

export type ValueKind =
  | 'unit'
  | 'user'
  | 'group'
  | 'path'
  | 'directory'
  | 'exec'
  | 'syscall'
  | 'time'
  | 'size'
  | 'calendar'
  | 'percent'
  | 'condition'
  | 'free'

const USERS = new Set(['User', 'SocketUser'])
const GROUPS = new Set(['Group', 'SocketGroup', 'SupplementaryGroups'])
const DIRECTORIES = new Set(['WorkingDirectory', 'RootDirectory', 'Where'])
const PATHS =
  /^(?:EnvironmentFile|PIDFile|(?:ReadWrite|ReadOnly|Inaccessible|Exec|NoExec|Bind|BindReadOnly)Paths|ExecSearchPath|(?:Read(?:Write|Only)|Inaccessible)Directories|TemporaryFileSystem|Path(?:Exists|ExistsGlob|Changed|Modified)|DirectoryNotEmpty|(?:Requires|Wants)MountsFor|(?:Condition|Assert)(?:Path\w+|DirectoryNotEmpty|FileNotEmpty|FileIsExecutable)|SourcePath|What|ListenFIFO|ListenStream|ListenDatagram|LoadCredential|TTYPath|Symlinks)$/
export const DEPENDENCY_DIRECTIVES: ReadonlySet<string> = new Set([
  ...[
    'Requires',
    'Requisite',
    'Wants',
    'BindsTo',
    'BindTo',
    'Upholds',
    'Conflicts',
    'Before',
    'After',
    'OnSuccess',
    'OnFailure',
    'PropagatesReloadTo',
    'ReloadPropagatedFrom',
    'PropagatesStopTo',
  ],
  ...[
    'StopPropagatedFrom',
    'PartOf',
    'JoinsNamespaceOf',
    'Alias',
    'WantedBy',
    'RequiredBy',
    'UpheldBy',
    'Also',
    'Unit',
    'Sockets',
    'Slice',
    'RequiresOverridable',
    'RequisiteOverridable',
  ],
])

/** Unit names stand in the value of this directive. */
export const namesUnits = (section: string, key: string): boolean =>
  DEPENDENCY_DIRECTIVES.has(key) || (section === 'Socket' && key === 'Service')

export function valueKind(row: KnownRow): ValueKind {
  const { name, section } = row
  if (isExecDirective(section, name)) return 'exec'
  if (namesUnits(section, name)) return 'unit'
  if (USERS.has(name)) return 'user'
  if (GROUPS.has(name)) return 'group'
  if (DIRECTORIES.has(name)) return 'directory'
  if (PATHS.test(name)) return 'path'
  if (name === 'SystemCallFilter' || name === 'SystemCallLog') return 'syscall'
  if (name === 'OnCalendar') return 'calendar'
  if (name === 'CPUQuota') return 'percent'
  if (name.endsWith('Sec') || name === 'StartLimitInterval') return 'time'
  if (/^Memory\w*(?:Max|High|Low|Min)$|^Limit(?:FSIZE|DATA|STACK|CORE|RSS|AS|MEMLOCK)$/.test(name)) return 'size'
  if (/^(?:Condition|Assert)/.test(name)) return 'condition'
  return 'free'
}

/** Several words may stand in one line. */
export const takesList = (row: KnownRow): boolean => {
  const kind = valueKind(row)
  if (kind === 'unit') return !['Unit', 'Slice', 'Service'].includes(row.name)
  return (
    kind === 'syscall' ||
    /Paths$|Directories$|^(?:SupplementaryGroups|CapabilityBoundingSet|AmbientCapabilities|RestrictAddressFamilies|RestrictNamespaces|SystemCallArchitectures|Delegate|DisableControllers|SuccessExitStatus|RestartPreventExitStatus|RestartForceExitStatus|PassEnvironment|SecureBits|IPAddressAllow|IPAddressDeny|Documentation)$/.test(
      row.name,
    )
  )
}

export const TIME_EXAMPLES = ['5s', '10s', '30s', '1min', '5min', '15min', '1h', '1d', 'infinity']
export const SIZE_EXAMPLES = ['64M', '128M', '256M', '512M', '1G', '50%', 'infinity']
export const PERCENT_EXAMPLES = ['20%', '50%', '100%', '200%']
export const CALENDAR_EXAMPLES = [
  'minutely',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'semiannually',
  'yearly',
  '*:0/15',
  '*-*-* 03:00:00',
  'Mon..Fri 09:00',
  'Sun 04:30',
  '*-*-01 00:00:00',
]
export const CONDITION_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  Virtualization: [
    'yes',
    'no',
    'vm',
    'container',
    'kvm',
    'qemu',
    'vmware',
    'microsoft',
    'oracle',
    'xen',
    'docker',
    'podman',
    'lxc',
    'systemd-nspawn',
    'wsl',
    'private-users',
  ],
  Architecture: ['x86-64', 'x86', 'arm64', 'arm', 'riscv64', 'ppc64-le', 's390x', 'native'],
  Security: ['selinux', 'apparmor', 'tomoyo', 'smack', 'ima', 'audit', 'uefi-secureboot', 'tpm2', 'cvm', 'measured-uki'],
  ACPower: ['true', 'false'],
  FirstBoot: ['yes', 'no'],
  Firmware: ['uefi', 'device-tree', 'smbios-field('],
  ControlGroupController: ['cpu', 'io', 'memory', 'pids', 'v1', 'v2'],
  NeedsUpdate: ['/etc', '/var'],
  User: ['root', '@system'],
}
