// The probe: tries every action of the hardening matrix and prints one JSON object, action → what came of it.
// Actions run in order; those that change their process in a child of their own, the others one after another in a shared
// child, which is replaced when one of them kills it.
import { decodeUtf8 } from '@/lib/base'
import {
  isErrno,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
  type Process,
  signalName,
  signals,
  type Syscall,
  type WaitResult,
  WNOHANG,
} from '@/lib/kernel'
import { program } from '../program'
import type { Action, Scene } from './action'
import { contextActions } from './context'
import { deviceActions } from './devices'
import { fileActions } from './files'
import { kernelActions } from './kernel'
import { lastAction, limitActions } from './limits'
import { namespaceActions } from './namespaces'
import { networkActions } from './network'
import { privilegeActions } from './privileges'
import { procSysActions } from './proc-sys'
import { startStatic } from './static-start'

export const actions: readonly Action[] = [
  ...fileActions,
  ...deviceActions,
  ...procSysActions,
  ...privilegeActions,
  ...namespaceActions,
  ...kernelActions,
  ...networkActions,
  ...limitActions,
  ...contextActions,
  lastAction,
]

const CONF = '/usr/local/lib/matrix/conf'
const SCRATCH = ['/tmp', '/var/tmp', '/dev/shm', '/run/matrix-any']
const TIMEOUT_USEC = 4_000_000
const FIRST_PAUSE_USEC = 200
const LONGEST_PAUSE_USEC = 4000
const CAP_NET_RAW = 1n << 13n
const YES = 50
const NO = 51

/** What the children share with their parent: results by place, and how far they are. */
type Board = { readonly slots: string[]; at: number }
type Setting = Omit<Scene, 'process' | 'note'>

function* readSetting(process: Process): Syscall<Setting> {
  let words: readonly string[] = []
  const fd = yield* process.open(CONF, O_RDONLY)
  if (!isErrno(fd)) {
    const bytes = yield* process.read(fd, 1000)
    if (!isErrno(bytes)) words = decodeUtf8(bytes).trim().split(/\s+/)
    yield* process.close(fd)
  }
  const pid = (index: number): number => Number(words[index] ?? 0)
  let scratch = ''
  for (const directory of SCRATCH) {
    const path = `${directory}/.probe-s-${process.pid}`
    const file = yield* process.open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)
    if (isErrno(file)) continue
    yield* process.close(file)
    yield* process.unlink(path)
    scratch = directory
    break
  }
  return { scratch, pids: { nobody: pid(0), learner: pid(1), root: pid(2) }, namespaces: words.slice(3) }
}

/** The child: does actions up to `stop`. */
function* work(process: Process, setting: Setting, board: Board, stop: number): Syscall<number> {
  while (board.at < stop) {
    const place = board.at
    const note = (text: string): void => {
      board.slots[place] = text
    }
    note(yield* actions[place]!.run({ ...setting, process, note }))
    board.at = place + 1
  }
  return 0
}

/** Runs action `first` (and, in a shared child, those after it up to `stop`); the first one that is not done. */
function* attempt(process: Process, setting: Setting, board: Board, first: number, stop: number): Syscall<number> {
  board.at = first
  const pid = yield* process.fork((child) => work(child, setting, board, stop))
  if (isErrno(pid)) {
    board.slots[first] = `fork:${pid.name}`
    return first + 1
  }
  const ended = yield* waitFor(process, pid, board)
  if (typeof ended === 'string') {
    board.slots[board.at] = ended
    return board.at + 1
  }
  if (board.at >= stop) return stop
  const said = board.slots[board.at] ?? ''
  if (ended.how === 'killed' || ended.how === 'dumped') board.slots[board.at] = `signal:${signalName(ended.signal) ?? ended.signal}`
  else if (ended.how === 'exited' && (said === 'exec?' || said === ''))
    board.slots[board.at] = said === '' ? `exit:${ended.status}` : afterExec(ended.status)
  return board.at + 1
}

function afterExec(status: number): string {
  return status === 0 ? 'ok' : status === YES ? 'ok:yes' : status === NO ? 'ok:no' : `exit:${status}`
}

/** Looks every few milliseconds; text: what became of waiting. */
function* waitFor(process: Process, pid: number, board: Board): Syscall<WaitResult | string> {
  let pause = FIRST_PAUSE_USEC
  let waited = 0
  let last = board.at
  for (;;) {
    const ended = yield* process.waitpid(pid, WNOHANG)
    if (isErrno(ended)) {
      if (ended.name !== 'EINTR') return `wait:${ended.name}`
    } else if (ended !== undefined) return ended
    yield* process.nanosleep(pause)
    waited += pause
    if (pause < LONGEST_PAUSE_USEC) pause = Math.floor((pause * 3) / 2)
    if (board.at !== last) {
      last = board.at
      waited = 0
    }
    if (waited > TIMEOUT_USEC) {
      yield* process.kill(pid, signals.SIGKILL.number)
      yield* process.waitpid(pid)
      return 'timeout'
    }
  }
}

function* printResults(process: Process, board: Board, from: number, to: number): Syscall<boolean> {
  const results = actions.slice(from, to).map(({ id }, index) => [id, board.slots[from + index] || 'none'] as const)
  return !isErrno(yield* process.write(1, `${JSON.stringify(Object.fromEntries(results))}\n`))
}

function* tryEverything(process: Process): Syscall<number> {
  const board: Board = { slots: [], at: 0 }
  yield* process.syscall('mmap', 0, 172_032, 3, 0x21)
  const setting = yield* readSetting(process)
  const last = actions.length - 1
  for (let next = 0; next < last; ) {
    let stop = next + 1
    if (!actions[next]!.ownProcess) while (stop < last && !actions[stop]!.ownProcess) stop += 1
    next = yield* attempt(process, setting, board, next, stop)
  }
  if (!(yield* printResults(process, board, 0, last))) return 90
  yield* attempt(process, setting, board, last, last + 1)
  return (yield* printResults(process, board, last, last + 1)) ? 0 : 91
}

export const matrixProbe = program({
  name: 'matrix-probe',
  path: '/usr/local/lib/matrix/probe',
  summary: 'tries what a service may do',
  options: [],
  raw: true,
  *main(process) {
    yield* startStatic(process)
    switch (process.argv[1]) {
      case 'true':
        return 0
      case 'euid': {
        yield* process.syscall('geteuid')
        return process.euid === 0 ? YES : NO
      }
      case 'netraw': {
        const sets = yield* process.syscall('capget')
        return !isErrno(sets) && ((sets as { readonly effective: bigint }).effective & CAP_NET_RAW) !== 0n ? YES : NO
      }
      default:
        return yield* tryEverything(process)
    }
  },
})
