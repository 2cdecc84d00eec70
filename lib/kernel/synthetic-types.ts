// What mount(2) knows beside disks and tmpfs.
import { cgroup2Type } from './cgroupfs'
import { devptsType, devtmpfsType } from './devfs'
import type { Kernel } from './kernel'
import { procType } from './procfs'
import { directory, type SyntheticNode, SyntheticTree, textFile } from './synthetic'
import { sysfsType } from './sysfs'
import { FileSystem, type FileSystemType } from './vfs'

/** A type that has one instance, made of fixed nodes. */
function fixedType(
  name: string,
  entries: Readonly<Record<string, SyntheticNode>>,
  mode: number,
  options: readonly string[] = [],
): FileSystemType {
  let instance: FileSystem | undefined
  return {
    name,
    create: ({ vfs }) => {
      if (instance === undefined) {
        const tree = new SyntheticTree(() => made)
        const made: FileSystem = new FileSystem({
          type: name,
          device: vfs.anonymousDevice(),
          nowUsec: vfs.nowUsec,
          root: { mode, operations: tree.operations('', directory(entries, mode))! },
          showOptions: () => options,
        })
        instance = made
      }
      return { fileSystem: instance }
    },
  }
}

/** In memory: files may be made in it. */
function plainType(name: string, mode: number, options: (data: string) => readonly string[] = () => []): FileSystemType {
  return {
    name,
    create: ({ vfs, data }) => ({
      fileSystem: new FileSystem({
        type: name,
        device: vfs.anonymousDevice(),
        nowUsec: vfs.nowUsec,
        root: { mode: modeFrom(data) ?? mode },
        showOptions: () => options(data),
      }),
    }),
  }
}

function modeFrom(data: string): number | undefined {
  const text = /(?:^|,)mode=([0-7]+)/.exec(data)?.[1]
  return text === undefined ? undefined : Number.parseInt(text, 8)
}

export function syntheticTypes(kernel: Kernel): readonly FileSystemType[] {
  const trace = {
    trace: textFile('# tracer: nop\n#\n', 0o640),
    tracing_on: textFile('1\n', 0o640),
    available_tracers: textFile('function nop\n'),
  }
  return [
    sysfsType(),
    procType(kernel),
    cgroup2Type(kernel),
    devtmpfsType(),
    fixedType('debugfs', { tracing: directory(trace, 0o700), sleep_time: textFile('0\n') }, 0o700),
    fixedType('tracefs', trace, 0o700),
    fixedType(
      'securityfs',
      { lsm: textFile('lockdown,capability,landlock,yama,apparmor,tomoyo,bpf,ipe,ima,evm'), apparmor: directory({}) },
      0o755,
    ),
    plainType('bpf', 0o1777, (data) => [data.includes('mode=') ? data : 'mode=700']),
    plainType('pstore', 0o750),
    plainType('mqueue', 0o1777),
    plainType('hugetlbfs', 0o755, () => ['pagesize=2M']),
    plainType('autofs', 0o755, (data) => data.split(',').filter((word) => word !== '')),
    fixedType('configfs', {}, 0o755),
    fixedType('fusectl', {}, 0o500),
    fixedType('binfmt_misc', { register: { kind: 'file', mode: 0o200, write: () => 0 }, status: textFile('enabled\n', 0o644) }, 0o755),
    devptsType(kernel),
  ]
}
