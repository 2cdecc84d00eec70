import { describe, expect, it } from 'vitest'
import { encodeNative, encodeStreamHeader, NATIVE_SOCKET, STDOUT_SOCKET } from '@/lib/journal'
import { isErrno, type Main } from '@/lib/kernel'
import { JournalMachine } from './journal-machine'

/** Sends raw bytes to the native socket. */
const native = (...messages: readonly Uint8Array[]): Main =>
  function* (process) {
    const fd = yield* process.socket('AF_UNIX', 'dgram')
    if (isErrno(fd)) return 1
    for (const message of messages) yield* process.send(fd, message, { to: { domain: 'AF_UNIX', path: NATIVE_SOCKET } })
    return 0
  }

/** Speaks as a service does whose output goes to the journal. */
const service = (text: string, options: { readonly unit?: string; readonly levelPrefix?: boolean } = {}): Main =>
  function* (process) {
    const fd = yield* process.socket('AF_UNIX', 'stream')
    if (isErrno(fd)) return 1
    yield* process.connect(fd, { domain: 'AF_UNIX', path: STDOUT_SOCKET })
    const { unit = 'web.service', levelPrefix = true } = options
    yield* process.write(fd, encodeStreamHeader({ identifier: 'web', unitId: unit, priority: 30, levelPrefix }))
    yield* process.write(fd, text)
    yield* process.nanosleep(100_000)
    return 0
  }

const withService = (main: Main, files: Readonly<Record<string, string>> = {}, links: Readonly<Record<string, string>> = {}) => {
  const machine = new JournalMachine(files, true, { sender: main }, links)
  machine.run(['sender'])
  return machine
}

describe('what journald takes', () => {
  it('a line of logger, and shows it with its time and process', () => {
    const machine = new JournalMachine()
    expect(machine.run(['logger', '-t', 'helper', 'from logger'])).toEqual({ out: '', err: '', status: 0 })
    expect(machine.journalctl('-t', 'helper')).toEqual([expect.stringMatching(/^Nov 22 13:27:00 lab helper\[\d+\]: from logger$/)])
    expect(machine.journalctl('-t', 'helper', '-o', 'json').map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        MESSAGE: 'from logger',
        PRIORITY: '5',
        SYSLOG_FACILITY: '1',
        _TRANSPORT: 'syslog',
        SYSLOG_TIMESTAMP: 'Nov 22 13:27:00 ',
        _UID: '0',
      },
    ])
  })

  it('lines of a service: levels, blanks at the end, empty lines, a last line without its end', () => {
    const machine = withService(service('one\n<3>bad\n<7>fine print\n\n   \n  indented  \nnul\0split\nlast'))
    expect(machine.journalctl('-u', 'web', '-o', 'cat')).toEqual(['one', 'bad', 'fine print', '  indented', 'nul', 'split', 'last'])
    expect(machine.journalctl('-u', 'web', '-p', 'err', '-o', 'cat')).toEqual(['bad'])
    expect(machine.journalctl('-o', 'json', '_LINE_BREAK=eof').map((line) => (JSON.parse(line) as { MESSAGE: string }).MESSAGE)).toEqual([
      'last',
    ])
  })

  it('a level prefix only where it is wanted', () => {
    expect(withService(service('<3>kept\n', { levelPrefix: false })).journalctl('-u', 'web', '-o', 'cat')).toEqual(['<3>kept'])
  })

  it('fields of its own protocol, but none that only journald may set', () => {
    const machine = withService(
      native(
        encodeNative([
          ['MESSAGE', 'two\nlines'],
          ['PRIORITY', '4'],
          ['UNIT', 'x.service'],
        ]),
        new TextEncoder().encode('MESSAGE=forged\n_PID=1\n_UID=4711\n'),
      ),
    )
    expect(machine.journalctl('UNIT=x.service', '-o', 'cat')).toEqual(['two', 'lines'])
    const [forged] = machine.journalctl('MESSAGE=forged', '-o', 'json')
    expect(JSON.parse(forged!)).toMatchObject({ _UID: '0' })
    expect(machine.journalctl('_PID=1')).toEqual(['-- No entries --'])
  })

  it('the output of systemd-cat', () => {
    const machine = new JournalMachine()
    machine.run(['systemd-cat', '-t', 'wrapped', '-p', 'warning', 'logger', '-s', '--no-act', 'hello'])
    expect(machine.journalctl('-t', 'wrapped', '-o', 'cat')).toEqual([expect.stringMatching(/root: hello$/)])
    expect(machine.journalctl('-t', 'wrapped', '-p', '4..4', '-o', 'cat')).toHaveLength(1)
  })
})

describe('limits of a unit', () => {
  it('LogLevelMax drops what is less important', () => {
    const machine = withService(
      service('<3>error line\n<7>debug line\n<4>warning\nplain\n'),
      {},
      { '/run/systemd/units/log-level-max:web.service': '4' },
    )
    expect(machine.journalctl('-u', 'web', '-o', 'cat')).toEqual(['error line', 'warning'])
  })

  it('a rate limit keeps a burst that grows with the free disk, and tells later what it dropped', () => {
    const text = Array.from({ length: 60 }, (_one, index) => `line ${index + 1}\n`).join('')
    const links = {
      '/run/systemd/units/log-rate-limit-interval:web.service': '5000000',
      '/run/systemd/units/log-rate-limit-burst:web.service': '4',
    }
    const machine = withService(service(text), {}, links)
    const kept = machine.journalctl('-t', 'web', '-o', 'cat').length
    expect(kept).toBeGreaterThanOrEqual(4)
    expect(kept).toBeLessThan(60)
    machine.settle(10_000_000)
    machine.run(['sender'])
    expect(machine.journalctl('-o', 'cat', '-g', 'Suppressed')).toEqual([`Suppressed ${60 - kept} messages from web.service`])
  })
})

describe('where it goes', () => {
  it('into memory first, onto the disk by --flush', () => {
    const machine = new JournalMachine()
    machine.run(['logger', 'early'])
    expect(machine.kernel.hostFiles.list('/run/log/journal')).toHaveLength(1)
    expect(machine.run(['journalctl', '--flush'])).toEqual({ out: '', err: '', status: 0 })
    expect(machine.journalctl('-o', 'cat')).toEqual([
      'Journal started',
      expect.stringMatching(/^Runtime Journal \(\/run\/log\/journal\/[0-9a-f]{32}\) is \S+, max \S+, \S+ free\.$/),
      'early',
      expect.stringMatching(/^Time spent on flushing to \/var\/log\/journal\/[0-9a-f]{32} is \S+ for 3 entries\.$/),
      expect.stringMatching(/^System Journal \(\/var\/log\/journal\//),
      'Received client request to flush runtime journal.',
    ])
    machine.run(['logger', 'late'])
    expect(machine.journalctl('-n', '1', '-o', 'cat')).toEqual(['late'])
  })

  it('stays in memory when told so', () => {
    const machine = new JournalMachine({ '/etc/systemd/journald.conf': '[Journal]\nStorage=volatile\n' })
    machine.run(['journalctl', '--flush'])
    machine.run(['logger', 'here'])
    expect(machine.kernel.hostFiles.list('/var/log/journal')).toEqual([])
    expect(machine.journalctl('-n', '1', '-o', 'cat')).toEqual(['here'])
    expect(machine.run(['journalctl', '-b', '-1']).err).toBe(
      'Specifying boot ID or boot offset has no effect, no persistent journal was found.\n',
    )
  })

  it('messages of people go to a file of their own, which they may read', () => {
    const machine = new JournalMachine()
    machine.run(['journalctl', '--flush'])
    machine.run(['logger', 'of root'])
    machine.run(['logger', 'of a learner'], { uid: 1000 })
    const own = machine.run(['journalctl', '-q', '-o', 'cat'], { uid: 1000 })
    expect(own).toEqual({ out: 'of a learner\n', err: '', status: 0 })
    expect(machine.run(['journalctl', '-n', '1'], { uid: 1000 }).err).toMatch(
      /^Hint: You are currently not seeing messages from other users and the system\.\n/,
    )
    expect(machine.run(['journalctl', '-n', '2', '-o', 'cat'], { uid: 1000, groups: [4] }).out).toBe('of root\nof a learner\n')
    expect(machine.run(['journalctl', '-n', '1', '-o', 'cat'], { uid: 1001 })).toMatchObject({
      status: 1,
      err: expect.stringContaining('No journal files were opened due to insufficient permissions.'),
    })
  })

  it('goes on where it was when journald is restarted', () => {
    const machine = new JournalMachine()
    machine.run(['logger', 'before'])
    machine.stopJournald()
    machine.startJournald()
    machine.run(['logger', 'after'])
    expect(machine.journalctl('-o', 'cat').filter((line) => !line.includes('Runtime'))).toEqual([
      'Journal started',
      'before',
      expect.stringMatching(/^Received SIGTERM from PID \d+ \(kill\)\.$/),
      'Journal stopped',
      'Journal started',
      'after',
    ])
  })

  it('rotation puts files away, vacuuming deletes them', () => {
    const machine = new JournalMachine()
    machine.run(['journalctl', '--flush'])
    machine.run(['logger', 'old'])
    machine.run(['journalctl', '--rotate'])
    machine.run(['logger', 'new'])
    expect(machine.journalctl('-t', 'root', '-o', 'cat')).toEqual(['old', 'new'])
    expect(machine.run(['journalctl', '--vacuum-size=1']).err).toMatch(
      /^Deleted archived journal \S+\/system@\S+\.journal \(\S+\)\.\nVacuuming done, freed \S+ of archived journals from/,
    )
    expect(machine.journalctl('-t', 'root', '-o', 'cat')).toEqual(['new'])
  })
})
