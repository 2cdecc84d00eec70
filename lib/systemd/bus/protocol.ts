// The frames between a client and the manager: one JSON object a line over /run/systemd/private.
// Numbers of D-Bus that JSON has not: infinity (UINT64_MAX) and 64-bit masks are kept by a marker.
import { decodeUtf8, encodeUtf8, type Bytes } from '@/lib/base'

export const PRIVATE_SOCKET = '/run/systemd/private'

/** A value of a property or argument. `Infinity` stands for UINT64_MAX; masks are bigint. */
export type Value = string | number | boolean | bigint | undefined | readonly Value[] | { readonly [name: string]: Value }
export type Properties = Readonly<Record<string, Value>>

/** What D-Bus calls an error reply: a name such as `org.freedesktop.systemd1.NoSuchUnit` and words for people. */
export class BusError {
  readonly name: string
  readonly message: string

  constructor(name: string, message: string) {
    this.name = name
    this.message = message
  }
}

export function isBusError(value: unknown): value is BusError {
  return value instanceof BusError
}

export type Request = {
  readonly id: number
  readonly member: string
  readonly args: readonly Value[]
  /** polkit agreed (the caller gave a password). */
  readonly authorized?: boolean
}
export type Reply = { readonly id: number; readonly result?: Value; readonly error?: { readonly name: string; readonly message: string } }
export type SignalFrame = { readonly signal: string; readonly args: readonly Value[] }
export type Frame = Request | Reply | SignalFrame

const INFINITY_MARK = '\u0000inf'
const BIGINT_MARK = '\u0000n'

export function encodeFrame(frame: Frame): string {
  return `${JSON.stringify(frame, (_key, value: unknown) => {
    if (value === Number.POSITIVE_INFINITY) return INFINITY_MARK
    if (typeof value === 'bigint') return `${BIGINT_MARK}${value}`
    return value
  })}\n`
}

export function decodeFrame(line: string): Frame {
  return JSON.parse(line, (_key, value: unknown) => {
    if (typeof value !== 'string' || value.charCodeAt(0) !== 0) return value
    if (value === INFINITY_MARK) return Number.POSITIVE_INFINITY
    return value.startsWith(BIGINT_MARK) ? BigInt(value.slice(BIGINT_MARK.length)) : value
  }) as Frame
}

/** Collects bytes and hands out whole lines. */
export class LineBuffer {
  private held: Uint8Array = new Uint8Array(0)

  push(chunk: Bytes): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const part = chunk.subarray(start, end)
      lines.push(decodeUtf8(this.held.length === 0 ? part : join(this.held, part)))
      this.held = new Uint8Array(0)
      start = end + 1
    }
    if (start < chunk.length) this.held = join(this.held, chunk.subarray(start))
    return lines
  }
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length)
  whole.set(one)
  whole.set(other, one.length)
  return whole
}

export function frameBytes(frame: Frame): Bytes {
  return encodeUtf8(encodeFrame(frame))
}

/** `foo.service` → `/org/freedesktop/systemd1/unit/foo_2eservice`. */
export function unitPath(name: string): string {
  return `/org/freedesktop/systemd1/unit/${labelEscape(name)}`
}

export function jobPath(id: number): string {
  return `/org/freedesktop/systemd1/job/${id}`
}

function labelEscape(text: string): string {
  if (text === '') return '_'
  let out = ''
  for (const byte of encodeUtf8(text)) {
    const character = String.fromCharCode(byte)
    const plain = /[A-Za-z]/.test(character) || (/\d/.test(character) && out !== '')
    out += plain ? character : `_${byte.toString(16).padStart(2, '0')}`
  }
  return out
}
