// Text and bytes. TextEncoder/TextDecoder are deterministic and exist in every host.
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

export type Bytes = Uint8Array

export function encodeUtf8(text: string): Bytes {
  return encoder.encode(text)
}

/** Bytes that are no UTF-8 become U+FFFD. */
export function decodeUtf8(bytes: Bytes): string {
  return decoder.decode(bytes)
}

export function isUtf8(bytes: Bytes): boolean {
  try {
    strictDecoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

export function concatBytes(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
