// Actions about the kernel itself: clocks, modules, memory protection, IPC objects, rare system calls.
import { isErrno, type Syscall } from '@/lib/kernel'
import { type Action, action, call, failedAt, named, outcome, ownNamed, ownProcess, type Scene } from './action'
import { onTemporaryFile } from './file-steps'

const PROT_READ = 1
const PROT_WRITE = 2
const PROT_EXEC = 4
const MAP_PRIVATE_ANONYMOUS = 0x22
const PAGE = 4096
const IPC_PRIVATE = 0
const IPC_RMID = 0
const SHM_EXEC = 0o100000
const ADJ_TICK = 0x4000
const PR_GET_SECCOMP = 21
const LAB_SEGMENT = 0x6d617472

function map(id: string, protection: number): Action {
  return named(id, 'mmap', 0, PAGE, protection, MAP_PRIVATE_ANONYMOUS)
}

/** Calls one after the other; the name of the one that failed stands before its error, but for the last. */
function steps(id: string, ...calls: readonly (readonly [step: string, name: string, ...args: readonly unknown[]])[]): Action {
  return action(id, function* ({ process }) {
    for (const [step, name, ...args] of calls) {
      const result = yield* process.syscall(name, ...args)
      if (isErrno(result)) return step === '' ? outcome(result) : failedAt(step, result)
    }
    return 'ok'
  })
}

function* setSameTick({ process }: Scene): Syscall<string> {
  const read = yield* process.syscall('clock_adjtime', 0, 0)
  return isErrno(read) ? outcome(read) : outcome(yield* process.syscall('adjtimex', ADJ_TICK))
}

function* hostName({ process }: Scene): Syscall<string> {
  const names = yield* process.syscall('uname')
  return isErrno(names) ? outcome(names) : `ok:${process.uname().nodename}`
}

function* executableSegment({ process }: Scene): Syscall<string> {
  const id = yield* process.syscall('shmget', IPC_PRIVATE, PAGE, 0o700)
  if (isErrno(id)) return failedAt('shmget', id)
  const attached = yield* process.syscall('shmat', id, 0, SHM_EXEC)
  yield* process.syscall('shmctl', id, IPC_RMID)
  return outcome(attached)
}

function* queueAndSemaphore({ process }: Scene): Syscall<string> {
  const queue = yield* process.syscall('msgget', IPC_PRIVATE, 0o600)
  if (isErrno(queue)) return failedAt('msgget', queue)
  yield* process.syscall('msgctl', queue, IPC_RMID)
  const semaphore = yield* process.syscall('semget', IPC_PRIVATE, 1, 0o600)
  if (isErrno(semaphore)) return failedAt('semget', semaphore)
  yield* process.syscall('semctl', semaphore, 0, IPC_RMID)
  return 'ok'
}

function* messageQueue({ process }: Scene): Syscall<string> {
  const name = `matrix-${process.pid}`
  const queue = yield* process.syscall('mq_open', name, 0o102, 0o600)
  if (isErrno(queue)) return outcome(queue)
  yield* process.syscall('mq_unlink', name)
  return 'ok'
}

function* openByHandle({ process }: Scene): Syscall<string> {
  const handle = yield* process.syscall('name_to_handle_at', '/etc/hosts')
  if (isErrno(handle)) return failedAt('name', handle)
  yield* process.open('/', 0)
  return outcome(yield* process.syscall('open_by_handle_at', handle))
}

function* watchEvent({ process }: Scene): Syscall<string> {
  const poll = yield* process.syscall('epoll_create1', 0)
  if (isErrno(poll)) return failedAt('epoll', poll)
  const event = yield* process.syscall('eventfd2', 0, 0)
  if (isErrno(event)) return failedAt('eventfd', event)
  return outcome(yield* process.syscall('epoll_ctl', poll, 1, event))
}

function* filterMode({ process }: Scene): Syscall<string> {
  const mode = yield* process.syscall('prctl', PR_GET_SECCOMP)
  return isErrno(mode) ? outcome(mode) : `ok:${String(mode)}`
}

export const kernelActions: readonly Action[] = [
  call('clock-settime', ({ process }) => process.syscall('clock_settime', 0, process.realtimeUsec)),
  named('adjtimex-read', 'adjtimex', 0),
  action('adjtimex-set', setSameTick),
  named('clock-gettime', 'clock_gettime', 0),
  action('sethostname', function* ({ process }) {
    yield* process.syscall('uname')
    return outcome(yield* process.sethostname(process.uname().nodename))
  }),
  named('setdomainname', 'setdomainname', '(none)'),
  action('hostname', hostName),
  named('init-module', 'init_module', 'garbagegarbage!!', 16, ''),
  named('finit-module', 'finit_module', -1, '', 0),
  named('delete-module', 'delete_module', 'matrix_none', 0o4000),
  named('kexec-load', 'kexec_load', 0, 0, 0, 0xffff),
  named('reboot-bad-magic', 'reboot', 0, 0, 0),
  named('swapon', 'swapon', '/matrix-none', 0),
  named('swapoff', 'swapoff', '/matrix-none'),
  named('syslog-read', 'syslog', 3, 64),
  named('syslog-clear', 'syslog', 5),
  named('bpf-map', 'bpf', 0),
  named('perf-event-open', 'perf_event_open', 0, 0, -1, -1, 0),
  ownNamed('iopl', 'iopl', 3),
  ownNamed('ioperm', 'ioperm', 0x80, 1, 1),
  named('quotactl', 'quotactl', 0x800004 << 8, '/dev/vda', 0),
  named('acct-off', 'acct'),
  ownNamed('userfaultfd', 'userfaultfd', 0o2000000),
  named('io-uring-setup', 'io_uring_setup', 1),
  named('io-setup', 'io_setup', 1),
  named('memfd-create', 'memfd_create', 'x', 0),
  map('mmap-wx', PROT_READ | PROT_WRITE | PROT_EXEC),
  steps(
    'mprotect-add-exec',
    ['mmap', 'mmap', 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS],
    ['', 'mprotect', 0, PAGE, PROT_READ | PROT_EXEC],
  ),
  map('mmap-exec-only', PROT_READ | PROT_EXEC),
  action('shmat-exec', executableSegment),
  action('msgget-semget', queueAndSemaphore),
  named('see-host-shm', 'shmget', LAB_SEGMENT, 0, 0),
  action('mq-open', messageQueue),
  named('sysctl-syscall', '_sysctl', 0),
  named('uselib', 'uselib', '/x'),
  ownNamed('modify-ldt', 'modify_ldt', 0, 16),
  named('fanotify-init', 'fanotify_init', 4, 0),
  call('inotify-init', ({ process }) => process.inotifyInit()),
  named('lookup-dcookie', 'lookup_dcookie', 0),
  named('name-to-handle', 'name_to_handle_at', '/etc/hosts'),
  action('open-by-handle', openByHandle),
  ownNamed('add-key', 'add_key', 'user', 'probe', 'x', 1, -2),
  named('pkey-alloc', 'pkey_alloc', 0, 0),
  action('seccomp-mode', filterMode),
  named('seccomp-avail', 'seccomp', 2, 0),
  named('landlock', 'landlock_create_ruleset', 0, 0, 1),
  named('getrandom', 'getrandom', 8),
  named('statx', 'statx', '/'),
  named('futex-wake', 'futex', 0, 1, 1),
  action('epoll-eventfd', watchEvent),
  named('timer-create', 'timer_create', 1),
  steps('timerfd-alarm', ['timerfd', 'timerfd_create', 1, 0], ['', 'alarm', 0]),
  call('signalfd', ({ process }) => process.signalfd([])),
  call('pipe', ({ process }) => process.pipe()),
  action(
    'sync-fsync',
    onTemporaryFile(({ process }, fd) => process.syscall('fdatasync', fd)),
  ),
  { ...steps('mbind', ['get', 'get_mempolicy'], ['', 'set_mempolicy', 0]), ownProcess: true },
  ownProcess('sched-setaffinity', function* ({ process }) {
    const cpus = yield* process.syscall('sched_getaffinity', 0)
    return isErrno(cpus) ? failedAt('get', cpus) : outcome(yield* process.setAffinity(0, cpus as readonly number[]))
  }),
  named('vmsplice-tee', 'splice', -1, 0, -1, 0, 1, 0),
  named('unknown-syscall', '999'),
]
