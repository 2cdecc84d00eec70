// The accounts that login and logind need.
import { type Process, type User, UserDatabase } from '@/lib/kernel'

export type Account = User

export function findAccount(process: Process, wanted: string | number): Account | undefined {
  return new UserDatabase(process.fileReader()).user(wanted)
}

/** The primary group and those that list the user as a member, ascending. */
export function groupsOf(process: Process, account: Account): readonly number[] {
  const member = new UserDatabase(process.fileReader()).groups
    .filter((group) => group.members.includes(account.name))
    .map((group) => group.gid)
  return [...new Set([account.gid, ...member])].sort((a, b) => a - b)
}
