// The verbs that put jobs into the queue, and wait for them.
import type { Syscall } from '@/lib/kernel'
import { booleanOf, getAllProperties, isBusError, textOf, textsOf, waitForJobs, type Bus, type JobMode } from '@/lib/systemd/bus'
import { statusOfError, warnChanged, type Context } from './context'

type StartMethod =
  | 'StartUnit'
  | 'StopUnit'
  | 'ReloadUnit'
  | 'RestartUnit'
  | 'TryRestartUnit'
  | 'ReloadOrRestartUnit'
  | 'ReloadOrTryRestartUnit'

type VerbRow = {
  readonly method: StartMethod
  /** As "Failed to … x.service" says it. */
  readonly job: string
  /** What EnqueueUnitJob calls it. */
  readonly type: string
}

const rows: Readonly<Record<string, VerbRow>> = {
  start: { method: 'StartUnit', job: 'start', type: 'start' },
  stop: { method: 'StopUnit', job: 'stop', type: 'stop' },
  condstop: { method: 'StopUnit', job: 'stop', type: 'stop' },
  reload: { method: 'ReloadUnit', job: 'reload', type: 'reload' },
  restart: { method: 'RestartUnit', job: 'restart', type: 'restart' },
  'try-restart': { method: 'TryRestartUnit', job: 'try-restart', type: 'try-restart' },
  condrestart: { method: 'TryRestartUnit', job: 'try-restart', type: 'try-restart' },
  'reload-or-restart': { method: 'ReloadOrRestartUnit', job: 'reload-or-restart', type: 'reload-or-restart' },
  'try-reload-or-restart': { method: 'ReloadOrTryRestartUnit', job: 'reload-or-try-restart', type: 'reload-or-try-restart' },
  'reload-or-try-restart': { method: 'ReloadOrTryRestartUnit', job: 'reload-or-try-restart', type: 'reload-or-try-restart' },
  condreload: { method: 'ReloadOrTryRestartUnit', job: 'reload-or-try-restart', type: 'reload-or-try-restart' },
  'force-reload': { method: 'ReloadOrTryRestartUnit', job: 'reload-or-try-restart', type: 'reload-or-try-restart' },
}

const scopeName = (context: Context) => context.settings.scope

export function* startUnits(context: Context): Syscall<number> {
  return yield* runJobs(context, rows[context.verb] ?? rows.start!, context.operands, context.settings.jobMode, '.service')
}

/** `isolate x` means x.target. */
export function* isolateUnit(context: Context): Syscall<number> {
  return yield* runJobs(context, rows.start!, context.operands, 'isolate', '.target')
}

/** Used by `enable --now` and the targets of rescue, emergency and default too. */
export function* runJobs(context: Context, row: VerbRow, words: readonly string[], mode: JobMode, suffix: string): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const expanded = yield* context.expandNames(bus, words, suffix)
  if (expanded === undefined) return 1
  const { console, settings } = context
  if (!settings.all && expanded.globbed && context.verb === 'start' && !settings.noWarn) {
    yield* console.log('warning', 'Warning: systemctl start called with a glob pattern.')
    yield* console.log(
      'notice',
      'Hint: unit globs expand to loaded units, so start will usually have no effect.\n' +
        '      Passing --all will also load units which are pulled in by other units.\n' +
        '      See systemctl(1) for more details.',
    )
  }
  const waits = !settings.noBlock
  if (waits || settings.wait) yield* bus.call('Subscribe', [])
  const jobs = new Map<number, string>()
  const stopping: string[] = []
  let status = 0
  for (const name of expanded.names) {
    const job = yield* enqueue(context, bus, row, name, mode)
    if (typeof job === 'object') {
      status = status === 0 ? job.status : status
      continue
    }
    jobs.set(job, name)
    if (row.type === 'stop') stopping.push(name)
    if (row.type !== 'stop') yield* warnIfChanged(context, bus, name)
  }
  if (waits && jobs.size > 0) {
    const failed = yield* waitAndReport(context, bus, jobs)
    if (status === 0) status = failed
  }
  if (!settings.quiet && !settings.noWarn) for (const name of stopping) yield* warnTriggering(context, bus, name, 'Stopping')
  if (settings.wait && status === 0 && (row.type === 'start' || row.type === 'restart')) return yield* waitUntilDead(bus, expanded.names)
  return status
}

function* enqueue(context: Context, bus: Bus, row: VerbRow, name: string, mode: JobMode): Syscall<number | { readonly status: number }> {
  const { console, settings } = context
  if (settings.showTransaction) {
    const enqueued = yield* bus.call('EnqueueUnitJob', [name, row.type, mode])
    if (!isBusError(enqueued)) {
      yield* console.log('info', `Enqueued anchor job ${enqueued.id} ${name}/${row.type}.`)
      for (const job of enqueued.affected) yield* console.log('info', `Enqueued auxiliary job ${job.id} ${job.unit}/${job.type}.`)
      return enqueued.id
    }
    return yield* complain(context, row, name, enqueued)
  }
  const job = yield* bus.call(row.method, [name, mode])
  return isBusError(job) ? yield* complain(context, row, name, job) : job
}

const wellKnown = new Set([
  'org.freedesktop.systemd1.NoSuchUnit',
  'org.freedesktop.systemd1.UnitMasked',
  'org.freedesktop.systemd1.JobTypeNotApplicable',
])

function* complain(
  context: Context,
  row: VerbRow,
  name: string,
  error: { readonly name: string; readonly message: string },
): Syscall<{ readonly status: number }> {
  const { console } = context
  yield* console.log('error', `Failed to ${row.job} ${name}: ${error.message}`)
  if (!wellKnown.has(error.name)) {
    yield* console.log('error', `See ${scopeName(context)} logs and 'systemctl${context.userOption} status ${name}' for details.`)
  }
  return { status: statusOfError(error) }
}

function* warnIfChanged(context: Context, bus: Bus, name: string): Syscall<void> {
  const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
  if (!isBusError(properties) && booleanOf(properties, 'NeedDaemonReload')) yield* warnChanged(context, name)
}

/** "Stopping 'x.service', but its triggering units are still active:" */
export function* warnTriggering(context: Context, bus: Bus, name: string, doing: string): Syscall<void> {
  const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
  if (isBusError(properties) || textOf(properties, 'LoadState') === 'masked') return
  const active: string[] = []
  for (const trigger of textsOf(properties, 'TriggeredBy')) {
    const other = yield* getAllProperties(bus, trigger, 'org.freedesktop.systemd1.Unit')
    const state = isBusError(other) ? '' : textOf(other, 'ActiveState')
    if (state === 'active' || state === 'activating') active.push(trigger)
  }
  if (active.length > 0)
    yield* context.console.log('warning', `${doing} '${name}', but its triggering units are still active:\n${active.join(', ')}`)
}

/** Waits for the jobs and tells of those that went wrong; the exit status. */
export function* waitAndReport(context: Context, bus: Bus, jobs: ReadonlyMap<number, string>): Syscall<number> {
  const results = yield* waitForJobs(bus, new Set(jobs.keys()))
  let status = 0
  for (const [id, name] of jobs) {
    const result = results.get(id)?.result
    if (result === undefined || result === 'done' || result === 'skipped') continue
    status = 1
    if (!context.settings.quiet) yield* reportResult(context, bus, results.get(id)?.unit ?? name, result)
  }
  return status
}

const explanations: Readonly<Record<string, string>> = {
  resources: 'of unavailable resources or another system error',
  protocol: 'the service did not take the steps required by its unit configuration',
  timeout: 'a timeout was exceeded',
  'exit-code': 'the control process exited with error code',
  signal: 'a fatal signal was delivered to the control process',
  'core-dump': 'a fatal signal was delivered causing the control process to dump core',
  watchdog: 'the service failed to send watchdog ping',
  'start-limit-hit': 'start of the service was attempted too often',
  'oom-kill': 'of an out-of-memory (OOM) situation',
}

function* reportResult(context: Context, bus: Bus, unit: string, result: string): Syscall<void> {
  const { console } = context
  switch (result) {
    case 'canceled':
      return yield* console.log('error', `Job for ${unit} canceled.`)
    case 'timeout':
      return yield* console.log('error', `Job for ${unit} timed out.`)
    case 'dependency':
      return yield* console.log('error', `A dependency job for ${unit} failed. See 'journalctl${context.userOption} -xe' for details.`)
    case 'invalid':
      return yield* console.log('error', `${unit} is not active, cannot reload.`)
    case 'assert':
      return yield* console.log('error', `Assertion failed on job for ${unit}.`)
    case 'unsupported':
      return yield* console.log('error', `Operation on or unit type of ${unit} not supported on this system.`)
    case 'collected':
      return yield* console.log('error', `Queued job for ${unit} was garbage collected.`)
    case 'once':
      return yield* console.log('error', `Unit ${unit} was started already once and can't be started again.`)
    case 'frozen':
      return yield* console.log('error', `Cannot perform operation on frozen unit ${unit}.`)
    default:
  }
  if (!unit.endsWith('.service')) {
    return yield* console.log('error', `Job failed. See "journalctl${context.userOption} -xe" for details.`)
  }
  const properties = yield* getAllProperties(bus, unit, 'org.freedesktop.systemd1.Service')
  const reason = isBusError(properties) ? '' : textOf(properties, 'Result')
  const words = explanations[reason]
  const user = context.userOption
  yield* console.log(
    'error',
    `Job for ${unit} failed${words === undefined ? '' : ` because ${words}`}.\n` +
      `See "systemctl${user} status ${unit}" and "journalctl${user === '' ? '' : ' --user'} -xeu ${unit}" for details.`,
  )
  if (reason === 'start-limit-hit') {
    yield* console.log(
      'info',
      `To force a start use "systemctl${user} reset-failed ${unit}"\nfollowed by "systemctl${user} start ${unit}" again.`,
    )
  }
}

/** `start --wait`: until all have ended; fails when one has. */
function* waitUntilDead(bus: Bus, names: readonly string[]): Syscall<number> {
  const left = new Set(names)
  let status = 0
  function* look(name: string): Syscall<void> {
    const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
    const state = isBusError(properties) ? 'inactive' : textOf(properties, 'ActiveState')
    if (state !== 'inactive' && state !== 'failed') return
    left.delete(name)
    if (state === 'failed') status = 1
  }
  for (const name of names) yield* look(name)
  while (left.size > 0) {
    const signal = yield* bus.nextSignal()
    if (signal === undefined) break
    if ('unit' in signal && left.has(signal.unit)) yield* look(signal.unit)
  }
  return status
}
