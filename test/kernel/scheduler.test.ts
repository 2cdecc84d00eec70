import { expect, test } from 'vitest'
import { isErrno, type KernelEvent, mountEarly, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { testMachine } from './machine'

const SECOND = 1_000_000

function* put(process: Process, path: string, value: string): Syscall<void> {
  const fd = yield* process.open(path, O_WRONLY)
  if (isErrno(fd)) throw new Error(`${path}: ${fd.name}`)
  const done = yield* process.write(fd, value)
  if (isErrno(done)) throw new Error(`${path}: ${done.name}`)
  yield* process.close(fd)
}

test('computing takes virtual time, and nice decides the shares', () => {
  const { kernel, start } = testMachine()
  const alone = start(function* (process) {
    yield* process.compute(2 * SECOND)
    return 0
  })
  kernel.run({ untilUsec: 2 * SECOND + 1000 })
  expect(alone.exitResult).toMatchObject({ how: 'exited' })
  const busy = (nice: number) =>
    start(function* (process) {
      yield* process.setpriority(0, nice)
      for (;;) yield* process.compute(1e12)
    })
  const one = busy(0)
  const other = busy(5)
  kernel.run({ untilUsec: 62 * SECOND })
  // Weights 1024 and 335.
  expect(one.userUsec / other.userUsec).toBeCloseTo(1024 / 335, 1)
  expect((one.userUsec + other.userUsec) / SECOND).toBeCloseTo(60, 0)
})

test('cpu.max holds a group to its quota, cpu.weight shares between groups', () => {
  const { kernel, start, run } = testMachine()
  mountEarly(kernel)
  run(function* (process) {
    yield* process.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 0)
    yield* put(process, '/sys/fs/cgroup/cgroup.subtree_control', '+cpu')
    for (const group of ['a', 'b', 'c']) yield* process.mkdir(`/sys/fs/cgroup/${group}`)
    yield* put(process, '/sys/fs/cgroup/a/cpu.max', '20000 100000')
    yield* put(process, '/sys/fs/cgroup/c/cpu.weight', '300')
    return 0
  })
  const begin = kernel.clock.monotonicUsec
  const busy = (group: string) =>
    start(function* (process) {
      yield* put(process, `/sys/fs/cgroup/${group}/cgroup.procs`, '0')
      for (;;) yield* process.compute(1e12)
    })
  const [a, b, c] = [busy('a'), busy('b'), busy('c')]
  kernel.run({ untilUsec: begin + 10 * SECOND })
  expect(a.userUsec / SECOND).toBeCloseTo(2, 1)
  expect(c.userUsec / b.userUsec).toBeCloseTo(3, 1)
  expect((a.userUsec + b.userUsec + c.userUsec) / SECOND).toBeCloseTo(10, 1)
})

test('a program that makes system calls shares with one that computes', () => {
  const { kernel, start } = testMachine()
  start(function* (process) {
    for (;;) yield* process.compute(1e12)
  })
  const caller = start(function* (process) {
    for (;;) yield* process.getpgid()
  })
  kernel.run({ untilUsec: SECOND })
  expect((caller.systemUsec + caller.userUsec) / SECOND).toBeCloseTo(0.5, 1)
})

test('real-time goes first', () => {
  const { kernel, start } = testMachine()
  start(function* (process) {
    for (;;) yield* process.compute(1e12)
  })
  const urgent = start(function* (process) {
    yield* process.setScheduler(0, 'fifo', 10)
    yield* process.compute(SECOND)
    return 0
  })
  kernel.run({ untilUsec: 1.1 * SECOND })
  expect(urgent.exitResult).toMatchObject({ how: 'exited' })
})

test('RLIMIT_CPU: SIGXCPU at the soft limit', () => {
  const { kernel, start } = testMachine()
  const task = start(function* (process) {
    yield* process.setrlimit('CPU', { soft: 1, hard: 2 })
    for (;;) yield* process.compute(100_000)
  })
  kernel.run({ untilUsec: 10 * SECOND })
  expect(task.exitResult).toMatchObject({ how: 'killed', signal: 24 })
})

test('the same machine gives the same trace', () => {
  const trace = (): string => {
    const { kernel, start, events } = testMachine()
    kernel.traceSystemCalls = true
    for (let index = 0; index < 3; index++) {
      start(function* (process) {
        const ends = yield* process.pipe()
        if (isErrno(ends)) return 1
        yield* process.fork(function* (child) {
          yield* child.nanosleep(child.random.below(100_000))
          yield* child.write(ends[1], 'x')
          return 0
        })
        yield* process.compute(process.random.below(1000))
        yield* process.read(ends[0])
        yield* process.waitpid(-1)
        return 0
      })
    }
    kernel.run({ untilUsec: SECOND })
    return JSON.stringify(events.map((event: KernelEvent) => event)) + kernel.clock.monotonicUsec + kernel.usedUsec
  }
  expect(trace()).toBe(trace())
})
