import { describe, expect, test } from 'vitest'
import { compareVersions, expandBraces, globMatches, pathIsNormalized, pathSimplify, pathStartsWith, readCompareOperator } from '@/lib/base'

describe('globs', () => {
  test.each([
    ['*.service', 'web.service', true],
    ['*.service', 'web.socket', false],
    ['[!a]?c', 'bbc', true],
    ['[a-c]', 'B', false],
    ['[]x]', ']', true],
    ['a\\*', 'a*', true],
    ['[[:digit:]]*', '7up', true],
    ['[x', '[x', true],
  ])('%s and %s', (pattern, text, expected) => expect(globMatches(pattern, text)).toBe(expected))

  test('options', () => {
    expect(globMatches('*', '.hidden', { period: true })).toBe(false)
    expect(globMatches('/a/*', '/a/b/c', { pathname: true })).toBe(false)
    expect(globMatches('VM', 'vm', { casefold: true })).toBe(true)
  })

  test('braces', () => expect(expandBraces('/{a,b{c,d}}/{}x')).toEqual(['/a/{}x', '/bc/{}x', '/bd/{}x']))
})

describe('paths', () => {
  test.each([
    ['//foo///bar//', '/foo/bar'],
    ['/./a/./b/.', '/a/b'],
    ['/../..', '/'],
    ['a/../b', 'a/../b'],
    ['./', '.'],
  ])('%s', (path, simple) => expect(pathSimplify(path)).toBe(simple))

  test('normalized, and under another', () => {
    expect(['/a/b', '/a//b', '/a/../b', '/a/.', ''].map(pathIsNormalized)).toEqual([true, false, false, false, false])
    expect([pathStartsWith('/usr/lib', '/usr/'), pathStartsWith('/usrlib', '/usr')]).toEqual(['lib', undefined])
  })
})

describe('versions', () => {
  test.each([
    ['1.0~rc1', '1.0', -1],
    ['123', '123-a1', -1],
    ['1.0^post', '1.0-2', 1],
    ['00123', '123', 0],
    ['1.0_x', '1.0-1', 1],
    ['6.12.63-cloud', '6.9', 1],
    ['Z', 'a', -1],
    ['', '~', 1],
  ])('%s and %s', (a, b, order) => {
    expect(compareVersions(a, b)).toBe(order)
    expect(compareVersions(b, a)).toBe(order === 0 ? 0 : -order)
  })

  test('operators', () => {
    expect(readCompareOperator('>=5')).toEqual(['>=', '5'])
    expect(readCompareOperator('=5', { equalByString: true })).toEqual(['string-equal', '5'])
    expect(readCompareOperator('le5')).toBeUndefined()
    expect(readCompareOperator('le5', { textual: true })).toEqual(['<=', '5'])
  })
})
