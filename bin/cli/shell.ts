// unitlab shell: a booted lab machine in this terminal; Ctrl-D at the prompt ends it.
import { bootLab } from '@/lib/machine'

const TICK_MS = 8

export function shell(args: readonly string[]): Promise<number> {
  const user = args.includes('--learner') ? 'learner' : 'root'
  const machine = bootLab({ bootUsec: (Math.floor(Date.now() / 1000) - 60) * 1_000_000 })
  const { stdin, stdout } = process
  return new Promise((done) => {
    let last = performance.now()
    const terminal = machine.openTerminal(user, stdout.columns || 80, stdout.rows || 24)
    const end = (): void => {
      clearInterval(timer)
      stdin.setRawMode?.(false)
      stdin.pause()
      done(0)
    }
    machine.events.listen((event) => {
      if (event.type === 'output' && event.terminal === terminal) stdout.write(event.data)
      if ((event.type === 'terminal-closed' && event.terminal === terminal) || event.type === 'off' || event.type === 'rebooted') end()
    })
    stdin.setRawMode?.(true)
    stdin.on('data', (bytes: Buffer) => {
      machine.input({ kind: 'type', terminal, data: bytes.toString('utf8') })
      machine.advanceBy(1)
    })
    stdin.on('end', end)
    stdout.on('resize', () => machine.input({ kind: 'resize', terminal, columns: stdout.columns, rows: stdout.rows }))
    const timer = setInterval(() => {
      const now = performance.now()
      machine.advanceBy(Math.min(now - last, 200) * 1000)
      last = now
    }, TICK_MS)
  })
}
