// unitlab run FILE…: boots the lab machine for each scenario, plays it, prints its transcript as one line of JSON.
import { readFileSync } from 'node:fs'
import { bootLab, LoginSession, type Machine, type SessionUser } from '@/lib/machine'

type Step =
  | { readonly reboot: true; readonly wait_ms?: number }
  | {
      readonly reboot?: false
      readonly run: string
      readonly as?: SessionUser
      readonly at?: number
      readonly wait_ms?: number
      readonly timeout?: number
      readonly mode?: 'pipe' | 'tty'
      readonly keys?: readonly (readonly [number, string])[]
      readonly tty?: boolean
    }
type Scenario = {
  readonly id: string
  readonly title?: string
  readonly start: string
  readonly booted?: number
  readonly files?: readonly {
    readonly path: string
    readonly mode?: string
    readonly owner?: string
    readonly content: string | readonly string[]
  }[]
  readonly steps: readonly Step[]
}

const SECOND = 1_000_000

class Stage {
  readonly machine: Machine
  private readonly startUsec: number
  private readonly sessions = new Map<SessionUser, LoginSession>()
  private notBeforeUsec: number

  constructor(scenario: Scenario) {
    this.startUsec = Date.parse(scenario.start) * 1000
    this.machine = bootLab({ bootUsec: this.startUsec + (scenario.booted ?? -212) * SECOND })
    // Root was on the recorded machine before, to prepare it.
    new LoginSession(this.machine, 'root').close()
    this.session('root')
    this.moveTo(this.startUsec)
    this.notBeforeUsec = this.startUsec
    for (const { path, mode, owner, content } of scenario.files ?? [])
      this.machine.input({
        kind: 'write-file',
        path,
        content: typeof content === 'string' ? content : `${content.join('\n')}\n`,
        mode: Number.parseInt(mode ?? '0644', 8),
        ...(owner === undefined ? {} : { owner }),
      })
  }

  session(user: SessionUser): LoginSession {
    const known = this.sessions.get(user)
    if (known?.alive) return known
    const fresh = new LoginSession(this.machine, user)
    this.sessions.set(user, fresh)
    return fresh
  }

  private moveTo(realtimeUsec: number): void {
    const wait = realtimeUsec - this.machine.realtimeUsec
    if (wait > 0) this.machine.advanceBy(wait)
  }

  play(step: Step): Record<string, unknown> {
    if (step.reboot) {
      for (const session of this.sessions.values()) session.close()
      this.sessions.clear()
      this.machine.restart()
      this.session('root')
      this.notBeforeUsec = this.machine.realtimeUsec + (step.wait_ms ?? 0) * 1000
      return { reboot: true }
    }
    const user = step.as ?? 'root'
    const session = this.session(user)
    this.moveTo(step.at === undefined ? this.notBeforeUsec : this.startUsec + step.at * SECOND)
    const start = new Date(this.machine.realtimeUsec / 1000).toISOString()
    let result: Record<string, unknown>
    if (step.mode === 'tty') {
      const { tty, exit, seconds, timedOut } = session.runOnTerminal(step.run, step.timeout, step.keys)
      result = { tty, ...(exit === undefined ? {} : { exit }), seconds, ...(timedOut ? { timed_out: true } : {}) }
    } else {
      const { stdout, stderr, exit, seconds, timedOut, terminal } = session.run(step.run, step.timeout)
      result = {
        stdout,
        stderr,
        ...(exit === undefined ? {} : { exit }),
        seconds,
        ...(timedOut ? { timed_out: true } : {}),
        ...(terminal === '' ? {} : { terminal }),
      }
      if (step.tty && !timedOut && session.alive) result.tty = session.runOnTerminal(step.run, step.timeout).tty
    }
    if (!session.alive) result.session_ended = true
    this.notBeforeUsec = this.machine.realtimeUsec + (step.wait_ms ?? 0) * 1000
    return { run: step.run, as: user, start, ...result }
  }
}

export function run(paths: readonly string[]): number {
  if (paths.length === 0) {
    process.stderr.write('usage: unitlab run FILE…\n')
    return 2
  }
  for (const path of paths) {
    const scenario = JSON.parse(readFileSync(path, 'utf8')) as Scenario
    const stage = new Stage(scenario)
    const steps = scenario.steps.map((step) => stage.play(step))
    process.stdout.write(`${JSON.stringify({ id: scenario.id, title: scenario.title, steps })}\n`)
  }
  return 0
}
