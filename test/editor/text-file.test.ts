import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFile, encodeFile } from '@/components/editor/text-file'

const bytes = (text: string) => new TextEncoder().encode(text)
const edit = (before: string, change: (text: string) => string) => {
  const file = decodeFile(bytes(before))
  if (file === undefined) throw new Error('not text')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(encodeFile(change(file.text), file))
}

describe('bytes of a file in the editor', () => {
  test('what was not edited is the same, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'é', '한', '\n', '\r\n', '\r', '\ufeff', ' ')), (parts) => {
        const before = parts.join('')
        expect(edit(before, (text) => text)).toBe(before)
      }),
    )
  })

  test.each([
    ['a new line gets the ending of most lines', 'a\r\nb\r\n', (text: string) => `${text}c\n`, 'a\r\nb\r\nc\r\n'],
    ['lines around an edit keep their own endings', 'a\r\nb\nc\r\nd\n', (text: string) => text.replace('b', 'B'), 'a\r\nB\nc\r\nd\n'],
    ['a BOM stays', '\ufeff[Unit]\n', (text: string) => `${text}After=a.service\n`, '\ufeff[Unit]\nAfter=a.service\n'],
    ['no newline at the end is added', 'a\nb', (text: string) => text.replace('a', 'x'), 'x\nb'],
    ['a removed line takes its ending with it', 'a\nb\r\nc\n', (text: string) => text.replace('b\n', ''), 'a\nc\n'],
  ])('%s', (_name, before, change, after) => {
    expect(edit(before, change)).toBe(after)
  })

  test('what is no UTF-8, or holds NUL, is no text', () => {
    expect(decodeFile(Uint8Array.of(0xff, 0x41))).toBeUndefined()
    expect(decodeFile(bytes('a\0b'))).toBeUndefined()
  })
})
