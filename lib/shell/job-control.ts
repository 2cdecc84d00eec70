// Starting children in process groups, waiting for them, and the notices of bash(1), JOB CONTROL.
import { errno, isErrno, signals, WCONTINUED, WNOHANG, WUNTRACED } from '@/lib/kernel'
import type { Main, Process, Syscall, WaitResult } from '@/lib/kernel'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { jobState, statusOf } from './job-table'
import type { JobProcess, ShellJob } from './job-table'

const SIGCHLD = signals.SIGCHLD.number
const SIGINT = signals.SIGINT.number
const SIGPIPE = signals.SIGPIPE.number
const SIGTERM = signals.SIGTERM.number
const SIGCONT = signals.SIGCONT.number

const descriptions = new Map<number, string>(Object.values(signals).map((row) => [row.number, row.description]))

/** strsignal(3). */
export function describeSignal(signal: number): string {
  if (signal >= 34 && signal <= 64) return `Real-time signal ${signal - 34}`
  return descriptions.get(signal) ?? `Unknown signal ${signal}`
}

export type Placement = {
  /** The process group children join (0: the first child makes it); undefined: that of the shell. */
  readonly group: { pgid: number } | undefined
  readonly foreground: boolean
  /** Started with & : without job control it ignores Ctrl-C. */
  readonly asynchronous: boolean
}

export function newPlacement(shell: Shell, foreground: boolean): Placement {
  return { group: shell.jobControl ? { pgid: 0 } : undefined, foreground, asynchronous: !foreground }
}

/** A child's signals: what the shell catches is default again, what it ignored from the start stays ignored. */
function* resetSignals(shell: Shell, process: Process, asynchronous: boolean): Syscall<void> {
  const reset = new Set<number>(shell.originalSignals)
  for (const [signal, action] of shell.traps) if (typeof signal === 'number' && action !== '') reset.add(signal)
  for (const signal of reset) yield* process.sigaction(signal, shell.ignoredAtStart.has(signal) ? 'ignore' : 'default')
  if (asynchronous && !shell.jobControl) {
    yield* process.sigaction(SIGINT, 'ignore')
    yield* process.sigaction(signals.SIGQUIT.number, 'ignore')
  }
}

/** Forks. The child's code runs with its place in the session set up; undefined when no process could be made. */
export function* startChild(shell: Shell, placement: Placement, main: Main): Syscall<number> {
  const { process, shellTerminal: terminal } = shell
  const { group, foreground, asynchronous } = placement
  const pgid = group?.pgid ?? 0
  const child: Main = function* (own) {
    if (group !== undefined) {
      yield* own.setpgid(0, pgid === 0 ? own.pid : pgid)
      if (foreground && terminal !== undefined) yield* own.tcsetpgrp(terminal.fd, pgid === 0 ? own.pid : pgid)
    }
    yield* resetSignals(shell, own, asynchronous)
    return yield* main(own)
  }
  let pid = yield* process.fork(child)
  for (let pause = 1; pid === errno.EAGAIN && pause < 16 && shell.flavour === 'bash'; pause *= 2) {
    yield* shell.complain(`fork: retry: ${errno.EAGAIN.message}`)
    yield* process.nanosleep(pause * 1_000_000)
    pid = yield* process.fork(child)
  }
  if (isErrno(pid)) {
    yield* shell.complain(shell.flavour === 'dash' ? 'Cannot fork' : `fork: ${pid.message}`)
    throw new ShellError('exit', shell.flavour === 'dash' ? 2 : 254)
  }
  if (group !== undefined) {
    yield* process.setpgid(pid, pgid === 0 ? pid : pgid)
    if (group.pgid === 0) group.pgid = pid
  }
  return pid
}

/** Like `startChild` with a copy of this shell. The copy is made now, as fork(2) would. */
export function* startShell(shell: Shell, placement: Placement, body: (child: Shell) => Syscall<number>): Syscall<number> {
  const copy = shell.fork(shell.process)
  return yield* startChild(shell, placement, function* (process) {
    copy.process = process
    for (const [signal, action] of [...copy.traps])
      if (action !== '' && signal !== 'ERR' && signal !== 'DEBUG' && signal !== 'RETURN') copy.traps.delete(signal)
    copy.originalSignals = []
    return yield* body(copy)
  })
}

/** Takes in all that happened to children, without waiting. */
export function* reap(shell: Shell): Syscall<void> {
  for (;;) {
    const result = yield* shell.process.waitpid(-1, WNOHANG | WUNTRACED | WCONTINUED)
    if (result === undefined || isErrno(result)) return
    shell.jobs.update(result)
  }
}

/** Waits until the condition holds or there is nobody left to wait for. EINTR from a trapped signal ends it when told. */
export function* waitUntil(shell: Shell, done: () => boolean, interruptible: boolean): Syscall<'done' | 'interrupted' | 'no-children'> {
  const { process } = shell
  const guarded = shell.originalSignals.includes(SIGCHLD)
  if (guarded) yield* process.sigprocmask('block', [SIGCHLD])
  try {
    for (;;) {
      if (done()) return 'done'
      const result = yield* process.waitpid(-1, shell.jobControl ? WUNTRACED | WCONTINUED : 0)
      if (isErrno(result)) {
        if (result !== errno.EINTR) return 'no-children'
        if (interruptible && (shell.pendingSignals.length > 0 || shell.flow?.kind === 'interrupt')) return 'interrupted'
        continue
      }
      if (result !== undefined) shell.jobs.update(result)
    }
  } finally {
    shell.chldBlocked = guarded
  }
}

export function* unblockChildren(shell: Shell): Syscall<void> {
  if (!shell.chldBlocked) return
  shell.chldBlocked = false
  yield* shell.process.sigprocmask('unblock', [SIGCHLD])
}

function stateText(shell: Shell, job: ShellJob, process: JobProcess, long: boolean): string {
  const state = jobState(job)
  if (state === 'running') return 'Running'
  const { result } = process
  if (state === 'stopped' && !long) return 'Stopped'
  if (result === undefined) return 'Running'
  if (result.how !== 'exited') return describeSignal(result.signal)
  if (result.status === 0) return 'Done'
  return shell.options.has('posix') ? `Done(${result.status})` : `Exit ${result.status}`
}

const longestState = 24

function politeDirectory(shell: Shell, directory: string): string {
  const home = shell.variables.get('HOME')
  return home !== undefined && home !== '/' && (directory === home || directory.startsWith(`${home}/`))
    ? `~${directory.slice(home.length)}`
    : directory
}

/** A job's line(s) as `jobs` prints them. */
export function jobLine(shell: Shell, job: ShellJob, long = false): string {
  const last = job.processes.at(-1)!
  const first = job.processes[0]!
  const tail =
    (jobState(job) === 'running' && job.background ? ' &' : '') +
    (job.directory === shell.workingDirectory ? '' : `  (wd: ${politeDirectory(shell, job.directory)})`)
  const head = `[${job.number}]${shell.jobs.mark(job)} `
  if (!long) {
    const core = last.result?.how === 'dumped' ? '(core dumped) ' : ''
    return `${head} ${stateText(shell, job, last, false).padEnd(longestState)}${core}${job.text}${tail}\n`
  }
  return job.processes
    .map((process, index) => {
      const same =
        index > 0 && statusOf(process.result) === statusOf(first.result) && (process.result === undefined) === (first.result === undefined)
      const state = same ? '' : stateText(shell, job, process, true)
      const padded = state + ' '.repeat(Math.max(0, longestState - (state === '' ? 2 : state.length)))
      const core = process.result?.how === 'dumped' ? '(core dumped) ' : ''
      return `${index === 0 ? head : '     '}${String(process.pid).padStart(5)} ${padded}${core}${index === 0 ? '' : '| '}${process.text}${process === last ? tail : ''}\n`
    })
    .join('')
}

/** What an ended foreground or background child of a script is reported as; empty when it is not. */
function deathNotice(shell: Shell, job: ShellJob, process: JobProcess): string {
  const { result } = process
  if (result === undefined || (result.how !== 'killed' && result.how !== 'dumped')) return ''
  if (result.signal === SIGINT || result.signal === SIGPIPE || result.signal === SIGTERM) return ''
  const core = result.how === 'dumped' ? '(core dumped) ' : ''
  return `${shell.messagePrefix}${String(process.pid).padStart(5)} ${describeSignal(result.signal).padEnd(longestState)}${core}${job.text}\n`
}

/** Reports changes of background jobs: before a prompt, or between the commands of a script. */
export function* notifyJobs(shell: Shell): Syscall<void> {
  for (const job of [...shell.jobs.jobs]) {
    const state = jobState(job)
    if (job.notified) {
      if (state === 'done') shell.jobs.remove(job)
      continue
    }
    if (state === 'running') continue
    job.notified = true
    if (shell.interactive) {
      yield* shell.process.write(2, (state === 'stopped' ? '\n' : '') + jobLine(shell, job))
    } else if (state === 'done') {
      const notice = deathNotice(shell, job, job.processes.at(-1)!)
      if (notice !== '') yield* shell.process.write(2, notice)
    }
    if (state === 'done') shell.jobs.remove(job)
  }
}

export function* takeTerminalBack(shell: Shell): Syscall<void> {
  const terminal = shell.shellTerminal
  if (terminal !== undefined) yield* shell.process.tcsetpgrp(terminal.fd, terminal.pgid)
}

/** Waits for a foreground job and sets $? and PIPESTATUS by it. */
export function* waitForeground(shell: Shell, job: ShellJob): Syscall<number> {
  yield* waitUntil(shell, () => jobState(job) !== 'running', false)
  const control = shell.jobControl && job.pgid !== 0
  if (control) yield* takeTerminalBack(shell)
  yield* unblockChildren(shell)
  shell.pipeStatus = job.processes.map((process) => statusOf(process.result))
  const last = job.processes.at(-1)!.result
  let status = statusOf(last)
  if (shell.options.has('pipefail')) status = [...shell.pipeStatus].reverse().find((one) => one !== 0) ?? 0
  if (jobState(job) === 'stopped') {
    shell.jobs.enter(job)
    job.background = true
    job.notified = true
    yield* shell.process.write(2, `\n${jobLine(shell, job)}`)
    return status
  }
  if (last !== undefined && (last.how === 'killed' || last.how === 'dumped')) yield* reportDeath(shell, job, last)
  if (job.number !== 0) shell.jobs.remove(job)
  return status
}

function* reportDeath(shell: Shell, job: ShellJob, result: Extract<WaitResult, { signal: number }>): Syscall<void> {
  if (!shell.interactive) {
    if (shell.flavour === 'dash' && result.signal !== SIGINT && result.signal !== SIGPIPE) {
      yield* shell.process.write(2, `${describeSignal(result.signal)}${result.how === 'dumped' ? ' (core dumped)' : ''}\n`)
      return
    }
    const notice = deathNotice(shell, job, job.processes.at(-1)!)
    if (notice !== '' && shell.flavour === 'bash') yield* shell.process.write(2, notice)
    return
  }
  if (result.signal === SIGINT) {
    yield* shell.process.write(2, '\n')
    if (!shell.traps.has(SIGINT) && (shell.loopDepth > 0 || shell.listDepth > 0)) shell.flow = { kind: 'interrupt', shown: true }
    return
  }
  if (result.signal !== SIGPIPE)
    yield* shell.process.write(2, `${describeSignal(result.signal)}${result.how === 'dumped' ? ' (core dumped)' : ''}\n`)
}

/** Continues a stopped job, or brings a background one forward. */
export function* continueJob(shell: Shell, job: ShellJob, foreground: boolean): Syscall<number> {
  const { process } = shell
  const stopped = jobState(job) === 'stopped'
  for (const one of job.processes) if (one.result?.how === 'stopped') one.result = undefined
  job.notified = true
  job.background = !foreground
  if (foreground && shell.shellTerminal !== undefined && job.pgid !== 0) yield* process.tcsetpgrp(shell.shellTerminal.fd, job.pgid)
  if (stopped) yield* process.kill(job.pgid === 0 ? job.processes[0]!.pid : -job.pgid, SIGCONT)
  if (!foreground) {
    shell.jobs.enter(job)
    return 0
  }
  return yield* waitForeground(shell, job)
}

export type JobChoice = { readonly job: ShellJob } | { readonly problem: string }

/** Finds `%1`, `%+`, `%-`, `%name`, `%?text`, or a bare number. */
export function chooseJob(shell: Shell, spec: string): JobChoice {
  const { jobs } = shell
  const body = spec.startsWith('%') ? spec.slice(1) : spec
  let found: ShellJob | undefined
  if (body === '' || body === '%' || body === '+') found = jobs.current
  else if (body === '-') found = jobs.previous ?? jobs.current
  else if (/^\d+$/.test(body)) found = jobs.jobs.find((job) => job.number === Number(body))
  else {
    const fitting = jobs.jobs.filter((job) => (body.startsWith('?') ? job.text.includes(body.slice(1)) : job.text.startsWith(body)))
    if (fitting.length > 1) return { problem: `${body.replace(/^\?/, '')}: ambiguous job spec` }
    found = fitting[0]
  }
  return found === undefined ? { problem: `${spec}: no such job` } : { job: found }
}
