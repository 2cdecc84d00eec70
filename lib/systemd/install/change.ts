// What install wants done to the disk, and doing it. Planning only reads; the changes say what `systemctl` prints.
import { isErrno, type Errno, type Process, type Syscall } from '@/lib/kernel'

export type Change =
  /** A symbolic link `path` → `source`; an older one is replaced (told by an `unlink` before it). */
  | { readonly type: 'symlink'; readonly path: string; readonly source: string }
  | { readonly type: 'unlink'; readonly path: string; readonly source: '' }
  /** Told only, nothing is done. */
  | {
      readonly type: 'is-masked' | 'is-dangling' | 'destination-not-present' | 'auxiliary-failed'
      readonly path: string
      readonly source: string
    }

export class InstallError {
  /** errno's name, as the D-Bus error maps it. */
  readonly errno: string
  /** What follows "Failed to enable unit: ". */
  readonly message: string

  constructor(errno: string, message: string) {
    this.errno = errno
    this.message = message
  }
}

export function isInstallError(value: unknown): value is InstallError {
  return value instanceof InstallError
}

export type Plan = { readonly changes: readonly Change[]; readonly carriesInstallInfo: boolean }

export function* makeParents(process: Process, path: string): Syscall<void> {
  const parts = path.split('/').slice(1, -1)
  let folder = ''
  for (const part of parts) {
    folder += `/${part}`
    yield* process.mkdir(folder, 0o755)
  }
}

/** Carries a plan out; stops at the first refusal. Folders that become empty go too. */
export function* applyChanges(process: Process, changes: readonly Change[]): Syscall<Errno | undefined> {
  for (const change of changes) {
    if (change.type === 'unlink') {
      const gone = yield* process.unlink(change.path)
      if (isErrno(gone) && gone.name !== 'ENOENT') return gone
      const folder = change.path.slice(0, change.path.lastIndexOf('/'))
      if (/\.(wants|requires|upholds|d)$/.test(folder)) yield* process.rmdir(folder)
    } else if (change.type === 'symlink') {
      yield* makeParents(process, change.path)
      const made = yield* process.symlink(change.source, change.path)
      if (isErrno(made)) return made
    }
  }
  return undefined
}
