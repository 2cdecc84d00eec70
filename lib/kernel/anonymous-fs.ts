// pipefs, sockfs and anon_inodefs: places for open files without a name, so that /proc/PID/fd/N can be opened again.
import { Mount } from './mount'
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
  private readonly places = new WeakMap<object, Location>()

  constructor(vfs: Vfs) {
    const fileSystem = new FileSystem({ type: 'pipefs', device: vfs.anonymousDevice(), nowUsec: vfs.nowUsec, root: { mode: 0o700 } })
    this.mount = new Mount(vfs, fileSystem, fileSystem.root, 'pipefs', 0)
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
