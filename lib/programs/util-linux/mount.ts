// After mount(8), umount(8), findmnt(8), mountpoint(1).
import { decodeUtf8, formatTable } from '@/lib/base'
import {
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
import { type Arguments, program } from '../program'

const optionFlags: Readonly<Record<string, readonly [flag: number, on: boolean]>> = {
  ro: [MS_RDONLY, true],
  rw: [MS_RDONLY, false],
  nosuid: [MS_NOSUID, true],
  suid: [MS_NOSUID, false],
  nodev: [MS_NODEV, true],
  dev: [MS_NODEV, false],
  noexec: [MS_NOEXEC, true],
  exec: [MS_NOEXEC, false],
  bind: [MS_BIND, true],
  rbind: [MS_BIND | MS_REC, true],
  move: [MS_MOVE, true],
  remount: [MS_REMOUNT, true],
}
const propagations: Readonly<Record<string, number>> = {
  shared: MS_SHARED,
  private: MS_PRIVATE,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
  rshared: MS_SHARED | MS_REC,
  rprivate: MS_PRIVATE | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  runbindable: MS_UNBINDABLE | MS_REC,
}
/** Words of fstab that mean nothing to the kernel. */
const ownWords =
  /^(defaults|auto|noauto|user|nouser|users|owner|group|_netdev|nofail|relatime|noatime|strictatime|sync|async|x-.*|comment=.*|loop)$/

type MountRow = {
  readonly target: string
  readonly source: string
  readonly type: string
  readonly options: string
  readonly id: string
  readonly parent: string
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

export function mountTable(process: Process): readonly MountRow[] {
  const bytes = process.fileReader().readFile('/proc/self/mountinfo')
  return (bytes === undefined ? '' : decodeUtf8(bytes))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ')
      const dash = fields.indexOf('-')
      const [type = '', source = '', superOptions = ''] = fields.slice(dash + 1)
      const own = (fields[5] ?? '').split(',')
      const more = superOptions.split(',').filter((word) => !['rw', 'ro'].includes(word) && !own.includes(word))
      const readOnly = own.includes('ro') || superOptions.split(',').includes('ro')
      return {
        id: fields[0] ?? '',
        parent: fields[1] ?? '',
        target: unescapeOctal(fields[4] ?? ''),
        source: unescapeOctal(source),
        type,
        options: [readOnly ? 'ro' : 'rw', ...own.filter((word) => word !== 'ro' && word !== 'rw'), ...more]
          .filter((word) => word !== '')
          .join(','),
      }
    })
}

type FstabRow = { readonly source: string; readonly target: string; readonly type: string; readonly options: string }

function fstab(process: Process): readonly FstabRow[] {
  const bytes = process.fileReader().readFile('/etc/fstab')
  return (bytes === undefined ? '' : decodeUtf8(bytes))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [source = '', target = '', type = 'auto', options = 'defaults'] = line.split(/\s+/)
      return { source, target: unescapeOctal(target), type, options }
    })
}

function words(text: string): { readonly flags: number; readonly propagation: readonly number[]; readonly data: string } {
  let flags = 0
  const propagation: number[] = []
  const data: string[] = []
  for (const word of text.split(',').filter((one) => one !== '')) {
    const known = optionFlags[word]
    const spread = propagations[word]
    if (known !== undefined) flags = known[1] ? flags | known[0] : flags & ~known[0]
    else if (spread !== undefined) propagation.push(spread)
    else if (!ownWords.test(word)) data.push(word)
  }
  return { flags, propagation, data: data.join(',') }
}

function* complain(process: Process, target: string, what: string): Syscall<number> {
  yield* process.write(2, `mount: ${target}: ${what}\n`)
  return 32
}

function* mountOne(process: Process, source: string, target: string, type: string, options: string): Syscall<number> {
  const { flags, propagation, data } = words(options)
  if ((flags & (MS_REMOUNT | MS_BIND | MS_MOVE)) !== 0 || propagation.length === 0 || source !== 'none') {
    const done = yield* process.mount(
      source,
      target,
      type,
      flags & (MS_BIND | MS_REMOUNT | MS_MOVE)
        ? flags & ~((flags & MS_BIND) !== 0 && (flags & MS_REMOUNT) === 0 ? MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC : 0)
        : flags,
      data,
    )
    if (isErrno(done)) {
      if (done.name === 'EPERM') return yield* complain(process, target, 'must be superuser to use mount.')
      if (done.name === 'ENOENT' && process.fileReader().status(target) === undefined)
        return yield* complain(process, target, 'mount point does not exist.')
      if (done.name === 'ENODEV') return yield* complain(process, target, `unknown filesystem type '${type}'.`)
      if (done.name === 'ENOENT') return yield* complain(process, target, `special device ${source} does not exist.`)
      if (done.name === 'EBUSY') return yield* complain(process, target, `${source} already mounted on ${target}.`)
      if (done.name === 'EINVAL')
        return yield* complain(
          process,
          target,
          `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.\n       dmesg(1) may have more information after failed mount system call.`,
        )
      return yield* complain(process, target, `mount(2) system call failed: ${done.message}.`)
    }
    // The kernel ignores other flags when it binds: they need a second call.
    const left = flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if ((flags & MS_BIND) !== 0 && (flags & MS_REMOUNT) === 0 && left !== 0)
      yield* process.mount('', target, '', MS_REMOUNT | MS_BIND | left)
  }
  for (const spread of propagation) {
    const done = yield* process.mount('none', target, '', spread)
    if (isErrno(done)) return yield* complain(process, target, `failed to change propagation: ${done.message}.`)
  }
  return 0
}

function* mountAll(process: Process): Syscall<number> {
  let status = 0
  const mounted = new Set(mountTable(process).map((row) => row.target))
  for (const { source, target, type, options } of fstab(process)) {
    if (options.split(',').includes('noauto') || type === 'swap' || mounted.has(target)) continue
    const one = yield* mountOne(process, source, target, type, options)
    if (one !== 0) status = one
  }
  return status
}

function optionText(args: Arguments): string {
  const list = [...args.values('options')]
  if (args.has('read-only')) list.push('ro')
  if (args.has('read-write')) list.push('rw')
  for (const name of ['bind', 'rbind', 'move', ...Object.keys(propagations).map((one) => `make-${one}`)])
    if (args.has(name)) list.push(name.replace(/^make-/, ''))
  return list.join(',')
}

export const mount = program({
  name: 'mount',
  path: '/usr/bin/mount',
  mode: 0o4755,
  synopsis: '[-t TYPE] [-o OPTIONS] [SOURCE] DIRECTORY',
  summary: 'attaches a file system to the tree, or lists what is attached',
  options: [
    { short: 'a', long: 'all', help: 'everything in /etc/fstab' },
    { short: 't', long: 'types', argument: 'required', metavar: 'TYPE', help: 'the type of the file system' },
    { short: 'o', long: 'options', argument: 'required', metavar: 'LIST', help: 'options, parted by commas' },
    { short: 'r', long: 'read-only', help: 'as -o ro' },
    { short: 'w', long: 'read-write', help: 'as -o rw' },
    { short: 'B', long: 'bind', help: 'show a tree at another place as well' },
    { short: 'R', long: 'rbind', help: 'the same with all that is mounted below' },
    { short: 'M', long: 'move', help: 'move a mounted tree' },
    { short: 'v', long: 'verbose', help: 'say what is done' },
    { short: 'n', long: 'no-mtab', help: 'has no effect' },
    { short: 's', help: 'tolerate unknown options' },
    ...Object.keys(propagations).map((name) => ({ long: `make-${name}` })),
  ],
  *main(process, args): Syscall<number> {
    const [first, second] = args.operands
    if (args.has('all')) return yield* mountAll(process)
    const options = optionText(args)
    if (first === undefined) {
      const wanted = args.value('types')
      for (const row of mountTable(process))
        if (wanted === undefined || row.type === wanted)
          yield* process.write(1, `${row.source} on ${row.target} type ${row.type} (${row.options})\n`)
      return 0
    }
    const alone = second === undefined
    const { flags, propagation } = words(options)
    if (alone && ((flags & MS_REMOUNT) !== 0 || propagation.length > 0)) return yield* mountOne(process, 'none', first, '', options)
    if (alone) {
      const row = fstab(process).find((one) => one.target === first || one.source === first)
      if (row !== undefined) return yield* mountOne(process, row.source, row.target, row.type, [row.options, options].join(','))
      yield* process.write(2, `mount: ${first}: can't find in /etc/fstab.\n`)
      return 1
    }
    return yield* mountOne(process, first, second, args.value('types') ?? ((flags & (MS_BIND | MS_MOVE)) === 0 ? 'ext4' : ''), options)
  },
})

export const umount = program({
  name: 'umount',
  path: '/usr/bin/umount',
  mode: 0o4755,
  synopsis: '[OPTION]... SOURCE|DIRECTORY...',
  summary: 'detaches file systems from the tree',
  options: [
    { short: 'l', long: 'lazy', help: 'detach now, clean up when nobody uses it any more' },
    { short: 'f', long: 'force', help: 'even when it does not answer' },
    { short: 'R', long: 'recursive', help: 'with all that is mounted below' },
    { short: 'v', long: 'verbose', help: 'say what is done' },
    { short: 'n', long: 'no-mtab', help: 'has no effect' },
    { short: 'c', long: 'no-canonicalize', help: 'take paths as they are' },
    { short: 'q', long: 'quiet', help: 'not a word about what is not mounted' },
  ],
  *main(process, args): Syscall<number> {
    let status = 0
    for (const wanted of args.operands) {
      const table = mountTable(process)
      const target =
        table.findLast((row) => row.target === wanted.replace(/(.)\/+$/, '$1'))?.target ??
        table.findLast((row) => row.source === wanted)?.target ??
        wanted
      const targets = args.has('recursive')
        ? table
            .filter((row) => row.target === target || row.target.startsWith(`${target}/`))
            .map((row) => row.target)
            .reverse()
        : [target]
      for (const one of targets) {
        const done = yield* process.umount(one, args.has('lazy') ? MNT_DETACH : 0)
        if (!isErrno(done)) continue
        status = 32
        const why =
          done.name === 'EBUSY'
            ? 'target is busy.'
            : done.name === 'EINVAL'
              ? 'not mounted.'
              : done.name === 'ENOENT'
                ? 'no mount point specified.'
                : done.name === 'EPERM'
                  ? 'must be superuser to unmount.'
                  : `umount(2) system call failed: ${done.message}.`
        if (!args.has('quiet')) yield* process.write(2, `umount: ${one}: ${why}\n`)
      }
    }
    if (args.operands.length > 0) return status
    yield* process.write(2, "umount: bad usage\nTry 'umount --help' for more information.\n")
    return 1
  },
})

const columns: Readonly<Record<string, (row: MountRow) => string>> = {
  TARGET: (row) => row.target,
  SOURCE: (row) => row.source,
  FSTYPE: (row) => row.type,
  OPTIONS: (row) => row.options,
}

export const findmnt = program({
  name: 'findmnt',
  path: '/usr/bin/findmnt',
  synopsis: '[OPTION]... [DEVICE|DIRECTORY]',
  summary: 'shows mounted file systems',
  options: [
    { short: 'n', long: 'noheadings', help: 'no header' },
    { short: 'o', long: 'output', argument: 'required', metavar: 'LIST', help: 'these columns' },
    { short: 't', long: 'types', argument: 'required', metavar: 'TYPE', help: 'only these types' },
    { short: 'l', long: 'list', help: 'a list instead of a tree' },
    { short: 'T', long: 'target', argument: 'required', metavar: 'PATH', help: 'the file system that a path lies on' },
    { short: 'M', long: 'mountpoint', argument: 'required', metavar: 'PATH', help: 'what is mounted there' },
    { short: 'S', long: 'source', argument: 'required', metavar: 'SOURCE', help: 'where this is mounted' },
  ],
  *main(process, args): Syscall<number> {
    const table = mountTable(process)
    const names = (args.value('output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').split(',')
    const types = args.value('types')?.split(',')
    const at = args.value('target')
    const wanted = args.value('mountpoint') ?? args.value('source') ?? args.operands[0]
    const rows =
      at !== undefined
        ? table.filter((row) => at === row.target || at.startsWith(row.target === '/' ? '/' : `${row.target}/`)).slice(-1)
        : wanted !== undefined
          ? table.filter((row) => row.target === wanted || row.source === wanted)
          : table.filter((row) => types === undefined || types.includes(row.type))
    if (rows.length === 0) return 1
    const tree = wanted === undefined && at === undefined && types === undefined && !args.has('list')
    const shown = tree ? treeRows(table) : rows.map((row) => [row, row.target] as const)
    const cells = shown.map(([row, label]) => names.map((name) => ({ text: name === 'TARGET' ? label : (columns[name]?.(row) ?? '') })))
    const header = args.has('noheadings') ? [] : [names.map((text) => ({ text }))]
    yield* process.write(1, formatTable([...header, ...cells]))
    return 0
  },
})

/** Each mount below its parent, with the branches drawn. */
function treeRows(table: readonly MountRow[]): readonly (readonly [MountRow, string])[] {
  const found: (readonly [MountRow, string])[] = []
  const visit = (row: MountRow, prefix: string, branch: string): void => {
    found.push([row, `${prefix}${branch}${row.target}`])
    const children = table.filter((one) => one.parent === row.id && one !== row)
    const below = branch === '' ? '' : `${prefix}${branch === '└─' ? '  ' : '│ '}`
    for (const [index, child] of children.entries()) visit(child, below, index === children.length - 1 ? '└─' : '├─')
  }
  for (const row of table) if (!table.some((one) => one.id === row.parent && one !== row)) visit(row, '', '')
  return found
}

export const mountpoint = program({
  name: 'mountpoint',
  path: '/usr/bin/mountpoint',
  synopsis: '[-q] DIRECTORY',
  summary: 'tells whether something is mounted on a directory',
  options: [{ short: 'q', long: 'quiet', help: 'only the exit status' }],
  *main(process, args): Syscall<number> {
    const [path = ''] = args.operands
    const status = yield* process.stat(path)
    if (isErrno(status)) {
      if (!args.has('quiet')) yield* process.write(2, `mountpoint: ${path}: ${status.message}\n`)
      return 1
    }
    const is = mountTable(process).some((row) => row.target === path.replace(/(.)\/+$/, '$1'))
    if (!args.has('quiet')) yield* process.write(1, `${path} is ${is ? '' : 'not '}a mountpoint\n`)
    return is ? 0 : 32
  },
})

export const setsid = program({
  name: 'setsid',
  path: '/usr/bin/setsid',
  synopsis: '[OPTION]... PROGRAM [ARGUMENT]...',
  summary: 'runs a program in a session of its own',
  stopAtOperand: true,
  options: [
    { short: 'c', long: 'ctty', help: 'the current terminal becomes its controlling one' },
    { short: 'f', long: 'fork', help: 'always fork' },
    { short: 'w', long: 'wait', help: 'wait for its end and return its status' },
  ],
  *main(process, args): Syscall<number> {
    const [name, ...rest] = args.operands
    if (name === undefined) {
      yield* process.write(2, "setsid: no command specified\nTry 'setsid --help' for more information.\n")
      return 1
    }
    const become = function* (own: Process): Syscall<number> {
      yield* own.setsid()
      if (args.has('ctty')) yield* own.setControllingTerminal(0)
      const folders = name.includes('/') ? [''] : (own.env.PATH ?? '/usr/bin:/bin').split(':').map((folder) => `${folder}/`)
      let status = 127
      let why = 'No such file or directory'
      for (const folder of folders) {
        const failed = yield* own.exec(`${folder}${name}`, [name, ...rest], own.env)
        if (failed.name === 'ENOENT') continue
        status = 126
        why = failed.message
        break
      }
      yield* own.write(2, `setsid: failed to execute ${name}: ${why}\n`)
      return status
    }
    const group = yield* process.getpgid()
    if (group !== process.pid && !args.has('fork')) return yield* become(process)
    const child = yield* process.fork(become)
    if (isErrno(child)) return 1
    if (!args.has('wait')) return 0
    const ended = yield* process.waitpid(child)
    return isErrno(ended) || ended === undefined ? 1 : ended.how === 'exited' ? ended.status : 'signal' in ended ? 128 + ended.signal : 1
  },
})
