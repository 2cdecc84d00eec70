// A small machine for tests: programs are given as generators, their files are made.
import {
  executableContent,
  HostOutput,
  Image,
  type ImageEntry,
  Kernel,
  type KernelEvent,
  type KernelOptions,
  type Main,
  type Task,
} from '@/lib/kernel'
import { isErrno } from '@/lib/kernel'
import { decodeUtf8 } from '@/lib/base'

export type TestMachine = {
  readonly kernel: Kernel
  readonly events: KernelEvent[]
  /** Starts a program and gives what it wrote and how it ended. */
  readonly run: (
    main: Main,
    options?: { readonly uid?: number; readonly argv?: readonly string[] },
  ) => { readonly out: string; readonly task: Task }
  readonly start: (main: Main, options?: { readonly uid?: number; readonly onOutput?: (text: string) => void }) => Task
}

const directories = ['/bin', '/dev', '/dev/pts', '/proc', '/sys', '/run', '/tmp', '/etc', '/root', '/home']

export function testMachine(
  programs: Readonly<Record<string, Main>> = {},
  files: readonly ImageEntry[] = [],
  options: Partial<KernelOptions> = {},
): TestMachine {
  const image = Image.build([
    ...directories.map((path): ImageEntry => ({ path, kind: 'directory', mode: path === '/tmp' ? 0o1777 : 0o755 })),
    ...Object.keys(programs).map(
      (name): ImageEntry => ({ path: `/bin/${name}`, kind: 'file', mode: 0o755, content: executableContent(name) }),
    ),
    ...files,
  ])
  const kernel = new Kernel({
    image,
    bootUsec: 1_768_480_496_000_000,
    seed: 1,
    programs: new Map(Object.entries(programs)),
    hostname: 'test',
    ...options,
  })
  const events: KernelEvent[] = []
  kernel.events.listen((event) => {
    if (event.type === 'fault') throw new Error(`${event.message}\n${event.stack}`)
    events.push(event)
  })
  const init = kernel.start({
    main: function* (process) {
      for (;;) {
        const result = yield* process.waitpid(-1)
        if (isErrno(result)) yield* process.nanosleep(1e9)
      }
    },
    comm: 'init',
    argv: ['init'],
  })
  if (isErrno(init)) throw new Error(init.message)
  kernel.init = init
  kernel.namespaces.pid.init = init
  const start: TestMachine['start'] = (main, given = {}) => {
    const output = new HostOutput((bytes) => given.onOutput?.(decodeUtf8(bytes)))
    const task = kernel.start({ main, comm: 'test', argv: ['test'], uid: given.uid ?? 0, files: [undefined, output, output] })
    if (isErrno(task)) throw new Error(task.message)
    return task
  }
  return {
    kernel,
    events,
    start,
    run: (main, given = {}) => {
      let out = ''
      const task = start(main, { ...given, onOutput: (text) => (out += text) })
      kernel.run({ untilUsec: kernel.clock.monotonicUsec + 3_600_000_000, steps: 2_000_000 })
      return { out, task }
    },
  }
}
