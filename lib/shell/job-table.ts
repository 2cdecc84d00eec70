// The children of a shell and the jobs they make up. Pure book-keeping; waiting is in `job-control.ts`.
import type { WaitResult } from '@/lib/kernel'

export type JobProcess = {
  readonly pid: number
  readonly text: string
  /** Undefined while it runs. */
  result: WaitResult | undefined
}

export type ShellJob = {
  /** 0 until it is stopped or sent to the background. */
  number: number
  /** Process group; 0 without job control. */
  pgid: number
  readonly processes: JobProcess[]
  /** As `jobs` shows it. */
  readonly text: string
  background: boolean
  /** Its latest change was shown to the user. */
  notified: boolean
  /** `disown -h`: no SIGHUP when the shell ends. */
  noHangup: boolean
  /** Order of becoming the current job. */
  rank: number
  directory: string
}

export type ShellJobState = 'running' | 'stopped' | 'done'

export function jobState(job: ShellJob): ShellJobState {
  let stopped = false
  for (const { result } of job.processes) {
    if (result === undefined || result.how === 'continued') return 'running'
    if (result.how === 'stopped') stopped = true
  }
  return stopped ? 'stopped' : 'done'
}

/** What `$?` becomes. */
export function statusOf(result: WaitResult | undefined): number {
  if (result === undefined) return 0
  return result.how === 'exited' ? result.status : 128 + result.signal
}

export class JobTable {
  readonly jobs: ShellJob[] = []
  private readonly byPid = new Map<number, { job: ShellJob; process: JobProcess }>()
  /** Statuses of finished children that `wait PID` may still ask for. */
  readonly remembered = new Map<number, number>()
  private rank = 0

  /** Registers children that were just started. */
  add(processes: readonly { readonly pid: number; readonly text: string }[], pgid: number, text: string, directory: string): ShellJob {
    const job: ShellJob = {
      number: 0,
      pgid,
      processes: processes.map(({ pid, text: own }) => ({ pid, text: own, result: undefined })),
      text,
      background: false,
      notified: false,
      noHangup: false,
      rank: 0,
      directory,
    }
    for (const process of job.processes) this.byPid.set(process.pid, { job, process })
    return job
  }

  /** Gives the job a number and makes it the current one. */
  enter(job: ShellJob): void {
    if (job.number === 0) {
      job.number = this.jobs.reduce((most, one) => Math.max(most, one.number), 0) + 1
      this.jobs.push(job)
      this.jobs.sort((a, b) => a.number - b.number)
    }
    job.rank = ++this.rank
  }

  remove(job: ShellJob): void {
    const index = this.jobs.indexOf(job)
    if (index >= 0) this.jobs.splice(index, 1)
    for (const { pid, result } of job.processes) {
      if (result !== undefined && result.how !== 'stopped' && result.how !== 'continued') this.byPid.delete(pid)
    }
  }

  /** `disown`: forgets the job, but still reaps its processes. */
  forget(job: ShellJob): void {
    const index = this.jobs.indexOf(job)
    if (index >= 0) this.jobs.splice(index, 1)
    job.number = 0
  }

  find(pid: number): { readonly job: ShellJob; readonly process: JobProcess } | undefined {
    return this.byPid.get(pid)
  }

  /** Takes in what waitpid() reported. */
  update(result: WaitResult): ShellJob | undefined {
    const found = this.byPid.get(result.pid)
    if (found === undefined) return undefined
    found.process.result = result.how === 'continued' ? undefined : result
    found.job.notified = false
    if (result.how !== 'stopped' && result.how !== 'continued') {
      this.remembered.set(result.pid, statusOf(result))
      if (found.job.number === 0 && jobState(found.job) === 'done') this.byPid.delete(result.pid)
    }
    return found.job
  }

  /** `+` and `-` of job lists: stopped jobs come before running ones, later before earlier. */
  ranked(): readonly ShellJob[] {
    const weight = (job: ShellJob) => (jobState(job) === 'stopped' ? 1 : 0)
    return [...this.jobs].sort((a, b) => weight(b) - weight(a) || b.rank - a.rank)
  }

  get current(): ShellJob | undefined {
    return this.ranked()[0]
  }

  get previous(): ShellJob | undefined {
    return this.ranked()[1]
  }

  mark(job: ShellJob): string {
    return job === this.current ? '+' : job === this.previous ? '-' : ' '
  }
}
