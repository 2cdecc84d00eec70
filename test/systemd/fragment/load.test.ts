import { describe, expect, test } from 'vitest'
import { loadUnit, type LoadOptions, UnitLoader, unitSearchPath } from '@/lib/systemd/fragment'
import { makeTree, type TreeFile, treeReader } from '../analyze/tree-reader'

const base = makeTree({
  units: {},
  executables: [],
  symlinks: {},
  top: ['etc', 'usr', 'run', 'var'],
  passwd: 'root:x:0:0:root:/root:/bin/bash\n',
  group: 'root:x:0:\n',
})
const ETC = '/etc/systemd/system'
const LIB = '/usr/lib/systemd/system'
const RUN = '/run/systemd/system'
const load = (name: string, files: Record<string, TreeFile>, options?: LoadOptions) => loadUnit(treeReader(base, files), name, options)
const service = (lines = '') => `[Service]\nExecStart=/usr/bin/true\n${lines}`
const description = (text: string) => `[Unit]\nDescription=${text}\n`

describe('which file', () => {
  test('/etc over /run over /usr/lib', () => {
    const files = { [`${LIB}/a.service`]: service(), [`${RUN}/a.service`]: service(), [`${ETC}/a.service`]: service() }
    expect(load('a.service', files).fragmentPath).toBe(`${ETC}/a.service`)
    const { [`${ETC}/a.service`]: _, ...rest } = files
    expect(load('a.service', rest).fragmentPath).toBe(`${RUN}/a.service`)
  })

  test('none', () =>
    expect(load('a.service', {})).toMatchObject({ loadState: 'not-found', loadError: { name: 'ENOENT' }, fragmentPath: '' }))

  test('masked by a link to /dev/null or by an empty file', () => {
    const vendor = { [`${LIB}/a.service`]: service() }
    expect(load('a.service', { ...vendor, [`${ETC}/a.service`]: { symlink: '/dev/null' } })).toMatchObject({
      loadState: 'masked',
      fragmentPath: `${ETC}/a.service`,
    })
    expect(load('a.service', { ...vendor, [`${ETC}/a.service`]: '' }).loadState).toBe('masked')
  })

  test('a template makes its instances', () => {
    const unit = load('a@x.service', { [`${LIB}/a@.service`]: `${description('for %i')}${service()}` })
    expect(unit).toMatchObject({ id: 'a@x.service', loadState: 'loaded', fragmentPath: `${LIB}/a@.service` })
    expect(unit.config.Unit.Description).toBe('for x')
  })

  test('an instance of its own goes before the template', () => {
    const files = { [`${LIB}/a@x.service`]: service(), [`${ETC}/a@.service`]: service() }
    expect(load('a@x.service', files).fragmentPath).toBe(`${LIB}/a@x.service`)
  })

  test('the user has other directories', () => {
    expect(unitSearchPath({ scope: 'user', home: '/home/ada' })[0]).toBe('/home/ada/.config/systemd/user.control')
    const files = { '/root/.config/systemd/user/a.service': service(), [`${ETC}/a.service`]: service() }
    const options: LoadOptions = { scope: 'user', environment: new Map([['HOME', '/root']]) }
    expect(load('a.service', files, options).fragmentPath).toBe('/root/.config/systemd/user/a.service')
  })
})

describe('names', () => {
  const files = { [`${LIB}/a.service`]: service(), [`${ETC}/b.service`]: { symlink: `${LIB}/a.service` } }

  test('a link is another name', () => {
    for (const name of ['a.service', 'b.service']) {
      const unit = load(name, files)
      expect(unit.id).toBe('a.service')
      expect([...unit.names].sort()).toEqual(['a.service', 'b.service'])
    }
  })

  test('a link of another type is none', () => {
    expect(load('b.timer', { [`${LIB}/a.service`]: service(), [`${ETC}/b.timer`]: { symlink: `${LIB}/a.service` } }).loadState).toBe(
      'not-found',
    )
  })

  test('a loop of links ends', () => {
    const loop = { [`${ETC}/a.service`]: { symlink: 'b.service' }, [`${ETC}/b.service`]: { symlink: 'a.service' } }
    expect(load('a.service', loop).loadState).not.toBe('loaded')
  })
})

describe('drop-ins', () => {
  const vendor = { [`${LIB}/foo-bar.service`]: `${description('vendor')}${service()}` }
  const paths = (files: Record<string, TreeFile>, name = 'foo-bar.service') => load(name, files).dropInPaths

  test('by file name, whatever the directory', () => {
    const files = {
      ...vendor,
      [`${LIB}/foo-bar.service.d/20-b.conf`]: description('b'),
      [`${ETC}/foo-bar.service.d/10-a.conf`]: description('a'),
      [`${RUN}/foo-bar.service.d/30-c.conf`]: description('c'),
      [`${ETC}/foo-bar.service.d/not-counted.txt`]: description('no'),
    }
    const unit = load('foo-bar.service', files)
    expect(unit.dropInPaths.map((path) => path.split('/').at(-1))).toEqual(['10-a.conf', '20-b.conf', '30-c.conf'])
    expect(unit.config.Unit.Description).toBe('c')
  })

  test('the same name in /etc hides the one of the vendor, also by /dev/null', () => {
    const files = { ...vendor, [`${LIB}/foo-bar.service.d/x.conf`]: description('lib') }
    expect(paths({ ...files, [`${ETC}/foo-bar.service.d/x.conf`]: description('etc') })).toEqual([`${ETC}/foo-bar.service.d/x.conf`])
    expect(
      load('foo-bar.service', { ...files, [`${ETC}/foo-bar.service.d/x.conf`]: { symlink: '/dev/null' } }).config.Unit.Description,
    ).toBe('vendor')
  })

  test('of the type, of a prefix, of the unit: the nearest wins the name', () => {
    const files = {
      ...vendor,
      [`${ETC}/service.d/x.conf`]: description('type'),
      [`${ETC}/foo-.service.d/y.conf`]: description('prefix'),
      [`${LIB}/foo-.service.d/x.conf`]: description('prefix too'),
    }
    expect(paths(files)).toEqual([`${LIB}/foo-.service.d/x.conf`, `${ETC}/foo-.service.d/y.conf`])
  })

  test('of the template and of the instance', () => {
    const files = {
      [`${LIB}/a@.service`]: service(),
      [`${ETC}/a@.service.d/1.conf`]: description('all'),
      [`${ETC}/a@x.service.d/2.conf`]: description('one'),
    }
    expect(paths(files, 'a@x.service')).toEqual([`${ETC}/a@.service.d/1.conf`, `${ETC}/a@x.service.d/2.conf`])
    expect(paths(files, 'a@y.service')).toEqual([`${ETC}/a@.service.d/1.conf`])
  })

  test('an empty assignment resets a list, a second one adds to it', () => {
    const files = {
      ...vendor,
      [`${ETC}/foo-bar.service.d/x.conf`]: '[Service]\nExecStart=\nExecStart=/usr/bin/false\nEnvironment=A=1\nEnvironment=B=2\n',
    }
    const { Service } = load('foo-bar.service', files).config
    expect(Service?.ExecStart.map((one) => one.path)).toEqual(['/usr/bin/false'])
    expect(Service?.Environment).toEqual(['A=1', 'B=2'])
  })

  test('links in .wants and .requires are dependencies', () => {
    const files = {
      [`${LIB}/a.target`]: description('target'),
      [`${ETC}/a.target.wants/w.service`]: { symlink: `${LIB}/w.service` },
      [`${ETC}/a.target.requires/r@x.service`]: { symlink: `${LIB}/r@.service` },
      [`${LIB}/w.service`]: service(),
      [`${LIB}/r@.service`]: service(),
    }
    expect(load('a.target', files).config.Unit).toMatchObject({ Wants: ['w.service'], Requires: ['r@x.service'] })
  })
})

describe('what is told', () => {
  const text = `[Unit]\nDescription=x\nFoo=1\n${service('Restart=maybe\nSyslogIdentifier=%z\nRestartSec=5\n')}`
  const unit = load('a.service', { [`${ETC}/a.service`]: text })

  test('systemd’s words with file and line', () => {
    expect(unit.diagnostics.filter((one) => one.severity !== 'debug').map((one) => one.text)).toEqual([
      `${ETC}/a.service:3: Unknown key 'Foo' in section [Unit], ignoring.`,
      `${ETC}/a.service:6: Failed to parse Restart=maybe, ignoring: Invalid argument`,
      `${ETC}/a.service:7: Failed to resolve unit specifiers in '%z', ignoring: Invalid slot`,
    ])
  })

  test('the place in the text', () => {
    const one = unit.diagnostics.find((each) => each.message.includes('Restart='))!
    expect(text.slice(one.from, one.to)).toBe('maybe')
    expect(one).toMatchObject({ section: 'Service', directive: 'Restart', line: 6 })
  })

  test('a bad line leaves what was before', () => {
    expect(load('a.service', { [`${ETC}/a.service`]: service('RestartSec=7\nRestartSec=soon\n') }).config.Service?.RestartSec).toBe(
      7_000_000,
    )
  })

  test('where each value comes from', () => {
    expect(unit.origins).toContainEqual({ section: 'Service', directive: 'RestartSec', value: '5', file: `${ETC}/a.service`, line: 8 })
    expect(unit.origins.map((one) => one.directive)).toEqual(['Description', 'ExecStart', 'RestartSec'])
  })

  test.each<readonly [string, string, string]>([
    ['[Service]\nType=simple\n', 'Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.', 'bad-setting'],
    [
      '[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n',
      'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.',
      'bad-setting',
    ],
    [
      service('Type=oneshot\nRestart=always\n'),
      "Service has Restart= set to either always or on-success, which isn't allowed for Type=oneshot services. Refusing.",
      'bad-setting',
    ],
  ])('%j is refused', (content, message, loadState) => {
    const refused = load('a.service', { [`${ETC}/a.service`]: content })
    expect(refused.loadState).toBe(loadState)
    expect(refused.diagnostics.map((one) => one.text)).toContain(`a.service: ${message}`)
  })
})

describe('defaults', () => {
  test('of a service', () => {
    const { Service, Unit } = load('a.service', { [`${ETC}/a.service`]: service() }).config
    const { Type, Restart, RestartSec, TimeoutStartSec, UMask, KillSignal, StandardOutput } = Service!
    expect({ Type, Restart, RestartSec, TimeoutStartSec, UMask, KillSignal, StandardOutput }).toMatchObject({
      Type: 'simple',
      Restart: 'no',
      RestartSec: 100_000,
      TimeoutStartSec: 90_000_000,
      UMask: 0o022,
      KillSignal: 15,
      StandardOutput: { kind: 'journal' },
    })
    expect(Unit.DefaultDependencies).toBe(true)
  })

  test('that depend on other values', () => {
    const configOf = (lines: string) => load('a.service', { [`${ETC}/a.service`]: service(lines) }).config.Service!
    expect(configOf('BusName=org.example.A\n').Type).toBe('dbus')
    expect(configOf('Type=oneshot\n').TimeoutStartSec).toBe(Number.POSITIVE_INFINITY)
    expect(configOf('TimeoutSec=5\n')).toMatchObject({ TimeoutStartSec: 5_000_000, TimeoutStopSec: 5_000_000 })
    expect(configOf('DynamicUser=yes\n')).toMatchObject({ ProtectSystem: 'strict', PrivateTmp: 'disconnected', RemoveIPC: true })
  })
})

test('hostile input neither throws nor takes long', () => {
  const texts = [
    '[',
    '[]',
    '=',
    '\\',
    '\0',
    '[Service]\nExecStart=\\',
    `[Service]\n${'Environment=A=1\n'.repeat(20_000)}`,
    '[Service]\n\udcff=\udcff',
  ]
  const started = performance.now()
  for (const text of texts) load('a.service', { [`${ETC}/a.service`]: text })
  for (const name of [
    '',
    '.service',
    '@.service',
    'a@.service',
    '../x.service',
    `${'a'.repeat(300)}.service`,
    'a',
    '__proto__',
    'a.toString',
  ]) {
    expect(load(name, {}).loadState).not.toBe('loaded')
  }
  expect(performance.now() - started).toBeLessThan(5000)
})

test('ten thousand units', () => {
  const files: Record<string, TreeFile> = {}
  for (let index = 0; index < 10_000; index++) {
    files[`${LIB}/u${index}.service`] =
      `[Unit]\nDescription=Unit ${index}\nAfter=u${index - 1}.service\n${service('Restart=on-failure\nUser=root\n')}`
  }
  const loader = new UnitLoader(treeReader(base, files), {})
  const started = performance.now()
  for (let index = 0; index < 10_000; index++) expect(loader.load(`u${index}.service`).loadState).toBe('loaded')
  const elapsed = performance.now() - started
  expect(elapsed).toBeLessThan(8000)
})
