// A FileReader over the recordings' file trees: {units, executables, symlinks, top, passwd, group} with a case's files laid over it.
import { encodeUtf8, type FileReader, type FileStatus } from '@/lib/base'

export type TreeFile =
  | string
  | { content: string; mode?: string }
  | { b64: string }
  | { symlink: string }
  | { directory: true }
  | { fifo: true }
export type Tree = {
  units: Record<string, string | { symlink: string }>
  executables: string[]
  symlinks: Record<string, string>
  top: string[]
  passwd: string
  group: string
}

type Node = { kind: FileStatus['kind']; mode: number; bytes?: Uint8Array; text?: string; target?: string; children?: Map<string, Node> }

const directory = (): Node => ({ kind: 'directory', mode: 0o755, children: new Map() })

function put(root: Node, path: string, node: Node): void {
  const parts = path.split('/').filter(Boolean)
  let at = root
  for (const part of parts.slice(0, -1)) {
    let next = at.children!.get(part)
    if (next?.kind === 'symlink') next = lookup(root, next.target!.startsWith('/') ? next.target! : `/${next.target!}`, true)
    if (next === undefined) {
      next = directory()
      at.children!.set(part, next)
    }
    at = next
  }
  const name = parts.at(-1)
  if (name !== undefined) at.children!.set(name, node)
}

function lookup(root: Node, path: string, follow: boolean): Node | undefined {
  let rest = path.split('/').filter(Boolean)
  let stack: Node[] = [root]
  for (let hops = 0; rest.length > 0; ) {
    const part = rest.shift()!
    if (part === '.') continue
    if (part === '..') {
      if (stack.length > 1) stack.pop()
      continue
    }
    const next: Node | undefined = stack.at(-1)!.children?.get(part)
    if (next === undefined) return undefined
    if (next.kind === 'symlink' && (rest.length > 0 || follow)) {
      if (++hops > 40) return undefined
      if (next.target!.startsWith('/')) stack = [root]
      rest = [...next.target!.split('/').filter(Boolean), ...rest]
      continue
    }
    stack.push(next)
  }
  return stack.at(-1)
}

const bytesOf = (node: Node): Uint8Array => {
  node.bytes ??= encodeUtf8(node.text ?? '')
  return node.bytes
}

export function makeTree(tree: Tree): Node {
  const root = directory()
  for (const name of tree.top) put(root, `/${name}`, directory())
  for (const path of ['/proc', '/sys', '/tmp', '/var/tmp', '/run/user/0', '/root']) put(root, path, directory())
  put(root, '/dev/null', { kind: 'character-device', mode: 0o666 })
  for (const [path, target] of Object.entries(tree.symlinks)) put(root, path, { kind: 'symlink', mode: 0o777, target })
  for (const path of tree.executables) put(root, path, { kind: 'file', mode: 0o755, text: '\u007fELF' })
  for (const [path, value] of Object.entries(tree.units)) {
    put(
      root,
      path,
      typeof value === 'string' ? { kind: 'file', mode: 0o644, text: value } : { kind: 'symlink', mode: 0o777, target: value.symlink },
    )
  }
  put(root, '/etc/passwd', { kind: 'file', mode: 0o644, text: tree.passwd })
  put(root, '/etc/group', { kind: 'file', mode: 0o644, text: tree.group })
  const release =
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\nVERSION_CODENAME=trixie\n'
  put(root, '/etc/os-release', { kind: 'file', mode: 0o644, text: release })
  put(root, '/etc/hostname', { kind: 'file', mode: 0o644, text: 'vm\n' })
  return root
}

/** `files` stay for as long as the reader is used; the tree itself is shared. */
export function treeReader(base: Node, files: Record<string, TreeFile>): FileReader {
  const root: Node = { ...base, children: new Map(base.children) }
  const fresh = new Set<string>()
  for (const [path, value] of Object.entries(files)) {
    // Directories on the way are copied once, so that the shared tree stays as it is.
    const parts = path.split('/').filter(Boolean)
    let at = root
    let here = ''
    for (const part of parts.slice(0, -1)) {
      here += `/${part}`
      const known = at.children!.get(part)
      const next = known === undefined ? directory() : fresh.has(here) ? known : { ...known, children: new Map(known.children) }
      fresh.add(here)
      at.children!.set(part, next)
      at = next
    }
    at.children!.set(parts.at(-1)!, nodeOf(value))
  }
  const status = (node: Node | undefined): FileStatus | undefined =>
    node && { kind: node.kind, mode: node.mode, uid: 0, gid: 0, size: node.kind === 'file' ? bytesOf(node).length : 0, mtimeUsec: 0 }
  return {
    readFile: (path) => {
      const node = lookup(root, path, true)
      return node?.kind === 'file' ? bytesOf(node) : node?.kind === 'character-device' ? new Uint8Array() : undefined
    },
    readDirectory: (path) => {
      const node = lookup(root, path, true)
      return node?.kind === 'directory' ? [...node.children!.keys()].sort() : undefined
    },
    status: (path) => status(lookup(root, path, true)),
    linkStatus: (path) => status(lookup(root, path, false)),
    readLink: (path) => lookup(root, path, false)?.target,
  }
}

function nodeOf(value: TreeFile): Node {
  if (typeof value === 'string') return { kind: 'file', mode: 0o644, text: value }
  if ('b64' in value) return { kind: 'file', mode: 0o644, bytes: Uint8Array.from(Buffer.from(value.b64, 'base64')) }
  if ('symlink' in value) return { kind: 'symlink', mode: 0o777, target: value.symlink }
  if ('directory' in value) return directory()
  if ('fifo' in value) return { kind: 'fifo', mode: 0o644 }
  return { kind: 'file', mode: Number.parseInt(value.mode ?? '644', 8), text: value.content }
}
