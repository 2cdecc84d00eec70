import { describe, expect, test } from 'vitest'
import { errno, isErrno } from '@/lib/kernel'
import {
  cunescape,
  decodeBase64,
  parseAddressPrefix,
  parseBoolean,
  parseErrno,
  parseMode,
  parsePermyriad,
  parseRange,
  parseSize,
  parseUint64,
  splitWords,
  type WordFlags,
} from '@/lib/systemd/directives'

const named = (value: unknown) => (typeof value === 'object' && value !== null && 'name' in value ? value.name : value)

describe('words', () => {
  const unquote: WordFlags = { unquote: true }
  const decode: WordFlags = { unquote: true, cunescape: true }
  test.each<readonly [string, WordFlags, readonly string[] | string]>([
    ['', {}, []],
    ['  a\tb  ', {}, ['a', 'b']],
    [`a "b c" 'd e'f`, {}, ['a', '"b', `c"`, `'d`, `e'f`]],
    [`a "b c" 'd e'f`, unquote, ['a', 'b c', 'd ef']],
    [`"" ''`, unquote, ['', '']],
    [`"open`, unquote, 'EINVAL'],
    [`"open`, { unquote: true, relax: true }, ['open']],
    ['a\\', unquote, 'EINVAL'],
    ['a\\', { unquote: true, relax: true }, ['a']],
    [String.raw`a\ b \"c`, unquote, ['a b', '"c']],
    [String.raw`\x41\102\u00e9\n\s`, decode, ['AB\u00e9\n ']],
    [String.raw`\q`, decode, 'EINVAL'],
    [String.raw`\q`, { ...decode, unescapeRelax: true }, [String.raw`\q`]],
    [String.raw`\x4`, decode, 'EINVAL'],
    [String.raw`a\tb`, { retainEscape: true }, [String.raw`a\tb`]],
  ])('%j %j', (text, flags, expected) => expect(named(splitWords(text, flags))).toEqual(expected))

  test('other separators, empty words kept', () => {
    expect(splitWords('a::b:', { dontCoalesce: true }, ':')).toEqual(['a', '', 'b', ''])
    expect(splitWords('a::b:', {}, ':')).toEqual(['a', 'b'])
    expect(splitWords(String.raw`a\:b:c`, { unescapeSeparators: true }, ':')).toEqual(['a:b', 'c'])
  })

  test('a long text takes linear time', () => {
    const many = 'word '.repeat(200_000)
    expect(splitWords(many, decode)).toHaveLength(200_000)
  })
})

describe('escapes', () => {
  test.each<readonly [string, string]>([
    [String.raw`\a\b\f\r\t\v\\\"\'`, '\x07\b\f\r\t\v\\"\''],
    [String.raw`\xc3\xa9`, '\u00e9'],
    [String.raw`\U0001f600`, '\u{1f600}'],
  ])('%s', (text, expected) => expect(cunescape(text)).toBe(expected))
  test.each([String.raw`\x00`, String.raw`\000`, String.raw`\400`, String.raw`\ud800`, '\\'])('%s is none', (text) =>
    expect(isErrno(cunescape(text))).toBe(true),
  )
})

describe('numbers', () => {
  test.each<readonly [string, unknown]>([
    ['yes', true],
    ['Y', true],
    ['on', true],
    ['0', false],
    ['OFF', false],
    ['2', 'EINVAL'],
    ['', 'EINVAL'],
  ])('boolean %j', (text, expected) => expect(named(parseBoolean(text))).toBe(expected))

  test.each<readonly [string, unknown]>([
    ['0', 0n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 'ERANGE'],
    ['-1', 'ERANGE'],
    ['0x10', 16n],
    ['0b11', 3n],
    ['0o17', 15n],
    ['010', 8n],
    [' 7', 7n],
    ['7 ', 'EINVAL'],
    ['', 'EINVAL'],
  ])('integer %j', (text, expected) => expect(named(parseUint64(text))).toBe(expected))

  test.each<readonly [string, 1000 | 1024, unknown]>([
    ['1K', 1024, 1024n],
    ['1K', 1000, 1000n],
    ['1.5G', 1024, 1610612736n],
    ['1G 500M', 1024, 1598029824n],
    ['1M1G', 1024, 'EINVAL'],
    ['16E', 1024, 'ERANGE'],
    ['-1', 1024, 'ERANGE'],
  ])('size %j by %i', (text, base, expected) => expect(named(parseSize(text, base))).toBe(expected))

  test('modes, shares, ranges, networks', () => {
    expect(parseMode('0755')).toBe(0o755)
    expect(named(parseMode('0789'))).toBe('EINVAL')
    expect(named(parseMode('77777'))).toBe('ERANGE')
    expect(parsePermyriad('12.34%')).toBe(1234)
    expect(parsePermyriad('5‰')).toBe(50)
    expect(named(parsePermyriad('101%'))).toBe('ERANGE')
    expect(parseRange('3-5')).toEqual([3, 5])
    expect(parseAddressPrefix('10.0.0.1/8')).toBe('10.0.0.0/8')
    expect(named(parseAddressPrefix('10.0.0.1/33'))).toBe('ERANGE')
    expect(parseErrno('eperm')).toBe('EPERM')
    expect(parseErrno('4096')).toBe(errno.ERANGE)
    expect(decodeBase64('aGk=')).toEqual(Uint8Array.of(104, 105))
  })
})
