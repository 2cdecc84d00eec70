// Methods about unit files: enable, mask and the others, as `install` plans them.
import { globMatches } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { BusError, type Changes } from '../bus'
import {
  applyChanges,
  defaultTarget,
  type InstallError,
  installPaths,
  type InstallPaths,
  isInstallError,
  listUnitFiles,
  type Plan,
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
  type PresetMode,
  unitFileState,
} from '../install'
import type { Manager } from './manager'
import type { MethodTable } from './methods'

export function pathsOf(manager: Manager): InstallPaths {
  if (manager.scope === 'system') return installPaths()
  return installPaths({
    scope: 'user',
    home: manager.environment.get('HOME') ?? '/',
    runtimeDirectory: manager.environment.get('XDG_RUNTIME_DIR') ?? '/run',
  })
}

const errorNames: Readonly<Record<string, string>> = {
  ERFKILL: 'org.freedesktop.systemd1.UnitMasked',
  ENOENT: 'org.freedesktop.systemd1.NoSuchUnit',
  EEXIST: 'org.freedesktop.systemd1.UnitExists',
  EADDRNOTAVAIL: 'org.freedesktop.systemd1.UnitGenerated',
  EINVAL: 'org.freedesktop.DBus.Error.InvalidArgs',
}

function failure({ errno, message }: InstallError): BusError {
  return new BusError(errorNames[errno] ?? `System.Error.${errno}`, message)
}

function* carryOut(manager: Manager, plan: Plan | InstallError): Syscall<Changes | BusError> {
  if (isInstallError(plan)) return failure(plan)
  const failed = yield* applyChanges(manager.process, plan.changes)
  if (isErrno(failed)) return new BusError(`System.Error.${failed.name}`, failed.message)
  manager.forgetUnitFiles()
  return { carriesInstallInfo: plan.carriesInstallInfo, changes: plan.changes }
}

type FileMembers =
  | 'ListUnitFilesByPatterns'
  | 'GetUnitFileState'
  | 'EnableUnitFilesWithFlags'
  | 'DisableUnitFilesWithFlags'
  | 'ReenableUnitFiles'
  | 'LinkUnitFiles'
  | 'PresetUnitFilesWithMode'
  | 'PresetAllUnitFiles'
  | 'MaskUnitFiles'
  | 'UnmaskUnitFiles'
  | 'RevertUnitFiles'
  | 'AddDependencyUnitFiles'
  | 'SetDefaultTarget'
  | 'GetDefaultTarget'

export const fileMethods: Pick<MethodTable, FileMembers> = {
  ListUnitFilesByPatterns: {
    privileged: false,
    *run(manager, [states, patterns]) {
      return listUnitFiles(manager.reader, pathsOf(manager)).filter(({ path, state }) => {
        const name = path.slice(path.lastIndexOf('/') + 1)
        if (states.length > 0 && !states.includes(state)) return false
        return patterns.length === 0 || patterns.some((pattern) => globMatches(pattern, name))
      })
    },
  },
  GetUnitFileState: {
    privileged: false,
    *run(manager, [name]) {
      const state = unitFileState(manager.reader, pathsOf(manager), name)
      if (state === 'not-found') return new BusError('org.freedesktop.DBus.Error.FileNotFound', 'No such file or directory')
      return state
    },
  },
  EnableUnitFilesWithFlags: {
    privileged: true,
    run: (manager, [files, flags]) => carryOut(manager, planEnable(manager.reader, pathsOf(manager), files, flags)),
  },
  DisableUnitFilesWithFlags: {
    privileged: true,
    run: (manager, [files, flags]) => carryOut(manager, planDisable(manager.reader, pathsOf(manager), files, flags)),
  },
  ReenableUnitFiles: {
    privileged: true,
    run: (manager, [files, runtime, force]) => carryOut(manager, planReenable(manager.reader, pathsOf(manager), files, { runtime, force })),
  },
  LinkUnitFiles: {
    privileged: true,
    run: (manager, [files, runtime, force]) => carryOut(manager, planLink(manager.reader, pathsOf(manager), files, { runtime, force })),
  },
  PresetUnitFilesWithMode: {
    privileged: true,
    run: (manager, [files, mode, runtime, force]) =>
      carryOut(manager, planPreset(manager.reader, pathsOf(manager), files, presetMode(mode), { runtime, force })),
  },
  PresetAllUnitFiles: {
    privileged: true,
    run: (manager, [mode, runtime, force]) =>
      carryOut(manager, planPresetAll(manager.reader, pathsOf(manager), presetMode(mode), { runtime, force })),
  },
  MaskUnitFiles: {
    privileged: true,
    run: (manager, [files, runtime, force]) => carryOut(manager, planMask(manager.reader, pathsOf(manager), files, { runtime, force })),
  },
  UnmaskUnitFiles: {
    privileged: true,
    run: (manager, [files, runtime]) => carryOut(manager, planUnmask(manager.reader, pathsOf(manager), files, { runtime })),
  },
  RevertUnitFiles: { privileged: true, run: (manager, [files]) => carryOut(manager, planRevert(manager.reader, pathsOf(manager), files)) },
  AddDependencyUnitFiles: {
    privileged: true,
    run: (manager, [files, target, type, runtime, force]) =>
      carryOut(
        manager,
        planAddDependency(manager.reader, pathsOf(manager), files, target, type.toLowerCase() === 'requires' ? 'requires' : 'wants', {
          runtime,
          force,
        }),
      ),
  },
  SetDefaultTarget: {
    privileged: true,
    run: (manager, [name, force]) => carryOut(manager, planSetDefault(manager.reader, pathsOf(manager), name, force)),
  },
  GetDefaultTarget: {
    privileged: false,
    *run(manager) {
      return (
        defaultTarget(manager.reader, pathsOf(manager)) ??
        new BusError('org.freedesktop.DBus.Error.FileNotFound', 'No such file or directory')
      )
    },
  },
}

function presetMode(mode: string): PresetMode {
  return mode === 'enable-only' || mode === 'disable-only' ? mode : 'full'
}
