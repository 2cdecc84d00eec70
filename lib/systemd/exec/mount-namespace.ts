// After systemd's namespace.c: the plan laid over the mount tree, in a namespace of the process's own.
import { decodeUtf8 } from '@/lib/base'
import {
  errno,
  type Errno,
  isErrno,
  MNT_DETACH,
  MS_BIND,
  MS_MOVE,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  type Process,
  type Stat,
  type Syscall,
} from '@/lib/kernel'
import { ExecFailure } from './failure'
import { type MountEntry, type MountMode, mountPlan } from './mount-plan'
import type { ExecParameters } from './parameters'

const INACCESSIBLE = '/run/systemd/inaccessible'
/** Where the new tree is put together. */
const ROOT = '/run/systemd/mount-rootfs'
const DEV_PARK = '/run/systemd/private-dev'
/** Nodes that PrivateDevices= brings back. */
const devices: readonly (readonly [name: string, major: number, minor: number])[] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
  ['ptmx', 5, 2],
]

const inaccessibleNode: Readonly<Record<Stat['kind'], string>> = {
  directory: 'dir',
  file: 'reg',
  symlink: 'reg',
  fifo: 'fifo',
  socket: 'sock',
  'character-device': 'chr',
  'block-device': 'blk',
}

/** Empty nodes of mode 0000 that cover what must not be seen. The manager makes them at start; so does this when it was not there. */
export function* makeInaccessibleNodes(process: Process): Syscall<void> {
  yield* process.mkdir('/run/systemd', 0o755)
  const made = yield* process.mkdir(INACCESSIBLE, 0o755)
  if (isErrno(made) && !isErrno(yield* process.lstat(`${INACCESSIBLE}/blk`))) return
  yield* process.mkdir(`${INACCESSIBLE}/dir`, 0)
  yield* process.mknod(`${INACCESSIBLE}/reg`, 'file', 0)
  yield* process.mknod(`${INACCESSIBLE}/fifo`, 'fifo', 0)
  yield* process.mknod(`${INACCESSIBLE}/sock`, 'file', 0)
  yield* process.mknod(`${INACCESSIBLE}/chr`, 'character-device', 0, [0, 0])
  yield* process.mknod(`${INACCESSIBLE}/blk`, 'block-device', 0, [0, 0])
}

const isBelow = (path: string, top: string): boolean => top === '/' || path === top || path.startsWith(`${top}/`)

type MountPoint = { readonly path: string; readonly flags: number }

const flagWords: Readonly<Record<string, number>> = { ro: MS_RDONLY, nosuid: MS_NOSUID, nodev: MS_NODEV, noexec: MS_NOEXEC }

/** Mount points at and below a path with their own flags, the outermost first; of several at one place the uppermost. */
function mountsBelow(process: Process, top: string): readonly MountPoint[] {
  const bytes = process.fileReader().readFile('/proc/self/mountinfo')
  const found = new Map<string, number>()
  for (const line of bytes === undefined ? [] : decodeUtf8(bytes).split('\n')) {
    const fields = line.split(' ')
    const path = (fields[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    if (path !== '' && isBelow(path, top))
      found.set(
        path,
        (fields[5] ?? '').split(',').reduce((flags, word) => flags | (flagWords[word] ?? 0), 0),
      )
  }
  return [...found].map(([path, flags]) => ({ path, flags }))
}

const mountPoints = (process: Process, top: string): readonly string[] => mountsBelow(process, top).map((point) => point.path)

/** Resolves symbolic links in all parts, never leaving `root` ('' for /); undefined when there is nothing. With `root` before it. */
function realPath(process: Process, root: string, path: string, depth = 0): string | undefined {
  const reader = process.fileReader()
  let at = ''
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  for (const [index, part] of parts.entries()) {
    if (part === '..') {
      at = at.slice(0, at.lastIndexOf('/'))
      continue
    }
    const next = `${at}/${part}`
    const status = reader.linkStatus(root + next)
    if (status === undefined) return undefined
    if (status.kind === 'symlink' && depth < 40) {
      const target = reader.readLink(root + next) ?? ''
      const rest = parts.slice(index + 1).join('/')
      return realPath(process, root, `${target.startsWith('/') ? target : `${at}/${target}`}/${rest}`, depth + 1)
    }
    at = next
  }
  return root + at === '' ? '/' : root + at
}

function* applyEntry(process: Process, entry: MountEntry): Syscall<Errno | undefined> {
  const { path, cause } = entry
  const bind = function* (source: string, target: string, recursive = true): Syscall<Errno | undefined> {
    const done = yield* process.mount(source, target, '', MS_BIND | (recursive ? MS_REC : 0), undefined, cause)
    return isErrno(done) ? done : undefined
  }
  switch (entry.mode) {
    case 'inaccessible': {
      const status = yield* process.stat(path)
      if (isErrno(status)) return status
      return yield* bind(`${INACCESSIBLE}/${inaccessibleNode[status.kind]}`, path)
    }
    case 'read-only':
    case 'read-write':
    case 'read-write-implicit':
    case 'exec':
    case 'noexec': {
      const points = mountPoints(process, path)
      return points.includes(path) ? undefined : yield* bind(path, path)
    }
    case 'private-tmp':
      return yield* bind(entry.source ?? path, path, false)
    case 'bind':
    case 'bind-read-only': {
      const source = entry.source ?? path
      const from = yield* process.stat(source)
      if (isErrno(from)) return from
      const to = yield* process.stat(path)
      if (isErrno(to)) yield* makeMountPoint(process, path, from.kind === 'directory')
      return yield* bind(source, path, entry.recursive ?? true)
    }
    case 'tmpfs':
    case 'private-tmpfs': {
      const there = yield* process.stat(path)
      if (isErrno(there)) yield* makeMountPoint(process, path, true)
      const words = (entry.options ?? '').split(',').filter((word) => word !== '')
      const own = words.filter((word) => /^(mode|size|uid|gid|nr_inodes|nr_blocks)=/.test(word))
      const flags =
        (words.includes('dev') ? 0 : MS_NODEV) | (words.includes('nosuid') ? MS_NOSUID : 0) | (words.includes('noexec') ? MS_NOEXEC : 0)
      const data = [own.some((word) => word.startsWith('mode=')) ? '' : 'mode=0755', ...own].filter((word) => word !== '').join(',')
      const done = yield* process.mount('tmpfs', path, 'tmpfs', flags, data, cause)
      return isErrno(done) ? done : undefined
    }
    case 'private-dev':
      return yield* privateDev(process, entry)
    case 'proc': {
      const done = yield* process.mount('proc', path, 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, entry.options, cause)
      return isErrno(done) ? done : undefined
    }
    case 'cgroup': {
      const done = yield* process.mount('cgroup2', path, 'cgroup2', MS_NOSUID | MS_NODEV | MS_NOEXEC, undefined, cause)
      return isErrno(done) ? done : undefined
    }
    case 'credentials':
      return yield* bind(entry.source ?? path, path, false)
  }
}

function* makeMountPoint(process: Process, path: string, directory: boolean): Syscall<void> {
  let at = ''
  const parts = path.split('/').slice(1)
  for (const part of directory ? parts : parts.slice(0, -1)) {
    at += `/${part}`
    yield* process.mkdir(at, 0o755)
  }
  if (!directory) yield* process.mknod(path, 'file', 0o644)
}

/** A /dev with pseudo devices only, made aside and then moved over the old one. */
function* privateDev(process: Process, { path, cause }: MountEntry): Syscall<Errno | undefined> {
  yield* process.mkdir(DEV_PARK, 0o755)
  const made = yield* process.mount('tmpfs', DEV_PARK, 'tmpfs', MS_NOSUID, 'mode=0755,size=4m', cause)
  if (isErrno(made)) return made
  const mask = yield* process.umask(0)
  yield* process.mkdir(`${DEV_PARK}/char`, 0o755)
  for (const [name, major, minor] of devices) {
    yield* process.mknod(`${DEV_PARK}/${name}`, 'character-device', 0o666, [major, minor])
    yield* process.symlink(`../${name}`, `${DEV_PARK}/char/${major}:${minor}`)
  }
  yield* process.umask(mask)
  for (const [name, target] of [
    ['core', '/proc/kcore'],
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['log', '/run/systemd/journal/dev-log'],
  ] as const)
    yield* process.symlink(target, `${DEV_PARK}/${name}`)
  for (const name of ['pts', 'shm', 'mqueue', 'hugepages']) {
    yield* process.mkdir(`${DEV_PARK}/${name}`, 0o755)
    yield* process.mount(`/dev/${name}`, `${DEV_PARK}/${name}`, '', MS_BIND | MS_REC, undefined, cause)
  }
  const moved = yield* process.mount(DEV_PARK, path, '', MS_MOVE, undefined, cause)
  if (isErrno(moved)) return moved
  yield* process.mount('', path, '', MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOEXEC | MS_RDONLY, undefined, cause)
  return undefined
}

/** The first of these wins where two entries name one place. */
const rank: readonly MountMode[] = [
  'inaccessible',
  'bind',
  'bind-read-only',
  'private-tmp',
  'private-tmpfs',
  'private-dev',
  'proc',
  'cgroup',
  'read-only',
  'read-write',
  'noexec',
  'exec',
  'tmpfs',
  'credentials',
  'read-write-implicit',
]

type SettledEntry = MountEntry & { readonly readOnly: boolean; readonly noExec: boolean; readonly exec: boolean }

const isReadOnly = (entry: MountEntry): boolean =>
  ['read-only', 'bind-read-only', 'inaccessible'].includes(entry.mode) ||
  (['tmpfs', 'private-tmpfs', 'cgroup'].includes(entry.mode) && (entry.options ?? '').split(',').includes('ro'))

/** One entry a place, which takes over what the others ask for; what lies in hidden trees is not there. */
function settle(entries: readonly MountEntry[]): readonly SettledEntry[] {
  const sorted = entries
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) =>
      a.entry.path < b.entry.path
        ? -1
        : a.entry.path > b.entry.path
          ? 1
          : rank.indexOf(a.entry.mode) - rank.indexOf(b.entry.mode) || a.index - b.index,
    )
    .map(({ entry }) => entry)
  const kept: SettledEntry[] = []
  for (const entry of sorted) {
    if (kept.some((one) => one.mode === 'inaccessible' && entry.path !== one.path && isBelow(entry.path, one.path))) continue
    const asked = { readOnly: isReadOnly(entry), noExec: entry.mode === 'noexec', exec: entry.mode === 'exec' }
    const last = kept.at(-1)
    if (last?.path !== entry.path) kept.push({ ...entry, ...asked })
    else
      kept[kept.length - 1] = {
        ...last,
        readOnly: last.readOnly || asked.readOnly,
        noExec: last.noExec || asked.noExec,
        exec: last.exec || asked.exec,
      }
  }
  return kept
}

/** Sets a flag on a place and all mounted below, but for what the plan names on its own. */
function* remountTree(process: Process, entry: MountEntry, all: readonly MountEntry[], flag: number): Syscall<Errno | undefined> {
  const spared = all.filter((other) => other.path !== entry.path && isBelow(other.path, entry.path)).map((other) => other.path)
  // Measured: where a new instance of an API file system was mounted, /run keeps its writers.
  const fresh = all.some((other) => other.mode === 'proc' || other.mode === 'cgroup' || other.cause.directive === 'ProtectKernelTunables')
  for (const { path, flags } of mountsBelow(process, entry.path)) {
    if (fresh && path === `${ROOT}/run` && entry.path === ROOT && flag === MS_RDONLY) continue
    if (spared.some((other) => isBelow(path, other)) || (flags & flag) !== 0) continue
    const done = yield* process.mount('', path, '', MS_REMOUNT | MS_BIND | flags | flag, undefined, entry.cause)
    if (isErrno(done) && path === entry.path) return done
  }
  return undefined
}

/** API file systems of a root directory of the unit's own. */
function* mountApi(process: Process, { config }: ExecParameters): Syscall<void> {
  for (const name of ['proc', 'sys', 'dev', 'run']) yield* process.mkdir(`${ROOT}/${name}`, 0o755)
  if (config.MountAPIVFS === false) return
  yield* process.mount('proc', `${ROOT}/proc`, 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC)
  for (const name of ['sys', 'dev']) yield* process.mount(`/${name}`, `${ROOT}/${name}`, '', MS_BIND | MS_REC)
  yield* process.mount('tmpfs', `${ROOT}/run`, 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=0755')
}

/** Unshared already: a copy of the tree is prepared aside, the plan laid over it, and it becomes the root. Sources are those outside. */
export function* applyMounts(process: Process, parameters: ExecParameters): Syscall<ExecFailure | undefined> {
  const failure = (error: Errno, path?: string): ExecFailure =>
    new ExecFailure(226, error, `Failed to set up mount namespacing${path === undefined ? '' : `: ${path}`}`)
  yield* makeInaccessibleNodes(process)
  const { RootDirectory: root, MountFlags: propagation } = parameters.config
  const ownRoot = root !== '' && root !== '/'
  const slave = yield* process.mount('', '/', '', MS_REC | MS_SLAVE)
  if (isErrno(slave)) return failure(slave)
  yield* process.mkdir(ROOT, 0o755)
  const bound = yield* process.mount(ownRoot ? root : '/', ROOT, '', MS_BIND | MS_REC, undefined, parameters.cause('RootDirectory'))
  if (isErrno(bound)) return failure(bound, ownRoot ? root : undefined)
  if (ownRoot) yield* mountApi(process, parameters)
  const entries: MountEntry[] = []
  for (const entry of mountPlan(parameters)) {
    const makesOwn = ['bind', 'bind-read-only', 'tmpfs', 'private-tmpfs'].includes(entry.mode)
    const real = realPath(process, ROOT, entry.path)
    if (real === undefined && !makesOwn) {
      if (entry.ignore) continue
      return failure(errno.ENOENT, entry.path)
    }
    entries.push({ ...entry, path: real ?? ROOT + entry.path })
  }
  const settled = settle(entries)
  for (const entry of settled) {
    const error = yield* applyEntry(process, entry)
    if (error !== undefined && !(entry.ignore && ['ENOENT', 'EACCES'].includes(error.name)))
      return failure(error, entry.path.slice(ROOT.length))
  }
  for (const entry of settled) {
    const error = entry.readOnly ? yield* remountTree(process, entry, settled, MS_RDONLY) : undefined
    if (error !== undefined) return failure(error, entry.path.slice(ROOT.length))
  }
  for (const entry of settled) if (entry.noExec && !entry.exec) yield* remountTree(process, entry, settled, MS_NOEXEC)
  for (const entry of settled) {
    const point = entry.mode === 'read-write' ? mountsBelow(process, entry.path).find((one) => one.path === entry.path) : undefined
    if (point !== undefined && (point.flags & MS_RDONLY) !== 0)
      yield* process.mount('', entry.path, '', MS_REMOUNT | MS_BIND | (point.flags & ~MS_RDONLY), undefined, entry.cause)
  }
  if (parameters.config.DynamicUser || parameters.config.NoNewPrivileges) yield* remountNoSuid(process, settled)
  yield* process.umount(DEV_PARK, MNT_DETACH)
  yield* process.chdir(ROOT)
  const moved = yield* process.mount(ROOT, '/', '', MS_MOVE)
  const entered = isErrno(moved) ? moved : yield* process.chroot('.')
  if (isErrno(entered)) return ownRoot ? new ExecFailure(210, entered) : failure(entered)
  yield* process.chdir('/')
  // What is mounted later inside is passed on to namespaces made below, unless MountFlags= says otherwise.
  const after = propagation === 'private' ? MS_PRIVATE : propagation === 'slave' ? MS_SLAVE : MS_SHARED
  yield* process.mount('', '/', '', MS_REC | after)
  return undefined
}

/** Where no privileges can be gained, set-user-ID files are switched off as well, in every place of the plan. */
function* remountNoSuid(process: Process, settled: readonly MountEntry[]): Syscall<void> {
  for (const entry of settled) {
    const alone = entry.mode === 'tmpfs' || entry.mode === 'private-tmpfs'
    for (const { path, flags } of mountsBelow(process, entry.path))
      if ((flags & MS_NOSUID) === 0 && (!alone || path === entry.path))
        yield* process.mount('', path, '', MS_REMOUNT | MS_BIND | flags | MS_NOSUID, undefined, entry.cause)
  }
}
