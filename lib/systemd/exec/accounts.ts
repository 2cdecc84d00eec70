// Users and groups of a unit, by name or by number.
import { type Process, type User, UserDatabase } from '@/lib/kernel'

export type Identity = User

const database = (process: Process): UserDatabase => new UserDatabase(process.fileReader())

/** A user by name, or by number (which then need not be in the tables). */
export function findUser(process: Process, wanted: string): Identity | undefined {
  const users = database(process)
  const named = users.user(wanted)
  if (named !== undefined || !/^\d+$/.test(wanted)) return named
  const uid = Number(wanted)
  return users.user(uid) ?? { name: wanted, uid, gid: uid, gecos: '', home: '/', shell: '/bin/sh' }
}

export function findGroup(process: Process, wanted: string): number | undefined {
  const group = database(process).group(wanted)
  if (group !== undefined) return group.gid
  return /^\d+$/.test(wanted) ? Number(wanted) : undefined
}

/** Groups that list the user as a member. */
export function memberships(process: Process, name: string): readonly number[] {
  return database(process)
    .groups.filter((group) => group.members.includes(name))
    .map((group) => group.gid)
}
