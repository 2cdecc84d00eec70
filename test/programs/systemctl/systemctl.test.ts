// Texts as systemd 257 printed them (transcripts basic-*, query-*, err-usage*, socket-accept-no, timer-calendar, …).
import { describe, expect, it } from 'vitest'
import { BusError, type Properties } from '@/lib/systemd/bus'
import { answer, SystemctlMachine, type Answers } from './systemctl-machine'

const service = (more: Properties): Properties => ({
  LoadState: 'loaded',
  Result: 'success',
  DropInPaths: [],
  Documentation: [],
  Triggers: [],
  TriggeredBy: [],
  ...more,
})

const ticker = service({
  Id: 'ticker.service',
  Description: 'Ticker',
  ActiveState: 'active',
  SubState: 'running',
  FragmentPath: '/etc/systemd/system/ticker.service',
  UnitFileState: 'disabled',
  UnitFilePreset: 'enabled',
  ActiveEnterTimestamp: 1_795_354_235_000_000,
  InvocationID: 'd3b183339b3c4c2aa83969515440016d',
  MainPID: 596,
  TasksCurrent: 2,
  TasksMax: 1132,
  MemoryCurrent: 564 * 1024,
  MemoryPeak: 1_800_000,
  CPUUsageNSec: 188_000_000,
  ControlGroup: '/system.slice/ticker.service',
  NeedDaemonReload: true,
})

const processes: Answers = answer('GetUnitProcesses', (name) =>
  name === 'ticker.service'
    ? [
        { path: '/system.slice/ticker.service', pid: 596, command: '/bin/bash /usr/local/bin/ticker' },
        { path: '/system.slice/ticker.service', pid: 598, command: 'sleep 5' },
      ]
    : [],
)

const link = (path: string) => `\x1b]8;;file://lab${path}\x1b\\${path}\x1b]8;;\x1b\\`

describe('status', () => {
  it('of a service that runs, whose file has changed', () => {
    const ran = new SystemctlMachine({ 'ticker.service': ticker }, processes).run('status', '--no-pager', 'ticker')
    expect(ran.exit).toBe(0)
    expect(ran.stdout).toBe(`● ticker.service - Ticker
     Loaded: loaded (/etc/systemd/system/ticker.service; disabled; preset: enabled)
     Active: active (running) since Sun 2026-11-22 13:30:35 UTC; 5s ago
 Invocation: d3b183339b3c4c2aa83969515440016d
   Main PID: 596
      Tasks: 2 (limit: 1132)
     Memory: 564K (peak: 1.7M)
        CPU: 188ms
     CGroup: /system.slice/ticker.service
             ├─596 /bin/bash /usr/local/bin/ticker
             └─598 sleep 5
`)
    const warning =
      "Warning: The unit file, source configuration file or drop-ins of ticker.service changed on disk. Run 'systemctl daemon-reload' to reload units."
    expect(ran.stderr).toBe(`${warning}\n`)
    expect(ran.tty).toBe(
      `\x1b[0;1;32m●\x1b[0m ticker.service - Ticker\n     Loaded: loaded (${link('/etc/systemd/system/ticker.service')}; \x1b[0;1;38:5:185mdisabled\x1b[0m; preset: \x1b[0;1;32menabled\x1b[0m)\n     Active: \x1b[0;1;32mactive (running)\x1b[0m since Sun 2026-11-22 13:30:35 UTC; 5s ago\n Invocation: d3b183339b3c4c2aa83969515440016d\n   Main PID: 596\n      Tasks: 2\x1b[0;38:5:245m (limit: 1132)\x1b[0m\n     Memory: 564K (peak: 1.7M)\n        CPU: 188ms\n     CGroup: /system.slice/ticker.service\n             ├─\x1b[0;38:5:245m596 /bin/bash /usr/local/bin/ticker\x1b[0m\n             └─\x1b[0;38:5:245m598 sleep 5\x1b[0m\n\x1b[0;1;38:5:185m${warning}\x1b[0m\n`,
    )
  })

  it('of a service that failed', () => {
    const failed = service({
      Id: 'r.service',
      Description: 'Restarts',
      ActiveState: 'failed',
      SubState: 'failed',
      Result: 'exit-code',
      FragmentPath: '/etc/systemd/system/r.service',
      UnitFileState: 'disabled',
      UnitFilePreset: 'enabled',
      InactiveEnterTimestamp: 1_795_354_230_000_000,
      ActiveEnterTimestampMonotonic: 200_000_000,
      ActiveExitTimestampMonotonic: 200_197_000,
      InvocationID: '03e91154749b477482ee48a80e67f34c',
      ExecMainPID: 612,
      ExecMainCode: 1,
      ExecMainStatus: 1,
      ExecStart: [
        {
          path: '/usr/local/bin/fail1',
          argv: ['/usr/local/bin/fail1'],
          flags: [],
          ignoreFailure: false,
          pid: 612,
          code: 1,
          status: 1,
          startTimestamp: 5,
          exitTimestamp: 6,
        },
      ],
    })
    const ran = new SystemctlMachine({ 'r.service': failed }).run('status', 'r')
    expect(ran.exit).toBe(3)
    expect(ran.stdout).toBe(`× r.service - Restarts
     Loaded: loaded (/etc/systemd/system/r.service; disabled; preset: enabled)
     Active: failed (Result: exit-code) since Sun 2026-11-22 13:30:30 UTC; 10s ago
   Duration: 197ms
 Invocation: 03e91154749b477482ee48a80e67f34c
    Process: 612 ExecStart=/usr/local/bin/fail1 (code=exited, status=1/FAILURE)
   Main PID: 612 (code=exited, status=1/FAILURE)
`)
    expect(ran.tty).toContain('\x1b[0;1;31m×\x1b[0m r.service')
    expect(ran.tty).toContain('Process: 612 ExecStart=/usr/local/bin/fail1 \x1b[0;1;31m(code=exited, status=1/FAILURE)\x1b[0m\n')
    expect(ran.tty).toContain('Main PID: 612 (code=exited, status=1/FAILURE)\n')
  })

  it('of units that trigger others, or cannot be loaded', () => {
    const machine = new SystemctlMachine({
      'sa.socket': service({
        Id: 'sa.socket',
        Description: 'Demo socket',
        ActiveState: 'active',
        SubState: 'listening',
        FragmentPath: '/etc/systemd/system/sa.socket',
        UnitFileState: 'static',
        UnitFilePreset: 'enabled',
        ActiveEnterTimestamp: 1_795_354_235_000_000,
        Triggers: ['sa.service'],
        Listen: [['Stream', '127.0.0.1:7777']],
      }),
      'sa.service': service({ Id: 'sa.service', ActiveState: 'inactive', SubState: 'dead', TriggeredBy: ['sa.socket'] }),
      'b.timer': service({
        Id: 'b.timer',
        ActiveState: 'active',
        SubState: 'waiting',
        Triggers: ['b.service'],
        NextElapseUSecRealtime: 1_795_392_004_000_000,
      }),
      'm.service': service({
        Id: 'm.service',
        LoadState: 'masked',
        ActiveState: 'inactive',
        SubState: 'dead',
        LoadError: ['x', 'Unit m.service is masked.'],
      }),
      't.service': service({
        Id: 't.service',
        Description: 'Two',
        LoadState: 'bad-setting',
        ActiveState: 'inactive',
        SubState: 'dead',
        DropInPaths: ['/etc/systemd/system/t.service.d/a.conf', '/etc/systemd/system/t.service.d/b.conf'],
        LoadError: ['x', 'Unit t.service has a bad unit file setting.'],
      }),
    })
    expect(machine.run('status', 'sa.socket').stdout).toBe(`● sa.socket - Demo socket
     Loaded: loaded (/etc/systemd/system/sa.socket; static)
     Active: active (listening) since Sun 2026-11-22 13:30:35 UTC; 5s ago
   Triggers: ● sa.service
     Listen: 127.0.0.1:7777 (Stream)
`)
    expect(machine.run('status', 'sa.socket').tty).toContain('; static\x1b[0;1;32m\x1b[0m)')
    expect(machine.run('status', 'sa.service').stdout).toContain('\nTriggeredBy: ● sa.socket\n')
    expect(machine.run('status', 'b.timer').stdout).toContain(
      '    Trigger: Mon 2026-11-23 00:00:04 UTC; 10h left\n   Triggers: ● b.service\n',
    )
    expect(machine.run('status', 'm').stdout).toBe(
      '○ m.service\n     Loaded: masked (Reason: Unit m.service is masked.)\n     Active: inactive (dead)\n',
    )
    expect(machine.run('status', 't').stdout).toBe(`○ t.service - Two
     Loaded: bad-setting (Reason: Unit t.service has a bad unit file setting.)
    Drop-In: /etc/systemd/system/t.service.d
             └─a.conf, b.conf
     Active: inactive (dead)
`)
    const missing = machine.run('status', 'nosuch')
    expect(missing).toMatchObject({
      exit: 4,
      stdout: '',
      stderr: 'Unit nosuch.service could not be found.\n',
      tty: '\x1b[0;1;31mUnit nosuch.service could not be found.\x1b[0m\n',
    })
  })
})

const listed = (id: string, more: Partial<Record<'load' | 'active' | 'sub' | 'description', string>> = {}) => ({
  id,
  description: more.description ?? id,
  loadState: more.load ?? 'loaded',
  activeState: more.active ?? 'active',
  subState: more.sub ?? 'running',
  following: '',
  jobId: 0,
  jobType: '',
})

describe('list-units', () => {
  const units = [
    listed('systemd-journald.service', { description: 'Journal Service' }),
    listed('systemd-journal-flush.service', { sub: 'exited', description: 'Flush Journal to Persistent Storage' }),
    listed('systemd-journald.socket', { description: 'Journal Sockets' }),
    listed('dead.service', { active: 'inactive', sub: 'dead' }),
  ]
  const machine = new SystemctlMachine(
    {},
    answer('ListUnitsByPatterns', (_states, patterns) => ((patterns as readonly string[])[0] === 'nosuch*' ? [] : units)),
  )

  it('sorts by type and name, leaves the dead out', () => {
    expect(machine.run('list-units', 'systemd-j*').stdout).toBe(`  UNIT                          LOAD   ACTIVE SUB     DESCRIPTION
  systemd-journal-flush.service loaded active exited  Flush Journal to Persistent Storage
  systemd-journald.service      loaded active running Journal Service
  systemd-journald.socket       loaded active running Journal Sockets

Legend: LOAD   → Reflects whether the unit definition was properly loaded.
        ACTIVE → The high-level unit activation state, i.e. generalization of SUB.
        SUB    → The low-level unit activation state, values depend on unit type.

3 loaded units listed. Pass --all to see loaded but inactive units, too.
To show all installed unit files use 'systemctl list-unit-files'.
`)
  })

  it('draws a line under each type on a terminal', () => {
    const lines = machine.run('list-units', 'systemd-j*').tty.split('\n')
    expect(lines[0]).toBe(
      '\x1b[4m \x1b[0m\x1b[4m \x1b[0m\x1b[4mUNIT                         \x1b[0m\x1b[4m \x1b[0m\x1b[4mLOAD  \x1b[0m\x1b[4m \x1b[0m\x1b[4mACTIVE\x1b[0m\x1b[4m \x1b[0m\x1b[4mSUB    \x1b[0m\x1b[4m \x1b[0m\x1b[4mDESCRIPTION                        \x1b[0m',
    )
    expect(lines[1]).toBe(
      '  systemd-journal-flush.service loaded active \x1b[0;38:5:245mexited \x1b[0m Flush Journal to Persistent Storage',
    )
    const under = '\x1b[4m\x1b[58:5:245m'
    expect(lines[2]).toBe(
      [' ', 'systemd-journald.service     ', 'loaded', 'active', 'running', 'Journal Service                    ']
        .map((cell) => `${under}${cell}\x1b[0m`)
        .join(`${under} \x1b[0m`),
    )
  })

  it('says that there is nothing', () => {
    const ran = machine.run('list-units', 'nosuch*')
    expect(ran.stdout).toBe(
      "  UNIT LOAD ACTIVE SUB DESCRIPTION\n\n0 loaded units listed. Pass --all to see loaded but inactive units, too.\nTo show all installed unit files use 'systemctl list-unit-files'.\n",
    )
    expect(ran.tty).toBe(
      "\x1b[4m \x1b[0m\x1b[4m \x1b[0m\x1b[4mUNIT\x1b[0m\x1b[4m \x1b[0m\x1b[4mLOAD\x1b[0m\x1b[4m \x1b[0m\x1b[4mACTIVE\x1b[0m\x1b[4m \x1b[0m\x1b[4mSUB\x1b[0m\x1b[4m \x1b[0m\x1b[4mDESCRIPTION\x1b[0m\n\n\x1b[0;1;31m0 loaded units listed.\x1b[0m \x1b[0;38:5:245mPass --all to see loaded but inactive units, too.\x1b[0m\n\x1b[0;38:5:245mTo show all installed unit files use 'systemctl list-unit-files'.\x1b[0m\n",
    )
  })

  it('shows what failed in red, and JSON', () => {
    const failed = new SystemctlMachine(
      {},
      answer('ListUnitsByPatterns', () => [listed('bad.service', { active: 'failed', sub: 'failed', description: 'Bad one' })]),
    )
    expect(failed.run('list-units', '--state=failed', '--no-legend').tty).toBe(
      '\x1b[0;1;31m●\x1b[0m \x1b[0;1;31mbad.service\x1b[0m loaded \x1b[0;1;31mfailed\x1b[0m \x1b[0;1;31mfailed\x1b[0m Bad one\n',
    )
    expect(failed.run('list-units', '-o', 'json').stdout).toBe(
      '[{"unit":"bad.service","load":"loaded","active":"failed","sub":"failed","description":"Bad one"}]\n',
    )
    expect(failed.run('--failed').stdout).toContain('\n1 loaded units listed.\n')
  })
})

describe('show', () => {
  const never = { startTimestamp: 0, startTimestampMonotonic: 0, exitTimestamp: 0, exitTimestampMonotonic: 0, pid: 0, code: 0, status: 0 }
  const machine = new SystemctlMachine({
    'ns.service': {
      Id: 'ns.service',
      Requires: ['system.slice', 'sysinit.target'],
      Wants: [],
      Environment: ['A=b c', 'X=1'],
      ExecStart: [{ path: '/bin/echo', argv: ['/bin/echo', 'one'], flags: [], ignoreFailure: false, ...never }],
      TimeoutStartUSec: 90_000_000,
      TimeoutStopUSec: Number.POSITIVE_INFINITY,
      MemoryMax: Number.POSITIVE_INFINITY,
      MemoryCurrent: Number.POSITIVE_INFINITY,
      ActiveEnterTimestamp: 1_795_354_235_000_000,
      InactiveEnterTimestamp: 0,
      UMask: 0o22,
      CoredumpFilter: 0x33,
      CanReload: false,
      CapabilityBoundingSet: 3n,
      TimersCalendar: [['OnCalendar', '*-*-* 00:00:00', 1_795_392_000_000_000]],
    },
  })
  it.each([
    ['Requires', 'Requires=system.slice sysinit.target'],
    ['Wants', 'Wants='],
    ['Environment', 'Environment="A=b c" X=1'],
    [
      'ExecStart',
      'ExecStart={ path=/bin/echo ; argv[]=/bin/echo one ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }',
    ],
    ['TimeoutStartUSec', 'TimeoutStartUSec=1min 30s'],
    ['TimeoutStopUSec', 'TimeoutStopUSec=infinity'],
    ['MemoryMax', 'MemoryMax=infinity'],
    ['MemoryCurrent', 'MemoryCurrent=[not set]'],
    ['ActiveEnterTimestamp', 'ActiveEnterTimestamp=Sun 2026-11-22 13:30:35 UTC'],
    ['InactiveEnterTimestamp', 'InactiveEnterTimestamp='],
    ['UMask', 'UMask=0022'],
    ['CoredumpFilter', 'CoredumpFilter=0x33'],
    ['CanReload', 'CanReload=no'],
    ['CapabilityBoundingSet', 'CapabilityBoundingSet=cap_chown cap_dac_override'],
    ['TimersCalendar', 'TimersCalendar={ OnCalendar=*-*-* 00:00:00 ; next_elapse=Mon 2026-11-23 00:00:00 UTC }'],
  ])('-p %s', (property, line) => expect(machine.run('show', '-p', property, 'ns').stdout).toBe(`${line}\n`))
  it('--value leaves the name out, empty properties are hidden unless asked for', () => {
    expect(machine.run('show', '--value', '-p', 'UMask', 'ns').stdout).toBe('0022\n')
    expect(machine.run('show', 'ns').stdout).not.toContain('Wants=')
    expect(machine.run('show', '--property=', 'ns').stdout).toBe('')
  })
})

describe('jobs', () => {
  const refusing = (name: string, message: string) =>
    new SystemctlMachine(
      {},
      answer('StartUnit', () => new BusError(name, message)),
    )
  it.each([
    ['org.freedesktop.systemd1.NoSuchUnit', 'Unit x.service not found.', 5, 'Failed to start x.service: Unit x.service not found.\n'],
    ['org.freedesktop.systemd1.UnitMasked', 'Unit x.service is masked.', 1, 'Failed to start x.service: Unit x.service is masked.\n'],
    [
      'org.freedesktop.systemd1.NoIsolation',
      'Operation refused, unit may not be isolated.',
      4,
      "Failed to start x.service: Operation refused, unit may not be isolated.\nSee system logs and 'systemctl status x.service' for details.\n",
    ],
    [
      'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
      'Interactive authentication required.',
      1,
      "Failed to start x.service: Interactive authentication required.\nSee system logs and 'systemctl status x.service' for details.\n",
    ],
  ])('refused: %s', (name, message, exit, stderr) =>
    expect(refusing(name, message).run('start', 'x')).toMatchObject({ exit, stderr, stdout: '' }),
  )

  it.each([
    ['done', '', 0],
    ['skipped', '', 0],
    ['canceled', 'Job for x.service canceled.\n', 1],
    ['dependency', "A dependency job for x.service failed. See 'journalctl -xe' for details.\n", 1],
    [
      'failed',
      'Job for x.service failed because the control process exited with error code.\nSee "systemctl status x.service" and "journalctl -xeu x.service" for details.\n',
      1,
    ],
  ])('that end %s', (jobResult, stderr, exit) => {
    const machine = new SystemctlMachine({ 'x.service': { Id: 'x.service', LoadState: 'loaded', Result: 'exit-code' } }, {}, { jobResult })
    expect(machine.run('start', 'x')).toMatchObject({ stderr, exit })
  })

  it('stopping what a socket may start again is told', () => {
    const machine = new SystemctlMachine({
      'sa.service': { Id: 'sa.service', LoadState: 'loaded', TriggeredBy: ['sa.socket'] },
      'sa.socket': { Id: 'sa.socket', LoadState: 'loaded', ActiveState: 'active' },
    })
    expect(machine.run('stop', 'sa').stderr).toBe("Stopping 'sa.service', but its triggering units are still active:\nsa.socket\n")
  })
})

describe('wrong usage', () => {
  const machine = new SystemctlMachine()
  it.each([
    [['frobnicate'], 1, "Unknown command verb 'frobnicate'.\n"],
    [['--frobnicate'], 1, "systemctl: unrecognized option '--frobnicate'\n"],
    [['statsu', 'cron'], 1, "Unknown command verb 'statsu', did you mean 'status'?\n"],
    [['list-unit'], 1, "Unknown command verb 'list-unit', did you mean 'list-units'?\n"],
    [['version'], 1, "Unknown command verb 'version', did you mean 'stop'?\n"],
    [['start'], 1, 'Too few arguments.\n'],
    [['isolate', 'multi-user.target', 'cron'], 1, 'Too many arguments.\n'],
    [['start', ''], 1, 'Failed to mangle name: Invalid argument\nFailed to expand names: Invalid argument\n'],
    [['-t', 'nonsense'], 1, "Unknown unit type or load state 'nonsense'.\nUse -t help to see a list of allowed values.\n"],
    [['-p'], 1, "systemctl: option requires an argument -- 'p'\n"],
    [['kill', '-s', 'FOO', 'cron'], 1, 'Failed to parse signal string "FOO".\n'],
    [['list-units', '-o', 'yaml'], 1, "Unknown output 'yaml'.\n"],
    [['-n', 'x', 'status', 'cron'], 1, "Failed to parse lines 'x'\n"],
    [['cat', 'nosuch'], 1, 'No files found for nosuch.service.\n'],
    [['edit', 'nosuch'], 1, 'Cannot edit units interactively if not on a tty.\n'],
  ])('%j', (argv, exit, stderr) => expect(machine.run(...argv)).toMatchObject({ exit, stderr, stdout: '' }))
})

describe('other verbs', () => {
  it('is-active knows running, dead and unknown', () => {
    const machine = new SystemctlMachine({
      'a.service': { LoadState: 'loaded', ActiveState: 'active' },
      'b.service': { LoadState: 'loaded', ActiveState: 'failed' },
    })
    expect(machine.run('is-active', 'a')).toMatchObject({ stdout: 'active\n', exit: 0 })
    expect(machine.run('is-active', 'b')).toMatchObject({ stdout: 'failed\n', exit: 3 })
    expect(machine.run('is-active', 'nosuch')).toMatchObject({ stdout: 'inactive\n', exit: 4 })
    expect(machine.run('is-active', 'a', 'b')).toMatchObject({ stdout: 'active\nfailed\n', exit: 0 })
    expect(machine.run('is-failed', 'b')).toMatchObject({ stdout: 'failed\n', exit: 0 })
    expect(machine.run('is-failed', 'a')).toMatchObject({ stdout: 'active\n', exit: 1 })
    expect(machine.run('is-active', '--quiet', 'a')).toMatchObject({ stdout: '', exit: 0 })
  })

  it('cat shows the files, in colours on a terminal', () => {
    const files = {
      '/etc/systemd/system/t.service': '[Unit]\nDescription=Editable\n\n[Service]\n# note\nExecStart=/usr/bin/sleep \\\n  1000\n',
    }
    const machine = new SystemctlMachine(
      { 't.service': { LoadState: 'loaded', FragmentPath: '/etc/systemd/system/t.service', DropInPaths: [] } },
      {},
      { files },
    )
    const ran = machine.run('cat', 't')
    expect(ran.stdout).toBe(`# /etc/systemd/system/t.service\n${files['/etc/systemd/system/t.service']}`)
    expect(ran.tty).toBe(
      `\x1b[0;1;34m# ${link('/etc/systemd/system/t.service')}\x1b[0m\n\x1b[0;1;36m[Unit]\x1b[0m\n\x1b[0;1;32mDescription=\x1b[0mEditable\n\x1b[0;1;38:5:245m\x1b[0m\n\x1b[0;1;36m[Service]\x1b[0m\n\x1b[0;1;38:5:245m# note\x1b[0m\n\x1b[0;1;32mExecStart=\x1b[0m/usr/bin/sleep \\\n  1000\n`,
    )
  })

  it('list-dependencies draws a tree, targets last and opened', () => {
    const unit = (requires: readonly string[]): Properties => ({ LoadState: 'loaded', ActiveState: 'active', Requires: requires })
    const machine = new SystemctlMachine({
      'd.service': unit(['sysinit.target', 'system.slice']),
      'system.slice': unit(['-.slice']),
      'sysinit.target': unit(['b.service', 'a.mount']),
      'a.mount': unit([]),
      'b.service': { ...unit([]), ActiveState: 'inactive' },
    })
    expect(machine.run('list-dependencies', 'd').stdout).toBe(
      'd.service\n● ├─system.slice\n● └─sysinit.target\n●   ├─a.mount\n○   └─b.service\n',
    )
    expect(machine.run('list-dependencies', '--plain', 'd').stdout).toBe(
      'd.service\n  system.slice\n  sysinit.target\n  a.mount\n  b.service\n',
    )
  })

  it('enable tells of links, and of files that have no [Install]', () => {
    const change = {
      type: 'symlink',
      path: '/etc/systemd/system/multi-user.target.wants/t.service',
      source: '/etc/systemd/system/t.service',
    }
    const machine = new SystemctlMachine(
      {},
      {
        ...answer('EnableUnitFilesWithFlags', () => ({ carriesInstallInfo: true, changes: [change] })),
        ...answer('DisableUnitFilesWithFlags', () => ({ carriesInstallInfo: false, changes: [] })),
      },
    )
    expect(machine.run('enable', 't').stderr).toBe(
      "Created symlink '/etc/systemd/system/multi-user.target.wants/t.service' → '/etc/systemd/system/t.service'.\n",
    )
    expect(machine.run('disable', 't').stderr).toMatch(/^The unit files have no installation config \(WantedBy=, RequiredBy=, UpheldBy=,\n/)
    const missing = new SystemctlMachine(
      {},
      answer(
        'EnableUnitFilesWithFlags',
        () => new BusError('org.freedesktop.DBus.Error.FileNotFound', 'Unit nosuch.service does not exist'),
      ),
    )
    expect(missing.run('enable', 'nosuch')).toMatchObject({
      stderr: 'Failed to enable unit: Unit nosuch.service does not exist\n',
      exit: 1,
    })
  })

  it('list-jobs, list-timers and list-sockets are tables', () => {
    const machine = new SystemctlMachine(
      {
        'b.timer': { Triggers: ['b.service'], NextElapseUSecRealtime: 1_795_392_004_000_000, LastTriggerUSec: 0 },
        's.socket': {
          Triggers: [],
          Listen: [
            ['Stream', '/run/s'],
            ['Datagram', '/run/a'],
          ],
        },
      },
      {
        ...answer('ListJobs', () => [{ id: 846, unit: 'o4.service', type: 'start', state: 'running' }]),
        ...answer('ListUnitsByPatterns', () => [listed('b.timer'), listed('s.socket')]),
      },
    )
    expect(machine.run('list-jobs').stdout).toBe('JOB UNIT       TYPE  STATE\n846 o4.service start running\n\n1 jobs listed.\n')
    expect(machine.run('list-jobs').tty).toContain(
      '846 \x1b[0;1;39mo4.service\x1b[0m start \x1b[0;1;39mrunning\x1b[0m\n\n\x1b[0;1;39m1 jobs listed\x1b[0m.\n',
    )
    expect(machine.run('list-timers').stdout).toBe(
      'NEXT                        LEFT LAST PASSED UNIT    ACTIVATES\nMon 2026-11-23 00:00:04 UTC  10h -         - b.timer b.service\n\n1 timers listed.\nPass --all to see loaded but inactive timers, too.\n',
    )
    expect(machine.run('list-sockets').stdout).toBe(
      'LISTEN UNIT     ACTIVATES\n/run/a s.socket -\n/run/s s.socket -\n\n2 sockets listed.\nPass --all to see loaded but inactive sockets, too.\n',
    )
  })
})
