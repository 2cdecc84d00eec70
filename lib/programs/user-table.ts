// After passwd(5) and group(5): who is who on this machine, read from the files.
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export type User = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly gecos: string
  readonly home: string
  readonly shell: string
  readonly line: string
}
export type Group = { readonly name: string; readonly gid: number; readonly members: readonly string[]; readonly line: string }

const lines = (process: Process, path: string): readonly string[] => {
  const bytes = process.fileReader().readFile(path)
  return bytes === undefined
    ? []
    : decodeUtf8(bytes)
        .split('\n')
        .filter((line) => line !== '')
}

/** Users and groups of DynamicUser= services live in files of systemd. */
function dynamicUsers(process: Process): User[] {
  const names = process.fileReader().readDirectory('/run/systemd/dynamic-uid') ?? []
  const users: User[] = []
  for (const file of names) {
    const direct = /^direct:(\d+)$/.exec(file)
    if (direct === null) continue
    const target = process.fileReader().readLink(`/run/systemd/dynamic-uid/${file}`)
    if (target === undefined) continue
    const uid = Number(direct[1])
    users.push({
      name: target,
      uid,
      gid: uid,
      gecos: 'Dynamic User',
      home: '/',
      shell: '/usr/sbin/nologin',
      line: `${target}:!*:${uid}:${uid}:Dynamic User:/:/usr/sbin/nologin`,
    })
  }
  return users
}

export function allUsers(process: Process): readonly User[] {
  return lines(process, '/etc/passwd').flatMap((line): User[] => {
    const [name, , uid, gid, gecos, home, shell] = line.split(':')
    if (name === undefined || uid === undefined || gid === undefined) return []
    return [
      {
        name,
        uid: Number(uid),
        gid: Number(gid),
        gecos: gecos ?? '',
        home: home ?? '/',
        shell: shell === undefined || shell === '' ? '/bin/sh' : shell,
        line,
      },
    ]
  })
}

export function allGroups(process: Process): readonly Group[] {
  return lines(process, '/etc/group').flatMap((line): Group[] => {
    const [name, , gid, members] = line.split(':')
    if (name === undefined || gid === undefined) return []
    return [{ name, gid: Number(gid), members: members === undefined || members === '' ? [] : members.split(','), line }]
  })
}

export const userByName = (process: Process, name: string): User | undefined =>
  allUsers(process).find((user) => user.name === name) ?? dynamicUsers(process).find((user) => user.name === name)
export const userById = (process: Process, uid: number): User | undefined =>
  allUsers(process).find((user) => user.uid === uid) ?? dynamicUsers(process).find((user) => user.uid === uid)
export function groupByName(process: Process, name: string): Group | undefined {
  const found = allGroups(process).find((group) => group.name === name)
  if (found !== undefined) return found
  const dynamic = dynamicUsers(process).find((user) => user.name === name)
  return dynamic && { name: dynamic.name, gid: dynamic.gid, members: [], line: `${dynamic.name}:!*:${dynamic.gid}:` }
}
export function groupById(process: Process, gid: number): Group | undefined {
  const found = allGroups(process).find((group) => group.gid === gid)
  if (found !== undefined) return found
  const dynamic = dynamicUsers(process).find((user) => user.gid === gid)
  return dynamic && { name: dynamic.name, gid: dynamic.gid, members: [], line: `${dynamic.name}:!*:${dynamic.gid}:` }
}

/** Names by id, looked up once: for `ls -l` and `ps`. */
export function nameTables(process: Process): { readonly user: (uid: number) => string; readonly group: (gid: number) => string } {
  const users = new Map<number, string>()
  const groups = new Map<number, string>()
  for (const user of [...allUsers(process), ...dynamicUsers(process)].reverse()) users.set(user.uid, user.name)
  for (const user of dynamicUsers(process)) groups.set(user.gid, user.name)
  for (const group of [...allGroups(process)].reverse()) groups.set(group.gid, group.name)
  return { user: (uid) => users.get(uid) ?? String(uid), group: (gid) => groups.get(gid) ?? String(gid) }
}

/** Supplementary groups as initgroups(3) sets them. */
export function groupsOf(process: Process, name: string, gid: number): readonly number[] {
  const extra = allGroups(process).filter((group) => group.members.includes(name) && group.gid !== gid)
  return [gid, ...extra.map((group) => group.gid)]
}
