// What a unit of any type needs to run one of its commands.
import { expandGlob } from '@/lib/base'
import { errno, isErrno, type Cause, type Fallible, type Syscall } from '@/lib/kernel'
import type { ExecCommand, ExecSection } from '../directives'
import { execSpawn, type PassedFd } from '../exec'
import { dynamicUidOf, joinPidOf, privateTmpOf } from './exec-runtime'
import type { Unit } from './unit'

export type SpawnOptions = {
  readonly section: ExecSection
  readonly command: ExecCommand
  readonly environment?: ReadonlyMap<string, string>
  readonly fds?: readonly PassedFd[]
  readonly socketFd?: number | undefined
  /** The main command, not one that helps it. */
  readonly main?: boolean
  readonly controlCgroup?: boolean
  readonly sandboxing?: boolean
  /** Kept until execve() closes it. */
  readonly execFd?: number | undefined
  /** Readable (or 5 s over): Type=idle may go. */
  readonly idleFd?: number | undefined
}

export function* spawnFor(unit: Unit, options: SpawnOptions): Syscall<Fallible<number>> {
  const { manager } = unit
  const { process } = manager
  yield* manager.runEffects()
  yield* manager.logger.flush()
  const missing = missingEnvironmentFile(unit, options.section)
  if (missing) {
    unit.log(4, `Failed to load environment files: ${errno.ENOENT.message}`)
    return errno.ENOENT
  }
  const environment = new Map(manager.environment)
  for (const [name, value] of manager.clientEnvironment) environment.set(name, value)
  for (const [name, value] of options.environment ?? []) environment.set(name, value)
  const fds = options.fds ?? []
  const pid = yield* execSpawn(process, {
    unit: unit.id,
    scope: manager.scope,
    command: options.command,
    config: options.section,
    cause: (directive) => causeOf(unit, directive),
    cgroup: unit.cgroupPath ?? '',
    invocationId: unit.invocationId,
    bootId: manager.bootId,
    environment,
    fds,
    socketFd: options.socketFd,
    privateTmp: yield* privateTmpOf(unit, options.section),
    joinPid: joinPidOf(unit),
    dynamicUid: yield* dynamicUidOf(unit, options.section),
    flags: { sandboxing: options.sandboxing ?? true, applyTty: true, controlCgroup: options.controlCgroup ?? false },
    logFields: [],
    defaultOutput: manager.defaults.standardOutput,
    execFd: options.execFd,
    idleFd: options.idleFd,
  })
  if (!isErrno(pid)) unit.log(7, `About to execute: ${options.command.path}`)
  return pid
}

/** EnvironmentFile= without a `-` must be there. */
function missingEnvironmentFile(unit: Unit, section: ExecSection): boolean {
  const { reader } = unit.manager
  return section.EnvironmentFile.some((path) => !path.startsWith('-') && expandGlob(reader, path).length === 0)
}

/** Which line of which file asks for it. */
function causeOf(unit: Unit, directive: string): Cause {
  const origin = unit.loaded?.origins.findLast((one) => one.directive === directive)
  return origin === undefined ? { unit: unit.id, directive } : { unit: unit.id, directive, file: origin.file, line: origin.line }
}
