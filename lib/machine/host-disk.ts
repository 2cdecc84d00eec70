// What the editor does to the machine's files: as root, in the first mount namespace, between two quanta.
import { encodeUtf8 } from '@/lib/base'
import { type Fallible, isErrno, type Kernel, UserDatabase } from '@/lib/kernel'
import type { Input } from './input-log'

export type DiskInput = Extract<Input, { kind: 'write-file' | 'make-directory' | 'rename' | 'remove' | 'set-mode' | 'set-owner' }>

function accountOf(kernel: Kernel, name: string): { readonly uid: number; readonly gid: number } {
  return new UserDatabase(kernel.hostFiles.reader).user(name) ?? { uid: 0, gid: 0 }
}

export function deliverToDisk(kernel: Kernel, input: DiskInput): Fallible<number> {
  const files = kernel.hostFiles
  switch (input.kind) {
    case 'write-file': {
      const account = input.owner === undefined ? undefined : accountOf(kernel, input.owner)
      const parents = input.path.split('/').slice(1, -1)
      let folder = ''
      for (const part of parents) {
        folder += `/${part}`
        if (isErrno(files.stat(folder))) {
          const made = files.makeDirectories(folder, 0o755)
          if (isErrno(made)) return made
          if (account !== undefined) files.chown(folder, account.uid, account.gid)
        }
      }
      const bytes = typeof input.content === 'string' ? encodeUtf8(input.content) : input.content
      const written = files.write(input.path, bytes)
      if (isErrno(written)) return written
      if (input.mode !== undefined) files.chmod(input.path, input.mode)
      if (account !== undefined) files.chown(input.path, account.uid, account.gid)
      return 0
    }
    case 'make-directory':
      return files.makeDirectories(input.path, 0o755)
    case 'rename':
      return files.rename(input.from, input.to)
    case 'remove':
      return files.remove(input.path)
    case 'set-mode':
      return files.chmod(input.path, input.mode)
    case 'set-owner': {
      const account = accountOf(kernel, input.owner)
      return files.chown(input.path, account.uid, account.gid)
    }
  }
}
