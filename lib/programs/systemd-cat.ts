// After systemd-cat(1): runs a program, or copies its input, with the journal at the other end.
import { decodeUtf8 } from '@/lib/base'
import { encodeStreamHeader, LOG_INFO, parseLogLevel, STDOUT_SOCKET } from '@/lib/journal'
import { isErrno, type Fallible, type Process, type Syscall } from '@/lib/kernel'
import { program } from './program'
import { Console, printVersion } from './systemd-console'

export const systemdCat = program({
  name: 'systemd-cat',
  path: '/usr/bin/systemd-cat',
  summary: 'run a program, or read lines, into the journal',
  synopsis: '[OPTIONS...] COMMAND ...',
  options: [
    { long: 'help', short: 'h', help: 'Show this help' },
    { long: 'version', help: 'Show the version' },
    { long: 'identifier', short: 't', argument: 'required', metavar: 'STRING', help: 'Syslog identifier of the lines' },
    { long: 'priority', short: 'p', argument: 'required', metavar: 'PRIORITY', help: 'Priority of the lines (info)' },
    { long: 'stderr-priority', argument: 'required', metavar: 'PRIORITY', help: 'Priority of the error output' },
    { long: 'level-prefix', argument: 'required', metavar: 'BOOL', help: 'Whether <N> in front of a line counts (yes)' },
    { long: 'namespace', argument: 'required', metavar: 'NAMESPACE', help: 'Journal namespace' },
  ],
  stopAtOperand: true,
  usageHint: () => '',
  *main(process, args) {
    const console = yield* Console.open(process)
    if (args.has('version')) return yield* printVersion(console)
    if (args.has('help')) {
      yield* process.write(
        1,
        'systemd-cat [OPTIONS...] COMMAND ...\n\nRun a program, or read lines, into the journal.\n\nSee the systemd-cat(1) man page for details.\n',
      )
      return 0
    }
    if (args.has('namespace')) return yield* console.fail('Journal namespaces are not simulated here.')
    const priority = parseLogLevel(args.value('priority') ?? String(LOG_INFO))
    if (priority === undefined) return yield* console.fail('Failed to parse priority value.')
    const errorPriority = args.has('stderr-priority') ? parseLogLevel(args.value('stderr-priority')!) : priority
    if (errorPriority === undefined) return yield* console.fail('Failed to parse stderr priority value.')
    const prefix = args.value('level-prefix') ?? 'yes'
    if (!/^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i.test(prefix)) return yield* console.fail('Failed to parse level prefix value.')
    const levelPrefix = /^(1|yes|y|true|t|on)$/i.test(prefix)
    const identifier = args.value('identifier') ?? ''

    const out = yield* connectStream(process, identifier, priority, levelPrefix)
    if (isErrno(out)) return yield* console.fail(`Failed to create stream fd: ${out.message}`)
    if (args.operands.length === 0) return yield* copyInput(process, out)
    const err = errorPriority === priority ? out : yield* connectStream(process, identifier, errorPriority, levelPrefix)
    if (isErrno(err)) return yield* console.fail(`Failed to create stream fd: ${err.message}`)
    yield* process.dup2(out, 1)
    yield* process.dup2(err, 2)
    yield* process.close(out)
    if (err !== out) yield* process.close(err)
    const failed = yield* execFromPath(process, args.operands)
    yield* process.write(2, `Failed to execute process: ${isErrno(failed) ? failed.message : ''}\n`)
    return 1
  },
})

export function* connectStream(process: Process, identifier: string, priority: number, levelPrefix: boolean): Syscall<Fallible<number>> {
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return fd
  const connected = yield* process.connect(fd, { domain: 'AF_UNIX', path: STDOUT_SOCKET })
  if (isErrno(connected)) {
    yield* process.close(fd)
    return connected
  }
  yield* process.write(fd, encodeStreamHeader({ identifier, unitId: '', priority, levelPrefix }))
  return fd
}

function* copyInput(process: Process, out: number): Syscall<number> {
  for (;;) {
    const chunk = yield* process.read(0, 65536)
    if (isErrno(chunk) || chunk.length === 0) return 0
    const sent = yield* process.write(out, decodeUtf8(chunk))
    if (isErrno(sent)) return 1
  }
}

/** execvp(3). */
function* execFromPath(process: Process, argv: readonly string[]): Syscall<unknown> {
  const [name] = argv
  if (name!.includes('/')) return yield* process.exec(name!, argv, process.env)
  let failed: unknown
  for (const directory of (process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(':')) {
    failed = yield* process.exec(`${directory === '' ? '.' : directory}/${name}`, argv, process.env)
  }
  return failed
}
