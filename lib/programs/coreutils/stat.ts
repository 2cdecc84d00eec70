// After stat(1).
import { strftime } from '@/lib/base'
import { isErrno, type Process, type Stat, type Syscall } from '@/lib/kernel'
import { decodeEscapes, singleQuote } from '@/lib/shell'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, quoteName, usageError } from '../stdio'
import { nameTables } from '../user-table'
import { modeString } from './file-mode'
import { blocksOf } from './ls'

const kinds: Readonly<Record<Stat['kind'], string>> = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  fifo: 'fifo',
  socket: 'socket',
  'character-device': 'character special file',
  'block-device': 'block special file',
}
const kindBits: Readonly<Record<Stat['kind'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  socket: 0o140000,
  'character-device': 0o020000,
  'block-device': 0o060000,
}

function* expand(process: Process, format: string, path: string, stat: Stat): Syscall<string> {
  const names = nameTables(process)
  const local = processLocalTime(process)
  const time = (usec: number) => strftime('%Y-%m-%d %H:%M:%S.%N %z', local.localtime(Math.floor(usec / 1e6)), usec)
  const link = stat.kind === 'symlink' ? yield* process.readlink(path) : undefined
  const quoted = link === undefined || isErrno(link) ? singleQuote(path) : `${singleQuote(path)} -> ${singleQuote(link)}`
  return format.replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?([HL]?)([a-zA-Z%])/g,
    (all: string, flags: string, width: string, precision: string | undefined, prefix: string, code: string) => {
      const value = ((): string | undefined => {
        switch (code) {
          case 'a':
            return (flags.includes('#') && stat.mode !== 0 ? '0' : '') + stat.mode.toString(8)
          case 'A':
            return modeString(stat.kind, stat.mode)
          case 'b':
            return String(blocksOf(stat))
          case 'B':
            return '512'
          case 'd':
            return prefix === 'H' ? String(stat.dev >> 8) : prefix === 'L' ? String(stat.dev & 255) : String(stat.dev)
          case 'D':
            return stat.dev.toString(16)
          case 'f':
            return (kindBits[stat.kind] | stat.mode).toString(16)
          case 'F':
            return stat.kind === 'file' && stat.size === 0 ? 'regular empty file' : kinds[stat.kind]
          case 'g':
            return String(stat.gid)
          case 'G':
            return names.group(stat.gid)
          case 'h':
            return String(stat.nlink)
          case 'i':
            return String(stat.ino)
          case 'm':
            return '/'
          case 'n':
            return path
          case 'N':
            return quoted
          case 'o':
            return '4096'
          case 's':
            return String(stat.size)
          case 'r':
            return String(stat.rdev[0] * 256 + stat.rdev[1])
          case 't':
            return stat.rdev[0].toString(16)
          case 'T':
            return stat.rdev[1].toString(16)
          case 'u':
            return String(stat.uid)
          case 'U':
            return names.user(stat.uid)
          case 'w':
            return '-'
          case 'W':
            return '0'
          case 'x':
            return time(stat.atimeUsec)
          case 'X':
          case 'Y':
          case 'Z': {
            const usec = code === 'X' ? stat.atimeUsec : code === 'Y' ? stat.mtimeUsec : stat.ctimeUsec
            return (
              String(Math.floor(usec / 1e6)) +
              (precision === undefined
                ? ''
                : `.${String(usec % 1e6)
                    .padStart(6, '0')
                    .padEnd(9, '0')
                    .slice(0, Number(precision))}`)
            )
          }
          case 'y':
            return time(stat.mtimeUsec)
          case 'z':
            return time(stat.ctimeUsec)
          case '%':
            return '%'
          default:
            return undefined
        }
      })()
      if (value === undefined) return all
      if (flags.includes('-')) return value.padEnd(Number(width || 0))
      return value.padStart(Number(width || 0), flags.includes('0') ? '0' : ' ')
    },
  )
}

const usual = (device: boolean): string =>
  `  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\n${device ? 'Device: %Hd,%Ld\tInode: %-11i Links: %-5h Device type: %t,%T\n' : 'Device: %Hd,%Ld\tInode: %-11i Links: %h\n'}Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n`
const terse = '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n'

export const stat = program({
  name: 'stat',
  path: '/usr/bin/stat',
  summary: 'show what is known about files',
  synopsis: '[OPTION]... FILE...',
  options: [
    { short: 'L', long: 'dereference', help: 'follow links' },
    { short: 'f', long: 'file-system', help: 'about the file system' },
    { short: 'c', long: 'format', argument: 'required', metavar: 'FORMAT', help: 'print FORMAT and a newline' },
    { long: 'printf', argument: 'required', metavar: 'FORMAT', help: 'print FORMAT with escapes' },
    { short: 't', long: 'terse', help: 'on one line' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    let status = 0
    for (const path of args.operands) {
      if (args.has('file-system')) {
        const system = yield* process.statfs(path)
        if (isErrno(system)) {
          yield* complain(process, `cannot read file system information for ${quoteName(path)}`, system)
          status = 1
          continue
        }
        const format = args.value('format')
        if (format !== undefined) {
          const value: Readonly<Record<string, string>> = {
            n: path,
            T: system.type,
            b: String(system.blocks),
            f: String(system.free),
            a: String(system.free),
            s: String(system.blockSize),
            S: String(system.blockSize),
          }
          yield* process.write(1, `${format.replace(/%([nTbfasS])/g, (all, code: string) => value[code] ?? all)}\n`)
        } else {
          yield* process.write(
            1,
            `  File: "${path}"\n    ID: 0        Namelen: 255     Type: ${system.type}\nBlock size: ${system.blockSize.toString().padEnd(10)} Fundamental block size: ${system.blockSize}\nBlocks: Total: ${String(system.blocks).padEnd(10)} Free: ${String(system.free).padEnd(10)} Available: ${system.free}\n`,
          )
        }
        continue
      }
      const found = args.has('dereference') ? yield* process.stat(path) : yield* process.lstat(path)
      if (isErrno(found)) {
        yield* complain(process, `cannot statx ${quoteName(path)}`, found)
        status = 1
        continue
      }
      const printf = args.value('printf')
      const format = args.value('format')
      const device = found.kind === 'character-device' || found.kind === 'block-device'
      const chosen =
        printf !== undefined
          ? decodeEscapes(printf, 'printf').text
          : format !== undefined
            ? `${format}\n`
            : args.has('terse')
              ? terse
              : usual(device)
      yield* process.write(1, yield* expand(process, chosen, path, found))
    }
    return status
  },
})
