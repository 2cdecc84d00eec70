// How the offline verbs of systemd-analyze and systemd-escape compare with the recordings of the real tools:
//
//   UNITLAB_RECORDINGS=DIR npx tsx test/programs/measure-analyze.ts [SET…] [--show N]
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTimestampSeconds, sets, type Case } from './recorded-cases'
import { recordedEnvironment, runOffline, TreeReader } from './offline-process'
import { systemdAnalyze } from '@/lib/programs/systemd-analyze'
import { systemdEscape } from '@/lib/programs/systemd-escape'

const recordings = process.env['UNITLAB_RECORDINGS']
if (recordings === undefined || !existsSync(recordings)) throw new Error('UNITLAB_RECORDINGS names no folder')
const args = process.argv.slice(2)
const showAt = args.indexOf('--show')
const show = showAt < 0 ? 5 : Number(args[showAt + 1])
const wanted = args.filter((word, index) => !word.startsWith('--') && args[index - 1] !== '--show')

for (const [name, make] of Object.entries(sets)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const file = join(recordings, 'corpus', `${name}.jsonl`)
  if (!existsSync(file)) continue
  let passed = 0
  let total = 0
  let shown = 0
  const started = performance.now()
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const one: Case | undefined = make(JSON.parse(line), recordings)
    if (one === undefined) continue
    total += 1
    const program = one.argv[0] === 'systemd-escape' ? systemdEscape : systemdAnalyze
    const got = runOffline(program, one.argv, {
      env: { ...recordedEnvironment, ...one.env },
      nowUsec: parseTimestampSeconds(one.now) * 1e6,
      reader: new TreeReader(one.files),
    })
    const same = got.status === one.expected.rc && got.stdout === one.expected.stdout && got.stderr === one.expected.stderr
    if (same) passed += 1
    else if (shown++ < show) {
      console.log(`-- ${name}: ${JSON.stringify(one.argv)} ${JSON.stringify(one.env)}`)
      console.log('want', one.expected.rc, JSON.stringify(one.expected.stdout), JSON.stringify(one.expected.stderr))
      console.log('got ', got.status, JSON.stringify(got.stdout), JSON.stringify(got.stderr))
    }
  }
  console.log(`${name}: ${passed}/${total} = ${((100 * passed) / total).toFixed(2)} % in ${Math.round(performance.now() - started)} ms`)
}
