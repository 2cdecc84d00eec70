// After systemd.service(5): the dependencies that a service has without saying so.
import {
  addExecDependencies,
  addMountDependencies,
  addNamed,
  addShutdownDependencies,
  addSliceDependency,
} from '../../manager/unit-defaults'
import type { Service } from './service'

export function loadService(service: Service): void {
  if (service.loadState !== 'loaded') return
  const { section, manager } = service
  addExecDependencies(service, section)
  addMountDependencies(service)
  addSliceDependency(service, section.Slice)
  for (const name of section.Sockets) addNamed(service, ['Wants', 'After', 'TriggeredBy'], name, 'file')
  if (section.Type === 'dbus' && manager.scope === 'system') addNamed(service, ['Requires', 'After'], 'dbus.socket', 'file')
  if (!service.config.Unit.DefaultDependencies) return
  if (manager.scope === 'system') addNamed(service, ['Requires', 'After'], 'sysinit.target', 'default')
  addNamed(service, ['After'], 'basic.target', 'default')
  addShutdownDependencies(service)
}
