// A `FileReader` over what a process sees, with its permissions.
import type { FileReader, FileStatus } from '@/lib/base'
import { isErrno } from '../errno'
import { O_RDONLY, type Stat } from '../system-calls'
import type { Fallible } from '../system-calls'
import { readdirAt, readlinkAt, statAt } from './attributes'
import { openAt } from './open'
import type { PathContext } from './path-context'

const WHOLE_FILE = 1 << 26

function statusOf(stat: Fallible<Stat>): FileStatus | undefined {
  if (isErrno(stat)) return undefined
  const { kind, mode, uid, gid, size, mtimeUsec } = stat
  return { kind, mode, uid, gid, size, mtimeUsec }
}

const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function fileReader(context: PathContext): FileReader {
  return {
    readFile: (path) => {
      const stat = statAt(context, path)
      // Opening a fifo or a device would wait or act.
      if (isErrno(stat) || stat.kind !== 'file') return undefined
      const description = openAt(context, path, O_RDONLY)
      if (isErrno(description)) return undefined
      const bytes = description.pread(WHOLE_FILE, 0, context)
      description.release()
      return isErrno(bytes) ? undefined : bytes
    },
    readDirectory: (path) => {
      const entries = readdirAt(context, path)
      return isErrno(entries) ? undefined : entries.map((entry) => entry.name).sort(compareNames)
    },
    status: (path) => statusOf(statAt(context, path)),
    linkStatus: (path) => statusOf(statAt(context, path, { nofollow: true })),
    readLink: (path) => {
      const target = readlinkAt(context, path)
      return isErrno(target) ? undefined : target
    },
  }
}
