// After stat(2), chmod(2), chown(2), utimensat(2), truncate(2), access(2), readlink(2), xattr(7), statfs(2), chdir(2), chroot(2).
import type { Usec } from '@/lib/base'
import { capable, capableInOwn, capableOver, idOutside, inGroup } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import { MS_NOATIME, MS_NODIRATIME, MS_RELATIME } from '../mount'
import { type DirectoryEntry, type Fallible, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, R_OK, type Stat, W_OK, X_OK } from '../system-calls'
import { ACL_ACCESS, ACL_DEFAULT } from './acl'
import { FileDescription, truncateInode } from './file-description'
import { openPlace } from './open'
import type { Inode } from './inode'
import { IN_ATTRIB, notify } from './inotify'
import { type Location, describePath } from './location'
import type { PathContext } from './path-context'
import { resolve } from './path-walk'
import { checkPermission, checkWritableMount, isOwnerOrCapable } from './permission'
import { statInode } from './stat'

export type Follow = { readonly nofollow?: boolean }

function at(context: PathContext, path: string, options?: Follow): Fallible<Location> {
  return resolve(context, path, options?.nofollow === true ? 'nofollow' : 'follow')
}

export function statAt(context: PathContext, path: string, options?: Follow): Fallible<Stat> {
  const place = at(context, path, options)
  return isErrno(place) ? place : statInode(place.dentry.inode, context)
}

/** Before any change of attributes: EROFS first, then what the file system itself says. */
function mayChange(context: PathContext, place: Location): Errno | undefined {
  const refused = checkWritableMount(place.mount, context)
  if (refused !== undefined) return refused
  const { inode } = place.dentry
  const own = inode.operations?.setattr?.(inode, context)
  return isErrno(own) ? own : undefined
}

function refuseOwner(context: PathContext): Errno {
  context.refuse('file mode')
  return errno.EPERM
}

export function chmodAt(context: PathContext, path: string, mode: number): Fallible<0> {
  const place = at(context, path)
  return isErrno(place) ? place : changeMode(context, place, mode)
}

export function changeMode(context: PathContext, place: Location, mode: number): Fallible<0> {
  const refused = mayChange(context, place)
  if (refused !== undefined) return refused
  const { inode } = place.dentry
  if (inode.kind === 'symlink') return errno.ENOTSUP
  if (!isOwnerOrCapable(inode, context)) return refuseOwner(context)
  let bits = mode & 0o7777
  if (!inGroup(context.credentials, inode.gid) && !capableOver(context.credentials, 'CAP_FSETID', inode)) bits &= ~0o2000
  inode.mode = bits
  inode.touchAttributes()
  notify(place.dentry, IN_ATTRIB)
  return 0
}

/** An id of -1 stays as it is. */
export function chownAt(context: PathContext, path: string, uid: number, gid: number, options?: Follow): Fallible<0> {
  const place = at(context, path, options)
  return isErrno(place) ? place : changeOwner(context, place, uid, gid)
}

export function changeOwner(context: PathContext, place: Location, uid: number, gid: number): Fallible<0> {
  const { credentials } = context
  const { inode } = place.dentry
  const owner = uid === -1 ? inode.uid : idOutside(credentials.userNamespace.uidMap, uid)
  const group = gid === -1 ? inode.gid : idOutside(credentials.userNamespace.gidMap, gid)
  const refused = mayChange(context, place)
  if (refused !== undefined) return refused
  if (owner === undefined || group === undefined) return errno.EINVAL
  const isOwner = credentials.fsuid === inode.uid
  const isCapable = capableOver(credentials, 'CAP_CHOWN', inode)
  if (uid !== -1 && !isCapable && !(isOwner && owner === inode.uid)) return refuseOwner(context)
  if (gid !== -1 && !isCapable && !(isOwner && (group === inode.gid || inGroup(credentials, group)))) return refuseOwner(context)
  inode.uid = owner
  inode.gid = group
  if (inode.kind !== 'directory') {
    inode.mode &= ~0o4000
    if ((inode.mode & 0o2010) === 0o2010) inode.mode &= ~0o2000
    else if (!inGroup(credentials, inode.gid) && !capableOver(credentials, 'CAP_FSETID', inode)) inode.mode &= ~0o2000
    inode.xattrs?.delete('security.capability')
  }
  inode.touchAttributes()
  notify(place.dentry, IN_ATTRIB)
  return 0
}

export type Times = {
  /** Unset: stays. */
  readonly atimeUsec?: Usec | 'now' | undefined
  readonly mtimeUsec?: Usec | 'now' | undefined
}

export function utimesAt(context: PathContext, path: string, times: Times, options?: Follow): Fallible<0> {
  const place = at(context, path, options)
  return isErrno(place) ? place : changeTimes(context, place, times)
}

export function changeTimes(context: PathContext, place: Location, { atimeUsec, mtimeUsec }: Times): Fallible<0> {
  if (atimeUsec === undefined && mtimeUsec === undefined) return 0
  const refused = mayChange(context, place)
  if (refused !== undefined) return refused
  const { inode } = place.dentry
  if (!isOwnerOrCapable(inode, context)) {
    // Whoever may write may set both to now, and nothing else.
    if (atimeUsec !== 'now' || mtimeUsec !== 'now') return refuseOwner(context)
    const denied = checkPermission(inode, W_OK, place.mount, context)
    if (denied !== undefined) return denied
  }
  const now = inode.fileSystem.nowUsec()
  if (atimeUsec !== undefined) inode.atimeUsec = atimeUsec === 'now' ? now : atimeUsec
  if (mtimeUsec !== undefined) inode.mtimeUsec = mtimeUsec === 'now' ? now : mtimeUsec
  inode.touchAttributes()
  notify(place.dentry, IN_ATTRIB)
  return 0
}

export function truncateAt(context: PathContext, path: string, size: number): Fallible<0> {
  if (size < 0) return errno.EINVAL
  const place = at(context, path)
  if (isErrno(place)) return place
  const { inode } = place.dentry
  if (inode.kind === 'directory') return errno.EISDIR
  if (inode.kind !== 'file') return errno.EINVAL
  const refused = checkWritableMount(place.mount, context) ?? checkPermission(inode, W_OK, place.mount, context)
  if (refused !== undefined) return refused
  if (inode.executors > 0) return errno.ETXTBSY
  return inode.operations === undefined ? truncateInode(place, size, context) : 0
}

/** With the ids that open(2) would use. */
export function accessAt(context: PathContext, path: string, mode: number, options?: Follow): Fallible<0> {
  const place = at(context, path, options)
  if (isErrno(place)) return place
  const { inode } = place.dentry
  const mask = mode & (R_OK | W_OK | X_OK)
  if ((mask & X_OK) !== 0 && inode.kind === 'file' && place.mount.isNoExec) {
    context.refuse(place.mount.noExecCause ?? 'kernel default')
    return errno.EACCES
  }
  if (mask === 0) return 0
  const refused = checkPermission(inode, mask, place.mount, context)
  if (refused !== undefined) return refused
  const isOnDisk = inode.kind === 'file' || inode.kind === 'directory' || inode.kind === 'symlink'
  if ((mask & W_OK) !== 0 && isOnDisk) return checkWritableMount(place.mount, context) ?? 0
  return 0
}

export function readlinkAt(context: PathContext, path: string): Fallible<string> {
  const place = at(context, path, { nofollow: true })
  if (isErrno(place)) return place
  const { inode } = place.dentry
  if (inode.kind !== 'symlink') return errno.EINVAL
  if (inode.operations?.readlink !== undefined) return inode.operations.readlink(inode, context)
  const jump = inode.operations?.follow?.(inode, context)
  if (jump === undefined) return inode.target
  return isErrno(jump) ? jump : describePath(context.root, jump)
}

/** Opens, lists and closes, as opendir(3) and readdir(3) together. */
export function readdirAt(context: PathContext, path: string): Fallible<readonly DirectoryEntry[]> {
  const place = at(context, path)
  if (isErrno(place)) return place
  if (place.dentry.inode.kind !== 'directory') return errno.ENOTDIR
  const description = openPlace(context, place, 0, false)
  if (!(description instanceof FileDescription)) return description
  const entries = description.readdir(context)
  description.release()
  return entries
}

// ---------------------------------------------------------------- extended attributes

function xattrPermission(context: PathContext, place: Location, name: string, mask: number): Errno | undefined {
  const { inode } = place.dentry
  if (mask === W_OK) {
    const readOnly = checkWritableMount(place.mount, context)
    if (readOnly !== undefined) return readOnly
  }
  if (name.startsWith('security.') || name.startsWith('system.')) return undefined
  if (name.startsWith('trusted.')) {
    if (capable(context.credentials, 'CAP_SYS_ADMIN')) return undefined
    return mask === W_OK ? errno.EPERM : errno.ENODATA
  }
  if (name.startsWith('user.')) {
    if (inode.kind !== 'file' && inode.kind !== 'directory') return mask === W_OK ? errno.EPERM : errno.ENODATA
    if (inode.kind === 'directory' && (inode.mode & 0o1000) !== 0 && mask === W_OK && !isOwnerOrCapable(inode, context)) return errno.EPERM
  }
  return checkPermission(inode, mask, place.mount, context)
}

/** Of `security.*`, the file capabilities need CAP_SETFCAP, the rest CAP_SYS_ADMIN. */
function mayWriteXattr(context: PathContext, inode: Inode, name: string): Errno | undefined {
  if (!/^(user|trusted|security|system)\../.test(name) || !inode.fileSystem.xattrs) return errno.ENOTSUP
  if (name.startsWith('system.')) {
    if (name !== ACL_ACCESS && name !== ACL_DEFAULT) return errno.ENOTSUP
    return isOwnerOrCapable(inode, context) ? undefined : errno.EPERM
  }
  if (name === 'security.capability') return capableOver(context.credentials, 'CAP_SETFCAP', inode) ? undefined : errno.EPERM
  if (name.startsWith('security.') && !capableInOwn(context.credentials, 'CAP_SYS_ADMIN')) return errno.EPERM
  return undefined
}

export function setxattrAt(context: PathContext, path: string, name: string, value: string, options?: Follow): Fallible<0> {
  const place = at(context, path, options)
  return isErrno(place) ? place : changeXattr(context, place, name, value)
}

/** `undefined` removes it. */
export function changeXattr(context: PathContext, place: Location, name: string, value: string | undefined): Fallible<0> {
  const { inode } = place.dentry
  const refused = xattrPermission(context, place, name, W_OK) ?? mayWriteXattr(context, inode, name)
  if (refused !== undefined) return refused
  if (value === undefined) {
    if (!inode.xattrs?.delete(name)) return errno.ENODATA
  } else {
    inode.xattrs ??= new Map()
    inode.xattrs.set(name, value)
  }
  inode.touchAttributes()
  notify(place.dentry, IN_ATTRIB)
  return 0
}

export function getxattrAt(context: PathContext, path: string, name: string, options?: Follow): Fallible<string> {
  const place = at(context, path, options)
  return isErrno(place) ? place : getXattr(context, place, name)
}

export function getXattr(context: PathContext, place: Location, name: string): Fallible<string> {
  const { inode } = place.dentry
  const refused = xattrPermission(context, place, name, R_OK)
  if (refused !== undefined) return refused
  if (!inode.fileSystem.xattrs) return errno.ENOTSUP
  return inode.xattrs?.get(name) ?? errno.ENODATA
}

/** Names; those of `trusted.*` only for CAP_SYS_ADMIN. */
export function listxattrAt(context: PathContext, path: string, options?: Follow): Fallible<readonly string[]> {
  const place = at(context, path, options)
  if (isErrno(place)) return place
  const names = [...(place.dentry.inode.xattrs?.keys() ?? [])]
  return capable(context.credentials, 'CAP_SYS_ADMIN') ? names : names.filter((name) => !name.startsWith('trusted.'))
}

// ---------------------------------------------------------------- file systems and directories

export type FileSystemStatus = {
  readonly type: string
  readonly blockSize: number
  readonly blocks: number
  readonly free: number
  /** Less what is kept for root. */
  readonly available: number
  readonly inodes: number
  readonly freeInodes: number
  /** ST_RDONLY 1, ST_NOSUID 2, ST_NODEV 4, ST_NOEXEC 8, ST_NOATIME 1024, ST_NODIRATIME 2048, ST_RELATIME 4096, ST_NOSYMFOLLOW 8192. */
  readonly flags: number
}

const ST_RELATIME = 4096
const ST_NOSYMFOLLOW = 8192

export function statfsAt(context: PathContext, path: string): Fallible<FileSystemStatus> {
  const place = at(context, path)
  return isErrno(place) ? place : statfs(place)
}

const finite = (value: number): number => (value === Number.POSITIVE_INFINITY ? 0 : value)

export function statfs({ mount }: Location): FileSystemStatus {
  const { fileSystem, flags } = mount
  const shown = flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)
  return {
    type: fileSystem.type,
    blockSize: 4096,
    blocks: finite(fileSystem.blocks),
    free: finite(fileSystem.freeBlocks(true)),
    available: finite(fileSystem.freeBlocks(false)),
    inodes: finite(fileSystem.inodes),
    freeInodes: finite(Math.max(0, fileSystem.inodes - fileSystem.usedInodes)),
    flags:
      shown |
      (mount.isReadOnly ? MS_RDONLY : 0) |
      ((flags & MS_RELATIME) !== 0 ? ST_RELATIME : 0) |
      (mount.noSymlinkFollow ? ST_NOSYMFOLLOW : 0),
  }
}

export function chdirAt(context: PathContext, path: string): Fallible<0> {
  const place = searchable(context, path)
  if (isErrno(place)) return place
  context.cwd = place
  return 0
}

export function chrootAt(context: PathContext, path: string): Fallible<0> {
  const place = searchable(context, path)
  if (isErrno(place)) return place
  if (!capableInOwn(context.credentials, 'CAP_SYS_CHROOT')) {
    context.refuse('not root')
    return errno.EPERM
  }
  context.root = place
  return 0
}

function searchable(context: PathContext, path: string): Fallible<Location> {
  const place = at(context, path)
  if (isErrno(place)) return place
  if (place.dentry.inode.kind !== 'directory') return errno.ENOTDIR
  return checkPermission(place.dentry.inode, X_OK, place.mount, context) ?? place
}

export function getcwd(context: PathContext): Fallible<string> {
  const { dentry } = context.cwd
  if (dentry.unlinked) return errno.ENOENT
  return describePath(context.root, context.cwd)
}
