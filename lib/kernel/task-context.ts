// What paths mean to a process, and who it is: the VFS asks this, and synthetic files see by it who is asking.
import type { Task } from './task'
import { PathContext } from './vfs'

export class TaskContext extends PathContext {
  task!: Task

  forkFor(task: Task): TaskContext {
    const copy = new TaskContext(this.namespace, this.root, this.cwd, this.credentials, this.umask)
    copy.fileSizeLimit = this.fileSizeLimit
    copy.task = task
    return copy
  }
}

/** Who asks a synthetic file; undefined: the host. */
export function taskOf(context: PathContext): Task | undefined {
  return context instanceof TaskContext ? context.task : undefined
}
