// Keystroke → diagnostics on a unit of 200 lines: `npx tsx test/language/bench.ts`.
import { createUnitLanguage } from '@/lib/language'
import { directivesOf } from '@/lib/systemd/directives'
import { NOW_USEC, SERVICE, SYSTEM, treeReader } from './tree'

const VALUES: Readonly<Record<string, string>> = {
  BOOLEAN: 'yes',
  SECONDS: '30s',
  STRING: 'some words',
  PATH: '/usr/bin/true',
  'PATH [ARGUMENT [...]]': '/usr/bin/web --port 80 "${A}" %n',
  MODE: '0755',
  SIGNAL: 'SIGTERM',
}

function bigUnit(): string {
  const lines = [
    '[Unit]',
    'Description=A long one',
    'After=network.target a.service b.service',
    'Requires=a.service',
    '',
    '[Service]',
    'Type=oneshot',
  ]
  for (const row of directivesOf('Service').values()) {
    if (lines.length >= 190) break
    const value = VALUES[row.parser.placeholder] ?? row.parser.values?.[0]
    if (value !== undefined && !row.removed) lines.push(`${row.name}=${value}`)
  }
  while (lines.length < 196) lines.push(`Environment=NAME_${lines.length}=value`)
  lines.push('', '[Install]', 'WantedBy=multi-user.target', '')
  return lines.join('\n')
}

const WARM = 300

export function measure(rounds: number): {
  readonly lines: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly calm99: number
  readonly calm: number
  readonly found: number
} {
  const others = Object.fromEntries(
    Array.from({ length: 40 }, (_one, index) => [
      `/etc/systemd/system/own-${index}.service`,
      `[Unit]\nAfter=own-${index + 1}.service\n[Service]\nExecStart=/usr/bin/sleep 1\n`,
    ]),
  )
  const reader = treeReader({
    ...SYSTEM,
    ...others,
    '/etc/systemd/system/a.service': '[Unit]\nBefore=b.service\n[Service]\nExecStart=/usr/bin/true\n',
    '/etc/systemd/system/b.service': '[Service]\nExecStart=/usr/bin/true\n',
  })
  const language = createUnitLanguage({ reader, facts: { nowUsec: NOW_USEC } })
  const text = bigUnit()
  const times: number[] = []
  /** Of rounds in which no other program took the processor. */
  const calm: number[] = []
  let found = 0
  for (let round = 0; round < rounds; round++) {
    const at = (round * 37) % text.length
    const typed = `${text.slice(0, at)}x${text.slice(at)}`
    const before = process.resourceUsage().involuntaryContextSwitches
    const start = performance.now()
    found += language.diagnostics(SERVICE, typed).length
    const took = performance.now() - start
    times.push(took)
    if (round > WARM && process.resourceUsage().involuntaryContextSwitches === before) calm.push(took)
  }
  times.splice(0, WARM)
  for (const list of [times, calm]) list.sort((a, b) => a - b)
  const at = (share: number, list = times) => list[Math.min(list.length - 1, Math.floor(list.length * share))]!
  return { lines: text.split('\n').length - 1, p50: at(0.5), p99: at(0.99), max: at(1), calm99: at(0.99, calm), calm: calm.length, found }
}

if (process.argv[1]?.endsWith('bench.ts')) {
  const { lines, p50, p99, max, calm99, calm, found } = measure(1500)
  console.log(
    `${lines} lines: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(2)} ms, p99 of ${calm} undisturbed rounds ${calm99.toFixed(2)} ms (${found} findings)`,
  )
}
