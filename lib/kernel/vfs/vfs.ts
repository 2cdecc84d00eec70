// The file trees of one machine: the types that can be mounted, the first namespace, numbers that are given out once.
import type { Usec } from '@/lib/base'
import { type Credentials, rootCredentials } from '../credentials'
import { Mount, MountNamespace, MS_RELATIME } from '../mount'
import type { Fallible } from '../system-calls'
import type { Dentry } from './dentry'
import { FileSystem } from './file-system'
import type { Image } from './image'
import { PathContext } from './path-context'
import { ramfs, tmpfs } from './tmpfs'

export type MountRequest = {
  readonly vfs: Vfs
  readonly source: string
  readonly data: string
  readonly flags: number
  readonly context: PathContext
}

/** What mount(2) of a type gives: a new file system, or one that exists and is shown once more. */
export type FileSystemType = {
  readonly name: string
  /** Needs a block device: no `nodev` in /proc/filesystems. */
  readonly onDisk?: boolean
  /** May be mounted in a user namespace that is not the initial one. */
  readonly inUserNamespace?: boolean
  readonly create: (request: MountRequest) => Fallible<{ readonly fileSystem: FileSystem; readonly root?: Dentry }>
}

export type VfsOptions = {
  readonly image: Image
  readonly nowUsec: () => Usec
  /** Decides the default size of a tmpfs. */
  readonly memoryBytes: number
  /** Of the disk; unset: 4 GiB. */
  readonly diskBytes?: number
  /** As /proc/mounts names the disk. */
  readonly diskSource?: string
  readonly diskDevice?: readonly [number, number]
}

const FIRST_MOUNT_ID = 21
const MNT_NAMESPACE_INODE = 4_026_531_841

export class Vfs {
  readonly nowUsec: () => Usec
  readonly memoryBytes: number
  readonly types = new Map<string, FileSystemType>()
  readonly disk: FileSystem
  readonly initial: MountNamespace
  /** Settings below /proc/sys/fs, as Debian's kernel has them. */
  readonly sysctl = { protectedSymlinks: true, protectedHardlinks: true, protectedRegular: 0, protectedFifos: 0 }
  private lastMountId = FIRST_MOUNT_ID - 1
  private lastNamespace = 0
  private lastAnonymousDevice = 0
  private lastCookie = 0
  private readonly groupIds = new Set<number>()

  constructor(options: VfsOptions) {
    this.nowUsec = options.nowUsec
    this.memoryBytes = options.memoryBytes
    this.types.set('tmpfs', tmpfs)
    this.types.set('ramfs', ramfs)
    const blocks = Math.floor((options.diskBytes ?? 4 * 1024 ** 3) / 4096)
    this.disk = new FileSystem({
      type: 'ext4',
      device: options.diskDevice ?? [254, 0],
      nowUsec: this.nowUsec,
      image: options.image,
      blocks,
      reservedBlocks: Math.floor(blocks / 20),
      inodes: Math.floor(blocks / 4),
      xattrs: true,
      showOptions: () => ['errors=remount-ro'],
    })
    const rootfs = new FileSystem({ type: 'rootfs', device: this.anonymousDevice(), nowUsec: this.nowUsec, root: { mode: 0o755 } })
    const bottom = new Mount(this, rootfs, rootfs.root, 'rootfs', 0)
    this.initial = new MountNamespace(this, bottom)
    const root = new Mount(this, this.disk, this.disk.root, options.diskSource ?? '/dev/vda', MS_RELATIME)
    root.attach(bottom, rootfs.root)
  }

  /** A view for a process of the first namespace. */
  newContext(credentials: Credentials = rootCredentials): PathContext {
    const root = this.initial.rootLocation()
    return new PathContext(this.initial, root, root, credentials)
  }

  nextMountId(): number {
    return ++this.lastMountId
  }

  /** The inode number of /proc/PID/ns/mnt. */
  nextNamespaceId(): number {
    this.lastNamespace += 1
    return this.lastNamespace === 1 ? MNT_NAMESPACE_INODE : 4_026_532_200 + this.lastNamespace
  }

  /** st_dev of a file system that is on no disk. */
  anonymousDevice(): readonly [number, number] {
    this.lastAnonymousDevice += 1
    return [0, this.lastAnonymousDevice]
  }

  /** Ties IN_MOVED_FROM to IN_MOVED_TO. */
  nextCookie(): number {
    this.lastCookie += 1
    return this.lastCookie
  }

  nextGroupId(): number {
    let id = 1
    while (this.groupIds.has(id)) id += 1
    this.groupIds.add(id)
    return id
  }

  freeGroupId(id: number): void {
    this.groupIds.delete(id)
  }
}
