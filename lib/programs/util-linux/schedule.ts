// After renice(1), ionice(1), taskset(1), chrt(1).
import { errno, isErrno, type Process, type SchedulingPolicy, type Syscall } from '@/lib/kernel'
import { execvp } from '../coreutils/env'
import { readProcess } from '../procps/process-table'
import { program } from '../program'
import { complain, readText } from '../stdio'
import { userByName } from '../user-table'
import { readProcesses } from '../procps/process-table'

const tryHelp = (name: string): string => `Try '${name} --help' for more information.\n`

export const renice = program({
  name: 'renice',
  path: '/usr/bin/renice',
  summary: 'change the niceness of running processes',
  synopsis: '[-n|--priority|--relative] <priority> [-p|--pid] <pid>...',
  options: [],
  raw: true,
  *main(process, args) {
    const words = [...args.operands]
    let relative = false
    let which = 'pid' as 'pid' | 'group' | 'user'
    let wanted: number | undefined
    let status = 0
    const targets: { which: 'pid' | 'group' | 'user'; text: string }[] = []
    for (let word = words.shift(); word !== undefined; word = words.shift()) {
      if (word === '-n' || word === '--priority' || word === '--relative') {
        relative = word === '--relative'
        wanted = Number(words.shift())
      } else if (word === '-p' || word === '--pid') which = 'pid'
      else if (word === '-g' || word === '--pgrp') which = 'group'
      else if (word === '-u' || word === '--user') which = 'user'
      else if (word === '--help' || word === '-h') {
        yield* process.write(
          1,
          `\nUsage:\n renice [-n|--priority|--relative] <priority> [-p|--pid] <pid>...\n renice [-n|--priority|--relative] <priority>  -g|--pgrp <pgid>...\n renice [-n|--priority|--relative] <priority>  -u|--user <user>...\n`,
        )
        return 0
      } else if (wanted === undefined) wanted = Number(word)
      else targets.push({ which, text: word })
    }
    if (wanted === undefined || Number.isNaN(wanted) || targets.length === 0) {
      yield* process.write(
        2,
        `renice: ${wanted === undefined || targets.length === 0 ? 'not enough arguments' : 'invalid priority'}\n${tryHelp('renice')}`,
      )
      return 1
    }
    const kind = { pid: 'process ID', group: 'process group ID', user: 'user ID' }
    for (const { which: type, text } of targets) {
      const id = type === 'user' ? (userByName(process, text)?.uid ?? Number(text)) : Number(text)
      if (Number.isNaN(id)) {
        yield* complain(process, `bad ${kind[type]} value: ${text}`)
        status = 1
        continue
      }
      const pids =
        type === 'pid'
          ? [id]
          : readProcesses(process)
              .filter((row) => (type === 'group' ? row.pgid === id : row.uid === id))
              .map((row) => row.pid)
      for (const pid of pids) {
        const before = yield* process.getpriority(pid)
        if (isErrno(before)) {
          yield* complain(process, `failed to get priority for ${id} (${kind[type]})`, before)
          status = 1
          break
        }
        const result = yield* process.setpriority(pid, Math.max(-20, Math.min(19, relative ? before + wanted : wanted)))
        if (isErrno(result)) {
          yield* complain(
            process,
            `failed to set priority for ${id} (${kind[type]})`,
            result === errno.EPERM && pid === id && wanted < before ? errno.EACCES : result,
          )
          status = 1
          break
        }
        const now = yield* process.getpriority(pid)
        yield* process.write(1, `${id} (${kind[type]}) old priority ${before}, new priority ${isErrno(now) ? wanted : now}\n`)
      }
    }
    return status
  },
})

const classNames = ['none', 'realtime', 'best-effort', 'idle']

export const ionice = program({
  name: 'ionice',
  path: '/usr/bin/ionice',
  summary: 'show or set the class of disk access',
  synopsis: '[options] -p <pid>...\n ionice [options] <command>',
  stopAtOperand: true,
  options: [
    { short: 'c', long: 'class', argument: 'required', metavar: '<class>', help: '0 none, 1 realtime, 2 best-effort, 3 idle' },
    { short: 'n', long: 'classdata', argument: 'required', metavar: '<num>', help: 'the priority inside the class, 0 to 7' },
    { short: 'p', long: 'pid', argument: 'required', metavar: '<pid>...', help: 'of these processes' },
    { short: 'P', long: 'pgid', argument: 'required', metavar: '<pgrp>...', help: 'of these groups' },
    { short: 't', long: 'ignore', help: 'failures do not matter' },
    { short: 'u', long: 'uid', argument: 'required', metavar: '<uid>...', help: 'of these users' },
  ],
  *main(process, args) {
    const classText = args.value('class')
    const level = Number(args.value('classdata') ?? 4)
    const chosen =
      classText === undefined
        ? undefined
        : /^\d$/.test(classText)
          ? Number(classText)
          : classNames.indexOf(classText.toLowerCase().replace(/^be$/, 'best-effort').replace(/^rt$/, 'realtime'))
    if (chosen !== undefined && (chosen < 0 || chosen > 3)) {
      yield* complain(process, /^\d$/.test(classText ?? '') ? `bad prio class ${classText}` : `unknown scheduling class: '${classText}'`)
      return 1
    }
    const value = ((chosen ?? 2) << 13) | (chosen === 3 || chosen === 0 ? (args.has('classdata') ? level : chosen === 0 ? 0 : 7) : level)
    const pids = args.has('pid') ? [...args.values('pid'), ...args.operands].map(Number) : undefined
    let status = 0
    for (const pid of pids ?? []) {
      if (chosen !== undefined || args.has('classdata')) {
        const result = yield* process.syscall('ioprio_set', 1, pid, value)
        if (isErrno(result) && !args.has('ignore')) {
          yield* complain(process, 'ioprio_set failed', result)
          status = 1
        }
        continue
      }
      const found = yield* process.syscall('ioprio_get', 1, pid)
      if (isErrno(found)) {
        yield* complain(process, 'ioprio_get failed', found)
        return 1
      }
      const number = typeof found === 'number' ? found : 0
      const kind = number >> 13
      yield* process.write(1, kind === 3 ? 'idle\n' : `${classNames[kind]}: prio ${number & 0x1fff}\n`)
    }
    if (pids !== undefined) return status
    if (args.operands.length === 0) {
      const found = yield* process.syscall('ioprio_get', 1, process.pid)
      const number = typeof found === 'number' ? found : 0
      yield* process.write(1, number >> 13 === 3 ? 'idle\n' : `${classNames[number >> 13]}: prio ${number & 0x1fff}\n`)
      return 0
    }
    const result = yield* process.syscall('ioprio_set', 1, 0, value)
    if (isErrno(result) && !args.has('ignore')) {
      yield* complain(process, 'ioprio_set failed', result)
      return 1
    }
    const error = yield* execvp(process, args.operands, process.env)
    yield* complain(process, `failed to execute ${args.operands[0]}`, error)
    return error === errno.ENOENT ? 127 : 126
  },
})

function parseCpuList(text: string): readonly number[] | undefined {
  const cpus: number[] = []
  for (const item of text.split(',')) {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(item)
    if (match === null) return undefined
    for (let cpu = Number(match[1]); cpu <= Number(match[2] ?? match[1]); cpu += Number(match[3] ?? 1)) cpus.push(cpu)
  }
  return cpus
}

function parseMask(text: string): readonly number[] | undefined {
  if (!/^(?:0x)?[0-9a-fA-F]+$/.test(text)) return undefined
  const mask = BigInt(`0x${text.replace(/^0x/, '')}`)
  return Array.from({ length: 64 }, (_, cpu) => cpu).filter((cpu) => (mask >> BigInt(cpu)) & 1n)
}

function* affinity(process: Process, pid: number, list: boolean): Syscall<string | undefined> {
  const text = yield* readText(process, `/proc/${pid === 0 ? 'self' : pid}/status`)
  if (isErrno(text)) return undefined
  const match = new RegExp(list ? '^Cpus_allowed_list:\\s*(.*)$' : '^Cpus_allowed:\\s*(.*)$', 'm').exec(text)
  const value = match?.[1] ?? '0'
  return list ? value : value.replaceAll(',', '').replace(/^0+(?=.)/, '')
}

export const taskset = program({
  name: 'taskset',
  path: '/usr/bin/taskset',
  summary: 'show or set which processors a process may use',
  synopsis: '[options] [mask | cpu-list] [pid|cmd [args...]]',
  stopAtOperand: true,
  options: [
    { short: 'a', long: 'all-tasks', help: 'all threads' },
    { short: 'c', long: 'cpu-list', help: 'a list such as 0-3,5, not a mask' },
    { short: 'p', long: 'pid', help: 'of this running process' },
  ],
  *main(process, args) {
    const operands = [...args.operands]
    const list = args.has('cpu-list')
    const word = list ? 'list' : 'mask'
    if (operands.length === 0 || (operands.length === 1 && !args.has('pid'))) {
      yield* process.write(2, `taskset: bad usage\n${tryHelp('taskset')}`)
      return 1
    }
    if (args.has('pid') && operands.length === 1) {
      const pid = Number(operands[0])
      const text = yield* affinity(process, pid, list)
      if (text === undefined) {
        yield* complain(process, `failed to get pid ${pid}'s affinity: No such process`)
        return 1
      }
      yield* process.write(1, `pid ${pid}'s current affinity ${word}: ${text}\n`)
      return 0
    }
    const spec = operands.shift()!
    const cpus = list ? parseCpuList(spec) : parseMask(spec)
    if (cpus === undefined) {
      yield* complain(process, list ? `failed to parse CPU list: ${spec}` : `failed to parse CPU mask: ${spec}`)
      return 1
    }
    const pid = args.has('pid') ? Number(operands[0]) : 0
    if (args.has('pid')) yield* process.write(1, `pid ${pid}'s current affinity ${word}: ${yield* affinity(process, pid, list)}\n`)
    const result = yield* process.setAffinity(pid === 0 ? process.pid : pid, cpus)
    if (isErrno(result)) {
      yield* complain(process, `failed to set pid ${pid === 0 ? process.pid : pid}'s affinity`, result)
      return 1
    }
    if (args.has('pid')) {
      yield* process.write(1, `pid ${pid}'s new affinity ${word}: ${yield* affinity(process, pid, list)}\n`)
      return 0
    }
    const error = yield* execvp(process, operands, process.env)
    yield* complain(process, `failed to execute ${operands[0]}`, error)
    return error === errno.ENOENT ? 127 : 126
  },
})

const policyNames = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', '', 'SCHED_IDLE', 'SCHED_DEADLINE']

export const chrt = program({
  name: 'chrt',
  path: '/usr/bin/chrt',
  summary: 'show or set the scheduling policy of a process',
  synopsis: '[options] <priority> <command> [<arg>...]\n chrt [options] --pid <priority> <pid>',
  stopAtOperand: true,
  options: [
    { short: 'a', long: 'all-tasks', help: 'all threads' },
    { short: 'b', long: 'batch', help: 'SCHED_BATCH' },
    { short: 'd', long: 'deadline', help: 'SCHED_DEADLINE' },
    { short: 'f', long: 'fifo', help: 'SCHED_FIFO' },
    { short: 'i', long: 'idle', help: 'SCHED_IDLE' },
    { short: 'm', long: 'max', help: 'show the range of priorities' },
    { short: 'o', long: 'other', help: 'SCHED_OTHER' },
    { short: 'p', long: 'pid', help: 'of this running process' },
    { short: 'r', long: 'rr', help: 'SCHED_RR' },
    { short: 'R', long: 'reset-on-fork', help: 'children do not inherit' },
    { short: 'v', long: 'verbose', help: 'say what is done' },
  ],
  *main(process, args) {
    if (args.has('max')) {
      const rows = [
        ['SCHED_OTHER', '0/0'],
        ['SCHED_FIFO', '1/99'],
        ['SCHED_RR', '1/99'],
        ['SCHED_BATCH', '0/0'],
        ['SCHED_IDLE', '0/0'],
        ['SCHED_DEADLINE', '0/0'],
      ]
      yield* process.write(1, rows.map(([name, range]) => `${name} min/max priority\t: ${range}\n`).join(''))
      return 0
    }
    const operands = [...args.operands]
    const policy: SchedulingPolicy = args.has('fifo')
      ? 'fifo'
      : args.has('batch')
        ? 'batch'
        : args.has('idle')
          ? 'idle'
          : args.has('other')
            ? 'other'
            : 'rr'
    const named = args.has('fifo') || args.has('batch') || args.has('idle') || args.has('other') || args.has('rr')
    if (operands.length === 0 || args.has('deadline')) {
      if (args.has('deadline')) yield* complain(process, 'not simulated here: SCHED_DEADLINE')
      else yield* process.write(2, `chrt: bad usage\n${tryHelp('chrt')}`)
      return 1
    }
    if (args.has('pid') && operands.length === 1) {
      const pid = Number(operands[0])
      const row = readProcess(process, pid === 0 ? process.pid : pid)
      if (row === undefined) {
        yield* complain(process, `failed to get pid ${pid}'s policy: No such process`)
        return 1
      }
      yield* process.write(
        1,
        `pid ${pid}'s current scheduling policy: ${policyNames[row.policy] ?? 'unknown'}\npid ${pid}'s current scheduling priority: ${row.rtPriority}\n`,
      )
      if (row.policy === 0 || row.policy === 3) yield* process.write(1, `pid ${pid}'s current runtime parameter: 700000\n`)
      return 0
    }
    const optional = policy === 'other' || policy === 'batch' || policy === 'idle'
    const first = operands[0]!
    const hasPriority = /^\d+$/.test(first) && !(optional && named && args.has('pid') && operands.length === 1)
    const priority = hasPriority ? Number(operands.shift()) : 0
    if (!hasPriority && !optional) {
      yield* complain(process, `invalid priority argument: '${first}'`)
      return 1
    }
    const pid = args.has('pid') ? Number(operands[0]) : 0
    const [low, high] = optional ? [0, 0] : [1, 99]
    if (priority < low || priority > high) {
      yield* complain(process, 'unsupported priority value for the policy: see --max for valid range', undefined)
      return 1
    }
    const result = yield* process.setScheduler(pid === 0 ? process.pid : pid, policy, priority, args.has('reset-on-fork'))
    if (isErrno(result)) {
      yield* complain(process, `failed to set pid ${pid}'s policy`, result)
      return 1
    }
    if (args.has('pid')) return 0
    const error = yield* execvp(process, operands, process.env)
    yield* complain(process, `failed to execute ${operands[0]}`, error)
    return error === errno.ENOENT ? 127 : 126
  },
})
