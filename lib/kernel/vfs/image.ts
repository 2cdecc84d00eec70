// The initial content of a disk: a tree that is never written to. Machines share it; a `FileSystem` lays its changes over it.
import { type Bytes, encodeUtf8, type FileKind, invariant, type Usec } from '@/lib/base'
import { PAGE_SIZE } from './file-content'

export type ImageEntry = {
  /** Absolute. Missing parents are made: root, 0755. */
  readonly path: string
  readonly kind: FileKind
  /** Permission bits (07777); 0755 for directories, 0777 for symbolic links, 0644 for others when unset. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly content?: Bytes | string
  /** Of a symbolic link. */
  readonly target?: string
  readonly rdev?: readonly [major: number, minor: number]
  /** Greater than the content: the rest reads as zeros. */
  readonly size?: number
  readonly mtimeUsec?: Usec
  readonly xattrs?: Readonly<Record<string, string>>
  /** Another name of the file at this path, which came earlier in the list. */
  readonly linkTo?: string
}

/** What a disk has more and less than its image. Applying it to the image gives the disk. */
export type ImageChanges = {
  /** Parents before children; a directory that exists keeps its content. */
  readonly written: readonly ImageEntry[]
  readonly removed: readonly string[]
}

/** One inode of an image. Several names may lead to it. */
export type ImageNode = {
  readonly kind: FileKind
  readonly ino: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly nlink: number
  readonly rdev: readonly [number, number]
  readonly size: number
  readonly mtimeUsec: Usec
  readonly target: string
  readonly xattrs: Readonly<Record<string, string>> | undefined
  readonly entries: ReadonlyMap<string, ImageNode> | undefined
  /** Of a regular file. */
  readonly content: () => Bytes
}

const ROOT_INODE = 2
/** ext4 hands out inode numbers from here on to ordinary files. */
const FIRST_INODE = 12
const nowhere: readonly [number, number] = [0, 0]
const nothing = new Uint8Array(0)

export function blocksOf(node: Pick<ImageNode, 'kind' | 'size'>): number {
  if (node.kind === 'file' || node.kind === 'directory') return Math.ceil(node.size / PAGE_SIZE)
  return node.kind === 'symlink' && node.size >= 60 ? 1 : 0
}

/** While an image is made: the tree with parts that may be written. */
class Draft {
  kind: FileKind
  readonly ino: number
  mode: number
  uid = 0
  gid = 0
  nlink = 1
  rdev = nowhere
  size = 0
  mtimeUsec: Usec
  target = ''
  xattrs: Readonly<Record<string, string>> | undefined
  entries: Map<string, ImageNode> | undefined
  private bytes: Bytes | string = nothing

  constructor(kind: FileKind, ino: number, mtimeUsec: Usec) {
    this.kind = kind
    this.ino = ino
    this.mode = kind === 'directory' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644
    this.mtimeUsec = mtimeUsec
    if (kind === 'directory') {
      this.entries = new Map()
      this.nlink = 2
      this.size = PAGE_SIZE
    }
  }

  readonly content = (): Bytes => {
    if (typeof this.bytes === 'string') this.bytes = encodeUtf8(this.bytes)
    return this.bytes
  }

  set(entry: ImageEntry): void {
    if (entry.mode !== undefined) this.mode = entry.mode & 0o7777
    this.uid = entry.uid ?? 0
    this.gid = entry.gid ?? 0
    if (entry.rdev !== undefined) this.rdev = entry.rdev
    if (entry.mtimeUsec !== undefined) this.mtimeUsec = entry.mtimeUsec
    if (entry.xattrs !== undefined) this.xattrs = entry.xattrs
    if (entry.kind === 'symlink') {
      this.target = entry.target ?? ''
      this.size = byteLength(this.target)
    }
    if (entry.content !== undefined) {
      this.bytes = entry.content
      this.size = typeof entry.content === 'string' ? byteLength(entry.content) : entry.content.length
    }
    if (entry.size !== undefined) this.size = Math.max(this.size, entry.size)
  }

  /** A copy with the same inode number that may be written. */
  static of(node: ImageNode): Draft {
    const draft = new Draft(node.kind, node.ino, node.mtimeUsec)
    draft.mode = node.mode
    draft.uid = node.uid
    draft.gid = node.gid
    draft.nlink = node.nlink
    draft.rdev = node.rdev
    draft.size = node.size
    draft.target = node.target
    draft.xattrs = node.xattrs
    draft.entries = node.entries === undefined ? undefined : new Map(node.entries)
    if (node.kind === 'file') draft.bytes = node.content()
    return draft
  }
}

function byteLength(text: string): number {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return encodeUtf8(text).length
  return text.length
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/** Applies entries to a tree, copying only the directories on the way. */
class ImageWriter {
  root: Draft
  nextInode: number
  private readonly owned = new Set<ImageNode>()
  private readonly mtimeUsec: Usec
  private readonly base: Image | undefined

  constructor(base: Image | undefined, mtimeUsec: Usec) {
    this.base = base
    this.root = base === undefined ? new Draft('directory', ROOT_INODE, mtimeUsec) : Draft.of(base.root)
    this.owned.add(this.root)
    this.nextInode = base?.nextInode ?? FIRST_INODE
    this.mtimeUsec = mtimeUsec
  }

  write(entry: ImageEntry): void {
    const parts = split(entry.path)
    const name = parts.pop()
    if (name === undefined) {
      invariant(entry.kind === 'directory', 'the root is a directory')
      this.root.set(entry)
      return
    }
    const parent = this.directory(parts)
    const earlier = parent.entries?.get(name)
    if (entry.linkTo !== undefined) {
      this.link(parent, name, earlier, entry.linkTo)
      return
    }
    if (entry.kind === 'directory' && earlier?.kind === 'directory') {
      this.own(parent, name, earlier).set(entry)
      return
    }
    if (earlier !== undefined) this.unlink(parent, name, earlier)
    const draft = new Draft(entry.kind, this.nextInode++, this.mtimeUsec)
    draft.set(entry)
    this.add(parent, name, draft)
  }

  remove(path: string): void {
    const parts = split(path)
    const name = parts.pop()
    if (name === undefined) return
    const parent = this.directory(parts)
    const node = parent.entries?.get(name)
    if (node !== undefined) this.unlink(parent, name, node)
  }

  private link(parent: Draft, name: string, earlier: ImageNode | undefined, target: string): void {
    const parts = split(target)
    const last = parts.pop()
    const directory = this.directory(parts)
    const node = last === undefined ? undefined : directory.entries?.get(last)
    invariant(last !== undefined && node !== undefined && node.kind !== 'directory', `link to what is not there: ${target}`)
    if (earlier === node) return
    if (earlier !== undefined) this.unlink(parent, name, earlier)
    const shared = this.ownLinked(directory, last, node)
    shared.nlink += 1
    parent.entries?.set(name, shared)
  }

  private add(parent: Draft, name: string, draft: Draft): void {
    parent.entries?.set(name, draft)
    this.owned.add(draft)
    if (draft.kind === 'directory') parent.nlink += 1
  }

  private unlink(parent: Draft, name: string, node: ImageNode): void {
    parent.entries?.delete(name)
    if (node.kind === 'directory') parent.nlink -= 1
    else if (this.owned.has(node) && node instanceof Draft) node.nlink -= 1
    else if (node.nlink > 1) {
      parent.entries?.set(name, node)
      const draft = this.ownLinked(parent, name, node)
      draft.nlink -= 1
      parent.entries?.delete(name)
    }
  }

  /** As `own`, but all names of the inode follow. */
  private ownLinked(parent: Draft, name: string, node: ImageNode): Draft {
    const draft = this.own(parent, name, node)
    if (draft === node) return draft
    for (const path of this.base?.linked.get(node) ?? []) {
      const parts = split(path)
      const last = parts.pop()
      if (last === undefined || !this.exists(parts, last, node)) continue
      this.directory(parts).entries?.set(last, draft)
    }
    return draft
  }

  private exists(parts: readonly string[], last: string, node: ImageNode): boolean {
    let at: ImageNode | undefined = this.root
    for (const part of parts) at = at?.entries?.get(part)
    return at?.entries?.get(last) === node
  }

  /** Replaces a node of the base by a copy of ours under this name. */
  private own(parent: Draft, name: string, node: ImageNode): Draft {
    if (this.owned.has(node) && node instanceof Draft) return node
    const draft = Draft.of(node)
    parent.entries?.set(name, draft)
    this.owned.add(draft)
    return draft
  }

  private directory(parts: readonly string[]): Draft {
    let at = this.root
    for (const part of parts) {
      const node = at.entries?.get(part)
      if (node === undefined) {
        const made = new Draft('directory', this.nextInode++, this.mtimeUsec)
        this.add(at, part, made)
        at = made
      } else {
        invariant(node.kind === 'directory', `${part} is no directory`)
        at = this.own(at, part, node)
      }
    }
    return at
  }
}

export class Image {
  readonly root: ImageNode
  readonly nextInode: number
  /** Names of inodes that have more than one, by inode. */
  readonly linked: ReadonlyMap<ImageNode, readonly string[]>
  readonly inodes: number
  readonly blocks: number

  private constructor(root: ImageNode, nextInode: number) {
    this.root = root
    this.nextInode = nextInode
    const linked = new Map<ImageNode, string[]>()
    let inodes = 0
    let blocks = 0
    const walk = (node: ImageNode, path: string): void => {
      if (node.nlink > 1 && node.kind !== 'directory') {
        const names = linked.get(node)
        if (names !== undefined) {
          names.push(path)
          return
        }
        linked.set(node, [path])
      }
      inodes += 1
      blocks += blocksOf(node)
      if (node.entries !== undefined) for (const [name, child] of node.entries) walk(child, `${path}/${name}`)
    }
    walk(root, '')
    this.linked = linked
    this.inodes = inodes
    this.blocks = blocks
  }

  /** Later entries win over earlier ones of the same path. */
  static build(entries: Iterable<ImageEntry>, mtimeUsec: Usec = 0): Image {
    const writer = new ImageWriter(undefined, mtimeUsec)
    for (const entry of entries) writer.write(entry)
    return new Image(writer.root, writer.nextInode)
  }

  /** A new image: this one with more entries, or with the changes of a disk. */
  with(changes: ImageChanges | Iterable<ImageEntry>, mtimeUsec: Usec = 0): Image {
    const { written, removed } = 'written' in changes ? changes : { written: changes, removed: [] }
    const writer = new ImageWriter(this, mtimeUsec)
    for (const path of removed) writer.remove(path)
    for (const entry of written) writer.write(entry)
    return new Image(writer.root, writer.nextInode)
  }

  /** The node at a path; symbolic links are not followed. */
  find(path: string): ImageNode | undefined {
    let at: ImageNode | undefined = this.root
    for (const part of split(path)) at = at?.entries?.get(part)
    return at
  }
}
