#!/usr/bin/env node
// Plays the recordings of real systemd and holds each set's pass rate to its floor. `--raise` writes higher floors.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const outside = process.env.UNITLAB_RECORDINGS
const data = outside ? resolve(outside) : join(here, 'recordings')
const floorFile = join(here, 'floor.json')
const floors = JSON.parse(readFileSync(floorFile, 'utf8'))
const raise = process.argv.includes('--raise')

/** Set → the file or folder that holds it, and whether it needs the recorded root's file tree. */
const sets = {
  calendar: ['corpus/calendar.jsonl', false],
  timespan: ['corpus/timespan.jsonl', false],
  timestamp: ['corpus/timestamp.jsonl', false],
  escape: ['corpus/escape.jsonl', false],
  condition: ['corpus/condition.jsonl', true],
  lookups: ['corpus/lookups.jsonl', false],
  specifiers: ['corpus/specifiers.jsonl', true],
  'directive-values': ['corpus/directive-values.jsonl', true],
  'directive-values-deps': ['corpus/directive-values-deps.jsonl', true],
  'verify-scenarios': ['corpus/verify-scenarios.jsonl', true],
  'verify-units': ['corpus/verify-units.jsonl', true],
  'verify-mutated': ['corpus/verify-mutated.jsonl', true],
  'security-units': ['corpus/security-units.jsonl', true],
  'security-hardened': ['corpus/security-hardened.jsonl', true],
  'security-options': ['corpus/security-options.jsonl', true],
  matrix: ['matrix/cases-public.jsonl', false],
  transcripts: ['transcripts', false],
}

const tree = join(data, 'corpus/tables/root-env-257.json')
const rates = {}
const problems = []
let passed = 0
let failed = 0
for (const [name, [path, needsTree]] of Object.entries(sets)) {
  if (!existsSync(join(data, path)) || (needsTree && !existsSync(tree))) {
    console.log(`${name.padEnd(22)} not run: its recordings are not here`)
    if (outside) problems.push(`${name}: UNITLAB_RECORDINGS is set, but the set is not there`)
    continue
  }
  const result = spawnSync(
    process.execPath,
    [join(here, 'compare.mjs'), name, '--json', '--data', data, '--unitlab', join(root, 'bin/unitlab')],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const summary = result.status === 0 ? JSON.parse(result.stdout.trim().split('\n').at(-1))[0] : undefined
  if (summary === undefined) {
    problems.push(`${name}: could not be compared: ${result.stderr.slice(-500)}`)
    continue
  }
  const { rate, cases, groups } = summary
  passed += summary.passed
  failed += cases - summary.passed
  const floor = floors[name]
  console.log(
    `${name.padEnd(22)} ${String(summary.passed).padStart(7)} of ${String(cases).padStart(7)}  ${rate.toFixed(2).padStart(6)} %   floor ${floor === undefined ? 'none' : `${floor} %`}`,
  )
  rates[name] = rate
  if (name === 'transcripts')
    for (const [group, [ok, all]] of Object.entries(groups).sort()) console.log(`    ${group.padEnd(28)} ${ok} of ${all}`)
  if (floor !== undefined && rate < floor) problems.push(`${name}: ${rate} % is below its floor of ${floor} %`)
}

if (raise) {
  // A whole tenth below the measured rate: a race in one recording must not stop an unrelated change.
  for (const [name, rate] of Object.entries(rates)) floors[name] = Math.max(floors[name] ?? 0, Math.floor(rate * 10) / 10)
  writeFileSync(floorFile, `${JSON.stringify(floors, null, 2)}\n`)
}
console.log(`\nrecorded cases: ${passed} identical, ${failed} not`)
if (problems.length > 0) {
  console.error(problems.map((problem) => `✗ ${problem}`).join('\n'))
  process.exit(1)
}
