// `systemctl enable` and its kin: symbolic links, through the manager or below --root= by hand.
import { isErrno, type Syscall } from '@/lib/kernel'
import { isBusError, textOf, getAllProperties, type Bus, type Changes, type UnitFileChange } from '@/lib/systemd/bus'
import {
  applyChanges,
  defaultTarget,
  installPaths,
  isInstallError,
  planAddDependency,
  planDisable,
  planEnable,
  planLink,
  planMask,
  planPreset,
  planPresetAll,
  planReenable,
  planRevert,
  planSetDefault,
  planUnmask,
  unitFileExists,
  type InstallError,
  type InstallPaths,
  type Plan,
} from '@/lib/systemd/install'
import { stringIsGlob } from '@/lib/systemd/unit-name'
import type { Context } from './context'
import { runJobs } from './start-unit'

type Verb = 'enable' | 'disable' | 'reenable' | 'link' | 'preset' | 'mask' | 'unmask' | 'revert'

/** How "Failed to … unit:" names the verb. */
const doing: Readonly<Record<Verb, string>> = {
  enable: 'enable',
  disable: 'disable',
  reenable: 'reenable',
  link: 'link',
  preset: 'preset',
  mask: 'mask',
  unmask: 'unmask',
  revert: 'revert',
}

const NO_INSTALL = `The unit files have no installation config (WantedBy=, RequiredBy=, UpheldBy=,
Also=, or Alias= settings in the [Install] section, and DefaultInstance= for
template units). This means they are not meant to be enabled or disabled using systemctl.
 
Possible reasons for having these kinds of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/, .requires/, or .upholds/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.`

export function* enable(context: Context): Syscall<number> {
  const { settings, console } = context
  const verb = context.verb as Verb
  if (settings.now && !['enable', 'disable', 'reenable', 'mask'].includes(verb)) {
    return yield* console.fail('--now can only be used with verb enable, disable, reenable, or mask.')
  }
  const names = yield* fileNames(context, verb)
  if (names === undefined) return 1
  if (names.length === 0) {
    if (verb !== 'enable') return 0
    return yield* console.fail('No units matched the specified patterns.')
  }
  const offline = settings.root !== undefined || settings.global
  if (offline && settings.now) {
    return yield* console.fail('--now cannot be used when systemd is not running or in conjunction with --root=/--global, refusing.')
  }
  const result = offline ? yield* byHand(context, verb, names) : yield* throughManager(context, verb, names)
  if (typeof result === 'number') return result
  if (
    verb !== 'mask' &&
    verb !== 'unmask' &&
    verb !== 'revert' &&
    verb !== 'link' &&
    !result.carriesInstallInfo &&
    !settings.quiet &&
    !settings.noWarn
  ) {
    yield* console.log('notice', NO_INSTALL)
  }
  if (verb === 'disable' && !settings.noWarn && !settings.quiet && !offline) yield* warnStillEnabled(context, names)
  if (!settings.now || offline) return 0
  return yield* startOrStop(context, verb, names)
}

/** Names of unit files: paths stay paths, for `enable` and `link`. */
function* fileNames(context: Context, verb: Verb): Syscall<readonly string[] | undefined> {
  const names: string[] = []
  for (const operand of context.operands) {
    if (operand.includes('/')) {
      const cwd = yield* context.process.getcwd()
      const path = operand.startsWith('/') ? operand : `${isErrno(cwd) ? '' : cwd}/${operand}`
      if (verb === 'disable') {
        yield* context.console.log('warning', "Warning: Can't execute disable on the unit file path. Proceeding with the unit name.")
        names.push(path.slice(path.lastIndexOf('/') + 1))
      } else names.push(path)
      continue
    }
    const name = yield* context.mangle(operand, '.service', true)
    if (name === undefined) return undefined
    if (!stringIsGlob(name)) {
      names.push(name)
      continue
    }
    const bus = yield* context.bus()
    if (typeof bus === 'number') return undefined
    const files = yield* bus.call('ListUnitFilesByPatterns', [[], [name]])
    if (!isBusError(files)) names.push(...files.map((file) => file.path.slice(file.path.lastIndexOf('/') + 1)))
  }
  return names
}

function* throughManager(context: Context, verb: Verb, names: readonly string[]): Syscall<Changes | number> {
  const { settings, console } = context
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const force = settings.force > 0
  const { runtime } = settings
  if (verb === 'mask' || verb === 'unmask') yield* noteMissing(context, bus, verb, names)
  const call = function* (): Syscall<Changes | { readonly name: string; readonly message: string }> {
    switch (verb) {
      case 'enable':
        return yield* bus.call('EnableUnitFilesWithFlags', [names, { runtime, force }])
      case 'disable':
        return yield* bus.call('DisableUnitFilesWithFlags', [names, { runtime, force }])
      case 'reenable':
        return yield* bus.call('ReenableUnitFiles', [names, runtime, force])
      case 'link':
        return yield* bus.call('LinkUnitFiles', [names, runtime, force])
      case 'preset':
        return yield* bus.call('PresetUnitFilesWithMode', [names, settings.presetMode, runtime, force])
      case 'mask':
        return yield* bus.call('MaskUnitFiles', [names, runtime, force])
      case 'unmask':
        return yield* bus.call('UnmaskUnitFiles', [names, runtime])
      case 'revert':
        return yield* bus.call('RevertUnitFiles', [names])
    }
  }
  const changes = yield* call()
  if (isBusError(changes)) return yield* console.fail(`Failed to ${doing[verb]} unit: ${changes.message}`)
  const result = changes as Changes
  yield* printChanges(context, result.changes)
  if (!settings.noReload) {
    const reloaded = yield* bus.call('Reload', [])
    if (isBusError(reloaded)) return yield* console.fail(`Reload daemon failed: ${reloaded.message}`)
  }
  return result
}

/** Masking a unit that is not there works, but should not go unnoticed. */
function* noteMissing(context: Context, bus: Bus, verb: Verb, names: readonly string[]): Syscall<void> {
  if (context.settings.quiet || verb !== 'mask') return
  for (const name of names) {
    const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
    if (!isBusError(properties) && textOf(properties, 'LoadState') === 'not-found') {
      yield* context.console.log('info', `Unit ${name} does not exist, proceeding anyway.`)
    }
  }
}

function* byHand(context: Context, verb: Verb, names: readonly string[]): Syscall<Changes | number> {
  const { settings, process } = context
  const reader = process.fileReader()
  const paths = offlinePaths(context)
  const flags = { runtime: settings.runtime, force: settings.force > 0 }
  const plan = ((): Plan | InstallError => {
    switch (verb) {
      case 'enable':
        return planEnable(reader, paths, names, flags)
      case 'disable':
        return planDisable(reader, paths, names, flags)
      case 'reenable':
        return planReenable(reader, paths, names, flags)
      case 'link':
        return planLink(reader, paths, names, flags)
      case 'preset':
        return planPreset(reader, paths, names, settings.presetMode, flags)
      case 'mask':
        return planMask(reader, paths, names, flags)
      case 'unmask':
        return planUnmask(reader, paths, names, flags)
      case 'revert':
        return planRevert(reader, paths, names)
    }
  })()
  if (verb === 'mask') {
    for (const name of names)
      if (!unitFileExists(reader, paths, name)) yield* context.console.log('info', `Unit ${name} does not exist, proceeding anyway.`)
  }
  return yield* carryOut(context, plan, `Failed to ${doing[verb]} unit: `)
}

/** Of `--root=` and `--global`. */
function offlinePaths(context: Context): InstallPaths {
  const { root, scope, global } = context.settings
  const { HOME: home, XDG_RUNTIME_DIR: runtimeDirectory } = context.process.env
  return installPaths({
    scope: global ? 'global' : scope,
    ...(root === undefined ? {} : { root }),
    ...(home === undefined ? {} : { home }),
    ...(runtimeDirectory === undefined ? {} : { runtimeDirectory }),
  })
}

function* carryOut(context: Context, plan: Plan | InstallError, complaint: string): Syscall<Changes | number> {
  const { console, process } = context
  if (isInstallError(plan)) return yield* console.fail(`${complaint}${plan.message}`)
  const failed = yield* applyChanges(process, plan.changes)
  if (failed !== undefined) return yield* console.fail(`${complaint}${failed.message}`)
  yield* printChanges(context, plan.changes)
  return plan
}

/** What was done to the disk, in words. */
function* printChanges(context: Context, changes: readonly UnitFileChange[]): Syscall<void> {
  const { console, settings } = context
  if (settings.quiet) return
  for (const change of changes) {
    switch (change.type) {
      case 'symlink':
        yield* console.log('info', `Created symlink '${change.path}' → '${change.source}'.`)
        break
      case 'unlink':
        yield* console.log('info', `Removed '${change.path}'.`)
        break
      case 'is-masked':
        yield* console.log('info', `Unit ${change.path} is masked, ignoring.`)
        break
      case 'masked-generator':
        yield* console.log('info', `Unit ${change.path} is masked via a generator and cannot be unmasked.`)
        break
      case 'is-dangling':
        yield* console.log('info', `Unit ${change.path} is an alias to a unit that is not present, ignoring.`)
        break
      case 'destination-not-present':
        yield* console.log('warning', `Unit ${change.path} is added as a dependency to a non-existent unit ${change.source}.`)
        break
      case 'auxiliary-failed':
        yield* console.log('warning', `Failed to enable auxiliary unit ${change.path}, ignoring.`)
        break
      default:
    }
  }
}

/** A unit that is still started by others should not surprise anybody. */
function* warnStillEnabled(context: Context, names: readonly string[]): Syscall<void> {
  if (context.settings.now) return
  const bus = yield* context.bus()
  if (typeof bus === 'number') return
  const active: string[] = []
  for (const name of names) {
    const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) continue
    const triggers = properties.TriggeredBy
    if (!Array.isArray(triggers)) continue
    for (const trigger of triggers as readonly string[]) {
      const other = yield* getAllProperties(bus, trigger, 'org.freedesktop.systemd1.Unit')
      if (!isBusError(other) && textOf(other, 'ActiveState') === 'active') active.push(trigger)
    }
    if (active.length > 0) {
      yield* context.console.log('warning', `Disabling '${name}', but its triggering units are still active:\n${active.join(', ')}`)
    }
  }
}

function* startOrStop(context: Context, verb: Verb, names: readonly string[]): Syscall<number> {
  const stops = verb === 'disable' || verb === 'mask'
  const units: string[] = []
  for (const name of names) {
    const unit = name.slice(name.lastIndexOf('/') + 1)
    if (/@\.[a-z]+$/.test(unit)) yield* context.console.log('warning', `Template unit is not supported by ${verb} --now, skipping: ${unit}`)
    else units.push(unit)
  }
  const row = stops
    ? ({ method: 'StopUnit', job: 'stop', type: 'stop' } as const)
    : verb === 'reenable'
      ? ({ method: 'TryRestartUnit', job: 'try-restart', type: 'try-restart' } as const)
      : ({ method: 'StartUnit', job: 'start', type: 'start' } as const)
  return yield* runJobs(context, row, units, 'replace', '.service')
}

export function* presetAll(context: Context): Syscall<number> {
  const { settings, console, process } = context
  if (settings.root !== undefined || settings.global) {
    const plan = planPresetAll(process.fileReader(), offlinePaths(context), settings.presetMode, {
      runtime: settings.runtime,
      force: settings.force > 0,
    })
    const result = yield* carryOut(context, plan, 'Failed to preset all units: ')
    return typeof result === 'number' ? result : 0
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const result = yield* bus.call('PresetAllUnitFiles', [settings.presetMode, settings.runtime, settings.force > 0])
  if (isBusError(result)) return yield* console.fail(`Failed to preset all units: ${result.message}`)
  yield* printChanges(context, result.changes)
  return yield* reload(context, bus)
}

function* reload(context: Context, bus: Bus): Syscall<number> {
  if (context.settings.noReload) return 0
  const done = yield* bus.call('Reload', [])
  return isBusError(done) ? yield* context.console.fail(`Reload daemon failed: ${done.message}`) : 0
}

export function* addDependency(context: Context): Syscall<number> {
  const { settings, console, process } = context
  const [targetWord, ...words] = context.operands
  const target = yield* context.mangle(targetWord!, '.target', false)
  if (target === undefined) return 1
  const names: string[] = []
  for (const word of words) {
    const name = yield* context.mangle(word, '.service', false)
    if (name === undefined) return 1
    names.push(name)
  }
  const type = context.verb === 'add-wants' ? 'Wants' : 'Requires'
  if (settings.root !== undefined || settings.global) {
    const kind = type === 'Wants' ? 'wants' : 'requires'
    const plan = planAddDependency(process.fileReader(), offlinePaths(context), names, target, kind, {
      runtime: settings.runtime,
      force: settings.force > 0,
    })
    const result = yield* carryOut(context, plan, "Can't add dependency: ")
    return typeof result === 'number' ? result : 0
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const result = yield* bus.call('AddDependencyUnitFiles', [names, target, type, settings.runtime, settings.force > 0])
  if (isBusError(result)) return yield* console.fail(`Failed to add dependency: ${result.message}`)
  yield* printChanges(context, result.changes)
  return yield* reload(context, bus)
}

export function* getDefault(context: Context): Syscall<number> {
  const { settings, console, process } = context
  if (settings.root !== undefined) {
    const name = defaultTarget(process.fileReader(), offlinePaths(context))
    if (name === undefined) return yield* console.fail('Failed to get default target: No such file or directory')
    yield* console.print(`${name}\n`)
    return 0
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const name = yield* bus.call('GetDefaultTarget', [])
  if (isBusError(name)) return yield* console.fail(`Failed to get default target: ${name.message}`)
  yield* console.print(`${name}\n`)
  return 0
}

export function* setDefault(context: Context): Syscall<number> {
  const { settings, console, process } = context
  const name = yield* context.mangle(context.operands[0]!, '.target', false)
  if (name === undefined) return 1
  if (settings.root !== undefined) {
    const result = yield* carryOut(
      context,
      planSetDefault(process.fileReader(), offlinePaths(context), name),
      'Failed to set default target: ',
    )
    return typeof result === 'number' ? result : 0
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const result = yield* bus.call('SetDefaultTarget', [name, true])
  if (isBusError(result)) return yield* console.fail(`Failed to set default target: ${result.message}`)
  yield* printChanges(context, result.changes)
  return yield* reload(context, bus)
}
