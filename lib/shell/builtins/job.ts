// jobs, fg, bg, wait, disown, kill, suspend.
import { errno, isErrno, signalFromString, signalName, SIGRTMAX, SIGRTMIN } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { chooseJob, continueJob, jobLine, notifyJobs, reap, unblockChildren, waitUntil } from '../job-control'
import { jobState, statusOf } from '../job-table'
import type { ShellJob } from '../job-table'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin } from './builtin'

const doJobs: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'lnprsx')
  if (options.bad !== undefined) return yield* usage(shell, 'jobs', options.bad, 'jobs [-lnprs] [jobspec ...] or jobs -x command [args]')
  const { flags } = options
  yield* reap(shell)
  let status = 0
  const chosen: ShellJob[] = []
  if (options.rest.length === 0) chosen.push(...shell.jobs.jobs)
  for (const spec of options.rest) {
    const choice = chooseJob(shell, spec)
    if ('problem' in choice) status = yield* fail(shell, 'jobs', choice.problem)
    else chosen.push(choice.job)
  }
  const wanted = chosen.filter((job) =>
    flags.has('r') ? jobState(job) === 'running' : flags.has('s') ? jobState(job) === 'stopped' : true,
  )
  const lines = wanted
    .filter((job) => !flags.has('n') || !job.notified)
    .map((job) => (flags.has('p') ? `${job.processes[0]!.pid}\n` : jobLine(shell, job, flags.has('l'))))
  yield* print(shell, 'jobs', lines.join(''))
  for (const job of wanted) {
    job.notified = true
    if (jobState(job) === 'done') shell.jobs.remove(job)
  }
  return status
}

const doForeground: Builtin = function* (shell, args, name) {
  if (!shell.jobControl) return yield* fail(shell, name, 'no job control')
  const specs = texts(args)
  const wanted = name === 'fg' ? [specs[0]] : specs.length === 0 ? [undefined] : specs
  let status = 0
  for (const spec of wanted) {
    const choice =
      spec === undefined
        ? shell.jobs.current === undefined
          ? { problem: 'current: no such job' }
          : { job: shell.jobs.current }
        : chooseJob(shell, spec)
    if ('problem' in choice) {
      status = yield* fail(shell, name, choice.problem)
      continue
    }
    const { job } = choice
    if (jobState(job) === 'done') {
      status = yield* fail(shell, name, 'job has terminated')
      continue
    }
    if (name === 'fg') {
      yield* print(shell, name, `${job.text}\n`)
      return yield* continueJob(shell, job, true)
    }
    if (jobState(job) === 'running') {
      yield* shell.complain(`bg: job ${job.number} already in background`)
      continue
    }
    const mark = shell.jobs.mark(job)
    yield* print(shell, name, `[${job.number}]${mark} ${job.text} &\n`)
    yield* continueJob(shell, job, false)
  }
  return status
}

function* waitForPid(shell: Shell, pid: number): Syscall<number | undefined> {
  const known = shell.jobs.find(pid)
  if (known === undefined) return shell.jobs.remembered.get(pid)
  const how = yield* waitUntil(shell, () => known.process.result !== undefined && known.process.result.how !== 'stopped', true)
  yield* unblockChildren(shell)
  if (how === 'interrupted') return 128 + (shell.pendingSignals[0] ?? 2)
  if (jobState(known.job) === 'done') yield* finishWaited(shell, known.job)
  return statusOf(known.process.result)
}

function* finishWaited(shell: Shell, job: ShellJob): Syscall<void> {
  if (shell.interactive || job.processes.some((process) => process.result?.how === 'killed' || process.result?.how === 'dumped'))
    yield* notifyJobs(shell)
  else job.notified = true
  shell.jobs.remove(job)
}

const doWait: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'fnp:')
  if (options.bad !== undefined) return yield* usage(shell, 'wait', options.bad, 'wait [-fn] [-p var] [id ...]')
  const variable = options.values.get('p')
  yield* reap(shell)
  if (options.flags.has('n')) return yield* waitNext(shell, options.rest, variable)
  if (options.rest.length === 0) {
    const how = yield* waitUntil(shell, () => !shell.jobs.jobs.some((job) => jobState(job) === 'running'), true)
    yield* unblockChildren(shell)
    if (how === 'interrupted') return 128 + (shell.pendingSignals[0] ?? 2)
    yield* notifyJobs(shell)
    for (const job of [...shell.jobs.jobs]) if (jobState(job) === 'done') shell.jobs.remove(job)
    return 0
  }
  let status = 0
  for (const spec of options.rest) {
    if (spec.startsWith('%')) {
      const choice = chooseJob(shell, spec)
      if ('problem' in choice) {
        yield* fail(shell, 'wait', choice.problem)
        status = 127
        continue
      }
      const { job } = choice
      status = (yield* waitForPid(shell, job.processes.at(-1)!.pid)) ?? 127
      continue
    }
    if (!/^\d+$/.test(spec)) {
      yield* fail(shell, 'wait', `\`${spec}': not a pid or valid job spec`)
      status = 1
      continue
    }
    const found = yield* waitForPid(shell, Number(spec))
    if (found === undefined) {
      yield* fail(shell, 'wait', `pid ${spec} is not a child of this shell`)
      status = 127
    } else status = found
    if (variable !== undefined) shell.variables.assign(variable, spec)
  }
  return status
}

function* waitNext(shell: Shell, specs: readonly string[], variable: string | undefined): Syscall<number> {
  const candidates = () =>
    shell.jobs.jobs.filter(
      (job) =>
        specs.length === 0 ||
        specs.some((spec) =>
          spec.startsWith('%') ? chooseJobNumber(shell, spec) === job : job.processes.some((one) => String(one.pid) === spec),
        ),
    )
  if (candidates().length === 0) return 127
  const how = yield* waitUntil(shell, () => candidates().some((job) => jobState(job) === 'done'), true)
  yield* unblockChildren(shell)
  if (how === 'interrupted') return 128 + (shell.pendingSignals[0] ?? 2)
  const done = candidates().find((job) => jobState(job) === 'done')
  if (done === undefined) return 127
  const status = statusOf(done.processes.at(-1)!.result)
  if (variable !== undefined) shell.variables.assign(variable, String(done.processes.at(-1)!.pid))
  yield* finishWaited(shell, done)
  return status
}

const chooseJobNumber = (shell: Shell, spec: string): ShellJob | undefined => {
  const choice = chooseJob(shell, spec)
  return 'job' in choice ? choice.job : undefined
}

const doDisown: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'ahr')
  if (options.bad !== undefined) return yield* usage(shell, 'disown', options.bad, 'disown [-h] [-ar] [jobspec ... | pid ...]')
  const { flags } = options
  const release = (job: ShellJob) => {
    if (flags.has('h')) job.noHangup = true
    else shell.jobs.forget(job)
  }
  if (options.rest.length === 0) {
    if (flags.has('a') || flags.has('r')) {
      for (const job of [...shell.jobs.jobs]) if (!flags.has('r') || jobState(job) === 'running') release(job)
      return 0
    }
    const { current } = shell.jobs
    if (current === undefined) return yield* fail(shell, 'disown', 'current: no such job')
    release(current)
    return 0
  }
  let status = 0
  for (const spec of options.rest) {
    const byPid = /^\d+$/.test(spec) ? shell.jobs.find(Number(spec))?.job : undefined
    const choice = byPid !== undefined ? { job: byPid } : chooseJob(shell, spec)
    if ('problem' in choice) status = yield* fail(shell, 'disown', choice.problem)
    else release(choice.job)
  }
  return status
}

/** `kill -l`: five columns. */
export function signalTable(): string {
  const cells: string[] = []
  for (let number = 1; number <= SIGRTMAX; number++) {
    if (number > 31 && number < SIGRTMIN) continue
    const middle = 50
    const name = number > middle && number < SIGRTMAX ? `SIGRTMAX-${SIGRTMAX - number}` : (signalName(number) ?? '')
    cells.push(`${String(number).padStart(2)}) ${name}`)
  }
  let text = ''
  cells.forEach((cell, index) => {
    text += cell + (index % 5 === 4 || index === cells.length - 1 ? '\n' : '\t')
  })
  return text
}

const doKill: Builtin = function* (shell, args) {
  const words = texts(args)
  if (words.length === 0) {
    yield* shell.process.write(2, 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n')
    return 2
  }
  let signal = 15
  let index = 0
  const first = words[0]!
  if (first === '-l' || first === '-L') {
    const specs = words.slice(1)
    if (specs.length === 0) return yield* print(shell, 'kill', signalTable())
    let status = 0
    for (const spec of specs) {
      if (/^\d+$/.test(spec)) {
        const number = Number(spec) > 128 ? Number(spec) - 128 : Number(spec)
        const name = signalName(number)
        if (name === undefined) status = yield* fail(shell, 'kill', `${spec}: invalid signal specification`)
        else yield* print(shell, 'kill', `${name.replace(/^SIG/, '')}\n`)
        continue
      }
      const number = signalFromString(spec.toUpperCase())
      if (number === undefined) status = yield* fail(shell, 'kill', `${spec}: invalid signal specification`)
      else yield* print(shell, 'kill', `${number}\n`)
    }
    return status
  }
  if (first === '-s' || first === '-n') {
    const spec = words[1]
    if (spec === undefined) return yield* fail(shell, 'kill', `${first}: option requires an argument`)
    const found = spec === '0' || spec === 'EXIT' ? 0 : signalFromString(spec.toUpperCase())
    if (found === undefined) return yield* fail(shell, 'kill', `${spec}: invalid signal specification`)
    signal = found
    index = 2
  } else if (first === '--') index = 1
  else if (/^-./.test(first)) {
    const spec = first.slice(1)
    const found = spec === '0' ? 0 : signalFromString(spec.toUpperCase())
    if (found === undefined) return yield* fail(shell, 'kill', `${spec}: invalid signal specification`)
    signal = found
    index = 1
  }
  if (words[index] === '--') index += 1
  if (index >= words.length) {
    yield* shell.process.write(2, 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n')
    return 2
  }
  let status = 0
  for (const target of words.slice(index)) if (!(yield* killOne(shell, target, signal))) status = 1
  return status
}

function* killOne(shell: Shell, target: string, signal: number): Syscall<boolean> {
  if (target.startsWith('%')) {
    yield* reap(shell)
    const choice = chooseJob(shell, target)
    if ('problem' in choice) {
      yield* fail(shell, 'kill', choice.problem)
      return false
    }
    const { job } = choice
    const pids = job.pgid !== 0 ? [-job.pgid] : job.processes.map((process) => process.pid)
    for (const pid of pids) {
      const result = yield* shell.process.kill(pid, signal)
      if (isErrno(result) && result !== errno.ESRCH) {
        yield* fail(shell, 'kill', `(${job.processes[0]!.pid}) - ${result.message}`)
        return false
      }
    }
    // A stopped job is woken to take the signal.
    if (jobState(job) === 'stopped' && (signal === 15 || signal === 1)) for (const pid of pids) yield* shell.process.kill(pid, 18)
    return true
  }
  if (!/^-?\d+$/.test(target)) {
    yield* fail(shell, 'kill', shell.flavour === 'dash' ? `Illegal number: ${target}` : `${target}: arguments must be process or job IDs`)
    return false
  }
  const result = yield* shell.process.kill(Number(target), signal)
  if (!isErrno(result)) return true
  yield* fail(shell, 'kill', shell.flavour === 'dash' ? result.message : `(${target}) - ${result.message}`)
  return false
}

const doSuspend: Builtin = function* (shell, args) {
  const force = texts(args)[0] === '-f'
  if (!force && shell.login) return yield* fail(shell, 'suspend', 'cannot suspend a login shell')
  if (!shell.jobControl) return yield* fail(shell, 'suspend', 'cannot suspend: no job control')
  yield* shell.process.kill(shell.process.pid, 19)
  return 0
}

export const jobBuiltins: readonly (readonly [string, Builtin])[] = [
  ['jobs', doJobs],
  ['fg', doForeground],
  ['bg', doForeground],
  ['wait', doWait],
  ['disown', doDisown],
  ['kill', doKill],
  ['suspend', doSuspend],
]
