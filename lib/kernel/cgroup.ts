// After cgroups(7) and the kernel's admin-guide/cgroup-v2: the unified tree with the controllers cpu, memory, pids, io, cpuset.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import { errno } from './errno'
import type { DeviceFilter } from './device-filter'
import type { Kernel } from './kernel'
import type { AddressFilter } from './network-filter'
import type { BindFilter } from './bind-filter'
import { NICE_0_WEIGHT, SchedGroup } from './sched-group'
import { Sleepers } from './sleepers'
import { reviewPending } from './signal-delivery'
import { signals } from './signal'
import type { Cause, Fallible } from './system-calls'
import type { Task } from './task'

export const controllers = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'] as const
export type Controller = (typeof controllers)[number]

/** RestrictFileSystems= and RestrictNetworkInterfaces=: only these names, or all but these. */
export type NameFilter = { readonly allow: boolean; readonly names: ReadonlySet<string>; readonly cause: Cause | undefined }

/** The filters that a manager attaches to a group; checked for its processes and those below. */
export type CgroupPrograms = {
  readonly addresses?: AddressFilter
  readonly devices?: DeviceFilter
  readonly binds?: BindFilter
  readonly fileSystems?: NameFilter
  readonly interfaces?: NameFilter
}

export class Cgroup {
  readonly kernel: Kernel
  readonly name: string
  readonly parent: Cgroup | undefined
  readonly children = new Map<string, Cgroup>()
  readonly tasks = new Set<Task>()
  readonly subtreeControl = new Set<Controller>()
  readonly inum: number
  removed = false
  /** Whom it was handed to: owner of its directory. */
  ownerUid = 0
  /** Tasks in here and below. */
  population = 0
  /** Set while the cpu controller is on in here. */
  schedGroup: SchedGroup | undefined
  /** Woken on a change of cgroup.events, memory.events, pids.events (poll and inotify). */
  readonly eventsChanged = new Sleepers()
  readonly xattrs = new Map<string, string>()
  frozen = false
  isThreadedDomain = false

  // cpu
  userUsec: Usec = 0
  systemUsec: Usec = 0
  cpuWeight = 100
  cpuIdle = false
  quotaUsec: Usec = USEC_INFINITY
  periodUsec: Usec = 100_000
  // pids
  pidsMax = Number.POSITIVE_INFINITY
  pidsPeak = 0
  pidsEventsMax = 0
  // memory
  memoryCurrent = 0
  memoryPeak = 0
  memoryMin = 0
  memoryLow = 0
  memoryHigh = Number.POSITIVE_INFINITY
  memoryMax = Number.POSITIVE_INFINITY
  swapMax = Number.POSITIVE_INFINITY
  oomGroup = false
  readonly memoryEvents = { low: 0, high: 0, max: 0, oom: 0, oom_kill: 0, oom_group_kill: 0 }
  readonly memoryFreed = new Sleepers()
  /** What is attached to the group by bpf(2). */
  programs: CgroupPrograms = {}
  /** Values of files that are kept but change nothing here (io.weight, io.max, …). */
  readonly settings = new Map<string, string>()

  constructor(kernel: Kernel, name: string, parent: Cgroup | undefined) {
    this.kernel = kernel
    this.name = name
    this.parent = parent
    this.inum = kernel.nextCgroupInum()
    if (parent === undefined) this.schedGroup = kernel.scheduler.root
    else this.frozen = parent.frozen
  }

  /** `/` for the root, else `/a/b`. */
  get path(): string {
    if (this.parent === undefined) return '/'
    return this.parent.parent === undefined ? `/${this.name}` : `${this.parent.path}/${this.name}`
  }

  /** Path as seen below `root`; outside of it with `..`. */
  pathFrom(root: Cgroup): string {
    if (root.parent === undefined) return this.path
    if (this === root) return '/'
    if (this.path.startsWith(`${root.path}/`)) return this.path.slice(root.path.length)
    let up = ''
    for (let one: Cgroup = root; ; one = one.parent!) {
      const base = one.parent === undefined ? '' : one.path
      if (one.parent === undefined || this === one || this.path.startsWith(`${base}/`)) return `${up || '/'}${this.path.slice(base.length)}`
      up += '/..'
    }
  }

  get isRoot(): boolean {
    return this.parent === undefined
  }

  /** What the parent lets this group use. */
  get availableControllers(): readonly Controller[] {
    return this.parent === undefined ? controllers : controllers.filter((one) => this.parent!.subtreeControl.has(one))
  }

  hasController(controller: Controller): boolean {
    return this.parent === undefined || this.parent.subtreeControl.has(controller)
  }

  private get schedulingGroup(): SchedGroup {
    return this.schedGroup ?? this.parent!.schedulingGroup
  }

  makeChild(name: string): Fallible<Cgroup> {
    if (this.children.has(name)) return errno.EEXIST
    const child = new Cgroup(this.kernel, name, this)
    this.children.set(name, child)
    if (this.subtreeControl.has('cpu')) child.enableCpu()
    return child
  }

  removeChild(name: string): Fallible<0> {
    const child = this.children.get(name)
    if (child === undefined) return errno.ENOENT
    if (child.population > 0 || child.children.size > 0) return errno.EBUSY
    this.children.delete(name)
    child.removed = true
    this.uncharge(0)
    return 0
  }

  // -------- controllers

  setSubtreeControl(words: readonly string[]): Fallible<0> {
    const on: Controller[] = []
    const off: Controller[] = []
    for (const word of words) {
      const name = controllers.find((one) => one === word.slice(1))
      if (name === undefined || (word[0] !== '+' && word[0] !== '-')) return errno.EINVAL
      ;(word[0] === '+' ? on : off).push(name)
    }
    for (const name of on) if (!this.availableControllers.includes(name)) return errno.ENOENT
    for (const name of off) for (const child of this.children.values()) if (child.subtreeControl.has(name)) return errno.EBUSY
    // Processes may not sit beside groups that share resources ("no internal processes").
    if (on.length > 0 && !this.isRoot && this.tasks.size > 0) return errno.EBUSY
    for (const name of on) this.subtreeControl.add(name)
    for (const name of off) this.subtreeControl.delete(name)
    for (const child of this.children.values()) {
      if (on.includes('cpu')) child.enableCpu()
      if (off.includes('cpu')) child.disableCpu()
    }
    return 0
  }

  private enableCpu(): void {
    if (this.schedGroup !== undefined) return
    this.schedGroup = new SchedGroup(this.kernel.scheduler.order(), this.parent!.schedulingGroup)
    this.applyCpu()
    this.regroupTasks()
  }

  private disableCpu(): void {
    if (this.schedGroup === undefined || this.parent === undefined) return
    this.schedGroup = undefined
    this.regroupTasks()
  }

  private regroupTasks(): void {
    for (const task of this.tasks) this.kernel.scheduler.moveToGroup(task, this.schedulingGroup)
    for (const child of this.children.values()) if (child.schedGroup === undefined) child.regroupTasks()
  }

  /** Hands weight and quota to the scheduler. */
  applyCpu(): void {
    const group = this.schedGroup
    if (group === undefined || this.parent === undefined) return
    group.weight = this.cpuIdle ? 3 : Math.max(2, Math.round((this.cpuWeight * NICE_0_WEIGHT) / 100))
    group.bandwidth.quotaUsec = this.quotaUsec
    group.bandwidth.periodUsec = this.periodUsec
    if (this.quotaUsec === USEC_INFINITY) group.unthrottle(this.kernel.clock.monotonicUsec)
  }

  chargeCpu(usec: Usec, user: boolean): void {
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      if (user) one.userUsec += usec
      else one.systemUsec += usec
    }
  }

  // -------- members

  addTask(task: Task): void {
    this.tasks.add(task)
    task.cgroup = this
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      one.population += 1
      if (one.population > one.pidsPeak) one.pidsPeak = one.population
      if (one.population === 1) one.eventsChanged.wake()
    }
    this.kernel.scheduler.moveToGroup(task, this.schedulingGroup)
    if (task.frozen !== this.frozen) {
      task.frozen = this.frozen
      this.kernel.scheduler.update(task)
    }
  }

  removeTask(task: Task): void {
    if (!this.tasks.delete(task)) return
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      one.population -= 1
      if (one.population === 0) one.eventsChanged.wake()
    }
  }

  moveHere(task: Task): Fallible<0> {
    if (task.cgroup === this) return 0
    if (this.subtreeControl.size > 0 && !this.isRoot) return errno.EBUSY
    // DEVIATES: on Linux what a process holds stays charged to the group it was in, because here nothing says which page is whose.
    task.cgroup.uncharge(task.memoryBytes)
    task.cgroup.removeTask(task)
    this.addTask(task)
    this.charge(task.memoryBytes)
    return 0
  }

  /** The first group upwards that allows no further process. */
  pidsRefusal(): Cgroup | undefined {
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      if (one.population + 1 > one.pidsMax) return one
    }
    return undefined
  }

  *everyTask(): Generator<Task> {
    yield* this.tasks
    for (const child of this.children.values()) yield* child.everyTask()
  }

  freeze(on: boolean): void {
    this.frozen = on
    const effective = on || (this.parent?.isFrozen ?? false)
    const apply = (group: Cgroup, inherited: boolean): void => {
      const state = inherited || group.frozen
      for (const task of group.tasks) {
        task.frozen = state
        this.kernel.scheduler.update(task)
      }
      for (const child of group.children.values()) apply(child, state)
      group.eventsChanged.wake()
    }
    apply(this, effective)
  }

  /** Frozen by itself or from above. */
  get isFrozen(): boolean {
    return this.frozen || (this.parent?.isFrozen ?? false)
  }

  killAll(): void {
    for (const task of [...this.everyTask()]) {
      task.pending.push({ signal: signals.SIGKILL.number, pid: 0, uid: 0, forced: true })
      task.stopped = false
      task.frozen = false
      this.kernel.scheduler.update(task)
      reviewPending(task)
    }
  }

  // -------- memory

  charge(bytes: number): void {
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      one.memoryCurrent += bytes
      if (one.memoryCurrent > one.memoryPeak) one.memoryPeak = one.memoryCurrent
      if (one.memoryCurrent > one.memoryHigh) one.memoryEvents.high += 1
    }
  }

  uncharge(bytes: number): void {
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      one.memoryCurrent = Math.max(0, one.memoryCurrent - bytes)
      one.memoryFreed.wake()
    }
  }

  /** The first group upwards that `bytes` more would not fit in. */
  memoryRefusal(bytes: number): Cgroup | undefined {
    for (let one: Cgroup | undefined = this; one !== undefined; one = one.parent) {
      if (one.memoryCurrent + bytes > one.memoryMax) return one
    }
    return undefined
  }

  find(path: string): Cgroup | undefined {
    let group: Cgroup | undefined = this
    for (const part of path.split('/')) if (part !== '') group = group?.children.get(part)
    return group
  }
}
