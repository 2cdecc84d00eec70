// What a service leaves behind that goes away with it.
import type { Syscall } from '@/lib/kernel'
import { releaseRuntime } from '../../manager/exec-runtime'
import { connectionClosed } from '../socket/connection'
import type { Service } from './service'

/** Runtime directories, credentials, private /tmp, the PID file; kept in part when the service comes back. */
export function* destroyRuntimeData(service: Service, restarting: boolean): Syscall<void> {
  const { manager, section } = service
  const back = restarting || service.job?.type === 'restart' || service.job?.type === 'start'
  const keep = section.RuntimeDirectoryPreserve === 'yes' || (section.RuntimeDirectoryPreserve === 'restart' && back)
  yield* releaseRuntime(service, section, keep)
  if (section.PIDFile !== '') yield* manager.process.unlink(section.PIDFile)
  const keepStore = section.FileDescriptorStorePreserve === 'yes' || (section.FileDescriptorStorePreserve === 'restart' && back)
  if (!keepStore && service.fdStore.length > 0) {
    for (const held of service.fdStore) yield* manager.process.close(held.fd)
    service.fdStore = []
  }
  if (service.socketFd !== undefined) {
    yield* manager.process.close(service.socketFd)
    service.socketFd = undefined
    connectionClosed(service)
  }
}
