// After the load functions of the unit types: what a unit of each type needs without saying so.
import { isDevicePath, pathStartsWith } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import {
  type AutomountSection,
  type MountSection,
  type PathSection,
  type ServiceSection,
  type SocketSection,
  type SwapSection,
  type TimerSection,
  canAccept,
  completeUnit,
  mountOptionNames,
  refuseUnit,
  type UnitDraft,
} from '../fragment'
import { sliceNameIsValid, sliceParent, unitNameBuild, unitNameChangeSuffix, unitNameFromPath, unitNamePathEscape } from '../unit-name'
import { parentOf, VerifyGraph } from './verify-graph'
import { type Dependency, TARGET_PULLS, VerifyUnit } from './verify-unit'

const NETWORK_FILE_SYSTEMS: ReadonlySet<string> = new Set([
  'afs',
  'ceph',
  'cifs',
  'davfs',
  'gfs',
  'gfs2',
  'glusterfs',
  'lustre',
  'ncp',
  'ncpfs',
  'nfs',
  'nfs4',
  'ocfs2',
  'orangefs',
  'pvfs2',
  'smb3',
  'smbfs',
  'sshfs',
])
const JOURNAL_OUTPUT: ReadonlySet<string> = new Set(['journal', 'journal+console', 'kmsg', 'kmsg+console'])

export class VerifyManager extends VerifyGraph {
  private readonly busNames = new Map<string, VerifyUnit>()

  private addExecDependencies(unit: VerifyUnit, draft: UnitDraft): void {
    const config = draft.typed
    const exec = config.Service ?? config.Socket ?? config.Mount ?? config.Swap
    if (exec === undefined) return
    const host = this.loader.specifiers
    const directory = exec.WorkingDirectory
    if (directory.path !== '') this.addMountsFor(unit, directory.path, directory.missingOk ? 'Wants' : 'Requires')
    if (exec.RootDirectory !== '') this.addMountsFor(unit, exec.RootDirectory, 'Wants')
    if (exec.RootImage !== '') this.addMountsFor(unit, exec.RootImage, 'Wants')
    for (const [root, list] of [
      [host.runtimeDirectory, exec.RuntimeDirectory],
      [host.stateDirectory, exec.StateDirectory],
      [host.cacheDirectory, exec.CacheDirectory],
      [host.logsDirectory, exec.LogsDirectory],
      [host.configurationDirectory, exec.ConfigurationDirectory],
    ] as const) {
      for (const one of list) this.addMountsFor(unit, `${root}/${one.path}`, 'Requires')
    }
    if (this.loader.scope !== 'system') return
    if (exec.StateDirectory.length > 0 || exec.CacheDirectory.length > 0 || exec.LogsDirectory.length > 0) {
      this.imply(unit, 'systemd-remount-fs.service', 'After')
    }
    if (exec.PrivateTmp === 'connected') {
      this.addMountsFor(unit, '/tmp', 'Wants')
      this.addMountsFor(unit, '/var/tmp', 'Wants')
      this.imply(unit, 'systemd-tmpfiles-setup.service', 'After')
    }
    if (exec.RootImage !== '') this.imply(unit, 'systemd-udevd.service', 'After')
    if (exec.LogNamespace !== '') {
      for (const [prefix, suffix] of [
        ['systemd-journald', '.socket'],
        ['systemd-journald-varlink', '.socket'],
        ['systemd-journald-sync', '.service'],
      ] as const) {
        const name = unitNameBuild(prefix, exec.LogNamespace, suffix)
        if (name !== undefined) this.imply(unit, name, 'After', 'Requires')
      }
    } else if (JOURNAL_OUTPUT.has(exec.StandardOutput.kind) || JOURNAL_OUTPUT.has(exec.StandardError.kind)) {
      this.imply(unit, 'systemd-journald.socket', 'After')
    }
  }

  private nodeDependency(unit: VerifyUnit, what: string, kind: Dependency): Errno | undefined {
    if (what === '' || !isDevicePath(what)) return undefined
    const name = unitNameFromPath(what, '.device')
    if (name === undefined) return errno.EINVAL
    const device = this.load(name)
    if (!(device instanceof VerifyUnit)) return device.error
    return this.implyUnit(unit, device, 'After', this.loader.scope === 'system' ? kind : 'Wants')
  }

  private blockDependency(unit: VerifyUnit, what: string): void {
    if (pathStartsWith(what, '/dev/') === undefined) return
    const escaped = unitNamePathEscape(what)
    const target = escaped === undefined ? undefined : unitNameBuild('blockdev', escaped, '.target')
    if (target !== undefined) this.imply(unit, target, 'After')
  }

  private relatedUnit(unit: VerifyUnit, suffix: string): VerifyUnit | Errno {
    const name = unitNameChangeSuffix(unit.id, suffix)
    if (name === undefined || unit.names.has(name)) return errno.EINVAL
    const other = this.load(name)
    return other instanceof VerifyUnit ? other : other.error
  }

  private trigger(unit: VerifyUnit, suffix: string): Errno | undefined {
    for (const _ of unit.of('Triggers')) return undefined
    const other = this.relatedUnit(unit, suffix)
    return isErrno(other) ? other : this.implyUnit(unit, other, 'Before', 'Triggers')
  }

  private get isSystem(): boolean {
    return this.loader.scope === 'system'
  }

  private addBasics(unit: VerifyUnit): void {
    if (this.isSystem) this.imply(unit, 'sysinit.target', 'After', 'Requires')
  }

  private addShutdown(unit: VerifyUnit): void {
    this.imply(unit, 'shutdown.target', 'Before', 'Conflicts')
  }

  protected addExtras(unit: VerifyUnit, draft: UnitDraft): Errno | undefined {
    const { Unit, Service, Socket, Timer, Path, Mount, Automount, Swap } = draft.typed
    for (const path of Unit.RequiresMountsFor) this.addMountsFor(unit, path, 'Requires')
    for (const path of Unit.WantsMountsFor) this.addMountsFor(unit, path, 'Wants')
    const defaults = Unit.DefaultDependencies
    let error = completeUnit(draft, this.loader.specifiers)
    if (Service) error ??= this.addServiceExtras(unit, draft, Service)
    if (Socket) error ??= this.addSocketExtras(unit, draft, Socket)
    if (Timer) error ??= this.addTimerExtras(unit, Timer, defaults)
    if (Path) error ??= this.addPathExtras(unit, Path, defaults)
    if (Mount) error ??= this.addMountExtras(unit, draft, Mount)
    if (Automount) error ??= this.addAutomountExtras(unit, Automount, defaults)
    if (Swap) error ??= this.addSwapExtras(unit, draft, Swap)
    if (error !== undefined) return error
    if (unit.type === 'slice') this.addSliceExtras(unit, defaults)
    if (unit.type === 'target' && defaults) {
      for (const other of [...unit.of(...TARGET_PULLS)]) this.addTargetDependency(other, unit)
      if (!unit.names.has('shutdown.target')) this.addShutdown(unit)
    }
    return refuseUnit(draft, this.loader.specifiers, this.loader.unifiedCgroups)
  }

  private addServiceExtras(unit: VerifyUnit, draft: UnitDraft, service: ServiceSection): Errno | undefined {
    this.addExecDependencies(unit, draft)
    const fault = this.setDefaultSlice(unit, draft)
    if (fault !== undefined) return fault
    if (draft.typed.Unit.DefaultDependencies) {
      if (this.isSystem) this.addBasics(unit)
      else this.imply(unit, 'basic.target', 'Requires')
      this.imply(unit, 'basic.target', 'After')
      this.addShutdown(unit)
    }
    const name = service.BusName
    if (name === '') return undefined
    if (service.Type === 'dbus') this.imply(unit, 'dbus.socket', 'Requires', 'After')
    const owner = this.busNames.get(name)
    if (owner !== undefined && owner !== unit) {
      this.warn(unit.id, `Two services allocated for the same bus name ${name}, refusing operation.`)
      return errno.EEXIST
    }
    this.busNames.set(name, unit)
    return undefined
  }

  private addSocketExtras(unit: VerifyUnit, draft: UnitDraft, socket: SocketSection): Errno | undefined {
    const named = socket.Service === '' ? undefined : this.units.get(socket.Service)?.followed
    unit.service = named
    if (!socket.Accept || !canAccept(socket)) {
      const service = named ?? this.relatedUnit(unit, '.service')
      if (isErrno(service)) return service
      unit.service = service
      this.implyUnit(unit, service, 'Before', 'Triggers')
    }
    for (const one of socket.Listen) {
      const { address } = one
      const isNode = address.family === 'unix' ? address.path.startsWith('/') : address.family === 'file' && one.type !== 'MessageQueue'
      const fault = isNode && 'path' in address ? this.addMountsFor(unit, address.path, 'Requires') : undefined
      if (fault !== undefined) return fault
    }
    if (socket.BindToDevice !== '' && socket.BindToDevice !== 'lo') {
      this.nodeDependency(unit, `/sys/subsystem/net/devices/${socket.BindToDevice}`, 'BindsTo')
    }
    const commands = [socket.ExecStartPre, socket.ExecStartPost, socket.ExecStopPre, socket.ExecStopPost]
    if (commands.some((list) => list.length > 0)) this.addExecDependencies(unit, draft)
    this.setDefaultSlice(unit, draft)
    if (draft.typed.Unit.DefaultDependencies) {
      this.imply(unit, 'sockets.target', 'Before')
      this.addBasics(unit)
      this.addShutdown(unit)
    }
    return undefined
  }

  private addTimerExtras(unit: VerifyUnit, timer: TimerSection, defaults: boolean): Errno | undefined {
    const fault = this.trigger(unit, '.service')
    if (fault !== undefined) return fault
    if (timer.Persistent && this.isSystem) this.addMountsFor(unit, '/var/lib/systemd/timers', 'Requires')
    if (!defaults) return undefined
    this.imply(unit, 'timers.target', 'Before')
    this.addBasics(unit)
    if (this.isSystem && timer.Timers.some((one) => one.base === 'OnCalendar')) {
      this.imply(unit, 'time-sync.target', 'After')
      this.imply(unit, 'time-set.target', 'After')
    }
    this.addShutdown(unit)
    return undefined
  }

  private addPathExtras(unit: VerifyUnit, path: PathSection, defaults: boolean): Errno | undefined {
    const fault = this.trigger(unit, '.service')
    if (fault !== undefined) return fault
    for (const one of path.Paths) this.addMountsFor(unit, one.path, 'Requires')
    if (!defaults) return undefined
    this.imply(unit, 'paths.target', 'Before')
    this.addBasics(unit)
    this.addShutdown(unit)
    return undefined
  }

  private addAutomountExtras(unit: VerifyUnit, automount: AutomountSection, defaults: boolean): Errno | undefined {
    const other = this.relatedUnit(unit, '.mount')
    if (isErrno(other)) return other
    this.implyUnit(unit, other, 'Before', 'Triggers')
    if (automount.Where === '/') return errno.EADDRNOTAVAIL
    this.addMountsFor(unit, parentOf(automount.Where), 'Requires')
    if (!defaults || !this.isSystem) return undefined
    this.imply(unit, 'local-fs.target', 'Before')
    this.imply(unit, 'local-fs-pre.target', 'After')
    this.imply(unit, 'umount.target', 'Before', 'Conflicts')
    return undefined
  }

  private addSwapExtras(unit: VerifyUnit, draft: UnitDraft, swap: SwapSection): Errno | undefined {
    const what = swap.What
    const fault = this.addMountsFor(unit, what, 'Requires')
    if (fault !== undefined) return fault
    if (isDevicePath(what)) {
      this.nodeDependency(unit, what, 'Requires')
      this.blockDependency(unit, what)
    } else this.imply(unit, 'systemd-remount-fs.service', 'After')
    this.addExecDependencies(unit, draft)
    this.setDefaultSlice(unit, draft)
    if (!draft.typed.Unit.DefaultDependencies || !this.isSystem) return undefined
    if (mountOptionNames(swap.Options).includes('_netdev')) {
      this.imply(unit, 'remote-fs-pre.target', 'After')
      this.imply(unit, 'remote-fs.target', 'Before')
      this.imply(unit, 'network.target', 'After')
      this.imply(unit, 'network-online.target', 'Wants', 'After')
    } else this.imply(unit, 'swap.target', 'Before')
    this.imply(unit, 'umount.target', 'Before', 'Conflicts')
    return undefined
  }

  private addSliceExtras(unit: VerifyUnit, defaults: boolean): void {
    const parent = sliceNameIsValid(unit.id) ? sliceParent(unit.id) : undefined
    const slice = parent === undefined || this.options.ignoreDependencies ? undefined : this.load(parent)
    if (slice instanceof VerifyUnit) {
      unit.slice = slice
      this.implyUnit(unit, slice, 'InSlice')
    }
    if (defaults) this.addShutdown(unit)
  }

  private addMountExtras(unit: VerifyUnit, draft: UnitDraft, mount: MountSection): Errno | undefined {
    const options = mountOptionNames(mount.Options)
    const isBind = options.includes('bind') || options.includes('rbind') || mount.Type === 'bind' || mount.Type === 'rbind'
    const isNetwork = options.includes('_netdev') || NETWORK_FILE_SYSTEMS.has(mount.Type.replace(/^fuse\./, ''))
    this.addExecDependencies(unit, draft)
    this.setDefaultSlice(unit, draft)
    const { Where: where, What: what } = mount
    if (what !== '' && !isBind && isDevicePath(what) && what !== '/dev/root' && what !== '/dev/nfs' && where !== '/') {
      const bound = /(?:^|,)x-systemd\.device-bound(?:=([^,]*))?/.exec(mount.Options)
      const binds = bound !== null && !/^(?:0|no|n|false|f|off)$/i.test(bound[1] ?? '')
      this.nodeDependency(unit, what, binds ? 'BindsTo' : 'Requires')
      if (bound === null) this.nodeDependency(unit, what, 'StopPropagatedFrom')
      this.blockDependency(unit, what)
    }
    if (where !== '/') this.addMountsFor(unit, parentOf(where), 'Requires')
    if (what.startsWith('/') && (isBind || options.includes('loop') || !isNetwork)) {
      const fault = this.addMountsFor(unit, what, 'Requires')
      if (fault !== undefined) return fault
    }
    for (const kind of ['Requires', 'Wants'] as const) {
      for (const other of this.needingMounts[kind].get(where) ?? []) {
        if (other.loadState === 'loaded' && other !== unit) this.bindToMount(other, unit, kind)
      }
    }
    if (!draft.typed.Unit.DefaultDependencies || this.isExtrinsic(draft)) return undefined
    const before = isNetwork ? 'remote-fs.target' : 'local-fs.target'
    const after = isNetwork ? 'remote-fs-pre.target' : 'local-fs-pre.target'
    const nofail = options.filter((one) => one === 'nofail' || one === 'fail').at(-1) === 'nofail'
    if (!nofail) this.imply(unit, before, 'Before')
    this.imply(unit, after, 'After')
    this.imply(unit, 'umount.target', 'Before', 'Conflicts')
    if (mount.Type === 'tmpfs') this.imply(unit, 'swap.target', 'After')
    if (isNetwork) {
      this.imply(unit, 'network.target', 'After')
      this.imply(unit, 'network-online.target', 'Wants', 'After')
    }
    return undefined
  }
}
