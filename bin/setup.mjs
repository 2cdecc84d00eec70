// What `npm start` and `npm test` share: install what is missing, know whether sources changed. Plain Node, no packages.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 9)) return
  console.error(`Unitlab needs Node 20.9 or later; this is ${process.versions.node}.`)
  process.exit(1)
}

/** Runs a command in the project's root; returns its exit status. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...options.env },
  })
  if (result.error) {
    console.error(`${command}: ${result.error.message}`)
    return 127
  }
  return result.status ?? 1
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Installs the packages when the lock file is newer than what is installed. */
export function installPackages() {
  const stamp = join(root, 'node_modules', '.unitlab-stamp')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('Installing packages …')
  // Install scripts of packages would download browsers and prebuilt binaries; none is needed. `npm ci` refuses a lock file
  // without the binaries of every other platform, which a registry need not offer; this reads the same lock file.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const status = run(npm, args, { shell: process.platform === 'win32' })
  if (status !== 0) {
    console.error('The packages could not be installed. Is the npm registry within reach? Try `npm install` to see more.')
    process.exit(status)
  }
  writeFileSync(stamp, wanted)
}

function walk(path, visit) {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status === undefined) return
  if (status.isFile()) visit(path, status)
  else for (const name of readdirSync(path).sort()) walk(join(path, name), visit)
}

/** A digest of the paths, sizes and modification times below the given files and folders. */
export function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const path of paths) walk(join(root, path), (file, status) => hash.update(`${file}\0${status.size}\0${status.mtimeMs}\n`))
  return hash.digest('hex')
}

export const siteSources = [
  'app',
  'components',
  'content',
  'lib',
  'public',
  'mdx-components.tsx',
  'next.config.ts',
  'postcss.config.mjs',
  'package-lock.json',
  'tsconfig.json',
  'bin/finish-export.mjs',
]

/** Builds the static export into `out/` unless it is there and nothing changed. */
export function buildSite({ quiet = false } = {}) {
  const stamp = join(root, '.build', 'site')
  const wanted = `${fingerprint(siteSources)} ${process.env.UNITLAB_BASE_PATH ?? ''}`
  if (existsSync(join(root, 'out', 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    if (!quiet) console.log('Nothing changed since the last build.')
    return
  }
  console.log('Building the site (about a minute) …')
  const next = run(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build'])
  if (next !== 0) process.exit(next)
  const finish = run(process.execPath, [join(root, 'bin/finish-export.mjs')])
  if (finish !== 0) process.exit(finish)
  mkdirSync(join(root, '.build'), { recursive: true })
  writeFileSync(stamp, wanted)
}
