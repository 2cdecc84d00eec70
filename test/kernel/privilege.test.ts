import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import {
  capabilityBits,
  errno,
  type Fallible,
  isErrno,
  type Main,
  mountEarly,
  O_RDONLY,
  type Process,
  type SeccompFilter,
  signals,
  type Syscall,
} from '@/lib/kernel'
import { executableContent } from '@/lib/kernel'
import { testMachine } from './machine'

const name = (value: Fallible<unknown>): string => (isErrno(value) ? value.name : 'ok')

const whoami: Main = function* (process) {
  const sets = yield* process.capget()
  yield* process.write(1, `${process.uid}:${process.euid}:${process.gid}:${process.egid} ${sets.effective.toString(16)}\n`)
  return 0
}

const files = [
  { path: '/bin/suid', kind: 'file', mode: 0o4755, content: executableContent('whoami') },
  { path: '/bin/sgid', kind: 'file', mode: 0o2755, gid: 5, content: executableContent('whoami') },
  {
    path: '/bin/filecap',
    kind: 'file',
    mode: 0o755,
    content: executableContent('whoami'),
    xattrs: { 'security.capability': 'cap_net_raw=ep' },
  },
] as const

function* spawn(process: Process, path: string, before?: (child: Process) => Syscall<unknown>): Syscall<void> {
  yield* process.fork(function* (child) {
    if (before !== undefined) yield* before(child)
    const failed = yield* child.exec(path, [path], {})
    yield* child.write(1, `${failed.name}\n`)
    return 1
  })
  yield* process.waitpid(-1)
}

test('setuid, setgid and file capabilities, and what no_new_privs does to them', () => {
  const { run } = testMachine({ whoami }, files)
  const { out } = run(
    function* (process) {
      for (const path of ['/bin/whoami', '/bin/suid', '/bin/sgid', '/bin/filecap']) yield* spawn(process, path)
      yield* process.setNoNewPrivileges()
      for (const path of ['/bin/suid', '/bin/filecap']) yield* spawn(process, path)
      return 0
    },
    { uid: 1000 },
  )
  expect(out.split('\n')).toEqual([
    '1000:1000:1000:1000 0',
    '1000:0:1000:1000 1ffffffffff',
    '1000:1000:1000:5 0',
    '1000:1000:1000:1000 2000',
    '1000:1000:1000:1000 0',
    '1000:1000:1000:1000 0',
    '',
  ])
})

test('ambient capabilities survive exec, dropped ones do not come back', () => {
  const { run } = testMachine({ whoami }, files)
  const { out } = run(function* (process) {
    const bind = capabilityBits.CAP_NET_BIND_SERVICE
    yield* spawn(process, '/bin/whoami', function* (child) {
      yield* child.setSecurebits(16)
      yield* child.setresuid(1000, 1000, 1000)
      yield* child.capset({ permitted: bind, effective: bind, inheritable: bind })
      yield* child.capset({ ambient: bind })
    })
    yield* spawn(process, '/bin/suid', function* (child) {
      yield* child.capset({ bounding: bind })
      yield* child.setresuid(1000, 1000, 1000)
    })
    return 0
  })
  expect(out).toBe('1000:1000:0:0 400\n1000:0:0:0 400\n')
})

test('a seccomp filter refuses, kills, and is inherited; the denial says why', () => {
  const cause = { unit: 'x.service', directive: 'SystemCallFilter', file: '/x.service', line: 3 }
  const filter: SeccompFilter = {
    defaultAction: { kind: 'allow' },
    calls: new Map([
      ['mkdir', { kind: 'errno', errno: errno.EPERM }],
      ['rmdir', { kind: 'kill-process' }],
      ['chmod', [{ when: [{ index: 1, is: 'masked', mask: 0o4000, value: 0o4000 }], action: { kind: 'errno', errno: errno.EACCES } }]],
    ]),
    cause,
  }
  const { run, events } = testMachine({ whoami }, files)
  const { out } = run(function* (process) {
    yield* process.seccomp(filter)
    const told: string[] = []
    yield* process.fork(function* (child) {
      told.push(
        name(yield* child.mkdir('/tmp/a')),
        name(yield* child.chmod('/bin/whoami', 0o4755)),
        name(yield* child.chmod('/bin/whoami', 0o755)),
      )
      yield* child.rmdir('/tmp/a')
      told.push('lived')
      return 0
    })
    const result = yield* process.waitpid(-1)
    told.push(result === undefined || isErrno(result) ? '?' : `${result.how} ${'signal' in result ? result.signal : ''}`)
    yield* process.write(1, told.join(' '))
    return 0
  })
  expect(out).toBe(`EPERM EACCES ok killed ${signals.SIGSYS.number}`)
  expect(events.filter((event) => event.type === 'denial')).toMatchObject([
    { syscall: 'mkdir', argument: '/tmp/a', errno: 'EPERM', cause },
    { syscall: 'chmod', errno: 'EACCES', cause },
    { syscall: 'rmdir', errno: 'SIGSYS', cause },
  ])
})

test('a user namespace gives capabilities inside only', () => {
  const { run, kernel } = testMachine()
  mountEarly(kernel)
  const { out } = run(
    function* (process) {
      const told = [name(yield* process.unshare(0x40000000)), name(yield* process.unshare(0x10000000))]
      const sets = yield* process.capget()
      told.push(String(sets.effective !== 0n), String(process.uid))
      const map = yield* process.open('/proc/self/uid_map', 1)
      if (isErrno(map)) return 1
      told.push(name(yield* process.write(map, '0 1000 1')), String(process.uid))
      told.push(
        name(yield* process.sethostname('inside')),
        name(yield* process.unshare(0x4000000)),
        name(yield* process.sethostname('inside')),
      )
      told.push(process.uname().nodename)
      yield* process.write(1, told.join(' '))
      return 0
    },
    { uid: 1000 },
  )
  expect(out).toBe('EPERM ok true 65534 ok 0 EPERM ok ok inside')
  expect(kernel.namespaces.uts.hostname).toBe('test')
})

test('a pid namespace counts from 1, and dies with its init', () => {
  const { run, kernel } = testMachine()
  const { out } = run(function* (process) {
    const told: string[] = []
    yield* process.unshare(0x20000000)
    const outside = yield* process.fork(function* (first) {
      told.push(`${first.pid} ${first.ppid}`)
      yield* first.fork(function* (second) {
        told.push(`${second.pid} ${second.ppid}`)
        yield* second.nanosleep(1e9)
        return 0
      })
      yield* first.nanosleep(1000)
      return 3
    })
    const result = yield* process.waitpid(-1)
    told.push(String(result !== undefined && !isErrno(result) && result.pid === outside))
    yield* process.write(1, told.join(', '))
    return 0
  })
  expect(out).toBe('1 0, 2 1, true')
  expect(kernel.processes().map((one) => one.comm)).toEqual(['init'])
})

test('orphans go to the nearest subreaper, else to init', () => {
  const { run } = testMachine()
  const { out } = run(function* (process) {
    yield* process.setChildSubreaper(true)
    yield* process.fork(function* (child) {
      yield* child.fork(function* (grandchild) {
        yield* grandchild.nanosleep(1000)
        yield* grandchild.write(1, `${grandchild.ppid === process.pid} `)
        return 5
      })
      return 0
    })
    yield* process.waitpid(-1)
    const adopted = yield* process.waitpid(-1)
    yield* process.write(1, adopted === undefined || isErrno(adopted) ? '?' : `${'status' in adopted ? adopted.status : ''}`)
    return 0
  })
  expect(out).toBe('true 5')
})

test('limits on descriptors and processes', () => {
  const { run } = testMachine({}, [{ path: '/etc/a', kind: 'file', content: 'a' }])
  const { out } = run(
    function* (process) {
      yield* process.setrlimit('NOFILE', { soft: 5, hard: 10 })
      const told: string[] = []
      for (;;) {
        const fd = yield* process.open('/etc/a', O_RDONLY)
        told.push(isErrno(fd) ? fd.name : String(fd))
        if (isErrno(fd)) break
      }
      told.push(name(yield* process.setrlimit('NOFILE', { soft: 5, hard: 20 })))
      yield* process.setrlimit('NPROC', { soft: 2, hard: 2 })
      for (let index = 0; index < 2; index++) {
        told.push(
          name(
            yield* process.fork(function* (child) {
              yield* child.nanosleep(1e6)
              return 0
            }),
          ),
        )
      }
      yield* process.write(1, told.join(' '))
      return 0
    },
    { uid: 1000 },
  )
  expect(out).toBe('0 3 4 EMFILE EPERM ok EAGAIN')
})

test('setns through a descriptor of /proc', () => {
  const { run, kernel } = testMachine()
  mountEarly(kernel)
  const { out } = run(function* (process) {
    const own = yield* process.open('/proc/self/ns/uts', O_RDONLY)
    if (isErrno(own)) return 1
    yield* process.unshare(0x4000000)
    yield* process.sethostname('other')
    const before = process.uname().nodename
    const done = yield* process.syscall('setns', own, 0)
    const link = yield* process.readlink('/proc/self/ns/uts')
    yield* process.write(1, `${before} ${name(done)} ${process.uname().nodename} ${isErrno(link) ? link.name : link}`)
    return 0
  })
  expect(out).toBe('other ok test uts:[4026531838]')
})

test('a program that throws is ended, and the machine goes on', () => {
  const { kernel, start } = testMachine()
  const faults: string[] = []
  // The machine of the tests throws on a fault: listen on a kernel of its own.
  const task = start(function* (process) {
    yield* process.getpgid()
    throw new Error('broken')
  })
  try {
    kernel.run({ untilUsec: 1_000_000 })
  } catch (error) {
    faults.push(decodeUtf8(new TextEncoder().encode(String(error))).split('\n')[0] ?? '')
  }
  kernel.run({ untilUsec: 1_000_000 })
  expect(faults).toEqual(['Error: broken'])
  expect(task.alive).toBe(false)
})
