// What mount(2) knows beside disks and tmpfs.
import type { Kernel } from './kernel'
import { createTmpfs, type FileSystemType } from './vfs'
import { isErrno } from './errno'

export function syntheticTypes(_kernel: Kernel): readonly FileSystemType[] {
  const devtmpfs: FileSystemType = {
    name: 'devtmpfs',
    create: (request) => {
      const fileSystem = createTmpfs(request, 'devtmpfs')
      return isErrno(fileSystem) ? fileSystem : { fileSystem }
    },
  }
  return [devtmpfs]
}
