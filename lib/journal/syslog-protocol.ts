// After syslog(3) and RFC 3164 as glibc speaks it on /dev/log: `<PRI>Mmm dd hh:mm:ss ident[pid]: message`.

export const SYSLOG_SOCKET = '/run/systemd/journal/dev-log'

export type SyslogMessage = {
  /** Facility × 8 + level. */
  readonly priority: number
  readonly timestamp?: string
  readonly identifier?: string
  readonly pid?: string
  readonly message: string
  /** The datagram says more than the fields do: keep it as SYSLOG_RAW. */
  readonly keepRaw?: true
}

const TIMESTAMP = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]\d [ 0-2]\d:[0-5]\d:[0-6]\d /

export function parseSyslog(text: string): SyslogMessage {
  let rest = text.replace(/[\0 \t\r\n]+$/, '').replace(/^[ \t\r\n]+/, '')
  const trimmed = rest.length !== text.length
  let priority = 8 + 6 // user.info, as journald assumes
  const given = /^<(\d{1,3})>/.exec(rest)
  if (given !== null && Number(given[1]) <= 1023) {
    priority = Number(given[1])
    rest = rest.slice(given[0].length)
  }
  const timestamp = TIMESTAMP.exec(rest)?.[0]
  if (timestamp !== undefined) rest = rest.slice(timestamp.length)
  const raw = trimmed || timestamp === undefined ? ({ keepRaw: true } as const) : {}
  const time = timestamp === undefined ? {} : { timestamp }
  // ident[pid]: — a colon that a blank follows, or nothing, ends the first word
  rest = rest.replace(/^[ \t]+/, '')
  const word = /^\S*/.exec(rest)![0]
  if (!word.endsWith(':')) return { priority, ...time, message: rest, ...raw }
  const tag = /^(.*?)(?:\[([^\]]*)\])?:$/.exec(word)!
  const pid = tag[2] === undefined ? {} : { pid: tag[2] }
  return { priority, ...time, identifier: tag[1]!, ...pid, message: rest.slice(word.length).replace(/^[ \t]+/, ''), ...raw }
}

export function formatSyslog(message: SyslogMessage): string {
  const tag = message.identifier === undefined ? '' : `${message.identifier}${message.pid === undefined ? '' : `[${message.pid}]`}: `
  return `<${message.priority}>${message.timestamp ?? ''}${tag}${message.message}`
}
