// A small machine with the shell and the tools, for tests: a script's output apart, or a typed session on a terminal.
import { decodeUtf8 } from '@/lib/base'
import { executableContent, HostOutput, Image, type ImageEntry, isErrno, Kernel, type Main } from '@/lib/kernel'
import { type Program, programs } from '@/lib/programs'

const directories = [
  '/usr',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local',
  '/usr/local/bin',
  '/dev',
  '/dev/pts',
  '/proc',
  '/sys',
  '/run',
  '/tmp',
  '/etc',
  '/root',
  '/home',
  '/home/learner',
  '/var',
  '/var/log',
]

const passwd =
  'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nlearner:x:1000:1000:,,,:/home/learner:/bin/bash\n'
const group = 'root:x:0:\nadm:x:4:learner\nsudo:x:27:learner\nlearner:x:1000:\nnogroup:x:65534:\n'

function entriesOf(program: Program): ImageEntry[] {
  const file: ImageEntry = { path: program.path, kind: 'file', mode: program.mode ?? 0o755, content: executableContent(program.name) }
  return [file, ...(program.links ?? []).map((path): ImageEntry => ({ path, kind: 'symlink', target: program.path }))]
}

export type Files = Readonly<Record<string, string | { readonly content: string; readonly mode: number }>>

export type ShellMachine = {
  readonly kernel: Kernel
  readonly run: (
    argv: readonly string[],
    options?: { readonly uid?: number; readonly env?: Record<string, string>; readonly cwd?: string },
  ) => {
    readonly stdout: string
    readonly stderr: string
    readonly status: number
  }
}

export function shellMachine(files: Files = {}, more: Readonly<Record<string, Main>> = {}): ShellMachine {
  const entries: ImageEntry[] = [
    ...directories.map(
      (path): ImageEntry => ({
        path,
        kind: 'directory',
        mode: path === '/tmp' ? 0o1777 : 0o755,
        ...(path === '/home/learner' ? { uid: 1000, gid: 1000 } : {}),
      }),
    ),
    { path: '/bin', kind: 'symlink', target: 'usr/bin' },
    { path: '/sbin', kind: 'symlink', target: 'usr/sbin' },
    { path: '/usr/sbin/init', kind: 'file', mode: 0o755, content: executableContent('init') },
    { path: '/etc/passwd', kind: 'file', mode: 0o644, content: passwd },
    { path: '/etc/group', kind: 'file', mode: 0o644, content: group },
    ...programs.flatMap(entriesOf),
    ...Object.keys(more).map(
      (name): ImageEntry => ({ path: `/usr/bin/${name}`, kind: 'file', mode: 0o755, content: executableContent(name) }),
    ),
    ...Object.entries(files).map(
      ([path, value]): ImageEntry => ({
        path,
        kind: 'file',
        mode: typeof value === 'string' ? 0o644 : value.mode,
        content: typeof value === 'string' ? value : value.content,
      }),
    ),
  ]
  const unique = [...new Map(entries.map((entry) => [entry.path, entry])).values()]
  const init: Main = function* (process) {
    for (;;) {
      const result = yield* process.waitpid(-1)
      if (isErrno(result)) yield* process.nanosleep(1e9)
    }
  }
  const kernel = new Kernel({
    image: Image.build(unique),
    bootUsec: 1_768_480_496_000_000,
    seed: 1,
    programs: new Map([
      ...programs.map((program): [string, Main] => [program.name, program.main]),
      ...Object.entries(more),
      ['init', init],
    ]),
    hostname: 'lab',
  })
  kernel.events.listen((event) => {
    if (event.type === 'fault') throw new Error(`${event.message}\n${event.stack}`)
  })
  const booted = kernel.boot('/sbin/init')
  if (isErrno(booted)) throw new Error(booted.message)
  return {
    kernel,
    run: (argv, options = {}) => {
      let stdout = ''
      let stderr = ''
      const out = new HostOutput((bytes) => (stdout += decodeUtf8(bytes)))
      const err = new HostOutput((bytes) => (stderr += decodeUtf8(bytes)))
      const path = argv[0]!.startsWith('/') ? argv[0]! : `/usr/bin/${argv[0]}`
      const env = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: options.uid === 1000 ? '/home/learner' : '/root',
        LANG: 'C.UTF-8',
        ...options.env,
      }
      const task = kernel.start({
        path,
        argv,
        env,
        cwd: options.cwd ?? '/tmp',
        uid: options.uid ?? 0,
        gid: options.uid ?? 0,
        files: [out, out, err],
      })
      if (isErrno(task)) throw new Error(`${path}: ${task.message}`)
      const limit = kernel.clock.monotonicUsec + 3_600_000_000
      while (task.exitResult === undefined && kernel.clock.monotonicUsec < limit) {
        if (kernel.run({ untilUsec: Math.min(limit, kernel.clock.monotonicUsec + 1_000_000), steps: 3_000_000 }) === 'steps') break
      }
      const result = task.exitResult
      return {
        stdout,
        stderr,
        status: result === undefined ? -1 : result.how === 'exited' ? result.status : 128 + ('signal' in result ? result.signal : 0),
      }
    },
  }
}
