// Same image, seed and inputs: the same machine. However its time is cut into pieces, and in a copy as in the original.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LoginSession, type Machine, bootLab } from '@/lib/machine'

function transcriptOf(machine: Machine): () => string {
  const decoder = new TextDecoder()
  let text = ''
  machine.events.listen((event) => {
    if (event.type === 'output') text += decoder.decode(event.data, { stream: true })
  })
  return () => text
}

const journal = (machine: Machine): string =>
  machine.view
    .entries()
    .map((entry) => `${entry.realtimeUsec} ${entry.unit} ${entry.message}`)
    .join('\n')
const processes = (machine: Machine): string =>
  machine.view
    .processes()
    .map((one) => `${one.pid} ${one.ppid} ${one.state} ${one.argv.join(' ')}`)
    .join('\n')

const unit =
  '[Service]\nExecStart=/bin/sh -c "echo up; sleep 3; echo down; exit 1"\nRestart=on-failure\nRestartSec=700ms\n[Install]\nWantedBy=multi-user.target\n'

function useIt(machine: Machine, pause: (usec: number) => void): void {
  machine.input({ kind: 'write-file', path: '/etc/systemd/system/flaky.service', content: unit })
  const terminal = machine.openTerminal('root', 80, 24)
  pause(3_000_000)
  machine.input({ kind: 'type', terminal, data: 'systemctl enable --now flaky; sleep 1 & jobs\r' })
  pause(9_000_000)
  machine.input({
    kind: 'type',
    terminal,
    data: 'systemctl status flaky --no-pager; journalctl -u flaky -n 5 --no-pager; ps ax | tail -3\r',
  })
  pause(5_000_000)
}

describe('determinism', () => {
  test('the same inputs give the same bytes', () => {
    const [one, other] = [bootLab(), bootLab()]
    const [first, second] = [transcriptOf(one), transcriptOf(other)]
    useIt(one, (usec) => one.advanceBy(usec))
    useIt(other, (usec) => other.advanceBy(usec))
    expect(first()).not.toBe('')
    expect(second()).toBe(first())
    expect(journal(other)).toBe(journal(one))
  })

  test('time in small pieces is the same time', () => {
    const whole = bootLab()
    const wholeText = transcriptOf(whole)
    useIt(whole, (usec) => whole.advanceBy(usec))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 12 }), (steps) => {
        const pieces = bootLab()
        const text = transcriptOf(pieces)
        useIt(pieces, (usec) => {
          const end = pieces.monotonicUsec + usec
          for (let index = 0; pieces.monotonicUsec < end; index++)
            pieces.advanceTo(Math.min(end, pieces.monotonicUsec + (steps[index % steps.length] ?? 1)))
        })
        expect(text()).toBe(wholeText())
      }),
      { numRuns: 4 },
    )
  })

  test('a copy has followed the log to the same moment, and goes its own way from there', () => {
    const machine = bootLab()
    useIt(machine, (usec) => machine.advanceBy(usec))
    const copy = machine.replica()
    expect(processes(copy)).toBe(processes(machine))
    expect(journal(copy)).toBe(journal(machine))
    const session = new LoginSession(copy, 'root')
    session.run('touch /etc/only-here')
    expect(copy.readFile('/etc/only-here')).toBeDefined()
    expect(machine.readFile('/etc/only-here')).toBeUndefined()
  })

  test('a reboot keeps the disk, loses /run, and brings enabled units back', () => {
    const machine = bootLab()
    useIt(machine, (usec) => machine.advanceBy(usec))
    machine.input({ kind: 'write-file', path: '/run/gone', content: 'x' })
    machine.restart()
    expect(machine.readFile('/run/gone')).toBeUndefined()
    expect(machine.readFile('/etc/systemd/system/flaky.service')).toBeDefined()
    expect(['active', 'activating']).toContain(machine.view.unit('flaky.service').activeState)
  })
})
