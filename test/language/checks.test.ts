// Each check of ours: a file that it must find, where, and one that it must leave alone.
import { describe, expect, test } from 'vitest'
import { checks } from '@/lib/language'
import { type Files, NOW_USEC, SERVICE, unitLanguage } from './tree'

type Case = {
  readonly check: string
  readonly text: string
  /** What is underlined. */
  readonly at: string
  /** The same without the fault. */
  readonly fine: string
  readonly path?: string
  readonly files?: Files
  readonly target?: number
}

const BASE = '[Install]\nWantedBy=multi-user.target\n'
const service = (lines: string, unit = ''): string => `[Unit]\nDescription=x\n${unit}\n[Service]\n${lines}\n${BASE}`
const TIMER = '/etc/systemd/system/web.timer'
const USER = '/home/learner/.config/systemd/user/web.service'
const run = 'ExecStart=/usr/bin/sleep 60\n'
const web: Files = { '/etc/systemd/system/web.service': '[Service]\nExecStart=/usr/bin/sleep 1\n' }
const script = (text: string): Files => ({ '/usr/local/bin/run': { mode: 0o755, text: `#!/bin/sh\n${text}\n` } })
const SCRIPT = 'ExecStart=/usr/local/bin/run\n'

const cases: readonly Case[] = [
  {
    check: 'requires-without-after',
    text: service(run, 'Requires=db.service\n'),
    at: 'db.service',
    fine: service(run, 'Requires=db.service\nAfter=db.service\n'),
    files: { '/etc/systemd/system/db.service': '[Service]\nExecStart=/usr/bin/true\n' },
  },
  {
    check: 'network-target',
    text: service('ExecStart=/usr/bin/curl https://example.org\n', 'After=network.target\n'),
    at: 'network.target',
    fine: service('ExecStart=/usr/bin/web --port 80\n', 'After=network.target\n'),
  },
  {
    check: 'online-not-wanted',
    text: service(run, 'After=network-online.target\n'),
    at: 'network-online.target',
    fine: service(run, 'After=network-online.target\nWants=network-online.target\n'),
  },
  { check: 'no-install', text: `[Service]\n${run}`, at: '[Service]', fine: service(run) },
  {
    check: 'enabled-without-install',
    text: `[Service]\n${run}`,
    at: '[Service]',
    fine: service(run),
    files: { '/etc/systemd/system/multi-user.target.wants/web.service': { link: SERVICE } },
  },
  {
    check: 'user-unit-system-target',
    text: `[Service]\n${run}\n[Install]\nWantedBy=multi-user.target\n`,
    at: 'multi-user.target',
    fine: `[Service]\n${run}\n[Install]\nWantedBy=default.target\n`,
    path: USER,
  },
  {
    check: 'unit-not-found',
    text: service(run, 'Wants=nowhere.service\n'),
    at: 'nowhere.service',
    fine: service(run, 'Wants=basic.target\n'),
  },
  {
    check: 'unit-not-found',
    text: '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    at: '[Timer]',
    fine: '[Timer]\nOnCalendar=daily\nUnit=other.service\n[Install]\nWantedBy=timers.target\n',
    path: TIMER,
    files: { '/etc/systemd/system/other.service': '[Service]\nExecStart=/usr/bin/true\n' },
  },
  {
    check: 'ordering-cycle',
    text: service(run, 'After=b.service\n'),
    at: 'b.service',
    fine: service(run, 'Before=b.service\n'),
    files: {
      '/etc/systemd/system/b.service': '[Unit]\nAfter=c.service\n[Service]\nExecStart=/usr/bin/true\n',
      '/etc/systemd/system/c.service': '[Unit]\nAfter=web.service\n[Service]\nExecStart=/usr/bin/true\n',
    },
  },
  { check: 'names-itself', text: service(run, 'After=web.service\n'), at: 'web.service', fine: service(run, 'After=basic.target\n') },
  {
    check: 'socket-starts-it-again',
    text: `[Service]\n${run}`,
    at: '[Service]',
    fine: '[Unit]\nDescription=x\n',
    files: { '/etc/systemd/system/web.socket': '[Socket]\nListenStream=80\n' },
  },
  {
    check: 'wanted-by-itself-timer',
    text: service(run),
    at: 'WantedBy=multi-user.target',
    fine: `[Service]\n${run}`,
    files: { [TIMER]: '[Timer]\nOnCalendar=daily\n' },
  },
  {
    check: 'type-mismatch',
    text: service('ExecStart=/usr/sbin/nginx\n'),
    at: '/usr/sbin/nginx',
    fine: service("ExecStart=/usr/sbin/nginx -g 'daemon off;'\n"),
  },
  {
    check: 'type-mismatch',
    text: service(`Type=forking\nExecStart=/usr/bin/node app.js\n`),
    at: 'forking',
    fine: service('Type=exec\nExecStart=/usr/bin/node app.js\n'),
  },
  {
    check: 'type-mismatch',
    text: service(`Type=notify\n${SCRIPT}`),
    at: 'notify',
    fine: service(`Type=exec\n${SCRIPT}`),
    files: script('exec sleep 60'),
  },
  {
    check: 'type-mismatch',
    text: service(SCRIPT),
    at: '/usr/local/bin/run',
    fine: service(`Type=forking\n${SCRIPT}`),
    files: script('sleep 60 &'),
  },
  {
    check: 'forking-without-pid-file',
    text: service('Type=forking\nExecStart=/usr/sbin/nginx\n'),
    at: 'forking',
    fine: service('Type=forking\nPIDFile=/run/nginx.pid\nExecStart=/usr/sbin/nginx\n'),
  },
  {
    check: 'notify-access',
    text: service(`Type=notify\n${SCRIPT}`),
    at: 'notify',
    fine: service(`Type=notify\nNotifyAccess=all\n${SCRIPT}`),
    files: script('systemd-notify --ready; exec sleep 60'),
  },
  {
    check: 'start-limit-section',
    text: service(`${run}StartLimitIntervalSec=60\n`),
    at: 'StartLimitIntervalSec',
    fine: service(run, 'StartLimitIntervalSec=60\n'),
  },
  {
    check: 'restart-never-limited',
    text: service(`${run}Restart=always\nRestartSec=2s\n`),
    at: '2s',
    fine: service(`${run}Restart=always\nRestartSec=1s\n`),
  },
  { check: 'kill-mode-none', text: service(`${run}KillMode=none\n`), at: 'none', fine: service(`${run}KillMode=mixed\n`) },
  {
    check: 'drop-in-exec-append',
    text: '[Service]\nExecStart=/usr/bin/sleep 2\n',
    at: 'ExecStart',
    fine: '[Service]\nExecStart=\nExecStart=/usr/bin/sleep 2\n',
    path: '/etc/systemd/system/web.service.d/10.conf',
    files: web,
  },
  {
    check: 'instance-is-no-number',
    text: '[Service]\nExecStart=/usr/bin/web --port=%i\n[Install]\nWantedBy=multi-user.target\n',
    at: '--port=%i',
    fine: '[Service]\nExecStart=/usr/bin/web --name=%i\n[Install]\nWantedBy=multi-user.target\n',
    path: '/etc/systemd/system/web@.service',
    files: { '/etc/systemd/system/multi-user.target.wants/web@alpha.service': { link: '/etc/systemd/system/web@.service' } },
  },
  { check: 'user-not-found', text: service(`${run}User=myapp\n`), at: 'myapp', fine: service(`${run}User=www-data\n`) },
  { check: 'user-not-found', text: service(`${run}User=myapp\n`), at: 'myapp', fine: service(`${run}User=myapp\nDynamicUser=yes\n`) },
  { check: 'non-blocking', text: service(`${run}NonBlocking=true\n`), at: 'true', fine: service(run) },
  {
    check: 'oneshot-runs-on',
    text: service('Type=oneshot\nExecStart=/usr/bin/sleep infinity\n'),
    at: 'oneshot',
    fine: service('Type=oneshot\nExecStart=/usr/bin/sleep 1\n'),
  },
  {
    check: 'timer-service-remains',
    text: `[Service]\nType=oneshot\nRemainAfterExit=yes\n${run}`,
    at: 'yes',
    fine: `[Service]\nType=oneshot\n${run}`,
    files: { [TIMER]: '[Timer]\nOnCalendar=daily\n' },
  },
  {
    check: 'user-unit-needs-root',
    text: `[Service]\n${run}User=www-data\n[Install]\nWantedBy=default.target\n`,
    at: 'User',
    fine: `[Service]\n${run}[Install]\nWantedBy=default.target\n`,
    path: USER,
  },
  {
    check: 'overridden-here',
    text: service(`Restart=always\n${run}Restart=no\n`),
    at: 'Restart=always',
    fine: service(`${run}Restart=no\n`),
  },
  {
    check: 'comment-in-value',
    text: service(`${run}Restart=always   # on-failure is better\n`),
    at: '   # on-failure is better',
    fine: service(`# on-failure is better\n${run}Restart=always\n`),
  },
  {
    check: 'comment-in-value',
    text: service('ExecStart=/usr/bin/sleep 60 # wait\n'),
    at: ' # wait',
    fine: service('ExecStart=/usr/bin/sleep 60\n'),
  },
  {
    check: 'no-shell-in-exec',
    text: service('ExecStart=/usr/bin/web > /var/log/web.log\n'),
    at: '>',
    fine: service("ExecStart=/bin/sh -c '/usr/bin/web > /var/log/web.log'\n"),
  },
  {
    check: 'no-shell-in-exec',
    text: service('ExecStart=/usr/bin/web && /usr/bin/true\n'),
    at: '&&',
    fine: service('ExecStart=/usr/bin/web\n'),
  },
  {
    check: 'no-glob-in-exec',
    text: service('ExecStart=/usr/bin/web /srv/*.html\n'),
    at: '/srv/*.html',
    fine: service('ExecStart=/usr/bin/web /srv/index.html\n'),
  },
  { check: 'relative-path', text: service('ExecStart=./web\n'), at: './web', fine: service('ExecStart=web\n') },
  {
    check: 'variable-as-program',
    text: service('ExecStart=$PROGRAM start\n'),
    at: '$PROGRAM',
    fine: service('ExecStart=/usr/bin/web $MODE\n'),
  },
  { check: 'program-not-found', text: service('ExecStart=/usr/bin/missing -x\n'), at: '/usr/bin/missing', fine: service(run) },
  { check: 'program-not-found', text: service('ExecStart=/usr/bin/plain\n'), at: '/usr/bin/plain', fine: service(run) },
  {
    check: 'file-not-found',
    text: service(`${run}EnvironmentFile=/etc/default/web\n`),
    at: '/etc/default/web',
    fine: service(`${run}EnvironmentFile=-/etc/default/web\n`),
  },
  {
    check: 'environment-quotes',
    text: service(`${run}Environment=OPTIONS=-a -b\n`),
    at: '-b',
    fine: service(`${run}Environment="OPTIONS=-a -b"\n`),
  },
  {
    check: 'sudo-in-exec',
    text: service('ExecStart=/usr/bin/sudo /usr/bin/web\n'),
    at: '/usr/bin/sudo',
    fine: service('ExecStart=+/usr/bin/web\n'),
  },
  {
    check: 'resets-nothing',
    text: service(`${run}Environment=\n`),
    at: 'Environment=',
    fine: service(`${run}Environment=A=1\nEnvironment=\n`),
  },
  {
    check: 'timer-never-elapses',
    text: '[Timer]\nOnCalendar=2020-01-01\n',
    at: '2020-01-01',
    fine: '[Timer]\nOnCalendar=2030-01-01\n',
    path: TIMER,
    files: web,
  },
  {
    check: 'timer-never-elapses',
    text: '[Timer]\nOnUnitActiveSec=1h\n',
    at: 'OnUnitActiveSec=1h',
    fine: '[Timer]\nOnBootSec=1h\nOnUnitActiveSec=1h\n',
    path: TIMER,
    files: web,
  },
  {
    check: 'persistent-without-calendar',
    text: '[Timer]\nOnBootSec=1h\nPersistent=true\n',
    at: 'true',
    fine: '[Timer]\nOnCalendar=daily\nPersistent=true\n',
    path: TIMER,
    files: web,
  },
  {
    check: 'timer-accuracy',
    text: '[Timer]\nOnBootSec=5min\nOnUnitActiveSec=10s\n',
    at: '10s',
    fine: '[Timer]\nOnUnitActiveSec=10s\nAccuracySec=1s\n',
    path: TIMER,
    files: web,
  },
  {
    check: 'hardening-contradiction',
    text: service('ExecStart=/home/learner/run\nProtectHome=yes\n'),
    at: 'yes',
    fine: service('ExecStart=/home/learner/run\nProtectHome=read-only\n'),
  },
  {
    check: 'hardening-contradiction',
    text: service(`${run}Type=notify\nRestrictAddressFamilies=AF_INET\n`),
    at: 'AF_INET',
    fine: service(`${run}Type=notify\nRestrictAddressFamilies=AF_INET AF_UNIX\n`),
  },
  {
    check: 'hardening-contradiction',
    text: service(`${run}User=www-data\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_CHOWN\n`),
    at: 'CAP_NET_RAW',
    fine: service(`${run}User=www-data\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW\n`),
  },
  {
    check: 'hardening-contradiction',
    text: service(`${run}MemoryMax=1G\nMemoryHigh=2G\n`),
    at: '2G',
    fine: service(`${run}MemoryMax=1G\nMemoryHigh=512M\n`),
  },
  {
    check: 'hardening-contradiction',
    text: service('ExecStart=/usr/bin/node x.js\nMemoryDenyWriteExecute=yes\n'),
    at: 'yes',
    fine: service(`${run}MemoryDenyWriteExecute=yes\n`),
  },
  {
    check: 'hardening-contradiction',
    text: service(`${run}DynamicUser=yes\nProtectSystem=full\n`),
    at: 'full',
    fine: service(`${run}DynamicUser=yes\nProtectSystem=strict\n`),
  },
  {
    check: 'hardening-contradiction',
    text: service(`${run}ProtectSystem=strict\nReadWritePaths=/srv/none\n`),
    at: '/srv/none',
    fine: service(`${run}ProtectSystem=strict\nReadWritePaths=-/srv/none\n`),
  },
  {
    check: 'address-deny-any',
    text: service('ExecStart=/usr/bin/web --port 8080\nIPAddressDeny=any\n'),
    at: 'any',
    fine: service('ExecStart=/usr/bin/web --port 8080\nIPAddressDeny=any\nIPAddressAllow=localhost\n'),
  },
  {
    check: 'low-port',
    text: service('ExecStart=/usr/bin/web --port 80\nUser=www-data\n'),
    at: '80',
    fine: service('ExecStart=/usr/bin/web --port 80\nUser=www-data\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n'),
  },
  {
    check: 'output-file-read-only',
    text: service('ExecStart=/usr/bin/web --log-file=/var/log/web/x.log\nProtectSystem=strict\n'),
    at: 'strict',
    fine: service('ExecStart=/usr/bin/web --log-file=/var/log/web/x.log\nProtectSystem=strict\nLogsDirectory=web\n'),
  },
  {
    check: 'device-policy-without-devices',
    text: service(`${run}DeviceAllow=/dev/sda r\n`),
    at: 'DeviceAllow',
    fine: service(`${run}DeviceAllow=/dev/sda r\nDevicePolicy=closed\n`),
  },
  { check: 'newer-than-target', text: service(`${run}Type=exec\n`), at: 'exec', fine: service(`${run}Type=simple\n`), target: 239 },
  { check: 'newer-than-target', text: service(`${run}DynamicUser=yes\n`), at: 'DynamicUser', fine: service(run), target: 219 },
  { check: 'out-of-date-name', text: service(`${run}MemoryLimit=1G\n`), at: 'MemoryLimit', fine: service(`${run}MemoryMax=1G\n`) },
  { check: 'removed-directive', text: service(`${run}SysVStartPriority=1\n`), at: 'SysVStartPriority', fine: service(run) },
  { check: 'permissions-start-only', text: service(`${run}PermissionsStartOnly=yes\n`), at: 'PermissionsStartOnly', fine: service(run) },
  { check: 'not-simulated', text: service(`${run}RootImage=/x.raw\n`), at: 'RootImage', fine: service(run) },
]

const find = ({ check, path = SERVICE, files = {}, target }: Case, text: string) =>
  unitLanguage(files, { facts: { nowUsec: NOW_USEC, userHome: '/home/learner' }, ...(target ? { target } : {}) })
    .diagnostics(path, text)
    .filter((one) => one.code === check)

describe('checks', () => {
  test.each(cases.map((one, index) => [`${one.check} ${index}`, one] as const))('%s', (_name, one) => {
    const found = find(one, one.text)
    expect(found.map(({ from, to }) => one.text.slice(from, to))).toContain(one.at)
    expect(found[0]!.message).not.toMatch(/\{\w+\}/)
    expect(find(one, one.fine)).toEqual([])
  })
  test('all of them are tried', () => {
    expect(checks.map((one) => one.id).filter((id) => !cases.some((one) => one.check === id))).toEqual([])
  })
  test('the loop of a cycle is drawn', () => {
    const one = cases.find(({ check }) => check === 'ordering-cycle')!
    expect(find(one, one.text)[0]!.message).toContain('web.service → b.service → c.service → web.service')
  })
  test('a good unit is left in peace', () => {
    const text =
      '[Unit]\nDescription=Web\nAfter=network.target\n\n[Service]\nType=exec\nExecStart=/usr/bin/web --port 8080\nRestart=on-failure\nUser=www-data\nStateDirectory=web\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nNoNewPrivileges=yes\n\n[Install]\nWantedBy=multi-user.target\n'
    expect(unitLanguage().diagnostics(SERVICE, text)).toEqual([])
  })
  test('a target does not wait for what comes after it by default', () => {
    const files = {
      '/usr/lib/systemd/system/sysinit.target.wants/late.service': { link: '/etc/systemd/system/late.service' },
      '/etc/systemd/system/late.service': '[Service]\nExecStart=/usr/bin/true\n',
    }
    const text = service(run, 'After=sysinit.target\n')
    expect(unitLanguage(files).diagnostics(SERVICE, text)).toEqual([])
  })
  test('in Korean', () => {
    const text = service(`${run}KillMode=none\n`)
    expect(
      unitLanguage({}, { language: 'ko' })
        .diagnostics(SERVICE, text)
        .find((one) => one.code === 'kill-mode-none')?.message,
    ).toMatch(/[가-힣]/)
  })
})
