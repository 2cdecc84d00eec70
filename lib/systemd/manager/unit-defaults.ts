// After systemd.unit(5) and systemd.special(7): dependencies that nobody writes.
import type { CGroupSection, ExecSection } from '../directives'
import { isBusError } from '../bus'
import { sliceParent, unitNameEscape, unitNameToInstance, unitNameToPrefix } from '../unit-name'
import type { DependencyType } from './dependency'
import type { DependencyOrigin, Unit } from './unit'

export function addNamed(unit: Unit, types: readonly DependencyType[], name: string, origin: DependencyOrigin): void {
  const other = unit.manager.loadUnitPrepare(name)
  if (isBusError(other)) return
  for (const type of types) unit.addDependency(type, other, origin, true)
}

/** Every unit but the earliest goes down with the system. */
export function addShutdownDependencies(unit: Unit): void {
  if (unit.manager.scope === 'user' && unit.id === 'shutdown.target') return
  addNamed(unit, ['Before', 'Conflicts'], 'shutdown.target', 'default')
}

export function addSliceDependency(unit: Unit, configured: string): void {
  const name = unit.id === 'init.scope' ? '-.slice' : configured !== '' ? configured : defaultSlice(unit)
  if (name === undefined) return
  const slice = unit.manager.loadUnitPrepare(name)
  if (isBusError(slice)) return
  unit.addDependency('InSlice', slice, 'file', true)
  unit.addDependency('Requires', slice, 'file', true)
  unit.addDependency('After', slice, 'file', true)
}

/** Instances of a template share a slice; the rest of the system is in system.slice, of a user in app.slice. */
export function defaultSlice(unit: Unit): string | undefined {
  const { manager, id } = unit
  if (unit.type === 'slice') return sliceParent(id)
  if (manager.scope === 'system' && unit.type === 'mount' && !unit.config.Unit.DefaultDependencies) return '-.slice'
  const base = manager.scope === 'system' ? 'system.slice' : 'app.slice'
  const prefix = unitNameToInstance(id) === undefined ? undefined : unitNameToPrefix(id)
  return prefix === undefined ? base : `${base.slice(0, -'.slice'.length)}-${unitNameEscape(prefix)}.slice`
}

/** What a command needs: its directories' mounts, the journal for its output, a readable /tmp of its own. */
export function addExecDependencies(unit: Unit, section: ExecSection & CGroupSection): void {
  const { manager } = unit
  const mounts = new Set<string>()
  if (section.WorkingDirectory.path !== '' && !section.WorkingDirectory.missingOk) mounts.add(section.WorkingDirectory.path)
  if (section.RootDirectory !== '') mounts.add(section.RootDirectory)
  const base = {
    RuntimeDirectory: '/run',
    StateDirectory: '/var/lib',
    CacheDirectory: '/var/cache',
    LogsDirectory: '/var/log',
    ConfigurationDirectory: '/etc',
  } as const
  if (manager.scope === 'system')
    for (const [name, root] of Object.entries(base))
      for (const directory of section[name as keyof typeof base]) mounts.add(`${root}/${directory.path}`)
  for (const path of mounts) unit.requiredMounts.add(path)
  if (manager.scope === 'user') return
  if (section.PrivateTmp === 'connected' && !section.DynamicUser) {
    unit.wantedMounts.add('/var/tmp')
    unit.wantedMounts.add('/tmp')
    addNamed(unit, ['After'], 'systemd-tmpfiles-setup.service', 'file')
  }
  const toJournal =
    [section.StandardOutput.kind, section.StandardError.kind].some((kind) => /^(journal|kmsg)/.test(kind)) ||
    (section.StandardOutput.kind === 'inherit' && manager.defaults.standardOutput === 'journal')
  if (toJournal) addNamed(unit, ['After'], 'systemd-journald.socket', 'file')
}

/** Last of all: after the mounts of every path that the unit was found to need. */
export function addMountDependencies(unit: Unit): void {
  for (const path of unit.config.Unit.RequiresMountsFor) unit.requiredMounts.add(path)
  for (const path of unit.config.Unit.WantsMountsFor) unit.wantedMounts.add(path)
  for (const path of unit.requiredMounts) addMountRequirement(unit, path, 'Requires')
  for (const path of unit.wantedMounts) addMountRequirement(unit, path, 'Wants')
}

/** After the mounts that hold a path; those that have a file are required, too. */
function addMountRequirement(unit: Unit, path: string, type: 'Requires' | 'Wants'): void {
  const { manager } = unit
  manager.rememberMountsFor(path, unit)
  for (let one = path; ; one = one.slice(0, one.lastIndexOf('/')) || '/') {
    const name = manager.mountUnitAt(one)
    if (name !== undefined && name !== unit.id) {
      const mount = manager.loadUnitPrepare(name)
      if (!isBusError(mount)) {
        unit.addDependency('After', mount, 'path', true)
        if (mount.fragmentPath !== '' || mount.loadState === 'stub') unit.addDependency(type, mount, 'path', true)
      }
    }
    if (one === '/') return
  }
}

/** Targets order themselves after what they pull in, unless told otherwise. */
export function addTargetDependency(unit: Unit, target: Unit): void {
  if (unit.loadState !== 'loaded' || target.loadState !== 'loaded') return
  if (!unit.config.Unit.DefaultDependencies || !target.config.Unit.DefaultDependencies) return
  if (target.hasDependency('before', unit) || unit.hasDependency('after', target)) return
  target.addDependency('After', unit, 'default', true)
}
