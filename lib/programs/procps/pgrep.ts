// After pgrep(1), pkill(1), pidwait(1), pidof(1), kill(1), killall(1).
import { errno, isErrno, type Process, signalFromString, signalName, type Syscall } from '@/lib/kernel'
import { extendedRegex, signalTable } from '@/lib/shell'
import { type Arguments, type OptionRow, type Program, program } from '../program'
import { complain } from '../stdio'
import { groupByName, userByName } from '../user-table'
import { commandOf, type ProcessRow, readProcesses, startUsecOf, terminalName } from './process-table'

const hint = (name: string): string => `\nUsage:\n ${name} [options] <pattern>\n\nFor more details see ${name}(1).\n`

const rows: readonly OptionRow[] = [
  { short: 'd', long: 'delimiter', argument: 'required', metavar: '<string>', help: 'what stands between pids' },
  { short: 'l', long: 'list-name', help: 'show names too' },
  { short: 'a', long: 'list-full', help: 'show command lines too' },
  { short: 'v', long: 'inverse', help: 'those that do not match' },
  { short: 'w', long: 'lightweight', help: 'has no effect here' },
  { short: 'c', long: 'count', help: 'only count' },
  { short: 'f', long: 'full', help: 'match the whole command line' },
  { short: 'g', long: 'pgroup', argument: 'required', metavar: '<id,...>', help: 'of these process groups' },
  { short: 'G', long: 'group', argument: 'required', metavar: '<gid,...>', help: 'of these groups' },
  { short: 'i', long: 'ignore-case', help: 'capitals equal small letters' },
  { short: 'n', long: 'newest', help: 'only the newest' },
  { short: 'o', long: 'oldest', help: 'only the oldest' },
  { short: 'O', long: 'older', argument: 'required', metavar: '<seconds>', help: 'older than this' },
  { short: 'P', long: 'parent', argument: 'required', metavar: '<ppid,...>', help: 'children of these' },
  { short: 's', long: 'session', argument: 'required', metavar: '<sid,...>', help: 'of these sessions' },
  { long: 'signal', argument: 'required', metavar: '<sig>', help: 'the signal to send' },
  { short: 't', long: 'terminal', argument: 'required', metavar: '<tty,...>', help: 'of these terminals' },
  { short: 'u', long: 'euid', argument: 'required', metavar: '<id,...>', help: 'of these users' },
  { short: 'U', long: 'uid', argument: 'required', metavar: '<id,...>', help: 'of these real users' },
  { short: 'x', long: 'exact', help: 'the whole name must match' },
  { short: 'F', long: 'pidfile', argument: 'required', metavar: '<file>', help: 'pids from a file' },
  { short: 'r', long: 'runstates', argument: 'required', metavar: '<state>', help: 'in these states' },
  { short: 'e', long: 'echo', help: 'say what is killed' },
  { short: 'q', long: 'queue', argument: 'required', metavar: '<value>', help: 'has no effect here' },
  { short: 'A', long: 'ignore-ancestors', help: 'not the parents of this program' },
]

const split = (text: string | undefined): readonly string[] | undefined => (text === undefined ? undefined : text.split(','))

/** Undefined after a message. */
function* matching(process: Process, args: Arguments): Syscall<readonly ProcessRow[] | undefined> {
  const [pattern] = args.operands
  let regex: RegExp | undefined
  if (pattern !== undefined) {
    regex = extendedRegex(args.has('exact') ? `^(?:${pattern})$` : pattern, args.has('ignore-case') ? 'i' : '')
    if (regex === undefined) {
      yield* complain(process, `regex error: Invalid preceding regular expression`)
      return undefined
    }
  }
  const number = (text: string, own: number) => (text === '0' ? own : Number(text))
  const uids = (text: string | undefined) => split(text)?.map((one) => userByName(process, one)?.uid ?? Number(one))
  const euid = uids(args.value('euid'))
  const ruid = uids(args.value('uid'))
  const gids = split(args.value('group'))?.map((one) => groupByName(process, one)?.gid ?? Number(one))
  const ownGroup = yield* process.getpgid()
  const ownSession = yield* process.getsid()
  const groups = split(args.value('pgroup'))?.map((one) => number(one, isErrno(ownGroup) ? 0 : ownGroup))
  const sessions = split(args.value('session'))?.map((one) => number(one, isErrno(ownSession) ? 0 : ownSession))
  const parents = split(args.value('parent'))?.map(Number)
  const terminals = split(args.value('terminal'))?.map((one) => one.replace(/^\/dev\//, ''))
  const older = args.value('older')
  const states = args.value('runstates')
  let found = readProcesses(process).filter((row) => {
    if (row.pid === process.pid) return false
    const text = args.has('full') && row.args.length > 0 ? commandOf(row) : row.comm
    const fits =
      (regex === undefined || regex.test(text)) &&
      (euid?.includes(row.uid) ?? true) &&
      (ruid?.includes(row.ruid) ?? true) &&
      (gids?.includes(row.rgid) ?? true) &&
      (groups?.includes(row.pgid) ?? true) &&
      (sessions?.includes(row.sid) ?? true) &&
      (parents?.includes(row.ppid) ?? true) &&
      (terminals?.includes(terminalName(row.tty)) ?? true) &&
      (states?.includes(row.state) ?? true) &&
      (older === undefined || process.realtimeUsec - startUsecOf(process, row) >= Number(older) * 1e6)
    return fits !== args.has('inverse')
  })
  if (args.has('newest') || args.has('oldest')) {
    const ordered = [...found].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
    const one = args.has('newest') ? ordered.at(-1) : ordered[0]
    found = one === undefined ? [] : [one]
  }
  return found
}

/** `-9`, `-TERM`, `-SIGHUP` become --signal. */
const signalWords = (words: readonly string[]): readonly string[] =>
  words.map((word) => {
    const match = /^-(\d+|(?:SIG)?[A-Z][A-Z0-9+-]+)$/.exec(word)
    return match !== null && signalFromString(match[1]!) !== undefined ? `--signal=${match[1]}` : word
  })

function* checkPattern(process: Process, args: Arguments): Syscall<boolean> {
  const name = (process.argv[0] ?? '').replace(/.*\//, '')
  if (args.operands.length > 1) {
    yield* process.write(2, `${name}: only one pattern can be provided\nTry \`${name} --help' for more information.\n`)
    return false
  }
  const criteria = ['pgroup', 'group', 'parent', 'session', 'terminal', 'euid', 'uid', 'older', 'runstates', 'pidfile'].some((one) =>
    args.has(one),
  )
  if (args.operands.length === 0 && !criteria) {
    yield* process.write(2, `${name}: no matching criteria specified\nTry \`${name} --help' for more information.\n`)
    return false
  }
  const [pattern] = args.operands
  if (pattern !== undefined && pattern.length > 15 && !args.has('full') && /^[\w.-]+$/.test(pattern)) {
    yield* process.write(
      2,
      `${name}: pattern that searches for process name longer than 15 characters will result in zero matches\nTry \`${name} -f' option to match against the complete command line.\n`,
    )
  }
  return true
}

export const pgrep = program({
  name: 'pgrep',
  path: '/usr/bin/pgrep',
  summary: 'print the pids of processes that match',
  synopsis: '[options] <pattern>',
  usageStatus: 2,
  usageHint: hint,
  options: rows,
  rewrite: signalWords,
  *main(process, args) {
    if (!(yield* checkPattern(process, args))) return 2
    const found = yield* matching(process, args)
    if (found === undefined) return 2
    if (args.has('count')) yield* process.write(1, `${found.length}\n`)
    else if (found.length > 0) {
      const items = found.map((row) =>
        args.has('list-full') ? `${row.pid} ${commandOf(row)}` : args.has('list-name') ? `${row.pid} ${row.comm}` : String(row.pid),
      )
      yield* process.write(1, `${items.join(args.value('delimiter') ?? '\n')}\n`)
    }
    return found.length > 0 ? 0 : 1
  },
})

function* signalOf(process: Process, args: Arguments): Syscall<number | undefined> {
  const text = args.value('signal') ?? 'TERM'
  const signal = text === '0' ? 0 : signalFromString(text.toUpperCase())
  if (signal === undefined) yield* complain(process, `Unknown signal "${text}".`)
  return signal
}

export const pkill = program({
  name: 'pkill',
  path: '/usr/bin/pkill',
  summary: 'send a signal to processes that match',
  synopsis: '[options] <pattern>',
  usageStatus: 2,
  usageHint: hint,
  options: rows,
  rewrite: signalWords,
  *main(process, args) {
    if (!(yield* checkPattern(process, args))) return 2
    const signal = yield* signalOf(process, args)
    if (signal === undefined) return 2
    const found = yield* matching(process, args)
    if (found === undefined) return 2
    let killed = 0
    for (const row of found) {
      const result = yield* process.kill(row.pid, signal)
      if (isErrno(result)) {
        if (result !== errno.ESRCH) yield* complain(process, `killing pid ${row.pid} failed`, result)
        continue
      }
      killed += 1
      if (args.has('echo')) yield* process.write(1, `${row.comm} killed (pid ${row.pid})\n`)
    }
    if (args.has('count')) yield* process.write(1, `${found.length}\n`)
    return killed > 0 ? 0 : 1
  },
})

export const pidof = program({
  name: 'pidof',
  path: '/usr/bin/pidof',
  summary: 'print the pids of running programs',
  synopsis: '[options] [program [...]]',
  options: [
    { short: 's', long: 'single-shot', help: 'only one pid' },
    { short: 'q', help: 'only the exit status' },
    { short: 'x', help: 'scripts too' },
    { short: 'o', long: 'omit-pid', argument: 'required', metavar: '<PID,...>', help: 'leave out these' },
    { short: 'S', long: 'separator', argument: 'required', metavar: 'SEP', help: 'what stands between pids' },
  ],
  *main(process, args) {
    const omitted = new Set(args.values('omit-pid').flatMap((text) => text.split(',').map(Number)))
    const found = readProcesses(process)
      .filter((row) => row.pid !== process.pid && !omitted.has(row.pid))
      .filter((row) =>
        args.operands.some((name) => {
          const base = name.replace(/.*\//, '')
          const first = row.args[0] ?? ''
          if (name.includes('/')) return row.exe === name || first === name
          return (
            first.replace(/.*\//, '').replace(/^-/, '') === base ||
            row.comm === base.slice(0, 15) ||
            (args.has('x') && (row.args[1] ?? '').replace(/.*\//, '') === base)
          )
        }),
      )
      .map((row) => row.pid)
      .reverse()
    const shown = args.has('single-shot') ? found.slice(0, 1) : found
    if (shown.length > 0 && !args.has('q')) yield* process.write(1, `${shown.join(args.value('separator') ?? ' ')}\n`)
    return shown.length > 0 ? 0 : 1
  },
})

export const kill = program({
  name: 'kill',
  path: '/usr/bin/kill',
  summary: 'send a signal to processes',
  synopsis: '[options] <pid> [...]',
  options: [],
  raw: true,
  *main(process, args) {
    const words = [...args.operands]
    const usage = `\nUsage:\n ${process.argv[0]} [options] <pid> [...]\n\nFor more details see kill(1).\n`
    let signal = 15
    const [first] = words
    if (first === undefined || first === '--help' || first === '-h') {
      yield* process.write(first === undefined ? 2 : 1, usage)
      return first === undefined ? 1 : 0
    }
    if (first === '-l' || first === '-L' || first === '--list' || first === '--table') {
      const [, one] = words
      if (one === undefined)
        yield* process.write(
          1,
          first === '-L' || first === '--table'
            ? signalTable()
            : `${Array.from({ length: 31 }, (_, index) => signalName(index + 1)?.slice(3)).join(' ')}\n`,
        )
      else
        yield* process.write(
          1,
          `${/^\d+$/.test(one) ? (signalName(Number(one) > 128 ? Number(one) - 128 : Number(one))?.slice(3) ?? one) : (signalFromString(one.toUpperCase()) ?? one)}\n`,
        )
      return 0
    }
    if (/^(?:-s|--signal)(?:=|$)/.test(first) || (first.startsWith('-') && first !== '--')) {
      words.shift()
      const text = first === '-s' || first === '--signal' ? (words.shift() ?? '') : first.replace(/^(?:--signal=|-s=?|-n|-)/, '')
      const found = text === '0' ? 0 : signalFromString(text.toUpperCase())
      if (found === undefined) {
        yield* process.write(2, `${process.argv[0]}: unknown signal ${text}\n`)
        return 1
      }
      signal = found
    }
    if (words[0] === '--') words.shift()
    if (words.length === 0) {
      yield* process.write(2, usage)
      return 1
    }
    let status = 0
    for (const text of words) {
      if (!/^-?\d+$/.test(text)) {
        yield* complain(process, `failed to parse argument: '${text}'`)
        return 1
      }
      const result = yield* process.kill(Number(text), signal)
      if (isErrno(result)) {
        yield* complain(process, `(${text}): ${result.message}`)
        status = 1
      }
    }
    return status
  },
})

export const killall = program({
  name: 'killall',
  path: '/usr/bin/killall',
  summary: 'send a signal to processes by name',
  synopsis: '[OPTION]... [--] NAME...',
  options: [
    { short: 'e', long: 'exact', help: 'the whole name must match' },
    { short: 'I', long: 'ignore-case', help: 'capitals equal small letters' },
    { short: 'g', long: 'process-group', help: 'their process groups' },
    { short: 'i', long: 'interactive', help: 'has no effect here' },
    { short: 'l', long: 'list', help: 'names of signals' },
    { short: 'q', long: 'quiet', help: 'no message when nothing is killed' },
    { short: 'r', long: 'regexp', help: 'NAME is an expression' },
    { short: 's', long: 'signal', argument: 'required', metavar: 'SIGNAL', help: 'the signal to send' },
    { short: 'u', long: 'user', argument: 'required', metavar: 'USER', help: 'only of this user' },
    { short: 'v', long: 'verbose', help: 'say what is killed' },
    { short: 'w', long: 'wait', help: 'wait until they are gone' },
  ],
  rewrite: signalWords,
  *main(process, args) {
    if (args.has('list')) {
      yield* process.write(1, `${Array.from({ length: 31 }, (_, index) => signalName(index + 1)?.slice(3)).join(' ')}\n`)
      return 0
    }
    const signal = yield* signalOf(process, args)
    if (signal === undefined) return 1
    const user = args.value('user')
    const uid = user === undefined ? undefined : userByName(process, user)?.uid
    if (user !== undefined && uid === undefined) {
      yield* process.write(2, `Cannot find user ${user}\n`)
      return 1
    }
    let status = args.operands.length === 0 && uid === undefined ? 1 : 0
    const killed: number[] = []
    for (const name of args.operands.length === 0 ? [''] : args.operands) {
      const regex = args.has('regexp') ? extendedRegex(name, args.has('ignore-case') ? 'i' : '') : undefined
      const same = (text: string) =>
        args.has('ignore-case')
          ? text.toLowerCase() === name.replace(/.*\//, '').slice(0, 15).toLowerCase()
          : text === name.replace(/.*\//, '').slice(0, 15)
      const found = readProcesses(process).filter(
        (row) =>
          row.pid !== process.pid && (uid === undefined || row.uid === uid) && (name === '' || (regex?.test(row.comm) ?? same(row.comm))),
      )
      let count = 0
      for (const row of found) {
        const result = yield* process.kill(args.has('process-group') ? -row.pgid : row.pid, signal)
        if (isErrno(result)) {
          if (!args.has('quiet')) yield* process.write(2, `${row.comm}(${row.pid}): ${result.message}\n`)
          continue
        }
        count += 1
        killed.push(row.pid)
        if (args.has('verbose')) yield* process.write(2, `Killed ${row.comm}(${row.pid}) with signal ${signal}\n`)
      }
      if (count === 0) {
        if (found.length === 0 && !args.has('quiet')) yield* process.write(2, `${name}: no process found\n`)
        status = 1
      }
    }
    if (args.has('wait')) for (const pid of killed) while (!isErrno(yield* process.kill(pid, 0))) yield* process.nanosleep(1_000_000)
    return status
  },
})

export const killPrograms: readonly Program[] = [pgrep, pkill, pidof, kill, killall]
