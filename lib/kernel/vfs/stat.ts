// After stat(2): attributes of an inode with the ids that the caller's user namespace shows.
import { idInside, OVERFLOW_ID } from '../credentials'
import type { Stat } from '../system-calls'
import type { Inode } from './inode'
import type { PathContext } from './path-context'

export function statInode(inode: Inode, context: PathContext): Stat {
  inode.operations?.refresh?.(inode, context)
  const stat = inode.stat()
  const { userNamespace } = context.credentials
  if (userNamespace.isInitial) return stat
  return {
    ...stat,
    uid: idInside(userNamespace.uidMap, stat.uid) ?? OVERFLOW_ID,
    gid: idInside(userNamespace.gidMap, stat.gid) ?? OVERFLOW_ID,
  }
}
