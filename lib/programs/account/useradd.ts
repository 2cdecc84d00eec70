// After useradd(8), userdel(8), usermod(8), groupadd(8), groupdel(8), groupmod(8), passwd(1), getent(1), nologin(8).
import { isErrno, O_CREAT, O_TRUNC, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { strftime } from '@/lib/base'
import { copyPath } from '../coreutils/copy'
import { removeTree } from '../coreutils/cp'
import { type Program, program } from '../program'
import { processLocalTime } from '../process-time'
import { complain, readText } from '../stdio'
import { allGroups, allUsers, groupById, groupByName, userById, userByName } from '../user-table'

/** Writes an account file anew, keeping its mode and owner. */
function* rewrite(process: Process, path: string, change: (lines: string[]) => string[]): Syscall<boolean> {
  const text = yield* readText(process, path)
  const lines = isErrno(text) ? [] : text.split('\n').filter((line) => line !== '')
  const fd = yield* process.open(path, O_WRONLY | O_CREAT | O_TRUNC, path.includes('shadow') ? 0o640 : 0o644)
  if (isErrno(fd)) return false
  yield* process.write(
    fd,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  )
  yield* process.close(fd)
  return true
}

function* locked(process: Process): Syscall<boolean> {
  if (process.euid === 0) return false
  yield* complain(process, 'Permission denied.')
  yield* complain(process, 'cannot lock /etc/passwd; try again later.')
  return true
}

const validName = (name: string): boolean => /^[a-z_][a-z0-9_-]*\$?$/.test(name) && name.length <= 32
const nextFree = (used: readonly number[], from: number, to: number, down: boolean): number => {
  const taken = new Set(used)
  if (down) for (let id = to; id >= from; id--) if (!taken.has(id)) return id
  for (let id = from; id <= to; id++) if (!taken.has(id)) return id
  return -1
}
const days = (process: Process): number => Math.floor(process.realtimeUsec / 86400e6)

function* addGroup(process: Process, name: string, gid: number): Syscall<boolean> {
  yield* rewrite(process, '/etc/gshadow', (lines) => [...lines, `${name}:!::`])
  return yield* rewrite(process, '/etc/group', (lines) => [...lines, `${name}:x:${gid}:`])
}

const memberOf = (groups: readonly string[], user: string, append: boolean) => (lines: string[]) =>
  lines.map((line) => {
    const [name, password, gid, members = ''] = line.split(':')
    const list = members === '' ? [] : members.split(',')
    const wanted = groups.includes(name!) || (append && list.includes(user))
    const rest = list.filter((one) => one !== user)
    return `${name}:${password}:${gid}:${(wanted ? [...rest, user] : rest).join(',')}`
  })

const accountRows = [
  { short: 'b', long: 'base-dir', argument: 'required' as const, metavar: 'BASE_DIR', help: 'where homes lie' },
  { short: 'c', long: 'comment', argument: 'required' as const, metavar: 'COMMENT', help: 'the full name' },
  { short: 'd', long: 'home-dir', argument: 'required' as const, metavar: 'HOME_DIR', help: 'the home directory' },
  { short: 'e', long: 'expiredate', argument: 'required' as const, metavar: 'DATE', help: 'has no effect here' },
  { short: 'g', long: 'gid', argument: 'required' as const, metavar: 'GROUP', help: 'the group' },
  { short: 'G', long: 'groups', argument: 'required' as const, metavar: 'GROUPS', help: 'further groups' },
  { short: 'p', long: 'password', argument: 'required' as const, metavar: 'PASSWORD', help: 'the encrypted password' },
  { short: 's', long: 'shell', argument: 'required' as const, metavar: 'SHELL', help: 'the login shell' },
  { short: 'u', long: 'uid', argument: 'required' as const, metavar: 'UID', help: 'the number' },
  { short: 'o', long: 'non-unique', help: 'the number may be taken' },
]

export const useradd = program({
  name: 'useradd',
  path: '/usr/sbin/useradd',
  summary: 'make a user',
  synopsis: '[options] LOGIN',
  usageStatus: 2,
  options: [
    ...accountRows,
    { short: 'k', long: 'skel', argument: 'required', metavar: 'SKEL_DIR', help: 'what a home begins with' },
    { short: 'M', long: 'no-create-home', help: 'make no home' },
    { short: 'm', long: 'create-home', help: 'make the home' },
    { short: 'N', long: 'no-user-group', help: 'no group of the same name' },
    { short: 'r', long: 'system', help: 'a system account' },
    { short: 'U', long: 'user-group', help: 'a group of the same name' },
  ],
  *main(process, args) {
    const [name] = args.operands
    if (name === undefined) {
      yield* process.write(2, 'Usage: useradd [options] LOGIN\n')
      return 2
    }
    if (yield* locked(process)) return 1
    if (!validName(name)) {
      yield* complain(process, `invalid user name '${name}': use --badname to ignore`)
      return 3
    }
    if (userByName(process, name) !== undefined) {
      yield* complain(process, `user '${name}' already exists`)
      return 9
    }
    const users = allUsers(process)
    const groups = allGroups(process)
    const system = args.has('system')
    const uidText = args.value('uid')
    const uid =
      uidText === undefined
        ? nextFree(
            [...users.map((user) => user.uid), ...groups.map((group) => group.gid)],
            system ? 100 : 1000,
            system ? 999 : 60000,
            system,
          )
        : Number(uidText)
    if (uidText !== undefined && users.some((user) => user.uid === uid) && !args.has('non-unique')) {
      yield* complain(process, `UID ${uid} is not unique`)
      return 4
    }
    const groupText = args.value('gid')
    let gid: number
    if (groupText !== undefined) {
      const group = groupByName(process, groupText) ?? (/^\d+$/.test(groupText) ? groupById(process, Number(groupText)) : undefined)
      if (group === undefined) {
        yield* complain(process, `group '${groupText}' does not exist`)
        return 6
      }
      gid = group.gid
    } else if (args.has('no-user-group')) gid = 100
    else {
      if (groupByName(process, name) !== undefined) {
        yield* complain(process, `group ${name} exists - if you want to add this user to that group, use -g.`)
        return 9
      }
      gid = groups.some((group) => group.gid === uid)
        ? nextFree(
            groups.map((group) => group.gid),
            system ? 100 : 1000,
            system ? 999 : 60000,
            system,
          )
        : uid
      yield* addGroup(process, name, gid)
    }
    const extra = (args.value('groups') ?? '').split(',').filter((one) => one !== '')
    const missing = extra.find((one) => groupByName(process, one) === undefined)
    if (missing !== undefined) {
      yield* complain(process, `group '${missing}' does not exist`)
      return 6
    }
    const home = args.value('home-dir') ?? `${args.value('base-dir') ?? '/home'}/${name}`
    const shell = args.value('shell') ?? '/bin/sh'
    yield* rewrite(process, '/etc/passwd', (lines) => [...lines, `${name}:x:${uid}:${gid}:${args.value('comment') ?? ''}:${home}:${shell}`])
    yield* rewrite(process, '/etc/shadow', (lines) => [
      ...lines,
      `${name}:${args.value('password') ?? '!'}:${days(process)}:${system ? '::::::' : '0:99999:7:::'}`,
    ])
    if (extra.length > 0) yield* rewrite(process, '/etc/group', memberOf(extra, name, true))
    if (args.has('create-home')) {
      const exists = !isErrno(yield* process.stat(home))
      if (exists)
        yield* process.write(
          2,
          `useradd: warning: the home directory ${home} already exists.\nuseradd: Not copying any file from skel directory into it.\n`,
        )
      else {
        yield* process.mkdir(home, 0o700)
        const skel = yield* process.readdir(args.value('skel') ?? '/etc/skel')
        if (!isErrno(skel)) {
          for (const entry of skel) {
            if (entry.name === '.' || entry.name === '..') continue
            const target = `${home}/${entry.name}`
            yield* copyPath(process, `${args.value('skel') ?? '/etc/skel'}/${entry.name}`, target, {
              recursive: true,
              follow: false,
              preserveMode: true,
              preserveOwner: false,
              preserveTimes: false,
              force: false,
              link: 'no',
              verbose: false,
              update: false,
              backup: false,
            })
            yield* process.chown(target, uid, gid, { nofollow: true })
          }
        }
        yield* process.chown(home, uid, gid)
      }
    }
    return 0
  },
})

export const userdel = program({
  name: 'userdel',
  path: '/usr/sbin/userdel',
  summary: 'remove a user',
  synopsis: '[options] LOGIN',
  usageStatus: 2,
  options: [
    { short: 'f', long: 'force', help: 'even when logged in' },
    { short: 'r', long: 'remove', help: 'the home too' },
  ],
  *main(process, args) {
    const [name] = args.operands
    if (name === undefined) {
      yield* process.write(2, 'Usage: userdel [options] LOGIN\n')
      return 2
    }
    if (yield* locked(process)) return 1
    const user = userByName(process, name)
    if (user === undefined) {
      yield* complain(process, `user '${name}' does not exist`)
      return 6
    }
    for (const path of ['/etc/passwd', '/etc/shadow'])
      yield* rewrite(process, path, (lines) => lines.filter((line) => !line.startsWith(`${name}:`)))
    yield* rewrite(process, '/etc/group', (lines) =>
      memberOf([], name, false)(lines).filter((line) => !(line.startsWith(`${name}:`) && Number(line.split(':')[2]) === user.gid)),
    )
    if (args.has('remove')) {
      yield* complain(process, `${name} mail spool (/var/mail/${name}) not found`)
      yield* removeTree(process, user.home)
    }
    return 0
  },
})

export const usermod = program({
  name: 'usermod',
  path: '/usr/sbin/usermod',
  summary: 'change a user',
  synopsis: '[options] LOGIN',
  usageStatus: 2,
  options: [
    ...accountRows,
    { short: 'a', long: 'append', help: 'with -G, keep the other groups' },
    { short: 'l', long: 'login', argument: 'required', metavar: 'NEW_LOGIN', help: 'another name' },
    { short: 'L', long: 'lock', help: 'lock the password' },
    { short: 'm', long: 'move-home', help: 'has no effect here' },
    { short: 'U', long: 'unlock', help: 'unlock the password' },
  ],
  *main(process, args) {
    const [name] = args.operands
    if (name === undefined) {
      yield* process.write(2, 'Usage: usermod [options] LOGIN\n')
      return 2
    }
    if (yield* locked(process)) return 1
    if (userByName(process, name) === undefined) {
      yield* complain(process, `user '${name}' does not exist`)
      return 6
    }
    const groupText = args.value('gid')
    const gid =
      groupText === undefined
        ? undefined
        : (groupByName(process, groupText)?.gid ?? (/^\d+$/.test(groupText) ? Number(groupText) : undefined))
    if (groupText !== undefined && gid === undefined) {
      yield* complain(process, `group '${groupText}' does not exist`)
      return 6
    }
    const extra = args
      .value('groups')
      ?.split(',')
      .filter((one) => one !== '')
    const missing = extra?.find((one) => groupByName(process, one) === undefined)
    if (missing !== undefined) {
      yield* complain(process, `group '${missing}' does not exist`)
      return 6
    }
    const next = args.value('login') ?? name
    yield* rewrite(process, '/etc/passwd', (lines) =>
      lines.map((line) => {
        if (!line.startsWith(`${name}:`)) return line
        const [, password, uid, oldGid, gecos, home, shell] = line.split(':')
        return [
          next,
          password,
          args.value('uid') ?? uid,
          gid ?? oldGid,
          args.value('comment') ?? gecos,
          args.value('home-dir') ?? home,
          args.value('shell') ?? shell,
        ].join(':')
      }),
    )
    yield* rewrite(process, '/etc/shadow', (lines) =>
      lines.map((line) => {
        if (!line.startsWith(`${name}:`)) return line
        const [, password = '', ...rest] = line.split(':')
        const changed = args.has('lock')
          ? `!${password.replace(/^!/, '')}`
          : args.has('unlock')
            ? password.replace(/^!/, '')
            : (args.value('password') ?? password)
        return [next, changed, ...rest].join(':')
      }),
    )
    if (extra !== undefined) yield* rewrite(process, '/etc/group', memberOf(extra, next, args.has('append')))
    return 0
  },
})

export const groupadd = program({
  name: 'groupadd',
  path: '/usr/sbin/groupadd',
  summary: 'make a group',
  synopsis: '[options] GROUP',
  usageStatus: 2,
  options: [
    { short: 'f', long: 'force', help: 'an existing group is no error' },
    { short: 'g', long: 'gid', argument: 'required', metavar: 'GID', help: 'the number' },
    { short: 'o', long: 'non-unique', help: 'the number may be taken' },
    { short: 'r', long: 'system', help: 'a system group' },
  ],
  *main(process, args) {
    const [name] = args.operands
    if (name === undefined) {
      yield* process.write(2, 'Usage: groupadd [options] GROUP\n')
      return 2
    }
    if (yield* locked(process)) return 10
    if (!validName(name)) {
      yield* complain(process, `'${name}' is not a valid group name`)
      return 3
    }
    if (groupByName(process, name) !== undefined) {
      if (args.has('force')) return 0
      yield* complain(process, `group '${name}' already exists`)
      return 9
    }
    const groups = allGroups(process)
    const system = args.has('system')
    const gid = args.has('gid')
      ? Number(args.value('gid'))
      : nextFree(
          groups.map((group) => group.gid),
          system ? 100 : 1000,
          system ? 999 : 60000,
          system,
        )
    if (groups.some((group) => group.gid === gid) && !args.has('non-unique')) {
      yield* complain(process, `GID '${gid}' already exists`)
      return 4
    }
    yield* addGroup(process, name, gid)
    return 0
  },
})

export const groupdel = program({
  name: 'groupdel',
  path: '/usr/sbin/groupdel',
  summary: 'remove a group',
  synopsis: '[options] GROUP',
  usageStatus: 2,
  options: [{ short: 'f', long: 'force', help: 'even a primary group' }],
  *main(process, args) {
    const [name = ''] = args.operands
    if (yield* locked(process)) return 10
    const group = groupByName(process, name)
    if (group === undefined) {
      yield* complain(process, `group '${name}' does not exist`)
      return 6
    }
    const owner = allUsers(process).find((user) => user.gid === group.gid)
    if (owner !== undefined && !args.has('force')) {
      yield* complain(process, `cannot remove the primary group of user '${owner.name}'`)
      return 8
    }
    for (const path of ['/etc/group', '/etc/gshadow'])
      yield* rewrite(process, path, (lines) => lines.filter((line) => !line.startsWith(`${name}:`)))
    return 0
  },
})

export const passwd = program({
  name: 'passwd',
  path: '/usr/bin/passwd',
  mode: 0o4755,
  summary: 'show the state of a password',
  synopsis: '[options] [LOGIN]',
  usageStatus: 6,
  options: [
    { short: 'S', long: 'status', help: 'show the state' },
    { short: 'l', long: 'lock', help: 'lock' },
    { short: 'u', long: 'unlock', help: 'unlock' },
    { short: 'd', long: 'delete', help: 'no password' },
  ],
  *main(process, args) {
    const name = args.operands[0] ?? userById(process, process.uid)?.name ?? ''
    if (userByName(process, name) === undefined) {
      yield* complain(process, `user '${name}' does not exist`)
      return 1
    }
    const shadow = yield* readText(process, '/etc/shadow')
    const fields = isErrno(shadow)
      ? undefined
      : shadow
          .split('\n')
          .find((line) => line.startsWith(`${name}:`))
          ?.split(':')
    if (args.has('status')) {
      if (fields === undefined) {
        yield* process.write(1, `${name} P\n`)
        return 0
      }
      const password = fields[1] ?? ''
      const usec = Number(fields[2] || 0) * 86400e6
      const state = /^[!*]/.test(password) ? 'L' : password === '' ? 'NP' : 'P'
      yield* process.write(
        1,
        `${name} ${state} ${strftime('%Y-%m-%d', processLocalTime(process).localtime(usec / 1e6), usec)} ${fields[3] || '-1'} ${fields[4] || '-1'} ${fields[5] || '-1'} ${fields[6] || '-1'}\n`,
      )
      return 0
    }
    if (args.has('lock') || args.has('unlock') || args.has('delete')) {
      if (process.uid !== 0) {
        yield* complain(process, 'Permission denied.')
        return 1
      }
      yield* rewrite(process, '/etc/shadow', (lines) =>
        lines.map((line) => {
          const [own, password = '', ...rest] = line.split(':')
          return own === name
            ? [
                own,
                args.has('delete') ? '' : args.has('lock') ? `!${password.replace(/^!/, '')}` : password.replace(/^!/, ''),
                ...rest,
              ].join(':')
            : line
        }),
      )
      yield* complain(process, 'password changed.')
      return 0
    }
    yield* complain(process, 'not simulated here: passwords')
    return 1
  },
})

export const getent = program({
  name: 'getent',
  path: '/usr/bin/getent',
  summary: 'look up entries of system databases',
  synopsis: '[OPTION...] database [key ...]',
  options: [
    { short: 's', long: 'service', argument: 'required', metavar: 'CONFIG', help: 'has no effect here' },
    { short: 'i', long: 'no-idn', help: 'has no effect here' },
  ],
  *main(process, args) {
    const [database, ...keys] = args.operands
    if (database === undefined) {
      yield* process.write(
        2,
        `${process.argv[0]}: wrong number of arguments\nTry \`getent --help' or \`getent --usage' for more information.\n`,
      )
      return 1
    }
    if (database === 'passwd' || database === 'group') {
      const entries = database === 'passwd' ? allUsers(process).map((user) => user.line) : allGroups(process).map((group) => group.line)
      if (keys.length === 0) {
        yield* process.write(1, entries.map((line) => `${line}\n`).join(''))
        return 0
      }
      let status = 0
      for (const key of keys) {
        const found =
          database === 'passwd'
            ? /^\d+$/.test(key)
              ? userById(process, Number(key))
              : userByName(process, key)
            : /^\d+$/.test(key)
              ? groupById(process, Number(key))
              : groupByName(process, key)
        if (found === undefined) status = 2
        else yield* process.write(1, `${found.line.replace(/^([^:]*):!\*:/, '$1:x:')}\n`)
      }
      return status
    }
    const path = (
      {
        shadow: '/etc/shadow',
        gshadow: '/etc/gshadow',
        hosts: '/etc/hosts',
        services: '/etc/services',
        protocols: '/etc/protocols',
        ahosts: '/etc/hosts',
      } as Record<string, string>
    )[database]
    if (path === undefined) {
      yield* process.write(2, `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`)
      return 1
    }
    const text = yield* readText(process, path)
    const lines = isErrno(text)
      ? []
      : text
          .split('\n')
          .map((line) => line.replace(/#.*/, '').trim())
          .filter((line) => line !== '')
    const shown = keys.length === 0 ? lines : lines.filter((line) => keys.some((key) => line.split(/[\s:]+/).includes(key)))
    const hosts = database === 'hosts' || database === 'ahosts'
    yield* process.write(
      1,
      shown
        .map(
          (line) =>
            `${hosts ? line.replace(/^(\S+)\s+(.*)$/, (_all, address: string, names: string) => `${address.padEnd(15)} ${names.split(/\s+/).join(' ')}`) : line}\n`,
        )
        .join(''),
    )
    return shown.length > 0 || keys.length === 0 ? 0 : 2
  },
})

export const nologin = program({
  name: 'nologin',
  path: '/usr/sbin/nologin',
  summary: 'refuse a login',
  options: [{ short: 'c', long: 'command', argument: 'required', metavar: '<command>', help: 'has no effect' }],
  *main(process) {
    yield* process.write(1, 'This account is currently not available.\n')
    return 1
  },
})

export const accountPrograms: readonly Program[] = [useradd, userdel, usermod, groupadd, groupdel, passwd, getent, nologin]
