// After systemd.exec(5), RuntimeDirectory= and its kin: made before the program runs, owned by its user.
import { type Errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { ExecFailure, logLine } from './failure'
import type { ExecParameters } from './parameters'

type Environment = ReadonlyMap<string, string>
type DirectiveName = 'RuntimeDirectory' | 'StateDirectory' | 'CacheDirectory' | 'LogsDirectory' | 'ConfigurationDirectory'

export type DirectoryKind = {
  readonly directive: DirectiveName
  readonly mode: `${DirectiveName}Mode`
  readonly variable: string
  readonly status: number
  readonly base: (scope: 'system' | 'user', environment: Environment) => string
}

const below = (system: string, variable: string, otherwise: string) => (scope: 'system' | 'user', environment: Environment) =>
  scope === 'system' ? system : (environment.get(variable) ?? `${environment.get('HOME') ?? '/root'}/${otherwise}`)

export const directoryKinds: readonly DirectoryKind[] = [
  {
    directive: 'RuntimeDirectory',
    mode: 'RuntimeDirectoryMode',
    variable: 'RUNTIME_DIRECTORY',
    status: 233,
    base: below('/run', 'XDG_RUNTIME_DIR', ''),
  },
  {
    directive: 'StateDirectory',
    mode: 'StateDirectoryMode',
    variable: 'STATE_DIRECTORY',
    status: 238,
    base: below('/var/lib', 'XDG_STATE_HOME', '.local/state'),
  },
  {
    directive: 'CacheDirectory',
    mode: 'CacheDirectoryMode',
    variable: 'CACHE_DIRECTORY',
    status: 239,
    base: below('/var/cache', 'XDG_CACHE_HOME', '.cache'),
  },
  {
    directive: 'LogsDirectory',
    mode: 'LogsDirectoryMode',
    variable: 'LOGS_DIRECTORY',
    status: 240,
    base: below('/var/log', 'XDG_STATE_HOME', '.local/state/log'),
  },
  {
    directive: 'ConfigurationDirectory',
    mode: 'ConfigurationDirectoryMode',
    variable: 'CONFIGURATION_DIRECTORY',
    status: 241,
    base: below('/etc', 'XDG_CONFIG_HOME', '.config'),
  },
]

/** Below another directory of the same list it comes with that one. */
function liesBelowAnother(path: string, list: readonly { readonly path: string }[]): boolean {
  return list.some((other) => path.startsWith(`${other.path}/`))
}

/** Every path that the five directives name, as the program sees them. */
export function execDirectoryPaths({ config, scope, environment }: ExecParameters): readonly {
  readonly path: string
  readonly directive: DirectiveName
  readonly readOnly: boolean
  readonly onlyCreate: boolean
}[] {
  return directoryKinds.flatMap((kind) =>
    config[kind.directive].map((one) => ({
      path: `${kind.base(scope, environment)}/${one.path}`,
      directive: kind.directive,
      readOnly: one.readOnly,
      onlyCreate: liesBelowAnother(one.path, config[kind.directive]),
    })),
  )
}

/** Parents with mode 0755; what is there stays as it is. ENOTDIR when something else is in the way. */
function* makeParents(process: Process, path: string): Syscall<Errno | undefined> {
  let at = ''
  for (const part of path.split('/').slice(1, -1)) {
    at += `/${part}`
    const made = yield* process.mkdir(at, 0o755)
    if (isErrno(made) && made.name !== 'EEXIST') return made
  }
  return undefined
}

function* chownTree(process: Process, path: string, uid: number, gid: number): Syscall<void> {
  const status = yield* process.lstat(path)
  if (isErrno(status)) return
  if (status.uid !== uid || status.gid !== gid) yield* process.chown(path, uid, gid, { nofollow: true })
  if (status.kind !== 'directory') return
  const entries = yield* process.readdir(path)
  if (isErrno(entries)) return
  for (const { name } of entries) if (name !== '.' && name !== '..') yield* chownTree(process, `${path}/${name}`, uid, gid)
}

function* makeDirectory(process: Process, path: string, mode: number): Syscall<Errno | undefined> {
  const made = yield* process.mkdir(path, mode)
  if (!isErrno(made)) return undefined
  if (made.name !== 'EEXIST') return made
  const status = yield* process.stat(path)
  if (isErrno(status)) return status
  return status.kind === 'directory' ? undefined : { ...made, name: 'ENOTDIR', code: 20, message: 'Not a directory' }
}

export function isPrivate({ config }: ExecParameters, directive: DirectiveName): boolean {
  return config.DynamicUser && directive !== 'ConfigurationDirectory' && directive !== 'RuntimeDirectory'
}

/** DynamicUser=: the data lies below `private`, which only root may enter; the public name is a link to it, and back. */
function* settlePrivate(
  process: Process,
  parameters: ExecParameters,
  kind: DirectoryKind,
  base: string,
  name: string,
): Syscall<{ readonly real: string } | Errno> {
  const dynamic = isPrivate(parameters, kind.directive)
  const [publicPath, privatePath] = [`${base}/${name}`, `${base}/private/${name}`]
  const directive = kind.directive
  if (!dynamic) {
    const kept = yield* process.lstat(privatePath)
    const link = yield* process.lstat(publicPath)
    if (
      !isErrno(kept) &&
      kept.kind === 'directory' &&
      kind.directive !== 'ConfigurationDirectory' &&
      (isErrno(link) || link.kind === 'symlink')
    ) {
      yield* logLine(
        process,
        parameters,
        6,
        `Found pre-existing private ${directive}= directory ${privatePath}, migrating to ${publicPath}.`,
      )
      yield* logLine(process, parameters, 6, 'Apparently, service previously had DynamicUser= turned on, and has now turned it off.')
      yield* process.unlink(publicPath)
      const moved = yield* process.rename(privatePath, publicPath)
      if (isErrno(moved)) return moved
    }
    return { real: publicPath }
  }
  yield* makeParents(process, `${base}/private/x`)
  yield* process.chmod(`${base}/private`, 0o700)
  const parents = yield* makeParents(process, privatePath)
  if (parents !== undefined) return parents
  const old = yield* process.lstat(publicPath)
  if (!isErrno(old) && old.kind === 'directory') {
    yield* logLine(process, parameters, 6, `Found pre-existing public ${directive}= directory ${publicPath}, migrating to ${privatePath}.`)
    yield* logLine(process, parameters, 6, 'Apparently, service previously had DynamicUser= turned off, and has now turned it on.')
    const moved = yield* process.rename(publicPath, privatePath)
    if (isErrno(moved)) return moved
  }
  if (isErrno(old) || old.kind === 'directory') {
    const depth = name.split('/').length - 1
    yield* makeParents(process, publicPath)
    yield* process.symlink(`${'../'.repeat(depth)}private/${name}`, publicPath)
  }
  return { real: privatePath }
}

export function* setUpDirectories(
  process: Process,
  parameters: ExecParameters,
  uid: number,
  gid: number,
): Syscall<ExecFailure | undefined> {
  const { config, scope, environment } = parameters
  for (const kind of directoryKinds) {
    const base = kind.base(scope, environment)
    const fail = (error: Errno): ExecFailure =>
      new ExecFailure(kind.status, error, `Failed to set up special execution directory in ${base}`)
    for (const { path: name, symlinks } of config[kind.directive]) {
      const private_ = isPrivate(parameters, kind.directive)
      const parents = yield* makeParents(process, private_ ? `${base}/private/${name}` : `${base}/${name}`)
      if (parents !== undefined) return fail(parents)
      const settled: { readonly real: string } | Errno = liesBelowAnother(name, config[kind.directive])
        ? { real: isPrivate(parameters, kind.directive) ? `${base}/private/${name}` : `${base}/${name}` }
        : yield* settlePrivate(process, parameters, kind, base, name)
      if (isErrno(settled)) return fail(settled)
      const mode = config[kind.mode]
      const existed = !isErrno(yield* process.lstat(settled.real))
      const made = yield* makeDirectory(process, settled.real, mode)
      if (made !== undefined) return fail(made)
      for (const link of symlinks) {
        yield* makeParents(process, `${base}/${link}`)
        yield* process.symlink(settled.real, `${base}/${link}`)
      }
      // Configuration that is there belongs to its administrator; a new directory to the unit's user.
      if (kind.directive === 'ConfigurationDirectory' && existed) continue
      yield* chownTree(process, settled.real, uid, gid)
      yield* process.chmod(settled.real, mode)
    }
  }
  return undefined
}
