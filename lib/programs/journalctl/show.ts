// The entries themselves: which, in which order, and waiting for more.
import { ANSI_HIGHLIGHT, decodeUtf8, encodeUtf8 } from '@/lib/base'
import {
  type EntryPrinter,
  fieldText,
  formatCursor,
  isQuietMode,
  parseCursor,
  type Cursor,
  type Entry,
  type Positions,
  type Seek,
} from '@/lib/journal'
import { errno, isErrno, O_CREAT, O_TRUNC, O_WRONLY, POLLIN, type Syscall } from '@/lib/kernel'
import type { Console } from '../systemd-console'
import { readText, type OpenJournal } from './open-journal'
import type { Settings } from './settings'

const IN_MODIFY = 2
const IN_MOVED_TO = 0x80
const IN_CREATE = 0x100

export type Grep = (message: string) => readonly [from: number, to: number] | undefined

export class Shower {
  private readonly console: Console
  private readonly opened: OpenJournal
  private readonly settings: Settings
  private readonly printer: EntryPrinter
  private readonly grep: Grep | undefined
  private lastBoot: string | undefined
  private lastEntry: Entry | undefined
  private count = 0
  private broken = false

  constructor(console: Console, opened: OpenJournal, settings: Settings, printer: EntryPrinter, grep: Grep | undefined) {
    this.console = console
    this.opened = opened
    this.settings = settings
    this.printer = printer
    this.grep = grep
  }

  *run(): Syscall<number> {
    const { settings, console } = this
    const seek = yield* this.cursorSeek()
    if (seek === 'bad') return yield* console.fail('Failed to seek to cursor: Invalid argument')
    const positions: Positions = new Map()
    for (const entry of this.selected(seek, positions)) {
      yield* this.show(entry)
      if (this.broken) return 0
    }
    if (settings.follow) {
      yield* console.flush()
      const failed = yield* this.follow(settings.lines === undefined ? positions : this.opened.journal.end())
      return failed
    }
    if (this.count === 0 && !settings.quiet && !isQuietMode(settings.mode)) yield* console.print('-- No entries --\n')
    if (settings.showCursor && this.lastEntry !== undefined) yield* console.print(`-- cursor: ${formatCursor(this.lastEntry)}\n`)
    yield* this.keepCursor()
    yield* console.flush()
    return settings.grep !== undefined && this.count === 0 ? 1 : 0
  }

  private *cursorSeek(): Syscall<Seek | undefined | 'bad'> {
    const { cursor, afterCursor, cursorFile } = this.settings
    if (cursorFile !== undefined) {
      const text = (yield* readText(this.console.process, cursorFile))?.trim()
      if (text === undefined || text === '') return undefined
      const parsed = parseCursor(text)
      return parsed === undefined ? 'bad' : { cursor: parsed, skip: true }
    }
    const text = cursor ?? afterCursor
    if (text === undefined) return undefined
    const parsed: Cursor | undefined = parseCursor(text)
    return parsed === undefined ? 'bad' : { cursor: parsed, skip: afterCursor !== undefined }
  }

  /** The entries to show, as a list that is made while it is read. */
  private *selected(seek: Seek | undefined, positions: Positions): Generator<Entry, void, void> {
    const { settings } = this
    const { journal } = this.opened
    const { since, until, reverse, oldest } = settings
    const lines = settings.lines ?? Number.POSITIVE_INFINITY
    if (lines === 0) return
    const newest = Number.isFinite(lines) && !oldest
    if (reverse || (newest && seek === undefined)) {
      const from: Seek | undefined = reverse && seek !== undefined ? seek : until === undefined ? undefined : { realtimeUsec: until }
      const taken: Entry[] = []
      let count = 0
      for (const entry of journal.backward(from)) {
        if (since !== undefined && entry.realtimeUsec < since) break
        if (!this.fits(entry)) continue
        count += 1
        if (reverse) yield entry
        else taken.push(entry)
        if (count >= lines) break
      }
      yield* taken.reverse()
      return
    }
    let count = 0
    for (const entry of journal.forward(seek ?? (since === undefined ? undefined : { realtimeUsec: since }), positions)) {
      if (until !== undefined && entry.realtimeUsec > until) break
      if (!this.fits(entry)) continue
      yield entry
      count += 1
      if (count >= lines) break
    }
  }

  private fits(entry: Entry): boolean {
    if (this.grep === undefined) return true
    const message = fieldText(entry, 'MESSAGE')
    return message !== undefined && this.grep(message) !== undefined
  }

  private *show(entry: Entry): Syscall<void> {
    const { settings, console } = this
    this.count += 1
    if (settings.excluded.size > 0 && settings.excluded.has(fieldText(entry, 'SYSLOG_IDENTIFIER') ?? '')) return
    if (!settings.merge && !settings.quiet && this.lastBoot !== undefined && this.lastBoot !== entry.bootId) {
      yield* console.print(`${console.paint(ANSI_HIGHLIGHT, `-- Boot ${entry.bootId} --`)}\n`)
    }
    this.lastBoot = entry.bootId
    this.lastEntry = entry
    const bytes = this.printer.print(entry)
    // Only export and cat carry bytes that are no text; they go out as they are.
    const text = decodeUtf8(bytes)
    const fine = encodeUtf8(text).length === bytes.length && !text.includes('\ufffd') ? yield* console.print(text) : yield* this.raw(bytes)
    if (!fine) this.broken = true
  }

  private *raw(bytes: Uint8Array): Syscall<boolean> {
    yield* this.console.flush()
    return !isErrno(yield* this.console.process.write(1, bytes))
  }

  private *keepCursor(): Syscall<void> {
    const { cursorFile } = this.settings
    if (cursorFile === undefined || this.lastEntry === undefined) return
    const { process } = this.console
    const fd = yield* process.open(cursorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if (isErrno(fd)) return
    yield* process.write(fd, `${formatCursor(this.lastEntry)}\n`)
    yield* process.close(fd)
  }

  /** Until interrupted, or nobody reads any more. */
  private *follow(positions: Positions): Syscall<number> {
    const { process } = this.console
    const watch = yield* process.inotifyInit()
    if (isErrno(watch)) return yield* this.console.fail(`Failed to wait for journal event: ${watch.message}`)
    const mask = IN_MODIFY | IN_CREATE | IN_MOVED_TO
    for (const directory of this.opened.directories) yield* process.inotifyAddWatch(watch, directory, mask)
    for (;;) {
      yield* this.opened.refresh()
      for (const entry of this.opened.journal.forward(undefined, positions)) {
        if (this.settings.until !== undefined && entry.realtimeUsec > this.settings.until) return 0
        if (this.fits(entry)) yield* this.show(entry)
      }
      if (!(yield* this.console.flush()) || this.broken) return 0
      const ready = yield* process.poll([
        { fd: watch, events: POLLIN },
        { fd: 1, events: 0 },
      ])
      if (isErrno(ready)) {
        if (ready === errno.EINTR) continue
        return 1
      }
      if (ready.some(({ fd }) => fd === 1)) return 0
      yield* process.inotifyRead(watch)
    }
  }
}
