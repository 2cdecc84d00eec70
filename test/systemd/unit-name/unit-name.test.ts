import { describe, expect, test } from 'vitest'
import {
  sliceBuildSubslice,
  sliceParent,
  sliceToCgroup,
  unitNameBuild,
  unitNameEscape,
  unitNameFromPath,
  unitNameKind,
  unitNameMangle,
  unitNamePathEscape,
  unitNamePathUnescape,
  unitNameReplaceInstance,
  unitNameTemplate,
  unitNameToInstance,
  unitNameToPath,
  unitNameToPrefix,
  unitNameUnescape,
} from '@/lib/systemd/unit-name'

describe('which names are unit names', () => {
  test.each([
    ['foo.service', 'plain'],
    ['foo@.service', 'template'],
    ['foo@a@b.service', 'instance'],
    ['@.service', undefined],
    ['foo', undefined],
    ['.service', undefined],
    ['foo.bar', undefined],
    ['f oo.service', undefined],
    [`${'a'.repeat(247)}.service`, 'plain'],
    [`${'a'.repeat(248)}.service`, undefined],
  ])('%s', (name, kind) => expect(unitNameKind(name)).toBe(kind))
})

test('parts and building', () => {
  expect(unitNameToPrefix('foo@bar.service')).toBe('foo')
  expect(unitNameToInstance('foo@bar.service')).toBe('bar')
  expect(unitNameToInstance('foo.service')).toBeUndefined()
  expect(unitNameTemplate('foo@bar.service')).toBe('foo@.service')
  expect(unitNameReplaceInstance('foo@.service', 'x@y')).toBe('foo@x@y.service')
  expect(unitNameReplaceInstance('foo@.service', '')).toBeUndefined()
  expect(unitNameBuild('foo', '', '.timer')).toBe('foo@.timer')
})

test.each([
  ['Hallöchen, Meister', 'Hall\\xc3\\xb6chen\\x2c\\x20Meister'],
  ['.foo', '\\x2efoo'],
  ['/a-b', '-a\\x2db'],
])('escaping %j', (text, escaped) => {
  expect(unitNameEscape(text)).toBe(escaped)
  expect(unitNameUnescape(escaped)).toBe(text)
})

test('paths', () => {
  expect(unitNamePathEscape('/')).toBe('-')
  expect(unitNamePathEscape('/..')).toBe('-')
  expect(unitNamePathEscape('/foo//bar/')).toBe('foo-bar')
  expect(unitNamePathEscape('/foo/../bar')).toBeUndefined()
  expect(unitNamePathUnescape('foo-bar')).toBe('/foo/bar')
  expect(unitNamePathUnescape('-foo')).toBeUndefined()
  expect(unitNameFromPath('/home', '.mount')).toBe('home.mount')
  expect(unitNameToPath('-.mount')).toBe('/')
})

test('a path too long for a name ends in a hash, always the same', () => {
  const name = unitNameFromPath(`/${'a'.repeat(200)}/${'b'.repeat(200)}`, '.mount')
  expect(name).toHaveLength(255)
  expect(name).toMatch(/_[0-9a-f]{16}\.mount$/)
  expect(unitNameFromPath(`/${'a'.repeat(200)}/${'b'.repeat(200)}`, '.mount')).toBe(name)
  expect(unitNameToPath(name!)).toBeUndefined()
})

describe('what people type', () => {
  test.each([
    ['web', 'web.service', []],
    ['/home', 'home.mount', []],
    ['/dev/sda1', 'dev-sda1.device', []],
    ['foo bar', 'foo\\x20bar.service', ['Invalid unit name "foo bar" escaped as "foo\\x20bar" (maybe you should use systemd-escape?).']],
    [
      '*.timer',
      '\\x2a.timer',
      ['Glob pattern passed, but globs are not supported for this.', 'Invalid unit name "*.timer" escaped as "\\x2a.timer".'],
    ],
  ])('%j', (typed, name, notices) => expect(unitNameMangle(typed)).toEqual({ name, notices }))

  test('patterns pass where they may', () => expect(unitNameMangle('*.timer', { glob: true })?.name).toBe('*.timer'))
})

test('slices', () => {
  expect(sliceParent('a-b.slice')).toBe('a.slice')
  expect(sliceParent('a.slice')).toBe('-.slice')
  expect(sliceToCgroup('a-b-c.slice')).toBe('a.slice/a-b.slice/a-b-c.slice')
  expect(sliceBuildSubslice('-.slice', 'x')).toBe('x.slice')
  expect(sliceParent('a--b.slice')).toBeUndefined()
})
