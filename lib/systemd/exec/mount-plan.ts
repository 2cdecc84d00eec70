// After systemd.exec(5), "Sandboxing": the directives as a list of places and what becomes of each.
import type { Cause } from '@/lib/kernel'
import { execDirectoryPaths, isPrivate } from './directories'
import type { ExecParameters } from './parameters'

export type MountMode =
  | 'inaccessible'
  | 'read-only'
  | 'read-write'
  | 'read-write-implicit'
  | 'exec'
  | 'noexec'
  | 'bind'
  | 'bind-read-only'
  | 'tmpfs'
  | 'private-dev'
  | 'private-tmp'
  | 'private-tmpfs'
  | 'proc'
  | 'cgroup'
  | 'credentials'

export type MountEntry = {
  readonly path: string
  readonly mode: MountMode
  /** Not there: no error. */
  readonly ignore: boolean
  readonly cause: Cause
  readonly source?: string
  readonly options?: string
  readonly flags?: number
  readonly recursive?: boolean
}

const tunables: readonly (readonly [path: string, mode: MountMode])[] = [
  ['/proc/acpi', 'read-only'],
  ['/proc/apm', 'read-only'],
  ['/proc/asound', 'read-only'],
  ['/proc/bus', 'read-only'],
  ['/proc/fs', 'read-only'],
  ['/proc/irq', 'read-only'],
  ['/proc/kallsyms', 'inaccessible'],
  ['/proc/kcore', 'inaccessible'],
  ['/proc/latency_stats', 'read-only'],
  ['/proc/mtrr', 'read-only'],
  ['/proc/scsi', 'read-only'],
  ['/proc/sys', 'read-only'],
  ['/proc/sysrq-trigger', 'read-only'],
  ['/proc/timer_stats', 'read-only'],
  ['/sys/fs/bpf', 'read-only'],
  ['/sys/kernel/debug', 'read-only'],
  ['/sys/kernel/tracing', 'read-only'],
]

const systemTables: Readonly<Record<string, readonly (readonly [path: string, mode: MountMode])[]>> = {
  yes: [
    ['/usr', 'read-only'],
    ['/boot', 'read-only'],
    ['/efi', 'read-only'],
  ],
  full: [
    ['/usr', 'read-only'],
    ['/boot', 'read-only'],
    ['/efi', 'read-only'],
    ['/etc', 'read-only'],
  ],
  strict: [
    ['/', 'read-only'],
    ['/proc', 'read-write-implicit'],
    ['/sys', 'read-write-implicit'],
    ['/dev', 'read-write-implicit'],
    ['/home', 'read-write-implicit'],
    ['/run/user', 'read-write-implicit'],
    ['/root', 'read-write-implicit'],
  ],
}

/** `-/path`, `+/path`: the path and whether it may be missing. */
function written(text: string): { readonly path: string; readonly ignore: boolean } {
  const match = /^([-+]*)(.*)$/.exec(text)
  return { path: match?.[2] ?? text, ignore: (match?.[1] ?? '').includes('-') }
}

/** Does the unit need a mount namespace of its own? */
export function needsMountNamespace({ config, privateTmp }: ExecParameters): boolean {
  return (
    (config.RootDirectory !== '' && config.RootDirectory !== '/') ||
    config.RootImage !== '' ||
    config.ExtensionDirectories.length + config.ExtensionImages.length + config.MountImages.length > 0 ||
    [config.ReadWritePaths, config.ReadOnlyPaths, config.InaccessiblePaths, config.ExecPaths, config.NoExecPaths].some(
      (list) => list.length > 0,
    ) ||
    config.BindPaths.length + config.BindReadOnlyPaths.length + config.TemporaryFileSystem.length > 0 ||
    (config.MountFlags !== '' && config.MountFlags !== 'shared') ||
    config.PrivateTmp !== 'no' ||
    privateTmp !== undefined ||
    config.PrivateDevices ||
    config.PrivateMounts === true ||
    config.ProtectSystem !== 'no' ||
    config.ProtectHome !== 'no' ||
    config.ProtectKernelTunables ||
    config.ProtectKernelModules ||
    config.ProtectKernelLogs ||
    config.ProtectControlGroups !== 'no' ||
    config.ProtectProc !== 'default' ||
    config.ProcSubset !== 'all' ||
    config.PrivatePIDs === 'yes' ||
    config.PrivateNetwork ||
    config.PrivateIPC ||
    config.LogNamespace !== '' ||
    config.MountAPIVFS === true ||
    config.DynamicUser ||
    execDirectoryNeedsMount(config)
  )
}

function execDirectoryNeedsMount(config: ExecParameters['config']): boolean {
  return [...config.StateDirectory, ...config.CacheDirectory, ...config.LogsDirectory].some((one) => one.readOnly)
}

/** In the order of systemd's own list; sorted by path later. */
export function mountPlan(parameters: ExecParameters): readonly MountEntry[] {
  const { config, cause } = parameters
  const plan: MountEntry[] = []
  const lists: readonly (readonly ['ReadWritePaths' | 'ReadOnlyPaths' | 'InaccessiblePaths' | 'ExecPaths' | 'NoExecPaths', MountMode])[] = [
    ['ReadWritePaths', 'read-write'],
    ['ReadOnlyPaths', 'read-only'],
    ['InaccessiblePaths', 'inaccessible'],
    ['ExecPaths', 'exec'],
    ['NoExecPaths', 'noexec'],
  ]
  for (const [directive, mode] of lists)
    for (const text of config[directive]) plan.push({ ...written(text), mode, cause: cause(directive) })
  for (const { path, options } of config.TemporaryFileSystem)
    plan.push({ path, mode: 'tmpfs', ignore: false, options, cause: cause('TemporaryFileSystem') })
  for (const one of [...config.BindPaths, ...config.BindReadOnlyPaths])
    plan.push({
      path: one.destination,
      source: one.source,
      mode: one.readOnly ? 'bind-read-only' : 'bind',
      ignore: one.ignoreMissing,
      recursive: one.recursive,
      cause: cause(one.readOnly ? 'BindReadOnlyPaths' : 'BindPaths'),
    })
  if (config.PrivateTmp === 'disconnected' || (config.PrivateTmp !== 'no' && parameters.privateTmp === undefined)) {
    for (const path of ['/tmp', '/var/tmp'])
      plan.push({ path, mode: 'private-tmpfs', ignore: false, options: 'mode=01777', cause: cause('PrivateTmp') })
  } else if (parameters.privateTmp !== undefined) {
    const { tmp, varTmp } = parameters.privateTmp
    plan.push({ path: '/tmp', mode: 'private-tmp', source: `${tmp}/tmp`, ignore: false, cause: cause('PrivateTmp') })
    plan.push({ path: '/var/tmp', mode: 'private-tmp', source: `${varTmp}/tmp`, ignore: false, cause: cause('PrivateTmp') })
  }
  if (config.PrivateDevices) plan.push({ path: '/dev', mode: 'private-dev', ignore: false, cause: cause('PrivateDevices') })
  if (config.ProtectKernelTunables)
    for (const [path, mode] of tunables) plan.push({ path, mode, ignore: true, cause: cause('ProtectKernelTunables') })
  if (config.ProtectKernelModules)
    for (const path of ['/usr/lib/modules', '/lib/modules'])
      plan.push({ path, mode: 'inaccessible', ignore: true, cause: cause('ProtectKernelModules') })
  if (config.ProtectHostname)
    for (const path of ['/proc/sys/kernel/hostname', '/proc/sys/kernel/domainname'])
      plan.push({ path, mode: 'read-only', ignore: true, cause: cause('ProtectHostname') })
  if (config.ProtectKernelLogs)
    for (const path of ['/proc/kmsg', '/dev/kmsg'])
      plan.push({ path, mode: 'inaccessible', ignore: true, cause: cause('ProtectKernelLogs') })
  if (config.ProtectControlGroups === 'private' || config.ProtectControlGroups === 'strict')
    plan.push({
      path: '/sys/fs/cgroup',
      mode: 'cgroup',
      ignore: false,
      options: config.ProtectControlGroups === 'strict' ? 'ro' : '',
      cause: cause('ProtectControlGroups'),
    })
  else if (config.ProtectControlGroups !== 'no')
    plan.push({ path: '/sys/fs/cgroup', mode: 'read-only', ignore: true, cause: cause('ProtectControlGroups') })
  const home = config.DynamicUser && config.ProtectHome === 'no' ? 'read-only' : config.ProtectHome
  const homeCause = cause(config.ProtectHome === 'no' ? 'DynamicUser' : 'ProtectHome')
  if (home !== 'no')
    for (const path of ['/home', '/run/user', '/root'])
      plan.push(
        home === 'tmpfs'
          ? { path, mode: 'tmpfs', ignore: true, options: path === '/root' ? 'mode=0700,ro' : 'mode=0755,ro', cause: homeCause }
          : { path, mode: home === 'read-only' ? 'read-only' : 'inaccessible', ignore: true, cause: homeCause },
      )
  const system = config.DynamicUser ? 'strict' : config.ProtectSystem
  const systemCause = cause(config.DynamicUser && config.ProtectSystem !== 'strict' ? 'DynamicUser' : 'ProtectSystem')
  for (const [path, mode] of systemTables[system] ?? []) plan.push({ path, mode, ignore: true, cause: systemCause })
  if (system === 'strict' && parameters.privateTmp === undefined && config.PrivateTmp === 'no') {
    // Without a /tmp of its own, the service finds it as read-only as the rest.
  }
  for (const { path, directive, readOnly, onlyCreate } of execDirectoryPaths(parameters)) {
    if (onlyCreate) continue
    if (isPrivate(parameters, directive)) {
      // The folder that only root may enter is covered by an empty one with nothing but this unit's directories.
      const real = path.replace(/^(\/[^/]+\/[^/]+)\//, '$1/private/')
      const folder = real.slice(0, real.indexOf('/private/') + '/private'.length)
      if (!plan.some((one) => one.path === folder))
        plan.push({ path: folder, mode: 'tmpfs', ignore: false, options: 'mode=0755', cause: cause(directive) })
      plan.push({ path: real, source: real, mode: readOnly ? 'bind-read-only' : 'bind', ignore: false, cause: cause(directive) })
    } else plan.push({ path, mode: readOnly ? 'read-only' : 'read-write-implicit', ignore: false, cause: cause(directive) })
  }
  if (config.ProtectProc !== 'default' || config.ProcSubset !== 'all' || config.PrivatePIDs === 'yes') {
    const hide = { default: '', noaccess: 'hidepid=noaccess', invisible: 'hidepid=invisible', ptraceable: 'hidepid=ptraceable' }[
      config.ProtectProc
    ]
    const options = [hide, config.ProcSubset === 'pid' ? 'subset=pid' : ''].filter((one) => one !== '').join(',')
    plan.push({
      path: '/proc',
      mode: 'proc',
      ignore: false,
      options,
      cause: cause(config.ProtectProc === 'default' ? (config.ProcSubset === 'all' ? 'PrivatePIDs' : 'ProcSubset') : 'ProtectProc'),
    })
  }
  return plan
}
