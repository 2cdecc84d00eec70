// After capabilities(7): the capabilities of Linux 6.12, their numbers, and the sets as bit masks.
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const

/** `CAP_SYS_ADMIN`, … */
export type CapabilityName = (typeof capabilityNames)[number]

export const CAP_LAST_CAP = capabilityNames.length - 1
export const ALL_CAPABILITIES: bigint = (1n << BigInt(capabilityNames.length)) - 1n
export const NO_CAPABILITIES = 0n

const numbers = new Map<string, number>(capabilityNames.map((name, number) => [name, number]))

/** The bit of each capability: `capabilityBits.CAP_KILL`. */
export const capabilityBits = Object.fromEntries(capabilityNames.map((name, number) => [name, 1n << BigInt(number)])) as Readonly<
  Record<CapabilityName, bigint>
>

/** Reads `CAP_KILL`, `cap_kill`, or a number below 64; undefined for what is none. */
export function capabilityFromName(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) < 63 ? Number(text) : undefined
  return numbers.get(text.toUpperCase())
}

/** `cap_kill` for 5, as systemd and libcap print it. */
export function capabilityToName(number: number): string | undefined {
  return capabilityNames[number]?.toLowerCase()
}

/** As /proc/PID/status prints a set: 16 hex digits. */
export function formatCapabilitySet(set: bigint): string {
  return set.toString(16).padStart(16, '0')
}
