// npm test: install what is missing (Chromium too), then types, lint, tests, a production build, browser tests.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSite, checkNode, installPackages, root, run } from './setup.mjs'

checkNode()
installPackages()

const node = process.execPath
const module = (path) => join(root, 'node_modules', path)

const { findChromium } = await import('./chromium.mjs')
const chromium = findChromium()

const steps = [
  ['types', () => run(node, [module('typescript/bin/tsc'), '--noEmit', '-p', '.'])],
  ['format and lint', () => run(node, [module('@biomejs/biome/bin/biome'), 'check', '.'])],
  ['tests', () => run(node, [module('vitest/vitest.mjs'), 'run'])],
  ['conformance', () => run(node, [join(root, 'test/conformance/run.mjs')])],
  [
    'production build',
    () => {
      buildSite({ quiet: true })
      return existsSync(join(root, 'out/index.html')) ? 0 : 1
    },
  ],
  ['page weight', () => run(node, [join(root, 'test/browser/weight.mjs')])],
  ['browser tests', () => run(node, [module('@playwright/test/cli.js'), 'test'], { env: { UNITLAB_CHROMIUM: chromium } })],
]

const only = process.argv.slice(2)
const failed = []
let ran = 0
for (const [name, step] of steps) {
  if (only.length > 0 && !only.some((word) => name.includes(word))) continue
  const started = performance.now()
  console.log(`\n── ${name}`)
  const status = step()
  ran += 1
  console.log(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  if (status !== 0) failed.push(name)
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
console.log(`\nsteps: ${ran - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length > 0 ? 1 : 0)
