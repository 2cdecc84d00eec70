// What a disk has more and less than the image it began from, as entries that can be saved and applied again.
import type { Dentry } from './dentry'
import type { Image, ImageChanges, ImageEntry, ImageNode } from './image'
import type { Inode } from './inode'

export function changesOf(root: Dentry, image: Image): ImageChanges {
  const written: ImageEntry[] = []
  const removed: string[] = []
  const names = new Map<Inode, string>()
  lookAtLinks(root, image)

  const emitInode = (inode: Inode, path: string): void => {
    const earlier = inode.nlink > 1 && inode.kind !== 'directory' ? names.get(inode) : undefined
    if (earlier !== undefined) written.push({ path, kind: inode.kind, linkTo: earlier })
    else written.push(entryOf(inode, path))
    names.set(inode, path)
  }
  /** All of a part of the image that moved, or lies below a directory that did. */
  const emitNode = (node: ImageNode, path: string): void => {
    written.push(entryOfNode(node, path))
    if (node.entries !== undefined) for (const [name, child] of node.entries) emitNode(child, `${path}/${name}`)
  }
  const emitAll = (dentry: Dentry, path: string): void => {
    emitInode(dentry.inode, path)
    const { base, children, removed: gone } = dentry
    if (base !== undefined) for (const [name, node] of base) if (!gone?.has(name) && !children?.has(name)) emitNode(node, `${path}/${name}`)
    if (children !== undefined) for (const [name, child] of children) emitAll(child, `${path}/${name}`)
  }
  const compare = (dentry: Dentry, path: string): void => {
    if (dentry.inode.changed) emitInode(dentry.inode, path === '' ? '/' : path)
    const { base, children, removed: gone } = dentry
    if (gone !== undefined) for (const name of gone) removed.push(`${path}/${name}`)
    if (children !== undefined)
      for (const [name, child] of children) {
        const isOfImage = base?.has(name) && !gone?.has(name)
        if (isOfImage) compare(child, `${path}/${name}`)
        else emitAll(child, `${path}/${name}`)
      }
  }
  compare(root, '')
  return { written, removed }
}

/** Names of inodes with several: all must be looked at, or one would keep the image's content when another changed. */
function lookAtLinks(root: Dentry, image: Image): void {
  for (const paths of image.linked.values())
    for (const path of paths) {
      let at: Dentry | undefined = root
      for (const part of path.split('/').slice(1)) at = at?.inode.fileSystem.ofImage(at, part)
    }
}

function entryOf(inode: Inode, path: string): ImageEntry {
  return {
    path,
    kind: inode.kind,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    mtimeUsec: inode.mtimeUsec,
    ...(inode.kind === 'symlink' ? { target: inode.target } : {}),
    ...(inode.content === undefined ? {} : { content: inode.content.bytes(), size: inode.content.size }),
    ...(inode.kind.endsWith('-device') ? { rdev: inode.rdev } : {}),
    ...(inode.xattrs === undefined ? {} : { xattrs: Object.fromEntries(inode.xattrs) }),
  }
}

function entryOfNode(node: ImageNode, path: string): ImageEntry {
  return {
    path,
    kind: node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtimeUsec: node.mtimeUsec,
    ...(node.kind === 'symlink' ? { target: node.target } : {}),
    ...(node.kind === 'file' ? { content: node.content(), size: node.size } : {}),
    ...(node.kind.endsWith('-device') ? { rdev: node.rdev } : {}),
    ...(node.xattrs === undefined ? {} : { xattrs: node.xattrs }),
  }
}
