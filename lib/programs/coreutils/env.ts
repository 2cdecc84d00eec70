// After env(1), printenv(1), nohup(1), nice(1), timeout(1): programs that run another one.
import {
  errno,
  type Errno,
  isErrno,
  O_APPEND,
  O_CREAT,
  O_WRONLY,
  type Process,
  signalFromString,
  signals,
  type Syscall,
  WUNTRACED,
} from '@/lib/kernel'
import { program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { parseInterval } from './sleep'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** execvp(3): returns only when nothing could be started. */
export function* execvp(
  process: Process,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  pathList = env['PATH'] ?? process.env['PATH'] ?? defaultPath,
): Syscall<Errno> {
  const name = words[0] ?? ''
  if (name.includes('/')) return yield* execOrShell(process, name, words, env)
  let result: Errno = errno.ENOENT
  for (const directory of pathList.split(':')) {
    const path = directory === '' ? name : `${directory}/${name}`
    const error = yield* execOrShell(process, path, words, env)
    if (error === errno.EACCES) result = error
    else if (error !== errno.ENOENT && error !== errno.ENOTDIR) return error
  }
  return result
}

/** A text file without #! is given to /bin/sh. */
function* execOrShell(process: Process, path: string, words: readonly string[], env: Readonly<Record<string, string>>): Syscall<Errno> {
  const error = yield* process.exec(path, words, env)
  return error === errno.ENOEXEC ? yield* process.exec('/bin/sh', ['/bin/sh', path, ...words.slice(1)], env) : error
}

export function* runCommand(
  process: Process,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  failure = 'failed to run command ',
): Syscall<number> {
  const error = yield* execvp(process, words, env)
  const name = words[0] ?? ''
  yield* complain(
    process,
    failure === '' ? `${quoteWord(process, name)}: ${error.message}` : `${failure}${quoteWord(process, name)}: ${error.message}`,
  )
  return error === errno.ENOENT ? 127 : 126
}

/** Splits the argument of env -S. */
const splitString = (text: string): readonly string[] =>
  (text.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs) ?? []).map((word) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
      (_all, single: string | undefined, double: string | undefined, escaped: string | undefined) => single ?? double ?? escaped ?? '',
    ),
  )

export const env = program({
  name: 'env',
  path: '/usr/bin/env',
  summary: 'run a program in a changed environment, or print the environment',
  synopsis: '[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]',
  usageStatus: 125,
  stopAtOperand: true,
  options: [
    { short: 'i', long: 'ignore-environment', help: 'begin with an empty environment' },
    { short: '0', long: 'null', help: 'end lines with NUL' },
    { short: 'u', long: 'unset', argument: 'required', metavar: 'NAME', help: 'leave NAME out' },
    { short: 'C', long: 'chdir', argument: 'required', metavar: 'DIR', help: 'work in DIR' },
    { short: 'S', long: 'split-string', argument: 'required', metavar: 'S', help: 'split S into arguments' },
    { short: 'v', long: 'debug', help: 'has no effect here' },
  ],
  rewrite: (words) => {
    const [first] = words
    if (first?.startsWith('-S') === true && first.length > 2) return [...splitString(first.slice(2)), ...words.slice(1)]
    if (first === '-S' || first === '--split-string') return [...splitString(words[1] ?? ''), ...words.slice(2)]
    return first === '-' ? ['-i', ...words.slice(1)] : words
  },
  *main(process, args) {
    const environment: Record<string, string> = args.has('ignore-environment') ? {} : { ...process.env }
    for (const name of args.values('unset')) delete environment[name]
    const operands = [...args.operands]
    if (operands[0] === '-') {
      operands.shift()
      for (const name of Object.keys(environment)) delete environment[name]
    }
    while (operands.length > 0 && operands[0]!.includes('=')) {
      const word = operands.shift()!
      environment[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
    }
    const end = args.has('null') ? '\0' : '\n'
    if (operands.length === 0) {
      yield* process.write(
        1,
        Object.entries(environment)
          .map(([name, value]) => `${name}=${value}${end}`)
          .join(''),
      )
      return 0
    }
    const directory = args.value('chdir')
    if (directory !== undefined) {
      const moved = yield* process.chdir(directory)
      if (isErrno(moved)) {
        yield* complain(process, `cannot change directory to ${quoteWord(process, directory)}`, moved)
        return 125
      }
    }
    const status = yield* runCommand(process, operands, environment, '')
    if (status === 127 && operands[0]!.includes(' ')) yield* complain(process, 'use -[v]S to pass options in shebang lines')
    return status
  },
})

export const printenv = program({
  name: 'printenv',
  path: '/usr/bin/printenv',
  summary: 'print variables of the environment',
  synopsis: '[OPTION]... [VARIABLE]...',
  usageStatus: 2,
  options: [{ short: '0', long: 'null', help: 'end lines with NUL' }],
  *main(process, args) {
    const end = args.has('null') ? '\0' : '\n'
    if (args.operands.length === 0) {
      yield* process.write(
        1,
        Object.entries(process.env)
          .map(([name, value]) => `${name}=${value}${end}`)
          .join(''),
      )
      return 0
    }
    const values = args.operands.map((name) => process.env[name])
    yield* process.write(1, values.map((value) => (value === undefined ? '' : value + end)).join(''))
    return values.includes(undefined) ? 1 : 0
  },
})

export const nohup = program({
  name: 'nohup',
  path: '/usr/bin/nohup',
  summary: 'run a command that a hang-up does not end',
  synopsis: 'COMMAND [ARG]...',
  stopAtOperand: true,
  usageStatus: 125,
  options: [],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand', 125)
    const ignoringInput = yield* process.isatty(0)
    const redirectingOut = yield* process.isatty(1)
    const redirectingErr = yield* process.isatty(2)
    if (ignoringInput) {
      const fd = yield* process.open('/dev/null', O_WRONLY)
      if (!isErrno(fd)) {
        yield* process.dup2(fd, 0)
        yield* process.close(fd)
      }
      if (!redirectingOut && !redirectingErr) yield* complain(process, 'ignoring input')
    }
    if (redirectingOut) {
      let name = 'nohup.out'
      let fd = yield* process.open(name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      if (isErrno(fd)) {
        const home = process.env['HOME']
        const first = fd
        name = `${home ?? ''}/nohup.out`
        fd = home === undefined ? first : yield* process.open(name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if (isErrno(fd)) {
          yield* complain(process, "failed to open 'nohup.out'", first)
          if (home !== undefined) yield* complain(process, `failed to open ${quoteName(name)}`, fd)
          return 125
        }
      }
      yield* process.dup2(fd, 1)
      yield* process.close(fd)
      yield* complain(
        process,
        ignoringInput ? `ignoring input and appending output to ${quoteName(name)}` : `appending output to ${quoteName(name)}`,
      )
    }
    if (redirectingErr) {
      if (!redirectingOut)
        yield* complain(process, ignoringInput ? 'ignoring input and redirecting stderr to stdout' : 'redirecting stderr to stdout')
      yield* process.dup2(1, 2)
    }
    yield* process.sigaction(signals.SIGHUP.number, 'ignore')
    const error = yield* execvp(process, args.operands, process.env)
    yield* complain(process, `failed to run command ${quoteName(args.operands[0]!)}`, error)
    return error === errno.ENOENT ? 127 : 126
  },
})

export const nice = program({
  name: 'nice',
  path: '/usr/bin/nice',
  summary: 'run a command with another niceness, or print the niceness',
  synopsis: '[OPTION] [COMMAND [ARG]...]',
  stopAtOperand: true,
  usageStatus: 125,
  options: [{ short: 'n', long: 'adjustment', argument: 'required', metavar: 'N', help: 'add N to the niceness; 10 unless told' }],
  rewrite: (words) => words.map((word, index) => (index === 0 && /^-[-+]?\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
  *main(process, args) {
    const text = args.value('adjustment')
    const before = yield* process.getpriority()
    if (isErrno(before)) {
      yield* complain(process, 'cannot get niceness', before)
      return 125
    }
    if (text !== undefined && !/^[-+]?\d+$/.test(text)) {
      yield* complain(process, `invalid adjustment ${quoteWord(process, text)}`)
      return 125
    }
    if (args.operands.length === 0) {
      if (text !== undefined) return yield* usageError(process, 'a command must be given with an adjustment', 125)
      yield* process.write(1, `${before}\n`)
      return 0
    }
    const wanted = Math.max(-20, Math.min(19, before + Number(text ?? 10)))
    const result = yield* process.setpriority(0, wanted)
    if (isErrno(result)) {
      yield* complain(process, 'cannot set niceness', result === errno.EPERM ? errno.EACCES : result)
      if (result !== errno.EPERM && result !== errno.EACCES) return 125
    }
    return yield* runCommand(process, args.operands, process.env, '')
  },
})

export const timeout = program({
  name: 'timeout',
  path: '/usr/bin/timeout',
  summary: 'run a command, and end it when it takes too long',
  synopsis: '[OPTION] DURATION COMMAND [ARG]...',
  stopAtOperand: true,
  usageStatus: 125,
  options: [
    { short: 'f', long: 'foreground', help: 'the command may use the terminal' },
    { short: 'k', long: 'kill-after', argument: 'required', metavar: 'DURATION', help: 'send KILL this long after the first signal' },
    { short: 'p', long: 'preserve-status', help: "exit with the command's status" },
    { short: 's', long: 'signal', argument: 'required', metavar: 'SIGNAL', help: 'the signal to send; TERM unless told' },
    { short: 'v', long: 'verbose', help: 'say when a signal is sent' },
  ],
  *main(process, args) {
    const [durationText, ...command] = args.operands
    if (durationText === undefined || command.length === 0) {
      yield* process.write(2, `Try '${process.argv[0]} --help' for more information.\n`)
      return 125
    }
    const duration = parseInterval(durationText)
    const killText = args.value('kill-after')
    const killAfter = killText === undefined ? undefined : parseInterval(killText)
    if (duration === undefined || (killText !== undefined && killAfter === undefined))
      return yield* usageError(
        process,
        `invalid time interval ${quoteWord(process, duration === undefined ? durationText : (killText ?? ''))}`,
        125,
      )
    const signalText = args.value('signal') ?? 'TERM'
    const signal = signalFromString(signalText.toUpperCase())
    if (signal === undefined) return yield* usageError(process, `${quoteWord(process, signalText)}: invalid signal`, 125)
    if (!args.has('foreground')) yield* process.setpgid(0, 0)
    yield* process.sigaction(signals.SIGTTIN.number, 'ignore')
    yield* process.sigaction(signals.SIGTTOU.number, 'ignore')
    let alarms = 0
    let relayed = 0
    yield* process.sigaction(
      signals.SIGALRM.number,
      noteInto(() => (alarms += 1)),
    )
    for (const one of [signals.SIGINT, signals.SIGQUIT, signals.SIGHUP, signals.SIGTERM])
      yield* process.sigaction(
        one.number,
        noteInto(() => (relayed = one.number)),
      )
    const pid = yield* process.fork(function* (child) {
      for (const one of [
        signals.SIGTTIN,
        signals.SIGTTOU,
        signals.SIGALRM,
        signals.SIGINT,
        signals.SIGQUIT,
        signals.SIGHUP,
        signals.SIGTERM,
      ])
        yield* child.sigaction(one.number, 'default')
      const error = yield* execvp(child, command, child.env)
      yield* complain(child, `failed to run command ${quoteWord(child, command[0]!)}`, error)
      return error === errno.ENOENT ? 127 : 126
    })
    if (isErrno(pid)) {
      yield* complain(process, 'fork system call failed', pid)
      return 125
    }
    if (duration > 0 && Number.isFinite(duration)) yield* process.alarm(duration * 1e6)
    let timedOut = false
    let killed = false
    for (;;) {
      const result = yield* process.waitpid(pid, WUNTRACED)
      if (result !== undefined && !isErrno(result)) {
        if (result.how === 'stopped' || result.how === 'continued') continue
        const own = result.how === 'exited' ? result.status : 128 + result.signal
        if (!timedOut) {
          if (result.how !== 'exited') {
            // Die as the command did.
            yield* process.sigaction(result.signal, 'default')
            yield* process.kill(process.pid, result.signal)
          }
          return own
        }
        return args.has('preserve-status') || killed || signal === signals.SIGKILL.number
          ? args.has('preserve-status')
            ? own
            : killed || signal === 9
              ? 137
              : 124
          : 124
      }
      if (result !== errno.EINTR) return 125
      if (alarms > 0 || relayed > 0) {
        const sent: number = alarms > 0 ? (timedOut ? signals.SIGKILL.number : signal) : relayed
        if (alarms > 0) {
          if (timedOut) killed = true
          timedOut = true
          if (args.has('verbose'))
            yield* complain(
              process,
              `sending signal ${sent === 9 ? 'KILL' : signalText.toUpperCase().replace(/^SIG/, '')} to command ${quoteWord(process, command[0]!)}`,
            )
          if (killAfter !== undefined && !killed) yield* process.alarm(killAfter * 1e6)
        }
        alarms = 0
        relayed = 0
        yield* process.kill(pid, sent)
        if (!args.has('foreground')) {
          if (sent !== 9) yield* process.sigaction(sent, 'ignore')
          yield* process.kill(0, sent)
        }
        if (sent !== signals.SIGKILL.number && sent !== signals.SIGCONT.number) yield* process.kill(pid, signals.SIGCONT.number)
      }
    }
  },
})

const noteInto = (note: () => void) =>
  function* () {
    note()
  }
