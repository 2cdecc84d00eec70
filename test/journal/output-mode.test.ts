import { describe, expect, it } from 'vitest'
import { decodeUtf8, LocalTime, timeZoneOfText } from '@/lib/base'
import { decodeNative, EntryPrinter, entryOf, type Entry, type OutputMode, type OutputOptions } from '@/lib/journal'
import recorded from './output-recorded.json'

/** The export format is the native one with the stamps in front. */
function readExport(bytes: Uint8Array): Entry[] {
  const entries: Entry[] = []
  const text = (value: string | Uint8Array | undefined) => (typeof value === 'string' ? value : '')
  for (const block of splitEntries(bytes)) {
    const stamps = new Map<string, string>()
    let offset = 0
    for (;;) {
      const end = block.indexOf(10, offset)
      const line = decodeUtf8(block.subarray(offset, end))
      if (!line.startsWith('__') && !line.startsWith('_BOOT_ID=')) break
      stamps.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1))
      offset = end + 1
    }
    const fields = decodeTrusted(block.subarray(offset))
    entries.push(
      entryOf(
        {
          seqnum: Number(stamps.get('__SEQNUM')),
          seqnumId: text(stamps.get('__SEQNUM_ID')),
          realtimeUsec: Number(stamps.get('__REALTIME_TIMESTAMP')),
          monotonicUsec: Number(stamps.get('__MONOTONIC_TIMESTAMP')),
          bootId: text(stamps.get('_BOOT_ID')),
        },
        fields,
      ),
    )
  }
  return entries
}

function splitEntries(bytes: Uint8Array): Uint8Array[] {
  const marker = '__CURSOR='
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const starts = [...text.matchAll(/(?:^|\n\n)__CURSOR=/g)].map((match) => text.indexOf(marker, match.index))
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1] === undefined ? bytes.length : starts[index + 1]! - 1))
}

/** decodeNative refuses trusted names: lend them a letter. */
function decodeTrusted(bytes: Uint8Array) {
  const out: (readonly [string, string | Uint8Array])[] = []
  let offset = 0
  while (offset < bytes.length && bytes[offset] !== 10) {
    const end = bytes.indexOf(10, offset)
    const line = bytes.subarray(offset, end)
    if (line.includes(0x3d)) {
      const name = decodeUtf8(line.subarray(0, line.indexOf(0x3d)))
      out.push([name, decodeUtf8(line.subarray(line.indexOf(0x3d) + 1))])
      offset = end + 1
      continue
    }
    const size = new DataView(bytes.buffer, bytes.byteOffset + end + 1, 8).getUint32(0, true)
    const [field] = decodeNative(bytes.subarray(offset, end + 9 + size + 1))
    out.push(field![0]!)
    offset = end + 9 + size + 1
  }
  return out
}

const entries = readExport(Uint8Array.from(atob(recorded.export), (character) => character.charCodeAt(0)))
const local = new LocalTime(timeZoneOfText('UTC'), 0)

function options(text: string, tty: boolean): OutputOptions {
  const mode = (/-o (\S+)/.exec(text)?.[1] ?? 'short') as OutputMode
  return {
    mode,
    local,
    utc: false,
    columns: tty ? 100 : 80,
    colors: tty,
    ...(tty ? { links: { hostname: 'vm' } } : {}),
    fullWidth: !text.includes('--no-full'),
    showAll: text === '-a',
    truncateNewline: text === '--truncate-newline',
    ...(text.startsWith('-g')
      ? {
          highlight: (message: string) => {
            const at = message.indexOf('level')
            return at < 0 ? undefined : ([at, at + 5] as const)
          },
        }
      : {}),
  }
}

function print(text: string, tty: boolean): string {
  const given = options(text, tty)
  const printer = new EntryPrinter(given)
  const wanted = text.startsWith('-g')
    ? entries.filter((entry) => {
        const message = entry.get('MESSAGE')
        return typeof message === 'string' && given.highlight!(message) !== undefined
      })
    : entries
  return wanted.map((entry) => decodeUtf8(printer.print(entry))).join('')
}

const byKey = (text: string) => Object.entries(JSON.parse(text) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1))

describe('output modes, as systemd 257 printed the same entries', () => {
  it('reads the recorded entries', () => expect(entries).toHaveLength(56))

  for (const { options: given, stdout, tty } of recorded.cases) {
    if (given.startsWith('-o json')) {
      it(`${given} has the same members`, () => {
        const split = (text: string) => (given === '-o json' ? text.trimEnd().split('\n') : text.trimEnd().split(/(?<=^\})\n/m))
        const ours = split(print(given, false))
        const theirs = split(stdout)
        expect(ours.map(byKey)).toEqual(
          theirs.map((text) =>
            byKey(text).map(([key, value]) =>
              key === '__CURSOR'
                ? [key, byKey(ours[theirs.indexOf(text)]!)[[...byKey(text)].findIndex(([name]) => name === key)]![1]]
                : [key, value],
            ),
          ),
        )
      })
      continue
    }
    // The hash in a cursor is ours; the export format hides where _BOOT_ID stood.
    const cursor = (text: string) => text.replace(/x=[0-9a-f]+/g, 'x=').replace(/ {4}(?:\x1b\[0;32m)?_BOOT_ID=.*\n(?:\x1b\[0m)?/g, '')
    it(`journalctl ${given}`, () => expect(cursor(print(given, false))).toBe(cursor(stdout)))
    if (tty !== undefined) it(`journalctl ${given} on a terminal`, () => expect(cursor(print(given, true))).toBe(cursor(tty)))
  }
})
