// After open(2): from a path and flags to an open file description.
import { isOwnerOrCapable } from './permission'
import { capableOver, inGroup } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import { MS_NODEV, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_PATH, O_RDONLY, O_TRUNC, R_OK, W_OK, X_OK } from '../system-calls'
import type { Fallible } from '../system-calls'
import { FileDescription, truncateInode } from './file-description'
import type { Inode, OpenedFile } from './inode'
import { IN_CREATE, notifyName } from './inotify'
import { Location } from './location'
import type { PathContext } from './path-context'
import { resolve, resolveParent, type Walk } from './path-walk'
import { checkPermission, checkWritableMount, mayCreate } from './permission'

const O_ACCMODE = 3
const O_NOATIME = 0o1000000

/**
 * Opens. For a fifo, a socket or a device the description is only the place: the caller looks at `inode.kind` and hangs
 * the pipe, terminal or driver on it.
 */
export function openAt(context: PathContext, path: string, flags: number, mode = 0): Fallible<FileDescription> {
  if ((flags & O_PATH) !== 0) {
    const place = resolve(context, path, (flags & O_NOFOLLOW) !== 0 ? 'nofollow' : 'follow')
    if (isErrno(place)) return place
    if ((flags & O_DIRECTORY) !== 0 && place.dentry.inode.kind !== 'directory') return errno.ENOTDIR
    return new FileDescription(place, flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW))
  }
  if ((flags & O_CREAT) !== 0) return openOrCreate(context, path, flags, mode)
  const place = resolve(context, path, (flags & O_NOFOLLOW) !== 0 ? 'nofollow' : 'follow')
  return isErrno(place) ? place : openPlace(context, place, flags, false)
}

/** Opens what is there; /proc/self/fd/N and file handles come here too. */
export function openPlace(context: PathContext, place: Location, flags: number, created: boolean): Fallible<FileDescription> {
  const { mount, dentry } = place
  const { inode } = dentry
  if ((flags & O_DIRECTORY) !== 0 && inode.kind !== 'directory') return errno.ENOTDIR
  const truncates = !created && (flags & O_TRUNC) !== 0 && inode.kind === 'file'
  if (truncates) {
    const refused = checkWritableMount(mount, context)
    if (refused !== undefined) return refused
  }
  const refused = created ? undefined : mayOpen(context, place, flags)
  if (refused !== undefined) return refused
  const writes = (flags & O_ACCMODE) !== O_RDONLY
  if ((writes || truncates) && inode.executors > 0) return errno.ETXTBSY
  if (writes && (inode.kind === 'file' || inode.kind === 'directory')) {
    const readOnly = checkWritableMount(mount, context)
    if (readOnly !== undefined) return readOnly
  }
  if (inode.kind === 'socket') return errno.ENXIO
  let opened: OpenedFile | undefined
  if (inode.operations?.open !== undefined) {
    const answer = inode.operations.open(inode, flags, context)
    if (isErrno(answer)) return answer
    opened = answer
  }
  if (truncates && opened === undefined) {
    const truncated = truncateInode(place, 0, context)
    if (isErrno(truncated)) return truncated
  }
  return new FileDescription(place, flags, opened)
}

function mayOpen(context: PathContext, { mount, dentry }: Location, flags: number): Errno | undefined {
  const { inode } = dentry
  const access = flags & O_ACCMODE
  let mask = access === O_RDONLY ? R_OK : access === 1 ? W_OK : R_OK | W_OK
  if ((flags & O_TRUNC) !== 0) mask |= W_OK
  if (inode.kind === 'symlink') return errno.ELOOP
  if (inode.kind === 'directory' && (mask & W_OK) !== 0) return errno.EISDIR
  if ((inode.kind === 'character-device' || inode.kind === 'block-device') && (mount.flags & MS_NODEV) !== 0) {
    context.refuse(mount.flagCause(MS_NODEV) ?? 'kernel default')
    return errno.EACCES
  }
  const refused = checkPermission(inode, mask, mount, context)
  if (refused !== undefined) return refused
  if ((flags & O_NOATIME) !== 0 && !isOwnerOrCapable(inode, context)) return errno.EPERM
  return undefined
}

function openOrCreate(context: PathContext, path: string, flags: number, mode: number): Fallible<FileDescription> {
  const walk = resolveParent(context, path)
  if (isErrno(walk)) return walk
  for (;;) {
    if (walk.name === '' || walk.name === '.' || walk.name === '..') return (flags & O_EXCL) !== 0 ? errno.EEXIST : errno.EISDIR
    if (walk.trailingSlash) return errno.EISDIR
    const found = walk.lookupLast()
    if (isErrno(found)) return found
    if (found === undefined) return createFile(context, walk, flags, mode)
    if ((flags & O_EXCL) !== 0) return errno.EEXIST
    const place = topmost(new Location(walk.mount, found))
    const { inode } = place.dentry
    if (inode.kind === 'symlink') {
      if ((flags & O_NOFOLLOW) !== 0) return errno.ELOOP
      const failed = walk.followLast(place.dentry, place.mount, 'parent')
      if (failed !== undefined) return failed
      // A link that jumps, or a target that ends where the walk already stands.
      if (walk.name === '') return openExisting(context, walk.location, walk.dentry.parent.inode, flags)
      continue
    }
    return openExisting(context, place, walk.dentry.inode, flags)
  }
}

function openExisting(context: PathContext, place: Location, directory: Inode, flags: number): Fallible<FileDescription> {
  const { inode } = place.dentry
  if (inode.kind === 'directory') return errno.EISDIR
  if (isProtectedInSticky(context, directory, inode)) {
    context.refuse('kernel default')
    return errno.EACCES
  }
  return openPlace(context, place, flags, false)
}

/** fs.protected_regular and fs.protected_fifos: O_CREAT on somebody else's file in a sticky directory. */
function isProtectedInSticky(context: PathContext, directory: Inode, inode: Inode): boolean {
  const { protectedRegular, protectedFifos } = context.namespace.vfs.sysctl
  const level = inode.kind === 'file' ? protectedRegular : inode.kind === 'fifo' ? protectedFifos : 0
  if (level === 0 || (directory.mode & 0o1000) === 0) return false
  if (inode.uid === directory.uid || inode.uid === context.credentials.fsuid) return false
  return (directory.mode & 0o002) !== 0 || (level >= 2 && (directory.mode & 0o020) !== 0)
}

export function topmost(place: Location): Location {
  let { mount, dentry } = place
  while (dentry.mounts !== undefined) {
    const over = mount.children.get(dentry)
    if (over === undefined) break
    mount = over
    dentry = over.root
  }
  return dentry === place.dentry ? place : new Location(mount, dentry)
}

function createFile(context: PathContext, walk: Walk, flags: number, mode: number): Fallible<FileDescription> {
  const directory = walk.dentry
  if (directory.inode.kind !== 'directory') return errno.ENOTDIR
  const refused = checkWritableMount(walk.mount, context) ?? mayCreate(directory.inode, walk.mount, context)
  if (refused !== undefined) return refused
  if ((flags & O_DIRECTORY) !== 0) return errno.EINVAL
  const inode = makeInode(context, directory.inode, walk.name, 'file', mode)
  if (isErrno(inode)) return inode
  const dentry = nameInode(context, walk, inode)
  if (isErrno(dentry)) return dentry
  return openPlace(context, new Location(walk.mount, dentry), flags & ~O_TRUNC, true)
}

/** A new inode with the ids and mode that it gets in this directory: umask, setgid directories. */
export function makeInode(
  context: PathContext,
  directory: Inode,
  name: string,
  kind: Inode['kind'],
  mode: number,
  rdev?: readonly [number, number],
): Fallible<Inode> {
  const { operations, fileSystem } = directory
  if (operations !== undefined) {
    const masked = mode & ~context.umask & 0o7777
    if (kind === 'directory') return operations.mkdir?.(directory, name, masked, context) ?? errno.EPERM
    if (kind === 'file') return operations.create?.(directory, name, masked, context) ?? errno.EACCES
    return errno.EPERM
  }
  const { credentials } = context
  let bits = kind === 'symlink' ? 0o777 : mode & ~context.umask & 0o7777
  let gid = credentials.fsgid
  if ((directory.mode & 0o2000) !== 0) {
    gid = directory.gid
    if (kind === 'directory') bits |= 0o2000
    else if ((bits & 0o2010) === 0o2010 && !inGroup(credentials, gid) && !capableOver(credentials, 'CAP_FSETID', directory)) bits &= ~0o2000
  }
  return fileSystem.newInode(kind, { mode: bits, uid: credentials.fsuid, gid, ...(rdev === undefined ? {} : { rdev }) })
}

/** Gives a new inode its name; a synthetic directory has named it already. */
export function nameInode(context: PathContext, walk: Walk, inode: Inode): Fallible<Walk['dentry']> {
  const directory = walk.dentry
  const { fileSystem } = directory.inode
  if (directory.inode.operations === undefined) {
    const dentry = fileSystem.link(directory, walk.name, inode)
    notifyName(directory.inode, IN_CREATE, walk.name, inode)
    return dentry
  }
  const found = fileSystem.lookup(directory, walk.name, context)
  if (found === undefined) return errno.ENOENT
  if (!isErrno(found)) notifyName(directory.inode, IN_CREATE, walk.name, inode)
  return found
}

/** May this be executed? EACCES: no regular file, on a noexec mount, or without the permission. ETXTBSY: being written. */
export function checkExecutable(context: PathContext, { mount, dentry }: Location): Errno | undefined {
  const { inode } = dentry
  if (inode.kind !== 'file') return errno.EACCES
  if (mount.isNoExec) {
    context.refuse(mount.noExecCause ?? 'kernel default')
    return errno.EACCES
  }
  return checkPermission(inode, X_OK, mount, context) ?? (inode.writers > 0 ? errno.ETXTBSY : undefined)
}
