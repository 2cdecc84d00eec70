// After proc(5): /proc, made from the live table whenever it is read. Options of a mount: hidepid=, subset=, gid=.
import { errno } from './errno'
import type { Kernel } from './kernel'
import type { PidNamespace } from './namespace'
import { processDirectory } from './proc-pid'
import { rootFiles } from './proc-root'
import { mayInspect } from './ptrace'
import { link, type SyntheticNode, SyntheticTree } from './synthetic'
import type { Task } from './task'
import { taskOf } from './task-context'
import { FileSystem, type FileSystemType, type PathContext } from './vfs'
import { inGroup } from './credentials'
import type { Fallible } from './system-calls'

export type ProcOptions = { hidepid: 0 | 1 | 2 | 4; subset: boolean; gid: number }

const hidepidNames: Record<string, ProcOptions['hidepid']> = {
  off: 0,
  noaccess: 1,
  invisible: 2,
  ptraceable: 4,
  '0': 0,
  '1': 1,
  '2': 2,
  '4': 4,
}

function parse(data: string, options: ProcOptions): boolean {
  for (const word of data.split(',')) {
    const [key, value = ''] = word.split('=')
    if (key === '' || key === undefined) continue
    if (key === 'hidepid') {
      const level = hidepidNames[value]
      if (level === undefined) return false
      options.hidepid = level
    } else if (key === 'subset') {
      if (value !== 'pid') return false
      options.subset = true
    } else if (key === 'gid') options.gid = Number(value)
    else return false
  }
  return true
}

function shown(options: ProcOptions): readonly string[] {
  const names = { 1: 'noaccess', 2: 'invisible', 4: 'ptraceable' } as const
  return [
    ...(options.gid === 0 ? [] : [`gid=${options.gid}`]),
    ...(options.hidepid === 0 ? [] : [`hidepid=${names[options.hidepid]}`]),
    ...(options.subset ? ['subset=pid'] : []),
  ]
}

export function procType(kernel: Kernel): FileSystemType {
  return {
    name: 'proc',
    inUserNamespace: true,
    create: ({ vfs, data, context }) => {
      const options: ProcOptions = { hidepid: 0, subset: false, gid: 0 }
      if (!parse(data, options)) return errno.EINVAL
      const namespace = taskOf(context)?.namespaces.pid ?? kernel.namespaces.pid
      return { fileSystem: makeProc(kernel, namespace, options, vfs.anonymousDevice(), vfs.nowUsec) }
    },
  }
}

function makeProc(
  kernel: Kernel,
  namespace: PidNamespace,
  options: ProcOptions,
  device: readonly [number, number],
  nowUsec: () => number,
): FileSystem {
  // What belongs to a process is made anew: the number may be another process's next time.
  const tree = new SyntheticTree(
    () => fileSystem,
    (key) => !/^\/(\d|self|thread-self|net)/.test(key),
  )
  const find = (pid: number): Task | undefined => (namespace.level === 0 ? kernel.tasks.get(pid) : namespace.tasks.get(pid))
  const numberOf = (task: Task): number => (namespace.level === 0 ? task.pid : (namespace.numbers.get(task) ?? 0))
  const mayLook = (task: Task, context: PathContext): boolean =>
    inGroup(context.credentials, options.gid) && options.hidepid !== 4 && options.gid !== 0
      ? true
      : mayInspect(taskOf(context), context.credentials, task)
  const isVisible = (task: Task, context: PathContext): boolean => options.hidepid < 2 || mayLook(task, context)
  const permission = (task: Task, context: PathContext): Fallible<0> | undefined => {
    if (options.hidepid === 0 || mayLook(task, context)) return undefined
    return options.hidepid === 1 ? errno.EPERM : errno.ENOENT
  }
  const files = new Map(Object.entries(rootFiles(kernel)))
  const self = link((context) => {
    const task = taskOf(context)
    return task === undefined ? errno.ENOENT : String(numberOf(task))
  })
  const threadSelf = link((context) => {
    const task = taskOf(context)
    return task === undefined ? errno.ENOENT : `${numberOf(task)}/task/${numberOf(task)}`
  })
  const node = (name: string, context: PathContext): SyntheticNode | undefined => {
    if (/^[1-9]\d*$/.test(name)) {
      const task = find(Number(name))
      return task === undefined || !isVisible(task, context) ? undefined : processDirectory(task, permission)
    }
    if (name === 'self') return self
    if (name === 'thread-self') return threadSelf
    return options.subset ? undefined : files.get(name)
  }
  const names = (context: PathContext): readonly string[] => {
    const numbers: number[] = []
    for (const task of kernel.tasks.values()) {
      const number = numberOf(task)
      if (number !== 0 && isVisible(task, context)) numbers.push(number)
    }
    numbers.sort((a, b) => a - b)
    return [...(options.subset ? [] : files.keys()), 'self', 'thread-self', ...numbers.map(String)]
  }
  const fileSystem: FileSystem = new FileSystem({
    type: 'proc',
    device,
    nowUsec,
    root: { mode: 0o555, operations: tree.operations('', { kind: 'directory', names, node })! },
    showOptions: () => shown(options),
    reconfigure: (data) => {
      const next = { ...options }
      if (!parse(data, next)) return errno.EINVAL
      Object.assign(options, next)
      return 0
    },
  })
  return fileSystem
}
