// A place in the tree that a process sees: a name of a file system, reached through a mount.
import type { Mount } from '../mount'
import type { Dentry } from './dentry'

export class Location {
  readonly mount: Mount
  readonly dentry: Dentry

  constructor(mount: Mount, dentry: Dentry) {
    this.mount = mount
    this.dentry = dentry
  }

  is(other: Location): boolean {
    return this.mount === other.mount && this.dentry === other.dentry
  }
}

/** The absolute path of a place as `root` sees it, and whether it can be reached from there. */
export function pathFrom(root: Location, place: Location): { readonly path: string; readonly reachable: boolean } {
  let text = ''
  let { mount, dentry } = place
  for (;;) {
    if (mount === root.mount && dentry === root.dentry) return { path: text === '' ? '/' : text, reachable: true }
    if (dentry === mount.root) {
      const { parent, mountPoint } = mount
      if (parent === undefined || mountPoint === undefined) return { path: text === '' ? '/' : text, reachable: false }
      mount = parent
      dentry = mountPoint
      continue
    }
    // A directory that was moved out of the part that the mount shows.
    if (dentry.parent === dentry) return { path: text === '' ? '/' : text, reachable: false }
    text = `/${dentry.name}${text}`
    dentry = dentry.parent
  }
}

/** As getcwd(2) and /proc/PID links show it: `(unreachable)` before, ` (deleted)` behind. */
export function describePath(root: Location, place: Location): string {
  const { path, reachable } = pathFrom(root, place)
  const text = place.dentry.unlinked && place.dentry !== place.mount.root ? `${path} (deleted)` : path
  return reachable ? text : `(unreachable)${text}`
}
