// How fast system calls, switches and boots are: `npx tsx test/kernel/bench.ts`. Not a test.
import { isErrno, type Main, O_RDWR } from '@/lib/kernel'
import { testMachine } from './machine'

function measure(name: string, count: number, main: Main): void {
  const { run, kernel } = testMachine({}, [{ path: '/dev/null', kind: 'character-device', mode: 0o666, rdev: [1, 3] }])
  const start = performance.now()
  run(main)
  const ms = performance.now() - start
  console.log(`${name.padEnd(28)} ${(count / ms / 1000).toFixed(2)} million a second, ${kernel.clock.monotonicUsec / 1e6} s of the machine`)
}

const COUNT = 1_000_000

measure('getpgid', COUNT, function* (process) {
  for (let index = 0; index < COUNT; index++) yield* process.getpgid()
  return 0
})

measure('read and write /dev/null', COUNT, function* (process) {
  const fd = yield* process.open('/dev/null', O_RDWR)
  if (isErrno(fd)) return 1
  const bytes = new Uint8Array(16)
  for (let index = 0; index < COUNT / 2; index++) {
    yield* process.read(fd, 16)
    yield* process.write(fd, bytes)
  }
  return 0
})

measure('pipe, ping-pong', COUNT / 5, function* (process) {
  const there = yield* process.pipe()
  const back = yield* process.pipe()
  if (isErrno(there) || isErrno(back)) return 1
  const byte = new Uint8Array(1)
  yield* process.fork(function* (child) {
    for (;;) {
      yield* child.read(there[0])
      yield* child.write(back[1], byte)
    }
  })
  for (let index = 0; index < COUNT / 20; index++) {
    yield* process.write(there[1], byte)
    yield* process.read(back[0])
  }
  return 0
})

measure('stat of five components', COUNT / 5, function* (process) {
  for (const path of ['/tmp/a', '/tmp/a/b', '/tmp/a/b/c']) yield* process.mkdir(path)
  for (let index = 0; index < COUNT / 5; index++) yield* process.stat('/tmp/a/b/c/..')
  return 0
})

measure('fork and wait', COUNT / 50, function* (process) {
  for (let index = 0; index < COUNT / 50; index++) {
    yield* process.fork(function* () {
      return 0
    })
    yield* process.waitpid(-1)
  }
  return 0
})
