// After journald-stream: one connection to /run/systemd/journal/stdout, a header and then lines.
import { concatBytes, decodeUtf8, isUtf8, type Bytes } from '@/lib/base'
import { parseStreamHeader, splitPriority, STREAM_HEADER_LINES, type Field, type StreamHeader } from '@/lib/journal'
import type { PeerCredentials, Syscall } from '@/lib/kernel'
import type { Server } from './server'

type LineBreak = 'newline' | 'nul' | 'line-max' | 'eof' | 'pid-change'

export class StdoutStream {
  readonly fd: number
  readonly id: string
  header: StreamHeader | undefined
  private readonly headerLines: string[] = []
  private held: Bytes = new Uint8Array(0)
  private sender: PeerCredentials | undefined
  private trusted = true

  constructor(fd: number, id: string, peer: PeerCredentials | undefined, header?: StreamHeader) {
    this.fd = fd
    this.id = id
    this.sender = peer
    this.header = header
  }

  /** Only root may say which unit its lines belong to. */
  private get unitId(): string | undefined {
    const unit = this.header?.unitId
    return unit !== undefined && unit !== '' && this.trusted ? unit : undefined
  }

  /** False: a broken header, hang up. */
  *take(server: Server, data: Bytes, credentials: PeerCredentials | undefined): Syscall<boolean> {
    if (credentials !== undefined && this.sender !== undefined && credentials.pid !== this.sender.pid && this.held.length > 0) {
      yield* this.line(server, this.held, 'pid-change')
      this.held = new Uint8Array(0)
    }
    if (credentials !== undefined) this.sender = credentials
    let rest = this.held.length === 0 ? data : concatBytes([this.held, data])
    for (;;) {
      const newline = rest.indexOf(10)
      const nul = this.header === undefined ? -1 : rest.indexOf(0)
      const end = nul >= 0 && (newline < 0 || nul < newline) ? nul : newline
      const max = server.conf.LineMax
      if (end < 0 && rest.length >= max) {
        yield* this.line(server, rest.subarray(0, max), 'line-max')
        rest = rest.subarray(max)
        continue
      }
      if (end < 0) break
      const line = rest.subarray(0, end)
      rest = rest.subarray(end + 1)
      if (this.header !== undefined) yield* this.line(server, line, end === nul ? 'nul' : 'newline')
      else {
        this.headerLines.push(decodeUtf8(line))
        if (this.headerLines.length < STREAM_HEADER_LINES) continue
        this.header = parseStreamHeader(this.headerLines)
        if (this.header === undefined) return false
        this.trusted = (this.sender?.uid ?? 0) === 0
      }
    }
    this.held = rest.slice()
    return true
  }

  *end(server: Server): Syscall<void> {
    if (this.held.length > 0 && this.header !== undefined) yield* this.line(server, this.held, 'eof')
    this.held = new Uint8Array(0)
  }

  private *line(server: Server, bytes: Bytes, lineBreak: LineBreak): Syscall<void> {
    const header = this.header!
    const text = decodeUtf8(bytes)
    const { priority, text: said } = header.levelPrefix ? splitPriority(text, header.priority, false) : { priority: header.priority, text }
    const message = said.replace(/[ \t\r\n]+$/, '')
    if (message === '') return
    const identifier = header.identifier === '' ? undefined : header.identifier
    const asked = {
      syslog: header.forwardToSyslog === true,
      kmsg: header.forwardToKmsg === true,
      console: header.forwardToConsole === true,
    }
    yield* server.forwarder.forward({ priority, identifier, text: message, credentials: this.sender, asked }, server.conf)
    const fields: Field[] = [
      ['_TRANSPORT', 'stdout'],
      ['_STREAM_ID', this.id],
      ['PRIORITY', String(priority & 7)],
    ]
    if (priority >> 3 !== 0) fields.push(['SYSLOG_FACILITY', String(priority >> 3)])
    if (identifier !== undefined) fields.push(['SYSLOG_IDENTIFIER', identifier])
    if (lineBreak !== 'newline') fields.push(['_LINE_BREAK', lineBreak])
    fields.push(['MESSAGE', isUtf8(bytes) ? message : bytes.slice()])
    yield* server.dispatch({ priority, fields, context: server.contextOf(this.sender, this.unitId) })
  }

  /** What is needed to go on with this stream after a restart of journald. */
  state(): string {
    const header = this.header!
    const flag = (on: boolean | undefined) => (on ? 'yes' : 'no')
    return [
      '# This is private data. Do not parse',
      `PRIORITY=${header.priority}`,
      `LEVEL_PREFIX=${flag(header.levelPrefix)}`,
      `FORWARD_TO_SYSLOG=${flag(header.forwardToSyslog)}`,
      `FORWARD_TO_KMSG=${flag(header.forwardToKmsg)}`,
      `FORWARD_TO_CONSOLE=${flag(header.forwardToConsole)}`,
      `STREAM_ID=${this.id}`,
      ...(header.identifier === '' ? [] : [`IDENTIFIER=${header.identifier}`]),
      ...(header.unitId === '' ? [] : [`UNIT=${header.unitId}`]),
      '',
    ].join('\n')
  }
}

/** Back from `state`. */
export function restoreStream(fd: number, text: string, peer: PeerCredentials | undefined): StdoutStream {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  return new StdoutStream(fd, value('STREAM_ID'), peer, {
    identifier: value('IDENTIFIER'),
    unitId: value('UNIT'),
    priority: Number(value('PRIORITY') || 30),
    levelPrefix: value('LEVEL_PREFIX') === 'yes',
    forwardToSyslog: value('FORWARD_TO_SYSLOG') === 'yes',
    forwardToKmsg: value('FORWARD_TO_KMSG') === 'yes',
    forwardToConsole: value('FORWARD_TO_CONSOLE') === 'yes',
  })
}
