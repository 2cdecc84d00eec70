// The file systems of a machine: its disk and tmpfs from the VFS, and the synthetic ones of this kernel.
import type { Kernel } from './kernel'
import { type FileSystemType, type Image, Vfs } from './vfs'
import { syntheticTypes } from './synthetic-types'

export class FileSystems {
  readonly vfs: Vfs

  constructor(kernel: Kernel, image: Image) {
    this.vfs = new Vfs({
      image,
      nowUsec: () => kernel.clock.realtimeUsec,
      memoryBytes: kernel.memory.totalBytes,
    })
    for (const type of syntheticTypes(kernel)) this.vfs.types.set(type.name, type)
  }

  get types(): readonly FileSystemType[] {
    return [...this.vfs.types.values()]
  }
}
