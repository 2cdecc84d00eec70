// Small daemons to learn with: one that fails, one that forks, one that notifies, and three that use too much.
import { isErrno, O_APPEND, O_CREAT, O_WRONLY, type Process, signals, type Syscall } from '@/lib/kernel'
import { parseInterval } from '../coreutils/sleep'
import { type Program, program } from '../program'
import { complain, parseSize } from '../stdio'
import { sdNotify } from '../sd-notify'

/** Notes SIGTERM; whoever sleeps is woken. */
function* untilTerminated(process: Process): Syscall<() => boolean> {
  let stopping = false
  yield* process.sigaction(signals.SIGTERM.number, function* () {
    stopping = true
  })
  return () => stopping
}

const seconds = (text: string | undefined, fallback: number): number => (text === undefined ? fallback : (parseInterval(text) ?? fallback))

export const labFlaky = program({
  name: 'lab-flaky',
  path: '/usr/bin/lab-flaky',
  summary: 'a worker that fails after a while',
  options: [
    { short: 'a', long: 'after', argument: 'required', metavar: 'TIME', help: 'fail after TIME; 5 s unless told' },
    { short: 's', long: 'status', argument: 'required', metavar: 'N', help: 'exit with N; 1 unless told' },
    { long: 'signal', argument: 'required', metavar: 'N', help: 'end by this signal, not by exit' },
  ],
  *main(process, args) {
    yield* process.write(1, 'working\n')
    yield* process.nanosleep(seconds(args.value('after'), 5) * 1e6)
    const signal = args.value('signal')
    if (signal !== undefined) {
      yield* process.write(2, `dying by signal ${signal}\n`)
      yield* process.kill(process.pid, Number(signal))
      yield* process.nanosleep(1_000_000)
    }
    const status = Number(args.value('status') ?? 1)
    if (status !== 0) yield* process.write(2, `something went wrong, giving up with status ${status}\n`)
    return status
  },
})

export const labForks = program({
  name: 'lab-forks',
  path: '/usr/bin/lab-forks',
  summary: 'a daemon of the old kind: forks twice and writes a pid file',
  options: [
    { short: 'p', long: 'pid-file', argument: 'required', metavar: 'FILE', help: 'where the pid goes; /run/lab-forks.pid unless told' },
    { short: 'd', long: 'delay', argument: 'required', metavar: 'TIME', help: 'get ready for so long first' },
  ],
  *main(process, args) {
    const path = args.value('pid-file') ?? '/run/lab-forks.pid'
    yield* process.nanosleep(seconds(args.value('delay'), 0) * 1e6)
    const pipe = yield* process.pipe()
    if (isErrno(pipe)) return 1
    const first = yield* process.fork(function* (child) {
      yield* child.setsid()
      yield* child.fork(function* (daemon) {
        const stopping = yield* untilTerminated(daemon)
        yield* daemon.umask(0o022)
        yield* daemon.chdir('/')
        const file = yield* daemon.open(path, O_WRONLY | O_CREAT, 0o644)
        if (isErrno(file)) yield* daemon.write(2, `lab-forks: cannot write ${path}: ${file.message}\n`)
        else {
          yield* daemon.ftruncate(file, 0)
          yield* daemon.write(file, `${daemon.pid}\n`)
          yield* daemon.close(file)
        }
        yield* daemon.write(1, `daemon running as pid ${daemon.pid}\n`)
        yield* daemon.write(pipe[1], isErrno(file) ? '!' : '.')
        yield* daemon.close(pipe[1])
        while (!stopping()) yield* daemon.pause()
        yield* daemon.unlink(path)
        return 0
      })
      return 0
    })
    if (isErrno(first)) return 1
    yield* process.close(pipe[1])
    yield* process.waitpid(first)
    const ready = yield* process.read(pipe[0], 1)
    return !isErrno(ready) && ready[0] === 46 ? 0 : 1
  },
})

export const labNotify = program({
  name: 'lab-notify',
  path: '/usr/bin/lab-notify',
  summary: 'a daemon that tells systemd how it is',
  options: [
    { short: 'r', long: 'ready-after', argument: 'required', metavar: 'TIME', help: 'be ready after TIME; 2 s unless told' },
    { long: 'hang-after', argument: 'required', metavar: 'TIME', help: 'stop answering the watchdog after TIME' },
    { short: 's', long: 'status', argument: 'required', metavar: 'TEXT', help: 'the status to show' },
  ],
  *main(process, args) {
    const stopping = yield* untilTerminated(process)
    yield* process.write(1, 'preparing\n')
    yield* process.nanosleep(seconds(args.value('ready-after'), 2) * 1e6)
    if (stopping()) return 0
    yield* sdNotify(process, `READY=1\nSTATUS=${args.value('status') ?? 'Running'}`)
    yield* process.write(1, 'ready\n')
    const interval = Number(process.env['WATCHDOG_USEC'] ?? 0) / 2
    const hang = args.value('hang-after')
    const hangAt = hang === undefined ? Number.POSITIVE_INFINITY : process.monotonicUsec + seconds(hang, 0) * 1e6
    let hung = false
    while (!stopping()) {
      yield* process.nanosleep(interval > 0 ? interval : 3600e6)
      if (process.monotonicUsec < hangAt) {
        if (interval > 0) yield* sdNotify(process, 'WATCHDOG=1')
      } else if (!hung) {
        hung = true
        yield* process.write(2, 'stuck: the watchdog hears nothing from now on\n')
      }
    }
    yield* sdNotify(process, 'STOPPING=1')
    yield* process.write(1, 'bye\n')
    return 0
  },
})

export const labMemory = program({
  name: 'lab-memory',
  path: '/usr/bin/lab-memory',
  summary: 'a program that takes more and more memory',
  options: [
    { short: 's', long: 'step', argument: 'required', metavar: 'SIZE', help: 'SIZE a second; 10M unless told' },
    { short: 'm', long: 'max', argument: 'required', metavar: 'SIZE', help: 'stop at SIZE' },
  ],
  *main(process, args) {
    const step = parseSize(args.value('step') ?? '10M') ?? 10 * 1048576
    const most = args.has('max') ? (parseSize(args.value('max')!) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
    let held = 0
    for (;;) {
      if (held + step <= most) {
        const result = yield* process.setMemory(held + step)
        if (isErrno(result)) {
          yield* complain(process, 'cannot allocate memory', result)
          return 1
        }
        held += step
        yield* process.write(1, `holding ${Math.round(held / 1048576)} MiB\n`)
      }
      yield* process.nanosleep(1_000_000)
    }
  },
})

export const labCpu = program({
  name: 'lab-cpu',
  path: '/usr/bin/lab-cpu',
  summary: 'a program that uses all the processor time it gets',
  options: [{ short: 'd', long: 'duration', argument: 'required', metavar: 'TIME', help: 'for so long; for ever unless told' }],
  *main(process, args) {
    const duration = args.value('duration')
    const end = duration === undefined ? Number.POSITIVE_INFINITY : process.monotonicUsec + seconds(duration, 0) * 1e6
    while (process.monotonicUsec < end) yield* process.compute(10_000)
    return 0
  },
})

export const labWriter = program({
  name: 'lab-writer',
  path: '/usr/bin/lab-writer',
  summary: 'a program that writes a line to a file or to its output, again and again',
  options: [
    { short: 'f', long: 'file', argument: 'required', metavar: 'FILE', help: 'add to FILE' },
    { short: 'i', long: 'interval', argument: 'required', metavar: 'TIME', help: 'every TIME; 1 s unless told' },
    { short: 'n', long: 'count', argument: 'required', metavar: 'N', help: 'N lines' },
    { short: 't', long: 'text', argument: 'required', metavar: 'TEXT', help: 'this text' },
  ],
  *main(process, args) {
    const path = args.value('file')
    const count = Number(args.value('count') ?? Number.POSITIVE_INFINITY)
    for (let line = 1; line <= count; line++) {
      const text = `${args.value('text') ?? 'line'} ${line}\n`
      const fd = path === undefined ? 1 : yield* process.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
      const written = isErrno(fd) ? fd : yield* process.write(fd, text)
      if (isErrno(written)) {
        yield* complain(process, path ?? 'standard output', written)
        return 1
      }
      if (!isErrno(fd) && fd !== 1) yield* process.close(fd)
      yield* process.nanosleep(seconds(args.value('interval'), 1) * 1e6)
    }
    return 0
  },
})

export const labDaemons: readonly Program[] = [labFlaky, labForks, labNotify, labMemory, labCpu, labWriter]
