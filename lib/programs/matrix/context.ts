// Actions about what a process was given: environment, directory, standard input, signals, session.
import { isErrno, signals } from '@/lib/kernel'
import { type Action, action, outcome, ownProcess } from './action'

const fileTypes: Readonly<Record<string, string>> = {
  fifo: '10000',
  directory: '40000',
  'block-device': '60000',
  file: '100000',
  symlink: '120000',
  socket: '140000',
}
const NAMES_MAX = 64
const NAME_BYTES = 40

const variable = (id: string, name: string): Action =>
  action(id, function* ({ process }) {
    return `ok:${process.env[name] ?? 'unset'}`
  })

export const contextActions: readonly Action[] = [
  action('env-names', function* ({ process }) {
    const names = Object.keys(process.env)
      .slice(0, NAMES_MAX)
      .sort()
      .map((name) => name.slice(0, NAME_BYTES))
    return `ok:${names.join(' ')}`
  }),
  variable('env-home', 'HOME'),
  variable('env-user', 'USER'),
  variable('env-path', 'PATH'),
  action('cwd', function* ({ process }) {
    const path = yield* process.getcwd()
    return isErrno(path) ? outcome(path) : `ok:${path}`
  }),
  action('stdin', function* ({ process }) {
    const status = yield* process.fstat(0)
    if (isErrno(status)) return outcome(status)
    return status.kind === 'character-device' ? `ok:char ${status.rdev.join(':')}` : `ok:${fileTypes[status.kind] ?? '0'}`
  }),
  action('sigpipe', function* ({ process }) {
    const disposition = yield* process.syscall('rt_sigaction', signals.SIGPIPE.number)
    return isErrno(disposition) ? outcome(disposition) : disposition === 'ignore' ? 'ok:ignored' : 'ok:default'
  }),
  ownProcess('session-leader', function* ({ process }) {
    const parent = process.ppid
    const session = yield* process.getsid()
    const group = yield* process.getpgid()
    return `ok:${session === parent ? 'session' : '-'} ${group === parent ? 'group' : '-'}`
  }),
]
