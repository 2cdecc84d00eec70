// The shapes that procfs, sysfs and cgroupfs are made of: a file whose text is made when it is read, and takes text in return.
import { type Bytes, decodeUtf8, encodeUtf8 } from '@/lib/base'
import { errno, isErrno } from '../errno'
import type { Fallible } from '../system-calls'
import type { Inode, InodeOperations, OpenedFile } from './inode'
import type { PathContext } from './path-context'

export type TextFile = {
  /** Made at the first read and again after a seek to the start. */
  readonly read?: (context: PathContext, inode: Inode) => Fallible<string | Bytes>
  /** One write(2) is one value. */
  readonly write?: (text: string, context: PathContext, inode: Inode) => Fallible<0>
  /** After the mode; for files that ask who opens them. */
  readonly open?: (flags: number, context: PathContext, inode: Inode) => Fallible<0>
}

export function textFile(file: TextFile): InodeOperations {
  return {
    open: (inode, flags, context): Fallible<OpenedFile> => {
      const refused = file.open?.(flags, context, inode)
      if (isErrno(refused)) return refused
      let text: Bytes | undefined
      return {
        read: (count, offset, reader) => {
          if (file.read === undefined) return errno.EINVAL
          if (text === undefined || offset === 0) {
            const made = file.read(reader, inode)
            if (isErrno(made)) return made
            text = typeof made === 'string' ? encodeUtf8(made) : made
          }
          return text.slice(offset, offset + count)
        },
        write: (data, _offset, writer) => {
          if (file.write === undefined) return errno.EINVAL
          const done = file.write(decodeUtf8(data), writer, inode)
          return isErrno(done) ? done : data.length
        },
      }
    },
  }
}
