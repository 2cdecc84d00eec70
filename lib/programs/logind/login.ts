// After login(1): opens a session for a user on this terminal and runs the login shell in it.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { type Account, findAccount, groupsOf } from './accounts'
import { callLogind } from './protocol'

function* syslog(process: Process, priority: number, message: string): Syscall<void> {
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  if (isErrno(fd)) return
  yield* process.send(fd, `<${priority}>login[${process.pid}]: ${message}`, { to: { domain: 'AF_UNIX', path: '/dev/log' } })
  yield* process.close(fd)
}

function shellEnvironment(process: Process, account: Account, preserve: boolean, session: string | undefined): Record<string, string> {
  const root = account.uid === 0
  return {
    ...(preserve ? process.env : {}),
    TERM: process.env.TERM ?? 'linux',
    LANG: 'C.UTF-8',
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    PATH: root
      ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
      : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
    MAIL: `/var/mail/${account.name}`,
    ...(session === undefined
      ? {}
      : {
          XDG_SESSION_ID: session,
          XDG_SESSION_TYPE: 'tty',
          XDG_SESSION_CLASS: root ? 'user-early' : 'user',
          XDG_RUNTIME_DIR: `/run/user/${account.uid}`,
          DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${account.uid}/bus`,
        }),
  }
}

/** In the child: become the user and run the shell as a login shell (its name starts with a dash). */
function* runShell(child: Process, account: Account, groups: readonly number[], env: Record<string, string>): Syscall<number> {
  yield* child.sigaction(1, 'default')
  yield* child.setsid()
  yield* child.setControllingTerminal(0)
  yield* child.setgroups(groups)
  yield* child.setresgid(account.gid, account.gid, account.gid)
  yield* child.setresuid(account.uid, account.uid, account.uid)
  const entered = yield* child.chdir(account.home)
  if (isErrno(entered)) {
    yield* child.write(2, `No directory, logging in with HOME=/\n`)
    yield* child.chdir('/')
  }
  const name = account.shell.slice(account.shell.lastIndexOf('/') + 1)
  const failed = yield* child.exec(account.shell, [`-${name}`], env)
  yield* child.write(2, `login: ${account.shell}: ${failed.message}\n`)
  return 1
}

export const login = program({
  name: 'login',
  path: '/usr/bin/login',
  summary: 'opens a session on this terminal',
  options: [
    { short: 'p', help: 'keep the environment' },
    { short: 'f', argument: 'optional', metavar: 'USER', help: 'no question: the caller has authenticated the user' },
    { short: 'h', argument: 'required', metavar: 'HOST', help: 'the remote host' },
    { short: 'H', help: 'do not print the host name' },
  ],
  *main(process, args): Syscall<number> {
    const name = args.value('f') ?? args.operands[0]
    const account = name === undefined ? undefined : findAccount(process, name)
    if (account === undefined) {
      yield* process.write(2, '\nLogin incorrect\n')
      return 1
    }
    yield* process.sigaction(1, 'ignore')
    yield* syslog(
      process,
      86,
      `pam_unix(login:session): session opened for user ${account.name}(uid=${account.uid}) by ${account.name}(uid=${process.uid})`,
    )
    const path = yield* process.ttyname(0)
    const tty = isErrno(path) ? '' : path.replace(/^\/dev\//, '')
    yield* process.setComm('login')
    const opened = yield* callLogind(process, { member: 'CreateSession', uid: account.uid, pid: process.pid, tty, service: 'login' })
    const session = opened?.ok ? opened.id : undefined
    if (!isErrno(path)) {
      yield* process.chown(path, account.uid, 5)
      yield* process.chmod(path, 0o600)
    }
    yield* syslog(process, 85, account.uid === 0 ? `ROOT LOGIN ON ${tty}` : `LOGIN ON ${tty} BY ${account.name}`)
    const env = shellEnvironment(process, account, args.has('p'), session)
    const groups = groupsOf(process, account)
    // The shell's own session takes the terminal over; SIGHUP is ignored here already.
    yield* process.syscall('ioctl', 0, 'TIOCNOTTY')
    const shell = yield* process.fork((child) => runShell(child, account, groups, env))
    if (isErrno(shell)) return 1
    for (;;) {
      const ended = yield* process.waitpid(shell)
      if (isErrno(ended) ? ended.name !== 'EINTR' : ended?.how !== 'stopped' && ended?.how !== 'continued') break
    }
    yield* syslog(process, 86, `pam_unix(login:session): session closed for user ${account.name}`)
    if (session !== undefined) yield* callLogind(process, { member: 'ReleaseSession', id: session })
    return 0
  },
})
