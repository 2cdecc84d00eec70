import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { isErrno, mountEarly, O_RDWR, type Process, signals, type Syscall } from '@/lib/kernel'
import { testMachine } from './machine'

/** A session on a new terminal; keys are typed one after the other, each after the machine has become quiet. */
function session(main: (process: Process) => Syscall<number>, keys: readonly string[]): { screen: string; out: string } {
  const { kernel, start } = testMachine()
  mountEarly(kernel)
  const terminal = kernel.openTerminal({ rows: 24, columns: 80 })
  let screen = ''
  let out = ''
  terminal.onOutput((bytes) => (screen += decodeUtf8(bytes)))
  start(
    function* (process) {
      yield* process.fork(function* (leader) {
        yield* leader.setsid()
        const fd = yield* leader.open(terminal.path, O_RDWR)
        if (isErrno(fd)) throw new Error(fd.name)
        yield* leader.dup2(fd, 0)
        return yield* main(leader)
      })
      yield* process.waitpid(-1)
      return 0
    },
    { onOutput: (text) => (out += text) },
  )
  const quiet = (): void => void kernel.run({ untilUsec: kernel.clock.monotonicUsec + 100_000, steps: 100_000 })
  quiet()
  for (const key of keys) {
    terminal.write(key)
    quiet()
  }
  return { screen, out }
}

const readLines = (count: number) =>
  function* (process: Process): Syscall<number> {
    for (let index = 0; index < count; index++) {
      const line = yield* process.read(0)
      yield* process.write(1, `[${isErrno(line) ? line.name : decodeUtf8(line)}]`)
    }
    return 0
  }

test.each([
  ['a line with echo', ['ab\r'], 'ab\r\n', '[ab\n]'],
  ['erase', ['abc\x7f\x7fd\r'], 'abc\b \b\b \bd\r\n', '[ad\n]'],
  ['erase a character of several bytes', ['가\x7fa\r'], '가\b \ba\r\n', '[a\n]'],
  ['erase a word', ['one two\x17x\r'], 'one two\b \b\b \b\b \bx\r\n', '[one x\n]'],
  ['kill the line', ['ab\x15c\r'], 'ab\b \b\b \bc\r\n', '[c\n]'],
  ['literal next', ['\x16\x03\r'], '^\b^C\r\n', '[\x03\n]'],
  ['end of file on an empty line', ['\x04'], '', '[]'],
  ['end of file after text gives the text', ['ab\x04'], 'ab', '[ab]'],
])('%s', (_name, keys, screen, out) => {
  expect(session(readLines(1), keys)).toEqual({ screen, out })
})

test('^C interrupts the foreground group and is shown', () => {
  const { screen, out } = session(
    function* (process) {
      yield* process.sigaction(signals.SIGINT.number, 'ignore')
      const pid = yield* process.fork(function* (child) {
        yield* child.setpgid(0, 0)
        yield* child.sigaction(signals.SIGINT.number, 'default')
        yield* child.nanosleep(1e9)
        return 0
      })
      if (isErrno(pid)) return 1
      yield* process.setpgid(pid, pid)
      yield* process.tcsetpgrp(0, pid)
      const result = yield* process.waitpid(pid)
      yield* process.write(1, result === undefined || isErrno(result) ? '?' : `${result.how} ${'signal' in result ? result.signal : ''}`)
      return 0
    },
    ['\x03'],
  )
  expect(screen).toBe('^C')
  expect(out).toBe('killed 2')
})

test('^Z stops; reading in the background stops too', () => {
  const { out } = session(
    function* (process) {
      const told: string[] = []
      yield* process.sigaction(signals.SIGTTOU.number, 'ignore')
      const pid = yield* process.fork(function* (child) {
        yield* child.setpgid(0, 0)
        yield* child.nanosleep(10_000)
        yield* child.read(0)
        return 0
      })
      if (isErrno(pid)) return 1
      yield* process.setpgid(pid, pid)
      for (const foreground of [false, true]) {
        if (foreground) {
          yield* process.tcsetpgrp(0, pid)
          yield* process.kill(-pid, signals.SIGCONT.number)
        }
        const result = yield* process.waitpid(pid, 2)
        told.push(result === undefined || isErrno(result) ? '?' : `${result.how} ${'signal' in result ? result.signal : ''}`)
      }
      yield* process.write(1, told.join())
      return 0
    },
    ['\x1a'],
  )
  expect(out).toBe('stopped 21,stopped 20')
})

test('closing the terminal hangs up', () => {
  const { kernel, start } = testMachine()
  mountEarly(kernel)
  const terminal = kernel.openTerminal({ rows: 24, columns: 80 })
  let ended = ''
  start(function* (process) {
    const pid = yield* process.fork(function* (leader) {
      yield* leader.setsid()
      yield* leader.open(terminal.path, O_RDWR)
      yield* leader.nanosleep(1e9)
      return 0
    })
    const result = yield* process.waitpid(-1)
    ended = result === undefined || isErrno(result) ? '?' : `${result.pid === pid} ${'signal' in result ? result.signal : result.how}`
    return 0
  })
  kernel.run({ untilUsec: 1_000_000 })
  terminal.close()
  kernel.run({ untilUsec: 2_000_000 })
  expect(ended).toBe('true 1')
})

test('a new size is told to the foreground', () => {
  const { kernel, start } = testMachine()
  mountEarly(kernel)
  const terminal = kernel.openTerminal({ rows: 24, columns: 80 })
  const seen: string[] = []
  start(function* (process) {
    yield* process.setsid()
    const fd = yield* process.open(terminal.path, O_RDWR)
    if (isErrno(fd)) return 1
    yield* process.sigaction(signals.SIGWINCH.number, function* (self) {
      const size = yield* self.getWindowSize(fd)
      seen.push(isErrno(size) ? size.name : `${size.rows}x${size.columns}`)
    })
    for (;;) yield* process.pause()
  })
  kernel.run({ untilUsec: 1_000_000 })
  terminal.resize({ rows: 50, columns: 100 })
  kernel.run({ untilUsec: 2_000_000 })
  expect(seen).toEqual(['50x100'])
})
