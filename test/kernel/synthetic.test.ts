import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { isErrno, mountEarly, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, type Process, signals, type Syscall } from '@/lib/kernel'
import { testMachine } from './machine'

function* text(process: Process, path: string): Syscall<string> {
  const fd = yield* process.open(path, O_RDONLY)
  if (isErrno(fd)) return fd.name
  let whole = ''
  for (;;) {
    const part = yield* process.read(fd)
    if (isErrno(part)) return `${whole}${part.name}`
    if (part.length === 0) break
    whole += decodeUtf8(part)
  }
  yield* process.close(fd)
  return whole
}

function* put(process: Process, path: string, value: string): Syscall<string> {
  const fd = yield* process.open(path, O_WRONLY)
  if (isErrno(fd)) return `open:${fd.name}`
  const done = yield* process.write(fd, value)
  yield* process.close(fd)
  return isErrno(done) ? done.name : 'ok'
}

function machine() {
  const made = testMachine()
  mountEarly(made.kernel)
  return made
}

test('procfs shows the live table', () => {
  const { run } = machine()
  const { out } = run(function* (process) {
    const lines = [
      yield* text(process, '/proc/self/comm'),
      yield* text(process, '/proc/self/cgroup'),
      (yield* text(process, '/proc/1/stat')).split(' ').slice(0, 4).join(' '),
      (yield* text(process, '/proc/self/status')).match(/^(Uid|CapEff|NoNewPrivs):.*$/gm)?.join('\n') ?? '',
      yield* text(process, '/proc/sys/kernel/hostname'),
      String(yield* process.readlink('/proc/self')),
      yield* text(process, '/proc/99/stat'),
      (yield* text(process, '/proc/mounts')).split('\n')[2] ?? '',
    ]
    yield* process.write(1, lines.join('\n'))
    return 0
  })
  expect(out).toBe(
    [
      'test\n',
      '0::/\n',
      '1 (init) S 0',
      'Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0',
      'test\n',
      '2',
      'ENOENT',
      'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
    ].join('\n'),
  )
})

test('who may look into another process', () => {
  const { run } = machine()
  const { out } = run(
    function* (process) {
      const own = yield* text(process, '/proc/self/environ')
      const fds = yield* process.readdir('/proc/1/fd')
      const root = yield* process.readlink('/proc/1/root')
      yield* process.write(
        1,
        [own, yield* text(process, '/proc/1/environ'), isErrno(fds) ? fds.name : 'ok', isErrno(root) ? root.name : root].join(' '),
      )
      return 0
    },
    { uid: 1000 },
  )
  expect(out).toBe(' EACCES EACCES EACCES')
})

test('devices', () => {
  const { run } = machine()
  const { out } = run(function* (process) {
    const nothing = yield* process.open('/dev/null', O_RDWR)
    const zero = yield* process.open('/dev/zero', O_RDONLY)
    const full = yield* process.open('/dev/full', O_WRONLY)
    const tty = yield* process.open('/dev/tty', O_RDWR)
    if (isErrno(nothing) || isErrno(zero) || isErrno(full)) return 1
    const read = yield* process.read(nothing)
    const zeros = yield* process.read(zero, 3)
    const written = yield* process.write(full, 'x')
    yield* process.write(
      1,
      [
        isErrno(read) ? read.name : read.length,
        isErrno(zeros) ? '' : zeros.join(),
        isErrno(written) ? written.name : '',
        isErrno(tty) ? tty.name : '',
      ].join(' '),
    )
    return 0
  })
  expect(out).toBe('0 0,0,0 ENOSPC ENXIO')
})

test('/proc/self/fd opens a pipe again', () => {
  const { run } = machine()
  const { out } = run(function* (process) {
    const ends = yield* process.pipe()
    if (isErrno(ends)) return 1
    const again = yield* process.open(`/proc/self/fd/${ends[1]}`, O_WRONLY)
    if (isErrno(again)) return 2
    yield* process.write(again, 'through')
    const back = yield* process.read(ends[0])
    const link = yield* process.readlink(`/proc/self/fd/${ends[1]}`)
    yield* process.write(1, `${isErrno(back) ? back.name : decodeUtf8(back)} ${String(link).replace(/\d+/, 'N')}`)
    return 0
  })
  expect(out).toBe('through pipe:[N]')
})

test('cgroups: members, limits on processes, kill', () => {
  const { run, kernel } = machine()
  const { out } = run(function* (process) {
    yield* process.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 0)
    const base = '/sys/fs/cgroup'
    const told: string[] = []
    told.push(yield* put(process, `${base}/cgroup.subtree_control`, '+pids +memory +cpu'))
    const made = yield* process.mkdir(`${base}/a.slice`)
    told.push(isErrno(made) ? made.name : 'made')
    told.push(yield* put(process, `${base}/a.slice/pids.max`, '2'))
    const member = yield* process.fork(function* (child) {
      yield* child.nanosleep(1e9)
      return 0
    })
    if (isErrno(member)) return 1
    told.push(yield* put(process, `${base}/a.slice/cgroup.procs`, String(member)))
    told.push((yield* text(process, `${base}/a.slice/cgroup.events`)).trim().replace('\n', ','))
    const rest = yield* process.rmdir(`${base}/a.slice`)
    told.push(isErrno(rest) ? rest.name : 'gone')
    yield* put(process, `${base}/a.slice/cgroup.procs`, '0')
    const refused = yield* process.fork(function* () {
      return 0
    })
    told.push(isErrno(refused) ? refused.name : 'forked')
    told.push((yield* text(process, `${base}/a.slice/pids.events`)).trim())
    yield* put(process, `${base}/cgroup.procs`, '0')
    told.push(yield* put(process, `${base}/a.slice/cgroup.kill`, '1'))
    const ended = yield* process.waitpid(member)
    told.push(ended === undefined || isErrno(ended) ? '?' : `${ended.how} ${'signal' in ended ? ended.signal : ''}`)
    const gone = yield* process.rmdir(`${base}/a.slice`)
    told.push(isErrno(gone) ? gone.name : 'gone')
    yield* process.write(1, told.join('|'))
    return 0
  })
  expect(out).toBe(`ok|made|ok|ok|populated 1,frozen 0|EBUSY|EAGAIN|max 1|ok|killed ${signals.SIGKILL.number}|gone`)
  expect(kernel.rootCgroup.children.size).toBe(0)
})

test('memory.max kills the biggest of the group', () => {
  const { run, events } = machine()
  const { out } = run(function* (process) {
    yield* process.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 0)
    const base = '/sys/fs/cgroup'
    yield* put(process, `${base}/cgroup.subtree_control`, '+memory')
    yield* process.mkdir(`${base}/m`)
    yield* put(process, `${base}/m/memory.max`, '16M')
    const child = yield* process.fork(function* (one) {
      yield* put(one, `${base}/m/cgroup.procs`, '0')
      const result = yield* one.setMemory(64 * 1024 * 1024)
      yield* one.write(1, isErrno(result) ? result.name : 'held')
      return 0
    })
    if (isErrno(child)) return 1
    const ended = yield* process.waitpid(child)
    yield* process.write(
      1,
      `${ended === undefined || isErrno(ended) ? '?' : ended.how} ${(yield* text(process, `${base}/m/memory.events`)).match(/oom_kill \d+/)}`,
    )
    return 0
  })
  expect(out).toBe('killed oom_kill 1')
  expect(events.some((event) => event.type === 'oom')).toBe(true)
})

test('poll on mountinfo tells of changes', () => {
  const { run } = machine()
  const { out } = run(function* (process) {
    const fd = yield* process.open('/proc/self/mountinfo', O_RDONLY)
    if (isErrno(fd)) return 1
    const told: string[] = []
    const look = function* (): Syscall<void> {
      const ready = yield* process.poll([{ fd, events: 2 }], 1000)
      told.push(isErrno(ready) ? ready.name : String(ready[0]?.revents ?? 0))
    }
    yield* look()
    yield* process.mount('tmpfs', '/tmp', 'tmpfs', 0)
    yield* look()
    yield* look()
    yield* process.write(1, told.join(' '))
    return 0
  })
  expect(out).toBe('0 10 0')
})

test('a shell redirection to /dev/stderr', () => {
  const { run } = machine()
  const { out } = run(function* (process) {
    const fd = yield* process.open('/dev/stderr', O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErrno(fd)) {
      yield* process.write(1, fd.name)
      return 1
    }
    yield* process.write(fd, 'there')
    return 0
  })
  expect(out).toBe('there')
})
