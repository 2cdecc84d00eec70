// The files of /proc that are about the machine, and the tree below /proc/sys.
import { errno } from './errno'
import type { Kernel } from './kernel'
import {
  cgroupsText,
  cpuinfoText,
  devicesText,
  loadavgText,
  machineStatText,
  meminfoText,
  modulesText,
  pressureText,
  uptimeText,
} from './proc-root-text'
import { directory, link, settingFile, type SyntheticDirectory, type SyntheticNode, textFile } from './synthetic'
import { sysctlRows } from './sysctl-table'
import { taskOf } from './task-context'

const RELEASE = '6.12.107+deb13-cloud-amd64'

export function rootFiles(kernel: Kernel): Record<string, SyntheticNode> {
  const onlyRoot = (name: string): SyntheticNode => textFile(`${name}: not simulated here\n`, 0o400)
  return {
    acpi: directory({}),
    bus: directory({ input: directory({}), pci: directory({ '00': directory({}) }) }),
    buddyinfo: textFile('Node 0, zone      DMA      1      1      1      0      0      0      0      0      1      1      2 \n', 0o400),
    cgroups: textFile(() => cgroupsText(kernel)),
    cmdline: textFile(`${kernel.commandLine}\n`),
    consoles: textFile('ttyS0                -W- (EC  p a)    4:64\ntty0                 -WU (E   p  )    4:1\n'),
    cpuinfo: textFile(cpuinfoText),
    crypto: textFile('name         : sha256\ndriver       : sha256-generic\nmodule       : kernel\n\n'),
    devices: textFile(devicesText),
    diskstats: textFile(' 254       0 vda 2210 512 183810 1804 812 604 20480 922 0 1210 2726 0 0 0 0 0 0\n'),
    dma: textFile(' 4: cascade\n'),
    driver: directory({ rtc: textFile('rtc_time\t: 00:00:00\n') }),
    execdomains: textFile('0-0\tLinux           \t[kernel]\n'),
    fb: textFile(''),
    filesystems: textFile(() => filesystemsText(kernel)),
    fs: directory({ ext4: directory({ vda: directory({}) }), jbd2: directory({ 'vda-8': directory({}) }) }),
    interrupts: textFile(
      '           CPU0       \n  0:        130   IO-APIC   2-edge      timer\n  4:       1002   IO-APIC   4-edge      ttyS0\n',
    ),
    iomem: textFile('00000000-00000fff : Reserved\n'),
    ioports: textFile('0000-0cf7 : PCI Bus 0000:00\n'),
    irq: directory({ '0': directory({}), '4': directory({}), default_smp_affinity: textFile('1\n') }),
    kallsyms: textFile((context) => {
      const address = context.credentials.capabilities.effective === 0n || taskOf(context)?.isCapable('CAP_SYSLOG') === false ? 0 : 1
      return `${address === 0 ? '0000000000000000' : 'ffffffff81000000'} T _stext\n${address === 0 ? '0000000000000000' : 'ffffffff81000110'} T do_one_initcall\n`
    }),
    kcore: onlyRoot('kcore'),
    'key-users': textFile('    0:     5 4/4 2/1000000 22/25000000\n'),
    keys: textFile(''),
    kmsg: {
      kind: 'file',
      mode: 0o400,
      open: (_flags, context) => {
        const task = taskOf(context)
        if (task?.isCapable('CAP_SYSLOG') === false) return errno.EPERM
        let at = kernel.kernelLog.clearedBefore
        return {
          read: () => {
            const record = kernel.kernelLog.from(at)
            if (record === undefined) return errno.EAGAIN
            at = record.sequence + 1
            return new TextEncoder().encode(`<${record.priority}>[${(record.atUsec / 1e6).toFixed(6).padStart(12)}] ${record.text}\n`)
          },
          queue: kernel.kernelLog.arrived,
        }
      },
    },
    kpagecount: onlyRoot('kpagecount'),
    kpageflags: onlyRoot('kpageflags'),
    loadavg: textFile(() => loadavgText(kernel)),
    locks: textFile(''),
    meminfo: textFile(() => meminfoText(kernel)),
    misc: textFile('235 autofs\n237 loop-control\n229 fuse\n'),
    modules: textFile(modulesText),
    mounts: link('self/mounts'),
    mtrr: textFile('', 0o644),
    net: link('self/net'),
    pagetypeinfo: textFile('Page block order: 9\n', 0o400),
    partitions: textFile('major minor  #blocks  name\n\n 254        0    4194304 vda\n'),
    pressure: directory({
      cpu: textFile(() => pressureText(), 0o666),
      io: textFile(() => pressureText(), 0o666),
      memory: textFile(() => pressureText(), 0o666),
    }),
    schedstat: textFile('version 17\n'),
    slabinfo: textFile('slabinfo - version: 2.1\n', 0o400),
    softirqs: textFile('                    CPU0       \n          HI:          0\n       TIMER:       1000\n'),
    stat: textFile(() => machineStatText(kernel)),
    swaps: textFile('Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    sys: sysDirectory(kernel),
    'sysrq-trigger': { kind: 'file', mode: 0o200, write: (text) => sysrq(kernel, text) },
    sysvipc: directory({ msg: textFile(''), sem: textFile(''), shm: textFile('') }),
    timer_list: textFile('Timer List Version: v0.9\n', 0o400),
    tty: directory({
      driver: directory({}),
      drivers: textFile('/dev/tty             /dev/tty        5       0 system:/dev/tty\n'),
      ldisc: directory({}),
    }),
    uptime: textFile(() => uptimeText(kernel)),
    version: textFile(
      `Linux version ${RELEASE} (debian-kernel@lists.debian.org) (x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld (GNU Binutils for Debian) 2.44) ` +
        '#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)\n',
    ),
    vmallocinfo: textFile('', 0o400),
    vmstat: textFile('nr_free_pages 185930\npgpgin 91905\npgpgout 10240\noom_kill 0\n'),
    zoneinfo: textFile('Node 0, zone      DMA\n'),
  }
}

function filesystemsText(kernel: Kernel): string {
  const types = kernel.fileSystems.types.map((type) => `${type.onDisk === true ? '' : 'nodev'}\t${type.name}\n`)
  return `${types.join('')}\text3\n\text2\n\text4\n`
}

function sysrq(kernel: Kernel, text: string): 0 {
  const key = text[0]
  if (key === 'b') kernel.powerOff('restart')
  else if (key === 'o') kernel.powerOff('power-off')
  else if (key === 'c') kernel.panic('sysrq triggered crash')
  return 0
}

let settings: ReadonlyMap<string, ReadonlySet<string>> | undefined

/** Names below each directory of /proc/sys, from the keys. */
function settingNames(): ReadonlyMap<string, ReadonlySet<string>> {
  if (settings !== undefined) return settings
  const children = new Map<string, Set<string>>()
  for (const key of [...sysctlRows.keys(), 'kernel/random/boot_id', 'kernel/random/uuid']) {
    const parts = key.split('/')
    for (let depth = 0; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join('/')
      const names = children.get(above) ?? new Set()
      names.add(parts[depth]!)
      children.set(above, names)
    }
  }
  settings = children
  return children
}

function sysDirectory(kernel: Kernel): SyntheticDirectory {
  const children = settingNames()
  const at = (path: string): SyntheticDirectory => ({
    kind: 'directory',
    links: 1,
    names: () => [...(children.get(path) ?? [])].sort(),
    node: (name) => {
      const key = path === '' ? name : `${path}/${name}`
      if (children.has(key)) return at(key)
      if (!children.get(path)?.has(name)) return undefined
      const mode = kernel.sysctl.row(key)?.mode ?? 0o444
      return settingFile(
        (context) => {
          const value = kernel.sysctl.read(key, taskOf(context))
          return typeof value === 'string' ? `${value}\n` : value
        },
        (text, context) => kernel.sysctl.write(key, text, taskOf(context)),
        mode,
      )
    },
  })
  return at('')
}
