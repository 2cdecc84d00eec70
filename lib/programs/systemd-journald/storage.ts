// After journald-server and journal_directory_vacuum(): which files there are, how large they may grow, and who makes room.
import { concatBytes, formatBytes, type Bytes, type Usec } from '@/lib/base'
import { encodeHeader, JournalFile, JournalFileWriter, type Field } from '@/lib/journal'
import { isErrno, O_APPEND, O_CREAT, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { defaultMaxFileSize, defaultMetrics, journalSize, vacuumDirectory } from '../journalctl/journal-directory'
import type { JournaldConf } from './journald-conf'

/** Members of these groups may read every journal. */
const ADM = 4

/** One file that is written to. Bytes are held back until `write`, once a turn of the loop. */
export class ActiveFile {
  readonly path: string
  readonly seqnumId: string
  readonly writer: JournalFileWriter
  readonly fd: number
  size: number
  headSeqnum = 0
  headRealtimeUsec: Usec = 0
  private pending: Bytes[] = []

  constructor(path: string, seqnumId: string, writer: JournalFileWriter, fd: number, size: number) {
    this.path = path
    this.seqnumId = seqnumId
    this.writer = writer
    this.fd = fd
    this.size = size
  }

  append(stamp: { seqnum: number; realtimeUsec: Usec; monotonicUsec: Usec; bootId: string }, fields: readonly Field[]): void {
    if (this.headSeqnum === 0) {
      this.headSeqnum = stamp.seqnum
      this.headRealtimeUsec = stamp.realtimeUsec
    }
    const bytes = this.writer.encode(stamp, fields)
    this.size += bytes.length
    this.pending.push(bytes)
  }

  *write(process: Process): Syscall<void> {
    if (this.pending.length === 0) return
    const bytes = this.pending.length === 1 ? this.pending[0]! : concatBytes(this.pending)
    this.pending = []
    yield* process.write(this.fd, bytes)
  }
}

export type StorageSpace = {
  readonly name: 'Runtime Journal' | 'System Journal'
  readonly path: string
  readonly use: number
  readonly maxUse: number
  readonly keepFree: number
  readonly available: number
  readonly limit: number
  readonly free: number
}

export function* readSpace(process: Process, conf: JournaldConf, runtime: boolean, path: string): Syscall<StorageSpace> {
  const system = yield* process.statfs(path)
  const total = isErrno(system) ? 0 : system.blocks * system.blockSize
  const free = isErrno(system) ? 0 : system.free * system.blockSize
  const defaults = defaultMetrics(total)
  const maxUse = (runtime ? conf.RuntimeMaxUse : conf.SystemMaxUse) ?? defaults.maxUse
  const keepFree = (runtime ? conf.RuntimeKeepFree : conf.SystemKeepFree) ?? defaults.keepFree
  const use = yield* journalSize(process, path)
  const room = Math.max(0, free - keepFree)
  const limit = Math.min(maxUse, use + room)
  return {
    name: runtime ? 'Runtime Journal' : 'System Journal',
    path,
    use,
    maxUse,
    keepFree,
    free,
    limit,
    available: Math.max(0, limit - use),
  }
}

export function maxFileSize(conf: JournaldConf, space: StorageSpace, runtime: boolean): number {
  return (runtime ? conf.RuntimeMaxFileSize : conf.SystemMaxFileSize) ?? defaultMaxFileSize(space.maxUse)
}

export function spaceFields(space: StorageSpace): { readonly message: string; readonly fields: readonly Field[] } {
  const both = (name: string, value: number): Field[] => [
    [name, String(value)],
    [`${name}_PRETTY`, formatBytes(value)],
  ]
  const { name, path, use, limit, available } = space
  return {
    message: `${name} (${path}) is ${formatBytes(use)}, max ${formatBytes(limit)}, ${formatBytes(available)} free.`,
    fields: [
      ['JOURNAL_NAME', name],
      ['JOURNAL_PATH', path],
      ...both('CURRENT_USE', use),
      ...both('MAX_USE', space.maxUse),
      ...both('DISK_KEEP_FREE', space.keepFree),
      ...both('DISK_AVAILABLE', space.free),
      ...both('LIMIT', limit),
      ...both('AVAILABLE', available),
    ],
  }
}

/** Opens a journal to append to, continuing what is there or beginning a new one. */
export function* openJournalFile(
  process: Process,
  path: string,
  machineId: string,
  seqnumId: string | undefined,
  reader: number | undefined,
): Syscall<{ readonly file: ActiveFile; readonly tailSeqnum: number } | undefined> {
  const held = process.fileReader().readFile(path)
  const parsed = held === undefined ? undefined : JournalFile.parse(path, held)
  if (held !== undefined && held.length > 0 && parsed === undefined) yield* process.rename(path, `${path}~`) // damaged: out of the way
  const fd = yield* process.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o640)
  if (isErrno(fd)) return undefined
  yield* process.setCloexec(fd, true)
  const acl = [...(reader === undefined ? [] : [`user:${reader}:r--`]), `group:${ADM}:r--`].join(',')
  if (parsed !== undefined) {
    const file = new ActiveFile(path, parsed.header.seqnumId, JournalFileWriter.continuing(parsed), fd, parsed.size)
    const head = parsed.entryCount > 0 ? parsed.entry(0) : undefined
    file.headSeqnum = head?.seqnum ?? 0
    file.headRealtimeUsec = head?.realtimeUsec ?? 0
    return { file, tailSeqnum: parsed.entryCount > 0 ? parsed.entry(parsed.entryCount - 1).seqnum : 0 }
  }
  yield* process.fchmod(fd, 0o640)
  yield* process.setxattr(path, 'system.posix_acl_access', acl)
  const fileId = process.random.id128()
  const header = encodeHeader({ fileId, machineId, seqnumId: seqnumId ?? fileId })
  yield* process.write(fd, header)
  return { file: new ActiveFile(path, seqnumId ?? fileId, new JournalFileWriter(), fd, header.length), tailSeqnum: 0 }
}

/** `system@SEQNUMID-HEADSEQNUM-HEADTIME.journal` */
export function archivedPath(file: ActiveFile): string {
  const hex = (value: number) => value.toString(16).padStart(16, '0')
  return file.path.replace(/\.journal$/, `@${file.seqnumId}-${hex(file.headSeqnum)}-${hex(file.headRealtimeUsec)}.journal`)
}

export function* vacuumStorage(process: Process, conf: JournaldConf, runtime: boolean, path: string): Syscall<readonly string[]> {
  const space = yield* readSpace(process, conf, runtime, path)
  return yield* vacuumDirectory(process, path, {
    maxUse: space.limit,
    maxFiles: runtime ? conf.RuntimeMaxFiles : conf.SystemMaxFiles,
    maxRetentionUsec: conf.MaxRetentionSec,
  })
}
