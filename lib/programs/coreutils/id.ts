// After id(1), whoami(1), groups(1), logname(1).
import { program } from '../program'
import { complain, quoteWord } from '../stdio'
import { groupById, groupsOf, type User, userById, userByName } from '../user-table'

export const id = program({
  name: 'id',
  path: '/usr/bin/id',
  summary: 'print user and group ids',
  synopsis: '[OPTION]... [USER]...',
  options: [
    { short: 'a', help: 'has no effect' },
    { short: 'g', long: 'group', help: 'only the group' },
    { short: 'G', long: 'groups', help: 'all groups' },
    { short: 'n', long: 'name', help: 'names, not numbers' },
    { short: 'r', long: 'real', help: 'the real id, not the effective one' },
    { short: 'u', long: 'user', help: 'only the user' },
    { short: 'z', long: 'zero', help: 'end with NUL' },
    { short: 'Z', long: 'context', help: 'security context' },
  ],
  *main(process, args) {
    const chosen = ['user', 'group', 'groups'].filter((name) => args.has(name))
    if (chosen.length > 1) {
      yield* complain(process, 'cannot print "only" of more than one choice')
      return 1
    }
    if (chosen.length === 0 && (args.has('name') || args.has('real'))) {
      yield* complain(process, 'printing only names or real IDs requires -u, -g, or -G')
      return 1
    }
    if (args.has('context')) {
      yield* complain(process, '--context (-Z) works only on an SELinux-enabled kernel')
      return 1
    }
    let status = 0
    const users: (User | undefined)[] = []
    for (const name of args.operands) {
      const user = userByName(process, name) ?? (/^\d+$/.test(name) ? userById(process, Number(name)) : undefined)
      if (user === undefined) {
        yield* complain(process, `${quoteWord(process, name)}: no such user`)
        status = 1
      } else users.push(user)
    }
    if (args.operands.length === 0) users.push(undefined)
    for (const user of users) {
      const real = args.has('real')
      const uid = user?.uid ?? (real ? process.uid : process.euid)
      const gid = user?.gid ?? (real ? process.gid : process.egid)
      const groups = user === undefined ? [...new Set([gid, ...process.groups])] : groupsOf(process, user.name, user.gid)
      const userName = userById(process, uid)?.name
      const groupName = (one: number) => groupById(process, one)?.name
      const end = args.has('zero') ? '\0' : '\n'
      if (args.has('user')) yield* process.write(1, `${args.has('name') ? (userName ?? uid) : uid}${end}`)
      else if (args.has('group')) yield* process.write(1, `${args.has('name') ? (groupName(gid) ?? gid) : gid}${end}`)
      else if (args.has('groups'))
        yield* process.write(
          1,
          groups.map((one) => String(args.has('name') ? (groupName(one) ?? one) : one)).join(args.has('zero') ? '\0' : ' ') + end,
        )
      else {
        const named = (number: number, name: string | undefined) => `${number}${name === undefined ? '' : `(${name})`}`
        const uidReal = user?.uid ?? process.uid
        const gidReal = user?.gid ?? process.gid
        const effective =
          (user === undefined && process.euid !== process.uid
            ? ` euid=${named(process.euid, userById(process, process.euid)?.name)}`
            : '') + (user === undefined && process.egid !== process.gid ? ` egid=${named(process.egid, groupName(process.egid))}` : '')
        yield* process.write(
          1,
          `uid=${named(uidReal, userById(process, uidReal)?.name)} gid=${named(gidReal, groupName(gidReal))}${effective} groups=${groups.map((one) => named(one, groupName(one))).join(',')}${end}`,
        )
      }
    }
    return status
  },
})

export const whoami = program({
  name: 'whoami',
  path: '/usr/bin/whoami',
  summary: 'print the name of the effective user',
  options: [],
  *main(process) {
    const user = userById(process, process.euid)
    if (user === undefined) {
      yield* complain(process, `cannot find name for user ID ${process.euid}`)
      return 1
    }
    yield* process.write(1, `${user.name}\n`)
    return 0
  },
})

export const groups = program({
  name: 'groups',
  path: '/usr/bin/groups',
  summary: 'print the groups a user is in',
  synopsis: '[USERNAME]...',
  options: [],
  *main(process, args) {
    const name = (gid: number) => groupById(process, gid)?.name ?? String(gid)
    if (args.operands.length === 0) {
      yield* process.write(1, `${[...new Set([process.egid, ...process.groups])].map(name).join(' ')}\n`)
      return 0
    }
    let status = 0
    for (const one of args.operands) {
      const user = userByName(process, one)
      if (user === undefined) {
        yield* complain(process, `${quoteWord(process, one)}: no such user`)
        status = 1
      } else yield* process.write(1, `${one} : ${groupsOf(process, user.name, user.gid).map(name).join(' ')}\n`)
    }
    return status
  },
})

export const logname = program({
  name: 'logname',
  path: '/usr/bin/logname',
  summary: 'print the name the user logged in with',
  options: [],
  *main(process) {
    const name = process.env['LOGNAME']
    if (name === undefined) {
      yield* complain(process, 'no login name')
      return 1
    }
    yield* process.write(1, `${name}\n`)
    return 0
  },
})
