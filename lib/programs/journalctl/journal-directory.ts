// After journal_directory_vacuum() and sd_journal_get_usage(): the files of /run/log/journal and /var/log/journal.
import { formatBytes, type Usec } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'

const M = 1024 * 1024

/** How many bytes journald's own files take for one of ours, and in which steps an active one grows. */
const SCALE = 8
const GROWTH = 8 * M

// DEVIATES: sizes are those that journald's format would have, because our files are smaller and the lessons speak of its.
export function shownSize(name: string, size: number, limit = Number.POSITIVE_INFINITY): number {
  const blocks = (value: number) => Math.ceil(value / 4096) * 4096
  const used = blocks(size * SCALE)
  return name.includes('@') ? used : Math.min(Math.max(Math.ceil(used / GROWTH) * GROWTH, GROWTH), Math.max(limit, used))
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)
const pages = (value: number) => Math.ceil(value / 4096) * 4096

/** Limits after journal_reset_metrics(): a tenth of the file system, 4 GiB at most; half as much is left to others. */
export function defaultMetrics(totalBytes: number): { readonly maxUse: number; readonly keepFree: number } {
  if (totalBytes === 0) return { maxUse: 16 * M, keepFree: M }
  return { maxUse: clamp(pages(totalBytes / 10), M, 4096 * M), keepFree: clamp(pages(totalBytes / 20), M, 4096 * M) }
}

/** A file may take an eighth of what all may. */
export function defaultMaxFileSize(maxUse: number): number {
  return clamp(pages(maxUse / 8), 512 * 1024, 128 * M)
}

function* activeLimit(process: Process, directory: string): Syscall<number> {
  const system = yield* process.statfs(directory)
  if (isErrno(system)) return Number.POSITIVE_INFINITY
  return defaultMaxFileSize(defaultMetrics(system.blocks * system.blockSize).maxUse)
}

export type ListedFile = {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly archived: boolean
  readonly headSeqnum: number
  readonly headRealtimeUsec: Usec
}

export function* listJournalFiles(process: Process, directory: string): Syscall<readonly ListedFile[]> {
  const names = yield* process.readdir(directory)
  if (isErrno(names)) return []
  const limit = yield* activeLimit(process, directory)
  const files: ListedFile[] = []
  for (const { name, kind } of names) {
    if (kind !== 'file' || !/\.journal~?$/.test(name)) continue
    const path = `${directory}/${name}`
    const status = yield* process.stat(path)
    if (isErrno(status)) continue
    const archive = /@[0-9a-f]{32}-([0-9a-f]{16})-([0-9a-f]{16})\.journal$/.exec(name)
    files.push({
      name,
      path,
      size: shownSize(name, status.size, limit),
      archived: archive !== null || name.endsWith('~'),
      headSeqnum: archive === null ? 0 : Number.parseInt(archive[1]!, 16),
      headRealtimeUsec: archive === null ? status.mtimeUsec : Number.parseInt(archive[2]!, 16),
    })
  }
  return files
}

export function* journalSize(process: Process, directory: string): Syscall<number> {
  return (yield* listJournalFiles(process, directory)).reduce((sum, file) => sum + file.size, 0)
}

export type VacuumLimits = { readonly maxUse: number; readonly maxFiles: number; readonly maxRetentionUsec: Usec }

/** Deletes the oldest archived files until the limits are kept; what it has to say. */
export function* vacuumDirectory(process: Process, directory: string, limits: VacuumLimits): Syscall<readonly string[]> {
  const files = yield* listJournalFiles(process, directory)
  const active = files.filter((file) => !file.archived)
  const archived = files
    .filter((file) => file.archived)
    .sort((a, b) => a.headRealtimeUsec - b.headRealtimeUsec || a.headSeqnum - b.headSeqnum)
  const lines: string[] = []
  let use = files.reduce((sum, file) => sum + file.size, 0)
  let count = archived.length
  let freed = 0
  for (const file of archived) {
    const tooOld = limits.maxRetentionUsec > 0 && file.headRealtimeUsec < process.realtimeUsec - limits.maxRetentionUsec
    const tooMuch = limits.maxUse > 0 && use > limits.maxUse
    const tooMany = limits.maxFiles > 0 && count + active.length > limits.maxFiles
    if (!tooOld && !tooMuch && !tooMany) break
    const gone = yield* process.unlink(file.path)
    if (isErrno(gone)) continue
    lines.push(`Deleted archived journal ${file.path} (${formatBytes(file.size)}).`)
    freed += file.size
    use -= file.size
    count -= 1
  }
  return [...lines, `Vacuuming done, freed ${formatBytes(freed)} of archived journals from ${directory}.`]
}
