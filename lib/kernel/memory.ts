// What programs say they hold, counted per cgroup and for the machine; reclaim is not modelled, so a limit that is reached kills.
import { errno } from './errno'
import type { Cgroup } from './cgroup'
import type { Kernel } from './kernel'
import { reviewPending } from './signal-delivery'
import { signals } from './signal'
import { block } from './sleepers'
import type { Fallible, Syscall } from './system-calls'
import type { Task } from './task'

const PAGE = 4096

/** Private memory of a program right after execve(), and what a fork copies at once. */
export const EXEC_BYTES = 212_992
export const FORK_BYTES = 131_072

export class Memory {
  private readonly kernel: Kernel
  readonly totalBytes: number

  constructor(kernel: Kernel, totalBytes: number) {
    this.kernel = kernel
    this.totalBytes = totalBytes
  }

  /** After the kernel's own share. */
  get usableBytes(): number {
    return this.totalBytes - 200 * 1024 * 1024
  }

  get freeBytes(): number {
    return Math.max(0, this.usableBytes - this.kernel.rootCgroup.memoryCurrent)
  }

  /** Sets without asking: for what the kernel itself gives (fork, exec). */
  assign(task: Task, bytes: number): void {
    const delta = bytes - task.memoryBytes
    task.memoryBytes = bytes
    if (bytes > task.peakBytes) task.peakBytes = bytes
    if (delta > 0) task.cgroup.charge(delta)
    else if (delta < 0) task.cgroup.uncharge(-delta)
  }

  release(task: Task): void {
    this.assign(task, 0)
  }

  *set(task: Task, wanted: number): Syscall<Fallible<0>> {
    const bytes = Math.ceil(wanted / PAGE) * PAGE
    if (bytes > task.limits.AS.soft || bytes > task.limits.DATA.soft) return errno.ENOMEM
    for (;;) {
      const delta = bytes - task.memoryBytes
      const refusal = delta > 0 ? this.refusal(task.cgroup, delta) : undefined
      if (refusal === undefined) {
        this.assign(task, bytes)
        return 0
      }
      refusal.memoryEvents.max += 1
      refusal.memoryEvents.oom += 1
      // What still fits is touched before the limit is hit.
      this.assign(task, task.memoryBytes + Math.max(0, Math.floor((this.limitOf(refusal) - refusal.memoryCurrent) / PAGE) * PAGE))
      const victim = this.killOne(refusal)
      refusal.eventsChanged.wake()
      if (victim === undefined) return errno.ENOMEM
      yield { kind: 'preempt' }
      if (this.refusal(task.cgroup, bytes - task.memoryBytes) !== undefined) {
        yield* block(task, [refusal.memoryFreed], this.kernel.clock.monotonicUsec + 100_000)
      }
    }
  }

  /** A limit was set below what is in use: somebody has to go. */
  enforce(group: Cgroup): void {
    if (group.memoryCurrent <= group.memoryMax) return
    group.memoryEvents.max += 1
    group.memoryEvents.oom += 1
    this.killOne(group)
    group.eventsChanged.wake()
  }

  private limitOf(group: Cgroup): number {
    return group.isRoot ? Math.min(group.memoryMax, this.usableBytes) : group.memoryMax
  }

  private refusal(group: Cgroup, bytes: number): Cgroup | undefined {
    const root = this.kernel.rootCgroup
    return group.memoryRefusal(bytes) ?? (root.memoryCurrent + bytes > this.usableBytes ? root : undefined)
  }

  /** The OOM killer: the biggest by memory and oom_score_adj. */
  private killOne(group: Cgroup): Task | undefined {
    let victim: Task | undefined
    let worst = Number.NEGATIVE_INFINITY
    const limit = Math.min(this.limitOf(group), this.totalBytes)
    for (const task of group.everyTask()) {
      if (task.oomScoreAdj === -1000 || task.isKernelThread || task === this.kernel.init) continue
      if (task.pending.some((one) => one.signal === signals.SIGKILL.number)) return task
      const points = task.memoryBytes + (task.oomScoreAdj * limit) / 1000
      if (points > worst) {
        worst = points
        victim = task
      }
    }
    if (victim === undefined) return undefined
    this.report(victim, group)
    const whole = oomGroupOf(victim, group)
    if (whole === undefined) this.kill(victim)
    else {
      whole.memoryEvents.oom_group_kill += 1
      for (const task of [...whole.everyTask()]) if (task.oomScoreAdj !== -1000) this.kill(task)
    }
    return victim
  }

  private kill(task: Task): void {
    for (let one: Cgroup | undefined = task.cgroup; one !== undefined; one = one.parent) {
      one.memoryEvents.oom_kill += 1
      one.eventsChanged.wake()
    }
    task.pending.push({ signal: signals.SIGKILL.number, pid: 0, uid: 0, forced: true })
    task.stopped = false
    task.frozen = false
    this.kernel.scheduler.update(task)
    reviewPending(task)
  }

  private report(victim: Task, group: Cgroup): void {
    const { kernel } = this
    const inGroup = !group.isRoot
    const kb = (bytes: number): string => `${Math.floor(bytes / 1024)}kB`
    const constraint = inGroup
      ? `constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${group.path}`
      : 'constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom'
    kernel.log(
      6,
      `oom-kill:${constraint},task_memcg=${victim.cgroup.path},task=${victim.comm},pid=${victim.pid},uid=${victim.credentials.uid}`,
    )
    kernel.log(
      3,
      `${inGroup ? 'Memory cgroup out of memory' : 'Out of memory'}: Killed process ${victim.pid} (${victim.comm}) total-vm:${kb(victim.memoryBytes + 2_900_000)}, ` +
        `anon-rss:${kb(victim.memoryBytes)}, file-rss:1656kB, shmem-rss:0kB, UID:${victim.credentials.uid} pgtables:48kB oom_score_adj:${victim.oomScoreAdj}`,
    )
    kernel.events.emit({ type: 'oom', pid: victim.pid, comm: victim.comm, cgroup: group.path })
  }
}

/** The highest group up to the one out of memory that wants to die as a whole. */
function oomGroupOf(victim: Task, limit: Cgroup): Cgroup | undefined {
  let whole: Cgroup | undefined
  for (let one: Cgroup | undefined = victim.cgroup; one !== undefined && !one.isRoot; one = one.parent) {
    if (one.oomGroup) whole = one
    if (one === limit) break
  }
  return whole
}
