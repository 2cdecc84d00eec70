// After proc_pid_stat(5), proc_pid_status(5) and their kin: the texts about one process.
import { USEC_INFINITY } from '@/lib/base'
import { formatCapabilitySet } from './capability'
import { idInside, OVERFLOW_ID } from './credentials'
import { stateLetter } from './process-status'
import { policyNumber } from './calls/scheduling'
import type { Task } from './task'

const FILE_RSS = 1_695_744
const STACK = 135_168
const LIBRARIES = 2_500_000
const TICK_USEC = 10_000

const ticks = (usec: number): number => Math.floor(usec / TICK_USEC)
const kib = (bytes: number): string => `${Math.floor(bytes / 1024)}`.padStart(8)

const stateNames: Record<string, string> = {
  R: 'R (running)',
  S: 'S (sleeping)',
  D: 'D (disk sleep)',
  T: 'T (stopped)',
  Z: 'Z (zombie)',
  I: 'I (idle)',
}

export function residentBytes(task: Task): number {
  return task.isKernelThread || !task.alive ? 0 : FILE_RSS + task.memoryBytes
}

function virtualBytes(task: Task): number {
  return task.isKernelThread || !task.alive ? 0 : LIBRARIES + STACK + FILE_RSS + task.memoryBytes
}

function signalMask(numbers: Iterable<number>): string {
  let mask = 0n
  for (const number of numbers) mask |= 1n << BigInt(number - 1)
  return mask.toString(16).padStart(16, '0')
}

function ttyNumber(task: Task): number {
  const rdev = task.session.tty?.rdev
  return rdev === undefined ? 0 : rdev[0] * 256 + rdev[1]
}

function kernelPriority(task: Task): number {
  return task.realtimePriority > 0 ? -1 - task.realtimePriority : 20 + task.nice
}

export function statText(task: Task, viewer: Task | undefined): string {
  const { kernel } = task
  const seen = (other: Task | undefined): number =>
    other === undefined ? 0 : viewer === undefined ? other.pid : kernel.pidSeenBy(other, viewer)
  const number = (id: number): number => (viewer === undefined ? id : kernel.numberSeenBy(id, viewer))
  const tty = task.session.tty
  const fields = [
    seen(task),
    `(${task.comm})`,
    stateLetter(task),
    seen(task.parentTask),
    number(task.pgid),
    number(task.session.sid),
    ttyNumber(task),
    tty === undefined ? -1 : number(tty.foregroundPgid) || -1,
    task.isKernelThread ? 2_129_984 : 4_194_560,
    task.isKernelThread ? 0 : 96,
    0,
    0,
    0,
    ticks(task.userUsec),
    ticks(task.systemUsec),
    ticks(task.childrenUserUsec),
    ticks(task.childrenSystemUsec),
    kernelPriority(task),
    task.nice,
    1,
    0,
    ticks(task.startUsec),
    virtualBytes(task),
    Math.floor(residentBytes(task) / 4096),
    '18446744073709551615',
    ...Array.from({ length: 5 }, () => 0),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    17,
    0,
    task.realtimePriority,
    policyNumber[task.policy],
    ...Array.from({ length: 10 }, () => 0),
    task.alive ? 0 : exitCode(task),
  ]
  return `${fields.join(' ')}\n`
}

function exitCode(task: Task): number {
  const result = task.exitResult
  if (result === undefined) return 0
  return result.how === 'exited' ? result.status << 8 : result.signal
}

export function statmText(task: Task): string {
  const pages = (bytes: number): number => Math.floor(bytes / 4096)
  return `${pages(virtualBytes(task))} ${pages(residentBytes(task))} ${pages(task.isKernelThread ? 0 : FILE_RSS)} 6 0 ${pages(task.memoryBytes + STACK)} 0\n`
}

/** The number of a process in each namespace from the viewer's inwards. */
function namespaceNumbers(task: Task, outer: number): string {
  const numbers: number[] = []
  for (let at: Task['namespaces']['pid'] | undefined = task.namespaces.pid; at !== undefined; at = at.outer) {
    numbers.unshift(at.outer === undefined ? task.pid : (at.numbers.get(task) ?? 0))
  }
  return numbers.slice(outer).join('\t')
}

export function statusText(task: Task, viewer: Task | undefined): string {
  const { credentials, kernel } = task
  const seen = (other: Task | undefined): number =>
    other === undefined ? 0 : viewer === undefined ? other.pid : kernel.pidSeenBy(other, viewer)
  const number = (id: number): number => (viewer === undefined ? id : kernel.numberSeenBy(id, viewer))
  const map = viewer?.credentials.userNamespace
  const uid = (id: number): number => (map === undefined || map.isInitial ? id : (idInside(map.uidMap, id) ?? OVERFLOW_ID))
  const gid = (id: number): number => (map === undefined || map.isInitial ? id : (idInside(map.gidMap, id) ?? OVERFLOW_ID))
  const { uid: ruid, euid, suid, fsuid, gid: rgid, egid, sgid, fsgid, groups, capabilities } = credentials
  const ignored: number[] = []
  const caught: number[] = []
  for (const [signal, { disposition }] of task.actions) (disposition === 'ignore' ? ignored : caught).push(signal)
  const level = viewer?.namespaces.pid.level ?? 0
  const processLimit = task.limits.SIGPENDING.soft
  const memory = task.isKernelThread || !task.alive ? '' : memoryText(task)
  return [
    `Name:\t${task.comm}`,
    `Umask:\t${task.fs.umask.toString(8).padStart(4, '0')}`,
    `State:\t${stateNames[stateLetter(task)]}`,
    `Tgid:\t${seen(task)}`,
    'Ngid:\t0',
    `Pid:\t${seen(task)}`,
    `PPid:\t${seen(task.parentTask)}`,
    'TracerPid:\t0',
    `Uid:\t${[ruid, euid, suid, fsuid].map(uid).join('\t')}`,
    `Gid:\t${[rgid, egid, sgid, fsgid].map(gid).join('\t')}`,
    `FDSize:\t${fdSize(task)}`,
    `Groups:\t${groups.map((id) => `${gid(id)} `).join('')}${groups.length === 0 ? ' ' : ''}`,
    `NStgid:\t${namespaceNumbers(task, level)}`,
    `NSpid:\t${namespaceNumbers(task, level)}`,
    `NSpgid:\t${number(task.pgid)}`,
    `NSsid:\t${number(task.session.sid)}`,
    `Kthread:\t${task.isKernelThread ? 1 : 0}`,
    ...(memory === '' ? [] : [memory]),
    'Threads:\t1',
    `SigQ:\t${task.pending.length}/${processLimit === USEC_INFINITY ? '18446744073709551615' : processLimit}`,
    'SigPnd:\t0000000000000000',
    `ShdPnd:\t${signalMask(task.pending.map((one) => one.signal))}`,
    `SigBlk:\t${signalMask(task.blocked)}`,
    `SigIgn:\t${signalMask(ignored)}`,
    `SigCgt:\t${signalMask(caught)}`,
    `CapInh:\t${formatCapabilitySet(capabilities.inheritable)}`,
    `CapPrm:\t${formatCapabilitySet(capabilities.permitted)}`,
    `CapEff:\t${formatCapabilitySet(capabilities.effective)}`,
    `CapBnd:\t${formatCapabilitySet(capabilities.bounding)}`,
    `CapAmb:\t${formatCapabilitySet(capabilities.ambient)}`,
    `NoNewPrivs:\t${credentials.noNewPrivileges ? 1 : 0}`,
    `Seccomp:\t${task.seccompFilters.length > 0 ? 2 : 0}`,
    `Seccomp_filters:\t${task.seccompFilters.length}`,
    'Speculation_Store_Bypass:\tvulnerable',
    'SpeculationIndirectBranch:\talways enabled',
    'Cpus_allowed:\t1',
    'Cpus_allowed_list:\t0',
    `Mems_allowed:\t${'00000000,'.repeat(31)}00000001`,
    'Mems_allowed_list:\t0',
    `voluntary_ctxt_switches:\t${task.voluntarySwitches}`,
    `nonvoluntary_ctxt_switches:\t${task.involuntarySwitches}`,
    'x86_Thread_features:\t',
    'x86_Thread_features_locked:\t',
    '',
  ].join('\n')
}

function fdSize(task: Task): number {
  let size = 64
  const highest = task.files.numbers().at(-1) ?? 0
  while (size <= highest) size *= 2
  return size
}

function memoryText(task: Task): string {
  const rss = residentBytes(task)
  const rows: readonly (readonly [string, number])[] = [
    ['VmPeak', Math.max(virtualBytes(task), LIBRARIES + STACK + FILE_RSS + task.peakBytes)],
    ['VmSize', virtualBytes(task)],
    ['VmLck', task.lockedBytes],
    ['VmPin', 0],
    ['VmHWM', FILE_RSS + Math.max(task.peakBytes, task.memoryBytes)],
    ['VmRSS', rss],
    ['RssAnon', task.memoryBytes],
    ['RssFile', FILE_RSS],
    ['RssShmem', 0],
    ['VmData', task.memoryBytes + 385_024],
    ['VmStk', STACK],
    ['VmExe', 24_576],
    ['VmLib', 1_626_112],
    ['VmPTE', 49_152],
    ['VmSwap', 0],
    ['HugetlbPages', 0],
  ]
  const lines = rows.map(([name, bytes]) => `${name}:\t${kib(bytes)} kB`)
  return [...lines, 'CoreDumping:\t0', 'THP_enabled:\t1', 'untag_mask:\t0xffffffffffffffff'].join('\n')
}

export function ioText(task: Task): string {
  return (
    `rchar: ${task.readBytes}\nwchar: ${task.writtenBytes}\nsyscr: ${task.readCalls}\nsyscw: ${task.writeCalls}\n` +
    'read_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n'
  )
}

export function schedText(task: Task): string {
  const ms = (usec: number): string => (usec / 1000).toFixed(6)
  return (
    `${task.comm} (${task.pid}, #threads: 1)\n-------------------------------------------------------------------\n` +
    `se.exec_start                                : ${ms(task.kernel.clock.monotonicUsec).padStart(22)}\n` +
    `se.vruntime                                  : ${ms(task.vruntime).padStart(22)}\n` +
    `se.sum_exec_runtime                          : ${ms(task.userUsec + task.systemUsec).padStart(22)}\n` +
    `nr_switches                                  : ${String(task.voluntarySwitches + task.involuntarySwitches).padStart(22)}\n` +
    `nr_voluntary_switches                        : ${String(task.voluntarySwitches).padStart(22)}\n` +
    `nr_involuntary_switches                      : ${String(task.involuntarySwitches).padStart(22)}\n` +
    `policy                                       : ${String(policyNumber[task.policy]).padStart(22)}\n` +
    `prio                                         : ${String(task.realtimePriority > 0 ? 99 - task.realtimePriority : 120 + task.nice).padStart(22)}\n`
  )
}

export function mapsText(task: Task): string {
  if (task.isKernelThread || !task.alive) return ''
  const line = (range: string, flags: string, offset: string, inode: number, path: string): string =>
    `${`${range} ${flags} ${offset} ${inode === 0 ? '00:00' : 'fe:00'} ${inode}`.padEnd(73)}${path}\n`
  return (
    line('555555554000-555555556000', 'r--p', '00000000', 1201, task.exe) +
    line('555555556000-55555555b000', 'r-xp', '00002000', 1201, task.exe) +
    line('55555555f000-555555580000', 'rw-p', '00000000', 0, '[heap]') +
    line('7ffff7dc0000-7ffff7f15000', 'r-xp', '00028000', 2290, '/usr/lib/x86_64-linux-gnu/libc.so.6') +
    line('7ffffffde000-7ffffffff000', 'rw-p', '00000000', 0, '[stack]')
  )
}

export function oomScore(task: Task): number {
  const { totalBytes } = task.kernel.memory
  const points = Math.floor((residentBytes(task) * 1000) / totalBytes) + task.oomScoreAdj
  return task.oomScoreAdj === -1000 ? 0 : Math.max(0, Math.floor(666 + (points * 2) / 3))
}
