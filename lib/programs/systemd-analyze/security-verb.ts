// systemd-analyze(1), "security": of unit files, or of the units a running manager has loaded.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { textOf, type Bus } from '@/lib/systemd/bus'
import { unitNameKind, unitNameMangle, unitNameReplaceInstance } from '@/lib/systemd/unit-name'
import {
  analyzeSecurity,
  assessSecurity,
  isPolicyFault,
  loadUnitFiles,
  parseJson,
  printAssessment,
  printOverview,
  securityInfoOf,
  type Assessment,
  type Json,
  type PolicyFault,
  type SecurityLook,
  type SecurityPolicy,
} from '@/lib/systemd/analyze'
import { showOutput, type VerbContext } from './context'
import { listUnits, unitProperties, withBus } from './manager-connection'
import { loadedSecurityInfo } from './loaded-security'

const SIGABRT = 6

function lookOf({ process, look }: VerbContext): SecurityLook {
  const { LC_ALL, LC_CTYPE, LANG, TERM, SYSTEMD_EMOJI } = process.env
  const utf8 = /utf-?8/i.test(LC_ALL ?? LC_CTYPE ?? LANG ?? '')
  const asked = SYSTEMD_EMOJI === undefined ? undefined : /^(1|yes|y|true|t|on)$/i.test(SYSTEMD_EMOJI)
  const emoji = asked ?? (utf8 && TERM !== undefined && TERM !== 'dumb' && TERM !== 'linux')
  return { ...look, emoji, hostname: process.uname().nodename }
}

/** The weights that --security-policy= names; the exit status when they cannot be read. */
function readPolicy({ reader, options, output }: VerbContext): SecurityPolicy | undefined | number {
  const path = options.securityPolicy
  if (path === undefined) return undefined
  const bytes = reader.readFile(path)
  if (bytes === undefined) {
    const kind = reader.status(path)?.kind
    const reason = kind === undefined ? 'No such file or directory' : kind === 'directory' ? 'Is a directory' : 'Permission denied'
    output.error(`Failed to parse '${path}' at 0:0: ${reason}`)
    return 1
  }
  const parsed = parseJson(decodeUtf8(bytes))
  if ('error' in parsed) {
    output.error(`Failed to parse '${path}' at ${parsed.line}:${parsed.column}: ${parsed.error}`)
    return 1
  }
  return isObject(parsed.value) ? parsed.value : {}
}

const isObject = (value: Json): value is SecurityPolicy => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The real tool dies of a failed assertion, and what it had printed to a pipe is lost. */
function* abort(fault: PolicyFault, context: VerbContext): Syscall<number> {
  if (context.console.onTty) yield* showOutput(context.output, context.console)
  context.output.items.length = 0
  const text = `Assertion '${fault.assertion}' failed at src/analyze/analyze-security.c:${fault.line}, function assess(). Aborting.`
  yield* context.console.log('error', text)
  yield* context.process.kill(context.process.pid, SIGABRT)
  return 128 + SIGABRT
}

export function* securityOffline(args: readonly string[], context: VerbContext): Syscall<number> {
  const { process, reader, options, output } = context
  const policy = readPolicy(context)
  if (typeof policy === 'number') return policy
  const { nodename, release } = process.uname()
  const directory = yield* process.getcwd()
  const loaded = loadUnitFiles(
    reader,
    args,
    {
      scope: options.scope === 'user' ? 'user' : 'system',
      recursiveErrors: 'no',
      environment: new Map(Object.entries(process.env)),
      workingDirectory: isErrno(directory) ? '/' : directory,
      hostname: nodename,
      kernelRelease: release,
      instance: options.instance,
      ...(options.root === undefined ? {} : { root: options.root }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    },
    (text) => output.log('warning', text),
  )
  if (typeof loaded === 'string') {
    output.error(loaded)
    return 1
  }
  let status = loaded.failed ? 1 : 0
  const look = lookOf(context)
  for (const { draft } of loaded.units) {
    if (draft === undefined) continue
    const info = securityInfoOf({ id: draft.id, fragmentPath: draft.fragmentPath, config: draft.typed })
    const result = analyzeSecurity(info, { threshold: options.threshold, json: options.json, policy }, look, output)
    if (typeof result === 'object') return yield* abort(result, context)
    if (result !== 0 && status === 0) status = result
  }
  return status
}

/** Units to look at: the named ones, or every service that is loaded and stays. */
function* onlineUnits(args: readonly string[], context: VerbContext, bus: Bus): Syscall<readonly string[] | undefined> {
  if (args.length === 0) {
    const units = yield* listUnits(context, bus)
    return units
      ?.map((unit) => unit.id)
      .filter((id) => id.endsWith('.service'))
      .sort()
  }
  const names: string[] = []
  for (const arg of args) {
    const name = unitNameMangle(arg)?.name
    if (name === undefined) {
      context.output.error(`Failed to mangle unit name '${arg}': Invalid argument`)
      return undefined
    }
    if (!name.endsWith('.service')) {
      context.output.error(`Unit ${arg} is not a service unit, refusing.`)
      return undefined
    }
    names.push(unitNameKind(name) === 'template' ? (unitNameReplaceInstance(name, 'test-instance') ?? name) : name)
  }
  return names
}

export const securityOnline = withBus(function* (args, context, bus) {
  const { output, options } = context
  const policy = readPolicy(context)
  if (typeof policy === 'number') return policy
  const names = yield* onlineUnits(args, context, bus)
  if (names === undefined) return 1
  const overview = args.length !== 1
  const details = args.length > 0
  const look = lookOf(context)
  const assessments: Assessment[] = []
  let status = 0
  for (const [index, name] of names.entries()) {
    if (details && index > 0) output.print('\n')
    const properties = yield* unitProperties(context, bus, name)
    if (properties === undefined) {
      status = 1
      continue
    }
    const loadState = textOf(properties, 'LoadState')
    if (loadState !== 'loaded') {
      if (!details) continue
      const why = loadState === 'not-found' ? 'not found' : loadState === 'masked' ? 'is masked' : 'not loaded properly'
      output.error(`Unit ${name} ${why}, cannot analyze.`)
      status = 1
      continue
    }
    if (!details && textOf(properties, 'Type') === 'oneshot') continue
    const assessment = assessSecurity(loadedSecurityInfo(properties), policy)
    if (isPolicyFault(assessment)) return yield* abort(assessment, context)
    if (details) printAssessment(assessment, options.json, look, output)
    assessments.push(assessment)
    if (assessment.exposure > options.threshold) status = 1
  }
  if (overview) {
    if (details) output.print('\n')
    printOverview(assessments, options.json, look, output)
  }
  return status
})
