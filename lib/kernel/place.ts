// Where an open file description was opened, or that it has no name.
import type { FileKind } from '@/lib/base'
import type { Stat } from './system-calls'
import type { Task } from './task'
import type { FileDescription, PathContext } from './vfs'

export type Place = {
  /** As /proc/PID/fd shows it. */
  readonly describe: () => string
  readonly stat: () => Stat
  readonly release: () => void
  /** Undefined for what has no name. */
  readonly description: FileDescription | undefined
}

export function placeOf(description: FileDescription, context: PathContext): Place {
  return {
    describe: () => description.describe(context),
    stat: () => description.stat(context),
    release: () => description.release(),
    description,
  }
}

/** Device number of anon_inodefs, pipefs and sockfs. */
const ANONYMOUS_DEVICE = 14

/** A node of pipefs, sockfs or anon_inodefs. */
export function anonymousPlace(task: Task, kind: FileKind, mode: number, name: (ino: number) => string): Place & { readonly ino: number } {
  const { kernel } = task
  const ino = kernel.nextAnonymousInode()
  const { fsuid: uid, fsgid: gid } = task.credentials
  const atUsec = kernel.clock.realtimeUsec
  const stat: Stat = {
    kind,
    dev: ANONYMOUS_DEVICE,
    ino,
    mode,
    nlink: 1,
    uid,
    gid,
    rdev: [0, 0],
    size: 0,
    blocks: 0,
    atimeUsec: atUsec,
    mtimeUsec: atUsec,
    ctimeUsec: atUsec,
  }
  const text = name(ino)
  return { ino, describe: () => text, stat: () => stat, release: () => {}, description: undefined }
}
