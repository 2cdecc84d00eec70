import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno, O_CREAT, O_RDONLY, O_WRONLY, signals } from '@/lib/kernel'
import { testMachine } from './machine'

test('fork, exec, wait', () => {
  const { run } = testMachine({
    *hello(process) {
      yield* process.write(1, `hello ${process.argv.join(' ')} ${process.env['X']}\n`)
      return 7
    },
  })
  const { out, task } = run(function* (process) {
    const pid = yield* process.fork(function* (child) {
      const failed = yield* child.exec('/bin/hello', ['hello', 'a'], { X: 'y' })
      yield* child.write(1, failed.name)
      return 127
    })
    const result = yield* process.waitpid(-1)
    yield* process.write(
      1,
      `${result === undefined || isErrno(result) ? '?' : `${result.pid === pid} ${result.how} ${'status' in result ? result.status : ''}`}\n`,
    )
    return 3
  })
  expect(out).toBe('hello hello a y\ntrue exited 7\n')
  expect(task.exitResult).toMatchObject({ how: 'exited', status: 3 })
})

test('files and pipes', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    const fd = yield* process.open('/tmp/a', O_WRONLY | O_CREAT, 0o644)
    if (isErrno(fd)) return 1
    yield* process.write(fd, 'text')
    yield* process.close(fd)
    const again = yield* process.open('/tmp/a', O_RDONLY)
    if (isErrno(again)) return 1
    const bytes = yield* process.read(again)
    yield* process.write(1, isErrno(bytes) ? bytes.name : decodeUtf8(bytes))
    const ends = yield* process.pipe()
    if (isErrno(ends)) return 1
    yield* process.fork(function* (child) {
      yield* child.close(ends[0])
      for (let i = 0; i < 3; i++) yield* child.write(ends[1], `${i}`.repeat(50_000))
      return 0
    })
    yield* process.close(ends[1])
    let total = 0
    for (;;) {
      const part = yield* process.read(ends[0])
      if (isErrno(part) || part.length === 0) break
      total += part.length
    }
    yield* process.write(1, ` ${total}`)
    return 0
  })
  expect(out).toBe('text 150000')
})

test('SIGPIPE ends a writer without reader', () => {
  const { run } = testMachine()
  const { task } = run(function* (process) {
    const ends = yield* process.pipe()
    if (isErrno(ends)) return 1
    yield* process.close(ends[0])
    yield* process.write(ends[1], 'x')
    return 0
  })
  expect(task.exitResult).toMatchObject({ how: 'killed', signal: signals.SIGPIPE.number })
})

test('a handler interrupts a sleep, and a read restarts', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    const seen: number[] = []
    yield* process.sigaction(signals.SIGALRM.number, function* (_process, signal) {
      seen.push(signal)
    })
    yield* process.alarm(1_000_000)
    const slept = yield* process.nanosleep(10_000_000)
    yield* process.write(1, `${isErrno(slept) ? slept.name : slept} ${seen} ${Math.round(process.monotonicUsec / 1e6)}\n`)
    yield* process.sigaction(signals.SIGALRM.number, function* () {}, { restart: true })
    const ends = yield* process.pipe()
    if (isErrno(ends)) return 1
    yield* process.alarm(500_000)
    yield* process.fork(function* (child) {
      yield* child.nanosleep(1_000_000)
      yield* child.write(ends[1], 'late')
      return 0
    })
    const bytes = yield* process.read(ends[0])
    yield* process.write(1, isErrno(bytes) ? bytes.name : decodeUtf8(bytes))
    return 0
  })
  expect(out).toBe('EINTR 14 1\nlate')
})

test('stop, continue and kill are told to the parent', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    const pid = yield* process.fork(function* (child) {
      yield* child.nanosleep(1e9)
      return 0
    })
    if (isErrno(pid)) return 1
    const told: string[] = []
    yield* process.kill(pid, signals.SIGSTOP.number)
    for (const signal of [signals.SIGCONT.number, signals.SIGKILL.number, 0]) {
      const result = yield* process.waitpid(pid, 2 | 8)
      if (result !== undefined && !isErrno(result)) told.push(`${result.how} ${'signal' in result ? result.signal : ''}`)
      if (signal !== 0) yield* process.kill(pid, signal)
    }
    const none = yield* process.waitpid(-1)
    told.push(isErrno(none) ? none.name : '?')
    yield* process.write(1, told.join(', '))
    return 0
  })
  expect(out).toBe('stopped 19, continued 18, killed 9, ECHILD')
})

test('scripts run their interpreter', () => {
  const { run } = testMachine(
    {
      *show(process) {
        yield* process.write(1, `${process.argv.join('|')}\n`)
        return 0
      },
    },
    [
      { path: '/bin/script', kind: 'file', mode: 0o755, content: '#!/bin/show  -a b \nrest\n' },
      { path: '/bin/broken', kind: 'file', mode: 0o755, content: '#!/bin/none\n' },
      { path: '/bin/text', kind: 'file', mode: 0o755, content: 'echo\n' },
      { path: '/bin/plain', kind: 'file', mode: 0o644, content: 'echo\n' },
    ],
  )
  const { out } = run(function* (process) {
    for (const path of ['/bin/script', '/bin/broken', '/bin/text', '/bin/plain', '/bin']) {
      yield* process.fork(function* (child) {
        const failed = yield* child.exec(path, ['zero', 'one'], {})
        yield* child.write(1, `${failed.name}\n`)
        return 1
      })
      yield* process.waitpid(-1)
    }
    return 0
  })
  expect(out).toBe('/bin/show|-a b|/bin/script|one\nENOENT\nENOEXEC\nEACCES\nEACCES\n')
})

test('kill needs a permission', () => {
  const { run, events } = testMachine()
  const { out } = run(
    function* (process) {
      const result = yield* process.kill(1, signals.SIGTERM.number)
      yield* process.write(1, isErrno(result) ? result.name : 'ok')
      return result === errno.EPERM ? 0 : 1
    },
    { uid: 1000 },
  )
  expect(out).toBe('EPERM')
  expect(events.filter((event) => event.type === 'denial')).toMatchObject([{ syscall: 'kill', errno: 'EPERM', cause: 'not root' }])
})
