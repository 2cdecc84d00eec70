#!/usr/bin/env node
// Compares Unitlab's output with recordings of the real systemd 257, case by case.
//
//   node compare.mjs [SET…] [--unitlab PATH] [--data DIR] [--show N] [--only TEXT] [--topic A,B] [--json] [--min SET[/GROUP]=RATE]…
//
// SET: see `sets` below; none = all that are present. PATH: default bin/unitlab in the working directory.
// DIR: default the folder of this file. Exit status 1 where a --min is missed, 2 where it could not run.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { normalise } from './normalise.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unitlab: { type: 'string', default: 'bin/unitlab' },
    data: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), 'recordings') },
    show: { type: 'string', default: '5' },
    only: { type: 'string' },
    topic: { type: 'string' },
    json: { type: 'boolean', default: false },
    min: { type: 'string', multiple: true, default: [] },
  },
})
const data = resolve(options.data)
const version = '257'
const environment = { PATH: '/usr/sbin:/usr/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: '/root', XDG_RUNTIME_DIR: '/run/user/0', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '', COLUMNS: '400' }
const frozen = '@1768480496'

// ---------------------------------------------------------------- reading

const corpus = (name) => join(data, 'corpus', name)
const lines = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
/** Reference tables are the same for public and other data. */
const table = (name) => [corpus(name), join(dirname(fileURLToPath(import.meta.url)), 'corpus', name)].find(existsSync)
const answer = (record) => record?.[version]
const splitLines = (text) => (text ?? '').split('\n').filter((line) => line !== '')
const content = (value) =>
  typeof value === 'string' ? value
  : value.parts ? value.parts.map((part) => (Array.isArray(part) ? part[0].repeat(part[1]) : part)).join('')
  : value
const unitText = (pkg, path) => {
  const file = corpus(join('units', pkg, path))
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { b64: bytes.toString('base64') }
}

const request = (id, argv, files = {}, extra = {}) => ({ id, tree: table(`tables/root-env-${version}.json`), cwd: '/', env: environment, now: frozen, argv, files, ...extra })

// ---------------------------------------------------------------- judging

const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b)
const judgeVerify = (expected) => (got) => {
  const seen = { rc: got.status, stderr: splitLines(got.stderr) }
  const accepted = [expected, ...(expected.variants ?? [])].map(({ rc, stderr }) => ({ rc, stderr }))
  return { pass: accepted.some((one) => equal(unseeded(one), unseeded(seen))), expected: accepted[0], seen }
}
/** systemd walks its dependency tables in an order seeded at random per process: where a cycle starts, and which of two missing units comes first, is chance. */
function unseeded({ rc, stderr }) {
  const cycle = new Set()
  const others = stderr.filter((line) => {
    const match = /^(\S+): (?:Found ordering cycle on|Found dependency on|Unable to break cycle starting with) (\S+)\/start$/.exec(line)
    if (match) cycle.add(match[2]).add(match[1])
    return !match
  })
  const missing = others.filter((line) => / Unit \S+ not found\.$/.test(line)).map((line) => line.replace(/Unit \S+ not found/, 'Unit <ONE> not found')).sort()
  const rest = others.filter((line) => !/ Unit \S+ not found\.$/.test(line))
  return { rc, stderr: rest, missing, cycle: [...cycle].sort() }
}
const judgeWhole = (expected) => (got) => {
  const seen = { rc: got.status, stdout: got.stdout ?? '', stderr: got.stderr ?? '' }
  const want = { rc: expected.rc, stdout: expected.stdout ?? '', stderr: Array.isArray(expected.stderr) ? expected.stderr.map((line) => `${line}\n`).join('') : expected.stderr ?? '' }
  return { pass: equal(want, seen), expected: want, seen }
}

// ---------------------------------------------------------------- the sets

const verifyArgv = (user, more, ...names) => ['systemd-analyze', ...(user ? ['--user'] : []), 'verify', '--man=no', '--generators=no', ...more, ...names]

function* verifyUnits() {
  for (const r of lines(corpus('verify-units.jsonl'))) {
    const id = `${r.pkg}/${r.path}`
    const user = r.scope === 'user'
    const own = { [`/u/${r.unit}`]: unitText(r.pkg, r.path) }
    yield { request: request(id, verifyArgv(user, ['--recursive-errors=no'], `/u/${r.unit}`), own), judge: judgeVerify(answer(r.verify)) }
    if (!answer(r.verify_pkg)) continue
    const folder = dirname(r.path)
    const files = { ...own }
    for (const sibling of r.siblings) {
      const [name, target] = Array.isArray(sibling) ? sibling : [sibling]
      const text = target === undefined ? findSibling(r.pkg, folder, name) : { symlink: target }
      if (text !== undefined) files[`/u/${name}`] = text
    }
    yield { request: request(`${id} (with its package)`, verifyArgv(user, [], `/u/${r.unit}`), files), judge: judgeVerify(answer(r.verify_pkg)) }
  }
}
function findSibling(pkg, folder, name) {
  const scope = folder.includes('/user') ? 'user' : 'system'
  for (const base of [folder, `usr/lib/systemd/${scope}`, `lib/systemd/${scope}`, `etc/systemd/${scope}`]) {
    const text = unitText(pkg, join(base, name))
    if (text !== undefined) return text
  }
  return undefined
}

function* verifyMutated() {
  for (const r of lines(corpus('verify-mutated.jsonl'))) {
    const files = { [`/u/${r.unit}`]: content(r.content) }
    for (const [path, text] of Object.entries(r.dropins ?? {})) files[`/u/${path}`] = content(text)
    const user = r.base?.[1]?.includes('/user/') ?? false
    yield { request: request(`${r.id} ${r.kind}`, verifyArgv(user, ['--recursive-errors=no'], `/u/${r.unit}`), files), judge: judgeVerify(answer(r.verify)) }
    const byDefault = answer(r.verify_default)
    if (byDefault && byDefault !== 'same')
      yield { request: request(`${r.id} ${r.kind} (default)`, verifyArgv(user, [], `/u/${r.unit}`), files), judge: judgeVerify(byDefault) }
  }
}

function* verifyScenarios() {
  for (const r of lines(corpus('verify-scenarios.jsonl'))) {
    const files = {}
    for (const [name, text] of Object.entries(r.files)) files[`/u/${name}`] = content(text)
    for (const [name, target] of Object.entries(r.symlinks ?? {})) files[`/u/${name}`] = { symlink: target }
    const user = r.argv.includes('--user')
    const argv = r.argv.filter((word) => word !== '--user').map((word) => (word.startsWith('!') ? word.slice(1) : !(word in r.files) && (word.startsWith('-') || word.startsWith('/')) ? word : `/u/${word}`))
    const expected = answer(r.verify)
    yield { request: request(`${r.id} ${r.note}`, verifyArgv(user, argv), files), judge: judgeVerify(expected) }
  }
}

const expandRun = (value) => value.replace(/\{(.)\*(\d+)\}/g, (_, letter, count) => letter.repeat(Number(count)))
function* directiveValues(file = 'directive-values.jsonl', more = ['--recursive-errors=no']) {
  const list = JSON.parse(readFileSync(corpus('directive-values-list.json'), 'utf8')).map(expandRun)
  for (const r of lines(corpus(file))) {
    const files = {}
    const names = list.map((value, index) => {
      const number = `t${String(index).padStart(3, '0')}`
      const rename = (text) => text.replaceAll('t000', number)
      files[`/u/${rename(r.template.unit)}`] = r.template.content.replaceAll('t000', number).replaceAll('VALUE', () => value)
      for (const [name, text] of Object.entries(r.template.extra ?? {})) files[`/u/${rename(name)}`] = rename(text)
      return rename(r.template.unit)
    })
    const wanted = list.map(() => [])
    for (const [messages, indices] of answer(r.bad) ?? [])
      for (const index of indices)
        wanted[index] = messages.map((line) => expandRun(line).replaceAll('{V}', () => list[index]).replace(/UNIT\/(service|socket|timer|path|mount|automount|swap|slice)\b/g, (_, type) => names[index].replace(/\.\w+$/, `.${type}`)).replaceAll('UNIT', names[index]))
    const known = new Set([...(answer(r.ok) ?? []), ...(answer(r.bad) ?? []).flatMap(([, indices]) => indices)])
    yield {
      request: request(`${r.section}.${r.directive}`, verifyArgv(false, more, ...names.map((name) => `/u/${name}`)), files),
      judgeMany: (got) => {
        const seen = list.map(() => [])
        for (const line of splitLines(got.stderr)) {
          const number = /t(\d\d\d)\.(?:service|socket|timer|path|mount|automount|swap|slice)\b/.exec(line)?.[1]
          if (number !== undefined && seen[Number(number)]) seen[Number(number)].push(line)
        }
        return [...known].map((index) => ({ group: wanted[index].length > 0 ? 'values that are refused or warned of' : 'values that pass', id: `${r.section}.${r.directive}=${list[index].slice(0, 60)}`, pass: equal(wanted[index], seen[index]), expected: wanted[index], seen: seen[index] }))
      },
    }
  }
}

function judgeSecurity(expected, rowsOf) {
  return (got, plain) => {
    if (expected.stdout !== undefined || expected.rows === undefined)
      return { pass: got.status === expected.rc && equal(expected.stderr ?? [], splitLines(got.stderr)), expected: { rc: expected.rc, stderr: expected.stderr }, seen: { rc: got.status, stderr: splitLines(got.stderr) } }
    let seenRows
    try { seenRows = JSON.parse(got.stdout) } catch { seenRows = got.stdout }
    const wantRows = expected.rows.map((index) => rowsOf[index])
    const overall = /Overall exposure level for (\S+): ([\d.]+) (\w+)/.exec(plain?.stdout ?? '')
    const ordered = (row) => ({ name: row.name, json_field: row.json_field, set: row.set, description: row.description, exposure: row.exposure })
    const want = { rows: wantRows.map(ordered), overall: expected.overall, rating: expected.rating }
    const seen = { rows: Array.isArray(seenRows) ? seenRows.map(ordered) : seenRows, overall: overall?.[2], rating: overall?.[3] }
    const pass = equal(want, seen) && got.status === expected.rc && equal(expected.stderr ?? [], splitLines(got.stderr))
    if (pass || !Array.isArray(seenRows)) return { pass, expected: want, seen: { ...seen, rows: seenRows } }
    const differing = want.rows.map((row, index) => (equal(row, seen.rows[index]) ? undefined : [row, seen.rows[index]])).filter(Boolean).slice(0, 4)
    return { pass, expected: { overall: want.overall, rating: want.rating, rows: differing.map(([row]) => row) }, seen: { overall: seen.overall, rating: seen.rating, rows: differing.map(([, row]) => row) } }
  }
}
function* security(file) {
  const rows = JSON.parse(readFileSync(corpus('security-rows.json'), 'utf8'))[version]
  for (const r of lines(corpus(file))) {
    const expected = answer(r.security)
    if (!expected) continue
    const text = r.content !== undefined ? content(r.content) : unitText(r.pkg, r.path)
    const scope = r.scope === 'user' ? ['--user'] : []
    const id = r.pkg ? `${r.pkg}/${r.path}` : `${r.id} ${r.unit}`
    const base = ['systemd-analyze', ...scope, 'security', '--offline=true']
    yield {
      request: request(id, [...base, '--json=short', `/u/${r.unit}`], { [`/u/${r.unit}`]: text }),
      second: request(`${id} (plain)`, [...base, '--no-pager', `/u/${r.unit}`], { [`/u/${r.unit}`]: text }),
      judge: judgeSecurity(expected, rows),
    }
  }
}
function* securityOptions() {
  for (const [index, r] of lines(corpus('security-options.jsonl')).entries()) {
    const files = Object.fromEntries(Object.entries(r.files).map(([name, text]) => [`/u/${name}`, content(text)]))
    yield { request: request(`${index} ${r.kind} ${r.argv.join(' ')}`, ['systemd-analyze', 'security', '--offline=true', '--no-pager', ...r.argv], files), judge: judgeWhole(answer(r.result)) }
  }
}

function* whole(file, make) {
  for (const r of lines(corpus(file))) {
    const expected = answer(r.result)
    if (expected) yield { request: make(r), judge: judgeWhole(expected) }
  }
}
const zone = (tz) => ({ env: { ...environment, TZ: tz ?? 'UTC' } })
const conditionFiles = {
  '/u/c/empty': { directory: true }, '/u/c/full/a': 'x\n', '/u/c/.hid': { directory: true }, '/u/c/file0': '', '/u/c/file1': 'x\n', '/u/c/exe': { content: '\u007fELF', mode: '0755' },
  '/u/c/link': { symlink: '/u/c/file1' }, '/u/c/dangling': { symlink: '/nonexistent' }, '/u/c/hidonly/.x': '', '/u/c/fifo': { fifo: true }, '/u/c/sp ace': { directory: true }, '/u/c/50%': '',
}

function* specifiers() {
  const order = 'abBACdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY%'
  for (const r of lines(corpus('specifiers.jsonl'))) {
    if (r.spec) {
      const expected = answer(r.result)
      yield {
        request: request(`${r.unit} ${r.spec}`, verifyArgv(false, ['--recursive-errors=no'], `/u/${r.unit}`), { [`/u/${r.unit}`]: `[Service]\nExecStart=/q/|${r.spec}|\n` }),
        judge: (got) => scrubbed(expected, splitLines(got.stderr), r.spec),
      }
      continue
    }
    const text = `[Unit]\n${[...order].map((c) => `ConditionPathExists=q:${c}:|%${c}|\n`).join('')}[Service]\nExecStart=/usr/bin/true\n`
    const expected = answer(r.expand)
    yield {
      request: request(`${r.unit}${r.user ? ' --user' : ''}`, verifyArgv(r.user, ['--recursive-errors=no'], `/u/${r.unit}`), { [`/u/${r.unit}`]: text }),
      judge: (got) => {
        const seen = {}
        const others = []
        for (const line of splitLines(got.stderr)) {
          const match = /^\/u\/.*?:\d+: ConditionPathExists= path is not absolute, ignoring: q:(.):\|(.*)\|$/.exec(line)
          if (match) seen[match[1]] = ['b', 'v', 'H', 'l', 'q'].includes(match[1]) ? '<HOST>' : match[2]
          else others.push(line)
        }
        const want = Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, ['b', 'v', 'H', 'l', 'q'].includes(key) ? '<HOST>' : value]))
        return { pass: equal(Object.entries(want).sort(), Object.entries(seen).sort()) && equal(answer(r.other) ?? [], others), expected: { ...want, others: answer(r.other) }, seen: { ...seen, others } }
      },
    }
  }
}
/** Facts of the machine that was recorded (boot id, kernel, host name) cannot be asked of another. */
const scrubbed = (want, seen, spec) => {
  const host = ['%b', '%v', '%H', '%l', '%q'].includes(spec)
  return { pass: host ? want.length === seen.length : equal(want, seen), expected: want, seen }
}

// ---------------------------------------------------------------- matrix and transcripts

const matrixFile = () => ['cases-public.jsonl', 'cases-held_out.jsonl'].map((name) => join(data, 'matrix', name)).find(existsSync)
/** What each action came to: the baseline of the same user with the case's differences laid over it. */
function matrixResult(one, baselines) {
  if (one.result !== undefined) return one.result
  const base = baselines.get(one.base)
  if (one.diff['*'] !== undefined) return Object.fromEntries(Object.keys(base).map((action) => [action, one.diff['*']]))
  return { ...base, ...one.diff }
}
async function matrix(report) {
  const cases = lines(matrixFile()).filter((one) => !options.only || `${one.id} ${one.directive ?? ''}`.includes(options.only))
  const baselines = new Map(lines(matrixFile()).filter((one) => one.kind === 'baseline').map((one) => [one.id, one.result]))
  const answers = await stream(['probe'], cases.map(({ id, unit }) => ({ id, unit })))
  for (const one of cases) {
    const got = answers.get(one.id)
    const name = `${one.id} ${one.directive ?? one.kind} (${one.user})`
    for (const [action, want] of Object.entries(matrixResult(one, baselines) ?? {})) {
      const seen = got?.result?.[action]
      // Most cells are as without the directive; counting them would flatter. Count those that change, there or here.
      const plain = one.diff === undefined ? undefined : baselines.get(one.base)[action]
      if (plain !== undefined && want === plain && seen === plain) continue
      report({ id: `${name}: ${action}`, group: one.kind, pass: want === null ? got?.result !== undefined && (seen === null || seen === undefined) : seen === want, expected: want, seen: seen ?? got?.error })
    }
    const keys = Object.keys(one.exit ?? {})
    const seen = Object.fromEntries(keys.map((key) => [key, `${got?.exit?.[key]}`]))
    const want = Object.fromEntries(keys.map((key) => [key, `${one.exit[key]}`]))
    report({ id: `${name}: exit`, group: `${one.kind} (exit status)`, pass: equal(want, seen), expected: want, seen })
  }
}

async function transcripts(report) {
  const folder = join(data, 'transcripts')
  const temporary = mkdtempSync(join(tmpdir(), 'unitlab-'))
  try {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json')).sort()) {
      if (options.only && !name.includes(options.only)) continue
      const recorded = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      if (options.topic && !options.topic.split(',').includes(recorded.topic)) continue
      const first = Date.parse(recorded.steps.find((step) => step.start)?.start)
      const steps = recorded.scenario.steps.map((step, index) => {
        const { start, tty } = recorded.steps[index] ?? {}
        const twice = tty !== undefined && (step.mode ?? 'pipe') === 'pipe'
        return { ...step, ...(step.reboot ? {} : { tty: twice }), ...(start === undefined ? {} : { at: (Date.parse(start) - first) / 1000 }) }
      })
      const file = join(temporary, name)
      writeFileSync(file, JSON.stringify({ id: recorded.id, title: recorded.title, start: new Date(first).toISOString(), booted: -212, files: recorded.scenario.files, steps }))
      const run = await output(['run', file])
      let transcript
      try { transcript = JSON.parse(run.stdout.trim().split('\n').at(-1)) } catch { transcript = { steps: [], error: run.stderr.slice(0, 300) || 'no transcript' } }
      for (const [index, want] of recorded.steps.entries()) {
        if (want.reboot) continue
        const got = transcript.steps[index] ?? {}
        const parts = ['stdout', 'stderr', 'tty'].filter((key) => want[key] !== undefined)
        const clean = (text) => normalise(text, { loops: want.loops === true })
        const expected = { exit: want.exit, ...Object.fromEntries(parts.map((key) => [key, clean(want[key])])) }
        const seen = { exit: got.exit, ...Object.fromEntries(parts.map((key) => [key, clean(got[key])])) }
        const plain = ({ tty, ...rest }) => rest
        if (!want.unstable) report({ id: `${recorded.id}[${index}] ${want.run}`, group: recorded.topic, telling: want.exit !== 0 || Boolean(want.stdout || want.stderr), pass: equal(plain(expected), plain(seen)), expected: plain(expected), seen: transcript.error ? transcript.error : plain(seen) })
        if (expected.tty !== undefined && !want.unstableTerminal) report({ id: `${recorded.id}[${index}] ${want.run} (on a terminal)`, group: `${recorded.topic} (terminal)`, pass: equal(expected.tty, seen.tty), expected: expected.tty, seen: seen.tty })
      }
    }
  } finally { rmSync(temporary, { recursive: true, force: true }) }
}

// ---------------------------------------------------------------- running

const sets = {
  'verify-units': () => batch(verifyUnits()),
  'verify-mutated': () => batch(verifyMutated()),
  'verify-scenarios': () => batch(verifyScenarios()),
  'directive-values': () => batch(directiveValues()),
  'directive-values-deps': () => batch(directiveValues('directive-values-deps.jsonl', ['--recursive-errors=yes'])),
  specifiers: () => batch(specifiers()),
  escape: () => batch(whole('escape.jsonl', (r) => request(r.argv.join(' '), r.argv))),
  'security-units': () => batch(security('security-units.jsonl')),
  'security-hardened': () => batch(security('security-hardened.jsonl')),
  'security-options': () => batch(securityOptions()),
  calendar: () => batch(whole('calendar.jsonl', (r) => request(`${r.expr} [${r.tz}] ${r.base}`, ['systemd-analyze', 'calendar', '--iterations=5', `--base-time=${r.base}`, '--', r.expr], {}, { ...zone(r.tz), now: r.now ? `@${r.now}` : frozen }))),
  timespan: () => batch(whole('timespan.jsonl', (r) => request(r.expr, ['systemd-analyze', 'timespan', '--', r.expr]))),
  timestamp: () => batch(whole('timestamp.jsonl', (r) => request(`${r.expr} [${r.tz}]`, ['systemd-analyze', 'timestamp', '--', r.expr], {}, { ...zone(r.tz), now: r.now ? `@${r.now}` : frozen }))),
  condition: () => batch(whole('condition.jsonl', (r) => request(r.argv.join(' '), ['systemd-analyze', 'condition', '--', ...r.argv], conditionFiles))),
  lookups: () => batch(whole('lookups.jsonl', (r) => request(r.argv.join(' '), r.argv))),
  matrix: () => collect(matrix),
  transcripts: () => collect(transcripts),
}
const present = {
  ...Object.fromEntries(Object.keys(sets).map((name) => [name, () => existsSync(corpus(`${name}.jsonl`))])),
  matrix: () => matrixFile() !== undefined,
  transcripts: () => existsSync(join(data, 'transcripts')),
}

async function batch(cases) {
  const all = [...cases].filter((one) => !options.only || one.request.id.includes(options.only))
  const requests = all.flatMap((one, index) => [{ ...one.request, id: `${index}` }, ...(one.second ? [{ ...one.second, id: `${index}+` }] : [])])
  const answers = await stream(['batch'], requests)
  const results = []
  for (const [index, one] of all.entries()) {
    const got = answers.get(`${index}`) ?? { error: 'no answer' }
    if (one.judgeMany) results.push(...one.judgeMany(got).map((result) => (got.error ? { ...result, pass: false, seen: got.error } : result)))
    else results.push({ id: one.request.id, ...(got.error ? { pass: false, expected: undefined, seen: got.error } : one.judge(got, answers.get(`${index}+`))) })
  }
  return results
}
async function collect(run) {
  const results = []
  await run((result) => results.push(result))
  return results
}
function stream(argv, requests) {
  return new Promise((done, fail) => {
    const child = spawn(resolve(options.unitlab), argv, { stdio: ['pipe', 'pipe', 'inherit'] })
    const answers = new Map()
    let rest = ''
    child.on('error', fail)
    child.stdin.on('error', () => {})
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop()
      for (const line of parts) {
        if (!line) continue
        try { const got = JSON.parse(line); answers.set(`${got.id}`, got) } catch { console.error(`not an answer: ${line.slice(0, 200)}`) }
      }
    })
    child.on('close', () => done(answers))
    const ended = new Promise((ready) => child.once('close', ready))
    void (async () => {
      for (const one of requests) if (!child.stdin.write(`${JSON.stringify(one)}\n`)) await Promise.race([ended, new Promise((ready) => child.stdin.once('drain', ready))])
      child.stdin.end()
    })()
  })
}
function output(argv) {
  return new Promise((done, fail) => {
    const child = spawn(resolve(options.unitlab), argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    const seen = { stdout: '', stderr: '' }
    child.on('error', fail)
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (chunk) => { seen[name] += chunk })
    child.on('close', () => done(seen))
  })
}

const wanted = positionals.length > 0 ? positionals : Object.keys(sets).filter((name) => present[name]())
const unknown = wanted.find((name) => !(name in sets))
if (unknown || !existsSync(resolve(options.unitlab))) {
  console.error(unknown ? `no set named ${unknown}; there are: ${Object.keys(sets).join(' ')}` : `${options.unitlab} is not there (--unitlab PATH)`)
  process.exit(2)
}
const minimum = Object.fromEntries(options.min.map((text) => text.split('=')).map(([name, rate]) => [name, Number(rate)]))
const summary = []
for (const name of wanted) {
  if (!present[name]()) { console.error(`${name}: no data here`); continue }
  const results = await sets[name]()
  const passed = results.filter((one) => one.pass).length
  const rate = results.length === 0 ? 0 : (100 * passed) / results.length
  const groups = {}
  for (const one of results) if (one.group) { const group = (groups[one.group] ??= [0, 0]); group[1]++; if (one.pass) group[0]++ }
  const telling = results.filter((one) => one.telling !== false)
  summary.push({ set: name, passed, cases: results.length, rate: Number(rate.toFixed(2)), telling: [telling.filter((one) => one.pass).length, telling.length], groups })
  if (options.json) continue
  console.log(`${name.padEnd(22)} ${String(passed).padStart(6)} of ${String(results.length).padStart(6)}  ${rate.toFixed(2)} %${telling.length < results.length ? `  (of steps that print or fail: ${telling.filter((one) => one.pass).length} of ${telling.length})` : ''}`)
  for (const [group, [ok, all]] of Object.entries(groups).sort()) console.log(`    ${group.padEnd(28)} ${ok} of ${all}`)
  for (const one of results.filter((result) => !result.pass).slice(0, Number(options.show))) {
    console.log(`  ✗ ${one.id}`)
    console.log(`      real  ${JSON.stringify(one.expected)?.slice(0, 1500)}`)
    console.log(`      ours  ${JSON.stringify(one.seen)?.slice(0, 1500)}`)
  }
}
if (options.json) console.log(JSON.stringify(summary))
const rates = Object.fromEntries(summary.flatMap(({ set, rate, groups }) => [[set, rate], ...Object.entries(groups).map(([group, [ok, all]]) => [`${set}/${group}`, (100 * ok) / all])]))
const missed = Object.entries(minimum).filter(([name, rate]) => (rates[name] ?? 0) < rate)
if (missed.length > 0) {
  console.error(missed.map(([name, rate]) => `${name}: ${(rates[name] ?? 0).toFixed(2)} % is below ${rate} %`).join('\n'))
  process.exit(1)
}
