// After the short modes of journalctl(1): one line an entry, `TIME HOST IDENTIFIER[PID]: MESSAGE`.
import { formatBytes, encodeUtf8, type Usec } from '@/lib/base'
import { displayTimestamp, fieldText, type Entry } from './entry'
import { formatFullTime, formatIsoTime, formatMonotonicTime, formatSyslogTime, formatUnixTime } from './entry-time'
import type { OutputOptions } from './output-mode'
import { displayWidth, ellipsize, isPrintable, PRINT_CHAR_THRESHOLD, PRINT_LINE_THRESHOLD, stripTabsAndAnsi } from './printable'
import { fileLink } from './terminal-link'

export type LogColors = { readonly on: string; readonly off: string; readonly highlight: string }
const normal = '\x1b[0m'
const red = '\x1b[0;1;31m'
const bright = '\x1b[0;1;39m'
const yellow = '\x1b[0;1;38:5:185m'
const grey = '\x1b[0;38:5:245m'
const plain: LogColors = { on: '', off: '', highlight: '' }

export function logColors(priority: number): LogColors {
  if (priority <= 3) return { on: red, off: normal, highlight: bright }
  if (priority === 4) return { on: yellow, off: normal, highlight: bright }
  if (priority === 5) return { on: bright, off: normal, highlight: red }
  if (priority === 7) return { on: grey, off: normal, highlight: red }
  return plain
}

export type PreviousEntry = { readonly monotonicUsec: Usec; readonly realtimeUsec: Usec; readonly bootId: string }

/** The line(s) of an entry; undefined when it has nothing to show. */
export function formatShort(entry: Entry, options: OutputOptions, previous: PreviousEntry | undefined): string | undefined {
  const raw = entry.get('MESSAGE')
  if (raw === undefined) return undefined
  const shown = (name: string): string | undefined => {
    const value = entry.get(name)
    if (value === undefined) return undefined
    if (options.showAll) return typeof value === 'string' ? value : fieldText(entry, name)
    return isPrintable(value) && value.length < PRINT_CHAR_THRESHOLD ? value : undefined
  }
  let prefix = formatTime(entry, options, previous)
  const host = options.noHostname ? undefined : shown('_HOSTNAME')
  if (host !== undefined) prefix += ` ${host}`
  const unit = shown('_SYSTEMD_UNIT')
  const userUnit = shown('_SYSTEMD_USER_UNIT')
  if (options.mode === 'with-unit' && unit !== undefined) {
    prefix += ` ${unit}`
    if (userUnit !== undefined) prefix += `/${userUnit}`
  } else {
    prefix += ` ${shown('SYSLOG_IDENTIFIER') ?? shown('_COMM') ?? 'unknown'}`
  }
  const pid = shown('_PID') ?? shown('SYSLOG_PID')
  if (pid !== undefined) prefix += `[${pid}]`
  if (!options.showAll && typeof raw !== 'string') return `${prefix}: [${formatBytes(raw.length)} blob data]\n`
  const whole = options.showAll ? (fieldText(entry, 'MESSAGE') ?? '') : stripTabsAndAnsi(raw as string)
  const message = options.truncateNewline ? whole.split('\n')[0]! : whole
  if (!options.showAll && !isPrintable(message)) return `${prefix}: [${formatBytes(encodeUtf8(message).length)} blob data]\n`
  return `${prefix}: ${formatMessage(message, displayWidth(prefix) + 2, entry, options)}`
}

function formatTime(entry: Entry, options: OutputOptions, previous: PreviousEntry | undefined): string {
  const { realtimeUsec, monotonicUsec } = displayTimestamp(entry)
  switch (options.mode) {
    case 'short-precise':
      return formatSyslogTime(realtimeUsec, options, true)
    case 'short-iso':
      return formatIsoTime(realtimeUsec, options)
    case 'short-iso-precise':
      return formatIsoTime(realtimeUsec, options, true)
    case 'short-full':
    case 'with-unit':
      return formatFullTime(realtimeUsec, options)
    case 'short-unix':
      return formatUnixTime(realtimeUsec)
    case 'short-monotonic':
      return `[${formatMonotonicTime(monotonicUsec)}]`
    case 'short-delta':
      return `[${formatMonotonicTime(monotonicUsec)}${formatDelta(entry.bootId, monotonicUsec, realtimeUsec, previous)}]`
    default:
      return formatSyslogTime(realtimeUsec, options)
  }
}

function formatDelta(bootId: string, monotonicUsec: Usec, realtimeUsec: Usec, previous: PreviousEntry | undefined): string {
  if (previous?.bootId === bootId) return ` <${formatMonotonicTime(Math.max(0, monotonicUsec - previous.monotonicUsec))} >`
  if (previous !== undefined && realtimeUsec >= previous.realtimeUsec)
    return ` <${formatMonotonicTime(realtimeUsec - previous.realtimeUsec)}*>`
  return ' '.repeat(16)
}

/** The message with its colour, highlighted match, continuation lines indented, shortened where asked. */
export function formatMessage(message: string, indent: number, entry: Entry, options: OutputOptions): string {
  const priority = Number(fieldText(entry, 'PRIORITY') ?? 6)
  const colors = options.colors ? logColors(priority) : plain
  const match = options.highlight === undefined ? undefined : options.highlight(message)
  const linked = linkConfigFile(message, match, entry, options)
  const shift = linked.length - message.length
  const lines = linked.split('\n')
  if (lines.length > 1 && lines.at(-1) === '') lines.pop()
  let out = ''
  let offset = 0
  for (const [number, line] of lines.entries()) {
    const blanks = number === 0 ? '' : ' '.repeat(indent)
    const bytes = byteLength(line)
    const last = number + 1 === PRINT_LINE_THRESHOLD || offset + bytes + 1 >= PRINT_CHAR_THRESHOLD
    if (options.fullWidth || options.showAll || (indent + bytes + 1 < options.columns && !last)) {
      out += `${blanks}${paint(line, colors, number, match === undefined ? [shift, shift] : [match[0] + shift - offset, match[1] + shift - offset])}\n`
      offset += line.length + 1
      continue
    }
    options.onCut?.()
    const room = options.columns - indent
    const short = room < 3 ? '...' : room > bytes + 3 ? `${line}...` : ellipsize(line, room, last ? 100 : 90)
    out += room < 3 ? '...\n' : `${blanks}${colors.on}${short}${colors.off}\n`
    if (last) break
    offset += line.length + 1
  }
  return out
}

function byteLength(text: string): number {
  return /^[\x00-\x7f]*$/.test(text) ? text.length : encodeUtf8(text).length
}

/** The first line shows where the search matched, be it nowhere; later ones only if the match is in them. */
function paint(line: string, colors: LogColors, number: number, match: readonly [number, number]): string {
  if (colors.on === '' || line === '') return line
  const [from, to] = [match[0], Math.min(match[1], line.length)]
  if (from < 0 || from > line.length || (number > 0 && from === to)) return `${colors.on}${line}${colors.off}`
  return `${colors.on}${line.slice(0, from)}${colors.highlight}${line.slice(from, to)}${colors.on}${line.slice(to)}${colors.off}`
}

/** A message as `cat` shows it on a terminal: one colour over all its lines. */
export function paintMessage(message: string, entry: Entry, options: OutputOptions, highlighted = true): string {
  const colors = logColors(Number(fieldText(entry, 'PRIORITY') ?? 6))
  if (!highlighted) return colors.on === '' ? message : `${colors.on}${message}${colors.off}`
  return paint(message, colors, 0, options.highlight?.(message) ?? [0, 0])
}

/** The file that a message begins with becomes a link, unless the match lies in it. */
function linkConfigFile(message: string, match: readonly [number, number] | undefined, entry: Entry, options: OutputOptions): string {
  const file = options.links === undefined ? undefined : fieldText(entry, 'CONFIG_FILE')
  if (file === undefined || file === '' || !message.startsWith(file) || !/^[: ]|^$/.test(message.slice(file.length, file.length + 1)))
    return message
  if (match !== undefined && match[0] < file.length && match[1] > 0) return message
  return fileLink(options.links!.hostname, file) + message.slice(file.length)
}
