import { expect, it } from 'vitest'
import { type Denial, isErrno, Kernel, O_WRONLY } from '@/lib/kernel'
import { explainDenial } from '@/lib/tools'
import { labDisk } from '@/lib/machine'

const cause = { unit: 'app.service', directive: 'ProtectSystem', file: '/etc/systemd/system/app.service', line: 12 }

it('names the call, the line and the remedy', () => {
  expect(explainDenial({ syscall: 'openat', argument: '/etc/app.conf', errno: 'EROFS', cause }, 'en')).toEqual({
    what: 'openat(/etc/app.conf) → EROFS',
    why: 'because ProtectSystem= (app.service:12)',
    remedy: 'add ConfigurationDirectory=app.conf, or ReadWritePaths=/etc/app.conf',
  })
  expect(explainDenial({ syscall: 'openat', argument: '/srv/x', errno: 'EROFS', cause }, 'ko').remedy).toBe(
    'ReadWritePaths=/srv/x을(를) 더하세요',
  )
})

it('knows refusals without a directive', () => {
  expect(explainDenial({ syscall: 'kill', argument: '1', errno: 'EPERM', cause: 'not root' }, 'en').why).toBe(
    'because the process is not privileged',
  )
})

it('reads the records of the kernel', () => {
  const denials: Denial[] = []
  const kernel = new Kernel({ image: labDisk(), bootUsec: 0, seed: 1, programs: new Map(), hostname: 'lab' })
  kernel.events.listen((event) => {
    if (event.type === 'denial') denials.push(event)
  })
  const task = kernel.start({
    comm: 'writer',
    argv: ['writer'],
    uid: 1000,
    *main(process) {
      return isErrno(yield* process.open('/etc/hosts', O_WRONLY)) ? 1 : 0
    },
  })
  expect(isErrno(task)).toBe(false)
  kernel.run({})
  expect(denials.map((denial) => explainDenial(denial, 'en').what)).toEqual(['openat(/etc/hosts) → EACCES'])
})
