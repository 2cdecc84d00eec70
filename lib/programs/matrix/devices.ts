// Actions about device nodes.
import { isErrno, O_RDONLY, O_RDWR, O_WRONLY, type Syscall } from '@/lib/kernel'
import { type Action, action, failedAt, NO_DIRECTORY, outcome, type Scene, scratchPath } from './action'
import { countNames, openAndRead, openOnly } from './file-steps'
import { connectUnix } from './socket-steps'

const opened: readonly (readonly [id: string, path: string, flags: number])[] = [
  ['open-tty', '/dev/tty', O_RDWR],
  ['open-tty1', '/dev/tty1', O_RDWR],
  ['open-ptmx', '/dev/ptmx', O_RDWR],
  ['open-kmsg', '/dev/kmsg', O_RDONLY],
  ['write-kmsg', '/dev/kmsg', O_WRONLY],
  ['open-mem', '/dev/mem', O_RDONLY],
  ['open-vda', '/dev/vda', O_RDONLY],
  ['open-fuse', '/dev/fuse', O_RDWR],
  ['open-tun', '/dev/net/tun', O_RDWR],
  ['open-rtc0', '/dev/rtc0', O_RDONLY],
  ['open-console', '/dev/console', O_WRONLY],
  ['open-loop-control', '/dev/loop-control', O_RDWR],
]

function* makeAndOpen(scene: Scene): Syscall<string> {
  if (scene.scratch === '') return NO_DIRECTORY
  const { process } = scene
  const path = scratchPath(scene, 'n')
  const made = yield* process.mknod(path, 'character-device', 0o600, [1, 3])
  if (isErrno(made)) return failedAt('mknod', made)
  const fd = yield* process.open(path, O_RDWR)
  yield* process.unlink(path)
  return outcome(fd)
}

export const deviceActions: readonly Action[] = [
  action('open-null', (scene) => openOnly(scene, '/dev/null', O_RDWR)),
  action('open-zero', (scene) => openAndRead(scene, '/dev/zero')),
  action('open-urandom', (scene) => openAndRead(scene, '/dev/urandom')),
  ...opened.map(([id, path, flags]) => action(id, (scene) => openOnly(scene, path, flags))),
  action('open-log', (scene) => connectUnix(scene, '/dev/log', 'dgram')),
  action('mknod-open-null', makeAndOpen),
  action('list-dev', (scene) => countNames(scene, '/dev', 100)),
]
