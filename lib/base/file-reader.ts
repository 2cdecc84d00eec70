/** A read-only, synchronous look at a file tree: a machine's disk, a JSON tree, the user's own folder. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character-device' | 'block-device'

export type FileStatus = {
  readonly kind: FileKind
  /** Permission bits (07777). */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Modification time in microseconds since the epoch. */
  readonly mtimeUsec: number
}

/** Paths are absolute. `undefined` means that the path cannot be reached (whatever the reason). */
export type FileReader = {
  /** Whole content; follows symbolic links. */
  readonly readFile: (path: string) => Uint8Array | undefined
  /** Names without `.` and `..`, in byte order; follows symbolic links. */
  readonly readDirectory: (path: string) => readonly string[] | undefined
  /** Follows symbolic links. */
  readonly status: (path: string) => FileStatus | undefined
  /** Does not follow a final symbolic link. */
  readonly linkStatus: (path: string) => FileStatus | undefined
  /** Target text of a symbolic link. */
  readonly readLink: (path: string) => string | undefined
}
