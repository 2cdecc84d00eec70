// What loading says about a file: systemd's words, and where in the text they belong.
import type { Severity } from '../directives'

export type Diagnostic = {
  readonly severity: Severity
  /** Without place: `Unknown section 'Foo'. Ignoring.` */
  readonly message: string
  /** The line that systemd prints: `/etc/systemd/system/foo.service:3: …`, `foo.service: …`. */
  readonly text: string
  /** '' where the message names no file. */
  readonly file: string
  /** From 1; 0 where the message names no line. */
  readonly line: number
  /** Offsets (UTF-16) into the file's text, when it belongs to a place there. */
  readonly from?: number
  readonly to?: number
  readonly section?: string
  readonly directive?: string
}

/** The most that systemd prints of a message about a line, place included, in bytes; `MESSAGE=` has its share of the buffer. */
const LINE_MESSAGE_MAX = 2047 - 'MESSAGE='.length
/** The most of any other message. */
export const MESSAGE_MAX = 2047

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Cuts a text to so many bytes, as a C buffer does. */
export function truncateBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  const encoded = encoder.encode(text)
  return encoded.length <= bytes ? text : decoder.decode(encoded.subarray(0, bytes))
}

/** What a message about a line of a file comes to. */
export const textAtLine = (file: string, line: number, message: string): string =>
  truncateBytes(`${file}:${line}: ${truncateBytes(message, MESSAGE_MAX)}`, LINE_MESSAGE_MAX)
