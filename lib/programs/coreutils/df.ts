// After df(1) and du(1).
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { complain, Output, quoteName, readText } from '../stdio'
import { blocksOf, humanSize } from './ls'

type Mount = { readonly source: string; readonly target: string; readonly type: string }
const decodeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 8)))

export function* readMounts(process: Process): Syscall<readonly Mount[]> {
  const text = yield* readText(process, '/proc/self/mounts')
  if (isErrno(text)) return []
  return text.split('\n').flatMap((line): Mount[] => {
    const [source, target, type] = line.split(' ')
    return target === undefined ? [] : [{ source: decodeOctal(source!), target: decodeOctal(target), type: type ?? '' }]
  })
}

export const df = program({
  name: 'df',
  path: '/usr/bin/df',
  summary: 'show how full file systems are',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'a', long: 'all', help: 'file systems without room too' },
    { short: 'h', long: 'human-readable', help: 'sizes like 1K 234M 2G' },
    { short: 'H', long: 'si', help: 'the same with powers of 1000' },
    { short: 'i', long: 'inodes', help: 'not simulated here' },
    { short: 'k', help: 'in units of 1K' },
    { short: 'l', long: 'local', help: 'has no effect' },
    { short: 'm', help: 'in units of 1M' },
    { short: 'P', long: 'portability', help: 'POSIX headings' },
    { short: 't', long: 'type', argument: 'required', metavar: 'TYPE', help: 'only this type' },
    { short: 'T', long: 'print-type', help: 'show the type' },
    { short: 'x', long: 'exclude-type', argument: 'required', metavar: 'TYPE', help: 'not this type' },
    { long: 'total', help: 'add a total' },
  ],
  *main(process, args) {
    const mounts = yield* readMounts(process)
    let status = 0
    let chosen: Mount[] = []
    if (args.operands.length > 0) {
      for (const path of args.operands) {
        const stat = yield* process.stat(path)
        if (isErrno(stat)) {
          yield* complain(process, path, stat)
          status = 1
          continue
        }
        let best: Mount | undefined
        for (const mount of mounts) {
          const root = yield* process.stat(mount.target)
          if (!isErrno(root) && root.dev === stat.dev) best = mount
        }
        if (best !== undefined) chosen.push(best)
      }
      if (chosen.length === 0) return status
    } else {
      const devices = new Map<number, Mount>()
      for (const mount of mounts) {
        const root = yield* process.stat(mount.target)
        if (isErrno(root)) continue
        const known = devices.get(root.dev)
        if (known !== undefined && known.target.length <= mount.target.length && !args.has('all')) continue
        devices.set(args.has('all') ? devices.size : root.dev, mount)
      }
      chosen = mounts.filter((mount) => [...devices.values()].includes(mount))
    }
    const types = args.values('type')
    const excluded = args.values('exclude-type')
    const human = args.has('human-readable')
    const si = args.has('si')
    const rows: string[][] = []
    const total = { blocks: 0, used: 0, free: 0 }
    for (const mount of chosen) {
      if ((types.length > 0 && !types.includes(mount.type)) || excluded.includes(mount.type)) continue
      const system = yield* process.statfs(mount.target)
      if (isErrno(system)) continue
      if (system.blocks === 0 && !args.has('all') && args.operands.length === 0) continue
      const size = system.blocks * system.blockSize
      const free = system.free * system.blockSize
      rows.push(dfRow(mount, size, free, human, si, args.has('print-type'), args.has('m') ? 1048576 : 1024))
      total.blocks += size
      total.used += size - free
      total.free += free
    }
    if (args.has('total'))
      rows.push(
        dfRow(
          { source: 'total', target: '-', type: '-' },
          total.blocks,
          total.free,
          human,
          si,
          args.has('print-type'),
          args.has('m') ? 1048576 : 1024,
        ),
      )
    const sizeTitle = human || si ? 'Size' : args.has('portability') ? '1024-blocks' : args.has('m') ? '1M-blocks' : '1K-blocks'
    const header = [
      'Filesystem',
      ...(args.has('print-type') ? ['Type'] : []),
      sizeTitle,
      'Used',
      human || si ? 'Avail' : 'Available',
      args.has('portability') ? 'Capacity' : 'Use%',
      'Mounted on',
    ]
    const table = [header, ...rows]
    const last = header.length - 1
    const widths = header.map((_, column) =>
      Math.max(
        column === 0 ? 14 : 0,
        ...table.map((row) => row[column]!.length),
        column > (args.has('print-type') ? 1 : 0) && column < last - 1 ? 5 : 0,
      ),
    )
    const left = args.has('print-type') ? 1 : 0
    for (const row of table)
      yield* process.write(
        1,
        `${row.map((cell, column) => (column === last ? cell : column <= left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' ')}\n`,
      )
    return status
  },
})

function dfRow(mount: Mount, size: number, free: number, human: boolean, si: boolean, showType: boolean, unit: number): string[] {
  const used = size - free
  const text = (bytes: number) => (human ? humanSize(bytes) : si ? humanSize(bytes, 1000) : String(Math.ceil(bytes / unit)))
  return [
    mount.source,
    ...(showType ? [mount.type] : []),
    text(size),
    text(used),
    text(free),
    size === 0 ? '-' : `${Math.ceil((used * 100) / size)}%`,
    mount.target,
  ]
}

export const du = program({
  name: 'du',
  path: '/usr/bin/du',
  summary: 'show how much room files take',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'a', long: 'all', help: 'files too, not only directories' },
    { long: 'apparent-size', help: 'sizes, not room on the disk' },
    { short: 'b', long: 'bytes', help: 'the same as --apparent-size in bytes' },
    { short: 'c', long: 'total', help: 'add a total' },
    { short: 'd', long: 'max-depth', argument: 'required', metavar: 'N', help: 'show only N levels' },
    { short: 'h', long: 'human-readable', help: 'sizes like 1K 234M 2G' },
    { short: 'k', help: 'in units of 1K' },
    { short: 'm', help: 'in units of 1M' },
    { short: 's', long: 'summarize', help: 'only a total for each argument' },
    { short: 'S', long: 'separate-dirs', help: 'directories without those below' },
    { short: 'x', long: 'one-file-system', help: 'stay on one file system' },
    { short: 'L', long: 'dereference', help: 'follow links' },
  ],
  *main(process, args) {
    const out = new Output(process)
    const apparent = args.has('apparent-size') || args.has('bytes')
    const depthLimit = args.has('summarize') ? 0 : Number(args.value('max-depth') ?? Number.POSITIVE_INFINITY)
    const seen = new Set<string>()
    let status = 0
    const text = (bytes: number) =>
      args.has('human-readable')
        ? humanSize(bytes)
        : args.has('bytes')
          ? String(bytes)
          : String(Math.ceil(bytes / (args.has('m') ? 1048576 : 1024)))
    const visit = function* (path: string, depth: number, device: number | undefined): Syscall<number> {
      const stat = args.has('dereference') ? yield* process.stat(path) : yield* process.lstat(path)
      if (isErrno(stat)) {
        yield* out.flush()
        yield* complain(process, `cannot access ${quoteName(path)}`, stat)
        status = 1
        return 0
      }
      if (args.has('one-file-system') && device !== undefined && stat.dev !== device) return 0
      const key = `${stat.dev}:${stat.ino}`
      if (stat.nlink > 1 && stat.kind !== 'directory') {
        if (seen.has(key)) return 0
        seen.add(key)
      }
      let sum = apparent
        ? stat.kind === 'file' || stat.kind === 'symlink' || stat.kind === 'directory'
          ? stat.size
          : 0
        : blocksOf(stat) * 512
      if (stat.kind === 'directory') {
        const entries = yield* process.readdir(path)
        if (isErrno(entries)) {
          yield* out.flush()
          yield* complain(process, `cannot read directory ${quoteName(path)}`, entries)
          status = 1
        } else {
          for (const entry of entries) {
            if (entry.name === '.' || entry.name === '..') continue
            const below = yield* visit(path.endsWith('/') ? path + entry.name : `${path}/${entry.name}`, depth + 1, stat.dev)
            if (!args.has('separate-dirs') || entry.kind !== 'directory') sum += below
          }
        }
      }
      if ((stat.kind === 'directory' || args.has('all') || depth === 0) && depth <= depthLimit) yield* out.print(`${text(sum)}\t${path}\n`)
      return sum
    }
    let total = 0
    for (const path of args.operands.length === 0 ? ['.'] : args.operands) total += yield* visit(path, 0, undefined)
    if (args.has('total')) yield* out.print(`${text(total)}\ttotal\n`)
    return yield* out.finish(status)
  },
})
