// The interface files of one cgroup: what each shows and what writing to it does.
import { USEC_INFINITY } from '@/lib/base'
import type { Cgroup, Controller } from './cgroup'
import { controllers } from './cgroup'
import { errno, isErrno } from './errno'
import { pressureText } from './proc-root-text'
import { settingFile, type SyntheticFile, textFile } from './synthetic'
import type { Fallible } from './system-calls'
import { taskOf } from './task-context'
import type { Task } from './task'
import type { PathContext } from './vfs'

const PAGE = 4096

function amount(value: number): string {
  return value === Number.POSITIVE_INFINITY ? 'max' : String(value)
}

/** `max`, or bytes with a suffix; undefined: neither. */
function parseBytes(text: string): number | undefined {
  const word = text.trim()
  if (word === 'max') return Number.POSITIVE_INFINITY
  const match = /^(\d+)([kmgt]?)$/i.exec(word)
  if (match === null) return undefined
  const scale = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }[(match[2] ?? '').toLowerCase()] ?? 1
  return Math.floor((Number(match[1]) * scale) / PAGE) * PAGE
}

function bytesFile(read: () => number, store: (value: number) => void): SyntheticFile {
  return settingFile(
    () => `${amount(read())}\n`,
    (text) => {
      const value = parseBytes(text)
      if (value === undefined) return errno.EINVAL
      store(value)
      return 0
    },
  )
}

function kept(group: Cgroup, name: string, value: string, check?: (text: string) => boolean): SyntheticFile {
  return settingFile(
    () => `${group.settings.get(name) ?? value}\n`,
    (text) => {
      const word = text.trim()
      if (check !== undefined && !check(word)) return errno.EINVAL
      group.settings.set(name, word)
      return 0
    },
  )
}

const isNumber = (low: number, high: number) => (text: string) => /^-?\d+$/.test(text) && Number(text) >= low && Number(text) <= high

const always = ['cgroup', 'cpu', 'io', 'memory', 'cpuset', 'misc', 'pids'] as const

/** The files whose names begin with `subject`; made when somebody looks, for most files of most groups are never read. */
function filesOf(group: Cgroup, subject: string): Record<string, SyntheticFile> {
  const { isRoot } = group
  switch (subject) {
    case 'cgroup':
      return { ...sharedCoreFiles(group), ...(isRoot ? {} : coreFiles(group)) }
    case 'cpu':
      return {
        'cpu.pressure': pressureFile(),
        'cpu.stat': textFile(() => cpuStat(group)),
        'cpu.stat.local': textFile(() => `throttled_usec ${Math.floor(group.schedGroup?.throttledUsec ?? 0)}\n`),
        ...(isRoot ? {} : cpuFiles(group)),
      }
    case 'io':
      return {
        'io.pressure': pressureFile(),
        'io.stat': textFile(''),
        ...(isRoot ? { 'io.cost.model': textFile('', 0o644), 'io.cost.qos': textFile('', 0o644) } : ioFiles(group)),
      }
    case 'memory':
      return {
        'memory.numa_stat': textFile(() => `anon N0=${group.memoryCurrent}\nfile N0=0\n`),
        'memory.pressure': pressureFile(),
        'memory.reclaim': { kind: 'file', mode: 0o200, write: () => errno.EAGAIN },
        'memory.stat': textFile(() => memoryStat(group)),
        ...(isRoot ? {} : memoryFiles(group)),
      }
    case 'cpuset':
      return {
        'cpuset.cpus.effective': textFile('0\n'),
        'cpuset.mems.effective': textFile('0\n'),
        ...(isRoot ? { 'cpuset.cpus.isolated': textFile('\n') } : cpusetFiles(group)),
      }
    case 'misc':
      return { 'misc.capacity': textFile(''), 'misc.current': textFile(''), 'misc.peak': textFile('') }
    case 'pids':
      return isRoot ? {} : pidsFiles(group)
    default:
      return {}
  }
}

export type CgroupFiles = { readonly names: () => readonly string[]; readonly file: (name: string) => SyntheticFile | undefined }

export function cgroupFiles(group: Cgroup): CgroupFiles {
  const made = new Map<string, ReadonlyMap<string, SyntheticFile>>()
  const of = (subject: string): ReadonlyMap<string, SyntheticFile> => {
    const known = made.get(subject)
    if (known !== undefined) return known
    const files = new Map(Object.entries(filesOf(group, subject)))
    made.set(subject, files)
    return files
  }
  return {
    names: () => always.flatMap((subject) => [...of(subject).keys()]),
    file: (name) => of(name.slice(0, Math.max(0, name.indexOf('.')))).get(name),
  }
}

function pressureFile(): SyntheticFile {
  return { kind: 'file', mode: 0o644, read: () => pressureText(), write: () => 0, poll: () => 0 }
}

function sharedCoreFiles(group: Cgroup): Record<string, SyntheticFile> {
  return {
    'cgroup.controllers': textFile(() => `${group.availableControllers.join(' ')}\n`),
    'cgroup.max.depth': kept(group, 'cgroup.max.depth', 'max'),
    'cgroup.max.descendants': kept(group, 'cgroup.max.descendants', 'max'),
    'cgroup.pressure': kept(group, 'cgroup.pressure', '1', (text) => text === '0' || text === '1'),
    'cgroup.procs': procsFile(group),
    'cgroup.stat': textFile(() => `nr_descendants ${descendants(group)}\nnr_dying_descendants 0\n`),
    'cgroup.subtree_control': settingFile(
      () => `${controllers.filter((one) => group.subtreeControl.has(one)).join(' ')}\n`,
      (text) => group.setSubtreeControl(text.split(/\s+/).filter((word) => word !== '')),
    ),
    'cgroup.threads': procsFile(group),
  }
}

function cpusetFiles(group: Cgroup): Record<string, SyntheticFile> {
  return {
    'cpuset.cpus': kept(group, 'cpuset.cpus', '', (text) => /^[\d,\- ]*$/.test(text)),
    'cpuset.cpus.exclusive': kept(group, 'cpuset.cpus.exclusive', ''),
    'cpuset.cpus.exclusive.effective': textFile('\n'),
    'cpuset.cpus.partition': kept(group, 'cpuset.cpus.partition', 'member'),
    'cpuset.mems': kept(group, 'cpuset.mems', '', (text) => /^[\d,\- ]*$/.test(text)),
  }
}

function coreFiles(group: Cgroup): Record<string, SyntheticFile> {
  return {
    'cgroup.events': {
      kind: 'file',
      mode: 0o444,
      read: () => `populated ${group.population > 0 ? 1 : 0}\nfrozen ${group.isFrozen ? 1 : 0}\n`,
      queue: group.eventsChanged,
    },
    'cgroup.freeze': settingFile(
      () => `${group.frozen ? 1 : 0}\n`,
      (text) => {
        if (!/^[01]$/.test(text.trim())) return errno.EINVAL
        group.freeze(text.trim() === '1')
        return 0
      },
    ),
    'cgroup.kill': {
      kind: 'file',
      mode: 0o200,
      write: (text) => {
        if (text.trim() !== '1') return errno.ERANGE
        group.killAll()
        return 0
      },
    },
    'cgroup.type': settingFile(
      () => 'domain\n',
      (text) => (text.trim() === 'threaded' ? 0 : errno.EINVAL),
    ),
  }
}

function cpuFiles(group: Cgroup): Record<string, SyntheticFile> {
  const store = (change: () => void): 0 => {
    change()
    group.applyCpu()
    return 0
  }
  return {
    'cpu.idle': settingFile(
      () => `${group.cpuIdle ? 1 : 0}\n`,
      (text) => (/^[01]$/.test(text.trim()) ? store(() => (group.cpuIdle = text.trim() === '1')) : errno.EINVAL),
    ),
    'cpu.max': settingFile(
      () => `${amount(group.quotaUsec)} ${group.periodUsec}\n`,
      (text) => {
        const [quota = '', period] = text.trim().split(/\s+/)
        const wanted = quota === 'max' ? USEC_INFINITY : Number(quota)
        const every = period === undefined ? group.periodUsec : Number(period)
        if (Number.isNaN(wanted) || wanted < 1000 || Number.isNaN(every) || every < 1000 || every > 1_000_000) return errno.EINVAL
        return store(() => {
          group.quotaUsec = wanted
          group.periodUsec = every
        })
      },
    ),
    'cpu.max.burst': kept(group, 'cpu.max.burst', '0', isNumber(0, Number.MAX_SAFE_INTEGER)),
    'cpu.uclamp.max': kept(group, 'cpu.uclamp.max', 'max'),
    'cpu.uclamp.min': kept(group, 'cpu.uclamp.min', '0.00'),
    'cpu.weight': settingFile(
      () => `${group.cpuIdle ? 0 : group.cpuWeight}\n`,
      (text) => (isNumber(1, 10_000)(text.trim()) ? store(() => (group.cpuWeight = Number(text))) : errno.ERANGE),
    ),
    'cpu.weight.nice': kept(group, 'cpu.weight.nice', '0', isNumber(-20, 19)),
  }
}

function memoryFiles(group: Cgroup): Record<string, SyntheticFile> {
  const events = (): string =>
    Object.entries(group.memoryEvents)
      .map(([name, count]) => `${name} ${count}\n`)
      .join('')
  return {
    'memory.current': textFile(() => `${group.memoryCurrent}\n`),
    'memory.events': { kind: 'file', mode: 0o444, read: events, queue: group.eventsChanged },
    'memory.events.local': { kind: 'file', mode: 0o444, read: events, queue: group.eventsChanged },
    'memory.high': bytesFile(
      () => group.memoryHigh,
      (value) => (group.memoryHigh = value),
    ),
    'memory.low': bytesFile(
      () => group.memoryLow,
      (value) => (group.memoryLow = value),
    ),
    'memory.max': bytesFile(
      () => group.memoryMax,
      (value) => {
        group.memoryMax = value
        if (group.memoryCurrent > value) group.kernel.memory.enforce(group)
      },
    ),
    'memory.min': bytesFile(
      () => group.memoryMin,
      (value) => (group.memoryMin = value),
    ),
    'memory.oom.group': settingFile(
      () => `${group.oomGroup ? 1 : 0}\n`,
      (text) => {
        if (!/^[01]$/.test(text.trim())) return errno.EINVAL
        group.oomGroup = text.trim() === '1'
        return 0
      },
    ),
    'memory.peak': settingFile(
      () => `${group.memoryPeak}\n`,
      () => {
        group.memoryPeak = group.memoryCurrent
        return 0
      },
    ),
    'memory.swap.current': textFile('0\n'),
    'memory.swap.events': textFile('high 0\nmax 0\nfail 0\n'),
    'memory.swap.high': kept(group, 'memory.swap.high', 'max'),
    'memory.swap.max': bytesFile(
      () => group.swapMax,
      (value) => (group.swapMax = value),
    ),
    'memory.swap.peak': textFile('0\n', 0o644),
    'memory.zswap.current': textFile('0\n'),
    'memory.zswap.max': kept(group, 'memory.zswap.max', 'max'),
    'memory.zswap.writeback': kept(group, 'memory.zswap.writeback', '1'),
  }
}

function pidsFiles(group: Cgroup): Record<string, SyntheticFile> {
  return {
    'pids.current': textFile(() => `${group.population}\n`),
    'pids.events': { kind: 'file', mode: 0o444, read: () => `max ${group.pidsEventsMax}\n`, queue: group.eventsChanged },
    'pids.events.local': textFile(() => `max ${group.pidsEventsMax}\n`),
    'pids.max': settingFile(
      () => `${amount(group.pidsMax)}\n`,
      (text) => {
        const word = text.trim()
        if (word !== 'max' && !isNumber(0, 4_194_304)(word)) return errno.EINVAL
        group.pidsMax = word === 'max' ? Number.POSITIVE_INFINITY : Number(word)
        return 0
      },
    ),
    'pids.peak': textFile(() => `${group.pidsPeak}\n`),
  }
}

function ioFiles(group: Cgroup): Record<string, SyntheticFile> {
  return {
    'io.max': kept(group, 'io.max', ''),
    'io.weight': kept(group, 'io.weight', 'default 100'),
    'io.latency': kept(group, 'io.latency', ''),
    'io.bfq.weight': kept(group, 'io.bfq.weight', 'default 100'),
  }
}

function procsFile(group: Cgroup): SyntheticFile {
  return {
    kind: 'file',
    mode: 0o644,
    read: (context) => {
      const viewer = taskOf(context)
      const pids = [...group.tasks].map((task) => (viewer === undefined ? task.pid : group.kernel.pidSeenBy(task, viewer)))
      return pids.map((pid) => `${pid}\n`).join('')
    },
    write: (text, context) => attach(group, text, context),
  }
}

/** Moving needs write access to the common ancestor's cgroup.procs as well (delegation containment). */
function attach(group: Cgroup, text: string, context: PathContext): Fallible<0> {
  const pid = Number(text.trim())
  if (!Number.isInteger(pid) || pid < 0) return errno.EINVAL
  const writer = taskOf(context)
  const task: Task | undefined =
    pid === 0 ? writer : writer === undefined ? group.kernel.tasks.get(pid) : group.kernel.taskByPid(writer, pid)
  if (task === undefined || !task.alive) return errno.ESRCH
  if (task.isKernelThread) return errno.EINVAL
  if (writer !== undefined && !mayMove(writer, task, group)) return errno.EACCES
  const moved = group.moveHere(task)
  return isErrno(moved) ? moved : 0
}

function mayMove(writer: Task, task: Task, to: Cgroup): boolean {
  if (writer.credentials.euid === 0) return true
  const above = new Set<Cgroup>()
  for (let one: Cgroup | undefined = task.cgroup; one !== undefined; one = one.parent) above.add(one)
  let common: Cgroup | undefined = to
  while (common !== undefined && !above.has(common)) common = common.parent
  return common !== undefined && common.ownerUid === writer.credentials.euid
}

function descendants(group: Cgroup): number {
  let count = 0
  for (const child of group.children.values()) count += 1 + descendants(child)
  return count
}

function cpuStat(group: Cgroup): string {
  const user = Math.floor(group.userUsec)
  const system = Math.floor(group.systemUsec)
  const base = `usage_usec ${user + system}\nuser_usec ${user}\nsystem_usec ${system}\nnice_usec 0\ncore_sched.force_idle_usec 0\n`
  const own = group.schedGroup
  if (group.isRoot || own === undefined || !group.hasController('cpu' satisfies Controller)) return base
  return (
    `${base}nr_periods ${own.periods}\nnr_throttled ${own.throttledPeriods}\nthrottled_usec ${Math.floor(own.throttledUsec)}\n` +
    'nr_bursts 0\nburst_usec 0\n'
  )
}

function memoryStat(group: Cgroup): string {
  const anon = group.memoryCurrent
  const rows: readonly (readonly [string, number])[] = [
    ['anon', Math.floor(anon * 0.6)],
    ['file', Math.floor(anon * 0.1)],
    ['kernel', Math.floor(anon * 0.3)],
    ['kernel_stack', 16_384 * group.population],
    ['pagetables', 49_152 * group.population],
    ['sock', 0],
    ['shmem', 0],
    ['file_mapped', 0],
    ['file_dirty', 0],
    ['file_writeback', 0],
    ['inactive_anon', 0],
    ['active_anon', Math.floor(anon * 0.6)],
    ['inactive_file', 0],
    ['active_file', 0],
    ['unevictable', 0],
    ['slab', Math.floor(anon * 0.2)],
    ['pgfault', 96 * group.population],
    ['pgmajfault', 0],
  ]
  return rows.map(([name, value]) => `${name} ${value}\n`).join('')
}
