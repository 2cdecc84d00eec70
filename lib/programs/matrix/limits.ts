// Actions about limits and scheduling.
import { isErrno, type Limit, type LimitName, O_RDONLY, signals, type Syscall } from '@/lib/kernel'
import { type Action, action, call, failedAt, outcome, ownProcess, type Scene } from './action'
import { readText } from './file-steps'
import { sleepForever } from './process-steps'

const MEBIBYTE = 1 << 20
const PROT_READ_WRITE = 3
const MAP_PRIVATE_ANONYMOUS = 0x22
const MAP_POPULATE = 0x8000
const PR_GET_TIMERSLACK = 30
const PID = 1

const limits: readonly LimitName[] = [
  'CPU',
  'FSIZE',
  'DATA',
  'STACK',
  'CORE',
  'RSS',
  'NOFILE',
  'AS',
  'NPROC',
  'MEMLOCK',
  'LOCKS',
  'SIGPENDING',
  'MSGQUEUE',
  'NICE',
  'RTPRIO',
  'RTTIME',
]

const shown = (value: number): string => (value === Number.POSITIVE_INFINITY ? 'infinity' : String(value))

function* softAndHard({ process }: Scene, name: LimitName): Syscall<string> {
  const limit = yield* process.getrlimit(name)
  return isErrno(limit) ? outcome(limit) : describeLimit(limit)
}

const describeLimit = ({ soft, hard }: Limit): string => `ok:${shown(soft)}:${shown(hard)}`

function* openMany({ process }: Scene, most: number): Syscall<string> {
  for (let opened = 0; opened < most; opened++) {
    const fd = yield* process.open('/dev/null', O_RDONLY)
    if (isErrno(fd)) return `${fd.name}:${opened}`
  }
  return 'ok'
}

function* forkMany({ process }: Scene, most: number): Syscall<string> {
  const made: number[] = []
  let refused = ''
  while (made.length < most && refused === '') {
    const pid = yield* process.fork(sleepForever)
    if (isErrno(pid)) refused = `${pid.name}:${made.length}`
    else made.push(pid)
  }
  for (const pid of made) yield* process.kill(pid, signals.SIGKILL.number)
  for (const pid of made) yield* process.waitpid(pid)
  return refused === '' ? 'ok' : refused
}

function lock(id: string, length: number): Action {
  return ownProcess(id, function* ({ process }) {
    const mapped = yield* process.syscall('mmap', 0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS)
    return isErrno(mapped) ? failedAt('mmap', mapped) : outcome(yield* process.syscall('mlock', 0, length))
  })
}

function* shownValue({ process }: Scene, name: string, show: (value: number) => string, ...args: readonly unknown[]): Syscall<string> {
  const value = yield* process.syscall(name, ...args)
  return isErrno(value) ? outcome(value) : `ok:${show(Number(value))}`
}

function* policy({ process }: Scene): Syscall<string> {
  const kind = yield* process.syscall('sched_getscheduler', 0)
  if (isErrno(kind)) return outcome(kind)
  const priority = yield* process.syscall('sched_getparam', 0)
  return isErrno(priority) ? outcome(priority) : `ok:${String(kind)}:${String(priority)}`
}

export const limitActions: readonly Action[] = [
  ownProcess('open-3000-fds', (scene) => openMany(scene, 3000)),
  ownProcess('fork-60', (scene) => forkMany(scene, 60)),
  lock('mlock-1mib', MEBIBYTE),
  lock('mlock-16mib', 16 * MEBIBYTE),
  action('affinity', function* ({ process }) {
    const cpus = yield* process.syscall('sched_getaffinity', 0)
    return isErrno(cpus) ? outcome(cpus) : `ok:${(cpus as readonly number[]).length}`
  }),
  action('nice', function* ({ process }) {
    const nice = yield* process.getpriority()
    return isErrno(nice) ? outcome(nice) : `ok:${nice}`
  }),
  action('oom-score-adj', function* ({ process }) {
    const text = yield* readText(process, '/proc/self/oom_score_adj', 15)
    return typeof text === 'string' ? `ok:${Number.parseInt(text, 10) || 0}` : outcome(text)
  }),
  action('ioprio', (scene) => shownValue(scene, 'ioprio_get', (value) => `${value >> 13}:${value & 0x1fff}`, PID, 0)),
  ownProcess('sched-policy', policy),
  action('timer-slack', (scene) => shownValue(scene, 'prctl', String, PR_GET_TIMERSLACK)),
  ...limits.map((name) => action(`rlimit-${name.toLowerCase()}`, (scene) => softAndHard(scene, name))),
]

/** Done last: an OOM kill may take the whole unit along. */
export const lastAction: Action = {
  ...call('alloc-96mib', ({ process }) => process.syscall('mmap', 0, 96 * MEBIBYTE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | MAP_POPULATE)),
  ownProcess: true,
}
