import { describe, expect, test } from 'vitest'
import {
  analyzeSecurity,
  assessSecurity,
  ASSESSORS,
  isPolicyFault,
  Output,
  parseJson,
  PLAIN,
  securityInfoOf,
  type Assessment,
} from '@/lib/systemd/analyze'
import { UnitLoader } from '@/lib/systemd/fragment'
import { TreeReader } from '../../programs/offline-process'

function infoOf(lines: string, name = 'x.service') {
  const reader = new TreeReader({
    [`/etc/systemd/system/${name}`]: `[Service]\nExecStart=/usr/bin/true\n${lines}\n`,
    '/usr/bin/true': { content: '', mode: '755' },
  })
  return securityInfoOf(new UnitLoader(reader).load(name))
}
function assess(lines: string): Assessment {
  const result = assessSecurity(infoOf(lines))
  if (isPolicyFault(result)) throw new Error('a policy where there is none')
  return result
}
const row = (lines: string, field: string) => {
  const found = assess(lines).rows.find((one) => one.assessor.jsonField === field)!
  return [found.badness, found.description]
}

test('81 assessors with the weights of systemd 257', () => {
  expect(ASSESSORS).toHaveLength(81)
  expect(ASSESSORS.reduce((sum, one) => sum + one.weight, 0)).toBe(56_460)
  expect(new Set(ASSESSORS.map((one) => one.jsonField)).size).toBe(81)
})

test('a bare service', () => {
  const { exposure, predicate } = assess('')
  expect([exposure, predicate.name]).toEqual([94, 'UNSAFE'])
})

describe('what single lines cost', () => {
  test.each([
    ['UMask=0007', 'UMask', 2, 'Files created by service are group-writable by default'],
    ['ProtectHome=tmpfs', 'ProtectHome', 1, 'Service has access to fake empty home directories'],
    ['ProtectSystem=full', 'ProtectSystem', 3, 'Service has very limited write access to the OS file hierarchy'],
    ['ProtectProc=noaccess', 'ProtectProc', 1, undefined],
    ['User=nobody', 'UserOrDynamicUser', 9, "Service runs under as 'nobody' user, which should not be used for services"],
    ['DynamicUser=yes\nUser=root', 'UserOrDynamicUser', 10, 'Service runs as root user'],
    ['User=foo', 'RemoveIPC', 1, 'Service user may leave SysV IPC objects around'],
    ['', 'RemoveIPC', undefined, 'Service runs as root, option does not apply'],
    ['PrivateMounts=no', 'PrivateMounts', 1, 'Service may install system mounts'],
    ['', 'PrivateMounts', 0, 'Service cannot install system mounts'],
    ['Delegate=', 'Delegate', 1, 'Service maintains its own delegated control group subtree'],
    ['RootDirectory=/', 'RootDirectoryOrRootImage', 1, "Service runs within the host's root directory"],
    [
      'SystemCallFilter=@clock',
      'SystemCallFilter_clock',
      9,
      'System call allow list defined for service, and @clock is included (e.g. adjtimex is allowed)',
    ],
    [
      'SystemCallFilter=~clock_settime',
      'SystemCallFilter_clock',
      10,
      'System call deny list defined for service, and @clock is not included (e.g. adjtimex is allowed)',
    ],
    ['SystemCallFilter=~@clock', 'SystemCallFilter_clock', 0, 'System call deny list defined for service, and @clock is included'],
    [
      'IPAddressDeny=any\nIPAddressAllow=localhost',
      'IPAddressDeny',
      2,
      'Service defines IP address allow list with only localhost entries',
    ],
    ['RestrictAddressFamilies=AF_INET', 'RestrictAddressFamilies_AF_UNIX', 0, 'Service cannot allocate local sockets'],
    ['RestrictAddressFamilies=~AF_INET', 'RestrictAddressFamilies_AF_UNIX', 1, 'Service may allocate local sockets'],
    [
      'RestrictAddressFamilies=none\nRestrictAddressFamilies=~AF_CAN',
      'RestrictAddressFamilies_AF_UNIX',
      1,
      'Service may allocate local sockets',
    ],
    ['SystemCallArchitectures=native x86', 'SystemCallArchitectures', 8, 'Service may execute system calls with multiple ABIs'],
    ['DevicePolicy=strict\nProtectClock=yes', 'DeviceAllow', 5, 'Service has a device ACL with some special devices: char-rtc:r'],
    [
      'DevicePolicy=closed\nDeviceAllow=/dev/sda\nDeviceAllow=/dev/null r',
      'DeviceAllow',
      5,
      'Service has a device ACL with some special devices: /dev/null:r /dev/sda:rwm',
    ],
    [
      'CapabilityBoundingSet=~CAP_SETUID',
      'CapabilityBoundingSet_CAP_SET_UID_GID_PCAP',
      1,
      'Service may change UID/GID identities/capabilities',
    ],
    ['CapabilityBoundingSet=', 'CapabilityBoundingSet_CAP_BPF', 0, 'Service may not load BPF programs'],
  ])('%j', (lines, field, badness, description) => expect(row(lines, field)).toEqual([badness, description]))
})

test('early boot is spared what cannot work there', () => {
  const info = { ...infoOf(''), defaultDependencies: false }
  const result = assessSecurity(info) as Assessment
  const spared = result.rows.filter((one) => one.badness === undefined).map((one) => one.assessor.jsonField)
  expect(spared).toEqual(['SupplementaryGroups', 'PrivateTmp', 'ProtectHome', 'ProtectSystem', 'RootDirectoryOrRootImage', 'RemoveIPC'])
})

describe('policies', () => {
  const policy = (text: string) => {
    const parsed = parseJson(text)
    return 'value' in parsed ? (parsed.value as Record<string, never>) : {}
  }

  test('weights, exclusions and texts', () => {
    const result = assessSecurity(
      infoOf(''),
      policy('{"UserOrDynamicUser": {"weight": 0}, "PrivateNetwork": {"weight": 5000, "description_bad": "on the net"}}'),
    )
    const rows = (result as Assessment).rows
    expect(rows[0]).toMatchObject({ badness: undefined, description: 'Option excluded by policy, skipping' })
    expect(rows.find((one) => one.assessor.jsonField === 'PrivateNetwork')).toMatchObject({ weight: 5000, description: 'on the net' })
  })

  test('a policy that contradicts itself', () => {
    expect(assessSecurity(infoOf(''), policy('{"UMask": {"range": 0}}'))).toEqual({ assertion: 'range > 0', line: 1785 })
    expect(assessSecurity(infoOf(''), policy('{"UMask": {"range": 2}}'))).toEqual({ assertion: 'badness <= range', line: 1788 })
  })

  test('JSON that is none says where', () => expect(parseJson('{"a": 1,\n x}')).toEqual({ error: 'Invalid argument', line: 2, column: 2 }))
})

test('threshold, table and JSON', () => {
  const look = { ...PLAIN, emoji: true, hostname: 'vm' }
  const text = new Output()
  expect(analyzeSecurity(infoOf(''), { threshold: 93, json: 'off' }, look, text)).toBe(1)
  expect(text.stdout.split('\n')[1]).toBe(
    `✗ RootDirectory=/RootImage=                                   Service runs within the host's root directory                                0.1`,
  )
  expect(text.stdout).toContain('\n→ Overall exposure level for x.service: 9.4 UNSAFE 😨\n')
  const json = new Output()
  expect(analyzeSecurity(infoOf(''), { threshold: 94, json: 'short' }, look, json)).toBe(0)
  expect(JSON.parse(json.stdout)).toHaveLength(81)
})
