// Actions about files, mounts and programs on them.
import { isErrno, O_CLOEXEC, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, signalName, type Syscall } from '@/lib/kernel'
import { type Action, action, failedAt, NO_DIRECTORY, outcome, ownProcess, type Scene, scratchPath } from './action'
import {
  become,
  countNames,
  firstDirectory,
  inScratch,
  onTemporaryFile,
  openAndRead,
  openOnly,
  readWhole,
  temporaryFile,
  writeInto,
} from './file-steps'

const writes: readonly (readonly [id: string, directory: string])[] = [
  ['write-etc', '/etc'],
  ['write-usr', '/usr'],
  ['write-boot', '/boot'],
  ['write-var-lib', '/var/lib'],
  ['write-var-log', '/var/log'],
  ['write-var-cache', '/var/cache'],
  ['write-var-tmp', '/var/tmp'],
  ['write-tmp', '/tmp'],
  ['write-opt', '/opt'],
  ['write-srv', '/srv'],
  ['write-run', '/run'],
  ['write-home-learner', '/home/learner'],
  ['write-root-home', '/root'],
  ['write-dev-shm', '/dev/shm'],
  ['write-run-user', '/run/user/1000'],
  ['write-run-open', '/run/matrix-any'],
  ['write-srv-open', '/srv/matrix-any'],
]

const reads: readonly (readonly [id: string, path: string])[] = [
  ['read-etc-hosts', '/etc/hosts'],
  ['read-shadow', '/etc/shadow'],
  ['read-root-secret', '/root/secret.txt'],
  ['read-home-secret', '/home/learner/secret.txt'],
  ['read-run-user-secret', '/run/user/1000/secret.txt'],
  ['read-srv-file', '/srv/matrix-any/public.txt'],
  ['see-tmp-marker', '/tmp/matrix-marker'],
  ['see-var-tmp-marker', '/var/tmp/matrix-marker'],
]

const lists: readonly (readonly [id: string, path: string])[] = [
  ['list-home', '/home'],
  ['list-home-learner', '/home/learner'],
  ['list-root', '/root'],
  ['list-run-user', '/run/user'],
  ['list-tmp', '/tmp'],
  ['list-boot', '/boot'],
]

const directories: readonly (readonly [name: string, variable: string])[] = [
  ['state', 'STATE_DIRECTORY'],
  ['cache', 'CACHE_DIRECTORY'],
  ['logs', 'LOGS_DIRECTORY'],
  ['runtime', 'RUNTIME_DIRECTORY'],
  ['config', 'CONFIGURATION_DIRECTORY'],
]

const fileSystems: readonly (readonly [id: string, path: string])[] = [
  ['fs-root', '/'],
  ['fs-usr', '/usr'],
  ['fs-etc', '/etc'],
  ['fs-boot', '/boot'],
  ['fs-home', '/home'],
  ['fs-root-home', '/root'],
  ['fs-run', '/run'],
  ['fs-run-user', '/run/user'],
  ['fs-tmp', '/tmp'],
  ['fs-var-tmp', '/var/tmp'],
  ['fs-var', '/var'],
  ['fs-dev', '/dev'],
  ['fs-dev-shm', '/dev/shm'],
  ['fs-proc', '/proc'],
  ['fs-proc-sys', '/proc/sys'],
  ['fs-sys', '/sys'],
  ['fs-cgroup', '/sys/fs/cgroup'],
]

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

function* aboutDirectory({ process }: Scene, variable: string): Syscall<string> {
  const path = firstDirectory(process, variable)
  if (path === undefined) return 'unset'
  const status = yield* process.stat(path)
  if (isErrno(status)) return outcome(status)
  const owner = status.uid === process.uid ? 'own' : status.uid === 0 ? 'root' : 'other'
  return `ok:${process.env[variable]} ${octal(status.mode)} ${owner}`
}

function* statOfFileSystem({ process }: Scene, path: string): Syscall<string> {
  const status = yield* process.statfs(path)
  if (isErrno(status)) return outcome(status)
  const shown = status.type === 'devtmpfs' ? 'tmpfs' : status.type
  const type = ['ext4', 'tmpfs', 'proc', 'sysfs', 'cgroup2'].includes(shown) ? shown : 'other'
  const words = [',nosuid', ',nodev', ',noexec'].filter((_, bit) => (status.flags & (2 << bit)) !== 0)
  return `ok:${type} ${(status.flags & 1) !== 0 ? 'ro' : 'rw'}${words.join('')}`
}

/** Copies a static program into a directory and runs the copy. */
function* runCopy(scene: Scene, directory: string): Syscall<string> {
  const { process } = scene
  const path = `${directory}/.probe-x-${process.pid}`
  const from = yield* process.open('/usr/local/lib/matrix/true', O_RDONLY)
  if (isErrno(from)) return failedAt('source', from)
  const to = yield* process.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o700)
  if (isErrno(to)) return failedAt('copy', to)
  for (;;) {
    const bytes = yield* process.read(from, 65_536)
    if (isErrno(bytes) || bytes.length === 0) break
    const written = yield* process.write(to, bytes)
    if (isErrno(written)) {
      yield* process.unlink(path)
      return failedAt('copy', written)
    }
  }
  yield* process.close(to)
  let refused = ''
  const pid = yield* process.fork(function* (child) {
    refused = outcome(yield* child.exec(path, [path, 'true'], child.env))
    return 77
  })
  if (isErrno(pid)) {
    yield* process.unlink(path)
    return failedAt('fork', pid)
  }
  const ended = yield* process.waitpid(pid)
  yield* process.unlink(path)
  if (isErrno(ended) || ended === undefined) return refused
  if (ended.how === 'exited' && ended.status === 0) return 'ok'
  return ended.how === 'killed' || ended.how === 'dumped' ? `signal:${signalName(ended.signal)}` : refused
}

function* everyName(scene: Scene): Syscall<string> {
  const { process } = scene
  if (scene.scratch === '') return NO_DIRECTORY
  const first = scratchPath(scene, 'g')
  const fd = yield* process.open(first, O_CREAT | O_RDWR, 0o600)
  if (isErrno(fd)) return failedAt('create', fd)
  const link = scratchPath(scene, 'l')
  const symlinked = yield* process.symlink('x', link)
  if (isErrno(symlinked)) return failedAt('symlink', symlinked)
  yield* process.unlink(link)
  const linked = yield* process.link(first, link)
  if (isErrno(linked)) return failedAt('link', linked)
  yield* process.unlink(link)
  const other = scratchPath(scene, 'r')
  const renamed = yield* process.rename(first, other)
  if (isErrno(renamed)) return failedAt('rename', renamed)
  yield* process.unlink(other)
  yield* process.close(fd)
  return 'ok'
}

function* newFileMode(scene: Scene): Syscall<string> {
  if (scene.scratch === '') return NO_DIRECTORY
  const { process } = scene
  const path = scratchPath(scene, 'u')
  const fd = yield* process.open(path, O_CREAT | O_EXCL | O_WRONLY, 0o666)
  if (isErrno(fd)) return outcome(fd)
  const status = yield* process.fstat(fd)
  yield* process.unlink(path)
  return isErrno(status) ? outcome(status) : `ok:${octal(status.mode)}`
}

function* newFileOwner(scene: Scene): Syscall<string> {
  const fd = yield* temporaryFile(scene)
  if (typeof fd === 'string') return fd
  const status = yield* scene.process.fstat(fd)
  if (isErrno(status)) return outcome(status)
  if (status.uid === scene.process.euid) return 'ok:own'
  return `ok:${status.uid === 0 ? 'root' : status.uid === 65_534 ? 'nobody' : 'other'}`
}

function* ownerOf({ process }: Scene, path: string): Syscall<string> {
  const status = yield* process.stat(path)
  return isErrno(status) ? outcome(status) : `ok:${status.uid}:${status.gid}`
}

const PIECE = new Uint8Array(65_536)

function* writeTenMebibytes(scene: Scene): Syscall<string> {
  const fd = yield* temporaryFile(scene)
  if (typeof fd === 'string') return fd
  for (let piece = 0; piece < 160; piece++) {
    const written = yield* scene.process.write(fd, PIECE)
    if (isErrno(written)) return outcome(written)
  }
  return 'ok'
}

function* propagationOfRoot({ process }: Scene): Syscall<string> {
  const text = yield* readWhole(process, '/proc/self/mountinfo')
  if (isErrno(text)) return outcome(text)
  const line = text.split('\n').find((one) => one.split(' ')[4] === '/')
  if (line === undefined) return 'none'
  const shared = line.includes(' shared:')
  const slave = line.includes(' master:')
  return `ok:${shared && slave ? 'shared+slave' : shared ? 'shared' : slave ? 'slave' : 'private'}`
}

export const fileActions: readonly Action[] = [
  ...writes.map(([id, directory]) => action(id, (scene) => writeInto(scene, directory))),
  action('write-etc-hosts', (scene) => openOnly(scene, '/etc/hosts', O_WRONLY)),
  ...reads.map(([id, path]) => action(id, (scene) => openAndRead(scene, path))),
  ...lists.map(([id, path]) => action(id, (scene) => countNames(scene, path))),
  ...directories.map(([name, variable]) =>
    action(`write-${name}-dir`, function* (scene) {
      const path = firstDirectory(scene.process, variable)
      return path === undefined ? 'unset' : yield* writeInto(scene, path)
    }),
  ),
  ...directories.map(([name, variable]) => action(`info-${name}-dir`, (scene) => aboutDirectory(scene, variable))),
  action(
    'chmod-suid',
    onTemporaryFile(({ process }, fd) => process.fchmod(fd, 0o4755)),
  ),
  action(
    'chmod-sgid',
    onTemporaryFile(({ process }, fd) => process.fchmod(fd, 0o2755)),
  ),
  action(
    'chmod-plain',
    onTemporaryFile(({ process }, fd) => process.fchmod(fd, 0o755)),
  ),
  action(
    'creat-suid',
    inScratch('cs', ({ process }, path) => process.open(path, O_CREAT | O_EXCL | O_WRONLY, 0o4755)),
  ),
  action(
    'mkdir-sgid',
    inScratch('d', ({ process }, path) => process.syscall('mkdirat', -100, path, 0o2755), true),
  ),
  action(
    'mkdir-plain',
    inScratch('d', ({ process }, path) => process.mkdir(path, 0o755), true),
  ),
  action(
    'mknod-char',
    inScratch('c', ({ process }, path) => process.mknod(path, 'character-device', 0o600, [1, 3])),
  ),
  action(
    'mknod-block',
    inScratch('b', ({ process }, path) => process.mknod(path, 'block-device', 0o600, [254, 0])),
  ),
  action(
    'mkfifo',
    inScratch('p', ({ process }, path) => process.mknod(path, 'fifo', 0o600)),
  ),
  action('link-symlink-rename', everyName),
  ownProcess('umask-file-mode', newFileMode),
  action('new-file-owner', newFileOwner),
  action('owner-of-etc-hosts', (scene) => ownerOf(scene, '/etc/hosts')),
  action('owner-of-learner-home', (scene) => ownerOf(scene, '/home/learner')),
  ownProcess('exec-copied-tmp', (scene) => runCopy(scene, '/tmp')),
  ownProcess('exec-copied-dev-shm', (scene) => runCopy(scene, '/dev/shm')),
  ownProcess('exec-copied-var-lib', (scene) => runCopy(scene, '/var/lib')),
  ownProcess('exec-var-lib', (scene) => become(scene, '/var/lib/matrix/true', 'true')),
  ownProcess('exec-usr-bin-true', (scene) => become(scene, '/usr/bin/true')),
  ownProcess('exec-i386', (scene) => become(scene, '/usr/local/lib/matrix/true32')),
  ownProcess('write-10mib', writeTenMebibytes),
  action(
    'setxattr',
    onTemporaryFile(({ process }, fd) => process.syscall('fsetxattr', fd, 'user.a', 'b')),
  ),
  ...fileSystems.map(([id, path]) => action(id, (scene) => statOfFileSystem(scene, path))),
  action('root-propagation', propagationOfRoot),
]
