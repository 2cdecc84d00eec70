// ExecStart= and its like as D-Bus tells them: the command, its flags, and how its last run went.
import type { Value } from '../../bus'
import type { ExecCommand } from '../../directives'
import { codeNumber } from '../child-exit'
import type { ExecStatus } from '../exec-status'

/** `ignore-failure`, `no-env-expand`, `privileged`, `no-setuid`, `ambient`. */
function flagsOf(command: ExecCommand): readonly string[] {
  return [
    command.ignoreFailure ? 'ignore-failure' : '',
    command.fullyPrivileged ? 'privileged' : '',
    command.noSetuid ? 'no-setuid' : '',
    command.noEnvironmentExpansion ? 'no-env-expand' : '',
  ].filter((one) => one !== '')
}

/** One struct for each command; `code` is CLD_EXITED and so on, 0 while there is none. */
export function commandValues(commands: readonly ExecCommand[], statusOf: (command: ExecCommand) => ExecStatus | undefined): Value {
  return commands.map((command) => {
    const status = statusOf(command)
    return {
      path: command.path,
      argv: command.argv,
      ignoreErrors: command.ignoreFailure,
      flags: flagsOf(command),
      startTimestamp: status?.start.realtimeUsec ?? 0,
      startTimestampMonotonic: status?.start.monotonicUsec ?? 0,
      exitTimestamp: status?.exit.realtimeUsec ?? 0,
      exitTimestampMonotonic: status?.exit.monotonicUsec ?? 0,
      pid: status?.pid ?? 0,
      code: status?.how === undefined ? 0 : codeNumber[status.how.code],
      status: status?.how?.status ?? 0,
    }
  })
}

/** Both forms of the property: the old one knows only whether a failure is ignored. */
export function commandProperties(
  name: string,
  commands: readonly ExecCommand[],
  statusOf: (command: ExecCommand) => ExecStatus | undefined,
): Record<string, Value> {
  const value = commandValues(commands, statusOf)
  return { [name]: value, [`${name}Ex`]: value }
}
