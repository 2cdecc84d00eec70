// A small disk and the people on it, for the tests of this folder.
import { decodeUtf8, encodeUtf8 } from '@/lib/base'
import { isErrno } from '@/lib/kernel/errno'
import { type Fallible, O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from '@/lib/kernel/system-calls'
import { rootCredentials, userCredentials } from '@/lib/kernel/credentials'
import { Image, type ImageEntry, openAt, type PathContext, Vfs } from '@/lib/kernel/vfs'

export const LEARNER = 1000
export const NOBODY = 65_534

export const entries: readonly ImageEntry[] = [
  { path: '/etc/hostname', kind: 'file', content: 'lab\n' },
  { path: '/etc/shadow', kind: 'file', mode: 0o640, gid: 42, content: 'root:*:\n' },
  { path: '/etc/link', kind: 'symlink', target: 'hostname' },
  { path: '/etc/loop', kind: 'symlink', target: 'loop' },
  { path: '/etc/dangling', kind: 'symlink', target: '/srv/made' },
  { path: '/bin', kind: 'symlink', target: 'usr/bin' },
  { path: '/usr/bin/true', kind: 'file', mode: 0o755, content: 'x' },
  { path: '/usr/bin/ping', kind: 'file', mode: 0o755, content: 'x', xattrs: { 'security.capability': 'cap_net_raw=ep' } },
  { path: '/usr/bin/su', kind: 'file', mode: 0o4755, content: 'x' },
  { path: '/usr/bin/twin', kind: 'file', linkTo: '/usr/bin/true' },
  { path: '/usr/share/big', kind: 'file', content: 'head', size: 100_000 },
  { path: '/home/learner', kind: 'directory', mode: 0o700, uid: LEARNER, gid: LEARNER },
  { path: '/home/learner/notes', kind: 'file', mode: 0o644, uid: LEARNER, gid: LEARNER, content: 'mine\n' },
  { path: '/root', kind: 'directory', mode: 0o700 },
  { path: '/root/secret', kind: 'file', mode: 0o600, content: 'secret' },
  { path: '/srv', kind: 'directory' },
  { path: '/mnt', kind: 'directory' },
  { path: '/run', kind: 'directory' },
  { path: '/proc', kind: 'directory' },
  { path: '/tmp', kind: 'directory', mode: 0o1777 },
]

export type Lab = { readonly vfs: Vfs; readonly root: PathContext; readonly learner: PathContext; now: number }

export function lab(options: { readonly image?: Image; readonly diskBytes?: number } = {}): Lab {
  const state = { now: 1_000_000 }
  const vfs = new Vfs({
    image: options.image ?? Image.build(entries),
    nowUsec: () => state.now,
    memoryBytes: 1 << 30,
    ...(options.diskBytes === undefined ? {} : { diskBytes: options.diskBytes }),
  })
  const root = vfs.newContext(rootCredentials)
  const learner = vfs.newContext(userCredentials(LEARNER, LEARNER, [27]))
  return {
    vfs,
    root,
    learner,
    get now() {
      return state.now
    },
    set now(usec) {
      state.now = usec
    },
  }
}

/** The name of the errno, or the value. */
export function outcome<T>(value: Fallible<T>): T | string {
  return isErrno(value) ? value.name : value
}

export function write(
  context: PathContext,
  path: string,
  text: string,
  flags = O_WRONLY | O_CREAT | O_TRUNC,
  mode = 0o666,
): number | string {
  const description = openAt(context, path, flags, mode)
  if (isErrno(description)) return description.name
  const written = description.write(encodeUtf8(text), context)
  description.release()
  return outcome(written)
}

export const append = (context: PathContext, path: string, text: string) => write(context, path, text, O_WRONLY | O_CREAT | O_APPEND)
export const create = (context: PathContext, path: string, mode = 0o600) => write(context, path, 'x', O_WRONLY | O_CREAT | O_EXCL, mode)

export function read(context: PathContext, path: string, flags = O_RDONLY): string {
  const description = openAt(context, path, flags)
  if (isErrno(description)) return description.name
  const bytes = description.read(1 << 20, context)
  description.release()
  return isErrno(bytes) ? bytes.name : decodeUtf8(bytes)
}
