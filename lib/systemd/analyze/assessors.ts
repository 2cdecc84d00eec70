// After analyze-security.c: the 81 questions that `systemd-analyze security` asks of a unit, in its order, with their weights.
import { capabilityMask, isNativeSyscall, syscallGroups } from '../seccomp-groups'
import type { SecurityInfo } from './security-info'

/** From 0, good, to the assessor's range, bad; `undefined` does not apply. */
export type Finding = { readonly badness: number | undefined; readonly description?: string }

export type Assessor = {
  /** As in the table: `CapabilityBoundingSet=~CAP_SYS_ADMIN`. */
  readonly id: string
  /** As in JSON and in policies. */
  readonly jsonField: string
  /** Of systemd.exec(5). */
  readonly anchor: string
  readonly weight: number
  readonly range: number
  readonly good: string
  readonly bad: string
  readonly notApplicable?: string
  /** Not asked of units that start in early boot. */
  readonly defaultDependenciesOnly?: boolean
  readonly assess: (info: SecurityInfo) => Finding
}

const finding = (badness: number, description?: string): Finding => (description === undefined ? { badness } : { badness, description })

/** A setting that should be on. */
const flag = (
  directive: string,
  weight: number,
  isGood: (info: SecurityInfo) => boolean,
  good: string,
  bad: string,
  more: Partial<Assessor> = {},
): Assessor => ({
  id: `${directive}=`,
  jsonField: directive,
  anchor: directive,
  weight,
  range: 1,
  good,
  bad,
  assess: (info) => finding(isGood(info) ? 0 : 1),
  ...more,
})

const capability = (label: string, field: string, weight: number, names: readonly string[], good: string, bad: string): Assessor => {
  const mask = capabilityMask(...names.map((name) => `cap_${name}`))
  return flag('CapabilityBoundingSet', weight, (info) => (info.capabilityBoundingSet & mask) === 0n, good, bad, {
    id: `CapabilityBoundingSet=~CAP_${label}`,
    jsonField: `CapabilityBoundingSet_CAP_${field}`,
  })
}

const namespace = (name: string, weight: number, noun: string): Assessor =>
  flag(
    'RestrictNamespaces',
    weight,
    (info) => info.allowedNamespaces !== undefined && !info.allowedNamespaces.includes(name),
    `Service cannot create ${noun} namespaces`,
    `Service may create ${noun} namespaces`,
    { id: `RestrictNamespaces=~${name}`, jsonField: `RestrictNamespaces_${name}` },
  )

const family = (kind: string, label: string, field: string, weight: number, noun: string): Assessor =>
  flag(
    'RestrictAddressFamilies',
    weight,
    (info) => info.restrictedFamilies.has(kind),
    `Service cannot allocate ${noun} sockets`,
    `Service may allocate ${noun} sockets`,
    { id: `RestrictAddressFamilies=~${label}`, jsonField: `RestrictAddressFamilies_${field}` },
  )

/** The first call of the group, in its own order, that the filter lets through. */
function offendingCall(group: string, info: SecurityInfo): string | undefined {
  for (const member of syscallGroups.get(group) ?? []) {
    if (member.startsWith('@')) {
      const inner = offendingCall(member, info)
      if (inner !== undefined) return inner
    } else if (isNativeSyscall(member) && info.systemCalls.has(member) === info.systemCallAllowList) return member
  }
  return undefined
}

const calls = (group: string, weight: number): Assessor => {
  const name = `@${group}`
  return {
    id: `SystemCallFilter=~${name}`,
    jsonField: `SystemCallFilter_${group.replaceAll('-', '_')}`,
    anchor: 'SystemCallFilter',
    weight,
    range: 10,
    good: '',
    bad: '',
    assess: (info) => {
      if (!info.systemCallAllowList && info.systemCalls.size === 0) return finding(10, 'Service does not filter system calls')
      const offender = offendingCall(name, info)
      const list = `System call ${info.systemCallAllowList ? 'allow' : 'deny'} list defined for service, and ${name}`
      // Allowing it is what an allow-list includes and a deny-list lacks.
      const included = info.systemCallAllowList === (offender !== undefined)
      if (offender === undefined) return finding(0, `${list} ${included ? 'is' : 'is not'} included`)
      return finding(info.systemCallAllowList ? 9 : 10, `${list} ${included ? 'is' : 'is not'} included (e.g. ${offender} is allowed)`)
    },
  }
}

const isRoot = (user: string): boolean => user === '0' || user === 'root'
const runsPrivileged = (info: SecurityInfo): boolean => isRoot(info.user) || (!info.dynamicUser && info.user === '')

function assessUser(info: SecurityInfo): Finding {
  if (info.user === 'nobody') return finding(9, "Service runs under as 'nobody' user, which should not be used for services")
  if (info.dynamicUser && !isRoot(info.user)) return finding(0, 'Service runs under a transient non-root user identity')
  if (info.user !== '' && !isRoot(info.user)) return finding(0, 'Service runs under a static non-root user identity')
  return finding(10)
}

function assessHome({ protectHome }: SecurityInfo): Finding {
  if (protectHome === 'yes') return finding(0, 'Service has no access to home directories')
  if (protectHome === 'read-only') return finding(5, 'Service has read-only access to home directories')
  if (protectHome === 'tmpfs') return finding(1, 'Service has access to fake empty home directories')
  return finding(10, 'Service has full access to home directories')
}

function assessSystem({ protectSystem }: SecurityInfo): Finding {
  if (protectSystem === 'yes') return finding(5, 'Service has limited write access to the OS file hierarchy')
  if (protectSystem === 'full') return finding(3, 'Service has very limited write access to the OS file hierarchy')
  if (protectSystem === 'strict') return finding(0, 'Service has strict read-only access to the OS file hierarchy')
  return finding(10, 'Service has full access to the OS file hierarchy')
}

function assessUmask({ umask }: SecurityInfo): Finding {
  const files = (who: string): string => `Files created by service are ${who} by default`
  if (!(umask & 0o002)) return finding(10, files('world-writable'))
  if (!(umask & 0o004)) return finding(5, files('world-readable'))
  if (!(umask & 0o020)) return finding(2, files('group-writable'))
  if (!(umask & 0o040)) return finding(1, files('group-readable'))
  return finding(0, files("accessible only by service's own user"))
}

function assessArchitectures({ systemCallArchitectures: names }: SecurityInfo): Finding {
  if (names.length === 0) return finding(10, 'Service may execute system calls with all ABIs')
  if (names.length === 1 && names[0] === 'native') return finding(0, 'Service may execute system calls only with native ABI')
  return finding(8, 'Service may execute system calls with multiple ABIs')
}

function assessAddresses(info: SecurityInfo): Finding {
  if (info.ipFilters) return finding(0, 'Service defines custom ingress/egress IP filters with BPF programs')
  if (!info.ipAddressDenyAll) return finding(10, 'Service does not define an IP address allow list')
  if (info.ipAddressAllowOther) return finding(5, 'Service defines IP address allow list with non-localhost entries')
  if (info.ipAddressAllowLocalhost) return finding(2, 'Service defines IP address allow list with only localhost entries')
  return finding(0, 'Service blocks all IP address ranges')
}

function assessDevices({ devicePolicy, deviceAllow }: SecurityInfo): Finding {
  if (devicePolicy !== 'strict' && devicePolicy !== 'closed') return finding(10, 'Service has no device ACL')
  if (deviceAllow.length === 0) return finding(0, 'Service has a minimal device ACL')
  return finding(5, `Service has a device ACL with some special devices: ${deviceAllow.join(' ')}`)
}

function assessProc({ protectProc }: SecurityInfo): Finding {
  if (protectProc === 'noaccess') return finding(1)
  return finding(protectProc === 'invisible' || protectProc === 'ptraceable' ? 0 : 3)
}

const graded = (directive: string, weight: number, range: number, assess: Assessor['assess'], more: Partial<Assessor> = {}): Assessor => ({
  id: `${directive}=`,
  jsonField: directive,
  anchor: directive,
  weight,
  range,
  good: '',
  bad: '',
  assess,
  ...more,
})

const earlyBoot = { defaultDependenciesOnly: true } as const

export const ASSESSORS: readonly Assessor[] = [
  graded('User', 2000, 10, assessUser, {
    id: 'User=/DynamicUser=',
    jsonField: 'UserOrDynamicUser',
    bad: 'Service runs as root user',
  }),
  graded(
    'SupplementaryGroups',
    200,
    1,
    (info) => (runsPrivileged(info) ? { badness: undefined } : finding(info.supplementaryGroups.length > 0 ? 1 : 0)),
    {
      good: 'Service has no supplementary groups',
      bad: 'Service runs with supplementary groups',
      notApplicable: 'Service runs as root, option does not matter',
    },
  ),
  flag(
    'PrivateDevices',
    1000,
    (i) => i.privateDevices,
    'Service has no access to hardware devices',
    'Service potentially has access to hardware devices',
  ),
  flag('PrivateMounts', 1000, (i) => i.privateMounts, 'Service cannot install system mounts', 'Service may install system mounts'),
  flag(
    'PrivateNetwork',
    2500,
    (i) => i.privateNetwork,
    "Service has no access to the host's network",
    "Service has access to the host's network",
  ),
  flag(
    'PrivateTmp',
    1000,
    (i) => i.privateTmp,
    "Service has no access to other software's temporary files",
    "Service has access to other software's temporary files",
    earlyBoot,
  ),
  flag('PrivateUsers', 1000, (i) => i.privateUsers, 'Service does not have access to other users', 'Service has access to other users'),
  flag(
    'ProtectControlGroups',
    1000,
    (i) => i.protectControlGroups,
    'Service cannot modify the control group file system',
    'Service may modify the control group file system',
  ),
  flag(
    'ProtectKernelModules',
    1000,
    (i) => i.protectKernelModules,
    'Service cannot load or read kernel modules',
    'Service may load or read kernel modules',
  ),
  flag(
    'ProtectKernelTunables',
    1000,
    (i) => i.protectKernelTunables,
    'Service cannot alter kernel tunables (/proc/sys, …)',
    'Service may alter kernel tunables',
  ),
  flag(
    'ProtectKernelLogs',
    1000,
    (i) => i.protectKernelLogs,
    'Service cannot read from or write to the kernel log ring buffer',
    'Service may read from or write to the kernel log ring buffer',
  ),
  flag(
    'ProtectClock',
    1000,
    (i) => i.protectClock,
    'Service cannot write to the hardware clock or system clock',
    'Service may write to the hardware clock or system clock',
  ),
  graded('ProtectHome', 1000, 10, assessHome, earlyBoot),
  flag(
    'ProtectHostname',
    50,
    (i) => i.protectHostname,
    'Service cannot change system host/domainname',
    'Service may change system host/domainname',
  ),
  graded('ProtectSystem', 1000, 10, assessSystem, earlyBoot),
  flag(
    'RootDirectory',
    200,
    (i) => !/^\/*$/.test(i.rootDirectory) || i.rootImage !== '',
    'Service has its own root directory/image',
    "Service runs within the host's root directory",
    { id: 'RootDirectory=/RootImage=', jsonField: 'RootDirectoryOrRootImage', ...earlyBoot },
  ),
  flag('LockPersonality', 100, (i) => i.lockPersonality, 'Service cannot change ABI personality', 'Service may change ABI personality'),
  flag(
    'MemoryDenyWriteExecute',
    100,
    (i) => i.memoryDenyWriteExecute,
    'Service cannot create writable executable memory mappings',
    'Service may create writable executable memory mappings',
  ),
  flag(
    'NoNewPrivileges',
    1000,
    (i) => i.noNewPrivileges,
    'Service processes cannot acquire new privileges',
    'Service processes may acquire new privileges',
  ),
  capability(
    'SYS_ADMIN',
    'SYS_ADMIN',
    1500,
    ['sys_admin'],
    'Service has no administrator privileges',
    'Service has administrator privileges',
  ),
  capability(
    'SET(UID|GID|PCAP)',
    'SET_UID_GID_PCAP',
    1500,
    ['setuid', 'setgid', 'setpcap'],
    'Service cannot change UID/GID identities/capabilities',
    'Service may change UID/GID identities/capabilities',
  ),
  capability(
    'SYS_PTRACE',
    'SYS_PTRACE',
    1500,
    ['sys_ptrace'],
    'Service has no ptrace() debugging abilities',
    'Service has ptrace() debugging abilities',
  ),
  capability(
    'SYS_TIME',
    'SYS_TIME',
    1000,
    ['sys_time'],
    'Service processes cannot change the system clock',
    'Service processes may change the system clock',
  ),
  capability(
    'NET_ADMIN',
    'NET_ADMIN',
    1000,
    ['net_admin'],
    'Service has no network configuration privileges',
    'Service has network configuration privileges',
  ),
  capability('SYS_RAWIO', 'SYS_RAWIO', 1000, ['sys_rawio'], 'Service has no raw I/O access', 'Service has raw I/O access'),
  capability('SYS_MODULE', 'SYS_MODULE', 1000, ['sys_module'], 'Service cannot load kernel modules', 'Service may load kernel modules'),
  capability(
    'AUDIT_*',
    'AUDIT',
    500,
    ['audit_control', 'audit_read', 'audit_write'],
    'Service has no audit subsystem access',
    'Service has audit subsystem access',
  ),
  capability('SYSLOG', 'SYSLOG', 500, ['syslog'], 'Service has no access to kernel logging', 'Service has access to kernel logging'),
  capability(
    'SYS_(NICE|RESOURCE)',
    'SYS_NICE_RESOURCE',
    500,
    ['sys_nice', 'sys_resource'],
    'Service has no privileges to change resource use parameters',
    'Service has privileges to change resource use parameters',
  ),
  capability('MKNOD', 'MKNOD', 500, ['mknod'], 'Service cannot create device nodes', 'Service may create device nodes'),
  capability(
    '(CHOWN|FSETID|SETFCAP)',
    'CHOWN_FSETID_SETFCAP',
    1000,
    ['chown', 'fsetid', 'setfcap'],
    'Service cannot change file ownership/access mode/capabilities',
    'Service may change file ownership/access mode/capabilities unrestricted',
  ),
  capability(
    '(DAC_*|FOWNER|IPC_OWNER)',
    'DAC_FOWNER_IPC_OWNER',
    1000,
    ['dac_override', 'dac_read_search', 'fowner', 'ipc_owner'],
    'Service cannot override UNIX file/IPC permission checks',
    'Service may override UNIX file/IPC permission checks',
  ),
  capability(
    'KILL',
    'KILL',
    500,
    ['kill'],
    'Service cannot send UNIX signals to arbitrary processes',
    'Service may send UNIX signals to arbitrary processes',
  ),
  capability(
    'NET_(BIND_SERVICE|BROADCAST|RAW)',
    'NET_BIND_SERVICE_BROADCAST_RAW)',
    500,
    ['net_bind_service', 'net_broadcast', 'net_raw'],
    'Service has no elevated networking privileges',
    'Service has elevated networking privileges',
  ),
  capability('SYS_BOOT', 'SYS_BOOT', 100, ['sys_boot'], 'Service cannot issue reboot()', 'Service may issue reboot()'),
  capability('MAC_*', 'MAC', 100, ['mac_admin', 'mac_override'], 'Service cannot adjust SMACK MAC', 'Service may adjust SMACK MAC'),
  capability(
    'LINUX_IMMUTABLE',
    'LINUX_IMMUTABLE',
    75,
    ['linux_immutable'],
    'Service cannot mark files immutable',
    'Service may mark files immutable',
  ),
  capability('IPC_LOCK', 'IPC_LOCK', 50, ['ipc_lock'], 'Service cannot lock memory into RAM', 'Service may lock memory into RAM'),
  capability('SYS_CHROOT', 'SYS_CHROOT', 50, ['sys_chroot'], 'Service cannot issue chroot()', 'Service may issue chroot()'),
  capability(
    'BLOCK_SUSPEND',
    'BLOCK_SUSPEND',
    25,
    ['block_suspend'],
    'Service cannot establish wake locks',
    'Service may establish wake locks',
  ),
  capability(
    'WAKE_ALARM',
    'WAKE_ALARM',
    25,
    ['wake_alarm'],
    'Service cannot program timers that wake up the system',
    'Service may program timers that wake up the system',
  ),
  capability('LEASE', 'LEASE', 25, ['lease'], 'Service cannot create file leases', 'Service may create file leases'),
  capability('SYS_TTY_CONFIG', 'SYS_TTY_CONFIG', 25, ['sys_tty_config'], 'Service cannot issue vhangup()', 'Service may issue vhangup()'),
  capability('SYS_PACCT', 'SYS_PACCT', 25, ['sys_pacct'], 'Service cannot use acct()', 'Service may use acct()'),
  capability('BPF', 'BPF', 25, ['bpf'], 'Service may not load BPF programs', 'Service may load BPF programs'),
  graded('UMask', 100, 10, assessUmask),
  flag(
    'KeyringMode',
    1000,
    (i) => i.keyringMode === 'private',
    "Service doesn't share key material with other services",
    'Service shares key material with other service',
  ),
  graded('ProtectProc', 1000, 3, assessProc, {
    good: 'Service has restricted access to process tree (/proc hidepid=)',
    bad: 'Service has full access to process tree (/proc hidepid=)',
  }),
  flag(
    'ProcSubset',
    10,
    (i) => i.procSubset === 'pid',
    'Service has no access to non-process /proc files (/proc subset=)',
    'Service has full access to non-process /proc files (/proc subset=)',
  ),
  flag(
    'NotifyAccess',
    1000,
    (i) => i.notifyAccess !== 'all',
    'Service child processes cannot alter service state',
    'Service child processes may alter service state',
  ),
  graded('RemoveIPC', 100, 1, (info) => (runsPrivileged(info) ? { badness: undefined } : finding(info.removeIpc ? 0 : 1)), {
    good: 'Service user cannot leave SysV IPC objects around',
    bad: 'Service user may leave SysV IPC objects around',
    notApplicable: 'Service runs as root, option does not apply',
  }),
  flag(
    'Delegate',
    100,
    (i) => !i.delegate,
    'Service does not maintain its own delegated control group subtree',
    'Service maintains its own delegated control group subtree',
  ),
  flag(
    'RestrictRealtime',
    500,
    (i) => i.restrictRealtime,
    'Service realtime scheduling access is restricted',
    'Service may acquire realtime scheduling',
  ),
  flag(
    'RestrictSUIDSGID',
    1000,
    (i) => i.restrictSuidSgid,
    'SUID/SGID file creation by service is restricted',
    'Service may create SUID/SGID files',
  ),
  namespace('user', 1500, 'user'),
  namespace('mnt', 500, 'file system'),
  namespace('ipc', 500, 'IPC'),
  namespace('pid', 500, 'process'),
  namespace('cgroup', 500, 'cgroup'),
  namespace('net', 500, 'network'),
  namespace('uts', 100, 'hostname'),
  family('inet', 'AF_(INET|INET6)', 'AF_INET_INET6', 1500, 'Internet'),
  family('unix', 'AF_UNIX', 'AF_UNIX', 25, 'local'),
  family('netlink', 'AF_NETLINK', 'AF_NETLINK', 200, 'netlink'),
  family('packet', 'AF_PACKET', 'AF_PACKET', 1000, 'packet'),
  family('other', '…', 'OTHER', 1250, 'exotic'),
  graded('SystemCallArchitectures', 1000, 10, assessArchitectures),
  calls('swap', 1000),
  calls('obsolete', 250),
  calls('clock', 1000),
  calls('cpu-emulation', 250),
  calls('debug', 1000),
  calls('mount', 1000),
  calls('module', 1000),
  calls('raw-io', 1000),
  calls('reboot', 1000),
  calls('privileged', 700),
  calls('resources', 700),
  graded('IPAddressDeny', 1000, 10, assessAddresses),
  graded('DeviceAllow', 1000, 10, assessDevices),
  flag(
    'AmbientCapabilities',
    500,
    (i) => i.ambientCapabilities === 0n,
    'Service process does not receive ambient capabilities',
    'Service process receives ambient capabilities',
  ),
]

/** The groups the assessors ask about, for tools that explain a filter. */
export const ASSESSED_GROUPS: readonly string[] = ASSESSORS.filter((one) => one.anchor === 'SystemCallFilter').map((one) =>
  one.id.slice('SystemCallFilter=~'.length),
)
