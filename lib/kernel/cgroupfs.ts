// After the kernel's admin-guide/cgroup-v2: the files of each group. A directory is a group; mkdir makes one, rmdir ends one.
import type { Cgroup } from './cgroup'
import { cgroupFiles } from './cgroup-files'
import { errno, isErrno } from './errno'
import type { Kernel } from './kernel'
import { type SyntheticDirectory, type SyntheticNode, SyntheticTree } from './synthetic'
import { taskOf } from './task-context'
import { FileSystem, type FileSystemType, IN_MODIFY, Inode, notifySelf, type PathContext } from './vfs'

export function cgroup2Type(kernel: Kernel): FileSystemType {
  let instance: CgroupFileSystem | undefined
  return {
    name: 'cgroup2',
    inUserNamespace: true,
    create: ({ vfs, context }) => {
      instance ??= new CgroupFileSystem(kernel, vfs.anonymousDevice(), vfs.nowUsec)
      const { fileSystem } = instance
      // In a cgroup namespace the mount shows the part below its root.
      const top = taskOf(context)?.namespaces.cgroup.root ?? kernel.rootCgroup
      let dentry = fileSystem.root
      for (const part of top.path.split('/')) {
        if (part === '') continue
        const found = fileSystem.lookup(dentry, part, context)
        if (found === undefined || isErrno(found)) break
        dentry = found
      }
      return { fileSystem, root: dentry }
    },
  }
}

class CgroupFileSystem {
  readonly fileSystem: FileSystem
  private readonly tree: SyntheticTree
  private readonly directories = new WeakMap<Cgroup, SyntheticDirectory>()

  constructor(kernel: Kernel, device: readonly [number, number], nowUsec: () => number) {
    this.tree = new SyntheticTree(() => this.fileSystem)
    this.fileSystem = new FileSystem({
      type: 'cgroup2',
      device,
      nowUsec,
      root: { mode: 0o555, operations: this.tree.operations('', this.nodeOf(kernel.rootCgroup))! },
      xattrs: true,
      showOptions: () => ['nsdelegate', 'memory_recursiveprot'],
    })
  }

  private key(group: Cgroup): string {
    return group.isRoot ? '' : `#${group.inum}`
  }

  /** The record of a group lives as long as the group, so owners and modes last. */
  private nodeOf(group: Cgroup): SyntheticDirectory {
    const known = this.directories.get(group)
    if (known !== undefined) return known
    const files = cgroupFiles(group)
    const isOn = (name: string): boolean => {
      const controller = name.slice(0, name.indexOf('.'))
      return group.isRoot || controller === 'cgroup' || name.endsWith('.pressure') || name.startsWith('cpu.stat')
        ? true
        : group.availableControllers.some((one) => one === controller)
    }
    const plain: SyntheticDirectory = {
      kind: 'directory',
      mode: 0o755,
      names: () => [...files.names().filter(isOn), ...group.children.keys()].sort(),
      node: (name): SyntheticNode | undefined => {
        const child = group.children.get(name)
        if (child !== undefined) return this.nodeOf(child)
        const file = files.file(name)
        return file === undefined || !isOn(name) ? undefined : file
      },
      mkdir: (name, context) => this.mkdir(group, name, context),
      rmdir: (name) => {
        const child = group.children.get(name)
        const gone = group.removeChild(name)
        if (!isErrno(gone) && child !== undefined) this.tree.forget(this.key(child))
        return gone
      },
    }
    if (group.isRoot) {
      this.directories.set(group, plain)
      return plain
    }
    const inode = new Inode(this.fileSystem, group.inum, 'directory', { mode: 0o755 }, this.tree.operations(this.key(group), plain))
    const node: SyntheticDirectory = { ...plain, inode }
    this.directories.set(group, node)
    this.watch(group)
    return node
  }

  private mkdir(group: Cgroup, name: string, context: PathContext): 0 | ReturnType<Cgroup['removeChild']> {
    if (name.includes('\n')) return errno.EINVAL
    const made = group.makeChild(name)
    if (isErrno(made)) return made
    const { inode } = this.nodeOf(made)
    if (inode !== undefined) {
      inode.uid = context.credentials.fsuid
      inode.gid = context.credentials.fsgid
    }
    return 0
  }

  /** Changes of the events files are told to inotify. */
  private watch(group: Cgroup): void {
    const wake = (name: string): void => {
      const known = this.tree.known(`${this.key(group)}/${name}`)
      if (known !== undefined) notifySelf(known, IN_MODIFY)
    }
    group.eventsChanged.listen(() => {
      wake('cgroup.events')
      wake('memory.events')
      wake('memory.events.local')
      wake('pids.events')
    })
  }
}
