// After sched(7): who runs next. One processor. Real-time policies first, then the fair share of sched-group.ts.
// A slice of a program that makes system calls ends by the clock; pure computing is shared like a fluid, so that a busy
// machine can still be moved on by minutes in one step.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import type { Kernel } from './kernel'
import { NICE_0_WEIGHT, SchedGroup } from './sched-group'
import type { WakeReason } from './sleepers'
import type { Task } from './task'

/** The base slice of Linux 6.12 on one processor. */
const SLICE_USEC = 700
const SLICE_ALONE_USEC = 10_000

export class Scheduler {
  readonly root: SchedGroup
  private readonly kernel: Kernel
  /** Runnable tasks of SCHED_FIFO and SCHED_RR, highest priority first. */
  private readonly realtime: Task[] = []
  private nextOrder = 1
  /** When the slice that is being charged began. */
  private beganUsec: Usec = 0

  constructor(kernel: Kernel) {
    this.kernel = kernel
    this.root = new SchedGroup(0, undefined)
  }

  order(): number {
    return this.nextOrder++
  }

  // -------- states of a task

  /** Ends a sleep. */
  wake(task: Task, reason: WakeReason): void {
    if (!task.sleeping) return
    task.sleeping = false
    task.wakeReason = reason
    for (const queue of task.sleepsOn) queue.delete(task)
    task.sleepsOn.length = 0
    if (task.sleepAlarm !== undefined) {
      this.kernel.clock.cancel(task.sleepAlarm)
      task.sleepAlarm = undefined
    }
    this.update(task)
  }

  /** Puts a task on the run queue or takes it off, by its state. */
  update(task: Task): void {
    const runnable = !task.sleeping && !task.stopped && !task.frozen && task.exitResult === undefined && task.stack.length > 0
    if (task.policy === 'fifo' || task.policy === 'rr') {
      if (runnable && !task.queued) {
        task.queued = true
        const at = this.realtime.findIndex((one) => one.realtimePriority < task.realtimePriority)
        this.realtime.splice(at < 0 ? this.realtime.length : at, 0, task)
        this.preemptSoon()
      } else if (!runnable && task.queued) {
        task.queued = false
        this.realtime.splice(this.realtime.indexOf(task), 1)
      }
      return
    }
    if (runnable) task.parent?.enqueue(task)
    else task.parent?.dequeue(task)
    if (runnable && this.kernel.current !== undefined && this.kernel.current !== task) this.preemptSoon()
  }

  /** Takes the task off its queue while its group, weight or policy is changed. */
  requeue(task: Task, change: () => void): void {
    if (task.queued) {
      if (this.realtime.includes(task)) {
        this.realtime.splice(this.realtime.indexOf(task), 1)
        task.queued = false
      } else task.parent?.dequeue(task)
    }
    change()
    this.update(task)
  }

  moveToGroup(task: Task, group: SchedGroup): void {
    if (task.parent === group) return
    this.requeue(task, () => {
      const ahead = task.parent === undefined ? 0 : Math.max(0, task.vruntime - task.parent.floor)
      task.parent = group
      task.vruntime = group.floor + ahead
    })
  }

  /** The running slice ends at the next system call: who slept has a claim to the processor before who ran. */
  preemptSoon(): void {
    this.kernel.preemptAtUsec = 0
  }

  // -------- choosing

  pick(): Task | undefined {
    const urgent = this.realtime[0]
    if (urgent !== undefined) return urgent
    let entity = this.root.first()
    while (entity instanceof SchedGroup) entity = entity.first()
    return entity
  }

  private isAlone(): boolean {
    if (this.realtime.length > 0) return false
    let group = this.root
    for (;;) {
      if (group.runnable.length !== 1) return false
      const only = group.runnable[0]
      if (!(only instanceof SchedGroup)) return true
      group = only
    }
  }

  /** Gives the processor to `task`. */
  run(task: Task, untilUsec: Usec): void {
    const kernel = this.kernel
    const now = kernel.usedUsec
    this.beganUsec = kernel.clock.monotonicUsec
    if (task.computeLeftUsec > 0 && !task.needsAttention) {
      if (this.realtime.length === 0 && this.everyoneComputes(this.root)) this.shareFluidly(untilUsec)
      else {
        const usec = Math.min(task.computeLeftUsec, SLICE_USEC, this.roomUsec(task, untilUsec))
        this.advance(usec)
        task.computeLeftUsec -= usec
        this.charge(task, usec, true)
      }
      if (task.policy === 'rr') this.rotate(task)
      return
    }
    const room = this.roomUsec(task, untilUsec)
    kernel.preemptAtUsec = now + Math.max(1, Math.min(this.isAlone() ? SLICE_ALONE_USEC : SLICE_USEC, room))
    kernel.resume(task)
    this.charge(task, kernel.usedUsec - now, false)
    if (task.policy === 'rr') this.rotate(task)
  }

  private rotate(task: Task): void {
    if (!task.queued) return
    task.queued = false
    this.realtime.splice(this.realtime.indexOf(task), 1)
    this.update(task)
  }

  /** How long this task may go on before something else is due. */
  private roomUsec(task: Task, untilUsec: Usec): Usec {
    const now = this.kernel.clock.monotonicUsec
    let room = Math.min(this.kernel.clock.nextDeadlineUsec(), untilUsec) - now
    for (let group = task.parent; group !== undefined; group = group.parent) {
      const { quotaUsec } = group.bandwidth
      if (quotaUsec !== USEC_INFINITY) room = Math.min(room, Math.max(1, quotaUsec - this.usedUsec(group)))
    }
    return Math.max(1, room)
  }

  private advance(usec: Usec): void {
    this.kernel.spend(Math.max(1, Math.ceil(usec)))
  }

  // -------- fluid sharing

  private everyoneComputes(group: SchedGroup): boolean {
    return group.runnable.every((one) =>
      one instanceof SchedGroup ? this.everyoneComputes(one) : one.computeLeftUsec > 0 && !one.needsAttention,
    )
  }

  private shareFluidly(untilUsec: Usec): void {
    const shares: { task: Task; rate: number }[] = []
    let room = Math.min(this.kernel.clock.nextDeadlineUsec(), untilUsec) - this.kernel.clock.monotonicUsec
    const visit = (group: SchedGroup, rate: number): void => {
      const { quotaUsec } = group.bandwidth
      if (quotaUsec !== USEC_INFINITY) room = Math.min(room, Math.max(1, quotaUsec - this.usedUsec(group)) / rate)
      let total = 0
      for (const one of group.runnable) total += one.weight
      for (const one of group.runnable) {
        const share = (rate * one.weight) / total
        if (one instanceof SchedGroup) visit(one, share)
        else {
          shares.push({ task: one, rate: share })
          room = Math.min(room, one.computeLeftUsec / share)
        }
      }
    }
    visit(this.root, 1)
    const usec = Math.max(1, Math.ceil(room - 1e-6))
    this.advance(usec)
    for (const { task, rate } of shares) {
      const used = Math.min(usec * rate, task.computeLeftUsec)
      task.computeLeftUsec = task.computeLeftUsec - used < 1e-3 ? 0 : task.computeLeftUsec - used
      this.charge(task, used, true)
    }
  }

  // -------- accounts

  private usedUsec(group: SchedGroup): Usec {
    return group.periodEndUsec <= this.kernel.clock.monotonicUsec ? 0 : group.usedInPeriodUsec
  }

  charge(task: Task, usec: Usec, user: boolean): void {
    if (usec <= 0) return
    if (user) task.userUsec += usec
    else task.systemUsec += usec
    task.vruntime += (usec * NICE_0_WEIGHT) / task.weight
    const now = this.kernel.clock.monotonicUsec
    for (let group = task.parent; group !== undefined; group = group.parent) {
      group.vruntime += (usec * NICE_0_WEIGHT) / group.weight
      if (group.bandwidth.quotaUsec !== USEC_INFINITY) this.chargeQuota(group, usec, now)
    }
    task.cgroup.chargeCpu(usec, user)
    if (task.limits.CPU.soft !== USEC_INFINITY) this.kernel.checkCpuLimit(task)
  }

  private chargeQuota(group: SchedGroup, usec: Usec, now: Usec): void {
    const began = Math.min(this.beganUsec, now)
    if (group.periodEndUsec <= began) {
      group.usedInPeriodUsec = 0
      group.periods += 1
      group.periodEndUsec = began + group.bandwidth.periodUsec
    } else if (group.periodEndUsec <= now) {
      group.usedInPeriodUsec = 0
      group.periods += 1
      group.periodEndUsec += group.bandwidth.periodUsec
      if (group.periodEndUsec <= now) group.periodEndUsec = now + group.bandwidth.periodUsec
    }
    group.usedInPeriodUsec += usec
    if (group.usedInPeriodUsec < group.bandwidth.quotaUsec || group.throttled) return
    // What was used beyond the quota is owed by the following periods.
    const debt = Math.floor(group.usedInPeriodUsec / group.bandwidth.quotaUsec) - 1
    const end = group.periodEndUsec + debt * group.bandwidth.periodUsec
    group.throttle(now)
    this.kernel.setAlarm(end, () => {
      group.usedInPeriodUsec = 0
      group.periodEndUsec = 0
      group.unthrottle(end)
    })
  }
}
