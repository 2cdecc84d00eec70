// What /proc tells about processes, as procps reads it.
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export type ProcessRow = {
  readonly pid: number
  readonly comm: string
  readonly state: string
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  /** Device number; 0: none. */
  readonly tty: number
  readonly tpgid: number
  readonly userTicks: number
  readonly systemTicks: number
  readonly priority: number
  readonly nice: number
  readonly threads: number
  readonly startTicks: number
  readonly vsize: number
  readonly rssPages: number
  readonly rtPriority: number
  readonly policy: number
  readonly processor: number
  readonly flags: number
  readonly args: readonly string[]
  readonly uid: number
  readonly ruid: number
  readonly gid: number
  readonly rgid: number
  readonly cgroup: string
  readonly locked: boolean
  readonly exe: string | undefined
}

export const TICKS_PER_SEC = 100

const textOf = (process: Process, path: string): string | undefined => {
  const bytes = process.fileReader().readFile(path)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}

/** Reads one process; undefined when it is gone or hidden. */
export function readProcess(process: Process, pid: number): ProcessRow | undefined {
  const stat = textOf(process, `/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const open = stat.indexOf('(')
  const close = stat.lastIndexOf(')')
  const fields = stat
    .slice(close + 2)
    .trim()
    .split(' ')
  const number = (index: number) => Number(fields[index - 3] ?? 0)
  const status = textOf(process, `/proc/${pid}/status`) ?? ''
  const ids = (name: string) => (new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)`, 'm').exec(status) ?? []).slice(1).map(Number)
  const [ruid = 0, uid = 0] = ids('Uid')
  const [rgid = 0, gid = 0] = ids('Gid')
  const commandLine = textOf(process, `/proc/${pid}/cmdline`) ?? ''
  const cgroup = /^0::(.*)$/m.exec(textOf(process, `/proc/${pid}/cgroup`) ?? '')?.[1] ?? ''
  return {
    pid,
    comm: stat.slice(open + 1, close),
    state: fields[0] ?? '?',
    ppid: number(4),
    pgid: number(5),
    sid: number(6),
    tty: number(7),
    tpgid: number(8),
    flags: number(9),
    userTicks: number(14),
    systemTicks: number(15),
    priority: number(18),
    nice: number(19),
    threads: number(20),
    startTicks: number(22),
    vsize: number(23),
    rssPages: number(24),
    processor: number(39),
    rtPriority: number(40),
    policy: number(41),
    args: commandLine === '' ? [] : commandLine.replace(/\0$/, '').split('\0'),
    uid,
    ruid,
    gid,
    rgid,
    cgroup,
    locked: /^VmLck:\s+[1-9]/m.test(status),
    exe: process.fileReader().readLink(`/proc/${pid}/exe`),
  }
}

/** All that can be seen, by number. */
export function readProcesses(process: Process): readonly ProcessRow[] {
  const names = process.fileReader().readDirectory('/proc') ?? []
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((pid) => {
      const row = readProcess(process, pid)
      return row === undefined ? [] : [row]
    })
}

/** `pts/0`, `tty1`, `?`. */
export function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (device === 0) return '?'
  if (major === 136) return `pts/${minor}`
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`
  if (major === 5 && minor === 1) return 'console'
  return '?'
}

/** The command line, or the name in brackets. */
export function commandOf(row: ProcessRow): string {
  if (row.args.length > 0 && row.args.join('') !== '') return row.args.join(' ').replace(/[\n\r]/g, '?')
  return row.state === 'Z' ? `[${row.comm}] <defunct>` : `[${row.comm}]`
}

/** The STAT column of BSD: state, priority, session, foreground. */
export function stateLetters(row: ProcessRow): string {
  let text = row.state
  if (row.nice < 0) text += '<'
  else if (row.nice > 0) text += 'N'
  if (row.locked) text += 'L'
  if (row.sid === row.pid) text += 's'
  if (row.threads > 1) text += 'l'
  if (row.tpgid === row.pgid && row.tpgid > 0) text += '+'
  return text
}

/** Unit names out of a cgroup path, as sd_pid_get_unit() and the like find them. */
export function unitOf(cgroup: string): {
  readonly unit: string | undefined
  readonly userUnit: string | undefined
  readonly slice: string | undefined
} {
  const parts = cgroup.split('/').filter(Boolean)
  const slices = parts.filter((part) => part.endsWith('.slice'))
  const index = parts.findIndex((part) => !part.endsWith('.slice'))
  const unit = index < 0 ? parts.at(-1) : parts[index]
  let userUnit: string | undefined
  if (unit !== undefined && /^user@\d+\.service$/.test(unit))
    userUnit = parts.slice(index + 1).find((part) => !part.endsWith('.slice') && /\.(?:service|scope|socket|mount)$/.test(part))
  const lastSlice = parts
    .slice(0, Math.max(0, index))
    .filter((part) => part.endsWith('.slice'))
    .at(-1)
  return { unit, userUnit, slice: lastSlice ?? (slices.length > 0 ? slices[0] : '-.slice') }
}

export const startUsecOf = (process: Process, row: ProcessRow): number =>
  process.realtimeUsec - process.monotonicUsec + (row.startTicks / TICKS_PER_SEC) * 1e6

export function memoryTotal(process: Process): number {
  const text = textOf(process, '/proc/meminfo') ?? ''
  return Number(/^MemTotal:\s+(\d+)/m.exec(text)?.[1] ?? 1)
}
