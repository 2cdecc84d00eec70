import { describe, expect, test } from 'vitest'
import { systemdAnalyze } from '@/lib/programs/systemd-analyze'
import { systemdEscape } from '@/lib/programs/systemd-escape'
import { runOffline, TreeReader, type OfflineOptions } from '../offline-process'

const analyze = (line: string, options: OfflineOptions = {}) => runOffline(systemdAnalyze, ['systemd-analyze', ...line.split(' ')], options)

describe('options', () => {
  test.each([
    ['--foo', "systemd-analyze: unrecognized option '--foo'\n"],
    ['--iterations=x --foo', 'Failed to parse iterations: x\n'],
    ['--json=foo security', 'Unknown argument to --json= switch: foo\n'],
    ['--threshold=101 security', 'Failed to parse threshold: 101\n'],
    ['--threshold=5 calendar x', 'Option --threshold= is only supported for security right now.\n'],
    ['--offline=true security', 'Option --offline= requires one or more units to perform a security review.\n'],
    ['condition', 'Too few arguments for condition\n'],
    ['calendar', 'Too few arguments.\n'],
    ['image-policy a b', 'Too many arguments.\n'],
    ['vefiry', "Unknown command verb 'vefiry', did you mean 'verify'?\n"],
    ['nosuchverb', "Unknown command verb 'nosuchverb'.\n"],
    ['unit-path', "Unknown command verb 'unit-path', did you mean 'unit-paths'?\n"],
  ])('%s', (line, stderr) => expect(analyze(line)).toEqual({ status: 1, stdout: '', stderr }))
})

describe('answers', () => {
  test('calendar', () => {
    expect(analyze('calendar --iterations=2 *:0/15 x', { env: { TZ: 'Europe/Berlin' } })).toEqual({
      status: 1,
      stdout: [
        '  Original form: *:0/15',
        'Normalized form: *-*-* *:00/15:00',
        '    Next elapse: Thu 2026-01-15 13:45:00 CET',
        '       (in UTC): Thu 2026-01-15 12:45:00 UTC',
        '       From now: 10min left',
        '   Iteration #2: Thu 2026-01-15 14:00:00 CET',
        '       (in UTC): Thu 2026-01-15 13:00:00 UTC',
        '       From now: 25min left',
        '',
        '',
      ].join('\n'),
      stderr: "Failed to parse calendar specification 'x': Invalid argument\n",
    })
  })

  test('hints point to the verb that was meant', () => {
    expect(analyze('timestamp 5min').stderr).toBe(
      'Failed to parse "5min": Invalid argument\nHint: this expression is a valid timespan. Use \'systemd-analyze timespan "5min"\' instead?\n',
    )
  })

  test('exit statuses as a table and as JSON', () => {
    expect(analyze('exit-status 203 7 128').stdout).toBe(
      'NAME       STATUS CLASS\nEXEC          203 systemd\nNOTRUNNING      7 LSB\n-             128 -\n',
    )
    expect(analyze('exit-status --json=pretty 0').stdout).toBe(
      '[\n\t{\n\t\t"name" : "SUCCESS",\n\t\t"status" : 0,\n\t\t"class" : "libc"\n\t}\n]\n',
    )
  })

  test('colours on a terminal', () => {
    const env = { TERM: 'xterm-256color', TZ: 'UTC' }
    expect(analyze('timespan 1s', { env, terminal: 100 }).stdout).toBe(
      '\x1b[0;94mOriginal:\x1b[0m 1s\n\x1b[0;94m      μs:\x1b[0m 1000000\n\x1b[0;94m   Human:\x1b[0m \x1b[0;1;39m1s     \x1b[0m\n',
    )
    expect(analyze('calendar x', { env, terminal: 100 }).stderr).toBe(
      "\x1b[0;1;31mFailed to parse calendar specification 'x': Invalid argument\x1b[0m\r\n",
    )
  })

  test('image policies', () => {
    expect(analyze('image-policy root=verity+growfs-on').stdout.split('\n').slice(0, 5)).toEqual([
      'Analyzing policy: root=verity+growfs-on',
      '       Long form: root=verity+growfs-on:=unused+absent',
      '',
      'PARTITION       MODE        READ-ONLY GROWFS',
      'root            verity      -         yes',
    ])
    expect(analyze('image-policy root=foo').stderr).toBe("Failed to parse image policy 'root=foo': Invalid request code\n")
  })

  test('conditions', () => {
    const reader = new TreeReader({ '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n' })
    expect(analyze('condition ConditionPathExists=|/etc ConditionPathExists=|/nope AssertPathExists=rel', { reader })).toEqual({
      status: 0,
      stdout: '',
      stderr:
        '(cmdline): AssertPathExists= path is not absolute, ignoring: rel\ntest.service: ConditionPathExists=|/nope failed.\ntest.service: ConditionPathExists=|/etc succeeded.\nConditions succeeded.\n',
    })
  })

  test('a policy that stops the real tool stops this one', () => {
    const reader = new TreeReader({
      '/u/x.service': '[Service]\nExecStart=/usr/bin/true\n',
      '/usr/bin/true': { content: '', mode: '755' },
      '/u/p.json': '{"UMask": {"range": 0}}',
    })
    expect(analyze('security --offline=true --security-policy=/u/p.json /u/x.service', { reader })).toEqual({
      status: -6,
      stdout: '',
      stderr: "Assertion 'range > 0' failed at src/analyze/analyze-security.c:1785, function assess(). Aborting.\n",
    })
  })
})

describe('another root', () => {
  const reader = new TreeReader({
    '/etc/systemd/system/t@.service': '[Unit]\nConditionPathExists=/%i\nAssertFoo=1\n[Service]\nExecStart=/bin/true\n',
    '/dev/null': '',
    '/etc/systemd/system/masked.service': { symlink: '/dev/null' },
    '/r/etc/systemd/system/x.target': '[Unit]\nConditionPathExists=/r\nAssertPathExists=!/r\n',
    '/r/usr/lib/systemd/a.conf': '# what\n[A]\nk=v\n\n[B]\n;x\n[C]\nk=v',
    '/r/usr/lib/systemd/a.conf.d/1.conf': '[A]\n',
    '/r/run/systemd/a.conf.d/2.conf': { symlink: '/dev/null' },
    '/u/p.service': '[Service]\nExecStart=/bin/true\n',
    '/u/profile.conf': '[Service]\nPrivateTmp=yes\n',
  })
  const ask = (line: string) => {
    const { status, stdout, stderr } = analyze(line, { reader })
    return [status, stdout + stderr]
  }

  test.each([
    ['condition --unit=t@nope', 1, 't@nope.service: ConditionPathExists=/nope failed.\nConditions failed.\n'],
    ['condition --unit=t@', 1, 't@test_instance.service: ConditionPathExists=/test_instance failed.\nConditions failed.\n'],
  ])('%s', (line, status, text) => {
    const warning = "/etc/systemd/system/t@.service:3: Unknown key 'AssertFoo' in section [Unit], ignoring.\n"
    expect(ask(line)).toEqual([status, warning + text])
  })

  test.each([
    ['condition --unit=nosuch', 1, 'Unit nosuch.service not found.\n'],
    ['condition --unit=masked', 1, 'Unit masked.service is masked.\n'],
    [
      'condition --root=/r --unit=x.target',
      1,
      'x.target: AssertPathExists=!/r failed.\nAsserts failed.\nx.target: ConditionPathExists=/r succeeded.\nConditions succeeded.\n',
    ],
    [
      'condition --root=/none ConditionPathExists=/u',
      1,
      'Failed to initialize unit search paths for root directory /none: No such file or directory\n',
    ],
    [
      'cat-config --root=/r --tldr systemd/a.conf',
      0,
      '# /r/usr/lib/systemd/a.conf\n[A]\nk=v\n[C]\nk=v\n\n# /r/usr/lib/systemd/a.conf.d/1.conf\n\n# /r/run/systemd/a.conf.d/2.conf\n',
    ],
    [
      'cat-config systemd/x systemd/y',
      0,
      '# Main configuration file systemd/x not found\n\n\n# Main configuration file systemd/y not found\n',
    ],
    ['security --offline=1 --profile=nosuch /u/p.service', 1, 'Failed to find portable profile nosuch: No such file or directory\n'],
    ['security --offline=1 --profile=/u/x /u/p.service', 1, 'Profile file name must end with .conf: /u/x\n'],
    ['security --offline=1 --security-policy=/u/no /u/p.service', 1, "Failed to parse '/u/no' at 0:0: No such file or directory\n"],
  ])('%s', (line, status, text) => expect(ask(line)).toEqual([status, text]))

  test('a profile counts for every unit', () => {
    const score = (line: string) => /exposure level for (\S+ \S+)/.exec(analyze(line, { reader }).stdout)?.[1]
    expect(score('security --offline=1 /u/p.service')).toBe('p.service: 9.4')
    expect(score('security --offline=1 --profile=/u/profile.conf /u/p.service')).toBe('p.service: 9.2')
  })
})

describe('systemd-escape', () => {
  const run = (...args: readonly string[]) => runOffline(systemdEscape, ['systemd-escape', ...args])
  test.each([
    [['a', 'b c'], 0, 'a b\\x20c\n', ''],
    [['-p', '/a', 'b'], 0, 'a b\n', "Input 'b' is not an absolute file system path, escaping is likely not going to be reversible.\n"],
    [['-u', '--instance', 'foo@x-y.service'], 0, 'x/y\n', ''],
    [['--template=foo@.service', '/x'], 0, 'foo@-x.service\n', ''],
    [['-m', '--suffix=mount', 'x'], 1, '', '--suffix= and --template= are not compatible with --mangle.\n'],
    [['-u', '\\xzz'], 1, '', 'Failed to unescape string: Invalid argument\n'],
    [[], 1, '', 'Not enough arguments.\n'],
  ])('%j', (args, status, stdout, stderr) => expect(run(...args)).toEqual({ status, stdout, stderr }))
})
