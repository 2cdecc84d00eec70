// What has to be there before the first unit: API file systems, runtime directories, the root of the cgroup tree.
import { isErrno, MS_REC, MS_SHARED, type Syscall } from '@/lib/kernel'
import { CGROUP_ROOT } from '../cgroup'
import { makeInaccessibleNodes } from '../exec'
import type { Manager } from './manager'
import { SYSTEMD_FEATURES, SYSTEMD_VERSION } from './version'

const MS_NOSUID = 2
const MS_NODEV = 4
const MS_NOEXEC = 8
const MS_RELATIME = 1 << 21
/** The highest number of descriptors that this kernel lets a process have. */
const NR_OPEN = 1_048_576

const apiMounts: readonly (readonly [what: string, where: string, type: string, flags: number, options: string])[] = [
  ['proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, ''],
  ['sysfs', '/sys', 'sysfs', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, ''],
  ['devtmpfs', '/dev', 'devtmpfs', MS_NOSUID | MS_RELATIME, 'mode=755'],
  ['securityfs', '/sys/kernel/security', 'securityfs', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, ''],
  ['tmpfs', '/dev/shm', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=1777'],
  ['devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC | MS_RELATIME, 'mode=600,gid=5'],
  ['tmpfs', '/run', 'tmpfs', MS_NOSUID | MS_NODEV | MS_RELATIME, 'mode=755'],
  ['cgroup2', '/sys/fs/cgroup', 'cgroup2', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, 'nsdelegate,memory_recursiveprot'],
  ['pstore', '/sys/fs/pstore', 'pstore', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, ''],
  ['bpf', '/sys/fs/bpf', 'bpf', MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, 'mode=700'],
]

const runtimeDirectories = [
  '/run/systemd',
  '/run/systemd/system',
  '/run/systemd/transient',
  '/run/systemd/generator',
  '/run/systemd/generator.early',
  '/run/systemd/generator.late',
  '/run/systemd/units',
  '/run/systemd/dynamic-uid',
  '/run/systemd/journal',
  '/run/credentials',
  '/run/lock',
  '/run/user',
]

export function* setUpSystem(manager: Manager): Syscall<void> {
  const { process } = manager
  yield* process.setComm('systemd')
  for (const [what, where, type, flags, options] of apiMounts) {
    const text = manager.readText('/proc/self/mounts') ?? ''
    if (text.split('\n').some((line) => line.split(' ')[1] === where)) continue
    yield* manager.makeDirectories(where, 0o755)
    yield* process.mount(what, where, type, flags, options)
  }
  yield* process.mount('', '/', '', MS_REC | MS_SHARED)
  for (const path of runtimeDirectories) yield* manager.makeDirectories(path, 0o755)
  yield* makeInaccessibleNodes(process)
  yield* process.setrlimit('NOFILE', { soft: NR_OPEN, hard: NR_OPEN })
  yield* process.umask(0)
  const hostname = manager.readText('/etc/hostname')?.trim() ?? 'localhost'
  if (process.uname().nodename !== hostname) yield* process.sethostname(hostname)
  manager.learnIdentity()
  manager.environment = new Map([
    ['LANG', 'C.UTF-8'],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'],
  ])
  readLocale(manager)
  manager.timestamps.userspace = process.monotonicUsec
  manager.log(6, "Inserted module 'autofs4'")
  manager.log(6, `systemd ${SYSTEMD_VERSION} running in system mode (${SYSTEMD_FEATURES})`)
  if (manager.virtualization !== undefined) manager.log(6, `Detected virtualization ${manager.virtualization.id}.`)
  manager.log(6, 'Detected architecture x86-64.')
  manager.log(6, `Hostname set to <${hostname}>.`)
  manager.log(6, 'bpf-restrict-fs: LSM BPF program attached')
  yield* setUpCgroups(manager, '')
}

function readLocale(manager: Manager): void {
  const text = manager.readText('/etc/locale.conf') ?? manager.readText('/etc/default/locale')
  for (const line of (text ?? '').split('\n')) {
    const found = /^\s*(LANG|LC_[A-Z]+|LANGUAGE)=["']?([^"']*)["']?\s*$/.exec(line)
    if (found?.[1] !== undefined && found[2] !== undefined && found[2] !== '') manager.environment.set(found[1], found[2])
  }
}

export function* setUpUser(manager: Manager): Syscall<void> {
  const { process } = manager
  yield* process.setComm('systemd')
  yield* process.setChildSubreaper(true)
  manager.environment = new Map(
    Object.entries(process.env).filter(
      ([name]) =>
        ![
          'NOTIFY_SOCKET',
          'MAINPID',
          'INVOCATION_ID',
          'JOURNAL_STREAM',
          'SYSTEMD_EXEC_PID',
          'WATCHDOG_USEC',
          'WATCHDOG_PID',
          'LISTEN_PID',
          'LISTEN_FDS',
          'LISTEN_FDNAMES',
        ].includes(name),
    ),
  )
  manager.learnIdentity()
  manager.logger.toJournal = true
  const runtime = manager.environment.get('XDG_RUNTIME_DIR') ?? `/run/user/${process.uid}`
  manager.environment.set('XDG_RUNTIME_DIR', runtime)
  for (const part of [
    'systemd',
    'systemd/generator',
    'systemd/generator.late',
    'systemd/units',
    'systemd/transient',
    'systemd/inaccessible',
  ])
    yield* manager.makeDirectories(`${runtime}/${part}`, 0o755)
  manager.timestamps.userspace = process.monotonicUsec
  const own = /^0::(.*)$/m.exec(manager.readText('/proc/self/cgroup') ?? '')?.[1] ?? ''
  yield* setUpCgroups(manager, own.replace(/\/init\.scope$/, ''))
}

/** The manager itself goes into init.scope, so that its root may hand controllers down. */
function* setUpCgroups(manager: Manager, root: string): Syscall<void> {
  const { process } = manager
  manager.cgroupRoot = root
  yield* process.mkdir(`${CGROUP_ROOT}${root}/init.scope`, 0o755)
  const fd = yield* process.open(`${CGROUP_ROOT}${root}/init.scope/cgroup.procs`, 1)
  if (!isErrno(fd)) {
    yield* process.write(fd, `${process.pid}\n`)
    yield* process.close(fd)
  }
  const control = yield* process.open(`${CGROUP_ROOT}${root}/cgroup.subtree_control`, 1)
  if (!isErrno(control)) {
    yield* process.write(control, '+cpu +memory +pids\n')
    yield* process.close(control)
  }
  manager.controllersEnabled.add(`${CGROUP_ROOT}${root}/cgroup.subtree_control`)
}
