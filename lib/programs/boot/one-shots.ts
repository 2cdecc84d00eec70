// The one-shot programs of Debian's boot. What each sets up on real hardware is there from the start on this machine,
// so all but a few only take their time and succeed.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program, type Program } from '../program'

/** Path → microseconds of processor time it takes, links. */
const quiet: readonly (readonly [path: string, summary: string, usec: number, links?: readonly string[]])[] = [
  [
    '/usr/bin/kmod',
    'lists device nodes of kernel modules',
    900,
    ['/usr/sbin/modprobe', '/usr/sbin/insmod', '/usr/sbin/rmmod', '/usr/sbin/depmod', '/usr/sbin/modinfo', '/usr/sbin/lsmod'],
  ],
  ['/usr/lib/systemd/systemd-modules-load', 'loads kernel modules named in modules-load.d', 700],
  ['/usr/lib/systemd/systemd-remount-fs', 'remounts / with the options of fstab', 800],
  ['/usr/lib/systemd/systemd-random-seed', 'keeps the random seed over reboots', 500],
  ['/usr/lib/systemd/systemd-sysctl', 'applies sysctl.d', 900],
  ['/usr/lib/systemd/systemd-update-done', 'marks /etc and /var as up to date', 400],
  ['/usr/lib/systemd/systemd-binfmt', 'registers binary formats', 500],
  ['/usr/lib/systemd/systemd-pstore', 'moves crash logs out of pstore', 400],
  ['/usr/lib/systemd/systemd-fsck', 'checks a file system', 900],
  ['/usr/lib/systemd/systemd-quotacheck', 'checks quotas', 400],
  ['/usr/lib/systemd/systemd-network-generator', 'writes network units from the kernel command line', 400],
  ['/usr/lib/systemd/systemd-initctl', 'answers the old initctl pipe', 400],
  ['/usr/bin/systemd-hwdb', 'rebuilds the hardware database', 900],
  ['/usr/bin/systemd-machine-id-setup', 'keeps the machine id', 400],
  ['/usr/bin/systemd-sysext', 'merges system extension images', 500, ['/usr/bin/systemd-confext']],
  ['/usr/bin/systemd-firstboot', 'asks for the first settings', 400],
  ['/usr/sbin/ldconfig', 'rebuilds the cache of shared libraries', 900],
  ['/usr/sbin/e2scrub_all', 'checks ext4 file systems on LVM', 900],
  ['/usr/sbin/fstrim', 'discards unused blocks', 700],
  ['/usr/libexec/dpkg/dpkg-db-backup', 'backs up the package database', 900],
  ['/usr/lib/apt/apt-helper', 'waits for the network', 300],
  ['/usr/lib/apt/apt.systemd.daily', 'refreshes the package lists', 900],
]

function oneShot(path: string, summary: string, usec: number, links: readonly string[] = []): Program {
  return program({
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    links,
    summary,
    options: [],
    raw: true,
    *main(process: Process): Syscall<number> {
      yield* process.compute(usec)
      return 0
    },
  })
}

const userSessions = program({
  name: 'systemd-user-sessions',
  path: '/usr/lib/systemd/systemd-user-sessions',
  summary: 'permits logins late in the boot and refuses them early in the shutdown',
  options: [],
  raw: true,
  *main(process): Syscall<number> {
    const nologin = '/run/nologin'
    if (process.argv[1] === 'start') {
      yield* process.unlink(nologin)
      return 0
    }
    const fd = yield* process.open(nologin, 0o1101, 0o644)
    if (isErrno(fd)) return 1
    yield* process.write(fd, 'System is going down. Unprivileged users are not permitted to log in anymore.\n')
    yield* process.close(fd)
    return 0
  },
})

const userRuntimeDir = program({
  name: 'systemd-user-runtime-dir',
  path: '/usr/lib/systemd/systemd-user-runtime-dir',
  summary: 'makes and removes /run/user/UID',
  options: [],
  raw: true,
  *main(process): Syscall<number> {
    const uid = Number(process.argv[2])
    if (!Number.isInteger(uid) || uid < 0) return 1
    const path = `/run/user/${uid}`
    if (process.argv[1] === 'start') {
      yield* process.mkdir('/run/user', 0o755)
      const made = yield* process.mkdir(path, 0o700)
      if (isErrno(made) && made.name !== 'EEXIST') return 1
      const mounted = yield* process.mount('tmpfs', path, 'tmpfs', 2 | 4, `mode=0700,uid=${uid},gid=${uid},size=101494784,nr_inodes=24779`)
      return isErrno(mounted) && mounted.name !== 'EBUSY' ? 1 : 0
    }
    yield* process.umount(path, 2)
    yield* process.rmdir(path)
    return 0
  },
})

/** What these make at boot is on the image already; the rest of what they can do is not modelled. */
const bootOnly = (name: string, isBoot: (argv: readonly string[]) => boolean): Program =>
  program({
    name,
    path: `/usr/bin/${name}`,
    summary: 'prepares users or files at boot',
    options: [],
    raw: true,
    *main(process): Syscall<number> {
      if (isBoot(process.argv)) {
        yield* process.compute(800)
        return 0
      }
      yield* process.write(2, `${name}: not simulated here\n`)
      return 1
    },
  })

const setupTools: readonly Program[] = [
  bootOnly('systemd-tmpfiles', (argv) => argv.includes('--boot') || argv.includes('--clean')),
  bootOnly('systemd-sysusers', (argv) => argv.length === 1),
]

export const oneShots: readonly Program[] = [
  ...quiet.map(([path, summary, usec, links]) => oneShot(path, summary, usec, links)),
  userSessions,
  userRuntimeDir,
  ...setupTools,
]
