// UNIX sockets by path: the inode that bind(2) makes, and the socket that connect(2) finds behind it.
import { type Errno, errno, isErrno } from './errno'
import { refuse } from './calls/entry'
import type { UnixSocket } from './socket-unix'
import { type Fallible, W_OK } from './system-calls'
import type { Task } from './task'
import { checkPermission, mknodAt, resolve } from './vfs'

type Bound = { readonly socket: UnixSocket }

function isBound(attachment: unknown): attachment is Bound {
  return typeof attachment === 'object' && attachment !== null && 'socket' in attachment
}

export function makeSocketNode(task: Task, path: string, socket: UnixSocket): Errno | 0 {
  task.fs.lastRefusal = undefined
  const inode = mknodAt(task.fs, path, 'socket', 0o777)
  if (isErrno(inode)) return told(task, 'bind', path, inode)
  const bound: Bound = { socket }
  inode.attachment = bound
  return 0
}

export function findSocketNode(task: Task, path: string): Fallible<UnixSocket> {
  task.fs.lastRefusal = undefined
  const place = resolve(task.fs, path)
  if (isErrno(place)) return told(task, 'connect', path, place)
  const { inode } = place.dentry
  const refused = checkPermission(inode, W_OK, place.mount, task.fs)
  if (refused !== undefined) return told(task, 'connect', path, refused)
  if (inode.kind !== 'socket' || !isBound(inode.attachment)) return errno.ECONNREFUSED
  const { socket } = inode.attachment
  return socket.references > 0 ? socket : errno.ECONNREFUSED
}

function told(task: Task, call: string, path: string, why: Errno): Errno {
  const { lastRefusal } = task.fs
  return lastRefusal === undefined ? why : refuse(task, call, path, why, lastRefusal)
}
