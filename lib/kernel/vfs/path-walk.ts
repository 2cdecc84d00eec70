// After path_resolution(7): from a path to a place, component by component, through symbolic links and mounts.
import { encodeUtf8 } from '@/lib/base'
import { type Errno, errno, isErrno } from '../errno'
import type { Mount } from '../mount'
import { type Fallible, X_OK } from '../system-calls'
import type { Dentry } from './dentry'
import type { Inode } from './inode'
import { Location } from './location'
import type { PathContext } from './path-context'
import { checkPermission } from './permission'

const PATH_MAX = 4096
const NAME_MAX = 255
const MAX_LINKS = 40
const SLASH = 47

/** What to do with the last component: follow it, take it as it is, or stop before it. */
export type LastComponent = 'follow' | 'nofollow' | 'parent'

function isTooLong(text: string, limit: number): boolean {
  return text.length > limit || (text.length * 3 > limit && encodeUtf8(text).length > limit)
}

/** One resolution on its way. After `parent`, `name` is the last component: empty for the root, or `.`, or `..`. */
export class Walk {
  mount: Mount
  dentry: Dentry
  name = ''
  trailingSlash = false
  private links = 0
  private readonly context: PathContext

  constructor(context: PathContext) {
    this.context = context
    context.lastRefusal = undefined
    this.mount = context.cwd.mount
    this.dentry = context.cwd.dentry
  }

  get location(): Location {
    return new Location(this.mount, this.dentry)
  }

  start(path: string, last: LastComponent): Errno | undefined {
    if (path === '') return errno.ENOENT
    if (isTooLong(path, PATH_MAX - 1)) return errno.ENAMETOOLONG
    if (path.charCodeAt(0) === SLASH) this.toRoot()
    return this.run(path, last)
  }

  /** Goes on with the target of the link that `name` of the current directory is; for open(2) with O_CREAT. */
  followLast(link: Dentry, mount: Mount, last: LastComponent): Errno | undefined {
    const rest = this.enterLink(link.inode, mount, '', this.trailingSlash)
    this.name = ''
    if (typeof rest !== 'string') return rest
    return rest === '' ? undefined : this.run(rest, last)
  }

  private run(path: string, last: LastComponent): Errno | undefined {
    let rest = path
    let at = 0
    for (;;) {
      while (rest.charCodeAt(at) === SLASH) at += 1
      if (at >= rest.length) {
        // Only slashes: the place where the walk stands, such as the root.
        this.name = ''
        return undefined
      }
      let end = rest.indexOf('/', at)
      if (end < 0) end = rest.length
      const name = rest.slice(at, end)
      const directory = this.dentry.inode
      if (directory.kind !== 'directory') return errno.ENOTDIR
      const refused = checkPermission(directory, X_OK, this.mount, this.context)
      if (refused !== undefined) return refused
      let next = end
      while (rest.charCodeAt(next) === SLASH) next += 1
      const isLast = next >= rest.length
      if (isLast) {
        this.trailingSlash = next > end
        if (last === 'parent') {
          this.name = name
          return undefined
        }
      }
      if (name === '..') {
        if (!this.up()) return errno.ENOENT
      } else if (name !== '.') {
        const child = this.child(name)
        if (isErrno(child)) return child
        if (child.inode.kind === 'symlink' && (!isLast || last === 'follow' || this.trailingSlash)) {
          const followed = this.enterLink(child.inode, this.childMount, isLast ? '' : rest.slice(next), isLast && this.trailingSlash)
          if (typeof followed !== 'string') {
            if (followed !== undefined) return followed
            if (isLast) return this.endOf()
            rest = rest.slice(next)
            at = 0
            continue
          }
          rest = followed
          at = 0
          continue
        }
        this.mount = this.childMount
        this.dentry = child
      }
      if (isLast) return this.endOf()
      at = next
    }
  }

  private childMount!: Mount

  /** Looks a name up in the current directory and crosses what is mounted on it; its mount is left in `childMount`. */
  private child(name: string): Fallible<Dentry> {
    if (isTooLong(name, NAME_MAX)) return errno.ENAMETOOLONG
    const found = this.dentry.inode.fileSystem.lookup(this.dentry, name, this.context)
    if (found === undefined) {
      const { cause } = this.mount
      if (cause !== undefined && isHidden(this.mount, this.dentry, name, this.context)) this.context.refuse(cause)
      return errno.ENOENT
    }
    if (isErrno(found)) return found
    let dentry = found
    let mount = this.mount
    while (dentry.mounts !== undefined) {
      const over = mount.children.get(dentry)
      if (over === undefined) break
      mount = over
      dentry = over.root
    }
    this.childMount = mount
    return dentry
  }

  /** The last component: a place there must be, or the errno. For calls that make or take away names. */
  lookupLast(): Fallible<Dentry> | undefined {
    if (isTooLong(this.name, NAME_MAX)) return errno.ENAMETOOLONG
    return this.dentry.inode.fileSystem.lookup(this.dentry, this.name, this.context)
  }

  private endOf(): Errno | undefined {
    this.name = ''
    return this.trailingSlash && this.dentry.inode.kind !== 'directory' ? errno.ENOTDIR : undefined
  }

  /** Either stands at the target of a link that jumps (undefined), or the path to go on with. */
  private enterLink(inode: Inode, mount: Mount, rest: string, slash: boolean): string | Errno | undefined {
    this.links += 1
    if (this.links > MAX_LINKS || mount.noSymlinkFollow) return errno.ELOOP
    const isLast = rest === ''
    if (isLast && this.mayNotFollow(inode)) {
      this.context.refuse('kernel default')
      return errno.EACCES
    }
    const jump = inode.operations?.follow?.(inode, this.context)
    if (jump !== undefined) {
      if (isErrno(jump)) return jump
      this.mount = jump.mount
      this.dentry = jump.dentry
      return undefined
    }
    const target = inode.operations?.readlink === undefined ? inode.target : inode.operations.readlink(inode, this.context)
    if (isErrno(target)) return target
    if (target === '') return errno.ENOENT
    if (target.charCodeAt(0) === SLASH) this.toRoot()
    if (isLast) return slash ? `${target}/` : target
    return `${target}/${rest}`
  }

  /** fs.protected_symlinks: in a sticky directory that all may write, only links of oneself or of the directory's owner. */
  private mayNotFollow(link: Inode): boolean {
    const directory = this.dentry.inode
    if (!this.context.namespace.vfs.sysctl.protectedSymlinks || (directory.mode & 0o1002) !== 0o1002) return false
    return link.uid !== this.context.credentials.fsuid && link.uid !== directory.uid
  }

  private toRoot(): void {
    const { root } = this.context
    this.mount = root.mount
    this.dentry = root.dentry
  }

  /** False when the place was moved out of the part that its mount shows: there is no way up from there. */
  private up(): boolean {
    const { root } = this.context
    for (;;) {
      if (this.mount === root.mount && this.dentry === root.dentry) break
      if (this.dentry !== this.mount.root) {
        this.dentry = this.dentry.parent
        if (this.mount.root.parent !== this.mount.root && !this.dentry.isWithin(this.mount.root)) return false
        break
      }
      const { parent, mountPoint } = this.mount
      if (parent === undefined || mountPoint === undefined) break
      this.mount = parent
      this.dentry = mountPoint
    }
    this.overmounted()
    return true
  }

  /** Goes to the topmost of what is mounted here. */
  overmounted(): void {
    while (this.dentry.mounts !== undefined) {
      const over = this.mount.children.get(this.dentry)
      if (over === undefined) return
      this.mount = over
      this.dentry = over.root
    }
  }
}

/** Is the name there in what a mount covers? Then it is the mount that hides it. */
function isHidden(mount: Mount, directory: Dentry, name: string, context: PathContext): boolean {
  const names = [name]
  for (let at = directory; at !== mount.root && at.parent !== at; at = at.parent) names.unshift(at.name)
  for (let over: Mount | undefined = mount; over?.mountPoint !== undefined; over = over.parent) {
    let covered: Fallible<Dentry> | undefined = over.mountPoint
    for (const one of names) covered = covered === undefined || isErrno(covered) ? undefined : lookupIn(covered, one, context)
    if (covered !== undefined && !isErrno(covered)) return true
    if (over.mountPoint !== over.parent?.root) return false
  }
  return false
}

function lookupIn(directory: Dentry, name: string, context: PathContext): Fallible<Dentry> | undefined {
  return directory.inode.kind === 'directory' ? directory.inode.fileSystem.lookup(directory, name, context) : undefined
}

/** The place a path leads to. */
export function resolve(context: PathContext, path: string, last: 'follow' | 'nofollow' = 'follow'): Fallible<Location> {
  const walk = new Walk(context)
  return walk.start(path, last) ?? walk.location
}

/** The directory that holds (or would hold) the last component. */
export function resolveParent(context: PathContext, path: string): Fallible<Walk> {
  const walk = new Walk(context)
  return walk.start(path, 'parent') ?? walk
}
