// What journalctl does besides showing entries.
import {
  ANSI_HIGHLIGHT,
  formatBytes,
  formatTable,
  formatTimespan,
  formatTimestamp,
  headerRow,
  type LocalTime,
  type TableRow,
} from '@/lib/base'
import { catalog, catalogText, isFieldName, type Journal } from '@/lib/journal'
import { isErrno, type Syscall } from '@/lib/kernel'
import { unitNameMangle } from '@/lib/systemd/unit-name'
import type { Console } from '../systemd-console'
import { listBoots, listInvocations, type Span } from './boots'
import { journalSize, shownSize, vacuumDirectory } from './journal-directory'
import type { OpenJournal } from './open-journal'
import type { Settings } from './settings'

const VARLINK_SOCKET = '/run/systemd/journal/io.systemd.journal'

function* printSpans(console: Console, title: string, spans: readonly Span[], local: LocalTime, settings: Settings): Syscall<number> {
  const style = settings.utc ? 'utc' : 'pretty'
  const rows = spans.map((span, index): TableRow => {
    const offset = index - (spans.length - 1)
    return [
      { text: String(offset), alignPercent: 100 },
      { text: span.id },
      { text: formatTimestamp(span.firstUsec, local, style) ?? '-' },
      { text: formatTimestamp(span.lastUsec, local, style) ?? '-' },
    ]
  })
  const shown =
    settings.lines === undefined || !Number.isFinite(settings.lines)
      ? rows
      : settings.oldest
        ? rows.slice(0, settings.lines)
        : rows.slice(-settings.lines)
  const header = settings.quiet ? [] : [headerRow(['IDX', title, 'FIRST ENTRY', 'LAST ENTRY'])]
  yield* console.print(
    formatTable([...header, ...(settings.reverse ? shown.reverse() : shown)], { ...console.tableOptions, header: !settings.quiet }),
  )
  yield* console.flush()
  return 0
}

export function* printBoots(console: Console, journal: Journal, local: LocalTime, settings: Settings): Syscall<number> {
  return yield* printSpans(console, 'BOOT ID', listBoots(journal), local, settings)
}

export function* printInvocations(console: Console, journal: Journal, local: LocalTime, settings: Settings): Syscall<number> {
  const user = settings.units.length === 0
  const typed = (user ? settings.userUnits : settings.units)[0]!
  const unit = unitNameMangle(typed)?.name ?? typed
  const spans = listInvocations(journal, unit, user)
  if (spans.length === 0) return yield* console.fail(`No invocation ID for ${unit} found.`)
  return yield* printSpans(console, 'INVOCATION ID', spans, local, settings)
}

export function* printFieldNames(console: Console, journal: Journal): Syscall<number> {
  for (const name of journal.fieldNames()) yield* console.print(`${name}\n`)
  yield* console.flush()
  return 0
}

export function* printFieldValues(console: Console, journal: Journal, field: string, lines: number | undefined): Syscall<number> {
  if (!isFieldName(field, true)) return yield* console.fail('Failed to query unique data objects: Invalid argument')
  for (const value of journal.uniqueValues(field).slice(0, lines)) yield* console.print(`${value}\n`)
  yield* console.flush()
  return 0
}

export function* printDiskUsage(console: Console, opened: OpenJournal): Syscall<number> {
  let bytes = 0
  for (const directory of opened.directories) bytes += yield* journalSize(console.process, directory)
  yield* console.print(`Archived and active journals take up ${formatBytes(bytes)} in the file system.\n`)
  yield* console.flush()
  return 0
}

export function* vacuumAll(console: Console, opened: OpenJournal, settings: Settings): Syscall<number> {
  const limits = { maxUse: settings.vacuumSize, maxFiles: settings.vacuumFiles, maxRetentionUsec: settings.vacuumUsec }
  const bases = [...new Set(opened.directories.map((directory) => directory.slice(0, directory.lastIndexOf('/'))))]
  for (const directory of [...opened.directories, ...bases]) {
    const lines = yield* vacuumDirectory(console.process, directory, limits)
    if (!settings.quiet) for (const line of lines) yield* console.log('info', line)
  }
  return 0
}

/** Asks journald itself. */
export function* callJournald(console: Console, method: string): Syscall<number> {
  const { process } = console
  const fd = yield* process.socket('AF_UNIX', 'stream')
  const connected = isErrno(fd) ? fd : yield* process.connect(fd, { domain: 'AF_UNIX', path: VARLINK_SOCKET })
  if (isErrno(fd) || isErrno(connected)) {
    const reason = isErrno(fd) ? fd.message : isErrno(connected) ? connected.message : ''
    return yield* console.fail(`Failed to connect to ${VARLINK_SOCKET}: ${reason}`)
  }
  yield* process.write(fd, `${JSON.stringify({ method: `io.systemd.Journal.${method}`, parameters: {} })}\0`)
  const answer = yield* process.read(fd, 65536)
  yield* process.close(fd)
  return isErrno(answer) ? yield* console.fail(`Failed to execute varlink call: ${answer.message}`) : 0
}

export function* printHeaders(console: Console, opened: OpenJournal, local: LocalTime): Syscall<number> {
  let first = true
  for (const file of opened.journal.files) {
    if (!first) yield* console.print('\n')
    first = false
    const count = file.entryCount
    const head = count === 0 ? undefined : file.entry(0)
    const tail = count === 0 ? undefined : file.entry(count - 1)
    const time = (usec: number | undefined) => (usec === undefined ? '-' : `${formatTimestamp(usec, local)} (${usec.toString(16)})`)
    const size = shownSize(file.path, file.size)
    yield* console.print(
      `${[
        `File path: ${file.path}`,
        `File ID: ${file.header.fileId}`,
        `Machine ID: ${file.header.machineId}`,
        `Boot ID: ${tail?.bootId ?? '0'.repeat(32)}`,
        `Sequential number ID: ${file.header.seqnumId}`,
        `State: ${file.path.includes('@') ? 'ARCHIVED' : 'ONLINE'}`,
        `Head sequential number: ${head?.seqnum ?? 0} (${(head?.seqnum ?? 0).toString(16)})`,
        `Tail sequential number: ${tail?.seqnum ?? 0} (${(tail?.seqnum ?? 0).toString(16)})`,
        `Head realtime timestamp: ${time(head?.realtimeUsec)}`,
        `Tail realtime timestamp: ${time(tail?.realtimeUsec)}`,
        `Tail monotonic timestamp: ${formatTimespan(tail?.monotonicUsec ?? 0, 1000)} (${(tail?.monotonicUsec ?? 0).toString(16)})`,
        `Objects: ${count + file.dataCount}`,
        `Entry objects: ${count}`,
        `Data objects: ${file.dataCount}`,
        `Disk usage: ${formatBytes(size)}`,
      ].join('\n')}\n`,
    )
  }
  yield* console.flush()
  return 0
}

/** A file that could be read to its end is sound: there is nothing else to go wrong. */
export function* verifyFiles(console: Console, opened: OpenJournal): Syscall<number> {
  for (const file of opened.journal.files) yield* console.log('info', `PASS: ${file.path}`)
  return 0
}

export function* printCatalog(console: Console, ids: readonly string[], whole: boolean): Syscall<number> {
  for (const id of ids) {
    if (!/^[0-9a-fA-F]{32}$/.test(id)) {
      yield* console.log('error', `Failed to parse id128 '${id}': Invalid argument`)
      return yield* console.fail('Failed to list catalog: Invalid argument')
    }
    if (catalog[id.toLowerCase()] === undefined) {
      yield* console.log('notice', `Failed to retrieve catalog entry for '${id}': No such file or directory`)
      return yield* console.fail('Failed to list catalog: No such file or directory')
    }
  }
  const wanted = ids.length > 0 ? ids.map((id) => id.toLowerCase()) : Object.keys(catalog).sort()
  let first = true
  for (const id of wanted) {
    const entry = catalog[id]!
    if (whole) yield* console.print(`${first ? '' : '\n'}-- ${id}\n${catalogText(id, (name) => `@${name}@`)}\n`)
    else yield* console.print(`${id} systemd: ${entry.subject}\n`)
    first = false
  }
  yield* console.flush()
  return 0
}

export function* printNewId(console: Console): Syscall<number> {
  const id = console.process.random
    .id128()
    .replace(/^(.{12})./, '$14')
    .replace(/^(.{16})./, '$1a')
  const bold = (text: string) => console.paint(ANSI_HIGHLIGHT, text)
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const pairs = id.match(/../g)!.join(',')
  yield* console.print(
    `As string:\n${bold(id)}\n\nAs UUID:\n${bold(uuid)}\n\nAs systemd-id128(1) macro:\n${bold(`#define XYZ SD_ID128_MAKE(${pairs})`)}\n\nAs Python constant:\n>>> ${bold('import uuid')}\n>>> ${bold(`XYZ = uuid.UUID('${id}')`)}\n`,
  )
  yield* console.flush()
  return 0
}
