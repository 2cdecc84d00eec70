// After sd-journal(3): several files read as one, in order, forwards or backwards.
import type { Usec } from '@/lib/base'
import { compareEntries, compareToCursor, type Cursor, type Entry } from './entry'
import type { JournalFile } from './journal-file'
import type { Match } from './match'

export type Seek =
  | { readonly cursor: Cursor; readonly skip?: boolean }
  /** Not before this (forwards), not after this (backwards). */
  | { readonly realtimeUsec: Usec }

/** Where reading has come to in each file; `forward` continues from it. */
export type Positions = Map<JournalFile, number>

export class Journal {
  readonly files: JournalFile[]
  match: Match | undefined

  constructor(files: readonly JournalFile[] = [], match?: Match) {
    this.files = [...files]
    this.match = match
  }

  /** Matching entries from the oldest on. `positions` is kept up to date, for following. */
  *forward(seek?: Seek, positions: Positions = new Map()): Generator<Entry, void, void> {
    const lanes = this.lanes(+1, seek, positions)
    for (;;) {
      const lane = earliest(lanes, 1)
      if (lane === undefined) return
      const entry = lane.head!
      lane.advance()
      yield entry
    }
  }

  /** Matching entries from the newest back. */
  *backward(seek?: Seek): Generator<Entry, void, void> {
    const lanes = this.lanes(-1, seek, new Map())
    for (;;) {
      const lane = earliest(lanes, -1)
      if (lane === undefined) return
      const entry = lane.head!
      lane.advance()
      yield entry
    }
  }

  /** Positions behind the last entry of each file. */
  end(): Positions {
    return new Map(this.files.map((file) => [file, file.entryCount]))
  }

  /** Names of all fields, in the order in which they first came. */
  fieldNames(): readonly string[] {
    const names = new Set<string>()
    for (const file of this.files) for (let number = 0; number < file.dataCount; number += 1) names.add(file.field(number)[0])
    return [...names]
  }

  /** Distinct values of a field, of the files in use first; as journald's files chain them, the latest to appear comes first. */
  uniqueValues(name: string): readonly string[] {
    const values = new Set<string>()
    const archived = (file: JournalFile) => (file.path.includes('@') ? 1 : 0)
    for (const file of [...this.files].sort((a, b) => archived(a) - archived(b))) {
      for (let number = file.dataCount - 1; number >= 0; number -= 1) {
        const [own, value] = file.field(number)
        if (own === name && typeof value === 'string') values.add(value)
      }
    }
    return [...values]
  }

  private lanes(step: 1 | -1, seek: Seek | undefined, positions: Positions): Lane[] {
    return this.files.flatMap((file) => {
      const accepts = this.match === undefined || this.match.isEmpty ? () => true : this.match.compile(file)
      if (accepts === undefined) {
        positions.set(file, file.entryCount)
        return []
      }
      return [new Lane(file, accepts, step, seek, positions)]
    })
  }
}

/** One file on its way through the merge. */
class Lane {
  head: Entry | undefined
  private index: number
  private readonly file: JournalFile
  private readonly accepts: (index: number) => boolean
  private readonly step: 1 | -1
  private readonly positions: Positions

  constructor(file: JournalFile, accepts: (index: number) => boolean, step: 1 | -1, seek: Seek | undefined, positions: Positions) {
    this.file = file
    this.accepts = accepts
    this.step = step
    this.positions = positions
    this.index = step > 0 ? (positions.get(file) ?? 0) - 1 : file.entryCount
    if (seek !== undefined) while (this.peek() !== undefined && !reached(this.file, this.index + step, step, seek)) this.index += step
    this.advance()
  }

  advance(): void {
    for (;;) {
      this.index += this.step
      if (this.step > 0) this.positions.set(this.file, Math.min(Math.max(this.index, 0), this.file.entryCount))
      if (this.index < 0 || this.index >= this.file.entryCount) {
        this.head = undefined
        return
      }
      if (this.accepts(this.index)) {
        this.head = this.file.entry(this.index)
        return
      }
    }
  }

  private peek(): number | undefined {
    const next = this.index + this.step
    return next >= 0 && next < this.file.entryCount ? next : undefined
  }
}

function reached(file: JournalFile, index: number, step: 1 | -1, seek: Seek): boolean {
  if ('realtimeUsec' in seek) {
    const realtime = file.realtimeOf(index)
    return step > 0 ? realtime >= seek.realtimeUsec : realtime <= seek.realtimeUsec
  }
  const order = compareToCursor(file.entry(index), seek.cursor) * step
  return seek.skip ? order > 0 : order >= 0
}

function earliest(lanes: readonly Lane[], step: 1 | -1): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    if (lane.head !== undefined && (best === undefined || compareEntries(lane.head, best.head!) * step < 0)) best = lane
  }
  return best
}
