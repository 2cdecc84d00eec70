// The verbs that need no manager: what they print is computed by lib/systemd/analyze.
import {
  analyzeArchitectures,
  analyzeCalendar,
  analyzeCapability,
  analyzeCompareVersions,
  analyzeCondition,
  analyzeConditionLists,
  conditionsOfUnit,
  rootFault,
  analyzeExitStatus,
  analyzeFilesystems,
  analyzeImagePolicy,
  analyzeSyscallFilter,
  analyzeTimespan,
  analyzeTimestamp,
  unitSearchPaths,
} from '@/lib/systemd/analyze'
import { conditionHost } from '@/lib/systemd/condition'
import { specifierHost } from '@/lib/systemd/directives'
import { unitNameMangle } from '@/lib/systemd/unit-name'
import { ANY, type VerbRow } from '../systemd-verbs'
import { pure, type Verb, type VerbContext } from './context'

function runCondition(args: readonly string[], { process, reader, options, output }: VerbContext): number {
  const { nodename, release } = process.uname()
  const environment = new Map(Object.entries(process.env))
  const scope = options.scope === 'user' ? 'user' : 'system'
  const specifiers = specifierHost(reader, { scope, hostname: nodename, kernelRelease: release, environment, uid: process.uid })
  const host = conditionHost(reader, {
    environment,
    hostname: nodename,
    kernelRelease: release,
    uid: process.uid,
    user: specifiers.user,
    gids: [process.gid, ...process.groups],
    groups: [specifiers.group],
  })
  const noRoot = rootFault(reader, options.root)
  if (noRoot !== undefined) {
    output.error(noRoot)
    return 1
  }
  if (options.unit === undefined) return analyzeCondition(args, scope, specifiers, host, output)
  const mangled = unitNameMangle(options.unit)
  if (mangled === undefined) {
    output.error(`Failed to mangle unit name ${options.unit}: Invalid argument`)
    return 1
  }
  for (const notice of mangled.notices) output.log('notice', notice)
  const facts = { scope, root: options.root, environment: process.env, hostname: nodename, kernelRelease: release } as const
  const unit = conditionsOfUnit(reader, mangled.name, facts, (text) => output.log('warning', text))
  if (typeof unit === 'string') {
    output.error(unit)
    return 1
  }
  return analyzeConditionLists(unit.id, unit.lists, host, output)
}

const row = (name: string, minimum: number, maximum: number, run: Verb): VerbRow<Verb> => ({ name, minimum, maximum, run })

export const offlineVerbs: readonly VerbRow<Verb>[] = [
  row(
    'unit-paths',
    1,
    1,
    pure((_args, { process, options, output }) => {
      for (const path of unitSearchPaths(options.scope, process.env)) output.print(`${path}\n`)
      return 0
    }),
  ),
  row(
    'exit-status',
    0,
    ANY,
    pure((args, { options, look, output }) => analyzeExitStatus(args, options, look, output)),
  ),
  row(
    'syscall-filter',
    0,
    ANY,
    pure((args, { options, look, output }) => analyzeSyscallFilter(args, options, look, output)),
  ),
  row(
    'capability',
    0,
    ANY,
    pure((args, { options, look, output }) => analyzeCapability(args, options, look, output)),
  ),
  row(
    'filesystems',
    0,
    ANY,
    pure((args, { options, reader, look, output }) => analyzeFilesystems(args, options, reader, look, output)),
  ),
  row('condition', 0, ANY, pure(runCondition)),
  row(
    'compare-versions',
    3,
    4,
    pure((args, { output }) => analyzeCompareVersions(args, output)),
  ),
  row(
    'calendar',
    2,
    ANY,
    pure((args, { options, time, look, output }) => analyzeCalendar(args, options, time, look, output)),
  ),
  row(
    'timestamp',
    2,
    ANY,
    pure((args, { time, look, output }) => analyzeTimestamp(args, time, look, output)),
  ),
  row(
    'timespan',
    2,
    ANY,
    pure((args, { time, look, output }) => analyzeTimespan(args, time, look, output)),
  ),
  row(
    'image-policy',
    2,
    2,
    pure(([policy = ''], { look, output }) => analyzeImagePolicy(policy, look, output)),
  ),
  row(
    'architectures',
    0,
    ANY,
    pure((args, { options, look, output }) => analyzeArchitectures(args, options, look, output)),
  ),
]
