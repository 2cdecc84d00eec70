// After path_resolution(7), capabilities(7) and inode(7): who may read, write, search, and what the sticky bit forbids.
import { capableOver, inGroup } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import { R_OK, W_OK, X_OK } from '../system-calls'
import type { Mount } from '../mount'
import { aclGranted } from './acl'
import type { Inode } from './inode'
import type { PathContext } from './path-context'

/** Looks at mode bits and capabilities alone. */
function allowedByMode(inode: Inode, mask: number, context: PathContext): boolean {
  const { credentials } = context
  const { mode } = inode
  const named = inode.xattrs === undefined ? undefined : aclGranted(inode, credentials)
  const granted = named ?? (credentials.fsuid === inode.uid ? mode >> 6 : inGroup(credentials, inode.gid) ? mode >> 3 : mode)
  if ((mask & ~granted & 7) === 0) return true
  if (inode.kind === 'directory') {
    if ((mask & W_OK) === 0 && capableOver(credentials, 'CAP_DAC_READ_SEARCH', inode)) return true
    return capableOver(credentials, 'CAP_DAC_OVERRIDE', inode)
  }
  if (mask === R_OK && capableOver(credentials, 'CAP_DAC_READ_SEARCH', inode)) return true
  return ((mask & X_OK) === 0 || (mode & 0o111) !== 0) && capableOver(credentials, 'CAP_DAC_OVERRIDE', inode)
}

/** inode_permission(): the read-only file system first, then the mode. A read-only mount is the caller's to check. */
export function checkPermission(inode: Inode, mask: number, mount: Mount, context: PathContext): Errno | undefined {
  if ((mask & W_OK) !== 0 && inode.fileSystem.readOnly && isOnDisk(inode)) {
    context.refuse(mount.readOnlyCause ?? 'kernel default')
    return errno.EROFS
  }
  const own = inode.operations?.permission?.(inode, mask, context)
  if (own !== undefined ? !isErrno(own) : allowedByMode(inode, mask, context)) return undefined
  // A mask that somebody mounted, not what lies in a directory that somebody mounted.
  context.refuse(inode === mount.root.inode ? (mount.cause ?? 'file mode') : 'file mode')
  return own !== undefined && isErrno(own) ? own : errno.EACCES
}

function isOnDisk(inode: Inode): boolean {
  return inode.kind === 'file' || inode.kind === 'directory' || inode.kind === 'symlink'
}

/** mnt_want_write(): EROFS before anything else is looked at. */
export function checkWritableMount(mount: Mount, context: PathContext): Errno | undefined {
  if (!mount.isReadOnly) return undefined
  context.refuse(mount.readOnlyCause ?? 'kernel default')
  return errno.EROFS
}

export function isOwnerOrCapable(inode: Inode, context: PathContext): boolean {
  return context.credentials.fsuid === inode.uid || capableOver(context.credentials, 'CAP_FOWNER', inode)
}

/** In a sticky directory only the owner of a file or of the directory may take its name away. */
export function stickyForbids(directory: Inode, inode: Inode, context: PathContext): boolean {
  if ((directory.mode & 0o1000) === 0) return false
  const { fsuid } = context.credentials
  if (inode.uid === fsuid || directory.uid === fsuid) return false
  return !capableOver(context.credentials, 'CAP_FOWNER', inode)
}

/** May a name be made in this directory? */
export function mayCreate(directory: Inode, mount: Mount, context: PathContext): Errno | undefined {
  if (directory.nlink === 0) return errno.ENOENT
  return checkPermission(directory, W_OK | X_OK, mount, context)
}

/** May this name be taken away? */
export function mayDelete(
  directory: Inode,
  inode: Inode,
  mount: Mount,
  context: PathContext,
  wantsDirectory: boolean | undefined,
): Errno | undefined {
  const refused = checkPermission(directory, W_OK | X_OK, mount, context)
  if (refused !== undefined) return refused
  if (stickyForbids(directory, inode, context)) {
    context.refuse('file mode')
    return errno.EPERM
  }
  if (wantsDirectory === true && inode.kind !== 'directory') return errno.ENOTDIR
  if (wantsDirectory === false && inode.kind === 'directory') return errno.EISDIR
  return undefined
}
