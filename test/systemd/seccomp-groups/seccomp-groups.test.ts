import { expect, test } from 'vitest'
import {
  capabilityMask,
  capabilityNames,
  expandSyscallGroup,
  isFilterableSyscall,
  isNativeSyscall,
  SYSCALL_GROUPS,
  syscallGroups,
} from '@/lib/systemd/seccomp-groups'

/** systemd 257 lists them in a group and not in @known. */
const STRAY = ['fstatat', 'newfstat', 'nfsservctl']

test('every nested group exists and every call is known', () => {
  const known = expandSyscallGroup('@known')
  for (const [name, , members] of SYSCALL_GROUPS) {
    for (const member of members.split(' ')) {
      if (member.startsWith('@')) expect(syscallGroups.has(member), `${name} ${member}`).toBe(true)
      else expect(known.has(member) || STRAY.includes(member), `${name} ${member}`).toBe(true)
    }
  }
})

test('groups open', () => {
  expect(expandSyscallGroup('@system-service').has('read')).toBe(true)
  expect(expandSyscallGroup('@system-service').has('reboot')).toBe(false)
  expect(expandSyscallGroup('@nope').size).toBe(0)
})

test('architectures', () => {
  expect([isNativeSyscall('read'), isNativeSyscall('chown32'), isNativeSyscall('osf_wait4')]).toEqual([true, false, false])
  expect([isFilterableSyscall('chown32'), isFilterableSyscall('osf_wait4')]).toEqual([true, false])
})

test('capabilities by number', () => {
  expect(capabilityNames[21]).toBe('cap_sys_admin')
  expect(capabilityMask('cap_chown', 'CAP_KILL')).toBe(0b100001n)
})
