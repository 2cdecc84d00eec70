import { describe, expect, test } from 'vitest'
import { verify, type VerifyOptions } from '@/lib/systemd/analyze'
import { makeTree, type TreeFile, treeReader } from './tree-reader'

const LIB = '/usr/lib/systemd/system'
const target = (lines = '') => `[Unit]\nDescription=x\n${lines}`
const base = makeTree({
  units: {
    [`${LIB}/sysinit.target`]: target('DefaultDependencies=no\n'),
    [`${LIB}/basic.target`]: target('Requires=sysinit.target\nAfter=sysinit.target\nDefaultDependencies=no\n'),
    [`${LIB}/shutdown.target`]: target('DefaultDependencies=no\n'),
    [`${LIB}/multi-user.target`]: target('Requires=basic.target\nAfter=basic.target\n'),
    [`${LIB}/systemd-journald.socket`]:
      '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/systemd/journal/stdout\nService=systemd-journald.service\n',
    [`${LIB}/systemd-journald.service`]:
      '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/usr/bin/true\nStandardOutput=null\nStandardError=null\n',
  },
  executables: ['/usr/bin/true', '/usr/bin/false'],
  symlinks: {},
  top: ['etc', 'usr', 'run', 'var'],
  passwd: 'root:x:0:0:root:/root:/bin/bash\n',
  group: 'root:x:0:\n',
})
const run = (files: Record<string, TreeFile>, names: readonly string[], options: VerifyOptions = {}) => {
  const laid = Object.fromEntries(Object.entries(files).map(([name, text]) => [name.startsWith('/') ? name : `/u/${name}`, text]))
  const { status, lines } = verify(
    treeReader(base, laid),
    names.map((name) => (name.includes('/') ? name : `/u/${name}`)),
    { man: false, ...options },
  )
  return { status, lines: lines.filter((line) => line !== '') }
}
const service = (lines = '') => `[Service]\nExecStart=/usr/bin/true\n${lines}`

describe('one unit', () => {
  test('nothing to say', () => expect(run({ 'a.service': service() }, ['a.service'])).toEqual({ status: 0, lines: [] }))

  test('a line that is ignored', () => {
    expect(run({ 'a.service': service('Foo=1\n') }, ['a.service'], { recursiveErrors: 'yes' })).toEqual({
      status: 1,
      lines: ["/u/a.service:3: Unknown key 'Foo' in section [Service], ignoring."],
    })
    expect(run({ 'a.service': service('Foo=1\n') }, ['a.service']).status).toBe(0)
  })

  test('a program that is missing', () => {
    expect(run({ 'a.service': '[Service]\nExecStart=/usr/bin/none\n' }, ['a.service'])).toEqual({
      status: 1,
      lines: ['a.service: Command /usr/bin/none is not executable: No such file or directory'],
    })
  })

  test('a file that is missing', () => {
    const { status, lines } = run({}, ['a.service'])
    expect(status).toBe(1)
    expect(lines.join('\n')).toContain('a.service')
  })

  test('a refused unit', () => {
    const { status, lines } = run({ 'a.service': '[Service]\nType=simple\n' }, ['a.service'])
    expect(status).toBe(1)
    expect(lines[0]).toBe('a.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.')
  })

  test('a template takes an instance', () => {
    expect(run({ 'a@.service': service() }, ['a@.service'], { instance: 'x' }).status).toBe(0)
  })
})

describe('several', () => {
  test('what is required and missing', () => {
    const { status, lines } = run({ 'a.service': `[Unit]\nRequires=none.service\n${service()}` }, ['a.service'])
    expect(status).toBe(1)
    expect(lines).toContain('a.service: Failed to create a.service/start: Unit none.service not found.')
  })

  test('a cycle', () => {
    const files = {
      'a.service': `[Unit]\nRequires=b.service\nAfter=b.service\n${service()}`,
      'b.service': `[Unit]\nRequires=a.service\nAfter=a.service\n${service()}`,
    }
    const { status, lines } = run(files, ['a.service'])
    expect(status).toBe(1)
    expect(lines.some((line) => line.includes('Found ordering cycle on'))).toBe(true)
    expect(lines.at(-1)).toMatch(/Transaction order is cyclic/)
  })

  test('--recursive-errors: errors of dependencies count, or not', () => {
    const files = {
      'a.service': `[Unit]\nRequires=b.service\n${service()}`,
      'b.service': service('Foo=1\n'),
    }
    expect(run(files, ['a.service'], { recursiveErrors: 'no' })).toEqual({ status: 0, lines: [] })
    expect(run(files, ['a.service'], { recursiveErrors: 'one' })).toEqual({
      status: 0,
      lines: ["/u/b.service:3: Unknown key 'Foo' in section [Service], ignoring."],
    })
    expect(run(files, ['a.service'], { recursiveErrors: 'yes' }).status).toBe(1)
  })

  test('a socket needs its service', () => {
    const { status, lines } = run({ 'a.socket': '[Socket]\nListenStream=/run/a\n' }, ['a.socket'])
    expect(status).toBe(1)
    expect(lines.join('\n')).toContain('a.service')
  })
})

test('hostile files end', () => {
  for (const text of ['', '[', '\0', '[Unit]\nRequires=a.service\nAfter=a.service\n', `[Unit]\n${'Wants=x@%i.service\n'.repeat(300)}`]) {
    expect(() => run({ 'a.service': text }, ['a.service'])).not.toThrow()
  }
  const chain: Record<string, string> = {}
  for (let index = 0; index < 2000; index++)
    chain[`u${index}.service`] = `[Unit]\nRequires=u${index + 1}.service\nAfter=u${index + 1}.service\n${service()}`
  chain['u2000.service'] = service()
  expect(run(chain, ['u0.service'])).toEqual({ status: 0, lines: [] })
})
