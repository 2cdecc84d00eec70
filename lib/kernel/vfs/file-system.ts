// A mounted file system (a superblock): its tree of names, its inodes and the room it has. On an image it copies on write.
import { invariant, type FileKind, type Usec } from '@/lib/base'
import { errno, isErrno } from '../errno'
import type { DirectoryEntry, Fallible } from '../system-calls'
import { changesOf } from './changes'
import { Dentry } from './dentry'
import { FileContent, PAGE_SIZE } from './file-content'
import type { Image, ImageChanges, ImageNode } from './image'
import { Inode, type InodeAttributes, type InodeOperations } from './inode'
import { IN_UNMOUNT, inodeIsGone } from './inotify'
import type { PathContext } from './path-context'

export type FileSystemOptions = {
  /** As /proc/mounts shows it: `ext4`, `tmpfs`, `proc`. */
  readonly type: string
  /** Major and minor of st_dev. */
  readonly device: readonly [major: number, minor: number]
  readonly nowUsec: () => Usec
  readonly image?: Image
  /** Root of a synthetic file system or attributes of the root of an empty one. */
  readonly root?: { readonly mode: number; readonly uid?: number; readonly gid?: number; readonly operations?: InodeOperations }
  /** In pages of 4 KiB; unset: without bound. */
  readonly blocks?: number
  /** Kept for root (CAP_SYS_RESOURCE). */
  readonly reservedBlocks?: number
  readonly inodes?: number
  readonly readOnly?: boolean
  /** Knows `user.*` and `security.*` attributes. */
  readonly xattrs?: boolean
  /** Directories show 20 bytes a name, as tmpfs does; else a block, or nothing (synthetic). */
  readonly directorySize?: 'block' | 'names' | 'none'
  /** The file system's own options in mountinfo, after `rw`. */
  readonly showOptions?: () => readonly string[]
  /** A remount with new data; absent: data is not looked at. */
  readonly reconfigure?: (data: string) => Fallible<0>
}

const BYTES_PER_NAME = 20

export class FileSystem {
  readonly type: string
  readonly device: readonly [number, number]
  readonly dev: number
  readonly nowUsec: () => Usec
  readonly root: Dentry
  readonly image: Image | undefined
  readonly xattrs: boolean
  readonly showOptions: () => readonly string[]
  readonly reconfigure: ((data: string) => Fallible<0>) | undefined
  readOnly: boolean
  blocks: number
  inodes: number
  readonly reservedBlocks: number
  /** Mounts that show it. */
  mountCount = 0
  /** Descriptions open for writing, through any mount. */
  writers = 0
  /** Inodes with watches, who hear when the last mount goes. */
  readonly watched = new Set<Inode>()
  usedBlocks: number
  usedInodes: number
  private nextInode: number
  private readonly directorySize: 'block' | 'names' | 'none'
  /** Inodes of image nodes that have several names. */
  private linked: Map<ImageNode, Inode> | undefined

  constructor(options: FileSystemOptions) {
    const { image, root } = options
    this.type = options.type
    this.device = options.device
    this.dev = options.device[0] * 256 + options.device[1]
    this.nowUsec = options.nowUsec
    this.image = image
    this.readOnly = options.readOnly ?? false
    this.xattrs = options.xattrs ?? false
    this.directorySize = options.directorySize ?? (image === undefined ? 'none' : 'block')
    this.showOptions = options.showOptions ?? (() => [])
    this.reconfigure = options.reconfigure
    this.blocks = options.blocks ?? Number.POSITIVE_INFINITY
    this.reservedBlocks = options.reservedBlocks ?? 0
    this.inodes = options.inodes ?? Number.POSITIVE_INFINITY
    this.usedBlocks = image?.blocks ?? 0
    this.usedInodes = image?.inodes ?? 1
    this.nextInode = image?.nextInode ?? 2
    const inode =
      image === undefined
        ? new Inode(this, 1, 'directory', { mode: 0o755, ...root, size: this.emptyDirectorySize() }, root?.operations)
        : this.inodeOf(image.root)
    this.root = new Dentry('', undefined, inode, image?.root.entries)
  }

  /** The name below a directory; `undefined`: there is none. */
  lookup(directory: Dentry, name: string, context: PathContext): Fallible<Dentry> | undefined {
    const { operations } = directory.inode
    if (operations?.lookup !== undefined) return this.lookupSynthetic(directory, name, operations.lookup(directory.inode, name, context))
    return this.ofImage(directory, name)
  }

  /** As `lookup`, for directories of memory or disk alone. */
  ofImage(directory: Dentry, name: string): Dentry | undefined {
    const child = directory.children?.get(name)
    if (child !== undefined) return child
    const node = directory.base?.get(name)
    if (node === undefined || directory.removed?.has(name)) return undefined
    const made = new Dentry(name, directory, this.inodeOf(node), node.entries)
    directory.children ??= new Map()
    directory.children.set(name, made)
    return made
  }

  private lookupSynthetic(directory: Dentry, name: string, found: Fallible<Inode> | undefined): Fallible<Dentry> | undefined {
    const known = directory.children?.get(name)
    if (isErrno(found)) return found
    if (found === undefined) {
      if (known !== undefined && !known.isMountPoint) {
        known.unlinked = true
        directory.children?.delete(name)
      }
      return undefined
    }
    if (known !== undefined) {
      if (known.inode === found) return known
      if (known.inode.ino === found.ino) {
        if (known.inode.openCount === 0 && known.inode.watches === undefined) known.inode = found
        return known
      }
      known.unlinked = true
    }
    const made = new Dentry(name, directory, found)
    directory.children ??= new Map()
    directory.children.set(name, made)
    return made
  }

  /** Names without `.` and `..`, those of the image first, then in the order they were made. */
  list(directory: Dentry, context: PathContext): Fallible<readonly DirectoryEntry[]> {
    const { operations } = directory.inode
    if (operations?.list !== undefined) return this.listSynthetic(directory, operations.list(directory.inode, context))
    const entries: DirectoryEntry[] = []
    const { base, removed, children } = directory
    if (base !== undefined) for (const [name, node] of base) if (!removed?.has(name)) entries.push({ name, ino: node.ino, kind: node.kind })
    if (children !== undefined)
      for (const [name, child] of children)
        if (base === undefined || !base.has(name) || removed?.has(name))
          entries.push({ name, ino: child.inode.ino, kind: child.inode.kind })
    return entries
  }

  private listSynthetic(directory: Dentry, entries: Fallible<readonly DirectoryEntry[]>): Fallible<readonly DirectoryEntry[]> {
    if (isErrno(entries)) return entries
    // What is gone (a process, a cgroup) leaves the cache here.
    if (directory.children !== undefined && directory.children.size > entries.length) {
      const names = new Set(entries.map((entry) => entry.name))
      for (const [name, child] of directory.children) if (!names.has(name) && !child.isMountPoint) directory.children.delete(name)
    }
    return entries
  }

  isEmpty(directory: Dentry, context: PathContext): boolean {
    const entries = this.list(directory, context)
    return !isErrno(entries) && entries.length === 0
  }

  /** A new inode of memory or disk; ENOSPC when there are no more. It has no name yet. */
  newInode(kind: FileKind, attributes: InodeAttributes): Fallible<Inode> {
    const blocks = kind === 'directory' && this.directorySize === 'block' ? 1 : 0
    if (this.usedInodes >= this.inodes || this.usedBlocks + blocks > this.blocks) return errno.ENOSPC
    this.usedInodes += 1
    this.usedBlocks += blocks
    const size = kind === 'directory' ? this.emptyDirectorySize() : 0
    const inode = new Inode(this, this.nextInode++, kind, { size, ...attributes })
    if (kind === 'file') inode.content = new FileContent()
    inode.changed = true
    return inode
  }

  /** Gives an inode a name. The inode's count of links is the caller's but for directories. */
  link(directory: Dentry, name: string, inode: Inode): Dentry {
    const dentry = new Dentry(name, directory, inode)
    this.insert(directory, dentry)
    return dentry
  }

  private insert(directory: Dentry, dentry: Dentry): void {
    directory.children ??= new Map()
    directory.children.delete(dentry.name)
    directory.children.set(dentry.name, dentry)
    this.countName(directory, dentry, 1)
  }

  private countName(directory: Dentry, dentry: Dentry, by: 1 | -1): void {
    if (dentry.inode.kind === 'directory') directory.inode.nlink += by
    if (this.directorySize === 'names') directory.inode.plainSize += by * BYTES_PER_NAME
    directory.inode.touchContent()
  }

  private detach(dentry: Dentry): void {
    const directory = dentry.parent
    directory.children?.delete(dentry.name)
    if (directory.base?.has(dentry.name)) {
      directory.removed ??= new Set()
      directory.removed.add(dentry.name)
    }
    this.countName(directory, dentry, -1)
  }

  /** Takes a name away; the inode goes with its last name and last opening. */
  unlink(dentry: Dentry): void {
    this.detach(dentry)
    dentry.unlinked = true
    const { inode } = dentry
    inode.nlink = inode.kind === 'directory' ? 0 : inode.nlink - 1
    inode.touchAttributes()
  }

  /** Gives a name another parent, another name, or both. What had that name must be unlinked before. */
  move(dentry: Dentry, directory: Dentry, name: string): void {
    this.detach(dentry)
    dentry.parent = directory
    dentry.name = name
    this.insert(directory, dentry)
    dentry.inode.touchAttributes()
  }

  /** Called when a name or an opening went: frees what nobody can reach any more. */
  release(inode: Inode): void {
    if (inode.nlink > 0 || inode.openCount > 0 || inode.operations !== undefined) return
    this.usedInodes -= 1
    this.usedBlocks -= this.blocksOf(inode)
    inode.content?.truncate(0)
    inodeIsGone(inode)
  }

  /** One mount less; with the last, watches hear IN_UNMOUNT. */
  unmounted(): void {
    this.mountCount -= 1
    if (this.mountCount === 0) for (const inode of [...this.watched]) inodeIsGone(inode, IN_UNMOUNT)
  }

  /** Pages that may still be allocated. */
  freeBlocks(privileged: boolean): number {
    return Math.max(0, this.blocks - this.usedBlocks - (privileged ? 0 : this.reservedBlocks))
  }

  blocksOf(inode: Inode): number {
    if (inode.content !== undefined) return inode.content.pages
    if (inode.kind === 'directory') return this.directorySize === 'block' ? Math.ceil(inode.plainSize / PAGE_SIZE) : 0
    return 0
  }

  /** What this disk has more and less than its image. */
  changes(): ImageChanges {
    invariant(this.image !== undefined, 'a file system without an image has no changes')
    return changesOf(this.root, this.image)
  }

  private emptyDirectorySize(): number {
    if (this.directorySize === 'none') return 0
    return this.directorySize === 'names' ? 2 * BYTES_PER_NAME : PAGE_SIZE
  }

  private inodeOf(node: ImageNode): Inode {
    const shared = node.nlink > 1 && node.kind !== 'directory'
    const known = shared ? this.linked?.get(node) : undefined
    if (known !== undefined) return known
    const inode = new Inode(this, node.ino, node.kind, node)
    inode.atimeUsec = node.mtimeUsec
    inode.mtimeUsec = node.mtimeUsec
    inode.ctimeUsec = node.mtimeUsec
    inode.target = node.target
    if (node.kind === 'file') inode.content = new FileContent(node.content(), node.size)
    if (node.xattrs !== undefined) inode.xattrs = new Map(Object.entries(node.xattrs))
    if (shared) {
      this.linked ??= new Map()
      this.linked.set(node, inode)
    }
    return inode
  }
}
