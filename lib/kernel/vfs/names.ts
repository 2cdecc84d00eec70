// After mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2), rename(2): calls that make and take away names.
import { encodeUtf8 } from '@/lib/base'
import { capable } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import { type Fallible, R_OK, W_OK } from '../system-calls'
import type { Dentry } from './dentry'
import type { Inode } from './inode'
import { IN_ATTRIB, IN_CREATE, IN_DELETE, IN_MOVE_SELF, IN_MOVED_FROM, IN_MOVED_TO, notifyName, notifySelf } from './inotify'
import { makeInode, nameInode } from './open'
import type { PathContext } from './path-context'
import { resolve, resolveParent, type Walk } from './path-walk'
import { checkPermission, checkWritableMount, isOwnerOrCapable, mayCreate, mayDelete } from './permission'
import { unmountWithPropagation } from './propagation'

const MAX_LINKS = 65_000

/** Where a name may be made, or why not: EEXIST comes before EROFS, EROFS before EACCES. */
function placeForName(context: PathContext, path: string, isDirectory: boolean): Fallible<Walk> {
  const walk = resolveParent(context, path)
  if (isErrno(walk)) return walk
  if (walk.name === '' || walk.name === '.' || walk.name === '..') return errno.EEXIST
  const found = walk.lookupLast()
  if (isErrno(found)) return found
  if (found !== undefined) return errno.EEXIST
  if (walk.trailingSlash && !isDirectory) return errno.ENOENT
  return checkWritableMount(walk.mount, context) ?? walk
}

function make(context: PathContext, walk: Walk, kind: Inode['kind'], mode: number, rdev?: readonly [number, number]): Fallible<Inode> {
  const refused = mayCreate(walk.dentry.inode, walk.mount, context)
  if (refused !== undefined) return refused
  if (rdev !== undefined && !capable(context.credentials, 'CAP_MKNOD')) {
    context.refuse('not root')
    return errno.EPERM
  }
  const inode = makeInode(context, walk.dentry.inode, walk.name, kind, mode, rdev)
  if (isErrno(inode)) return inode
  const named = nameInode(context, walk, inode)
  return isErrno(named) ? named : inode
}

export function mkdirAt(context: PathContext, path: string, mode: number): Fallible<0> {
  const walk = placeForName(context, path, true)
  if (isErrno(walk)) return walk
  if (walk.dentry.inode.nlink >= MAX_LINKS) return errno.EMLINK
  const made = make(context, walk, 'directory', mode & 0o1777)
  return isErrno(made) ? made : 0
}

/** Sockets are made by bind(2) through here. The inode is returned: the caller hangs on it what it leads to. */
export function mknodAt(
  context: PathContext,
  path: string,
  kind: 'file' | 'fifo' | 'socket' | 'character-device' | 'block-device',
  mode: number,
  rdev: readonly [number, number] = [0, 0],
): Fallible<Inode> {
  const walk = placeForName(context, path, false)
  if (isErrno(walk)) return walk
  return make(context, walk, kind, mode, kind === 'character-device' || kind === 'block-device' ? rdev : undefined)
}

export function symlinkAt(context: PathContext, target: string, path: string): Fallible<0> {
  if (target === '') return errno.ENOENT
  if (encodeUtf8(target).length > 4095) return errno.ENAMETOOLONG
  const walk = placeForName(context, path, false)
  if (isErrno(walk)) return walk
  const inode = make(context, walk, 'symlink', 0o777)
  if (isErrno(inode)) return inode
  inode.target = target
  inode.plainSize = encodeUtf8(target).length
  return 0
}

export function linkAt(context: PathContext, from: string, to: string, follow = false): Fallible<0> {
  const source = resolve(context, from, follow ? 'follow' : 'nofollow')
  if (isErrno(source)) return source
  const walk = placeForName(context, to, false)
  if (isErrno(walk)) return walk
  if (source.mount !== walk.mount) return errno.EXDEV
  const { inode } = source.dentry
  const forbidden = hardlinkForbidden(context, inode, source.mount)
  if (forbidden !== undefined) return forbidden
  const refused = mayCreate(walk.dentry.inode, walk.mount, context)
  if (refused !== undefined) return refused
  if (inode.kind === 'directory' || walk.dentry.inode.operations !== undefined) return errno.EPERM
  if (inode.nlink === 0) return errno.ENOENT
  if (inode.nlink >= MAX_LINKS) return errno.EMLINK
  inode.nlink += 1
  inode.touchAttributes()
  inode.fileSystem.link(walk.dentry, walk.name, inode)
  notifySelf(inode, IN_ATTRIB)
  notifyName(walk.dentry.inode, IN_CREATE, walk.name, inode)
  return 0
}

/** fs.protected_hardlinks: only files of one's own, or harmless ones that one may read and write. */
function hardlinkForbidden(context: PathContext, inode: Inode, mount: Walk['mount']): Errno | undefined {
  if (!context.namespace.vfs.sysctl.protectedHardlinks || isOwnerOrCapable(inode, context)) return undefined
  const isHarmless = inode.kind === 'file' && (inode.mode & 0o4000) === 0 && (inode.mode & 0o2010) !== 0o2010
  if (isHarmless && checkPermission(inode, R_OK | W_OK, mount, context) === undefined) return undefined
  context.refuse('kernel default')
  return errno.EPERM
}

export function unlinkAt(context: PathContext, path: string): Fallible<0> {
  const walk = resolveParent(context, path)
  if (isErrno(walk)) return walk
  if (walk.name === '' || walk.name === '.' || walk.name === '..') return errno.EISDIR
  const readOnly = checkWritableMount(walk.mount, context)
  if (readOnly !== undefined) return readOnly
  const dentry = walk.lookupLast()
  if (dentry === undefined) return errno.ENOENT
  if (isErrno(dentry)) return dentry
  const { inode } = dentry
  if (walk.trailingSlash) return inode.kind === 'directory' ? errno.EISDIR : errno.ENOTDIR
  const refused = mayDelete(walk.dentry.inode, inode, walk.mount, context, false)
  if (refused !== undefined) return refused
  return removeName(context, walk, dentry)
}

export function rmdirAt(context: PathContext, path: string): Fallible<0> {
  const walk = resolveParent(context, path)
  if (isErrno(walk)) return walk
  if (walk.name === '..') return errno.ENOTEMPTY
  if (walk.name === '.') return errno.EINVAL
  if (walk.name === '') return errno.EBUSY
  const readOnly = checkWritableMount(walk.mount, context)
  if (readOnly !== undefined) return readOnly
  const dentry = walk.lookupLast()
  if (dentry === undefined) return errno.ENOENT
  if (isErrno(dentry)) return dentry
  const refused = mayDelete(walk.dentry.inode, dentry.inode, walk.mount, context, true)
  if (refused !== undefined) return refused
  return removeName(context, walk, dentry)
}

function removeName(context: PathContext, walk: Walk, dentry: Dentry): Fallible<0> {
  const directory = walk.dentry.inode
  const { inode, name } = dentry
  const isDirectory = inode.kind === 'directory'
  if (isMountedHere(context, dentry)) return errno.EBUSY
  const { operations, fileSystem } = directory
  if (operations !== undefined) {
    const done = isDirectory
      ? (operations.rmdir?.(directory, name, inode, context) ?? errno.EPERM)
      : (operations.unlink?.(directory, name, inode, context) ?? errno.EPERM)
    if (isErrno(done)) return done
    detachMounts(dentry)
    dentry.unlinked = true
    walk.dentry.children?.delete(name)
    inode.nlink = 0
    notifyName(directory, IN_DELETE, name, inode)
    return 0
  }
  if (isDirectory && !fileSystem.isEmpty(dentry, context)) return errno.ENOTEMPTY
  detachMounts(dentry)
  fileSystem.unlink(dentry)
  if (!isDirectory) notifySelf(inode, IN_ATTRIB)
  notifyName(directory, IN_DELETE, name, inode)
  fileSystem.release(inode)
  return 0
}

function isMountedHere(context: PathContext, dentry: Dentry): boolean {
  if (dentry.mounts === undefined) return false
  for (const mount of dentry.mounts) if (mount.namespace === context.namespace) return true
  return false
}

/** What other namespaces have mounted there goes with the name. */
function detachMounts(dentry: Dentry): void {
  for (const mount of [...(dentry.mounts ?? [])]) unmountWithPropagation(mount)
}

export type RenameOptions = {
  /** RENAME_NOREPLACE */
  readonly noReplace?: boolean
  /** RENAME_EXCHANGE */
  readonly exchange?: boolean
}

const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..'

export function renameAt(context: PathContext, from: string, to: string, options: RenameOptions = {}): Fallible<0> {
  const source = resolveParent(context, from)
  if (isErrno(source)) return source
  const target = resolveParent(context, to)
  if (isErrno(target)) return target
  if (source.mount !== target.mount) return errno.EXDEV
  if (!isPlain(source.name)) return errno.EBUSY
  if (!isPlain(target.name)) return options.noReplace ? errno.EEXIST : errno.EBUSY
  const readOnly = checkWritableMount(source.mount, context)
  if (readOnly !== undefined) return readOnly
  const moved = source.lookupLast()
  if (moved === undefined) return errno.ENOENT
  if (isErrno(moved)) return moved
  const replaced = target.lookupLast()
  if (isErrno(replaced)) return replaced
  if (options.noReplace && replaced !== undefined) return errno.EEXIST
  if (options.exchange && replaced === undefined) return errno.ENOENT
  if (moved.inode.kind !== 'directory') {
    if (source.trailingSlash) return errno.ENOTDIR
    if (!options.exchange && target.trailingSlash) return errno.ENOTDIR
  }
  if (target.dentry.isWithin(moved)) return errno.EINVAL
  if (replaced !== undefined && source.dentry.isWithin(replaced)) return options.exchange ? errno.EINVAL : errno.ENOTEMPTY
  if (replaced?.inode === moved.inode) return 0
  const refused = mayRename(context, source, moved, target, replaced, options.exchange === true)
  if (refused !== undefined) return refused
  if (source.dentry.inode.operations !== undefined || target.dentry.inode.operations !== undefined) return errno.EPERM
  if (options.exchange && replaced !== undefined) return exchange(context, moved, replaced)
  if (replaced !== undefined) {
    if (replaced.inode.kind === 'directory' && !replaced.inode.fileSystem.isEmpty(replaced, context)) return errno.ENOTEMPTY
    detachMounts(replaced)
    replaced.inode.fileSystem.unlink(replaced)
  }
  const name = moved.name
  moved.inode.fileSystem.move(moved, target.dentry, target.name)
  const cookie = context.namespace.vfs.nextCookie()
  notifyName(source.dentry.inode, IN_MOVED_FROM, name, moved.inode, cookie)
  notifyName(target.dentry.inode, IN_MOVED_TO, target.name, moved.inode, cookie)
  if (replaced !== undefined) {
    if (replaced.inode.kind !== 'directory') notifySelf(replaced.inode, IN_ATTRIB)
    replaced.inode.fileSystem.release(replaced.inode)
  }
  notifySelf(moved.inode, IN_MOVE_SELF)
  return 0
}

function mayRename(
  context: PathContext,
  source: Walk,
  moved: Dentry,
  target: Walk,
  replaced: Dentry | undefined,
  exchanges: boolean,
): Errno | undefined {
  const isDirectory = moved.inode.kind === 'directory'
  let refused = mayDelete(source.dentry.inode, moved.inode, source.mount, context, isDirectory)
  if (refused !== undefined) return refused
  if (replaced === undefined) refused = mayCreate(target.dentry.inode, target.mount, context)
  else
    refused = mayDelete(
      target.dentry.inode,
      replaced.inode,
      target.mount,
      context,
      exchanges ? replaced.inode.kind === 'directory' : isDirectory,
    )
  if (refused !== undefined) return refused
  // A directory that gets another parent has its `..` rewritten.
  if (isDirectory && source.dentry !== target.dentry) {
    refused = checkPermission(moved.inode, W_OK, source.mount, context)
    if (refused !== undefined) return refused
  }
  if (isMountedHere(context, moved) || (replaced !== undefined && isMountedHere(context, replaced))) return errno.EBUSY
  return undefined
}

function exchange(context: PathContext, one: Dentry, other: Dentry): Fallible<0> {
  const { fileSystem } = one.inode
  const [oneParent, oneName, otherParent, otherName] = [one.parent, one.name, other.parent, other.name]
  // By way of a name that no path can have.
  fileSystem.move(one, oneParent, '/')
  fileSystem.move(other, oneParent, oneName)
  fileSystem.move(one, otherParent, otherName)
  for (const [moved, from, fromName] of [
    [one, oneParent, oneName],
    [other, otherParent, otherName],
  ] as const) {
    const cookie = context.namespace.vfs.nextCookie()
    notifyName(from.inode, IN_MOVED_FROM, fromName, moved.inode, cookie)
    notifyName(moved.parent.inode, IN_MOVED_TO, moved.name, moved.inode, cookie)
    notifySelf(moved.inode, IN_MOVE_SELF)
  }
  return 0
}
