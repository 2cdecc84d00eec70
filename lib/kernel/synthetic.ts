// Synthetic files (procfs, sysfs, cgroupfs, …) as plain records: a tree of nodes whose content is made when it is read.
import { type Bytes, decodeUtf8, encodeUtf8 } from '@/lib/base'
import { errno, isErrno } from './errno'
import type { DirectoryEntry, Fallible } from './system-calls'
import { type FileSystem, Inode, type InodeOperations, type Location, type OpenedFile, type PathContext } from './vfs'
import type { WaitQueue } from './wait'

type Owner = { readonly uid?: number; readonly gid?: number }

export type SyntheticFile = Owner & {
  readonly kind: 'file'
  readonly mode: number
  readonly read?: (context: PathContext) => Fallible<string | Bytes>
  /** Gets what one write(2) brings. */
  readonly write?: (text: string, context: PathContext) => Fallible<0>
  /** Each opening may have a state of its own. */
  readonly open?: (flags: number, context: PathContext) => Fallible<OpenedFile>
  readonly poll?: () => number
  readonly queue?: WaitQueue
  readonly permission?: (mask: number, context: PathContext) => Fallible<0>
  readonly size?: number
}
export type SyntheticDirectory = Owner & {
  readonly kind: 'directory'
  readonly mode?: number
  readonly names: (context: PathContext) => readonly string[]
  readonly node: (name: string, context: PathContext) => SyntheticNode | undefined
  readonly mkdir?: (name: string, context: PathContext) => Fallible<0>
  readonly rmdir?: (name: string, context: PathContext) => Fallible<0>
  readonly create?: (name: string, mode: number, context: PathContext) => Fallible<0>
  readonly unlink?: (name: string, context: PathContext) => Fallible<0>
  readonly permission?: (mask: number, context: PathContext) => Fallible<0>
  /** Kept by whoever owns the directory, so that chmod and chown last. */
  readonly inode?: Inode
  readonly links?: number
}
export type SyntheticLink = Owner & {
  readonly kind: 'symlink'
  readonly target: (context: PathContext) => Fallible<string>
  readonly follow?: (context: PathContext) => Fallible<Location>
  readonly mode?: number
}
export type SyntheticDevice = Owner & {
  readonly kind: 'character-device' | 'block-device'
  readonly mode: number
  readonly rdev: readonly [number, number]
}
export type SyntheticNode = SyntheticFile | SyntheticDirectory | SyntheticLink | SyntheticDevice

/** A stable number from the path of a node (FNV-1a). */
function inodeNumber(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash >>> 0) + 4_026_531_999
}

export class SyntheticTree {
  private readonly inodes = new Map<string, Inode>()
  readonly fileSystem: () => FileSystem
  /** Nodes below it are kept (their owners and modes last); others are made anew at each look. */
  private readonly keeps: (key: string) => boolean

  constructor(fileSystem: () => FileSystem, keeps: (key: string) => boolean = () => true) {
    this.fileSystem = fileSystem
    this.keeps = keeps
  }

  inode(key: string, node: SyntheticNode, ino = inodeNumber(key)): Inode {
    const known = this.inodes.get(key)
    if (known !== undefined) return known
    const mode = node.mode ?? (node.kind === 'directory' ? 0o555 : 0o777)
    const inode = new Inode(
      this.fileSystem(),
      ino,
      node.kind,
      {
        mode,
        uid: node.uid ?? 0,
        gid: node.gid ?? 0,
        ...(node.kind === 'character-device' || node.kind === 'block-device' ? { rdev: node.rdev } : {}),
        ...(node.kind === 'file' && node.size !== undefined ? { size: node.size } : {}),
        ...(node.kind === 'directory' ? { nlink: node.links ?? 2 } : {}),
      },
      this.operations(key, node),
    )
    if (this.keeps(key)) this.inodes.set(key, inode)
    return inode
  }

  /** The inode of a node that somebody has looked at. */
  known(key: string): Inode | undefined {
    return this.inodes.get(key)
  }

  forget(key: string): void {
    for (const known of [...this.inodes.keys()]) if (known === key || known.startsWith(`${key}/`)) this.inodes.delete(known)
  }

  operations(key: string, node: SyntheticNode): InodeOperations | undefined {
    switch (node.kind) {
      case 'directory':
        return this.directoryOperations(key, node)
      case 'symlink':
        return {
          readlink: (_inode, context) => node.target(context),
          ...(node.follow === undefined ? {} : { follow: (_inode: Inode, context: PathContext) => node.follow!(context) }),
        }
      case 'file':
        return {
          open: (_inode, flags, context) => (node.open === undefined ? openText(node) : node.open(flags, context)),
          ...(node.permission === undefined
            ? {}
            : { permission: (_inode: Inode, mask: number, context: PathContext) => node.permission!(mask, context) }),
        }
      default:
        return undefined
    }
  }

  private directoryOperations(key: string, node: SyntheticDirectory): InodeOperations {
    const child = (name: string, context: PathContext): Fallible<Inode> | undefined => {
      const found = node.node(name, context)
      if (found === undefined) return undefined
      if (found.kind === 'directory' && found.inode !== undefined) return found.inode
      return this.inode(`${key}/${name}`, found)
    }
    return {
      lookup: (_directory, name, context) => child(name, context),
      list: (_directory, context) => {
        const entries: DirectoryEntry[] = []
        for (const name of node.names(context)) {
          const found = node.node(name, context)
          if (found === undefined) continue
          const ino = found.kind === 'directory' && found.inode !== undefined ? found.inode.ino : inodeNumber(`${key}/${name}`)
          entries.push({ name, ino, kind: found.kind })
        }
        return entries
      },
      ...(node.mkdir === undefined
        ? {}
        : {
            mkdir: (_directory: Inode, name: string, _mode: number, context: PathContext) => {
              const made = node.mkdir!(name, context)
              return isErrno(made) ? made : (child(name, context) ?? errno.EIO)
            },
          }),
      ...(node.rmdir === undefined
        ? {}
        : {
            rmdir: (_directory: Inode, name: string, _inode: Inode, context: PathContext) => {
              const gone = node.rmdir!(name, context)
              if (!isErrno(gone)) this.forget(`${key}/${name}`)
              return gone
            },
          }),
      ...(node.create === undefined
        ? {}
        : {
            create: (_directory: Inode, name: string, mode: number, context: PathContext) => {
              const made = node.create!(name, mode, context)
              return isErrno(made) ? made : (child(name, context) ?? errno.EIO)
            },
          }),
      ...(node.unlink === undefined
        ? {}
        : {
            unlink: (_directory: Inode, name: string, _inode: Inode, context: PathContext) => {
              const gone = node.unlink!(name, context)
              if (!isErrno(gone)) this.forget(`${key}/${name}`)
              return gone
            },
          }),
      ...(node.permission === undefined
        ? {}
        : { permission: (_inode: Inode, mask: number, context: PathContext) => node.permission!(mask, context) }),
    }
  }
}

/** An opening whose content is made when it is read from the start. */
export function openText(node: SyntheticFile): OpenedFile {
  let content: Bytes | undefined
  return {
    read: (count, offset, context) => {
      if (node.read === undefined) return errno.EINVAL
      if (offset === 0 || content === undefined) {
        const made = node.read(context)
        if (isErrno(made)) return made
        content = typeof made === 'string' ? encodeUtf8(made) : made
      }
      return content.subarray(offset, offset + count)
    },
    write: (data, _offset, context) => {
      if (node.write === undefined) return errno.EINVAL
      const result = node.write(decodeUtf8(data), context)
      return isErrno(result) ? result : data.length
    },
    truncate: () => 0,
    ...(node.poll === undefined ? {} : { poll: node.poll }),
    ...(node.queue === undefined ? {} : { queue: node.queue }),
  }
}

// ---------------------------------------------------------------- short forms

export function textFile(read: string | ((context: PathContext) => Fallible<string>), mode = 0o444): SyntheticFile {
  return { kind: 'file', mode, read: typeof read === 'string' ? () => read : read }
}

export function settingFile(
  read: (context: PathContext) => Fallible<string>,
  write: (text: string, context: PathContext) => Fallible<0>,
  mode = 0o644,
): SyntheticFile {
  return { kind: 'file', mode, read, write }
}

export function link(target: string | ((context: PathContext) => Fallible<string>)): SyntheticLink {
  return { kind: 'symlink', target: typeof target === 'string' ? () => target : target }
}

/** A directory with fixed names. */
export function directory(entries: Readonly<Record<string, SyntheticNode>>, mode = 0o555): SyntheticDirectory {
  const names = Object.keys(entries)
  const map = new Map(Object.entries(entries))
  return { kind: 'directory', mode, names: () => names, node: (name) => map.get(name) }
}
