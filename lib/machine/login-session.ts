// A login shell driven from outside, a command at a time: what scenario runs, exercise steps and checks type into.
// The shell tells through a file that a command ended and how; its terminal makes no echo and shows no prompt.
import { decodeUtf8, USEC_PER_SEC, type Usec } from '@/lib/base'
import { QUANTUM_USEC, type SessionUser } from './input-log'
import type { Machine } from './machine'

export type PipeResult = {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number | undefined
  readonly seconds: number
  readonly timedOut: boolean
  readonly terminal: string
}
export type TerminalResult = {
  readonly tty: string
  readonly exit: number | undefined
  readonly seconds: number
  readonly timedOut: boolean
}

const FOLDER = '/run/.lab'
const COLUMNS = 100
const ROWS = 50

export class LoginSession {
  readonly user: SessionUser
  readonly terminal: number
  /** False once the shell has ended. */
  alive = true
  private readonly machine: Machine
  private output = ''
  private readonly folder: string
  private readonly stop: () => void

  constructor(machine: Machine, user: SessionUser) {
    this.machine = machine
    this.user = user
    this.folder = `${FOLDER}/${user}`
    const decoder = new TextDecoder()
    let own = -1
    this.stop = machine.events.listen((event) => {
      if (event.type === 'output' && event.terminal === own) this.output += decoder.decode(event.data, { stream: true })
      if ((event.type === 'terminal-closed' && event.terminal === own) || event.type === 'rebooted') this.alive = false
    })
    machine.input({ kind: 'make-directory', path: FOLDER })
    machine.input({ kind: 'make-directory', path: this.folder })
    if (user !== 'root') machine.input({ kind: 'set-owner', path: this.folder, owner: user })
    own = machine.openTerminal(user, COLUMNS, ROWS)
    this.terminal = own
    this.waitUntil(() => /[#$] (\x1b\[[\d;?]*[a-zA-Z])*$/.test(this.output), 60 * USEC_PER_SEC)
    const setup = ` set +o emacs +o vi; stty -echo; PS1=; PS2=; unset PROMPT_COMMAND; export SYSTEMD_PAGER=cat; unset HISTFILE; PROMPT_COMMAND='printf "%s\\n" "$?" >${this.folder}/done'\n`
    this.type(setup)
    this.waitDone(60 * USEC_PER_SEC)
    this.output = ''
  }

  private type(data: string): void {
    this.machine.input({ kind: 'type', terminal: this.terminal, data })
  }

  private waitUntil(condition: () => boolean, limitUsec: Usec): boolean {
    const { machine } = this
    let waited = 0
    let step = QUANTUM_USEC
    while (!condition()) {
      if (!this.alive || waited >= limitUsec) return false
      machine.advanceBy(step)
      waited += step
      // A long sleep is watched less closely than a quick answer.
      step = Math.min(10 * QUANTUM_USEC, QUANTUM_USEC * (1 + Math.floor(waited / USEC_PER_SEC)))
    }
    return true
  }

  private status(): number | undefined {
    const bytes = this.machine.readFile(`${this.folder}/done`)
    const text = bytes === undefined ? '' : decodeUtf8(bytes)
    return text.endsWith('\n') ? Number(text.trim()) : undefined
  }

  private waitDone(limitUsec: Usec): number | undefined {
    let status: number | undefined
    this.waitUntil(() => {
      status = this.status()
      return status !== undefined
    }, limitUsec)
    return status
  }

  private begin(): Usec {
    this.machine.input({ kind: 'remove', path: `${this.folder}/done` })
    return this.machine.realtimeUsec
  }

  /** Ctrl-C, then Ctrl-\ when a command outlives its time. */
  private waitOrInterrupt(seconds: number): { readonly exit: number | undefined; readonly timedOut: boolean } {
    const exit = this.waitDone(seconds * USEC_PER_SEC)
    if (exit !== undefined || !this.alive) return { exit, timedOut: false }
    this.type('\x03')
    const interrupted = this.waitDone(5 * USEC_PER_SEC)
    if (interrupted !== undefined) return { exit: interrupted, timedOut: true }
    this.type('\x1c')
    return { exit: this.waitDone(5 * USEC_PER_SEC), timedOut: true }
  }

  private takeOutput(): string {
    const text = this.output.replaceAll('\r\n', '\n')
    this.output = ''
    return text
  }

  /** Standard output and error apart, standard input /dev/null. */
  run(command: string, seconds = 60): PipeResult {
    this.output = ''
    const [out, err] = [`${this.folder}/o`, `${this.folder}/e`]
    for (const path of [out, err]) this.machine.input({ kind: 'remove', path })
    const started = this.begin()
    this.type(`{ ${command}\n} >${out} 2>${err} </dev/null\n`)
    const ended = this.waitOrInterrupt(seconds)
    const read = (path: string): string => decodeUtf8(this.machine.readFile(path) ?? new Uint8Array())
    return {
      stdout: read(out),
      stderr: read(err),
      ...ended,
      seconds: (this.machine.realtimeUsec - started) / USEC_PER_SEC,
      terminal: this.takeOutput(),
    }
  }

  /** Typed at the prompt: output as the terminal shows it. Keys are [seconds after, text]. */
  runOnTerminal(command: string, seconds = 60, keys: readonly (readonly [number, string])[] = []): TerminalResult {
    this.output = ''
    const started = this.begin()
    this.type(`${command}\n`)
    for (const [delay, text] of keys) {
      this.machine.advanceBy(delay * USEC_PER_SEC)
      this.type(text)
    }
    const ended = this.waitOrInterrupt(seconds)
    // What the terminal still holds.
    this.machine.advanceBy(2 * QUANTUM_USEC)
    return { tty: this.takeOutput(), ...ended, seconds: (this.machine.realtimeUsec - started) / USEC_PER_SEC }
  }

  close(): void {
    this.stop()
    if (this.alive) this.machine.input({ kind: 'close-terminal', terminal: this.terminal })
    this.alive = false
  }
}
