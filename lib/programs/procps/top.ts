// After top(1) and watch(1): batch output, and a simple screen.
import { decodeUtf8, strftime } from '@/lib/base'
import { errno, isErrno, POLLIN, type Process, type Syscall } from '@/lib/kernel'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, concatOutput, Output, readText } from '../stdio'
import { nameTables } from '../user-table'
import { loadLine, memoryInfo } from './free'
import { commandOf, type ProcessRow, readProcesses, TICKS_PER_SEC } from './process-table'

type Sample = { readonly busy: ReadonlyMap<number, number>; readonly usec: number; readonly cpu: readonly number[] }

function* sample(process: Process): Syscall<Sample> {
  const busy = new Map(readProcesses(process).map((row) => [row.pid, row.userTicks + row.systemTicks]))
  const text = yield* readText(process, '/proc/stat')
  const cpu = isErrno(text) ? [] : (text.split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number)
  return { busy, usec: process.monotonicUsec, cpu }
}

const clock = (row: ProcessRow): string => {
  const ticks = row.userTicks + row.systemTicks
  const minutes = Math.floor(ticks / 6000)
  return `${minutes}:${String(Math.floor((ticks % 6000) / 100)).padStart(2, '0')}.${String(ticks % 100).padStart(2, '0')}`
}

type View = {
  readonly sort: 'cpu' | 'mem' | 'pid' | 'time'
  readonly full: boolean
  readonly user: string | undefined
  readonly pids: ReadonlySet<number> | undefined
}

function* page(process: Process, before: Sample | undefined, now: Sample, view: View, rows: number, columns: number): Syscall<string> {
  const names = nameTables(process)
  const info = yield* memoryInfo(process)
  const get = (name: string) => (info.get(name) ?? 0) / 1024
  const all = readProcesses(process)
  const spent = Math.max(1, before === undefined ? now.usec : now.usec - before.usec)
  const usage = (row: ProcessRow) =>
    ((((now.busy.get(row.pid) ?? 0) - (before?.busy.get(row.pid) ?? 0)) / TICKS_PER_SEC) * 1e6 * 100) / spent
  const count = (...states: string[]) => all.filter((row) => states.includes(row.state)).length
  const difference = now.cpu.map((value, index) => value - (before?.cpu[index] ?? 0))
  const total = Math.max(
    1,
    difference.reduce((sum, one) => sum + one, 0),
  )
  const share = (index: number) => (((difference[index] ?? 0) * 100) / total).toFixed(1).padStart(4)
  const available = get('MemAvailable')
  const mb = (value: number) => value.toFixed(1).padStart(8)
  const head = [
    `top -${yield* loadLine(process)}`,
    `Tasks: ${String(all.length).padStart(3)} total, ${String(count('R')).padStart(3)} running, ${String(count('S', 'D', 'I')).padStart(3)} sleeping, ${String(count('T', 't')).padStart(3)} stopped, ${String(count('Z')).padStart(3)} zombie`,
    `%Cpu(s): ${share(0)} us, ${share(2)} sy, ${share(1)} ni, ${share(3)} id, ${share(4)} wa, ${share(5)} hi, ${share(6)} si, ${share(7)} st `,
    `MiB Mem : ${mb(get('MemTotal'))} total, ${mb(get('MemFree'))} free, ${mb(get('MemTotal') - available)} used, ${mb(get('Buffers') + get('Cached') + get('SReclaimable'))} buff/cache     `,
    `MiB Swap: ${mb(get('SwapTotal'))} total, ${mb(get('SwapFree'))} free, ${mb(get('SwapTotal') - get('SwapFree'))} used. ${mb(available)} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
  ]
  const memory = info.get('MemTotal') ?? 1
  const chosen = all.filter((row) => (view.user === undefined || names.user(row.uid) === view.user) && (view.pids?.has(row.pid) ?? true))
  const order: Readonly<Record<View['sort'], (a: ProcessRow, b: ProcessRow) => number>> = {
    cpu: (a, b) => usage(b) - usage(a) || a.pid - b.pid,
    mem: (a, b) => b.rssPages - a.rssPages,
    pid: (a, b) => b.pid - a.pid,
    time: (a, b) => b.userTicks + b.systemTicks - a.userTicks - a.systemTicks,
  }
  const lines = [...chosen]
    .sort(order[view.sort])
    .slice(0, Math.max(0, rows - head.length))
    .map((row) => {
      const kb = row.rssPages * 4
      const priority = row.policy === 1 || row.policy === 2 ? 'rt' : String(row.priority)
      const user = names.user(row.uid)
      return `${String(row.pid).padStart(7)} ${(user.length > 8 ? `${user.slice(0, 7)}+` : user).padEnd(8)} ${priority.padStart(3)} ${String(row.nice).padStart(3)} ${String(Math.floor(row.vsize / 1024)).padStart(7)} ${String(kb).padStart(6)} ${String(Math.floor(kb * 0.7)).padStart(6)} ${row.state} ${usage(row).toFixed(1).padStart(5)} ${((kb * 100) / memory).toFixed(1).padStart(5)} ${clock(row).padStart(9)} ${view.full ? commandOf(row) : row.comm}`
    })
  return [...head, ...lines].map((line) => [...line].slice(0, columns).join('')).join('\n')
}

export const top = program({
  name: 'top',
  path: '/usr/bin/top',
  summary: 'show the busiest processes, again and again',
  options: [
    { short: 'b', long: 'batch', help: 'print pages, no screen' },
    { short: 'c', long: 'cmdline-toggle', help: 'show command lines' },
    { short: 'd', long: 'delay', argument: 'required', metavar: 'SECS', help: 'seconds between pages' },
    { short: 'H', long: 'threads-show', help: 'has no effect here' },
    { short: 'i', long: 'idle-toggle', help: 'has no effect here' },
    { short: 'n', long: 'iterations', argument: 'required', metavar: 'NUMBER', help: 'so many pages' },
    { short: 'o', long: 'sort-override', argument: 'required', metavar: 'FIELD', help: 'by %CPU, %MEM, PID or TIME+' },
    { short: 'p', long: 'pid', argument: 'required', metavar: 'PIDLIST', help: 'only these' },
    { short: 'u', long: 'filter-any-user', argument: 'required', metavar: 'USER', help: 'only of this user' },
    { short: 'w', long: 'width', argument: 'optional', metavar: 'COLUMNS', help: 'the width' },
  ],
  *main(process, args) {
    const batch = args.has('batch')
    const tty = yield* process.isatty(1)
    if (!batch && !tty) {
      yield* complain(process, 'failed tty get')
      return 1
    }
    const delay = Number(args.value('delay') ?? 3) * 1e6
    let rounds = Number(args.value('iterations') ?? Number.POSITIVE_INFINITY)
    const sortKey = (args.value('sort-override') ?? '%CPU').replace(/^[-+]/, '').toUpperCase()
    let view: View = {
      sort: sortKey === '%MEM' || sortKey === 'RES' ? 'mem' : sortKey === 'PID' ? 'pid' : sortKey.startsWith('TIME') ? 'time' : 'cpu',
      full: args.has('cmdline-toggle'),
      user: args.value('filter-any-user'),
      pids: args.has('pid') ? new Set(args.values('pid').flatMap((text) => text.split(',').map(Number))) : undefined,
    }
    const saved = batch ? undefined : yield* process.tcgetattr(0)
    if (saved !== undefined && !isErrno(saved)) yield* process.tcsetattr(0, { icanon: false, echo: false })
    let before: Sample | undefined
    for (;;) {
      const now = yield* sample(process)
      const size = tty ? yield* process.getWindowSize(1) : undefined
      const [rows, columns] =
        batch || size === undefined || isErrno(size)
          ? [Number.POSITIVE_INFINITY, Number(args.value('width') ?? 512)]
          : [size.rows - 1, size.columns]
      const text = yield* page(process, before, now, view, rows, columns)
      const written = yield* process.write(
        1,
        batch
          ? `${text}\n\n`.replace(/\n\n$/, rounds === 1 ? '\n' : '\n\n')
          : `\x1b[H\x1b[2J${text.replace(/^ {4}PID.*$/m, (line) => `\x1b[7m${line.padEnd(columns)}\x1b[0m`)}`,
      )
      if (isErrno(written)) break
      before = now
      rounds -= 1
      if (rounds <= 0) break
      if (batch) {
        yield* process.nanosleep(delay)
        continue
      }
      const ready = yield* process.poll([{ fd: 0, events: POLLIN }], delay)
      if (ready === errno.EINTR || isErrno(ready) || ready.length === 0) continue
      const keys = yield* process.read(0, 16)
      if (isErrno(keys) || keys.length === 0) break
      const key = decodeUtf8(keys)[0]
      if (key === 'q' || key === '\x03') break
      if (key === 'M') view = { ...view, sort: 'mem' }
      else if (key === 'P') view = { ...view, sort: 'cpu' }
      else if (key === 'N') view = { ...view, sort: 'pid' }
      else if (key === 'T') view = { ...view, sort: 'time' }
      else if (key === 'c') view = { ...view, full: !view.full }
    }
    if (saved !== undefined && !isErrno(saved)) {
      yield* process.tcsetattr(0, saved)
      yield* process.write(1, '\n')
    }
    return 0
  },
})

export const watch = program({
  name: 'watch',
  path: '/usr/bin/watch',
  summary: 'run a command again and again and show what it prints',
  synopsis: '[options] command',
  stopAtOperand: true,
  options: [
    { short: 'b', long: 'beep', help: 'beep when the command fails' },
    { short: 'c', long: 'color', help: 'keep colours' },
    { short: 'd', long: 'differences', argument: 'optional', metavar: 'permanent', help: 'has no effect here' },
    { short: 'e', long: 'errexit', help: 'end when the command fails' },
    { short: 'g', long: 'chgexit', help: 'end when the output changes' },
    { short: 'n', long: 'interval', argument: 'required', metavar: 'SECS', help: 'seconds between runs; 2 unless told' },
    { short: 't', long: 'no-title', help: 'without the title' },
    { short: 'x', long: 'exec', help: 'without sh -c' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) {
      yield* process.write(2, `\nUsage:\n ${process.argv[0]} [options] command\n`)
      return 1
    }
    const interval = Math.max(0.1, Number(args.value('interval') ?? 2))
    const command = args.operands.join(' ')
    let previous: string | undefined
    const out = new Output(process)
    for (;;) {
      const { text, status } = yield* concatOutput(process, args.has('exec') ? args.operands : ['/bin/sh', '-c', command])
      const size = yield* process.getWindowSize(1)
      const [rows, columns] = isErrno(size) || size.rows === 0 ? [24, 80] : [size.rows, size.columns]
      const now = strftime(
        '%a %b %e %H:%M:%S %Y',
        processLocalTime(process).localtime(Math.floor(process.realtimeUsec / 1e6)),
        process.realtimeUsec,
      )
      const left = `Every ${interval.toFixed(1)}s: ${command}`
      const right = `${process.uname().nodename}: ${now}`
      const title = args.has('no-title')
        ? ''
        : `${left.slice(0, Math.max(0, columns - right.length - 1)).padEnd(columns - right.length)}${right}\n\n`
      const body = text
        .split('\n')
        .slice(0, rows - (title === '' ? 0 : 2))
        .map((line) => [...(args.has('color') ? line : line.replace(/\x1b\[[0-9;]*m/g, ''))].slice(0, columns).join(''))
        .join('\n')
      yield* out.print(`\x1b[H\x1b[2J${title}${body}`)
      yield* out.flush()
      if (out.failure !== undefined) return 1
      if (args.has('errexit') && status !== 0) return 8
      if (args.has('chgexit') && previous !== undefined && previous !== text) return 0
      previous = text
      yield* process.nanosleep(interval * 1e6)
    }
  },
})
