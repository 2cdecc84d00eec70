// Units that start others: sockets, paths, timers; and a reload that leaves what runs alone.
import { isErrno } from '@/lib/kernel'
import { expect, test } from 'vitest'
import { Lab } from './lab'

const lab = new Lab()

function talk(port: number, text: string): string {
  return lab.run(function* (process) {
    const fd = yield* process.socket('AF_INET', 'stream')
    if (isErrno(fd)) return fd.name
    const connected = yield* process.connect(fd, { domain: 'AF_INET', address: '127.0.0.1', port })
    if (isErrno(connected)) return connected.name
    yield* process.write(fd, text)
    const answer = yield* process.read(fd, 1000)
    yield* process.close(fd)
    return isErrno(answer) ? answer.name : new TextDecoder().decode(answer)
  })
}

test('Accept=no: the first connection starts the service', () => {
  lab.unit('idle.socket', '[Socket]\nListenStream=127.0.0.1:7000\n')
  lab.unit('idle.service', '[Service]\nExecStart=/usr/bin/sleep 1000\n')
  expect(lab.start('idle.socket')).toBe('done')
  expect(lab.state('idle.socket')).toBe('active (listening)')
  lab.run(function* (process) {
    const fd = yield* process.socket('AF_INET', 'stream')
    return isErrno(fd) ? fd : yield* process.connect(fd, { domain: 'AF_INET', address: '127.0.0.1', port: 7000 })
  })
  lab.sleep(0.5)
  expect([lab.state('idle.socket'), lab.state('idle.service')]).toEqual(['active (running)', 'active (running)'])
})

test('Accept=yes: an instance for each connection', () => {
  lab.unit('echo.socket', '[Socket]\nListenStream=127.0.0.1:7001\nAccept=yes\n')
  lab.unit('echo@.service', '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n')
  lab.start('echo.socket')
  expect(talk(7001, 'hello\n')).toBe('hello\n')
  expect(talk(7001, 'again\n')).toBe('again\n')
  lab.sleep(0.5)
  const all = lab.properties('echo.socket')
  expect([all.NAccepted, all.NConnections]).toEqual([2, 0])
})

test('an address in use', () => {
  lab.unit('second.socket', '[Socket]\nListenStream=127.0.0.1:7001\n')
  lab.unit('second.service', '[Service]\nExecStart=/usr/bin/sleep 1000\n')
  expect(lab.start('second.socket')).toBe('failed')
  expect(lab.journal('second.socket')).toEqual([
    '(sd-listen): second.socket: Failed to create listening socket (127.0.0.1:7001): Address already in use',
    'systemd: second.socket: Failed to receive listening socket (127.0.0.1:7001): Input/output error',
    'systemd: second.socket: Failed to listen on sockets: Input/output error',
    "systemd: second.socket: Failed with result 'resources'.",
    'systemd: Failed to listen on second.socket.',
  ])
})

test('a path that appears, and one that is written to', () => {
  lab.unit('seen.path', '[Path]\nPathExists=/run/appears\n')
  lab.unit('seen.service', '[Service]\nType=oneshot\nExecStart=/bin/rm /run/appears\n')
  lab.unit('written.path', '[Path]\nPathModified=/run/written\n')
  lab.unit('written.service', '[Service]\nType=oneshot\nExecStart=/bin/echo modified\n')
  lab.start('seen.path')
  lab.start('written.path')
  lab.write('/run/appears', 'x')
  lab.write('/run/written', 'x')
  lab.sleep(1)
  expect(lab.journal('seen.service')).toContain('systemd: Finished seen.service.')
  expect(lab.journal('written.service')).toContain('echo: modified')
  expect([lab.state('seen.path'), lab.state('written.path')]).toEqual(['active (waiting)', 'active (waiting)'])
})

test('a timer fires within its accuracy, and again', () => {
  lab.unit('often.timer', '[Timer]\nOnActiveSec=2\nOnUnitActiveSec=5\nAccuracySec=1us\n')
  lab.unit('often.service', '[Service]\nType=oneshot\nExecStart=/bin/echo tick\n')
  lab.start('often.timer')
  lab.sleep(13)
  expect(lab.journal('often.service').filter((line) => line === 'echo: tick')).toHaveLength(3)
  expect(lab.stop('often.timer')).toBe('done')
})

test('daemon-reload reads files anew and leaves what runs alone', () => {
  lab.unit('stays.service', '[Unit]\nDescription=Before\n[Service]\nExecStart=/usr/bin/sleep 1000\n')
  lab.start('stays.service')
  const pid = lab.properties('stays.service').MainPID
  lab.unit('stays.service', '[Unit]\nDescription=After\n[Service]\nExecStart=/usr/bin/sleep 1000\n')
  expect(lab.properties('stays.service').NeedDaemonReload).toBe(true)
  lab.reload()
  const all = lab.properties('stays.service')
  expect([all.Description, all.MainPID, all.ActiveState, all.NeedDaemonReload]).toEqual(['After', pid, 'active', false])
  expect(lab.state('graphical.target')).toBe('active (active)')
})
