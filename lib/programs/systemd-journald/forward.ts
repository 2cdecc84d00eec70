// After journald-syslog, -kmsg, -console and -wall: copies of messages for others.
import { formatFullTime, formatSyslogTime } from '@/lib/journal'
import { decodeUtf8, type LocalTime, localTimeOf } from '@/lib/base'
import { isErrno, O_NOCTTY, O_NONBLOCK, O_WRONLY, type PeerCredentials, type Process, type Syscall } from '@/lib/kernel'
import type { JournaldConf } from './journald-conf'

export type Forwarded = {
  readonly priority: number
  readonly identifier: string | undefined
  readonly text: string
  readonly credentials: PeerCredentials | undefined
  /** A stream may ask for more than the configuration does. */
  readonly asked?: { readonly syslog?: boolean; readonly kmsg?: boolean; readonly console?: boolean }
}

export class Forwarder {
  private readonly process: Process
  private readonly local: LocalTime
  private syslogFd: number | undefined

  constructor(process: Process) {
    this.process = process
    this.local = localTimeOf(process.env.TZ, process.fileReader().readLink('/etc/localtime'), Math.floor(process.realtimeUsec / 1_000_000))
  }

  *forward(message: Forwarded, conf: JournaldConf): Syscall<void> {
    const level = message.priority & 7
    const asked = message.asked ?? {}
    if ((conf.ForwardToSyslog || asked.syslog) && level <= conf.MaxLevelSyslog) yield* this.toSyslog(message)
    if ((conf.ForwardToKMsg || asked.kmsg) && level <= conf.MaxLevelKMsg) yield* this.toKmsg(message)
    if ((conf.ForwardToConsole || asked.console) && level <= conf.MaxLevelConsole) yield* this.toConsole(message, conf.TTYPath)
    if (conf.ForwardToWall && level <= conf.MaxLevelWall) yield* this.toWall(message)
  }

  private tagged({ identifier, credentials, text }: Forwarded): string {
    if (identifier === undefined) return text
    return `${identifier}${credentials === undefined ? '' : `[${credentials.pid}]`}: ${text}`
  }

  private *toSyslog(message: Forwarded): Syscall<void> {
    if (this.process.fileReader().linkStatus('/run/systemd/journal/syslog') === undefined) return
    if (this.syslogFd === undefined) {
      const fd = yield* this.process.socket('AF_UNIX', 'dgram', 0, O_NONBLOCK)
      if (isErrno(fd)) return
      yield* this.process.setCloexec(fd, true)
      yield* this.process.setNonblock(fd, true)
      this.syslogFd = fd
    }
    const time = formatSyslogTime(this.process.realtimeUsec, { local: this.local, utc: false })
    const to = { domain: 'AF_UNIX', path: '/run/systemd/journal/syslog' } as const
    yield* this.process.send(this.syslogFd, `<${message.priority}>${time} ${this.tagged(message)}`, { to })
  }

  private *toKmsg(message: Forwarded): Syscall<void> {
    const priority = message.priority < 8 ? message.priority | 8 : message.priority
    yield* this.writeTo('/dev/kmsg', `<${priority}>${this.tagged(message)}`)
  }

  private *toConsole(message: Forwarded, path: string): Syscall<void> {
    const usec = this.process.monotonicUsec
    const time = `[${String(Math.floor(usec / 1_000_000)).padStart(5)}.${String(Math.floor(usec) % 1_000_000).padStart(6, '0')}] `
    yield* this.writeTo(path, `${time}${this.tagged(message)}\n`)
  }

  /** To the terminals of all sessions. */
  private *toWall(message: Forwarded): Syscall<void> {
    const reader = this.process.fileReader()
    const host = this.process.uname().nodename
    const time = formatFullTime(Math.floor(this.process.realtimeUsec), { local: this.local, utc: false })
    const text = `\r\n\r\nBroadcast message from systemd-journald@${host} (${time}):\r\n\r\n${this.tagged(message)}\r\n\r\n`
    for (const session of reader.readDirectory('/run/systemd/sessions') ?? []) {
      const state = reader.readFile(`/run/systemd/sessions/${session}`)
      const tty = state === undefined ? undefined : /^TTY=(.+)$/m.exec(decodeUtf8(state))?.[1]
      if (tty !== undefined) yield* this.writeTo(tty.startsWith('/') ? tty : `/dev/${tty}`, text)
    }
  }

  private *writeTo(path: string, text: string): Syscall<void> {
    const fd = yield* this.process.open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK)
    if (isErrno(fd)) return
    yield* this.process.write(fd, text)
    yield* this.process.close(fd)
  }
}
