// What happens before PID 1 runs (the kernel's own start and the initrd's mounts), and processes that the host starts.
import { errno, isErrno } from './errno'
import { loadExecutable } from './calls/executable'
import { kernelThreads, LAST_THREAD_PID } from './kernel-thread'
import type { Kernel } from './kernel'
import { EXEC_BYTES } from './memory'
import { FileTable } from './file-table'
import { initialLimits } from './rlimit'
import { rootCredentials, userCredentials, type Credentials } from './credentials'
import { type Fallible, type Main, MS_NODEV, MS_NOEXEC, MS_NOSUID, O_NOCTTY, O_RDWR } from './system-calls'
import type { Task } from './task'
import { TaskContext } from './task-context'
import { chdirAt, mountAt, statAt } from './vfs'
import { openNow } from './open-path'

/** A task without program, as the kernel makes the first one. */
export function bareTask(kernel: Kernel, credentials: Credentials = rootCredentials): Task {
  const task = kernel.newTask()
  const root = kernel.fileSystems.vfs.initial.rootLocation()
  task.fs = new TaskContext(kernel.fileSystems.vfs.initial, root, root, credentials)
  task.fs.task = task
  task.namespaces = kernel.namespaces
  task.session = { sid: task.pid, tty: undefined }
  task.files = new FileTable()
  task.limits = initialLimits(kernel.memory.totalBytes)
  kernel.rootCgroup.addTask(task)
  return task
}

const safe = MS_NOSUID | MS_NODEV | MS_NOEXEC

/** The mounts that the initrd leaves behind. */
export function mountEarly(kernel: Kernel): void {
  const { vfs } = kernel.fileSystems
  const context = vfs.newContext()
  const runSize = `${Math.floor(kernel.memory.totalBytes / 10 / 4096) * 4}k`
  const devSize = `${Math.floor(kernel.memory.totalBytes / 2 / 4096) * 4}k`
  const early: readonly (readonly [source: string, target: string, type: string, flags: number, data: string])[] = [
    ['sysfs', '/sys', 'sysfs', safe, ''],
    ['proc', '/proc', 'proc', safe, ''],
    ['udev', '/dev', 'devtmpfs', MS_NOSUID, `mode=0755,size=${devSize}`],
    ['devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'gid=5,mode=600'],
    ['tmpfs', '/run', 'tmpfs', safe, `mode=0755,size=${runSize}`],
  ]
  for (const [source, target, type, flags, data] of early) {
    if (!isErrno(statAt(context, target))) mountAt(context, source, target, type, flags, data)
  }
  context.release()
}

/** Makes the kernel threads and PID 1, which runs `path`. */
export function boot(kernel: Kernel, path: string, argv: readonly string[] = [path]): Fallible<Task> {
  const init = bareTask(kernel)
  kernel.init = init
  kernel.namespaces.pid.init = init
  kernelThreads(kernel)
  kernel.skipPidsTo(LAST_THREAD_PID)
  mountEarly(kernel)
  kernel.log(
    5,
    'Linux version 6.12.107+deb13-cloud-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)',
  )
  kernel.log(6, `Command line: ${kernel.commandLine}`)
  const console = openNow(init, '/dev/console', O_RDWR | O_NOCTTY)
  if (!isErrno(console)) for (let fd = 0; fd < 3; fd++) init.files.install(console, false, 3)
  init.env = { HOME: '/', TERM: 'linux' }
  kernel.log(6, `Run ${path} as init process`)
  return start(init, path, argv, init.env)
}

/** Puts a program on a task that has none. */
function start(task: Task, path: string, argv: readonly string[], env: Readonly<Record<string, string>>): Fallible<Task> {
  const loaded = loadExecutable(task, path, argv)
  if (isErrno(loaded)) return loaded
  task.exe = loaded.exe
  task.exePlace = loaded.place
  task.credentials = loaded.credentials
  run(task, loaded.main, loaded.argv, env, path)
  return task
}

function run(task: Task, main: Main, argv: readonly string[], env: Readonly<Record<string, string>>, path: string): void {
  task.argv = argv
  task.env = env
  task.comm = (path.split('/').at(-1) ?? '').slice(0, 15)
  task.hasExeced = true
  task.kernel.memory.assign(task, EXEC_BYTES)
  task.stack = [{ generator: main(task.calls) }]
  task.kernel.scheduler.update(task)
}

export type StartOptions = {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  readonly groups?: readonly number[]
  /** Of the first three descriptors. Unset: /dev/null. */
  readonly files?: readonly (import('./open-file').OpenFile | undefined)[]
  /** Its parent is PID 1 (if there is one), as of a process that its parent left. */
  readonly parent?: Task
  readonly cgroup?: string
} & ({ readonly path: string } | { readonly main: Main; readonly comm: string })

/** A process that the host starts. */
export function startTask(kernel: Kernel, options: StartOptions): Fallible<Task> {
  const uid = options.uid ?? 0
  const credentials =
    uid === 0 ? { ...rootCredentials, groups: options.groups ?? [] } : userCredentials(uid, options.gid ?? uid, options.groups ?? [])
  const task = bareTask(kernel, credentials)
  const parent = options.parent ?? kernel.init
  if (parent !== undefined && parent !== task) {
    task.parentTask = parent
    parent.children.add(task)
  }
  const failed = prepare(kernel, task, options)
  if (!isErrno(failed)) {
    if ('main' in options) {
      run(task, options.main, options.argv, options.env ?? {}, options.comm)
      return task
    }
    const started = start(task, options.path, options.argv, options.env ?? {})
    if (!isErrno(started)) return started
    discard(kernel, task)
    return started
  }
  discard(kernel, task)
  return failed
}

function prepare(kernel: Kernel, task: Task, options: StartOptions): Fallible<0> {
  if (options.cwd !== undefined) {
    const moved = chdirAt(task.fs, options.cwd)
    if (isErrno(moved)) return moved
  }
  if (options.cgroup !== undefined) {
    const group = kernel.rootCgroup.find(options.cgroup)
    if (group === undefined) return errno.ENOENT
    const moved = group.moveHere(task)
    if (isErrno(moved)) return moved
  }
  for (let fd = 0; fd < 3; fd++) {
    const file = options.files?.[fd] ?? openNow(task, '/dev/null', O_RDWR)
    if (!isErrno(file)) task.files.install(file, false, 3, fd)
  }
  return 0
}

function discard(kernel: Kernel, task: Task): void {
  task.files.closeAll(task)
  task.cgroup.removeTask(task)
  task.parentTask?.children.delete(task)
  task.fs.release()
  kernel.tasks.delete(task.pid)
}
