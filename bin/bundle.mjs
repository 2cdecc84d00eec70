// Bundles the command line tool into `.build/cli` (ignored by git) whenever its sources changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkNode, fingerprint, installPackages, root } from './setup.mjs'

const sources = ['lib', 'content', 'bin', 'package-lock.json', 'tsconfig.json']

/** Returns the path of the bundle's entry. */
export async function bundle() {
  const entry = join(root, '.build/cli/main.js')
  const stamp = join(root, '.build/cli/stamp')
  const wanted = fingerprint(sources)
  if (existsSync(entry) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return entry
  checkNode()
  if (!existsSync(join(root, 'node_modules/esbuild'))) installPackages()
  const { build } = await import('esbuild')
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'bin/cli/main.ts' },
    outdir: '.build/cli',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.9',
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    minifySyntax: true,
    minifyWhitespace: true,
    loader: { '.mdx': 'empty' },
  })
  mkdirSync(join(root, '.build/cli'), { recursive: true })
  writeFileSync(join(root, '.build/cli/package.json'), '{"type":"module"}\n')
  writeFileSync(stamp, wanted)
  return entry
}
