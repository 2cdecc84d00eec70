// Every program of the image, one line each. The image makes an executable at `path` and symbolic links at `links`.
import type { Main } from '@/lib/kernel'
import { bash, dash } from './bash'
import { bootPrograms } from './boot'
import { coreutils } from './coreutils'
import { journalctl } from './journalctl'
import { logger } from './logger'
import { loginPrograms } from './logind'
import { systemdAnalyze } from './systemd-analyze'
import { systemdCat } from './systemd-cat'
import { systemdEscape } from './systemd-escape'
import { systemdJournald } from './systemd-journald'
import { halt, poweroff, reboot, systemctl } from './systemctl'
import { procps } from './procps'
import { textPrograms } from './text'
import { utilLinux } from './util-linux'
import { find } from './findutils/find'
import { xargs } from './findutils/xargs'
import { netPrograms } from './net'
import { runuser, su, sudo } from './account/sudo'
import { accountPrograms } from './account/useradd'
import { labDaemons } from './daemons/lab'
import { labWeb } from './daemons/web'
import type { Program } from './program'

export * from './program'

export const programs: readonly Program[] = [
  bash,
  dash,
  ...coreutils,
  ...procps,
  ...textPrograms,
  ...labDaemons,
  labWeb,
  ...accountPrograms,
  runuser,
  su,
  sudo,
  ...netPrograms,
  ...utilLinux,
  find,
  xargs,
  journalctl,
  logger,
  systemdCat,
  systemdJournald,
  systemctl,
  halt,
  poweroff,
  reboot,
  systemdAnalyze,
  systemdEscape,
  ...bootPrograms,
  ...loginPrograms,
]

/** What exec(2) runs, by the name an executable carries. */
export function programTable(): ReadonlyMap<string, Main> {
  return new Map(programs.map((program) => [program.name, program.main]))
}
