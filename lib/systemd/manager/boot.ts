// Bringing the system up: the units that are there without asking, then the default target and all that it needs.
import { formatTimespan } from '@/lib/base'
import { messageId } from '@/lib/journal'
import type { Syscall } from '@/lib/kernel'
import { isBusError } from '../bus'
import { nothing, type Manager } from './manager'
import type { Unit } from './unit'

/** Units that exist before anything is read. */
const perpetual = { system: ['-.slice', 'system.slice', 'init.scope', '-.mount'], user: ['-.slice', 'app.slice', 'init.scope'] } as const

export function* startBoot(manager: Manager): Syscall<void> {
  manager.timestamps.unitsLoadStart = manager.process.monotonicUsec
  for (const id of perpetual[manager.scope]) {
    const unit = manager.loadUnit(id)
    if (isBusError(unit)) continue
    yield* unit.vtable.coldplug?.(unit) ?? nothing()
    if (id === '-.slice' || id === 'init.scope') adoptCgroup(manager, unit)
  }
  if (manager.scope === 'system') yield* manager.refreshMounts()
  manager.timestamps.unitsLoadFinish = manager.process.monotonicUsec
  manager.timestamps.unitsLoad = manager.process.monotonicUsec
  manager.onIdle = () => checkFinished(manager)
  const name = defaultTarget(manager)
  const job = startDefault(manager, name)
  if (job !== undefined) manager.log(6, `Queued start job for default target ${job.unit.id}.`)
  const slice = manager.getUnit('system.slice')
  if (slice !== undefined && manager.scope === 'system') manager.cgroupRealizeQueue.add(slice)
}

function adoptCgroup(manager: Manager, unit: Unit): void {
  unit.cgroupPath = unit.id === '-.slice' ? manager.cgroupRoot : `${manager.cgroupRoot}/init.scope`
  manager.unitsByCgroup.set(unit.cgroupPath === '' ? '/' : unit.cgroupPath, unit)
}

function defaultTarget(manager: Manager): string {
  if (manager.scope === 'user') return 'default.target'
  const line = ` ${manager.readText('/proc/cmdline')?.trim() ?? ''} `
  const unit = /\ssystemd\.unit=(\S+)/.exec(line)?.[1]
  if (unit !== undefined) return unit
  if (/\s(?:emergency|-b)\s/.test(line)) return 'emergency.target'
  if (/\s(?:rescue|single|s|S|1)\s/.test(line)) return 'rescue.target'
  return 'default.target'
}

function startDefault(manager: Manager, name: string) {
  for (const candidate of [name, 'rescue.target']) {
    const unit = manager.loadUnit(candidate)
    if (isBusError(unit)) continue
    if (unit.loadState !== 'loaded') {
      manager.log(3, `Failed to load ${candidate}, falling back to rescue.target: ${unit.loadError?.message ?? 'Unit not found.'}`)
      continue
    }
    const job = manager.addJob('start', unit, 'isolate')
    if (!isBusError(job)) return job
    const again = manager.addJob('start', unit, 'replace')
    if (!isBusError(again)) return again
    manager.log(0, `Failed to start default target: ${again.message}`)
  }
  return undefined
}

/** basic.target is reached: say what is odd about this system. All jobs done: the boot is over. */
function checkFinished(manager: Manager): void {
  if (manager.reloading) return
  const basic = manager.getUnit('basic.target')
  if (!manager.taintLogged && manager.scope === 'system' && basic?.activeState() === 'active') {
    manager.taintLogged = true
    if (manager.taint.length > 0)
      manager.log(5, `System is tainted: ${manager.taint.join(':')}`, { MESSAGE_ID: messageId.tainted, TAINT: manager.taint.join(':') })
  }
  if (manager.jobs.size > 0) return
  manager.closeIdlePipe()
  if (manager.bootFinished) return
  manager.bootFinished = true
  const now = manager.process.monotonicUsec
  manager.timestamps.finish = now
  const userspace = now - manager.timestamps.userspace
  const span = (usec: number) => formatTimespan(usec, 1000)
  if (manager.scope === 'system')
    manager.log(6, `Startup finished in ${span(manager.timestamps.userspace)} (kernel) + ${span(userspace)} (userspace) = ${span(now)}.`, {
      MESSAGE_ID: messageId.startupFinished,
      KERNEL_USEC: manager.timestamps.userspace,
      USERSPACE_USEC: userspace,
    })
  else {
    manager.log(6, `Startup finished in ${span(userspace)}.`, { MESSAGE_ID: messageId.userStartupFinished, USERSPACE_USEC: userspace })
    manager.defer(() => manager.notifyReady())
  }
  manager.emit({ type: 'boot-finished' })
}
