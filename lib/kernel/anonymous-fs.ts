// pipefs, sockfs and anon_inodefs: places for open files without a name, so that /proc/PID/fd/N can be opened again.
import { Mount } from './mount'
import type { NamespaceReference } from './namespace-file'
import type { OpenFile } from './open-file'
import { PipeEnd } from './pipe'
import { Dentry, FileSystem, Inode, Location, type Vfs } from './vfs'

/** Hangs on the inode of a file that is opened again as itself (what the host gave, an eventfd). */
export class SameFile {
  readonly file: OpenFile

  constructor(file: OpenFile) {
    this.file = file
  }
}

export class AnonymousFileSystem {
  private readonly mount: Mount
  private readonly nsfs: Mount
  private readonly places = new WeakMap<object, Location>()
  private readonly namespaces = new Map<string, Location>()

  constructor(vfs: Vfs) {
    const fileSystem = new FileSystem({ type: 'pipefs', device: vfs.anonymousDevice(), nowUsec: vfs.nowUsec, root: { mode: 0o700 } })
    this.mount = new Mount(vfs, fileSystem, fileSystem.root, 'pipefs', 0)
    const nsfs = new FileSystem({ type: 'nsfs', device: vfs.anonymousDevice(), nowUsec: vfs.nowUsec, root: { mode: 0o700 } })
    this.nsfs = new Mount(vfs, nsfs, nsfs.root, 'nsfs', 0)
  }

  /** The inode of a namespace (nsfs); the same for all who are in it. */
  namespacePlace(reference: NamespaceReference): Location {
    const known = this.namespaces.get(`${reference.name}:${reference.inum}`)
    if (known !== undefined) return known
    const inode = new Inode(this.nsfs.fileSystem, reference.inum, 'file', { mode: 0o444 })
    inode.attachment = reference
    const place = new Location(this.nsfs, new Dentry(reference.text, this.nsfs.fileSystem.root, inode))
    this.namespaces.set(`${reference.name}:${reference.inum}`, place)
    return place
  }

  /** Where a link to this file jumps. */
  place(file: OpenFile): Location {
    const { description } = file.place
    if (description !== undefined) return description.location
    const subject = file instanceof PipeEnd ? file.pipe : file
    const known = this.places.get(subject)
    if (known !== undefined) return known
    const stat = file.stat()
    const inode = new Inode(this.mount.fileSystem, stat.ino, stat.kind, { mode: stat.mode, uid: stat.uid, gid: stat.gid })
    inode.attachment = file instanceof PipeEnd ? file.pipe : new SameFile(file)
    const dentry = new Dentry(file.describe(), this.mount.fileSystem.root, inode)
    const place = new Location(this.mount, dentry)
    this.places.set(subject, place)
    return place
  }
}
