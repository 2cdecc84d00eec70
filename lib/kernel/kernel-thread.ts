// The kernel's own threads, as the lab machine shows them: rows of the process table that never run.
import type { Kernel } from './kernel'
import { bareTask } from './boot'
import { niceWeight } from './sched-group'

type Row = readonly [pid: number, name: string, state: 'S' | 'I', nice: number, realtimePriority?: number]

const rows: readonly Row[] = [
  [2, 'kthreadd', 'S', 0],
  [3, 'pool_workqueue_release', 'S', 0],
  [4, 'kworker/R-kvfree_rcu_reclaim', 'I', -20],
  [5, 'kworker/R-rcu_gp', 'I', -20],
  [6, 'kworker/R-sync_wq', 'I', -20],
  [7, 'kworker/R-slub_flushwq', 'I', -20],
  [8, 'kworker/R-netns', 'I', -20],
  [9, 'kworker/0:0-events', 'I', 0],
  [10, 'kworker/0:1-events', 'I', 0],
  [11, 'kworker/0:0H-events_highpri', 'I', -20],
  [12, 'kworker/u4:0-events_unbound', 'I', 0],
  [13, 'kworker/R-mm_percpu_wq', 'I', -20],
  [14, 'rcu_tasks_kthread', 'I', 0],
  [15, 'rcu_tasks_rude_kthread', 'I', 0],
  [16, 'rcu_tasks_trace_kthread', 'I', 0],
  [17, 'ksoftirqd/0', 'S', 0],
  [18, 'rcu_preempt', 'I', 0],
  [19, 'rcu_exp_par_gp_kthread_worker/0', 'S', 0],
  [20, 'rcu_exp_gp_kthread_worker', 'S', 0],
  [21, 'migration/0', 'S', 0, 99],
  [22, 'idle_inject/0', 'S', 0, 50],
  [23, 'cpuhp/0', 'S', 0],
  [25, 'kdevtmpfs', 'S', 0],
  [26, 'kworker/R-inet_frag_wq', 'I', -20],
  [27, 'kauditd', 'S', 0],
  [28, 'khungtaskd', 'S', 0],
  [29, 'kworker/u4:1-flush-254:0', 'I', 0],
  [30, 'oom_reaper', 'S', 0],
  [31, 'kworker/u4:2-events_unbound', 'I', 0],
  [32, 'kworker/R-writeback', 'I', -20],
  [33, 'kcompactd0', 'S', 0],
  [34, 'ksmd', 'S', 5],
  [35, 'khugepaged', 'S', 19],
  [36, 'kworker/R-kintegrityd', 'I', -20],
  [37, 'kworker/R-kblockd', 'I', -20],
  [38, 'kworker/R-blkcg_punt_bio', 'I', -20],
  [39, 'irq/9-acpi', 'S', 0, 50],
  [40, 'kworker/R-tpm_dev_wq', 'I', -20],
  [41, 'kworker/R-quota_events_unbound', 'I', -20],
  [42, 'kworker/0:1H-kblockd', 'I', -20],
  [43, 'kswapd0', 'S', 0],
  [50, 'kworker/R-kthrotld', 'I', -20],
  [54, 'kworker/R-acpi_thermal_pm', 'I', -20],
  [55, 'kworker/R-nvme-wq', 'I', -20],
  [56, 'kworker/R-nvme-reset-wq', 'I', -20],
  [57, 'kworker/R-nvme-delete-wq', 'I', -20],
  [58, 'kworker/R-nvme-auth-wq', 'I', -20],
  [59, 'kworker/0:2-rcu_gp', 'I', 0],
  [60, 'kworker/R-mld', 'I', -20],
  [61, 'kworker/R-ipv6_addrconf', 'I', -20],
  [66, 'kworker/R-kstrp', 'I', -20],
  [68, 'kworker/u5:0', 'I', -20],
  [96, 'kworker/u4:3-flush-254:0', 'I', 0],
  [98, 'kworker/u4:4-kvfree_rcu_reclaim', 'I', 0],
  [107, 'kworker/u4:5-ext4-rsv-conversion', 'I', 0],
  [115, 'kworker/u4:6-events_unbound', 'I', 0],
  [176, 'kworker/R-ata_sff', 'I', -20],
  [177, 'scsi_eh_0', 'S', 0],
  [178, 'kworker/R-scsi_tmf_0', 'I', -20],
  [179, 'scsi_eh_1', 'S', 0],
  [180, 'kworker/R-scsi_tmf_1', 'I', -20],
  [192, 'jbd2/vda-8', 'S', 0],
]

/** The first process of user space gets a number above it. */
export const LAST_THREAD_PID = 160

export function kernelThreads(kernel: Kernel): void {
  const [, ...others] = rows
  const kthreadd = bareTask(kernel)
  kthreadd.comm = 'kthreadd'
  kthreadd.isKernelThread = true
  for (const [pid, name, state, nice, realtimePriority] of others) {
    if (pid > LAST_THREAD_PID) continue
    kernel.skipPidsTo(pid - 1)
    const task = bareTask(kernel)
    task.comm = name
    task.isKernelThread = true
    task.isIdleThread = state === 'I'
    task.parentTask = kthreadd
    kthreadd.children.add(task)
    task.nice = nice
    task.weight = niceWeight(nice)
    if (realtimePriority !== undefined) {
      task.policy = 'fifo'
      task.realtimePriority = realtimePriority
    }
  }
  for (const task of kernel.tasks.values()) {
    if (!task.isKernelThread) continue
    task.pgid = 0
    task.session = { sid: 0, tty: undefined }
    task.sleeping = true
  }
}
