// Reading a unit into the manager: its files, its other names, its dependencies.
import { isBusError, BusError } from '../bus'
import type { UnitSection } from '../directives'
import { badSetting, errorOf } from './load-error'
import type { DependencyType } from './dependency'
import type { Unit } from './unit'
import { addTargetDependency } from './unit-defaults'

/** Settings of [Unit] that name other units, with the dependency they make. */
const dependencySettings = [
  'Requires',
  'Requisite',
  'Wants',
  'BindsTo',
  'Upholds',
  'Conflicts',
  'Before',
  'After',
  'OnSuccess',
  'OnFailure',
  'PropagatesReloadTo',
  'ReloadPropagatedFrom',
  'PropagatesStopTo',
  'StopPropagatedFrom',
  'PartOf',
  'JoinsNamespaceOf',
] as const satisfies readonly (keyof UnitSection & DependencyType)[]

export function loadUnit(unit: Unit): void {
  const { manager } = unit
  const loader = manager.unitLoader()
  const loaded = loader.load(unit.id)
  unit.loaded = loaded
  unit.lookupGeneration = manager.cacheStamp()
  for (const { severity, text } of loaded.diagnostics) {
    const level = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 }[severity]
    manager.logUnit(unit, level, text, {}, [unit.id])
  }
  if (loaded.id !== unit.id && !adoptName(unit, loaded.id)) return
  unit.config = loaded.config
  unit.loadState = loaded.loadState
  unit.fragmentPath = loaded.fragmentPath
  unit.sourcePath = loaded.config.Unit.SourcePath
  unit.dropInPaths = loaded.dropInPaths
  unit.loadError = loaded.loadState === 'loaded' ? undefined : errorOf(unit, loaded)
  unit.fileStamps = manager.stampsOf(unit)
  if (unit.transient && loaded.loadState === 'not-found') unit.loadState = 'loaded'
  for (const name of loaded.names) if (name !== unit.id) mergeName(unit, name)
  const { Unit: section } = unit.config
  unit.startLimit.intervalUsec = section.StartLimitIntervalSec
  unit.startLimit.burst = section.StartLimitBurst
  if (unit.loadState === 'loaded')
    for (const type of dependencySettings)
      for (const name of section[type]) {
        const other = manager.loadUnitPrepare(name)
        if (!isBusError(other)) unit.addDependency(type, other, 'file', true)
      }
  unit.requiredMounts.clear()
  unit.wantedMounts.clear()
  unit.vtable.load(unit)
  manager.targetDependencyQueue.add(unit)
  if (unit.loadState === 'loaded' && section.OnFailureJobMode === 'isolate' && unit.dependencyList('on-failure').length > 1) {
    unit.log(3, 'More than one OnFailure= dependencies specified but OnFailureJobMode=isolate set. Refusing.')
    unit.loadState = 'bad-setting'
    unit.loadError = badSetting(unit)
  }
  manager.addToBusQueue(unit)
  manager.addToGcQueue(unit)
}

/** The file says that this is another unit: become it, or merge into it. False: merged away. */
function adoptName(unit: Unit, id: string): boolean {
  const { manager } = unit
  const other = manager.units.get(id)
  if (other === undefined || other === unit) {
    manager.units.set(id, unit)
    unit.names.add(id)
    unit.id = id
    return true
  }
  mergeInto(unit, other)
  if (other.loadState === 'stub' && !other.inLoadQueue) manager.addToLoadQueue(other)
  return false
}

/** Another name of this unit; a unit that already goes by it is taken over. */
function mergeName(unit: Unit, name: string): void {
  const { manager } = unit
  const other = manager.units.get(name)
  if (other === unit) return
  if (other !== undefined) {
    if (other.type !== unit.type || (other.loadState !== 'stub' && other.loadState !== 'not-found')) return
    mergeInto(other, unit)
  }
  manager.units.set(name, unit)
  unit.names.add(name)
}

function mergeInto(unit: Unit, target: Unit): void {
  const { manager } = unit
  unit.loadState = 'merged'
  unit.mergedInto = target
  for (const name of unit.names) {
    manager.units.set(name, target)
    target.names.add(name)
  }
  target.takeDependencies(unit)
  for (const ref of unit.refs) target.refs.add(ref)
  unit.inLoadQueue = false
  manager.gcQueue.delete(unit)
  unit.gone = true
}

export function addDefaultTargetDependencies(unit: Unit): void {
  for (const target of unit.dependencyList('default-target-dependencies')) if (target.type === 'target') addTargetDependency(unit, target)
}

/** Why a unit cannot be started at all, in the bus's words. */
export function validateLoadState(unit: Unit): BusError | undefined {
  switch (unit.loadState) {
    case 'loaded':
      return undefined
    case 'not-found':
      return new BusError('org.freedesktop.systemd1.NoSuchUnit', `Unit ${unit.id} not found.`)
    case 'bad-setting':
      return new BusError('org.freedesktop.systemd1.BadUnitSetting', `Unit ${unit.id} has a bad unit file setting.`)
    case 'masked':
      return new BusError('org.freedesktop.systemd1.UnitMasked', `Unit ${unit.id} is masked.`)
    case 'error':
      return new BusError(
        unit.loadError?.name ?? 'org.freedesktop.systemd1.LoadFailed',
        `Unit ${unit.id} failed to load properly, please adjust/correct and reload service manager: ${unit.loadError?.message ?? 'Unknown error'}`,
      )
    default:
      return new BusError('org.freedesktop.systemd1.NoSuchUnit', `Unit ${unit.id} not loaded properly.`)
  }
}

/** Files came, went or changed since they were read: `NeedDaemonReload`. */
export function unitFileChanged(unit: Unit): boolean {
  const { manager } = unit
  if (unit.loadState === 'not-found' || (unit.type === 'device' && unit.fragmentPath === '')) return false
  const now = manager.stampsOf(unit)
  if (now.size !== unit.fileStamps.size) return true
  for (const [path, stamp] of now) if (unit.fileStamps.get(path) !== stamp) return true
  const fragment = manager.unitLoader().files.findFragment(unit.id).path ?? ''
  if (fragment !== unit.fragmentPath && unit.loadState !== 'masked' && unit.fragmentPath !== '') return true
  const dropIns = manager.unitLoader().files.dropIns(unit.id, unit.names)
  return dropIns.length !== unit.dropInPaths.length || dropIns.some((path, index) => path !== unit.dropInPaths[index])
}
