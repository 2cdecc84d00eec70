// A person at a terminal: job control, Ctrl-C, Ctrl-Z, editing keys.
import { expect, test } from 'vitest'
import { decodeUtf8 } from '@/lib/base'
import { isErrno, type Main } from '@/lib/kernel'
import { shellMachine } from './shell-machine'

/** Types each text, half a second apart, and gives what the terminal showed. */
function session(...keys: readonly string[]): string {
  const { kernel } = shellMachine()
  const terminal = kernel.openTerminal({ rows: 24, columns: 80 })
  let shown = ''
  terminal.onOutput((bytes) => {
    shown += decodeUtf8(bytes)
  })
  const login: Main = function* (process) {
    yield* process.setsid()
    const fd = yield* process.open(terminal.path, 2)
    if (isErrno(fd)) return 1
    for (const copy of [0, 1, 2]) if (copy !== fd) yield* process.dup2(fd, copy)
    yield* process.setControllingTerminal(0)
    yield* process.exec('/usr/bin/bash', ['-bash'], { PATH: '/usr/bin', HOME: '/root', TERM: 'xterm', PS1: '$ ' })
    return 1
  }
  const task = kernel.start({ comm: 'login', argv: ['login'], main: login })
  if (isErrno(task)) throw new Error(task.message)
  for (const text of ['', ...keys]) {
    terminal.write(text)
    kernel.run({ untilUsec: kernel.clock.monotonicUsec + 500_000, steps: 1_000_000 })
  }
  return shown
    .replaceAll('\r\n', '\n')
    .replace(/\x1b\[\?2004[hl]\r?/g, '')
    .replace(/\b\d{3,}\b/g, (number) => (Number(number) < 131 || number === '148' ? number : 'PID'))
}

test('background jobs are listed and their end is told before the next prompt', () => {
  expect(session('sleep 100 &\r', 'jobs\r', 'kill %1\r')).toContain(
    '[1] PID\n$ jobs\n[1]+  Running                 sleep 100 &\n$ kill %1\n[1]+  Terminated              sleep 100\n$ ',
  )
})

test('Ctrl-Z stops, bg and fg go on, Ctrl-C ends', () => {
  const shown = session('sleep 100\r', '\x1a', 'echo $?\r', 'bg\r', 'fg\r', '\x03', 'echo $?\r')
  expect(shown).toContain(
    '^Z\n[1]+  Stopped                 sleep 100\n$ echo $?\n148\n$ bg\n[1]+ sleep 100 &\n$ fg\nsleep 100\n^C\n$ echo $?\n130\n',
  )
})

test('Ctrl-C breaks a loop of builtins and a loop of programs', () => {
  expect(session('while :; do :; done\r', '\x03', 'echo $?\r')).toContain('^C\n$ echo $?\n130\n')
  expect(session('for i in 1 2; do sleep 9; done; echo no\r', '\x03', 'echo $?\r')).toContain('^C\n$ echo $?\n130\n')
})

test('a logout with stopped jobs warns once', () => {
  expect(session('sleep 100\r', '\x1a', 'exit\r', 'exit\r')).toMatch(/logout\nThere are stopped jobs\.\n\$ exit\nlogout\n/)
})

test('editing keys, history and completion', () => {
  expect(session('echo bc\x01\x06\x06\x06\x06\x06a\x05d\r')).toContain('\nabcd\n')
  expect(session('echo one\r', '\x1b[A\x17two\r')).toContain('\ntwo\n')
  expect(session('basen\t/a/b\r')).toContain('\nb\n')
  expect(session('echo 가나\x7f다\r')).toContain('\n가다\n')
})
