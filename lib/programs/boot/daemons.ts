// The daemons of Debian's boot that a person sees in ps and systemd-cgls. They listen and wait; what they serve on a real
// machine (device events, mail for cron, bus names) is not simulated here unless a file of its own does it.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program, type Program } from '../program'
import { installHandlers, serveUntilStopped } from './daemon'

const daemon = (
  name: string,
  path: string,
  summary: string,
  main: (process: Process) => Syscall<number>,
  links: readonly string[] = [],
): Program => program({ name, path, links, summary, options: [], raw: true, main })

const udevadm = daemon(
  'udevadm',
  '/usr/bin/udevadm',
  'the device manager and its control tool',
  function* (process) {
    if (!(process.argv[0] ?? '').endsWith('systemd-udevd')) {
      yield* process.compute(1500)
      return 0
    }
    return yield* serveUntilStopped(process, 'Processing with 10 children at max')
  },
  ['/usr/lib/systemd/systemd-udevd'],
)

const dbusDaemon = daemon('dbus-daemon', '/usr/bin/dbus-daemon', 'the message bus', (process) => serveUntilStopped(process))
const dbusSend = daemon('dbus-send', '/usr/bin/dbus-send', 'sends one message to the bus', function* () {
  return 0
})

/** getty: prints the issue, waits for a name, then hands over to login. */
const agetty = daemon('agetty', '/usr/sbin/agetty', 'asks for a login name on a terminal', function* (process) {
  yield* process.sigaction(1, 'default')
  yield* process.write(1, '\nDebian GNU/Linux 13 lab tty1\n\n')
  for (;;) {
    yield* process.write(1, 'lab login: ')
    const line = yield* process.read(0, 256)
    if (isErrno(line)) {
      if (line.name === 'EINTR') continue
      yield* process.pause()
      return 1
    }
    if (line.length === 0) return 0
    const name = new TextDecoder().decode(line).trim()
    if (name !== '') {
      yield* process.exec('/usr/bin/login', ['login', '--', name], process.env)
      return 1
    }
  }
})

const cron = daemon('cron', '/usr/sbin/cron', 'runs the jobs of crontabs (not simulated here: it only waits)', (process) =>
  serveUntilStopped(process),
)
const crontab = daemon('crontab', '/usr/bin/crontab', 'edits a crontab', function* (process) {
  yield* process.write(2, 'crontab: not simulated here\n')
  return 1
})

const supervisord = daemon(
  'supervisord',
  '/usr/bin/supervisord',
  'supervises programs (not simulated here: it only waits)',
  function* (process) {
    const state = yield* installHandlers(process)
    while (!state.stopping) yield* process.pause()
    return 0
  },
)
const supervisorctl = daemon('supervisorctl', '/usr/bin/supervisorctl', 'controls supervisord', function* (process) {
  if (process.argv.includes('shutdown')) {
    yield* process.write(1, 'Shut down\n')
    return 0
  }
  yield* process.write(2, 'supervisorctl: not simulated here\n')
  return 1
})

export const bootDaemons: readonly Program[] = [udevadm, dbusDaemon, dbusSend, agetty, cron, crontab, supervisord, supervisorctl]
