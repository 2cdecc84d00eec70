// What bash 5.2 and GNU tools of Debian made of these scripts, recorded; pids and the like aside, ours must be the same.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shellMachine } from './shell-machine'

type Recorded = { readonly script: string; readonly stdout: string; readonly stderr: string; readonly status: number }
const read = (path: string): readonly Recorded[] => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Recorded[]

/** Differences that stay, by the beginning of the script, skipped: the real env's order is a hash table's; help texts are our own; an older mawk and grep made the recording. */
const different = ['alias; x=y z=w env', 'sed; sed', 'grep; grep --foo', "printf 'a 1\\nb 2\\n' | awk"]

const normalise = (text: string): string => text.replace(/\b\d{3,}\b/g, 'N').replace(/ +N /g, ' N ')

for (const [name, path] of [
  ['shell', './scripts.json'],
  ['programs', '../programs/scripts.json'],
] as const) {
  describe(name, () => {
    for (const row of read(path)) {
      const stays = different.some((start) => row.script.startsWith(start))
      test.skipIf(stays)(row.script.slice(0, 60), () => {
        const { stdout, stderr, status } = shellMachine().run(['bash', '-c', row.script])
        expect({ stdout: normalise(stdout), stderr: normalise(stderr), status }).toEqual({
          stdout: normalise(row.stdout),
          stderr: normalise(row.stderr),
          status: row.status,
        })
      })
    }
  })
}
