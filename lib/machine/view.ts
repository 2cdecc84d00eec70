// What the host sees of a running machine without running anything on it: units, processes, files, the journal.
import type { FileReader } from '@/lib/base'
import { type Kernel, type ProcessStatus, UserDatabase } from '@/lib/kernel'
import { type Entry, fieldText, Journal, JournalFile } from '@/lib/journal'
import type { ListedJob, ListedUnit, Properties, Value } from '@/lib/systemd/bus'
import type { ManagerView } from '@/lib/systemd/manager'

export type UnitState = {
  readonly name: string
  readonly description: string
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
  readonly unitFileState: string
  readonly result: string
  readonly mainPid: number
  readonly restarts: number
  readonly sinceUsec: number
}
export type ProcessState = {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  readonly user: string
  readonly argv: readonly string[]
  readonly comm: string
  readonly unit: string
  readonly state: string
  readonly tty: string
  readonly memory: number
}
export type FileState = {
  readonly bytes: Uint8Array
  readonly mode: number
  readonly owner: string
  readonly group: string
  readonly kind: string
}
export type EntryState = {
  readonly message: string
  readonly unit: string
  readonly identifier: string
  readonly pid: number
  readonly priority: number
  readonly realtimeUsec: number
}

const text = (value: Value): string => (typeof value === 'string' ? value : value === undefined ? '' : String(value))
const number = (value: Value): number => (typeof value === 'number' ? value : 0)

export class MachineView {
  private readonly kernel: Kernel
  private readonly manager: () => ManagerView | undefined

  constructor(kernel: Kernel, manager: () => ManagerView | undefined) {
    this.kernel = kernel
    this.manager = manager
  }

  get reader(): FileReader {
    return this.kernel.hostFiles.reader
  }

  unit(name: string): UnitState {
    const properties: Properties = this.manager()?.properties(name) ?? {}
    return {
      name,
      description: text(properties.Description),
      loadState: text(properties.LoadState),
      activeState: text(properties.ActiveState),
      subState: text(properties.SubState),
      unitFileState: text(properties.UnitFileState),
      result: text(properties.Result),
      mainPid: number(properties.MainPID),
      restarts: number(properties.NRestarts),
      sinceUsec: number(properties.StateChangeTimestamp),
    }
  }

  /** As `systemctl show -P NAME` prints plain values; lists are joined by blanks. */
  property(unit: string, name: string): string {
    const value = this.manager()?.properties(unit)?.[name]
    if (typeof value === 'boolean') return value ? 'yes' : 'no'
    return Array.isArray(value) ? value.map((one: Value) => text(one)).join(' ') : text(value)
  }

  units(): readonly ListedUnit[] {
    return this.manager()?.listUnits() ?? []
  }

  jobs(): readonly ListedJob[] {
    return this.manager()?.jobs() ?? []
  }

  processes(): readonly ProcessState[] {
    const users = new UserDatabase(this.reader)
    return this.kernel.processes().map((one: ProcessStatus) => ({
      pid: one.pid,
      ppid: one.ppid,
      pgid: one.pgid,
      sid: one.sid,
      user: users.user(one.uid)?.name ?? String(one.uid),
      argv: one.argv,
      comm: one.comm,
      unit: unitOfCgroup(one.cgroup),
      state: one.state,
      tty: one.tty,
      memory: one.memoryBytes,
    }))
  }

  file(path: string): FileState | undefined {
    const status = this.reader.status(path)
    if (status === undefined) return undefined
    return {
      bytes: this.reader.readFile(path) ?? new Uint8Array(),
      mode: status.mode,
      owner: this.userName(status.uid),
      group: this.groupName(status.gid),
      kind: status.kind,
    }
  }

  /** Journal entries of this boot and earlier, of one unit or of all, the oldest first. */
  entries(unit?: string): readonly EntryState[] {
    const all: EntryState[] = []
    for (const entry of this.journal().forward()) {
      const state = entryState(entry)
      if (unit === undefined || state.unit === unit) all.push(state)
    }
    return all
  }

  /** Bytes of all journal files: grows with every entry. */
  journalBytes(): number {
    return this.journalPaths().reduce((sum, path) => sum + (this.reader.status(path)?.size ?? 0), 0)
  }

  private journalPaths(): readonly string[] {
    return ['/run/log/journal', '/var/log/journal'].flatMap((folder) =>
      (this.reader.readDirectory(folder) ?? []).flatMap((machine) =>
        (this.reader.readDirectory(`${folder}/${machine}`) ?? [])
          .filter((name) => name.endsWith('.journal'))
          .map((name) => `${folder}/${machine}/${name}`),
      ),
    )
  }

  journal(): Journal {
    return new Journal(
      this.journalPaths().flatMap((path) => {
        const bytes = this.reader.readFile(path)
        const file = bytes === undefined ? undefined : JournalFile.parse(path, bytes)
        return file === undefined ? [] : [file]
      }),
    )
  }

  private userName(uid: number): string {
    return new UserDatabase(this.reader).user(uid)?.name ?? String(uid)
  }

  private groupName(gid: number): string {
    return new UserDatabase(this.reader).group(gid)?.name ?? String(gid)
  }
}

function entryState(entry: Entry): EntryState {
  const field = (name: string): string => fieldText(entry, name) ?? ''
  const about = field('UNIT') || field('_SYSTEMD_UNIT')
  return {
    message: field('MESSAGE'),
    unit: about,
    identifier: field('SYSLOG_IDENTIFIER') || field('_COMM'),
    pid: Number(field('_PID') || 0),
    priority: Number(field('PRIORITY') || 6),
    realtimeUsec: entry.realtimeUsec,
  }
}

/** `/system.slice/web.service` → `web.service`; `/system.slice/system-x.slice/x@1.service/sub` → `x@1.service`. */
export function unitOfCgroup(cgroup: string): string {
  const parts = cgroup.split('/').filter((part) => part !== '')
  const unit = parts.find((part) => /\.(service|scope|mount|swap|socket)$/.test(part))
  return unit ?? parts.at(-1) ?? '-.slice'
}
