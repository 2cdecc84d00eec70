// After "Native Journal Protocol" (systemd.io/JOURNAL_NATIVE_PROTOCOL): how sd_journal_send() talks to /run/systemd/journal/socket.
import { decodeUtf8, encodeUtf8, isUtf8, type Bytes } from '@/lib/base'

export const NATIVE_SOCKET = '/run/systemd/journal/socket'

/** A field's value: text, or bytes where it is no UTF-8. */
export type FieldValue = string | Bytes
export type Field = readonly [name: string, value: FieldValue]

/** One entry as a datagram. A field may be repeated. */
export function encodeNative(fields: Iterable<Field>): Bytes {
  const parts: Bytes[] = []
  let length = 0
  const push = (bytes: Bytes) => {
    parts.push(bytes)
    length += bytes.length
  }
  let line = ''
  const flush = () => {
    if (line !== '') push(encodeUtf8(line))
    line = ''
  }
  for (const [name, value] of fields) {
    if (typeof value === 'string' && !value.includes('\n')) {
      line += `${name}=${value}\n`
      continue
    }
    line += `${name}\n`
    flush()
    const bytes = typeof value === 'string' ? encodeUtf8(value) : value
    push(littleEndian64(bytes.length))
    push(bytes)
    line = '\n'
  }
  flush()
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** The entries of a datagram (an empty line parts them); damaged ends are dropped. */
export function decodeNative(bytes: Bytes): Field[][] {
  const entries: Field[][] = []
  let fields: Field[] = []
  let offset = 0
  while (offset < bytes.length) {
    let end = bytes.indexOf(10, offset)
    if (end < 0) end = bytes.length
    if (end === offset) {
      if (fields.length > 0) entries.push(fields)
      fields = []
      offset += 1
      continue
    }
    const first = bytes[offset]
    if (first === 0x2e || first === 0x23) {
      offset = end + 1 // `.` and `#` begin control lines and comments
      continue
    }
    const equals = bytes.subarray(offset, end).indexOf(0x3d)
    if (equals >= 0) {
      const name = decodeUtf8(bytes.subarray(offset, offset + equals))
      if (isFieldName(name)) fields.push([name, fieldValue(bytes.subarray(offset + equals + 1, end))])
      offset = end + 1
      continue
    }
    const name = decodeUtf8(bytes.subarray(offset, end))
    if (bytes.length - end < 9) break
    const size = readLittleEndian64(bytes, end + 1)
    const from = end + 9
    if (size > bytes.length - from) break
    if (isFieldName(name)) fields.push([name, fieldValue(bytes.slice(from, from + size))])
    offset = from + size + 1
  }
  if (fields.length > 0) entries.push(fields)
  return entries
}

/** A name that a client may send: capitals, digits and `_`, neither digit nor `_` first. Trusted fields begin with `_`. */
export function isFieldName(name: string, allowProtected = false): boolean {
  return name.length <= 64 && (allowProtected ? /^[A-Z_][A-Z0-9_]*$/ : /^[A-Z][A-Z0-9_]*$/).test(name)
}

export function fieldValue(bytes: Bytes): FieldValue {
  return isUtf8(bytes) ? decodeUtf8(bytes) : bytes.slice()
}

function littleEndian64(value: number): Bytes {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, value >>> 0, true)
  view.setUint32(4, Math.floor(value / 0x100000000), true)
  return bytes
}

function readLittleEndian64(bytes: Bytes, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8)
  return view.getUint32(0, true) + view.getUint32(4, true) * 0x100000000
}
