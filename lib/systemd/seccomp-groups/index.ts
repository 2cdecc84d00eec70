// Groups of system calls and of filesystems, and the names of capabilities: data for SystemCallFilter=, RestrictFileSystems=,
// CapabilityBoundingSet= and whoever judges them.
import { FILESYSTEM_GROUPS, SYSCALL_GROUPS } from './groups.generated'

export * from './capabilities'
export * from './native'
export { FILESYSTEM_GROUPS, FILESYSTEM_MAGIC, SYSCALL_GROUPS, type GroupRow } from './groups.generated'

const byName = (rows: typeof SYSCALL_GROUPS): ReadonlyMap<string, readonly string[]> =>
  new Map(rows.map(([name, , members]) => [name, members.split(' ')]))

/** `@basic-io` → its members, nested groups kept. */
export const syscallGroups: ReadonlyMap<string, readonly string[]> = byName(SYSCALL_GROUPS)
export const filesystemGroups: ReadonlyMap<string, readonly string[]> = byName(FILESYSTEM_GROUPS)

const expanded = new Map<string, ReadonlySet<string>>()

/** The system calls of a group, nested groups opened; empty for a name that is no group. */
export function expandSyscallGroup(name: string): ReadonlySet<string> {
  const known = expanded.get(name)
  if (known) return known
  const calls = new Set<string>()
  for (const member of syscallGroups.get(name) ?? []) {
    if (member.startsWith('@')) for (const call of expandSyscallGroup(member)) calls.add(call)
    else calls.add(member)
  }
  expanded.set(name, calls)
  return calls
}

/** Whether any system call of this name exists, on any architecture. */
export function isKnownSyscall(name: string): boolean {
  return expandSyscallGroup('@known').has(name)
}

/** The filesystem types of a group. */
export function expandFilesystemGroup(name: string): ReadonlySet<string> {
  return new Set(filesystemGroups.get(name) ?? [])
}
