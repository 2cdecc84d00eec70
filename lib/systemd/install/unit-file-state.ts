// After systemctl(1), is-enabled: which of its states a unit file is in.
import type { FileReader } from '@/lib/base'
import { unitNameIsValid, unitNameKind, unitNameTemplate } from '../unit-name'
import { discover, expandInstallSpecifiers, hasRules, type InstallInfo, resolveLink, withDefaultInstance } from './install-info'
import { type InstallPaths, isRuntimePath } from './install-paths'

export const unitFileStates = [
  'enabled',
  'enabled-runtime',
  'linked',
  'linked-runtime',
  'alias',
  'masked',
  'masked-runtime',
  'static',
  'disabled',
  'indirect',
  'generated',
  'transient',
  'bad',
  'not-found',
] as const
export type UnitFileState = (typeof unitFileStates)[number]

type Found = { readonly enabled: boolean; readonly sameNameLink: boolean }

/** Names that `systemctl enable` would give to links of this unit. */
function knownNames(info: InstallInfo): ReadonlySet<string> {
  const instance = withDefaultInstance(info)
  return new Set([
    info.name,
    ...(instance === undefined ? [] : [instance]),
    ...info.alias.map((alias) => expandInstallSpecifiers(alias, info.name)),
  ])
}

function searchLinks(
  reader: FileReader,
  info: InstallInfo,
  known: ReadonlySet<string>,
  folder: string,
  matchName: boolean,
  ignoreSameName: boolean,
): Found {
  let enabled = false
  let sameNameLink = false
  const visit = (path: string, top: boolean): void => {
    for (const name of reader.readDirectory(path) ?? []) {
      const full = `${path}/${name}`
      const kind = reader.linkStatus(full)?.kind
      if (kind === 'directory' && top && /\.(wants|requires|upholds)$/.test(name)) visit(full, false)
      if (kind !== 'symlink') continue
      const target = resolveLink(full, reader.readLink(full) ?? '')
      if (target === '/dev/null') continue
      const base = target.slice(target.lastIndexOf('/') + 1)
      const pointsHere =
        base === info.name || (unitNameKind(info.name) === 'instance' && base === unitNameTemplate(info.name) && name === info.name)
      if (top && name === info.name) {
        if (pointsHere && !ignoreSameName) sameNameLink = true
        continue
      }
      if (matchName ? known.has(name) && (top ? pointsHere : true) : name === info.name || pointsHere) enabled = true
    }
  }
  visit(folder, true)
  return { enabled, sameNameLink }
}

function linkState(reader: FileReader, paths: InstallPaths, info: InstallInfo, matchName: boolean): UnitFileState | undefined {
  const known = knownNames(info)
  let inRuntime = false
  let atAll = false
  let sameNameConfig = false
  let sameNameRuntime = false
  let ignoreSameName = false
  for (const folder of paths.searchPath) {
    const { enabled, sameNameLink } = searchLinks(reader, info, known, folder, matchName, ignoreSameName)
    if (enabled) {
      if (folder === paths.persistentConfig || (paths.scope === 'user' && folder === '/etc/systemd/user')) return 'enabled'
      if (isRuntimePath(paths, folder)) inRuntime = true
      else atAll = true
    } else if (sameNameLink) {
      if (folder === paths.persistentConfig) sameNameConfig = true
      else if (isRuntimePath(paths, folder)) sameNameRuntime = true
    }
    if (info.path.startsWith(`${folder}/`)) ignoreSameName = true
  }
  if (inRuntime) return 'enabled-runtime'
  if (atAll && unitNameIsValid(info.name, 'instance')) return 'static'
  if (sameNameConfig) return 'linked'
  return sameNameRuntime ? 'linked-runtime' : undefined
}

/** State of a unit file as `is-enabled` and `list-unit-files` print it. */
export function unitFileState(reader: FileReader, paths: InstallPaths, name: string): UnitFileState {
  const info = discover(reader, paths, name)
  if (info === undefined) return discover(reader, paths, name, false) === undefined ? 'not-found' : 'bad'
  const folder = info.path.slice(0, info.path.lastIndexOf('/'))
  if (info.mode === 'masked') return isRuntimePath(paths, folder) ? 'masked-runtime' : 'masked'
  if (info.name !== name && !unitNameIsValid(info.name, 'instance')) return 'alias'
  if (paths.generators.includes(folder)) return 'generated'
  if (folder === paths.transient) return 'transient'
  const byName = linkState(reader, paths, info, true)
  if (byName !== undefined) return byName
  if (linkState(reader, paths, info, false) !== undefined) return 'indirect'
  if (hasRules(info)) return 'disabled'
  return info.also.length > 0 ? 'indirect' : 'static'
}

/** Every unit file of the search path: the first of each name wins. Sorted by type order is the caller's. */
export function listUnitFiles(
  reader: FileReader,
  paths: InstallPaths,
): readonly { readonly path: string; readonly state: UnitFileState }[] {
  const found = new Map<string, string>()
  for (const folder of paths.searchPath)
    for (const name of reader.readDirectory(folder) ?? []) {
      if (found.has(name) || !unitNameIsValid(name)) continue
      const kind = reader.linkStatus(`${folder}/${name}`)?.kind
      if (kind === 'file' || kind === 'symlink') found.set(name, `${folder}/${name}`)
    }
  return [...found].map(([name, path]) => ({ path, state: unitFileState(reader, paths, name) }))
}
