// /dev as the lab machine has it once udev is done: devtmpfs with its nodes, and devpts.
import { isErrno } from './errno'
import type { Kernel } from './kernel'
import { SyntheticTree, type SyntheticNode } from './synthetic'
import { createTmpfs, type Dentry, FileSystem, type FileSystemType } from './vfs'

const TTY = 5
const DISK = 6
const KMEM = 15
const DIALOUT = 20
const KVM = 991

type Row = readonly [name: string, major: number, minor: number, mode: number, gid?: number]

const characters: readonly Row[] = [
  ['autofs', 10, 235, 0o644],
  ['btrfs-control', 10, 234, 0o600],
  ['console', 5, 1, 0o600],
  ['cpu_dma_latency', 10, 259, 0o600],
  ['cuse', 10, 203, 0o600],
  ['full', 1, 7, 0o666],
  ['fuse', 10, 229, 0o666],
  ['hpet', 10, 228, 0o600],
  ['hwrng', 10, 183, 0o600],
  ['input/event0', 13, 64, 0o660, 994],
  ['input/mice', 13, 63, 0o660, 994],
  ['kmsg', 1, 11, 0o644],
  ['loop-control', 10, 237, 0o660, DISK],
  ['mapper/control', 10, 236, 0o600],
  ['mem', 1, 1, 0o640, KMEM],
  ['net/tun', 10, 200, 0o666],
  ['null', 1, 3, 0o666],
  ['nvram', 10, 144, 0o600],
  ['ptmx', 5, 2, 0o666, TTY],
  ['random', 1, 8, 0o666],
  ['rtc0', 250, 0, 0o600],
  ['snapshot', 10, 231, 0o600],
  ['tty', 5, 0, 0o666, TTY],
  ['tty0', 4, 0, 0o600, TTY],
  ['udmabuf', 10, 258, 0o660, KVM],
  ['uhid', 10, 239, 0o600],
  ['urandom', 1, 9, 0o666],
  ['userfaultfd', 10, 257, 0o600],
  ['vfio/vfio', 10, 196, 0o666],
  ['vga_arbiter', 10, 256, 0o600],
  ['vhost-net', 10, 238, 0o660, KVM],
  ['vhost-vsock', 10, 241, 0o660, KVM],
  ['vport1p1', 246, 1, 0o600],
  ['zero', 1, 5, 0o666],
  ...Array.from({ length: 63 }, (_, index): Row => [`tty${index + 1}`, 4, index + 1, 0o600, TTY]),
  ...Array.from({ length: 4 }, (_, index): Row => [`ttyS${index}`, 4, 64 + index, 0o660, DIALOUT]),
  ...['vcs', 'vcsa', 'vcsu'].flatMap((name, kind) =>
    Array.from({ length: 7 }, (_, index): Row => [`${name}${index === 0 ? '' : index}`, 7, [0, 128, 64][kind]! + index, 0o660, TTY]),
  ),
]

const links: readonly (readonly [name: string, target: string])[] = [
  ['block/254:0', '../vda'],
  ['core', '/proc/kcore'],
  ['disk/by-diskseq/1', '../../vda'],
  ['disk/by-path/pci-0000:00:04.0', '../../vda'],
  ['fd', '/proc/self/fd'],
  ['initctl', '/run/initctl'],
  ['rtc', 'rtc0'],
  ['stderr', '/proc/self/fd/2'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['virtio-ports/org.lab.agent', '../vport1p1'],
]

const directories = ['block', 'char', 'disk', 'dma_heap', 'input', 'mapper', 'net', 'pts', 'vfio', 'virtio-ports']

export function devtmpfsType(): FileSystemType {
  let instance: FileSystem | undefined
  return {
    name: 'devtmpfs',
    create: (request) => {
      if (instance === undefined) {
        const made = createTmpfs(request, 'devtmpfs')
        if (isErrno(made)) return made
        fill(made)
        instance = made
      }
      return { fileSystem: instance }
    },
  }
}

function fill(fileSystem: FileSystem): void {
  const place = (path: string): { readonly directory: Dentry; readonly name: string } => {
    let directory = fileSystem.root
    const parts = path.split('/')
    for (const part of parts.slice(0, -1)) directory = directory.children?.get(part) ?? makeDirectory(directory, part)
    return { directory, name: parts.at(-1)! }
  }
  const makeDirectory = (parent: Dentry, name: string): Dentry => {
    const inode = fileSystem.newInode('directory', { mode: 0o755 })
    return isErrno(inode) ? parent : fileSystem.link(parent, name, inode)
  }
  for (const name of directories) makeDirectory(fileSystem.root, name)
  const node = (kind: 'character-device' | 'block-device', [path, major, minor, mode, gid = 0]: Row): void => {
    const { directory, name } = place(path)
    const inode = fileSystem.newInode(kind, { mode, gid, rdev: [major, minor] })
    if (!isErrno(inode)) fileSystem.link(directory, name, inode)
  }
  for (const row of characters) node('character-device', row)
  node('block-device', ['vda', 254, 0, 0o660, DISK])
  for (const [path, target] of links) {
    const { directory, name } = place(path)
    const inode = fileSystem.newInode('symlink', { mode: 0o777 })
    if (isErrno(inode)) continue
    inode.target = target
    inode.plainSize = target.length
    fileSystem.link(directory, name, inode)
  }
}

/** One instance for the machine: terminals of one mount are seen in every other. */
export function devptsType(kernel: Kernel): FileSystemType {
  let instance: FileSystem | undefined
  return {
    name: 'devpts',
    create: ({ vfs, data }) => {
      instance ??= makeDevpts(kernel, vfs.anonymousDevice(), vfs.nowUsec, data)
      return { fileSystem: instance }
    },
  }
}

function makeDevpts(kernel: Kernel, device: readonly [number, number], nowUsec: () => number, data: string): FileSystem {
  const mode = Number.parseInt(/(?:^|,)mode=([0-7]+)/.exec(data)?.[1] ?? '600', 8)
  const gid = Number(/(?:^|,)gid=(\d+)/.exec(data)?.[1] ?? 0)
  const tree = new SyntheticTree(() => fileSystem)
  const { ptys } = kernel.ptys
  kernel.ptys.onRemove = (index) => tree.forget(`/${index}`)
  const node = (name: string): SyntheticNode | undefined => {
    if (name === 'ptmx') return { kind: 'character-device', mode: 0, rdev: [5, 2] }
    const pty = /^\d+$/.test(name) ? ptys.get(Number(name)) : undefined
    return pty === undefined ? undefined : { kind: 'character-device', mode, uid: pty.uid, gid, rdev: [136, pty.index] }
  }
  const operations = tree.operations('', {
    kind: 'directory',
    names: () => [...[...ptys.keys()].sort((a, b) => b - a).map(String), 'ptmx'],
    node,
  })!
  const fileSystem: FileSystem = new FileSystem({
    type: 'devpts',
    device,
    nowUsec,
    root: { mode: 0o755, operations },
    showOptions: () => [`gid=${gid}`, `mode=${mode.toString(8).padStart(3, '0')}`, 'ptmxmode=000'],
  })
  return fileSystem
}
