// Bytes ↔ text. A BOM and every line's own ending survive, also in files that mix them: untouched lines keep their bytes.
export type LineEnding = '\n' | '\r\n'

export type DecodedFile = {
  /** Lines joined with `\n`, without a BOM. */
  readonly text: string
  readonly bom: boolean
  /** What new lines get: the one that most lines have. */
  readonly ending: LineEnding
  /** The ending of each line as it lies on disk; the last is empty when the file does not end in one. */
  readonly endings: readonly string[]
}

const bomBytes = [0xef, 0xbb, 0xbf] as const

/** undefined: not UTF-8 (or holds NUL), so it must not be edited as text. */
export function decodeFile(bytes: Uint8Array): DecodedFile | undefined {
  const bom = bomBytes.every((byte, index) => bytes[index] === byte)
  let raw: string
  try {
    raw = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bom ? bytes.subarray(3) : bytes)
  } catch {
    return undefined
  }
  if (raw.includes('\0')) return undefined
  const endings = raw.match(/\r\n|\r|\n/g) ?? []
  const windows = endings.filter((one) => one === '\r\n').length
  return {
    text: raw.replace(/\r\n?/g, '\n'),
    bom,
    ending: windows > endings.length / 2 ? '\r\n' : '\n',
    endings: [...endings, ''],
  }
}

/** The bytes of an edited text: unchanged lines at the top and at the bottom keep their own endings. */
export function encodeFile(text: string, original: DecodedFile): Uint8Array {
  const before = original.text.split('\n')
  const after = text.replace(/\r\n?/g, '\n').split('\n')
  let top = 0
  while (top < before.length && top < after.length && before[top] === after[top]) top += 1
  let bottom = 0
  while (bottom < before.length - top && bottom < after.length - top && before.at(-1 - bottom) === after.at(-1 - bottom)) bottom += 1
  const endingOf = (index: number): string => {
    if (index === after.length - 1) return ''
    const same = index < top ? index : index >= after.length - bottom ? before.length - (after.length - index) : -1
    const own = same < 0 ? undefined : original.endings[same]
    return own === undefined || own === '' ? original.ending : own
  }
  const body = new TextEncoder().encode(after.map((line, index) => line + endingOf(index)).join(''))
  if (!original.bom) return body
  const bytes = new Uint8Array(body.length + 3)
  bytes.set(bomBytes)
  bytes.set(body, 3)
  return bytes
}

export const emptyFile: DecodedFile = { text: '', bom: false, ending: '\n', endings: [''] }

/** Something to look at for what is no text: each byte that is no ASCII as `·`. */
export const showBytes = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 65_536), (byte) => (byte === 10 || (byte >= 32 && byte < 127) ? String.fromCharCode(byte) : '·')).join('')

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index])
