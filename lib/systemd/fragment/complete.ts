// After service.c, socket.c, mount.c … and unit.c: what follows from a unit's settings together, and what they may not be together.
import { pathSimplify, USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { errno, type Errno } from '@/lib/kernel'
import type { DeviceAllow, ExecSection, KillSection, ServiceSection, SocketSection, SpecifierHost } from '../directives'
import { sliceNameIsValid, unitNameFromPath, unitNameIsHashed, unitNameToPath, unitNameToPrefix, siphash24 } from '../unit-name'
import type { UnitDraft } from './load'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const bit = (number: number): bigint => 1n << BigInt(number)
const ALL = 2n ** 64n - 1n
const CAP_SYS_MODULE = 16
const CAP_SYS_RAWIO = 17
const CAP_SYS_TIME = 25
const CAP_MKNOD = 27
const CAP_SYSLOG = 34
const CAP_WAKE_ALARM = 35

const USER_NAME_KEY = [0x58, 0x1a, 0xaf, 0xe6, 0x28, 0x58, 0x4e, 0x96, 0xb4, 0x4e, 0xf5, 0x3b, 0x8c, 0x92, 0x07, 0xec]

/** The user that DynamicUser= makes up for a unit. */
export function dynamicUserName(id: string): string {
  const prefix = unitNameToPrefix(id) ?? ''
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,30}$/.test(prefix)) return prefix
  return `_du${siphash24(prefix, USER_NAME_KEY).toString(16).padStart(16, '0')}`
}

export const hasCredentials = (exec: ExecSection): boolean =>
  exec.SetCredential.length > 0 || exec.LoadCredential.length > 0 || exec.ImportCredential.length > 0

/** Directories below the user's own places, as `StateDirectory=` and its like name them. */
const DIRECTORIES = ['RuntimeDirectory', 'StateDirectory', 'CacheDirectory', 'LogsDirectory', 'ConfigurationDirectory'] as const

/** Whether a process of the unit gets its own view of the file systems. */
export function needsMountNamespace(exec: ExecSection): boolean {
  if (exec.RootImage !== '') return true
  const lists = [
    exec.ReadWritePaths,
    exec.ReadOnlyPaths,
    exec.InaccessiblePaths,
    exec.ExecPaths,
    exec.NoExecPaths,
    exec.BindPaths,
    exec.BindReadOnlyPaths,
    exec.TemporaryFileSystem,
    exec.MountImages,
    exec.ExtensionImages,
    exec.ExtensionDirectories,
  ]
  if (lists.some((list) => list.length > 0)) return true
  if (exec.MountFlags !== '' && exec.MountFlags !== 'shared') return true
  if (exec.PrivateTmp === 'disconnected') return true
  const network = exec.PrivateNetwork || exec.NetworkNamespacePath !== ''
  if (exec.PrivateDevices || exec.PrivateMounts === true || (exec.PrivateMounts === undefined && network)) return true
  if (exec.ProtectSystem !== 'no' || exec.ProtectHome !== 'no') return true
  if (exec.ProtectKernelTunables || exec.ProtectKernelModules || exec.ProtectKernelLogs || exec.ProtectControlGroups !== 'no') return true
  if (exec.ProtectProc !== 'default' || exec.ProcSubset !== 'all') return true
  if (exec.PrivateIPC || exec.IPCNamespacePath !== '' || exec.PrivatePIDs !== 'no') return true
  const hasDirectories = DIRECTORIES.some((name) => exec[name].length > 0)
  if (exec.RootDirectory !== '' && (exec.MountAPIVFS !== false || hasDirectories)) return true
  if (exec.DynamicUser && (exec.StateDirectory.length > 0 || exec.CacheDirectory.length > 0 || exec.LogsDirectory.length > 0)) return true
  return exec.BindLogSockets === true || exec.LogNamespace !== ''
}

function execOf(draft: UnitDraft): Mutable<ExecSection> | undefined {
  const config = draft.typed
  return config.Service ?? config.Socket ?? config.Mount ?? config.Swap
}

function refuse(draft: UnitDraft, message: string): Errno {
  draft.complain('error', message)
  return errno.ENOEXEC
}

const belowApi = (path: string): boolean => /^\/(?:dev|proc|sys)(?:\/|$)/.test(path)

/** Devices that settings need, in the order in which they are added. */
function impliedDevices(exec: ExecSection): readonly DeviceAllow[] {
  const images = exec.RootImage !== '' || exec.MountImages.length > 0 || exec.ExtensionImages.length > 0
  const encrypted = [...exec.SetCredential, ...exec.LoadCredential].some((one) => one.encrypted)
  return [
    ...(images ? ['/dev/loop-control', '/dev/mapper/control'].map((path) => ({ path, rights: 'rw' })) : []),
    ...(images ? ['block-loop', 'block-blkext', 'block-device-mapper'].map((path) => ({ path, rights: 'rwm' })) : []),
    ...(exec.ProtectClock ? [{ path: 'char-rtc', rights: 'r' }] : []),
    ...(encrypted ? [{ path: 'char-tpm', rights: 'rw' }] : []),
  ]
}

function patchExec(draft: UnitDraft, exec: Mutable<ExecSection>, host: SpecifierHost): Errno | undefined {
  if (draft.scope === 'user' && exec.WorkingDirectory.path === '') {
    const { home } = exec.WorkingDirectory
    exec.WorkingDirectory = { path: host.home, home, missingOk: home ? exec.WorkingDirectory.missingOk : true }
  }
  let dropped = 0n
  if (exec.PrivateDevices) dropped |= bit(CAP_MKNOD) | bit(CAP_SYS_RAWIO)
  if (exec.ProtectKernelModules) dropped |= bit(CAP_SYS_MODULE)
  if (exec.ProtectKernelLogs) dropped |= bit(CAP_SYSLOG)
  if (exec.ProtectClock) dropped |= bit(CAP_SYS_TIME) | bit(CAP_WAKE_ALARM)
  if (dropped !== 0n) exec.CapabilityBoundingSet = (exec.CapabilityBoundingSet ?? ALL) & ~dropped
  if (exec.DynamicUser) {
    if (exec.User === '') exec.User = dynamicUserName(draft.id)
    if (exec.Group === '') exec.Group = exec.User
    if (exec.PrivateTmp === 'no') exec.PrivateTmp = 'disconnected'
    exec.RemoveIPC = true
    exec.ProtectSystem = 'strict'
    if (exec.ProtectHome === 'no') exec.ProtectHome = 'read-only'
    exec.NoNewPrivileges = true
    exec.RestrictSUIDSGID = true
  }
  const config = draft.typed
  const cgroup = config.Service ?? config.Socket ?? config.Mount ?? config.Swap
  if (cgroup !== undefined) {
    if (exec.PrivateDevices && cgroup.DevicePolicy === 'auto') cgroup.DevicePolicy = 'closed'
    if (cgroup.DevicePolicy !== 'auto' || cgroup.DeviceAllow.length > 0) {
      cgroup.DeviceAllow = [...cgroup.DeviceAllow, ...impliedDevices(exec)]
    }
  }
  return verifyExec(draft, exec, cgroup)
}

function verifyExec(draft: UnitDraft, exec: ExecSection, kill: KillSection | undefined): Errno | undefined {
  if (draft.scope === 'user' && exec.DynamicUser) {
    return refuse(draft, 'DynamicUser= enabled for user unit, which is not supported. Refusing.')
  }
  if (exec.DynamicUser && exec.WorkingDirectory.home) {
    return refuse(draft, 'WorkingDirectory=~ is not allowed under DynamicUser=yes. Refusing.')
  }
  if (exec.WorkingDirectory.path !== '' && belowApi(exec.WorkingDirectory.path) && needsMountNamespace(exec)) {
    return refuse(draft, 'WorkingDirectory= may not be below /proc/, /sys/ or /dev/ when using mount namespacing. Refusing.')
  }
  if (exec.PrivatePIDs !== 'no' && draft.type !== 'service') {
    return refuse(draft, 'PrivatePIDs= setting is only supported for service units. Refusing.')
  }
  if (exec.PAMName !== '' && kill !== undefined && kill.KillMode !== 'control-group' && kill.KillMode !== 'mixed') {
    return refuse(draft, "Unit has PAM enabled. Kill mode must be set to 'control-group' or 'mixed'. Refusing.")
  }
  return undefined
}

const KEEPS_STREAMS: ReadonlySet<string> = new Set(['tty', 'tty-force', 'tty-fail', 'socket', 'fd'])

function completeService(draft: UnitDraft, service: Mutable<ServiceSection>): void {
  if (service.Type === '') {
    if (service.BusName !== '') service.Type = 'dbus'
    else if (hasCredentials(service)) service.Type = 'exec'
    else service.Type = service.ExecStart.length > 0 ? 'simple' : 'oneshot'
  }
  if (service.Type === 'oneshot' && !draft.has('Service', 'TimeoutStartSec', 'TimeoutSec')) service.TimeoutStartSec = USEC_INFINITY
  if (service.StandardInput.kind === 'null' && service.StandardInputData !== '') service.StandardInput = { kind: 'data', target: '' }
  if (KEEPS_STREAMS.has(service.StandardInput.kind)) return
  if (service.StandardOutput.kind === 'inherit') service.StandardOutput = { kind: 'journal', target: '' }
}

function completeSocket(socket: Mutable<SocketSection>): void {
  const unset = 2 ** 32 - 1
  if (socket.TriggerLimitIntervalSec === USEC_INFINITY) socket.TriggerLimitIntervalSec = 2 * USEC_PER_SEC
  if (socket.TriggerLimitBurst === unset) socket.TriggerLimitBurst = socket.Accept ? 200 : 20
  if (socket.PollLimitIntervalSec === USEC_INFINITY) socket.PollLimitIntervalSec = 2 * USEC_PER_SEC
  if (socket.PollLimitBurst === unset) socket.PollLimitBurst = socket.Accept ? 150 : 15
}

/** Fills in what follows from other settings, and looks at those of running programs. The error that ends the loading. */
export function completeUnit(draft: UnitDraft, host: SpecifierHost): Errno | undefined {
  const config = draft.typed
  const unit = config.Unit
  if (!draft.has('Unit', 'JobRunningTimeoutSec')) unit.JobRunningTimeoutSec = unit.JobTimeoutSec
  if (config.Service) completeService(draft, config.Service)
  if (config.Socket) completeSocket(config.Socket)
  if (config.Path) {
    if (config.Path.TriggerLimitIntervalSec === USEC_INFINITY) config.Path.TriggerLimitIntervalSec = 2 * USEC_PER_SEC
    if (config.Path.TriggerLimitBurst === 2 ** 32 - 1) config.Path.TriggerLimitBurst = 200
  }
  const place = config.Mount ?? config.Automount
  if (place !== undefined) {
    if (place.Where === '') {
      const path = unitNameToPath(draft.id)
      if (path === undefined) {
        if (!unitNameIsHashed(draft.id)) return errno.EINVAL
        const hashed = `Failed to derive mount point path from unit name, because unit name is hashed. Set "Where=" in the unit file explicitly.`
        draft.complain('error', hashed)
        return errno.ENAMETOOLONG
      }
      place.Where = path
    }
    place.Where = pathSimplify(place.Where)
    if (unit.Description === '' && config.Mount) unit.Description = place.Where
  }
  if (config.Swap) {
    if (config.Swap.What === '') {
      const path = unitNameToPath(draft.id)
      if (path === undefined) return errno.EINVAL
      config.Swap.What = path
    }
    config.Swap.What = pathSimplify(config.Swap.What)
    if (unit.Description === '') unit.Description = config.Swap.What
  }
  if (draft.type === 'slice' && !sliceNameIsValid(draft.id)) {
    return errno.EINVAL
  }
  const exec = execOf(draft)
  const fault = exec === undefined ? undefined : patchExec(draft, exec, host)
  if (fault !== undefined) return fault
  const service = config.Service
  if (service !== undefined) {
    const notifies = service.Type === 'notify' || service.Type === 'notify-reload'
    if (service.NotifyAccess === 'none' && (notifies || service.WatchdogSec > 0 || service.FileDescriptorStoreMax > 0)) {
      service.NotifyAccess = 'main'
    }
    if (service.OOMPolicy === '') service.OOMPolicy = service.Delegate === undefined ? 'stop' : 'continue'
  }
  if (config.Scope?.OOMPolicy === '') config.Scope.OOMPolicy = config.Scope.Delegate === undefined ? 'stop' : 'continue'
  return undefined
}

function refuseService(draft: UnitDraft, service: Mutable<ServiceSection>, unifiedCgroups: boolean): Errno | undefined {
  const oneshot = service.Type === 'oneshot'
  const starts = service.ExecStart.length
  const success = draft.typed.Unit.SuccessAction
  if (starts === 0 && service.ExecStop.length === 0 && success === 'none') {
    return refuse(draft, 'Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.')
  }
  if (!oneshot && starts === 0) {
    return refuse(draft, 'Service has no ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.')
  }
  if (!service.RemainAfterExit && starts === 0 && success === 'none') {
    return refuse(draft, 'Service has no ExecStart= and no SuccessAction= settings and does not have RemainAfterExit=yes set. Refusing.')
  }
  if (!oneshot && starts > 1) {
    return refuse(draft, 'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.')
  }
  if (oneshot && (service.Restart === 'always' || service.Restart === 'on-success')) {
    return refuse(
      draft,
      "Service has Restart= set to either always or on-success, which isn't allowed for Type=oneshot services. Refusing.",
    )
  }
  if (oneshot && service.ExitType === 'cgroup') {
    return refuse(draft, "Service has ExitType=cgroup set, which isn't allowed for Type=oneshot services. Refusing.")
  }
  if (service.Type === 'dbus' && service.BusName === '') {
    return refuse(draft, 'Service is of type D-Bus but no D-Bus service name has been specified. Refusing.')
  }
  if (service.Type === 'forking' && service.PrivatePIDs !== 'no') {
    return refuse(draft, 'Service of Type=forking does not support PrivatePIDs=yes. Refusing.')
  }
  const warn = (message: string) => draft.complain('warning', message)
  if (service.USBFunctionDescriptors !== '' && service.USBFunctionStrings === '') {
    warn('Service has USBFunctionDescriptors= setting, but no USBFunctionStrings=. Ignoring.')
  }
  if (service.USBFunctionDescriptors === '' && service.USBFunctionStrings !== '') {
    warn('Service has USBFunctionStrings= setting, but no USBFunctionDescriptors=. Ignoring.')
  }
  if (service.RuntimeMaxSec !== USEC_INFINITY && oneshot) {
    warn('RuntimeMaxSec= has no effect in combination with Type=oneshot. Ignoring.')
  }
  if (service.RuntimeMaxSec === USEC_INFINITY && service.RuntimeRandomizedExtraSec !== 0) {
    warn('Service has RuntimeRandomizedExtraSec= setting, but no RuntimeMaxSec=. Ignoring.')
  }
  if (service.Type === 'simple' && service.ExecStartPost.length > 0 && hasCredentials(service)) {
    warn('Service uses a combination of Type=simple, ExecStartPost=, and credentials. This could lead to race conditions. Continuing.')
  }
  if (service.ExitType === 'cgroup' && !unifiedCgroups) {
    warn('Service has ExitType=cgroup set, but we are running with legacy cgroups v1, which might not work correctly. Continuing.')
  }
  if (service.RestartMaxDelaySec === USEC_INFINITY && service.RestartSteps > 0) {
    warn('Service has RestartSteps= but no RestartMaxDelaySec= setting. Ignoring.')
  }
  if (service.RestartMaxDelaySec !== USEC_INFINITY && service.RestartSteps === 0) {
    warn('Service has RestartMaxDelaySec= but no RestartSteps= setting. Ignoring.')
  }
  if (service.RestartMaxDelaySec < service.RestartSec) {
    warn('RestartMaxDelaySec= has a value smaller than RestartSec=, resetting RestartSec= to RestartMaxDelaySec=.')
    service.RestartSec = service.RestartMaxDelaySec
  }
  return undefined
}

/** Listens in a way that gives one connection at a time to a service. */
export const canAccept = (socket: SocketSection): boolean =>
  socket.Listen.every((one) => one.type === 'Stream' || one.type === 'SequentialPacket')

function refuseSocket(draft: UnitDraft, socket: SocketSection): Errno | undefined {
  if (socket.Listen.length === 0) {
    return refuse(draft, 'Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.')
  }
  if (socket.MaxConnections <= 0) return refuse(draft, 'MaxConnection= setting too small. Refusing.')
  if (socket.Accept && !canAccept(socket)) {
    return refuse(draft, 'Unit configured for accepting sockets, but sockets are non-accepting. Refusing.')
  }
  if (socket.Accept && socket.Service !== '') {
    return refuse(draft, 'Explicit service configuration for accepting socket units not supported. Refusing.')
  }
  const nodes = socket.Listen.filter(
    (one) => one.type === 'FIFO' || (one.address.family === 'unix' && one.address.path.startsWith('/')),
  ).length
  if (socket.Symlinks.length > 0 && nodes !== 1) {
    return refuse(draft, 'Unit has symlinks set but none or more than one node in the file system. Refusing.')
  }
  return undefined
}

/** Mount points that are the system's own. */
const API_MOUNTS: ReadonlySet<string> = new Set([
  '/proc',
  '/sys',
  '/proc/sys',
  '/sys/kernel/security',
  '/sys/fs/smackfs',
  '/dev',
  '/dev/shm',
  '/dev/pts',
  '/run',
  '/sys/fs/cgroup',
  '/sys/fs/cgroup/unified',
  '/sys/fs/cgroup/systemd',
  '/sys/fs/pstore',
  '/sys/firmware/efi/efivars',
  '/sys/fs/bpf',
  '/proc/device-tree',
])
const IGNORED_MOUNTS: ReadonlySet<string> = new Set([
  '/sys/fs/selinux',
  '/dev/console',
  '/proc/kmsg',
  '/proc/sys',
  '/proc/sys/kernel/random/boot_id',
])
/** Mounts that the kernel or the initrd makes: no unit may. */
export const isApiMount = (path: string): boolean => API_MOUNTS.has(path) || path.startsWith('/sys/fs/cgroup/') || IGNORED_MOUNTS.has(path)

const RESERVED_AUTOFS = ['fd', 'pgrp', 'minproto', 'maxproto', 'direct', 'indirect']
export const mountOptionNames = (options: string): readonly string[] => options.split(',').map((option) => option.replace(/=[\s\S]*$/, ''))

function refusePlace(draft: UnitDraft, where: string, suffix: '.mount' | '.automount', generate: string): Errno | undefined {
  const name = unitNameFromPath(where, suffix)
  if (name === undefined) {
    draft.complain('error', `${generate}: ${errno.EINVAL.message}`)
    return errno.EINVAL
  }
  return draft.names.has(name) ? undefined : refuse(draft, "Where= setting doesn't match unit name. Refusing.")
}

/** Combinations that a unit may not have. The error that ends the loading. */
export function refuseUnit(draft: UnitDraft, host: SpecifierHost, unifiedCgroups = true): Errno | undefined {
  const config = draft.typed
  if (config.Service) return refuseService(draft, config.Service, unifiedCgroups)
  if (config.Socket) return refuseSocket(draft, config.Socket)
  if (config.Timer && config.Timer.Timers.length === 0 && !config.Timer.OnClockChange && !config.Timer.OnTimezoneChange) {
    return refuse(draft, 'Timer unit lacks value setting. Refusing.')
  }
  if (config.Path && config.Path.Paths.length === 0) return refuse(draft, 'Path unit lacks path setting. Refusing.')
  if (config.Mount) {
    const { Where: where, What: what } = config.Mount
    const fault = refusePlace(draft, where, '.mount', 'Failed to generate unit name from mount path')
    if (fault !== undefined) return fault
    if (isApiMount(where)) return refuse(draft, `Cannot create mount unit for API file system '${where}'. Refusing.`)
    if (where.startsWith(`${host.runtimeDirectory}/credentials/`) || where === `${host.runtimeDirectory}/credentials`) {
      return refuse(draft, `Cannot create mount unit for credential mount '${where}'. Refusing.`)
    }
    if (what === '' && draft.id !== '-.mount') return refuse(draft, 'What= setting is missing. Refusing.')
  }
  if (config.Automount) {
    if (config.Automount.Where === '/') return refuse(draft, 'Cannot have an automount unit for the root directory. Refusing.')
    const fault = refusePlace(draft, config.Automount.Where, '.automount', 'Failed to generate unit name from path')
    if (fault !== undefined) return fault
    const options = mountOptionNames(config.Automount.ExtraOptions)
    const reserved = RESERVED_AUTOFS.find((option) => options.includes(option))
    if (reserved !== undefined) return refuse(draft, `ExtraOptions= setting may not contain reserved option ${reserved}.`)
  }
  if (config.Swap) {
    const name = unitNameFromPath(config.Swap.What, '.swap')
    if (name === undefined) {
      draft.complain('error', `Failed to generate unit name from path: ${errno.EINVAL.message}`)
      return errno.EINVAL
    }
    if (!draft.names.has(name)) return refuse(draft, 'Value of What= and unit name do not match, not loading.')
  }
  return undefined
}
