// What hardening directives let a service do: units of the probe on the lab machine, through PID 1 and the kernel's checks.
// The full comparison with real Linux is the conformance set `matrix`; here is one row for each mechanism.
import { describe, expect, it } from 'vitest'
import { type ProbeAnswer, probeUnit } from '@/lib/machine'
import { matrixActions } from '@/lib/programs/matrix'

let count = 0
function probe(...lines: readonly string[]): ProbeAnswer {
  count += 1
  return probeUnit(
    `mx-t${count}`,
    `[Unit]\nDescription=Probe\n\n[Service]\nType=oneshot\n${lines.join('\n')}\nExecStart=/usr/local/lib/matrix/probe\n`,
  )
}

const success = { LoadState: 'loaded', Result: 'success', ExecMainCode: '1', ExecMainStatus: '0' }
const root = probe()
const learner = probe('User=learner')

describe('the probe', () => {
  it('tries 327 actions', () => {
    expect(matrixActions).toHaveLength(327)
    expect(Object.keys(root.result ?? {})).toHaveLength(327)
    expect(root.exit).toEqual(success)
  })

  it('tells root from a user', () => {
    expect(root.result).toMatchObject({ 'write-etc': 'ok', 'cap-eff': 'ok:000001ffffffffff', 'exec-suid-root': 'ok:yes' })
    expect(learner.result).toMatchObject({ 'write-etc': 'EACCES', 'cap-eff': 'ok:0000000000000000', 'exec-suid-root': 'ok:yes' })
  })
})

const rows: readonly (readonly [directive: string, expected: Readonly<Record<string, string>>])[] = [
  ['ProtectSystem=strict', { 'write-etc': 'EROFS', 'write-tmp': 'EROFS', 'write-home-learner': 'ok', 'write-root-home': 'ok' }],
  ['ProtectHome=yes', { 'list-home': 'ok:0', 'read-home-secret': 'ENOENT', 'write-etc': 'ok' }],
  ['PrivateTmp=yes', { 'see-tmp-marker': 'ENOENT', 'list-tmp': 'ok:0', 'write-tmp': 'ok' }],
  ['PrivateDevices=yes', { 'open-null': 'ok', 'open-vda': 'ENOENT', 'list-dev': 'ok:18', 'mknod-char': 'EPERM' }],
  ['DevicePolicy=closed', { 'open-null': 'ok', 'open-vda': 'EPERM' }],
  ['PrivateNetwork=yes', { 'connect-tcp': 'ECONNREFUSED', 'bind-127-8080': 'ok', 'ns-net': 'ok:own', 'connect-unix': 'ok' }],
  ['IPAddressDeny=any', { 'connect-tcp': 'EINPROGRESS', 'udp-send': 'EPERM' }],
  ['SocketBindDeny=tcp:8080', { 'bind-127-8080': 'EPERM', 'bind-any-8081': 'ok' }],
  ['RestrictAddressFamilies=AF_UNIX', { 'socket-inet': 'EAFNOSUPPORT', 'socket-unix': 'ok' }],
  ['RestrictNamespaces=yes', { 'unshare-newuser': 'EPERM', 'clone3-plain': 'ENOSYS' }],
  ['RestrictSUIDSGID=yes', { 'chmod-suid': 'EPERM', 'chmod-plain': 'ok', 'mkdir-sgid': 'EPERM' }],
  ['MemoryDenyWriteExecute=yes', { 'mmap-wx': 'EACCES', 'mmap-exec-only': 'ok', 'seccomp-mode': 'ok:0' }],
  ['SystemCallArchitectures=native', { 'exec-i386': 'signal:SIGSYS', 'exec-usr-bin-true': 'ok' }],
  ['SystemCallFilter=@system-service', { 'mount-tmpfs': 'signal:SIGSYS', 'unknown-syscall': 'ENOSYS', 'write-etc': 'ok' }],
  ['PrivatePIDs=yes', { 'read-pid1-comm': 'ok:probe', 'count-pids': 'ok:2', 'ns-pid': 'ok:own' }],
  ['CapabilityBoundingSet=CAP_CHOWN', { 'cap-eff': 'ok:0000000000000001', 'chown-root': 'ok', 'read-root-secret': 'ok' }],
  ['LimitFSIZE=1M', { 'write-10mib': 'signal:SIGXFSZ' }],
]

describe('one directive at a time', () => {
  it.each(rows)('%s', (directive, expected) => {
    const { result, exit } = probe(directive)
    expect(exit).toEqual(success)
    expect(result).toMatchObject(expected)
  })

  it('DynamicUser= keeps its data below private', () => {
    const { result } = probe('DynamicUser=yes', 'StateDirectory=mxstate')
    expect(result).toMatchObject({ 'write-state-dir': 'ok', 'info-state-dir': 'ok:/var/lib/mxstate 0755 own', 'exec-suid-root': 'ok:no' })
  })

  it('fails where systemd fails', () => {
    expect(probe('DevicePolicy=strict').exit).toMatchObject({ Result: 'exit-code', ExecMainStatus: '208' })
    expect(probe('EnvironmentFile=/none').exit).toMatchObject({ Result: 'resources', ExecMainCode: '0' })
    expect(probe('WorkingDirectory=/none').exit).toMatchObject({ Result: 'exit-code', ExecMainStatus: '200' })
  })
})

describe('what always holds', () => {
  /** Of actions that change or read something outside; the real exceptions of Linux are not among them. */
  const restrictions = [
    'ProtectSystem=full',
    'CapabilityBoundingSet=CAP_KILL',
    'RestrictRealtime=yes',
    'ProtectKernelTunables=yes',
    'NoNewPrivileges=yes',
  ]

  it.each(restrictions)('%s makes no refusal a success', (directive) => {
    const after = probe('User=learner', directive).result ?? {}
    const freed = Object.entries(after).filter(([action, value]) => value === 'ok' && learner.result?.[action] !== 'ok')
    expect(freed).toEqual([])
  })

  it.each([[''], ['User=learner'], ['AmbientCapabilities=CAP_CHOWN CAP_NET_RAW']])(
    'nobody holds more than the bounding set (%s)',
    (more) => {
      const result = probe('CapabilityBoundingSet=CAP_CHOWN CAP_KILL', ...(more === '' ? [] : [more])).result ?? {}
      const set = (action: string): bigint => BigInt(`0x${(result[action] ?? 'ok:').slice(3) || '0'}`)
      const outside = ~set('cap-bnd')
      expect([set('cap-eff') & outside, set('cap-prm') & outside, set('cap-amb') & outside]).toEqual([0n, 0n, 0n])
      expect(set('cap-bnd')).toBe(0x21n)
    },
  )

  it('what is done inside a private namespace is not seen outside', () => {
    expect(probe('PrivateMounts=yes', 'PrivateTmp=yes', 'ProtectHostname=yes', 'PrivateIPC=yes').exit).toEqual(success)
    const after = probe().result
    expect(after).toEqual(root.result)
  })
})
