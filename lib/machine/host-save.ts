// Keeping a machine over a reload: its disk always, its processes by replay where the same engine reads it again.
import { invariant } from '@/lib/base'
import type { ImageChanges } from '@/lib/kernel'
import type { LoggedInput } from './input-log'
import { labDisk } from './disks'
import { bootLab, newLab } from './lab'
import type { Machine } from './machine'
import type { FileVersion, SavedMachine } from './protocol'

/** Changes whenever replay of an old log would not give the same machine. */
export const ENGINE = 'unitlab-1'

type SavedLog = {
  readonly bootUsec: number
  readonly seed: number
  readonly generation: number
  /** The disk at the boot that the log starts from. */
  readonly base: ImageChanges
  readonly inputs: readonly LoggedInput[]
  readonly tick: number
}

/** Real time that a replay may take before the disk alone is used. */
const REPLAY_LIMIT_MS = 4_000

export function saveLab(machine: Machine): SavedMachine {
  const log: SavedLog = machine.history()
  return { engine: ENGINE, image: 'lab', realtimeUsec: machine.realtimeUsec, disk: machine.diskChanges(), log }
}

export function isSavedLab(saved: SavedMachine | undefined): saved is SavedMachine {
  return saved !== undefined && saved.image === 'lab' && typeof saved.disk === 'object' && saved.disk !== null
}

export type Restored = { readonly machine: Machine; readonly how: 'replayed' | 'disk'; readonly why?: string }

export function restoreLab(saved: SavedMachine): Restored {
  const disk = saved.disk as ImageChanges
  const why = saved.engine === ENGINE ? replay(saved.log as SavedLog) : 'another version of the machine'
  if (typeof why !== 'string') return { machine: why, how: 'replayed' }
  return { machine: bootLab({ image: labDisk().with(disk), bootUsec: saved.realtimeUsec }), how: 'disk', why }
}

function replay(log: SavedLog): Machine | string {
  try {
    const started = performance.now()
    const machine = newLab({ image: labDisk().with(log.base), bootUsec: log.bootUsec, seed: log.seed })
    for (const entry of log.inputs) {
      machine.replayOne(entry)
      if (performance.now() - started > REPLAY_LIMIT_MS) return 'its history is long'
    }
    machine.advanceToTick(log.tick)
    invariant(machine.kernel.power === 'on', 'the replayed machine is up')
    return machine
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Changes with the content: size, time and a digest of what is small enough to look at. */
export function fileVersion(machine: Machine, path: string): FileVersion | undefined {
  const { reader } = machine.view
  const status = reader.status(path)
  if (status === undefined) return undefined
  if (status.kind === 'directory')
    return `d ${(reader.readDirectory(path) ?? []).map((name) => `${name} ${reader.linkStatus(`${path}/${name}`)?.kind}`).join('\n')}`
  let digest = 0x811c9dc5
  if (status.size < 262_144) for (const byte of reader.readFile(path) ?? []) digest = Math.imul(digest ^ byte, 0x01000193) >>> 0
  return `f ${status.size} ${status.size < 262_144 ? digest : status.mtimeUsec}`
}
