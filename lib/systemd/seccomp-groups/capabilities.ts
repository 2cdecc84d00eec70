// After capabilities(7): the capabilities of Linux by number, and the texts systemd reads and writes for sets of them.

/** Lower case, as `systemd-analyze capability` prints them; the index is the number. */
export const capabilityNames: readonly string[] = [
  'cap_chown',
  'cap_dac_override',
  'cap_dac_read_search',
  'cap_fowner',
  'cap_fsetid',
  'cap_kill',
  'cap_setgid',
  'cap_setuid',
  'cap_setpcap',
  'cap_linux_immutable',
  'cap_net_bind_service',
  'cap_net_broadcast',
  'cap_net_admin',
  'cap_net_raw',
  'cap_ipc_lock',
  'cap_ipc_owner',
  'cap_sys_module',
  'cap_sys_rawio',
  'cap_sys_chroot',
  'cap_sys_ptrace',
  'cap_sys_pacct',
  'cap_sys_admin',
  'cap_sys_boot',
  'cap_sys_nice',
  'cap_sys_resource',
  'cap_sys_time',
  'cap_sys_tty_config',
  'cap_mknod',
  'cap_lease',
  'cap_audit_write',
  'cap_audit_control',
  'cap_setfcap',
  'cap_mac_override',
  'cap_mac_admin',
  'cap_syslog',
  'cap_wake_alarm',
  'cap_block_suspend',
  'cap_audit_read',
  'cap_perfmon',
  'cap_bpf',
  'cap_checkpoint_restore',
]

/** Numbers above the last name that a mask or a number may still have. */
export const CAPABILITY_LIMIT = 62

/** The highest capability this kernel knows. */
export const LAST_CAPABILITY = capabilityNames.length - 1

export function capabilityNumber(name: string): number | undefined {
  const index = capabilityNames.indexOf(name.toLowerCase())
  return index < 0 ? undefined : index
}

export const ALL_CAPABILITIES: bigint = (1n << BigInt(capabilityNames.length)) - 1n

export function capabilityMask(...names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(capabilityNumber(name) ?? 63)), 0n)
}
