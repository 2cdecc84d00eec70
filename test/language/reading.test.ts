// Hover, hints, references, rename, structure, effective view.
import { describe, expect, test } from 'vitest'
import { type Files, marked, NOW_USEC, SERVICE, unitLanguage } from './tree'

const hoverAt = (textWithCursor: string, path = SERVICE, files: Files = {}, language: 'en' | 'ko' = 'en') => {
  const { text, offset } = marked(textWithCursor)
  return unitLanguage(files, { language }).hover(path, text, offset)?.markdown
}

describe('hover', () => {
  test.each([
    ['a directive: words, default, version, page', '[Service]\nRest|artSec=5', ['Pause before a restart', '`100ms`', 'systemd.service(5)']],
    ['a value', '[Service]\nRestart=on-fai|lure', ['after a bad exit status']],
    ['a span', '[Service]\nRestartSec=9|0', ['1min 30s']],
    ['a unit', '[Unit]\nAfter=network|.target', ['Network', '/usr/lib/systemd/system/network.target']],
    ['no such unit', '[Unit]\nAfter=nowhe|re.service', ['no such unit']],
    ['a specifier', '[Service]\nExecStart=/usr/bin/web %|n', ['web.service']],
    ['a group of calls', '[Service]\nSystemCallFilter=@mo|unt', ['`umount2`']],
    ['a capability', '[Service]\nAmbientCapabilities=CAP_NET_BIND|_SERVICE', ['bind ports below 1024', '10']],
    ['a signal', '[Service]\nKillSignal=SIG|INT', ['2']],
    ['a user', '[Service]\nUser=www|-data', ['33']],
    ['a section', '[Ser|vice]', ['A program']],
    ['an unknown key', '[Service]\nRestr|t=no', ['`Restart=`']],
    ['a command line', '[Service]\nEnvironment=A=1\nExecStart=/usr/bin/web ${|A} x', ['`${A}` → `1`', '0. `/usr/bin/web`']],
    ['one not simulated', '[Service]\nRoot|Image=x', ['Not simulated here']],
  ])('%s', (_name, text, parts) => {
    const markdown = hoverAt(text) ?? ''
    for (const part of parts) expect(markdown).toContain(part)
  })
  test('calendar: the normal form and what comes next', () => {
    const markdown = hoverAt('[Timer]\nOnCalendar=dai|ly', '/etc/systemd/system/web.timer')
    expect(markdown).toContain('*-*-* 00:00:00')
    expect(markdown).toContain('Mon 2026-11-23 00:00:00 UTC')
  })
  test('what is in force, with its origin', () => {
    const files = { '/etc/systemd/system/web.service.d/10.conf': '[Service]\nRestart=always\n' }
    expect(hoverAt('[Service]\nExecStart=/usr/bin/true\nRest|art=no', SERVICE, files)).toContain(
      '`always` — /etc/systemd/system/web.service.d/10.conf:2',
    )
  })
  test('Korean', () => expect(hoverAt('[Service]\nRest|art=no', SERVICE, {}, 'ko')).toMatch(/다시 시작/))
})

describe('inlay hints', () => {
  const hints = (text: string, path = SERVICE) =>
    unitLanguage()
      .hints(path, text)
      .map((one) => one.text)
  test.each([
    ['[Service]\nRestartSec=90\n', ['= 1min 30s']],
    ['[Service]\nRestartSec=5s\n', []],
    ['[Service]\nEnvironment="OPTS=-a -b"\nExecStart=/usr/bin/web $OPTS ${OPTS} %n\n', ['→ /usr/bin/web -a -b "-a -b" web.service']],
    ['[Service]\nWorkingDirectory=/srv/%p\n', ['→ /srv/web']],
    ['[Service]\nExecStart=/usr/bin/web\n', []],
  ])('%j', (text, expected) => expect(hints(text)).toEqual(expected))
  test('next elapse', () => {
    expect(hints('[Timer]\nOnCalendar=*-*-* 03:00\n', '/etc/systemd/system/web.timer')).toEqual(['→ Mon 2026-11-23 03:00:00 UTC'])
    expect(hints('[Timer]\nOnCalendar=2001-01-01\n', '/etc/systemd/system/web.timer')).toEqual(['never again'])
  })
})

const DB = '/etc/systemd/system/db.service'
const TREE: Files = {
  [SERVICE]: '[Unit]\nRequires=db.service\nAfter=db.service\n[Service]\nExecStart=/usr/bin/true\n',
  [DB]: '[Service]\nExecStart=/usr/bin/true\n',
  '/etc/systemd/system/db.service.d/a.conf': '[Service]\nRestart=always\n',
  '/etc/systemd/system/web.service.d/b.conf': '[Unit]\nPartOf=db.service other.service\n',
  '/etc/systemd/system/multi-user.target.wants/db.service': { link: DB },
}

describe('across files', () => {
  const text = TREE[SERVICE] as string
  const at = text.indexOf('db.service') + 2
  test('definition: the fragment and its drop-ins', () => {
    expect(
      unitLanguage(TREE)
        .definition(SERVICE, text, at)
        .map((one) => one.path),
    ).toEqual([DB, '/etc/systemd/system/db.service.d/a.conf'])
  })
  test('references', () => {
    const found = unitLanguage(TREE).references(SERVICE, text, at)
    expect(found.map((one) => one.path)).toEqual([SERVICE, SERVICE, '/etc/systemd/system/web.service.d/b.conf'])
  })
  test('rename: names in all files, the file, its drop-ins and links', () => {
    const result = unitLanguage(TREE).rename(SERVICE, text, at, 'database')
    if ('reason' in result) throw new Error(result.reason)
    expect(result.edits).toHaveLength(3)
    expect(result.edits.every((one) => one.insert === 'database.service')).toBe(true)
    expect(result.files).toEqual([
      { from: DB, to: '/etc/systemd/system/database.service' },
      { from: '/etc/systemd/system/db.service.d', to: '/etc/systemd/system/database.service.d' },
    ])
    expect(result.links).toEqual([
      {
        from: '/etc/systemd/system/multi-user.target.wants/db.service',
        to: '/etc/systemd/system/multi-user.target.wants/database.service',
        target: '/etc/systemd/system/database.service',
      },
    ])
  })
  test.each(['db.timer', 'a b', 'web.service', 'db@.service'])('refuses %s', (name) => {
    expect(unitLanguage(TREE).rename(SERVICE, text, at, name)).toHaveProperty('reason')
  })
  test('units of packages are not renamed', () => {
    const other = '[Unit]\nAfter=network.target\n'
    expect(unitLanguage().rename(SERVICE, other, other.indexOf('network'), 'net')).toHaveProperty('reason')
  })
  test('effective view: the last word, with file and line', () => {
    const language = unitLanguage({
      ...TREE,
      '/etc/systemd/system/web.service.d/c.conf': '[Service]\nExecStart=\nExecStart=/usr/bin/sleep 1\nEnvironment=A=1\nEnvironment=B=2\n',
    })
    const effective = language.effective(SERVICE)!
    expect(
      effective.rows
        .filter((one) => one.inForce && one.section === 'Service')
        .map(({ directive, value, line }) => [directive, value, line]),
    ).toEqual([
      ['ExecStart', '/usr/bin/sleep 1', 3],
      ['Environment', 'A=1', 4],
      ['Environment', 'B=2', 5],
    ])
    expect(effective.text.startsWith(`# ${SERVICE}\n[Unit]\n`)).toBe(true)
    expect(effective.text).toContain('\n\n# /etc/systemd/system/web.service.d/b.conf\n')
  })
})

describe('structure', () => {
  const text = '# a\n# b\n[Unit]\nDescription=x\n\n[Service]\nExecStart=/usr/bin/web \\\n  --port 80\nRestart=no\n'
  const language = unitLanguage()
  test('outline', () => {
    expect(language.outline(SERVICE, text).map((one) => [one.name, one.children.map((child) => child.name)])).toEqual([
      ['[Unit]', ['Description']],
      ['[Service]', ['ExecStart', 'Restart']],
    ])
  })
  test('folding', () => {
    expect(language.folding(SERVICE, text).map(({ kind, from, to }) => [kind, text.slice(from, to).split('\n').length])).toEqual([
      ['section', 2],
      ['section', 4],
      ['continuation', 2],
      ['comment', 2],
    ])
  })
  test('tokens', () => {
    const one = '[Service]\nExecStart=-/usr/bin/web "a b" %i ${X} 80\n'
    expect(language.tokens(SERVICE, one).map(({ from, to, type }) => [one.slice(from, to), type])).toEqual([
      ['[Service]', 'section'],
      ['ExecStart', 'directive'],
      ['=', 'operator'],
      ['-', 'prefix'],
      ['/usr/bin/web', 'path'],
      ['"a b"', 'string'],
      ['%i', 'specifier'],
      ['${X}', 'variable'],
      ['80', 'number'],
    ])
  })
  test.each([
    ['[Unit]\nDescription = a  \n[Service]\n ExecStart= /usr/bin/true', '[Unit]\nDescription=a\n\n[Service]\nExecStart=/usr/bin/true\n'],
    ['\n\n[Unit]\n\n\n\nA=b\n\n\n', '[Unit]\n\nA=b\n'],
    ['[Service]\nExecStart=a \\\n    b  \n', '[Service]\nExecStart=a \\\n    b\n'],
    ['[Unit]\nA=b\n# for the service\n[Service]\n', '[Unit]\nA=b\n\n# for the service\n[Service]\n'],
    ['[Unit]\r\nA = b\r\n', '[Unit]\r\nA=b\r\n'],
    ['', ''],
  ])('format %j', (before, after) => {
    expect(language.format(SERVICE, before)).toBe(after)
    expect(language.format(SERVICE, after)).toBe(after)
  })
})

test('the clock of the tests', () => expect(NOW_USEC).toBe(Date.UTC(2026, 10, 22, 12) * 1000))
