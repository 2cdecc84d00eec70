// After getrlimit(2): limits of a process and what the kernel of the lab gives to PID 1.
import { USEC_INFINITY } from '@/lib/base'
import type { Limit, LimitName } from './system-calls'

export type Limits = Record<LimitName, Limit>

const unlimited: Limit = { soft: USEC_INFINITY, hard: USEC_INFINITY }
const both = (value: number): Limit => ({ soft: value, hard: value })

/** Order and wording of /proc/PID/limits. */
export const limitRows: readonly (readonly [LimitName, string, string])[] = [
  ['CPU', 'Max cpu time', 'seconds'],
  ['FSIZE', 'Max file size', 'bytes'],
  ['DATA', 'Max data size', 'bytes'],
  ['STACK', 'Max stack size', 'bytes'],
  ['CORE', 'Max core file size', 'bytes'],
  ['RSS', 'Max resident set', 'bytes'],
  ['NPROC', 'Max processes', 'processes'],
  ['NOFILE', 'Max open files', 'files'],
  ['MEMLOCK', 'Max locked memory', 'bytes'],
  ['AS', 'Max address space', 'bytes'],
  ['LOCKS', 'Max file locks', 'locks'],
  ['SIGPENDING', 'Max pending signals', 'signals'],
  ['MSGQUEUE', 'Max msgqueue size', 'bytes'],
  ['NICE', 'Max nice priority', ''],
  ['RTPRIO', 'Max realtime priority', ''],
  ['RTTIME', 'Max realtime timeout', 'us'],
]

/** Linux derives the number of processes from the memory of the machine. */
export function initialLimits(memoryBytes: number): Limits {
  const processes = Math.round((memoryBytes / 16_384 / 16) * 0.974_75)
  return {
    CPU: unlimited,
    FSIZE: unlimited,
    DATA: unlimited,
    STACK: { soft: 8_388_608, hard: USEC_INFINITY },
    CORE: { soft: 0, hard: USEC_INFINITY },
    RSS: unlimited,
    NPROC: both(processes),
    NOFILE: { soft: 1024, hard: 4096 },
    MEMLOCK: both(8_388_608),
    AS: unlimited,
    LOCKS: unlimited,
    SIGPENDING: both(processes),
    MSGQUEUE: both(819_200),
    NICE: both(0),
    RTPRIO: both(0),
    RTTIME: unlimited,
  }
}

function cell(value: number): string {
  return value === USEC_INFINITY ? 'unlimited' : String(value)
}

/** The text of /proc/PID/limits. */
export function formatLimits(limits: Limits): string {
  const head = `${'Limit'.padEnd(25)} ${'Soft Limit'.padEnd(20)} ${'Hard Limit'.padEnd(20)} ${'Units'.padEnd(10)}\n`
  return (
    head +
    limitRows
      .map(([name, title, unit]) => {
        const { soft, hard } = limits[name]
        const start = `${title.padEnd(25)} ${cell(soft).padEnd(20)} ${cell(hard).padEnd(20)} `
        return `${start}${unit === '' ? '' : unit.padEnd(10)}\n`
      })
      .join('')
  )
}
