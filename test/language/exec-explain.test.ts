import { describe, expect, test } from 'vitest'
import { explainExecLine } from '@/lib/language'
import { specifierHost } from '@/lib/systemd/directives'
import { SYSTEM, treeReader } from './tree'

const specifiers = specifierHost(treeReader(SYSTEM), { scope: 'system', hostname: 'lab', kernelRelease: '6.12' })
const explain = (line: string, environment: Record<string, string> = {}) =>
  explainExecLine(line, { language: 'en', unit: 'web@one.service', specifiers, environment })

describe('a command line taken apart', () => {
  test.each<readonly [string, Record<string, string>, readonly (readonly string[])[]]>([
    ['/usr/bin/web --port 80', {}, [['/usr/bin/web', '--port', '80']]],
    ['/usr/bin/web "a b" \'c d\' e\\x20f', {}, [['/usr/bin/web', 'a b', 'c d', 'e f']]],
    ['/usr/bin/web $A ${A} x${A}y x$A', { A: '1  2' }, [['/usr/bin/web', '1', '2', '1  2', 'x1  2y', 'x$A']]],
    ['/usr/bin/web $NONE ${NONE} $$A', {}, [['/usr/bin/web', '', '$A']]],
    [':/usr/bin/web $A', { A: '1' }, [['/usr/bin/web', '$A']]],
    ['@/usr/bin/web name -x', {}, [['name', '-x']]],
    ['/usr/bin/web %i %% %p', {}, [['/usr/bin/web', 'one', '%', 'web']]],
    ['/bin/true ; /bin/false a \\; b', {}, [['/bin/true'], ['/bin/false', 'a', ';', 'b']]],
  ])('%s', (line, environment, argvs) => {
    expect(explain(line, environment).commands.map((one) => one.argv)).toEqual(argvs)
  })
  test('prefixes', () => {
    const { prefixes } = explain('-!!:/usr/bin/web').commands[0]!
    expect(prefixes.map((one) => one.char)).toEqual(['-', '!!', ':'])
    expect(prefixes[0]!.meaning).toMatch(/failure/)
  })
  test('what a shell would do', () => {
    expect(explain('/usr/bin/web ~/x *.txt | tee > out && b').shell.map((one) => one.text)).toEqual(['~/x', '*.txt', '|', '>', '&&'])
    expect(explain("/bin/sh -c 'a | b'").shell).toEqual([])
    expect(explain('/usr/bin/web "a | b"').shell).toEqual([])
  })
  test('faults', () => {
    expect(explain('/usr/bin/web "a').faults).toHaveLength(1)
    expect(explain('').faults).toHaveLength(1)
  })
})
