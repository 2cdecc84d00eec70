// Typing a command of the text into the terminal, visibly: the learner sees where it goes.
import type { MachineSession } from '../machine/session'
import { hasMotion, settings } from '../settings/settings'

export type TypingOutcome = 'typed' | 'busy' | 'no-machine'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function untilPrompt(session: MachineSession, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms
  while (performance.now() < deadline) {
    const row = session.terminal(session.store.getState().shownTerminal)
    if (row?.atPrompt) return true
    await pause(40)
  }
  return false
}

/** Types one command (its lines one after the other) into the shown terminal, when a shell waits there. */
export async function typeCommand(
  session: MachineSession,
  command: string,
  options: { readonly interrupt?: boolean } = {},
): Promise<TypingOutcome> {
  const { client } = session
  const row = session.terminal(session.store.getState().shownTerminal)
  if (client === undefined || row?.id === undefined || session.status !== 'running') return 'no-machine'
  if (options.interrupt) await client.input(row.id, '\x03')
  if (!(await untilPrompt(session, options.interrupt ? 3000 : 600))) return 'busy'
  const current = settings.getState()
  const visibly = current.typing && hasMotion(current)
  const lines = command.split('\n')
  document.documentElement.dataset['typing'] = ''
  try {
    for (const [index, line] of lines.entries()) {
      if (index > 0 && !(await untilPrompt(session, 10_000))) return 'busy'
      if (visibly) {
        const step = Math.min(16, 480 / Math.max(line.length, 1))
        for (const letter of line) {
          await client.input(row.id, letter)
          await pause(step)
        }
        await pause(90)
      } else await client.input(row.id, line)
      await client.input(row.id, '\r')
      if (index < lines.length - 1) await pause(60)
    }
    return 'typed'
  } finally {
    delete document.documentElement.dataset['typing']
  }
}
