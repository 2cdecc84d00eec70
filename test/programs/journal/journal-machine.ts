// A machine with journald and the tools around it, on the real kernel, without systemd.
import { decodeUtf8 } from '@/lib/base'
import {
  executableContent,
  HostOutput,
  Image,
  isErrno,
  Kernel,
  type Errno,
  type ImageEntry,
  type Main,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { journalctl } from '@/lib/programs/journalctl'
import { logger } from '@/lib/programs/logger'
import { systemdCat } from '@/lib/programs/systemd-cat'
import { systemdJournald } from '@/lib/programs/systemd-journald'

export const MACHINE_ID = '5f0c7a1d9e3b4c2f8a6d1e0b7c9f2a34'

const directories = [
  '/bin',
  '/dev',
  '/proc',
  '/sys',
  '/run',
  '/run/log',
  '/run/systemd',
  '/run/systemd/units',
  '/tmp',
  '/etc',
  '/etc/systemd',
  '/root',
  '/var',
  '/var/log',
  '/usr',
  '/usr/bin',
]

function* killer(process: Process, pid: number): Syscall<number> {
  yield* process.kill(pid, 15)
  return 0
}

export class JournalMachine {
  readonly kernel: Kernel
  private journald: { readonly pid: number }

  constructor(
    files: Readonly<Record<string, string>> = {},
    persistent = true,
    programs: Readonly<Record<string, Main>> = {},
    links: Readonly<Record<string, string>> = {},
  ) {
    const all: Record<string, Main> = {
      journalctl: journalctl.main,
      logger: logger.main,
      'systemd-cat': systemdCat.main,
      'systemd-journald': systemdJournald.main,
      ...programs,
    }
    const entry = (path: string, content: string): ImageEntry => ({ path, kind: 'file', mode: 0o644, content })
    const image = Image.build([
      ...[...directories, ...(persistent ? ['/var/log/journal'] : [])].map(
        (path): ImageEntry => ({ path, kind: 'directory', mode: path === '/tmp' ? 0o1777 : 0o755 }),
      ),
      ...Object.keys(all).map(
        (name): ImageEntry => ({ path: `/usr/bin/${name}`, kind: 'file', mode: 0o755, content: executableContent(name) }),
      ),
      { path: '/dev/null', kind: 'character-device', mode: 0o666, rdev: [1, 3] },
      entry('/etc/machine-id', `${MACHINE_ID}\n`),
      entry('/etc/passwd', 'root:x:0:0::/root:/bin/bash\nlearner:x:1000:1000::/home/learner:/bin/bash\n'),
      ...Object.entries(files).map(([path, content]) => entry(path, content)),
      ...Object.entries(links).map(([path, target]): ImageEntry => ({ path, kind: 'symlink', mode: 0o777, target })),
    ])
    this.kernel = new Kernel({ image, bootUsec: 1_795_354_018_000_000, seed: 1, programs: new Map(Object.entries(all)), hostname: 'lab' })
    this.kernel.events.listen((event) => {
      if (event.type === 'fault') throw new Error(`${event.message}\n${event.stack}`)
    })
    const init = this.unwrap(
      this.kernel.start({
        main: function* (process) {
          yield* process.mount('proc', '/proc', 'proc', 0)
          yield* process.mount('dev', '/dev', 'devtmpfs', 0)
          for (;;) {
            const result = yield* process.waitpid(-1)
            if (isErrno(result)) yield* process.nanosleep(1e9)
          }
        },
        comm: 'init',
        argv: ['init'],
      }),
    )
    this.kernel.init = init
    this.kernel.namespaces.pid.init = init
    this.settle()
    this.journald = this.startJournald()
  }

  startJournald(): { readonly pid: number } {
    const task = this.unwrap(this.kernel.start({ path: '/usr/bin/systemd-journald', argv: ['/usr/lib/systemd/systemd-journald'], env: {} }))
    this.settle()
    this.journald = task
    return task
  }

  stopJournald(): void {
    const { pid } = this.journald
    this.unwrap(this.kernel.start({ main: (process) => killer(process, pid), comm: 'kill', argv: ['kill'] }))
    this.settle()
  }

  settle(usec = 1_000_000): void {
    this.kernel.run({ untilUsec: this.kernel.clock.monotonicUsec + usec, steps: 500_000 })
  }

  private unwrap<T>(value: T | Errno): T {
    if (isErrno(value)) throw new Error(value.message)
    return value as T
  }

  /** Runs a command to its end. */
  run(
    argv: readonly string[],
    options: { readonly uid?: number; readonly groups?: readonly number[] } = {},
  ): { out: string; err: string; status: number | undefined } {
    let out = ''
    let err = ''
    const stdout = new HostOutput((bytes) => (out += decodeUtf8(bytes)))
    const stderr = new HostOutput((bytes) => (err += decodeUtf8(bytes)))
    const task = this.unwrap(
      this.kernel.start({
        path: `/usr/bin/${argv[0]}`,
        argv,
        env: { PATH: '/usr/bin', TZ: 'UTC' },
        uid: options.uid ?? 0,
        gid: options.uid ?? 0,
        groups: options.groups ?? [],
        files: [new HostOutput(() => undefined), stdout, stderr],
      }),
    )
    this.settle()
    const result = task.exitResult
    return { out, err, status: result?.how === 'exited' ? result.status : undefined }
  }

  /** journalctl with its answer in lines, without times. */
  journalctl(...args: readonly string[]): readonly string[] {
    return this.run(['journalctl', ...args])
      .out.split('\n')
      .slice(0, -1)
  }
}
