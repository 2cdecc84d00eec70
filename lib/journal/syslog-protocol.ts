// After syslog(3) and RFC 3164 as glibc speaks it on /dev/log: `<PRI>Mmm dd hh:mm:ss ident[pid]: message`.

export const SYSLOG_SOCKET = '/run/systemd/journal/dev-log'

export type SyslogMessage = {
  /** Facility × 8 + level. */
  readonly priority: number
  readonly timestamp?: string
  readonly identifier?: string
  readonly pid?: string
  readonly message: string
}

const TIMESTAMP = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]\d [ 0-2]\d:[0-5]\d:[0-6]\d /

export function parseSyslog(text: string): SyslogMessage {
  let rest = text.replace(/[\0\s]+$/, '')
  let priority = 8 + 6 // user.info, as journald assumes
  const given = /^<(\d{1,3})>/.exec(rest)
  if (given !== null && Number(given[1]) <= 1023) {
    priority = Number(given[1])
    rest = rest.slice(given[0].length)
  }
  const timestamp = TIMESTAMP.exec(rest)?.[0]
  if (timestamp !== undefined) rest = rest.slice(timestamp.length)
  rest = rest.replace(/^[ \t]+/, '')
  // ident[pid]: — the colon must end the first word
  const word = /^\S*/.exec(rest)![0]
  if (word.endsWith(':')) {
    const tag = /^(.*?)(?:\[([^\]]*)\])?:$/.exec(word)!
    const identifier = tag[1]!
    rest = rest.slice(word.length).replace(/^[ \t]/, '')
    return {
      priority,
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(identifier === '' ? {} : { identifier }),
      ...(tag[2] === undefined || tag[2] === '' ? {} : { pid: tag[2] }),
      message: rest,
    }
  }
  return { priority, ...(timestamp === undefined ? {} : { timestamp }), message: rest }
}

export function formatSyslog(message: SyslogMessage): string {
  const tag = message.identifier === undefined ? '' : `${message.identifier}${message.pid === undefined ? '' : `[${message.pid}]`}: `
  return `<${message.priority}>${message.timestamp ?? ''}${tag}${message.message}`
}
