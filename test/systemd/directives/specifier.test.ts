import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expandSpecifiers, listSpecifiers, specifierHost } from '@/lib/systemd/directives'
import { makeTree, treeReader } from '../analyze/tree-reader'

const tree = makeTree({
  units: {},
  executables: [],
  symlinks: {},
  top: ['etc', 'usr', 'run', 'var'],
  passwd: 'root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n',
  group: 'root:x:0:\nada:x:1000:\n',
})
const files = {
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/systemd/system/web-app@.service': '',
  '/etc/systemd/system/multi-user.target.wants/web-app@a.service': { symlink: '../web-app@.service' },
}
const host = specifierHost(treeReader(tree, files), {
  scope: 'system',
  hostname: 'lab.example.org',
  kernelRelease: '6.12.1',
  environment: new Map(),
})
const unit = { id: 'web-app@a\\x2db.service', fragmentPath: '/etc/systemd/system/web-app@.service' }
const expand = (text: string) => {
  const value = expandSpecifiers(text, 'full', 1 << 20, unit, host)
  return typeof value === 'string' ? value : value.name
}

test.each([
  ['%n %N %p %P', 'web-app@a\\x2db.service web-app@a\\x2db web-app web/app'],
  ['%i %I %j %J', 'a\\x2db a-b app app'],
  ['%f', '/a-b'],
  ['%H %l %q', 'lab.example.org lab lab'],
  ['%m', '0123456789abcdef0123456789abcdef'],
  ['%o %w %v', 'debian 13 6.12.1'],
  ['%t %S %C %L %E %T %V', '/run /var/lib /var/cache /var/log /etc /tmp /var/tmp'],
  ['%u %U %g %G %h %s', 'root 0 root 0 /root /bin/bash'],
  ['%y %Y', '/etc/systemd/system/web-app@.service /etc/systemd/system'],
  ['100%% %', '100% %'],
  ['%-', '%-'],
  ['%z', 'EBADSLT'],
])('%s', (text, expected) => expect(expand(text)).toBe(expected))

test('what stands in a text is told with its values', () => {
  expect(listSpecifiers('a %i %% %z', unit, host)).toMatchObject([
    { letter: 'i', value: 'a\\x2db' },
    { letter: '%', value: '%' },
    { letter: 'z', value: { name: 'EBADSLT' } },
  ])
})

test('a text that grows beyond its bound is refused', () => {
  expect(expandSpecifiers('%n%n%n', 'full', 40, unit, host)).toMatchObject({ name: 'ENAMETOOLONG' })
})

test('the recorded values, where they do not depend on the machine', () => {
  const file = new URL('../../conformance/recordings/corpus/specifiers.jsonl', import.meta.url)
  type Recorded = { unit: string; user: boolean; expand?: { 257?: Record<string, string> } }
  const wrong: string[] = []
  let seen = 0
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const recorded = JSON.parse(line) as Recorded
    const recordedValues = recorded.expand?.[257]
    if (recorded.user || recordedValues === undefined) continue
    for (const letter of 'fiIjJnNpP') {
      const expected = recordedValues[letter]
      if (expected === undefined) continue
      seen++
      const value = expandSpecifiers(`%${letter}`, 'full', 1 << 20, { id: recorded.unit, fragmentPath: `/u/${recorded.unit}` }, host)
      if (value !== expected) wrong.push(`${recorded.unit} %${letter}: ${JSON.stringify(value)}, not ${expected}`)
    }
  }
  expect(wrong.slice(0, 10)).toEqual([])
  expect(seen).toBeGreaterThan(150)
})
