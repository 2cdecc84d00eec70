// The core is pure: no ambient time, chance, asynchrony or host in the engine's folders.
import { describe, expect, test } from 'vitest'
import { sources, withoutComments } from './sources'

const pureFolders = ['lib/base', 'lib/kernel', 'lib/journal', 'lib/systemd', 'lib/shell', 'lib/programs', 'lib/language', 'lib/machine']
/** The parts of lib/machine that face an asynchronous host. */
const hostFacing = /^lib\/machine\/(worker|client|protocol|host-[\w-]+|client-[\w-]+|worker-[\w-]+)(\.ts$|\/)/

const banned: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'Date', pattern: /\bnew Date\b|\bDate\.(now|UTC|parse)\b|\bDate\(/ },
  { name: 'Math.random', pattern: /\bMath\.random\b/ },
  { name: 'Intl', pattern: /\bIntl\.|\.toLocale\w*\(|\.localeCompare\(/ },
  { name: 'a timer', pattern: /(?<![.\w])(setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\s*\(/ },
  { name: 'performance', pattern: /(?<![.\w])performance\./ },
  { name: 'crypto', pattern: /(?<![.\w])crypto\./ },
  { name: 'Promise', pattern: /\bnew Promise\b|\bPromise\.\w+\(|\bPromise</ },
  { name: 'async', pattern: /\basync\s+(function|\(|\w+\s*=>|\*)|\bawait\s/ },
  {
    name: 'the DOM',
    pattern:
      /(?<![.\w'])(window\.|navigator\.|localStorage|indexedDB|document\.(body|head|cookie|create\w+|query\w+|get\w+By|addEventListener|documentElement))/,
  },
  { name: 'a Node module', pattern: /from 'node:|\brequire\(/ },
]

/** Code alone: comments, strings and regular expressions out, so that words in messages do not count. */
function code(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
}

describe('banned names in the pure layers', () => {
  for (const folder of pureFolders) {
    test(folder, () => {
      const wrong: string[] = []
      for (const source of sources(folder)) {
        if (hostFacing.test(source.path)) continue
        for (const [index, line] of code(source.text).split('\n').entries())
          for (const { name, pattern } of banned)
            if (pattern.test(line)) wrong.push(`${source.path}:${index + 1} uses ${name}: ${line.trim().slice(0, 100)}`)
      }
      expect(wrong).toEqual([])
    })
  }

  test('file names that say nothing are not used', () => {
    const vague = [...sources('lib'), ...sources('components'), ...sources('app')]
      .map((source) => source.path)
      .filter((path) => /(^|\/)(utils?|helpers?|misc|common|types|constants)(\/|\.tsx?$)/.test(path))
    expect(vague).toEqual([])
  })

  test('sources speak of the product alone', () => {
    const words = /\/(work|tmp)\/(main|shared|team|\.library)|sub-?agent|\bclaude\b|registry\.npmjs|this session's|helper-\d/i
    const wrong = [...sources('lib'), ...sources('components'), ...sources('app'), ...sources('content')]
      .filter((source) => words.test(source.text))
      .map((source) => source.path)
    expect(wrong).toEqual([])
  })
})
