// The descriptors of a process: small numbers to open file descriptions. The lowest free number is given out.
import { errno } from './errno'
import type { OpenFile } from './open-file'
import type { Fallible } from './system-calls'
import type { Task } from './task'

type Slot = { file: OpenFile; cloexec: boolean }

export class FileTable {
  private slots: (Slot | undefined)[] = []
  private lowestFree = 0

  get(fd: number): OpenFile | undefined {
    return this.slots[fd]?.file
  }

  cloexec(fd: number): boolean {
    return this.slots[fd]?.cloexec ?? false
  }

  setCloexec(fd: number, on: boolean): void {
    const slot = this.slots[fd]
    if (slot !== undefined) slot.cloexec = on
  }

  /** Takes the lowest free number from `atLeast`; EMFILE at the limit. */
  install(file: OpenFile, cloexec: boolean, limit: number, atLeast = 0): Fallible<number> {
    let fd = Math.max(this.lowestFree, atLeast)
    while (this.slots[fd] !== undefined) fd += 1
    if (fd >= limit) return errno.EMFILE
    if (atLeast <= this.lowestFree) this.lowestFree = fd + 1
    file.references += 1
    this.slots[fd] = { file, cloexec }
    return fd
  }

  /** dup2(): closes what was there. */
  replace(task: Task, fd: number, file: OpenFile, cloexec: boolean): void {
    file.references += 1
    if (this.slots[fd] !== undefined) this.close(task, fd)
    while (this.slots.length < fd) this.slots.push(undefined)
    this.slots[fd] = { file, cloexec }
  }

  close(task: Task, fd: number): Fallible<0> {
    const slot = this.slots[fd]
    if (slot === undefined) return errno.EBADF
    this.slots[fd] = undefined
    if (fd < this.lowestFree) this.lowestFree = fd
    dropReference(task, slot.file)
    return 0
  }

  closeOnExec(task: Task): void {
    for (let fd = 0; fd < this.slots.length; fd++) if (this.slots[fd]?.cloexec) this.close(task, fd)
  }

  closeAll(task: Task): void {
    for (let fd = 0; fd < this.slots.length; fd++) if (this.slots[fd] !== undefined) this.close(task, fd)
    this.slots = []
    this.lowestFree = 0
  }

  copy(): FileTable {
    const table = new FileTable()
    table.slots = this.slots.map((slot) => {
      if (slot === undefined) return undefined
      slot.file.references += 1
      return { file: slot.file, cloexec: slot.cloexec }
    })
    table.lowestFree = this.lowestFree
    return table
  }

  /** Numbers in use, ascending. */
  numbers(): number[] {
    const numbers: number[] = []
    for (let fd = 0; fd < this.slots.length; fd++) if (this.slots[fd] !== undefined) numbers.push(fd)
    return numbers
  }
}

export function dropReference(task: Task, file: OpenFile): void {
  file.references -= 1
  file.closedBy(task)
  if (file.references === 0) file.release()
}
