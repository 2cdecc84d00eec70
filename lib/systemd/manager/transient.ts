// Units and settings that come over the bus: kept as files below /run (or /etc), read like all others.
import type { Syscall } from '@/lib/kernel'
import { BusError, isBusError, type JobMode, type Setting } from '../bus'
import { realizeCgroup } from '../cgroup'
import { findDirective } from '../directives'
import type { Manager } from './manager'
import type { Unit } from './unit'
import { Scope } from '../units/scope'

const invalid = (message: string) => new BusError('org.freedesktop.DBus.Error.InvalidArgs', message)

/** The section that knows the setting: the unit's own, or [Unit]. */
function sectionFor(unit: Unit, name: string): string | undefined {
  if (findDirective(unit.vtable.section, name) !== undefined) return unit.vtable.section
  return findDirective('Unit', name) === undefined ? undefined : 'Unit'
}

function fileText(head: string, unit: Unit, settings: readonly Setting[]): string | BusError {
  const sections = new Map<string, string[]>()
  for (const { name, value } of settings) {
    const section = sectionFor(unit, name)
    if (section === undefined)
      return new BusError('org.freedesktop.DBus.Error.PropertyReadOnly', `Cannot set property ${name}, or unknown property.`)
    sections.set(section, [...(sections.get(section) ?? []), `${name}=${value}`])
  }
  const parts = [...sections]
    .sort(([one], [other]) => Number(other === 'Unit') - Number(one === 'Unit'))
    .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
  return `${head}${parts.join('\n')}`
}

const transientHead = '# This is a transient unit file, created programmatically via the systemd API. Do not edit.\n'

export function* startTransient(
  manager: Manager,
  name: string,
  mode: JobMode,
  settings: readonly Setting[],
  aux: readonly { readonly name: string; readonly settings: readonly Setting[] }[],
): Syscall<number | BusError> {
  const made = yield* makeTransient(manager, name, settings)
  if (isBusError(made)) return made
  for (const one of aux) {
    const other = yield* makeTransient(manager, one.name, one.settings)
    if (isBusError(other)) return other
  }
  manager.dispatchLoad()
  const job = manager.addJob('start', made, mode)
  return isBusError(job) ? job : job.id
}

function* makeTransient(manager: Manager, name: string, settings: readonly Setting[]): Syscall<Unit | BusError> {
  const unit = manager.loadUnit(name)
  if (isBusError(unit)) return unit
  if (unit.vtable.canTransient !== true) return invalid(`Unit type ${unit.type} does not support transient units.`)
  if (unit.fragmentPath !== '' || (unit.loadState !== 'not-found' && unit.type !== 'scope' && unit.type !== 'slice') || unit.transient)
    return new BusError('org.freedesktop.systemd1.UnitExists', `Unit ${unit.id} was already loaded or has a fragment file.`)
  const files = settings.filter((one) => one.name !== 'PIDs' && one.name !== 'Controller' && one.name !== 'AddRef')
  const text = fileText(transientHead, unit, files)
  if (isBusError(text)) return text
  const directory =
    manager.scope === 'system' ? '/run/systemd/transient' : `${manager.environment.get('XDG_RUNTIME_DIR')}/systemd/transient`
  yield* manager.writeFile(`${directory}/${unit.id}`, text)
  manager.forgetUnitFiles()
  unit.transient = true
  if (unit instanceof Scope) {
    const pids = settings.filter((one) => one.name === 'PIDs').flatMap((one) => one.value.split(/\s+/).map(Number))
    if (pids.length === 0) return invalid('Scope unit has no processes')
    unit.pids = pids
  }
  unit.removeDependencies(['file', 'implicit', 'default', 'path'])
  unit.loadState = 'stub'
  manager.addToLoadQueue(unit)
  manager.dispatchLoad()
  return unit
}

/** `systemctl set-property`: a drop-in for each setting, in force at once. */
export function* setProperties(
  manager: Manager,
  unit: Unit,
  runtime: boolean,
  settings: readonly Setting[],
): Syscall<undefined | BusError> {
  const base =
    manager.scope === 'system'
      ? runtime
        ? '/run/systemd/system.control'
        : '/etc/systemd/system.control'
      : `${manager.environment.get('HOME')}/.config/systemd/user.control`
  const head = '# This is a drop-in unit file extension, created via "systemctl set-property"\n# or an equivalent operation. Do not edit.\n'
  const names = [...new Set(settings.map((one) => one.name))]
  for (const name of names) {
    const text = fileText(
      head,
      unit,
      settings.filter((one) => one.name === name),
    )
    if (isBusError(text)) return text
    yield* manager.writeFile(`${base}/${unit.id}.d/50-${name}.conf`, text)
  }
  manager.forgetUnitFiles()
  const loaded = manager.unitLoader().load(unit.id)
  unit.loaded = loaded
  unit.config = loaded.config
  unit.dropInPaths = loaded.dropInPaths
  unit.fileStamps = manager.stampsOf(unit)
  if (unit.cgroupPath !== undefined) yield* realizeCgroup(unit)
  manager.addToBusQueue(unit)
  return undefined
}

/** When a transient unit leaves memory, its file goes. */
export function* forgetTransient(unit: Unit): Syscall<void> {
  if (unit.transient && unit.fragmentPath.includes('/systemd/transient/')) yield* unit.manager.process.unlink(unit.fragmentPath)
}
