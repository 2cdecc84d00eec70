// The manager's own words with their places, and what mends them.
import { describe, expect, test } from 'vitest'
import { type Files, SERVICE, unitLanguage } from './tree'

const said = (text: string, path = SERVICE, files: Files = {}) =>
  unitLanguage(files)
    .diagnostics(path, text)
    .filter((one) => one.source === 'systemd')
    .map(({ from, to, message, severity }) => [text.slice(from, to), severity, message])

describe('diagnostics of the manager', () => {
  test.each([
    ['[Service]\nExecStart=/usr/bin/true\nRestrt=always\n', 'Restrt', 'warning', "Unknown key 'Restrt' in section [Service], ignoring."],
    [
      '[Service]\nExecStart=/usr/bin/true\nRestart=allways\n',
      'allways',
      'warning',
      'Failed to parse Restart=allways, ignoring: Invalid argument',
    ],
    ['[Servce]\nExecStart=/usr/bin/true\n', '[Servce]', 'warning', "Unknown section 'Servce'. Ignoring."],
    ['ExecStart=/usr/bin/true\n', 'ExecStart=/usr/bin/true', 'warning', 'Assignment outside of section. Ignoring.'],
    ['[Service]\nExecStart=/usr/bin/true\nRestart always\n', 'Restart always', 'warning', "Missing '=', ignoring line."],
    [
      '[Service]\nExecStart=/usr/bin/true\nRestartSec=5 lightyears\n',
      '5 lightyears',
      'warning',
      'Failed to parse RestartSec=5 lightyears, ignoring: Invalid argument',
    ],
  ])('%j', (text, at, severity, message) => {
    expect(said(text)).toContainEqual([at, severity, message])
  })
  test('messages about the whole unit are shown at what they name', () => {
    const text = '[Service]\nType=oneshot\nRestart=always\nExecStart=/usr/bin/true\n'
    const found = said(text).find(([, , message]) => message!.includes('Refusing'))
    expect(found?.[0]).toContain('Restart=always')
  })
  test('values on continued lines have their places', () => {
    const text = '[Service]\nExecStart=/usr/bin/true\nRestrictAddressFamilies=AF_UNIX \\\n  AF_NONSENSE\n'
    expect(said(text)).toContainEqual(['AF_NONSENSE', 'warning', 'Failed to parse address family, ignoring: AF_NONSENSE'])
  })
  test('a file says nothing of faults in another', () => {
    const files = { '/etc/systemd/system/web.service': '[Service]\nExecStart=/usr/bin/true\nBad=1\n' }
    expect(said('[Service]\nRestart=always\n', '/etc/systemd/system/web.service.d/a.conf', files)).toEqual([])
  })
  test('an open editor is seen by others before it is saved', () => {
    const language = unitLanguage({ '/etc/systemd/system/db.service': '[Service]\nExecStart=/usr/bin/true\n' })
    const text = '[Unit]\nRequires=db.service\nAfter=db.service new.service\nWants=new.service\n[Service]\nExecStart=/usr/bin/true\n'
    const codes = () => language.diagnostics(SERVICE, text).map((one) => one.code)
    expect(codes()).toContain('unit-not-found')
    language.open('/etc/systemd/system/new.service', '[Service]\nExecStart=/usr/bin/true\n')
    expect(codes()).not.toContain('unit-not-found')
    language.close('/etc/systemd/system/new.service')
    expect(codes()).toContain('unit-not-found')
  })
  test('other files are none of its business', () => {
    expect(unitLanguage().diagnostics('/etc/passwd', 'x')).toEqual([])
    expect(unitLanguage().diagnostics('/etc/systemd/journald.conf', '[Journal]\nStorage=auto\n')).toEqual([])
  })
})

/** The text after the first fix whose title matches. */
function fixed(text: string, title: RegExp | string, path = SERVICE, files: Files = {}): string | undefined {
  const fixes = unitLanguage(files).fixes(path, text, 0, text.length)
  const fix = fixes.find((one) => (typeof title === 'string' ? one.title === title : title.test(one.title)))
  if (fix === undefined) return undefined
  return [...fix.edits]
    .filter((one) => one.path === path)
    .sort((a, b) => b.from - a.from)
    .reduce((now, one) => now.slice(0, one.from) + one.insert + now.slice(one.to), text)
}

const I = '[Install]\nWantedBy=multi-user.target\n'
const GOOD = '[Service]\nExecStart=/usr/bin/true\n'

describe('quick fixes', () => {
  test.each([
    ['misspelt key', `${GOOD}Restrt=always\n${I}`, /Change to Restart=/, `${GOOD}Restart=always\n${I}`],
    ['misspelt section', `[Servce]\nExecStart=/usr/bin/true\n${I}`, /\[Service\]/, `${GOOD}${I}`],
    ['misspelt value', `${GOOD}Restart=allways\n${I}`, /Change to always/, `${GOOD}Restart=always\n${I}`],
    [
      'wrong section',
      `[Unit]\nDescription=a\n${GOOD}After=basic.target\n${I}`,
      /Move to \[Unit\]/,
      `[Unit]\nDescription=a\nAfter=basic.target\n${GOOD}${I}`,
    ],
    [
      'start limit',
      `[Unit]\nDescription=a\n${GOOD}StartLimitIntervalSec=60\n${I}`,
      'Move to [Unit]',
      `[Unit]\nDescription=a\nStartLimitIntervalSec=60\n${GOOD}${I}`,
    ],
    ['missing [Install]', GOOD, /Add \[Install\]/, `${GOOD}\n[Install]\nWantedBy=multi-user.target\n`],
    [
      'shell syntax',
      `[Service]\nExecStart=-/usr/bin/true | /usr/bin/web\n${I}`,
      /\/bin\/sh/,
      `[Service]\nExecStart=-/bin/sh -c '/usr/bin/true | /usr/bin/web'\n${I}`,
    ],
    [
      'relative path',
      `[Service]\nWorkingDirectory=/usr/bin\nExecStart=./web\n${I}`,
      /Write \/usr\/bin\/web/,
      `[Service]\nWorkingDirectory=/usr/bin\nExecStart=/usr/bin/web\n${I}`,
    ],
    ['old name', `${GOOD}MemoryLimit=1G\n${I}`, /Rename to MemoryMax=/, `${GOOD}MemoryMax=1G\n${I}`],
    ['trailing comment', `${GOOD}Restart=always  # why\n${I}`, /line of its own/, `${GOOD}# why\nRestart=always\n${I}`],
    ['no section', `ExecStart=/usr/bin/true\n${I}`, 'Put it in [Service]', `${GOOD}${I}`],
    ['stray line', `${GOOD}some words\n${I}`, /comment/, `${GOOD}# some words\n${I}`],
    [
      'After= for Requires=',
      `[Unit]\nRequires=network.target\n${GOOD}${I}`,
      /Add After=/,
      `[Unit]\nRequires=network.target\nAfter=network.target\n${GOOD}${I}`,
    ],
    [
      'two ExecStart=',
      `${GOOD}ExecStart=/usr/bin/sleep 1\n${I}`,
      'Use Type=oneshot',
      `${GOOD}ExecStart=/usr/bin/sleep 1\nType=oneshot\n${I}`,
    ],
    ['quotes', `${GOOD}Environment=A=-a -b\n${I}`, /Quote/, `${GOOD}Environment="A=-a -b"\n${I}`],
  ])('%s', (_name, text, title, expected) => {
    expect(fixed(text, title)).toBe(expected)
  })
  test('each fix of a check takes its finding away', () => {
    const texts = [
      `${GOOD}Restart=always\nRestartSec=2s\n${I}`,
      `${GOOD}KillMode=none\n${I}`,
      `[Service]\nExecStart=/usr/bin/web --port 80\nUser=www-data\n${I}`,
      `${GOOD}User=myapp\n${I}`,
      `${GOOD}NonBlocking=true\n${I}`,
      `[Service]\nExecStart=/usr/bin/web --port 8080\nIPAddressDeny=any\n${I}`,
      `[Unit]\nAfter=network-online.target\n${GOOD}${I}`,
    ]
    for (const text of texts) {
      const language = unitLanguage()
      const before = language.diagnostics(SERVICE, text).filter((one) => one.source === 'unitlab')
      const fix = language.fixes(SERVICE, text, 0, text.length).find((one) => one.preferred)
      expect(fix, text).toBeDefined()
      const after = fixed(text, fix!.title)!
      const left = language.diagnostics(SERVICE, after).map((one) => one.code)
      expect(left).not.toContain(fix!.code)
      expect(before.map((one) => one.code)).toContain(fix!.code)
    }
  })
  test('only those at the place', () => {
    const text = `${GOOD}Restrt=always\nKillMode=none\n${I}`
    const at = text.indexOf('KillMode')
    expect(
      unitLanguage()
        .fixes(SERVICE, text, at, text.indexOf('none') + 4)
        .map((one) => one.title),
    ).toEqual(['Use KillMode=mixed'])
  })
})
