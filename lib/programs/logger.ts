// After logger(1) of util-linux: a line for the system log.
import { decodeUtf8 } from '@/lib/base'
import { encodeNative, formatSyslogTime, NATIVE_SOCKET, parseLogFacility, parseLogLevel, type Field } from '@/lib/journal'
import { localTimeOf } from '@/lib/base'
import { isErrno, O_RDONLY, type Process, type Syscall } from '@/lib/kernel'
import { program, type Arguments } from './program'

export const logger = program({
  name: 'logger',
  path: '/usr/bin/logger',
  summary: 'put messages into the system log',
  synopsis: '[options] [<message>]',
  version: 'logger from util-linux 2.41',
  options: [
    { short: 'i', help: 'note the process id of logger' },
    { long: 'id', argument: 'optional', metavar: 'ID', help: 'note this process id' },
    { long: 'file', short: 'f', argument: 'required', metavar: 'FILE', help: 'take the lines of this file' },
    { long: 'no-act', help: 'do everything but send' },
    { long: 'priority', short: 'p', argument: 'required', metavar: 'PRIO', help: 'facility.level of the message' },
    { long: 'prio-prefix', help: 'heed <N> in front of each line' },
    { long: 'stderr', short: 's', help: 'to standard error as well' },
    { long: 'size', short: 'S', argument: 'required', metavar: 'SIZE', help: 'longest message' },
    { long: 'skip-empty', short: 'e', help: 'leave out empty lines' },
    { long: 'tag', short: 't', argument: 'required', metavar: 'TAG', help: 'mark every line with this tag' },
    { long: 'journald', argument: 'optional', metavar: 'FILE', help: 'send journal fields' },
    { long: 'socket', short: 'u', argument: 'required', metavar: 'SOCKET', help: 'send to this socket' },
    { long: 'help', short: 'h', help: 'show this help' },
    { long: 'version', short: 'V', help: 'show the version' },
  ],
  stopAtOperand: true,
  *main(process, args) {
    if (args.has('journald')) return yield* sendFields(process, args)
    let priority = 8 + 5
    const wanted = args.value('priority')
    if (wanted !== undefined) {
      const parsed = parsePriority(wanted)
      if (typeof parsed === 'string') return yield* complain(process, parsed)
      priority = parsed
    }
    const tag = args.value('tag') ?? (yield* ownName(process))
    const id = args.has('i') || args.has('id') ? (args.value('id') ?? String(process.pid)) : undefined
    const send = yield* sender(process, args, tag, id)
    if (args.operands.length > 0) {
      yield* send(priority, args.operands.join(' '))
      return 0
    }
    return yield* eachLine(process, args.value('file'), function* (line) {
      if (line === '' && args.has('skip-empty')) return
      const prefix = args.has('prio-prefix') ? /^<(\d{1,3})>/.exec(line) : null
      if (prefix === null) yield* send(priority, line)
      else yield* send(Number(prefix[1]) < 8 ? (priority & ~7) | Number(prefix[1]) : Number(prefix[1]), line.slice(prefix[0].length))
    })
  },
})

function* complain(process: Process, text: string): Syscall<number> {
  yield* process.write(2, `logger: ${text}\n`)
  return 1
}

/** `facility.level` or a level alone; a text is what is wrong with it. */
function parsePriority(text: string): number | string {
  const dot = text.indexOf('.')
  const facility = dot < 0 ? 1 : parseLogFacility(text.slice(0, dot))
  if (facility === undefined) return `unknown facility name: ${text.slice(0, dot)}`
  const name = dot < 0 ? text : text.slice(dot + 1)
  const level = parseLogLevel({ warn: 'warning', error: 'err', panic: 'emerg' }[name] ?? name)
  if (level === undefined) return `unknown priority name: ${name}`
  return (facility === 0 ? 1 : facility) * 8 + level
}

function* ownName(process: Process): Syscall<string> {
  const fd = yield* process.open('/etc/passwd', O_RDONLY)
  if (isErrno(fd)) return String(process.uid)
  const text = yield* process.read(fd, 65536)
  yield* process.close(fd)
  const line = isErrno(text)
    ? undefined
    : decodeUtf8(text)
        .split('\n')
        .find((one) => one.split(':')[2] === String(process.uid))
  return line?.split(':')[0] ?? String(process.uid)
}

function* sender(process: Process, args: Arguments, tag: string, id: string | undefined) {
  const link = yield* process.readlink('/etc/localtime')
  const local = localTimeOf(process.env.TZ, isErrno(link) ? undefined : link, Math.floor(process.realtimeUsec / 1_000_000))
  const path = args.value('socket') ?? '/dev/log'
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  return function* send(priority: number, message: string): Syscall<void> {
    const head = `${tag}${id === undefined ? '' : `[${id}]`}: `
    const text = `<${priority}>${formatSyslogTime(process.realtimeUsec, { local, utc: false })} ${head}${message}`
    if (args.has('stderr')) yield* process.write(2, `${text}\n`)
    if (args.has('no-act') || isErrno(fd)) return
    const sent = yield* process.send(fd, text, { to: { domain: 'AF_UNIX', path } })
    if (isErrno(sent)) yield* process.write(2, `logger: socket ${path}: ${sent.message}\n`)
  }
}

function* eachLine(process: Process, file: string | undefined, take: (line: string) => Syscall<void>): Syscall<number> {
  const fd = file === undefined || file === '-' ? 0 : yield* process.open(file, O_RDONLY)
  if (isErrno(fd)) return yield* complain(process, `file ${file}: ${fd.message}`)
  let held = ''
  for (;;) {
    const chunk = yield* process.read(fd, 65536)
    if (isErrno(chunk) || chunk.length === 0) break
    const lines = (held + decodeUtf8(chunk)).split('\n')
    held = lines.pop()!
    for (const line of lines) yield* take(line)
  }
  if (held !== '') yield* take(held)
  return 0
}

/** --journald: lines of FIELD=value; the same name of MESSAGE again makes one message of several lines. */
function* sendFields(process: Process, args: Arguments): Syscall<number> {
  const fields: Field[] = []
  const status = yield* eachLine(process, args.value('journald'), function* (line) {
    const equals = line.indexOf('=')
    if (equals <= 0) return
    const name = line.slice(0, equals)
    const value = line.slice(equals + 1)
    const before = name === 'MESSAGE' ? fields.findIndex(([own]) => own === name) : -1
    if (before >= 0) fields[before] = [name, `${String(fields[before]![1])}\n${value}`]
    else fields.push([name, value])
  })
  const fd = yield* process.socket('AF_UNIX', 'dgram')
  if (status !== 0 || isErrno(fd)) return 1
  yield* process.send(fd, encodeNative(fields), { to: { domain: 'AF_UNIX', path: NATIVE_SOCKET } })
  return 0
}
