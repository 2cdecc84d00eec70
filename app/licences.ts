// Licences of what reaches the browser: the packages that we depend on, and what they depend on.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type PackageLicence = {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly texts: readonly string[]
}

type Manifest = {
  readonly name?: string
  readonly version?: string
  readonly license?: string | { readonly type?: string }
  readonly dependencies?: Readonly<Record<string, string>>
}

const modules = join(process.cwd(), 'node_modules')
/** Needed to build pages, never sent to a browser. */
const buildOnly = new Set([
  '@mdx-js/loader',
  '@next/mdx',
  '@shikijs/rehype',
  'rehype-slug',
  'remark-frontmatter',
  'remark-gfm',
  'remark-mdx-frontmatter',
  'shiki',
])

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest

export function packageLicences(): readonly PackageLicence[] {
  const found = new Map<string, PackageLicence>()
  const visit = (name: string): void => {
    const folder = join(modules, name)
    const path = join(folder, 'package.json')
    if (found.has(name) || buildOnly.has(name) || !existsSync(path)) return
    const manifest = read(path)
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    const licence = typeof manifest.license === 'string' ? manifest.license : (manifest.license?.type ?? '')
    found.set(name, { name, version: manifest.version ?? '', licence, texts })
    // Next's own dependencies serve its builder; what it sends to browsers is its own licence and React's.
    if (name !== 'next') for (const other of Object.keys(manifest.dependencies ?? {})) visit(other)
  }
  for (const name of Object.keys(read(join(process.cwd(), 'package.json')).dependencies ?? {})) visit(name)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
