// After sd_journal_stream_fd(3): the header a process writes on a connection to /run/systemd/journal/stdout; lines follow it.

export const STDOUT_SOCKET = '/run/systemd/journal/stdout'

export type StreamHeader = {
  readonly identifier: string
  /** Only heeded from root: the unit the lines belong to. */
  readonly unitId: string
  /** Priority with facility of lines that bring none: `LOG_DAEMON | LOG_INFO` = 30. */
  readonly priority: number
  /** Whether `<3>` at the start of a line sets its priority. */
  readonly levelPrefix: boolean
  readonly forwardToSyslog?: boolean
  readonly forwardToKmsg?: boolean
  readonly forwardToConsole?: boolean
}

export function encodeStreamHeader(header: StreamHeader): string {
  const flag = (on: boolean | undefined) => (on ? '1' : '0')
  return [
    header.identifier,
    header.unitId,
    String(header.priority),
    flag(header.levelPrefix),
    flag(header.forwardToSyslog),
    flag(header.forwardToKmsg),
    flag(header.forwardToConsole),
    '',
  ].join('\n')
}

export const STREAM_HEADER_LINES = 7

export function parseStreamHeader(lines: readonly string[]): StreamHeader | undefined {
  const [identifier, unitId, priority, ...flags] = lines
  if (identifier === undefined || unitId === undefined || priority === undefined || !/^\d+$/.test(priority)) return undefined
  const parsed = flags.map((flag) =>
    /^(1|yes|y|true|t|on)$/i.test(flag) ? true : /^(0|no|n|false|f|off)$/i.test(flag) ? false : undefined,
  )
  const [levelPrefix, forwardToSyslog, forwardToKmsg, forwardToConsole] = parsed
  if (levelPrefix === undefined || forwardToSyslog === undefined || forwardToKmsg === undefined || forwardToConsole === undefined)
    return undefined
  return { identifier, unitId, priority: Number(priority), levelPrefix, forwardToSyslog, forwardToKmsg, forwardToConsole }
}

/** `<13>text`: the priority given and the rest; a bare level keeps the facility of `fallback`. */
export function splitPriority(line: string, fallback: number, withFacility: boolean): { readonly priority: number; readonly text: string } {
  const match = /^<(\d{1,3})>/.exec(line)
  if (match === null) return { priority: fallback, text: line }
  const value = Number(match[1])
  if (withFacility ? value > 1023 : value > 7) return { priority: fallback, text: line }
  const priority = withFacility ? value : (fallback & ~7) | value
  return { priority, text: line.slice(match[0].length) }
}
