// A booted lab machine, its manager asked over the bus, as a client program would.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { bootLab } from '@/lib/machine/lab'
import type { Machine } from '@/lib/machine/machine'
import { Bus, connectBus, isBusError, waitForJobs, type JobMode, type Properties } from '@/lib/systemd/bus'

export class Lab {
  readonly machine: Machine
  readonly bus: typeof connectBus = connectBus

  constructor() {
    this.machine = bootLab()
    this.machine.events.listen((event) => {
      if (event.type === 'kernel' && event.event.type === 'fault') throw new Error(`${event.event.message}\n${event.event.stack}`)
    })
  }

  /** Runs a program of the test as root; what it returned. */
  run<T>(main: (process: Process) => Syscall<T>): T {
    const { kernel } = this.machine
    let result: { readonly value: T } | undefined
    const task = kernel.start({
      comm: 'client',
      argv: ['client'],
      main: function* (process) {
        result = { value: yield* main(process) }
        return 0
      },
    })
    if (isErrno(task)) throw new Error(task.message)
    const limit = kernel.clock.monotonicUsec + 3600_000_000
    while (result === undefined && kernel.clock.monotonicUsec < limit)
      kernel.run({ untilUsec: kernel.clock.monotonicUsec + 10_000, steps: 100_000 })
    if (result === undefined) throw new Error('the program did not end')
    return result.value
  }

  write(path: string, content: string, mode = 0o644): void {
    this.run(function* (process) {
      let at = ''
      for (const part of path.split('/').slice(1, -1)) {
        at += `/${part}`
        yield* process.mkdir(at, 0o755)
      }
      const fd = yield* process.open(path, 0o1101, mode)
      if (isErrno(fd)) throw new Error(`${path}: ${fd.message}`)
      yield* process.write(fd, content)
      yield* process.close(fd)
      yield* process.chmod(path, mode)
    })
  }

  unit(name: string, content: string): void {
    this.write(`/etc/systemd/system/${name}`, content)
  }

  /** A request that makes a job, and its result (or the error's message). */
  job(
    member: 'StartUnit' | 'StopUnit' | 'RestartUnit' | 'ReloadUnit' | 'TryRestartUnit' | 'ReloadOrRestartUnit',
    unit: string,
    mode: JobMode = 'replace',
  ): string {
    return this.run(function* (process) {
      const bus = yield* connectBus(process)
      if (!(bus instanceof Bus)) return bus.message
      yield* bus.call('Subscribe', [])
      const job = yield* bus.call(member, [unit, mode])
      if (isBusError(job)) return job.message
      const results = yield* waitForJobs(bus, new Set([job]))
      yield* bus.close()
      return results.get(job)?.result ?? 'none'
    })
  }

  start(unit: string): string {
    return this.job('StartUnit', unit)
  }

  stop(unit: string): string {
    return this.job('StopUnit', unit)
  }

  reload(): void {
    this.run(function* (process) {
      const bus = yield* connectBus(process)
      if (bus instanceof Bus) yield* bus.call('Reload', [])
    })
  }

  sleep(seconds: number): void {
    const { kernel } = this.machine
    const until = kernel.clock.monotonicUsec + seconds * 1e6
    while (kernel.clock.monotonicUsec < until) kernel.run({ untilUsec: until, steps: 1_000_000 })
  }

  properties(unit: string): Properties {
    return this.run(function* (process) {
      const bus = yield* connectBus(process)
      if (!(bus instanceof Bus)) return {}
      const all = yield* bus.call('GetAll', [unit, ''])
      return isBusError(all) ? {} : all
    })
  }

  state(unit: string): string {
    const all = this.properties(unit)
    return `${String(all.ActiveState)} (${String(all.SubState)})`
  }

  /** `identifier: message` of a unit's entries, its own and those about it. */
  journal(unit: string): readonly string[] {
    this.sleep(0.05)
    return this.machine.view
      .entries()
      .filter(
        (entry) =>
          entry.unit === unit ||
          entry.message.startsWith(`${unit}:`) ||
          entry.message.includes(` ${unit} `) ||
          entry.message.includes(` ${unit}.`),
      )
      .map((entry) => `${entry.identifier}: ${entry.message}`)
  }
}
