// After systemd.mount(5): a mount point, mounted by us or found in /proc/self/mountinfo.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import { messageId } from '@/lib/journal'
import { isErrno, type Syscall } from '@/lib/kernel'
import { realizeCgroup } from '../../cgroup'
import type { ExecCommand, MountSection } from '../../directives'
import { describeExit, isCleanExit, type ChildExit } from '../../manager/child-exit'
import type { TimerSource } from '../../manager/event-loop'
import { releaseRuntime } from '../../manager/exec-runtime'
import { killContext } from '../../manager/kill'
import type { Manager } from '../../manager/manager'
import { spawnFor } from '../../manager/spawn'
import { Unit } from '../../manager/unit'
import { defaultConfig, sectionOf } from '../../manager/unit-config'
import { addExecDependencies, addMountDependencies, addNamed, addSliceDependency } from '../../manager/unit-defaults'
import { logFailure, logSuccess, unitNotify } from '../../manager/unit-notify'
import { acquireInvocationId, testStartLimit } from '../../manager/unit-start'
import type { UnitActiveState } from '../../manager/unit-state'
import type { UnitType } from '../../manager/unit-type'
import { unitNameFromPath } from '../../unit-name'

const mountStates = {
  dead: 'inactive',
  mounting: 'activating',
  'mounting-done': 'activating',
  mounted: 'active',
  remounting: 'reloading',
  unmounting: 'deactivating',
  'remounting-sigterm': 'reloading',
  'remounting-sigkill': 'reloading',
  'unmounting-sigterm': 'deactivating',
  'unmounting-sigkill': 'deactivating',
  failed: 'failed',
  cleaning: 'maintenance',
} as const satisfies Record<string, UnitActiveState>
type MountState = keyof typeof mountStates
type MountResult = 'success' | 'resources' | 'timeout' | 'exit-code' | 'signal' | 'core-dump' | 'start-limit-hit' | 'protocol'

const withProcess: ReadonlySet<MountState> = new Set([
  'mounting',
  'mounting-done',
  'remounting',
  'remounting-sigterm',
  'remounting-sigkill',
  'unmounting',
  'unmounting-sigterm',
  'unmounting-sigkill',
  'cleaning',
])

export type MountInfo = { readonly what: string; readonly where: string; readonly type: string; readonly options: string }

export class Mount extends Unit {
  readonly vtable: UnitType = mountType
  state: MountState = 'dead'
  result: MountResult = 'success'
  reloadResult: MountResult = 'success'
  /** As the kernel shows it now. */
  info: MountInfo | undefined
  controlPid = 0
  command: ExecCommand | undefined
  phase: 'ExecMount' | 'ExecUnmount' | 'ExecRemount' = 'ExecMount'
  retries = 0
  timer: TimerSource | undefined

  constructor(manager: Manager, id: string) {
    super(manager, 'mount', id, defaultConfig('mount'))
  }

  get section(): MountSection {
    return sectionOf(this.config.Mount)
  }

  get where(): string {
    return this.section.Where
  }
}

function setState(mount: Mount, state: MountState): void {
  const { manager } = mount
  const before = mountStates[mount.state]
  mount.state = state
  if (!withProcess.has(state)) {
    arm(mount, USEC_INFINITY)
    if (mount.controlPid !== 0) manager.unwatchPid(mount, mount.controlPid)
    mount.controlPid = 0
  }
  unitNotify(mount, before, mountStates[state], mount.reloadResult === 'success')
}

function arm(mount: Mount, usec: Usec): void {
  const { manager } = mount
  manager.loop.cancelTimer(mount.timer)
  mount.timer = usec === USEC_INFINITY ? undefined : manager.loop.addTimer(manager.process.monotonicUsec + usec, () => timedOut(mount))
}

function keepResult(mount: Mount, result: MountResult): void {
  if (mount.result === 'success') mount.result = result
}

const plain = { ignoreFailure: false, fullyPrivileged: false, noSetuid: false, ambientMagic: false, noEnvironmentExpansion: true }

/** Options that are for us and other readers of fstab, not for mount(8). */
function mountOptions(options: string): string {
  return options
    .split(',')
    .filter((one) => one !== '' && !/^(?:nofail|fail|auto|noauto|_netdev|users?|nouser|group|owner|x-systemd\..*|comment=.*)$/.test(one))
    .join(',')
}

function* spawn(mount: Mount, phase: Mount['phase'], argv: readonly string[]): Syscall<boolean> {
  yield* realizeCgroup(mount)
  const path = argv[0] ?? ''
  mount.phase = phase
  mount.command = { ...plain, path, argv, origin: { file: mount.fragmentPath, line: 0 } }
  arm(mount, mount.section.TimeoutSec)
  const pid = yield* spawnFor(mount, { section: mount.section, command: mount.command, main: true })
  if (isErrno(pid)) {
    mount.log(4, `Failed to spawn '${phase === 'ExecUnmount' ? 'umount' : 'mount'}' task: ${pid.message}`)
    return false
  }
  mount.controlPid = pid
  mount.manager.watchPid(mount, pid)
  return true
}

function* enterMounting(mount: Mount): Syscall<void> {
  const { manager, section } = mount
  if (!section.Options.split(',').includes('bind')) yield* manager.makeDirectories(section.Where, section.DirectoryMode)
  else if (manager.reader.status(section.What)?.kind !== 'file') yield* manager.makeDirectories(section.Where, section.DirectoryMode)
  const names = manager.reader.readDirectory(section.Where)
  if (names !== undefined && names.length > 0)
    mount.log(5, `Directory ${section.Where} to mount over is not empty, mounting anyway.`, {
      MESSAGE_ID: messageId.overmounting,
      WHERE: section.Where,
    })
  const argv = ['/usr/bin/mount', section.What, section.Where]
  if (section.SloppyOptions) argv.push('-s')
  if (section.ReadWriteOnly) argv.push('-w')
  if (section.Type !== '') argv.push('-t', section.Type)
  const options = mountOptions(section.Options)
  if (options !== '') argv.push('-o', options)
  if (yield* spawn(mount, 'ExecMount', argv)) setState(mount, 'mounting')
  else yield* enterDeadOrMounted(mount, 'resources')
}

function* enterRemounting(mount: Mount): Syscall<void> {
  mount.reloadResult = 'success'
  const options = mountOptions(mount.section.Options)
  const argv = [
    '/usr/bin/mount',
    mount.section.What || (mount.info?.what ?? ''),
    mount.where,
    '-o',
    options === '' ? 'remount' : `remount,${options}`,
  ]
  if (mount.section.Type !== '') argv.push('-t', mount.section.Type)
  if (yield* spawn(mount, 'ExecRemount', argv)) setState(mount, 'remounting')
  else {
    mount.reloadResult = 'resources'
    yield* enterDeadOrMounted(mount, 'success')
  }
}

function* enterUnmounting(mount: Mount): Syscall<void> {
  const argv = ['/usr/bin/umount', mount.where, '-c']
  if (mount.section.LazyUnmount) argv.push('-l')
  if (mount.section.ForceUnmount) argv.push('-f')
  if (yield* spawn(mount, 'ExecUnmount', argv)) setState(mount, 'unmounting')
  else yield* enterDeadOrMounted(mount, 'resources')
}

function* enterDeadOrMounted(mount: Mount, result: MountResult): Syscall<void> {
  if (mount.info !== undefined) {
    keepResult(mount, result)
    setState(mount, 'mounted')
  } else yield* enterDead(mount, result)
}

function* enterDead(mount: Mount, result: MountResult): Syscall<void> {
  keepResult(mount, result)
  if (mount.result === 'success') logSuccess(mount)
  else logFailure(mount, mount.result)
  setState(mount, mount.result === 'success' ? 'dead' : 'failed')
  yield* releaseRuntime(mount, mount.section, false)
}

function* enterSignal(mount: Mount, state: MountState, result: MountResult): Syscall<void> {
  keepResult(mount, result)
  const kill = state.endsWith('sigkill')
  const waiting = yield* killContext(mount, mount.section, kill ? 'kill' : 'terminate', {
    main: 0,
    control: mount.controlPid,
    alien: false,
  })
  if (waiting) {
    arm(mount, mount.section.TimeoutSec)
    setState(mount, state)
  } else yield* enterDeadOrMounted(mount, 'success')
}

function* timedOut(mount: Mount): Syscall<void> {
  const warn = (text: string) => mount.log(4, text)
  const { SendSIGKILL } = mount.section
  switch (mount.state) {
    case 'mounting':
    case 'mounting-done':
      warn('Mounting timed out. Terminating.')
      return yield* enterSignal(mount, 'unmounting-sigterm', 'timeout')
    case 'remounting':
      warn('Remounting timed out. Terminating remount process.')
      mount.reloadResult = 'timeout'
      return yield* enterSignal(mount, 'remounting-sigterm', 'success')
    case 'remounting-sigterm':
      warn(SendSIGKILL ? 'Remounting timed out. Killing.' : 'Remounting timed out. Skipping SIGKILL. Ignoring.')
      return SendSIGKILL ? yield* enterSignal(mount, 'remounting-sigkill', 'success') : yield* enterDeadOrMounted(mount, 'success')
    case 'unmounting':
      warn('Unmounting timed out. Terminating.')
      return yield* enterSignal(mount, 'unmounting-sigterm', 'timeout')
    case 'unmounting-sigterm':
      warn(SendSIGKILL ? 'Mount process timed out. Killing.' : 'Mount process timed out. Skipping SIGKILL. Ignoring.')
      return SendSIGKILL ? yield* enterSignal(mount, 'unmounting-sigkill', 'timeout') : yield* enterDeadOrMounted(mount, 'timeout')
    default:
      warn('Mount process still around after SIGKILL. Ignoring.')
      return yield* enterDeadOrMounted(mount, 'timeout')
  }
}

function* exited(mount: Mount, exit: ChildExit): Syscall<void> {
  if (exit.pid !== mount.controlPid) return
  const { manager } = mount
  manager.unwatchPid(mount, exit.pid)
  mount.controlPid = 0
  yield* manager.refreshMounts()
  const clean = isCleanExit(exit, 'command')
  const result: MountResult = clean ? 'success' : exit.code === 'exited' ? 'exit-code' : exit.code === 'killed' ? 'signal' : 'core-dump'
  if (mount.state.startsWith('remounting')) mount.reloadResult = result
  else keepResult(mount, result)
  mount.log(clean ? 7 : exit.code === 'exited' ? 5 : 4, `Mount process exited, ${describeExit(exit)}`, {
    MESSAGE_ID: messageId.unitProcessExit,
    EXIT_CODE: exit.code,
    EXIT_STATUS: exit.status,
    COMMAND: mount.phase === 'ExecUnmount' ? 'umount' : 'mount',
  })
  switch (mount.state) {
    case 'mounting':
      // The kernel's list tells whether it worked.
      if (clean && mount.info === undefined) {
        mount.log(4, 'Mount process finished, but there is no mount.')
        return yield* enterDead(mount, 'protocol')
      }
      return yield* enterDeadOrMounted(mount, result)
    case 'mounting-done':
      return yield* enterDeadOrMounted(mount, result)
    case 'unmounting':
      if (clean && mount.info !== undefined && mount.retries < 32) {
        // There is another one below.
        mount.retries += 1
        return yield* enterUnmounting(mount)
      }
      return yield* enterDeadOrMounted(mount, result)
    default:
      return yield* enterDeadOrMounted(mount, 'success')
  }
}

/** The kernel's list changed: this mount is in it, or no more. */
export function* mountChanged(mount: Mount, info: MountInfo | undefined): Syscall<void> {
  const before = mount.info
  mount.info = info
  if (info !== undefined) {
    if (before !== undefined && before.what === info.what && before.options === info.options && before.type === info.type) return
    if (mount.state === 'dead' || mount.state === 'failed') {
      if (mount.invocationId === '' || mount.state === 'failed' || mount.state === 'dead') acquireInvocationId(mount)
      mount.result = 'success'
      setState(mount, 'mounted')
    } else if (mount.state === 'mounting') setState(mount, 'mounting-done')
    mount.manager.addToBusQueue(mount)
  } else if (before !== undefined) {
    if (mount.state === 'mounted') yield* enterDead(mount, 'success')
    else if (mount.state === 'mounting-done') setState(mount, 'mounting')
  }
}

const extrinsic = (mount: Mount) => {
  const { where, id } = mount
  return (
    id === '-.mount' ||
    (/^\/(?:proc|sys|dev|run|usr|etc)(?:\/|$)/.test(where) &&
      ['/proc', '/sys', '/dev', '/run', '/usr', '/etc', '/dev/shm', '/dev/pts', '/sys/fs/cgroup'].includes(where))
  )
}

export const mountType: UnitType = {
  name: 'mount',
  section: 'Mount',
  interfaceName: 'org.freedesktop.systemd1.Mount',
  canTransient: true,
  canFail: true,
  hasCgroup: true,
  status: {
    starting: 'Mounting %s...',
    stopping: 'Unmounting %s...',
    finishedStart: { done: 'Mounted %s.', failed: 'Failed to mount %s.', timeout: 'Timed out mounting %s.' },
    finishedStop: { done: 'Unmounted %s.', failed: 'Failed unmounting %s.', timeout: 'Timed out unmounting %s.' },
  },
  create: (manager, id) => new Mount(manager, id),
  load(unit) {
    const mount = unit as Mount
    const { manager } = mount
    const where = manager.pathOfUnit(mount.id)
    const found = manager.mountInfoOf(where)
    if (mount.loadState === 'not-found' && (found !== undefined || mount.id === '-.mount')) {
      mount.loadState = 'loaded'
      mount.loadError = undefined
      mount.sourcePath = '/proc/self/mountinfo'
    }
    if (mount.id === '-.mount') {
      mount.perpetual = true
      mount.config.Unit.DefaultDependencies = false
      mount.section.StandardOutput = { kind: 'null', target: '' }
      if (mount.config.Unit.Description === '' || mount.config.Unit.Description === '/') mount.descriptionText = 'Root Mount'
    }
    if (mount.loadState !== 'loaded') return
    const { section } = mount
    if (section.Where === '') section.Where = where
    if (mount.descriptionText === '' && mount.config.Unit.Description === '') mount.descriptionText = where
    if (mount.fragmentPath !== '') addExecDependencies(mount, section)
    addSliceDependency(mount, section.Slice)
    // Below another mount; and on a file of another.
    const parent = section.Where === '/' ? undefined : section.Where.slice(0, section.Where.lastIndexOf('/')) || '/'
    if (parent !== undefined) mount.requiredMounts.add(parent)
    const what = section.What || (found?.what ?? '')
    if (mount.fragmentPath !== '' && what.startsWith('/') && !what.startsWith('/dev/')) mount.requiredMounts.add(what)
    if (mount.fragmentPath !== '' && what.startsWith('/dev/') && mount.id !== '-.mount') {
      const device = unitNameFromPath(what, '.device')
      if (device !== undefined) {
        addNamed(mount, ['After'], device, 'file')
        addNamed(mount, ['BindsTo'], device, 'file')
      }
    }
    addMountDependencies(mount)
    for (const other of manager.unitsNeeding(section.Where)) {
      if (other === mount) continue
      other.addDependency('After', mount, 'path', true)
      const wanted = [...other.requiredMounts].some((path) => path === section.Where || path.startsWith(`${section.Where}/`))
      if (wanted && mount.fragmentPath !== '') other.addDependency('Requires', mount, 'path', true)
    }
    if (mount.config.Unit.DefaultDependencies && manager.scope === 'system') {
      const network = section.Options.split(',').includes('_netdev') || /^(?:nfs4?|cifs|sshfs|glusterfs)$/.test(section.Type)
      if (!extrinsic(mount)) {
        const options = section.Options.split(',')
        addNamed(mount, ['After'], network ? 'remote-fs-pre.target' : 'local-fs-pre.target', 'default')
        if (!options.includes('nofail')) addNamed(mount, ['Before'], network ? 'remote-fs.target' : 'local-fs.target', 'default')
        addNamed(mount, ['Before', 'Conflicts'], 'umount.target', 'default')
        if ((section.Type || found?.type) === 'tmpfs') addNamed(mount, ['After'], 'swap.target', 'default')
      }
    }
  },
  activeState: (unit) => mountStates[(unit as Mount).state],
  subState: (unit) => (unit as Mount).state,
  canStart: (unit) => (unit as Mount).fragmentPath !== '' || unit.transient || (unit as Mount).info !== undefined,
  canReload: (unit) => (unit as Mount).state === 'mounted',
  testStartable(unit) {
    const mount = unit as Mount
    if (mount.state.startsWith('unmounting')) return 'again'
    if (mount.state === 'mounting' || mount.state === 'mounting-done') return 'nothing'
    if (testStartLimit(mount)) return undefined
    mount.manager.defer(() => enterDead(mount, 'start-limit-hit'))
    return 'nothing'
  },
  *start(unit) {
    const mount = unit as Mount
    acquireInvocationId(mount)
    mount.result = 'success'
    mount.reloadResult = 'success'
    mount.retries = 0
    yield* enterMounting(mount)
    return 'started'
  },
  *stop(unit) {
    const mount = unit as Mount
    if (mount.state.startsWith('unmounting')) return 'nothing'
    if (mount.state === 'mounting' || mount.state === 'mounting-done') {
      yield* enterSignal(mount, 'unmounting-sigterm', 'success')
      return 'nothing'
    }
    yield* enterUnmounting(mount)
    return 'started'
  },
  *reload(unit) {
    yield* enterRemounting(unit as Mount)
    return 'started'
  },
  kill: (unit) => ({ main: -1, control: (unit as Mount).controlPid }),
  mayGc: (unit) => (unit as Mount).info === undefined && unit.manager.mountInfoOf((unit as Mount).where) === undefined,
  sigchld: (unit, exit) => exited(unit as Mount, exit),
  resetFailed(unit) {
    const mount = unit as Mount
    if (mount.state === 'failed') setState(mount, 'dead')
    mount.result = 'success'
    mount.reloadResult = 'success'
  },
  *release(unit) {
    arm(unit as Mount, USEC_INFINITY)
  },
}
