import { describe, expect, test } from 'vitest'
import { completions, type Files, SERVICE, taken } from './tree'

/** The first labels that begin with what is typed. */
function completes(textWithCursor: string, labels: readonly string[], path = SERVICE, files: Files = {}): void {
  const offset = textWithCursor.indexOf('|')
  const items = completions(textWithCursor, path, files)
  const typed = (from: number) => textWithCursor.slice(from, offset)
  const shown = items.filter((one) => one.label.toLowerCase().startsWith(typed(one.from).toLowerCase())).map((one) => one.label)
  expect(shown.slice(0, labels.length)).toEqual(labels)
}

describe('completion', () => {
  const rows: readonly { readonly text: string; readonly labels: readonly string[]; readonly path?: string }[] = [
    { text: '[Service]\nRes|', labels: ['Restart', 'RestartSec'] },
    { text: '[Service]\nExecS|', labels: ['ExecStart', 'ExecStartPre', 'ExecStartPost', 'ExecStop', 'ExecStopPost'] },
    { text: '[Unit]\nDes|', labels: ['Description'] },
    { text: '[Service]\nRestart=|', labels: ['no', 'on-success', 'on-failure'] },
    { text: '[Service]\nRestart=on-|', labels: ['on-success', 'on-failure', 'on-abnormal', 'on-watchdog', 'on-abort'] },
    { text: '[Service]\nType=|', labels: ['simple', 'forking', 'oneshot', 'dbus', 'notify'] },
    { text: '[Install]\nWantedBy=|', labels: ['multi-user.target', 'timers.target'] },
    { text: '[Unit]\nAfter=net|', labels: ['network-online.target', 'network.target'] },
    { text: '[Unit]\nAfter=basic.target net|', labels: ['network-online.target', 'network.target'] },
    { text: '[Service]\nUser=|', labels: ['root', 'www-data', 'learner'] },
    { text: '[Service]\nGroup=a|', labels: ['adm'] },
    { text: '[Service]\nSystemCallFilter=@s|', labels: ['@system-service'] },
    { text: '[Service]\nSystemCallFilter=~@p|', labels: ['@process', '@privileged'] },
    { text: '[Service]\nAmbientCapabilities=CAP_NET_B|', labels: ['CAP_NET_BIND_SERVICE', 'CAP_NET_BROADCAST'] },
    { text: '[Service]\nKillSignal=SIGT|', labels: ['SIGTRAP', 'SIGTERM', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] },
    { text: '[Service]\nExecStart=/usr/bin/s|', labels: ['sleep'] },
    { text: '[Service]\nExecStart=/usr/bin/|', labels: ['curl', 'node', 'sleep', 'true', 'web'] },
    { text: '[Timer]\nOnCalendar=|', labels: ['minutely', 'hourly', 'daily'], path: '/etc/systemd/system/web.timer' },
    { text: '[Service]\nPrivateTmp=|', labels: ['no', 'connected', 'disconnected'] },
  ]
  test.each(rows)('$text', ({ text, labels, path }) => {
    completes(text, labels, path)
  })

  test('a directive brings its = and asks for values', () => {
    expect(taken('[Service]\nRes|', 'Restart')).toBe('[Service]\nRestart=')
    expect(completions('[Service]\nRes|').find((one) => one.label === 'Restart')?.again).toBe(true)
    expect(taken('[Service]\nRes|=always', 'Restart')).toBe('[Service]\nRestart=always')
  })
  test('values replace the word, in lists the word alone', () => {
    expect(taken('[Service]\nRestart=al|ways', 'on-failure')).toBe('[Service]\nRestart=on-failure')
    expect(taken('[Unit]\nAfter=a.service net|work.target b.service', 'network-online.target')).toBe(
      '[Unit]\nAfter=a.service network-online.target b.service',
    )
    expect(taken('[Service]\nSystemCallFilter=~@mo|', '@mount')).toBe('[Service]\nSystemCallFilter=~@mount')
    expect(taken('[Service]\nExecStart=-/usr/bin/sl|', 'sleep')).toBe('[Service]\nExecStart=-/usr/bin/sleep')
  })
  test('specifiers after a percent sign', () => {
    expect(taken('[Service]\nExecStart=/usr/bin/web --name %|', '%i')).toBe('[Service]\nExecStart=/usr/bin/web --name %i')
    expect(completions('[Service]\nExecStart=/usr/bin/web 100%%|').some((one) => one.kind === 'specifier')).toBe(false)
  })
  test('units of the learner’s own tree, not the unit itself', () => {
    const files = { '/etc/systemd/system/db.service': '[Service]\nExecStart=/usr/bin/sleep 1\n' }
    const labels = completions('[Unit]\nRequires=|', SERVICE, files).map((one) => one.label)
    expect(labels).toContain('db.service')
    expect(labels).not.toContain('web.service')
  })
  test('an empty file offers a whole unit', () => {
    const first = completions('|')[0]
    expect(first?.snippet).toBe(true)
    expect(first?.insert).toContain('ExecStart=')
  })
  test('sections of the type', () => {
    expect(completions('[|').map((one) => one.label)).toEqual(['[Unit]', '[Service]', '[Install]'])
    expect(completions('[|', '/etc/systemd/system/a.timer').map((one) => one.label)).toEqual(['[Unit]', '[Timer]', '[Install]'])
  })
  test('nothing in comments, nothing for unknown keys', () => {
    expect(completions('[Service]\n# Res|')).toEqual([])
    expect(completions('[Service]\nNoSuchThing=|')).toEqual([])
  })
  test('words are in the chosen language', () => {
    expect(completions('[Service]\nRestart=|').find((one) => one.label === 'always')?.detail).toMatch(/systemctl stop/)
  })
})
