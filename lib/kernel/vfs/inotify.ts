// After inotify(7): watches on inodes, and the events of one descriptor in the order they happened.
import { errno, isErrno } from '../errno'
import { type Fallible, type InotifyEvent, R_OK } from '../system-calls'
import type { WaitQueue } from '../wait'
import type { Dentry } from './dentry'
import type { Inode } from './inode'
import type { PathContext } from './path-context'
import { resolve } from './path-walk'
import { checkPermission } from './permission'

export const IN_ACCESS = 0x1
export const IN_MODIFY = 0x2
export const IN_ATTRIB = 0x4
export const IN_CLOSE_WRITE = 0x8
export const IN_CLOSE_NOWRITE = 0x10
export const IN_OPEN = 0x20
export const IN_MOVED_FROM = 0x40
export const IN_MOVED_TO = 0x80
export const IN_CREATE = 0x100
export const IN_DELETE = 0x200
export const IN_DELETE_SELF = 0x400
export const IN_MOVE_SELF = 0x800
export const IN_ALL_EVENTS = 0xfff
export const IN_UNMOUNT = 0x2000
export const IN_Q_OVERFLOW = 0x4000
export const IN_IGNORED = 0x8000
export const IN_ONLYDIR = 0x1000000
export const IN_DONT_FOLLOW = 0x2000000
export const IN_EXCL_UNLINK = 0x4000000
export const IN_MASK_CREATE = 0x10000000
export const IN_MASK_ADD = 0x20000000
export const IN_ISDIR = 0x40000000
export const IN_ONESHOT = 0x80000000

/** fs.inotify.max_queued_events */
const MAX_QUEUED_EVENTS = 16_384

export type Watch = { readonly instance: InotifyInstance; readonly descriptor: number; readonly inode: Inode; mask: number }

export class InotifyInstance {
  /** Woken when events are there; set by who sleeps on it. */
  queue: WaitQueue | undefined
  private events: InotifyEvent[] = []
  private readonly watches = new Map<number, Watch>()
  private lastDescriptor = 0

  get hasEvents(): boolean {
    return this.events.length > 0
  }

  /** All events that wait, oldest first. */
  take(): readonly InotifyEvent[] {
    const taken = this.events
    this.events = []
    return taken
  }

  add(inode: Inode, mask: number): Fallible<number> {
    if ((mask & IN_ALL_EVENTS) === 0) return errno.EINVAL
    const known = inode.watches?.find((watch) => watch.instance === this)
    if (known !== undefined) {
      if ((mask & IN_MASK_CREATE) !== 0) return errno.EEXIST
      known.mask = (mask & IN_MASK_ADD) !== 0 ? known.mask | mask : mask
      return known.descriptor
    }
    this.lastDescriptor += 1
    const watch: Watch = { instance: this, descriptor: this.lastDescriptor, inode, mask }
    this.watches.set(watch.descriptor, watch)
    inode.watches ??= []
    inode.watches.push(watch)
    inode.fileSystem.watched.add(inode)
    return watch.descriptor
  }

  remove(descriptor: number): Fallible<0> {
    const watch = this.watches.get(descriptor)
    if (watch === undefined) return errno.EINVAL
    this.forget(watch)
    return 0
  }

  /** The last descriptor is closed. */
  release(): void {
    for (const watch of [...this.watches.values()]) unhang(watch)
    this.watches.clear()
    this.events = []
  }

  forget(watch: Watch): void {
    unhang(watch)
    this.watches.delete(watch.descriptor)
    this.push({ watch: watch.descriptor, mask: IN_IGNORED, name: '', cookie: 0 })
  }

  push(event: InotifyEvent): void {
    const last = this.events.at(-1)
    if (last !== undefined && last.watch === event.watch && last.mask === event.mask && last.name === event.name && !event.cookie) return
    if (this.events.length === MAX_QUEUED_EVENTS) this.events.push({ watch: -1, mask: IN_Q_OVERFLOW, name: '', cookie: 0 })
    else if (this.events.length < MAX_QUEUED_EVENTS) this.events.push(event)
    this.queue?.wake()
  }
}

/** inotify_add_watch(2): the path must be readable. */
export function addWatchAt(context: PathContext, instance: InotifyInstance, path: string, mask: number): Fallible<number> {
  const place = resolve(context, path, (mask & IN_DONT_FOLLOW) !== 0 ? 'nofollow' : 'follow')
  if (isErrno(place)) return place
  const { inode } = place.dentry
  if ((mask & IN_ONLYDIR) !== 0 && inode.kind !== 'directory') return errno.ENOTDIR
  return checkPermission(inode, R_OK, place.mount, context) ?? instance.add(inode, mask)
}

function unhang(watch: Watch): void {
  const left = watch.inode.watches?.filter((one) => one !== watch)
  watch.inode.watches = left === undefined || left.length === 0 ? undefined : left
  if (watch.inode.watches === undefined) watch.inode.fileSystem.watched.delete(watch.inode)
}

function tell(watches: readonly Watch[], mask: number, name: string, cookie: number): void {
  for (const watch of [...watches]) {
    if ((watch.mask & mask & IN_ALL_EVENTS) === 0) continue
    watch.instance.push({ watch: watch.descriptor, mask: mask >>> 0, name, cookie })
    if ((watch.mask & IN_ONESHOT) !== 0) watch.instance.forget(watch)
  }
}

/** Something happened to a file: its directory's watches hear it by name, then its own. */
export function notify(dentry: Dentry, event: number): void {
  const { inode, parent } = dentry
  const outer = parent === dentry ? undefined : parent.inode.watches
  const own = inode.watches
  if (outer === undefined && own === undefined) return
  const mask = inode.kind === 'directory' ? event | IN_ISDIR : event
  if (outer !== undefined) {
    const heard = dentry.unlinked ? outer.filter((watch) => (watch.mask & IN_EXCL_UNLINK) === 0) : outer
    tell(heard, mask, dentry.name, 0)
  }
  if (own !== undefined) tell(own, mask, '', 0)
}

/** A name came into a directory or left it. */
export function notifyName(directory: Inode, event: number, name: string, subject: Inode, cookie = 0): void {
  if (directory.watches === undefined) return
  tell(directory.watches, subject.kind === 'directory' ? event | IN_ISDIR : event, name, cookie)
}

export function notifySelf(inode: Inode, event: number): void {
  if (inode.watches === undefined) return
  tell(inode.watches, inode.kind === 'directory' ? event | IN_ISDIR : event, '', 0)
}

/** Its last name and its last opening went, or its file system did. */
export function inodeIsGone(inode: Inode, event: typeof IN_DELETE_SELF | typeof IN_UNMOUNT = IN_DELETE_SELF): void {
  const { watches } = inode
  if (watches === undefined) return
  if (event === IN_DELETE_SELF) tell(watches, IN_DELETE_SELF, '', 0)
  else for (const { instance, descriptor } of watches) instance.push({ watch: descriptor, mask: IN_UNMOUNT, name: '', cookie: 0 })
  for (const watch of [...(inode.watches ?? [])]) watch.instance.forget(watch)
}
