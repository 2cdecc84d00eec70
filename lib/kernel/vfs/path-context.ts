// What a path means to a process: its root, its current directory, its mounts, who it is. A task of the kernel has one;
// it may extend this class, and synthetic inodes look with `instanceof` who is asking.
import type { Credentials } from '../credentials'
import type { DenialCause } from '../kernel-event'
import type { MountNamespace } from '../mount'
import type { Location } from './location'

export class PathContext {
  credentials: Credentials
  umask: number
  /** Why the last call that answered an errno was refused, if somebody refused it; for denial records. */
  lastRefusal: DenialCause | undefined
  /** RLIMIT_FSIZE, soft; a write beyond it answers EFBIG. */
  fileSizeLimit = Number.POSITIVE_INFINITY
  private rootPlace: Location
  private cwdPlace: Location
  private mounts: MountNamespace

  constructor(namespace: MountNamespace, root: Location, cwd: Location, credentials: Credentials, umask = 0o022) {
    this.mounts = namespace
    this.rootPlace = root
    this.cwdPlace = cwd
    this.credentials = credentials
    this.umask = umask
    root.mount.pins += 1
    cwd.mount.pins += 1
    namespace.contexts.add(this)
  }

  get namespace(): MountNamespace {
    return this.mounts
  }

  get root(): Location {
    return this.rootPlace
  }

  set root(place: Location) {
    place.mount.pins += 1
    this.rootPlace.mount.pins -= 1
    this.rootPlace = place
  }

  get cwd(): Location {
    return this.cwdPlace
  }

  set cwd(place: Location) {
    place.mount.pins += 1
    this.cwdPlace.mount.pins -= 1
    this.cwdPlace = place
  }

  /** Another of the same view, as fork() makes one. */
  copy(): PathContext {
    const copy = new PathContext(this.mounts, this.rootPlace, this.cwdPlace, this.credentials, this.umask)
    copy.fileSizeLimit = this.fileSizeLimit
    return copy
  }

  /** unshare(CLONE_NEWNS): from here on the mounts are its own; root and current directory are the same places in the copy. */
  unshareMounts(): void {
    const { namespace, place } = this.mounts.clone()
    this.root = place(this.rootPlace)
    this.cwd = place(this.cwdPlace)
    this.enter(namespace)
  }

  /** setns(CLONE_NEWNS): root and current directory become the root of the other. */
  joinMounts(namespace: MountNamespace): void {
    const top = namespace.rootLocation()
    this.root = top
    this.cwd = top
    this.enter(namespace)
  }

  /** The process ended. */
  release(): void {
    this.rootPlace.mount.pins -= 1
    this.cwdPlace.mount.pins -= 1
    this.mounts.leave(this)
  }

  refuse(cause: DenialCause): void {
    this.lastRefusal = cause
  }

  private enter(namespace: MountNamespace): void {
    const earlier = this.mounts
    this.mounts = namespace
    namespace.contexts.add(this)
    earlier.leave(this)
  }
}
