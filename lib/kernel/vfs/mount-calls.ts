// After mount(2), umount2(2), pivot_root(2): what each form of the call does, and when it is refused.
import { capable } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import { copyMount, copyTree, Mount, MOUNT_FLAGS, MS_NOATIME, MS_NODIRATIME, MS_RELATIME, MS_SILENT, MS_STRICTATIME } from '../mount'
import {
  type Cause,
  type Fallible,
  MNT_DETACH,
  MS_BIND,
  MS_MOVE,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../system-calls'
import { Location } from './location'
import { topmost } from './open'
import type { PathContext } from './path-context'
import { resolve } from './path-walk'
import { attachWithPropagation, isBusy, unmountWithPropagation } from './propagation'

const MNT_FORCE = 1
const MNT_EXPIRE = 4
const UMOUNT_NOFOLLOW = 8
const PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE

/** CAP_SYS_ADMIN over the namespace of the mounts. */
function mayMount(context: PathContext): boolean {
  if (capable(context.credentials, 'CAP_SYS_ADMIN', context.namespace.userNamespace)) return true
  context.refuse('not root')
  return false
}

/** relatime unless another policy is asked for. */
function mountFlags(flags: number): number {
  let own = flags & MOUNT_FLAGS & ~MS_RELATIME
  if ((flags & MS_STRICTATIME) !== 0) own &= ~MS_NOATIME
  else if ((flags & MS_NOATIME) === 0) own |= MS_RELATIME
  return own
}

export function mountAt(
  context: PathContext,
  source: string,
  target: string,
  type: string,
  flags: number,
  data = '',
  cause?: Cause,
): Fallible<0> {
  const place = resolve(context, target)
  if (isErrno(place)) return place
  if (!mayMount(context)) return errno.EPERM
  if ((flags & (MS_REMOUNT | MS_BIND)) === (MS_REMOUNT | MS_BIND)) return reconfigureMount(context, place, flags, cause)
  if ((flags & MS_REMOUNT) !== 0) return remount(context, place, flags, data, cause)
  if ((flags & MS_BIND) !== 0) return bind(context, source, place, (flags & MS_REC) !== 0, cause)
  if ((flags & PROPAGATION) !== 0) return changePropagation(context, place, flags)
  if ((flags & MS_MOVE) !== 0) return move(context, source, place)
  return mountNew(context, source, place, type, flags, data, cause)
}

const isMountRoot = ({ mount, dentry }: Location): boolean => dentry === mount.root

/** mount -o remount,bind: flags of the mount alone. A time policy is kept unless another is named. */
function reconfigureMount(context: PathContext, { mount, dentry }: Location, flags: number, cause: Cause | undefined): Fallible<0> {
  if (dentry !== mount.root || mount.namespace !== context.namespace) return errno.EINVAL
  return applyMountFlags(mount, keepTimePolicy(mount, flags), cause)
}

function keepTimePolicy(mount: Mount, flags: number): number {
  const policy = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME
  if ((flags & policy) !== 0) return mountFlags(flags)
  return (flags & MOUNT_FLAGS) | (mount.flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME))
}

function applyMountFlags(mount: Mount, flags: number, cause: Cause | undefined): Fallible<0> {
  if ((flags & MS_RDONLY) !== 0 && (mount.flags & MS_RDONLY) === 0 && mount.writers > 0) return errno.EBUSY
  mount.setFlags(flags, cause)
  return 0
}

/** mount -o remount: the file system and this mount of it. */
function remount(context: PathContext, place: Location, flags: number, data: string, cause: Cause | undefined): Fallible<0> {
  const { mount } = place
  const { fileSystem } = mount
  if (!isMountRoot(place) || mount.namespace !== context.namespace) return errno.EINVAL
  if (!capable(context.credentials, 'CAP_SYS_ADMIN')) {
    context.refuse('not root')
    return errno.EPERM
  }
  const done = fileSystem.reconfigure?.(data) ?? 0
  if (isErrno(done)) return done
  const readOnly = (flags & MS_RDONLY) !== 0
  if (readOnly && !fileSystem.readOnly && fileSystem.writers > 0) return errno.EBUSY
  fileSystem.readOnly = readOnly
  mount.setFlags(keepTimePolicy(mount, flags & ~MS_SILENT), cause)
  return 0
}

function bind(context: PathContext, source: string, place: Location, recursive: boolean, cause: Cause | undefined): Fallible<0> {
  if (source === '') return errno.EINVAL
  const from = resolve(context, source)
  if (isErrno(from)) return from
  if (from.mount.unbindable) return errno.EINVAL
  if (from.mount.namespace !== context.namespace) return errno.EINVAL
  const copy = cloneTree(from, recursive)
  if (cause !== undefined) copy.cause = cause
  const grafted = graft(context, copy, place)
  if (isErrno(grafted)) for (const mount of copy.tree().reverse()) mount.retire()
  return grafted
}

/** A copy of what is at a place, mounted nowhere, as open_tree(OPEN_TREE_CLONE) makes it. */
export function cloneTree(from: Location, recursive: boolean): Mount {
  if (recursive) return copyTree(from.mount, from.dentry, false, new Map())
  return copyMount(from.mount, from.dentry)
}

/** Puts a tree that is nowhere at a place. */
export function graft(context: PathContext, tree: Mount, place: Location): Errno | 0 {
  const onto = topmost(place)
  if (onto.mount.namespace !== context.namespace) return errno.EINVAL
  if ((onto.dentry.inode.kind === 'directory') !== (tree.root.inode.kind === 'directory')) return errno.ENOTDIR
  if (onto.dentry.unlinked) return errno.ENOENT
  attachWithPropagation(tree, onto.mount, onto.dentry)
  return 0
}

function changePropagation(context: PathContext, place: Location, flags: number): Fallible<0> {
  const { mount } = place
  const kind = flags & PROPAGATION
  if ((kind & (kind - 1)) !== 0 || (flags & ~(PROPAGATION | MS_REC | MS_SILENT)) !== 0) return errno.EINVAL
  if (!isMountRoot(place) || mount.namespace !== context.namespace) return errno.EINVAL
  for (const one of (flags & MS_REC) !== 0 ? mount.tree() : [mount]) {
    if (kind === MS_SHARED) one.makeShared()
    else if (kind === MS_SLAVE) one.makeSlave()
    else one.makePrivate(kind === MS_UNBINDABLE)
  }
  return 0
}

function move(context: PathContext, source: string, place: Location): Fallible<0> {
  if (source === '') return errno.EINVAL
  const from = resolve(context, source)
  if (isErrno(from)) return from
  return moveMount(context, from, place)
}

/** mount --move, and move_mount(2) of a mount that is somewhere. */
export function moveMount(context: PathContext, from: Location, place: Location): Fallible<0> {
  const { mount } = from
  const onto = topmost(place)
  const { parent } = mount
  if (!isMountRoot(from) || mount.namespace !== context.namespace || onto.mount.namespace !== context.namespace) return errno.EINVAL
  if (parent === undefined || parent.isShared) return errno.EINVAL
  if ((onto.dentry.inode.kind === 'directory') !== (mount.root.inode.kind === 'directory')) return errno.EINVAL
  if (onto.mount.isShared && mount.tree().some((one) => one.unbindable)) return errno.EINVAL
  if (onto.mount.isBelow(mount)) return errno.ELOOP
  mount.detach()
  attachWithPropagation(mount, onto.mount, onto.dentry)
  return 0
}

function mountNew(
  context: PathContext,
  source: string,
  place: Location,
  type: string,
  flags: number,
  data: string,
  cause: Cause | undefined,
): Fallible<0> {
  const { vfs } = context.namespace
  if (type === '') return errno.EINVAL
  const known = vfs.types.get(type)
  if (known === undefined) return errno.ENODEV
  if (!capable(context.credentials, 'CAP_SYS_ADMIN') && known.inUserNamespace !== true) return errno.EPERM
  const created = known.create({ vfs, source, data, flags, context })
  if (isErrno(created)) return created
  const { fileSystem } = created
  const root = created.root ?? fileSystem.root
  const onto = topmost(place)
  if (onto.mount.fileSystem === fileSystem && onto.dentry === onto.mount.root && onto.mount.root === root) return errno.EBUSY
  if (fileSystem.mountCount === 0) fileSystem.readOnly = (flags & MS_RDONLY) !== 0
  const mount = new Mount(vfs, fileSystem, root, source === '' ? 'none' : source, mountFlags(flags), cause)
  const grafted = graft(context, mount, place)
  if (isErrno(grafted)) mount.retire()
  return grafted
}

export function umountAt(context: PathContext, target: string, flags = 0): Fallible<0> {
  if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) !== 0) return errno.EINVAL
  const found = resolve(context, target, (flags & UMOUNT_NOFOLLOW) !== 0 ? 'nofollow' : 'follow')
  if (isErrno(found)) return found
  if (!mayMount(context)) return errno.EPERM
  const place = topmost(found)
  const { mount } = place
  if (!isMountRoot(place) || mount.namespace !== context.namespace) return errno.EINVAL
  const lazy = (flags & MNT_DETACH) !== 0
  if (mount === context.root.mount && !lazy) {
    // The root of a process is not taken away: its file system becomes read-only.
    if (mount.fileSystem.writers > 0) return errno.EBUSY
    mount.fileSystem.readOnly = true
    return 0
  }
  if (mount.parent === undefined) return errno.EINVAL
  if (!lazy && isBusy(mount)) return errno.EBUSY
  unmountWithPropagation(mount)
  return 0
}

/** The mount at `newRoot` becomes the root of all whose root was the old one; the old comes to lie at `putOld`. */
export function pivotRoot(context: PathContext, newRoot: string, putOld: string): Fallible<0> {
  if (!mayMount(context)) return errno.EPERM
  const fresh = resolve(context, newRoot)
  if (isErrno(fresh)) return fresh
  const away = resolve(context, putOld)
  if (isErrno(away)) return away
  if (fresh.dentry.inode.kind !== 'directory' || away.dentry.inode.kind !== 'directory') return errno.ENOTDIR
  const old = context.root
  const awayTop = topmost(away)
  const { namespace } = context
  const involved = [fresh.mount, old.mount, awayTop.mount]
  if (awayTop.mount.isShared || fresh.mount.parent?.isShared || old.mount.parent?.isShared) return errno.EINVAL
  if (involved.some((mount) => mount.namespace !== namespace)) return errno.EINVAL
  if (fresh.dentry.unlinked) return errno.ENOENT
  if (fresh.mount === old.mount || awayTop.mount === old.mount) return errno.EBUSY
  const oldParent = old.mount.parent
  const oldPoint = old.mount.mountPoint
  if (!isMountRoot(old) || oldParent === undefined || oldPoint === undefined) return errno.EINVAL
  if (!isMountRoot(fresh) || fresh.mount.parent === undefined) return errno.EINVAL
  if (!isReachable(awayTop, fresh) || !isReachable(fresh, old)) return errno.EINVAL
  fresh.mount.detach()
  old.mount.detach()
  old.mount.attach(awayTop.mount, awayTop.dentry)
  fresh.mount.attach(oldParent, oldPoint)
  for (const one of namespace.contexts) {
    if (one.root.is(old)) one.root = new Location(fresh.mount, fresh.dentry)
    if (one.cwd.is(old)) one.cwd = new Location(fresh.mount, fresh.dentry)
  }
  return 0
}

function isReachable(place: Location, from: Location): boolean {
  let { mount, dentry } = place
  while (mount !== from.mount) {
    const { parent, mountPoint } = mount
    if (parent === undefined || mountPoint === undefined) return false
    mount = parent
    dentry = mountPoint
  }
  return dentry.isWithin(from.dentry)
}
