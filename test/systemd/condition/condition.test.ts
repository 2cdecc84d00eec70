import { describe, expect, test } from 'vitest'
import { isErrno } from '@/lib/kernel'
import { conditionHost, testCondition, testConditionList } from '@/lib/systemd/condition'
import { TreeReader } from '../../programs/offline-process'

const reader = new TreeReader({
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/os-release': 'ID=debian\nVERSION_ID="13"\n',
  '/proc/pressure/memory': 'some avg10=1.00 avg60=20.00 avg300=3.00 total=1\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
  '/d/.hidden': '',
  '/d/file~': '',
  '/full/x': { content: 'x', mode: '755' },
  '/empty': '',
  '/link': { symlink: '/nowhere' },
})
const host = conditionHost(reader, {
  environment: new Map([['HOME', '/root']]),
  hostname: 'lab',
  kernelRelease: '6.12.63-cloud',
  kernelCommandLine: 'root=/dev/vda quiet',
  memory: 2 * 1024 ** 3,
  cpus: 2,
})

function result(type: string, text: string): boolean | string {
  const negate = text.startsWith('!')
  const found = testCondition({ type, trigger: false, negate, parameter: negate ? text.slice(1) : text }, host)
  return isErrno(found) ? found.name : found
}

describe('conditions', () => {
  test.each([
    ['PathExists', '/full/x', true],
    ['PathExists', '/link', false],
    ['PathExistsGlob', '/f*/[xy]', true],
    ['PathExistsGlob', '/{nope,link}', true],
    ['PathIsSymbolicLink', '/link', true],
    ['PathIsDirectory', '/d', true],
    ['DirectoryNotEmpty', '/d', false],
    ['DirectoryNotEmpty', '/full', true],
    ['FileNotEmpty', '/empty', false],
    ['FileIsExecutable', '/full/x', true],
    ['Host', 'LAB', true],
    ['Host', '0123456789abcdef0123456789abcdef', true],
    ['Architecture', 'native', true],
    ['Architecture', 'x86', false],
    ['Virtualization', 'kvm', true],
    ['Virtualization', 'no', false],
    ['KernelCommandLine', 'root', true],
    ['KernelCommandLine', 'root=/dev/vdb', false],
    ['KernelVersion', '>=6 <7', true],
    ['KernelVersion', '6.12*', true],
    ['KernelVersion', '>= ', 'EINVAL'],
    ['OSRelease', 'ID=debian VERSION_ID>=12', true],
    ['OSRelease', 'ID$=deb*', true],
    ['OSRelease', 'ID= debian', 'EINVAL'],
    ['Memory', '1G', true],
    ['Memory', '>4G', false],
    ['Memory', '50%', 'EINVAL'],
    ['CPUs', '!=2', false],
    ['Environment', 'HOME=/root', true],
    ['Environment', '!NOPE', true],
    ['Capability', 'CAP_SYS_ADMIN', true],
    ['Capability', 'sys_admin', 'EINVAL'],
    ['User', '@system', true],
    ['User', 'nobody', false],
    ['Group', '0', true],
    ['ControlGroupController', 'memory', true],
    ['ControlGroupController', 'io', false],
    ['ControlGroupController', 'v2', true],
    ['MemoryPressure', '10%/1min', false],
    ['MemoryPressure', '10%', true],
    ['MemoryPressure', '10%/7min', 'EINVAL'],
    ['FirstBoot', 'no', true],
    ['ACPower', 'maybe', 'EINVAL'],
    ['Credential', 'x', false],
    ['CPUFeature', 'SSE2', true],
  ])('%s=%s', (type, text, expected) => expect(result(type, text)).toBe(expected))

  test('lists: newest first, plain ones must hold, one trigger must', () => {
    const one = (parameter: string, trigger = false) => ({ type: 'PathExists', trigger, negate: false, parameter })
    const looked: string[] = []
    const note = (list: Parameters<typeof testConditionList>[0]) =>
      testConditionList(list, host, ({ condition }) => looked.push(condition.parameter))
    expect(note([])).toBe(true)
    expect(note([one('/full'), one('/nope')])).toBe(false)
    expect(looked).toEqual(['/nope'])
    expect(note([one('/nope', true), one('/full', true)])).toBe(true)
    expect(note([one('/nope', true), one('/full')])).toBe(false)
  })
})
