// Versions of systemd that people still meet, with the distributions that carry them; choices of the target selector.
export type TargetVersion = { readonly version: number; readonly distributions: readonly string[] }

export const NEWEST_VERSION = 257

export const TARGET_VERSIONS: readonly TargetVersion[] = [
  { version: 219, distributions: ['RHEL 7', 'CentOS 7', 'Amazon Linux 2'] },
  { version: 229, distributions: ['Ubuntu 16.04'] },
  { version: 232, distributions: ['Debian 9'] },
  { version: 234, distributions: ['openSUSE Leap 15.0'] },
  { version: 237, distributions: ['Ubuntu 18.04'] },
  { version: 239, distributions: ['RHEL 8', 'AlmaLinux 8', 'Rocky Linux 8'] },
  { version: 241, distributions: ['Debian 10'] },
  { version: 245, distributions: ['Ubuntu 20.04'] },
  { version: 246, distributions: ['openSUSE Leap 15.3'] },
  { version: 247, distributions: ['Debian 11'] },
  { version: 249, distributions: ['Ubuntu 22.04', 'openSUSE Leap 15.5'] },
  { version: 252, distributions: ['Debian 12', 'RHEL 9', 'Amazon Linux 2023'] },
  { version: 254, distributions: ['openSUSE Leap 15.6'] },
  { version: 255, distributions: ['Ubuntu 24.04', 'Fedora 40'] },
  { version: 256, distributions: ['Fedora 41'] },
  { version: 257, distributions: ['Debian 13', 'RHEL 10', 'Ubuntu 25.04', 'Fedora 42'] },
]

/** Values that came later than their directive: `DIRECTIVE=VALUE` → version. */
export const VALUE_SINCE: Readonly<Record<string, number>> = {
  'Type=exec': 240,
  'Type=notify-reload': 253,
  'RestartMode=direct': 254,
  'RestartMode=debug': 257,
  'ProtectSystem=strict': 232,
  'ProtectHome=tmpfs': 238,
  'StandardOutput=file:': 236,
  'StandardOutput=append:': 240,
  'StandardOutput=truncate:': 248,
  'StandardError=file:': 236,
  'StandardError=append:': 240,
  'StandardError=truncate:': 248,
  'PrivateTmp=disconnected': 257,
  'PrivateUsers=identity': 257,
  'ProtectControlGroups=private': 257,
  'ProtectControlGroups=strict': 257,
  'ExitType=cgroup': 250,
  'KillMode=mixed': 209,
}

/** The version of a value, when it is younger than its directive. */
export function valueSince(directive: string, value: string): number | undefined {
  const exact = VALUE_SINCE[`${directive}=${value}`]
  if (exact !== undefined) return exact
  const colon = value.indexOf(':')
  return colon < 0 ? undefined : VALUE_SINCE[`${directive}=${value.slice(0, colon + 1)}`]
}
