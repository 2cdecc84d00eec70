import { describe, expect, test } from 'vitest'
import { consoleWidth, ellipsize, formatTable, formatVerticalTable, headerRow } from '@/lib/base'

describe('text tables', () => {
  test('columns are as wide as they need, numbers to the right', () => {
    const rows = [
      headerRow(['NAME', 'STATUS', 'CLASS'], [{}, { alignPercent: 100 }]),
      [{ text: 'USAGE' }, { text: '64', alignPercent: 100 }, { text: 'BSD' }],
    ]
    expect(formatTable(rows)).toBe('NAME  STATUS CLASS\nUSAGE     64 BSD\n')
  })

  test('a narrow terminal cuts', () => {
    const rows = [
      [{ text: 'abcdefghij' }, { text: 'klmnopqrst' }],
      [{ text: 'x' }, { text: 'y' }],
    ]
    expect(formatTable(rows, { width: 11 })).toBe('abcd… klmn…\nx     y\n')
  })

  test('colours, underlined headings and links', () => {
    const text = formatTable(
      [
        headerRow(['A', 'B']),
        [
          { text: 'x', color: '\x1b[0;32m' },
          { text: 'y', url: 'http://z' },
        ],
      ],
      { colors: true, urlify: true, header: true },
    )
    expect(text).toBe('\x1b[4mA\x1b[0m\x1b[4m \x1b[0m\x1b[4mB\x1b[0m\n\x1b[0;32mx\x1b[0m \x1b]8;;http://z\x1b\\y\x1b]8;;\x1b\\\n')
  })

  test('vertical', () => {
    expect(
      formatVerticalTable([
        ['Original form', { text: 'x ' }],
        ['Next', { text: 'yyy' }],
      ]),
    ).toBe('Original form: x\n         Next: yyy\n')
  })

  test('widths of the console', () => {
    expect([consoleWidth('abc'), consoleWidth('日本'), consoleWidth('😨')]).toEqual([3, 4, 2])
    expect([ellipsize('abcdefgh', 5, 100), ellipsize('abcdefgh', 5, 50), ellipsize('abcdefgh', 5, 0)]).toEqual(['abcd…', 'ab…gh', '…efgh'])
  })
})
