// The verbs about the manager itself and the machine: reload, environment, log level, going down.
import type { Syscall } from '@/lib/kernel'
import { getManagerProperties, isBusError, textOf, textsOf, type Bus, type BusError } from '@/lib/systemd/bus'
import { EXIT_NO_PERMISSION, statusOfError, type Context } from './context'
import { runJobs } from './start-unit'

export function* daemonReload(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const reexec = context.verb === 'daemon-reexec'
  const answer = reexec ? yield* bus.call('Reexecute', []) : yield* bus.call('Reload', [])
  // A manager that executes itself anew cannot answer: that it hangs up is the answer.
  if (!isBusError(answer) || (reexec && answer.name === 'org.freedesktop.DBus.Error.NoReply')) return 0
  return yield* context.console.fail(`${reexec ? 'Reexecute' : 'Reload'} daemon failed: ${answer.message}`)
}

// ---------------------------------------------------------------- environment

/** As a shell would take it back. */
function shellAssignment(assignment: string): string {
  const equals = assignment.indexOf('=')
  const value = assignment.slice(equals + 1)
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value)) return assignment
  if (/[\0-\x1f\x7f']/.test(value)) {
    const escaped = value
      .replace(/[\\']/g, '\\$&')
      .replaceAll('\n', '\\n')
      .replaceAll('\t', '\\t')
      .replace(/[\0-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    return `${assignment.slice(0, equals + 1)}$'${escaped}'`
  }
  return `${assignment.slice(0, equals + 1)}"${value.replace(/["$`\\]/g, '\\$&')}"`
}

export function* showEnvironment(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const manager = yield* getManagerProperties(bus)
  if (isBusError(manager)) return yield* context.console.fail(`Failed to get environment: ${manager.message}`)
  for (const assignment of textsOf(manager, 'Environment')) yield* context.console.print(`${shellAssignment(assignment)}\n`)
  return 0
}

export function* setEnvironment(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { verb, operands, console, process } = context
  let answer: unknown
  if (verb === 'set-environment') answer = yield* bus.call('SetEnvironment', [operands])
  else if (verb === 'unset-environment') answer = yield* bus.call('UnsetEnvironment', [operands])
  else {
    if (operands.length === 0) {
      yield* console.log('warning', 'Calling import-environment without a list of variable names is deprecated.')
    }
    const names = operands.length === 0 ? Object.keys(process.env) : operands
    const taken: string[] = []
    for (const name of names) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return yield* console.fail(`Not a valid environment variable name: ${name}`)
      const value = process.env[name]
      if (value === undefined) yield* console.log('warning', `Environment variable $${name} not set, ignoring.`)
      else taken.push(`${name}=${value}`)
    }
    answer = yield* bus.call('SetEnvironment', [taken])
    if (isBusError(answer)) return yield* console.fail(`Failed to import environment: ${answer.message}`)
  }
  return isBusError(answer) ? yield* console.fail(`Failed to set environment: ${answer.message}`) : 0
}

// ---------------------------------------------------------------- log level, watchdogs

export function* logSetting(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { operands, console, verb } = context
  const isLevel = verb === 'log-level'
  const property = isLevel ? 'LogLevel' : 'LogTarget'
  const [value] = operands
  if (value === undefined) {
    const manager = yield* getManagerProperties(bus)
    if (isBusError(manager)) return yield* console.fail(`Failed to get log ${isLevel ? 'level' : 'target'}: ${manager.message}`)
    yield* console.print(`${textOf(manager, property)}\n`)
    return 0
  }
  const answer = isLevel ? yield* bus.call('SetLogLevel', [value]) : yield* bus.call('SetLogTarget', [value])
  return isBusError(answer) ? yield* console.fail(`Failed to set log ${isLevel ? 'level' : 'target'}: ${answer.message}`) : 0
}

export function* serviceWatchdogs(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const [value] = context.operands
  const { console } = context
  if (value === undefined) {
    const manager = yield* getManagerProperties(bus)
    if (isBusError(manager)) return yield* console.fail(`Failed to get service-watchdog state: ${manager.message}`)
    yield* console.print(`${manager.ServiceWatchdogs === false ? 'no' : 'yes'}\n`)
    return 0
  }
  const on = /^(1|yes|y|true|t|on)$/i.test(value) ? true : /^(0|no|n|false|f|off)$/i.test(value) ? false : undefined
  if (on === undefined) return yield* console.fail('Failed to parse service-watchdogs argument: Invalid argument')
  const answer = yield* bus.call('SetServiceWatchdogs', [on])
  return isBusError(answer) ? yield* console.fail(`Failed to set service-watchdog state: ${answer.message}`) : 0
}

/** Services that speak org.freedesktop.LogControl1: none is simulated. */
export function* serviceLogSetting(context: Context): Syscall<number> {
  const { console } = context
  const name = yield* context.mangle(context.operands[0]!, '.service', false)
  if (name === undefined) return 1
  yield* console.log('error', `Unit ${name} doesn't declare BusName=.`)
  yield* console.log(
    'notice',
    'Hint: the service must declare BusName= and implement the appropriate D-Bus interface.\nIn the simulation no service implements it.',
  )
  return 1
}

export function* whoami(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const pids = context.operands.length === 0 ? [String(context.process.pid)] : context.operands
  let status = 0
  for (const pid of pids) {
    if (!/^\d+$/.test(pid)) return yield* context.console.fail(`Invalid PID specified: ${pid}`)
    const unit = yield* bus.call('GetUnitByPID', [Number(pid)])
    if (isBusError(unit)) {
      yield* context.console.log('error', `Failed to get unit that PID ${pid} belongs to: ${unit.message}`)
      status = 1
    } else yield* context.console.print(`${unit}\n`)
  }
  return status
}

// ---------------------------------------------------------------- the machine

const targets: Readonly<Record<string, string>> = {
  default: 'default.target',
  rescue: 'rescue.target',
  emergency: 'emergency.target',
  suspend: 'suspend.target',
  hibernate: 'hibernate.target',
  'hybrid-sleep': 'hybrid-sleep.target',
  'suspend-then-hibernate': 'suspend-then-hibernate.target',
  halt: 'halt.target',
  poweroff: 'poweroff.target',
  reboot: 'reboot.target',
  kexec: 'kexec.target',
  'soft-reboot': 'soft-reboot.target',
  exit: 'exit.target',
}

const calls: Readonly<Record<string, string>> = {
  poweroff: 'PowerOff',
  reboot: 'Reboot',
  halt: 'Halt',
  kexec: 'KExec',
  'soft-reboot': 'SoftReboot',
}

export function* systemVerb(context: Context): Syscall<number> {
  const { settings, console, verb, process } = context
  const target = targets[verb] ?? `${verb}.target`
  const goesDown = verb in calls
  if (settings.dryRun) {
    if (goesDown && settings.force > 1) yield* console.print(`Would ${verb} now.\n`)
    else yield* console.print(`Would execute operation start ${target}.\n`)
    return 0
  }
  if (settings.force > 1 && goesDown) {
    if (process.euid !== 0) return yield* console.fail('Must be root.')
    const how = verb === 'reboot' ? 'restart' : verb === 'halt' ? 'halt' : verb === 'kexec' ? 'kexec' : 'power-off'
    yield* console.log('info', verb === 'reboot' ? 'Rebooting.' : verb === 'halt' ? 'Halting.' : 'Powering off.')
    yield* process.reboot(how)
    return 1
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  if (verb === 'exit' && settings.scope === 'user') {
    const answer = yield* bus.call('Exit', [])
    return isBusError(answer) ? yield* console.fail(`Failed to exit: ${answer.message}`) : 0
  }
  if (goesDown) {
    if (settings.scope === 'user') return yield* console.fail(`Failed to start ${target}: Unit ${target} not found.`)
    const answer = settings.force > 0 ? yield* force(bus, verb) : yield* bus.call('StartUnit', [target, 'replace-irreversibly'])
    if (!isBusError(answer)) return 0
    const unprivileged = process.euid !== 0
    if (unprivileged)
      return yield* console.fail(
        `Call to ${calls[verb]} failed: ${answer.message}`,
        answer.name.endsWith('AccessDenied') ? EXIT_NO_PERMISSION : 1,
      )
    return yield* failedStart(context, target, answer)
  }
  const mode = verb === 'default' || verb === 'rescue' || verb === 'emergency' ? 'isolate' : 'replace-irreversibly'
  return yield* runJobs(context, { method: 'StartUnit', job: 'start', type: 'start' }, [target], mode, '.target')
}

function* force(bus: Bus, verb: string): Syscall<unknown> {
  switch (verb) {
    case 'reboot':
      return yield* bus.call('Reboot', [])
    case 'halt':
      return yield* bus.call('Halt', [])
    case 'kexec':
      return yield* bus.call('KExec', [])
    case 'soft-reboot':
      return yield* bus.call('SoftReboot', [''])
    default:
      return yield* bus.call('PowerOff', [])
  }
}

function* failedStart(context: Context, unit: string, error: BusError): Syscall<number> {
  yield* context.console.log('error', `Failed to start ${unit}: ${error.message}`)
  yield* context.console.log('error', `See system logs and 'systemctl status ${unit}' for details.`)
  return statusOfError(error)
}

/** A refusal that says what it is. */
export function* notSimulated(context: Context): Syscall<number> {
  return yield* context.console.fail(`The verb '${context.verb}' is not simulated here.`)
}

/** The manual is on the pages of the site; this names the right ones. */
export function* help(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { console } = context
  let status = 0
  for (const operand of context.operands) {
    const name = yield* context.mangle(operand)
    if (name === undefined) return 1
    const properties = yield* bus.call('GetAll', [name, 'org.freedesktop.systemd1.Unit'])
    const pages = isBusError(properties) ? [] : textsOf(properties, 'Documentation')
    if (pages.length === 0) {
      yield* console.log('info', `Documentation for ${name} not known.`)
      status = 1
    }
    for (const page of pages) yield* console.print(`${page}\n`)
  }
  return status
}
