// After systemd.journal-fields(7) and sd_journal_get_cursor(3): one entry and how it is named.
import { decodeUtf8, type Usec } from '@/lib/base'
import type { Field, FieldValue } from './native-protocol'

export type Entry = {
  readonly seqnum: number
  /** Names the sequence that `seqnum` counts in. */
  readonly seqnumId: string
  /** When journald took it. */
  readonly realtimeUsec: Usec
  readonly monotonicUsec: Usec
  readonly bootId: string
  /** The first value of a field. */
  readonly get: (name: string) => FieldValue | undefined
  /** All fields in the order of the file; a name may come more than once. */
  readonly fields: () => readonly Field[]
}

/** An entry out of plain fields, for writers and tests. */
export function entryOf(
  stamp: Pick<Entry, 'seqnum' | 'seqnumId' | 'realtimeUsec' | 'monotonicUsec' | 'bootId'>,
  fields: readonly Field[],
): Entry {
  return { ...stamp, get: (name) => fields.find((field) => field[0] === name)?.[1], fields: () => fields }
}

export function valueText(value: FieldValue | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : decodeUtf8(value)
}

export function fieldText(entry: Entry, name: string): string | undefined {
  return valueText(entry.get(name))
}

/** Time to show: when the sender sent it, where that is known, on both clocks. */
export function displayTimestamp(entry: Entry): { readonly realtimeUsec: Usec; readonly monotonicUsec: Usec } {
  const source = fieldText(entry, '_SOURCE_REALTIME_TIMESTAMP')
  if (source === undefined || !/^\d{1,16}$/.test(source)) return entry
  const realtimeUsec = Number(source)
  if (realtimeUsec === 0) return entry
  return { realtimeUsec, monotonicUsec: Math.max(0, entry.monotonicUsec - (entry.realtimeUsec - realtimeUsec)) }
}

/** `s=…;i=…;b=…;m=…;t=…;x=…`, numbers in hexadecimal. */
export function formatCursor(entry: Entry): string {
  const hex = (value: number) => value.toString(16)
  return `s=${entry.seqnumId};i=${hex(entry.seqnum)};b=${entry.bootId};m=${hex(entry.monotonicUsec)};t=${hex(entry.realtimeUsec)};x=${entryHash(entry)}`
}

export type Cursor = {
  readonly seqnumId?: string
  readonly seqnum?: number
  readonly bootId?: string
  readonly monotonicUsec?: Usec
  readonly realtimeUsec?: Usec
}

export function parseCursor(text: string): Cursor | undefined {
  const cursor: { -readonly [Key in keyof Cursor]: Cursor[Key] } = {}
  for (const part of text.split(';')) {
    const match = /^([sibmtx])=([0-9a-fA-F-]+)$/.exec(part)
    if (match === null) return undefined
    const value = match[2]!
    if (match[1] === 's') cursor.seqnumId = value.replaceAll('-', '')
    else if (match[1] === 'i') cursor.seqnum = Number.parseInt(value, 16)
    else if (match[1] === 'b') cursor.bootId = value.replaceAll('-', '')
    else if (match[1] === 'm') cursor.monotonicUsec = Number.parseInt(value, 16)
    else if (match[1] === 't') cursor.realtimeUsec = Number.parseInt(value, 16)
  }
  const placed =
    (cursor.seqnumId !== undefined && cursor.seqnum !== undefined) ||
    (cursor.bootId !== undefined && cursor.monotonicUsec !== undefined) ||
    cursor.realtimeUsec !== undefined
  return placed ? cursor : undefined
}

/** Before (< 0), at (0) or after (> 0) the cursor. */
export function compareToCursor(entry: Entry, cursor: Cursor): number {
  if (cursor.seqnumId === entry.seqnumId && cursor.seqnum !== undefined) return entry.seqnum - cursor.seqnum
  if (cursor.bootId === entry.bootId && cursor.monotonicUsec !== undefined) return entry.monotonicUsec - cursor.monotonicUsec
  if (cursor.realtimeUsec !== undefined) return entry.realtimeUsec - cursor.realtimeUsec
  return 0
}

/** The order in which entries of several files are shown. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.seqnumId === b.seqnumId) return a.seqnum - b.seqnum
  if (a.bootId === b.bootId) return a.monotonicUsec - b.monotonicUsec
  return a.realtimeUsec - b.realtimeUsec
}

// DEVIATES: `x=` is a hash of the stamps, not of the fields: it only has to tell entries apart.
function entryHash(entry: Entry): string {
  let high = 0x811c9dc5
  let low = 0x1b873593
  for (const value of [entry.seqnum, entry.realtimeUsec % 0x100000000, entry.monotonicUsec % 0x100000000]) {
    high = Math.imul(high ^ value, 0x85ebca6b) >>> 0
    low = Math.imul(low ^ high ^ (value >>> 7), 0xc2b2ae35) >>> 0
    high ^= low >>> 13
  }
  return (high >>> 0).toString(16) + (low >>> 0).toString(16).padStart(8, '0')
}
