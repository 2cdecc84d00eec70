// systemctl on the real kernel, against a manager that answers from a table.
import { decodeUtf8 } from '@/lib/base'
import { executableContent, HostOutput, Image, isErrno, Kernel, type ImageEntry, type Main } from '@/lib/kernel'
import { systemctl } from '@/lib/programs/systemctl'
import { BusError, decodeFrame, frameBytes, LineBuffer, PRIVATE_SOCKET, type Properties, type Value } from '@/lib/systemd/bus'

export type Answer = Value | BusError
export type Answers = Readonly<Record<string, (...args: readonly Value[]) => Answer>>

/** One answer, by the method's name. */
export function answer(member: string, give: (...args: readonly Value[]) => Answer): Answers {
  return { [member]: give }
}

const absent = (name: string): Properties => ({
  Id: name,
  LoadState: 'not-found',
  ActiveState: 'inactive',
  SubState: 'dead',
  LoadError: ['org.freedesktop.systemd1.NoSuchUnit', `Unit ${name} not found.`],
})

/** Speaks the bus: `units` are what GetAll gives, `answers` anything else. Jobs end as `jobResult` says. */
function fakeManager(units: Readonly<Record<string, Properties>>, answers: Answers, jobResult: string): Main {
  return function* (process) {
    yield* process.mount('devpts', '/dev/pts', 'devpts', 0)
    const listener = yield* process.socket('AF_UNIX', 'stream')
    if (isErrno(listener)) return 1
    yield* process.bind(listener, { domain: 'AF_UNIX', path: PRIVATE_SOCKET })
    yield* process.listen(listener, 10)
    for (;;) {
      const fd = yield* process.accept(listener)
      if (isErrno(fd)) return 1
      const lines = new LineBuffer()
      for (;;) {
        const chunk = yield* process.read(fd, 65536)
        if (isErrno(chunk) || chunk.length === 0) break
        for (const line of lines.push(chunk)) {
          const frame = decodeFrame(line)
          if (!('member' in frame)) continue
          const own = answers[frame.member]
          const answer: Answer =
            own !== undefined
              ? own(...frame.args)
              : frame.member === 'GetAll'
                ? (units[String(frame.args[0])] ?? absent(String(frame.args[0])))
                : frame.member.endsWith('Unit')
                  ? 7
                  : undefined
          const reply = answer instanceof BusError ? { error: { name: answer.name, message: answer.message } } : { result: answer }
          yield* process.write(fd, frameBytes({ id: frame.id, ...reply } as never))
          if (answer === 7) {
            yield* process.write(
              fd,
              frameBytes({
                signal: 'JobRemoved',
                args: [{ signal: 'JobRemoved', id: 7, unit: String(frame.args[0]), result: jobResult }],
              } as never),
            )
          }
        }
      }
      yield* process.close(fd)
    }
  }
}

export type Ran = { readonly stdout: string; readonly stderr: string; readonly tty: string; readonly exit: number | undefined }

export class SystemctlMachine {
  private readonly kernel: Kernel

  constructor(
    units: Readonly<Record<string, Properties>> = {},
    answers: Answers = {},
    options: { readonly jobResult?: string; readonly files?: Readonly<Record<string, string>> } = {},
  ) {
    const directories = [
      '/dev',
      '/dev/pts',
      '/proc',
      '/sys',
      '/run',
      '/run/systemd',
      '/run/systemd/system',
      '/etc',
      '/etc/systemd',
      '/etc/systemd/system',
      '/usr',
      '/usr/bin',
      '/tmp',
      '/root',
    ]
    const image = Image.build([
      ...directories.map((path): ImageEntry => ({ path, kind: 'directory', mode: 0o755 })),
      { path: '/usr/bin/systemctl', kind: 'file', mode: 0o755, content: executableContent('systemctl') },
      ...Object.entries(options.files ?? {}).map(([path, content]): ImageEntry => ({ path, kind: 'file', mode: 0o644, content })),
    ])
    // 13:30:40 on the day of the recordings, 212 s after the boot
    this.kernel = new Kernel({
      image,
      bootUsec: 1_795_354_028_000_000,
      seed: 1,
      programs: new Map([['systemctl', systemctl.main]]),
      hostname: 'lab',
    })
    this.kernel.events.listen((event) => {
      if (event.type === 'fault') throw new Error(`${event.message}\n${event.stack}`)
    })
    const init = this.kernel.start({
      main: fakeManager(units, answers, options.jobResult ?? 'done'),
      comm: 'systemd',
      argv: ['/sbin/init'],
    })
    if (isErrno(init)) throw new Error(init.message)
    this.kernel.init = init
    this.kernel.namespaces.pid.init = init
    this.kernel.run({ untilUsec: 212_000_000, steps: 10_000 })
    this.kernel.clock.advanceTo(212_000_000)
  }

  run(...argv: readonly string[]): Ran {
    let stdout = ''
    let stderr = ''
    const out = new HostOutput((bytes) => (stdout += decodeUtf8(bytes)))
    const err = new HostOutput((bytes) => (stderr += decodeUtf8(bytes)))
    const env = { PATH: '/usr/bin', TERM: 'xterm-256color', TZ: 'UTC' }
    const task = this.kernel.start({
      path: '/usr/bin/systemctl',
      argv: ['systemctl', ...argv],
      env,
      uid: 0,
      files: [new HostOutput(() => undefined), out, err],
    })
    if (isErrno(task)) throw new Error(task.message)
    this.kernel.run({ untilUsec: this.kernel.clock.monotonicUsec + 1_000, steps: 200_000 })
    const result = task.exitResult
    return { stdout, stderr, tty: this.onTerminal(argv, env), exit: result?.how === 'exited' ? result.status : undefined }
  }

  /** What the same prints on a terminal of 100 columns. */
  private onTerminal(argv: readonly string[], env: Readonly<Record<string, string>>): string {
    let shown = ''
    const terminal = this.kernel.openTerminal({ rows: 50, columns: 100 })
    terminal.onOutput((bytes) => {
      shown += decodeUtf8(bytes)
    })
    const task = this.kernel.start({
      main: function* (process) {
        const fd = yield* process.open(terminal.path, 2)
        if (isErrno(fd)) return 1
        for (const to of [0, 1, 2]) yield* process.dup2(fd, to)
        yield* process.exec('/usr/bin/systemctl', ['systemctl', ...argv], env)
        return 1
      },
      comm: 'tty',
      argv: ['tty'],
      uid: 0,
    })
    if (isErrno(task)) throw new Error(task.message)
    this.kernel.run({ untilUsec: this.kernel.clock.monotonicUsec + 1_000, steps: 200_000 })
    terminal.close()
    return shown.replaceAll('\r\n', '\n').replaceAll('\r', '')
  }
}
