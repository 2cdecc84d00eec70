// A journal file: a header, then records that are only ever appended. Like journald's own, a value is stored once ("data")
// and entries refer to it by number, so matching compares numbers.
//
//   header: "UNITJRNL" version(1) then file id, machine id, seqnum id as 32 hex digits each
//   data:   0x01 length bytes            ("FIELD=value"; its number is its place in the file)
//   entry:  0x02 seqnum realtime monotonic boot count number…   (all LEB128; boot is the number of its _BOOT_ID data)
//
// DEVIATES: not the format of systemd.journal-files, because only our own tools read it.
import { decodeUtf8, encodeUtf8, type Bytes, type Usec } from '@/lib/base'
import type { Entry } from './entry'
import { fieldValue, type Field, type FieldValue } from './native-protocol'

const MAGIC = 'UNITJRNL1'
const HEADER_SIZE = MAGIC.length + 96
const DATA = 1
const ENTRY = 2

export type JournalFileHeader = { readonly fileId: string; readonly machineId: string; readonly seqnumId: string }

export type Stamp = {
  readonly seqnum: number
  readonly realtimeUsec: Usec
  readonly monotonicUsec: Usec
  readonly bootId: string
}

export function encodeHeader(header: JournalFileHeader): Bytes {
  return encodeUtf8(MAGIC + header.fileId + header.machineId + header.seqnumId)
}

export function decodeHeader(bytes: Bytes): JournalFileHeader | undefined {
  if (bytes.length < HEADER_SIZE) return undefined
  const text = decodeUtf8(bytes.subarray(0, HEADER_SIZE))
  const ids = /^([0-9a-f]{32})([0-9a-f]{32})([0-9a-f]{32})$/.exec(text.slice(MAGIC.length))
  if (!text.startsWith(MAGIC) || ids === null) return undefined
  return { fileId: ids[1]!, machineId: ids[2]!, seqnumId: ids[3]! }
}

/** Values that hardly ever come twice are stored but not looked up again. */
const seldomRepeated = new Set([
  '_SOURCE_REALTIME_TIMESTAMP',
  '_SOURCE_MONOTONIC_TIMESTAMP',
  '_SOURCE_BOOTTIME_TIMESTAMP',
  'SYSLOG_TIMESTAMP',
])

/** Knows which data a file holds already, and turns entries into the bytes to append. */
export class JournalFileWriter {
  private readonly numbers = new Map<string, number>()
  private count = 0
  private buffer = new Uint8Array(4096)
  private length = 0

  /** Continues a file that is there. */
  static continuing(file: JournalFile): JournalFileWriter {
    const writer = new JournalFileWriter()
    for (let number = 0; number < file.dataCount; number += 1) {
      const [name, value] = file.field(number)
      if (!seldomRepeated.has(name)) writer.numbers.set(key(name, value), number)
    }
    writer.count = file.dataCount
    return writer
  }

  encode(stamp: Stamp, fields: readonly Field[]): Bytes {
    this.length = 0
    const numbers: number[] = []
    for (const [name, value] of fields) numbers.push(this.numberOf(name, value))
    const boot = this.numberOf('_BOOT_ID', stamp.bootId)
    numbers.push(boot)
    numbers.sort((a, b) => a - b)
    this.byte(ENTRY)
    this.number(stamp.seqnum)
    this.number(stamp.realtimeUsec)
    this.number(stamp.monotonicUsec)
    this.number(boot)
    const distinct = numbers.filter((number, index) => index === 0 || number !== numbers[index - 1])
    this.number(distinct.length)
    for (const number of distinct) this.number(number)
    return this.buffer.slice(0, this.length)
  }

  private numberOf(name: string, value: FieldValue): number {
    const remembered = !seldomRepeated.has(name)
    const known = remembered ? this.numbers.get(key(name, value)) : undefined
    if (known !== undefined) return known
    this.byte(DATA)
    const head = encodeUtf8(typeof value === 'string' ? `${name}=${value}` : `${name}=`)
    const tail = typeof value === 'string' ? undefined : value
    this.number(head.length + (tail?.length ?? 0))
    this.bytes(head)
    if (tail !== undefined) this.bytes(tail)
    const number = this.count
    this.count += 1
    if (remembered) this.numbers.set(key(name, value), number)
    return number
  }

  private room(more: number): void {
    if (this.length + more <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }

  private byte(value: number): void {
    this.room(1)
    this.buffer[this.length] = value
    this.length += 1
  }

  private bytes(value: Bytes): void {
    this.room(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
  }

  private number(value: number): void {
    this.room(8)
    let rest = value
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.buffer[this.length++] = rest
  }
}

function key(name: string, value: FieldValue): string {
  return typeof value === 'string' ? `${name}=${value}` : `${name}\0${Array.from(value).join(',')}`
}

/** A file as it is read. `append` takes what has been written since; a record cut off at the end waits for its rest. */
export class JournalFile {
  readonly path: string
  readonly header: JournalFileHeader
  private bytes: Bytes
  private length: number
  private parsed = HEADER_SIZE
  private readonly dataStart: number[] = []
  private readonly dataEnd: number[] = []
  private readonly seqnums: number[] = []
  private readonly realtimes: number[] = []
  private readonly monotonics: number[] = []
  private readonly boots: number[] = []
  private readonly items: number[][] = []
  private readonly decoded: (Field | undefined)[] = []

  /** undefined: no journal file. */
  static parse(path: string, bytes: Bytes): JournalFile | undefined {
    const header = decodeHeader(bytes)
    return header === undefined ? undefined : new JournalFile(path, header, bytes)
  }

  private constructor(path: string, header: JournalFileHeader, bytes: Bytes) {
    this.path = path
    this.header = header
    this.bytes = bytes
    this.length = bytes.length
    this.scan()
  }

  /** Bytes of the file that have been taken. */
  get size(): number {
    return this.length
  }

  get dataCount(): number {
    return this.dataStart.length
  }

  get entryCount(): number {
    return this.seqnums.length
  }

  append(more: Bytes): void {
    if (this.length + more.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more.length))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    this.bytes.set(more, this.length)
    this.length += more.length
    this.scan()
  }

  /** The field behind a number. */
  field(number: number): Field {
    const held = this.decoded[number]
    if (held !== undefined) return held
    const data = this.bytes.subarray(this.dataStart[number]!, this.dataEnd[number]!)
    const equals = data.indexOf(0x3d)
    const field: Field = [decodeUtf8(data.subarray(0, equals)), fieldValue(data.subarray(equals + 1))]
    this.decoded[number] = field
    return field
  }

  /** The number of `FIELD=value`; undefined when no entry has it. */
  numberOf(data: Bytes): number | undefined {
    for (let number = 0; number < this.dataStart.length; number += 1) {
      const start = this.dataStart[number]!
      if (this.dataEnd[number]! - start !== data.length) continue
      let same = 0
      while (same < data.length && this.bytes[start + same] === data[same]) same += 1
      if (same === data.length) return number
    }
    return undefined
  }

  itemsOf(index: number): readonly number[] {
    return this.items[index]!
  }

  /** First and last time of each boot that has entries here. */
  bootSpans(): readonly { readonly id: string; readonly firstUsec: Usec; readonly lastUsec: Usec }[] {
    const spans = new Map<number, { firstUsec: Usec; lastUsec: Usec }>()
    for (const [index, boot] of this.boots.entries()) {
      const usec = this.realtimes[index]!
      const held = spans.get(boot)
      if (held === undefined) spans.set(boot, { firstUsec: usec, lastUsec: usec })
      else held.lastUsec = usec
    }
    return [...spans].map(([boot, span]) => ({ id: this.field(boot)[1] as string, ...span }))
  }

  realtimeOf(index: number): Usec {
    return this.realtimes[index]!
  }

  entry(index: number): Entry {
    const file = this
    return {
      seqnum: this.seqnums[index]!,
      seqnumId: this.header.seqnumId,
      realtimeUsec: this.realtimes[index]!,
      monotonicUsec: this.monotonics[index]!,
      bootId: this.field(this.boots[index]!)[1] as string,
      get(name) {
        for (const number of file.items[index]!) {
          const field = file.field(number)
          if (field[0] === name) return field[1]
        }
        return undefined
      },
      fields: () => file.items[index]!.map((number) => file.field(number)),
    }
  }

  private scan(): void {
    for (;;) {
      const record = this.parsed
      if (record >= this.length) return
      let offset = record + 1
      const bytes = this.bytes
      const length = this.length
      let short = false
      const number = (): number => {
        let value = 0
        let factor = 1
        for (;;) {
          if (offset >= length) {
            short = true
            return 0
          }
          const byte = bytes[offset++]!
          if (byte < 0x80) return value + byte * factor
          value += (byte & 0x7f) * factor
          factor *= 0x80
        }
      }
      if (bytes[record] === DATA) {
        const size = number()
        if (short || offset + size > length) return
        this.dataStart.push(offset)
        this.dataEnd.push(offset + size)
        this.parsed = offset + size
      } else if (bytes[record] === ENTRY) {
        const [seqnum, realtime, monotonic, boot, count] = [number(), number(), number(), number(), number()]
        if (short) return
        const items: number[] = []
        for (let item = 0; item < count && !short; item += 1) items.push(number())
        if (short) return
        this.seqnums.push(seqnum)
        this.realtimes.push(realtime)
        this.monotonics.push(monotonic)
        this.boots.push(boot)
        this.items.push(items)
        this.parsed = offset
      } else {
        this.length = record // damaged: nothing after it can be trusted
        return
      }
    }
  }
}
