// How `systemd-analyze security --offline=true` compares with the recordings of real units and of hardened ones:
//
//   UNITLAB_RECORDINGS=DIR npx tsx test/programs/measure-security.ts [SET…] [--show N]
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemdAnalyze } from '@/lib/programs/systemd-analyze'
import { recordedTree } from './recorded-cases'
import { runOffline, TreeReader, type TreeFile } from './offline-process'

type Row = {
  readonly name: string
  readonly json_field: string
  readonly set: boolean | null
  readonly description: string | null
  readonly exposure: string | null
}
type Recorded = {
  readonly id?: string
  readonly pkg?: string
  readonly path?: string
  readonly unit: string
  readonly scope?: string
  readonly content?: string
  readonly security: Readonly<
    Record<string, { rc: number; rows?: readonly number[]; overall?: string; rating?: string; stderr?: readonly string[] } | string>
  >
}

const recordings = process.env['UNITLAB_RECORDINGS']
if (recordings === undefined || !existsSync(recordings)) throw new Error('UNITLAB_RECORDINGS names no folder')
const corpus = join(recordings, 'corpus')
const args = process.argv.slice(2)
const showAt = args.indexOf('--show')
const show = showAt < 0 ? 5 : Number(args[showAt + 1])
const wanted = args.filter((word, index) => !word.startsWith('--') && args[index - 1] !== '--show')
const allRows = (JSON.parse(readFileSync(join(corpus, 'security-rows.json'), 'utf8')) as Record<string, Row[]>)['257']!
const tree = new TreeReader(recordedTree(recordings))

const unitFile = (one: Recorded): TreeFile => {
  if (one.content !== undefined) return one.content
  const bytes = readFileSync(join(corpus, 'units', one.pkg ?? '', one.path ?? ''))
  return { b64: bytes.toString('base64') }
}
const ordered = (row: Row) => [row.name, row.json_field, row.set, row.description, row.exposure]

for (const set of ['security-units', 'security-hardened']) {
  if (wanted.length > 0 && !wanted.includes(set)) continue
  let passed = 0
  let total = 0
  let shown = 0
  const started = performance.now()
  for (const line of readFileSync(join(corpus, `${set}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)) {
    const one = JSON.parse(line) as Recorded
    const expected = one.security['257']
    if (expected === undefined || typeof expected === 'string' || expected.rows === undefined) continue
    total += 1
    tree.addFile(`/u/${one.unit}`, unitFile(one))
    const scope = one.scope === 'user' ? ['--user'] : []
    const base = ['systemd-analyze', ...scope, 'security', '--offline=true']
    const json = runOffline(systemdAnalyze, [...base, '--json=short', `/u/${one.unit}`], { reader: tree })
    const plain = runOffline(systemdAnalyze, [...base, '--no-pager', `/u/${one.unit}`], { reader: tree })
    tree.removeFile(`/u/${one.unit}`)
    const rows = json.stdout.startsWith('[') ? (JSON.parse(json.stdout) as Row[]) : []
    const overall = /Overall exposure level for (\S+): ([\d.]+) (\w+)/.exec(plain.stdout)
    const want = expected.rows.map((index) => ordered(allRows[index]!))
    const same =
      JSON.stringify(want) === JSON.stringify(rows.map(ordered)) &&
      overall?.[2] === expected.overall &&
      overall?.[3] === expected.rating &&
      json.status === expected.rc &&
      JSON.stringify(json.stderr.split('\n').filter(Boolean)) === JSON.stringify(expected.stderr ?? [])
    if (same) passed += 1
    else if (shown++ < show) {
      console.log(`-- ${set}: ${one.pkg ?? one.id}/${one.unit}`, expected.rc, json.status, expected.overall, overall?.[2])
      for (const [index, row] of want.entries()) {
        const seen = rows[index]
        if (seen === undefined || JSON.stringify(row) !== JSON.stringify(ordered(seen))) {
          console.log('   want', JSON.stringify(row))
          console.log('   got ', JSON.stringify(seen && ordered(seen)))
          break
        }
      }
      console.log('   want', JSON.stringify(expected.stderr ?? []), 'got', JSON.stringify(json.stderr))
    }
  }
  console.log(`${set}: ${passed}/${total} = ${((100 * passed) / total).toFixed(2)} % in ${Math.round(performance.now() - started)} ms`)
}
