// Running a command of a unit: fork into its cgroup, become what the unit says, execute.
import { CLONE_NEWPID, type Fallible, type Process, type Syscall } from '@/lib/kernel'
import { childName } from './failure'
import { execChild } from './invoke'
import type { ExecParameters } from './parameters'

export * from './exit-status'
export type { ExecFlags, ExecParameters, PassedFd } from './parameters'
export { findGroup, findUser, type Identity, memberships } from './accounts'
export { directoryKinds, execDirectoryPaths } from './directories'
export { parseEnvironmentText, readEnvironmentFile } from './environment'
export { makeInaccessibleNodes } from './mount-namespace'
export { type MountEntry, mountPlan, needsMountNamespace } from './mount-plan'
export { seccompFilters } from './filters'

/** Starts the command; the child's pid. What goes wrong in the child is an exit status of 200 and above. */
export function* execSpawn(process: Process, parameters: ExecParameters): Syscall<Fallible<number>> {
  const cgroup = parameters.flags.controlCgroup ? `${parameters.cgroup}/.control` : parameters.cgroup
  return yield* process.fork((child) => execChild(child, parameters), {
    cgroup,
    comm: childName(parameters.command.path),
    // The first process of a PID namespace must be born there.
    ...(parameters.config.PrivatePIDs === 'yes' && parameters.flags.sandboxing ? { namespaces: CLONE_NEWPID } : {}),
  })
}
