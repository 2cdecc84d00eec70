// After sudo(8), su(1), runuser(1): becoming another user. Passwords are not simulated: members of group sudo need none, as in the lab.
import { errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { execvp } from '../coreutils/env'
import { type Program, program } from '../program'
import { complain, readText } from '../stdio'
import { encodeNative } from '@/lib/journal'
import { groupByName, groupsOf, type User, userById, userByName } from '../user-table'
import { waitStatus } from '../util-linux/session'

const securePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function* becomeUser(process: Process, user: User, gid = user.gid): Syscall<boolean> {
  yield* process.setgroups(groupsOf(process, user.name, gid))
  yield* process.setresgid(gid, gid, gid)
  return !isErrno(yield* process.setresuid(user.uid, user.uid, user.uid))
}

/** Sends a line to the journal as syslog(3) does. */
function* log(process: Process, priority: number, text: string): Syscall<void> {
  const socket = yield* process.socket('AF_UNIX', 'dgram')
  if (isErrno(socket)) return
  const fields: [string, string][] = [
    ['PRIORITY', String(priority)],
    ['SYSLOG_FACILITY', '10'],
    ['SYSLOG_IDENTIFIER', 'sudo'],
    ['MESSAGE', text],
  ]
  yield* process.send(socket, encodeNative(fields), { to: { domain: 'AF_UNIX', path: '/run/systemd/journal/socket' } })
  yield* process.close(socket)
}

function* mayUseSudo(process: Process, caller: User): Syscall<boolean> {
  if (caller.uid === 0) return true
  const sudo = groupByName(process, 'sudo')
  return sudo !== undefined && groupsOf(process, caller.name, caller.gid).includes(sudo.gid)
}

export const sudo = program({
  name: 'sudo',
  path: '/usr/bin/sudo',
  mode: 0o4755,
  summary: 'run a command as another user',
  synopsis: '[-ABbEHnPS] [-u user] [-g group] [VAR=value] [-i | -s] [command [arg ...]]',
  stopAtOperand: true,
  usageHint: () =>
    'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHkNnPS] [-u user] [-g group] [VAR=value] [-i | -s] [command [arg ...]]\n',
  options: [
    { short: 'A', long: 'askpass', help: 'has no effect here' },
    { short: 'b', long: 'background', help: 'in the background' },
    { short: 'E', long: 'preserve-env', argument: 'optional', metavar: 'list', help: 'keep the environment' },
    { short: 'e', long: 'edit', help: 'edit files' },
    { short: 'g', long: 'group', argument: 'required', metavar: 'group', help: 'as this group' },
    { short: 'H', long: 'set-home', help: 'HOME of the target' },
    { short: 'i', long: 'login', help: 'a login shell' },
    { short: 'K', long: 'remove-timestamp', help: 'has no effect here' },
    { short: 'k', long: 'reset-timestamp', help: 'has no effect here' },
    { short: 'l', long: 'list', help: 'what is allowed' },
    { short: 'n', long: 'non-interactive', help: 'never ask' },
    { short: 'P', long: 'preserve-groups', help: 'keep the groups' },
    { short: 'S', long: 'stdin', help: 'has no effect here' },
    { short: 's', long: 'shell', help: 'a shell' },
    { short: 'u', long: 'user', argument: 'required', metavar: 'user', help: 'as this user' },
    { short: 'v', long: 'validate', help: 'has no effect here' },
    { short: 'D', long: 'chdir', argument: 'required', metavar: 'directory', help: 'work there' },
  ],
  *main(process, args) {
    if (process.euid !== 0) {
      const status = yield* readText(process, '/proc/self/status')
      if (!isErrno(status) && /^NoNewPrivs:\s+1/m.test(status)) {
        yield* process.write(
          2,
          'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.\nsudo: If sudo is running in a container, you may need to adjust the container configuration to disable the flag.\n',
        )
      } else yield* process.write(2, 'sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set\n')
      return 1
    }
    const caller = userById(process, process.uid)
    if (caller === undefined) {
      yield* process.write(2, `sudo: you do not exist in the passwd database\n`)
      return 1
    }
    const userText = args.value('user') ?? 'root'
    const user = userByName(process, userText) ?? (/^#\d+$/.test(userText) ? userById(process, Number(userText.slice(1))) : undefined)
    if (user === undefined) {
      yield* process.write(2, `sudo: unknown user ${userText}\nsudo: error initializing audit plugin sudoers_audit\n`)
      return 1
    }
    const groupText = args.value('group')
    const gid = groupText === undefined ? user.gid : groupByName(process, groupText)?.gid
    if (gid === undefined) {
      yield* process.write(2, `sudo: unknown group ${groupText}\n`)
      return 1
    }
    const words = [...args.operands]
    const extra: Record<string, string> = {}
    while (words.length > 0 && /^[A-Za-z_]\w*=/.test(words[0]!)) {
      const word = words.shift()!
      extra[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
    }
    const shell = args.has('shell') || args.has('login')
    if (args.has('validate') || args.has('reset-timestamp') || args.has('remove-timestamp')) return 0
    if (words.length === 0 && !shell && !args.has('list')) {
      yield* process.write(
        2,
        'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHkNnPS] [-u user] [-g group] [VAR=value] [-i | -s] [command [arg ...]]\n',
      )
      return 1
    }
    if (!(yield* mayUseSudo(process, caller))) {
      if (args.has('non-interactive')) yield* process.write(2, 'sudo: a password is required\n')
      else yield* process.write(2, `${caller.name} is not in the sudoers file.\nThis incident has been reported to the administrator.\n`)
      return 1
    }
    if (args.has('list')) {
      yield* process.write(
        1,
        `User ${caller.name} may run the following commands on ${process.uname().nodename}:\n    (ALL : ALL) ${caller.uid === 0 ? '' : 'NOPASSWD: '}ALL\n`,
      )
      return 0
    }
    const program_ = shell ? (args.has('login') ? user.shell : (process.env['SHELL'] ?? user.shell)) : words[0]!
    const argv = shell
      ? [
          args.has('login') ? `-${program_.replace(/.*\//, '')}` : program_,
          ...(words.length > 0 ? ['-c', words.map((word) => word.replace(/[^\w\-$]/g, '\\$&')).join(' ')] : []),
        ]
      : words
    const kept = args.has('preserve-env')
      ? process.env
      : Object.fromEntries(
          Object.entries(process.env).filter(([name]) => /^(?:TERM|DISPLAY|LANG|LC_\w+|COLORS|TZ|LS_COLORS|XAUTHORITY)$/.test(name)),
        )
    const env: Record<string, string> = {
      ...(args.has('login')
        ? { TERM: process.env['TERM'] ?? 'dumb', ...(process.env['LANG'] === undefined ? {} : { LANG: process.env['LANG'] }) }
        : kept),
      PATH: securePath,
      HOME: user.home,
      SHELL: user.shell,
      USER: user.name,
      LOGNAME: user.name,
      MAIL: `/var/mail/${user.name}`,
      SUDO_COMMAND: argv.join(' '),
      SUDO_USER: caller.name,
      SUDO_UID: String(caller.uid),
      SUDO_GID: String(caller.gid),
      ...extra,
    }
    const directory = args.has('login') ? user.home : args.value('chdir')
    if (directory !== undefined) yield* process.chdir(directory)
    const found = yield* locate(process, program_)
    if (found === undefined) {
      yield* process.write(2, `sudo: ${program_}: command not found\n`)
      return 1
    }
    const cwd = yield* process.getcwd()
    const terminal = yield* process.ttyname(0)
    const tty = isErrno(terminal) ? '' : `TTY=${terminal.replace('/dev/', '')} ; `
    yield* log(
      process,
      5,
      ` ${caller.name} : ${tty}PWD=${isErrno(cwd) ? '/' : cwd} ; USER=${user.name} ; COMMAND=${[found, ...argv.slice(1)].join(' ')}`,
    )
    yield* log(
      process,
      6,
      `pam_unix(sudo:session): session opened for user ${user.name}(uid=${user.uid}) by ${tty === '' ? '' : caller.name}(uid=${caller.uid})`,
    )
    const pid = yield* process.fork(function* (child) {
      if (!(yield* becomeUser(child, user, gid))) return 1
      const error = shell ? yield* child.exec(found, argv, env) : yield* child.exec(found, argv, env)
      yield* child.write(2, `sudo: unable to execute ${found}: ${error.message}\n`)
      return 1
    })
    if (isErrno(pid)) {
      yield* process.write(2, `sudo: unable to fork: ${pid.message}\n`)
      return 1
    }
    // Ctrl-C goes to the command; sudo waits for it.
    for (const signal of [2, 3]) yield* process.sigaction(signal, 'ignore')
    if (args.has('background')) return 0
    const status = yield* waitStatus(process, pid)
    yield* log(process, 6, `pam_unix(sudo:session): session closed for user ${user.name}`)
    return status
  },
})

function* locate(process: Process, name: string): Syscall<string | undefined> {
  if (name.includes('/')) return isErrno(yield* process.stat(name)) ? undefined : name
  for (const directory of securePath.split(':')) {
    const stat = yield* process.stat(`${directory}/${name}`)
    if (!isErrno(stat) && stat.kind === 'file' && (stat.mode & 0o111) !== 0) return `${directory}/${name}`
  }
  return undefined
}

function switchProgram(name: 'su' | 'runuser', path: string): Program {
  return program({
    name,
    path,
    ...(name === 'su' ? { mode: 0o4755 } : {}),
    summary: 'run a shell or a command as another user',
    synopsis: '[options] [-] [<user> [<argument>...]]',
    options: [
      { short: 'c', long: 'command', argument: 'required', metavar: '<command>', help: 'give this to the shell' },
      { short: 'f', long: 'fast', help: 'has no effect here' },
      { short: 'g', long: 'group', argument: 'required', metavar: '<group>', help: 'as this group' },
      { short: 'l', long: 'login', help: 'a login shell' },
      { short: 'm', long: 'preserve-environment', help: 'keep the environment' },
      { short: 'p', help: 'the same' },
      { short: 'P', long: 'pty', help: 'has no effect here' },
      { short: 's', long: 'shell', argument: 'required', metavar: '<shell>', help: 'this shell' },
      { short: 'u', long: 'user', argument: 'required', metavar: '<user>', help: 'as this user (runuser)' },
      { short: 'w', long: 'whitelist-environment', argument: 'required', metavar: '<list>', help: 'has no effect here' },
    ],
    stopAtOperand: false,
    *main(process, args) {
      const words = [...args.operands]
      let login = args.has('login')
      if (words[0] === '-') {
        login = true
        words.shift()
      }
      const direct = args.value('user')
      const userName = direct ?? words.shift() ?? 'root'
      const user = userByName(process, userName)
      if (user === undefined) {
        yield* complain(process, `user ${userName} does not exist or the user entry does not contain all the required fields`)
        return 1
      }
      if (name === 'runuser' && process.uid !== 0) {
        yield* complain(process, 'may not be used by non-root users')
        return 1
      }
      if (process.uid !== 0 && process.uid !== user.uid) {
        yield* process.write(2, 'Password: \nsu: Authentication failure\n')
        return 1
      }
      const shell =
        args.value('shell') ?? (args.has('preserve-environment') || args.has('p') ? (process.env['SHELL'] ?? user.shell) : user.shell)
      const command = args.value('command')
      const env: Record<string, string> = login
        ? {
            TERM: process.env['TERM'] ?? 'dumb',
            HOME: user.home,
            SHELL: shell,
            USER: user.name,
            LOGNAME: user.name,
            PATH:
              user.uid === 0
                ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
                : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
            ...(process.env['LANG'] === undefined ? {} : { LANG: process.env['LANG'] }),
          }
        : args.has('preserve-environment') || args.has('p') || direct !== undefined
          ? { ...process.env }
          : { ...process.env, HOME: user.home, SHELL: shell, ...(user.uid === 0 ? {} : { USER: user.name, LOGNAME: user.name }) }
      const pid = yield* process.fork(function* (child) {
        const gid = args.has('group') ? (groupByName(child, args.value('group')!)?.gid ?? user.gid) : user.gid
        if (!(yield* becomeUser(child, user, gid))) {
          yield* complain(child, 'cannot set user id', errno.EPERM)
          return 1
        }
        if (login) yield* child.chdir(user.home)
        const base = shell.replace(/.*\//, '')
        const argv =
          direct !== undefined && command === undefined
            ? words
            : [login ? `-${base}` : base, ...(command === undefined ? [] : ['-c', command]), ...words]
        const error = direct !== undefined && command === undefined ? yield* execvp(child, argv, env) : yield* child.exec(shell, argv, env)
        yield* complain(child, `failed to execute ${direct !== undefined ? argv[0] : shell}`, error)
        return error === errno.ENOENT ? 127 : 126
      })
      if (isErrno(pid)) return 1
      for (const signal of [2, 3]) yield* process.sigaction(signal, 'ignore')
      return yield* waitStatus(process, pid)
    },
  })
}

export const su = switchProgram('su', '/usr/bin/su')
export const runuser = switchProgram('runuser', '/usr/sbin/runuser')
