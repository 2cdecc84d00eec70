// A name in a directory. Names of an image come into being when somebody looks; whatever was never looked at costs nothing.
import type { Mount } from '../mount'
import type { ImageNode } from './image'
import type { Inode } from './inode'

export class Dentry {
  name: string
  /** Its own parent when it is the root of a file system. */
  parent: Dentry
  inode: Inode
  children: Map<string, Dentry> | undefined
  /** Of a directory of an image: what was there at first. */
  readonly base: ReadonlyMap<string, ImageNode> | undefined
  /** Names of `base` that were removed, even if they were made again. */
  removed: Set<string> | undefined
  /** Mounts over it, in any namespace. */
  mounts: Set<Mount> | undefined
  unlinked = false

  constructor(name: string, parent: Dentry | undefined, inode: Inode, base?: ReadonlyMap<string, ImageNode>) {
    this.name = name
    this.parent = parent ?? this
    this.inode = inode
    this.base = base
  }

  get isMountPoint(): boolean {
    return this.mounts !== undefined && this.mounts.size > 0
  }

  isWithin(ancestor: Dentry): boolean {
    for (let at: Dentry = this; ; at = at.parent) {
      if (at === ancestor) return true
      if (at.parent === at) return false
    }
  }

  /** Path from the root of its file system, as the root column of mountinfo shows it. */
  path(): string {
    let text = ''
    for (let at: Dentry = this; at.parent !== at; at = at.parent) text = `/${at.name}${text}`
    return text === '' ? '/' : text
  }
}
