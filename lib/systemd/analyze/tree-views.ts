// A file tree seen otherwise: from a directory of it, or with files laid over it.
import type { FileReader } from '@/lib/base'

/** A tree seen from a directory of it, as `--root=` asks for. */
export function below(reader: FileReader, root: string): FileReader {
  const at = (path: string) => `${root}${path}`
  return {
    readFile: (path) => reader.readFile(at(path)),
    readDirectory: (path) => reader.readDirectory(at(path)),
    status: (path) => reader.status(at(path)),
    linkStatus: (path) => reader.linkStatus(at(path)),
    readLink: (path) => reader.readLink(at(path)),
  }
}

/** Why `--root=` cannot be used. */
export function rootFault(reader: FileReader, root: string | undefined): string | undefined {
  const kind = root === undefined ? 'directory' : reader.status(root)?.kind
  if (kind === 'directory') return undefined
  const reason = kind === undefined ? 'No such file or directory' : 'Not a directory'
  return `Failed to initialize unit search paths for root directory ${root}: ${reason}`
}

/** `/tmp/X` is the first folder that is not there by itself. */
const OWN_DEPTH = 2

/** With some files laid over it, in directories of their own. */
export function overlaid(reader: FileReader, files: ReadonlyMap<string, Uint8Array>): FileReader {
  if (files.size === 0) return reader
  const entries = new Map<string, Set<string>>()
  for (const file of files.keys()) {
    const parts = file.split('/')
    for (let depth = parts.length - 1; depth > OWN_DEPTH; depth--) {
      const folder = parts.slice(0, depth).join('/')
      entries.set(folder, (entries.get(folder) ?? new Set()).add(parts[depth]!))
    }
  }
  const status = (path: string) => {
    const bytes = files.get(path)
    if (bytes !== undefined) return { kind: 'file' as const, mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtimeUsec: 0 }
    return entries.has(path) ? { kind: 'directory' as const, mode: 0o700, uid: 0, gid: 0, size: 0, mtimeUsec: 0 } : undefined
  }
  return {
    readFile: (path) => files.get(path) ?? reader.readFile(path),
    readDirectory: (path) => (entries.has(path) ? [...entries.get(path)!].sort() : reader.readDirectory(path)),
    status: (path) => status(path) ?? reader.status(path),
    linkStatus: (path) => status(path) ?? reader.linkStatus(path),
    readLink: (path) => reader.readLink(path),
  }
}
