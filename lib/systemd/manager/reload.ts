// `systemctl daemon-reload`: everything is read anew; what runs goes on running.
import type { Syscall } from '@/lib/kernel'
import { runGenerators } from './generators'
import type { Manager } from './manager'
import type { BusServer } from './server'

export function* reloadManager(manager: Manager, server: BusServer): Syscall<void> {
  const begin = manager.process.monotonicUsec
  manager.log(6, 'Reloading...')
  yield* server.reloading(true)
  manager.reloading = true
  yield* runGenerators(manager)
  manager.forgetUnitFiles()
  manager.timestamps.unitsLoadStart = manager.process.monotonicUsec
  const units = [...manager.allUnits()]
  for (const unit of units) unit.removeDependencies(['file', 'implicit', 'default', 'path'])
  for (const unit of units) {
    if (unit.gone) continue
    unit.loadState = 'stub'
    unit.descriptionText = unit.keepsDescription ? unit.descriptionText : ''
    manager.addToLoadQueue(unit)
  }
  manager.dispatchLoad()
  for (const unit of units) if (!unit.gone) unit.vtable.reloaded?.(unit)
  manager.reloading = false
  for (const unit of units) if (!unit.gone) manager.addToGcQueue(unit)
  manager.timestamps.unitsLoad = manager.process.monotonicUsec
  manager.timestamps.unitsLoadFinish = manager.process.monotonicUsec
  if (manager.scope === 'system') yield* manager.refreshMounts()
  for (const unit of manager.allUnits()) if (unit.cgroupPath !== undefined && unit.vtable.hasCgroup) manager.cgroupRealizeQueue.add(unit)
  const span = Math.floor((manager.process.monotonicUsec - begin) / 1000)
  manager.log(6, `Reloading finished in ${span} ms.`)
  yield* server.reloading(false)
}
