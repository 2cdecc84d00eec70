// After cgroups in systemd (systemd.resource-control(5)): one directory for each unit that holds processes, below its slice.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import type { Manager } from '../manager/manager'
import type { Unit } from '../manager/unit'
import { sliceToCgroup } from '../unit-name'
import { attributesOf, cgroupSectionOf } from './attributes'
import { programsKey, programsOf } from './programs'

export const CGROUP_ROOT = '/sys/fs/cgroup'
const IN_MODIFY = 2

/** cg_escape(): names that the kernel keeps for itself get a `_` in front. */
export function cgroupEscape(name: string): string {
  return /^[_.]/.test(name) ||
    /^cgroup\./.test(name) ||
    /^(cpu|memory|io|pids|cpuset|hugetlb|rdma|misc|devices|freezer|blkio|bpf-)\./.test(name)
    ? `_${name}`
    : name
}

/** Where the unit's cgroup is or will be, below the manager's own root. */
export function defaultCgroupPath(unit: Unit): string {
  const { manager } = unit
  if (unit.type === 'slice')
    return unit.id === '-.slice' ? manager.cgroupRoot : `${manager.cgroupRoot}/${sliceToCgroup(unit.id) ?? cgroupEscape(unit.id)}`
  const slice = unit.slice()
  const below = slice === undefined || slice.id === '-.slice' ? '' : `/${sliceToCgroup(slice.id) ?? slice.id}`
  return `${manager.cgroupRoot}${below}/${cgroupEscape(unit.id)}`
}

export function cgroupDirectory(path: string): string {
  return path === '' || path === '/' ? CGROUP_ROOT : `${CGROUP_ROOT}${path}`
}

/** Makes the cgroup and those above it, sets what the unit asks for, and watches for the last process to leave. */
export function* realizeCgroup(unit: Unit): Syscall<boolean> {
  const { manager } = unit
  const { process } = manager
  const slice = unit.slice()
  if (slice !== undefined && slice.cgroupPath === undefined) yield* realizeCgroup(slice)
  if (unit.cgroupPath === undefined) {
    const path = defaultCgroupPath(unit)
    const directory = cgroupDirectory(path)
    if (path !== manager.cgroupRoot || path === '') {
      const made = path === '' ? 0 : yield* process.mkdir(directory, 0o755)
      if (isErrno(made) && made.name !== 'EEXIST') {
        unit.log(4, `Failed to create cgroup ${path}: ${made.message}`)
        return false
      }
    }
    unit.cgroupPath = path
    manager.unitsByCgroup.set(path === '' ? '/' : path, unit)
    const stat = yield* process.stat(directory)
    if (!isErrno(stat)) unit.cgroupId = stat.ino
    if (unit.type !== 'slice' && manager.cgroupInotify !== undefined) {
      const watch = yield* process.inotifyAddWatch(manager.cgroupInotify, `${directory}/cgroup.events`, IN_MODIFY)
      if (!isErrno(watch)) {
        unit.cgroupWatch = watch
        manager.unitsByCgroupWatch.set(watch, unit)
      }
      const memory = yield* process.inotifyAddWatch(manager.cgroupInotify, `${directory}/memory.events`, IN_MODIFY)
      if (!isErrno(memory)) {
        unit.memoryWatch = memory
        manager.unitsByMemoryWatch.set(memory, unit)
      }
    }
    yield* enableControllers(unit)
  }
  yield* applyAttributes(unit)
  return true
}

/** A controller works in a cgroup when its parent hands it down. */
function* enableControllers(unit: Unit): Syscall<void> {
  const slice = unit.slice()
  const parent = slice === undefined ? unit.manager.cgroupRoot : slice.cgroupPath
  if (unit.cgroupPath === '' || unit.cgroupPath === undefined) return
  const file = `${cgroupDirectory(parent ?? '')}/cgroup.subtree_control`
  if (unit.manager.controllersEnabled.has(file)) return
  unit.manager.controllersEnabled.add(file)
  yield* writeFile(unit.manager, file, '+cpu +memory +pids')
}

function* applyAttributes(unit: Unit): Syscall<void> {
  if (unit.cgroupPath === undefined) return
  const directory = cgroupDirectory(unit.cgroupPath)
  const applied = unit.cgroupAttributes
  for (const [file, value] of attributesOf(unit)) {
    if (applied.get(file) === value) continue
    const before = applied.get(file)
    applied.set(file, value)
    // What the kernel starts with needs no writing.
    if (
      before === undefined &&
      (value === 'max' || (file === 'cpu.weight' && value === '100') || (file === 'memory.oom.group' && value === '0'))
    )
      continue
    yield* writeFile(unit.manager, `${directory}/${file}`, value)
  }
  yield* attachPrograms(unit, unit.cgroupPath)
}

function* attachPrograms(unit: Unit, path: string): Syscall<void> {
  const section = cgroupSectionOf(unit)
  if (section === undefined) return
  const key = programsKey(section)
  if ((unit.cgroupAttributes.get('bpf') ?? '') === key) return
  unit.cgroupAttributes.set('bpf', key)
  yield* unit.manager.process.syscall('bpf', 'attach', path, yield* programsOf(unit, section))
}

function* writeFile(manager: Manager, path: string, text: string): Syscall<boolean> {
  const { process } = manager
  const fd = yield* process.open(path, 1)
  if (isErrno(fd)) return false
  const written = yield* process.write(fd, `${text}\n`)
  yield* process.close(fd)
  return !isErrno(written)
}

export function* writeCgroupFile(unit: Unit, file: string, text: string): Syscall<boolean> {
  return unit.cgroupPath === undefined ? false : yield* writeFile(unit.manager, `${cgroupDirectory(unit.cgroupPath)}/${file}`, text)
}

// ---------------------------------------------------------------- looking

export function readCgroupFile(unit: Unit, file: string): string | undefined {
  if (unit.cgroupPath === undefined) return undefined
  const content = unit.manager.reader.readFile(`${cgroupDirectory(unit.cgroupPath)}/${file}`)
  return content === undefined ? undefined : decodeUtf8(content)
}

export function readCgroupNumber(unit: Unit, file: string): number | undefined {
  const text = readCgroupFile(unit, file)?.trim()
  if (text === undefined || text === '') return undefined
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
}

export function readKeyed(unit: Unit, file: string, key: string): number | undefined {
  const found = new RegExp(`^${key} (\\d+)$`, 'm').exec(readCgroupFile(unit, file) ?? '')
  return found === null ? undefined : Number(found[1])
}

/** Some process is in it or below. */
export function isPopulated(unit: Unit): boolean {
  return readKeyed(unit, 'cgroup.events', 'populated') === 1
}

/** Processes in the cgroup and all below it, in the order of the walk. */
export function processesOf(unit: Unit): readonly { readonly pid: number; readonly path: string }[] {
  if (unit.cgroupPath === undefined) return []
  const found: { pid: number; path: string }[] = []
  const walk = (path: string) => {
    const directory = cgroupDirectory(path)
    const content = unit.manager.reader.readFile(`${directory}/cgroup.procs`)
    if (content === undefined) return
    for (const line of decodeUtf8(content).split('\n'))
      if (line !== '' && !(path === '' && isKernelThread(unit.manager, Number(line)))) found.push({ pid: Number(line), path })
    for (const name of unit.manager.reader.readDirectory(directory) ?? [])
      if (unit.manager.reader.linkStatus(`${directory}/${name}`)?.kind === 'directory') walk(`${path}/${name}`)
  }
  walk(unit.cgroupPath)
  return found
}

/** The kernel's own, children of kthreadd; they all are in the root. */
function isKernelThread(manager: Manager, pid: number): boolean {
  const content = manager.reader.readFile(`/proc/${pid}/stat`)
  return pid === 2 || (content !== undefined && /^\d+ \(.*\) \S 2 /s.test(decodeUtf8(content)))
}

export function cpuUsageNsec(unit: Unit): number | undefined {
  const usec = readKeyed(unit, 'cpu.stat', 'usage_usec')
  return usec === undefined ? unit.lastCpuUsageNsec : usec * 1000
}

// ---------------------------------------------------------------- the end

/** The unit is down: keep the figures, drop the directory if nothing lives in it. */
export function pruneCgroup(unit: Unit): void {
  if (unit.cgroupPath === undefined || (unit.type === 'slice' && unit.id === '-.slice')) return
  unit.lastCpuUsageNsec = cpuUsageNsec(unit)
  unit.lastMemoryPeak = readCgroupNumber(unit, 'memory.peak')
  unit.lastMemorySwapPeak = readCgroupNumber(unit, 'memory.swap.peak') ?? 0
  if (unit.type !== 'slice' && isPopulated(unit)) return
  releaseCgroup(unit)
}

export function releaseCgroup(unit: Unit): void {
  const { manager } = unit
  const path = unit.cgroupPath
  if (path === undefined) return
  unit.cgroupPath = undefined
  unit.cgroupAttributes.clear()
  if (manager.unitsByCgroup.get(path) === unit) manager.unitsByCgroup.delete(path)
  const { cgroupWatch, memoryWatch } = unit
  unit.cgroupWatch = undefined
  unit.memoryWatch = undefined
  if (cgroupWatch !== undefined) manager.unitsByCgroupWatch.delete(cgroupWatch)
  if (memoryWatch !== undefined) manager.unitsByMemoryWatch.delete(memoryWatch)
  manager.controllersEnabled.delete(`${cgroupDirectory(path)}/cgroup.subtree_control`)
  manager.defer(function* () {
    for (const watch of [cgroupWatch, memoryWatch])
      if (watch !== undefined && manager.cgroupInotify !== undefined)
        yield* manager.process.inotifyRemoveWatch(manager.cgroupInotify, watch)
    if (manager.unitsByCgroup.has(path)) return
    yield* removeTree(manager, cgroupDirectory(path))
  })
}

function* removeTree(manager: Manager, directory: string): Syscall<void> {
  for (const name of manager.reader.readDirectory(directory) ?? [])
    if (manager.reader.linkStatus(`${directory}/${name}`)?.kind === 'directory') yield* removeTree(manager, `${directory}/${name}`)
  yield* manager.process.rmdir(directory)
}

/** The unit whose cgroup holds this path, nearest first. */
export function unitOfCgroup(manager: Manager, path: string): Unit | undefined {
  for (let one = path; ; ) {
    const unit = manager.unitsByCgroup.get(one === '' ? '/' : one)
    if (unit !== undefined) return unit
    if (one === '' || one === '/') return undefined
    one = one.slice(0, one.lastIndexOf('/'))
  }
}

export function unitOfPid(manager: Manager, pid: number): Unit | undefined {
  const content = manager.reader.readFile(`/proc/${pid}/cgroup`)
  if (content === undefined) return undefined
  const path = /^0::(.*)$/m.exec(decodeUtf8(content))?.[1]
  return path === undefined ? undefined : unitOfCgroup(manager, path.replace(/ \(deleted\)$/, ''))
}

export function processName(manager: Manager, pid: number): string | undefined {
  const content = manager.reader.readFile(`/proc/${pid}/comm`)
  return content === undefined ? undefined : decodeUtf8(content).trimEnd()
}
