// After mount(8), umount(8), findmnt(8), mountpoint(1).
import {
  errno,
  isErrno,
  MNT_DETACH,
  MS_BIND,
  MS_MOVE,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { program } from '../program'
import { complain, readText } from '../stdio'
import { canonicalize } from '../coreutils/readlink'

export type MountRow = {
  readonly id: number
  readonly parent: number
  readonly root: string
  readonly target: string
  readonly options: string
  readonly type: string
  readonly source: string
  readonly superOptions: string
  readonly device: string
  readonly propagation: string
}

const decode = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 8)))

export function* readMountInfo(process: Process): Syscall<readonly MountRow[]> {
  const text = yield* readText(process, '/proc/self/mountinfo')
  if (isErrno(text)) return []
  return text.split('\n').flatMap((line): MountRow[] => {
    const [left, right] = line.split(' - ')
    if (right === undefined || left === undefined) return []
    const fields = left.split(' ')
    const [type = '', source = '', superOptions = ''] = right.split(' ')
    const optional = fields.slice(6)
    const propagation = [
      optional.some((one) => one.startsWith('shared:')) && 'shared',
      optional.some((one) => one.startsWith('master:')) && 'slave',
      optional.includes('unbindable') && 'unbindable',
    ]
      .filter(Boolean)
      .join(',')
    return [
      {
        id: Number(fields[0]),
        parent: Number(fields[1]),
        device: fields[2]!,
        root: decode(fields[3]!),
        target: decode(fields[4]!),
        options: fields[5]!,
        type,
        source: decode(source),
        superOptions,
        propagation: propagation === '' ? 'private' : propagation,
      },
    ]
  })
}

/** Options of the mount and of the file system together, each once. */
export function allOptions(row: MountRow): string {
  const own = row.options.split(',')
  const rest = row.superOptions.split(',').filter((one) => !own.includes(one) && one !== 'rw' && one !== 'ro' && one !== '')
  if (row.superOptions.split(',').includes('ro') && own[0] === 'rw') own[0] = 'ro'
  return [...own, ...rest].join(',')
}

const flagOf: Readonly<Record<string, readonly [number, boolean]>> = {
  ro: [MS_RDONLY, true],
  rw: [MS_RDONLY, false],
  nosuid: [MS_NOSUID, true],
  suid: [MS_NOSUID, false],
  nodev: [MS_NODEV, true],
  dev: [MS_NODEV, false],
  noexec: [MS_NOEXEC, true],
  exec: [MS_NOEXEC, false],
  remount: [MS_REMOUNT, true],
  bind: [MS_BIND, true],
  rbind: [MS_BIND | MS_REC, true],
}
const propagationOf: Readonly<Record<string, number>> = {
  shared: MS_SHARED,
  slave: MS_SLAVE,
  private: MS_PRIVATE,
  unbindable: MS_UNBINDABLE,
}
const ignored = new Set([
  'defaults',
  'auto',
  'noauto',
  'user',
  'nouser',
  'users',
  '_netdev',
  'nofail',
  'relatime',
  'noatime',
  'strictatime',
  'nodiratime',
  'async',
  'sync',
  'silent',
  'loud',
])

const after = '       dmesg(1) may have more information after failed mount system call.\n'

function* refuse(process: Process, target: string, text: string): Syscall<number> {
  yield* process.write(2, `mount: ${target}: ${text}.\n${after}`)
  return 32
}

type Wanted = {
  readonly source: string
  readonly target: string
  readonly type: string | undefined
  readonly options: readonly string[]
  readonly flags: number
  readonly fake: boolean
  readonly verbose: boolean
}

function* doMount(process: Process, wanted: Wanted): Syscall<number> {
  let { flags } = wanted
  const data: string[] = []
  for (const option of wanted.options) {
    const known = flagOf[option]
    const propagation = propagationOf[option.replace(/^r/, '')]
    if (option === '') continue
    if (known !== undefined) flags = known[1] ? flags | known[0] : flags & ~known[0]
    else if (propagation !== undefined && !option.includes('=')) flags |= propagation | (option.startsWith('r') ? MS_REC : 0)
    else if (!ignored.has(option) && !/^(?:x-|comment=|X-)/.test(option)) data.push(option)
  }
  if (process.euid !== 0) return yield* refuse(process, wanted.target, 'must be superuser to use mount')
  const type = wanted.type ?? (flags & (MS_BIND | MS_REMOUNT | MS_MOVE) ? 'none' : 'ext4')
  if (wanted.fake) return 0
  const result = yield* process.mount(wanted.source, wanted.target, type, flags, data.join(','))
  if (!isErrno(result)) {
    if (wanted.verbose) yield* process.write(1, `mount: ${wanted.source} mounted on ${wanted.target}.\n`)
    return 0
  }
  const { target, source } = wanted
  const status = yield* process.stat(target)
  switch (result) {
    case errno.EPERM:
    case errno.EACCES:
      return yield* refuse(process, target, 'permission denied')
    case errno.ENOENT:
      if (isErrno(status)) {
        yield* process.write(2, `mount: ${target}: mount point does not exist.\n${after}`)
        return 32
      }
      return yield* refuse(process, target, `special device ${source} does not exist`)
    case errno.ENOTDIR:
      return yield* refuse(
        process,
        target,
        !isErrno(status) && status.kind !== 'directory'
          ? 'mount point is not a directory'
          : `special device ${source} does not exist (a path prefix is not a directory)`,
      )
    case errno.ENODEV:
      return yield* refuse(process, target, `unknown filesystem type '${type}'`)
    case errno.ENOTBLK:
      return yield* refuse(process, target, `${source} is not a block device`)
    case errno.EBUSY:
      return yield* refuse(process, target, flags & MS_REMOUNT ? 'mount point is busy' : `${source} already mounted or mount point busy`)
    case errno.EINVAL:
      return yield* refuse(
        process,
        target,
        flags & MS_REMOUNT
          ? 'mount point not mounted or bad option'
          : `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error`,
      )
    case errno.EROFS:
      return yield* refuse(process, target, `cannot mount ${source} read-only`)
    default:
      return yield* refuse(process, target, `fsconfig() failed: ${result.message}`)
  }
}

type FstabRow = { readonly source: string; readonly target: string; readonly type: string; readonly options: readonly string[] }
function* readFstab(process: Process): Syscall<readonly FstabRow[]> {
  const text = yield* readText(process, '/etc/fstab')
  if (isErrno(text)) return []
  return text.split('\n').flatMap((line): FstabRow[] => {
    const fields = line.trim().split(/\s+/)
    return line.trim() === '' || line.trim().startsWith('#') || fields.length < 3
      ? []
      : [{ source: decode(fields[0]!), target: decode(fields[1]!), type: fields[2]!, options: (fields[3] ?? 'defaults').split(',') }]
  })
}

export const mount = program({
  name: 'mount',
  path: '/usr/bin/mount',
  mode: 0o4755,
  summary: 'mount a file system, or show what is mounted',
  synopsis:
    '[-lhV]\n mount -a [options]\n mount [options] [--source] <source> | [--target] <directory>\n mount [options] <source> <directory>',
  options: [
    { short: 'a', long: 'all', help: 'everything in fstab' },
    { short: 'B', long: 'bind', help: 'show a directory at another place too' },
    { short: 'c', long: 'no-canonicalize', help: 'take paths as they are' },
    { short: 'f', long: 'fake', help: 'all but the system call' },
    { short: 'l', long: 'show-labels', help: 'has no effect' },
    { short: 'M', long: 'move', help: 'move a mount' },
    { short: 'n', long: 'no-mtab', help: 'has no effect' },
    { short: 'o', long: 'options', argument: 'required', metavar: '<list>', help: 'options, with commas' },
    { short: 'R', long: 'rbind', help: 'bind with everything below' },
    { short: 'r', long: 'read-only', help: 'the same as -o ro' },
    { short: 's', help: 'ignore options that are not known' },
    { long: 'source', argument: 'required', metavar: '<src>', help: 'what to mount' },
    { long: 'target', argument: 'required', metavar: '<target>', help: 'where to mount it' },
    { short: 't', long: 'types', argument: 'required', metavar: '<list>', help: 'the type of file system' },
    { short: 'v', long: 'verbose', help: 'say what is done' },
    { short: 'w', long: 'rw', help: 'the same as -o rw' },
    { long: 'make-shared' },
    { long: 'make-slave' },
    { long: 'make-private' },
    { long: 'make-unbindable' },
    { long: 'make-rshared' },
    { long: 'make-rslave' },
    { long: 'make-rprivate' },
    { long: 'make-runbindable' },
  ],
  *main(process, args) {
    const operands = [...args.operands]
    const options = args.values('options').flatMap((text) => text.split(','))
    if (args.has('read-only')) options.push('ro')
    if (args.has('rw')) options.push('rw')
    for (const name of ['bind', 'rbind']) if (args.has(name)) options.push(name)
    for (const one of args.given) if (one.name.startsWith('make-')) options.push(one.name.slice(5))
    const flags = args.has('move') ? MS_MOVE : 0
    const common = { flags, fake: args.has('fake'), verbose: args.has('verbose') }
    const types = args.value('types')
    if (operands.length === 0 && !args.has('all') && !args.has('source') && !args.has('target')) {
      for (const row of yield* readMountInfo(process)) {
        if (types === undefined || types.split(',').includes(row.type))
          yield* process.write(1, `${row.source} on ${row.target} type ${row.type} (${allOptions(row)})\n`)
      }
      return 0
    }
    if (args.has('all')) {
      const mounted = (yield* readMountInfo(process)).map((row) => row.target)
      let status = 0
      for (const row of yield* readFstab(process)) {
        if (
          row.options.includes('noauto') ||
          row.type === 'swap' ||
          mounted.includes(row.target) ||
          (types !== undefined && !types.split(',').includes(row.type))
        )
          continue
        const own = yield* doMount(process, {
          ...common,
          source: row.source,
          target: row.target,
          type: row.type,
          options: [...row.options, ...options],
        })
        if (own !== 0) status = own
      }
      return status
    }
    let source = args.value('source') ?? (operands.length > 1 ? operands.shift() : undefined)
    let target = args.value('target') ?? operands.shift()
    if (target === undefined) {
      target = source
      source = undefined
    }
    if (operands.length > 0) {
      yield* process.write(2, `mount: bad usage\nTry 'mount --help' for more information.\n`)
      return 1
    }
    const propagationOnly = options.length > 0 && options.every((option) => propagationOf[option.replace(/^r/, '')] !== undefined)
    const full = yield* canonicalize(process, target!, 'all')
    const place = isErrno(full) || args.has('no-canonicalize') ? target! : full
    if (source !== undefined) return yield* doMount(process, { ...common, source, target: place, type: types, options })
    if (propagationOnly || options.includes('remount')) {
      const row = (yield* readMountInfo(process)).findLast((one) => one.target === place)
      return yield* doMount(process, {
        ...common,
        source: row?.source ?? 'none',
        target: place,
        type: types ?? row?.type ?? 'none',
        options,
      })
    }
    const row = (yield* readFstab(process)).find((one) => one.target === place || one.target === target || one.source === target)
    if (row === undefined) {
      yield* process.write(2, `mount: ${target}: can't find in /etc/fstab.\n`)
      return 1
    }
    return yield* doMount(process, {
      ...common,
      source: row.source,
      target: row.target,
      type: row.type,
      options: [...row.options, ...options],
    })
  },
})

export const umount = program({
  name: 'umount',
  path: '/usr/bin/umount',
  mode: 0o4755,
  summary: 'take a file system off the tree',
  synopsis: '[options] <source> | <directory>',
  options: [
    { short: 'a', long: 'all', help: 'everything' },
    { short: 'c', long: 'no-canonicalize', help: 'take paths as they are' },
    { short: 'f', long: 'force', help: 'force' },
    { short: 'l', long: 'lazy', help: 'now from the tree, later from memory' },
    { short: 'n', long: 'no-mtab', help: 'has no effect' },
    { short: 'q', long: 'quiet', help: 'no message when nothing is mounted' },
    { short: 'R', long: 'recursive', help: 'everything below too' },
    { short: 't', long: 'types', argument: 'required', metavar: '<list>', help: 'only these types' },
    { short: 'v', long: 'verbose', help: 'say what is done' },
  ],
  *main(process, args) {
    if (args.operands.length === 0 && !args.has('all')) {
      yield* process.write(2, `umount: bad usage\nTry 'umount --help' for more information.\n`)
      return 1
    }
    let status = 0
    for (const word of args.operands) {
      const full = yield* canonicalize(process, word, 'all')
      const place = isErrno(full) ? word : full
      const rows = yield* readMountInfo(process)
      const bySource = rows.findLast((row) => row.source === word || row.source === place)
      const row = rows.findLast((one) => one.target === place) ?? bySource
      if (row === undefined) {
        const stat = yield* process.stat(word)
        if (!args.has('quiet'))
          yield* process.write(2, isErrno(stat) ? `umount: ${word}: no mount point specified.\n` : `umount: ${word}: not mounted.\n`)
        status = 32
        continue
      }
      const targets = args.has('recursive')
        ? rows
            .filter((one) => one.target === row.target || one.target.startsWith(`${row.target}/`))
            .map((one) => one.target)
            .reverse()
        : [row.target]
      for (const target of targets) {
        const result = yield* process.umount(target, args.has('lazy') ? MNT_DETACH : 0)
        if (!isErrno(result)) {
          if (args.has('verbose')) yield* process.write(1, `umount: ${target} unmounted\n`)
          continue
        }
        status = 32
        const words =
          result === errno.EPERM
            ? 'must be superuser to unmount'
            : result === errno.EBUSY
              ? 'target is busy'
              : result === errno.EINVAL
                ? 'not mounted'
                : result.message
        yield* process.write(2, `umount: ${target}: ${words}.\n`)
      }
    }
    return status
  },
})

const findColumns: Readonly<Record<string, (row: MountRow) => string>> = {
  TARGET: (row) => row.target,
  SOURCE: (row) => (row.root === '/' || row.type === 'cgroup2' ? row.source : `${row.source}[${row.root}]`),
  FSTYPE: (row) => row.type,
  OPTIONS: allOptions,
  'VFS-OPTIONS': (row) => row.options,
  'FS-OPTIONS': (row) => row.superOptions,
  PROPAGATION: (row) => row.propagation,
  'MAJ:MIN': (row) => row.device,
  FSROOT: (row) => row.root,
  ID: (row) => String(row.id),
  PARENT: (row) => String(row.parent),
}

export const findmnt = program({
  name: 'findmnt',
  path: '/usr/bin/findmnt',
  summary: 'show mounted file systems as a tree',
  synopsis: '[options] [<device> | <mountpoint>]',
  options: [
    { short: 'a', long: 'ascii', help: 'plain characters' },
    { short: 'D', long: 'df', help: 'not simulated here' },
    { short: 'f', long: 'first-only', help: 'only the first' },
    { short: 'J', long: 'json', help: 'as JSON' },
    { short: 'l', long: 'list', help: 'as a list' },
    { short: 'm', long: 'mtab', help: 'has no effect' },
    { short: 'M', long: 'mountpoint', argument: 'required', metavar: '<dir>', help: 'this mount point' },
    { short: 'n', long: 'noheadings', help: 'without headings' },
    { short: 'o', long: 'output', argument: 'required', metavar: '<list>', help: 'these columns' },
    { short: 'O', long: 'options', argument: 'required', metavar: '<list>', help: 'with these options' },
    { short: 'r', long: 'raw', help: 'columns by one blank' },
    { short: 'R', long: 'submounts', help: 'everything below too' },
    { short: 'S', long: 'source', argument: 'required', metavar: '<string>', help: 'this source' },
    { short: 't', long: 'types', argument: 'required', metavar: '<list>', help: 'these types' },
    { short: 'T', long: 'target', argument: 'required', metavar: '<path>', help: 'where this path lies' },
    { short: 'u', long: 'notruncate', help: 'do not cut' },
  ],
  *main(process, args) {
    const rows = yield* readMountInfo(process)
    const names = (args.value('output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').toUpperCase().split(',')
    const unknown = names.find((name) => findColumns[name] === undefined)
    if (unknown !== undefined) {
      yield* complain(process, `unknown column: ${unknown}`)
      return 1
    }
    const [word] = args.operands
    const types = args.value('types')?.split(',')
    const wanted = args.value('options')?.split(',')
    let chosen = rows.filter(
      (row) => (types?.includes(row.type) ?? true) && (wanted?.every((option) => allOptions(row).split(',').includes(option)) ?? true),
    )
    const inside = args.value('target')
    if (inside !== undefined) {
      const full = yield* canonicalize(process, inside, 'all')
      const path = isErrno(full) ? inside : full
      const best = rows
        .filter((row) => path === row.target || path.startsWith(row.target === '/' ? '/' : `${row.target}/`))
        .sort((a, b) => b.target.length - a.target.length || b.id - a.id)[0]
      chosen = best === undefined ? [] : [best]
    }
    const place = args.value('mountpoint') ?? word
    if (place !== undefined) {
      const full = yield* canonicalize(process, place, 'all')
      const matches = chosen.filter((row) => row.target === place || row.target === full || row.source === place)
      const last = matches.at(-1)
      chosen =
        args.has('submounts') && last !== undefined
          ? chosen.filter((row) => row.target === last.target || row.target.startsWith(`${last.target}/`))
          : last === undefined
            ? []
            : [last]
    }
    const source = args.value('source')
    if (source !== undefined) chosen = chosen.filter((row) => row.source === source)
    if (args.has('first-only')) chosen = chosen.slice(0, 1)
    if (chosen.length === 0) return 1
    const filtered = place !== undefined || inside !== undefined || source !== undefined || types !== undefined || wanted !== undefined
    const list = args.has('list') || args.has('raw') || (filtered && !args.has('submounts'))
    const branch =
      args.has('ascii') || !/utf-?8/i.test(process.env['LC_ALL'] ?? process.env['LANG'] ?? '') ? ['|-', '`-', '| '] : ['├─', '└─', '│ ']
    const lines: string[][] = []
    const add = (row: MountRow, prefix: string) =>
      lines.push(names.map((name) => (name === 'TARGET' ? prefix : '') + findColumns[name]!(row)))
    if (list) for (const row of chosen) add(row, '')
    else {
      const known = new Set(chosen.map((row) => row.id))
      const visit = (row: MountRow, prefix: string, indent: string) => {
        add(row, prefix)
        const children = chosen.filter((one) => one.parent === row.id && one.id !== row.id)
        children.forEach((child, index) => {
          const last = index === children.length - 1
          visit(child, indent + (last ? branch[1]! : branch[0]!), indent + (last ? '  ' : branch[2]!))
        })
      }
      for (const row of chosen) if (!known.has(row.parent) || row.parent === row.id) visit(row, '', '')
    }
    if (args.has('json')) {
      const items = chosen.map(
        (row) =>
          `      {\n${names.map((name) => `         "${name.toLowerCase()}": ${JSON.stringify(findColumns[name]!(row))}`).join(',\n')}\n      }`,
      )
      yield* process.write(1, `{\n   "filesystems": [\n${items.join(',')}\n   ]\n}\n`)
      return 0
    }
    const table = args.has('noheadings') ? lines : [names, ...lines]
    const widths = names.map((_, column) => Math.max(...table.map((line) => [...line[column]!].length)))
    for (const line of table) {
      yield* process.write(
        1,
        `${line.map((cell, column) => (args.has('raw') || column === names.length - 1 ? cell : cell + ' '.repeat(widths[column]! - [...cell].length))).join(' ')}\n`,
      )
    }
    return 0
  },
})

export const mountpoint = program({
  name: 'mountpoint',
  path: '/usr/bin/mountpoint',
  summary: 'see whether a directory is a mount point',
  synopsis: '[-qd] <directory>',
  options: [
    { short: 'q', long: 'quiet', help: 'only the exit status' },
    { short: 'd', long: 'fs-devno', help: 'print the device number' },
    { long: 'nofollow', help: 'do not follow links' },
  ],
  *main(process, args) {
    const [word] = args.operands
    if (word === undefined) {
      yield* process.write(2, `mountpoint: bad usage\nTry 'mountpoint --help' for more information.\n`)
      return 1
    }
    const stat = yield* process.stat(word)
    if (isErrno(stat)) {
      if (!args.has('quiet')) yield* complain(process, word, stat)
      return 1
    }
    const full = yield* canonicalize(process, word, 'all')
    const row = (yield* readMountInfo(process)).find((one) => one.target === full)
    if (args.has('fs-devno') && row !== undefined) yield* process.write(1, `${row.device}\n`)
    else if (!args.has('quiet')) yield* process.write(1, `${word} is ${row === undefined ? 'not ' : ''}a mountpoint\n`)
    return row === undefined ? 32 : 0
  },
})
