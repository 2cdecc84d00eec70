// Actions about /proc, /sys and the control groups.
import { isErrno, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY, type Syscall } from '@/lib/kernel'
import { type Action, action, call, outcome, type Scene } from './action'
import { namesIn, openAndRead, openOnly, readText, writeSame } from './file-steps'

const read: Readonly<Record<string, string>> = {
  'read-meminfo': '/proc/meminfo',
  'read-cpuinfo': '/proc/cpuinfo',
  'read-modules': '/proc/modules',
  'read-interrupts': '/proc/interrupts',
  'read-timer-list': '/proc/timer_list',
  'read-ostype': '/proc/sys/kernel/ostype',
}

/** The first line of a file. */
function* lineOf({ process }: Scene, path: string, count: number): Syscall<string> {
  const text = yield* readText(process, path, count)
  return isErrno(text) ? outcome(text) : `ok:${text.split('\n')[0]}`
}

function* countProcesses({ process }: Scene): Syscall<string> {
  const names = yield* namesIn(process, '/proc')
  if (isErrno(names)) return outcome(names)
  const count = names.filter((name) => /^\d+$/.test(name)).length
  return count >= 20 ? 'ok:many' : `ok:${count}`
}

function* addressesOfKernel({ process }: Scene): Syscall<string> {
  const text = yield* readText(process, '/proc/kallsyms', 4000)
  if (isErrno(text)) return outcome(text)
  if (text === '') return 'ok:empty'
  const shown = text.split('\n').some((line) => line.length >= 17 && !line.startsWith('0'.repeat(16)))
  return shown ? 'ok:nonzero' : 'ok:zero'
}

function* listed({ process }: Scene, path: string): Syscall<string> {
  const names = yield* namesIn(process, path)
  return outcome(names)
}

function* madeDirectory({ process }: Scene, path: string): Syscall<string> {
  const made = yield* process.mkdir(path, 0o755)
  yield* process.rmdir(path)
  return outcome(made)
}

function* ownCgroup(scene: Scene): Syscall<string> {
  const text = yield* readText(scene.process, '/proc/self/cgroup')
  if (isErrno(text)) return outcome(text)
  return yield* madeDirectory(scene, `/sys/fs/cgroup${(text.split('\n')[0] ?? '').slice(3)}/probe`)
}

function* ownCgroupPath({ process }: Scene): Syscall<string> {
  const text = yield* readText(process, '/proc/self/cgroup')
  if (isErrno(text)) return outcome(text)
  const line = text.split('\n')[0] ?? ''
  return `ok:${line.replace(/\/mx-[^/]*/, '/UNIT')}`
}

function* viewOfCgroups({ process }: Scene): Syscall<string> {
  const own = yield* process.stat('/sys/fs/cgroup/cgroup.procs')
  if (isErrno(own)) return outcome(own)
  const slice = yield* process.stat('/sys/fs/cgroup/system.slice')
  return isErrno(slice) ? 'ok:own' : 'ok:host'
}

export const procSysActions: readonly Action[] = [
  action('read-pid1-environ', (scene) => openAndRead(scene, '/proc/1/environ')),
  action('read-pid1-status', (scene) => openAndRead(scene, '/proc/1/status')),
  action('read-pid1-comm', (scene) => lineOf(scene, '/proc/1/comm', 63)),
  call('readlink-pid1-root', ({ process }) => process.readlink('/proc/1/root')),
  action('count-pids', countProcesses),
  call('stat-other-uid-pid', ({ process, pids }) => process.stat(`/proc/${pids.nobody}`)),
  action('read-other-uid-environ', (scene) => openAndRead(scene, `/proc/${scene.pids.nobody}/environ`)),
  action('read-learner-environ', (scene) => openAndRead(scene, `/proc/${scene.pids.learner}/environ`)),
  action('read-other-uid-cmdline', (scene) => openAndRead(scene, `/proc/${scene.pids.nobody}/cmdline`)),
  action('read-kallsyms', addressesOfKernel),
  action('open-proc-kmsg', (scene) => openOnly(scene, '/proc/kmsg', O_RDONLY)),
  ...Object.entries(read).map(([id, path]) => action(id, (scene) => openAndRead(scene, path))),
  action('write-swappiness', (scene) => writeSame(scene, '/proc/sys/vm/swappiness')),
  action('write-sysctl-hostname', (scene) => writeSame(scene, '/proc/sys/kernel/hostname')),
  action('write-sysctl-ip-forward', (scene) => writeSame(scene, '/proc/sys/net/ipv4/ip_forward')),
  action('open-sysrq-trigger', (scene) => openOnly(scene, '/proc/sysrq-trigger', O_WRONLY)),
  call('list-proc-fs', ({ process }) => process.stat('/proc/fs')),
  call('list-proc-acpi', ({ process }) => process.stat('/proc/acpi')),
  action('list-proc-irq', (scene) => listed(scene, '/proc/irq')),
  action('write-sys-ksm', (scene) => openOnly(scene, '/sys/kernel/mm/ksm/run', O_WRONLY)),
  action('read-sys-ksm', (scene) => openAndRead(scene, '/sys/kernel/mm/ksm/run')),
  action('list-sys-debug', (scene) => listed(scene, '/sys/kernel/debug')),
  call('list-sys-tracing', ({ process }) => process.stat('/sys/kernel/tracing/trace')),
  action('write-own-oom-adj', (scene) => writeSame(scene, '/proc/self/oom_score_adj')),
  action('mkdir-cgroup', (scene) => madeDirectory(scene, `/sys/fs/cgroup/probe-${scene.process.pid}`)),
  action('mkdir-own-cgroup', ownCgroup),
  action('own-cgroup-path', ownCgroupPath),
  action('list-cgroup', viewOfCgroups),
  call('open-self-mem', ({ process }) => process.open('/proc/self/mem', O_RDWR | O_CLOEXEC | O_NONBLOCK)),
  call('open-pid1-mem', ({ process }) => process.open('/proc/1/mem', O_RDONLY | O_CLOEXEC | O_NONBLOCK)),
]
