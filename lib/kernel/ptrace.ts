// After ptrace(2), "ptrace access mode checking": who may look into another process.
import { capable, type Credentials } from './credentials'
import type { Task } from './task'

/** @param credentials of who looks */
export function mayInspect(looker: Task | undefined, credentials: Credentials, target: Task): boolean {
  if (looker === target) return true
  const theirs = target.credentials
  if (capable(credentials, 'CAP_SYS_PTRACE', theirs.userNamespace)) return true
  const { fsuid, fsgid } = credentials
  const sameUser = fsuid === theirs.euid && fsuid === theirs.suid && fsuid === theirs.uid
  const sameGroup = fsgid === theirs.egid && fsgid === theirs.sgid && fsgid === theirs.gid
  if (!sameUser || !sameGroup || !target.dumpable) return false
  // Nobody looks into what holds more than oneself.
  return credentials.userNamespace === theirs.userNamespace && (theirs.capabilities.permitted & ~credentials.capabilities.permitted) === 0n
}
