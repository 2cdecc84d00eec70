// Compares `systemd-analyze verify` with recordings, case by case, without a machine: tsx test/systemd/analyze/measure-offline.ts [SET…] [--show N] [--only TEXT]
// The recordings lie in the folder that UNITLAB_RECORDINGS names.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { verify } from '../../../lib/systemd/analyze/verify'
import { makeTree, type Tree, type TreeFile, treeReader } from './tree-reader'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { show: { type: 'string', default: '5' }, only: { type: 'string' }, data: { type: 'string' } },
})
const data = options.data ?? process.env['UNITLAB_RECORDINGS'] ?? '.'
const corpus = (name: string) => join(data, 'corpus', name)
const treeFile = [
  corpus('tables/root-env-257.json'),
  join(process.env['UNITLAB_RECORDINGS'] ?? '.', 'corpus/tables/root-env-257.json'),
].find(existsSync)!
const base = makeTree(JSON.parse(readFileSync(treeFile, 'utf8')) as Tree)
const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const environment = new Map([
  ['PATH', '/usr/sbin:/usr/bin'],
  ['HOME', '/root'],
  ['XDG_RUNTIME_DIR', '/run/user/0'],
])

type Answer = { rc: number; stderr: string[]; variants?: Answer[] }
type Result = { id: string; pass: boolean; expected: unknown; seen: unknown }
const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

function unseeded({ rc, stderr }: Answer) {
  const cycle = new Set<string>()
  const others = stderr.filter((line) => {
    const match = /^(\S+): (?:Found ordering cycle on|Found dependency on|Unable to break cycle starting with) (\S+)\/start$/.exec(line)
    if (match) cycle.add(match[2]!).add(match[1]!)
    return !match
  })
  const missing = others
    .filter((line) => / Unit \S+ not found\.$/.test(line))
    .map((line) => line.replace(/Unit \S+ not found/, 'Unit <ONE> not found'))
    .sort()
  const rest = others.filter((line) => !/ Unit \S+ not found\.$/.test(line))
  return { rc, stderr: rest, missing, cycle: [...cycle].sort() }
}

function run(argv: string[], files: Record<string, TreeFile>): Answer {
  const names: string[] = []
  let scope: 'system' | 'user' = 'system'
  let recursiveErrors: 'yes' | 'no' | 'one' | undefined
  let instance: string | undefined
  for (const word of argv) {
    if (word === '--user') scope = 'user'
    else if (word.startsWith('--recursive-errors=')) recursiveErrors = word.slice(19) as 'yes'
    else if (word.startsWith('--instance=')) instance = word.slice(11)
    else if (word.startsWith('--man=') || word.startsWith('--generators=')) continue
    else names.push(word)
  }
  if (names.length === 0) return { rc: 1, stderr: ['Too few arguments.'] }
  const answer = verify(treeReader(base, files), names, {
    scope,
    ...(recursiveErrors ? { recursiveErrors } : {}),
    man: false,
    environment,
    kernelRelease: 'K',
    hostname: 'vm',
    ...(instance ? { instance } : {}),
  })
  return { rc: answer.status, stderr: answer.lines.filter((line) => line !== '') }
}
const judge = (id: string, expected: Answer, seen: Answer): Result => ({
  id,
  pass: [expected, ...(expected.variants ?? [])].some((one) => equal(unseeded(one), unseeded(seen))),
  expected: { rc: expected.rc, stderr: expected.stderr },
  seen,
})
const content = (value: { parts: (string | [string, number])[] } | string | { b64: string }): TreeFile =>
  typeof value === 'string'
    ? value
    : 'parts' in value
      ? value.parts.map((part) => (Array.isArray(part) ? part[0].repeat(part[1]) : part)).join('')
      : value
function unitText(pkg: string, path: string): TreeFile | undefined {
  const file = corpus(join('units', pkg, path))
  return existsSync(file) ? { b64: readFileSync(file).toString('base64') } : undefined
}
const withUser = (user: boolean, more: string[]) => [...(user ? ['--user'] : []), ...more]

function* verifyUnits(): Generator<Result> {
  for (const r of lines(corpus('verify-units.jsonl'))) {
    const user = r.scope === 'user'
    const own = { [`/u/${r.unit}`]: unitText(r.pkg, r.path)! }
    if (wanted(`${r.pkg}/${r.path}`))
      yield judge(`${r.pkg}/${r.path}`, r.verify['257'], run(withUser(user, ['--recursive-errors=no', `/u/${r.unit}`]), own))
    if (!r.verify_pkg?.['257']) continue
    const files: Record<string, TreeFile> = { ...own }
    const folder = dirname(r.path)
    const scope = folder.includes('/user') ? 'user' : 'system'
    for (const sibling of r.siblings) {
      const [name, target] = Array.isArray(sibling) ? sibling : [sibling]
      const text =
        target !== undefined
          ? { symlink: target }
          : [folder, `usr/lib/systemd/${scope}`, `lib/systemd/${scope}`, `etc/systemd/${scope}`]
              .map((one) => unitText(r.pkg, join(one, name)))
              .find(Boolean)
      if (text !== undefined) files[`/u/${name}`] = text
    }
    const id = `${r.pkg}/${r.path} (with its package)`
    if (wanted(id)) yield judge(id, r.verify_pkg['257'], run(withUser(user, ['--recursive-errors=yes', `/u/${r.unit}`]), files))
  }
}
function* verifyMutated(): Generator<Result> {
  for (const r of lines(corpus('verify-mutated.jsonl'))) {
    const id = `${r.id} ${r.kind}`
    if (!wanted(id)) continue
    const files: Record<string, TreeFile> = { [`/u/${r.unit}`]: content(r.content) }
    for (const [path, text] of Object.entries(r.dropins ?? {})) files[`/u/${path}`] = content(text as string)
    const user = r.base?.[1]?.includes('/user/') ?? false
    yield judge(id, r.verify['257'], run(withUser(user, ['--recursive-errors=no', `/u/${r.unit}`]), files))
    const byDefault = r.verify_default?.['257']
    if (byDefault && byDefault !== 'same')
      yield judge(`${id} (default)`, byDefault, run(withUser(user, ['--recursive-errors=yes', `/u/${r.unit}`]), files))
  }
}
function* verifyScenarios(): Generator<Result> {
  for (const r of lines(corpus('verify-scenarios.jsonl'))) {
    const id = `${r.id} ${r.note}`
    if (!wanted(id)) continue
    const files: Record<string, TreeFile> = {}
    for (const [name, text] of Object.entries(r.files)) files[`/u/${name}`] = content(text as string)
    for (const [name, target] of Object.entries(r.symlinks ?? {})) files[`/u/${name}`] = { symlink: target as string }
    const argv = (r.argv as string[]).map((word) =>
      word === '--user'
        ? word
        : word.startsWith('!')
          ? word.slice(1)
          : !(word in r.files) && (word.startsWith('-') || word.startsWith('/'))
            ? word
            : `/u/${word}`,
    )
    yield judge(id, r.verify['257'], run(argv, files))
  }
}
const expandRun = (value: string) => value.replace(/\{(.)\*(\d+)\}/g, (_, letter, count) => letter.repeat(Number(count)))
function* directiveValues(file = 'directive-values.jsonl', more = '--recursive-errors=no'): Generator<Result> {
  const list = (
    JSON.parse(
      readFileSync(
        [corpus('directive-values-list.json'), join(process.env['UNITLAB_RECORDINGS'] ?? '.', 'corpus/directive-values-list.json')].find(
          existsSync,
        )!,
        'utf8',
      ),
    ) as string[]
  ).map(expandRun)
  for (const r of lines(corpus(file))) {
    if (!wanted(`${r.section}.${r.directive}`)) continue
    const files: Record<string, TreeFile> = {}
    const names = list.map((value, index) => {
      const rename = (text: string) => text.replaceAll('t000', `t${String(index).padStart(3, '0')}`)
      files[`/u/${rename(r.template.unit)}`] = (rename(r.template.content) as string).replaceAll('VALUE', () => value)
      for (const [name, text] of Object.entries(r.template.extra ?? {})) files[`/u/${rename(name)}`] = rename(text as string)
      return rename(r.template.unit)
    })
    const expected: string[][] = list.map(() => [])
    for (const [messages, indices] of r.bad?.['257'] ?? [])
      for (const index of indices)
        expected[index] = messages.map((line: string) =>
          expandRun(line)
            .replaceAll('{V}', () => list[index]!)
            .replace(/UNIT\/(service|socket|timer|path|mount|automount|swap|slice)\b/g, (_, type) =>
              names[index]!.replace(/\.\w+$/, `.${type}`),
            )
            .replaceAll('UNIT', names[index]!),
        )
    const known = new Set<number>([
      ...(r.ok?.['257'] ?? []),
      ...(r.bad?.['257'] ?? []).flatMap(([, indices]: [unknown, number[]]) => indices),
    ])
    const got = run([more, ...names.map((name) => `/u/${name}`)], files)
    const seen: string[][] = list.map(() => [])
    for (const line of got.stderr) {
      const number = /t(\d\d\d)\.(?:service|socket|timer|path|mount|automount|swap|slice)\b/.exec(line)?.[1]
      if (number !== undefined) seen[Number(number)]?.push(line)
    }
    for (const index of known)
      yield {
        id: `${r.section}.${r.directive}=${list[index]!.slice(0, 60)}`,
        pass: equal(expected[index], seen[index]),
        expected: expected[index],
        seen: seen[index],
      }
  }
}
function* specifiers(): Generator<Result> {
  const order = 'abBACdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY%'
  const host = new Set(['b', 'v', 'H', 'l', 'q'])
  for (const r of lines(corpus('specifiers.jsonl'))) {
    const id = `${r.unit} ${r.spec ?? (r.user ? '--user' : '')}`
    if (!wanted(id)) continue
    if (r.spec) {
      const got = run(['--recursive-errors=no', `/u/${r.unit}`], { [`/u/${r.unit}`]: `[Service]\nExecStart=/q/|${r.spec}|\n` }).stderr
      const pass = ['%b', '%v', '%H', '%l', '%q'].includes(r.spec) ? got.length === r.result['257'].length : equal(r.result['257'], got)
      yield { id, pass, expected: r.result['257'], seen: got }
      continue
    }
    const text = `[Unit]\n${[...order].map((c) => `ConditionPathExists=q:${c}:|%${c}|\n`).join('')}[Service]\nExecStart=/usr/bin/true\n`
    const seen: Record<string, string> = {}
    const others: string[] = []
    for (const line of run(withUser(r.user, ['--recursive-errors=no', `/u/${r.unit}`]), { [`/u/${r.unit}`]: text }).stderr) {
      const match = /^\/u\/.*?:\d+: ConditionPathExists= path is not absolute, ignoring: q:(.):\|(.*)\|$/.exec(line)
      if (match) seen[match[1]!] = host.has(match[1]!) ? '<HOST>' : match[2]!
      else others.push(line)
    }
    const want = Object.fromEntries(
      Object.entries(r.expand['257'] as Record<string, string>).map(([key, value]) => [key, host.has(key) ? '<HOST>' : value]),
    )
    const expected = { want: Object.entries(want).sort(), others: r.other?.['257'] ?? [] }
    yield {
      id,
      pass: equal(expected, { want: Object.entries(seen).sort(), others }),
      expected,
      seen: { want: Object.entries(seen).sort(), others },
    }
  }
}

const wanted = (id: string) => !options.only || id.includes(options.only)
const sets: Record<string, () => Generator<Result>> = {
  'verify-units': verifyUnits,
  'verify-mutated': verifyMutated,
  'verify-scenarios': verifyScenarios,
  'directive-values': () => directiveValues(),
  'directive-values-deps': () => directiveValues('directive-values-deps.jsonl', '--recursive-errors=yes'),
  specifiers,
}
for (const name of positionals.length > 0 ? positionals : Object.keys(sets)) {
  if (!existsSync(corpus(`${name}.jsonl`))) {
    console.log(`${name}: not run, no data`)
    continue
  }
  const began = process.hrtime.bigint()
  const results = [...sets[name]!()]
  const passed = results.filter((one) => one.pass).length
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  console.log(
    `${name.padEnd(22)} ${passed} of ${results.length}  ${((100 * passed) / results.length).toFixed(2)} %  (${seconds.toFixed(1)} s)`,
  )
  const short = (value: unknown) =>
    JSON.stringify(value)
      ?.replace(/(.)\1{40,}/g, (run, one) => `{${one}*${run.length}}`)
      .slice(0, 1200)
  for (const one of results.filter((result) => !result.pass).slice(0, Number(options.show))) {
    console.log(`  ✗ ${one.id.slice(0, 100)}\n      real  ${short(one.expected)}\n      ours  ${short(one.seen)}`)
  }
}
