// After flock(2): advisory locks that belong to an open file description.
import { errno } from '../errno'
import type { Fallible } from '../system-calls'
import type { WaitQueue } from '../wait'
import type { FileDescription } from './file-description'

export type FlockState = {
  readonly holders: Map<FileDescription, 'shared' | 'exclusive'>
  /** Woken when a lock goes; set by who sleeps on it. */
  queue: WaitQueue | undefined
}

/** EAGAIN when somebody else's lock is in the way: then sleep on `inode.flock.queue` and try again. */
export function flock(description: FileDescription, operation: 'shared' | 'exclusive' | 'unlock'): Fallible<0> {
  const { inode } = description
  inode.flock ??= { holders: new Map(), queue: undefined }
  const { holders } = inode.flock
  if (operation === 'unlock') {
    if (holders.delete(description)) inode.flock.queue?.wake()
    return 0
  }
  for (const [holder, kind] of holders)
    if (holder !== description && (operation === 'exclusive' || kind === 'exclusive')) {
      // A lock that is converted is given up first.
      if (holders.delete(description)) inode.flock.queue?.wake()
      return errno.EAGAIN
    }
  holders.set(description, operation)
  return 0
}
