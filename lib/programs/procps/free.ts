// After free(1), uptime(1), w(1), vmstat(1), pwdx(1), pstree(1).
import { strftime } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { humanSize } from '../coreutils/ls'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, readText } from '../stdio'
import { nameTables } from '../user-table'
import { commandOf, type ProcessRow, readProcesses, terminalName } from './process-table'

export function* memoryInfo(process: Process): Syscall<ReadonlyMap<string, number>> {
  const text = yield* readText(process, '/proc/meminfo')
  const values = new Map<string, number>()
  if (!isErrno(text)) for (const match of text.matchAll(/^(\w+(?:\(\w+\))?):\s+(\d+)/gm)) values.set(match[1]!, Number(match[2]))
  return values
}

export const free = program({
  name: 'free',
  path: '/usr/bin/free',
  summary: 'show how much memory is used',
  options: [
    { short: 'b', long: 'bytes', help: 'in bytes' },
    { short: 'k', long: 'kibi', help: 'in KiB' },
    { short: 'm', long: 'mebi', help: 'in MiB' },
    { short: 'g', long: 'gibi', help: 'in GiB' },
    { short: 'h', long: 'human', help: 'with units' },
    { long: 'si', help: 'powers of 1000' },
    { short: 't', long: 'total', help: 'add a total' },
    { short: 'w', long: 'wide', help: 'buffers and cache apart' },
    { short: 's', long: 'seconds', argument: 'required', metavar: 'N', help: 'again every N seconds' },
    { short: 'c', long: 'count', argument: 'required', metavar: 'N', help: 'N times' },
  ],
  *main(process, args) {
    let rounds = args.has('count') ? Number(args.value('count')) : args.has('seconds') ? Number.POSITIVE_INFINITY : 1
    for (;;) {
      const info = yield* memoryInfo(process)
      const get = (name: string) => info.get(name) ?? 0
      const unit = args.has('bytes') ? 1 / 1024 : args.has('mebi') ? 1024 : args.has('gibi') ? 1048576 : 1
      const text = (kb: number) =>
        args.has('human')
          ? humanSize(kb * 1024, args.has('si') ? 1000 : 1024)
              .replace(/([KMGT])$/, args.has('si') ? '$1' : '$1i')
              .replace(/^(\d+)$/, '$1B')
          : String(Math.floor(kb / unit))
      const cache = get('Cached') + get('SReclaimable')
      const available = get('MemAvailable')
      const used = get('MemTotal') - available
      const wide = args.has('wide')
      const row = (title: string, values: readonly number[]) =>
        `${title.padEnd(7)}${values
          .map((value) => text(value).padStart(title === 'Mem:' || values.length > 0 ? 12 : 12))
          .join('')
          .replace(/^ /, ' ')}\n`
      const header = wide
        ? ['total', 'used', 'free', 'shared', 'buffers', 'cache', 'available']
        : ['total', 'used', 'free', 'shared', 'buff/cache', 'available']
      yield* process.write(1, `${' '.repeat(7)}${header.map((one) => one.padStart(12)).join('')}\n`)
      yield* process.write(
        1,
        row('Mem:', [
          get('MemTotal'),
          used,
          get('MemFree'),
          get('Shmem'),
          ...(wide ? [get('Buffers'), cache] : [get('Buffers') + cache]),
          available,
        ]),
      )
      yield* process.write(1, row('Swap:', [get('SwapTotal'), get('SwapTotal') - get('SwapFree'), get('SwapFree')]))
      if (args.has('total'))
        yield* process.write(
          1,
          row('Total:', [get('MemTotal') + get('SwapTotal'), used + get('SwapTotal') - get('SwapFree'), get('MemFree') + get('SwapFree')]),
        )
      rounds -= 1
      if (rounds <= 0) return 0
      yield* process.write(1, '\n')
      yield* process.nanosleep(Number(args.value('seconds') ?? 1) * 1e6)
    }
  },
})

function upText(seconds: number): string {
  const days = Math.floor(seconds / 86400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  const day = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `
  return day + (hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`)
}

function prettyUp(seconds: number): string {
  const parts: string[] = []
  const add = (value: number, unit: string) => {
    if (value > 0) parts.push(`${value} ${unit}${value === 1 ? '' : 's'}`)
  }
  add(Math.floor(seconds / 604800), 'week')
  add(Math.floor(seconds / 86400) % 7, 'day')
  add(Math.floor(seconds / 3600) % 24, 'hour')
  add(Math.floor(seconds / 60) % 60, 'minute')
  return `up ${parts.length === 0 ? '0 minutes' : parts.join(', ')}`
}

/** Sessions as logind keeps them. */
type Session = { readonly user: string; readonly tty: string; readonly sinceUsec: number; readonly leader: number }

export function loginSessions(process: Process): readonly Session[] {
  const reader = process.fileReader()
  const sessions: Session[] = []
  for (const name of reader.readDirectory('/run/systemd/sessions') ?? []) {
    const bytes = reader.readFile(`/run/systemd/sessions/${name}`)
    if (bytes === undefined) continue
    const fields = new Map(
      new TextDecoder()
        .decode(bytes)
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    )
    const tty = fields.get('TTY')
    if (tty === undefined || tty === '') continue
    sessions.push({
      user: fields.get('USER') ?? '',
      tty: tty.replace(/^\/dev\//, ''),
      sinceUsec: Number(fields.get('REALTIME') ?? 0),
      leader: Number(fields.get('LEADER') ?? 0),
    })
  }
  return sessions
}

export function* loadLine(process: Process): Syscall<string> {
  const text = yield* readText(process, '/proc/loadavg')
  const loads = isErrno(text) ? ['0.00', '0.00', '0.00'] : text.split(' ').slice(0, 3)
  const now = strftime('%H:%M:%S', processLocalTime(process).localtime(Math.floor(process.realtimeUsec / 1e6)), process.realtimeUsec)
  const users = loginSessions(process).length
  return ` ${now} up ${upText(Math.floor(process.monotonicUsec / 1e6))}, ${String(users).padStart(2)} user${users === 1 ? '' : 's'},  load average: ${loads.join(', ')}`
}

export const uptime = program({
  name: 'uptime',
  path: '/usr/bin/uptime',
  summary: 'show how long the machine has been up',
  options: [
    { short: 'p', long: 'pretty', help: 'in words' },
    { short: 's', long: 'since', help: 'since when' },
  ],
  *main(process, args) {
    const seconds = Math.floor(process.monotonicUsec / 1e6)
    if (args.has('pretty')) yield* process.write(1, `${prettyUp(seconds)}\n`)
    else if (args.has('since')) {
      const usec = process.realtimeUsec - process.monotonicUsec
      yield* process.write(1, `${strftime('%Y-%m-%d %H:%M:%S', processLocalTime(process).localtime(Math.floor(usec / 1e6)), usec)}\n`)
    } else yield* process.write(1, `${yield* loadLine(process)}\n`)
    return 0
  },
})

export const w = program({
  name: 'w',
  path: '/usr/bin/w',
  summary: 'show who is logged in and what they do',
  options: [
    { short: 'h', long: 'no-header', help: 'without headings' },
    { short: 's', long: 'short', help: 'in short' },
    { short: 'f', long: 'from', help: 'has no effect here' },
  ],
  *main(process, args) {
    if (!args.has('no-header'))
      yield* process.write(1, `${yield* loadLine(process)}\nUSER     TTY       LOGIN@   IDLE   JCPU   PCPU  WHAT\n`)
    const rows = readProcesses(process)
    for (const session of loginSessions(process)) {
      const time = strftime('%H:%M', processLocalTime(process).localtime(Math.floor(session.sinceUsec / 1e6)), session.sinceUsec)
      const front = rows.filter((row) => terminalName(row.tty) === session.tty && row.tpgid === row.pgid).at(-1)
      yield* process.write(
        1,
        `${session.user.padEnd(8)} ${session.tty.padEnd(8)}  ${time}    0.00s  0.00s  0.00s ${front === undefined ? '-' : commandOf(front)}\n`,
      )
    }
    return 0
  },
})

export const who = program({
  name: 'who',
  path: '/usr/bin/who',
  links: [],
  summary: 'show who is logged in',
  synopsis: '[OPTION]... [am i]',
  options: [
    { short: 'a', long: 'all', help: 'everything' },
    { short: 'b', long: 'boot', help: 'when the machine booted' },
    { short: 'H', long: 'heading', help: 'with headings' },
    { short: 'm', help: 'only this terminal' },
    { short: 'q', long: 'count', help: 'names and their number' },
    { short: 'r', long: 'runlevel', help: 'the runlevel' },
    { short: 'u', long: 'users', help: 'has no effect here' },
  ],
  *main(process, args) {
    const local = processLocalTime(process)
    const stamp = (usec: number) => strftime('%Y-%m-%d %H:%M', local.localtime(Math.floor(usec / 1e6)), usec)
    let sessions = loginSessions(process)
    if (args.has('boot')) {
      yield* process.write(1, `         system boot  ${stamp(process.realtimeUsec - process.monotonicUsec)}\n`)
      return 0
    }
    if (args.has('count')) {
      yield* process.write(1, `${sessions.map((one) => one.user).join(' ')}\n# users=${sessions.length}\n`)
      return 0
    }
    if (args.has('m') || args.operands.length === 2) {
      const name = yield* process.ttyname(0)
      sessions = isErrno(name) ? [] : sessions.filter((one) => `/dev/${one.tty}` === name)
    }
    if (args.has('heading')) yield* process.write(1, 'NAME     LINE         TIME             COMMENT\n')
    for (const one of sessions) yield* process.write(1, `${one.user.padEnd(8)} ${one.tty.padEnd(12)} ${stamp(one.sinceUsec)}\n`)
    return 0
  },
})

export const users = program({
  name: 'users',
  path: '/usr/bin/users',
  summary: 'print the names of who is logged in',
  options: [],
  *main(process) {
    const names = loginSessions(process)
      .map((one) => one.user)
      .sort()
    if (names.length > 0) yield* process.write(1, `${names.join(' ')}\n`)
    return 0
  },
})

export const pwdx = program({
  name: 'pwdx',
  path: '/usr/bin/pwdx',
  summary: 'print the working directory of processes',
  synopsis: '<pid>...',
  options: [],
  *main(process, args) {
    let status = args.operands.length === 0 ? 1 : 0
    for (const text of args.operands) {
      const target = yield* process.readlink(`/proc/${text.replace(/^\/proc\//, '')}/cwd`)
      if (isErrno(target)) {
        yield* process.write(2, `${text}: ${target.name === 'ENOENT' ? 'No such process' : target.message}\n`)
        status = 1
      } else yield* process.write(1, `${text}: ${target}\n`)
    }
    return status
  },
})

export const pstree = program({
  name: 'pstree',
  path: '/usr/bin/pstree',
  summary: 'show processes as a tree',
  synopsis: '[OPTION]... [PID | USER]',
  options: [
    { short: 'a', long: 'arguments', help: 'show command lines' },
    { short: 'A', long: 'ascii', help: 'plain characters' },
    { short: 'c', long: 'compact-not', help: 'every process on its own' },
    { short: 'l', long: 'long', help: 'long lines' },
    { short: 'n', long: 'numeric-sort', help: 'by pid' },
    { short: 'p', long: 'show-pids', help: 'show pids' },
    { short: 's', long: 'show-parents', help: 'show parents' },
    { short: 'u', long: 'uid-changes', help: 'show changes of the user' },
    { short: 'U', long: 'unicode', help: 'line characters' },
  ],
  *main(process, args) {
    const rows = readProcesses(process)
    const names = nameTables(process)
    const [target] = args.operands
    const plain = args.has('ascii') || (!args.has('unicode') && !/utf-?8/i.test(process.env['LC_ALL'] ?? process.env['LANG'] ?? ''))
    const art = plain
      ? { first: '-+-', only: '---', middle: ' |-', last: ' `-', bar: ' | ' }
      : { first: '─┬─', only: '───', middle: ' ├─', last: ' └─', bar: ' │ ' }
    const children = (row: ProcessRow) => rows.filter((one) => one.ppid === row.pid && one.pid !== row.pid)
    const label = (row: ProcessRow, parent: ProcessRow | undefined) => {
      const extra = [
        ...(args.has('show-pids') ? [String(row.pid)] : []),
        ...(args.has('uid-changes') && parent !== undefined && parent.uid !== row.uid ? [names.user(row.uid)] : []),
      ]
      const name = args.has('arguments') ? commandOf(row) : row.comm
      return args.has('arguments')
        ? `${name.split(' ')[0]}${extra.length > 0 ? `,${extra.join(',')}` : ''}${name.includes(' ') ? name.slice(name.indexOf(' ')) : ''}`
        : `${name}${extra.length > 0 ? `(${extra.join(',')})` : ''}`
    }
    const draw = (row: ProcessRow, parent: ProcessRow | undefined): string[] => {
      const own = label(row, parent)
      const below = children(row)
      const blocks: string[][] = []
      const seen = new Map<string, { index: number; count: number }>()
      for (const child of [...below].sort((a, b) =>
        args.has('numeric-sort') ? a.pid - b.pid : a.comm < b.comm ? -1 : a.comm > b.comm ? 1 : a.pid - b.pid,
      )) {
        const lines = draw(child, row)
        const key = lines.join('\n')
        const known = seen.get(key)
        if (known !== undefined && !args.has('compact-not') && !args.has('show-pids') && !args.has('arguments')) known.count += 1
        else {
          seen.set(key, { index: blocks.length, count: 1 })
          blocks.push(lines)
        }
      }
      for (const { index, count } of seen.values()) {
        if (count > 1)
          blocks[index] = blocks[index]!.map((line, at) =>
            at === 0
              ? `${count}*[${line}${blocks[index]!.length === 1 ? ']' : ''}`
              : ' '.repeat(String(count).length + 2) + line + (at === blocks[index]!.length - 1 ? ']' : ''),
          )
      }
      if (args.has('arguments'))
        return [
          own,
          ...blocks.flatMap((lines, index) =>
            lines.map(
              (line, at) =>
                `${at === 0 ? (index === blocks.length - 1 ? (plain ? '  `-' : '  └─') : plain ? '  |-' : '  ├─') : index === blocks.length - 1 ? '    ' : plain ? '  | ' : '  │ '}${line}`,
            ),
          ),
        ]
      if (blocks.length === 0) return [own]
      const indent = ' '.repeat([...own].length)
      return blocks.flatMap((lines, index) =>
        lines.map((line, at) => {
          const last = index === blocks.length - 1
          if (index === 0 && at === 0) return own + (blocks.length === 1 ? art.only : art.first) + line
          return indent + (at === 0 ? (last ? art.last : art.middle) : last ? '   ' : art.bar) + line
        }),
      )
    }
    const root = target === undefined ? rows.find((row) => row.pid === 1) : rows.find((row) => String(row.pid) === target)
    const roots =
      root === undefined && target !== undefined && !/^\d+$/.test(target)
        ? rows.filter((row) => names.user(row.uid) === target && !rows.some((one) => one.pid === row.ppid && one.uid === row.uid))
        : root === undefined
          ? []
          : [root]
    if (roots.length === 0) {
      if (target !== undefined) yield* complain(process, 'No process found.')
      return 1
    }
    for (const one of roots)
      yield* process.write(
        1,
        draw(one, undefined)
          .map((line) => `${line}\n`)
          .join(''),
      )
    return 0
  },
})
