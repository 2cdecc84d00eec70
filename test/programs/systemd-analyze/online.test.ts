// The verbs that ask the manager of a booted lab machine.
import { describe, expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { HostOutput, isErrno } from '@/lib/kernel'
import { Lab } from '../../systemd/manager/lab'

const lab = new Lab()

type Answer = { readonly status: number; readonly stdout: string; readonly stderr: string }

function analyze(...args: readonly string[]): Answer {
  const { kernel } = lab.machine
  let [stdout, stderr] = ['', '']
  const task = kernel.start({
    path: '/usr/bin/systemd-analyze',
    argv: ['systemd-analyze', ...args],
    env: { PATH: '/usr/bin', LANG: 'C.UTF-8' },
    files: [
      undefined,
      new HostOutput((bytes) => void (stdout += decodeUtf8(bytes))),
      new HostOutput((bytes) => void (stderr += decodeUtf8(bytes))),
    ],
  })
  if (isErrno(task)) throw new Error(task.message)
  const until = kernel.clock.monotonicUsec + 60_000_000
  while (task.exitResult === undefined && kernel.clock.monotonicUsec < until) kernel.run({ untilUsec: until, steps: 100_000 })
  const result = task.exitResult
  if (result === undefined) throw new Error('systemd-analyze did not end')
  return { status: 'status' in result ? result.status : -1, stdout, stderr }
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n')

describe('the boot', () => {
  test('time names the target', () => {
    expect(analyze().stdout).toMatch(
      /^Startup finished in \d+\S* \(kernel\) \+ \d+\S* \(userspace\) = \d+\S* \ngraphical\.target reached after \d+\S* in userspace\.\n$/,
    )
  })

  test('the chain of the default target goes back to the root slice', () => {
    const chain = lines(analyze('critical-chain').stdout)
    expect(chain[3]).toMatch(/^graphical\.target @\d+/)
    expect(chain[4]).toMatch(/^└─multi-user\.target @\d+/)
    expect(chain.some((line) => /└─-\.slice @/.test(line))).toBe(true)
    expect(chain.some((line) => /-\.mount @/.test(line))).toBe(true)
  })

  test('blame: longest first', () => {
    const rows = lines(analyze('blame').stdout)
    expect(rows.some((row) => row.endsWith(' systemd-journald.service'))).toBe(true)
    const span = rows.map((row) => Number(/^\s*(\d+)ms /.exec(row)?.[1] ?? 0))
    expect(span).toEqual([...span].sort((a, b) => b - a))
  })

  test('plot: a row for each unit that started', () => {
    const { stdout } = analyze('plot', '--json=short')
    const units = JSON.parse(stdout) as readonly { readonly name: string; readonly activating: number }[]
    expect(units.map(({ name }) => name)).toContain('cron.service')
    expect(units.map(({ activating }) => activating)).toEqual(units.map(({ activating }) => activating).sort((a, b) => a - b))
    expect(lines(analyze('plot', '--table', '--no-legend').stdout)).toHaveLength(units.length)
    const svg = analyze('plot', '--scale-svg=100').stdout
    expect(svg).toMatch(/^<\?xml [\s\S]*<\/svg>\n$/)
    expect(svg).toContain('>multi-user.target</text>')
  })
})

describe('units', () => {
  test('dot: edges of a unit', () => {
    const { stdout, stderr } = analyze('dot', 'cron.service', '--require')
    expect(stdout).toContain('\t"cron.service"->"sysinit.target" [color="black"];\n')
    expect(stdout).toContain('\t"multi-user.target"->"cron.service" [color="grey66"];\n')
    expect(stdout).not.toContain('green')
    expect(stderr).toContain('Color legend: black     = Requires')
  })

  test('dump of a pattern', () => {
    const { stdout } = analyze('dump', 'cron.service')
    expect(stdout).toContain('→ Unit cron.service:\n\tDescription: Regular background program processing daemon\n\tInstance: n/a\n')
    expect(stdout).toContain('\tCGroup realized mask: memory pids bpf-firewall bpf-devices\n\tCGroup own mask: memory pids\n')
    expect(stdout.match(/→ Unit /g)).toHaveLength(1)
    expect(analyze('dump', 'nosuch*').stdout).toBe('')
  })

  test('what the loaded security settings come to', () => {
    const rows = lines(analyze('security').stdout).map((line) => line.split(/\s+/).slice(0, 3).join(' '))
    expect(rows).toContain('cron.service 9.6 UNSAFE')
    expect(rows).toContain('systemd-hostnamed.service 1.7 OK')
    expect(rows).toContain('systemd-journald.service 4.9 OK')
    expect(rows).toContain('systemd-logind.service 2.8 OK')
    expect(rows).toContain('systemd-udevd.service 7.1 MEDIUM')
  })

  test('a unit that is not there', () => {
    const { status, stderr } = analyze('security', 'nosuch.service')
    expect([status, stderr]).toEqual([1, 'Unit nosuch.service not found, cannot analyze.\n'])
  })
})

test('the log level and where it goes', () => {
  expect(analyze('log-level').stdout).toBe('info\n')
  expect(analyze('log-level', 'debug').status).toBe(0)
  expect(analyze('log-level').stdout).toBe('debug\n')
  expect(analyze('log-level', 'info').status).toBe(0)
  expect(analyze('log-target').stdout).toBe('journal-or-kmsg\n')
})
