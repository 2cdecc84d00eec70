#!/usr/bin/env node
// Records what this computer's bash makes of the scripts in test/{shell,programs}/scripts.txt, beside them, for scripts.test.ts.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

for (const directory of ['shell', 'programs']) {
  const base = new URL(`../${directory}/`, import.meta.url)
  const scripts = readFileSync(new URL('scripts.txt', base), 'utf8')
    .split('\n----\n')
    .map((script) => script.replace(/\n$/, ''))
    .filter(Boolean)
  const rows = scripts.map((script) => {
    const cwd = mkdtempSync(join(tmpdir(), 'scripts-'))
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root', LANG: 'C.UTF-8' }
    const ran = spawnSync('bash', ['-c', script], { cwd, env, input: '', timeout: 20_000 })
    const text = (bytes) => bytes.toString().replaceAll(cwd, '/tmp')
    return { script, stdout: text(ran.stdout), stderr: text(ran.stderr), status: ran.status ?? -1 }
  })
  writeFileSync(new URL('scripts.json', base), `${JSON.stringify(rows, null, 1)}\n`)
}
