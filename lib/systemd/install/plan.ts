// After systemctl(1), "Unit File Commands": enable, disable, mask and the others, as changes to symbolic links.
import type { FileReader } from '@/lib/base'
import { unitNameIsValid, unitNameKind, unitNameReplaceInstance, unitNameTemplate, unitNameToInstance, unitNameToType } from '../unit-name'
import { type Change, InstallError, isInstallError, type Plan } from './change'
import {
  discover,
  expandInstallSpecifiers,
  findUnitFile,
  hasRules,
  type InstallInfo,
  resolveLink,
  withDefaultInstance,
} from './install-info'
import { type InstallPaths, readerBelow } from './install-paths'
import { presetOf, readPresets } from './preset'
import { listUnitFiles } from './unit-file-state'

export type InstallFlags = { readonly runtime?: boolean; readonly force?: boolean }
export type PresetMode = 'full' | 'enable-only' | 'disable-only'

type Context = {
  readonly reader: FileReader
  readonly paths: InstallPaths
  readonly config: string
  readonly force: boolean
  readonly changes: Change[]
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function context(reader: FileReader, paths: InstallPaths, flags: InstallFlags): Context {
  return {
    reader: readerBelow(reader, paths.root),
    paths,
    config: flags.runtime ? paths.runtimeConfig : paths.persistentConfig,
    force: flags.force ?? false,
    changes: [],
  }
}

/** The folder of --root goes before every path that is told or made. */
function told({ paths }: Context, changes: readonly Change[]): readonly Change[] {
  return paths.root === '' ? changes : changes.map((change) => ({ ...change, path: paths.root + change.path }))
}

function link(c: Context, path: string, source: string): InstallError | undefined {
  if (c.changes.some((change) => change.type === 'symlink' && change.path === path)) return undefined
  const removed = c.changes.some((change) => change.type === 'unlink' && change.path === path)
  const status = removed ? undefined : c.reader.linkStatus(path)
  if (status?.kind === 'symlink') {
    const old = resolveLink(path, c.reader.readLink(path) ?? '')
    if (old === source || old.replace(/^\/lib\//, '/usr/lib/') === source) return undefined
    if (!c.force) return new InstallError('EEXIST', `File '${path}' already exists and is a symlink to ${c.reader.readLink(path) ?? ''}`)
    c.changes.push({ type: 'unlink', path, source: '' })
  } else if (status !== undefined) {
    return new InstallError('EEXIST', `File '${path}' already exists`)
  }
  c.changes.push({ type: 'symlink', path, source })
  return undefined
}

function aliasLinks(c: Context, info: InstallInfo): InstallError | undefined {
  for (const written of info.alias) {
    const alias = expandInstallSpecifiers(written, info.name)
    if (!unitNameIsValid(alias) || unitNameToType(alias) !== unitNameToType(info.name))
      return new InstallError('EXDEV', `Cannot alias ${info.name} as ${alias}`)
    const refused = link(c, `${c.config}/${alias}`, info.path)
    if (refused !== undefined) return refused
  }
  return undefined
}

function dependencyLinks(c: Context, info: InstallInfo, targets: readonly string[], suffix: string): InstallError | undefined {
  const name = unitNameKind(info.name) === 'template' ? withDefaultInstance(info) : info.name
  if (name === undefined) return targets.length === 0 ? undefined : new InstallError('EINVAL', `Unit name ${info.name} is not valid.`)
  for (const written of targets) {
    const target = expandInstallSpecifiers(written, name)
    if (!unitNameIsValid(target)) return new InstallError('EUCLEAN', `"${target}" is not a valid unit name.`)
    const refused = link(c, `${c.config}/${target}${suffix}/${name}`, info.path)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Resolves names and, through Also=, what belongs to them, in the order systemd would reach them. */
function collect(c: Context, names: readonly string[], tolerateMissing: boolean): readonly InstallInfo[] | InstallError {
  const infos = new Map<string, InstallInfo>()
  const queue = [...names]
  const seen = new Set<string>()
  const asked = new Set(names)
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const info = discover(c.reader, c.paths, name)
    if (info === undefined) {
      if (tolerateMissing && !asked.has(name)) continue
      if (!asked.has(name)) {
        c.changes.push({ type: 'auxiliary-failed', path: name, source: '' })
        continue
      }
      return new InstallError('ENOENT', `Unit ${name} does not exist`)
    }
    const folder = info.path.slice(0, info.path.lastIndexOf('/'))
    if (c.paths.generators.includes(folder) || folder === c.paths.transient) {
      if (asked.has(name) && !tolerateMissing) return new InstallError('EADDRNOTAVAIL', `Unit ${info.path} is transient or generated`)
      continue
    }
    infos.set(info.name, info)
    for (const also of info.also) queue.push(expandInstallSpecifiers(also, info.name))
  }
  return [...infos.values()]
}

function enableInto(c: Context, names: readonly string[]): { readonly carries: boolean } | InstallError {
  const plain: string[] = []
  for (const name of names) {
    if (!name.includes('/')) {
      plain.push(name)
      continue
    }
    const base = baseName(name)
    const folder = name.slice(0, name.lastIndexOf('/'))
    if (!unitNameIsValid(base)) return new InstallError('EINVAL', `"${base}" is not a valid unit name.`)
    if (c.reader.status(name) === undefined) return new InstallError('ENOENT', `File ${name}: No such file or directory`)
    if (!c.paths.searchPath.includes(folder)) {
      const refused = link(c, `${c.config}/${base}`, name)
      if (refused !== undefined) return refused
    }
    plain.push(base)
  }
  const overlay = withPlanned(c)
  const infos = collect(overlay, plain, false)
  if (isInstallError(infos)) return infos
  let carries = false
  for (const info of infos) {
    if (info.mode === 'masked') return new InstallError('ERFKILL', `Unit ${info.path} is masked`)
    if (hasRules(info) || info.also.length > 0) carries = true
    const refused =
      aliasLinks(c, info) ??
      dependencyLinks(c, info, info.wantedBy, '.wants') ??
      dependencyLinks(c, info, info.requiredBy, '.requires') ??
      dependencyLinks(c, info, info.upheldBy, '.upholds')
    if (refused !== undefined) return refused
  }
  return { carries }
}

/** A context whose reader already sees the links planned so far. */
function withPlanned(c: Context): Context {
  const links = new Map(c.changes.flatMap((change) => (change.type === 'symlink' ? [[change.path, change.source] as const] : [])))
  if (links.size === 0) return c
  const status = { kind: 'symlink', mode: 0o777, uid: 0, gid: 0, size: 0, mtimeUsec: 0 } as const
  const reader: FileReader = {
    ...c.reader,
    linkStatus: (path) => (links.has(path) ? status : c.reader.linkStatus(path)),
    readLink: (path) => links.get(path) ?? c.reader.readLink(path),
    status: (path) => c.reader.status(links.get(path) ?? path),
    readFile: (path) => c.reader.readFile(links.get(path) ?? path),
  }
  return { ...c, reader }
}

export function planEnable(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  const done = enableInto(c, names)
  return isInstallError(done) ? done : { changes: told(c, c.changes), carriesInstallInfo: done.carries }
}

/** Links in a config folder that name or point to one of these units. */
function marked(c: Context, names: ReadonlySet<string>): readonly string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    const entries = c.reader.readDirectory(folder) ?? []
    const kinds = entries.map((name) => [name, c.reader.linkStatus(`${folder}/${name}`)?.kind] as const)
    for (const [name, kind] of kinds) if (kind === 'directory') visit(`${folder}/${name}`)
    for (const [name, kind] of kinds) {
      if (kind !== 'symlink' || !unitNameIsValid(name)) continue
      const path = `${folder}/${name}`
      const target = resolveLink(path, c.reader.readLink(path) ?? '')
      if (target === '/dev/null') continue
      const base = baseName(target)
      const instance = unitNameToInstance(name)
      const instantiated = unitNameKind(base) === 'template' && instance ? unitNameReplaceInstance(base, instance) : undefined
      const template = unitNameKind(name) === 'instance' ? unitNameTemplate(name) : undefined
      if ([name, base, instantiated, template, target].some((one) => one !== undefined && names.has(one))) found.push(path)
    }
  }
  visit(c.config)
  return found
}

function disableInto(c: Context, names: readonly string[]): { readonly carries: boolean } | InstallError {
  const targets = new Set<string>()
  let carries = false
  for (const name of names.map(baseName)) {
    if (!unitNameIsValid(name)) return new InstallError('EINVAL', `"${name}" is not a valid unit name.`)
    const info = discover(c.reader, c.paths, name)
    if (info === undefined) return new InstallError('ENOENT', `Unit ${name} does not exist`)
    const all = collect(c, [name], true)
    targets.add(name)
    for (const one of isInstallError(all) ? [info] : all) {
      targets.add(one.name)
      if (hasRules(one) || one.also.length > 0) carries = true
      const instance = withDefaultInstance(one)
      if (instance !== undefined) targets.add(instance)
    }
  }
  for (const path of marked(c, targets)) c.changes.push({ type: 'unlink', path, source: '' })
  return { carries }
}

export function planDisable(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  const done = disableInto(c, names)
  return isInstallError(done) ? done : { changes: told(c, c.changes), carriesInstallInfo: done.carries }
}

export function planReenable(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  const off = disableInto(c, names)
  if (isInstallError(off)) return off
  const on = enableInto(c, names)
  return isInstallError(on) ? on : { changes: told(c, c.changes), carriesInstallInfo: on.carries }
}

export function planMask(reader: FileReader, paths: InstallPaths, names: readonly string[], flags: InstallFlags = {}): Plan | InstallError {
  const c = context(reader, paths, flags)
  for (const name of names) {
    if (!unitNameIsValid(name)) return new InstallError('EINVAL', `"${name}" is not a valid unit name.`)
    const refused = link(c, `${c.config}/${name}`, '/dev/null')
    if (refused !== undefined) return refused
  }
  return { changes: told(c, c.changes), carriesInstallInfo: true }
}

export function planUnmask(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  for (const name of names) {
    const path = `${c.config}/${name}`
    if (c.reader.readLink(path) === '/dev/null') c.changes.push({ type: 'unlink', path, source: '' })
  }
  return { changes: told(c, c.changes), carriesInstallInfo: true }
}

export function planLink(reader: FileReader, paths: InstallPaths, files: readonly string[], flags: InstallFlags = {}): Plan | InstallError {
  const c = context(reader, paths, flags)
  for (const file of files) {
    const base = baseName(file)
    if (!file.startsWith('/')) return new InstallError('EINVAL', 'Invalid argument')
    if (!unitNameIsValid(base)) return new InstallError('EINVAL', `"${base}" is not a valid unit name.`)
    if (c.reader.status(file) === undefined) return new InstallError('ENOENT', `File ${file}: No such file or directory`)
    if (c.paths.searchPath.includes(file.slice(0, file.lastIndexOf('/')))) continue
    const refused = link(c, `${c.config}/${base}`, file)
    if (refused !== undefined) return refused
  }
  return { changes: told(c, c.changes), carriesInstallInfo: true }
}

/** Back to the vendor's version: overrides in /etc and /run and their drop-ins go. */
export function planRevert(reader: FileReader, paths: InstallPaths, names: readonly string[]): Plan | InstallError {
  const c = context(reader, paths, {})
  const own = [paths.persistentControl, paths.runtimeControl, paths.persistentConfig, paths.runtimeConfig]
  for (const name of names) {
    if (!unitNameIsValid(name)) return new InstallError('EINVAL', `"${name}" is not a valid unit name.`)
    const vendor = c.paths.searchPath.some(
      (folder) =>
        !own.includes(folder) &&
        !paths.generators.includes(folder) &&
        folder !== paths.transient &&
        c.reader.status(`${folder}/${name}`) !== undefined,
    )
    for (const folder of own) {
      for (const file of c.reader.readDirectory(`${folder}/${name}.d`) ?? [])
        if (file.endsWith('.conf')) c.changes.push({ type: 'unlink', path: `${folder}/${name}.d/${file}`, source: '' })
      if (vendor && c.reader.linkStatus(`${folder}/${name}`) !== undefined)
        c.changes.push({ type: 'unlink', path: `${folder}/${name}`, source: '' })
    }
  }
  return { changes: told(c, c.changes), carriesInstallInfo: true }
}

export function planAddDependency(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  target: string,
  kind: 'wants' | 'requires',
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  if (!unitNameIsValid(target)) return new InstallError('EINVAL', `"${target}" is not a valid unit name.`)
  const wanted = discover(c.reader, c.paths, target)
  if (wanted === undefined) return new InstallError('ENOENT', `Unit ${target} does not exist`)
  if (wanted.mode === 'masked') return new InstallError('ERFKILL', `Unit ${wanted.path} is masked`)
  const infos = collect(c, names, false)
  if (isInstallError(infos)) return infos
  for (const info of infos.filter((one) => names.includes(one.name))) {
    if (info.mode === 'masked') return new InstallError('ERFKILL', `Unit ${info.path} is masked`)
    const refused = dependencyLinks(c, info, [wanted.name], `.${kind}`)
    if (refused !== undefined) return refused
  }
  return { changes: told(c, c.changes), carriesInstallInfo: true }
}

export function planSetDefault(reader: FileReader, paths: InstallPaths, name: string, force = true): Plan | InstallError {
  const c = { ...context(reader, paths, {}), force }
  if (unitNameToType(name) !== 'target' || name === 'default.target') return new InstallError('EINVAL', 'Invalid argument')
  const info = discover(c.reader, c.paths, name)
  if (info === undefined) return new InstallError('ENOENT', `Unit ${name} does not exist`)
  if (info.mode === 'masked') return new InstallError('ERFKILL', `Unit ${info.path} is masked`)
  const refused = link(c, `${c.config}/default.target`, info.path)
  return refused ?? { changes: told(c, c.changes), carriesInstallInfo: true }
}

/** The unit that default.target stands for. */
export function defaultTarget(reader: FileReader, paths: InstallPaths): string | undefined {
  return discover(readerBelow(reader, paths.root), paths, 'default.target')?.name
}

export function planPreset(
  reader: FileReader,
  paths: InstallPaths,
  names: readonly string[],
  mode: PresetMode = 'full',
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  const rules = readPresets(c.reader, paths)
  let carries = false
  for (const name of names) {
    if (!unitNameIsValid(name)) return new InstallError('EINVAL', `"${name}" is not a valid unit name.`)
    const info = discover(c.reader, paths, name)
    if (info === undefined) return new InstallError('ENOENT', `Unit ${name} does not exist`)
    if (info.mode === 'masked') return new InstallError('ERFKILL', `Unit ${info.path} is masked`)
    const { action, instances } = presetOf(rules, name)
    if (action === 'disable' && mode !== 'enable-only') {
      const off = disableInto(c, [name])
      if (isInstallError(off)) return off
      carries ||= off.carries
    }
    if (action === 'enable' && mode !== 'disable-only') {
      const wanted = instances.length === 0 ? [name] : instances.flatMap((instance) => unitNameReplaceInstance(name, instance) ?? [])
      const on = enableInto(c, wanted)
      if (isInstallError(on)) return on
      carries ||= on.carries
    }
  }
  return { changes: told(c, c.changes), carriesInstallInfo: carries }
}

export function planPresetAll(
  reader: FileReader,
  paths: InstallPaths,
  mode: PresetMode = 'full',
  flags: InstallFlags = {},
): Plan | InstallError {
  const c = context(reader, paths, flags)
  const changes: Change[] = []
  for (const { path, state } of listUnitFiles(c.reader, paths)) {
    if (!['enabled', 'enabled-runtime', 'disabled', 'linked', 'linked-runtime', 'indirect'].includes(state)) continue
    const plan = planPreset(reader, paths, [baseName(path)], mode, flags)
    if (!isInstallError(plan)) changes.push(...plan.changes)
  }
  return { changes, carriesInstallInfo: true }
}

/** Does a unit file of this name lie anywhere in the search path? */
export function unitFileExists(reader: FileReader, paths: InstallPaths, name: string): boolean {
  const below = readerBelow(reader, paths.root)
  const template = unitNameKind(name) === 'instance' ? unitNameTemplate(name) : undefined
  return findUnitFile(below, paths, name) !== undefined || (template !== undefined && findUnitFile(below, paths, template) !== undefined)
}
