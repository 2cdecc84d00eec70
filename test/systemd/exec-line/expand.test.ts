import { describe, expect, test } from 'vitest'
import { expandCommand } from '@/lib/systemd/exec-line'

const env = { ONE: 'one', TWO: 'two words', QUOTED: `a "b c" d`, EMPTY: '' }

describe('variables in command lines', () => {
  test.each<readonly [string[], string[]]>([
    [
      ['/bin/echo', '$ONE'],
      ['/bin/echo', 'one'],
    ],
    [
      ['/bin/echo', '$TWO'],
      ['/bin/echo', 'two', 'words'],
    ],
    [
      ['/bin/echo', '${TWO}'],
      ['/bin/echo', 'two words'],
    ],
    [
      ['/bin/echo', 'x$ONE'],
      ['/bin/echo', 'x$ONE'],
    ],
    [
      ['/bin/echo', 'x${ONE}y'],
      ['/bin/echo', 'xoney'],
    ],
    [
      ['/bin/echo', '$QUOTED'],
      ['/bin/echo', 'a', 'b c', 'd'],
    ],
    [
      ['/bin/echo', '$EMPTY', 'end'],
      ['/bin/echo', 'end'],
    ],
    [
      ['/bin/echo', '${EMPTY}', 'end'],
      ['/bin/echo', '', 'end'],
    ],
    [
      ['/bin/echo', '$$', '$$ONE', '100$'],
      ['/bin/echo', '$', '$ONE', '100$'],
    ],
    [
      ['/bin/echo', '${not valid}', '$not-valid', '$'],
      ['/bin/echo', ''],
    ],
    [
      ['/bin/echo', '${ONE:-${TWO}}', '${ONE', '$x${ONE}', '$$${ONE}'],
      ['/bin/echo', '${ONE:-two words}', '${ONE', '$one'],
    ],
    [
      ['/bin/echo', '$constructor', '${__proto__}'],
      ['/bin/echo', ''],
    ],
  ])('%j → %j', (argv, expected) => {
    expect(expandCommand({ argv, noEnvironmentExpansion: false }, env).argv).toEqual(expected)
  })

  test('names that are not set and those that cannot be are told once', () => {
    expect(expandCommand({ argv: ['a', '$NO', '${NO}x', '${NEITHER}', '$1'], noEnvironmentExpansion: false }, env)).toEqual({
      argv: ['a', 'x', ''],
      unset: ['NEITHER', 'NO'],
      invalid: ['1'],
    })
  })

  test('the colon prefix leaves words alone', () => {
    expect(expandCommand({ argv: ['a', '$ONE'], noEnvironmentExpansion: true }, env).argv).toEqual(['a', '$ONE'])
  })
})
