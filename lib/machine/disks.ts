// The disks that machines start from; made once, shared, never written to.
import type { Image } from '@/lib/kernel'
import { programs } from '@/lib/programs'
import { labImage } from './images/lab-image'
import { type TreeDescription, treeImage } from './images/tree-image'

let disk: Image | undefined
/** The lab's disk; made once, never written to. */
export function labDisk(): Image {
  disk ??= labImage(programs)
  return disk
}

export function treeDisk(tree: TreeDescription): Image {
  return treeImage(tree, programs)
}
