// After sd_journal_open(3) and journal_access_check_and_warn(): finds the files this process may read.
import { decodeUtf8, type Bytes } from '@/lib/base'
import { Journal, JournalFile } from '@/lib/journal'
import { errno, isErrno, O_RDONLY, type Errno, type Fallible, type Process, type Syscall } from '@/lib/kernel'
import type { Console } from '../systemd-console'

export type OpenFlags = {
  /** Only these files of each directory; neither: all. */
  readonly system?: boolean
  readonly user?: boolean
  readonly root?: string
  /** Journals of other machines too. */
  readonly merge?: boolean
  readonly namespace?: string
}

/** A file that stays open to see what is appended. */
type Source = { readonly path: string; readonly fd: number; readonly ino: number; readonly file: JournalFile }

export class OpenJournal {
  readonly journal = new Journal()
  /** Directories that were found, to watch. */
  readonly directories: string[] = []
  denied = false
  private readonly process: Process
  private readonly flags: OpenFlags
  private readonly sources: Source[] = []

  constructor(process: Process, flags: OpenFlags = {}) {
    this.process = process
    this.flags = flags
  }

  get isEmpty(): boolean {
    return this.sources.length === 0
  }

  hasPersistent(): boolean {
    return this.sources.some(
      ({ path }) => path.startsWith(`${this.flags.root ?? ''}/var/`) || !path.startsWith(`${this.flags.root ?? ''}/run/`),
    )
  }

  /** The machine's own directories in /run and /var. */
  *openDefault(): Syscall<void> {
    const root = this.flags.root ?? ''
    const id = yield* readText(this.process, `${root}/etc/machine-id`)
    const suffix = this.flags.namespace === undefined ? '' : `.${this.flags.namespace}`
    for (const base of [`${root}/run/log/journal`, `${root}/var/log/journal`]) {
      const names = yield* this.process.readdir(base)
      if (isErrno(names)) {
        if (names === errno.EACCES) this.denied = true
        continue
      }
      for (const { name, kind } of names) {
        const own = this.flags.merge || (id !== undefined && name === `${id.trim()}${suffix}`)
        if (kind === 'directory' && /^[0-9a-f]{32}/.test(name) && own) yield* this.openDirectory(`${base}/${name}`)
      }
    }
  }

  /** undefined: done; an Errno when the directory cannot be read. */
  *openDirectory(path: string): Syscall<Errno | undefined> {
    const names = yield* this.process.readdir(path)
    if (isErrno(names)) {
      if (names === errno.EACCES) this.denied = true
      return names
    }
    if (!this.directories.includes(path)) this.directories.push(path)
    for (const { name, kind } of names) if (kind === 'file' && this.wants(name)) yield* this.openFile(`${path}/${name}`)
    return undefined
  }

  private wants(name: string): boolean {
    if (!/\.journal~?$/.test(name)) return false
    const { system, user } = this.flags
    if (system === user) return true
    const isSystem = /^system[@.]/.test(name)
    const uid = this.process.uid
    return system ? isSystem : uid < 1000 ? isSystem : new RegExp(`^user-${uid}[@.]`).test(name)
  }

  *openFile(path: string): Syscall<Errno | undefined> {
    const fd = yield* this.process.open(path, O_RDONLY)
    if (isErrno(fd)) {
      if (fd === errno.EACCES) this.denied = true
      return fd
    }
    const status = yield* this.process.fstat(fd)
    if (isErrno(status)) return status
    if (this.sources.some((source) => source.ino === status.ino)) {
      yield* this.process.close(fd)
      return undefined
    }
    const bytes = yield* readAll(this.process, fd, status.size)
    const file = isErrno(bytes) ? undefined : JournalFile.parse(path, bytes)
    if (file === undefined) {
      yield* this.process.close(fd)
      return errno.EBADMSG
    }
    this.sources.push({ path, fd, ino: status.ino, file })
    this.journal.files.push(file)
    return undefined
  }

  /** Takes what has been appended, and new files. */
  *refresh(): Syscall<void> {
    for (const { fd, file } of this.sources) {
      const status = yield* this.process.fstat(fd)
      if (isErrno(status) || status.size <= file.size) continue
      const more = yield* this.process.pread(fd, status.size - file.size, file.size)
      if (!isErrno(more)) file.append(more)
    }
    for (const directory of this.directories) yield* this.openDirectory(directory)
  }

  *close(): Syscall<void> {
    for (const { fd } of this.sources) yield* this.process.close(fd)
  }
}

function* readAll(process: Process, fd: number, size: number): Syscall<Fallible<Bytes>> {
  return yield* process.pread(fd, size, 0)
}

export function* readText(process: Process, path: string): Syscall<string | undefined> {
  const fd = yield* process.open(path, O_RDONLY)
  if (isErrno(fd)) return undefined
  const bytes = yield* process.read(fd, 65536)
  yield* process.close(fd)
  return isErrno(bytes) ? undefined : decodeUtf8(bytes)
}

/** Says what a person does not see, and who would. */
export function* warnOfAccess(console: Console, opened: OpenJournal, quiet: boolean, wantOthers: boolean): Syscall<void> {
  if (!opened.denied) {
    if (opened.isEmpty && !quiet) yield* console.log('notice', 'No journal files were found.')
    return
  }
  const { groups, gid, uid } = console.process
  const mayRead = uid === 0 || [gid, ...groups].some((group) => group === 999 || group === 4)
  if (!quiet && !mayRead) {
    const what = wantOthers ? 'other users and the system' : 'the system'
    yield* console.log(
      'notice',
      `Hint: You are currently not seeing messages from ${what}.\n` +
        "      Users in groups 'adm', 'systemd-journal' can see all messages.\n" +
        '      Pass -q to turn off this notice.',
    )
  }
  if (opened.isEmpty) yield* console.log('error', 'No journal files were opened due to insufficient permissions.')
}
