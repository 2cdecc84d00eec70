// Finds a Chromium for the browser tests: an installed one, else Playwright's, else Debian's package.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
]

function installed() {
  if (process.env.UNITLAB_CHROMIUM && existsSync(process.env.UNITLAB_CHROMIUM)) return process.env.UNITLAB_CHROMIUM
  for (const folder of (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':'))
    for (const name of names) if (existsSync(join(folder, name))) return join(folder, name)
  return places.find(existsSync)
}

function playwrights() {
  const script = "const { chromium } = await import('@playwright/test'); console.log(chromium.executablePath())"
  const path = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' }).stdout.trim()
  return path !== '' && existsSync(path) ? path : undefined
}

/** The path of a Chromium; installs one where this may be done without asking, else says the one command and exits. */
export function findChromium() {
  const found = installed() ?? playwrights()
  if (found !== undefined) return found
  console.log('No Chromium is installed; trying Playwright’s …')
  run(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'install', 'chromium'], { timeout: 180_000 })
  const fetched = playwrights()
  if (fetched !== undefined) return fetched
  const packages = ['chromium', 'fonts-noto-cjk', 'fonts-dejavu-core']
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (mayInstall) {
    console.log('Installing Debian’s package …')
    const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
    run('apt-get', ['update', '-qq'], quiet)
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet)
    const system = installed()
    if (system !== undefined) return system
  }
  console.error(`The browser tests need Chromium. Install it with: sudo apt-get install ${packages.join(' ')}`)
  process.exit(1)
}
