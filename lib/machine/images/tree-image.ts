// A file tree given as JSON (see the README of test/conformance): what offline tools are asked about.
import type { Bytes } from '@/lib/base'
import { executableContent, Image, type ImageEntry } from '@/lib/kernel'
import type { Program } from '@/lib/programs'
import { texts } from './lab-text'

export type TreeFile =
  | string
  | { readonly content: string | Bytes; readonly mode?: string | number }
  | { readonly symlink: string }
  | { readonly directory: true; readonly mode?: string | number }
  | { readonly fifo: true; readonly mode?: string | number }

export type TreeDescription = {
  readonly units?: Readonly<Record<string, TreeFile>>
  readonly executables?: readonly string[]
  readonly symlinks?: Readonly<Record<string, string>>
  /** Names in `/`. */
  readonly top?: readonly string[]
  readonly passwd?: string
  readonly group?: string
}

const modeOf = (mode: string | number | undefined, otherwise: number): number =>
  mode === undefined ? otherwise : typeof mode === 'number' ? mode : Number.parseInt(mode, 8)

/** One file of a request as an entry of an image. */
export function treeEntry(path: string, file: TreeFile): ImageEntry {
  if (typeof file === 'string') return { path, kind: 'file', content: file }
  if ('symlink' in file) return { path, kind: 'symlink', target: file.symlink }
  if ('directory' in file) return { path, kind: 'directory', mode: modeOf(file.mode, 0o755) }
  if ('fifo' in file) return { path, kind: 'fifo', mode: modeOf(file.mode, 0o644) }
  return { path, kind: 'file', mode: modeOf(file.mode, 0o644), content: file.content }
}

/** The tree as an image; programs of ours stand behind executables of their names. */
export function treeImage(tree: TreeDescription, programs: readonly Program[]): Image {
  const byPath = new Map(
    programs.flatMap((program) => [program.path, ...(program.links ?? [])].map((path) => [path, program.name] as const)),
  )
  const entries: ImageEntry[] = [
    // Every Debian has one; the description does not hold it.
    ...['/usr/lib/os-release'].map((path): ImageEntry => ({ path, kind: 'file', content: texts[path] ?? '' })),
    { path: '/etc/os-release', kind: 'symlink', target: '../usr/lib/os-release' },
    ...(tree.top ?? [])
      .filter((name) => tree.symlinks?.[`/${name}`] === undefined)
      .map((name): ImageEntry => ({ path: `/${name}`, kind: 'directory' })),
    ...Object.entries(tree.symlinks ?? {}).map(([path, target]): ImageEntry => ({ path, kind: 'symlink', target })),
    ...(tree.executables ?? []).map(
      (path): ImageEntry => ({
        path,
        kind: 'file',
        mode: 0o755,
        content: executableContent(byPath.get(path) ?? path.slice(path.lastIndexOf('/') + 1)),
      }),
    ),
    ...Object.entries(tree.units ?? {}).map(([path, file]) => treeEntry(path, file)),
    ...(tree.passwd === undefined ? [] : [{ path: '/etc/passwd', kind: 'file', content: tree.passwd } as const]),
    ...(tree.group === undefined ? [] : [{ path: '/etc/group', kind: 'file', content: tree.group } as const]),
  ]
  return Image.build(entries)
}
