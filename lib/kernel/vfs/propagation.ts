// After mount_namespaces(7) and the kernel's sharedsubtree document: where else a mount or an unmount happens.
import { copyTree, type Mount, type PeerGroup } from '../mount'
import type { Dentry } from './dentry'

/** The mounts that see what happens on `mount`: its peers, their slaves, peers of those, and so on. */
function receivers(mount: Mount): Mount[] {
  const found: Mount[] = []
  const visited = new Set<PeerGroup>()
  const visit = (group: PeerGroup): void => {
    if (visited.has(group)) return
    visited.add(group)
    for (const member of group.members) if (member !== mount && !found.includes(member)) found.push(member)
    for (const slave of group.slaves) {
      if (slave !== mount && !found.includes(slave)) found.push(slave)
      if (slave.peerGroup !== undefined) visit(slave.peerGroup)
    }
  }
  if (mount.peerGroup !== undefined) visit(mount.peerGroup)
  return found
}

/** Mounts a tree that is nowhere yet, here and wherever the parent's changes are seen. */
export function attachWithPropagation(tree: Mount, parent: Mount, mountPoint: Dentry): void {
  const { peerGroup } = parent
  if (peerGroup !== undefined) {
    for (const mount of tree.tree()) mount.makeShared()
    /** The tree as it came to the members of a group; slaves of that group get slaves of these. */
    const trees = new Map<PeerGroup, Mount>([[peerGroup, tree]])
    for (const receiver of receivers(parent)) {
      if (!mountPoint.isWithin(receiver.root)) continue
      const ofPeers = receiver.peerGroup === undefined ? undefined : trees.get(receiver.peerGroup)
      const ofMasters = receiver.master === undefined ? undefined : trees.get(receiver.master)
      const original = ofPeers ?? ofMasters
      if (original === undefined) continue
      const copies = new Map<Mount, Mount>()
      const copy = copyTree(original, original.root, true, copies)
      if (ofPeers === undefined) {
        for (const one of copies.values()) {
          one.setMaster(undefined)
          one.makeSlave()
          if (receiver.peerGroup !== undefined) one.makeShared()
        }
        if (receiver.peerGroup !== undefined) trees.set(receiver.peerGroup, copy)
      }
      copy.attach(receiver, mountPoint)
    }
  }
  tree.attach(parent, mountPoint)
}

/** Whether a mount, or a mirror of it that would go too, is in use. */
export function isBusy(mount: Mount): boolean {
  return mount.pins > 0 || mount.children.size > 0 || mirrors(mount).some((mirror) => mirror.pins > 0)
}

function mirrors(mount: Mount): Mount[] {
  const { parent, mountPoint } = mount
  if (parent === undefined || mountPoint === undefined) return []
  return receivers(parent)
    .map((receiver) => receiver.children.get(mountPoint))
    .filter((mirror): mirror is Mount => mirror !== undefined && mirror.root === mount.root)
}

/** Takes a tree away, here and wherever it propagated to. A mirror that carries mounts of its own stays. */
export function unmountWithPropagation(mount: Mount): readonly Mount[] {
  const going = new Set(mount.tree())
  for (const one of [...going].reverse())
    for (const mirror of mirrors(one)) if ([...mirror.children.values()].every((child) => going.has(child))) going.add(mirror)
  const all = [...going].reverse()
  for (const one of all) one.retire()
  return all
}
