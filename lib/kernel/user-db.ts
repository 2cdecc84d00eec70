// After passwd(5), group(5) and nss-systemd(8): users and groups as a process finds them in the files it sees.
import { decodeUtf8, type FileReader } from '@/lib/base'

export type User = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly gecos: string
  readonly home: string
  readonly shell: string
}

export type Group = { readonly name: string; readonly gid: number; readonly members: readonly string[] }

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text)

/** Lines that are no entries are passed over, as glibc does. */
export function parsePasswd(text: string): readonly User[] {
  const users: User[] = []
  for (const line of text.split('\n')) {
    const [name = '', , uid, gid, gecos = '', home = '', shell = ''] = line.split(':')
    if (name === '' || name.startsWith('#') || !isNumber(uid) || !isNumber(gid)) continue
    users.push({ name, uid: Number(uid), gid: Number(gid), gecos, home, shell })
  }
  return users
}

export function parseGroup(text: string): readonly Group[] {
  const groups: Group[] = []
  for (const line of text.split('\n')) {
    const [name = '', , gid, members = ''] = line.split(':')
    if (name === '' || name.startsWith('#') || !isNumber(gid)) continue
    groups.push({ name, gid: Number(gid), members: members === '' ? [] : members.split(',') })
  }
  return groups
}

/** Always known, even without files. */
const synthesized: readonly User[] = [
  { name: 'root', uid: 0, gid: 0, gecos: 'Super User', home: '/root', shell: '/bin/bash' },
  { name: 'nobody', uid: 65_534, gid: 65_534, gecos: 'Kernel Overflow User', home: '/', shell: '/usr/sbin/nologin' },
]
const synthesizedGroups: readonly Group[] = [
  { name: 'root', gid: 0, members: [] },
  { name: 'nogroup', gid: 65_534, members: [] },
]

/** A look at the tables; make a new one to see what changed since. */
export class UserDatabase {
  private readonly files: FileReader
  private knownUsers: readonly User[] | undefined
  private knownGroups: readonly Group[] | undefined

  constructor(files: FileReader) {
    this.files = files
  }

  get users(): readonly User[] {
    this.knownUsers ??= parsePasswd(this.text('/etc/passwd'))
    return this.knownUsers
  }

  get groups(): readonly Group[] {
    this.knownGroups ??= parseGroup(this.text('/etc/group'))
    return this.knownGroups
  }

  user(wanted: string | number): User | undefined {
    const is = (user: User): boolean => (typeof wanted === 'number' ? user.uid === wanted : user.name === wanted)
    return this.users.find(is) ?? this.dynamicUser(wanted) ?? synthesized.find(is)
  }

  group(wanted: string | number): Group | undefined {
    const is = (group: Group): boolean => (typeof wanted === 'number' ? group.gid === wanted : group.name === wanted)
    const found = this.groups.find(is)
    if (found !== undefined) return found
    const dynamic = this.dynamicUser(wanted)
    return dynamic === undefined ? synthesizedGroups.find(is) : { name: dynamic.name, gid: dynamic.gid, members: [] }
  }

  /** As getgrouplist(3): the primary group first, then those that list the user, in file order. */
  groupIdsOf(name: string, gid: number): readonly number[] {
    const listed = this.groups.filter((group) => group.members.includes(name)).map((group) => group.gid)
    return [...new Set([gid, ...listed])]
  }

  /** Users of DynamicUser=, while their services run. */
  private dynamicUser(wanted: string | number): User | undefined {
    const found = this.files.readLink(`/run/systemd/dynamic-uid/direct:${wanted}`)
    if (found === undefined) return undefined
    const uid = typeof wanted === 'number' ? wanted : Number(found)
    const name = typeof wanted === 'number' ? found : wanted
    return { name, uid, gid: uid, gecos: 'Dynamic User', home: '/', shell: '/usr/sbin/nologin' }
  }

  private text(path: string): string {
    const bytes = this.files.readFile(path)
    return bytes === undefined ? '' : decodeUtf8(bytes)
  }
}
