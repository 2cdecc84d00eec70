// After ps(1) of procps: UNIX, BSD and GNU options.
import { type LocalTime, strftime } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { Output } from '../stdio'
import { groupByName, nameTables, userByName } from '../user-table'
import {
  commandOf,
  memoryTotal,
  type ProcessRow,
  readProcesses,
  startUsecOf,
  stateLetters,
  terminalName,
  TICKS_PER_SEC,
  unitOf,
} from './process-table'

type Context = {
  readonly process: Process
  readonly local: LocalTime
  readonly names: ReturnType<typeof nameTables>
  readonly memoryKb: number
}
type Column = {
  readonly title: string
  readonly width: number
  readonly right?: boolean
  readonly value: (row: ProcessRow, context: Context) => string
}

const two = (value: number): string => String(value).padStart(2, '0')

function clock(seconds: number): string {
  const days = Math.floor(seconds / 86400)
  return `${days > 0 ? `${days}-` : ''}${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function elapsed(seconds: number): string {
  const days = Math.floor(seconds / 86400)
  const hours = Math.floor(seconds / 3600) % 24
  return `${days > 0 ? `${days}-` : ''}${days > 0 || hours > 0 ? `${two(hours)}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

const cpuSeconds = (row: ProcessRow): number => Math.floor((row.userTicks + row.systemTicks) / TICKS_PER_SEC)
const ageSeconds = (row: ProcessRow, context: Context): number =>
  Math.max(0, Math.floor((context.process.realtimeUsec - startUsecOf(context.process, row)) / 1e6))
const started = (format: string, row: ProcessRow, context: Context): string => {
  const usec = startUsecOf(context.process, row)
  return strftime(format, context.local.localtime(Math.floor(usec / 1e6)), usec)
}
const isToday = (row: ProcessRow, context: Context): boolean =>
  started('%F', row, context) === strftime('%F', context.local.localtime(Math.floor(context.process.realtimeUsec / 1e6)), 0)

function cpuPercent(row: ProcessRow, context: Context): string {
  const age = (context.process.realtimeUsec - startUsecOf(context.process, row)) / 1e6
  const percent = age <= 0 ? 0 : ((row.userTicks + row.systemTicks) / TICKS_PER_SEC / age) * 100
  return percent >= 99.95 ? String(Math.round(percent)) : percent.toFixed(1)
}

const shortUser = (name: string, uid: number, width: number): string =>
  name.length > width ? (width < 8 ? String(uid) : `${name.slice(0, width - 1)}+`) : name
const classNames = ['TS', 'FF', 'RR', 'B', '?', 'IDL', 'DLN']
const realtime = (row: ProcessRow): boolean => row.policy === 1 || row.policy === 2

const columns: Readonly<Record<string, Column>> = {
  pid: { title: 'PID', width: 7, right: true, value: (row) => String(row.pid) },
  ppid: { title: 'PPID', width: 7, right: true, value: (row) => String(row.ppid) },
  pgid: { title: 'PGID', width: 7, right: true, value: (row) => String(row.pgid) },
  sid: { title: 'SID', width: 7, right: true, value: (row) => String(row.sid) },
  tpgid: { title: 'TPGID', width: 7, right: true, value: (row) => String(row.tpgid) },
  lwp: { title: 'LWP', width: 7, right: true, value: (row) => String(row.pid) },
  tty: { title: 'TT', width: 8, value: (row) => terminalName(row.tty) },
  tname: { title: 'TTY', width: 8, value: (row) => terminalName(row.tty) },
  stat: { title: 'STAT', width: 4, value: stateLetters },
  s: { title: 'S', width: 1, value: (row) => row.state },
  cmd: { title: 'CMD', width: 27, value: commandOf },
  args: { title: 'COMMAND', width: 27, value: commandOf },
  ucmd: { title: 'CMD', width: 15, value: (row) => row.comm + (row.state === 'Z' ? ' <defunct>' : '') },
  comm: { title: 'COMMAND', width: 15, value: (row) => row.comm + (row.state === 'Z' ? ' <defunct>' : '') },
  user: { title: 'USER', width: 8, value: (row, context) => context.names.user(row.uid) },
  euser: { title: 'EUSER', width: 8, value: (row, context) => context.names.user(row.uid) },
  ruser: { title: 'RUSER', width: 8, value: (row, context) => context.names.user(row.ruid) },
  uidname: { title: 'UID', width: 8, value: (row, context) => context.names.user(row.uid) },
  group: { title: 'GROUP', width: 8, value: (row, context) => context.names.group(row.gid) },
  egroup: { title: 'EGROUP', width: 8, value: (row, context) => context.names.group(row.gid) },
  rgroup: { title: 'RGROUP', width: 8, value: (row, context) => context.names.group(row.rgid) },
  uid: { title: 'UID', width: 5, right: true, value: (row) => String(row.uid) },
  euid: { title: 'EUID', width: 5, right: true, value: (row) => String(row.uid) },
  ruid: { title: 'RUID', width: 5, right: true, value: (row) => String(row.ruid) },
  gid: { title: 'GID', width: 5, right: true, value: (row) => String(row.gid) },
  egid: { title: 'EGID', width: 5, right: true, value: (row) => String(row.gid) },
  ni: { title: 'NI', width: 3, right: true, value: (row) => (realtime(row) ? '-' : String(row.nice)) },
  pri: { title: 'PRI', width: 3, right: true, value: (row) => String(39 - (row.priority + 20)) },
  opri: { title: 'PRI', width: 3, right: true, value: (row) => String(60 + row.priority) },
  cls: { title: 'CLS', width: 3, right: true, value: (row) => classNames[row.policy] ?? '?' },
  rtprio: { title: 'RTPRIO', width: 6, right: true, value: (row) => (realtime(row) ? String(row.rtPriority) : '-') },
  '%cpu': { title: '%CPU', width: 4, right: true, value: cpuPercent },
  c: { title: 'C', width: 2, right: true, value: (row, context) => String(Math.min(99, Math.floor(Number(cpuPercent(row, context))))) },
  '%mem': { title: '%MEM', width: 4, right: true, value: (row, context) => ((row.rssPages * 4 * 100) / context.memoryKb).toFixed(1) },
  vsz: { title: 'VSZ', width: 6, right: true, value: (row) => String(Math.floor(row.vsize / 1024)) },
  rss: { title: 'RSS', width: 5, right: true, value: (row) => String(row.rssPages * 4) },
  sz: { title: 'SZ', width: 5, right: true, value: (row) => String(Math.floor(row.vsize / 4096)) },
  time: { title: 'TIME', width: 8, right: true, value: (row) => clock(cpuSeconds(row)) },
  bsdtime: { title: 'TIME', width: 6, right: true, value: (row) => `${Math.floor(cpuSeconds(row) / 60)}:${two(cpuSeconds(row) % 60)}` },
  etime: { title: 'ELAPSED', width: 11, right: true, value: (row, context) => elapsed(ageSeconds(row, context)) },
  etimes: { title: 'ELAPSED', width: 7, right: true, value: (row, context) => String(ageSeconds(row, context)) },
  stime: { title: 'STIME', width: 5, value: (row, context) => started(isToday(row, context) ? '%H:%M' : '%b%d', row, context) },
  bsdstart: {
    title: 'START',
    width: 6,
    value: (row, context) => (isToday(row, context) ? started(' %H:%M', row, context).trim() : started('%b %d', row, context)),
  },
  start: {
    title: 'STARTED',
    width: 8,
    right: true,
    value: (row, context) => started(ageSeconds(row, context) < 86400 ? '%H:%M:%S' : '  %b %d', row, context),
  },
  lstart: { title: 'STARTED', width: 24, right: true, value: (row, context) => started('%a %b %e %H:%M:%S %Y', row, context) },
  wchan: { title: 'WCHAN', width: 6, value: (row) => (row.state === 'R' ? '-' : 'do_sys') },
  psr: { title: 'PSR', width: 3, right: true, value: (row) => String(row.processor) },
  nlwp: { title: 'NLWP', width: 4, right: true, value: (row) => String(row.threads) },
  f: { title: 'F', width: 1, right: true, value: (row) => (row.ppid === 2 || row.pid === 2 ? '1' : row.uid === 0 ? '4' : '0') },
  addr: { title: 'ADDR', width: 4, right: true, value: () => '-' },
  unit: { title: 'UNIT', width: 31, value: (row) => unitOf(row.cgroup).unit ?? '-' },
  uunit: { title: 'UUNIT', width: 31, value: (row) => unitOf(row.cgroup).userUnit ?? '-' },
  slice: { title: 'SLICE', width: 31, value: (row) => unitOf(row.cgroup).slice ?? '-' },
  cgroup: { title: 'CGROUP', width: 27, value: (row) => `0::${row.cgroup}` },
  cgroupns: { title: 'CGROUPNS', width: 10, right: true, value: () => '4026531835' },
  exe: { title: 'EXE', width: 27, value: (row) => row.exe ?? '-' },
  label: { title: 'LABEL', width: 31, value: () => 'unconfined' },
}
const aliases: Readonly<Record<string, string>> = {
  command: 'args',
  ucomm: 'comm',
  pcpu: '%cpu',
  pmem: '%mem',
  tt: 'tty',
  nice: 'ni',
  state: 's',
  session: 'sid',
  sess: 'sid',
  pgrp: 'pgid',
  uname: 'user',
  vsize: 'vsz',
  rssize: 'rss',
  rsz: 'rss',
  class: 'cls',
  policy: 'cls',
  cputime: 'time',
  start_time: 'stime',
  tid: 'lwp',
  spid: 'lwp',
  thcount: 'nlwp',
  flag: 'f',
  flags: 'f',
  priority: 'pri',
  ttyname: 'tty',
}

/** A column as it was asked for: own title and width. */
type Shown = { readonly key: string; readonly title: string; readonly width: number; readonly column: Column }
const shown = (key: string): Shown => ({ key, title: columns[key]!.title, width: columns[key]!.width, column: columns[key]! })

const formats: Readonly<Record<string, readonly string[]>> = {
  default: ['pid', 'tname', 'time', 'ucmd'],
  f: ['uidname', 'pid', 'ppid', 'c', 'stime', 'tname', 'time', 'cmd'],
  F: ['uidname', 'pid', 'ppid', 'c', 'sz', 'rss', 'psr', 'stime', 'tname', 'time', 'cmd'],
  l: ['f', 's', 'uid', 'pid', 'ppid', 'c', 'opri', 'ni', 'addr', 'sz', 'wchan', 'tname', 'time', 'ucmd'],
  j: ['pid', 'pgid', 'sid', 'tname', 'time', 'ucmd'],
  bsd: ['pid', 'tname', 'stat', 'bsdtime', 'args'],
  bsdu: ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tname', 'stat', 'bsdstart', 'bsdtime', 'args'],
  bsdj: ['ppid', 'pid', 'pgid', 'sid', 'tname', 'tpgid', 'stat', 'uid', 'bsdtime', 'args'],
  bsdl: ['f', 'uid', 'pid', 'ppid', 'opri', 'ni', 'vsz', 'rss', 'wchan', 'stat', 'tname', 'bsdtime', 'args'],
}

class PsProblem extends Error {}

class Selection {
  all = false
  everyTerminal = false
  withoutTerminal = false
  bsd = false
  negated = false
  running = false
  forest = false
  header = true
  wide = false
  sort: string[] = []
  format: readonly string[] | undefined
  own: Shown[] = []
  readonly lists: ((row: ProcessRow) => boolean)[] = []
}

function parseFormat(text: string): Shown[] {
  const result: Shown[] = []
  for (const item of text.split(/[,\s]+(?![^=]*$)|,|\s+/).filter((one) => one !== '')) {
    const [spec, ...titleParts] = item.split('=')
    const [name = '', width] = spec!.toLowerCase().split(':')
    const key = columns[name] === undefined ? aliases[name] : name
    if (key === undefined || key === 'uidname') throw new PsProblem(`error: unknown user-defined format specifier "${name}"`)
    const column = columns[key]!
    const title =
      titleParts.length > 0
        ? titleParts.join('=')
        : name === 'ucomm' || name === 'comm' || name === 'command' || name === 'args'
          ? 'COMMAND'
          : column.title
    result.push({ key, title, width: width === undefined ? Math.max(column.width, title.length) : Number(width), column })
  }
  return result
}

const listOf = (text: string): string[] => text.split(/[,\s]+/).filter((one) => one !== '')

function pidList(text: string): ReadonlySet<number> {
  const items = listOf(text)
  for (const item of items) if (!/^\d+$/.test(item)) throw new PsProblem('error: process ID list syntax error')
  return new Set(items.map(Number))
}

function userList(process: Process, text: string): ReadonlySet<number> {
  return new Set(
    listOf(text).map((name) => {
      const uid = userByName(process, name)?.uid ?? (/^\d+$/.test(name) ? Number(name) : undefined)
      if (uid === undefined) throw new PsProblem('error: user name does not exist')
      return uid
    }),
  )
}

const cleanTty = (text: string): string => text.replace(/^\/dev\//, '').replace(/^(\d+)$/, 'tty$1')

function readOptions(process: Process, words: readonly string[]): Selection {
  const selection = new Selection()
  const queue = [...words]
  const take = (rest: string): string => {
    const value = rest === '' ? queue.shift() : rest
    if (value === undefined) throw new PsProblem('error: list of values must follow')
    return value
  }
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.startsWith('--')) longOption(process, selection, word, take)
    else if (word.startsWith('-')) {
      for (let at = 1; at < word.length; at++) {
        const rest = word.slice(at + 1)
        if (unixOption(process, selection, word[at]!, () => take(rest))) break
      }
    } else if (/^\d/.test(word)) {
      const pids = pidList(word)
      selection.lists.push((row) => pids.has(row.pid))
    } else {
      for (let at = 0; at < word.length; at++) {
        const rest = word.slice(at + 1)
        if (bsdOption(process, selection, word[at]!, () => take(rest))) break
      }
    }
  }
  return selection
}

function longOption(process: Process, selection: Selection, word: string, take: (rest: string) => string): void {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const value = () => (equals < 0 ? take('') : word.slice(equals + 1))
  switch (name) {
    case 'pid': {
      const pids = pidList(value())
      selection.lists.push((row) => pids.has(row.pid))
      return
    }
    case 'ppid': {
      const pids = pidList(value())
      selection.lists.push((row) => pids.has(row.ppid))
      return
    }
    case 'sid': {
      const pids = pidList(value())
      selection.lists.push((row) => pids.has(row.sid))
      return
    }
    case 'user':
    case 'User': {
      const users = userList(process, value())
      selection.lists.push((row) => users.has(name === 'user' ? row.uid : row.ruid))
      return
    }
    case 'group':
    case 'Group': {
      const groups = new Set(listOf(value()).map((one) => groupByName(process, one)?.gid ?? Number(one)))
      selection.lists.push((row) => groups.has(row.gid))
      return
    }
    case 'tty': {
      const terminals = listOf(value()).map(cleanTty)
      selection.lists.push((row) => terminals.includes(terminalName(row.tty)))
      return
    }
    case 'format':
      selection.own.push(...parseFormat(value()))
      return
    case 'sort':
      selection.sort = listOf(value())
      return
    case 'forest':
      selection.forest = true
      return
    case 'deselect':
      selection.negated = true
      return
    case 'no-headers':
    case 'no-heading':
    case 'noheader':
    case 'noheaders':
      selection.header = false
      return
    case 'headers':
    case 'cumulative':
      return
    case 'cols':
    case 'columns':
    case 'width':
    case 'rows':
    case 'lines':
      value()
      return
    default:
      throw new PsProblem(`error: unknown gnu long option`)
  }
}

/** True when the rest of the word was an argument. */
function unixOption(process: Process, selection: Selection, letter: string, value: () => string): boolean {
  switch (letter) {
    case 'e':
    case 'A':
      selection.all = true
      return false
    case 'a':
      selection.lists.push((row) => row.tty !== 0 && row.sid !== row.pid)
      return false
    case 'd':
      selection.lists.push((row) => row.sid !== row.pid)
      return false
    case 'N':
      selection.negated = true
      return false
    case 'f':
    case 'F':
    case 'l':
    case 'j':
      selection.format = letter === 'f' && selection.format === formats['j'] ? formats['f'] : formats[letter]
      return false
    case 'H':
      selection.forest = true
      return false
    case 'w':
      selection.wide = true
      return false
    case 'y':
    case 'c':
    case 'L':
    case 'T':
    case 'm':
    case 'M':
    case 'P':
      return false
    case 'V':
      throw new PsProblem('\0version')
    case 'o':
      selection.own.push(...parseFormat(value()))
      return true
    case 'O':
      selection.own.push(shown('pid'), ...parseFormat(value()), shown('s'), shown('tname'), shown('time'), shown('args'))
      return true
    case 'p':
    case 'q': {
      const pids = pidList(value())
      selection.lists.push((row) => pids.has(row.pid))
      return true
    }
    case 'C': {
      const names = listOf(value())
      selection.lists.push((row) => names.some((name) => name.slice(0, 15) === row.comm))
      return true
    }
    case 'u':
    case 'U': {
      const users = userList(process, value())
      selection.lists.push((row) => users.has(letter === 'u' ? row.uid : row.ruid))
      return true
    }
    case 'g':
    case 'G': {
      const groups = new Set(listOf(value()).map((one) => (/^\d+$/.test(one) ? Number(one) : (groupByName(process, one)?.gid ?? -1))))
      selection.lists.push((row) => (letter === 'G' ? groups.has(row.rgid) : groups.has(row.sid)))
      return true
    }
    case 's': {
      const sessions = pidList(value())
      selection.lists.push((row) => sessions.has(row.sid))
      return true
    }
    case 't': {
      const terminals = listOf(value()).map(cleanTty)
      selection.lists.push((row) => terminals.includes(terminalName(row.tty)))
      return true
    }
    default:
      throw new PsProblem('error: unsupported SysV option')
  }
}

function bsdOption(process: Process, selection: Selection, letter: string, value: () => string): boolean {
  selection.bsd = true
  switch (letter) {
    case 'a':
      selection.everyTerminal = true
      return false
    case 'x':
      selection.withoutTerminal = true
      return false
    case 'u':
    case 'j':
    case 'l':
      selection.format = formats[`bsd${letter}`]
      return false
    case 'f':
      selection.forest = true
      return false
    case 'r':
      selection.running = true
      return false
    case 'h':
      selection.header = false
      return false
    case 'w':
      selection.wide = true
      return false
    case 'e':
    case 'g':
    case 'c':
    case 'n':
    case 'S':
    case 'H':
    case 'm':
      return false
    case 'T':
      selection.lists.push((row) => row.pid > 0)
      return false
    case 'o':
      selection.own.push(...parseFormat(value()))
      return true
    case 'k':
      selection.sort = listOf(value())
      return true
    case 'p': {
      const pids = pidList(value())
      selection.lists.push((row) => pids.has(row.pid))
      return true
    }
    case 'U': {
      const users = userList(process, value())
      selection.lists.push((row) => users.has(row.uid))
      return true
    }
    case 't': {
      const terminals = listOf(value()).map(cleanTty)
      selection.lists.push((row) => terminals.includes(terminalName(row.tty)))
      return true
    }
    default:
      throw new PsProblem('error: unsupported option (BSD syntax)')
  }
}

function sortRows(rows: readonly ProcessRow[], keys: readonly string[], context: Context): readonly ProcessRow[] {
  if (keys.length === 0) return rows
  const readers = keys.map((item) => {
    const name = item.replace(/^[-+]/, '').toLowerCase()
    const key = columns[name] === undefined ? aliases[name] : name
    if (key === undefined) throw new PsProblem(`error: unknown sort specifier`)
    return { column: columns[key]!, sign: item.startsWith('-') ? -1 : 1 }
  })
  return [...rows].sort((a, b) => {
    for (const { column, sign } of readers) {
      const [left, right] = [column.value(a, context), column.value(b, context)]
      const numeric = column.right === true && !Number.isNaN(Number(left)) && !Number.isNaN(Number(right))
      const order = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0
      if (order !== 0) return order * sign
    }
    return 0
  })
}

/** Children after their parents, with the art that stands before the command. */
function forestOf(
  rows: readonly ProcessRow[],
  art: boolean,
): { readonly rows: readonly ProcessRow[]; readonly prefix: ReadonlyMap<number, string> } {
  const known = new Set(rows.map((row) => row.pid))
  const children = new Map<number, ProcessRow[]>()
  const roots: ProcessRow[] = []
  for (const row of rows) {
    if (known.has(row.ppid) && row.ppid !== row.pid) children.set(row.ppid, [...(children.get(row.ppid) ?? []), row])
    else roots.push(row)
  }
  const result: ProcessRow[] = []
  const prefix = new Map<number, string>()
  const visit = (row: ProcessRow, indent: string, depth: number): void => {
    result.push(row)
    const own = children.get(row.pid) ?? []
    own.forEach((child, index) => {
      const last = index === own.length - 1
      prefix.set(child.pid, art ? `${indent} \\_ ` : '  '.repeat(depth + 1))
      visit(child, `${indent}${last ? '    ' : ' |  '}`, depth + 1)
    })
  }
  for (const root of roots) visit(root, '', 0)
  return { rows: result, prefix }
}

function* chosenRows(process: Process, selection: Selection): Syscall<readonly ProcessRow[]> {
  const all = readProcesses(process)
  const own = all.find((row) => row.pid === process.pid)
  let rows: readonly ProcessRow[]
  if (selection.all || (selection.everyTerminal && selection.withoutTerminal)) rows = all
  else if (selection.lists.length > 0 || selection.everyTerminal) {
    rows = all.filter((row) => selection.lists.some((test) => test(row)) || (selection.everyTerminal && row.tty !== 0))
  } else if (selection.withoutTerminal) rows = all.filter((row) => row.uid === process.euid)
  else if (selection.bsd) rows = all.filter((row) => row.uid === process.euid && row.tty !== 0)
  else rows = all.filter((row) => row.uid === process.euid && row.tty === (own?.tty ?? 0))
  if (selection.negated) rows = all.filter((row) => !rows.includes(row))
  return selection.running ? rows.filter((row) => row.state === 'R') : rows
}

export const ps = program({
  name: 'ps',
  path: '/usr/bin/ps',
  summary: 'show processes',
  synopsis: '[options]',
  options: [],
  raw: true,
  *main(process, args) {
    let selection: Selection
    if (args.operands[0] === '--help' || args.operands[0] === '--version') {
      yield* process.write(
        1,
        args.operands[0] === '--version'
          ? 'ps from procps-ng 4.0.4\n'
          : '\nUsage:\n ps [options]\n\n Selection: -e all, a with tty, x without tty, -C command, -p pid, -u user, --ppid pid\n Output: -f full, u user oriented, j jobs, -o format, --forest tree, --sort keys\n',
      )
      return 0
    }
    try {
      selection = readOptions(process, args.operands)
    } catch (error) {
      if (!(error instanceof PsProblem)) throw error
      if (error.message === '\0version') {
        yield* process.write(1, 'ps from procps-ng 4.0.4\n')
        return 0
      }
      yield* process.write(
        2,
        `${error.message}\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n`,
      )
      return 1
    }
    const context: Context = { process, local: processLocalTime(process), names: nameTables(process), memoryKb: memoryTotal(process) }
    const chosen = yield* chosenRows(process, selection)
    let rows: readonly ProcessRow[]
    try {
      rows = sortRows(chosen, selection.sort, context)
    } catch (error) {
      if (!(error instanceof PsProblem)) throw error
      yield* process.write(2, `${error.message}\n`)
      return 1
    }
    let prefix: ReadonlyMap<number, string> = new Map()
    if (selection.forest) ({ rows, prefix } = forestOf(rows, !args.operands.some((word) => /^-[a-zA-Z]*H/.test(word))))
    const list =
      selection.own.length > 0 ? selection.own : (selection.format ?? (selection.bsd ? formats['bsd']! : formats['default']!)).map(shown)
    const tty = yield* process.isatty(1)
    const size = tty ? yield* process.getWindowSize(1) : undefined
    const limit = selection.wide || size === undefined || isErrno(size) || size.columns === 0 ? Number.POSITIVE_INFINITY : size.columns
    const out = new Output(process)
    const cell = (one: Shown, text: string, last: boolean) =>
      one.column.right === true ? text.padStart(one.width) : last ? text : text.padEnd(one.width)
    const line = (texts: readonly string[]) => {
      const joined = texts.map((text, index) => cell(list[index]!, text, index === list.length - 1)).join(' ')
      return `${[...joined].slice(0, limit).join('')}\n`
    }
    const isCommand = (key: string) => key === 'cmd' || key === 'args' || key === 'ucmd' || key === 'comm'
    const cellText = (one: Shown, row: ProcessRow, last: boolean): string => {
      let text = one.column.value(row, context)
      if (isCommand(one.key)) text = (prefix.get(row.pid) ?? '') + text
      if (/user$|^uidname$/.test(one.key)) text = shortUser(text, row.uid, one.width)
      return last || one.column.right === true ? text : text.slice(0, Math.max(one.width, isCommand(one.key) ? one.width : 0))
    }
    if (selection.header && list.some((one) => one.title !== '')) yield* out.print(line(list.map((one) => one.title)))
    for (const row of rows) yield* out.print(line(list.map((one, index) => cellText(one, row, index === list.length - 1))))
    yield* out.finish()
    return rows.length > 0 ? 0 : 1
  },
})
