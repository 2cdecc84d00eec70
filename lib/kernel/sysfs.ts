// After sysfs(5): the part of /sys that tools and units look at.
import { directory, link, settingFile, type SyntheticNode, SyntheticTree, textFile } from './synthetic'
import { FileSystem, type FileSystemType } from './vfs'

function kept(initial: string, mode = 0o644): SyntheticNode {
  let value = initial
  return settingFile(
    () => `${value}\n`,
    (text) => {
      value = text.replace(/\n$/, '')
      return 0
    },
    mode,
  )
}

const modules = [
  'autofs4',
  'ext4',
  'fuse',
  'loop',
  'tun',
  'virtio_blk',
  'virtio_console',
  'virtio_net',
  'virtio_pci',
  'apparmor',
  'ipv6',
  'kernel',
  'printk',
]

function tree(): Readonly<Record<string, SyntheticNode>> {
  const empty = (): SyntheticNode => directory({}, 0o755)
  const vda = directory(
    {
      dev: textFile('254:0\n'),
      size: textFile('8388608\n'),
      ro: textFile('0\n'),
      uevent: textFile('MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\n', 0o644),
    },
    0o755,
  )
  const lo = directory(
    { operstate: textFile('unknown\n'), address: textFile('00:00:00:00:00:00\n'), mtu: textFile('65536\n'), ifindex: textFile('1\n') },
    0o755,
  )
  const tty = (name: string, numbers: string): SyntheticNode =>
    directory({ dev: textFile(`${numbers}\n`), uevent: textFile(`DEVNAME=${name}\n`, 0o644), active: textFile(`${name}\n`) }, 0o755)
  return {
    block: directory({ vda: link('../devices/pci0000:00/0000:00:04.0/virtio1/block/vda') }, 0o755),
    bus: directory({ cpu: empty(), pci: empty(), platform: empty(), virtio: empty() }, 0o755),
    class: directory(
      {
        block: directory({ vda }, 0o755),
        dmi: directory(
          {
            id: directory(
              {
                sys_vendor: textFile('QEMU\n'),
                product_name: textFile('Standard PC (i440FX + PIIX, 1996)\n'),
                bios_version: textFile('1.16.3-debian-1.16.3-2\n'),
                bios_date: textFile('04/01/2014\n'),
                chassis_type: textFile('1\n'),
              },
              0o755,
            ),
          },
          0o755,
        ),
        net: directory({ lo }, 0o755),
        power_supply: empty(),
        tty: directory(
          { tty0: tty('tty0', '4:0'), ttyS0: tty('ttyS0', '4:64'), console: directory({ active: textFile('tty0 ttyS0\n') }, 0o755) },
          0o755,
        ),
      },
      0o755,
    ),
    dev: directory(
      { block: directory({ '254:0': link('../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda') }, 0o755), char: empty() },
      0o755,
    ),
    devices: directory(
      {
        'pci0000:00': directory(
          { '0000:00:04.0': directory({ virtio1: directory({ block: directory({ vda }, 0o755) }, 0o755) }, 0o755) },
          0o755,
        ),
        system: directory(
          { cpu: directory({ online: textFile('0\n'), possible: textFile('0\n'), present: textFile('0\n'), cpu0: empty() }, 0o755) },
          0o755,
        ),
        virtual: directory({ net: directory({ lo }, 0o755), tty: empty() }, 0o755),
      },
      0o755,
    ),
    firmware: directory({ dmi: empty(), acpi: empty(), memmap: empty(), qemu_fw_cfg: empty() }, 0o755),
    fs: directory(
      {
        bpf: directory({}, 0o700),
        cgroup: directory({}),
        ext4: directory({ vda: empty(), features: empty() }, 0o755),
        fuse: directory({ connections: directory({}, 0o755) }, 0o755),
        pstore: directory({}, 0o755),
      },
      0o755,
    ),
    hypervisor: empty(),
    kernel: directory(
      {
        address_bits: textFile('64\n'),
        cgroup: directory(
          {
            delegate: textFile('cgroup.procs\ncgroup.threads\ncgroup.subtree_control\nmemory.oom.group\nmemory.reclaim\n'),
            features: textFile(
              'nsdelegate\nfavordynmods\nmemory_localevents\nmemory_recursiveprot\nmemory_hugetlb_accounting\npids_localevents\n',
            ),
          },
          0o755,
        ),
        config: directory({}, 0o755),
        cpu_byteorder: textFile('little\n'),
        debug: directory({}, 0o700),
        fscaps: textFile('1\n'),
        kexec_crash_loaded: textFile('0\n'),
        kexec_loaded: textFile('0\n'),
        mm: directory(
          {
            ksm: directory({ run: kept('0'), pages_to_scan: kept('100') }, 0o755),
            transparent_hugepage: directory({ enabled: kept('always [madvise] never') }, 0o755),
            hugepages: empty(),
          },
          0o755,
        ),
        profiling: kept('0'),
        reboot: directory({ mode: kept('cold'), type: kept('acpi') }, 0o755),
        security: directory({}, 0o755),
        tracing: directory({}, 0o700),
        uevent_seqnum: textFile('1021\n'),
        vmcoreinfo: textFile('0 0\n'),
      },
      0o755,
    ),
    module: directory(Object.fromEntries(modules.map((name) => [name, directory({ parameters: empty() }, 0o755)])), 0o755),
    power: directory(
      { state: kept('freeze mem disk'), disk: kept('[disabled]'), resume: kept('0:0'), mem_sleep: kept('[s2idle] deep') },
      0o755,
    ),
  }
}

export function sysfsType(): FileSystemType {
  let instance: FileSystem | undefined
  return {
    name: 'sysfs',
    inUserNamespace: true,
    create: ({ vfs }) => {
      if (instance === undefined) {
        const nodes = new SyntheticTree(() => made)
        const made: FileSystem = new FileSystem({
          type: 'sysfs',
          device: vfs.anonymousDevice(),
          nowUsec: vfs.nowUsec,
          root: { mode: 0o555, operations: nodes.operations('', directory(tree()))! },
        })
        instance = made
      }
      return { fileSystem: instance }
    },
  }
}
