// After mount_namespaces(7): mounts, the trees they form, and the peer groups between which they propagate.
import { invariant } from '@/lib/base'
import { initialUserNamespace, type UserNamespace } from './credentials'
import { type Cause, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from './system-calls'
import type { Dentry } from './vfs/dentry'
import type { FileSystem } from './vfs/file-system'
import { Location } from './vfs/location'
import type { PathContext } from './vfs/path-context'
import type { Vfs } from './vfs/vfs'
import type { WaitQueue } from './wait'

export const MS_NOSYMFOLLOW = 256
export const MS_NOATIME = 1024
export const MS_NODIRATIME = 2048
export const MS_SILENT = 32_768
export const MS_RELATIME = 1 << 21
export const MS_STRICTATIME = 1 << 24

/** Flags that a mount has for itself, apart from its file system. */
export const MOUNT_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | MS_NOATIME | MS_NODIRATIME | MS_RELATIME

/** Mounts that mirror each other's changes. `slaves` receive them and send none back. */
export class PeerGroup {
  readonly id: number
  readonly members = new Set<Mount>()
  readonly slaves = new Set<Mount>()

  constructor(id: number) {
    this.id = id
  }
}

export class Mount {
  readonly id: number
  readonly vfs: Vfs
  readonly fileSystem: FileSystem
  /** The part of the file system that is shown. */
  readonly root: Dentry
  readonly source: string
  /** MS_RDONLY, MS_NOSUID, … of this mount alone. */
  flags: number
  parent: Mount | undefined
  mountPoint: Dentry | undefined
  /** What is mounted on names of this mount. */
  readonly children = new Map<Dentry, Mount>()
  namespace: MountNamespace | undefined
  peerGroup: PeerGroup | undefined
  master: PeerGroup | undefined
  unbindable = false
  /** Open files, current directories and roots here: umount(2) answers EBUSY. */
  pins = 0
  /** Descriptions open for writing: no remount to read-only. */
  writers = 0
  private isRetired = false
  /** Who put it there. */
  cause: Cause | undefined
  /** Who set a flag, by flag. */
  private flagCauses: Map<number, Cause> | undefined

  constructor(vfs: Vfs, fileSystem: FileSystem, root: Dentry, source: string, flags: number, cause?: Cause) {
    this.id = vfs.nextMountId()
    this.vfs = vfs
    this.fileSystem = fileSystem
    this.root = root
    this.source = source
    this.flags = 0
    this.cause = cause
    this.setFlags(flags, cause)
    fileSystem.mountCount += 1
  }

  get isReadOnly(): boolean {
    return (this.flags & MS_RDONLY) !== 0 || this.fileSystem.readOnly
  }

  get noSymlinkFollow(): boolean {
    return (this.flags & MS_NOSYMFOLLOW) !== 0
  }

  get isShared(): boolean {
    return this.peerGroup !== undefined
  }

  get readOnlyCause(): Cause | undefined {
    return this.flagCause(MS_RDONLY)
  }

  get isNoExec(): boolean {
    return (this.flags & MS_NOEXEC) !== 0
  }

  get noExecCause(): Cause | undefined {
    return this.flagCause(MS_NOEXEC)
  }

  /** Whose word it is that this flag is set. */
  flagCause(flag: number): Cause | undefined {
    return this.flagCauses?.get(flag)
  }

  setFlags(flags: number, cause?: Cause): void {
    for (const flag of [MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC]) {
      if ((flags & flag) === 0) this.flagCauses?.delete(flag)
      else if ((this.flags & flag) === 0 && cause !== undefined) {
        this.flagCauses ??= new Map()
        this.flagCauses.set(flag, cause)
      }
    }
    this.flags = flags & MOUNT_FLAGS
    this.namespace?.touch()
  }

  /** A copy that shows the same, or a part of it; it is nowhere yet and belongs to no group. */
  copy(root: Dentry = this.root): Mount {
    const copy = new Mount(this.vfs, this.fileSystem, root, this.source, this.flags, this.cause)
    copy.flagCauses = this.flagCauses === undefined ? undefined : new Map(this.flagCauses)
    return copy
  }

  /** Puts it on a name of another mount. What is mounted there already comes to lie on top. */
  attach(parent: Mount, mountPoint: Dentry): void {
    const above = parent.children.get(mountPoint)
    this.parent = parent
    this.mountPoint = mountPoint
    parent.children.set(mountPoint, this)
    mountPoint.mounts ??= new Set()
    mountPoint.mounts.add(this)
    if (above !== undefined && above !== this) {
      above.forgetMountPoint()
      above.attach(this, this.root)
    }
    for (const mount of this.tree()) mount.enter(parent.namespace)
  }

  /** Takes it (and what is on it) off its place. */
  detach(): void {
    const { parent, mountPoint } = this
    if (parent === undefined || mountPoint === undefined) return
    if (parent.children.get(mountPoint) === this) parent.children.delete(mountPoint)
    this.forgetMountPoint()
    this.parent = undefined
    this.mountPoint = undefined
  }

  private forgetMountPoint(): void {
    const { mountPoint } = this
    if (mountPoint?.mounts === undefined) return
    mountPoint.mounts.delete(this)
    if (mountPoint.mounts.size === 0) mountPoint.mounts = undefined
  }

  private enter(namespace: MountNamespace | undefined): void {
    if (this.namespace === namespace) return
    this.namespace?.mounts.delete(this)
    this.namespace?.touch()
    this.namespace = namespace
    namespace?.mounts.add(this)
    namespace?.touch()
  }

  /** Gone for good: of no namespace and no group. */
  retire(): void {
    this.detach()
    this.enter(undefined)
    this.leaveGroup()
    this.setMaster(undefined)
    if (this.isRetired) return
    this.isRetired = true
    this.fileSystem.unmounted()
  }

  /** This mount and all on it, parents before children. */
  tree(): Mount[] {
    const all: Mount[] = [this]
    for (let index = 0; index < all.length; index++) for (const child of all[index]!.children.values()) all.push(child)
    return all
  }

  isBelow(ancestor: Mount): boolean {
    for (let at: Mount | undefined = this; at !== undefined; at = at.parent) if (at === ancestor) return true
    return false
  }

  joinGroup(group: PeerGroup): void {
    if (this.peerGroup === group) return
    this.leaveGroup()
    this.peerGroup = group
    group.members.add(this)
  }

  leaveGroup(): void {
    const group = this.peerGroup
    if (group === undefined) return
    this.peerGroup = undefined
    group.members.delete(this)
    if (group.members.size > 0) return
    for (const slave of [...group.slaves]) slave.setMaster(this.master)
    this.vfs.freeGroupId(group.id)
  }

  setMaster(master: PeerGroup | undefined): void {
    this.master?.slaves.delete(this)
    this.master = master
    master?.slaves.add(this)
  }

  makeShared(): void {
    this.unbindable = false
    if (this.peerGroup === undefined) this.joinGroup(new PeerGroup(this.vfs.nextGroupId()))
  }

  makeSlave(): void {
    this.unbindable = false
    const group = this.peerGroup
    if (group === undefined) return
    this.leaveGroup()
    if (group.members.size > 0) this.setMaster(group)
  }

  makePrivate(unbindable = false): void {
    this.leaveGroup()
    this.setMaster(undefined)
    this.unbindable = unbindable
  }
}

/** The mounts that a set of processes sees. */
export class MountNamespace {
  readonly vfs: Vfs
  readonly id: number
  readonly userNamespace: UserNamespace
  readonly mounts = new Set<Mount>()
  /** Processes in it. */
  readonly contexts = new Set<PathContext>()
  /** Counts changes of the table; who polls /proc/PID/mountinfo sleeps on the queue. */
  changes = 0
  queue: WaitQueue | undefined
  /** Kept though no process is in it: an open or bound /proc/PID/ns/mnt. */
  private holds = 0
  private top: Mount | undefined

  constructor(vfs: Vfs, root: Mount | undefined, userNamespace: UserNamespace = initialUserNamespace) {
    this.vfs = vfs
    this.id = vfs.nextNamespaceId()
    this.userNamespace = userNamespace
    if (root !== undefined) this.setRoot(root)
  }

  get root(): Mount {
    invariant(this.top !== undefined, 'a mount namespace has a root')
    return this.top
  }

  private setRoot(root: Mount): void {
    this.top = root
    for (const mount of root.tree()) {
      mount.namespace = this
      this.mounts.add(mount)
    }
  }

  /** The root that a process has which enters. */
  rootLocation(): Location {
    let mount = this.root
    for (;;) {
      const over = mount.children.get(mount.root)
      if (over === undefined) return new Location(mount, mount.root)
      mount = over
    }
  }

  /**
   * A copy for other processes. Shared mounts stay peers of their originals, or become their slaves when another user
   * namespace owns the copy. `place` finds where a place of the old lies in the new.
   */
  clone(userNamespace: UserNamespace = this.userNamespace): {
    readonly namespace: MountNamespace
    readonly place: (at: Location) => Location
  } {
    const copies = new Map<Mount, Mount>()
    const root = copyTree(this.root, this.root.root, true, copies)
    for (const [original, copy] of copies) {
      copy.unbindable = original.unbindable
      if (userNamespace !== this.userNamespace) copy.makeSlave()
    }
    const namespace = new MountNamespace(this.vfs, root, userNamespace)
    return { namespace, place: (at) => new Location(copies.get(at.mount) ?? at.mount, at.dentry) }
  }

  touch(): void {
    this.changes += 1
    this.queue?.wake()
  }

  hold(): void {
    this.holds += 1
  }

  unhold(): void {
    this.holds -= 1
    this.dissolveIfUnused()
  }

  leave(context: PathContext): void {
    this.contexts.delete(context)
    this.dissolveIfUnused()
  }

  private dissolveIfUnused(): void {
    if (this.contexts.size > 0 || this.holds > 0 || this === this.vfs.initial) return
    for (const mount of [...this.mounts].reverse()) mount.retire()
  }
}

/**
 * Copies a mount, from `root` on, with all that is mounted on it. Copies of shared mounts are their peers, of slaves
 * slaves of the same master. Unbindable mounts are left out unless `all`.
 */
export function copyTree(mount: Mount, root: Dentry, all: boolean, copies: Map<Mount, Mount>): Mount {
  const copy = copyMount(mount, root)
  copies.set(mount, copy)
  for (const [mountPoint, child] of mount.children) {
    if (!mountPoint.isWithin(root) || (child.unbindable && !all)) continue
    copyTree(child, child.root, all, copies).attach(copy, mountPoint)
  }
  return copy
}

export function copyMount(mount: Mount, root: Dentry): Mount {
  const copy = mount.copy(root)
  if (mount.peerGroup !== undefined) copy.joinGroup(mount.peerGroup)
  if (mount.master !== undefined) copy.setMaster(mount.master)
  return copy
}
