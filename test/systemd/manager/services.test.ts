// Services on the booted lab: states, results and what the journal says.
import { describe, expect, test } from 'vitest'
import { Lab } from './lab'

const lab = new Lab()
const service = (name: string, text: string) =>
  lab.unit(`${name}.service`, `[Unit]\nDescription=${name.toUpperCase()}\n[Service]\n${text}\n`)
const lines = (name: string) => lab.journal(`${name}.service`)

test('the lab boots to its default target', () => {
  expect(lab.state('graphical.target')).toBe('active (active)')
})

describe('starting and stopping', () => {
  test('a simple service', () => {
    service('simple', 'ExecStart=/usr/bin/sleep 1000')
    expect(lab.start('simple.service')).toBe('done')
    expect(lab.state('simple.service')).toBe('active (running)')
    expect(lab.stop('simple.service')).toBe('done')
    expect(lines('simple')).toEqual([
      'systemd: Started simple.service - SIMPLE.',
      'systemd: Stopping simple.service - SIMPLE...',
      'systemd: simple.service: Deactivated successfully.',
      'systemd: Stopped simple.service - SIMPLE.',
    ])
  })

  test('a command that fails: start says done, the unit fails after', () => {
    service('fails', 'ExecStart=/bin/false')
    expect(lab.start('fails.service')).toBe('done')
    lab.sleep(0.2)
    expect(lab.state('fails.service')).toBe('failed (failed)')
    expect(lines('fails')).toEqual([
      'systemd: Started fails.service - FAILS.',
      'systemd: fails.service: Main process exited, code=exited, status=1/FAILURE',
      "systemd: fails.service: Failed with result 'exit-code'.",
    ])
  })

  test('oneshot is finished, not started', () => {
    service('once', 'Type=oneshot\nExecStart=/bin/true\nExecStart=/bin/echo second')
    expect(lab.start('once.service')).toBe('done')
    expect(lines('once')).toEqual([
      'systemd: Starting once.service - ONCE...',
      'echo: second',
      'systemd: once.service: Deactivated successfully.',
      'systemd: Finished once.service - ONCE.',
    ])
  })

  test('Type=exec waits for execve()', () => {
    service('exec', 'Type=exec\nExecStart=/no/such')
    expect(lab.start('exec.service')).toBe('failed')
    service('exec-good', 'Type=exec\nExecStart=/usr/bin/sleep 100')
    expect(lab.start('exec-good.service')).toBe('done')
    expect(lab.state('exec-good.service')).toBe('active (running)')
  })

  test('ExecCondition= skips, and that is no failure', () => {
    service('skipped', 'ExecCondition=/bin/false\nExecStart=/usr/bin/sleep 1000')
    expect(lab.start('skipped.service')).toBe('done')
    expect(lines('skipped')).toEqual([
      'systemd: Starting skipped.service - SKIPPED...',
      "systemd: skipped.service: Skipped due to 'exec-condition'.",
      'systemd: Condition check resulted in skipped.service - SKIPPED being skipped.',
    ])
  })

  test('a notify service that ends without a word', () => {
    service('mute', 'Type=notify\nExecStart=/bin/true')
    expect(lab.start('mute.service')).toBe('failed')
    expect(lab.properties('mute.service').Result).toBe('protocol')
  })

  test('TimeoutStartSec= runs out', () => {
    service('slow', 'Type=notify\nTimeoutStartSec=3\nExecStart=/usr/bin/sleep 1000')
    expect(lab.start('slow.service')).toBe('failed')
    expect(lines('slow')).toContain('systemd: slow.service: start operation timed out. Terminating.')
  })

  test('RuntimeMaxSec= runs out', () => {
    service('long', 'RuntimeMaxSec=2\nExecStart=/usr/bin/sleep 1000')
    lab.start('long.service')
    lab.sleep(3)
    expect(lab.properties('long.service').Result).toBe('timeout')
  })
})

describe('coming back', () => {
  test('until the start limit', () => {
    lab.unit('flaky.service', '[Unit]\nStartLimitBurst=3\n[Service]\nRestart=always\nExecStart=/bin/false\n')
    lab.start('flaky.service')
    lab.sleep(2)
    const all = lab.properties('flaky.service')
    expect([all.ActiveState, all.Result, all.NRestarts]).toEqual(['failed', 'exit-code', 3])
    expect(lines('flaky').slice(-3)).toEqual([
      'systemd: flaky.service: Start request repeated too quickly.',
      "systemd: flaky.service: Failed with result 'exit-code'.",
      'systemd: Failed to start flaky.service.',
    ])
  })

  test('a stop is no reason to come back', () => {
    service('always', 'Restart=always\nExecStart=/usr/bin/sleep 1000')
    lab.start('always.service')
    lab.stop('always.service')
    lab.sleep(1)
    expect(lab.state('always.service')).toBe('inactive (dead)')
  })
})

describe('KillMode=', () => {
  lab.write('/usr/local/bin/kids', '#!/bin/bash\nsleep 1111 &\nsleep 1112 &\nwait\n', 0o755)

  test('process: what is left is told, and told again at the next start', () => {
    service('leaves', 'KillMode=process\nExecStart=/usr/local/bin/kids')
    lab.start('leaves.service')
    lab.sleep(0.5)
    lab.stop('leaves.service')
    expect(lines('leaves').filter((line) => line.includes('remains running after unit stopped'))).toHaveLength(2)
    lab.start('leaves.service')
    expect(lines('leaves').filter((line) => line.includes('Found left-over process'))).toHaveLength(2)
    lab.stop('leaves.service')
  })

  test('mixed: the rest is killed when the main process is gone', () => {
    service('mixed', 'KillMode=mixed\nExecStart=/usr/local/bin/kids')
    lab.start('mixed.service')
    lab.sleep(0.5)
    lab.stop('mixed.service')
    expect(lines('mixed').filter((line) => line.includes('with signal SIGKILL'))).toHaveLength(2)
  })
})

describe('dependencies', () => {
  test('a failed requirement fails the job, not the unit', () => {
    service('broken', 'Type=oneshot\nExecStart=/bin/false')
    lab.unit('needs.service', '[Unit]\nRequires=broken.service\nAfter=broken.service\n[Service]\nExecStart=/usr/bin/sleep 1000\n')
    expect(lab.start('needs.service')).toBe('dependency')
    expect(lines('needs')).toEqual([
      'systemd: Dependency failed for needs.service.',
      "systemd: needs.service: Job needs.service/start failed with result 'dependency'.",
    ])
  })

  test('when it is killed, only BindsTo= follows', () => {
    service('base', 'ExecStart=/usr/bin/sleep 1000')
    for (const type of ['BindsTo', 'Requires', 'PartOf', 'Wants'])
      lab.unit(
        `${type.toLowerCase()}.service`,
        `[Unit]\n${type}=base.service\nAfter=base.service\n[Service]\nExecStart=/usr/bin/sleep 1000\n`,
      )
    const others = ['bindsto', 'requires', 'partof', 'wants'].map((name) => `${name}.service`)
    lab.start('base.service')
    for (const name of others) lab.start(name)
    const pid = lab.properties('base.service').MainPID
    lab.run(function* (process) {
      return yield* process.kill(Number(pid), 9)
    })
    lab.sleep(1)
    expect(others.map((name) => lab.properties(name).ActiveState)).toEqual(['inactive', 'active', 'active', 'active'])
    lab.start('bindsto.service')
    lab.stop('base.service')
    lab.sleep(0.5)
    expect(others.map((name) => lab.properties(name).ActiveState)).toEqual(['inactive', 'inactive', 'inactive', 'active'])
  })

  test('a cycle of wants loses a job, a cycle of requirements all', () => {
    for (const [one, other] of ['ab', 'bc', 'ca'])
      lab.unit(`${one}.service`, `[Unit]\nWants=${other}.service\nAfter=${other}.service\n[Service]\nExecStart=/usr/bin/sleep 1000\n`)
    expect(lab.start('a.service')).toBe('done')
    expect(lines('a')).toContain('systemd: a.service: Job b.service/start deleted to break ordering cycle starting with a.service/start')
    for (const [one, other] of ['pq', 'qp'])
      lab.unit(`${one}.service`, `[Unit]\nRequires=${other}.service\nAfter=${other}.service\n[Service]\nExecStart=/usr/bin/sleep 1000\n`)
    expect(lab.start('p.service')).toBe('Transaction order is cyclic. See system logs for details.')
  })

  test('OnFailure= is triggered', () => {
    service('mourner', 'Type=oneshot\nExecStart=/bin/sh -c "echo mourning $MONITOR_UNIT $MONITOR_EXIT_STATUS"')
    lab.unit('mortal.service', '[Unit]\nOnFailure=mourner.service\n[Service]\nType=oneshot\nExecStart=/bin/sh -c "exit 5"\n')
    expect(lab.start('mortal.service')).toBe('failed')
    lab.sleep(0.5)
    expect(lines('mortal')).toContain('systemd: mortal.service: Triggering OnFailure= dependencies.')
    expect(lines('mourner')).toContain('sh: mourning mortal.service 5')
  })

  test('unknown units', () => {
    expect(lab.start('nosuch.service')).toBe('Unit nosuch.service not found.')
    expect(lab.stop('nosuch.service')).toBe('Unit nosuch.service not loaded.')
    expect(lab.start('foo@.service')).toBe('Unit name foo@.service is missing the instance name.')
  })
})

test('what is stopped and wanted by nobody leaves memory', () => {
  service('gone', 'ExecStart=/usr/bin/sleep 1000')
  lab.start('gone.service')
  lab.stop('gone.service')
  lab.sleep(0.1)
  expect(lab.machine.view.units().some((unit) => unit.id === 'gone.service')).toBe(false)
})
