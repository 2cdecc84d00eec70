// After manager.c and the load functions of the unit types: a manager that loads units and what they need, and starts nothing.
import { isDevicePath, pathIsNormalized, pathSimplify, pathStartsWith } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import {
  canAccept,
  completeUnit,
  loadNameFault,
  mountOptionNames,
  refuseUnit,
  type UnitDraft,
  type UnitLoader,
  unitTypeMayAlias,
  unitTypeMayTemplate,
} from '../fragment'
import {
  ROOT_SLICE,
  sliceNameIsValid,
  sliceParent,
  unitNameBuild,
  unitNameChangeSuffix,
  unitNameEscape,
  unitNameFromPath,
  unitNameKind,
  unitNamePathEscape,
  unitNameToInstance,
  unitNameToPrefix,
  unitNameToType,
} from '../unit-name'
import { type Dependency, INVERSE, TARGET_PULLS, TARGET_REASONS, VerifyUnit } from './verify-unit'

const HAS_CGROUP: ReadonlySet<string> = new Set(['service', 'socket', 'mount', 'swap', 'slice', 'scope'])
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
/** Mounts that belong to the running system itself. */
const EXTRINSIC: ReadonlySet<string> = new Set(['/', '/usr', '/etc', '/run/initramfs', '/run/nextroot'])
const PERPETUAL: ReadonlySet<string> = new Set([ROOT_SLICE, '-.mount', 'init.scope'])
const JOURNAL_OUTPUT: ReadonlySet<string> = new Set(['journal', 'journal+console', 'kmsg', 'kmsg+console'])

const isDependency = (directive: string): directive is Dependency => Object.hasOwn(INVERSE, directive)

export type VerifyManagerOptions = {
  /** Dependencies are neither followed nor loaded. */
  readonly ignoreDependencies: boolean
  readonly say: (text: string) => void
  /** Called for each unit that a file complains about. */
  readonly complained: (unit: string) => void
}

export class VerifyManager {
  readonly loader: UnitLoader
  private readonly options: VerifyManagerOptions
  private readonly units = new Map<string, VerifyUnit>()
  private readonly loadQueue: VerifyUnit[] = []
  private dispatching = false
  /** systemd itself would have ended here. */
  aborted = false
  private readonly targetQueue: VerifyUnit[] = []
  private readonly needingMounts = { Requires: new Map<string, Set<VerifyUnit>>(), Wants: new Map<string, Set<VerifyUnit>>() }
  private readonly busNames = new Map<string, VerifyUnit>()
  private noticesSaid = 0

  constructor(loader: UnitLoader, options: VerifyManagerOptions) {
    this.loader = loader
    this.options = options
  }

  private readonly warn = (unit: string, message: string): void => this.options.say(`${unit}: ${message}`)

  get(name: string): VerifyUnit | undefined {
    return this.units.get(name)
  }

  /** A unit by name, queued for loading when it is new; the words of the bus when that cannot be. */
  prepare(name: string): VerifyUnit | { readonly error: Errno; readonly message: string } {
    const known = this.units.get(name)
    if (known !== undefined) return known
    const fault = loadNameFault(name)
    const type = unitNameToType(name)
    if (fault !== undefined || type === undefined) return { error: errno.EINVAL, message: fault ?? `Unit name ${name} is not valid.` }
    if (unitNameKind(name) === 'instance' && !unitTypeMayTemplate(type)) return { error: errno.EINVAL, message: errno.EINVAL.message }
    const unit = new VerifyUnit(name, type)
    this.units.set(name, unit)
    this.loadQueue.unshift(unit)
    return unit
  }

  load(name: string): VerifyUnit | { readonly error: Errno; readonly message: string } {
    const unit = this.prepare(name)
    if (!(unit instanceof VerifyUnit)) return unit
    this.dispatchLoadQueue()
    return unit.followed
  }

  private dispatchLoadQueue(): void {
    if (this.dispatching) return
    this.dispatching = true
    for (let unit = this.loadQueue.shift(); unit !== undefined && !this.aborted; unit = this.loadQueue.shift()) this.loadOne(unit)
    this.dispatching = false
    for (let unit = this.targetQueue.pop(); unit !== undefined; unit = this.targetQueue.pop()) {
      for (const target of [...unit.of(...TARGET_REASONS)]) this.addTargetDependency(unit, target)
    }
  }

  /** A target that pulls a unit in is there once the unit is, unless something else is asked for. */
  private addTargetDependency(unit: VerifyUnit, target: VerifyUnit): void {
    if (target.type !== 'target' || unit.loadState !== 'loaded' || target.loadState !== 'loaded') return
    if (!unit.draft?.typed.Unit.DefaultDependencies || !target.draft?.typed.Unit.DefaultDependencies) return
    if (!target.has('Before', unit)) target.depend('After', unit, this.warn)
  }

  private loadOne(unit: VerifyUnit): void {
    if (unit.loadState !== 'stub') return
    const error = this.loadByType(unit)
    if (error !== undefined) {
      unit.loadState = unit.loadState === 'stub' ? 'not-found' : error === errno.ENOEXEC ? 'bad-setting' : 'error'
      unit.loadError = error
      return
    }
    if (!isLoaded(unit)) return
    this.targetQueue.push(unit)
    this.addSliceDependencies(unit)
    this.addMountDependencies(unit)
    this.checkTermination(unit)
    const { JobTimeoutSec, JobRunningTimeoutSec } = unit.draft!.typed.Unit
    if (JobRunningTimeoutSec !== Number.POSITIVE_INFINITY && JobRunningTimeoutSec > JobTimeoutSec) {
      this.warn(unit.id, 'JobRunningTimeoutSec= is greater than JobTimeoutSec=, it has no effect.')
    }
  }

  /** Isolating is for one unit only. */
  private checkTermination(unit: VerifyUnit): void {
    const { OnSuccessJobMode, OnFailureJobMode } = unit.draft!.typed.Unit
    for (const [mode, directive] of [
      [OnSuccessJobMode, 'OnSuccess'],
      [OnFailureJobMode, 'OnFailure'],
    ] as const) {
      if (mode !== 'isolate' || [...unit.of(directive)].length < 2) continue
      const message = `More than one ${directive}= dependencies specified but ${directive}JobMode=isolate set. Refusing.`
      this.warn(unit.id, message)
      unit.loadState = 'bad-setting'
      unit.loadError = errno.ENOEXEC
    }
  }

  private loadByType(unit: VerifyUnit): Errno | undefined {
    if (unit.type === 'scope' && unit.id !== 'init.scope') return errno.ENOENT
    for (const notice of this.loader.files.notices.slice(this.noticesSaid)) this.options.say(notice.text)
    this.noticesSaid = this.loader.files.notices.length
    const draft = this.loader.draft(unit.id, {
      diagnostic: ({ severity, text, file }) => {
        if (severity === 'debug') return
        this.options.say(text)
        if (file !== '' && severity !== 'info' && severity !== 'notice') this.options.complained(unit.id)
      },
      dependency: (name, directive) => this.dependencyByName(unit, directive, name),
      loads: (name) => {
        const other = this.load(name)
        return other instanceof VerifyUnit ? other.id : { message: other.message }
      },
      assignSlice: (slice) => this.setSlice(unit, slice),
    })
    this.aborted ||= draft.aborted
    unit.draft = draft
    unit.loadState = draft.loadState === 'not-found' ? 'stub' : draft.loadState
    if (draft.loadState === 'not-found' && this.isPerpetual(unit.id)) {
      unit.loadState = 'loaded'
      draft.loadState = 'loaded'
      draft.loadError = undefined
    }
    if (draft.loadError !== undefined) return draft.loadError
    const into = this.mergeNames(unit, draft)
    if (into !== unit || unit.loadState !== 'loaded') return undefined
    if (this.isPerpetual(unit.id)) {
      unit.perpetual = true
      draft.typed.Unit.DefaultDependencies = false
      if (unit.id === '-.mount' && draft.typed.Mount) {
        draft.typed.Mount.StandardOutput = { kind: 'null', target: '' }
        draft.typed.Mount.StandardError = { kind: 'null', target: '' }
      }
    }
    return this.addExtras(unit, draft)
  }

  /** Units that are always there and never stop. */
  private isPerpetual(id: string): boolean {
    return PERPETUAL.has(id) || (id === 'system.slice' && this.loader.scope === 'system')
  }

  /** The names of a file become one unit. */
  private mergeNames(unit: VerifyUnit, draft: UnitDraft): VerifyUnit {
    for (const name of draft.names) {
      const other = this.units.get(name)?.followed
      if (other === unit) continue
      if (other === undefined) {
        if (!unitTypeMayAlias(unit.type)) continue
        unit.names.add(name)
        this.units.set(name, unit)
        continue
      }
      if (other.loadState === 'stub' || other.loadState === 'not-found') {
        unit.absorb(other, this.warn)
        for (const one of other.names) this.units.set(one, unit)
        const at = this.loadQueue.indexOf(other)
        if (at >= 0) this.loadQueue.splice(at, 1)
      } else {
        other.absorb(unit, this.warn)
        for (const one of unit.names) this.units.set(one, other)
        return other
      }
    }
    unit.id = draft.id
    return unit
  }

  private dependencyByName(unit: VerifyUnit, directive: string, name: string): string | undefined | Errno {
    if (this.options.ignoreDependencies) return undefined
    const other = this.load(name)
    if (!(other instanceof VerifyUnit)) return other.error
    const add = (...kinds: readonly Dependency[]) => {
      for (const kind of kinds) {
        const error = unit.depend(kind, other, this.warn)
        if (error !== undefined) return error
      }
      return undefined
    }
    let error: Errno | undefined
    if (directive === 'Unit') error = add('Before', 'Triggers')
    else if (directive === 'Sockets') error = add('Wants', 'After', 'TriggeredBy')
    else if (isDependency(directive)) error = add(directive)
    return error ?? other.id
  }

  /** Dependencies that nobody wrote. */
  private imply(unit: VerifyUnit, name: string, ...kinds: readonly Dependency[]): Errno | undefined {
    if (this.options.ignoreDependencies) return undefined
    const other = this.load(name)
    if (!(other instanceof VerifyUnit)) return other.error
    return this.implyUnit(unit, other, ...kinds)
  }

  private implyUnit(unit: VerifyUnit, other: VerifyUnit, ...kinds: readonly Dependency[]): Errno | undefined {
    if (this.options.ignoreDependencies && unit.followed !== other.followed) return undefined
    for (const kind of kinds) {
      const error = unit.depend(kind, other, this.warn)
      if (error !== undefined) return error
    }
    return undefined
  }

  private setSlice(unit: VerifyUnit, name: string): Errno | undefined {
    const slice = this.load(name)
    if (!(slice instanceof VerifyUnit)) return slice.error
    if (!HAS_CGROUP.has(unit.type)) return errno.ENOTSUP
    if (unit.type === 'slice' || slice.type !== 'slice') return errno.EINVAL
    if (unit.id === 'init.scope' && slice.id !== ROOT_SLICE) return errno.EPERM
    if (unit.slice === slice) return undefined
    unit.slice = slice
    return this.implyUnit(unit, slice, 'InSlice')
  }

  private setDefaultSlice(unit: VerifyUnit, draft: UnitDraft): Errno | undefined {
    if (this.options.ignoreDependencies || unit.slice !== undefined) return undefined
    const system = this.loader.scope === 'system'
    const instance = unitNameToInstance(unit.id)
    const extrinsic = draft.typed.Mount !== undefined && this.isExtrinsic(draft)
    if (instance !== undefined) {
      const prefix = unitNameEscape(unitNameToPrefix(unit.id) ?? '')
      return this.setSlice(unit, `${system ? 'system' : 'app'}-${prefix}.slice`)
    }
    return this.setSlice(unit, extrinsic ? ROOT_SLICE : system ? 'system.slice' : 'app.slice')
  }

  private addSliceDependencies(unit: VerifyUnit): void {
    if (!HAS_CGROUP.has(unit.type)) return
    if (unit.slice !== undefined) this.implyUnit(unit, unit.slice, 'After', 'Requires')
    else if (unit.id !== ROOT_SLICE) this.imply(unit, ROOT_SLICE, 'After', 'Requires')
  }

  private addMountsFor(unit: VerifyUnit, path: string, kind: 'Requires' | 'Wants'): Errno | undefined {
    if (!path.startsWith('/')) return errno.EINVAL
    if (unit.mountsFor[kind].has(path)) return undefined
    if (!pathIsNormalized(pathSimplify(path))) return errno.EPERM
    unit.mountsFor[kind].add(path)
    for (const prefix of prefixesOf(path)) {
      const map = this.needingMounts[kind]
      const set = map.get(prefix)
      if (set) set.add(unit)
      else map.set(prefix, new Set([unit]))
    }
    return undefined
  }

  private addMountDependencies(unit: VerifyUnit): void {
    for (const kind of ['Requires', 'Wants'] as const) {
      for (const path of unit.mountsFor[kind]) {
        for (const prefix of prefixesOf(path)) {
          const name = unitNameFromPath(prefix, '.mount')
          if (name === undefined) continue
          const mount = this.units.get(name)?.followed
          if (mount === undefined) {
            this.prepare(name)
            continue
          }
          if (mount === unit || mount.loadState !== 'loaded') continue
          this.bindToMount(unit, mount, kind)
        }
      }
    }
  }

  private bindToMount(unit: VerifyUnit, mount: VerifyUnit, kind: 'Requires' | 'Wants'): void {
    this.implyUnit(unit, mount, 'After')
    if (mount.draft?.fragmentPath && mount.id !== 'tmp.mount') this.implyUnit(unit, mount, kind)
  }

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

  private addExtras(unit: VerifyUnit, draft: UnitDraft): Errno | undefined {
    const config = draft.typed
    const host = this.loader.specifiers
    const defaults = config.Unit.DefaultDependencies
    const system = this.loader.scope === 'system'
    for (const path of config.Unit.RequiresMountsFor) this.addMountsFor(unit, path, 'Requires')
    for (const path of config.Unit.WantsMountsFor) this.addMountsFor(unit, path, 'Wants')
    const error = completeUnit(draft, host)
    const basics = () => {
      if (system) this.imply(unit, 'sysinit.target', 'After', 'Requires')
    }
    const shutdown = () => this.imply(unit, 'shutdown.target', 'Before', 'Conflicts')
    if (error !== undefined) return error

    if (config.Service) {
      this.addExecDependencies(unit, draft)
      const fault = this.setDefaultSlice(unit, draft)
      if (fault !== undefined) return fault
      if (defaults) {
        if (system) basics()
        else this.imply(unit, 'basic.target', 'Requires')
        this.imply(unit, 'basic.target', 'After')
        shutdown()
      }
      if (config.Service.BusName !== '') {
        if (config.Service.Type === 'dbus') this.imply(unit, 'dbus.socket', 'Requires', 'After')
        const name = config.Service.BusName
        const owner = this.busNames.get(name)
        if (owner !== undefined && owner !== unit) {
          this.warn(unit.id, `Two services allocated for the same bus name ${name}, refusing operation.`)
          return errno.EEXIST
        }
        this.busNames.set(name, unit)
      }
    }
    if (config.Socket) {
      const socket = config.Socket
      if (!socket.Accept || !canAccept(socket)) {
        const named = socket.Service === '' ? undefined : this.units.get(socket.Service)?.followed
        const service = named ?? this.relatedUnit(unit, '.service')
        if (isErrno(service)) return service
        unit.service = service
        this.implyUnit(unit, service, 'Before', 'Triggers')
      } else unit.service = socket.Service === '' ? undefined : this.units.get(socket.Service)?.followed
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
      if (defaults) {
        this.imply(unit, 'sockets.target', 'Before')
        basics()
        shutdown()
      }
    }
    if (config.Timer) {
      const fault = this.trigger(unit, '.service')
      if (fault !== undefined) return fault
      if (config.Timer.Persistent && system) this.addMountsFor(unit, '/var/lib/systemd/timers', 'Requires')
      if (defaults) {
        this.imply(unit, 'timers.target', 'Before')
        basics()
        if (system && config.Timer.Timers.some((one) => one.base === 'OnCalendar')) {
          this.imply(unit, 'time-sync.target', 'After')
          this.imply(unit, 'time-set.target', 'After')
        }
        shutdown()
      }
    }
    if (config.Path) {
      const fault = this.trigger(unit, '.service')
      if (fault !== undefined) return fault
      for (const one of config.Path.Paths) this.addMountsFor(unit, one.path, 'Requires')
      if (defaults) {
        this.imply(unit, 'paths.target', 'Before')
        basics()
        shutdown()
      }
    }
    if (config.Mount) {
      const fault = this.addMountExtras(unit, draft)
      if (fault !== undefined) return fault
    }
    if (config.Automount) {
      const other = this.relatedUnit(unit, '.mount')
      if (isErrno(other)) return other
      this.implyUnit(unit, other, 'Before', 'Triggers')
      if (config.Automount.Where === '/') return errno.EADDRNOTAVAIL
      this.addMountsFor(unit, parentOf(config.Automount.Where), 'Requires')
      if (defaults && system) {
        this.imply(unit, 'local-fs.target', 'Before')
        this.imply(unit, 'local-fs-pre.target', 'After')
        this.imply(unit, 'umount.target', 'Before', 'Conflicts')
      }
    }
    if (config.Swap) {
      const what = config.Swap.What
      const fault = this.addMountsFor(unit, what, 'Requires')
      if (fault !== undefined) return fault
      if (isDevicePath(what)) {
        this.nodeDependency(unit, what, 'Requires')
        this.blockDependency(unit, what)
      } else this.imply(unit, 'systemd-remount-fs.service', 'After')
      this.addExecDependencies(unit, draft)
      this.setDefaultSlice(unit, draft)
      if (defaults && system) {
        if (mountOptionNames(config.Swap.Options).includes('_netdev')) {
          this.imply(unit, 'remote-fs-pre.target', 'After')
          this.imply(unit, 'remote-fs.target', 'Before')
          this.imply(unit, 'network.target', 'After')
          this.imply(unit, 'network-online.target', 'Wants', 'After')
        } else this.imply(unit, 'swap.target', 'Before')
        this.imply(unit, 'umount.target', 'Before', 'Conflicts')
      }
    }
    if (unit.type === 'slice') {
      const parent = sliceNameIsValid(unit.id) ? sliceParent(unit.id) : undefined
      if (parent !== undefined) {
        const slice = this.options.ignoreDependencies ? undefined : this.load(parent)
        if (slice instanceof VerifyUnit) {
          unit.slice = slice
          this.implyUnit(unit, slice, 'InSlice')
        }
      }
      if (defaults) shutdown()
    }
    if (unit.type === 'target' && defaults) {
      for (const other of [...unit.of(...TARGET_PULLS)]) this.addTargetDependency(other, unit)
      if (!unit.names.has('shutdown.target')) shutdown()
    }
    return refuseUnit(draft, host, this.loader.unifiedCgroups)
  }

  private isExtrinsic(draft: UnitDraft): boolean {
    const mount = draft.typed.Mount
    if (mount === undefined || this.loader.scope === 'user') return true
    if (
      EXTRINSIC.has(mount.Where) ||
      ['/run/initramfs', '/run/nextroot', '/proc', '/sys', '/dev'].some((one) => pathStartsWith(mount.Where, one) !== undefined)
    )
      return true
    return mountOptionNames(mount.Options).includes('x-initrd.mount')
  }

  private addMountExtras(unit: VerifyUnit, draft: UnitDraft): Errno | undefined {
    const mount = draft.typed.Mount!
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

/** Asked anew: loading changes it. */
const isLoaded = (unit: VerifyUnit): boolean => unit.loadState === 'loaded'

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** `/a/b`, `/a`, `/`. */
function prefixesOf(path: string): string[] {
  const prefixes: string[] = []
  for (let prefix = path; prefix !== '/' && prefix !== ''; prefix = parentOf(prefix)) prefixes.push(prefix)
  return [...prefixes, '/']
}
