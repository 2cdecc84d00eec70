// After the export and verbose modes of journalctl(1) and "Journal Export Format".
import { concatBytes, encodeUtf8, formatBytes, type Bytes } from '@/lib/base'
import { displayTimestamp, formatCursor, type Entry } from './entry'
import { formatFullTime } from './entry-time'
import type { Field } from './native-protocol'
import type { OutputOptions } from './output-mode'
import { fileLink } from './terminal-link'
import { isPrintable, PRINT_CHAR_THRESHOLD } from './printable'

/** Fields that belong to an entry's place in the journal, not to its contents. */
export function addressFields(entry: Entry): readonly (readonly [name: string, value: string])[] {
  return [
    ['__CURSOR', formatCursor(entry)],
    ['__REALTIME_TIMESTAMP', String(entry.realtimeUsec)],
    ['__MONOTONIC_TIMESTAMP', String(entry.monotonicUsec)],
    ['__SEQNUM', String(entry.seqnum)],
    ['__SEQNUM_ID', entry.seqnumId],
    ['_BOOT_ID', entry.bootId],
  ]
}

export function formatExport(entry: Entry, options: OutputOptions): Bytes {
  const parts: Bytes[] = [
    encodeUtf8(
      addressFields(entry)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    ),
  ]
  for (const field of entry.fields()) {
    if (field[0] === '_BOOT_ID' || (options.fields !== undefined && !options.fields.has(field[0]))) continue
    parts.push(exportField(field))
  }
  parts.push(encodeUtf8('\n'))
  return concatBytes(parts)
}

function exportField([name, value]: Field): Bytes {
  if (typeof value === 'string' && !/[\0-\x08\x0a-\x1f\x7f]/.test(value)) return encodeUtf8(`${name}=${value}\n`)
  const bytes = typeof value === 'string' ? encodeUtf8(value) : value
  const size = new Uint8Array(8)
  new DataView(size.buffer).setUint32(0, bytes.length, true)
  return concatBytes([encodeUtf8(`${name}\n`), size, bytes, encodeUtf8('\n')])
}

export function formatVerbose(entry: Entry, options: OutputOptions): string {
  const time = formatFullTime(displayTimestamp(entry).realtimeUsec, options, true)
  const cursor = `[${formatCursor(entry)}]`
  let out = options.colors ? `\x1b[0;4m${time}\x1b[0m \x1b[0;38:5:245m${cursor}\x1b[0m\n` : `${time} ${cursor}\n`
  for (const [name, value] of entry.fields()) {
    if (options.fields !== undefined && !options.fields.has(name)) continue
    const on = !options.colors ? '' : name === 'MESSAGE' ? '\x1b[0;1;39m' : name.startsWith('_') ? '\x1b[0;32m' : ''
    const off = on === '' ? '' : '\x1b[0m'
    const short = options.fullWidth || name.length + 1 + value.length < PRINT_CHAR_THRESHOLD
    if (typeof value === 'string' && (options.showAll || (short && isPrintable(value)))) {
      const indent = ' '.repeat(4 + name.length + 1)
      const shown = name === 'CONFIG_FILE' && options.links !== undefined ? fileLink(options.links.hostname, value) : value
      out += `    ${on}${name}=${shown.replace(/\n$/, '').split('\n').join(`\n${indent}`)}\n${off}`
    } else {
      out += `    ${on}${name}=[${formatBytes(typeof value === 'string' ? encodeUtf8(value).length : value.length)} blob data]${off}\n`
    }
  }
  return out
}
